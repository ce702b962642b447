"""Variables that a compiled function makes: as eager code makes them, at each call or once for their owner."""

import pytest
import tfc as tf


class Layer:
    def __init__(self, initial):
        self.w = None
        self.initial = initial

    @tf.function
    def __call__(self, x):
        if self.w is None:
            self.w = tf.Variable(self.initial(x))
        return x @ self.w


INITIALIZERS = {
    "constant": lambda x: tf.ones([x.shape[-1], 2]),
    "function": lambda x: lambda: tf.fill([3, 2], 0.5),
    "random": lambda x: tf.random.normal([x.shape[-1], 2]),
    "scaled": lambda x: tf.random.uniform([3, 2]) * 0.1 + 1.0,
    "of the data": tf.transpose,
    "like another": lambda x: tf.zeros_like(tf.transpose(x)),
}


@pytest.mark.parametrize("initial", INITIALIZERS.values(), ids=INITIALIZERS)
def test_an_owner_keeps_the_variable_of_the_first_call(initial):
    x = tf.constant([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
    layer, eager = Layer(initial), Layer(initial)
    tf.random.set_seed(3)
    first, second = layer(x), layer(x)
    tf.random.set_seed(3)
    expected = Layer.__call__.python_function(eager, x)
    assert first.numpy().tolist() == second.numpy().tolist()
    tf.debugging.assert_near(first, expected)
    assert layer.w.numpy().tolist() == eager.w.numpy().tolist()


def test_random_numbers_after_an_initializer_go_on():
    layer, eager = Layer(INITIALIZERS["random"]), Layer(INITIALIZERS["random"])
    x = tf.ones([2, 3])
    after = []
    for call in (layer, lambda x: Layer.__call__.python_function(eager, x)):
        tf.random.set_seed(7)
        call(x)
        call(x)
        after.append(float(tf.random.normal([])))
    assert after[0] == after[1]


def test_a_variable_that_no_one_keeps_starts_anew():
    @tf.function
    def total(x):
        sum_ = tf.Variable(tf.zeros_like(x))
        for _ in tf.range(3):
            sum_.assign_add(x)
        return sum_ * 1

    assert total(tf.constant([1.0, 2.0])).numpy().tolist() == [3.0, 6.0]
    assert total(tf.constant([2.0, 2.0])).numpy().tolist() == [6.0, 6.0]
    assert total.trace_count == 1


def test_a_variable_of_unknown_size():
    @tf.function
    def gradient(x):
        v = tf.Variable(x)
        with tf.GradientTape() as tape:
            y = tf.reduce_sum(v * v)
        return tape.gradient(y, v)

    for size in (2, 3, 4):
        x = tf.range(size, dtype=tf.float32)
        assert gradient(x).numpy().tolist() == (2 * x).numpy().tolist()
    assert gradient.trace_count == 2


def test_returned_variables_are_others_at_each_call():
    @tf.function
    def make(x):
        v = tf.Variable(1.0)
        v.assign_add(x)
        return v

    first, second = make(1.0), make(2.0)
    assert first is not second
    assert (first.numpy(), second.numpy()) == (2.0, 3.0)


def test_stored_variables_are_others_at_each_call():
    owner = Layer(None)

    @tf.function
    def store(x):
        owner.w = [tf.Variable(x)]
        return owner.w[0] * 2

    store(tf.constant(1.0))
    first = owner.w[0]
    store(tf.constant(2.0))
    assert (first.numpy(), owner.w[0].numpy()) == (1.0, 2.0)


def test_a_variable_in_an_arm():
    @tf.function
    def f(x):
        if x > 0:
            v = tf.Variable(x)
            v.assign_add(1.0)
            x = v + 0
        return x

    assert [float(f(tf.constant(x))) for x in (1.0, -1.0, 3.0)] == [2.0, -1.0, 4.0]
