"""Windows in registers: neighbouring elements of a result are made side by side, and share what they read.

An elementwise op with an operand for each element of a window reads most of its input again for the next place. Here some
iterations of a loop outside the innermost one are made together: what several of them read is loaded once, just before its
first use.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from tfc.passes import builders
from tfc.passes.rewriting import Rewriter
from tfc.passes.structured import linear_form
from xdsl.dialects import memref
from xdsl.dialects.builtin import MemRefType
from xdsl.ir import Block, Operation, SSAValue
from xdsl.ir.affine import AffineMap

Linear: TypeAlias = tuple[int, ...]
"""An index: the factor of each loop, and a constant."""

Read: TypeAlias = tuple[SSAValue, tuple[Linear, ...]]
"""A buffer, and where it is read."""

MIN_READS = 6
"""Operands of a window that is worth it."""

MAX_SHARE = 0.6
"""The share of the loads that is left, at most."""

COUNTS = (7, 5, 4, 3, 2)
"""How many iterations can be made together."""

MUCH_CODE = 512
"""The cost of all copies of a body at which compiling takes longer than the loop is worth."""


@dataclass(frozen=True)
class Window:
    """`count` iterations of a loop that are made together, and what is read."""

    dim: int
    count: int
    reads: tuple[Read, ...]

    def read(self, operand: int, number: int) -> Read:
        """What iteration `number` reads, in terms of the first one."""
        buffer, place = self.reads[operand]
        return buffer, tuple(
            (*factors, constant + number * factors[self.dim]) for *factors, constant in place
        )

    def loads(self) -> tuple[int, int]:
        """How many elements are loaded, and how many of them are held at once: from their first use to their last."""
        first: dict[Read, int] = {}
        last: dict[Read, int] = {}
        for operand in range(len(self.reads)):
            for number in range(self.count):
                read = self.read(operand, number)
                first.setdefault(read, operand)
                last[read] = operand
        begun, ended = Counter(first.values()), Counter(last.values())
        live = most = 0
        for operand in range(len(self.reads)):
            live += begun[operand]
            most = max(most, live)
            live -= ended[operand]
        return len(first), most


def find_window(
    operands: Sequence[SSAValue],
    maps: Sequence[AffineMap],
    loops: Sequence[int],
    extents: Mapping[int, int | None],
    cost: int,
    registers: int,
) -> Window | None:
    """The window that a body of a certain `cost` reads through `operands`, if iterations of one of `loops` share most of it.

    What they share, and a value of each, fits `registers`.
    """
    if len(operands) < MIN_READS:
        return None
    reads: list[Read] = []
    for value, map in zip(operands, maps, strict=True):
        place = [linear_form(expr, map.num_dims) for expr in map.results]
        if not isinstance(value.type, MemRefType) or None in place:
            return None
        reads.append((_whole(value), tuple(tuple(index) for index in place if index is not None)))
    found: Window | None = None
    least = MAX_SHARE
    for dim in loops:
        extent = extents[dim] or 0
        for count in COUNTS:
            if extent % count or extent < count or count * cost > MUCH_CODE:
                continue
            window = Window(dim, count, tuple(reads))
            loaded, live = window.loads()
            share = loaded / (count * len(reads))
            if share < least and live + count <= registers:
                found, least = window, share
    return found


def _whole(value: SSAValue) -> SSAValue:
    """What `value` is the beginning of: it is read at the same indices."""
    op = value.owner
    if not isinstance(op, memref.SubviewOp) or len(op.operands) != 1:
        return value
    starts, steps = op.static_offsets.get_values(), op.static_strides.get_values()
    same_rank = len(starts) == _rank(value)
    if not same_rank or any(starts) or any(step != 1 for step in steps):
        return value
    return _whole(op.operands[0])


def _rank(value: SSAValue) -> int:
    assert isinstance(value.type, MemRefType)
    return len(value.type.shape.data)


class WindowBody:
    """The body of an op for all iterations of a window, op by op."""

    def __init__(
        self,
        rewriter: Rewriter,
        constant: Callable[[int], SSAValue],
        window: Window,
        steps: Mapping[int, SSAValue],
    ) -> None:
        self.rewriter = rewriter
        self.constant = constant
        """Gives an index constant."""
        self.window = window
        self.steps = steps
        """The induction variable of each loop: that of the window's is the first of its iterations."""
        self.loaded: dict[Read, SSAValue] = {}
        self.indices: dict[Linear, SSAValue] = {}

    def emit(self, block: Block) -> list[list[SSAValue]]:
        """What each iteration yields."""
        every = range(self.window.count)
        values: list[dict[SSAValue, SSAValue]] = [{} for _ in every]
        for op in block.ops:
            for number in every:
                self._load(op.operands, values[number], block, number)
            if op is block.last_op:
                break
            for number in every:
                if number and not op.operands:
                    values[number].update((r, values[0][r]) for r in op.results)
                else:
                    self._copy(op, values[number])
        assert block.last_op is not None
        return [[v.get(value, value) for value in block.last_op.operands] for v in values]

    def _copy(self, op: Operation, values: dict[SSAValue, SSAValue]) -> None:
        if op.regions:
            copy = self.rewriter.insert(op.clone(values))
        else:
            operands = [values.get(value, value) for value in op.operands]
            copy = self.rewriter.create(type(op), operands, op.result_types, op.properties)
            values.update(zip(op.results, copy.results, strict=True))
        copy.location = op.location

    def _load(
        self,
        wanted: Sequence[SSAValue],
        values: dict[SSAValue, SSAValue],
        block: Block,
        number: int,
    ) -> None:
        for value in wanted:
            if value.owner is block and value not in values:
                read = self.window.read(block.args.index(value), number)
                if read not in self.loaded:
                    self.loaded[read] = builders.load(
                        self.rewriter, read[0], [self._index(place) for place in read[1]]
                    )
                values[value] = self.loaded[read]

    def _index(self, place: Linear) -> SSAValue:
        if place not in self.indices:
            rewriter = self.rewriter
            *factors, constant = place
            total = self.constant(constant)
            for dim, factor in enumerate(factors):
                if factor:
                    step = builders.muli(rewriter, self.steps[dim], self.constant(factor))
                    total = builders.addi(rewriter, step, total)
            self.indices[place] = total
        return self.indices[place]
