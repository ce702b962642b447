"""Arguments that a compiled function assigns are written in place where nobody can tell, and as Python would in any case."""

import numpy as np
import pytest
import tfc as tf
from tfc.core.settings import SETTINGS


@pytest.fixture(autouse=True)
def native(monkeypatch):
    monkeypatch.setattr(SETTINGS, "execution", "native")


def doubled(x, y):
    for i in range(len(x)):
        x[i] = y[i] * 2.0


def test_the_new_values_have_no_memory_of_their_own():
    f = tf.function(doubled)
    x, y = np.zeros(1000), np.ones(1000)
    f(x, y)
    assert (x == 2).all()
    use = f.memory(x, y)
    assert use.peak == x.nbytes + y.nbytes


@pytest.mark.parametrize(
    "view",
    [
        lambda base: (base[::2], np.ones(4)),
        lambda base: (base[::-1], np.ones(8)),
        lambda base: (base.reshape(2, 4).T[1], np.ones(2)),
        lambda base: (base.view(">f8"), np.ones(8)),
        lambda base: (base[:4], np.ones(4)),
    ],
)
def test_arrays_of_any_layout(view):
    ours, theirs = np.arange(8.0), np.arange(8.0)
    tf.function(doubled)(*view(ours))
    doubled(*view(theirs))
    np.testing.assert_array_equal(ours, theirs)


def test_an_array_that_a_variable_overlaps():
    v = tf.Variable(np.arange(3.0))
    x = v._array

    @tf.function
    def f(x):
        x[0] = 5.0
        return v + 0

    assert f(x).numpy().tolist() == [0, 1, 2]


def test_an_array_that_cannot_be_written_to():
    x = np.zeros(3)
    x.flags.writeable = False
    with pytest.raises(ValueError, match="read-only"):
        tf.function(doubled)(x, np.ones(3))
    assert (x == 0).all()


def test_sizes_known_at_run_time_only():
    f = tf.function(doubled)
    for size in range(2, 7):
        x = np.zeros(size)
        f(x, np.arange(float(size)))
        np.testing.assert_array_equal(x, 2 * np.arange(size))


def test_tensors_that_others_see():
    f = tf.function(doubled)
    x = tf.constant(np.arange(3.0))
    alias, other, array = x, tf.identity(x), x.numpy()
    f(x, np.ones(3))
    assert alias.numpy().tolist() == [2, 2, 2]
    assert other.numpy().tolist() == array.tolist() == [0, 1, 2]


def test_a_tape_goes_on_with_the_values_before():
    f = tf.function(doubled)
    x = tf.constant(np.arange(3.0))
    with tf.GradientTape() as tape:
        tape.watch(x)
        squares = x * x
        f(x, np.ones(3))
        loss = tf.reduce_sum(squares)
    assert x.numpy().tolist() == [2, 2, 2]
    assert tape.gradient(loss, x).numpy().tolist() == [0, 2, 4]


def test_an_error_leaves_what_was_assigned_before():
    @tf.function
    def f(x, where):
        for i in range(len(where)):
            x[where[i]] = 7.0

    x = np.zeros(4)
    with pytest.raises(IndexError):
        f(x, np.array([0, 1, 9, 2]))
    assert x.tolist() == [7, 7, 0, 0]


def test_an_error_before_the_assignment_leaves_everything():
    @tf.function
    def f(x, y):
        moved = x + 1.0
        tf.debugging.assert_positive(y)
        x[...] = moved

    x = np.zeros(3)
    with pytest.raises(tf.errors.InvalidArgumentError):
        f(x, np.array([-1.0]))
    assert (x == 0).all()


def test_a_call_that_is_done_again_by_python_begins_with_the_old_values():
    @tf.function
    def f(x, n):
        power = 1
        for i in range(len(x)):
            x[i] = x[i] + 1.0
        for _ in range(n):
            power = power * 3
        return power

    x = np.zeros(3)
    assert f(x, 100) == 3**100
    assert x.tolist() == [1, 1, 1]


def running(x, y):
    for i in range(len(x)):
        x[i] = x[i] + y[i]


@pytest.mark.parametrize(
    ("view", "is_native"),
    [
        (lambda base: (base, base), True),
        (lambda base: (base[:4], base[4:]), True),
        (lambda base: (base[::2], base[1::2]), True),
        (lambda base: (base[1:], base[:-1]), False),
        (lambda base: (base[::-1], base), False),
    ],
)
def test_arrays_that_share_memory(view, is_native):
    ours, theirs = np.arange(8.0), np.arange(8.0)
    f = tf.function(running)
    f(*view(ours))
    running(*view(theirs))
    np.testing.assert_array_equal(ours, theirs)
    assert ("shares memory" in f.explain()) is not is_native
