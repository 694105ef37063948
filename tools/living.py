"""The notebooks executed in this process, to find every live picture that they make."""

import atexit
import contextlib
import functools
import pickle
from unittest import mock

import matplotlib
import nbformat
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output
from traitlets.config import Config

from helpers import labels, live, model
from tools.notebooks import NOTEBOOKS


@contextlib.contextmanager
def shell(folder=NOTEBOOKS):
    """An IPython shell of its own, as a notebook's kernel in `folder` has one; nothing it sets outlives the block."""
    language = labels.language()
    InteractiveShell.clear_instance()
    made = InteractiveShell.instance(config=Config(HistoryManager={"enabled": False}))
    atexit.unregister(made.atexit_operations)  # to empty every shell at the end would take half a second for each
    try:
        with contextlib.chdir(folder), matplotlib.rc_context():
            yield made
    finally:
        labels.use(language)
        InteractiveShell.clear_instance()


def _once(losses):
    """What a model says of a text, computed once: the editions ask the same, and that takes seconds."""
    known = {}

    @functools.wraps(losses)
    def ask(self, *asked, **more):
        key = self, pickle.dumps((asked, more))
        if key not in known:
            known[key] = losses(self, *asked, **more)
        return known[key].copy()

    return ask


LOSSES = _once(model.Model.losses)


# nbclient and testbook run the cells in another process, where nobody reaches a slider.
def explorers(path, around=contextlib.nullcontext, show=True):
    """[(cell number, live picture)] of the notebook at `path`, in order.

    around: makes a context for each cell. show: draw what the cells show, which takes most of the time.
    AssertionError for a cell that fails and is not tagged `raises-exception`.
    """
    found, made = [], live.Explorer.__init__

    def record(self, *args, **kwargs):
        made(self, *args, **kwargs)
        found.append((number, self))

    live.Explorer.__init__ = record
    try:
        with shell(path.parent) as running, mock.patch.object(model.Model, "losses", LOSSES):
            if not show:
                running.display_formatter.format = lambda *_, **__: ({}, {})
            for number, cell in enumerate(nbformat.read(path, 4).cells):
                if cell.cell_type != "code":
                    continue
                with capture_output() as said, around():
                    result = running.run_cell(cell.source)
                if not result.success and "raises-exception" not in cell.metadata.get("tags", ()):
                    error = result.error_before_exec or result.error_in_exec
                    raise AssertionError(f"{path.name}, cell {number}: {error!r}\n{said.stdout}") from error
    finally:
        live.Explorer.__init__ = made
    return found
