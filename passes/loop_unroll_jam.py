"""`loop-unroll-jam`: neighbouring iterations of a loop run side by side in the loops inside it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import inf, prod
from typing import cast

from tfc.passes import builders
from tfc.passes.aliasing import are_distinct, root_of
from tfc.passes.builders import INDEX, addi, constant_int, index_constant, muli, subi
from tfc.passes.effects import is_pure
from tfc.passes.loop_costs import cost_of, trip_count
from tfc.passes.plan_buffers import element_bits
from tfc.passes.rewriting import Rewriter, append, new_op, walk
from tfc.passes.structured import body_cost
from xdsl.context import Context
from xdsl.dialects import arith, memref, scf, vector
from xdsl.dialects.builtin import ModuleOp, VectorType
from xdsl.ir import Attribute, Block, Operation, Region, SSAValue
from xdsl.passes import ModulePass

Load = memref.LoadOp | vector.LoadOp
Store = memref.StoreOp | vector.StoreOp

STREAMS = 4
"""Rows that are read side by side: what a core's prefetchers follow at once without getting into each other's way."""

LONG_ROW = 2048
"""Bytes from which on rows are streams of their own; shorter ones are read as one stream anyhow."""

MUCH_WORK = 3
"""Additions for each byte at which arithmetic takes longer than memory."""

UPDATES = 8
"""Iterations that update a place side by side."""

MUCH_CODE = 96
"""The cost of all copies of a body at which compiling takes longer than the loop is worth."""


@dataclass(frozen=True)
class LoopUnrollJamPass(ModulePass):
    """Run neighbouring iterations of a loop side by side in the loops inside it, where that is easier on memory.

    Before:
        scf.for %i = %c0 to %c4096 step %c1 {
          scf.for %j = %c0 to %c512 step %c16 {
            %s = vector.load %b[%j]
            %x = vector.load %a[%i, %j]
            %t = arith.addf %s, %x
            vector.store %t, %b[%j]
          }
        }
    After:
        scf.for %i = %c0 to %c4096 step %c8 {
          scf.for %j = %c0 to %c512 step %c16 {
            %s = vector.load %b[%j]
            %x0 = vector.load %a[%i, %j]
            %t0 = arith.addf %s, %x0
            ...
            %t7 = arith.addf %t6, %x7
            vector.store %t7, %b[%j]
          }
        }

    Places that a loop updates again and again, as above, stay in registers for eight iterations. Rows of a parallel loop that
    are only read, and are more than the last cache holds (`l3-bytes`), are read four at a time, since a core reads several
    streams faster than one: three quarters of the time for the sum of 64 MB.

    The remaining iterations run as before. Other loops stay as they are, and so do those whose copies would need more than
    `vector-registers` for what they carry.

    Options: `l3-bytes`, `vector-bits`, `vector-registers`.

    Pre-condition: `vectorize-inner-loops`. Numbers do not change: what updates a place does so in the same order.
    """

    name = "loop-unroll-jam"

    l3_bytes: int = 8 * 1024 * 1024
    vector_bits: int = 256
    vector_registers: int = 16

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        rewriter = Rewriter()
        for inner in reversed(walk(op)):  # what is inside first, since loops go away
            if isinstance(inner, scf.ForOp):
                updates = _Updates(inner)
                if (count := updates.count()) > 1:
                    _jam_sequential(rewriter, inner, count, updates.loads)
            elif isinstance(inner, scf.ParallelOp) and (count := self._streams(inner)) > 1:
                _jam_parallel(rewriter, inner, count)

    def _streams(self, loop: scf.ParallelOp) -> int:
        """How many iterations of the last dimension are to read their rows side by side."""
        dims = len(loop.body.block.args)
        lower, upper, step = (loop.operands[i : i + dims] for i in range(0, 3 * dims, dims))
        trips = list(map(trip_count, lower, upper, step))
        if loop.results or constant_int(step[-1]) != 1 or None in trips:
            return 1
        row = _row_bytes(loop)
        total = row * prod(cast("list[int]", trips))
        if (
            row < LONG_ROW
            or total < self.l3_bytes
            or cost_of(loop.body.block, {}) > MUCH_WORK * row
        ):
            return 1
        carried = max(
            sum(self._registers(value.type) for value in inner.results)
            for inner in walk(loop)
            if isinstance(inner, scf.ForOp)
        )
        fitting = min(STREAMS, self.vector_registers // max(carried, 1), trips[-1] or 0)
        return max(n for n in (1, 2, STREAMS) if n <= fitting or n == 1)

    def _registers(self, type: Attribute) -> int:
        return -(-_byte_size(type) * 8 // self.vector_bits)


def _byte_size(type: Attribute) -> int:
    """The bytes of a number or vector."""
    return (element_bits(type) or 8) // 8


# -- rows ---------------------------------------------------------------------------------------


def _row_bytes(loop: scf.ParallelOp) -> int:
    """How much one iteration reads in loops, of memory that others do not read; 0 where these loops do more than read."""
    varying: set[SSAValue] = {loop.body.block.args[-1]}

    def read(block: Block, times: int) -> int | None:
        total = 0
        for op in block.ops:
            if op is block.last_op:
                pass
            elif isinstance(op, scf.ForOp):
                trips = trip_count(op.lb, op.ub, op.step)
                inside = None if trips is None else read(op.body.block, times * trips)
                if inside is None:
                    return None
                total += inside
            elif isinstance(op, Load) and times > 1:
                if not varying.isdisjoint(op.operands):
                    total += times * _byte_size(op.results[0].type)
            elif not (is_pure(op) or (times == 1 and isinstance(op, _ALONE))):
                return None
            elif not varying.isdisjoint(op.operands):
                varying.update(op.results)
        return total

    return read(loop.body.block, 1) or 0


_ALONE = (
    memref.LoadOp,
    memref.StoreOp,
    vector.LoadOp,
    vector.StoreOp,
    memref.AllocOp,
    memref.DeallocOp,
)
"""What an iteration may do beside its loops."""


# -- updates ------------------------------------------------------------------------------------


class _Updates:
    """A sequential loop around others, as updates of places: it has no other effect, and no place depends on another one."""

    def __init__(self, loop: scf.ForOp) -> None:
        self.loop = loop
        self.stores: dict[SSAValue, list[Store]] = {}
        self.loads: set[Operation] = set()
        """The loads of what is updated."""

    def count(self) -> int:
        """How many iterations are to run side by side."""
        loop = self.loop
        if loop.results or constant_int(loop.step) != 1 or not self._are_updates():
            return 1
        cost = body_cost(op for op in walk(loop) if not op.regions)
        trips = trip_count(loop.lb, loop.ub, loop.step)
        most = min(UPDATES if trips is None else trips, MUCH_CODE // cost)
        return max(n for n in (1, 2, 4, UPDATES) if n <= most or n == 1)

    def _are_updates(self) -> bool:
        loop = self.loop
        loads: list[Load] = []
        inner = 0
        for op in walk(loop)[1:]:
            if isinstance(op, scf.ForOp):
                if (
                    op.parent is not loop.body.block
                    or op.results
                    or not self._is_fixed(op.operands)
                ):
                    return False
                inner += 1
            elif isinstance(op, Load):
                loads.append(op)
            elif isinstance(op, Store):
                self.stores.setdefault(root_of(op.operands[1]), []).append(op)
            elif op.regions or not (isinstance(op, scf.YieldOp) or is_pure(op)):
                return False
        return (
            inner > 0
            and all(map(self._are_places, self.stores.values()))
            and all(map(self._is_update, loads))
            and bool(self.loads)
            and are_distinct({root_of(load.operands[0]) for load in loads} | set(self.stores))
        )

    def _are_places(self, stores: Sequence[Store]) -> bool:
        """Whether stores into one buffer always go to the same places, each to its own."""
        rows = {tuple(store.operands[1:-1]) for store in stores}
        if len(rows) > 1 or not self._is_fixed(rows.pop()):
            return False
        spans = sorted(span for span in map(_span, stores) if span is not None)
        return len(spans) == len(stores) and all(
            first[1] <= second[0] for first, second in pairwise(spans)
        )

    def _is_fixed(self, values: Iterable[SSAValue]) -> bool:
        return all(
            constant_int(value) is not None or not self.loop.is_ancestor(value.owner)
            for value in values
        )

    def _is_update(self, load: Load) -> bool:
        """Whether a load reads nothing that is stored, or the place that a store in its block goes to."""
        stores = self.stores.get(root_of(load.operands[0]))
        if stores is None:
            return True
        self.loads.add(load)
        place = tuple(load.operands)
        return any(
            store.parent is load.parent
            and tuple(store.operands[1:]) == place
            and store.operands[0].type == load.results[0].type
            and load.is_before_in_block(store)
            for store in stores
        )


def _span(store: Store) -> tuple[float, float] | None:
    """What a store covers of its last dimension, in all iterations of its loop; None for stores that may overlap themselves."""
    if len(store.operands) < 3:
        return None
    last, kind = store.operands[-1], store.operands[0].type
    lanes = prod(kind.get_shape()) if isinstance(kind, VectorType) else 1
    if (place := constant_int(last)) is not None:
        return place, place + lanes
    loop = store.parent_op()
    if not isinstance(loop, scf.ForOp) or last is not loop.body.block.args[0]:
        return None
    first, end, step = map(constant_int, (loop.lb, loop.ub, loop.step))
    if step is None or step < lanes:
        return None
    return (-inf, inf) if first is None or end is None else (first, end - 1 + lanes)


# -- rewriting ----------------------------------------------------------------------------------


def _jam_sequential(
    rewriter: Rewriter, loop: scf.ForOp, count: int, updates: set[Operation]
) -> None:
    rewriter.before(loop)
    _, end, many = _in_groups(rewriter, loop.lb, loop.ub, count)
    _, block = builders.for_loop(rewriter, loop.lb, end, many)
    rewriter.at_end(block)
    _Copies(rewriter, loop.body.block, block.args, count, updates).emit(loop.body.block)
    rewriter.create(scf.YieldOp)
    if trip_count(end, loop.ub, loop.step) == 0:
        rewriter.erase(loop)
    else:
        loop.operands[0] = end


def _jam_parallel(rewriter: Rewriter, loop: scf.ParallelOp, count: int) -> None:
    rewriter.before(loop)
    dims = len(loop.body.block.args)
    lower, upper, step = loop.operands[dims - 1 :: dims]
    groups, end, many = _in_groups(rewriter, lower, upper, count)
    operands = list(loop.operands)
    operands[dims - 1] = index_constant(rewriter, 0)
    operands[2 * dims - 1] = groups
    block = Block(arg_types=[INDEX] * dims)
    rewriter.create(scf.ParallelOp, operands, (), dict(loop.properties), regions=(Region(block),))
    append(new_op(scf.ReduceOp, location=loop.location), block)
    rewriter.at_start(block, loop.location)
    first = addi(rewriter, lower, muli(rewriter, block.args[-1], many))
    indices = (*block.args[:-1], first)
    _Copies(rewriter, loop.body.block, indices, count).emit(loop.body.block)
    if trip_count(end, upper, step) == 0:
        rewriter.erase(loop)
    else:
        loop.operands[dims - 1] = end


def _in_groups(
    rewriter: Rewriter, lower: SSAValue, upper: SSAValue, count: int
) -> tuple[SSAValue, SSAValue, SSAValue]:
    """How many times `count` iterations of step one there are, where the last of these end, and `count`."""
    many, size = index_constant(rewriter, count), subi(rewriter, upper, lower)
    known = constant_int(size)
    if known is None:
        groups = rewriter.value(arith.DivSIOp, (size, many), INDEX)
    else:
        groups = index_constant(rewriter, known // count)
    return groups, addi(rewriter, lower, muli(rewriter, groups, many)), many


class _Copies:
    """Neighbouring iterations of a loop with the body `block`: the last of `indices` is that of the first one."""

    def __init__(
        self,
        rewriter: Rewriter,
        block: Block,
        indices: Sequence[SSAValue],
        count: int,
        updates: Iterable[Operation] = (),
    ) -> None:
        self.rewriter = rewriter
        self.updates = set(updates)
        """The loads that give what the iteration before stores."""
        self.values: list[dict[SSAValue, SSAValue]] = []
        """What stands for a value of the body, in each copy."""
        for number in range(count):
            here = addi(rewriter, indices[-1], index_constant(rewriter, number))
            self.values.append(dict(zip(block.args, (*indices[:-1], here), strict=True)))

    def emit(self, block: Block) -> None:
        """The ops of a block but the last, here: loops over the same range become one, all else runs copy after copy."""
        between: list[Operation] = []
        own: set[SSAValue] = set()  # of each copy
        for op in block.ops:
            if isinstance(op, scf.ForOp) and self._are_same(op.operands[:3]):
                self._straight(between)
                between = []
                self._loop(op)
            elif (
                not op.regions
                and is_pure(op)
                and own.isdisjoint(op.operands)
                and self._are_same(op.operands)
            ):
                self._clone(op, self.values[0])
                for values in self.values[1:]:
                    values.update((result, self.values[0][result]) for result in op.results)
            elif op is not block.last_op:
                between.append(op)
                own.update(op.results)
        self._straight(between)

    def _are_same(self, values: Iterable[SSAValue]) -> bool:
        """Whether all copies have the same ones."""
        return all(len({copy.get(value, value) for copy in self.values}) == 1 for value in values)

    def _clone(self, op: Operation, values: dict[SSAValue, SSAValue]) -> Operation:
        copy = op.clone(values)
        copy.location = op.location
        return self.rewriter.insert(copy)

    def _straight(self, ops: Sequence[Operation]) -> None:
        stored: dict[tuple[SSAValue, ...], Operation] = {}
        for values in self.values:
            for op in ops:
                if op in self.updates and (place := _place(op.operands, values)) in stored:
                    values[op.results[0]] = stored[place].operands[0]
                    continue
                copy = self._clone(op, values)
                if self.updates and isinstance(op, Store):
                    place = tuple(copy.operands[1:])
                    if place in stored:
                        self.rewriter.erase(stored[place])
                    stored[place] = copy

    def _loop(self, op: scf.ForOp) -> None:
        rewriter, old = self.rewriter, op.body.block
        lower, upper, step = _place(op.operands[:3], self.values[0])
        carried = [v for copy in self.values for v in _place(op.iter_args, copy)]
        loop, block = builders.for_loop(rewriter, lower, upper, step, carried)
        loop.attributes.update(op.attributes)
        behind = rewriter.point()
        self._define(old.args[1:], block.args[1:])
        for copy in self.values:
            copy[old.args[0]] = block.args[0]
        rewriter.at_end(block)
        self.emit(old)
        assert old.last_op is not None
        yielded = [v for copy in self.values for v in _place(old.last_op.operands, copy)]
        rewriter.create(scf.YieldOp, yielded)
        rewriter.restore(behind)
        self._define(op.results, loop.results)

    def _define(self, old: Sequence[SSAValue], new: Sequence[SSAValue]) -> None:
        """`new` are the values of all copies for `old`, copy after copy."""
        for number, copy in enumerate(self.values):
            start = number * len(old)
            copy.update(zip(old, new[start : start + len(old)], strict=True))


def _place(values: Iterable[SSAValue], copy: dict[SSAValue, SSAValue]) -> tuple[SSAValue, ...]:
    return tuple(copy.get(value, value) for value in values)
