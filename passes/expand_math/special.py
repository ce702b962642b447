"""lgamma, digamma, erfc, erfinv, ndtri: functions that have no op, for lowerings to emit.

    y = special.emit(rewriter, "lgamma", x)

writes arithmetic and `math` ops (of which `expand-math` makes arithmetic later) at the rewriter's
insertion point. All but erfc are computed in f64 whatever the type, so that results in f32 and below
are right to the last place.
"""

from __future__ import annotations

from collections.abc import Sequence

from tfc.passes.expand_math.coefficients import F64
from tfc.passes.expand_math.emitter import Constants, Emitter, Expansion, Value, kind_of_type
from tfc.passes.expand_math.error_function import erfc
from tfc.passes.expand_math.logarithm import INF, NAN
from tfc.passes.rewriting import Rewriter
from xdsl.dialects import math
from xdsl.dialects.builtin import f32, f64
from xdsl.ir import SSAValue

PI = 3.141592653589793
ROOT_TWO = 1.4142135623730951
HALF_LOG_TWO_PI = 0.9189385332046728
SHIFT = 8
"""From here on asymptotic series are used."""


def emit(rewriter: Rewriter, name: str, operand: SSAValue) -> SSAValue:
    """Emit function `name` of a float scalar or vector; the result has the operand's type.

    `name` is one of lgamma, digamma, erfc, erfinv, ndtri. Accuracy: docs/math.md.
    """
    kind = kind_of_type(operand.type)
    block = rewriter.point()[0]
    assert block is not None and kind.is_float
    element = (f64 if kind.bits == 64 else f32) if name == "erfc" else f64
    emitter = Emitter(rewriter, Constants(rewriter), block, element, kind.shape, fused=True)
    result = FUNCTIONS[name](emitter, Value(emitter, operand, kind).to(element))
    return result.to(kind.element).ssa


def log(e: Emitter, x: Value) -> Value:
    """`math.log`, which `expand-math` expands."""
    return x.apply(math.LogOp)


def quotient(e: Emitter, x: Value, name: str) -> tuple[Value, Value]:
    """Numerator and denominator of a fit."""
    above, below = F64[f"{name} numerator"], F64[f"{name} denominator"]
    return e.polynomial(x, above), e.polynomial(x, below)


def sin_pi(e: Emitter, x: Value) -> Value:
    """sin(pi x) for |x| <= 1/2."""
    z = x * x
    return e.fma(x, PI, x * z * e.polynomial(z, F64["sin pi"]))


def lgamma(e: Emitter, x: Value) -> Value:
    """log |gamma(x)|; for x < 0 by reflection from 1 - x."""
    negative = x < 0.0
    a = e.select(negative, 1.0 - x, x)
    result = lgamma_of_positive(e, a)
    fraction = x - x.round()
    mirrored = -log(e, sin_pi(e, fraction.abs()) * (1 / PI)) - result
    result = e.select(negative, mirrored, result)
    return e.select(x.abs().equals(INF), INF, result)


def lgamma_of_positive(e: Emitter, a: Value) -> Value:
    """Stirling's formula from 8 on; below, a + k in [1.5, 2.5] and the logarithm of the factors."""
    large = a >= float(SHIFT)
    n = a.round() - 2.0
    t = (a - n) - 2.0
    # gamma(a) = gamma(2 + t) times t + 2 and so on up to a - 1, or divided by a and a + 1.
    factors = e.constant(1.0)
    for i in range(SHIFT - 2):
        factors = e.select(n > float(i), factors * (t + (2.0 + i)), factors)
    under = e.select(n < -1.5, a * (a + 1.0), a)
    below = n < -0.5
    logarithm = log(e, e.select(large, a, e.select(below, under, factors)))
    above, under = quotient(e, t, "lgamma")
    ratio = e.select(large, 1.0, above) / e.select(large, a, under)
    near = e.fma(t, ratio, e.select(below, -logarithm, logarithm))
    tail = ratio * e.polynomial(ratio * ratio, F64["stirling"])
    far = e.fma(a - 0.5, logarithm, -a) + (tail + HALF_LOG_TWO_PI)
    return e.select(large, far, near)


