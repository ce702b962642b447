"""What TensorFlow's programs ask of shapes and variables: names that are rare elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import tfc as tf

KNOWN = tf.TensorShape([2, 3])
PARTLY = tf.TensorShape([2, None])
UNKNOWN = tf.TensorShape(None)


def test_what_shapes_are_asserted_to_be() -> None:
    KNOWN.assert_is_fully_defined()
    KNOWN.assert_has_rank(2)
    PARTLY.assert_same_rank(KNOWN)
    UNKNOWN.assert_has_rank(7)
    UNKNOWN.assert_same_rank(KNOWN)
    KNOWN.assert_same_rank(UNKNOWN)
    for shape, least, most in ((KNOWN, 2, 2), (PARTLY, 0, 3), (UNKNOWN, 5, 1)):
        assert shape.with_rank_at_least(least) is shape
        assert shape.with_rank_at_most(most) is shape


@pytest.mark.parametrize(
    ("ask", "message"),
    [
        (PARTLY.assert_is_fully_defined, r"shape \(2, None\) is not fully defined"),
        (UNKNOWN.assert_is_fully_defined, "is not fully defined"),
        (lambda: KNOWN.with_rank_at_least(3), r"shape \(2, 3\) must have rank 3 or more"),
        (lambda: KNOWN.with_rank_at_most(1), r"shape \(2, 3\) must have rank 1 or less"),
        (lambda: KNOWN.assert_has_rank(3), "incompatible"),
        (lambda: KNOWN.assert_same_rank([1, 2, 3]), "incompatible"),
    ],
)
def test_what_shapes_are_not(ask: Callable[[], Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        ask()


@pytest.mark.parametrize("is_compiled", [False, True])
def test_items_of_variables(is_compiled: bool) -> None:
    start = np.arange(12, dtype=np.float64).reshape(4, 3)
    variable = tf.Variable(start)

    def change(indices: Any, updates: Any) -> Any:
        variable.scatter_nd_update(indices, updates)
        variable.scatter_nd_add(indices[:1], updates[:1] * 2)
        variable.scatter_nd_sub(indices[1:], updates[1:] * 3)
        return variable.sparse_read([3, 0, 3])

    run: Any = tf.function(change) if is_compiled else change
    given = np.array([[1, 2], [3, 0]]), np.array([10.0, 20.0])
    rows = run(tf.constant(given[0]), tf.constant(given[1]))
    expected = start.copy()
    expected[1, 2], expected[3, 0] = 30.0, -40.0
    np.testing.assert_array_equal(variable.numpy(), expected)
    np.testing.assert_array_equal(rows.numpy(), expected[[3, 0, 3]])


def test_traces_are_counted() -> None:
    compiled: Any = tf.function(lambda x: x + 1)
    for argument in (1.0, 2.0, [1.0], 3.0):
        compiled(tf.constant(argument))
    assert compiled.experimental_get_tracing_count() == 2
