#!/usr/bin/env python3
"""One script to read the notebooks and to test them: the same words on Windows, macOS and Linux.

    python3 run.py lab                  install what is needed, then open JupyterLab on notebook 00
    python3 run.py lab 03               the same, opened on notebook 03 (zh 03: in Chinese)
    python3 run.py lab --present 03     the same for a lecture hall: large type, code folded
    python3 run.py lab --no-browser     print the address instead of opening a browser (--port N: choose the port)
    python3 run.py test [ARGS]          run every test; ARGS go to pytest (-n 0: one after the other)
    python3 run.py test --lowest        run the tests with the oldest versions that are supported
    python3 run.py notebooks [ARGS]     execute and save the notebooks (--check: compare only; --help)
    python3 run.py assets [ARGS]        make the files in assets/ again
    python3 run.py claims               make the last page again, from the marks in the notebooks
    python3 run.py site [--serve]       build the series as static files for any web server (--serve: look at it here)

Everything is installed in the folder .venv beside this file. Delete that folder and nothing is left behind. (`site` has
.venv-site, .cache-site and _site instead.)
This file uses the standard library only. It must start on an old Python too, to be able to say that it is too old.
"""

import argparse
import contextlib
import hashlib
import http.client
import importlib.util
import json
import os
import re
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import sysconfig
import tempfile
import time
import webbrowser
from pathlib import Path, PureWindowsPath

ROOT = Path(__file__).resolve().parent
OLDEST = (3, 11)
NEWEST_FOR_LOWEST = (3, 12)  # numpy 1.26, the lower bound, has no ready-made package for a newer Python
FIRST_NOTEBOOK = "00_start_here"
PORT = 8888  # the first one tried
MOST_CORES = 4  # that the tests use: each may need two gigabytes of memory
SCHEME = "1"  # raise it when the way of installing changes: every .venv is then made anew
OWNER, READY = "made-by-run.py.txt", "ready.txt"


class Stop(Exception):
    """Something a person must know or do. The text is all that is shown: no traceback."""


def say(text: str = "") -> None:
    print(text, flush=True)


# ---------------------------------------------------------------- which Python


def dotted(version) -> str:
    return ".".join(str(part) for part in version[:2])


def version_of(command: list) -> tuple:
    """(major, minor) of another Python; () when it does not start."""
    code = "import sys; print(sys.version_info[0], sys.version_info[1])"
    try:
        out = subprocess.run(command + ["-c", code], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=20)
        return tuple(int(part) for part in out.stdout.split()) if out.returncode == 0 else ()
    except (OSError, ValueError, subprocess.SubprocessError):
        return ()


def other_python(lowest=OLDEST, highest=(3, 14)) -> list:
    """The command of a Python on this machine between the two versions, newest first; [] when there is none."""
    for minor in range(highest[1], lowest[1] - 1, -1):
        name = "python3.%d" % minor
        candidates = [[name]] if shutil.which(name) else []
        if os.name == "nt" and shutil.which("py"):
            candidates.append(["py", "-3.%d" % minor])
        for command in candidates:
            if version_of(command) == (3, minor):
                return command
    return []


def check_python(version=None) -> None:
    version = version or sys.version_info
    if tuple(version[:2]) >= OLDEST:
        return
    other = other_python()
    advice = (
        "This machine has a newer one too. Write instead:\n\n    %s run.py lab" % " ".join(other)
        if other
        else "Install a newer one (see README.md, 'If the first step fails'), open a new terminal, and try again."
    )
    raise Stop("This Python is %s. The notebooks need %s or newer.\n%s" % (dotted(version), dotted(OLDEST), advice))


def check_venv_module() -> None:
    missing = [name for name in ("venv", "ensurepip") if importlib.util.find_spec(name) is None]
    if missing:
        raise Stop(
            "This Python cannot make a virtual environment: its module %s is missing.\n"
            "On Debian and Ubuntu it is a package of its own. Install it, and try again:\n\n"
            "    sudo apt install python%s-venv\n\n"
            "Elsewhere: install Python %s or newer from python.org."
            % (" and ".join(missing), dotted(sys.version_info), dotted(OLDEST))
        )


