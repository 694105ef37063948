"""A real JupyterLab and a real Chromium on a folder of their own, for tests and benchmarks.

    with Lab(folder) as lab:                   # a server on a free port, its own settings, a browser
        page = lab.open("03_rope.ipynb")       # a notebook in that folder, its kernel ready
        page.run_all()

The server's own files are all in `folder`. Everything is stopped at the end, also after an error.
"""
# JupyterLab's own Galata does this from Node; pytest-jupyter and pytest-playwright inside pytest, not for benchmarks.

import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_notebook
from playwright.sync_api import sync_playwright

import run

ROOT = Path(__file__).resolve().parents[1]
PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
WAIT = 60_000  # ms: longer than anything should take, so that a slow machine waits and a broken page still ends


def chromium():
    """Path of a Chromium: $CHROMIUM, the system's, or the one that Playwright installed. None if there is none."""
    if chosen := os.environ.get("CHROMIUM"):
        return chosen
    if found := next(filter(None, map(shutil.which, PROGRAMS)), None):
        return found
    with sync_playwright() as playwright:
        own = playwright.chromium.executable_path
    return own if own and Path(own).exists() else None


def browse(stack, program=None):
    """A Chromium without a window; closed with `stack`."""
    playwright = stack.enter_context(sync_playwright())
    args = ["--disable-background-networking", "--disable-component-update", "--no-first-run"]
    if getattr(os, "geteuid", lambda: 1)() == 0:
        args.append("--no-sandbox")  # as root, in a container
    browser = playwright.chromium.launch(executable_path=program or chromium(), args=args)
    stack.callback(browser.close)
    return browser


class Lab:
    """JupyterLab on `folder` and Chromium beside it. A context manager."""

    def __init__(self, folder, *, width=1280, height=720, program=None, browser=None):
        self.folder = Path(folder)
        self.size = {"width": width, "height": height}
        self.program = program or chromium()
        self.browser = browser  # one that runs already: Playwright runs once at a time in a process
        self.token = secrets.token_hex(16)

    def __enter__(self):
        with ExitStack() as stack:  # what was started is stopped again if the next step fails
            self._serve(stack)
            self._browse(stack)
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_):
        self._stack.close()

    def _serve(self, stack, port=None):
        own = self.folder / ".jupyter"
        run.set_up_jupyterlab(own)  # the reader's settings
        profile = own / "ipython/profile_default"
        profile.mkdir(parents=True, exist_ok=True)
        shutil.copy(own / "etc/ipython/ipython_kernel_config.json", profile)
        news = own / "lab/user-settings/@jupyterlab/apputils-extension/notification.jupyterlab-settings"
        news.parent.mkdir(parents=True, exist_ok=True)
        news.write_text(json.dumps({"fetchNews": "false", "checkForUpdates": False}), encoding="utf-8")
        env = {name: value for name, value in os.environ.items() if not name.startswith(("JUPYTER", "PYTEST"))}
        env |= {
            "JUPYTER_CONFIG_DIR": str(own / "config"),
            "JUPYTER_CONFIG_PATH": str(own / "etc/jupyter"),
            "JUPYTER_DATA_DIR": str(own / "data"),
            "JUPYTER_RUNTIME_DIR": str(own / "runtime"),
            "JUPYTERLAB_SETTINGS_DIR": str(own / "lab/user-settings"),
            "JUPYTERLAB_WORKSPACES_DIR": str(own / "lab/workspaces"),
            "IPYTHONDIR": str(own / "ipython"),
            "JUPYTER_TOKEN": self.token,
            "PYTHONPATH": os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")])),
        }
        if port is None:
            with socket.create_server(("127.0.0.1", 0)) as probe:  # the server's own port 0: from 2.20 on
                port = probe.getsockname()[1]
        command = [sys.executable, "-m", "jupyterlab", "--no-browser", "-y", "--allow-root"]
        command += ["--ServerApp.ip=127.0.0.1", f"--ServerApp.port={port}", "--ServerApp.port_retries=0"]
        command += [f"--ServerApp.root_dir={self.folder}", "--ServerApp.base_url=/"]
        command += ["--LabApp.expose_app_in_browser=True", "--LabApp.extension_manager=readonly"]
        log = stack.enter_context(open(own / "server.log", "w+", encoding="utf-8"))
        self.server = subprocess.Popen(command, cwd=self.folder, env=env, stdout=log, stderr=log)
        stack.callback(run.stop_process, self.server)  # the server ends its kernels; one whose server is gone ends itself
        self.address = f"http://127.0.0.1:{port}"
        deadline = time.monotonic() + WAIT / 1000
        while not run.answers(port, self.token):
            if self.server.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"JupyterLab did not start:\n{(own / 'server.log').read_text(encoding='utf-8')}")
            time.sleep(0.1)

    def _browse(self, stack):
        self.browser = self.browser or browse(stack, self.program)

    def write(self, name, *sources):
        """A new notebook `name` in the folder, with a code cell for each source. Its path."""
        kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}  # else the page asks for one
        path = self.folder / name
        path.parent.mkdir(exist_ok=True)
        nbformat.write(new_notebook(cells=list(map(new_code_cell, sources)), metadata={"kernelspec": kernel}), path)
        return path

    def open(self, name, **options):
        """A page with the notebook `name` of the folder open and its kernel ready.

        page: one of JupyterLab that is there already; to load another takes some five seconds of a processor.
        """
        return Notebook(self, name, **options)


