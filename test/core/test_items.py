"""Items of tensors and variables: assignment through a variable, plain keys on the short way, run-time failures."""

import numpy as np
import pytest
import tfc as tf


def test_an_item_of_a_variable_can_be_assigned():
    v = tf.Variable([[1.0, 2.0], [3.0, 4.0]])
    v[0].assign([5.0, 6.0])
    v[1, 0].assign_add(1.0)
    v[:, 1].assign_sub(1.0)
    np.testing.assert_array_equal(v.numpy(), [[5.0, 5.0], [4.0, 3.0]])


def test_items_of_tensors_are_not_assignable():
    item = tf.constant([1.0, 2.0])[0]
    assert not hasattr(item, "assign")
    with pytest.raises(AttributeError, match="no attribute 'assign'"):
        item.assign(1.0)  # pyright: ignore[reportAttributeAccessIssue]


def test_items_are_recorded_on_tapes():
    x = tf.constant([1.0, 2.0, 3.0])
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = x[1] * x[-1]
    np.testing.assert_array_equal(tape.gradient(y, x), [0.0, 3.0, 2.0])


@pytest.mark.parametrize("key", [3, -4, (0, 0), slice(0, 1, 0)])
def test_wrong_plain_keys_have_a_code(key: object):
    with pytest.raises(tf.errors.InvalidArgumentError, match=r"TFC(201|107)"):
        tf.constant([1, 2, 3])[key]


def test_run_time_sizes_keep_what_is_known():
    seen: list[tuple[int | None, ...]] = []

    @tf.function(input_signature=[tf.TensorSpec([None, 2, 4])])
    def flatten(x):
        y = tf.reshape(x, [tf.shape(x)[0], -1])
        seen.append(y.type.shape)
        return y

    assert flatten(tf.zeros([3, 2, 4])).shape == (3, 8)
    assert seen == [(None, 8)]


def test_compiled_code_reports_what_is_out_of_range():
    gather = tf.function(lambda x, i: tf.gather(x, i) + 0)
    x = tf.range(5)
    assert gather(x, tf.constant([4, 0])).numpy().tolist() == [4, 0]
    with pytest.raises(IndexError, match="index 5 is out of range for axis 0 of size 5"):
        gather(x, tf.constant([1, 5]))
    with pytest.raises(IndexError, match="index -1 is out of range"):
        gather(x, tf.constant([-1, 2]))
    reshape = tf.function(lambda x, n: tf.reshape(x, [n, 2]))
    with pytest.raises(ValueError, match="has 5 elements, the shape asks for 6"):
        reshape(x, tf.constant(3))


def test_item_assignment_when_compiled():
    @tf.function
    def f(x, i):
        x[i] = 7.0
        x[0, 1:] += 1.0
        x[x > 6] = 0.0
        return x

    expected = [[0.0, 1.0, 1.0], [0.0, 0.0, 0.0]]
    np.testing.assert_array_equal(f(tf.zeros([2, 3]), tf.constant(1)), expected)
