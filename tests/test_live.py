"""The sliders and the frames, without a browser."""

import ast
import asyncio
import io
import json
import re
import subprocess
import sys
import threading
from pathlib import Path

import ipywidgets as widgets
import numpy as np
import pytest
from IPython.utils.capture import capture_output
from matplotlib.ft2font import FT2Font
from PIL import Image
from series import PATHS, Shown, cut_off, explorers, name_of, no_complaints, picture_classes, stops

from helpers import figures, labels, live, painter, scaling, style
from helpers.figures.rope import Plane
from helpers.painter import Painter
from tools.living import shell
from tools.notebooks import is_chinese

ROOT = Path(__file__).resolve().parents[1]
CLASSES = picture_classes()


class Line(figures.Picture):
    """A small picture to try things on."""

    size = (3.0, 2.0)

    def build(self):
        self.axes = self.figure.add_axes((0.2, 0.2, 0.7, 0.7))
        self.line = self.moves(self.axes.plot([], [])[0])
        self.axes.legend([self.line], ["line"], loc="upper right")

    def move(self, *, positions=16, base=10.0, k=1.0):
        if self.axes.get_xlim() != (0, positions):
            self.axes.set_xlim(0, positions)
        self.line.set_data(np.arange(positions), np.sin(np.arange(positions) / base) / k)
        if base > 90 and k > 3:
            raise ValueError(f"base must be at most 90 where k > 3; got base = {base}")
        if base == 13:
            raise RuntimeError("thirteen")


def explore(**controls):
    return live.explore(
        Line, **(controls or dict(positions=live.positions(16), base=live.whole(10, 1, 100), k=live.k()))
    )


def shown(explorer):
    """`explorer` with stand-ins for what the page shows."""
    explorer._image, explorer._words = Shown(), Shown()
    return explorer


def fresh(picture):
    """A newly built picture at the same values."""
    return type(picture)(**picture.values)


def full(picture, dpi=style.DPI):
    """The whole figure drawn anew by matplotlib."""
    file = io.BytesIO()
    picture.save(file, format="png", dpi=dpi)
    return np.asarray(Image.open(file).convert("RGB"), dtype=int)


# ------------------------------------------------------------------------------------------------- frames


ENGLISH = [path for path in PATHS if not is_chinese(path)]  # the other edition runs the same code


@pytest.mark.parametrize("path", ENGLISH, ids=name_of)
def test_frames_do_not_depend_on_what_was_shown_before(path):
    rng = np.random.default_rng(20)
    for explorer in map(shown, explorers(path)):
        name = type(explorer.picture).__name__
        for step in range(4):
            for slider in explorer.sliders.values():
                if rng.random() < 0.7:
                    slider.value = rng.choice(np.array(stops(slider, 5), dtype=object))
            explorer.refresh()  # one that has grown begins anew
            if explorer.error is None:
                frame = explorer.painter.pixels().copy()
                anew = Painter(fresh(explorer.picture)).pixels()
                assert np.array_equal(frame, anew), f"{name}, step {step}: {explorer.picture!r}"
        explorer.reset()


@pytest.mark.parametrize("name", CLASSES)
def test_a_frame_is_the_whole_picture(name):
    """Drawn at once or in two layers: only where a moving line crosses a fixed one may the upper one differ."""
    picture = CLASSES[name]()
    picture.finish()
    frame = Painter(picture).pixels()[..., :3].astype(int)
    whole = full(picture)
    assert frame.shape == whole.shape
    far = (np.abs(frame - whole).max(axis=2) > 48).mean()
    assert far < 0.005, f"{far:.2%} of the pixels change when the sharp picture takes the quick one's place"