def check_files() -> None:
    needed = ["requirements.txt", "pyproject.toml", "helpers", "notebooks"]
    missing = [name for name in needed if not (ROOT / name).exists()]
    if missing:
        raise Stop(
            "This copy of the project is not complete: %s is missing beside run.py.\n"
            "If you downloaded a .zip file, unpack all of it first, and run run.py from the unpacked folder."
            % ", ".join(missing)
        )


# ---------------------------------------------------------------- the virtual environment
# uv, tox and nox make environments and keep them fresh too, but must be installed first: here is nothing but Python.


def python_in(venv: Path) -> Path:
    return venv / "Scripts" / "python.exe" if os.name == "nt" else venv / "bin" / "python"


def child_env(venv: Path) -> dict:
    """The environment of everything started here, without what would let another installation leak in."""
    leaks = ("PYTHONPATH", "PYTHONHOME", "PYTHONSTARTUP", "PIP_USER", "PIP_TARGET", "PIP_PREFIX", "MPLBACKEND")
    env = {key: value for key, value in os.environ.items() if key.upper() not in leaks}
    # The products here are small: NumPy's threads wait for each other longer than they work, on a busy machine much longer.
    env.setdefault("OPENBLAS_NUM_THREADS", "1")
    env.update(
        VIRTUAL_ENV=str(venv),
        PATH=str(python_in(venv).parent) + os.pathsep + env.get("PATH", ""),
        PYTHONNOUSERSITE="1",
        JUPYTER_PREFER_ENV_PATH="1",  # a kernel of the same name in the home folder must not win
        JUPYTERLAB_WORKSPACES_DIR=str(venv / "workspaces"),  # open tabs of another project stay there
    )
    return env


def fingerprint(*parts: str) -> str:
    text = "\n".join((SCHEME, dotted(sys.version_info)) + parts)
    return hashlib.sha256(text.encode()).hexdigest()


def is_ready(venv: Path, mark: str) -> bool:
    """True only for an environment that was finished, from these very requirements, and still starts."""
    try:
        written = (venv / READY).read_text(encoding="utf-8").strip()
    except OSError:
        return False
    return written == mark and version_of([str(python_in(venv))]) == tuple(sys.version_info[:2])


def remove(venv: Path) -> None:
    if not venv.exists():
        return
    if any(venv.iterdir()) and not (venv / OWNER).exists():
        raise Stop(
            "The folder %s was not made by run.py, so it is left alone.\n"
            "Rename it or delete it, and try again." % venv.name
        )
    try:
        (venv / READY).unlink(missing_ok=True)  # first: what is left of a failed removal must not pass for whole
    except OSError as error:
        raise Stop("The folder %s cannot be changed: %s." % (venv.name, error.strerror))
    try:
        shutil.rmtree(str(venv))
    except OSError as error:
        raise Stop(
            "The folder %s has to be made anew, but a file in it is in use or protected:\n    %s\n"
            "Close JupyterLab and every terminal that uses %s, and try again." % (venv.name, error.filename, venv.name)
        )


