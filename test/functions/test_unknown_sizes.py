"""Ops whose sizes are known at run time only give what they give eagerly, or raise the same error."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import tfc as tf

MATRIX = np.arange(12.0).reshape(4, 3)
WIDE = MATRIX[:2]
ONES = np.ones((1, 4, 4, 1))

CASES: dict[str, tuple[Any, ...]] = {
    "split into equal parts": (lambda x: tf.split(x, 2), MATRIX),
    "split into parts that are not equal": (lambda x: tf.split(x, 3), MATRIX),
    "split by sizes": (lambda x: tf.split(x, [1, 3]), MATRIX),
    "split by too few": (lambda x: tf.split(x, [1, 2]), MATRIX),
    "split by too many": (lambda x: tf.split(x, [3, 3]), MATRIX),
    "split with a rest": (lambda x: tf.split(x, [1, -1]), MATRIX),
    "unstack": (lambda x: tf.unstack(x, num=4), MATRIX),
    "unstack another number": (lambda x: tf.unstack(x, num=3), MATRIX),
    "repeat each": (lambda x: tf.repeat(x, [1, 2, 0, 1], axis=0), MATRIX),
    "repeat with too few counts": (lambda x: tf.repeat(x, [1, 2]), MATRIX),
    "repeat nothing": (lambda x: tf.repeat(x[:0, 0], [], axis=0), MATRIX),
    "mask": (lambda x, m: x[m], MATRIX, [True, False, True, True]),
    "mask that is too short": (lambda x, m: x[m], MATRIX, [True, False, True]),
    "mask of an axis": (lambda x, m: tf.boolean_mask(x, m, axis=1), MATRIX, [True, False]),
    "one bias for all": (tf.nn.bias_add, MATRIX, [1.0]),
    "biases": (tf.nn.bias_add, MATRIX, [1.0, 2.0, 3.0]),
    "integer products": (lambda x: tf.linalg.matvec(x, x[0]), np.ones((40, 37), np.int32)),
    "diagonal": (lambda x: tf.linalg.set_diag(x, [7.0, 8.0, 9.0]), MATRIX),
    "diagonal that is too short": (lambda x: tf.linalg.set_diag(x, [7.0, 8.0]), MATRIX),
    "diagonals": (lambda x: tf.linalg.diag(x, k=1, padding_value=2.0), MATRIX[:2, 0]),
    "no diagonal": (lambda x: tf.linalg.diag(x, k=1, padding_value=2.0), MATRIX[:0, 0]),
    "tall": (lambda x: tf.linalg.lstsq(x * x, x[:, :1] + 1), MATRIX),
    "wide": (lambda x: tf.linalg.lstsq(x, x[:, :1] + 1), WIDE),
    "regularised": (lambda x: tf.linalg.lstsq(x, x[:, :1] + 1, l2_regularizer=0.1), WIDE),
    "no room for a window": (lambda x: tf.nn.conv2d(x, tf.ones([5, 2, 1, 1], x.dtype), 1, "VALID"), ONES),
    "no room for a pool": (lambda x: tf.nn.max_pool2d(x, 5, 2, "VALID"), ONES),
    "transposed": (lambda x: tf.nn.conv2d_transpose(x, x[0, :3, :3, :, None], [1, 8, 8, 1], 2), ONES),
    "transposed to another size": (lambda x: tf.nn.conv2d_transpose(x, x[0, :3, :3, :, None], [1, 9, 9, 1], 2), ONES),
    "means of integers": (lambda x: tf.math.segment_mean(tf.cast(x, tf.int32) - 5, [0, 0, 1, 1]), MATRIX),
}  # fmt: skip


def outcome(function: Any, arguments: Any) -> Any:
    """The values, or the plain class and the code of the error."""
    try:
        return [np.asarray(item) for item in tf.nest.flatten(function(*arguments))]
    except tf.errors.OpError as error:
        return type(error).mro()[1], error.code  # pyright: ignore[reportAttributeAccessIssue]


@pytest.mark.parametrize("case", CASES)
def test_as_eagerly(case: str):
    function, *arrays = CASES[case]
    tensors = [tf.constant(array) for array in arrays]
    signature = [tf.TensorSpec([None] * len(x.shape), x.dtype) for x in tensors]
    eager = outcome(function, tensors)
    compiled = outcome(tf.function(function, input_signature=signature), tensors)
    if isinstance(eager, tuple):
        assert compiled == eager
        return
    for have, want in zip(compiled, eager, strict=True):
        assert have.shape == want.shape
        np.testing.assert_allclose(have, want, rtol=1e-9, atol=1e-9)
