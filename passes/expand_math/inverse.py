"""asin, acos, atan, atan2, asinh, acosh, atanh."""

from __future__ import annotations

from tfc.passes.expand_math.emitter import Emitter, Value
from tfc.passes.expand_math.exponential import LN2, table
from tfc.passes.expand_math.logarithm import INF, NAN, log1p

# pi / 2 in two parts.
HALF_PI = {
    32: (1.5707963705062866, -4.371138828673793e-08),
    64: (1.5707963267948966, 6.123233995736766e-17),
}


def asin_core(e: Emitter, size: Value) -> tuple[Value, Value, Value]:
    """s + tail is asin of |x| where it is at most 1/2, else of sqrt((1 - |x|) / 2); and which."""
    large = size > 0.5
    z = e.select(large, e.fma(size, -0.5, 0.5), size * size)
    s = e.select(large, z.sqrt(), size)
    return s, s * z * e.polynomial(z, table(e, "asin")), large


def asin(e: Emitter, x: Value) -> Value:
    """pi / 2 - 2 asin(s) for |x| > 1/2."""
    s, tail, large = asin_core(e, x.abs())
    high, low = HALF_PI[e.format.bits]
    turned = e.fma(s, -2.0, high)
    lost = e.fma(s, -2.0, high - turned)
    turned = turned + (lost + e.fma(tail, -2.0, low))
    return e.select(large, turned, s + tail).with_sign_of(x)


def acos(e: Emitter, x: Value) -> Value:
    """pi / 2 - asin(x), or 2 asin(s), or pi - 2 asin(s)."""
    s, tail, large = asin_core(e, x.abs())
    high, low = HALF_PI[e.format.bits]
    signed = (s + tail).with_sign_of(x)
    turns = e.select(large, e.select(x < 0.0, 2.0, e.constant(0.0)), 1.0)
    factor = e.select(large, e.constant(2.0), -1.0)
    return e.fma(turns, high, e.fma(signed, factor, turns * low))


def atan_quotient(e: Emitter, above: Value, below: Value) -> Value:
    """atan(above / below) for 0 <= above <= below.

    Where the quotient q exceeds tan(pi / 8) it is pi / 4 + atan((q - 1) / (q + 1)).
    """
    high = above > below * 0.41421356237309503
    numerator = e.select(high, above - below, above)
    t = numerator / e.select(high, above + below, below)
    z = t * t
    tail = t * z * e.polynomial(z, table(e, "atan"))
    quarter, rest = (v / 2 for v in HALF_PI[e.format.bits])
    base = e.select(high, quarter, e.constant(0.0))
    return base + (t + (tail + e.select(high, rest, e.constant(0.0))))


def atan(e: Emitter, x: Value) -> Value:
    """The arc tangent: pi / 2 - atan(1 / |x|) for |x| > 1."""
    size = x.abs()
    large = size > 1.0
    angle = atan_quotient(e, e.select(large, 1.0, size), e.select(large, size, 1.0))
    high, low = HALF_PI[e.format.bits]
    return e.select(large, (high - angle) + low, angle).with_sign_of(x)


def atan2(e: Emitter, y: Value, x: Value) -> Value:
    """The angle of the point (x, y), in all quadrants, as C defines it at zeros and infinities."""
    height, width = y.abs(), x.abs()
    steep = height > width
    above, below = e.select(steep, width, height), e.select(steep, height, width)
    # Away from overflow of above + below; inf / inf is one, 0 / 0 is zero.
    scale = e.select(below > 0.25 * e.format.largest, 0.25, e.constant(1.0))
    infinite = above.equals(INF)
    above, below = above * scale, below * scale
    above = e.select(infinite, 1.0, above)
    below = e.select(infinite | below.equals(0.0), 1.0, below)
    angle = atan_quotient(e, above, below)
    high, low = HALF_PI[e.format.bits]
    angle = e.select(steep, (high - angle) + low, angle)
    left = x.bits() < 0
    angle = e.select(left, (2 * high - angle) + 2 * low, angle)
    angle = e.select(x.compare("uno", y), x + y, angle)
    return angle.with_sign_of(y)


def asinh(e: Emitter, x: Value) -> Value:
    """log1p(a + a^2 / (1 + sqrt(a^2 + 1))), or log(2 a) where a^2 is too large."""
    size = x.abs()
    large = size > e.pick(2.0**30, 2.0**60)
    square = size * size
    near = size + square / ((square + 1.0).sqrt() + 1.0)
    return plus_ln2(e, large, e.select(large, size, near)).with_sign_of(x)


def acosh(e: Emitter, x: Value) -> Value:
    """log1p(t + sqrt(2 t + t^2)) with t = x - 1, or log(2 x) where t^2 is too large."""
    large = x > e.pick(2.0**30, 2.0**60)
    t = x - 1.0
    near = t + e.fma(t, t, t + t).sqrt()
    result = plus_ln2(e, large, e.select(large, x, near))
    return e.select(x < 1.0, NAN, result)


def plus_ln2(e: Emitter, large: Value, argument: Value) -> Value:
    """log1p(argument), and ln 2 more where `large`."""
    high, low = LN2[e.format.bits]
    return log1p(e, argument) + e.select(large, high + low, e.constant(0.0))


def atanh(e: Emitter, x: Value) -> Value:
    """log1p(2 a / (1 - a)) / 2."""
    size = e.select(x.abs() > 1.0, NAN, x.abs())
    twice = size + size
    return (log1p(e, e.fma(twice, size / (1.0 - size), twice)) * 0.5).with_sign_of(x)
