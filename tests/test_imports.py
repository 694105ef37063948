"""Who may import whom in helpers/, read from the source and not from a running program.

Level 0 knows words, colours and argument checks. Level 1 computes and knows no display. Level 2 draws, moves
and checks exercises: pictures know no sliders; sliders know no pictures and no mathematics. PyTorch has no
place here.
"""

import ast
import functools
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
HELPERS = ROOT / "helpers"

LEVEL_0 = {"helpers.style", "helpers.labels", "helpers.valid"}
LEVEL_1 = {"helpers.encodings", "helpers.rope", "helpers.scaling", "helpers.digits", "helpers.published",
           "helpers.model", "helpers.kernels", "helpers.precision", "helpers.configs", "helpers.bugs"}

# module, or package with everything below it: what it may import beside the standard library
MAY = {
    "helpers": set(),
    "helpers.valid": {"numpy"},
    "helpers.labels": set(),
    "helpers.hints": {"helpers.labels"},
    "helpers.server": {"jupyter_server"},
    "helpers.style": {"matplotlib", "helpers.labels"},
    "helpers.published": set(),
    "helpers.encodings": {"numpy", "helpers.valid"},
    "helpers.rope": {"numpy", "helpers.valid"},
    "helpers.digits": {"numpy", "helpers.valid"},
    "helpers.kernels": {"numpy", "helpers.valid"},
    "helpers.precision": {"numpy", "helpers.valid"},
    "helpers.scaling": {"numpy", "helpers.valid", "helpers.rope"},
    "helpers.model": {"numpy", "helpers.valid", "helpers.encodings", "helpers.rope", "helpers.scaling"},
    "helpers.configs": {"numpy", "helpers.valid", "helpers.labels", "helpers.rope", "helpers.scaling"},
    "helpers.bugs": {"numpy", "helpers.precision", "helpers.rope", "helpers.scaling"},
    "helpers.figures": {"numpy", "matplotlib", "PIL", "helpers.figures"} | LEVEL_0 | LEVEL_1,
    "helpers.painter": {"numpy", "matplotlib", "PIL", "helpers.labels", "helpers.style"},
    "helpers.worker": {"helpers.painter", "helpers.style"},
    "helpers.live": {"ipywidgets", "IPython", "helpers.painter", "helpers.hints"} | LEVEL_0,
    "helpers.checks": {"numpy", "helpers.labels", "helpers.valid", "helpers.checks"} | LEVEL_1,
}


def room_of(module):
    """The entry of MAY that a module falls under: its own, or its package's. None if it has no room."""
    package = module.rpartition(".")[0]
    return module if module in MAY else package if package in ("helpers.figures", "helpers.checks") else None


def imported(source, module, modules, package):
    """Every module that the source imports, in full: at the top, inside functions, relative, or by name."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                parts = module.split(".") if package else module.split(".")[:-1]
                base = ".".join(parts[:len(parts) - node.level + 1] + ([base] if base else []))
            for alias in node.names:
                full = f"{base}.{alias.name}"
                yield full if full in modules or base == "helpers" else base
        elif isinstance(node, ast.Call):
            called = getattr(node.func, "attr", getattr(node.func, "id", ""))
            if called in ("import_module", "__import__"):
                yield f"{called}()"


def allowed(name, room):
    if name.split(".")[0] in sys.stdlib_module_names:
        return True
    return any(name == entry or name.startswith(entry + ".") for entry in MAY[room])


@functools.cache
def found():
    """{module: (path, is it a package)} for every Python file under helpers/."""
    modules = {}
    for path in sorted(HELPERS.rglob("*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        package = parts[-1] == "__init__"
        modules[".".join(parts[:-1] if package else parts)] = (path, package)
    return modules


def complaints(source, module, modules, package=False):
    room = room_of(module)
    if room is None:
        return [f"{module} has no room: add it to the table and to this test"]
    return [f"{module} must not import {name}" for name in imported(source, module, modules, package)
            if not allowed(name, room)]


def test_every_module_is_read():
    """So that an empty folder cannot pass."""
    packages = {"helpers", "helpers.figures", "helpers.checks", "helpers.painter", "helpers.worker", "helpers.live"}
    assert packages | LEVEL_0 | LEVEL_1 <= set(found())


@pytest.mark.parametrize("module", found())
def test_imports_go_one_way(module):
    path, package = found()[module]
    assert complaints(path.read_text(encoding="utf-8"), module, found(), package) == []


@pytest.mark.parametrize("module, source, refused", [
    ("helpers.rope", "import matplotlib.pyplot as plt", "matplotlib.pyplot"),
    ("helpers.rope", "from helpers import scaling", "helpers.scaling"),
    ("helpers.rope", "from helpers import brand_new", "helpers.brand_new"),
    ("helpers.rope", "from . import scaling", "helpers.scaling"),
    ("helpers.rope", "from .scaling import yarn", "helpers.scaling"),
    ("helpers.rope", "import helpers.scaling", "helpers.scaling"),
    ("helpers.rope", "def f():\n    import torch", "torch"),
    ("helpers.rope", "from torch.nn import functional", "torch.nn"),
    ("helpers.rope", "import importlib\nimportlib.import_module('torch')", "import_module()"),
    ("helpers.rope", "__import__('torch')", "__import__()"),
    ("helpers.encodings", "from helpers import rope", "helpers.rope"),
    ("helpers.scaling", "from helpers.style import COLOURS", "helpers.style"),
    ("helpers.labels", "import numpy", "numpy"),
    ("helpers.live", "from helpers import rope", "helpers.rope"),
    ("helpers.live", "from helpers.figures.rope import Frequencies", "helpers.figures.rope"),
    ("helpers.figures.rope", "import ipywidgets", "ipywidgets"),
    ("helpers.painter", "import ipywidgets", "ipywidgets"),
    ("helpers.painter", "from helpers import figures", "helpers.figures"),
    ("helpers.worker", "from helpers import live", "helpers.live"),
    ("helpers.live", "import matplotlib", "matplotlib"),
    ("helpers.figures.rope", "from helpers import live", "helpers.live"),
    ("helpers.figures.rope", "from ..checks import core", "helpers.checks"),
    ("helpers.checks.rope", "from helpers.figures import rope", "helpers.figures.rope"),
    ("helpers.checks.rope", "from IPython.display import display", "IPython.display"),
])
def test_a_wrong_direction_is_seen(module, source, refused):
    assert complaints(source, module, found()) == [f"{module} must not import {refused}"]


@pytest.mark.parametrize("module, source", [
    ("helpers.scaling", "import math\nimport numpy as np\nfrom helpers import rope, valid"),
    ("helpers.figures.rope", "from matplotlib.figure import Figure\nfrom helpers.figures import Picture"),
    ("helpers.checks.rope", "from helpers import rope\nfrom . import expect"),
])
def test_a_right_direction_passes(module, source):
    assert complaints(source, module, found()) == []


def test_a_module_without_a_room_is_seen():
    assert complaints("", "helpers.extra", found()) == [
        "helpers.extra has no room: add it to the table and to this test"]


def test_computing_loads_no_display_at_all():
    """The other witness: a fresh Python that imports all of level 1."""
    code = (f"import {', '.join(sorted(set(found()) & LEVEL_1))}, sys\n"
            "print([m for m in ('matplotlib', 'ipywidgets', 'IPython', 'torch', 'PIL') if m in sys.modules])")
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert (done.returncode, done.stdout.strip(), done.stderr) == (0, "[]", "")
