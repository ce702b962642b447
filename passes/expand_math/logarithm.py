"""log, log2, log10, log1p, asinh, acosh, atanh.

x = 2^k m with m in [sqrt(1/2), sqrt(2)); log(m) = f + rest with f = m - 1 exact, and k ln 2 is added
in two parts.
"""

from __future__ import annotations

from tfc.passes.expand_math.emitter import Emitter, Value
from tfc.passes.expand_math.exponential import LN2, table

INF = float("inf")
NAN = float("nan")
SQRT_HALF_BITS = {32: 0x3F3504F3, 64: 0x3FE6A09E667F3BCD}
LOG2_E = {
    32: (1.4426950216293335, 1.925963033500011e-08),
    64: (1.4426950408889634, 2.0355273740931033e-17),
}
LOG10_E = {
    32: (0.4342944920063019, -1.0103049952192578e-08),
    64: (0.4342944819032518, 1.098319650216765e-17),
}
# log10(2) with a first part short enough for k times it to be exact.
LOG10_2 = {
    32: (0.301025390625, 4.605039066518657e-06),
    64: (0.30102999566383914, 1.42050232272661e-13),
}


def exponent_of(e: Emitter, biased: Value, offset: Value | None = None) -> Value:
    """A biased exponent k + bias (an integer below 2^13) as the float k.

    `offset` is what is taken off its bits read as a float: 2^mantissa + bias unless given.
    """
    form = e.format
    bits = {32: 0x4B000000, 64: 0x4330000000000000}[form.bits]  # those of 2^mantissa
    return (biased | bits).as_float() - (
        2.0**form.mantissa + form.bias if offset is None else offset
    )


def split(e: Emitter, x: Value) -> tuple[Value, Value]:
    """k and f = m - 1 with x = 2^k m, for positive finite x, subnormals included."""
    form = e.format
    shift = form.mantissa + 1
    small = x < form.smallest_normal
    offset = 2.0**form.mantissa + form.bias
    offsets = e.select(small, e.constant(offset + shift), offset)
    return mantissa_parts(e, e.select(small, x * 2.0**shift, x), offsets)


def mantissa_parts(e: Emitter, x: Value, offset: Value | None = None) -> tuple[Value, Value]:
    """`split` of a normal number; `offset` as for `exponent_of`."""
    form = e.format
    root = SQRT_HALF_BITS[form.bits]
    moved = x.bits() + ((form.bias << form.mantissa) - root)
    k = exponent_of(e, moved >> form.mantissa, offset)
    m = ((moved & ((1 << form.mantissa) - 1)) + root).as_float()
    return k, m - 1.0


def log_rest(e: Emitter, f: Value) -> Value:
    """log(1 + f) - f for 1 + f in [sqrt(1/2), sqrt(2)]."""
    if e.single:
        z = f * f
        return z * e.fma(f, e.polynomial(f, table(e, "log")), -0.5)
    s = f / (f + 2.0)
    z = s * s
    half = f * f * 0.5
    return e.fma(s, e.fma(z, e.polynomial(z, table(e, "log")), half), -half)


def natural(e: Emitter, k: Value, f: Value) -> Value:
    """k ln 2 + log(1 + f)."""
    high, low = LN2[e.format.bits]
    return e.fma(k, high, f + e.fma(k, low, log_rest(e, f)))


def with_edges(e: Emitter, x: Value, result: Value) -> Value:
    """Put in what a logarithm is at 0, below 0, at inf and at nan."""
    result = e.select(x.equals(INF), x, result)
    edge = e.select(x.equals(0.0), -INF, e.constant(NAN))
    return e.select(x > 0.0, result, edge)


def log(e: Emitter, x: Value) -> Value:
    """The natural logarithm."""
    return with_edges(e, x, natural(e, *split(e, x)))


def log2(e: Emitter, x: Value) -> Value:
    """The logarithm to base 2, exact at powers of two."""
    k, f = split(e, x)
    high, low = LOG2_E[e.format.bits]
    rest = log_rest(e, f)
    return with_edges(e, x, k + e.fma(f, high, e.fma(f, low, rest * high)))


def log10(e: Emitter, x: Value) -> Value:
    """The logarithm to base 10."""
    k, f = split(e, x)
    high, low = LOG10_E[e.format.bits]
    two_high, two_low = LOG10_2[e.format.bits]
    tail = e.fma(log_rest(e, f), high, e.fma(k, two_low, f * low))
    return with_edges(e, x, e.fma(k, two_high, e.fma(f, high, tail)))


def log1p(e: Emitter, x: Value) -> Value:
    """log(1 + x): 1 + x = 2^k (1 + f) with f = 2^-k x + (2^-k - 1), which needs no correction."""
    form = e.format
    one = form.bias << form.mantissa
    root = SQRT_HALF_BITS[form.bits]
    biased = ((x + 1.0).bits() + (one - root)) >> form.mantissa
    k = exponent_of(e, biased)
    # 2^(2-k) and a quarter of x, for 2^-k may be below the normal range.
    scale = (((2 * form.bias + 2) - biased) << form.mantissa).as_float()
    f = e.fma(x * 0.25, scale, e.fma(scale, 0.25, -1.0))
    result = natural(e, k, f)
    result = e.select(x.abs() < e.pick(2.0**-25, 2.0**-54), x, result)
    result = e.select(x.equals(INF), x, result)
    edge = e.select(x.equals(-1.0), -INF, e.constant(NAN))
    return e.select(x > -1.0, result, edge)