def test_a_panel_with_new_limits_is_painted_again_and_no_other():
    explorer = shown(explore())
    painted = []
    axes = explorer.picture.axes
    draw, axes.draw = axes.draw, lambda renderer: (painted.append(1), draw(renderer))
    explorer.painter.pixels()
    before = len(painted)
    explorer.sliders["base"].value = 20
    assert len(painted) == before  # only the line moved
    explorer.sliders["positions"].value = 64
    assert len(painted) == before + 1
    explorer.painter.sharp()
    painted.clear()
    explorer.sliders["base"].value = 30
    assert not painted  # the sharp picture did not spoil the background


def test_the_sharp_picture_does_not_hide_what_is_stale():
    painter = Painter(Line())
    painter.pixels()
    painter.picture.update(positions=64)
    painter.sharp()
    assert np.array_equal(painter.pixels(), Painter(Line(positions=64)).pixels())


def test_a_quick_frame_looks_like_the_picture():
    picture = Line()
    painter = Painter(picture)
    exact = painter.pixels()[..., :3].astype(int)
    quick = np.asarray(Image.open(io.BytesIO(painter.quick())), dtype=int)
    assert quick.shape == exact.shape
    assert np.abs(quick - exact).mean() < 1
    assert np.abs(quick - exact).max() < 64


def test_the_sharp_picture_is_twice_as_fine_and_lossless():
    image = Image.open(io.BytesIO(Painter(Line()).sharp()))
    assert image.format == "PNG"
    assert image.size == tuple(round(side * style.DPI * style.SHARP) for side in Line.size)
    whole = full(Line(), style.DPI * style.SHARP)
    assert (np.abs(np.asarray(image, dtype=int) - whole).max(axis=2) > 48).mean() < 0.002


def test_the_sharp_picture_has_the_shape_of_the_quick_one():
    class Odd(Line):
        size = (3.0, 4.1)  # 4.1 * 200 is a little less than 820

    painter = Painter(Odd())
    quick, sharp = [Image.open(io.BytesIO(data)).size for data in (painter.quick(), painter.sharp())]
    assert sharp == (600, 820)
    assert quick in [(300, 410), (300, 409)]  # the oldest matplotlib's own canvas cuts 409.999... to 409


def test_the_renderer_of_the_sharp_picture_is_kept():
    painter = Painter(Line())
    painter.sharp()
    first = painter._fine
    painter.picture.update(base=20.0)
    second = painter.sharp()
    assert painter._fine is first
    assert second == Painter(Line(base=20.0)).sharp()  # nothing is left of the first picture


# ------------------------------------------------------------------------------------------------- sliders


def test_sliders_stand_in_the_order_of_the_arguments_and_are_named_after_them():
    """That the series always writes them in one order is tested in test_sweep.py."""
    explorer = explore()
    assert list(explorer.sliders) == ["positions", "base", "k"]
    assert [slider.description for slider in explorer.sliders.values()] == ["positions", "base", "scale k"]
    assert list(explore(k=live.k(), base=live.whole(10, 1, 100)).sliders) == ["k", "base"]


def test_a_value_that_is_no_slider_is_held_fixed():
    explorer = explore(base=live.whole(10, 1, 100), k=2.0)
    assert list(explorer.sliders) == ["base"]
    assert explorer.picture.values == {"positions": 16, "base": 10, "k": 2.0}


def test_every_slider_is_continuous_and_shows_its_value():
    made = [live.positions(), live.dim(), live.base(), live.k(), live.pair(1, 3), live.number(1.0, 0.0, 2.0)]
    for slider in made:
        assert slider.continuous_update
        assert slider.readout
    assert [slider.value for slider in made] == [128, 64, 10_000.0, 1.0, 1, 1.0]


def test_any_slider_of_ipywidgets_will_do():
    explorer = shown(live.explore(Line, base=widgets.BoundedFloatText(20.0, min=1, max=80), k=2.0))
    assert explorer.picture.values == {"positions": 16, "base": 20.0, "k": 2.0}
    explorer.sliders["base"].value = 30.0
    assert explorer.picture.values["base"] == 30.0 and explorer.frames == 1


