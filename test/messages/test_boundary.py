"""Exceptions that leave public functions, methods and operators have no frame of the library in their tracebacks."""

import inspect
import operator
import pickle
import traceback
from collections.abc import Callable, Iterator
from types import FunctionType, ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import pytest
import tfc as tf
from tfc.core.boundary import inside


def public_functions(module: Any, path: str, seen: set[int]) -> Iterator[tuple[str, FunctionType]]:
    """Every public function under its first name."""
    seen.add(id(module))
    for name in vars(module).get("__all__") or vars(module):
        value = vars(module)[name]
        if isinstance(value, FunctionType) and id(value) not in seen:
            seen.add(id(value))
            yield f"{path}.{name}", value
        elif isinstance(value, ModuleType | SimpleNamespace) and id(value) not in seen:
            yield from public_functions(value, f"{path}.{name}", seen)


FUNCTIONS = dict(public_functions(tf, "tf", set()))

SETTERS = {
    "tf.config.experimental_run_functions_eagerly",
    "tf.random.experimental.set_global_generator",
}
"""What takes anything, and keeps it."""


class Wrong:
    """What no function takes: it has no length, no numbers, and cannot be called."""

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(name)


def wrong_call(function: Callable[..., Any]) -> Callable[[], Any]:
    """A call with something wrong for each parameter that has to be given."""
    parameters = inspect.signature(function).parameters.values()
    needed = [
        p
        for p in parameters
        if p.default is p.empty and p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)
    ]
    return lambda: function(*[Wrong() for _ in needed])


def frames_of(call: Callable[[], Any]) -> list[str] | None:
    """The files of the traceback that a failing call leaves."""
    try:
        call()
    except Exception as error:
        assert error.__traceback__ is not None
        return [frame.filename for frame in traceback.extract_tb(error.__traceback__)]
    return None


def is_shown(file: str) -> bool:
    return "/tfc/" not in file and "/frontend/" not in file and "/dialects/" not in file


def check(call: Callable[[], Any]) -> bool:
    """Whether the call failed; if so, with frames of this file or a library only."""
    files = frames_of(call)
    if files is None:
        return False
    hidden = [file for file in files if not is_shown(file)]
    assert not hidden, hidden
    assert files[0] == __file__
    return True


def test_public_functions():
    names = FUNCTIONS.keys() - SETTERS
    failing = {name for name in names if check(wrong_call(FUNCTIONS[name]))}
    assert len(failing) > 300, sorted(names - failing)


@pytest.mark.parametrize("with_tape", [False, True])
def test_wrong_shapes(with_tape: bool):
    x, y = tf.ones([2, 3]), tf.ones([4])
    calls: list[Callable[[], Any]] = [
        lambda: tf.reduce_sum(x, axis=5),
        lambda: tf.concat([x, y], 0),
        lambda: tf.nn.conv2d(x, y, 1, "SAME"),
        lambda: tf.einsum("ij,k->q", x, y),
        lambda: tf.gather(y, [7]),
        lambda: tf.linalg.cholesky(x),
        lambda: y[9],
        lambda: tf.Variable(y).assign(x),
        lambda: tf.Variable(y).assign_add(x),
        lambda: tf.random.Generator.from_seed(1).normal([-1]),
        lambda: tf.map_fn(lambda row: row + y, x),
        lambda: tf.add(x),  # pyright: ignore[reportCallIssue]
        lambda: x.astype(int),
        lambda: tf.function(lambda a: a @ a)(x),
        lambda: tf.function(lambda a: a[int(a.shape[1]) + 5])(x),
    ]
    with tf.GradientTape() if with_tape else tf.name_scope("n"):
        for number, call in enumerate(calls):
            assert check(call), number


OPERATORS = [
    operator.add, operator.sub, operator.mul, operator.truediv, operator.floordiv, operator.mod, operator.pow,
    operator.matmul, operator.lt, operator.ge, operator.and_, operator.lshift,
]  # fmt: skip