def create(venv: Path) -> None:
    venv.mkdir(parents=True)
    (venv / OWNER).write_text("This folder was made by run.py. It may be deleted at any time.\n", encoding="utf-8")
    # Inside an activated environment, sys.executable would be the very one that is being replaced.
    base = getattr(sys, "_base_executable", None) or sys.executable
    done = subprocess.run([base, "-m", "venv", str(venv)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if done.returncode:
        words = done.stdout.decode(errors="replace").strip()
        raise Stop("Python could not make the folder %s. Its own words:\n\n%s" % (venv.name, words))


def make_importable(venv: Path) -> None:
    """Let every program of the environment import `helpers`.

    A .pth file does it without a build tool. Its path is relative: no accent of a home folder stands in it, whatever
    the encoding Python reads it in, and the project may be moved.
    """
    site = Path(sysconfig.get_path("purelib", "venv", {"base": str(venv)}))
    line = os.path.relpath(str(ROOT), str(site.resolve()))
    (site / "positional_encoding_notebooks.pth").write_text(line + "\n", encoding="utf-8")


# An export as HTML in nbconvert's own looks, with the words that are saved with each picture: its templates leave them out.
DESCRIBED = """{%- extends 'lab/index.html.j2' -%}
{%- block data_png scoped -%}
{%- set words = output | get_metadata('alt', 'image/png') or '' -%}
{{ super() | replace('<img src=', '<img alt="' ~ (words | e) ~ '" src=', 1) }}
{%- endblock data_png -%}
"""


def set_up_jupyterlab(venv: Path) -> None:
    """No question about news, no notice about updates: in this environment only, never in the home folder.

    And what `helpers.hints` and `helpers.server` add: a sentence after a cell that was run too early, no dead sliders in a
    saved file, no message held back. And what a picture shows, in words, in an export as HTML.
    """
    settings = {
        "etc/jupyter/labconfig/page_config.json": {
            "disabledExtensions": {"@jupyterlab/apputils-extension:announcements": True}
        },
        "share/jupyter/lab/settings/overrides.json": {
            "@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": False}
        },
        "etc/jupyter/jupyter_server_config.json": {
            "FileContentsManager": {"pre_save_hook": "helpers.server.before_saving"},
            "ServerApp": {"kernel_websocket_connection_class": "helpers.server.AtOnce"},
            "HTMLExporter": {"template_name": "described"},
        },
        "etc/jupyter/jupyter_nbconvert_config.json": {"HTMLExporter": {"template_name": "described"}},
        "share/jupyter/nbconvert/templates/described/conf.json": {"base_template": "lab"},
        "share/jupyter/nbconvert/templates/described/index.html.j2": DESCRIBED,
        "etc/ipython/ipython_kernel_config.json": {"InteractiveShellApp": {"extensions": ["helpers.hints"]}},
    }
    for name, content in settings.items():
        path = venv / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content if isinstance(content, str) else json.dumps(content, indent=2) + "\n", encoding="utf-8")


# What pip said -> what it means. The first match counts, so the more particular come first.
PIP_FAILURES = [
    (
        r"DO NOT MATCH THE HASHES",
        "A download is not the file that was tested, so it was not installed.\n"
        "Most often it was cut off on the way: try again. If it fails twice, please report it.",
    ),
    (r"No space left on device|\[Errno 28\]|WinError 112", "The disk is full. Free about 1 GB, and try again."),
    (
        r"Long Path|path too long|WinError 206|\[Errno 36\]",
        "A file's path became too long for this system.\n"
        "Move the project to a short path, such as C:\\pe, and try again.",
    ),
    (
        r"CERTIFICATE_VERIFY_FAILED|SSLCertVerificationError|SSLError",
        "The package server's certificate was not accepted. In an office or a university this is often a proxy.\n"
        "Ask for its certificate file, set PIP_CERT to that file's path, and try again.",
    ),
    (
        r"NewConnectionError|NameResolutionError|Failed to establish a new connection|name resolution"
        r"|getaddrinfo failed"
        r"|ConnectTimeoutError|ReadTimeoutError|Max retries exceeded|Network is unreachable|ProxyError"
        r"|Connection (?:refused|reset|aborted)|Read timed out|Cannot connect to proxy",
        "The packages could not be downloaded: no answer from the network.\n"
        "The first run needs the internet (about 150 MB); later runs do not. Check the connection, and try again.\n"
        "Behind a proxy, set HTTPS_PROXY first.",
    ),
    (
        r"No matching distribution found|Could not find a version that satisfies",
        "There is no ready-made package for this Python ({python}) on this system.\n"
        "Python 3.11, 3.12 or 3.13, 64 bit, from python.org is the safe choice.",
    ),
    (
        r"Permission denied|Access is denied|\[Errno 13\]",
        "The project's folder cannot be written to.\nMove it, for example, into your home folder.",
    ),
]


def explain_pip(output: str) -> str:
    for pattern, meaning in PIP_FAILURES:
        if re.search(pattern, output, re.IGNORECASE):
            return meaning.replace("{python}", dotted(sys.version_info))
    return "The installation failed for a reason that run.py does not know."


