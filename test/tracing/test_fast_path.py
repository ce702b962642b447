"""The short way into compiled functions gives what the functions themselves give for odd arguments, and keeps nothing."""

import gc
import itertools
import random
import sys
import threading
import tracemalloc
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import tfc as tf

F4 = np.arange(1, 5, dtype=np.float32)


class Rows(np.ndarray):
    """A subclass of arrays."""


def read_only() -> np.ndarray:
    made = F4.copy()
    made.flags.writeable = False
    return made


#: Makers of arguments: of the kinds that the native call takes, and of others that look like them.
ODD: dict[str, Callable[[], Any]] = {
    "tensor": lambda: tf.constant(F4),
    "array": F4.copy,
    "int tensor": lambda: tf.constant([1, 2, 3, 4]),
    "double": lambda: F4.astype(np.float64),
    "empty": lambda: np.zeros((0,), np.float32),
    "scalar tensor": lambda: tf.constant(2.0),
    "0-d": lambda: np.array(2.0, np.float32),
    "numpy scalar": lambda: np.float32(2.0),
    "numpy bool": lambda: np.bool_(True),
    "strided": lambda: np.arange(8, dtype=np.float32)[::2],
    "reversed": lambda: F4[::-1],
    "byte-swapped": lambda: F4.astype(">f4"),
    "unaligned": lambda: np.frombuffer(b"\0" + F4.tobytes(), np.float32, offset=1),
    "read-only": read_only,
    "fortran": lambda: np.asfortranarray(np.ones((3, 4), np.float32)),
    "broadcast": lambda: np.broadcast_to(np.float32(3), (4,)),
    "subclass": lambda: F4.view(Rows),
    "record": lambda: np.zeros(2, [("a", np.float32)]),
    "text": lambda: np.array(["a"]),
    "variable": lambda: tf.Variable(F4),
    "int": lambda: 3,
    "huge int": lambda: 2**70,
    "int64 int": lambda: -(2**63),
    "bool": lambda: True,
    "float": lambda: 0.5,
    "minus zero": lambda: -0.0,
    "nan": lambda: float("nan"),
    "list": lambda: [1.0, 2.0],
    "list of tensors": lambda: [tf.constant(1.0), tf.constant(2.0)],
    "tuple": lambda: (1, 2),
    "range": lambda: range(3),
    "generator": lambda: (k for k in range(3)),
    "memoryview": lambda: memoryview(F4),
    "string": lambda: "four",
    "none": lambda: None,
    "object": object,
}


def doubled(x: Any, scale: Any = 2) -> Any:
    return tf.multiply(x, scale)


def summed(x: Any, *, scale: Any = 1.0) -> Any:
    return {"sum": tf.reduce_sum(x), "parts": (x, tf.cast(x, tf.float32) + scale)}


def outcome(function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """What a call gives: kinds, dtypes and bits of its leaves, or the class of its error."""
    try:
        result = function(*args, **kwargs)
    except Exception as error:
        return next(kind for kind in type(error).__mro__ if kind.__module__ == "builtins")
    leaves: list[Any] = []
    for leaf in tf.nest.flatten(result):
        array = np.asarray(leaf)
        array = array.astype(array.dtype.newbyteorder("="))
        leaves.append(
            (array.dtype, array.shape, array.tobytes()) if array.dtype != object else leaf
        )
    return leaves


@pytest.mark.parametrize("function", [doubled, summed])
@pytest.mark.parametrize("seed", range(3))
def test_any_order(function: Callable[..., Any], seed: int):
    compiled = tf.function(function)
    choice = random.Random(seed)
    names = [*ODD, *choice.choices(list(ODD), k=100), *["tensor"] * 30, "array", *ODD]
    choice.shuffle(names)
    for name in names:
        keywords = choice.choice([{}, {"scale": 3}, {"scale": 0.5}])
        make = ODD[name]
        assert outcome(compiled, make(), **keywords) == outcome(function, make(), **keywords), name


def test_nothing_is_kept():
    """After many calls the arguments are referenced as often as before, and memory is what it was."""
    compiled = tf.function(summed)
    tensor, array = tf.constant(F4), F4.copy()
    given = [tensor, array, tensor._array]

    def calls(count: int) -> None:
        for _ in range(count):
            compiled(tensor, scale=0.5)
            compiled(array)
            with pytest.raises(ValueError):
                compiled([[1.0], [2.0, 3.0]])

    calls(20)
    before = [sys.getrefcount(item) for item in given]
    gc.collect()
    tracemalloc.start()
    try:
        calls(150)  # more misses than are remembered
        gc.collect()
        held = [tracemalloc.get_traced_memory()[0]]
        for _ in range(3):  # caches of the process may grow during one of them
            calls(150)
            gc.collect()
            held.append(tracemalloc.get_traced_memory()[0])
        assert min(after - before for before, after in itertools.pairwise(held)) < 10_000
    finally:
        tracemalloc.stop()
    assert [sys.getrefcount(item) for item in given] == before


def test_byte_order_of_what_is_closed_over():
    outer = F4.astype(">f4")
    compiled = tf.function(lambda x: x + outer)
    for _ in range(3):
        assert compiled(tf.constant(F4)).numpy().tolist() == [2, 4, 6, 8]
    outer[0] = 5.0
    assert compiled(tf.constant(F4)).numpy().tolist() == [6, 4, 6, 8]


def test_results_are_new():
    compiled = tf.function(doubled)
    results = [compiled(F4) for _ in range(50)]
    assert len({result._array.ctypes.data for result in results}) == 50
    assert all(result.numpy().tolist() == [2, 4, 6, 8] for result in results)


def test_collections_during_calls():
    compiled = tf.function(summed)
    thresholds = gc.get_threshold()
    gc.set_threshold(1)
    try:
        for _ in range(100):
            found = compiled(tf.constant(F4))
            assert float(found["sum"]) == 10
    finally:
        gc.set_threshold(*thresholds)


def test_calls_inside_calls():
    @tf.function
    def inner(x):
        return x + 1.0

    @tf.function
    def outer(x, depth):
        def again(x, depth):
            return outer(x, depth - 1) if depth > 0 else inner(x)

        return tf.py_function(again, [x, depth], tf.float32)

    for _ in range(3):
        assert outer(tf.constant(F4), tf.constant(3)).numpy().tolist() == [2, 3, 4, 5]


def test_threads_with_and_without_tapes():
    compiled = tf.function(doubled)
    x = tf.Variable(F4)
    failures: list[Any] = []

    def plain() -> None:
        for _ in range(200):
            if compiled(F4).numpy().tolist() != [2, 4, 6, 8]:
                failures.append("value")

    def taped() -> None:
        for _ in range(50):
            with tf.GradientTape() as tape:
                y = compiled(x)
            gradient = tape.gradient(y, x)
            if gradient is None or gradient.numpy().tolist() != [2] * 4:
                failures.append("gradient")

    threads = [threading.Thread(target=target) for target in (plain, taped, plain, taped)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