class Notebook:
    """A notebook in a JupyterLab page. `console` collects what the page complained about."""

    def __init__(self, lab, name, *, width=None, height=None, page=None):
        size = {"width": width or lab.size["width"], "height": height or lab.size["height"]}
        here, self.page = page, page or lab.browser.new_context(viewport=size).new_page()
        self.page.set_default_timeout(WAIT)
        self.console = []
        self.page.on("console", lambda m: self.console.append(f"{m.type}: {m.text}") if m.type == "error" else None)
        self.page.on("pageerror", lambda error: self.console.append(f"uncaught: {error}"))
        if here:
            here.evaluate("async path => { await jupyterapp.commands.execute('docmanager:open', {path}); }", name)
            here.wait_for_function("path => jupyterapp.shell.currentWidget?.context?.path === path", arg=name)
        else:
            self.page.goto(f"{lab.address}/lab/tree/{name}?token={lab.token}&reset")
        # "No such comm" is JupyterLab asking for sliders before the notebook has imported any
        self.listen(forgiven="^No such comm")

    def close(self):
        """Close the notebook, not the page: its kernel ends, and nothing is saved."""
        self.page.evaluate(
            """async () => {
                const panel = jupyterapp.shell.currentWidget;
                await panel.sessionContext.shutdown();
                panel.context.model.dirty = false;
                panel.close();
            }"""
        )

    def listen(self, forgiven="(?!)"):
        """Wait until the notebook's kernel is ready, and note its complaints from then on. forgiven: a pattern on stderr."""
        self.page.wait_for_function("() => window.jupyterapp")
        self.page.evaluate(
            """async forgiven => {
                const app = window.jupyterapp;
                await app.restored;
                while (!app.shell.currentWidget?.context) await new Promise(done => setTimeout(done, 50));
                const panel = app.shell.currentWidget;
                await panel.context.ready;
                await panel.sessionContext.ready;
                await panel.sessionContext.session.kernel.info;
                // A slider's callback writes to no cell: listen to the kernel itself.
                window.kernelSaid = [];
                panel.sessionContext.iopubMessage.connect((_, message) => {
                    const stderr = message.content.name === 'stderr' && !RegExp(forgiven).test(message.content.text);
                    if (message.header.msg_type === 'error' || stderr)
                        window.kernelSaid.push('kernel: ' + JSON.stringify(message.content).slice(0, 1500));
                });
            }""",
            forgiven,
        )

    def command(self, name):
        """Run a command of JupyterLab and wait until it is done."""
        return self.page.evaluate("name => window.jupyterapp.commands.execute(name)", name)

    def run_all(self):
        self.command("notebook:run-all-cells")

    def save(self):
        self.command("docmanager:save")

    def complaints(self):
        """Every error and every line on stderr, in the notebook's outputs or sent by the kernel at any other time."""
        return self.page.evaluate(
            """() => {
                const found = [...window.kernelSaid];
                const cells = window.jupyterapp.shell.currentWidget.content.model.cells;
                for (let i = 0; i < cells.length; i++)
                    for (const output of cells.get(i).toJSON().outputs ?? [])
                        if (output.output_type === 'error' || output.name === 'stderr'
                            || 'application/vnd.jupyter.error' in (output.data ?? {}))
                            found.push(`cell ${i}: ` + JSON.stringify(output).slice(0, 1500));
                return found;
            }"""
        )

    def live_cells(self):
        """Numbers of the cells whose output holds sliders."""
        return self.page.evaluate(
            """() => {
                const cells = window.jupyterapp.shell.currentWidget.content.model.cells;
                return Array.from({length: cells.length}, (_, i) => i).filter(i =>
                    (cells.get(i).toJSON().outputs ?? []).some(output =>
                        'application/vnd.jupyter.widget-view+json' in (output.data ?? {})));
            }"""
        )

    def live(self, number):
        """The live picture in cell `number`, scrolled into view."""
        self.page.evaluate(
            """async number => {
                const notebook = window.jupyterapp.shell.currentWidget.content;
                notebook.activeCellIndex = number;
                await notebook.scrollToItem(number);
            }""",
            number,
        )
        shown = self.page.locator(".jp-NotebookPanel:not(.lm-mod-hidden)")
        cell = shown.locator(f".jp-Notebook-cell[data-windowed-list-index='{number}']")
        return Live(self.page, cell)

    def screenshot(self, path):
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=str(path))


class Live:
    """A live picture in the page: its sliders, its picture, what it says."""

    def __init__(self, page, cell):
        self.page, self.cell = page, cell
        self.handles = cell.locator(".widget-hslider .noUi-handle")
        self.image = cell.locator(".jp-RenderedImage img")
        self.image.wait_for()
        self.handles.first.wait_for()

    def source(self):
        return self.image.get_attribute("src")

    def changed(self, before):
        """Wait until another picture than `before` is there, and return it."""
        self.page.wait_for_function(
            """([cell, before]) => {
                const image = cell.querySelector('.jp-RenderedImage img');
                return image && image.src !== before && image.complete && image.naturalWidth;
            }""",
            arg=[self.cell.element_handle(), before],
        )
        return self.source()

    def rest(self):
        """Wait until the picture is the sharp one and stays so, and return it."""
        self.page.wait_for_function(
            """cell => {
                const source = cell.querySelector('.jp-RenderedImage img')?.src ?? '';
                if (source !== cell.lastSource) { cell.lastSource = source; cell.since = performance.now(); }
                return source.startsWith('data:image/png') && performance.now() - cell.since > 1000;
            }""",
            arg=self.cell.element_handle(),
        )
        return self.source()

    def readout(self, number):
        return self.cell.locator(".widget-hslider").nth(number).locator(".widget-readout").inner_text()

    def words(self):
        """What stands under the picture: the reason why it does not move."""
        return self.cell.locator("[role=alert]").all_inner_texts()

    def cut_readouts(self):
        """Values that do not fit into their place."""
        return self.cell.locator(".widget-readout").evaluate_all(
            "all => all.filter(one => one.scrollWidth > one.clientWidth + 1).map(one => one.innerText)"
        )