def test_reset_goes_back_with_one_frame():
    explorer = shown(explore())
    start = explorer.painter.pixels().copy()
    explorer.sliders["base"].value = 77
    explorer.sliders["positions"].value = 256
    assert not np.array_equal(explorer.painter.pixels(), start)
    frames = explorer.frames
    explorer.reset_button.click()
    assert explorer.picture.values == {"positions": 16, "base": 10, "k": 1.0}
    assert np.array_equal(explorer.painter.pixels(), start)
    assert explorer.frames == frames + 1


def test_a_bad_combination_explains_itself_and_the_next_good_one_clears_it():
    explorer = shown(explore())
    explorer.sliders["k"].value = 4.0
    good, frames = explorer.painter.pixels().copy(), explorer.frames
    explorer.sliders["base"].value = 95
    assert "base must be at most 90 where k &gt; 3; got base = 95" in explorer._words.things[-1].data
    assert explorer.frames == frames
    assert np.array_equal(explorer.painter.pixels(), good)
    explorer.sliders["base"].value = 50
    assert explorer._words.things[-1].data == ""
    assert explorer.frames == frames + 1
    assert explorer.error is None


def test_any_other_error_is_shown_and_raised():
    explorer = shown(explore())
    with pytest.raises(RuntimeError, match="thirteen"):
        explorer.sliders["base"].value = 13
    assert "RuntimeError: thirteen" in explorer._words.things[-1].data
    explorer.sliders["base"].value = 14
    assert explorer._words.things[-1].data == ""


def test_two_threads_move_one_picture():
    """JupyterLab sends slider messages to several threads of the kernel."""
    explorer = shown(explore())
    inside, most, update = [], [], explorer.picture.update

    def watched(**values):
        inside.append(1)
        most.append(len(inside))
        update(**values)
        explorer.picture.figure.canvas.get_renderer()
        threading.Event().wait(0.001)  # let the other thread in, if it can come in
        inside.pop()

    explorer.picture.update = watched
    errors = []

    def drag(name, values):
        try:
            for value in values:
                explorer.sliders[name].value = value
        except Exception as error:
            errors.append(error)

    drags = [("base", range(20, 60)), ("positions", live.doublings(16, 4096) * 4)]
    threads = [threading.Thread(target=drag, args=arguments) for arguments in drags]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not errors
    assert max(most) == 1
    assert explorer.picture.values == {"positions": 4096, "base": 59, "k": 1.0}
    assert np.array_equal(explorer.painter.pixels(), Painter(fresh(explorer.picture)).pixels())


def test_drawing_waits_while_another_thread_draws():
    entered, release, second = threading.Event(), threading.Event(), []

    def hold():
        with style.context():
            entered.set()
            release.wait(10)

    holder = threading.Thread(target=hold)
    holder.start()
    entered.wait(10)
    drawer = threading.Thread(target=lambda: second.append(Line().png()))
    drawer.start()
    drawer.join(0.2)
    waited = drawer.is_alive()
    release.set()
    holder.join()
    drawer.join()
    assert waited
    assert second


def test_one_sharp_picture_follows_the_last_move(monkeypatch):
    monkeypatch.setattr(live, "REST", 0.0)
    explorer = shown(explore())

    async def drag():
        for value in (20, 30, 40):
            explorer.sliders["base"].value = value
        for _ in range(200):
            await asyncio.sleep(0.005)
            if explorer._image.things[-1].format == "png":
                break
        await asyncio.sleep(0.05)

    asyncio.run(drag())
    assert [image.format for image in explorer._image.things] == ["jpeg", "jpeg", "jpeg", "png"]
    assert explorer._image.things[-1].data == Painter(Line(base=40)).sharp()


