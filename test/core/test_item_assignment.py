"""`x[key] = v` changes the tensor object: what shares its array keeps the old values, compiled functions see the new ones."""

import copy
import pickle
import threading

import numpy as np
import pytest
import tfc as tf


def address(x: tf.Tensor) -> int:
    return np.asarray(x).__array_interface__["data"][0]


def test_in_place_when_nothing_else_sees_the_array():
    x = tf.zeros([1000])
    before = address(x)
    x[3] = 1.0
    x[5:9] += 2.0
    x[tf.constant([1, 2])] = [7.0, 8.0]
    assert address(x) == before
    assert x.numpy()[:10].tolist() == [0, 7, 8, 1, 0, 2, 2, 2, 2, 0]


@pytest.mark.parametrize(
    "share", [lambda x: x.numpy(), tf.identity, lambda x: x[1:], np.asarray, tf.Variable, copy.copy]
)
def test_what_shares_the_array_keeps_its_values(share):
    x = tf.constant([1.0, 2.0, 3.0])
    other = share(x)
    expected = np.array(other)
    x[...] = 9.0
    np.testing.assert_array_equal(np.asarray(other), expected)
    assert x.numpy().tolist() == [9.0, 9.0, 9.0]


def test_arrays_that_tensors_were_made_of_do_not_change():
    given = np.arange(3.0)
    given.flags.writeable = False
    x = tf.convert_to_tensor(given)
    x[0] = 5.0
    assert given[0] == 0.0


def test_overlapping_slices():
    x = tf.range(5)
    x[1:] = x[:-1]
    assert x.numpy().tolist() == [0, 0, 1, 2, 3]


def test_an_assignment_that_fails_changes_nothing():
    x = tf.constant([1.0, 2.0, 3.0])
    for key, value in ((slice(0, 2), [1.0, 2.0, 3.0]), ([0, 7], 1.0), (0, tf.constant(1))):
        with pytest.raises((ValueError, IndexError, TypeError)):
            x[key] = value
    assert x.numpy().tolist() == [1.0, 2.0, 3.0]


def test_pickles_hold_the_values_of_then():
    x = tf.constant([1.0, 2.0])
    data = pickle.dumps(x)
    x[0] = 5.0
    assert pickle.loads(data).numpy().tolist() == [1.0, 2.0]


def test_variables_take_items():
    v = tf.Variable([1.0, 2.0, 3.0])
    before = v.value()
    v[1:] = [7.0, 8.0]
    v[0] += 1.0
    assert v.numpy().tolist() == [2.0, 7.0, 8.0]
    assert before.numpy().tolist() == [1.0, 2.0, 3.0]


def test_a_variable_without_tensors_of_it_is_updated_in_place():
    v = tf.Variable(tf.zeros([100]) + 1.0)
    first = id(v.exclusive_array())
    assert id(v.exclusive_array()) == first
    held = v.value()
    assert id(v.exclusive_array()) != first
    assert held.numpy()[0] == 1.0


def test_compiled_functions_see_assignments_to_outer_tensors():
    table = tf.constant([1.0, 2.0])
    large = tf.zeros([5000])

    @tf.function
    def total():
        return tf.reduce_sum(table) + tf.reduce_sum(large)

    assert float(total()) == 3.0
    table[0] = 10.0
    large[7] = 100.0
    assert float(total()) == 112.0
    assert total.trace_count == 1


def test_functions_without_source_see_them_too():
    scope = {"tf": tf, "table": tf.constant([1.0, 2.0])}
    exec("def total(x):\n    return tf.reduce_sum(table) + x", scope)
    total = tf.function(scope["total"])
    assert float(total(1.0)) == 4.0
    scope["table"][0] = 10.0
    assert float(total(1.0)) == 13.0


