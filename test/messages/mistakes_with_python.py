"""Common mistakes with statements, containers and libraries of Python; the table is that of `mistakes`."""

from __future__ import annotations

import calendar
import datetime
import math
import random
import time

import numpy as np
import tfc as tf

from messages.mistakes import mistake

__all__ = ["calendar", "datetime", "math", "np", "random", "time"]


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
    tf.errors.CompileError,
    "TFC001",
    "calendar.isleap(x)",
    "a truth value",
    "library code",
    edit=("calendar.isleap(x)", "x % 4 == 0 and (x % 100 != 0 or x % 400 == 0)"),
)
def tensor_as_a_bool_in_library_code():
    @tf.function
    def f(x):
        return calendar.isleap(x)

    return f(tf.constant(2000))


@mistake(
    tf.errors.CompileError,
    "TFC001",
    "np.apply_along_axis(lambda row: row.max(), 0, y)",
    "y: float32[2]",
    "fix: call it when the compiled code runs: tf.numpy_function",
    edit=("np.apply_along_axis(lambda row: row.max(), 0, y)", "tf.reduce_max(y)"),
)
def numpy_function_on_a_tensor():
    @tf.function
    def f(x):
        y = x + 1
        return np.apply_along_axis(lambda row: row.max(), 0, y)

    return f(tf.constant([3.0, 1.0]))


@mistake(
    tf.errors.CompileError,
    "TFC001",
    "[[0]] * int(x)",
    "tf.zeros",
    edit=("[[0]] * int(x)", "tf.zeros([x])"),
)
def length_known_at_run_time():
    @tf.function
    def f(x):
        return [[0]] * int(x)

    return f(tf.constant(3))


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
    "numbers of one kind",
    edit=("d = {0.5: n}", "d = {-1: n}"),
)
def dict_with_keys_of_different_kinds():
    @tf.function
    def f(n):
        d = {0.5: n}
        for i in tf.range(n):
            d[int(i)] = i
        return d

    return f(tf.constant(3))


@mistake(
    tf.errors.CompileError,
    "TFC007",
    "row[0]",
    "x = tf.constant(x)",
    edit=("row[0] = x", "row = tf.constant(row)\n        row[0] = x"),
)
def numpy_array_changed_in_place():
    a = np.zeros((2, 3), np.float32)

    @tf.function
    def f(x):
        row = a[0] if x > 0 else a[1]
        row[0] = x
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
    "calls: mistakes_with_python.py",
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