@pytest.mark.parametrize("options", [{}, {"step": 0.01}, {"high": 16}, {"low": 0.5}])
def test_doublings_of_k_lie_on_the_slider_s_steps(options):
    """JupyterLab moves a value to the nearest step, and sends it back."""
    slider = live.k(2, **options)
    for wanted in (2, 4, 8, 16):
        steps = (np.log10(wanted) - slider.min) / slider.step
        assert slider.base ** (slider.min + round(steps) * slider.step) == pytest.approx(wanted, rel=1e-9)


class Slowly(Line):
    """Three parts: the line, then one more unit of height for each part."""

    def move(self, *, base=10.0):
        super().move(base=base)
        self.parts, self.unfinished = 1, True

    def more(self):
        x, y = self.line.get_data()
        self.line.set_data(x, np.asarray(y) + 1)
        self.parts += 1
        self.unfinished = self.parts < 3


def test_an_unfinished_picture_grows_until_it_is_finished(monkeypatch):
    monkeypatch.setattr(live, "REST", 0.0)
    explorer = shown(live.explore(Slowly, base=live.whole(10, 1, 100)))

    async def drag():
        explorer.sliders["base"].value = 40
        for _ in range(200):
            await asyncio.sleep(0.005)
            if explorer._image.things[-1].format == "png":
                break

    asyncio.run(drag())
    assert [image.format for image in explorer._image.things] == ["jpeg", "jpeg", "jpeg", "png"]
    assert explorer.picture.parts == 3
    finished = Slowly(base=40)
    finished.finish()
    assert explorer._image.things[-1].data == Painter(finished).sharp()


@pytest.mark.parametrize("slow, parts", [(False, 3), (True, 1)])
def test_only_in_a_browser_a_picture_is_shown_before_it_is_finished(monkeypatch, slow, parts):
    """A saved notebook holds it whole; where a part takes seconds, nobody waits for the last to see the first."""
    later, displayed = [], []
    monkeypatch.setattr(live, "SLOW", slow)
    monkeypatch.setattr(live, "display", lambda thing, **_: displayed.append(thing))
    monkeypatch.setattr(live.Explorer, "_later", lambda self: later.append(self))
    explorer = live.explore(Slowly, base=live.whole(10, 1, 100))
    explorer._ipython_display_()
    assert explorer.picture.parts == parts
    assert later == [explorer] * slow
    assert displayed[1].data.startswith(b"\x89PNG")


def test_a_move_drops_the_rest_of_an_unfinished_picture(monkeypatch):
    monkeypatch.setattr(live, "REST", 0.0)
    explorer = shown(live.explore(Slowly, base=live.whole(10, 1, 100)))
    grown = []

    async def drag():
        more = explorer.picture.more
        explorer.picture.more = lambda: (grown.append(explorer.picture.values["base"]), more())
        for value in (20, 30, 40):  # no pause between them: no room for a part
            explorer.sliders["base"].value = value
        await asyncio.sleep(0.3)

    asyncio.run(drag())
    assert grown == [40, 40]


def test_a_part_that_cannot_be_drawn_says_why_and_stops():
    explorer = shown(live.explore(Slowly, base=live.whole(10, 1, 100)))
    explorer.picture.more = lambda: 1 / 0

    async def drag():
        loop, errors = asyncio.get_running_loop(), []
        loop.set_exception_handler(lambda _, context: errors.append(context["exception"]))
        explorer.sliders["base"].value = 40
        await asyncio.sleep(0.3)
        return errors

    errors = asyncio.run(drag())
    assert [type(error) for error in errors] == [ZeroDivisionError]
    assert isinstance(explorer.error, ZeroDivisionError)
    assert [image.format for image in explorer._image.things] == ["jpeg"]


class Choosy(Slowly):
    """Refuses a base of 13 in words, and fails at 14."""

    def move(self, *, base=10.0):
        if base == 13:
            raise ValueError("base must be anything but 13; got base = 13")
        if base == 14:
            raise RuntimeError("fourteen")
        super().move(base=base)


