"""Every public function refuses every bad argument: a ValueError names it, what is allowed, and the value.

The table below holds one good call per function. A bad value comes in for one argument at a time.
A new function or argument that is missing here fails the test.
"""

import inspect
import math
import re
from pathlib import Path

import numpy as np
import pytest

from helpers import digits, encodings, kernels, model, precision, rope, scaling

NAN, INF = math.nan, math.inf
NOT_A_NUMBER = [None, "8", True, 1j, [4], object()]

EVEN = [0, -2, 7, 8.0, NAN, INF, 10**400 + 1, *NOT_A_NUMBER]
ABOVE_ONE = [1, 1.0, 0, -3, 0.5, NAN, INF, -INF, 10**400, np.array([2.0, 3.0]), *NOT_A_NUMBER]
AT_LEAST_ONE = [0.999, 0, -1, NAN, INF, *NOT_A_NUMBER]
POSITIVE = [0, -1.0, NAN, INF, *NOT_A_NUMBER]
ONE_NUMBER = [NAN, INF, -INF, None, "8", True, 1j, [1, 2]]
COUNT = [0, -1, 2.0, NAN, *NOT_A_NUMBER]
NUMBERS = [NAN, INF, [0, NAN], [[1, 2], [3, -INF]], None, "8", True, [True], 1j, [[1], [2, 3]],
           [None], {}, [10**400]]
THETA = [[], [[0.1, 0.2]], 0.5, [0.0], [1, -1], [1, NAN], [INF], None, "x", [True], [1j], [[1], [2, 3]]]
VECTOR = [1.0, [], [1], [1, 2, 3], [[1, 2]], [1, NAN], [INF, 1], None, "x", [1j, 2], [True, False]]
POSITIONS = [2**53, -(2.0**53), [0, 2**53 + 1], np.array([0, 2e16]), np.float16(3), [np.float16(3)], np.zeros(2, "f2"),
             *NUMBERS]
SEED = [-1, 0.5, None, "0", True]
FROM_ZERO = [-1, [0, -0.5], *NUMBERS]

CIS = rope.cis(np.arange(3), rope.frequencies(4))
X = np.zeros((3, 4), np.float32)
READ_ONLY = X.copy()
READ_ONLY.flags.writeable = False
PAIRS = [0.5, [], [1, 2, 3], np.zeros((2, 0)), None]

COMMON = {"dim": EVEN, "base": ABOVE_ONE, "k": AT_LEAST_ONE, "train_len": POSITIVE, "test_len": POSITIVE,
          "length": POSITIVE, "theta": THETA, "distance": POSITIONS, "pos": POSITIONS, "n": FROM_ZERO}

LM, LEARNED = model.load("rope-0"), model.load("learned-0")
with np.load(model.FOLDER / "rope-0.npz") as file:
    WEIGHTS = {name: file[name] for name in file.files if name != "shape"}
BYTES = [[], 5, [[1, 2]], [0.5, 1], [-1, 3], [3, 256], "text", None, [[1], [2, 3]], np.zeros(model.LONGEST + 2, int)]
THETA_16 = [np.ones(15), *THETA]
SHARPEN = [0, -1, NAN, [1, 2, 0], [1, 2], [[1, 2, 3]], None, "x", True]
WINDOW = [0, -1, 2.0, "x", True]
RUN = {"self": LM, "tokens": [1, 2, 3, 4], "theta": None, "sharpen": 1.0, "window": None}
BAD_RUN = {"tokens": BYTES, "theta": [value for value in THETA_16 if value is not None], "sharpen": SHARPEN, "window": WINDOW}
FOLDER = ["no such folder", 3, b"x", None]

