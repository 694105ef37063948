"""Make assets/live.gif, what the README shows: a hand drags two sliders of notebook 00 in a real JupyterLab.

    python tools/make_gif.py

Needs Chromium, as the browser tests do. The file differs a little from run to run and from browser to browser, so no test
compares it.
"""

import io
import shutil
import sys
import tempfile
from pathlib import Path

from PIL import Image

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from lab import Lab  # noqa: E402

TARGET = ROOT / "assets" / "live.gif"
WIDTH = 900  # pixels
COLOURS = 96


# Playwright records a video too, but as WebM, with the page around it, and only ffmpeg makes a GIF of that.
def shot(page, live):
    """The sliders and the picture as they are now."""
    box, picture = live.cell.locator(".live-sliders").bounding_box(), live.image.bounding_box()
    top, left = box["y"] - 6, min(box["x"], picture["x"]) - 4
    clip = {"x": left, "y": top, "width": picture["width"] + 16, "height": picture["y"] + picture["height"] - top + 6}
    image = Image.open(io.BytesIO(page.screenshot(clip=clip))).convert("RGB")
    return image.resize((WIDTH, round(image.height * WIDTH / image.width)), Image.Resampling.LANCZOS)


def drag(page, live, number, to, steps):
    """Drag slider `number` to the share `to` of its length; yields a frame after each step."""
    at = live.handles.nth(number).bounding_box()
    rail = live.cell.locator(".widget-hslider").nth(number).locator(".noUi-base").bounding_box()
    start, y = at["x"] + at["width"] / 2, at["y"] + at["height"] / 2
    end = rail["x"] + to * rail["width"]
    page.mouse.move(start, y)
    page.mouse.down()
    for step in range(1, steps + 1):
        before = live.source()
        page.mouse.move(start + (end - start) * step / steps, y)
        live.changed(before)
        live.rest()
        yield shot(page, live)
    page.mouse.up()


def main():
    with tempfile.TemporaryDirectory() as folder:
        shutil.copy(ROOT / "notebooks" / "00_start_here.ipynb", folder)
        with Lab(folder, width=1280, height=800) as lab:
            notebook = lab.open("00_start_here.ipynb")
            notebook.run_all()
            live = notebook.live(notebook.live_cells()[0])
            page = notebook.page
            frames = [shot(page, live)]
            frames += drag(page, live, 0, 0.98, 18)  # the position, far past the trained length
            frames += drag(page, live, 2, 0.75, 12)  # then the scale k, until it is back inside
    hold = [1200] + [180] * (len(frames) - 1)
    hold[18] = hold[-1] = 1800
    palette = frames[0].quantize(COLOURS, Image.Quantize.MAXCOVERAGE)  # keeps rare colours, such as the fan
    flat = [frame.quantize(palette=palette, dither=Image.Dither.NONE) for frame in frames]
    TARGET.parent.mkdir(exist_ok=True)
    flat[0].save(TARGET, save_all=True, append_images=flat[1:], duration=hold, loop=0, optimize=True)
    print(f"{TARGET.name}: {len(frames)} frames, {TARGET.stat().st_size / 1e3:.0f} kB")


if __name__ == "__main__":
    main()
