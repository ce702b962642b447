"""`sink-scatters`: sparse gradients are added where they belong."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from tfc.dialects.tfc.arithmetic import AddOp, DivideOp, MultiplyOp, SubtractOp
from tfc.dialects.tfc.broadcast import BroadcastToShapeOfOp
from tfc.dialects.tfc.indexing import ScatterAlongOp, ScatterNdOp
from tfc.dialects.tfc.shape import BroadcastToOp
from tfc.passes.canonicalization.tfc import splat_of
from tfc.passes.rewriting import Rewriter, walk
from xdsl.dialects.builtin import StringAttr, TensorType
from xdsl.ir import Operation, SSAValue
from xdsl.passes import ModulePass

if TYPE_CHECKING:
    from xdsl.context import Context
    from xdsl.dialects.builtin import ModuleOp


class SinkScattersPass(ModulePass):
    """Scatter into a tensor directly what is scattered into zeros and then added to it or subtracted from it.

    Pre-condition: the tensor stage, after `promote-variables`.

        %g = tfc.scatter_along %zeros, %i, %u {combiner = "add"}   // all have 100000 rows, %u has 32
        %s = tfc.multiply %rate, %g
        %w = tfc.subtract %v, %s

    becomes

        %s = tfc.multiply %rate, %u
        %w = tfc.scatter_along %v, %i, %s {combiner = "sub"}

    so that the update of an embedding takes as long as the rows that were read. Elements that no index names keep their
    value, also where `%rate` is infinite or nan; updates of one element are taken one by one. Linear in the number of ops.
    """

    name = "sink-scatters"

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        rewriter = Rewriter()
        for inner in list(walk(op)):
            if isinstance(inner, ScatterAlongOp | ScatterNdOp) and inner.parent is not None:
                sink = _sink_of(inner)
                if sink is not None:
                    _rewrite(inner, sink, rewriter)


class _Sink(NamedTuple):
    """Where the scattered values end up."""

    scales: list[Operation]
    """Products with scalars on the way, in order."""
    op: Operation
    into: SSAValue


def _sink_of(scatter: Operation) -> _Sink | None:
    """The sum or difference that is the only use of a scatter into zeros."""
    result = scatter.results[0]
    kind = result.type
    combiner = scatter.properties["combiner"]
    if not (isinstance(kind, TensorType) and kind.has_static_shape()):
        return None
    if combiner != StringAttr("add") or not _is_zeros(scatter.operands[0]):
        return None
    scales: list[Operation] = []
    while True:
        use = result.get_user_of_unique_use()
        if use is None or use.parent is not scatter.parent:
            return None
        if [other.type for other in use.results] != [kind]:
            return None
        others = [operand for operand in use.operands if operand is not result]
        if isinstance(use, AddOp) or (isinstance(use, SubtractOp) and use.operands[1] is result):
            return _Sink(scales, use, others[0]) if others[0].type == kind else None
        if not isinstance(use, MultiplyOp) and not (
            isinstance(use, DivideOp) and use.operands[0] is result
        ):
            return None
        if not all(isinstance(o.type, TensorType) and not o.type.get_shape() for o in others):
            return None
        scales.append(use)
        result = use.results[0]


def _is_zeros(value: SSAValue) -> bool:
    op = value.owner
    if isinstance(op, BroadcastToOp | BroadcastToShapeOfOp):
        return _is_zeros(op.operands[0])
    return splat_of(value) == 0


def _rewrite(scatter: Operation, sink: _Sink, rewriter: Rewriter) -> None:
    _, indices, updates = scatter.operands
    before = scatter.results[0]
    rewriter.before(sink.op)
    for scale in sink.scales:
        operands = [updates if operand is before else operand for operand in scale.operands]
        before = scale.results[0]
        updates = rewriter.value(type(scale), operands, updates.type)
    combiner = StringAttr("sub" if isinstance(sink.op, SubtractOp) else "add")
    written = rewriter.value(
        type(scatter),
        (sink.into, indices, updates),
        sink.op.results[0].type,
        {**scatter.properties, "combiner": combiner},
    )
    rewriter.replace(sink.op, written)
    for op in (*reversed(sink.scales), scatter):
        rewriter.erase(op)