# function: (good arguments, bad values where they differ from COMMON)
TABLE = {
    model.Model: ({"weights": WEIGHTS, "shape": LM.shape},
                  {"weights": [{}, None, WEIGHTS | {"table": np.zeros((128, 128))}, WEIGHTS | {"norm": np.zeros(3)}],
                   "shape": [{}, None, "x", {"position": "rope"}]}),
    model.Model.stretched: ({"self": LM, "method": "yarn", "k": 2, "test_len": None, "fast": None},
                            {"method": ["longrope", "PI", None, 3], "test_len": [0, NAN, "x"], "fast": [1, 0, NAN, "x", True]}),
    model.Model.with_rows: ({"self": LEARNED, "rows": "last", "length": 130},
                            {"rows": ["stop", None, 3], "length": [127, 130.0, None]}),
    model.Model.logits: (RUN, BAD_RUN),
    model.Model.losses: (RUN, BAD_RUN | {"tokens": [[1], *BYTES]}),
    model.Model.reading: (RUN | {"piece": 2}, BAD_RUN | {"tokens": [[1], *BYTES], "piece": [0, -1, 2.0, "x", True]}),
    model.Model.attention: ({"self": LM, "tokens": [1, 2, 3, 4], "layer": 0, "theta": None, "sharpen": 1.0, "window": None}, BAD_RUN | {"layer": [4, -1, 0.5, None]}),
    model.Model.query_key: ({"self": LM, "layer": 0}, {"layer": [4, -1, 0.5, None]}),
    model.log_n: ({"n": 4, "train_len": 2}, {"n": COUNT, "train_len": ABOVE_ONE}),
    model.break_point: ({"losses": [0, 1], "reference": [0, 0], "nats": 0.4},
                        {"losses": [[], 1.0, [[1]], [0, NAN], None], "reference": [[0], [0, INF], None], "nats": POSITIVE}),
    model.tokens: ({"text": "text", "at_least": 2, "at_most": 9},
                   {"text": ["x", "0123456789", 3, None, b"\xff\xff", b"a\0", Path("no such file"), Path(__file__)],
                    "at_least": [0, 1.5, None], "at_most": [1, 9.5, None]}),
    model.load: ({"name": "rope-0", "folder": model.FOLDER}, {"name": ["rope", None, "../x"], "folder": FOLDER}),
    model.texts: ({"folder": model.FOLDER}, {"folder": FOLDER}),
    model.measured: ({"name": "race", "folder": model.FOLDER}, {"name": ["other", None], "folder": FOLDER}),
    rope.frequencies: ({"dim": 8, "base": 1e4}, {}),
    rope.wavelengths: ({"theta": [1, 0.1]}, {}),
    rope.turns: ({"theta": [1, 0.1], "train_len": 8}, {}),
    rope.first_unfinished_pair: ({"theta": [1, 0.1], "train_len": 8}, {}),
    rope.unseen: ({"angle": [[0, 1], [2, 3]], "theta": [1, 0.1], "train_len": 8},
                  {"angle": [0.5, [], [1, 2, 3], [[1], [2]], *NUMBERS]}),
    rope.angles: ({"pos": [0, 1], "theta": [1, 0.1]}, {}),
    rope.cis: ({"pos": [0, 1], "theta": [1, 0.1], "dtype": np.complex64},
               {"dtype": [np.float64, ">c8", "what", None, 3]}),
    rope.rotate: ({"x": X, "cis": CIS, "out": X.copy()},
                  {"x": [X.astype("f2"), X.astype("i8"), X.astype("c8"), X.astype(">f4"), X[:, :3], X[:, :0],
                         np.float32(1), None, "x", [1, 2]],
                   "cis": [CIS.real, CIS.astype("c8")[:2], CIS[:, :1], CIS[None, :, :, None], CIS[0, 0], None,
                           "x", np.stack([CIS, CIS])],
                   "out": [X.astype("f8"), X[:2].copy(), [0.0], READ_ONLY, np.zeros((3, 8), "f4")[:, ::2],
                           "x", np.broadcast_to(X[0], X.shape)]}),
    rope.rotate_part: ({"x": X, "cis": CIS[:, :1]},
                       {"x": [X.astype("f2"), X[:, :3], np.float32(1), None, "x"],
                        "cis": [CIS.real[:, :1], CIS[:, :0], np.hstack([CIS, CIS]), CIS[0, 0], CIS[:2, :1], None]}),
    rope.interleaved_to_half: ({"x": X}, {"x": PAIRS}),
    rope.half_to_interleaved: ({"x": X}, {"x": PAIRS}),
    rope.score_curve: ({"q": [1, 2], "k": [3, 4], "distance": [0, 1], "theta": [1]},
                       {"q": VECTOR, "k": VECTOR}),
    rope.fit_scores: ({"distance": [0, 1], "score": [1, 0.5], "theta": [1, 0.1], "ridge": 0.1},
                      {"distance": [0.5, [[1], [2]], *POSITIONS], "score": [0.5, [1, 2, 3], *NUMBERS], "ridge": POSITIVE}),
    rope.mean_cos: ({"distance": [0, 1], "theta": [1, 0.1]}, {}),
    rope.decay_bound: ({"distance": [0, 1], "theta": [1, 0.1]}, {}),
    rope.rotation_matrix: ({"angle": 1.0}, {"angle": NUMBERS}),
    rope.block_rotation: ({"pos": 1.0, "theta": [1, 0.1]}, {"pos": ONE_NUMBER}),
    encodings.sinusoidal: ({"pos": [0, 1], "dim": 8, "base": 1e4}, {}),
    encodings.shift_matrix: ({"lag": 1, "dim": 8, "base": 1e4}, {"lag": ONE_NUMBER}),
    encodings.shift_inner_product: ({"lag": [0, 1], "dim": 8, "base": 1e4}, {"lag": NUMBERS}),
    encodings.lag_share: ({"scores": np.eye(3), "causal": False},
                          {"scores": [1.0, [], [1, 2], np.zeros((2, 3)), np.ones((2, 2)), [[NAN, 1], [0, 1]], None, "x"],
                           "causal": [0, 1, None, "yes"]}),
    encodings.LearnedTable: ({"max_len": 4, "dim": 3, "rng": 0, "scale": 0.02},
                             {"max_len": COUNT, "dim": COUNT, "rng": SEED, "scale": POSITIVE}),
    encodings.LearnedTable.look_up: ({"self": encodings.LearnedTable(4, 3), "pos": [0, 3]},
                                     {"pos": [4, -1, [0, 4], 1.0, [0.5], 2**64 - 1, *NUMBERS]}),
    encodings.LearnedTable.add: ({"self": encodings.LearnedTable(4, 3), "x": np.zeros((2, 3)), "pos": [0, 3]},
                                 {"x": [np.zeros(3), np.zeros((2, 4)), np.zeros(()), [[NAN, 1, 2]] * 2, None],
                                  "pos": [4, [0, 4], [0], [0, 1, 2], [[0, 1]], 1.0, "x"]}),
    scaling.frequencies: ({"method": "pi", "dim": 8, "base": 1e4, "k": 2, "train_len": 8, "test_len": 16},
                          {"method": ["longrope", "PI", None, 3]}),
    scaling.interpolate: ({"dim": 8, "base": 1e4, "k": 2}, {}),
    scaling.interpolation_base: ({"dim": 8, "base": 1e4, "k": 2}, {}),
    scaling.ntk_base: ({"dim": 8, "base": 1e4, "k": 2}, {"dim": [2, *EVEN], "k": [1e300, *AT_LEAST_ONE]}),
    scaling.ntk_aware: ({"dim": 8, "base": 1e4, "k": 2}, {"dim": [2, *EVEN], "k": [1e300, *AT_LEAST_ONE]}),
    scaling.base_times_k: ({"dim": 8, "base": 1e4, "k": 2}, {"k": [1.7e308, *AT_LEAST_ONE]}),
    scaling.ntk_fixed: ({"dim": 8, "base": 1e4, "k": 2}, {}),
    scaling.ntk_mixed: ({"dim": 8, "base": 1e4, "k": 2, "b": 0.625}, {"b": [-1, NAN, INF, *NOT_A_NUMBER]}),
    kernels.tangent_kernel: ({"cosine": [0.5, 1]}, {"cosine": [1.1, [0, -1.1], *NUMBERS]}),
    kernels.raw_cosine: ({"n": 3, "length": 8}, {"n": COUNT}),
    kernels.feature_cosine: ({"n": 3, "theta": [1, 0.1]}, {"n": COUNT}),
    kernels.learned: ({"kernel": np.eye(2), "target": [1, 2], "steps": 3},
                      {"kernel": [1.0, [1, 2], [[1, 2], [3, 4]], np.eye(3)[:2], NAN, None, "x"],
                       "target": [1.0, [1], [1, 2, 3], NAN, None], "steps": [-1, NAN, INF, *NOT_A_NUMBER]}),
    precision.rounded: ({"x": [1, 2], "form": "float16"}, {"x": NUMBERS, "form": ["half", None, 16]}),
    precision.rows: ({"pos": [1, 2], "theta": [1, 0.1], "form": "bfloat16"},
                     {"pos": [1.0, [[1, 2]], *NUMBERS], "form": ["half", None, 16]}),
    precision.different_rows: ({"pos": [1, 2], "theta": [1, 0.1], "form": "float32"},
                               {"pos": [1.0, [], *NUMBERS], "form": ["half", None, 16]}),
    scaling.dynamic_ntk: ({"dim": 8, "base": 1e4, "k": 2, "train_len": 8, "length": 9}, {"dim": [2, *EVEN]}),
    scaling.dynamic_ntk_paper: ({"dim": 8, "base": 1e4, "train_len": 8, "length": 9}, {"dim": [2, *EVEN]}),
    scaling.ntk_by_parts: ({"dim": 8, "base": 1e4, "k": 2, "train_len": 8, "alpha": 1, "beta": 32},
                           {"alpha": POSITIVE, "beta": [1, 0.5, *POSITIVE]}),
    scaling.llama3: ({"dim": 8, "base": 1e4, "k": 2, "train_len": 8, "low": 1, "high": 4},
                     {"low": POSITIVE, "high": [1, 0.5, *POSITIVE]}),
    scaling.yarn: ({"dim": 8, "base": 1e4, "k": 2, "train_len": 8, "beta_fast": 32, "beta_slow": 1,
                    "truncate": True},
                   {"beta_slow": POSITIVE, "beta_fast": [0.999, 0.5, *POSITIVE], "truncate": [1, None, "yes"]}),
    scaling.yarn_attention_factor: ({"k": 2, "mscale": 1, "mscale_all_dim": 1},
                                    {"mscale": POSITIVE, "mscale_all_dim": [bad for bad in POSITIVE if bad is not None]}),
    scaling.longrope: ({"dim": 4, "base": 1e4, "factors": [1, 2]}, {"factors": [[1], [1, 2, 3], *THETA]}),
    scaling.longrope_attention_factor: ({"k": 2, "train_len": 8}, {"train_len": ABOVE_ONE}),
    scaling.effective_length: ({"dim": 8, "base": 1e4, "k": 2, "train_len": 8}, {"dim": [2, *EVEN]}),
    scaling.ntk_scale_for_length: ({"dim": 8, "base": 1e4, "train_len": 8, "test_len": 16},
                                   {"dim": [2, *EVEN]}),
    scaling.worst_overshoot: ({"theta_scaled": [1, 0.1], "theta": [1, 0.1], "train_len": 8, "test_len": 16},
                              {"theta_scaled": [[1], [1, 2, 3], *THETA]}),
    scaling.unseen_share: ({"theta_scaled": [1, 0.1], "theta": [1, 0.1], "train_len": 8, "test_len": 16},
                           {"theta_scaled": [[1], [1, 2, 3], *THETA]}),
    scaling.neighbour_distance: ({"theta": [1, 0.1]}, {}),
    digits.digits: ({"n": [1, 2], "beta": 10, "count": 3},
                    {"n": [1000, 1e9, *FROM_ZERO], "beta": [1, *COUNT], "count": COUNT}),
    digits.interpolated: ({"n": [1, 2], "beta": 10, "count": 3, "k": 2},
                          {"n": [2000, *FROM_ZERO], "beta": [1, *COUNT], "count": COUNT}),
    digits.value: ({"digits": [1, 2], "beta": 10}, {"digits": [1, [], -1, *FROM_ZERO], "beta": ABOVE_ONE}),
    digits.digit: ({"n": [1, 2], "m": 1, "beta": 10},
                   {"n": [2**53, *FROM_ZERO], "m": COUNT, "beta": ABOVE_ONE}),
    digits.smallest_base: ({"limit": 2000, "count": 3}, {"limit": COUNT, "count": COUNT}),
    digits.beta_of_rope: ({"dim": 8, "base": 1e4}, {}),
}


