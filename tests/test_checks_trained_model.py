"""The checkers of notebook 07 take every right answer and none of the usual wrong ones."""

import re

import numpy as np
import pytest

from helpers import model
from helpers.checks import NotYet
from helpers.checks import trained_model as check


def right(length, train_len):
    return [max(1.0, float(np.log(m + 1) / np.log(train_len))) for m in range(length)]


def test_nothing_is_asked_of_a_stub(capsys):
    check.scale_for_four(None)
    check.sharpening(lambda n, train_len: None)
    check.far_text_pays(None)
    assert capsys.readouterr().out.count("Not tried yet") == 3


@pytest.mark.parametrize("answer", [13.45, 13.5, 13.4543, np.float64(13.4), "wrong"])
def test_the_scale(answer, capsys):
    if answer == "wrong":
        for wrong, hint in (
            (4, "k = 4 reaches"),
            (13.2, "first slow pair"),
            (13.8, "first slow pair"),
            (16, "first slow pair"),
            (8.4, "first slow pair"),
            ("x", "numbers"),
            ([13.5, 1], "shape"),
        ):
            with pytest.raises(NotYet, match=hint):
                check.scale_for_four(wrong)
        return
    check.scale_for_four(answer)
    assert "✓" in capsys.readouterr().out


def test_the_factor(capsys):
    for function in (right, lambda n, train_len: np.maximum(1, np.log1p(np.arange(n)) / np.log(train_len))):
        if function is right:
            function = lambda n, train_len: right(n, train_len) if train_len > 1 else [1.0]  # noqa: E731
        check.sharpening(function)
    said = capsys.readouterr().out
    assert said.count("✓") == 2
    before, after = (float(number) for number in re.findall(r"from ([\d.]+) to ([\d.]+) past", said)[0])
    lm, tokens = model.load("rope-0"), np.resize(model.texts()[0][:128], 1025)
    for shown, more in ((before, {}), (after, {"sharpen": model.log_n(1024, 128)})):
        losses = lm.losses(tokens, **lm.stretched("ntk_aware", 8) | more)[128:]
        assert shown == pytest.approx(np.exp(losses.mean()), abs=0.006)


@pytest.mark.parametrize("wrong, hint", [
    (lambda n, train_len: np.log(np.arange(1, n + 1)) / np.log(train_len), "1 where that is less"),  # below 1
    (lambda n, train_len: np.maximum(1, np.log(np.arange(n) + 2) / np.log(train_len)), "1 where that is less"),
    (lambda n, train_len: np.maximum(1, np.log2(np.arange(1, n + 1))), "1 where that is less"),
    (lambda n, train_len: 1.2, "One factor for each"),
    (lambda n, train_len: np.full(n, np.nan), "finite"),
])  # fmt: skip
def test_a_wrong_factor(wrong, hint):
    with pytest.raises(NotYet, match=hint):
        check.sharpening(wrong)


def test_a_far_text_that_pays(capsys):
    text = model.texts()[5]
    for answer in (
        (np.resize(text[:200], 1025), "yarn", 8), (bytes(np.resize(text[:250], 1025)), "yarn", 8.0),
    ):  # fmt: skip
        check.far_text_pays(answer)
    assert capsys.readouterr().out.count("✓") == 2


@pytest.mark.parametrize("answer, hint", [
    ((model.texts()[2][:1025], "yarn", 8), "more than 128 bytes back"),
    ((np.resize(model.texts()[5][:40], 1025), "pi", 8), "more than 128 bytes back"),
    ((np.resize(model.texts()[5][:128], 1025), "yarn", 8), "not far enough away"),
    ((np.resize(model.texts()[5][:100], 1025), "yarn", 8), "not far enough away|more than 128"),
    ((np.resize(model.texts()[5][:200], 1025), "direct", 1), "more than 128 bytes back"),
    ((model.texts()[2], "yarn", 8), "1,025 bytes"),
    ((np.resize(model.texts()[5][:200], 1025), "YaRN", 8), "key of scaling.METHODS"),
    ((np.resize(model.texts()[5][:200], 1025), ["yarn"], 8), "key of scaling.METHODS"),
    ((np.resize(model.texts()[5][:200], 1025), "ntk_aware", 16), "more than 128 bytes back"),  # better, by less than half
    (("too", "short"), "three things"), ("text", "three things"),
], ids=str)  # fmt: skip
def test_a_far_text_that_does_not(answer, hint):
    with pytest.raises(NotYet, match=hint):
        check.far_text_pays(answer)