def digamma(e: Emitter, x: Value) -> Value:
    """The derivative of lgamma; a single quotient takes arguments below 8 to the series."""
    negative = x < 0.0
    a = e.select(negative, 1.0 - x, x)
    small = a < float(SHIFT)
    product, derivative = falling_product(SHIFT)
    steps = e.horner(a, derivative) / e.horner(a, product)
    far = e.select(small, a + float(SHIFT), a)
    inverse = 1.0 / far
    z = inverse * inverse
    tail = e.fma(z, e.polynomial(z, F64["digamma"]), inverse * 0.5)
    result = log(e, far) - tail
    result = result - e.select(small, steps, e.constant(0.0))
    fraction = x - x.round()
    cotangent = sin_pi(e, 0.5 - fraction.abs()).with_sign_of(fraction) / sin_pi(e, fraction.abs())
    mirrored = e.select(fraction.equals(0.0), NAN, e.fma(cotangent, -PI, result))
    result = e.select(x.equals(INF), x, result)
    pole = e.constant(INF).with_sign_of(-x)
    return e.select(negative, mirrored, e.select(x.equals(0.0), pole, result))


def falling_product(count: int) -> tuple[Sequence[float], Sequence[float]]:
    """The coefficients of x (x + 1) ... (x + count - 1) and of its derivative: integers."""
    product = [1]
    for i in range(count):
        product = [
            (product[k - 1] if k else 0) + i * (product[k] if k < len(product) else 0)
            for k in range(len(product) + 1)
        ]
    derivative = [k * c for k, c in enumerate(product)][1:]
    return [float(c) for c in product], [float(c) for c in derivative]


def erfinv(e: Emitter, x: Value) -> Value:
    """The inverse of erf: a quotient for |x| <= 3/4, else from the logarithm of 1 - |x|."""
    size = x.abs()
    above, below = quotient(e, x * x, "erfinv")
    central = size * above / below
    tail = erfc_inverse(e, 1.0 - size, far=False)
    return e.select(size > 0.75, tail, central).with_sign_of(x)


def ndtri(e: Emitter, p: Value) -> Value:
    """The quantile of the normal distribution: -sqrt(2) erfc^-1(2 p)."""
    upper = p >= 0.5
    y = e.select(upper, 1.0 - p, p) * 2.0
    x = 1.0 - y
    above, below = quotient(e, x * x, "erfinv")
    tail = e.select(y < 0.25, erfc_inverse(e, y, far=True), x * above / below)
    return e.select(upper, tail, -tail) * ROOT_TWO


def erfc_inverse(e: Emitter, y: Value, *, far: bool) -> Value:
    """t with erfc(t) = y for y < 1/4: a quotient in s = sqrt(-log(y)), another for s > 6.15 (`far`)."""
    s = (-log(e, y)).sqrt()
    parts: list[Value] = []
    for part in ("numerator", "denominator"):
        near = F64[f"erfc inverse near {part}"]
        if not far:
            parts.append(e.polynomial(s, near))
            continue
        beyond = F64[f"erfc inverse far {part}"]
        distant = s > 6.15
        total = e.constant(0.0)
        for a, b in zip(reversed(near), reversed((*beyond, 0.0)), strict=True):
            total = e.fma(total, s, e.select(distant, e.constant(b), a))
        parts.append(total)
    return e.select(y.equals(0.0), INF, parts[0] / parts[1])


FUNCTIONS: dict[str, Expansion] = {
    "lgamma": lgamma,
    "digamma": digamma,
    "erfc": erfc,
    "erfinv": erfinv,
    "ndtri": ndtri,
}
