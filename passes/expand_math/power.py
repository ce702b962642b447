"""powf, fpowi, ipowi, cbrt, rsqrt."""

from __future__ import annotations

from tfc.passes.expand_math.coefficients import F64
from tfc.passes.expand_math.emitter import Emitter, Value
from tfc.passes.expand_math.exponential import exp_reduced, times_power_of_two
from tfc.passes.expand_math.logarithm import INF, NAN, mantissa_parts, split
from xdsl.dialects import arith
from xdsl.dialects.builtin import IntegerAttr

LN2 = 0.6931471805599453
THIRD = (0.3333333333333333, 1.850371707708594e-17)
TWO_LOG2_E = (2.8853900817779268, 4.0710547481862066e-17)


def rsqrt(e: Emitter, x: Value) -> Value:
    """1 / sqrt(x)."""
    return 1.0 / x.sqrt()


def powf(e: Emitter, x: Value, y: Value) -> Value:
    """x to the y, with C's rules for zeros, infinities, nan and negative x."""
    if e.single:
        d = e.double()
        magnitude = power_of_single(d, x.abs().to(d.float.element), y.to(d.float.element))
        return signed_power(e, x, y, magnitude.to(x.kind.element))
    return signed_power(e, x, y, power_of_double(e, x.abs(), y))


def signed_power(e: Emitter, x: Value, y: Value, magnitude: Value) -> Value:
    """|x|^y made x^y: the sign for odd y, nan for fractions, 1 for y = 0 and for x = 1."""
    half = y * 0.5
    whole = y.round().equals(y)
    odd = whole & half.round().compare("une", half)
    sign = x.bits() & (1 << (e.format.bits - 1))
    result = (magnitude.bits() | e.select(odd, sign, e.constant(0, e.integer))).as_float()
    real = whole | (x >= 0.0) | x.equals(-INF) | x.is_nan()
    result = e.select(real, result, NAN)
    return e.select(y.equals(0.0) | x.equals(1.0), 1.0, result)


def edges_of_log(e: Emitter, size: Value, result: Value) -> Value:
    """The logarithm of |x| at 0, inf and nan."""
    result = e.select(size < INF, result, size)
    return e.select(size.equals(0.0), -INF, result)


def exp2_of_parts(e: Emitter, high: Value, low: Value) -> Value:
    """2^(high + low) in f64: `low` is what rounding cut off `high`."""
    high = e.at_least(e.at_most(high, 1100.0), -1100.0)
    magic = e.format.magic + 2 * e.format.bias
    total = high + magic
    r = ((high - (total - magic)) + low) * LN2
    return times_power_of_two(e, exp_reduced(e, r), total)


def power_of_single(e: Emitter, size: Value, y: Value) -> Value:
    """|x|^y in f64 for f32 values: the logarithm to 40 bits will do."""
    k, f = mantissa_parts(e, size)
    s = f / (f + 2.0)
    z = s * s
    log2 = edges_of_log(e, size, e.fma(s, e.polynomial(z, F64["log2 for f32"]), k))
    exponent = e.select(size.equals(1.0), 0.0, y * log2)
    exponent = e.at_least(e.at_most(exponent, 200.0), -200.0)
    magic = e.format.magic + e.format.bias
    total = exponent + magic
    power = e.polynomial(exponent - (total - magic), F64["exp2 for f32"])
    return power * (total.bits() << e.format.mantissa).as_float()


def power_of_double(e: Emitter, size: Value, y: Value) -> Value:
    """|x|^y in f64, with the logarithm in two parts, to 65 bits."""
    k, f = split(e, size)
    # s = f / (2 + f) in two parts.
    below = f + 2.0
    below_low = f - (below - 2.0)
    inverse = 1.0 / below
    s = f * inverse
    rest = e.exact_fma(-s, below, f)
    s_low = e.fma(-s, below_low, rest) * inverse
    # z = s^2, and log(1 + f) = 2 s (1 + z (1/3 + z U)).
    z = s * s
    z_low = e.fma(s + s, s_low, e.product_error(s, s, z))
    u = z * e.polynomial(z, F64["log for pow"])
    v = u + THIRD[0]
    v_low = (u - (v - THIRD[0])) + THIRD[1]
    t = z * v
    t_low = e.fma(z, v_low, e.fma(z_low, v, e.product_error(z, v, t)))
    p = s * t
    p_low = e.fma(s, t_low, e.fma(s_low, t, e.product_error(s, t, p)))
    half = s + p
    half_low = (p - (half - s)) + (p_low + s_low)
    # To base 2, and the exponent of x.
    q = half * TWO_LOG2_E[0]
    error = e.product_error(half, e.constant(TWO_LOG2_E[0]), q)
    q_low = e.fma(half_low, TWO_LOG2_E[0], e.fma(half, TWO_LOG2_E[1], error))
    log2 = k + q
    log2_low = (q - (log2 - k)) + q_low
    log2 = edges_of_log(e, size, log2)
    exponent = y * log2
    exponent_low = e.fma(y, log2_low, e.product_error(y, log2, exponent))
    one = size.equals(1.0)  # also to the power of inf and nan
    # Where the product is infinite, or nan as 0 inf, its error is nothing to add.
    exponent_low = e.select(exponent.abs() < 1100.0, exponent_low, e.constant(0.0))
    return exp2_of_parts(e, e.select(one, 0.0, exponent), exponent_low)


