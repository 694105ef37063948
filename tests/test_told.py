"""Every picture says in words what it shows, in both languages: its alternative text, made from what it drew."""

import re
from importlib import import_module
from pathlib import Path

import pytest
from series import PATHS, name_of, numbered, speaking

from helpers import labels
from helpers.figures import Beside, Picture

MODULES = sorted(path.stem for path in Path(import_module("helpers.figures").__path__[0]).glob("[a-z]*.py"))
CLASSES = [
    made
    for stem in MODULES
    for made in vars(import_module(f"helpers.figures.{stem}")).values()
    if isinstance(made, type) and issubclass(made, Picture) and made.__module__.endswith(stem) and "move" in vars(made)
]
CJK = re.compile("[\u4e00-\u9fff]")


@pytest.fixture
def language(request):
    labels.use(request.param)
    yield request.param
    labels.use("en")


@pytest.mark.parametrize("language", labels.LANGUAGES, indirect=True)
@pytest.mark.parametrize("made", CLASSES, ids=lambda made: f"{made.__module__.rpartition('.')[2]}.{made.__name__}")
def test_a_picture_says_what_it_shows(made, language):
    picture = made()
    picture.finish()
    told = picture.told
    assert 40 * (language == "en") + 15 < len(told) < 700, told
    assert told.rstrip()[-1] in ".。", told
    assert not re.search(r"[{}$\\]|nan\b|inf\b", told), told  # no formula's source, no field left open
    if language == "zh":
        assert CJK.search(told) and not re.search(r"[a-z]{3,} [a-z]{3,} [a-z]{3,}", told), told


@pytest.mark.parametrize("path", PATHS, ids=name_of)
def test_every_slider_changes_what_is_told(path):
    """One end of each slider and the other: the words follow. A text that is read has a slider of its own."""
    with speaking(path):
        for _, explorer in numbered(path):
            for name, slider in explorer.sliders.items():
                values = getattr(slider, "options", None)
                if values:
                    ends = [value[1] if isinstance(value, tuple) else value for value in (values[0], values[-1])]
                elif hasattr(slider, "min") and not hasattr(slider, "base"):
                    ends = [slider.min, slider.max]
                else:
                    continue
                told = set()
                for end in ends:
                    try:
                        explorer.picture.update(**{name: end})
                    except ValueError:  # not at the others' places: the start in its stead
                        explorer.picture.update(**explorer.start)
                    explorer.picture.finish()
                    told.add(explorer.picture.told)
                explorer.picture.update(**explorer.start)
                assert len(told) != 1 or len(ends) == 1, (type(explorer.picture).__name__, name, told)


def test_side_by_side_pictures_are_told_one_after_the_other():
    from helpers.figures.start_here import Clocks

    both = Beside(Clocks, {"pos": 100}, {"pos": 4000, "k": 8.0})
    for setting, picture in zip(("position m = 100: ", "position m = 4,000, scale k = 8: "), both.pictures, strict=True):
        assert setting + picture.told in both.told


def test_a_refused_move_keeps_the_words():
    from helpers.figures.start_here import Clocks

    picture = Clocks(pos=600)
    before = picture.told
    with pytest.raises(ValueError):
        picture.update(k=0.5)
    assert picture.told == before


def test_what_is_told_is_saved_with_the_picture():
    from helpers.figures.start_here import Clocks

    picture = Clocks(pos=600)
    assert picture._repr_mimebundle_()[1]["image/png"]["alt"] == picture.told
