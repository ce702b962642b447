"""From one structured op on buffers to a loop nest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import takewhile
from typing import cast

from tfc.passes import builders
from tfc.passes.builders import INDEX, constant_int, index_constant
from tfc.passes.loop_nests.order import loop_order, mergeable_runs, uses_dim
from tfc.passes.loop_nests.reductions import Accumulator, accumulators
from tfc.passes.loop_nests.windows import Window, WindowBody, find_window
from tfc.passes.rewriting import Rewriter, append, new_op
from tfc.passes.structured import body, body_cost, indexing_maps, output_count, reduction_flags
from xdsl.dialects import arith, memref, scf
from xdsl.dialects.builtin import ArrayAttr, IntegerAttr, MemRefType, NoneAttr, UnitAttr, i64
from xdsl.dialects.linalg.abstract_ops import LinalgStructuredOperation
from xdsl.dialects.linalg.ops import IndexOp
from xdsl.ir import Block, Operation, OpResult, Region, SSAValue
from xdsl.ir.affine import (
    AffineDimExpr,
    AffineExpr,
    AffineMap,
)
from xdsl.utils.exceptions import PassFailedException

LONG_CHAIN = 16
"""The cost of a body from which on its latency counts: about one transcendental function."""

ACROSS, ALONG = 16, 8
"""A tile of what is read across: lines of 64 bytes of f32, and no more of them than a cache has places for one address."""

MUCH_CODE = 1024
"""The cost of all that is interleaved at which compiling takes longer than the loop is worth."""


FEW = 64
"""Iterations that are not worth sharing out."""

_UNROLLED = (2, 3, 5, 6, 7)
"""Lengths of inner loops that fill no vector and that LLVM can take apart (groups of at most eight)."""


class IndexConstants:
    """The index constants of a function, each created once, at its entry."""

    def __init__(self, entry: Block) -> None:
        self._rewriter = Rewriter()
        self._entry = entry
        self._last: Operation | None = None
        self._values: dict[int, SSAValue] = {}

    def __getitem__(self, number: int) -> SSAValue:
        value = self._values.get(number)
        if value is None:
            if self._last is None:
                self._rewriter.at_start(self._entry)
            else:
                self._rewriter.after(self._last)
            value = self._values[number] = index_constant(self._rewriter, number)
            assert isinstance(value, OpResult)
            self._last = value.op
        return value


def lower(
    op: LinalgStructuredOperation,
    rewriter: Rewriter,
    constants: IndexConstants,
    block: int,
    registers: int,
) -> None:
    """Replace a structured op on buffers by loops."""
    rewriter.before(op)
    nest = _Nest(op, rewriter, constants, block, registers)
    nest.merge_loops()
    nest.emit()
    rewriter.erase(op)


class _Nest:
    def __init__(
        self,
        op: LinalgStructuredOperation,
        rewriter: Rewriter,
        constants: IndexConstants,
        block: int,
        registers: int,
    ) -> None:
        self.op = op
        self.constants = constants
        self.rewriter = rewriter
        self.block = block
        self.registers = registers
        self.operands: list[SSAValue] = list(op.operands)
        self.maps = indexing_maps(op)
        self.reductions = reduction_flags(op)
        self.outputs = output_count(op)
        self.first_output = len(self.operands) - self.outputs
        self.body = body(op)
        self.index_ops = [inner for inner in self.body.walk() if isinstance(inner, IndexOp)]
        self.units: set[int] = set()
        """Loops that run once."""
        self.steps: dict[int, SSAValue] = {}
        """The induction variable of each loop, once it is open."""

    # -- merging --------------------------------------------------------------------------------

    def merge_loops(self) -> None:
        """Make one loop of neighbouring loops that all operands walk through contiguously."""
        contiguous = [
            not isinstance(v.type, MemRefType) or isinstance(v.type.layout, NoneAttr)
            for v in self.operands
        ]
        fixed = {index_number(inner) for inner in self.index_ops}
        runs = mergeable_runs(self.maps, contiguous, self.reductions, fixed)
        units = {dim for dim in range(len(self.reductions)) if self._runs_once(dim)}
        first = {run[0]: number for number, run in enumerate(runs)}
        merged = {dim for run in runs for dim in run[1:]}
        # What is read or updated several times stays one value: of two views, LLVM would not know that they are the same.
        views: dict[tuple[SSAValue, tuple[int, ...]], SSAValue] = {}
        for index, (value, map) in enumerate(zip(self.operands, self.maps, strict=True)):
            groups = self._groups(value, map, merged)
            place = value, tuple([len(group) for group in groups])
            if place not in views:
                views[place] = self._collapse(value, groups)
            self.operands[index] = views[place]
            results = [map.results[group[0]] for group in groups]
            dims = [AffineExpr.dimension(first.get(d, 0)) for d in range(map.num_dims)]
            self.maps[index] = AffineMap(
                len(runs), 0, tuple(e.replace_dims_and_symbols(dims, ()) for e in results)
            )
        for inner in self.index_ops:
            number = builders.integer_attr(first[index_number(inner)], i64)
            inner.properties["dim"] = number
        self.reductions = [self.reductions[run[0]] for run in runs]
        self.units = {number for number, run in enumerate(runs) if units.issuperset(run)}

    def _groups(self, value: SSAValue, map: AffineMap, merged: set[int]) -> list[list[int]]:
        """The axes of an operand that become one: those of merged loops, and of size 1 behind others."""
        type = value.type
        if not isinstance(type, MemRefType) or not isinstance(type.layout, NoneAttr):
            return [[axis] for axis in range(len(map.results))]
        groups: list[list[int]] = []
        joins = [dim_of(expr) in merged for expr in map.results]
        leads = [*joins[1:], False]  # the next axis becomes one with this one
        for axis, size in enumerate(type.get_shape()):
            if groups and (joins[axis] or (size == 1 and not leads[axis])):
                groups[-1].append(axis)
            else:
                groups.append([axis])
        return groups

    def _collapse(self, value: SSAValue, groups: Sequence[Sequence[int]]) -> SSAValue:
        type = value.type
        if not isinstance(type, MemRefType) or len(groups) == len(type.shape.data):
            return value
        shape = [size.data for size in type.shape.data]
        sizes: list[int] = []
        for group in groups:
            size = 1
            for axis in group:
                known = shape[axis] >= 0 and size >= 0
                size = size * shape[axis] if known else builders.DYNAMIC_INDEX
            sizes.append(size)
        reassociation = ArrayAttr(
            [ArrayAttr([builders.integer_attr(axis, i64) for axis in group]) for group in groups]
        )
        return self.rewriter.value(
            memref.CollapseShapeOp,
            (value,),
            builders.memref_type(tuple(sizes), type.element_type),
            {"reassociation": reassociation},
        )

    # -- loops ----------------------------------------------------------------------------------

    def emit(self) -> None:
        """Open the loops and put the body into the innermost."""
        order = loop_order(self.maps, self.reductions, self.first_output)
        rewriter = self.rewriter
        self.zero = self.constants[0]
        self.one = self.constants[1]
        self.steps = dict.fromkeys(self.units, self.zero)
        order = [dim for dim in order if dim not in self.units]
        self.bounds = {dim: self._bound(dim) for dim in order}
        in_registers = 0
        while in_registers < len(order) and self.reductions[order[-1 - in_registers]]:
            in_registers += 1
        outer, inner = order[: len(order) - in_registers], order[len(order) - in_registers :]
        if (across := self._contiguous_across(order)) is not None:
            self._emit_tiles(order, across)
            return
        # The innermost loop stays sequential unless it is the only one, and long, or has loops inside.
        alone = len(order) == 1 and (constant_int(self.bounds[order[0]]) or FEW) >= FEW
        has_loops = any(isinstance(op, scf.ForOp) for op in self.body.ops)
        shareable = outer if alone or has_loops else [dim for dim in outer if dim != order[-1]]
        parallel = list(takewhile(lambda dim: not self.reductions[dim], shareable))
        # Not along the innermost loop, which has vectors.
        along = [] if any(self.reductions) else [dim for dim in parallel if dim != order[-1]]
        window = self._window(along)
        if window is not None:
            extent = constant_int(self.bounds[window.dim])
            assert extent is not None
            self.bounds[window.dim] = self.constants[extent // window.count]
        if parallel:
            self._open_parallel(parallel)
        for dim in outer[len(parallel) :]:
            loop, block = self._open_for(self.zero, self.bounds[dim], self.one, ())
            if dim == order[-1]:
                loop.attributes["tfc.parallel"] = UnitAttr()
            self.steps[dim] = block.args[0]
            append(new_op(scf.YieldOp, location=loop.location), block)
            assert block.last_op is not None
            rewriter.before(block.last_op)
            rewriter.location = self.op.location
        if inner:
            self._reduce(inner)
        elif window is not None:
            self._emit_window(window)
        elif order:
            self._hint_interleaving(constant_int(self.bounds[order[-1]]))
            self._store(dict(enumerate(self._inline(self._load_outputs()))))
        else:
            self._store(dict(enumerate(self._inline(self._load_outputs()))))

    def _window(self, loops: Sequence[int]) -> Window | None:
        """The window that is made in registers, along one of `loops`."""
        if self.index_ops or any(arg.uses for arg in self.body.args[self.first_output :]):
            return None
        inputs, maps = self.operands[: self.first_output], self.maps[: self.first_output]
        extents = {dim: constant_int(self.bounds[dim]) for dim in loops}
        return find_window(inputs, maps, loops, extents, body_cost(self.body.ops), self.registers)

    def _emit_window(self, window: Window) -> None:
        rewriter, dim = self.rewriter, window.dim
        block = rewriter.point()[0]
        loop = None if block is None else block.parent_op()
        assert loop is not None
        loop.attributes["tfc.interleave"] = builders.integer_attr(1, i64)
        first = builders.muli(rewriter, self.steps[dim], self.constants[window.count])
        self.steps[dim] = first
        body = WindowBody(rewriter, self.constants.__getitem__, window, self.steps)
        for number, values in enumerate(body.emit(self.body)):
            self.steps[dim] = builders.addi(rewriter, first, self.constants[number])
            self._store(dict(enumerate(values)))

    def _contiguous_across(self, order: Sequence[int]) -> int | None:
        """The loop along which an input is contiguous that is strided along the innermost one, where both are long."""
        if len(order) < 2 or any(self.reductions):
            return None
        for map in self.maps[: self.first_output]:
            if not map.results or not any(uses_dim(e, order[-1]) for e in map.results[:-1]):
                continue
            across = dim_of(map.results[-1])
            if across is not None and across in order[:-1]:
                extents = [constant_int(self.bounds[dim]) for dim in (across, order[-1])]
                if all(extent is None or extent >= 2 * ACROSS for extent in extents):
                    return across
        return None

    def _emit_tiles(self, order: Sequence[int], across: int) -> None:
        """Tiles of the loop `across` and the innermost one: all of a cache line that is read is used while it is there."""
        rewriter, inner = self.rewriter, order[-1]
        bound, rows = self.bounds[across], self.constants[ACROSS]
        extent = constant_int(bound)
        if extent is None:
            rest = builders.addi(rewriter, bound, self.constants[ACROSS - 1])
            self.bounds[across] = rewriter.value(arith.DivUIOp, (rest, rows), INDEX)
        else:
            self.bounds[across] = self.constants[-(-extent // ACROSS)]
        self._open_parallel([*[dim for dim in order[:-1] if dim != across], across])
        first = builders.muli(rewriter, self.steps[across], rows)
        tiles, block = self._open_for(self.zero, self.bounds[inner], self.constants[ALONG], ())
        rewriter.at_end(block, self.op.location)
        ranges = (across, first, bound, ACROSS), (inner, block.args[0], self.bounds[inner], ALONG)
        opened = [tiles]
        for dim, start, whole, length in ranges:
            end = self._tile_end(start, length, whole)
            loop, block = self._open_for(start, end, self.one, ())
            self.steps[dim] = block.args[0]
            rewriter.at_end(block, self.op.location)
            opened.append(loop)
        self._store(dict(enumerate(self._inline(self._load_outputs()))))
        for loop in opened:
            append(new_op(scf.YieldOp, location=loop.location), loop.body.block)

    def _tile_end(self, start: SSAValue, length: int, bound: SSAValue) -> SSAValue:
        end = builders.addi(self.rewriter, start, self.constants[length])
        extent = constant_int(bound)
        if extent is not None and extent % length == 0:
            return end
        return self.rewriter.value(arith.MinUIOp, (end, bound), INDEX)

    def _hint_interleaving(self, extent: int | None) -> None:
        """Have several vectors of the innermost loop worked on side by side where each is a long chain of arithmetic.

        LLVM counts registers and leaves such a loop as it is; spilling some costs far less than waiting for each result (a
        gelu of f32 takes 0.65 times as long). What does not fill all vectors runs one by one, so short loops get fewer.
        """
        loop = self.rewriter.point()[0]
        owner = None if loop is None else loop.parent_op()
        if owner is None:
            return
        if extent is not None and len(self.steps) > 1:
            _hint_short_loop(owner, extent)
        cost = body_cost(self.body.ops)
        if cost < LONG_CHAIN:
            return
        most = 2 if extent is None else extent // 64
        count = max(n for n in (1, 2, 4) if n == 1 or (n <= most and n * cost <= MUCH_CODE))
        if count > 1:
            owner.attributes["tfc.interleave"] = builders.integer_attr(count, i64)

    def _bound(self, dim: int) -> SSAValue:
        """The number of iterations of a loop, from an operand that it indexes directly."""
        places = self._places(dim)
        for value, axis in places:
            size = value.type.get_shape()[axis]
            if size >= 0:
                return self.constants[size]
        if not places:
            raise PassFailedException(
                f"convert-linalg-to-loops: no operand of '{self.op.name}' gives the size of "
                f"loop {dim}"
            )
        value, axis = places[0]
        return self.rewriter.value(memref.DimOp, (value, self.constants[axis]), INDEX)

    def _runs_once(self, dim: int) -> bool:
        return any(value.type.get_shape()[axis] == 1 for value, axis in self._places(dim))

    def _places(self, dim: int) -> list[tuple[SSAValue[MemRefType], int]]:
        """The operands and their axes that a loop indexes directly."""
        return [
            (cast("SSAValue[MemRefType]", value), axis)
            for value, map in zip(self.operands, self.maps, strict=True)
            for axis, expr in enumerate(map.results)
            if dim_of(expr) == dim
        ]

    def _open_parallel(self, dims: Sequence[int]) -> None:
        count = len(dims)
        block = Block(arg_types=[INDEX] * count)
        operands = [self.zero] * count + [self.bounds[d] for d in dims] + [self.one] * count
        self.rewriter.create(
            scf.ParallelOp,
            operands,
            (),
            {"operandSegmentSizes": builders.segments(count, count, count, 0)},
            regions=(Region(block),),
        )
        append(new_op(scf.ReduceOp, location=self.op.location), block)
        self.steps.update(zip(dims, block.args, strict=True))
        self.rewriter.at_start(block, self.op.location)

    def _open_for(
        self, lower: SSAValue, upper: SSAValue, step: SSAValue, carried: Sequence[SSAValue]
    ) -> tuple[scf.ForOp, Block]:
        return builders.for_loop(self.rewriter, lower, upper, step, carried)

    # -- body -----------------------------------------------------------------------------------

    def _load_outputs(self) -> list[SSAValue | None]:
        """The old content of each output where the body uses it."""
        arguments = self.body.args[self.first_output :]
        return [
            self._load(self.first_output + index) if argument.uses else None
            for index, argument in enumerate(arguments)
        ]

    def _load(self, operand: int) -> SSAValue:
        value = self.operands[operand]
        if not isinstance(value.type, MemRefType):
            return value
        return builders.load(self.rewriter, value, self._indices(operand))

    def _indices(self, operand: int) -> list[SSAValue]:
        steps, constants = self.steps.__getitem__, self.constants.__getitem__
        return [
            builders.affine_value(self.rewriter, expr, steps, constants)
            for expr in self.maps[operand].results
        ]

    def _inline(self, outputs: Sequence[SSAValue | None]) -> list[SSAValue]:
        """Put the body here, with `outputs` as the values of the outputs; give what it yields."""
        rewriter = self.rewriter
        for index, argument in enumerate(self.body.args):
            if argument.uses:
                value = (
                    self._load(index)
                    if index < self.first_output
                    else outputs[index - self.first_output]
                )
                assert value is not None
                argument.replace_all_uses_with(value)
        for inner in self.index_ops:
            inner.results[0].replace_all_uses_with(self.steps[index_number(inner)])
        terminator = self.body.last_op
        assert terminator is not None
        for inner in list(self.body.ops):
            if inner is not terminator:
                inner.detach()
                if isinstance(inner, IndexOp):
                    inner.erase()
                else:
                    rewriter.insert(inner)
        return list(terminator.operands)

    def _store(self, values: Mapping[int, SSAValue]) -> None:
        """Store the values of outputs, by their index."""
        for index, value in values.items():
            operand = self.first_output + index
            builders.store(self.rewriter, value, self.operands[operand], self._indices(operand))

    # -- reductions in registers ----------------------------------------------------------------

    def _reduce(self, dims: Sequence[int]) -> None:
        """Reduce over the innermost loops with the values carried in registers."""
        rewriter = self.rewriter
        extent = constant_int(self.bounds[dims[-1]])
        is_long = len(dims) > 1 or extent is None or extent > self.block
        self.reduced = [
            index
            for index in range(self.outputs)
            if not any(
                uses_dim(expr, dim)
                for expr in self.maps[self.first_output + index].results
                for dim in dims
            )
        ]
        sums = accumulators(self.op, self.reduced, wide=is_long)
        self.block = max(self.block, min((s.block for s in sums if s.wide), default=0))
        initial = [self._load(self.first_output + index) for index in self.reduced]
        carried = [
            v for s, value in zip(sums, initial, strict=True) for v in s.open(rewriter, value)
        ]
        totals = self._reduce_over(list(dims), sums, carried)
        results: list[SSAValue] = []
        for accumulator in sums:
            taken, totals = totals[: accumulator.width], totals[accumulator.width :]
            results.append(accumulator.close(rewriter, taken))
        self._store(dict(zip(self.reduced, results, strict=True)))

    def _reduce_over(
        self, dims: list[int], sums: Sequence[Accumulator], carried: list[SSAValue]
    ) -> list[SSAValue]:
        """Loops over `dims`, with everything carried; gives the totals."""
        rewriter = self.rewriter
        dim = dims[0]
        if len(dims) > 1:
            loop, block = self._open_for(self.zero, self.bounds[dim], self.one, carried)
            self.steps[dim] = block.args[0]
            rewriter.at_end(block, self.op.location)
            totals = self._reduce_over(dims[1:], sums, list(block.args[1:]))
        else:
            extent = constant_int(self.bounds[dim])
            blocked = any(s.wide for s in sums) and (extent is None or extent > self.block)
            if not blocked:
                return self._reduce_block(dim, self.zero, self.bounds[dim], sums, carried)
            length = self.constants[self.block]
            loop, block = self._open_for(self.zero, self.bounds[dim], length, carried)
            rewriter.at_end(block, self.op.location)
            start = block.args[0]
            end = self._tile_end(start, self.block, self.bounds[dim])
            totals = self._reduce_block(dim, start, end, sums, list(block.args[1:]))
        rewriter.create(scf.YieldOp, totals)
        rewriter.after(loop)
        return list(loop.results)

    def _reduce_block(
        self,
        dim: int,
        lower: SSAValue,
        upper: SSAValue,
        sums: Sequence[Accumulator],
        carried: Sequence[SSAValue],
    ) -> list[SSAValue]:
        """The innermost loop, and adding its partial sums to the totals."""
        rewriter = self.rewriter
        partial: list[SSAValue] = []
        rest = list(carried)
        totals: list[list[SSAValue]] = []
        for accumulator in sums:
            taken, rest = rest[: accumulator.width], rest[accumulator.width :]
            totals.append(taken)
            partial.append(accumulator.start_block(rewriter, taken))
        loop, block = self._open_for(lower, upper, self.one, partial)
        loop.attributes["tfc.parallel"] = UnitAttr()
        self.steps[dim] = block.args[0]
        extent = constant_int(upper)
        if extent is not None and len(self.steps) > 1 and constant_int(lower) == 0:
            _hint_short_loop(loop, extent)
        rewriter.at_end(block, self.op.location)
        rewriter.create(scf.YieldOp, self._iteration(block.args[1:]))
        rewriter.after(loop)
        return [
            v
            for accumulator, total, value in zip(sums, totals, loop.results, strict=True)
            for v in accumulator.end_block(rewriter, total, value)
        ]

    def _iteration(self, carried: Sequence[SSAValue]) -> list[SSAValue]:
        """One iteration of the innermost loop: the new values of what is carried.

        Outputs that run along the loop (an elementwise result beside a sum) are stored on the way.
        """
        outputs: list[SSAValue | None] = [None] * self.outputs
        if len(self.reduced) < self.outputs:
            outputs = self._load_outputs()
        for index, value in zip(self.reduced, carried, strict=True):
            outputs[index] = value
        results = dict(enumerate(self._inline(outputs)))
        carried_on = [results.pop(index) for index in self.reduced]
        self._store(results)
        return carried_on


def _hint_short_loop(loop: Operation, extent: int) -> None:
    """Unroll an inner loop over two or three elements, so that the loop around it is what is vectorised.

    Elements are taken apart and put together in registers: `(x - mean) / scale` of pixels takes a third of the time. Loops get no
    hint of a vector width, of which LLVM prints a remark wherever it cannot follow it.
    """
    if extent in _UNROLLED:
        loop.attributes["tfc.unroll"] = builders.integer_attr(extent, i64)


def dim_of(expr: AffineExpr) -> int | None:
    """The loop that an index expression is, None if it is anything else."""
    return expr.position if isinstance(expr, AffineDimExpr) else None


def index_number(op: IndexOp) -> int:
    """The loop that a `linalg.index` asks for."""
    attr = op.properties["dim"]
    assert isinstance(attr, IntegerAttr)
    return attr.value.data
