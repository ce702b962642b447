"""exp, exp2, expm1, sinh, cosh, tanh.

x = n ln 2 + r with |r| <= ln 2 / 2; exp(r) is a polynomial and 2^n goes into the exponent in two
halves, so that results below the normal range are rounded once and overflow gives inf.
"""

from __future__ import annotations

from tfc.passes.expand_math.coefficients import F32, F64
from tfc.passes.expand_math.emitter import Emitter, Value

LOG2_E = 1.4426950408889634
# ln 2 in two parts, the first short enough for n times it to be exact.
LN2 = {
    32: (0.693145751953125, 1.428606765330187e-06),
    64: (0.693147180559663, 2.8235290563031577e-13),
}


def table(e: Emitter, name: str) -> tuple[float, ...]:
    """The coefficients of a fit in the emitter's format."""
    return (F32 if e.single else F64)[name]


def nearest_power(e: Emitter, x: Value, shift: int) -> tuple[Value, Value, Value]:
    """n = round(x / ln 2), and r = x - n ln 2, as (sum, n, r).

    The low bits of `sum`, a float, are the integer n + shift.
    """
    magic = e.format.magic + shift
    total = e.fma(x, LOG2_E, magic)
    n = total - magic
    high, low = LN2[e.format.bits]
    return total, n, e.fma(n, -low, e.fma(n, -high, x))


def exp_reduced(e: Emitter, r: Value) -> Value:
    """exp(r) for |r| <= ln 2 / 2."""
    return e.fma(r * r, e.polynomial(r, table(e, "exp")), r) + 1.0


def times_power_of_two(e: Emitter, p: Value, total: Value) -> Value:
    """p * 2^n, where the low bits of `total` are n + 2 bias: two factors of half the power each."""
    bits = total.bits()
    first = bits >> 1
    second = bits - first
    mantissa = e.format.mantissa
    return p * (first << mantissa).as_float() * (second << mantissa).as_float()


def exp(e: Emitter, x: Value) -> Value:
    """e to the x."""
    x = e.at_least(e.at_most(x, e.pick(89.0, 710.0)), e.pick(-104.0, -746.0))
    total, _, r = nearest_power(e, x, 2 * e.format.bias)
    return times_power_of_two(e, exp_reduced(e, r), total)


def exp2(e: Emitter, x: Value) -> Value:
    """2 to the x."""
    x = e.at_least(e.at_most(x, e.pick(128.0, 1024.0)), e.pick(-151.0, -1076.0))
    magic = e.format.magic + 2 * e.format.bias
    total = x + magic
    r = (x - (total - magic)) * 0.6931471805599453
    return times_power_of_two(e, exp_reduced(e, r), total)


def expm1(e: Emitter, x: Value) -> Value:
    """exp(x) - 1 without cancellation: 4 (2^(n-2) (exp(r) - 1) + (2^(n-2) - 1/4)).

    What rounding cuts off r is put back: it is what counts where n = 1 and r < 0.
    """
    limited = e.at_least(e.at_most(x, e.pick(89.42, 710.5)), e.pick(-20.0, -40.0))
    total, n, r = nearest_power(e, limited, e.format.bias - 2)
    high, low = LN2[e.format.bits]
    lost = e.fma(n, -low, e.fma(n, -high, limited) - r)
    grown = r + e.fma(r * r, e.polynomial(r, table(e, "expm1")), lost)
    scale = (total.bits() << e.format.mantissa).as_float()
    small = x.abs() < e.pick(2.0**-26, 2.0**-55)  # also keeps -0 and subnormals
    return e.select(small, x, e.fma(scale, grown, scale - 0.25) * 4.0)


def quarter_of_exp(e: Emitter, x: Value) -> Value:
    """exp(|x|) / 4, which overflows where sinh and cosh do and not before."""
    magnitude = e.at_most(x.abs(), e.pick(89.42, 710.5))
    total, _, r = nearest_power(e, magnitude, e.format.bias - 2)
    return exp_reduced(e, r) * (total.bits() << e.format.mantissa).as_float()


def sinh(e: Emitter, x: Value) -> Value:
    """w - 1 / (4 w) with w = exp(|x|) / 2; a polynomial near 0."""
    quarter = quarter_of_exp(e, x)
    large = e.fma(quarter, 2.0, -0.125 / quarter)
    size = x.abs()
    z = size * size
    small = e.fma(size * z, e.polynomial(z, table(e, "sinh")), size)
    return e.select(size < 1.0, small, large).with_sign_of(x)


def cosh(e: Emitter, x: Value) -> Value:
    """w + 1 / (4 w) with w = exp(|x|) / 2."""
    quarter = quarter_of_exp(e, x)
    return e.fma(quarter, 2.0, 0.125 / quarter)


def tanh(e: Emitter, x: Value) -> Value:
    """x + x z P(z) / Q(z) with z = x^2 near 0, else 1 - 2 / (exp(2 |x|) + 1): one division."""
    size = x.abs()
    magnitude = e.at_most(size, e.pick(9.1, 20.0))
    total, _, r = nearest_power(e, magnitude + magnitude, e.format.bias)
    power = exp_reduced(e, r) * (total.bits() << e.format.mantissa).as_float()
    z = size * size
    near = size < 0.55
    above = size * z * e.polynomial(z, table(e, "tanh numerator"))
    below = e.polynomial(z, table(e, "tanh denominator"))
    quotient = e.select(near, above, -2.0) / e.select(near, below, power + 1.0)
    return (e.select(near, size, 1.0) + quotient).with_sign_of(x)
