"""Hurwitz' zeta function by Euler and Maclaurin: twelve terms, and the series for the rest."""

from __future__ import annotations

from tfc.dialects.tfc.semantics.special import BERNOULLI, ZETA_TERMS
from tfc.passes import builders
from tfc.passes.builders import INDEX
from tfc.passes.convert_tfc_to_linalg.scalars import (
    F64,
    apply,
    both,
    compare_floats,
    float_to,
    select,
)
from tfc.passes.rewriting import Rewriter
from xdsl.dialects import arith, math, scf
from xdsl.dialects.builtin import i64
from xdsl.ir import SSAValue


def hurwitz_zeta(rewriter: Rewriter, s: SSAValue, q: SSAValue) -> SSAValue:
    """The sum of `(q + k) ** -s` over k >= 0, in f64; nan unless s > 1 and q > 0."""
    kind = s.type
    s, q = float_to(rewriter, s, F64), float_to(rewriter, q, F64)
    number = _Numbers(rewriter)
    one = number.constant(1.0)
    good = both(
        rewriter,
        compare_floats(rewriter, "ogt", s, one),
        compare_floats(rewriter, "ogt", q, number.constant(0.0)),
    )
    minus = apply(arith.NegfOp, rewriter, s)
    end = number.add(q, number.constant(float(ZETA_TERMS)))
    power = apply(math.PowFOp, rewriter, end, minus)
    integral = number.divide(number.multiply(power, end), apply(arith.SubfOp, rewriter, s, one))
    total = number.add(_head(rewriter, minus, q), integral)
    total = number.add(total, number.multiply(power, number.constant(0.5)))
    term = number.divide(number.multiply(s, power), end)
    square = number.multiply(end, end)
    factorial = 2.0
    for j, bernoulli in enumerate(BERNOULLI, 1):
        total = number.add(total, number.multiply(term, number.constant(bernoulli / factorial)))
        rise = number.multiply(
            number.add(s, number.constant(2.0 * j - 1)), number.add(s, number.constant(2.0 * j))
        )
        term = number.divide(number.multiply(term, rise), square)
        factorial *= (2 * j + 1) * (2 * j + 2)
    far = compare_floats(rewriter, "oeq", q, number.constant(float("inf")))
    total = select(rewriter, far, number.constant(0.0), total)
    result = select(rewriter, good, total, number.constant(float("nan")))
    return float_to(rewriter, result, kind)


def _head(rewriter: Rewriter, exponent: SSAValue, q: SSAValue) -> SSAValue:
    """The first terms, in a loop: one power is much code."""
    bounds = [builders.index_constant(rewriter, value) for value in (0, ZETA_TERMS, 1)]
    start = builders.constant(rewriter, 0.0, F64)
    loop, block = builders.for_loop(rewriter, bounds[0], bounds[1], bounds[2], (start,))
    point = rewriter.point()
    rewriter.at_end(block)
    index, total = block.args
    assert index.type == INDEX
    step = rewriter.value(arith.IndexCastOp, (index,), i64)
    offset = rewriter.value(arith.SIToFPOp, (step,), F64)
    base = apply(arith.AddfOp, rewriter, q, offset)
    power = apply(math.PowFOp, rewriter, base, exponent)
    rewriter.create(scf.YieldOp, (apply(arith.AddfOp, rewriter, total, power),))
    rewriter.restore(point)
    return loop.results[0]


class _Numbers:
    """f64 arithmetic at the rewriter's place."""

    def __init__(self, rewriter: Rewriter) -> None:
        self._rewriter = rewriter

    def constant(self, value: float) -> SSAValue:
        return builders.constant(self._rewriter, value, F64)

    def add(self, x: SSAValue, y: SSAValue) -> SSAValue:
        return apply(arith.AddfOp, self._rewriter, x, y)

    def multiply(self, x: SSAValue, y: SSAValue) -> SSAValue:
        return apply(arith.MulfOp, self._rewriter, x, y)

    def divide(self, x: SSAValue, y: SSAValue) -> SSAValue:
        return apply(arith.DivfOp, self._rewriter, x, y)