def pip_install(venv: Path, arguments: list, total: int) -> None:
    """Run pip quietly. Its own words are shown only when it fails, after ours."""
    command = [str(python_in(venv)), "-m", "pip", "install", "--disable-pip-version-check", "--no-input"]
    command += ["--progress-bar", "off", "--retries", "3", "--only-binary", ":all:", "--no-compile"] + arguments
    # Not compiled beforehand: much is never imported, and the rest is compiled when it is.
    env = dict(child_env(venv), PYTHONUNBUFFERED="1", PYTHONIOENCODING="utf-8:replace", PYTHONUTF8="1")
    lines, count, unpacking, live = [], 0, False, sys.stdout.isatty()
    with subprocess.Popen(command, cwd=str(ROOT), env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as process:
        try:
            for raw in process.stdout:
                line = raw.decode("utf-8", errors="replace").rstrip()
                lines.append(line)
                if line.startswith(("Collecting ", "Processing ")):
                    count += 1
                    name = re.split(r"[=<>!~;\[]|-\d", PureWindowsPath(line.split()[1]).name)[0]
                    if live:
                        print("\r  downloading %3d of about %d: %-30s" % (count, total, name[:30]), end="", flush=True)
                    elif count % 25 == 0:
                        say("  downloading %d of about %d" % (count, total))
                elif line.startswith("Installing collected packages") and not unpacking:
                    unpacking = True
                    if live:
                        print("\r%-60s\r" % "", end="")
                    say("  downloaded; unpacking (the quiet half of the wait)")
        except BaseException:
            process.terminate()
            raise
    if process.returncode:
        if live:
            print("\r%-60s\r" % "", end="", flush=True)
        tail = "\n".join("    " + line for line in lines[-15:])
        raise Stop("%s\n\nThe last words of pip, for whoever helps you:\n%s" % (explain_pip("\n".join(lines)), tail))


def ensure(name: str, arguments: list, mark: str, total: int) -> Path:
    """Return a finished virtual environment, making it anew when it is missing, half made or out of date."""
    venv = ROOT / name
    if is_ready(venv, mark):
        return venv
    check_venv_module()
    if venv.exists() and any(venv.iterdir()):
        say("The folder %s is out of date or was left unfinished: it is made anew." % name)
    else:
        say("First run: what the notebooks need is installed in the folder %s, and nowhere else." % name)
    say("This takes one to five minutes, once. Later starts take seconds. Ctrl+C stops it safely.")
    started = time.monotonic()
    remove(venv)
    create(venv)
    pip_install(venv, arguments, total)
    make_importable(venv)
    set_up_jupyterlab(venv)
    # Written last and in one step: without this file the folder counts as unfinished.
    unfinished = venv / (READY + ".part")
    unfinished.write_text(mark + "\n", encoding="utf-8")
    os.replace(str(unfinished), str(venv / READY))
    say("Installed in %d seconds." % (time.monotonic() - started))
    return venv


def ensure_pinned(name: str = ".venv", requirements: str = "requirements.txt") -> Path:
    path = ROOT / requirements
    text = path.read_text(encoding="utf-8")
    total = len(re.findall(r"^[A-Za-z0-9]", text, re.MULTILINE))
    return ensure(name, ["--require-hashes", "-r", str(path)], fingerprint(text), total)


def ensure_site() -> Path:
    return ensure_pinned(".venv-site", "requirements-site.txt")


def lowest_requirements(pyproject: str) -> list:
    """pyproject.toml's run-time bounds turned into exact versions, and its test extra as it stands."""
    import tomllib  # Python 3.11 and newer: check_python has run by now

    project = tomllib.loads(pyproject)["project"]
    exact = []
    for requirement in project["dependencies"]:
        match = re.fullmatch(r"([A-Za-z0-9._-]+)>=([0-9.]+)", requirement.strip())
        if not match:
            raise Stop("pyproject.toml: %r is not of the form name>=version." % requirement)
        exact.append("%s==%s" % match.groups())
    # pyparsing 3.3 warns about names that matplotlib 3.8 still uses, and warnings are errors here.
    return exact + project["optional-dependencies"]["test"] + ["pyparsing<3.3"]


def ensure_lowest() -> Path:
    requirements = lowest_requirements((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    return ensure(".venv-lowest", requirements, fingerprint(*requirements), 110)


# ---------------------------------------------------------------- commands


def find_notebook(name: str, folder: str = "notebooks") -> str:
    """'03' or '03_rope' -> 'notebooks/03_rope.ipynb'; folder: 'notebooks/zh' for the Chinese edition."""
    stem = PureWindowsPath(name).name.removesuffix(".ipynb")  # of a path with / or with \ in it
    found = sorted(path.name for path in (ROOT / folder).glob("*.ipynb"))
    for candidate in found:
        if candidate == stem + ".ipynb" or candidate.startswith(stem + "_"):
            return folder + "/" + candidate
    raise Stop("There is no notebook %r. There are: %s." % (name, ", ".join(found) or "none"))


def port_is_free(port: int) -> bool:
    try:
        socket.create_server(("127.0.0.1", port)).close()
    except OSError:
        return False
    return True


def choose_port(wanted=None, first=None, command: str = "lab") -> int:
    """The wanted port, or the first free one from `first` (8888) on. A wanted port that is taken is an error: it was wanted."""
    # JupyterLab looks for a free port too, but after five it takes any at random, and tells only its log.
    start = wanted if wanted is not None else first or PORT
    if not 1024 <= start <= 65535:
        raise Stop("--port must lie between 1024 and 65535; got %d." % start)
    free = next((port for port in range(start, min(start + 100, 65536)) if port_is_free(port)), None)
    if free is None:
        raise Stop("No free port from %d on. Choose another: python3 run.py %s --port N" % (start, command))
    if free != start and wanted is not None:
        raise Stop(
            "Port %d is taken by another program, perhaps a JupyterLab that is still open.\n"
            "Close that one, or take the next free port:\n\n    python3 run.py %s --port %d" % (start, command, free)
        )
    if free != start:
        say("Port %d is taken by another program; using %d." % (start, free))
    return free


def can_open_browser() -> bool:
    """Without a display, Linux would start a text browser inside this terminal."""
    graphical = ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER", "WSL_DISTRO_NAME")
    return not sys.platform.startswith("linux") or any(os.environ.get(name) for name in graphical)


def answers(port: int, token: str) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)  # straight, past any proxy
    try:
        connection.request("GET", "/api/status", headers={"Authorization": "token " + token})
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def stop_process(process: subprocess.Popen) -> None:
    for ask in (process.terminate, process.kill):
        if process.poll() is None:
            ask()
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(timeout=10)


def last_words(log: Path) -> str:
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()[-15:]
    return "Its own last words:\n" + "\n".join("    " + line for line in lines)


def writable(venv: Path) -> Path:
    """Where JupyterLab may keep its own files: the environment, its settings brought up to date; or a temporary folder."""
    try:
        set_up_jupyterlab(venv)  # it may have been made by an older run.py
        return venv
    except OSError:
        say("The project's folder cannot be written to. Everything runs and can be dragged, but nothing you change is saved.")
        say("To keep your changes, copy the whole folder into your home folder and start run.py there.")
        return Path(tempfile.mkdtemp(prefix="run.py-"))


def lab(arguments: list) -> int:
    parser = argparse.ArgumentParser(prog="run.py lab", description="Open JupyterLab on a notebook of the series.")
    parser.add_argument("notebook", nargs="*", default=[FIRST_NOTEBOOK], help="00, 01, ... (default: 00); zh, zh 03: in Chinese")
    parser.add_argument("--present", action="store_true", help="for a lecture hall: large type, code folded, once the cells have run")
    parser.add_argument("--no-browser", action="store_true", help="print the address, open nothing")
    parser.add_argument("--port", type=int, help="default: the first free one from 8888 on")
    options = parser.parse_args(arguments)

    chinese = options.notebook[:1] == ["zh"]
    rest = options.notebook[chinese:] or [FIRST_NOTEBOOK]
    if len(rest) > 1:
        raise Stop("One notebook at a time; got: %s." % " ".join(options.notebook))
    notebook = find_notebook(rest[0], "notebooks/zh" if chinese else "notebooks")
    venv = ensure_pinned()
    room = writable(venv)
    port = choose_port(options.port)
    token = secrets.token_hex(24)
    command = [str(python_in(venv)), "-m", "jupyterlab", "--no-browser", "-y"]
    command += ["--ServerApp.log_level=WARN", "--LabApp.log_level=WARN"]
    command += ["--ServerApp.ip=127.0.0.1", "--ServerApp.port=%d" % port, "--ServerApp.port_retries=0"]
    command += ["--ServerApp.base_url=/", "--ServerApp.root_dir=%s" % ROOT]
    command.append("--LabApp.extension_manager=readonly")  # nothing there to install by mistake
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        command.append("--allow-root")  # a container's only user is often root
    # The token travels in the environment: a command line can be read by everyone on the machine.
    env = dict(child_env(venv), JUPYTER_TOKEN=token, JUPYTERLAB_WORKSPACES_DIR=str(room / "workspaces"))
    if options.present:
        env["POSITIONAL_ENCODING_PRESENT"] = "1"  # read by helpers/live.py
    say("Starting JupyterLab ...")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the server never outlives this script
    log = room / "jupyterlab.log"  # what it says to developers, kept off the reader's screen
    with log.open("wb") as file:
        process = subprocess.Popen(command, cwd=str(ROOT), env=env, stdout=file, stderr=subprocess.STDOUT)
    try:
        deadline = time.monotonic() + 120
        while not answers(port, token):
            if process.poll() is not None:
                raise Stop("JupyterLab stopped before it was ready. " + last_words(log))
            if time.monotonic() > deadline:
                raise Stop("JupyterLab gave no answer for two minutes. " + last_words(log))
            time.sleep(0.2)
        address = "http://127.0.0.1:%d/lab/tree/%s?token=%s" % (port, notebook, token)
        opened = not options.no_browser and can_open_browser() and webbrowser.open(address)
        say()
        say("%s is open in your browser. If not, the address is:" % notebook if opened else "Open this in a browser:")
        say("  " + address)
        say("First: in the menu choose Run > Run All Cells, wait a few seconds, then drag a slider.")
        if options.present:
            say("Then everything is large and the code is folded. Escape, or the button Present, changes back and forth.")
        say("To stop: Ctrl+C in this window.")
        return process.wait()
    except KeyboardInterrupt:
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(timeout=10)  # Ctrl+C reached it too: it is closing its kernels
        say("\nJupyterLab is stopped.")
        return 0
    finally:
        stop_process(process)


def test(arguments: list) -> int:
    if "--lowest" not in arguments:
        venv = ensure_pinned()
        say("Running the tests: the mathematics, the pictures, every notebook, and a real browser. It takes minutes.")
        return call(venv, ["-m", "pytest"] + side_by_side() + arguments)
    if tuple(sys.version_info[:2]) > NEWEST_FOR_LOWEST:
        other = other_python(highest=NEWEST_FOR_LOWEST)
        if not other:
            raise Stop("--lowest needs Python %s or %s." % (dotted(OLDEST), dotted(NEWEST_FOR_LOWEST)))
        return subprocess.call(other + [str(ROOT / "run.py"), "test"] + arguments)
    venv = ensure_lowest()
    rest = [argument for argument in arguments if argument != "--lowest"]
    say("Running the tests of the mathematics and the pictures with the oldest supported versions.")
    return call(venv, ["-m", "pytest", "tests", "-m", "not browser and not pinned"] + side_by_side() + rest)


def side_by_side() -> list:
    """As many tests at a time as there are cores."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return ["-n", str(min(cores, MOST_CORES))]


def call(venv: Path, arguments: list) -> int:
    # A start-up file in the home folder's IPython profile must not run in the notebooks under test.
    env = dict(child_env(venv), IPYTHONDIR=str(venv / "ipython"))
    return subprocess.call([str(python_in(venv))] + arguments, cwd=str(ROOT), env=env)


def tool(script: str):
    return lambda arguments: call(ensure_pinned(), [str(ROOT / "tools" / script)] + arguments)


def site(arguments: list) -> int:
    return call(ensure_site(), [str(ROOT / "tools" / "make_site.py")] + arguments)


COMMANDS = {"lab": lab, "test": test, "notebooks": tool("notebooks.py"), "assets": tool("make_assets.py"),
            "claims": tool("claims.py"), "site": site}


def in_words(work) -> int:
    """What work() returns; for a Stop its text alone is shown, and 1 returned."""
    try:
        return work()
    except Stop as stop:
        sys.stdout.flush()
        print("\n%s\n" % stop, file=sys.stderr, flush=True)
        return 1


def main(arguments: list) -> int:
    if not arguments or arguments[0] in ("-h", "--help", "help"):
        say(__doc__.strip())
        return 0
    if arguments[0] not in COMMANDS:
        print("There is no command %r. There are: %s." % (arguments[0], ", ".join(COMMANDS)), file=sys.stderr)
        return 2

    def command():
        check_python()
        check_files()
        return COMMANDS[arguments[0]](arguments[1:])

    try:
        return in_words(command)
    except KeyboardInterrupt:
        print("\nStopped. Nothing is broken: the next run starts where it is safe to start.", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
