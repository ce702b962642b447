"""Common mistakes: what a function does wrong, what its error has to show, and the edit that mends it.

Each is a function that makes a compiled function and calls it. `at` is what the caret underlines, `shows` are
texts the message must have, `edit` is a replacement in the source of the mistake, after which it has to run.
"""

from __future__ import annotations

import bisect
import datetime
import heapq
import math
import random
import time
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import tfc as tf

__all__ = ["bisect", "datetime", "heapq", "math", "np", "random", "time"]


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


LEAKED: list[Any] = []
OUTER: dict[str, Any] = {}


class Holder:
    """An object with whatever attributes it is given."""


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
    UnboundLocalError,
    "",
    "y",
    "y is assigned on this path only",
    edit=("if x > 0:", "y = x\n        if x > 0:"),
)
def undefined_in_one_arm():
    @tf.function
    def f(x):
        if x > 0:
            y = x * 2
        return y + 1

    return f(tf.constant(-1.0))


@mistake(
    ValueError,
    "",
    "a, b",
    "too many values to unpack",
    edit=("(x, x, x)", "(x, x)"),
)
def arms_of_different_structure():
    @tf.function
    def f(x):
        if x > 0:
            out = (x, x + 1)
        else:
            out = (x, x, x)
        a, b = out
        return a + b

    return f(tf.constant(-1.0))


@mistake(
    tf.errors.CompileError,
    "TFC012",
    "tf.stack(out)",
    "'out' holds int32[] and float32[2]",
    "out.append(i)",
    "out.append(tf.zeros([2]))",
    edit=("tf.zeros([2])", "-i"),
)
def mixed_list():
    @tf.function
    def f(n):
        out = []
        for i in tf.range(n):
            if i % 2 == 0:
                out.append(i)
            else:
                out.append(tf.zeros([2]))
        return tf.stack(out)

    return f(tf.constant(3))


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
    RecursionError,
    "",
    "f(n - 1)",
    edit=("n * f(n - 1)", "tf.reduce_prod(tf.range(1, n + 1))"),
)
def endless_recursion():
    @tf.function
    def f(n):
        return n * f(n - 1)

    return f(3)


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
    tf.errors.CompileError,
    "TFC001",
    "bisect.bisect([1, 2, 3], x)",
    "a truth value",
    "library code",
    edit=("bisect.bisect([1, 2, 3], x)", "tf.searchsorted([1, 2, 3], [x])"),
)
def tensor_as_a_bool_in_library_code():
    @tf.function
    def f(x):
        return bisect.bisect([1, 2, 3], x)

    return f(tf.constant(2))


@mistake(
    tf.errors.CompileError,
    "TFC001",
    "np.argsort(y)",
    "y: float32[2]",
    "fix: use tf.argsort",
    edit=("np.argsort(y)", "tf.argsort(y)"),
)
def numpy_function_on_a_tensor():
    @tf.function
    def f(x):
        y = x + 1
        return np.argsort(y)

    return f(tf.constant([3.0, 1.0]))


@mistake(
    tf.errors.CompileError,
    "TFC001",
    "x.numpy()",
    "'x' (int32[])",
    edit=("x.numpy() + 1", "x + 1"),
)
def numpy_method_of_a_tensor():
    @tf.function
    def f(x):
        return x.numpy() + 1

    return f(tf.constant(3))


@mistake(
    tf.errors.CompileError,
    "TFC001",
    "[0] * int(x)",
    "tf.zeros",
    edit=("[0] * int(x)", "tf.zeros([x])"),
)
def length_known_at_run_time():
    @tf.function
    def f(x):
        return [0] * int(x)

    return f(tf.constant(3))


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
    tf.errors.CompileError,
    "TFC012",
    "for i in tf.range(n):",
    "s = 0",
    "s = (s, i)",
    "append to a list",
    edit=("s = (s, i)", "s = s + i"),
)
def mixed_types_of_a_loop_variable():
    @tf.function
    def f(n):
        s = 0
        for i in tf.range(n):
            s = (s, i)
        return s

    return f(tf.constant(3))


@mistake(
    tf.errors.CompileError,
    "TFC011",
    "random.random()",
    "tf.random.uniform([])",
    edit=("random.random()", "tf.random.uniform([])"),
)
def python_random_numbers():
    @tf.function
    def f(x):
        return x + random.random()

    return f(tf.constant(3.0))