def test_words_of_a_refused_move_outlive_the_growth(monkeypatch):
    monkeypatch.setattr(live, "REST", 0.0)
    explorer = shown(live.explore(Choosy, base=live.whole(10, 1, 100)))

    async def drag():
        explorer.sliders["base"].value = 20
        explorer.sliders["base"].value = 13
        await asyncio.sleep(0.3)
        said = [words.data for words in explorer._words.things]
        explorer.sliders["base"].value = 30
        return said

    said = asyncio.run(drag())
    assert len(said) == 1 and "anything but 13" in said[0]
    assert explorer._image.things[-2].format == "png"  # the last good place grew to its end, and was sharpened
    assert explorer.error is None and explorer._words.things[-1].data == ""


def test_a_part_that_is_refused_stops_the_growth():
    explorer = shown(live.explore(Slowly, base=live.whole(10, 1, 100)))
    calls = []

    def more():
        calls.append(1)
        raise ValueError("parts must be better; got parts = 1")

    explorer.picture.more = more

    async def drag():
        explorer.sliders["base"].value = 40
        await asyncio.sleep(0.3)

    asyncio.run(drag())
    assert len(calls) == 1 and "must be better" in explorer._words.things[-1].data


def test_a_failed_move_stops_the_growth():
    explorer = shown(live.explore(Choosy, base=live.whole(10, 1, 100)))
    grown = []

    async def drag():
        explorer.picture.more = lambda: grown.append(1)
        explorer.sliders["base"].value = 20
        with pytest.raises(RuntimeError, match="fourteen"):
            explorer.sliders["base"].value = 14
        await asyncio.sleep(0.2)

    asyncio.run(drag())
    assert not grown


def test_a_slow_line_gets_lighter_frames(monkeypatch):
    """The page sends a move when the frame before it has arrived: so a gap is the line, or a machine with too much to do."""
    clock, asked = [100.0], []
    monkeypatch.setattr(live.time, "monotonic", lambda: clock[0])
    explorer = live.explore(Plane, m=live.whole(9, 0, 100))
    assert len(explorer.painter.quick(painter.LIGHT)) < 0.7 * len(explorer.painter.quick())
    monkeypatch.setattr(explorer.painter, "quick", lambda quality: asked.append(quality) or b"")
    for gap in (5, 0.02, 0.02, 0.02, 0.2, 0.2, 0.2, 0.3, 5, 0.2):
        clock[0] += gap
        explorer.sliders["m"].value += 1
        if gap == 0.3:
            assert explorer.gap == pytest.approx(0.2)  # the least of three: a hand may rest for a moment
    assert asked == [painter.QUALITY] * 6 + [painter.LIGHT] * 2 + [painter.QUALITY] * 2
    assert explorer.gap == 0


def test_presenting_can_be_asked_for_before(monkeypatch):
    for asked, start in (("", "no"), ("1", "yes")):
        monkeypatch.setenv(live.PRESENT, asked)
        looks = live.explore(Plane, m=live.whole(9, 0, 100)).box.children[0].value
        assert f'data-present="{start}"' in looks
    assert f'env["{live.PRESENT}"]' in (Path(live.__file__).parents[1] / "run.py").read_text(encoding="utf-8")


def test_growth_comes_after_a_pause_and_the_sharp_picture_after_a_rest(monkeypatch):
    explorer = shown(live.explore(Slowly, base=live.whole(10, 1, 100)))
    waits = []

    async def drag():
        loop = asyncio.get_running_loop()
        monkeypatch.setattr(loop, "call_later", lambda wait, *_: waits.append(wait))
        explorer.refresh()
        explorer._grow(explorer._last)
        explorer._grow(explorer._last)

    asyncio.run(drag())
    assert waits == [live.PAUSE, live.PAUSE, live.REST]


