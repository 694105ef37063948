"""run.py and what a fresh machine meets first. No test here uses the network or installs anything."""

import ast
import errno
import importlib.metadata
import json
import os
import re
import signal
import socket
import subprocess
import sys
import textwrap
import time
import tomllib
import types
import urllib.request
import venv
from pathlib import Path
from unittest import mock

import pytest
import yaml
from bs4 import BeautifulSoup
from nbconvert import HTMLExporter
from packaging.requirements import Requirement
from packaging.version import Version

import run
from tools import notebooks

ROOT = Path(__file__).resolve().parents[1]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PROJECT = PYPROJECT["project"]
DOCUMENTS = ["README.md", "README.zh-CN.md", "notebooks/zh/glossary.md", "CONTRIBUTING.md", "CHANGELOG.md", "LICENSE-PROSE.md", "assets/README.md",
             "teaching/README.md", "teaching/README.zh-CN.md"]  # fmt: skip
CONDA_NAMES = {"matplotlib-base": "matplotlib"}  # conda-forge's name -> the name in pyproject.toml


@pytest.fixture
def project(tmp_path, monkeypatch):
    """An empty project folder in which run.py believes to live."""
    for name in ("requirements.txt", "pyproject.toml"):
        (tmp_path / name).write_text((ROOT / name).read_text(encoding="utf-8"), encoding="utf-8")
    for name in ("helpers", "notebooks"):
        (tmp_path / name).mkdir()
    monkeypatch.setattr(run, "ROOT", tmp_path)
    return tmp_path


@pytest.fixture
def installer(project, monkeypatch):
    """Fakes for the slow steps. `.log` records them; set `.pip` to what pip shall do."""
    made = types.SimpleNamespace(log=[], pip=lambda: None)

    def create(venv):
        made.log.append("create")
        venv.mkdir()
        (venv / run.OWNER).touch()

    def pip_install(venv, arguments, total):
        made.log.append("pip")
        made.pip()

    monkeypatch.setattr(run, "create", create)
    monkeypatch.setattr(run, "pip_install", pip_install)
    monkeypatch.setattr(run, "make_importable", lambda venv: None)
    monkeypatch.setattr(run, "version_of", lambda command: tuple(sys.version_info[:2]))
    return made


# ---------------------------------------------------------------- messages


def test_run_py_parses_on_an_old_python():
    tree = ast.parse((ROOT / "run.py").read_text(encoding="utf-8"), feature_version=(3, 6))
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            assert node.module != "__future__", "an old Python may not know it"
        notes = [getattr(node, "annotation", None), getattr(node, "returns", None)]
        for note in filter(None, notes):
            plain = isinstance(note, (ast.Name, ast.Attribute, ast.Constant))
            assert plain, f"line {note.lineno}: this annotation is evaluated, and fails before Python 3.10"


def test_too_old_python(monkeypatch):
    monkeypatch.setattr(run, "other_python", lambda: [])
    words = r"This Python is 3\.9\. The notebooks need 3\.11 or newer\.\nInstall a newer one"
    with pytest.raises(run.Stop, match=words):
        run.check_python((3, 9, 6))
    monkeypatch.setattr(run, "other_python", lambda: ["python3.12"])
    with pytest.raises(run.Stop, match=r"python3\.12 run\.py lab"):
        run.check_python((3, 10, 0))
    run.check_python((3, 11, 0))
    run.check_python((3, 14, 0))


def test_the_old_python_message_reaches_the_terminal(monkeypatch, capsys):
    monkeypatch.setattr(run.sys, "version_info", (3, 8, 10, "final", 0))
    monkeypatch.setattr(run, "other_python", lambda: [])
    assert run.main(["lab"]) == 1
    out = capsys.readouterr()
    assert "This Python is 3.8" in out.err and "Traceback" not in out.err


def test_oldest_python_is_the_one_in_pyproject():
    assert PROJECT["requires-python"] == ">=" + run.dotted(run.OLDEST)


def test_no_venv_module(monkeypatch):
    monkeypatch.setattr(run.importlib.util, "find_spec", lambda name: None if name == "ensurepip" else object())
    with pytest.raises(run.Stop, match=r"ensurepip is missing(.|\n)*apt install python3\.\d+-venv"):
        run.check_venv_module()
    monkeypatch.setattr(run.importlib.util, "find_spec", lambda name: object())
    run.check_venv_module()


