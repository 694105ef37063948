"""Build the series as a folder of static files that opens from a link: no install, and no kernel on a server.

    python3 run.py site                     build `_site/`
    python3 run.py site --serve             build it if anything changed, serve it on this machine, open a browser

Two doors: pages to read, whose sliders Python in the browser moves (`tools/pages.py`), and JupyterLite, to change code and do
the exercises (`tools/lite.py`). What both need of Pyodide is fetched once and checked (`tools/pyodide.py`).
"""

import argparse
import contextlib
import errno
import hashlib
import os
import shutil
import sys
import time
import webbrowser
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT)] * (str(ROOT) not in sys.path)

from run import Stop, can_open_browser, choose_port, in_words  # noqa: E402
from run import say as tell  # noqa: E402
from tools import bundle, lite, notebooks, pages, pyodide  # noqa: E402
from tools.serving import PACKED, packed, server  # noqa: E402

SITE, WORK = ROOT / "_site", ROOT / "_site.part"
FROM = "built-from.txt"
SOURCES = ("README.md", "README.zh-CN.md", "teaching", "helpers", "notebooks", "assets/model", "tools", "requirements-site.txt")
PORT = 8000  # the first one tried
LINE, WAKING = 50, 5  # Mbit/s of the line that the first page speaks of; seconds to wake without one (benchmarks/site.py)


def fingerprint():
    """One hash of all that the site is made from."""
    seen = hashlib.sha256()
    for source in map(ROOT.joinpath, SOURCES):
        for path in sorted(source.rglob("*")) if source.is_dir() else [source]:
            if path.is_file() and "__pycache__" not in path.parts:
                seen.update(f"{path.relative_to(ROOT)}\n".encode() + path.read_bytes())
    return seen.hexdigest()


def megabytes(paths):
    """What these files weigh on the way to a browser, compressed as a web server does it."""
    return sum(len(packed(str(path), path.stat().st_mtime_ns)) for path in paths) / 1e6


def build():
    """Build into a folder beside it first: an interrupted build leaves the last whole site as it was."""
    began = time.monotonic()
    shutil.rmtree(WORK, ignore_errors=True)
    site = WORK / "site"
    site.mkdir(parents=True)
    try:
        python = pyodide.install(site)
        wheels = [path for path in pyodide.reading_files(site) if path.suffix == ".whl"]
        (model,) = python.glob(pyodide.MODEL.replace("-", "_") + "-*.whl")
        tell("Compiling their Python ...")
        reading = bundle.reading(python, wheels, {pyodide.MODEL: model}, WORK / "reading")
        bundle.doing(python, WORK / "doing", [pyodide.HELPERS])
        tell("Building the pages: every notebook is executed once ...")
        made = pages.build(site)
        tell("Building JupyterLite ...")
        lite.build(site, WORK / "lite")
        reading += (site / "web").iterdir()
        doing = [path for path in (site / "lab").rglob("*") if path.is_file() and path.suffix in PACKED]
        doing += [path for path in python.iterdir() if path not in reading and not path.name.startswith("reading")]
        size = megabytes(reading)
        seconds = f"{8 * size / LINE + WAKING:.0f}"
        for first in (page for page in made if page.path.name == notebooks.MAP):
            pages.start(site, first, reading=f"{size:.0f} MB", doing=f"{megabytes(doing):.0f} MB", seconds=seconds)
        (site / FROM).write_text(fingerprint() + "\n", encoding="utf-8")
        shutil.rmtree(SITE, ignore_errors=True)
        os.replace(site, SITE)
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise Stop("The disk is full. Free about 300 MB, and try again.") from error
        raise
    finally:
        shutil.rmtree(WORK, ignore_errors=True)
    size = sum(path.stat().st_size for path in SITE.rglob("*") if path.is_file()) / 1e6
    tell(f"Built {SITE.name}/ in {time.monotonic() - began:.0f} seconds: {size:.0f} MB, for any web server.")


def serve(port, browser):
    port = choose_port(port, PORT, "site --serve")
    address = f"http://127.0.0.1:{port}/"
    with server(SITE, port) as serving:
        opened = browser and can_open_browser() and webbrowser.open(address)
        tell("The series is open in your browser. If not, the address is:" if opened else "Open this in a browser:")
        tell("  " + address)
        tell("To stop: Ctrl+C in this window.")
        with contextlib.suppress(KeyboardInterrupt):
            serving.serve_forever()


def is_built():
    with contextlib.suppress(OSError):
        return (SITE / FROM).read_text(encoding="utf-8").strip() == fingerprint()
    return False


def main():
    parser = argparse.ArgumentParser(prog="run.py site", description="Build the series as static files.")
    parser.add_argument("--serve", action="store_true", help="serve it on this machine afterwards")
    parser.add_argument("--port", type=int, help=f"default: the first free one from {PORT} on")
    parser.add_argument("--no-browser", action="store_true", help="print the address, open nothing")
    parser.add_argument("--again", action="store_true", help="build even if nothing changed")
    options = parser.parse_args()

    def work():
        if options.again or not is_built():
            build()
        else:
            tell("_site/ is up to date.")
        if options.serve:
            serve(options.port, not options.no_browser)
        return 0

    return in_words(work)


if __name__ == "__main__":
    sys.exit(main())
