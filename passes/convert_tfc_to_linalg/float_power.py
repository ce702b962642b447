"""Powers of floats: products, quotients and roots for the constant exponents that programs write, else `math.powf`."""

from __future__ import annotations

from tfc.passes import builders
from tfc.passes.convert_tfc_to_linalg.scalars import apply, compare_floats, select
from tfc.passes.rewriting import Rewriter
from xdsl.dialects import arith, math
from xdsl.dialects.builtin import FloatAttr
from xdsl.ir import SSAValue


def float_power(rewriter: Rewriter, x: SSAValue, y: SSAValue) -> SSAValue:
    """`x ** y` in the type of both: within two units of the last place where it is made of products.

    Canonicalization has the powers 1 and 2. The power 0.5 is `sqrt`, as NumPy's is.
    """
    known = _constant_of(y)
    if known in (3.0, 4.0):
        square = apply(arith.MulfOp, rewriter, x, x)
        return apply(arith.MulfOp, rewriter, square, x if known == 3.0 else square)
    if known == 0.5:
        return apply(math.SqrtOp, rewriter, x)
    if known == -1.0:
        return _inverse(rewriter, x)
    if known == -2.0:
        inverse = _inverse(rewriter, x)
        return apply(arith.MulfOp, rewriter, inverse, inverse)
    if known in (-0.5, 1.5):
        return _by_root(rewriter, x, known)
    return apply(math.PowFOp, rewriter, x, y)


def _constant_of(value: SSAValue) -> float | None:
    op = value.owner
    attribute = op.properties["value"] if isinstance(op, arith.ConstantOp) else None
    return attribute.value.data if isinstance(attribute, FloatAttr) else None


def _inverse(rewriter: Rewriter, x: SSAValue) -> SSAValue:
    return apply(arith.DivfOp, rewriter, builders.constant(rewriter, 1.0, x.type), x)


def _by_root(rewriter: Rewriter, x: SSAValue, exponent: float) -> SSAValue:
    """The inverse of the root of x, or x times its root; those of -0 and -inf are those of 0 and inf, as C's `pow` has it."""
    infinity = builders.constant(rewriter, float("inf"), x.type)
    is_infinite = compare_floats(rewriter, "oeq", x, apply(arith.NegfOp, rewriter, infinity))
    size = select(rewriter, is_infinite, infinity, x)
    size = apply(arith.AddfOp, rewriter, size, builders.constant(rewriter, 0.0, x.type))
    root = apply(math.SqrtOp, rewriter, size)
    return apply(arith.MulfOp, rewriter, size, root) if exponent > 0 else _inverse(rewriter, root)
