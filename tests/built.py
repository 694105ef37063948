"""The site as the tests see it: built once, served, and opened in a Chromium that notes every request and complaint."""

import subprocess
import sys
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from lab import WAIT

from tools.serving import server

ROOT = Path(__file__).resolve().parents[1]


@dataclass
class Site:
    folder: Path
    url: str  # ends with /


@contextmanager
def built(folder):
    """The site, built if anything changed; served below the root of its server, as on many course pages."""
    done = subprocess.run([sys.executable, str(ROOT / "run.py"), "site"], capture_output=True, text=True)
    if done.returncode:
        raise AssertionError(f"run.py site failed:\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}")
    (folder / "some").mkdir()
    (folder / "some" / "course").symlink_to(ROOT / "_site")
    with server(folder) as serving:
        threading.Thread(target=serving.serve_forever, daemon=True).start()
        yield Site(ROOT / "_site", f"http://127.0.0.1:{serving.server_port}/some/course/")
        serving.shutdown()


ASLEEP = "window.Worker = class { postMessage() {} terminate() {} };"


class Opened:
    """A page of the site. `asked`: every address requested; `complaints`: what the console or a script complained of.

    asleep: Python never wakes, for a test that needs none: it takes seconds of a processor, also when nobody waits for it.
    """

    def __init__(self, browser, site, address, asleep=False, **options):
        self.site = site
        self.context = browser.new_context(**{"viewport": {"width": 1280, "height": 800}, **options})
        self.asked, self.complaints = [], []
        self.page = page = self.context.new_page()
        page.set_default_timeout(WAIT)
        if asleep:
            page.add_init_script(ASLEEP)
        self.context.on("request", lambda request: self.asked.append(request.url))
        page.on("console", lambda m: self.complaints.append(m.text) if m.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: self.complaints.append(f"uncaught: {error}"))
        page.goto(site.url + address)

    def outside(self):
        """Requests that went anywhere but to the site."""
        return [url for url in self.asked if not url.startswith((self.site.url, "data:", "blob:"))]

    def awake(self):
        """Wait until Python is there."""
        self.page.wait_for_function("() => document.documentElement.dataset.python === 'awake'")
        return self

    def live(self, number=0):
        return Live(self.page, self.page.locator("figure.live").nth(number))


class Live:
    """A live picture of a page."""

    def __init__(self, page, figure):
        self.page, self.figure = page, figure
        figure.scroll_into_view_if_needed()
        figure.evaluate("figure => figure.addEventListener('frame', () => { figure.frames = (figure.frames ?? 0) + 1; })")
        self.sliders = figure.locator("input[type=range]")

    def frames(self):
        return self.figure.evaluate("figure => figure.frames ?? 0")

    def after(self, frames):
        """Wait for a frame after so many."""
        self.page.wait_for_function(
            "([figure, before]) => (figure.frames ?? 0) > before", arg=[self.figure.element_handle(), frames]
        )

    def fine(self):
        """Wait for the fine picture of a hand at rest, and return its fingerprint."""
        self.page.wait_for_function(
            "figure => figure.querySelector('canvas')?.width === 2 * JSON.parse(figure.dataset.live).width",
            arg=self.figure.element_handle(),
        )
        return self.pixels()

    def pixels(self):
        """A fingerprint of what the canvas shows."""
        return self.figure.locator("canvas").evaluate(
            """canvas => {
                let hash = 0;
                for (const letter of canvas.toDataURL()) hash = (hash * 31 + letter.charCodeAt(0)) | 0;
                return `${canvas.width} x ${canvas.height}: ${hash}`;
            }"""
        )

    def readouts(self):
        return self.figure.locator("output").all_inner_texts()

    def words(self):
        return self.figure.locator(".words").inner_text()