def test_growth_waits_while_another_thread_moves():
    explorer = shown(live.explore(Slowly, base=live.whole(10, 1, 100)))
    explorer.refresh()
    with explorer._lock:
        grower = threading.Thread(target=explorer._grow, args=[explorer._last])
        grower.start()
        grower.join(0.2)
        assert grower.is_alive() and explorer.picture.parts == 1
    grower.join(10)
    assert explorer.picture.parts == 2


def test_a_picture_that_cannot_grow_says_so():
    picture = Line()
    picture.unfinished = True
    with pytest.raises(TypeError, match="must write more"):
        picture.png()


def test_a_saved_picture_is_as_fine_as_it_says():
    class Coarse(Line):
        fineness = 1.6

    for made in (Line, Coarse):
        width = Image.open(io.BytesIO(made().png())).width
        assert width == round(made.size[0] * style.DPI * made.fineness)


def test_a_saved_picture_is_finished():
    picture = Slowly()
    assert picture.unfinished
    saved = picture.png()
    assert picture.parts == 3 and not picture.unfinished
    picture.update()
    picture.finish()
    assert picture.png() == saved


# ------------------------------------------------------------------------------------------------- what a picture says


def picture_of(move):
    """A picture with two axes and this move."""
    body = dict(build=lambda self: setattr(self, "two", [self.add_axes(panel=panel) for panel in self.panels(1, 2)]))
    return type("Tried", (figures.Picture,), {**body, "move": move})


def test_what_a_move_does_not_say_is_hidden_and_comes_back():
    def move(self, *, n=3):
        self.line("always", self.two[0], [0, 1], [0, n], label="always")
        if n > 2:
            self.line("often", self.two[0], [0, 1], [1, 0], label="often")
        self.legend(self.two[0])

    picture = picture_of(move)()
    often = picture["often"]
    assert often in picture.moving and often.get_visible()
    picture.update(n=1)
    assert often not in picture.moving and not often.get_visible()
    assert [text.get_text() for text in picture.two[0].get_legend().get_texts()] == ["always"]
    picture.update(n=5)
    assert often in picture.moving and often.get_visible()
    assert [text.get_text() for text in picture.two[0].get_legend().get_texts()] == ["always", "often"]
    assert list(picture["always"].get_ydata()) == [0, 5]


def test_a_legend_follows_its_looks_as_well_as_its_words():
    def move(self, *, n=3):
        self.line("line", self.two[0], [0, 1], [0, 1], label=str(n))
        self.legend(self.two[0], handlelength=1.0 if n > 9 else 3.0)

    picture, made = picture_of(move)(), picture_of(move)(n=10)
    first = picture.two[0].get_legend()
    picture.update(n=4)
    assert picture.two[0].get_legend() is first and first.get_texts()[0].get_text() == "4"
    picture.update(n=10)
    assert np.array_equal(Painter(picture).pixels(), Painter(made).pixels())


def test_only_what_differs_is_set_again():
    def move(self, *, n=3):
        self.line("line", self.two[0], [0, 1], [0, n], color="red", linewidth=n)

    picture, given = picture_of(move)(), []
    picture["line"].set = lambda **settings: given.append(settings)
    picture.update(n=4)
    picture.update(n=4)
    assert given == [{"linewidth": 4}]


def test_axes_without_a_place_get_room_and_limits_from_the_first_picture():
    def move(self, *, n=3):
        self.line("line", self.two[1], [0, 10], [0, n * 1000.0])

    picture = picture_of(move)()
    low, high = picture.two[1].get_ylim()
    assert low < 0 < 3000 < high and picture.two[1].get_xlim()[1] > 10
    assert not cut_off(Painter(picture))


@pytest.mark.parametrize("move, words", [
    (lambda self, *, n: None, "move: n needs a default"),
    (lambda self, *, n=1: [self.line("a", axes, [0, 1], [0, n]) for axes in self.two], "part 'a' is said twice"),
])  # fmt: skip
def test_a_picture_that_is_written_wrong_says_so(move, words):
    with pytest.raises(TypeError, match=words):
        picture_of(move)()