# The bits of x^(-1/3) are about this minus a third of the bits of x.
CUBE_ROOT_BITS = {32: 0x54A1F5B0, 64: 0x553EE961 << 32}


def cbrt(e: Emitter, x: Value) -> Value:
    """x y^2 with y = x^(-1/3) by iteration, and a last correction of the product."""
    form = e.format
    size = x.abs()
    # Small ones are scaled up, so that residuals stay in the normal range.
    shift = 3 * (2 * form.mantissa // 3 + 1)
    small = size < form.smallest_normal * 2.0**shift
    size = e.select(small, size * 2.0**shift, size)
    if e.single:
        bits = size.bits()
        third = e.op(arith.SIToFPOp, (bits.ssa,), e.float) * (1 / 3)
        guess = CUBE_ROOT_BITS[32] - e.op(arith.FPToSIOp, (third.ssa,), e.integer)
    else:
        one = 2.0**52
        third = ((size.bits() >> 32) | 0x4330000000000000).as_float() - one
        guess = CUBE_ROOT_BITS[64] - ((third * (1 / 3) + one).bits() << 32)
    y = guess.as_float()
    for _ in range(1 if e.single else 2):
        h = e.fma(-(size * y), y * y, 1.0)
        y = e.fma(y * h, e.horner(h, (1 / 3, 2 / 9, 14 / 81)), y)
    root = size * y * y
    # The residual of a quarter of x: root^3 may be past the largest number.
    quarter = root * 0.25
    square = quarter * root
    residual = e.exact_fma(square, root, size * -0.25)
    residual = e.fma(e.product_error(quarter, root, square), root, residual)
    root = e.fma(residual, y * y * (-4 / 3), root)
    root = root * e.select(small, 2.0 ** (-shift // 3), e.constant(1.0))
    regular = (size > 0.0) & (size < INF)
    return e.select(regular, root.with_sign_of(x), x)


def fpowi(e: Emitter, x: Value, n: Value) -> Value:
    """x to an integer: products for small constants, else `powf`."""
    match constant_integer(n):
        case 0:
            return e.constant(1.0)
        case 1:
            return x
        case 2:
            return x * x
        case 3:
            return x * x * x
        case 4:
            square = x * x
            return square * square
        case -1:
            return 1.0 / x
        case -2:
            inverse = 1.0 / x
            return inverse * inverse
        case _:
            pass
    d = e.double()
    y = d.op(arith.SIToFPOp, (n.ssa,), d.float)
    if e.single:
        wide = x.to(d.float.element)
        magnitude = power_of_single(d, wide.abs(), y)
        return signed_power(d, wide, y, magnitude).to(x.kind.element)
    return signed_power(e, x, y, power_of_double(e, x.abs(), y))


def constant_integer(value: Value) -> int | None:
    """The integer a value is known to be, or None."""
    op = value.ssa.owner
    attribute = op.properties["value"] if isinstance(op, arith.ConstantOp) else None
    return attribute.value.data if isinstance(attribute, IntegerAttr) else None


def ipowi(e: Emitter, base: Value, exponent: Value) -> Value:
    """base to the exponent modulo 2^width by squaring; a negative exponent gives 1 / it, truncated.

    0 to a negative power is 0.
    """
    known = constant_integer(exponent)
    if known is not None and known >= 0:
        result = e.constant(1, base.kind)
        while known:
            if known & 1:
                result = result * base
            known >>= 1
            base = base * base
        return result
    one = e.constant(1, base.kind)
    unit = e.select((base & one).equals(0), 0, one)
    is_unit = base.equals(1) | base.equals(-1)
    reciprocal = e.select((exponent & 1).equals(0), unit, base)
    reciprocal = e.select(is_unit, reciprocal, e.constant(0, base.kind))
    result, square, left = one, base, exponent
    for _ in range(base.kind.bits):
        result = e.select((left & 1).equals(0), result, result * square)
        square = square * square
        left = left >> 1
    return e.select(exponent < 0, reciprocal, result)
