"""The pictures of notebook 06 show what the kernel and the number formats say."""

import re

import numpy as np
import pytest

from helpers import kernels, precision, rope, scaling
from helpers.figures import every_method as pictures


def learned(cosine, target, steps):
    return kernels.learned(kernels.tangent_kernel(cosine), target, steps)


def test_learning_draws_what_a_network_has_learned():
    picture = pictures.Learning(steps=300.0, k=8.0, method="pi")
    pos = np.arange(128)
    target = np.sin(2 * np.pi * pos / 64) + np.sin(2 * np.pi * pos / 8)
    np.testing.assert_allclose(picture.target, target)
    cosines = {
        "raw": kernels.raw_cosine(128, 128),
        "direct": kernels.feature_cosine(128, rope.frequencies(128)),
        "pi": kernels.feature_cosine(128, rope.frequencies(128) / 8),
    }
    for key, cosine in cosines.items():
        x, y = picture["curve", key].get_data()
        assert list(x) == list(pos)
        np.testing.assert_allclose(y, learned(cosine, target, 300.0), atol=1e-8)


def test_learning_tells_how_much_of_each_wave_is_learned():
    """Of a wave as it goes through all its phases: the mean over two of them, a quarter apart."""
    picture = pictures.Learning(steps=300.0, k=8.0, method="ntk_aware")
    cosine = kernels.feature_cosine(128, scaling.ntk_aware(128, 1e4, 8))
    wavelengths, shown = picture["speed", "ntk_aware"].get_data()
    for at in (3, 40, 90):
        waves = [f(2 * np.pi * np.arange(128) / wavelengths[at]) for f in (np.cos, np.sin)]
        parts = [wave @ learned(cosine, wave, 300.0) for wave in waves]
        assert shown[at] == pytest.approx(100 * sum(parts) / sum(wave @ wave for wave in waves), rel=1e-6)


def test_fast_waves_are_late_as_one_number_and_under_pi_but_not_under_ntk():
    picture = pictures.Learning(steps=300.0, k=8.0, method="pi")

    def at_eight(key):
        x, y = picture["speed", key].get_data()
        return float(np.interp(8, x, y))

    assert at_eight("raw") < 5 and at_eight("pi") < 10 < 40 < at_eight("direct")
    picture.update(method="ntk_aware")
    assert at_eight("ntk_aware") > 0.5 * at_eight("direct")
    words = [text.get_text() for text in picture.speed.get_legend().get_texts()]
    assert words == ["told as one number", "direct", "NTK-aware"]
    picture.update(method="direct")
    assert len(picture.speed.get_legend().get_texts()) == 2
    with pytest.raises(ValueError, match="^method must be one of direct, pi, ntk_aware; got method = 'yarn'$"):
        picture.update(method="yarn")


@pytest.mark.parametrize("method", ["direct", "pi", "ntk_aware"])
@pytest.mark.parametrize("apart", [1, 16, 64, 128])
def test_distinct_counts_the_rows_of_each_format(method, apart):
    picture = pictures.Distinct(apart=apart, method=method)
    theta = scaling.frequencies(method, 128, 1e4, 1e6, 2048, 2048e6)
    ours = pictures.Distinct(apart=apart)  # the notebook has buttons for no method: the lines are the same
    for form in precision.FORMATS:
        x, y = picture[form].get_data()
        assert list(x) == [*(2**power for power in range(31)), 2_048_000_000]
        assert y[0] == 32 and picture[form].get_marker() not in ("", "None")  # lines alone would look like data
        assert list(y) == list(ours[form].get_ydata())
        for at in (0, 8, 11, 24, 30, 31):
            rows = precision.rows(x[at] + apart * np.arange(32), theta, form)
            assert y[at] == len(np.unique(np.nan_to_num(rows), axis=0)), (form, at)
    lost = 2.0**24 * apart  # from 2^31 on, past two billion, at 128 apart
    assert picture["float64"].get_ydata().min() == 32
    x, y = picture["float32"].get_data()
    assert (y[x < lost] == 32).all() and (y[x >= lost] < 32).all()
    with pytest.raises(ValueError, match="^apart must be .*got apart = 0$"):
        picture.update(apart=0)


def test_distinct_near_two_billion():
    """The last points stand on the upright line; float32 needs 128 tokens there, and not 64."""
    picture = pictures.Distinct()
    assert set(picture.claimed.get_xdata()) == {picture["float32"].get_xdata()[-1]} == {2_048_000_000}
    assert np.spacing(np.float32(2_048_000_000)) == 128
    last = []
    for apart in (1, 64, 128):
        picture.update(apart=apart)
        last.append(int(picture["float32"].get_ydata()[-1]))
    assert last == [1, 17, 32]
    names = [text.get_text() for text in picture.plot.get_xticklabels()]
    assert {"256", "2,048", "65,536", "$2^{24}$"} <= set(names)  # where the formats end


def test_distinct_float16_ends_where_its_numbers_do():
    for apart in (16, 32, 64, 1024):
        rows = pictures.Distinct(apart=apart)["float16"].get_ydata()
        assert int(np.argmax(rows < 32)) == (15 if apart == 16 else 16)
    bfloat16 = [pictures.Distinct(apart=apart)["bfloat16"].get_ydata() for apart in (256, 512)]
    assert [int(np.argmax(rows < 32)) for rows in bfloat16] == [16, 17]


def test_what_is_told_of_learning():
    told = pictures.Learning(steps=300.0, k=8.0, method="ntk_aware").told
    shares = {"told as one number": kernels.raw_cosine(128, 128), "direct": kernels.feature_cosine(128, rope.frequencies(128)),
              "NTK-aware": kernels.feature_cosine(128, scaling.ntk_aware(128, 1e4, 8))}  # fmt: skip
    for name, cosine in shares.items():
        waves = [f(2 * np.pi * np.arange(128) / 8) for f in (np.cos, np.sin)]
        share = 100 * np.mean([wave @ learned(cosine, wave, 300.0) / (wave @ wave) for wave in waves])
        slow, fast = map(int, re.search(rf"{name} (\d+) % and (\d+) %", told).groups())
        assert fast == pytest.approx(share, abs=0.51) and slow >= fast
    assert "NTK-aware is used with k = 8." in told
    assert "k = " not in pictures.Learning(method="direct").told  # it does not matter there


def test_what_is_told_of_distinct_rows():
    told = pictures.Distinct(apart=1).told
    ends = {form: 2**bits for form, bits in (("float32", 24), ("float16", 11), ("bfloat16", 8))}
    assert "float64 none; " + "; ".join(f"{form} {end:,}" for form, end in ends.items()) + "." in told
    told = pictures.Distinct(apart=64).told
    assert told.endswith("From two billion on: float64 32; float32 17; float16 1; bfloat16 1.")  # 63.5 · 32 / 128, and one
