"""Nests of `scf.for` that carry a tensor: for what no structured op describes."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tfc.passes import builders
from tfc.passes.rewriting import Rewriter
from xdsl.dialects import scf
from xdsl.ir import SSAValue

Body = Callable[[tuple[SSAValue, ...], SSAValue], SSAValue]
"""Builds the innermost code from the indices and the carried value so far; gives the new one."""


def loop_nest(
    rewriter: Rewriter, sizes: Sequence[SSAValue], carried: SSAValue, body: Body
) -> SSAValue:
    """Run `body` for all indices below `sizes`, the last running fastest; gives the carried value at the end."""
    zero, one = builders.index_constant(rewriter, 0), builders.index_constant(rewriter, 1)

    def build(indices: tuple[SSAValue, ...], so_far: SSAValue) -> SSAValue:
        if len(indices) == len(sizes):
            return body(indices, so_far)
        loop, block = builders.for_loop(rewriter, zero, sizes[len(indices)], one, (so_far,))
        point = rewriter.point()
        rewriter.at_end(block)
        index, inner = block.args
        rewriter.create(scf.YieldOp, (build((*indices, index), inner),))
        rewriter.restore(point)
        return loop.results[0]

    return build((), carried)