def test_incomplete_copy(project):
    run.check_files()
    (project / "requirements.txt").unlink()
    with pytest.raises(run.Stop, match=r"requirements\.txt is missing(.|\n)*unpack all of it"):
        run.check_files()


PIP_WORDS = {
    "no answer from the network": [
        "WARNING: Retrying (Retry(total=2)) after connection broken by 'NewConnectionError(': Failed to establish a "
        "new connection: [Errno -3] Temporary failure in name resolution')': /simple/anyio/\n"
        "ERROR: Could not find a version that satisfies the requirement anyio==4.16.0 (from versions: none)\n"
        "ERROR: No matching distribution found for anyio==4.16.0",
        "socket.gaierror: [Errno 11001] getaddrinfo failed",
        "ReadTimeoutError: HTTPSConnectionPool: Read timed out.",
        "ProxyError('Cannot connect to proxy.', OSError('Tunnel connection failed'))",
    ],
    "not the file that was tested": ["ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE."],
    "no ready-made package for this Python": [
        "ERROR: Could not find a version that satisfies the requirement numpy==2.4.6 (from versions: none)\n"
        "ERROR: No matching distribution found for numpy==2.4.6"
    ],
    "disk is full": ["ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device"],
    "path became too long": ["HINT: This error might have occurred since this system does not have Long Path support"],
    "certificate was not accepted": [
        "WARNING: Retrying after connection broken by 'SSLError(SSLCertVerificationError(1, '[SSL: "
        "CERTIFICATE_VERIFY_FAILED] certificate verify failed: self-signed certificate in certificate chain'))'"
    ],
    "cannot be written to": ["ERROR: Could not install packages due to an OSError: [Errno 13] Permission denied: 'x'"],
    "does not know": ["Segmentation fault"],
}


@pytest.mark.parametrize("meaning, words", [(m, w) for m, samples in PIP_WORDS.items() for w in samples])
def test_what_pip_says_is_explained(meaning, words):
    assert meaning in run.explain_pip(words)


def fake_pip(project, monkeypatch, body):
    """`python -m pip` in the project's folder finds this file first."""
    (project / "pip.py").write_text(textwrap.dedent(body), encoding="utf-8")
    monkeypatch.setattr(run, "python_in", lambda venv: Path(sys.executable))


def test_pip_is_quiet_until_it_fails(project, monkeypatch, capsys):
    fake_pip(
        project,
        monkeypatch,
        """
        import sys
        assert "--require-hashes" in sys.argv and "--only-binary" in sys.argv
        print("NOISE")
        for number in range(30):
            print(f"Collecting package-{number}==1.0")
        print("Installing collected packages: many")
        """,
    )
    run.pip_install(project / ".venv", ["--require-hashes", "-r", "x"], 30)
    out = capsys.readouterr().out
    assert "downloading 25 of about 30" in out and "unpacking" in out and "NOISE" not in out


def test_pips_own_words_come_last(project, monkeypatch):
    fake_pip(
        project,
        monkeypatch,
        """
        print("ERROR: Temporary failure in name resolution, caf\\u00e9")
        raise SystemExit(1)
        """,
    )
    with pytest.raises(run.Stop) as stop:
        run.pip_install(project / ".venv", [], 1)
    words = str(stop.value)
    assert words.index("no answer from the network") < words.index("last words of pip") < words.index("café")


# ---------------------------------------------------------------- the environment


def test_installed_once(installer):
    run.ensure_pinned()
    run.ensure_pinned()
    assert installer.log == ["create", "pip"]


def test_installed_again_when_the_requirements_change(installer, project):
    run.ensure_pinned()
    (project / ".venv" / "left-over").touch()
    with (project / "requirements.txt").open("a") as file:
        file.write("\n# changed\n")
    run.ensure_pinned()
    assert installer.log == ["create", "pip"] * 2
    assert not (project / ".venv" / "left-over").exists()
    bounds_moved = (project / "pyproject.toml").read_text().replace("numpy>=1.26", "numpy>=1.27")
    run.ensure_lowest()
    (project / "pyproject.toml").write_text(bounds_moved)
    run.ensure_pinned()  # its versions stand in requirements.txt alone
    run.ensure_lowest()
    assert installer.log == ["create", "pip"] * 4


def test_the_site_has_an_environment_of_its_own(installer, project):
    (project / "requirements-site.txt").write_text("# the site's\n")
    assert run.ensure_site() == project / ".venv-site"
    assert (project / ".venv-site" / run.READY).exists() and not (project / ".venv").exists()
    (project / "requirements.txt").write_text("# changed\n")
    run.ensure_site()  # its versions stand in requirements-site.txt alone
    (project / "requirements-site.txt").write_text("# changed\n")
    run.ensure_site()
    assert installer.log == ["create", "pip"] * 2


