"""sin, cos, tan.

x = n pi / 2 + r with |r| <= pi / 4, and n says which of sin(r) and cos(r) it is, with which sign.

In f64 the multiple of pi / 2 comes off in three parts with fused multiply-adds, which is good while
n fits (|x| < 2^48 pi = 8.8e14); a branch takes larger numbers to `large_arguments`.
In f32 the reduction is done in f64 and is good for all x: 1 / (2 pi) is cut into parts of 29 bits,
whose products with x are exact, and whole turns are dropped from each product.
"""

from __future__ import annotations

from collections.abc import Callable

from tfc.passes.expand_math.emitter import DOUBLE, Emitter, Expansion, Value
from tfc.passes.expand_math.exponential import table
from tfc.passes.expand_math.large_arguments import Finish, Parts, Periodic, everywhere

TWO_OVER_PI = 0.6366197723675814
TWO_PI = 6.283185307179586
# pi / 2 in three parts, all positive, so that minus zero stays what it is.
HALF_PI = (1.5707963267948966, 6.123233995736765e-17, 1.0828566739219139e-32)
LARGEST = 2.0**48 * 3.14
# 1 / (2 pi) in parts of 29 bits and a rest.
INVERSE_TWO_PI = (
    0.15915494272485375,
    3.6704158115630214e-10,
    5.690025167992954e-19,
    1.4703036846932608e-27,
    2.5867171752090537e-36,
    9.458140970740169e-46,
)


def periodic(name: str, finish: Finish) -> Expansion:
    """The expansion that reduces and does `finish`."""
    far = Periodic(name, LARGEST, reduced_by_parts, finish)

    def expand(e: Emitter, x: Value) -> Value:
        return finish(e, *reduced_by_turns(e, x)) if e.single else everywhere(e, x, far)

    return expand


def reduced_by_parts(e: Emitter, x: Value) -> Parts:
    """The reduction in f64, up to `LARGEST`."""
    total = e.fma(x, TWO_OVER_PI, DOUBLE.magic)
    n = total - DOUBLE.magic
    first, second, third = HALF_PI
    start = e.exact_fma(n, -first, x)  # exact: the leading bits cancel
    r = e.exact_fma(n, -third, e.exact_fma(n, -second, start))

    def excess() -> Value:
        moved = r - start  # exact unless most of start cancelled; then r has bits enough
        added = e.fma(n, third, e.exact_fma(n, second, moved))
        return e.select(moved.abs() < 0.5 * r.abs(), added, e.constant(0.0))

    return r, total.bits(), excess


def reduced_by_turns(e: Emitter, x: Value) -> Parts:
    """The reduction in f32, by way of the fraction of x / (2 pi) in f64."""
    d = e.double()
    wide = x.to(d.float.element)
    products = [wide * part for part in INVERSE_TWO_PI]
    turns = [p - p.round() for p in products[:-1]] + products[-1:]
    tail = turns[2] + (turns[3] + (turns[4] + turns[5]))
    total = d.fma((turns[0] + turns[1]) + tail, 4.0, DOUBLE.magic)
    # The multiple goes first, so that what is added after it adds up to something small.
    quarters = total - DOUBLE.magic
    turn = d.fma(quarters, -0.25, turns[0]) + turns[1] + tail
    exact = turn * TWO_PI
    r = exact.to(x.kind.element)
    low = (quarters.to(x.kind.element) + e.format.magic).bits()

    def excess() -> Value:
        return (r.to(d.float.element) - exact).to(x.kind.element)

    return e.select(x.equals(0.0), x, r), low, excess


def sin_or_cos(e: Emitter, r: Value, quadrant: Value) -> Value:
    """sin(r + quadrant pi / 2)."""
    z = r * r
    # Plus 0: so that this is +0 at z = 0, and -0 stays -0 below.
    tail = e.fma(z, e.polynomial(z, table(e, "sin")), 0.0)
    sine = e.fma(r, tail, r)
    cosine = e.fma(z * z, e.polynomial(z, table(e, "cos")), e.fma(z, -0.5, 1.0))
    sign = (quadrant & 2) << (e.format.bits - 2)
    result = e.select((quadrant & 1).equals(0), sine, cosine)
    return (result.bits() ^ sign).as_float()


def tan_of_rest(e: Emitter, r: Value, n: Value, excess: Callable[[], Value]) -> Value:
    """tan(r) = r + r z P / Q with z = r^2, and -1 / tan(r) where n is odd."""
    added = excess()
    z = r * r
    tail = e.fma(z, e.polynomial(z, table(e, "tan numerator")), 0.0)
    below = e.polynomial(z, table(e, "tan denominator"))
    odd = (n & 1).equals(1)
    turned = e.fma(r, below + tail, -added)
    quotient = e.select(odd, -below, r * tail) / e.select(odd, turned, below)
    return e.select(odd, quotient, r + (quotient - added))


sin = periodic("sin", lambda e, r, n, _: sin_or_cos(e, r, n))
cos = periodic("cos", lambda e, r, n, _: sin_or_cos(e, r, n + 1))
tan = periodic("tan", tan_of_rest)
