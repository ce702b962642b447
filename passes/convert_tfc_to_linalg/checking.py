"""Checks of every element of an operand before an op runs."""

from __future__ import annotations

from collections.abc import Callable

from tfc.dialects.tfc.base import TfcOp
from tfc.dialects.tfc.semantics.errors import OpError
from tfc.passes import builders
from tfc.passes.builders import I1
from tfc.passes.convert_tfc_to_linalg.failing import fail_unless
from tfc.passes.convert_tfc_to_linalg.lowering import Lowering, is_scalar_like
from tfc.passes.convert_tfc_to_linalg.reducing import reduce_to_scalar
from tfc.passes.rewriting import Rewriter
from xdsl.dialects import arith
from xdsl.dialects.builtin import TensorType
from xdsl.ir import SSAValue

Predicate = Callable[[Rewriter, SSAValue], SSAValue]
"""Builds an i1 from one element."""


def check_elements(
    lowering: Lowering,
    op: TfcOp,
    index: int,
    holds: Predicate,
    error: OpError,
    beside: int | None = None,
) -> None:
    """End the call with `error` unless `holds` is true of every element of operand `index`, or operand `beside` has none.

    Constants are decided here; a tensor costs one pass over it that LLVM vectorises (an or of bits).
    """
    value = lowering.operands(op)[index]
    rewriter = lowering.rewriter
    empty = [] if beside is None else _empty_axes(rewriter, lowering.operands(op)[beside])
    if any(builders.constant_int(nothing) for nothing in empty):
        return
    if is_scalar_like(value, ()):
        ok = holds(rewriter, lowering.scalar(value))
    else:
        ok = reduce_to_scalar(
            rewriter,
            value,
            builders.constant(rewriter, 1, I1),
            lambda inner, item, so_far: inner.value(arith.AndIOp, (so_far, holds(inner, item)), I1),
        )
    for nothing in empty:
        ok = rewriter.value(arith.OrIOp, (ok, nothing), I1)
    fail_unless(lowering, ok, error.code, error.message)


def _empty_axes(rewriter: Rewriter, value: SSAValue) -> list[SSAValue]:
    """For each axis of a tensor that may have no elements, or has none, whether it has none."""
    assert isinstance(value.type, TensorType)
    zero = builders.index_constant(rewriter, 0)
    return [
        builders.compare(rewriter, "eq", builders.dim(rewriter, value, axis), zero)
        for axis, size in enumerate(value.type.get_shape())
        if size <= 0
    ]
