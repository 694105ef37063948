"""What a kernel says where Jupyter says too little: a cell that was run too early ends with a sentence that tells what to
run first. Called by IPython itself: `run.py` names this module in its settings.
"""

from pathlib import Path

from helpers import labels


def load_ipython_extension(shell):
    """Listen to the cells of a kernel. IPython calls this when the kernel starts; `helpers.live` too, for one it did not tell."""
    shell.events.register("post_run_cell", after_a_cell)


def after_a_cell(result):
    """A sentence under the traceback of a name that no cell has made yet."""
    error = result.error_in_exec
    if type(error) is not NameError:
        return
    spoken = labels.language()
    labels.use("zh" if "zh" in Path.cwd().parts[-2:] else spoken)  # the cell that chooses the language has not run either
    try:
        print(labels.say("→ No cell has made {name} yet. Choose Run > Run All Above Selected Cell, then run this cell again. "
                         "If none above makes it, look for a typing error.", name=error.name))  # fmt: skip
    finally:
        labels.use(spoken)
