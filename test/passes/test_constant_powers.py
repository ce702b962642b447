"""Powers with exponents that are known: products, quotients and roots, at the edges too."""

from __future__ import annotations

import numpy as np
import pytest
import tfc as tf

EDGES = [
    0.0,
    -0.0,
    1.0,
    -1.0,
    2.0,
    3.5,
    -2.5,
    1e-20,
    1e20,
    -1e-20,
    1e-40,
    1e38,
    np.inf,
    -np.inf,
    np.nan,
]
EXPONENTS = (-3.0, -2.0, -1.0, -0.5, 0.0, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 4.0)


@pytest.mark.parametrize("exponent", EXPONENTS)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_numbers_are_those_of_numpy(exponent: float, dtype: str):
    random = np.random.default_rng(3).normal(size=200) * 3
    x = np.concatenate([np.array(EDGES), random]).astype(dtype)
    with np.errstate(all="ignore"):
        expected = np.power(x, np.array(exponent, dtype))
    found = tf.function(lambda x: x**exponent)(tf.constant(x)).numpy()
    np.testing.assert_allclose(found, expected, rtol=4 * np.finfo(dtype).eps, atol=0)
    zeros = expected == 0
    assert np.array_equal(np.signbit(found[zeros]), np.signbit(expected[zeros]))
