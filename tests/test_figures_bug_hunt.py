"""The picture of notebook 09 shows when and where each bug bites."""

import re

import numpy as np
import pytest

from helpers import bugs
from helpers.figures import bug_hunt as pictures


@pytest.mark.parametrize("case", range(1, 16))
def test_fingerprint_draws_errors_and_scores(case):
    picture = pictures.Fingerprint(case=case, test_len=1024)
    bug = bugs.CASES[case - 1]
    distance, right, faulty = pictures.curves(case, 1024)
    assert distance[0] == 0 and distance[-1] == 1023 and (np.diff(distance) > 0).all()
    for name, shown in (("right", right), ("faulty", faulty)):
        np.testing.assert_array_equal(picture[name].get_data(), [distance + 1, shown])
    one = bug.scores(bug.broken, np.array([1023 - 7, 1023]))  # the last query, and the key seven back
    np.testing.assert_allclose(faulty[[7, 0]], one, atol=1e-9)
    lengths, worst = picture["worst"].get_data()
    assert lengths[0] == 32 and lengths[-1] == 131072
    assert worst[list(lengths).index(1024)] == pytest.approx(np.abs(right - faulty).max())
    assert picture["here"].get_ydata()[0] == worst[list(lengths).index(1024)]
    assert bug.name in picture["name"].get_text()
    assert picture.worst.get_ylim()[1] > max(worst) and picture.scores.get_ylim()[1] > max(*right, *faulty)
    assert set(picture["trained"].get_xdata()) == {bug.trained}


GROUPS = {  # as the notebook sorts them
    "a factor": {3, 5}, "always": {1, 2, 4, 6, 12, 13, 15}, "beyond": {8, 11}, "one length": {7}, "short": {9, 10}, "slowly": {14},
}  # fmt: skip


def test_the_groups_of_the_notebook():
    found = {name: set() for name in GROUPS}
    for case, bug in enumerate(bugs.CASES, 1):
        worst = np.array([pictures.error(case, int(length)) for length in pictures.LENGTHS])
        inside = pictures.LENGTHS <= bug.trained
        _, right, faulty = pictures.curves(case, 1024)
        if abs(right[0] - faulty[0]) > 1e-6:
            found["a factor"].add(case)
        elif worst[inside].max() < 1e-6:
            found["beyond"].add(case)
        elif worst[0] < 1e-2:
            found["slowly"].add(case)
        elif worst[-1] < 1e-6:
            found["short"].add(case)
        elif worst[~inside].min() < 1e-6:
            found["one length"].add(case)
        else:
            found["always"].add(case)
    assert found == GROUPS


@pytest.mark.parametrize("case", [0, 16, 1.5, None])
def test_a_case_that_is_not_there_is_refused(case):
    with pytest.raises(ValueError, match="case must be an integer from 1 to 15; got case = "):
        pictures.Fingerprint(case=case)


def test_what_is_told():
    told = pictures.Fingerprint(case=1, test_len=1024).told
    theta = 1e4 ** (-np.arange(64) / 64)
    right, faulty = (np.cos(np.outer(np.arange(1024), one)).mean(axis=1) for one in (theta, 1 / theta))
    far, off = re.search(r"at distance (\d+), where it is farthest off, it is ([−\d.]+) and", told).groups()
    assert abs(faulty - right)[int(far)] == pytest.approx(abs(faulty - right)[:48].max()) and f"{faulty[int(far)]:.2f}" == off.replace("−", "-")
    assert "Case 1, theta_of: trained on 2,048 tokens, shown in a text of 1,024." in told
    told = pictures.Fingerprint(case=8, test_len=512).told  # right up to the trained length
    assert "0.00 in texts of 32 tokens, 0.00 at the trained length" in told and told.endswith("every score is as it should be.")
    told = pictures.Fingerprint(case=3, test_len=512).told  # a factor of 1 that is left at YaRN's, at every distance
    factor = re.search(r"The score at distance 0 is ([\d.]+) and should be 1.00", told)
    assert float(factor[1]) == pytest.approx(bugs.CASES[2].scores(bugs.CASES[2].broken, np.array([0]))[0], abs=0.005)