def test_installed_again_when_its_python_is_gone_or_another(installer, monkeypatch):
    run.ensure_pinned()
    monkeypatch.setattr(run, "version_of", lambda command: ())
    run.ensure_pinned()
    monkeypatch.setattr(run, "version_of", lambda command: (3, 5))
    run.ensure_pinned()
    assert installer.log == ["create", "pip"] * 3


@pytest.mark.parametrize("failure", [KeyboardInterrupt(), run.Stop("no network"), OSError(errno.EIO, "broken")])
def test_a_half_made_environment_never_passes_for_whole(installer, project, failure):
    installer.pip = mock.Mock(side_effect=failure)
    with pytest.raises(type(failure)):
        run.ensure_pinned()
    assert not (project / ".venv" / run.READY).exists()
    installer.pip = lambda: None
    run.ensure_pinned()
    run.ensure_pinned()
    assert installer.log == ["create", "pip"] * 2


def test_an_update_that_fails_does_not_leave_the_old_mark(installer, project):
    run.ensure_pinned()
    with (project / "requirements.txt").open("a") as file:
        file.write("\n# changed\n")
    installer.pip = mock.Mock(side_effect=KeyboardInterrupt)
    with pytest.raises(KeyboardInterrupt):
        run.ensure_pinned()
    assert not (project / ".venv" / run.READY).exists()


def test_interrupted_in_words(monkeypatch, capsys):
    monkeypatch.setitem(run.COMMANDS, "lab", mock.Mock(side_effect=KeyboardInterrupt))
    assert run.main(["lab"]) == 130
    assert "Nothing is broken" in capsys.readouterr().err


def test_a_folder_of_someone_else_is_left_alone(installer, project):
    (project / ".venv").mkdir()
    (project / ".venv" / "precious").touch()
    with pytest.raises(run.Stop, match=r"\.venv was not made by run\.py"):
        run.ensure_pinned()
    assert (project / ".venv" / "precious").exists() and installer.log == []


def test_an_environment_in_use(installer, project, monkeypatch):
    run.ensure_pinned()
    (project / "requirements.txt").write_text("# other\n")
    in_use = PermissionError(errno.EACCES, "in use", "python.exe")
    monkeypatch.setattr(run.shutil, "rmtree", mock.Mock(side_effect=in_use))
    with pytest.raises(run.Stop, match=r"python\.exe(.|\n)*Close JupyterLab"):
        run.ensure_pinned()
    assert not (project / ".venv" / run.READY).exists(), "what is left must not pass for whole"


def test_helpers_are_importable_by_a_relative_path(tmp_path, monkeypatch):
    root = tmp_path / "Üx é 位置"
    folder = root / ".venv"
    venv.create(folder, symlinks=os.name != "nt")  # without pip: quick
    (root / "helpers_of_this_test.py").touch()
    monkeypatch.setattr(run, "ROOT", root)
    run.make_importable(folder)
    (pth,) = folder.rglob("*.pth")
    assert pth.read_bytes().isascii()
    subprocess.run([run.python_in(folder), "-c", "import helpers_of_this_test"], check=True, cwd=tmp_path)


def test_other_installations_do_not_leak_in(monkeypatch, tmp_path):
    leaks = ("PYTHONPATH", "PYTHONHOME", "PIP_USER", "PIP_TARGET", "MPLBACKEND")
    for name in leaks:
        monkeypatch.setenv(name, "elsewhere")
    env = run.child_env(tmp_path)
    assert not set(leaks) & set(env)
    assert env["PATH"].startswith(str(run.python_in(tmp_path).parent))


def test_numpy_s_threads_stay_out_of_the_way_unless_asked_for(monkeypatch, tmp_path):
    monkeypatch.delenv("OPENBLAS_NUM_THREADS", raising=False)
    assert run.child_env(tmp_path)["OPENBLAS_NUM_THREADS"] == "1"
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", "3")
    assert run.child_env(tmp_path)["OPENBLAS_NUM_THREADS"] == "3"


# ---------------------------------------------------------------- commands


def test_help_and_unknown_commands(capsys):
    assert run.main([]) == 0
    out = capsys.readouterr().out
    assert all(f"python3 run.py {name}" in out for name in run.COMMANDS)
    assert run.main(["tset"]) == 2
    assert "lab, test, notebooks, assets" in capsys.readouterr().err


