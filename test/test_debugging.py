"""`tf.debugging`, eagerly and compiled."""

import numpy as np
import pytest
import tfc as tf

FAILING = [
    (lambda x: tf.debugging.assert_equal(x, 1.0), "x == y does not hold"),
    (lambda x: tf.debugging.assert_none_equal(x, 2.0), "x != y"),
    (lambda x: tf.debugging.assert_less(x, 2.0, message="sizes"), "sizes: x < y"),
    (lambda x: tf.debugging.assert_less_equal(x, 1.0), "x <= y"),
    (lambda x: tf.debugging.assert_greater(x, 1.0), "x > y"),
    (lambda x: tf.debugging.assert_greater_equal(x, 2.0), "x >= y"),
    (lambda x: tf.debugging.assert_near(x, x + 0.1), "not near"),
    (tf.debugging.assert_negative, "negative"),
    (tf.debugging.assert_non_positive, "zero or negative"),
    (lambda x: tf.debugging.assert_positive(x - 1.0), "positive"),
    (lambda x: tf.debugging.assert_non_negative(x - 1.5), "zero or positive"),
    (lambda x: tf.debugging.check_numerics(x / 0.0, "{q}"), "{q} : Tensor had Inf or NaN"),
    (lambda x: tf.debugging.Assert(tf.reduce_all(x > 1.0), ["small", x]), "small"),
]
HOLDING = [
    lambda x: tf.debugging.assert_equal(x, [1.0, 2.0]),
    lambda x: tf.debugging.assert_less(x, 3.0),
    lambda x: tf.debugging.assert_near(x, x + 1e-8),
    tf.debugging.assert_positive,
    lambda x: tf.debugging.check_numerics(x, ""),
    lambda x: tf.debugging.assert_rank(x, 1),
    lambda x: tf.debugging.assert_rank_in(x, (0, 1)),
    lambda x: tf.debugging.assert_type(x, tf.float32),
    lambda x: tf.debugging.assert_shapes([(x, ("N",)), (x * 2.0, ("N",))]),
    lambda x: tf.debugging.assert_shapes([(x, ("...", 2))]),
]
STATIC = [
    (lambda x: tf.debugging.assert_rank(x, 2), "TFC105"),
    (lambda x: tf.debugging.assert_rank_at_least(x, 2), "TFC105"),
    (tf.debugging.assert_scalar, "TFC105"),
    (tf.debugging.assert_integer, "TFC102"),
    (lambda x: tf.debugging.assert_type(x, tf.int32), "TFC102"),
    (lambda x: tf.debugging.assert_shapes([(x, ("N",)), (x, (3,))]), "TFC106"),
    (lambda x: tf.debugging.assert_shapes([(x, ("N", "M"))]), "TFC105"),
]
X = np.array([1.0, 2.0], np.float32)


@pytest.mark.parametrize("mode", ["eager", "compiled"])
@pytest.mark.parametrize(("check", "text"), FAILING)
def test_failing(check, text: str, mode: str):
    function = tf.function(check) if mode == "compiled" else check
    with pytest.raises(tf.errors.InvalidArgumentError) as caught:
        function(tf.constant(X))
    assert caught.value.code == "TFC204"
    assert text in str(caught.value)


@pytest.mark.parametrize("mode", ["eager", "compiled"])
@pytest.mark.parametrize("check", HOLDING)
def test_holding(check, mode: str):
    (tf.function(check) if mode == "compiled" else check)(tf.constant(X))


@pytest.mark.parametrize(("check", "code"), STATIC)
def test_known_before_running(check, code: str):
    with pytest.raises(tf.errors.InvalidArgumentError) as caught:
        check(tf.constant(X))
    assert caught.value.code == code


def test_message_shows_values():
    with pytest.raises(tf.errors.InvalidArgumentError, match=r"\[1\. 2\.\]"):
        tf.debugging.assert_less(tf.constant(X), 2.0)
