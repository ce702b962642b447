"""Special functions that NumPy lacks, of float64 arrays."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

Array = Any

BERNOULLI = (1 / 6, -1 / 30, 1 / 42, -1 / 30, 5 / 66, -691 / 2730, 7 / 6, -3617 / 510)
"""B2, B4, ..., B16."""

ZETA_TERMS = 12
"""Terms that `zeta` adds before the series for the rest."""


def _each(function: Callable[[float], float]) -> Callable[[Array], Array]:
    """`function` of each element: C's functions are quicker one by one than series are on arrays."""

    def evaluate(x: Array) -> Array:
        return np.fromiter(map(function, x.ravel().tolist()), np.float64, x.size).reshape(x.shape)

    return evaluate


erf = _each(math.erf)
erfc = _each(math.erfc)


def _newton_tail(probability: Array) -> Array:
    """The z >= 0 with erfc(z) = probability, for probabilities in (0, 1]."""
    safe = np.clip(probability, 5e-324, 1.0)
    logarithm = -np.log(safe)
    z = np.sqrt(np.maximum(logarithm - 0.5 * np.log(1 + 3.0 * logarithm), 0.0))
    for _ in range(6):  # Newton's method on log erfc, which is concave: it converges from anywhere
        value = np.maximum(erfc(z), 5e-324)
        slope = -2 / math.sqrt(math.pi) * np.exp(-z * z)
        z = np.maximum(z - (np.log(value) - np.log(safe)) * value / np.minimum(slope, -5e-324), 0.0)
    return z


def erfinv(x: Array) -> Array:
    """The inverse of the error function: nan outside of [-1, 1]."""
    size = np.absolute(x)
    # Near 0 the tail form loses digits: there, Newton's method on erf itself.
    near = np.where(size < 0.5, x, 0.0) * (math.sqrt(math.pi) / 2)
    target = np.where(size < 0.5, x, 0.0)
    for _ in range(5):
        near = near - (erf(near) - target) * (math.sqrt(math.pi) / 2) * np.exp(near * near)
    far = np.copysign(_newton_tail(np.where(size < 1, 1 - size, 0.5)), x)
    result = np.where(size < 0.5, near, far)
    result = np.where(size == 1, np.copysign(np.inf, x), result)
    return np.where(size > 1, np.nan, result + 0 * x)


def ndtri(p: Array) -> Array:
    """The quantile of the standard normal distribution: nan outside of [0, 1]."""
    tail = np.minimum(p, 1 - p)
    far = math.sqrt(2) * _newton_tail(np.where(tail > 0, 2 * tail, 0.5))
    near = math.sqrt(2) * erfinv(2 * np.where(tail > 0.25, p, 0.5) - 1)
    result = np.where(tail > 0.25, near, np.where(p < 0.5, -far, far))
    result = np.where(p == 0, -np.inf, np.where(p == 1, np.inf, result))
    return np.where((p >= 0) & (p <= 1), result, np.nan)


def _lgamma_of_one(x: float) -> float:
    """The logarithm of the absolute value of the gamma function; infinite at its poles."""
    if math.isinf(x):
        return math.inf
    if x <= 0 and x == math.floor(x):
        return math.inf
    try:
        return math.lgamma(x)
    except OverflowError:
        return math.inf


lgamma = _each(_lgamma_of_one)


def digamma(x: Array) -> Array:
    """The derivative of `lgamma`: an infinity at zero, of the other sign than the zero; nan at the poles -1, -2, ..."""
    reflect = x < 0.5
    y = np.where(reflect, 1 - x, x)
    total = np.zeros_like(y)
    for _ in range(10):  # the recurrence moves y to where the asymptotic series is exact
        below = y < 10
        total = total - np.where(below, 1 / np.where(below, y, 1.0), 0.0)
        y = np.where(below, y + 1, y)
    inverse = 1 / (y * y)
    series = np.zeros_like(y)
    for k in range(len(BERNOULLI), 0, -1):
        series = inverse * (BERNOULLI[k - 1] / (2 * k) + series)
    result = total + np.log(y) - 0.5 / y - series
    fraction = x - np.rint(x)
    pole = reflect & (fraction == 0)
    tangent = np.tan(np.pi * np.where(pole, 0.25, fraction))
    result = np.where(reflect, result - np.pi / tangent, result)
    result = np.where(pole | (x == -np.inf), np.nan, np.where(x == np.inf, np.inf, result))
    return np.where(x == 0, np.copysign(np.inf, -x), result)


def zeta(s: Array, q: Array) -> Array:
    """Hurwitz' zeta function, the sum of `(q + k) ** -s` over k >= 0, for s > 1 and q > 0; nan elsewhere, inf at s = 1."""
    s, q = np.broadcast_arrays(s, q)
    good = (s > 1) & (q > 0)
    s, q = np.where(good, s, 2.0), np.where(good, q, 1.0)
    total = np.zeros_like(s)
    for k in range(ZETA_TERMS):
        total = total + (q + k) ** -s
    a = q + ZETA_TERMS
    power = a**-s
    total = total + power * a / (s - 1) + 0.5 * power
    term = s * power / a  # s (s+1) ... (s+2j-2) a ** -(s+2j-1)
    factorial = 2.0
    for j, bernoulli in enumerate(BERNOULLI, 1):
        total = total + bernoulli / factorial * term
        term = term * (s + 2 * j - 1) * (s + 2 * j) / (a * a)
        factorial *= (2 * j + 1) * (2 * j + 2)
    return np.where(good, np.where(q == np.inf, 0.0, total), np.nan)
