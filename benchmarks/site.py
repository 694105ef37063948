"""How fast is the series from a link, beside JupyterLab, in one run? Needs Chromium and Playwright, and a quiet machine.

    python benchmarks/site.py               both doors, and JupyterLab: about five minutes
    python benchmarks/site.py --reading     the reading door alone: every slider of the pages 00 to 07
    python benchmarks/site.py --json        the same figures for a machine to read

The site is built first (`run.py site`), and served on this machine: a line is never the limit here.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import threading
import time
from contextlib import ExitStack
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests"), str(ROOT / "benchmarks")]

import live as jupyterlab  # noqa: E402
from built import Opened, Site  # noqa: E402
from lab import browse  # noqa: E402

from tools.serving import Handler, server  # noqa: E402

STEPS = 25
WANTED = {
    "page readable, s": 1.0,
    "first slider alive, s": 6.0,
    "slider to pixel / JupyterLab's": 1.2,
    "slowest slider of 00 to 05, ms": 100,
    "JupyterLite kernel, s": 8.0,
    "JupyterLite runs 03, s": 15.0,
    "first load, MB": 17.0,
    "second load, MB": 1.0,
    "heap, MB": 250,
}

# The same picture, in its own size, in JupyterLab.
SAME = """
from helpers import live, style
from helpers.figures import rope as pictures
style.apply()
live.explore(pictures.Frequencies, base=live.base())
"""

# Milliseconds from a key to the frame that shows it, for a slider; two that warm up are left out.
PRESS = """async ([figure, place, steps]) => {
    const input = figure.querySelectorAll('.control')[place].querySelector('input[type=range]');
    const painted = () => new Promise(done => figure.addEventListener('frame', () =>
        requestAnimationFrame(() => setTimeout(() => done(performance.now()))), {once: true}));
    const found = [];
    for (let step = 0; step < steps + 2; step++) {
        const at = performance.now(), frame = painted();
        const before = input.value;
        step % 2 ? input.stepDown() : input.stepUp();
        if (input.value === before) input.stepDown();
        input.dispatchEvent(new Event('input', {bubbles: true}));
        found.push(await frame - at);
        await new Promise(done => setTimeout(done, 60));
    }
    return found.slice(2);
}"""


class Counting(Handler):
    """Counts the bytes that the server sends; a browser does not tell what its workers load."""

    sent = 0

    def copyfile(self, source, target):
        content = source.read()
        Counting.sent += len(content)
        target.write(content)


def notebooks():
    return sorted(path.stem for path in (ROOT / "_site" / "read").glob("0*.html"))


def reading(browser, site, found):
    """The pages: how soon, how fast, how heavy."""
    began = time.perf_counter()
    opened = Opened(browser, site, "read/03_rope.html")
    timing = "() => performance.getEntriesByType('paint').find(one => one.name === 'first-contentful-paint')?.startTime"
    found["page readable, s"] = opened.page.wait_for_function(timing).json_value() / 1000
    live = opened.awake().live(0)
    live.sliders.first.focus()
    opened.page.keyboard.press("ArrowRight")
    live.after(0)
    found["first slider alive, s"] = time.perf_counter() - began
    opened.context.close()

    latency = {}
    for name in notebooks():
        opened = Opened(browser, site, f"read/{name}.html")
        opened.awake()
        for number in range(opened.page.locator("figure.live").count()):
            live = opened.live(number)
            spec = json.loads(live.figure.get_attribute("data-live"))
            sliders = json.loads(live.figure.get_attribute("data-sliders"))
            for place, slider in enumerate(sliders):
                if slider["kind"] not in ("buttons", "text"):
                    times = opened.page.evaluate(PRESS, [live.figure.element_handle(), place, STEPS])
                    latency[f"{name[:2]} {spec['picture'].split('.')[1]} {slider['name']}"] = statistics.median(times)
        assert not opened.complaints, opened.complaints
        opened.context.close()
    found["sliders, ms"] = latency
    slowest = max((key for key in latency if key[:2] <= "05"), key=latency.get)
    found["slowest slider of 00 to 05, ms"] = latency[slowest]
    found["slowest slider"] = slowest


def loads(browser, site, found):
    """What comes over the line until a slider has moved a picture, at the first visit and at the second."""
    opened = Opened(browser, site, "web/page.css")
    for key in ("first load, MB", "second load, MB"):
        before = Counting.sent
        opened.page.goto(site.url + "read/03_rope.html")
        live = opened.awake().live(0)
        live.sliders.first.focus()
        opened.page.keyboard.press("ArrowRight")
        live.fine()
        found[key] = (Counting.sent - before) / 1e6
    opened.context.close()


def heap(browser, site):
    """Megabytes of WebAssembly memory with every picture of the heaviest page built."""
    opened = Opened(browser, site, "read/04_position_interpolation.html").awake()
    for number in range(opened.page.locator("figure.live").count()):
        live = opened.live(number)
        live.sliders.first.focus()
        opened.page.keyboard.press("ArrowRight")
        live.fine()
    size = opened.page.evaluate("() => window.pythonMemory()") / 1e6
    opened.context.close()
    return size


def beside(found):
    """The same picture in JupyterLab: slider to pixel, ms."""
    jupyterlab.WAYS["same"] = ("JupyterLab, the same picture", SAME)
    found["JupyterLab, slider to pixel, ms"] = jupyterlab.compare(["same"])["same"]["latency"]


def doing(browser, site, found):
    """JupyterLite: how soon its kernel answers, and how long 03 takes from top to bottom."""
    from test_site_lite import Lite, opened

    began = time.perf_counter()
    page = opened(site, browser, "03_rope.ipynb")
    page.page.locator(".jp-Notebook .jp-Cell").first.wait_for()
    found["JupyterLite page, s"] = time.perf_counter() - began
    lite = Lite(page)
    found["JupyterLite page and kernel, s"] = time.perf_counter() - began
    found["JupyterLite kernel, s"] = found["JupyterLite page and kernel, s"] - found["JupyterLite page, s"]
    began = time.perf_counter()
    lite.run_all()
    found["JupyterLite runs 03, s"] = time.perf_counter() - began
    lite.page.context.close()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--reading", action="store_true", help="the reading door alone")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    subprocess.run([sys.executable, str(ROOT / "run.py"), "site"], check=True, stdout=subprocess.DEVNULL)
    found = {"load_average": os.getloadavg()[0] if hasattr(os, "getloadavg") else None}
    with server(ROOT / "_site", handler=Counting) as serving, ExitStack() as stack:
        threading.Thread(target=serving.serve_forever, daemon=True).start()
        site = Site(ROOT / "_site", f"http://127.0.0.1:{serving.server_port}/")
        browser = browse(stack)
        reading(browser, site, found)
        if not options.reading:
            loads(browser, site, found)
            found["heap, MB"] = heap(browser, site)
            doing(browser, site, found)
        stack.close()
        serving.shutdown()
    if not options.reading:
        beside(found)
        mine = found["sliders, ms"]["03 Frequencies base"]
        found["slider to pixel / JupyterLab's"] = mine / found["JupyterLab, slider to pixel, ms"]
    if options.json:
        print(json.dumps(found, indent=1))
        return
    for key, value in found["sliders, ms"].items():
        print(f"  {key:44}{value:6.0f} ms")
    for key, wanted in WANTED.items():
        if key in found:
            print(f"{'holds ' if found[key] <= wanted else 'MISSED'} {key}: {found[key]:.3g} (at most {wanted:g})")


if __name__ == "__main__":
    main()