def name_of(function):
    return f"{function.__module__.removeprefix('helpers.')}.{function.__qualname__}"


def public(module):
    """Functions and classes that a module defines, and the methods of its classes."""
    for name, thing in vars(module).items():
        own = callable(thing) and getattr(thing, "__module__", None) == module.__name__
        if name.startswith("_") or not own or thing is scaling.Method:  # Method is a record, not an entrance
            continue
        yield thing
        if inspect.isclass(thing):
            yield from (method for key, method in vars(thing).items() if not key.startswith("_"))


CASES = [pytest.param(function, name, own.get(name) or COMMON[name], id=f"{name_of(function)}-{name}")
         for function, (good, own) in TABLE.items() for name in good if name != "self"]


def test_the_table_knows_every_public_function_and_argument():
    everything = {thing for module in (rope, encodings, scaling, digits, model, kernels, precision) for thing in public(module)}
    assert {name_of(f) for f in TABLE} == {name_of(f) for f in everything}
    for function, (good, _) in TABLE.items():
        assert list(good) == list(inspect.signature(function).parameters), name_of(function)


@pytest.mark.parametrize("function", TABLE, ids=name_of)
def test_the_good_call_works(function):
    function(**TABLE[function][0])


@pytest.mark.parametrize("function, name, bad_values", CASES)
def test_a_bad_argument_is_refused_by_name(function, name, bad_values):
    for bad in bad_values:
        try:
            result = function(**TABLE[function][0] | {name: bad})
        except ValueError as error:
            message = str(error)
        else:
            pytest.fail(f"{name} = {bad!r} was taken, and gave {result!r}")
        assert re.match(rf"{name} must .+; got {name}[\[. ]", message), message
        assert len(message) < 300 and "\n" not in message
        if type(bad) in (int, float) and abs(bad) < 1e300 and "shape" not in message:
            assert message.endswith(f" = {bad!r}"), message


