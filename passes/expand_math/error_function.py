"""erf, and erfc for lowerings that need it (the `math` dialect of xDSL has no op for it)."""

from __future__ import annotations

from tfc.passes.expand_math.emitter import Emitter, Value
from tfc.passes.expand_math.exponential import exp_reduced, nearest_power, table, times_power_of_two


def erf(e: Emitter, x: Value) -> Value:
    """x + x P(x^2) for |x| < 0.9 (f64: 1), else 1 - exp(Q(|x|)) with Q = log(erfc)."""
    size = x.abs()
    z = size * size
    small = e.fma(size, e.polynomial(z, table(e, "erf")), size)
    exponent = e.polynomial(e.at_most(size, e.pick(4.0, 6.0)), table(e, "log erfc"))
    total, _, r = nearest_power(e, exponent, e.format.bias)
    scale = (total.bits() << e.format.mantissa).as_float()
    large = e.fma(exp_reduced(e, r), -scale, 1.0)
    return e.select(size < e.pick(0.9, 1.0), small, large).with_sign_of(x)


def erfc(e: Emitter, x: Value) -> Value:
    """exp(-x^2) P(q) / (1 + 2 |x|) with q = (|x| - c) / (|x| + c); 2 less that for x < 0."""
    size = e.at_most(x.abs(), e.pick(10.2, 27.5))
    center = e.pick(2.0, 4.0)
    q = (size - center) / (size + center)
    scaled = e.polynomial(q, table(e, "erfcx")) / e.fma(size, 2.0, 1.0)
    square = size * size
    lost = e.product_error(size, size, square)
    total, _, r = nearest_power(e, -square, 2 * e.format.bias)
    power = exp_reduced(e, r)
    power = e.fma(power, -lost, power)
    tail = times_power_of_two(e, power * scaled, total)
    z = x * x
    near = 1.0 - e.fma(x, e.polynomial(z, table(e, "erf")), x)
    far = e.select(x < 0.0, 2.0 - tail, tail)
    return e.select(size < 0.5, near, far)
