"""Segments and counts: what is wrong with ids, eagerly and compiled."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import tfc as tf

BOTH = pytest.mark.parametrize("wrap", [lambda f: f, tf.function], ids=["eager", "compiled"])
Wrap = Callable[[Any], Any]


@BOTH
@pytest.mark.parametrize("ids", [[1, 0, 1], [-1, 0, 1]])
@pytest.mark.parametrize("name", ["sum", "mean", "max", "min", "prod"])
def test_segment_ids_must_ascend(wrap: Wrap, ids: list[int], name: str) -> None:
    function = wrap(getattr(tf.math, f"segment_{name}"))
    with pytest.raises(tf.errors.InvalidArgumentError, match="must ascend"):
        function(tf.constant([1.0, 2.0, 3.0]), tf.constant(ids))


@BOTH
def test_segments_of_nothing(wrap: Wrap) -> None:
    ids = tf.constant([], dtype=tf.int32)
    assert wrap(tf.math.segment_sum)(tf.zeros([0, 2]), ids).shape == (0, 2)


@BOTH
def test_bincount_with_a_maximum(wrap: Wrap) -> None:
    count = wrap(lambda values: tf.math.bincount(values, maxlength=3))
    assert count(tf.constant([0, 1, 5, 2, 2])).numpy().tolist() == [1, 1, 2]
    with pytest.raises(tf.errors.OutOfRangeError, match="index -1 is out of range"):
        count(tf.constant([0, -1, 2]))


def test_bincount_with_a_maximum_that_the_dtype_lacks() -> None:
    counts = tf.math.bincount(np.array([3, 100], np.int8), maxlength=1000)
    assert counts.numpy().nonzero()[0].tolist() == [3, 100]