@pytest.mark.parametrize("call, message", [
    (lambda: rope.frequencies(7), "dim must be a positive even integer; got dim = 7"),
    (lambda: rope.frequencies(8, 1), "base must be a finite number greater than 1; got base = 1"),
    (lambda: scaling.interpolate(8, 1e4, 0.5), "k must be a finite number of at least 1; got k = 0.5"),
    (lambda: scaling.ntk_aware(2, 1e4, 2), "dim must be an even integer of at least 4 here, "
                                           "because dim / (dim - 2) divides by zero at 2; got dim = 2"),
    (lambda: rope.angles([0, 1, NAN, INF], [1.0]), "pos must be finite real numbers; got pos[2] = nan"),
    (lambda: rope.cis([0, 2**53 + 1], [1.0]),
     "pos must be numbers between -2^53 and 2^53, which float64 can tell apart; got pos[1] = 9007199254740993"),
    (lambda: rope.angles(np.arange(2050, dtype=np.float16), [1.0]),
     "pos must not be float16 (convert first: float16 cannot write 2049); got pos.dtype = float16"),
    (lambda: scaling.llama3(8, 1e4, 2, 8192, low=4, high=4),
     "high must be a finite number greater than low = 4; got high = 4"),
    (lambda: rope.rotate(X.astype("f2"), CIS),
     "x must be float32 or float64 (convert first); got x.dtype = float16"),
    (lambda: rope.rotate(X, CIS[:2]),
     "cis must have shape (n, dim/2) and broadcast to (3, 2); got cis.shape = (2, 2)"),
    (lambda: encodings.LearnedTable(4, 3).look_up([3, 4]),
     "pos must be integers from 0 to 3; got pos[1] = 4"),
])
def test_messages_a_student_may_meet(call, message):
    with pytest.raises(ValueError) as caught:
        call()
    assert str(caught.value) == message


@pytest.mark.parametrize("method", [m for m in scaling.METHODS.values()], ids=lambda m: m.key)
def test_methods_of_the_registry_refuse_too(method):
    call = {"dim": 8, "base": 1e4, "k": 2.0, "train_len": 8, "test_len": 16}
    if method.needs:
        call["factors"] = np.ones(4)
    method.frequencies(**call)
    with pytest.raises(ValueError, match="^dim must"):
        method.frequencies(**call | {"dim": 7})
    with pytest.raises(ValueError, match="^base must"):
        method.frequencies(**call | {"base": 1.0})
