"""Streams of random numbers: TensorFlow's published values, compiled as eager, distributions."""

import copy

import numpy as np
import pytest
import tfc as tf


def test_values_that_tensorflow_documents():
    """From the pages of tf.random.Generator and the guide "Random number generation"."""
    g = tf.random.Generator.from_seed(1234)
    assert g.state.numpy().tolist() == [1234, 0, 0]
    np.testing.assert_allclose(
        g.normal([2, 3]),
        [[0.9356609, 1.0854305, -0.93788373], [-0.5061547, 1.3169702, 0.7137579]],
        rtol=1e-6,
    )
    assert g.state.numpy().tolist() == [2770, 0, 0]
    np.testing.assert_allclose(
        tf.random.Generator.from_seed(123, alg="philox").normal([2, 3]),
        [[0.8673864, -0.29899067, -0.9310337], [-1.5828488, 1.2481191, -0.6770643]],
        rtol=1e-6,
    )
    np.testing.assert_allclose(
        tf.random.stateless_normal(shape=[2, 3], seed=[1, 2]),
        [[0.5441101, 0.20738031, 0.07356433], [0.04643455, -1.30159, -0.95385665]],
        rtol=1e-6,
    )


@tf.function
def draw_everything(x):
    return (
        tf.random.normal([5]),
        tf.random.uniform([2, 2], -1, 3),
        tf.random.uniform([3], 0, 9, tf.int64),
        tf.random.truncated_normal([7], 1.0, 2.0),
        tf.random.shuffle(x),
        tf.random.categorical([[0.0, 1.0, 2.0]], 4),
        tf.random.gamma([2], [0.5, 3.0], 2.0),
        tf.random.poisson([2], [3.0, 30.0]),
        tf.random.normal([2], seed=5),
    )


def test_compiled_functions_draw_from_the_same_streams():
    x = tf.range(6)
    tf.random.set_seed(9)
    eager = [draw_everything.python_function(x) for _ in range(2)]
    tf.random.set_seed(9)
    compiled = [draw_everything(x) for _ in range(2)]
    for a, b in zip(eager, compiled, strict=True):
        for u, v in zip(a, b, strict=True):
            np.testing.assert_allclose(v, u, rtol=1e-5, atol=1e-6)
    assert not np.array_equal(eager[0][0], eager[1][0])


def test_generator_in_a_compiled_function_moves_on():
    g, h = tf.random.Generator.from_seed(5), tf.random.Generator.from_seed(5)

    @tf.function
    def draw():
        return g.uniform([3])

    for _ in range(2):
        np.testing.assert_array_equal(draw(), h.uniform([3]))
    np.testing.assert_array_equal(g.state.numpy(), h.state.numpy())


def test_generators_that_are_made_alike_draw_alike():
    g = tf.random.Generator.from_seed([1, 2, 3])
    same = tf.random.Generator.from_key_counter(3, [1, 2])
    copy = tf.random.Generator(copy_from=g)
    first = g.normal([4]).numpy()
    np.testing.assert_array_equal(first, same.normal([4]))
    np.testing.assert_array_equal(first, copy.normal([4]))
    g.reset_from_seed([1, 2, 3])
    np.testing.assert_array_equal(first, g.normal([4]))
    assert len({float(part.normal([])) for part in g.split(3)}) == 3


def test_seeds():
    tf.random.set_seed(1)
    first = [tf.random.normal([2]).numpy(), tf.random.normal([2], seed=4).numpy()]
    assert not np.array_equal(first[1], tf.random.normal([2], seed=4))
    tf.random.set_seed(1)
    np.testing.assert_array_equal(first[0], tf.random.normal([2]))
    np.testing.assert_array_equal(first[1], tf.random.normal([2], seed=4))
    tf.random.set_seed(2)
    assert not np.array_equal(first[0], tf.random.normal([2]))


@pytest.mark.parametrize(
    ("draw", "mean", "variance"),
    [
        (lambda g: g.normal([40000], 2.0, 3.0), 2, 9),
        (lambda g: g.uniform([40000], -1.0, 3.0), 1, 16 / 12),
        (lambda g: g.uniform([40000], -2, 3, tf.int32), 0, 2),
        (lambda g: g.truncated_normal([40000]), 0, 0.7737),
        (lambda g: tf.random.gamma([40000], 4.0, 2.0, seed=1), 2, 1),
        (lambda g: tf.random.poisson([40000], 5.0, seed=1), 5, 5),
        (lambda g: tf.random.poisson([40000], 50.0, seed=1), 50, 50),
        (lambda g: tf.random.categorical(np.log([[0.2, 0.3, 0.5]]), 40000, seed=1), 1.3, 0.61),
    ],
)
def test_moments(draw, mean: float, variance: float):
    tf.random.set_seed(12)
    numbers = draw(tf.random.Generator.from_seed(77)).numpy().astype(np.float64)
    assert abs(numbers.mean() - mean) < 5 * np.sqrt(variance / numbers.size)
    assert abs(numbers.var() - variance) < 0.05 * variance