@mistake(
    tf.errors.CompileError,
    "TFC011",
    "np.random.rand(3)",
    "tf.random",
    edit=("np.random.rand(3)", "tf.random.uniform([3])"),
)
def numpy_random_numbers():
    @tf.function
    def f(x):
        return x + np.random.rand(3)

    return f(tf.constant(3.0))


@mistake(
    tf.errors.CompileError,
    "TFC011",
    "time.time()",
    "take the time outside",
    edit=("time.time()", "1.0"),
)
def the_clock():
    @tf.function
    def f(x):
        return x + time.time()

    return f(tf.constant(3.0))


@mistake(
    tf.errors.CompileError,
    "TFC011",
    "datetime.datetime.now()",
    "take the time outside",
    edit=("datetime.datetime.now().second", "1"),
)
def the_date():
    @tf.function
    def f(x):
        return x + datetime.datetime.now().second

    return f(tf.constant(3))


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
    TypeError,
    "TFC114",
    "{x: 1}",
    "x.ref()",
    edit=("{x: 1}", "{x.ref(): 1}"),
)
def unhashable_key():
    @tf.function
    def f(x):
        d = {x: 1}
        return len(d)

    return f(tf.constant(3))


@mistake(
    AttributeError,
    "",
    "x.lower",
    "'Tensor' object has no attribute 'lower'",
    edit=("x.lower()", "x"),
)
def string_method_of_a_tensor():
    @tf.function
    def f(x):
        return x.lower()

    return f(tf.constant(3))


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
    TypeError,
    "TFC111",
    "x > 0",
    "tf.reduce_any(x)",
    edit=("if x > 0:", "if tf.reduce_all(x > 0):"),
)
def condition_on_many_elements():
    @tf.function
    def f(x):
        if x > 0:
            return x
        return -x

    return f(tf.constant([3.0, 1.0]))


@mistake(
    TypeError,
    "TFC113",
    "x",
    "tf.reshape(x, [1])",
    edit=("in x:", "in tf.reshape(x, [1]):"),
)
def loop_over_a_scalar():
    @tf.function
    def f(x):
        total = 0.0
        for item in x:
            total += item
        return total

    return f(tf.constant(3.0))


@mistake(
    tf.errors.CompileError,
    "TFC009",
    "d[int(i)]",
    "numbers, or tuples of numbers of one length",
    edit=('d = {"n": n}', "d = {-1: n}"),
)
def dict_with_keys_of_different_kinds():
    @tf.function
    def f(n):
        d = {"n": n}
        for i in tf.range(n):
            d[int(i)] = i
        return d

    return f(tf.constant(3))


@mistake(
    tf.errors.CompileError,
    "TFC007",
    "a[0]",
    "x = tf.constant(x)",
    edit=("a[0] = x", "b = tf.constant(a)\n        b[0] = x"),
)
def numpy_array_changed_in_place():
    a = np.zeros(3, np.float32)

    @tf.function
    def f(x):
        a[0] = x
        return x

    return f(tf.constant(1.0))


@mistake(
    ValueError,
    "",
    "math.sqrt(x)",
    "math domain error",
    edit=("math.sqrt(x)", "math.sqrt(abs(x))"),
)
def root_of_a_negative_number():
    @tf.function
    def f(x):
        return math.sqrt(x)

    return f(-1.0)


@mistake(
    KeyError,
    "",
    'batch["lables"]',
    "'lables'",
    edit=("lables", "labels"),
)
def misspelled_key():
    @tf.function
    def f(batch):
        return batch["lables"] + 1

    return f({"labels": tf.constant(3.0)})


@mistake(
    ValueError,
    "TFC106",
    "x @ x",
    "calls: mistakes.py",
    edit=("zeros([3, 4])", "zeros([3, 3])"),
)
def mistake_in_a_function_that_is_called():
    @tf.function
    def square(x):
        return x @ x

    @tf.function
    def f(x):
        return square(x) + 1

    return f(tf.zeros([3, 4]))


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


@mistake(
    ValueError,
    "",
    'raise ValueError(f"bad {x}")',
    "bad 7.0",
    edit=("x > 0", "x < 0"),
)
def error_of_ones_own():
    @tf.function
    def f(x):
        if x > 0:
            raise ValueError(f"bad {x}")
        return x

    return f(tf.constant(7.0))


@mistake(
    tf.errors.CompileError,
    "TFC021",
    "",
    "'f' is traced again",
    edit=("f(2)", "f(tf.constant([2]))"),
)
def traced_again():
    @tf.function(on_retrace="error")
    def f(x):
        return x

    f(tf.constant([1]))
    return f(2)
