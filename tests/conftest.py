"""Shared by all tests: they leave language and looks as they found them."""

import matplotlib
import pytest

from helpers import labels


@pytest.fixture(autouse=True)
def same_language_and_looks():
    language = labels.language()
    with matplotlib.rc_context():
        yield
    labels.use(language)


@pytest.fixture(scope="session")
def site(tmp_path_factory):
    """The site that `run.py site` builds, served (`tests/built.py`)."""
    from built import built

    with built(tmp_path_factory.mktemp("site")) as made:
        yield made


@pytest.fixture(scope="session")
def program():
    """A Chromium's path; without one the test is skipped, and fails where nobody would notice that it was skipped."""
    import os

    from lab import PROGRAMS, chromium

    found = chromium()
    if found is None:
        words = f"no Chromium found: install one of {', '.join(PROGRAMS)}, or set CHROMIUM to its path"
        (pytest.fail if os.environ.get("CI", "").lower() in ("true", "1") else pytest.skip)(words)
    return found


@pytest.fixture(scope="module")  # Playwright runs once at a time in a process
def browser(program):
    """A Chromium without a window."""
    from contextlib import ExitStack

    from lab import browse

    with ExitStack() as stack:
        yield browse(stack, program)