def test_integers_cover_their_range_and_no_more():
    drawn = tf.random.Generator.from_seed(0).uniform([2000], -3, 4, tf.int32).numpy()
    assert sorted(set(drawn.tolist())) == list(range(-3, 4))
    wide = tf.random.stateless_uniform([500], [1, 2], -(2**62), 2**62, tf.int64).numpy()
    assert wide.min() < -(2**61) and wide.max() > 2**61


def test_shuffle_is_a_permutation_of_rows():
    x = np.arange(40).reshape(20, 2)
    mixed = tf.random.shuffle(x, seed=1).numpy()
    assert sorted(mixed.tolist()) == x.tolist()
    assert mixed.tolist() != x.tolist()


def _fresh(g, draw):
    """What a generator gives that has the state of `g` and has drawn nothing before."""
    return draw(tf.random.Generator.from_state(g.state.numpy()))


ROUNDS = [
    [lambda g: g.normal([4])],
    [lambda g: g.uniform([2, 3]), lambda g: g.normal([5], dtype=tf.float64)],
    [lambda g: g.uniform([]), lambda g: g.uniform([1], 0, 9, tf.int64), lambda g: g.uniform([])],
    [lambda g: g.truncated_normal([3]), lambda g: g.normal([7], dtype=tf.float16)],
]


@pytest.mark.parametrize("seed", [7, [2**64 - 2000, 3, 5][::-1], [5, 2**64 - 1, 2**64 - 9000]])
def test_numbers_computed_ahead_are_those_of_the_state(seed):
    g = tf.random.Generator.from_seed(seed)
    for count, draws in enumerate(ROUNDS * 2):
        for _ in range(30 + count):
            for draw in draws:
                expected = _fresh(g, draw).numpy()
                before = g.state.numpy().view(np.uint64).tolist()
                drawn = draw(g).numpy()
                assert drawn.tobytes() == expected.tobytes()
                after = g.state.numpy().view(np.uint64).tolist()
                moved = (after[1] - before[1] << 64) + after[0] - before[0]
                assert moved % 2**128 == 256 * drawn.size
                assert after[2] == before[2]


def test_numbers_computed_ahead_are_dropped_when_a_stream_goes_on_elsewhere():
    g = tf.random.Generator.from_seed(1)
    for _ in range(20):
        g.normal([4])
    for change in (lambda: g.reset_from_seed(9), lambda: g.skip(1), lambda: g.uniform([3])):
        change()
        for _ in range(6):
            expected = _fresh(g, lambda h: h.normal([4])).numpy()
            assert g.normal([4]).numpy().tobytes() == expected.tobytes()


def test_plans_draw_anew_from_the_stream_that_there_is():
    def draws():
        x = tf.nn.dropout(tf.ones([8]), 0.5), tf.random.normal([3], seed=4), tf.random.normal([2])
        return [y.numpy().tolist() for y in x]

    tf.random.set_seed(3)
    first = [draws() for _ in range(12)]
    assert len({str(each) for each in first}) == 12
    tf.random.set_seed(3)
    assert [draws() for _ in range(12)] == first
    main = tf.random.get_global_generator()
    tf.random.set_global_generator(tf.random.Generator.from_seed(3))
    others = [draws()[2] for _ in range(12)]
    tf.random.set_global_generator(main)
    assert others == [each[2] for each in first]


def test_draws_under_a_tape():
    x = tf.constant([1.0, 2.0, 3.0, 4.0])
    for _ in range(6):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = tf.nn.dropout(x, 0.5)
        kept = (y.numpy() != 0).astype(np.float32)
        np.testing.assert_array_equal(tape.gradient(y, x), 2 * kept)


def test_a_generator_can_be_copied():
    g = tf.random.Generator.from_seed(1)
    for _ in range(10):
        g.normal([4])
    h = copy.deepcopy(g)
    np.testing.assert_array_equal(g.normal([4]), h.normal([4]))