def test_a_notebook_by_its_number(project):
    for name in ("00_start_here", "03_rope"):
        (project / "notebooks" / f"{name}.ipynb").touch()
    for name in ("03", "03_rope", "03_rope.ipynb", "notebooks/03_rope.ipynb", "notebooks\\03_rope.ipynb"):
        assert run.find_notebook(name) == "notebooks/03_rope.ipynb"
    with pytest.raises(run.Stop, match=r"no notebook '09'.*00_start_here\.ipynb, 03_rope\.ipynb"):
        run.find_notebook("09")


@pytest.mark.parametrize("typed, opened", [(["zh"], "00_start_here"), (["zh", "03"], "03_rope")])
def test_lab_opens_the_chinese_edition(project, monkeypatch, typed, opened):
    (project / "notebooks" / "zh").mkdir()
    for name in ("00_start_here", "03_rope"):
        (project / "notebooks" / "zh" / f"{name}.ipynb").touch()
    asked = []
    monkeypatch.setattr(run, "ensure_pinned", lambda: project / ".venv")
    monkeypatch.setattr(run, "choose_port", lambda port: port)
    real = run.find_notebook
    monkeypatch.setattr(run, "find_notebook", lambda *which: asked.append(real(*which)) or asked[0])
    monkeypatch.setattr(run, "python_in", lambda venv: 1 / 0)  # it goes no further here
    with pytest.raises(ZeroDivisionError):
        run.lab(typed)
    assert asked == [f"notebooks/zh/{opened}.ipynb"]
    with pytest.raises(run.Stop, match="no notebook '04'"):
        run.lab(["zh", "04"])
    with pytest.raises(run.Stop, match="One notebook at a time; got: zh 03 00"):
        run.lab(["zh", "03", "00"])


def test_a_taken_port(monkeypatch, capsys):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(run.Stop, match=rf"Port {port} is taken(.|\n)*--port (?!{port}\b)\d+"):
            run.choose_port(port)
        monkeypatch.setattr(run, "PORT", port)
        assert run.choose_port() > port
        assert f"Port {port} is taken" in capsys.readouterr().out
    for bad in (0, 80, 70_000):
        with pytest.raises(run.Stop, match="between 1024 and 65535"):
            run.choose_port(bad)


def test_no_text_browser_in_the_terminal(monkeypatch):
    monkeypatch.setattr(run.sys, "platform", "linux")
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER", "WSL_DISTRO_NAME"):
        monkeypatch.delenv(name, raising=False)
    assert not run.can_open_browser()
    monkeypatch.setenv("DISPLAY", ":0")
    assert run.can_open_browser()


def test_a_server_that_fails_is_told(project, monkeypatch, capsys):
    (project / "notebooks" / "00_start_here.ipynb").touch()
    (project / ".venv").mkdir()
    (project / "jupyterlab.py").write_text("raise SystemExit('no room left')")  # found first by `python -m`
    monkeypatch.setattr(run, "ensure_pinned", lambda: project / ".venv")
    monkeypatch.setattr(run, "python_in", lambda venv: Path(sys.executable))
    monkeypatch.setattr(run.signal, "signal", lambda *_: None)
    assert run.main(["lab", "--no-browser"]) == 1
    said = capsys.readouterr().err
    assert "stopped before it was ready" in said and "no room left" in said


