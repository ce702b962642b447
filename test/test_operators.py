"""Python's operators on tensors and variables, eagerly and compiled, against NumPy."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import tfc as tf

FLOATS = np.array([1.5, -2.0, 3.25], np.float32)
INTS = np.array([7, -8, 3], np.int32)
BOOLS = np.array([True, False, True])

BINARY = [
    (operator.add, FLOATS, 2.5),
    (operator.sub, FLOATS, 2.5),
    (operator.mul, INTS, 3),
    (operator.truediv, FLOATS, 4.0),
    (operator.truediv, INTS, 2),
    (operator.floordiv, INTS, 2),
    (operator.mod, INTS, 3),
    (operator.mod, FLOATS, 2.0),
    (operator.pow, INTS, 2),
    (operator.and_, INTS, 6),
    (operator.or_, INTS, 6),
    (operator.xor, INTS, 6),
    (operator.and_, BOOLS, True),
    (operator.or_, BOOLS, False),
    (operator.xor, BOOLS, True),
    (operator.lshift, INTS, 2),
    (operator.rshift, INTS, 1),
    (operator.lt, FLOATS, 1.5),
    (operator.le, FLOATS, 1.5),
    (operator.gt, INTS, 3),
    (operator.ge, INTS, 3),
    (operator.eq, INTS, 3),
    (operator.ne, INTS, 3),
]
REFLECTED = [
    (operator.add, FLOATS, 2.5),
    (operator.sub, INTS, 100),
    (operator.truediv, FLOATS, 4.0),
    (operator.floordiv, INTS, 100),
    (operator.mod, INTS, 100),
    (operator.pow, FLOATS, 2.0),
    (operator.lt, INTS, 3),
    (operator.and_, BOOLS, True),
]
UNARY = [
    (operator.neg, FLOATS),
    (operator.pos, INTS),
    (operator.abs, INTS),
    (operator.invert, INTS),
    (operator.invert, BOOLS),
    (round, FLOATS),
]
MODES: list[Callable[..., Any]] = [lambda f: f, tf.function]


def assert_same(got: Any, expected: Any) -> None:
    assert isinstance(got, tf.Tensor)
    np.testing.assert_allclose(got.numpy(), expected, rtol=1e-6)
    assert got.numpy().dtype == expected.dtype


@pytest.mark.parametrize("mode", MODES, ids=["eager", "compiled"])
@pytest.mark.parametrize(("function", "array", "number"), BINARY)
def test_binary(function: Any, array: Any, number: Any, mode: Any):
    expected = function(array, array.dtype.type(number))
    assert_same(mode(lambda x: function(x, number))(tf.constant(array)), expected)
    other = tf.constant(np.full(3, number, array.dtype))
    assert_same(mode(lambda x: function(x, other))(tf.constant(array)), expected)


@pytest.mark.parametrize("mode", MODES, ids=["eager", "compiled"])
@pytest.mark.parametrize(("function", "array", "number"), REFLECTED)
def test_reflected(function: Any, array: Any, number: Any, mode: Any):
    expected = function(array.dtype.type(number), array)
    assert_same(mode(lambda x: function(number, x))(tf.constant(array)), expected)


@pytest.mark.parametrize("mode", MODES, ids=["eager", "compiled"])
@pytest.mark.parametrize(("function", "array"), UNARY)
def test_unary(function: Any, array: Any, mode: Any):
    expected = np.rint(array) if function is round else function(array)
    call = lambda x: function(x)  # noqa: E731, PLW0108
    assert_same(mode(call)(tf.constant(array)), expected)


@pytest.mark.parametrize(
    ("function", "array", "number"), [row for row in BINARY if row[0] is not operator.pow]
)
def test_array_on_the_left(function: Any, array: Any, number: Any):
    left = np.full(3, number, array.dtype)
    assert_same(function(left, tf.constant(array)), function(left, array))


def test_divmod():
    quotient, rest = divmod(tf.constant(INTS), 3)
    assert_same(quotient, INTS // 3)
    assert_same(rest, INTS % 3)


def test_variable():
    v = tf.Variable(FLOATS)
    assert_same(v + 1.0, FLOATS + 1)
    assert_same(2.0 * v, 2 * FLOATS)
    assert_same(-v, -FLOATS)
    assert_same(v * v, FLOATS * FLOATS)


def test_equality_with_what_is_no_tensor():
    x = tf.constant([1, 2])
    assert (x == None) is False  # noqa: E711
    assert (x != None) is True  # noqa: E711
    assert x != "text"
    assert (x == tf.constant([1, 2, 3])).numpy() == False  # noqa: E712


def test_no_promotion():
    with pytest.raises(TypeError, match="TFC101"):
        tf.constant([1]) + tf.constant([1.0])
    with pytest.raises(TypeError, match="TFC108"):
        tf.constant([1]) + 1.5


def test_numbers_keep_the_dtype():
    assert (tf.constant([1], tf.int8) + 100).dtype == tf.int8
    assert (tf.constant([1.0], tf.float16) * 2).dtype == tf.float16
    with pytest.raises(TypeError, match="300 does not fit into int8"):
        tf.constant([1], tf.int8) + 300


def test_integer_division_by_zero():
    for function in (lambda x: 1 // x, lambda x: x % 0):
        for mode in MODES:
            with pytest.raises(ZeroDivisionError, match="integer division by zero"):
                mode(function)(tf.constant([0, 1]))


def test_negative_power_of_an_integer():
    for mode in MODES:
        with pytest.raises(ValueError, match="negative power"):
            mode(lambda x, y: x**y)(tf.constant([2]), tf.constant([-1]))


def test_round_to_digits():
    assert_same(round(tf.constant(FLOATS), 1), np.round(FLOATS, 1))
