"""`repeat-operands`: small operands are copied into the layout that the loops which read them again and again need."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import prod
from typing import Any, cast

from tfc.passes import builders
from tfc.passes.rewriting import Rewriter, walk
from tfc.passes.structured import (
    ASSUMED_TRIPS,
    Structured,
    loop_sizes,
    map_array,
    map_attribute,
    tensor_shape,
    used_dims,
)
from xdsl.context import Context
from xdsl.dialects import tensor
from xdsl.dialects.builtin import DYNAMIC_INDEX, ModuleOp
from xdsl.dialects.linalg.ops import GenericOp
from xdsl.ir import SSAValue
from xdsl.ir.affine import AffineConstantExpr, AffineDimExpr, AffineMap
from xdsl.passes import ModulePass

SHARE = 16
"""How many times as many elements as a repeated operand has the loops must run over."""


@dataclass(frozen=True)
class RepeatOperandsPass(ModulePass):
    """Copy small operands so that vectors run along them: repeated along a short last loop, or side by side.

    Before (what is subtracted from the channels of a group):
        %y = linalg.generic {(n, g, c)} ins(%x : tensor<1024x32x4xf32>, %m : tensor<32xf32>)    // m[g]
    After:
        %r = linalg.generic {(g, c)} ins(%m)                                                    // tensor<32x4xf32>
        %y = linalg.generic {(n, g, c)} ins(%x, %r)                                             // vectors of 128

    Likewise operands whose elements lie apart in memory (a column) are copied side by side where the last loop runs along them.

    Only for operands that are a sixteenth of what the loops run over when they are copied; they are repeated where all sizes are
    known, along rows of at most `max-length` elements.

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
        """The inputs to copy, and how they are read afterwards."""
        return self._repeated_along_rows(view) or _scattered(view)

    def _repeated_along_rows(self, view: Structured) -> dict[int, AffineMap]:
        """The inputs to repeat; nothing where that would not make one loop of the last two."""
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
            dims = sorted(used_dims(map_).union(pair))
            if (
                index >= len(view.inputs)
                or not _is_simple(map_)
                or SHARE * prod(sizes[dim] for dim in dims) > total
            ):
                return {}
            found[index] = AffineMap(view.rank, 0, tuple(map(AffineDimExpr, dims)))
        return found


def _is_simple(map: AffineMap) -> bool:
    return all(isinstance(expr, AffineDimExpr | AffineConstantExpr) for expr in map.results)


def _scattered(view: Structured) -> dict[int, AffineMap]:
    """The inputs that the last loop runs along although their elements lie apart."""
    sizes, last = loop_sizes(view), view.rank - 1
    found: dict[int, AffineMap] = {}
    if view.is_contraction:  # packs what it needs
        return found
    for index, (value, map_) in enumerate(zip(view.inputs, view.input_maps, strict=True)):
        dims = sorted(used_dims(map_))
        times = prod(sizes.get(dim, ASSUMED_TRIPS) for dim in range(view.rank) if dim not in dims)
        if (
            _lies_apart(value)
            and _is_simple(map_)
            and map_.results
            and map_.results[-1] == AffineDimExpr(last)
            and times >= SHARE
        ):
            found[index] = AffineMap(view.rank, 0, tuple(map(AffineDimExpr, dims)))
    return found


def _lies_apart(value: SSAValue) -> bool:
    """Whether neighbours in the last dim of a value are none in memory: of a slice that has one element of each row, or steps."""
    owner = value.owner
    if not isinstance(owner, tensor.ExtractSliceOp):
        return False
    shape = tensor_shape(owner.source)
    sizes, steps = (
        cast(Any, owner.properties[name]).get_values()
        for name in ("static_sizes", "static_strides")
    )
    leaves_last = len(shape) > len(tensor_shape(value)) and sizes[-1] == 1
    return steps[-1] != 1 or (leaves_last and shape[-1] != 1)


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
    unknown = [
        builders.dim(rewriter, value, read.results.index(AffineDimExpr(dim)))
        for dim in dims
        if dim not in sizes
    ]
    own = [AffineConstantExpr(0)] * read.num_dims
    places = [
        AffineDimExpr(dims.index(dim)) if dim in dims else own[dim] for dim in range(len(own))
    ]
    kind = builders.tensor_type(
        tuple(sizes.get(dim, DYNAMIC_INDEX) for dim in dims), builders.element_type(value.type)
    )
    results = tuple(expr.replace_dims_and_symbols(places, ()) for expr in read.results)
    return builders.generic(
        rewriter,
        [value],
        [builders.empty(rewriter, kind, unknown)],
        [map_attribute(AffineMap(len(dims), 0, results)), builders.identity_map(len(dims))],
        builders.parallel_iterators(len(dims)),
        body=lambda inner, arguments: (arguments[0],),
    ).results[0]
