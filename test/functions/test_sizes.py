"""Sizes that are known only when a compiled function runs."""

import pytest
import tfc as tf

PROGRAMS = [
    (lambda n: tf.zeros([n]), "expected sizes >= 0, got [-2]"),
    (lambda n: tf.fill([3, n], 2.0), "expected sizes >= 0, got [3, -2]"),
    (lambda n: tf.random.stateless_normal([n], [1, 2]), "expected sizes >= 0, got [-2]"),
]


@pytest.mark.parametrize(("program", "message"), PROGRAMS)
def test_negative_sizes_are_errors_that_say_so(program, message):
    for function in (program, tf.function(program)):
        with pytest.raises(tf.errors.InvalidArgumentError) as caught:
            function(tf.constant(-2))
        assert message in str(caught.value)
        assert caught.value.code == "TFC107"
        assert 0 in function(tf.constant(0)).shape
