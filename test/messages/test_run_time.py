"""Errors of compiled code speak of the function that was called and give an edit; those of memory say how much."""

import functools

import numpy as np
import pytest
import tfc as tf


@functools.cache
def compiled(function):
    """Compiled, with sizes of run time."""
    return tf.function(function)


def product(x, y):
    return tf.einsum("ij,jk->ik", x, y)


PROGRAMS = {
    "fill": lambda n: tf.fill(tf.stack([n, n]), 1.0),
    "tile": lambda n: tf.tile(tf.ones(4), tf.stack([n])),
    "pad": lambda n: tf.pad(tf.ones(4), tf.stack([tf.stack([n, n])])),
    "one_hot": lambda n: tf.one_hot([1], n),
    "zeros": lambda n: tf.zeros(tf.stack([n])),
    "top_k": lambda n: tf.math.top_k(tf.ones(4), n).values,
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_negative_sizes_name_the_function_and_an_edit(name: str):
    function = compiled(PROGRAMS[name])
    function(tf.constant(2))
    with pytest.raises(tf.errors.InvalidArgumentError) as caught:
        function(tf.constant(-9))
    assert str(caught.value).startswith(f"{name}: ")
    assert caught.value.fix
    assert "test_run_time.py" in caught.value.where.lines


def test_a_step_of_zero():
    function = compiled(lambda n: tf.range(0, 10, n))
    assert function(tf.constant(5)).numpy().tolist() == [0, 5]
    with pytest.raises(
        tf.errors.InvalidArgumentError, match=r"range: delta is 0[\s\S]*fix: .*steps"
    ):
        function(tf.constant(0))


def test_sizes_of_einsum_at_run_time():
    function = compiled(product)
    for rows, inner in ((2, 3), (3, 4)):
        function(tf.ones([rows, inner]), tf.ones([inner, rows + 5]))
    with pytest.raises(tf.errors.InvalidArgumentError) as caught:
        function(tf.ones([3, 7]), tf.ones([4, 5]))
    assert str(caught.value).startswith("einsum: shared sizes differ: 7 and 4")


def test_operands_of_einsum_are_shown():
    @tf.function
    def program(a, b):
        c = a * 2.0
        return tf.einsum("ij,jk->ik", c, b)

    with pytest.raises(tf.errors.InvalidArgumentError) as caught:
        program(tf.ones([2, 3]), tf.ones([4, 4]))
    lines = caught.value.where.lines
    assert "<- b: float32[4, 4]" in lines
    assert "<- c: float32[2, 3]" in lines


@tf.function
def too_large(x):
    return tf.zeros([10**6, 10**6]) + x


@tf.function
def too_large_at_run_time(n):
    return tf.random.normal(tf.stack([n, n]))


def test_no_memory():
    with pytest.raises(tf.errors.ResourceExhaustedError) as caught:
        too_large(1.0)
    assert isinstance(caught.value, MemoryError)
    assert "float32[1000000, 1000000] (4e+12 bytes)" in caught.value.message
    assert "tf.zeros([10**6, 10**6])" in caught.value.where.lines
    with pytest.raises(
        tf.errors.ResourceExhaustedError, match=r"random_normal's float32\[\?, \?\]"
    ):
        too_large_at_run_time(tf.constant(10**6))


@pytest.mark.parametrize("size", [10**6, 10**10])
def test_no_memory_eagerly(size: int):
    with pytest.raises(
        tf.errors.ResourceExhaustedError, match=r"float32\[\d+, \d+\] takes 4e\+\d+ bytes"
    ):
        tf.zeros([size, size])


def test_numpy_functions_whose_results_are_no_tensors():
    @tf.function
    def length(x):
        return np.hypot(x, np.longdouble(1))

    with pytest.raises(tf.errors.CompileError, match=r"np.hypot gives (longdouble|float128)"):
        length(tf.ones(4))


def test_values_and_dtypes_that_are_none():
    with pytest.raises(TypeError, match="no integer stands for it"):
        tf.constant(float("nan"), tf.int32)
    with pytest.raises(TypeError, match="not a dtype: <class 'list'>"):
        tf.zeros([2], dtype=list)
    with pytest.raises(TypeError, match="fix: convert it"):
        range(tf.constant(1.5))
    with pytest.raises(ValueError, match=r"fix: give a value of that shape"):
        tf.Variable(1.0, shape=[2])


def test_names_that_modules_do_not_have():
    for name, fix in (
        ("relu", "use tf.nn.relu"),
        ("keras", "tfc does not have it"),
        ("arange", "use tf.range"),
    ):
        with pytest.raises(AttributeError, match=f"no attribute '{name}'\n  fix: {fix}"):
            getattr(tf, name)
    with pytest.raises(AttributeError, match=r"fix: use tf\.nn\.relu"):
        tf.math.relu  # noqa: B018 # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType]
    assert not hasattr(tf, "reduce_men")


def test_modules_show_their_public_names():
    for module in (tf, tf.nn, tf.math, tf.linalg, tf.random, tf.config):
        assert {name for name in dir(module) if name[:2] != "__"} == set(module.__all__)
