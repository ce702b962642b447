"""Calls: the fast path and the slow one agree on every way to give arguments and to take results."""

import traceback
from typing import Any, NamedTuple

import numpy as np
import pytest
import tfc as tf

X = tf.constant([1.0, 2.0, 3.0])


def thrice(call) -> list[Any]:
    """Results of a first call, of the second, and of one that can take the fast path."""
    return [call(), call(), call()]


def test_keywords_and_defaults():
    @tf.function
    def f(x, y=2.0, *, scale=1.0):
        return x * y * scale

    assert [float(r[0]) for r in thrice(lambda: f(X))] == [2.0] * 3
    assert [float(r[0]) for r in thrice(lambda: f(X, y=3.0))] == [3.0] * 3
    assert [float(r[0]) for r in thrice(lambda: f(X, scale=4.0, y=1.0))] == [4.0] * 3
    assert [float(r[0]) for r in thrice(lambda: f(x=X))] == [2.0] * 3
    f.python_function.__defaults__ = (5.0,)
    assert [float(r[0]) for r in thrice(lambda: f(X))] == [5.0] * 3
    f.python_function.__kwdefaults__["scale"] = 2.0
    assert [float(r[0]) for r in thrice(lambda: f(X))] == [10.0] * 3


def test_positional_only_and_extra_arguments():
    @tf.function
    def f(x, /, *rest, **named):
        for item in rest:
            x = x + item
        return x * named.get("k", 1.0)

    for _ in range(3):
        assert float(f(X)[0]) == 1.0
        assert float(f(X, X)[0]) == 2.0
        assert float(f(X, X, k=2.0)[0]) == 4.0


@pytest.mark.parametrize("args, kwargs", [((), {}), ((X, X), {}), ((X,), {"z": 1})])
def test_wrong_arguments_are_pythons_own_error(args, kwargs):
    @tf.function
    def scaled(x):
        return x * 2.0

    thrice(lambda: scaled(X))
    with pytest.raises(TypeError) as plain:
        scaled.python_function(*args, **kwargs)
    with pytest.raises(TypeError) as found:
        scaled(*args, **kwargs)
    assert str(found.value) == str(plain.value)
    frames = traceback.extract_tb(found.value.__traceback__)
    assert {frame.filename for frame in frames} == {__file__}


def test_tensors_arrays_and_scalars_by_turns():
    f = tf.function(lambda x, y: x + y)
    for _ in range(3):
        for x in (X, X.numpy(), np.asfortranarray(np.ones((3, 3), np.float32))[0]):
            assert np.asarray(f(x, X)).shape == (3,)
        assert float(f(np.float32(1.0), tf.constant(2.0))) == 3.0
    assert f.trace_count == 3


def test_other_dtypes_of_one_size_are_traced_again():
    f = tf.function(lambda x: x + x)
    for _ in range(3):
        assert f(X).dtype == tf.float32
        assert f(np.array([1, 2, 3], np.int32)).tolist() == [2, 4, 6]
        assert f(np.array([2**31, 2, 3], np.uint32)).dtype == tf.uint32


def test_a_size_of_one_is_its_own_specialisation():
    f = tf.function(lambda x, y: x + y)
    for n in (2, 3, 4, 1, 4, 1):
        assert f(tf.ones([n]), tf.ones([n])).shape == (n,)


def test_rows_of_a_transposed_array():
    f = tf.function(lambda x: x * 2.0)
    array = np.arange(6, dtype=np.float32).reshape(2, 3)
    for _ in range(3):
        assert f(array.T).tolist() == (array.T * 2).tolist()
        assert f(np.ascontiguousarray(array.T)).tolist() == (array.T * 2).tolist()


class Pair(NamedTuple):
    left: Any
    right: Any


def test_structures_go_in_and_come_out():
    @tf.function
    def f(batch, flag):
        x, (y, n) = batch["x"], batch["rest"]
        return {"sum": x + y, "parts": [x * n, (y, n, flag, None)], "pair": (x, y)}

    for n in (2.0, 3.0):
        for result in thrice(lambda n=n: f({"x": X, "rest": [X, n]}, "yes")):
            assert list(result) == ["sum", "parts", "pair"]
            assert float(result["parts"][0][0]) == n
            assert result["parts"][1][1:] == (n, "yes", None)
            assert type(result["parts"][1][1]) is float
            assert isinstance(result["pair"][0], tf.Tensor)
    assert f({"rest": [X, 1.0], "x": X}, "no")["parts"][1][2] == "no"
    named = tf.function(lambda x: Pair(x, x + 1.0))
    assert all(isinstance(result, Pair) for result in thrice(lambda: named(X)))


def test_zeros_have_their_sign():
    f = tf.function(lambda x, by: x / by)
    for _ in range(2):
        assert float(f(tf.constant(1.0), 0.0)) == np.inf
        assert float(f(tf.constant(1.0), -0.0)) == -np.inf


class Layer:
    def __init__(self):
        self.w = tf.Variable([1.0, 2.0, 3.0])
        self.scale = 2.0

    def __call__(self, x):
        return x * self.w * self.scale

    @tf.function
    def step(self, x):
        self.w.assign_add(x)
        return self(x)


def test_methods_and_objects():
    layer, other = Layer(), Layer()
    compiled, bound = tf.function(layer), tf.function(other.__call__)
    for _ in range(3):
        assert compiled(X).numpy().tolist() == [2.0, 8.0, 18.0]
        assert bound(X).numpy().tolist() == [2.0, 8.0, 18.0]
    kept = layer.w.value()
    for count in range(1, 4):
        assert float(layer.step(X)[0]) == 2.0 * (1 + count)
    assert float(layer.step(x=X)[0]) == 10.0
    assert kept.numpy().tolist() == [1.0, 2.0, 3.0]
    assert other.w.numpy().tolist() == [1.0, 2.0, 3.0]


def test_a_variable_that_is_only_read_is_not_copied():
    v = tf.Variable(tf.ones([3]))
    f = tf.function(lambda x: x * v)
    held = v.value()
    thrice(lambda: f(X))
    assert v.value()._array is held._array
    v.assign_add(X)
    assert f(X).numpy().tolist() == [2.0, 6.0, 12.0]
    assert held.numpy().tolist() == [1.0, 1.0, 1.0]


def test_a_deleted_variable():
    v = tf.Variable(tf.ones([3]))
    f = tf.function(lambda x: x * v)
    thrice(lambda: f(X))
    v._array = None
    with pytest.raises(tf.errors.FailedPreconditionError, match="TFC115"):
        f(X)


def test_parameters_with_names_of_the_generated_code():
    f = tf.function(lambda tfc_call, tensor: tfc_call + tensor)
    assert [float(r[0]) for r in thrice(lambda: f(X, tensor=X))] == [2.0] * 3


def test_a_public_function_is_traced_once():
    f = tf.function(tf.exp)
    for _ in range(4):
        f(tf.constant([1.0, 2.0]))
    assert f.cache_info().misses == 1
