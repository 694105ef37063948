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
