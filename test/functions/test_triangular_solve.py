"""Triangular systems of more unknowns than NumPy solves at once, against one of any matrix."""

from __future__ import annotations

import numpy as np
import pytest
import tfc as tf


@pytest.mark.parametrize("size", [64, 65, 150])
@pytest.mark.parametrize("batch", [((), ()), ((3,), ()), ((), (2,)), ((3, 1), (2,))])
def test_blocks(size: int, batch: tuple[tuple[int, ...], tuple[int, ...]]):
    random = np.random.default_rng(size)
    a = random.normal(size=(*batch[0], size, size)) + size * np.eye(size)
    b = random.normal(size=(*batch[1], size, 2))
    for lower in (True, False):
        for adjoint in (True, False):
            triangle = np.tril(a) if lower else np.triu(a)
            expected = np.linalg.solve(triangle.swapaxes(-1, -2) if adjoint else triangle, b)
            found = tf.linalg.triangular_solve(a, b, lower=lower, adjoint=adjoint)
            np.testing.assert_allclose(found, expected, rtol=1e-9)


def test_a_zero_in_a_later_block():
    a = np.eye(100)
    a[90, 90] = 0
    with pytest.raises(tf.errors.InvalidArgumentError, match="zero on its diagonal"):
        tf.linalg.triangular_solve(a, np.ones([100, 1]))
