"""What a function assigned before an exception stays assigned after it, compiled as eagerly."""

import os

import numpy as np
import pytest
import tfc as tf
from tfc.core.settings import SETTINGS

EXECUTION = os.environ.get("TFC_TEST_EXECUTION", "reference")


class World:
    """What the functions change."""

    def __init__(self):
        self.variable = tf.Variable([1.0, 2.0])
        self.items = [0.0]
        self.entries = {"a": 0.0}
        self.number = 0
        self.members = {1}
        self.counts = {1: 0.0}


def variable_before_assert(w, x):
    w.variable.assign_add([x, x])
    assert x < 0, "positive"
    w.variable.assign([9.0, 9.0])


def everything_before_raise(w, x):
    w.items.append(x)
    w.entries["b"] = x * 2
    w.number += 1
    w.members.add(5)
    if x > 0:
        raise ValueError("positive")
    w.items.append(x)


def loop(w, x):
    for i in tf.range(10):
        assert float(i) < x, "too far"
        w.items.append(i)
        w.variable.assign_add([1.0, 0.0])
        w.number = i


def index_out_of_range(w, x):
    values = tf.constant([1.0, 2.0])
    w.number = x
    w.variable[0].assign(x)
    w.items.append(values[int(x)])


def key_is_missing(w, x):
    w.counts[int(x)] = 5.0
    w.variable.assign([x, x])
    return w.counts[int(x) + 1]


def division_by_zero(w, x):
    w.items.append(x)
    w.number = 10 // int(x - 3)


def in_a_helper(w, x):
    def check(y):
        w.number += 2
        if y > 2:
            w.items.append(y)
            raise KeyError("k")

    check(x - 2)
    check(x)


def always(w, x):
    w.items.append(x)
    w.variable.assign([x, x])
    raise ValueError("always")


def caught(w, x):
    try:
        w.number = 1
        assert x < 0
    except AssertionError:
        w.items.append(x)
    w.variable.assign([x, 0.0])
    assert x < 1


def does_not_fail(w, x):
    w.number = 3
    assert x > 0
    w.items.append(x)


FUNCTIONS = [
    variable_before_assert, everything_before_raise, loop, index_out_of_range, key_is_missing,
    division_by_zero, in_a_helper, always, caught, does_not_fail,
]  # fmt: skip


def state_after(function, world, x):
    error = None
    for _ in range(2):
        try:
            function(world, x)
        except Exception as caught_error:
            error = type(caught_error)
    return error, {
        name: value.numpy() if isinstance(value, tf.Variable) else value
        for name, value in vars(world).items()
    }


def plain(value):
    """A value with numbers for tensors."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return value if isinstance(value, set) else np.asarray(value).tolist()


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda function: function.__name__)
@pytest.mark.parametrize("make", [float, tf.constant], ids=["number", "tensor"])
def test_state_is_that_of_eager_mode(function, make, monkeypatch):
    monkeypatch.setattr(SETTINGS, "execution", EXECUTION)
    eager = state_after(function, World(), make(3.0))
    compiled = state_after(tf.function(function), World(), make(3.0))
    assert eager[0] is compiled[0]
    assert plain(eager[1]) == plain(compiled[1])


def test_a_refused_function_leaves_nothing():
    outer = []

    @tf.function
    def refused(x):
        outer.append(x)
        return np.apply_along_axis(lambda row: row.max(), 0, x)

    with pytest.raises(tf.errors.CompileError):
        refused(tf.constant([1.0]))
    assert outer == []