def test_a_part_that_is_not_there_is_asked_for_in_vain():
    with pytest.raises(KeyError, match="no part 'b' yet; there are 'a'"):
        picture_of(lambda self, *, n=1: self.line("a", self.two[0], [0, 1], [0, n]))()["b"]


def test_wrong_sliders_say_so():
    with pytest.raises(ValueError, match="^value must be one of 64, 128; got value = 100$"):
        live.steps(100, [64, 128])
    with pytest.raises(TypeError, match="explore needs the class, Line"):
        live.explore(Line(), base=live.whole(10, 1, 100))


def test_a_picture_goes_into_an_open_file_too():
    file = io.BytesIO()
    Line().save(file)
    assert Image.open(file).format == "PNG"


# ------------------------------------------------------------------------------------------------- what is saved


def outputs(source):
    """What a cell leaves in the saved notebook: display data, later updates put in their place."""
    with shell() as running, capture_output() as said:
        result = running.run_cell(source)
    assert result.success, said.stdout
    kept, by_id = [], {}
    for output in said._outputs:
        known = (output.get("transient") or {}).get("display_id")
        if output.get("update"):
            by_id[known].update(output)
        else:
            kept.append(output)
            by_id[known] = output
    return kept, said.stdout + said.stderr


CELL = """
from helpers import live
from helpers.figures.rope import Frequencies
live.explore(Frequencies, positions=live.positions(128), base=live.base())
"""


def test_a_saved_notebook_shows_the_picture_and_says_what_the_sliders_are():
    kept, printed = outputs(CELL)
    assert printed.strip() in ("", "Out[0]:")
    texts = [output["data"].get("text/plain") for output in kept]
    assert texts[0] == "sliders: positions, base: run this notebook in JupyterLab to drag them"
    images = [output for output in kept if "image/png" in output["data"]]
    assert len(images) == 1
    width, height = (round(side * style.DPI) for side in CLASSES["rope.Frequencies"].size)
    told = CLASSES["rope.Frequencies"]().told
    assert images[0]["metadata"]["image/png"] == {"width": width, "height": height, "alt": told} and told
    # nothing that needs a stored model to be seen
    for output in kept:
        rest = set(output["data"]) - {"application/vnd.jupyter.widget-view+json"}
        assert rest


def test_a_move_takes_the_picture_s_place():
    kept, _ = outputs(
        CELL.replace("\nlive.", "\nmade = live.")
        + "from IPython.display import display\ndisplay(made)\nmade.sliders['base'].value = 100.0"
    )
    assert [sorted(output["data"]) for output in kept[1:]] == [
        ["image/jpeg", "text/plain"],
        ["text/html", "text/plain"],
    ]


# ------------------------------------------------------------------------------------------------- words


@pytest.mark.parametrize("language", labels.LANGUAGES)
@pytest.mark.parametrize("name", CLASSES)
def test_every_picture_speaks_without_a_missing_glyph_or_a_cut_off_word(name, language):
    with no_complaints():
        style.apply(language)
        picture = CLASSES[name]()
        painter = Painter(picture)
        painter.quick()
        picture.png()
    assert not cut_off(painter)


def fields(text):
    return sorted(re.findall(r"{(\w+)", re.sub(r"\$[^$]*\$", "", text)))


@pytest.mark.parametrize("text", labels.CHINESE)
def test_every_text_says_the_same_in_both_languages(text):
    chinese = labels.CHINESE[text]
    assert text and (chinese or text == " ")  # between sentences
    assert fields(text) == fields(chinese)


def test_no_text_is_written_twice():
    written = []

    def keep(pairs):
        written.extend(key for key, value in pairs if isinstance(value, str))
        return dict(pairs)

    json.loads((ROOT / "helpers/words/zh.json").read_text(encoding="utf-8"), object_pairs_hook=keep)
    assert len(written) == len(labels.CHINESE) > 200
    assert sorted(written) == sorted(set(written))