def test_a_counter_as_index_is_no_reason_to_trace_again():
    class Ring:
        def __init__(self) -> None:
            self.buffer, self.count = tf.zeros([4]), 0

        @tf.function
        def push(self, v):
            self.buffer[self.count % 4] = v
            self.count += 1

    ring = Ring()
    for k in range(6):
        ring.push(float(k))
    assert ring.buffer.numpy().tolist() == [4.0, 5.0, 2.0, 3.0]
    assert Ring.push.trace_count == 2


def test_results_of_compiled_functions_can_be_assigned():
    @tf.function
    def make(x):
        return x, tf.identity(x), x + 1

    x = tf.zeros([2])
    itself, copy, more = make(x)
    copy[0] = 5.0
    more[0] = 6.0
    again = make(x)
    assert x.numpy().tolist() == [0.0, 0.0]
    assert again[2].numpy().tolist() == [1.0, 1.0]
    itself[0] = 7.0
    assert itself is x and make(x)[2].numpy().tolist() == [8.0, 1.0]


def test_the_same_object_twice_is_traced_apart():
    @tf.function
    def first_of(x, y):
        x[0] = 5.0
        return y[0]

    x, y = tf.zeros([2]), tf.zeros([2])
    assert float(first_of(x, x)) == 5.0
    assert float(first_of(tf.zeros([2]), y)) == 0.0
    assert float(first_of(y, y)) == 5.0
    assert first_of.trace_count == 2


def test_read_only_arrays_of_the_caller():
    @tf.function
    def put(a):
        a[0] = 1.0

    a = np.zeros(3)
    put(a)
    assert a[0] == 1.0
    a.flags.writeable = False
    with pytest.raises(ValueError, match="read-only"):
        put(a)


def test_tapes_that_have_ended_keep_the_values():
    x = tf.constant([1.0, 2.0])
    w = tf.constant([3.0, 4.0])
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(x)
        y = x * w * x
    x[0] = 100.0
    w[1] = 100.0
    np.testing.assert_array_equal(tape.gradient(y, x), [6.0, 16.0])


def test_compiled_assignments_are_told_to_tapes_that_have_ended():
    @tf.function
    def put(x):
        x[0] = 100.0

    x = tf.constant([1.0, 2.0])
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = x * x
    put(x)
    np.testing.assert_array_equal(tape.gradient(y, x), [2.0, 4.0])
    assert x.numpy().tolist() == [100.0, 2.0]


def test_a_source_that_was_not_watched_is_its_value_of_now():
    x = tf.constant([1.0, 2.0])
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(x)
        b = x * 2
        y = b * b
        b[0] = 7.0
        z = b * b
    assert tape.gradient(y, b) is None
    np.testing.assert_array_equal(tape.gradient(z, b), [14.0, 8.0])
    np.testing.assert_array_equal(tape.gradient(z, x), [0.0, 16.0])


def test_many_assignments_on_a_tape():
    x = tf.ones([50])
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = tf.identity(x)
        for i in range(1, 50):
            y[i] = y[i - 1] * y[i]
        last = y[49]
    np.testing.assert_array_equal(tape.gradient(last, x), np.ones(50))


def test_threads_assign_tensors_of_their_own():
    @tf.function
    def count(x, n):
        for i in range(n):
            x[i % 4] += 1.0

    tensors = [tf.zeros([4]) for _ in range(8)]
    threads = [threading.Thread(target=count, args=(x, 4 * k)) for k, x in enumerate(tensors)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for k, x in enumerate(tensors):
        assert x.numpy().tolist() == [float(k)] * 4


def test_a_function_with_its_own_gradient_assigns_items():
    @tf.custom_gradient
    def f(x):
        y = tf.identity(x)
        y[0] = 5.0
        return tf.reduce_sum(y * y), lambda g: g * 3.0 * y

    x = tf.constant([1.0, 2.0])
    with tf.GradientTape() as tape:
        tape.watch(x)
        z = f(x)
    assert tape.gradient(z, x).numpy().tolist() == [15.0, 6.0]
