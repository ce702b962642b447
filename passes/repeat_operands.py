"""`repeat-operands`: small operands are repeated along short rows, so that loops over these join the loops before them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import prod

from tfc.passes import builders
from tfc.passes.rewriting import Rewriter, walk
from tfc.passes.structured import Structured, loop_sizes, map_array, map_attribute, used_dims
from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp
from xdsl.dialects.linalg.ops import GenericOp
from xdsl.ir import SSAValue
from xdsl.ir.affine import AffineConstantExpr, AffineDimExpr, AffineMap
from xdsl.passes import ModulePass

SHARE = 16
"""How many times as many elements as a repeated operand has the loops must run over."""


@dataclass(frozen=True)
class RepeatOperandsPass(ModulePass):
    """Repeat small operands along a last loop of a few iterations, where that lets it be one with the loop before it.

    Before (what is subtracted from the channels of a group):
        %y = linalg.generic {(n, g, c)} ins(%x : tensor<1024x32x4xf32>, %m : tensor<32xf32>)    // m[g]
    After:
        %r = linalg.generic {(g, c)} ins(%m)                                                    // tensor<32x4xf32>
        %y = linalg.generic {(n, g, c)} ins(%x, %r)                                             // vectors of 128

    Only for known sizes, rows of at most `max-length` elements, and operands that are a sixteenth of what the loops run over when
    they are repeated.

    Pre-condition: `fuse-elementwise`, which would undo it. Numbers do not change.
    """

    name = "repeat-operands"

    max_length: int = 32

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        rewriter = Rewriter()
        for inner in walk(op):
            if isinstance(inner, GenericOp) and inner.results:  # on tensors
                view = Structured(inner)
                found = self._operands(view)
                if found:
                    _repeat(rewriter, view, found)

    def _operands(self, view: Structured) -> dict[int, AffineMap]:
        """The inputs to repeat, and how they are read afterwards; nothing where that would not make one loop of the last two."""
        sizes, pair = loop_sizes(view), (view.rank - 2, view.rank - 1)
        if view.parallel[-2:] != (True, True) or len(sizes) < view.rank:
            return {}
        if not 1 < sizes[pair[1]] <= self.max_length:
            return {}
        rows = tuple(map(AffineDimExpr, pair))
        total = prod(sizes.values())
        found: dict[int, AffineMap] = {}
        for index, map_ in enumerate(view.maps):
            if used_dims(map_).isdisjoint(pair) or (
                map_.results[-2:] == rows
                and used_dims(AffineMap(view.rank, 0, map_.results[:-2])).isdisjoint(pair)
            ):
                continue
            simple = all(isinstance(e, AffineDimExpr | AffineConstantExpr) for e in map_.results)
            dims = sorted(used_dims(map_).union(pair))
            if (
                index >= len(view.inputs)
                or not simple
                or SHARE * prod(sizes[dim] for dim in dims) > total
            ):
                return {}
            found[index] = AffineMap(view.rank, 0, tuple(map(AffineDimExpr, dims)))
        return found


def _repeat(rewriter: Rewriter, view: Structured, found: Mapping[int, AffineMap]) -> None:
    rewriter.before(view.op)
    sizes = loop_sizes(view)
    operands, maps = list(view.op.operands), list(view.maps)
    for index, read in found.items():
        operands[index] = _repeated(rewriter, operands[index], maps[index], read, sizes)
        maps[index] = read
    view.op.operands = operands
    view.op.properties["indexing_maps"] = map_array(maps)


def _repeated(
    rewriter: Rewriter,
    value: SSAValue,
    read: AffineMap,
    wanted: AffineMap,
    sizes: Mapping[int, int],
) -> SSAValue:
    """The elements of `value` that `read` names, as a tensor that `wanted` reads."""
    dims = [dim for expr in wanted.results for dim in expr.used_dims()]
    own = [AffineConstantExpr(0)] * read.num_dims
    places = [
        AffineDimExpr(dims.index(dim)) if dim in dims else own[dim] for dim in range(len(own))
    ]
    kind = builders.tensor_type(
        tuple(sizes[dim] for dim in dims), builders.element_type(value.type)
    )
    results = tuple(expr.replace_dims_and_symbols(places, ()) for expr in read.results)
    return builders.generic(
        rewriter,
        [value],
        [builders.empty(rewriter, kind)],
        [map_attribute(AffineMap(len(dims), 0, results)), builders.identity_map(len(dims))],
        builders.parallel_iterators(len(dims)),
        body=lambda inner, arguments: (arguments[0],),
    ).results[0]
