"""Loops for what no linalg op can say: nests of `scf.for` that carry tensors and scalars."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tfc.passes import builders
from tfc.passes.builders import I64
from tfc.passes.convert_tfc_to_linalg.lowering import Lowering
from tfc.passes.convert_tfc_to_linalg.sizes import Size, as_value, element_of, shape_of
from tfc.passes.rewriting import Rewriter
from xdsl.dialects import arith, scf, tensor
from xdsl.dialects.builtin import AffineMapAttr, ArrayAttr, UnitAttr
from xdsl.ir import Block, Region, SSAValue
from xdsl.ir.affine import AffineMap

LoopBody = Callable[[Rewriter, list[SSAValue], Sequence[SSAValue]], Sequence[SSAValue]]
"""`body(rewriter, indices, carried)` gives the carried values after one step."""


def loop_nest(
    rewriter: Rewriter,
    sizes: Sequence[Size],
    carried: Sequence[SSAValue],
    body: LoopBody,
    *,
    independent: bool = False,
) -> Sequence[SSAValue]:
    """Nested `scf.for` from 0 to `sizes`, outermost first; the carried values at the end.

    `independent` promises that no iteration reads what another one writes, and that all that is carried is tensors with a
    place of its own for each iteration: then they may run at the same time.
    """
    zero = builders.index_constant(rewriter, 0)
    one = builders.index_constant(rewriter, 1)
    bounds = [as_value(rewriter, size) for size in sizes]

    def nest(level: int, indices: list[SSAValue], values: Sequence[SSAValue]) -> Sequence[SSAValue]:
        if level == len(bounds):
            return body(rewriter, indices, values)
        loop, block = builders.for_loop(rewriter, zero, bounds[level], one, values)
        if independent:
            loop.attributes["tfc.parallel"] = UnitAttr()
        point = rewriter.point()
        rewriter.at_end(block)
        inner = nest(level + 1, [*indices, block.args[0]], block.args[1:])
        rewriter.create(scf.YieldOp, inner)
        rewriter.restore(point)
        return loop.results

    return nest(0, [], list(carried))


def load(rewriter: Rewriter, x: SSAValue, *indices: SSAValue) -> SSAValue:
    """`tensor.extract`."""
    return rewriter.value(tensor.ExtractOp, (x, *indices), element_of(x))


def store(rewriter: Rewriter, element: SSAValue, x: SSAValue, *indices: SSAValue) -> SSAValue:
    """`tensor.insert`."""
    return rewriter.value(tensor.InsertOp, (element, x, *indices), x.type)


def while_loop(
    rewriter: Rewriter,
    carried: Sequence[SSAValue],
    condition: Callable[[Rewriter, Sequence[SSAValue]], SSAValue],
    body: Callable[[Rewriter, Sequence[SSAValue]], Sequence[SSAValue]],
) -> Sequence[SSAValue]:
    """`scf.while`: the carried values when `condition` first fails."""
    types = [value.type for value in carried]
    test, step = Block(arg_types=types), Block(arg_types=types)
    loop = rewriter.create(scf.WhileOp, carried, types, regions=(Region(test), Region(step)))
    point = rewriter.point()
    rewriter.at_end(test)
    rewriter.create(scf.ConditionOp, (condition(rewriter, test.args), *test.args))
    rewriter.at_end(step)
    rewriter.create(scf.YieldOp, body(rewriter, step.args))
    rewriter.restore(point)
    return loop.results


def choose(
    rewriter: Rewriter,
    condition: SSAValue,
    then: Callable[[Rewriter], Sequence[SSAValue]],
    otherwise: Sequence[SSAValue],
) -> Sequence[SSAValue]:
    """`scf.if` whose else-branch gives values that are there already."""
    true, false = Block(), Block()
    point = rewriter.point()
    rewriter.at_end(true)
    rewriter.create(scf.YieldOp, then(rewriter))
    rewriter.at_end(false)
    rewriter.create(scf.YieldOp, otherwise)
    rewriter.restore(point)
    types = [value.type for value in otherwise]
    return rewriter.create(
        scf.IfOp, (condition,), types, regions=(Region(true), Region(false))
    ).results


def sum_i64(
    lowering: Lowering, x: SSAValue, element: Callable[[Rewriter, SSAValue], SSAValue]
) -> SSAValue:
    """The sum of an i64 made of each element of `x`, as i64."""
    rewriter = lowering.rewriter
    if not shape_of(x):
        return element(rewriter, lowering.scalar(x))
    rank = len(shape_of(x))
    init = lowering.from_scalar(builders.constant(rewriter, 0, I64))
    generic = builders.generic(
        rewriter,
        [x],
        [init],
        [builders.identity_map(rank), AffineMapAttr(AffineMap(rank, 0, ()))],
        ArrayAttr([builders.REDUCTION] * rank),
        body=lambda inner, arguments: (
            inner.value(arith.AddiOp, (arguments[1], element(inner, arguments[0])), I64),
        ),
    )
    return rewriter.value(tensor.ExtractOp, (generic.results[0],), I64)