@pytest.mark.parametrize("apply", OPERATORS, ids=lambda apply: apply.__name__)
@pytest.mark.parametrize("make", [tf.constant, tf.Variable])
def test_operators(apply: Callable[..., Any], make: Callable[..., Any]):
    x = make(np.ones((2, 3), np.float32))
    assert check(lambda: apply(x, tf.ones([4])))
    assert check(lambda: apply(tf.ones([4]), x))


def test_tapes():
    with tf.GradientTape() as tape:
        y = tf.Variable(1.0) * 2.0
    tape.gradient(y, y)
    assert check(lambda: tape.gradient(y, y))
    assert check(lambda: tf.GradientTape().watch(3))


def user_code(x: Any) -> Any:
    return x + tf.ones([9])


def test_frames_of_user_code_stay():
    with pytest.raises(ValueError) as found:
        tf.map_fn(user_code, tf.ones([2, 3]))
    names = [frame.name for frame in traceback.extract_tb(found.value.__traceback__)]
    assert names == ["test_frames_of_user_code_stay", "user_code"]


def test_full_tracebacks(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("TFC_TRACEBACK", "full")
    files = frames_of(lambda: tf.ones([2]) + tf.ones([3]))
    assert files is not None
    assert not all(map(is_shown, files))


def test_public_functions_look_like_themselves():
    assert tf.math.add is tf.add
    assert list(inspect.signature(tf.reduce_sum).parameters) == [
        "input_tensor",
        "axis",
        "keepdims",
        "name",
    ]
    assert tf.add.__doc__
    assert inspect.getsourcefile(inside(tf.add)).endswith("ops/arithmetic.py")
    for name, function in FUNCTIONS.items():
        if not name.startswith(("tf.nn.experimental", "tf.random.experimental")):
            assert pickle.loads(pickle.dumps(function)) is function, name


VECTOR, SQUARE = tf.ones([3]), tf.ones([3, 3])
NAMED: dict[str, Callable[[], Any]] = {
    "matvec: inner sizes differ": lambda: tf.linalg.matvec(SQUARE, tf.ones([4])),
    "elu: expected a floating-point dtype": lambda: tf.nn.elu(tf.constant([1])),
    "norm: axis 4 is out of range": lambda: tf.norm(SQUARE, axis=4),
    "tensor_scatter_nd_add: expected updates": lambda: tf.tensor_scatter_nd_add(
        VECTOR, [[1]], VECTOR
    ),
    "matmul: operands must have rank 2": lambda: tf.map_fn(lambda row: tf.matmul(row, row), SQUARE),
    "add: shapes do not broadcast": lambda: tf.map_fn(lambda row: row + tf.ones([7]), SQUARE),
    "cholesky: the matrix is not": lambda: tf.linalg.lstsq(tf.zeros([2, 2]), tf.ones([2, 1])),
}


@pytest.mark.parametrize("text", NAMED)
@pytest.mark.parametrize("compiled", [False, True])
def test_an_error_speaks_of_the_function_that_was_called(text: str, compiled: bool):
    with pytest.raises(tf.errors.InvalidArgumentError) as caught:
        tf.function(NAMED[text])() if compiled else NAMED[text]()
    lines = str(caught.value).splitlines()
    assert lines[0].startswith(text)
    assert not any("control_flow.py" in line for line in lines)


def test_a_function_without_source_is_no_library():
    scope: dict[str, Any] = {"tf": tf}
    exec("".join(["choose = ", "lambda x: x if x > 0 else -x"]), scope)  # a text that nothing keeps
    with pytest.raises(tf.errors.CompileError, match="has no source to be read") as caught:
        tf.function(lambda x: tf.cond(x > 1, lambda: scope["choose"](x), lambda: x))(VECTOR[0])
    assert caught.value.fix == "define the function in a file"
