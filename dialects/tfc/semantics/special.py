"""Special functions that NumPy lacks, vectorised over float64 arrays.

The Chebyshev coefficients were computed with mpmath at 40 digits from the definitions named beside them.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

Array = Any

_ERF = (  # erf(x) / x in u = 2 x^2 - 1, for |x| <= 1
    0.9754769393826541, -0.14226120510371365, 0.010035582187599796, -0.0005768764699767485,
    2.741993125219606e-05, -1.1043175507344507e-06, 3.8488755420345036e-08, -1.1808582533875466e-09,
    3.2334215826050907e-11, -7.991015947004549e-13, 1.7990725113961456e-14, -3.718635487818693e-16,
    7.103599003714253e-18,
)  # fmt: skip
_ERFC = (  # erfc(x) exp(x^2) (1 + 2 x) in t = (x - 2.5) / (x + 2.5), scaled to [-1, 1], for 1 <= x <= 28
    1.2275677699984, -0.07409379704206148, -0.010838565559580121, 0.006438419723146683,
    -0.001448442805845236, 0.0001804917934435861, -6.757868137964408e-06, -1.635616690924599e-06,
    2.2062404895570316e-07, 1.3016627425250456e-08, -4.257354437777027e-09, -1.3075522022334152e-10,
    8.403028262882716e-11, 2.7873791476708344e-12, -1.7820130293920624e-12, -1.0516785539813823e-13,
    3.8687271619818587e-14, 4.261377209616548e-15, -7.6893021745844785e-16, -1.5953799080166273e-16,
    1.0122697411681821e-17, 5.278644951054484e-18,
)  # fmt: skip
_ERFC_LOW, _ERFC_HIGH = -3 / 7, 51 / 61

BERNOULLI = (1 / 6, -1 / 30, 1 / 42, -1 / 30, 5 / 66, -691 / 2730, 7 / 6, -3617 / 510)
"""B2, B4, ..., B16."""

ZETA_TERMS = 12
"""Terms that `zeta` adds before the series for the rest."""


def _chebyshev(coefficients: tuple[float, ...], u: Array) -> Array:
    """The sum of `coefficients[k] T_k(u)`, by Clenshaw's recurrence."""
    twice = 2 * u
    high, higher = np.zeros_like(u), np.zeros_like(u)
    for coefficient in coefficients[:0:-1]:
        high, higher = coefficient + twice * high - higher, high
    return coefficients[0] + u * high - higher


def _erfc_above_one(x: Array) -> Array:
    """erfc for x >= 1: the scaled function times exp(-x^2), whose argument is split so that its square is exact."""
    x = np.minimum(x, 28.0)
    t = (x - 2.5) / (x + 2.5)
    u = (2 * t - _ERFC_LOW - _ERFC_HIGH) / (_ERFC_HIGH - _ERFC_LOW)
    head = x.astype(np.float32).astype(np.float64)
    power = np.exp(-head * head) * np.exp(-(x - head) * (x + head))
    return power * _chebyshev(_ERFC, u) / (1 + 2 * x)


def erf(x: Array) -> Array:
    """The error function."""
    size = np.absolute(x)
    small = np.minimum(size, 1.0)
    near = x * _chebyshev(_ERF, 2 * small * small - 1)
    far = np.copysign(1 - _erfc_above_one(np.maximum(size, 1.0)), x)
    return np.where(size <= 1, near, far)


def erfc(x: Array) -> Array:
    """`1 - erf(x)`, accurate where that is small."""
    size = np.absolute(x)
    tail = _erfc_above_one(np.maximum(size, 1.0))
    return np.where(size <= 1, 1 - erf(x), np.where(x > 0, tail, 2 - tail))


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
    if math.isinf(x):
        return math.inf
    if x <= 0 and x == math.floor(x):
        return math.inf
    try:
        return math.lgamma(x)
    except OverflowError:
        return math.inf


_lgamma: Callable[[Array], Array] = np.frompyfunc(_lgamma_of_one, 1, 1)


def lgamma(x: Array) -> Array:
    """The logarithm of the absolute value of the gamma function; infinite at its poles."""
    return np.asarray(_lgamma(x), np.float64)


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
    return np.where(good, total, np.nan)
