"""`fold-unit-reshapes`: reshapes that only add or drop dims of size 1 become indexing maps."""

from __future__ import annotations

from typing import Any, cast

from tfc.passes.rewriting import Rewriter, walk
from tfc.passes.structured import Structured, map_array, plain_dims, tensor_shape
from xdsl.context import Context
from xdsl.dialects import tensor
from xdsl.dialects.builtin import ModuleOp
from xdsl.dialects.linalg.ops import GenericOp
from xdsl.ir import Operation, SSAValue
from xdsl.ir.affine import AffineConstantExpr, AffineExpr, AffineMap
from xdsl.passes import ModulePass


class FoldUnitReshapesPass(ModulePass):
    """Let generics read what is behind a reshape that only adds or drops dims of size 1.

    Before:
        %1 = tensor.expand_shape %0 [[0, 1]] output_shape [8, 1] : tensor<8xf32> into tensor<8x1xf32>
        linalg.generic {indexing_maps = [(i, j) -> (i, 0), ...]} ins(%1, ...)
    After:
        linalg.generic {indexing_maps = [(i, j) -> (i), ...]} ins(%0, ...)

    So a reduction with `keepdims` does not stand between a row and its sum, for the passes that fuse.
    """

    name = "fold-unit-reshapes"

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        rewriter = Rewriter()
        for inner in walk(op):
            if isinstance(inner, GenericOp):
                _fold_inputs(inner, rewriter)


def _fold_inputs(op: GenericOp, rewriter: Rewriter) -> None:
    view = Structured(op)
    values, maps = list(view.inputs), list(view.maps)
    changed = False
    for index in range(len(values)):
        while (folded := _behind(values[index], maps[index])) is not None:
            values[index], maps[index] = folded
            changed = True
    if not changed or len(frozenset[int]().union(*map(plain_dims, maps))) < view.rank:
        return
    op.operands = (*values, *view.outputs)
    op.properties["indexing_maps"] = map_array(maps)
    for value in view.inputs:
        rewriter.erase_dead(value)


def _behind(value: SSAValue, map: AffineMap) -> tuple[SSAValue, AffineMap] | None:
    """The source of a unit reshape and the map that reads the same elements from it."""
    op = value.owner
    if not isinstance(op, tensor.ExpandShapeOp | tensor.CollapseShapeOp):
        return None
    groups = [[item.value.data for item in group] for group in _reassociation(op)]
    source = op.operands[0]
    expands = isinstance(op, tensor.ExpandShapeOp)
    long_shape = tensor_shape(value if expands else source)
    results: list[AffineExpr] = []
    for number, group in enumerate(groups):
        long_dims = [axis for axis in group if long_shape[axis] != 1]
        if len(long_dims) > 1:
            return None
        if expands:
            results.append(map.results[long_dims[0] if long_dims else group[0]])
        else:
            kept = long_dims[0] if long_dims else group[0]
            results += [
                map.results[number] if axis == kept else AffineConstantExpr(0) for axis in group
            ]
    return source, AffineMap(map.num_dims, 0, tuple(results))


def _reassociation(op: Operation) -> Any:
    return cast(Any, op.properties["reassociation"])
