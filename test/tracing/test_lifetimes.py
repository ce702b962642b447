"""What a compiled function keeps alive: nothing that only its callers knew."""

import gc
import weakref
from typing import Any

import numpy as np
import pytest
import tfc as tf
from tfc.dialects.tfc.semantics.host import PYTHON_FUNCTIONS


class Owner:
    def __init__(self):
        self.w = tf.Variable([1.0, 2.0])
        self.count = 0
        self.part = Part(self)
        self.act = lambda x: x * self.part.scale

    @tf.function
    def step(self, x):
        self.count += 1
        self.w.assign_add(x)
        return self.act(self.w) + self.part.scale


class Part:
    def __init__(self, owner):
        self.owner = owner
        self.scale = 2.0


def collected(*references: Any) -> bool:
    for _ in range(2):  # the program of an object is garbage once the object is gone
        gc.collect()
    return all(reference() is None for reference in references)


def test_instances_go_with_their_variables_and_code():
    references = []
    for _ in range(3):
        owner = Owner()
        for value in ([1.0, 1.0], [2.0, 2.0]):
            owner.step(tf.constant(value))
        assert owner.count == 2
        assert owner.w.numpy().tolist() == [4.0, 5.0]
        references += [weakref.ref(owner), weakref.ref(owner.w)]
    del owner
    assert collected(*references)
    assert Owner.step.cache_info().size == 0


def test_every_entry_of_an_instance_goes():
    owner = Owner()
    for size in (2, 2):
        owner.step(tf.ones([size]))
    owner.step(tf.constant(1.0))
    assert Owner.step.cache_info().size > 1
    del owner
    gc.collect()
    assert Owner.step.cache_info().size == 0


def test_a_changed_instance_is_traced_again():
    owner = Owner()
    before = owner.step(tf.zeros([2])).numpy().tolist()
    owner.part = None  # type: ignore[assignment]
    with pytest.raises(AttributeError, match="NoneType"):
        owner.step(tf.zeros([2]))
    assert before == [4.0, 6.0]


@pytest.mark.parametrize("kind", ["print", "tf.print", "numpy_function", "py_function"])
def test_functions_of_the_host_go_with_the_program(kind, capsys):
    def make():
        def double(x):
            return x * 2

        @tf.function
        def f(x):
            if kind == "print":
                print(x)
            elif kind == "tf.print":
                tf.print(x)
            elif kind == "numpy_function":
                return tf.numpy_function(double, [x], tf.float32)
            else:
                return tf.py_function(double, [x], tf.float32)
            return x

        assert np.asarray(f(tf.ones([2]))).shape == (2,)
        assert np.asarray(f(tf.ones([2]))).shape == (2,)
        return weakref.ref(f), weakref.ref(double)

    gc.collect()
    before = len(PYTHON_FUNCTIONS)
    references = [reference for _ in range(2) for reference in make()]
    assert collected(*references)
    assert len(PYTHON_FUNCTIONS) == before


def test_a_function_given_as_an_argument_goes():
    @tf.function
    def apply(function, x):
        return function(x)

    for factor in range(4):  # each may get the identity of the one before
        assert float(apply(lambda x, by=factor: x * by, tf.constant(2.0))) == 2.0 * factor
        gc.collect()
    assert apply.cache_info().size == 0
