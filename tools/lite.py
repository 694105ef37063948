"""The doing door: JupyterLite, a JupyterLab whose Python runs in the browser, with every notebook and every solution.

It shares Pyodide and the wheels with the pages (`_site/python/`, made by `tools/pyodide.py`) and asks no other server.
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT)] * (str(ROOT) not in sys.path)

from run import Stop  # noqa: E402
from tools import pyodide  # noqa: E402

APPS = ("lab", "notebooks", "tree")
KERNEL = "@jupyterlite/pyodide-kernel-extension:kernel"
# The kernel's own, all at once: one by one they would take longer than Pyodide itself. The rest comes at the first import.
BOOT = (*(set(pyodide.DOING) - set(pyodide.READING)), "comm", "ipykernel", "piplite", "pyodide_kernel")

# JupyterLab 4.4 takes the arrow keys from a slider that has the focus, to move from cell to cell; a later one does not.
NOTEBOOK = ".jp-Notebook.jp-mod-commandMode:not(.jp-mod-readWrite) :focus"
ARROWS = {
    "ArrowLeft": "notebook:move-cursor-heading-above-or-collapse",
    "ArrowRight": "notebook:move-cursor-heading-below-or-expand",
    "ArrowUp": "notebook:move-cursor-up",
    "ArrowDown": "notebook:move-cursor-down",
}


def settings():
    """overrides.json: the arrow keys belong to the cells, but not while a slider has the focus."""
    shortcuts = []
    for key, command in ARROWS.items():
        shortcuts.append({"command": command, "keys": [key], "selector": NOTEBOOK, "disabled": True})
        shortcuts.append({"command": command, "keys": [key], "selector": NOTEBOOK + ":not([role='slider'])"})
    return {"@jupyterlab/shortcuts-extension:shortcuts": {"shortcuts": shortcuts}}


def config():
    """jupyter-lite.json: where Python is, and that nothing comes from elsewhere. Relative, for any folder."""
    kernel = {
        "pyodideUrl": "./../python/pyodide.js",
        "disablePyPIFallback": True,
        "loadPyodideOptions": {
            "lockFileURL": "../python/pyodide-lock.json",
            "stdLibURL": "../python/doing-stdlib.zip",
            "packages": sorted(BOOT),
        },
    }
    page = {"appName": "Positional encoding", "litePluginSettings": {KERNEL: kernel}}
    page["exposeAppInBrowser"] = True  # the tests talk to it
    return {"jupyter-lite-schema-version": 0, "jupyter-config-data": page}


def contents(folder):
    """Copy what a reader opens: the notebooks as they are committed. The helpers come as a wheel."""
    from tools import notebooks

    for path in notebooks.all_notebooks():
        target = folder / path.relative_to(notebooks.NOTEBOOKS)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, target)


def build(site, work):
    """Build JupyterLite into `site`/lab; `work` is a folder for what is made on the way. Returns the new folder."""
    site, work = Path(site).resolve(), Path(work).resolve()
    work.mkdir(parents=True, exist_ok=True)
    contents(work / "contents")
    for name, content in {"jupyter-lite.json": config(), "overrides.json": settings()}.items():
        (work / name).write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
    command = [sys.executable, "-m", "jupyterlite_core", "build", "--lite-dir", str(work)]
    command += ["--output-dir", str(site / "lab"), "--contents", str(work / "contents")]
    command += ["--no-sourcemaps", "--no-unused-shared-packages"]
    for app in APPS:
        command += ["--apps", app]
    env = {name: value for name, value in os.environ.items() if not name.startswith(("JUPYTERLITE_", "PYODIDE_"))}
    done = subprocess.run(
        command, cwd=work, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, encoding="utf-8"
    )
    if done.returncode:
        tail = "\n".join("    " + line for line in done.stdout.splitlines()[-15:])
        raise Stop("JupyterLite could not be built. Its own last words:\n%s" % tail)
    for app in APPS:
        page = site / "lab" / app / "index.html"
        html = page.read_text(encoding="utf-8")
        script = '<script type="module" src="../../web/cell.js"></script>\n  </head>'
        page.write_text(html.replace("</head>", script, 1), encoding="utf-8")
    return site / "lab"
