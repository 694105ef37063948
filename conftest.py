"""How the tests are run: side by side, and with the pictures of the notebooks.

`python3 run.py test` starts several workers (pytest-xdist). Each is given whole units: tests that share what takes long
to make, so that it is made once. Without workers (`-n 0`) the same units follow each other.

nbval executes each notebook and compares its words, but skips its pictures: they are compared here, from the same run.
"""

import gc
import os
import re

gc.set_threshold(10_000, 20, 50)  # rarer: a worker holds millions of things that are no garbage
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as run.py does; before NumPy is there

import pytest
from nbval.plugin import IPyNbCell
from xdist.scheduler import LoadScopeScheduling

# What begins first, so that no worker is left with one of them at the end. The rest follows as pytest finds it. While the
# site is built there is work for one processor; what often waits (for JupyterLab to try again) comes after that.
FIRST = ("the site", "pictures of 07", "tests/test_trials.py", "tests/test_browser.py")


def unit(nodeid):
    """What a test belongs to: the site, built once; the pictures of a notebook in both languages; else its file."""
    if re.match(r"tests/test_(access|present|site_lite|site_read)\.py", nodeid):
        return "the site"
    if moved := re.match(r"tests/test_(?:colours|live|sweep|teaching|told)\.py::.+\[(?:zh/)?(\d\d)_", nodeid):
        return f"pictures of {moved[1]}"
    return nodeid.partition("::")[0]


class Units(LoadScopeScheduling):
    def _split_scope(self, nodeid):
        return unit(nodeid)


def pytest_xdist_make_scheduler(config, log):
    config.option.loadscopereorder = False
    return Units(config, log)


def pytest_collection_modifyitems(items):
    places = {}
    for item in items:
        name = unit(item.nodeid)
        if "site" in getattr(item, "fixturenames", ()) and name != "the site":
            raise pytest.UsageError(f"{item.nodeid} opens the site: name its file in `unit` of conftest.py")
        places.setdefault(name, FIRST.index(name) if name in FIRST else len(FIRST) + len(places))
    items.sort(key=lambda item: places[unit(item.nodeid)])


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item):
    yield
    if isinstance(item, IPyNbCell):
        from tools.notebooks import output_differences

        if found := output_differences(item.cell.outputs, item.test_outputs):
            meant = f"If the change is meant: python3 run.py notebooks {item.path.stem}"
            pytest.fail("\n".join([*found, meant]), pytrace=False)
