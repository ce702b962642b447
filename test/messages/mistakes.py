"""Common mistakes: what a function does wrong, what its error has to show, and the edit that mends it.

Each is a function that makes a compiled function and calls it. `at` is what the caret underlines, `shows` are
texts the message must have, `edit` is a replacement in the source of the mistake, after which it has to run.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import tfc as tf


class Mistake(NamedTuple):
    """One mistake."""

    function: Callable[[], Any]
    error: type[BaseException]
    code: str
    at: str
    shows: tuple[str, ...]
    edit: tuple[str, str]


MISTAKES: list[Mistake] = []


def mistake(
    error: type[BaseException],
    code: str,
    at: str,
    *shows: str,
    edit: tuple[str, str],
) -> Callable[[Callable[[], Any]], Callable[[], Any]]:
    """Add a mistake to the table."""

    def add(function: Callable[[], Any]) -> Callable[[], Any]:
        MISTAKES.append(Mistake(function, error, code, at, shows, edit))
        return function

    return add


@mistake(
    ValueError,
    "TFC106",
    "x @ w",
    "x: float32[2, 3], w: float32[4, 3]",
    "inner sizes differ: 3 and 4",
    edit=("x @ w", "tf.matmul(x, w, transpose_b=True)"),
)
def wrong_matmul_shapes():
    @tf.function
    def f(x, w):
        return tf.nn.relu(x @ w)

    return f(tf.zeros([2, 3]), tf.zeros([4, 3]))


@mistake(
    TypeError,
    "TFC101",
    "y + n",
    "y: float32[1]",
    "n: int32[1]",
    edit=("y + n", "y + tf.cast(n, tf.float32)"),
)
def mixed_dtypes():
    @tf.function
    def f(x, n):
        y = x * 2.0
        return y + n

    return f(tf.constant([1.0]), tf.constant([1]))


@mistake(
    ValueError,
    "TFC103",
    "scaled + bias",
    "scaled: float32[3, 4]",
    "bias: float32[3]",
    edit=("scaled + bias", "scaled + bias[:, None]"),
)
def shapes_that_do_not_broadcast():
    @tf.function
    def f(images, bias):
        scaled = images / 255.0
        return scaled + bias

    return f(tf.zeros([3, 4]), tf.zeros([3]))


@mistake(
    IndexError,
    "TFC201",
    "y[i]",
    "index 5 is out of range for axis 0 of size 2",
    edit=("y[i]", "y[tf.clip_by_value(i, 0, 1)]"),
)
def index_out_of_range_at_run_time():
    @tf.function
    def f(x, i):
        y = x * 2
        return y[i] + 1

    return f(tf.constant([1.0, 2.0]), tf.constant(5))


@mistake(
    AssertionError,
    "",
    "total > 0",
    "total is -1.0",
    edit=("assert total > 0", "assert total < 0"),
)
def failing_assert():
    @tf.function
    def f(x):
        total = tf.reduce_sum(x)
        assert total > 0, f"total is {total}"
        return x / total

    return f(tf.constant([-1.0]))


@mistake(
    tf.errors.CompileError,
    "TFC002",
    "",
    "'x', float32[], is used after the compiled function 'f'",
    edit=(
        "return lambda: x + 1\n\n    return f(tf.constant(1.0))()",
        "return x + 1\n\n    return f(tf.constant(1.0))",
    ),
)
def leaked_symbolic_value():
    @tf.function
    def f(x):
        return lambda: x + 1

    return f(tf.constant(1.0))()


@mistake(
    TypeError,
    "TFC025",
    "",
    "'x'",
    "got float32[2, 4]",
    edit=("[None, 3]", "[None, 4]"),
)
def argument_that_does_not_fit_the_signature():
    @tf.function(input_signature=[tf.TensorSpec([None, 3], tf.float32)])
    def f(x):
        return x * 2

    return f(tf.zeros([2, 4]))


@mistake(
    ValueError,
    "TFC104",
    "tf.reduce_sum(x, axis=2)",
    "use an axis from -2 to 1",
    edit=("axis=2", "axis=1"),
)
def wrong_axis():
    @tf.function
    def f(x):
        return tf.reduce_sum(x, axis=2)

    return f(tf.zeros([2, 3]))


@mistake(
    ValueError,
    "TFC107",
    'tf.einsum("ij,jk->il", a, b)',
    "'l' is in no operand",
    edit=("->il", "->ik"),
)
def wrong_einsum_string():
    @tf.function
    def f(a, b):
        return tf.einsum("ij,jk->il", a, b)

    return f(tf.zeros([2, 3]), tf.zeros([3, 4]))


@mistake(
    ValueError,
    "TFC106",
    "tf.reshape(x, [4, 2])",
    "x: float32[2, 3]",
    "6 elements",
    edit=("[4, 2]", "[-1, 2]"),
)
def wrong_reshape_size():
    @tf.function
    def f(x):
        return tf.reshape(x, [4, 2])

    return f(tf.zeros([2, 3]))


@mistake(
    TypeError,
    "TFC108",
    'x + {"a": 1}',
    "the dict {'a': 1}",
    edit=('{"a": 1}', '{"a": 1}["a"]'),
)
def object_that_is_no_number():
    @tf.function
    def f(x):
        return x + {"a": 1}

    return f(tf.zeros([2]))


@mistake(
    TypeError,
    "TFC108",
    "x * mask",
    "None is used as a tensor",
    edit=("x * mask", "x if mask is None else x * mask"),
)
def none_as_a_tensor():
    @tf.function
    def f(x, mask=None):
        return x * mask

    return f(tf.constant(3.0))


@mistake(
    ValueError,
    "TFC103",
    "x[0]",
    "v: float32[4]",
    edit=("= v", "= v[:3]"),
)
def item_of_a_wrong_shape():
    @tf.function
    def f(x, v):
        x[0] = v
        return x

    return f(tf.zeros([2, 3]), tf.zeros([4]))


@mistake(
    TypeError,
    "",
    "grad * 2",
    "'NoneType' and 'int'",
    edit=("y = x * x", "tape.watch(x)\n            y = x * x"),
)
def gradient_of_what_nobody_watches():
    @tf.function
    def f(x):
        with tf.GradientTape() as tape:
            y = x * x
        grad = tape.gradient(y, x)
        return grad * 2

    return f(tf.constant(2.0))


@mistake(
    RuntimeError,
    "TFC118",
    "tape.gradient(y, x)",
    "persistent=True",
    edit=("GradientTape()", "GradientTape(persistent=True)"),
)
def gradient_asked_twice():
    @tf.function
    def f(x):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = x * x
        first = tape.gradient(x, x)
        return first + tape.gradient(y, x)

    return f(tf.constant(2.0))


@mistake(
    NameError,
    "",
    "v",
    "free variable 'v'",
    edit=("del v", "pass"),
)
def deleted_variable_is_read():
    v = tf.Variable(1.0)

    @tf.function
    def f(x):
        return x * v

    f(tf.constant(1.0))
    del v
    return f(tf.constant(1.0))


@mistake(
    TypeError,
    "",
    "add(x)",
    "missing 1 required positional argument: 'b'",
    edit=("add(x)", "add(x, x)"),
)
def call_with_too_few_arguments():
    def add(a, b):
        return a + b

    @tf.function
    def f(x):
        return add(x)

    return f(tf.constant(1.0))


@mistake(
    ZeroDivisionError,
    "TFC202",
    "x // n",
    "tf.maximum(n, 1)",
    edit=("x // n", "x // tf.maximum(n, 1)"),
)
def integer_division_by_zero():
    @tf.function
    def f(x, n):
        return x // n

    return f(tf.constant([3]), tf.constant([0]))


@mistake(
    AttributeError,
    "",
    "x.reshape",
    "fix: use tf.reshape(x, shape)",
    edit=("x.reshape(-1)", "tf.reshape(x, [-1])"),
)
def array_method_of_a_tensor():
    @tf.function
    def f(x):
        return x.reshape(-1)

    return f(tf.zeros([2, 3]))


@mistake(
    TypeError,
    "",
    "tf.reduce_sum(x, dim=1)",
    "fix: the argument is called axis",
    edit=("dim=1", "axis=1"),
)
def keyword_of_another_library():
    @tf.function
    def f(x):
        return tf.reduce_sum(x, dim=1)

    return f(tf.zeros([2, 3]))


@mistake(
    ValueError,
    "TFC206",
    "tf.linalg.cholesky(x)",
    "not positive definite",
    edit=("[2.0, 1.0]]", "[2.0, 5.0]]"),
)
def matrix_without_a_factorisation():
    @tf.function
    def f(x):
        return tf.linalg.cholesky(x)

    return f(tf.constant([[1.0, 2.0], [2.0, 1.0]]))