@pytest.mark.skipif(os.name == "nt", reason="sends Ctrl+C the POSIX way")
def test_lab_serves_the_first_notebook_quietly_and_stops(tmp_path):
    run.set_up_jupyterlab(tmp_path)  # tmp_path plays the environment; python_in the one that runs this test
    env = dict(os.environ, JUPYTER_CONFIG_PATH=str(tmp_path / "etc/jupyter"), JUPYTER_CONFIG_DIR=str(tmp_path / "own"))
    code = (
        "import run, signal, sys; from pathlib import Path;"
        "signal.signal(signal.SIGINT, signal.default_int_handler);"  # a worker of pytest-xdist ignores it, and its children too
        f"run.ensure_pinned = lambda: Path({str(tmp_path)!r}); run.python_in = lambda venv: Path(sys.executable);"
        "sys.exit(run.main(['lab', '--no-browser']))"
    )
    process = subprocess.Popen(
        [sys.executable, "-u", "-c", code],
        cwd=ROOT, env=env, stdout=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip
    try:
        lines = []
        while not any("To stop" in line for line in lines):
            lines.append(process.stdout.readline())
            assert lines[-1], "it ended early: " + "".join(lines)
        text = "".join(lines)
        assert "First: in the menu choose Run > Run All Cells" in text
        address = re.search(r"http://127\.0\.0\.1:\d+/\S+", text).group()
        assert "/lab/tree/notebooks/00_start_here.ipynb?token=" in address
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(address, timeout=30) as page:
            html = page.read().decode()
        config = json.loads(re.search(r"jupyter-config-data[^>]*>(.*?)</script>", html, re.DOTALL).group(1))
        assert "@jupyterlab/apputils-extension:announcements" in config["disabledExtensions"]
        port = int(re.search(r":(\d+)/", address).group(1))
        os.killpg(process.pid, signal.SIGINT)  # Ctrl+C reaches every program of a terminal
        assert process.wait(timeout=30) == 0
        deadline = time.monotonic() + 10
        while not run.port_is_free(port):
            assert time.monotonic() < deadline, "the server outlived its script"
            time.sleep(0.1)
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def test_an_export_as_html_keeps_the_words_of_each_picture(tmp_path):
    run.set_up_jupyterlab(tmp_path)
    for name in ("jupyter_nbconvert_config.json", "jupyter_server_config.json"):  # by command; by JupyterLab's menu
        settings = json.loads((tmp_path / "etc/jupyter" / name).read_text())
        assert settings["HTMLExporter"]["template_name"] == "described"
    templates = str(tmp_path / "share/jupyter/nbconvert/templates")
    exporter = HTMLExporter(template_name="described", extra_template_basedirs=[templates])
    path = ROOT / "notebooks" / "00_start_here.ipynb"
    page = BeautifulSoup(exporter.from_filename(str(path))[0], "html.parser")
    saved = [output.metadata["image/png"]["alt"] for cell in notebooks.read(path).cells for output in cell.get("outputs", ())
             if "image/png" in output.get("data", {})]  # fmt: skip
    assert [image["alt"] for image in page.select(".jp-RenderedImage img")] == saved and len(saved) == 3


def test_no_news_setting_is_the_one_jupyterlab_reads(tmp_path):
    """The names in overrides.json are JupyterLab's own: read from the schema that is installed."""
    run.set_up_jupyterlab(tmp_path)
    overrides = json.loads((tmp_path / "share/jupyter/lab/settings/overrides.json").read_text())
    schemas = Path(sys.prefix) / "share/jupyter/lab/schemas"
    for plugin, values in overrides.items():
        package, name = plugin.split(":")
        known = json.loads((schemas / package / f"{name}.json").read_text())["properties"]
        assert set(values) <= set(known)


def test_lowest_bounds_become_exact_versions():
    exact = run.lowest_requirements((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert "numpy==1.26" in exact and "matplotlib==3.8" in exact
    assert set(PROJECT["optional-dependencies"]["test"]) < set(exact)
    with pytest.raises(run.Stop, match="name>=version"):
        run.lowest_requirements('[project]\ndependencies = ["numpy~=1.26"]\noptional-dependencies.test = []\n')


# ---------------------------------------------------------------- files that must agree


def pins():
    text = (ROOT / "requirements.txt").read_text(encoding="utf-8").replace("\\\n", " ")
    blocks = [line for line in text.splitlines() if re.match(r"[A-Za-z0-9]", line)]
    assert blocks
    return {Requirement(block.split("--hash")[0].strip()): block.count("--hash=sha256:") for block in blocks}


def bounds(lines):
    return {requirement.name: requirement.specifier for requirement in map(Requirement, lines)}


def test_every_pin_is_exact_and_hashed():
    for requirement, hashes in pins().items():
        assert [spec.operator for spec in requirement.specifier] == ["=="], requirement
        assert hashes, f"{requirement} has no hash"


def test_the_pins_keep_the_bounds_of_pyproject():
    pinned = {requirement.name: next(iter(requirement.specifier)).version for requirement in pins()}
    for name, allowed in bounds(PROJECT["dependencies"] + PROJECT["optional-dependencies"]["test"]).items():
        assert pinned[name] in allowed, f"{name} is pinned to {pinned[name]}, outside {allowed}"


def test_conda_has_the_bounds_of_pyproject():
    environment = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
    assert environment["channels"] == ["conda-forge"]
    *packages, pip = environment["dependencies"]
    assert pip == {"pip": ["-e ."]} and "pip" in packages
    (python,) = [re.fullmatch(r"python=(\d+\.\d+)", name) for name in packages if name.startswith("python")]
    assert Version(python.group(1)) >= Version(run.dotted(run.OLDEST)), "Binder reads python=3.x only"
    others = bounds(name for name in packages if not name.startswith("python=") and name != "pip")
    assert {CONDA_NAMES.get(name, name): allowed for name, allowed in others.items()} == bounds(PROJECT["dependencies"])


def test_installed_versions_keep_the_bounds():
    for name, allowed in bounds(PROJECT["dependencies"] + PROJECT["optional-dependencies"]["test"]).items():
        assert importlib.metadata.version(name) in allowed


@pytest.mark.pinned
def test_installed_versions_are_the_pinned_ones():
    """Saved pictures are compared pixel by pixel: that is fair only under the versions that made them."""
    names = ("numpy", "matplotlib", "pillow", "ipywidgets")
    pinned = {requirement.name: next(iter(requirement.specifier)).version for requirement in pins()}
    assert {name: importlib.metadata.version(name) for name in names} == {name: pinned[name] for name in names}


def test_one_version_everywhere():
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert citation["cff-version"] and citation["authors"] and citation["title"]
    assert str(citation["version"]) == PROJECT["version"]
    assert f"## {PROJECT['version']}" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


@pytest.mark.skipif(os.name == "nt", reason="needs bash")
def test_ci_calls_the_command_of_the_readme():
    script = ROOT / ".ci" / "run"
    assert os.access(script, os.X_OK)
    subprocess.run(["bash", "-n", str(script)], check=True)
    lines = script.read_text(encoding="utf-8").splitlines()
    assert "set -euo pipefail" in lines and "python3 run.py test" in lines
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert "python3 run.py lab" in readme and "python3 run.py test" in readme


@pytest.mark.parametrize("name", DOCUMENTS)
def test_links_of_the_documents(name):
    path = ROOT / name
    assert not notebooks.broken_links(path.read_text(encoding="utf-8"), path)


def test_both_readmes_have_the_same_rows():
    rows = [
        re.findall(r"^\| \[(\d\d) .*?\]\(notebooks/(?:zh/)?(\w+)\.ipynb\) \| (\d+) \|", (ROOT / name).read_text(encoding="utf-8"), re.M)
        for name in ("README.md", "README.zh-CN.md")
    ]
    assert len(rows[0]) > 9 and rows[0] == rows[1]


def test_the_readme_lists_every_notebook():
    """notebook | minutes | needs | gives: one row for each, in reading order."""
    rows = re.findall(
        r"^\|[^|]*\]\((notebooks/\S+?\.ipynb)\)[^|]*\|\s*(\d+)\s*\|\s*([^|]+?)\s*\|\s*([^|]+?)\s*\|$",
        (ROOT / "README.md").read_text(encoding="utf-8"),
        re.MULTILINE,
    )
    series = [f"notebooks/{path.name}" for path in notebooks.all_notebooks() if path.parent.name == "notebooks"]
    assert series and [row[0] for row in rows] == series
    for name, minutes, _, _ in rows:
        source = "\n".join(cell.source for cell in notebooks.read(ROOT / name).cells[:3])
        said = re.search(r"\*\*Time:?\*\*:?\D*(\d+)", source)
        assert said and said.group(1) == minutes, f"{name}: the README says {minutes} minutes; the notebook does not"


def text_files():
    skipped = {"__pycache__", "build", "dist", "out", "_site", "_site.part"}
    for folder, folders, files in os.walk(ROOT):
        folders[:] = [
            name
            for name in folders
            if name not in skipped and not name.endswith(".egg-info") and (name[0] != "." or name in (".ci", ".github"))
        ]
        for name in files:
            try:
                yield Path(folder, name), Path(folder, name).read_text(encoding="utf-8")
            except UnicodeDecodeError:
                continue


def test_no_file_names_a_machine_or_a_registry():
    checked = 0
    for path, text in text_files():
        found = notebooks.FORBIDDEN.search(text)
        assert not found, f"{path.relative_to(ROOT)}: {text[max(found.start() - 30, 0) : found.end() + 20]!r}"
        checked += 1
    assert checked > 20


@pytest.mark.parametrize(
    "text", ["see /ho" "me/ada/x", r"C:\Us" r"ers\ada", "https://pyp" "i.org/simple", "files.python" "hosted.org"]
)
def test_what_is_forbidden_is_seen(text):
    assert notebooks.FORBIDDEN.search(text)