def test_the_font_has_every_character():
    with style.context():
        font = FT2Font(str(style._FONT)).get_charmap()
    used = {letter for text in labels.CHINESE.values() for letter in text if ord(letter) > 126}
    missing = {letter for letter in used if ord(letter) not in font}
    assert not missing, f"run tools/make_font.py: {sorted(missing)}"


def sources():
    """The text of every Python file of helpers and tools but labels.py, and of every notebook's code."""
    for folder in ("helpers", "tools"):
        for path in (ROOT / folder).rglob("*.py"):
            if path.name != "labels.py":
                yield path.read_text(encoding="utf-8")
    for path in PATHS:
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
            if cell["cell_type"] == "code":
                yield "".join(cell["source"])


def test_every_translation_is_used():
    said = {*labels.SLIDERS.values(), *(method.name for method in scaling.METHODS.values())}
    for text in sources():
        said |= {node.value for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Constant)}
    unused = [text for text in labels.CHINESE if text not in said]
    assert not unused


def wordless(text):
    """Nothing to translate: no two letters stand together outside formulas and fields."""
    return not re.search(r"[^\W\d_]{2}", re.sub(r"\$[^$]*\$|{[^}]*}", "", text))


def test_every_text_that_is_said_is_translated(monkeypatch):
    """The written ones are read from the source; the others are said by the pictures and sliders of the series."""
    said = {*labels.SLIDERS.values(), *(method.name for method in scaling.METHODS.values())}
    for text in sources():
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.Call) and getattr(node.func, "attr", getattr(node.func, "id", "")) == "say":
                said |= {first.value for first in node.args[:1] if isinstance(first, ast.Constant)}

    class Recorder(dict):
        def get(self, text, default):
            said.add(text)
            return super().get(text, default)

    monkeypatch.setitem(labels.LANGUAGES, "zh", Recorder(labels.CHINESE))
    style.apply("zh")
    for made in CLASSES.values():
        made()
    assert len(said) > 150
    assert [text for text in said if text not in labels.CHINESE and not wordless(text)] == []


def test_an_unknown_text_is_shown_as_it_is_written():
    labels.use("zh")
    assert labels.say("no such text, {n}", n=3) == "no such text, 3"
    assert labels.say("cosine") != "cosine"
    labels.use("en")
    assert labels.say("cosine") == "cosine"
    assert labels.slider("dim") == "dimension d" and labels.slider("brand_new") == "brand_new"


# ------------------------------------------------------------------------------------------------- memory


def test_memory_stays_flat():
    """The short form of `benchmarks/live.py --memory`: a figure a frame would cost 3 MB each, a kept frame 2 MB."""
    command = [sys.executable, str(ROOT / "benchmarks/live.py"), "--memory", "200", "--json"]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    grown = json.loads(said)["memory"]["grown_mb"]
    assert grown < 20, f"200 updates left {grown:.1f} MB behind"


def test_a_box_for_a_text_moves_the_picture_and_is_brought_back():
    class Long(figures.Picture):
        def build(self):
            self.plot = self.add_axes()

        def move(self, *, config=""):
            if config == "no":
                raise ValueError("config must be yes; got config = 'no'")
            self.line("line", self.plot, [0, 1], [0, len(config)])

    shown = live.explore(Long, config=live.paste("paste here"))
    box = shown.sliders["config"]
    assert box.placeholder == "paste here" and box.value == "" and box.description == "your config.json"
    box.value = "four"
    assert shown.picture["line"].get_ydata()[1] == 4
    box.value = "no"
    assert "config must be yes" in str(shown.error) and shown.picture["line"].get_ydata()[1] == 4
    shown.reset()
    assert shown.error is None and shown.picture["line"].get_ydata()[1] == 0
