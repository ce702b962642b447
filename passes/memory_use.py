"""The most memory that a program has at once, from its buffers: what `f.memory` tells."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from operator import add, floordiv, mod, mul, sub
from typing import Any, cast

from tfc.passes.builders import constant_int
from tfc.passes.plan_buffers import byte_size, element_bits
from xdsl.dialects import arith, func, memref, scf
from xdsl.dialects.builtin import DYNAMIC_INDEX, ArrayAttr, DictionaryAttr, MemRefType, ModuleOp
from xdsl.ir import Block, BlockArgument, Operation, OpResult, SSAValue

_ARITHMETIC: dict[type[Operation], Callable[[int, int], int]] = {
    arith.AddiOp: add, arith.SubiOp: sub, arith.MuliOp: mul, arith.DivUIOp: floordiv, arith.DivSIOp: floordiv,
    arith.RemUIOp: mod, arith.RemSIOp: mod, arith.MinUIOp: min, arith.MinSIOp: min, arith.MaxUIOp: max, arith.MaxSIOp: max,
}  # fmt: skip
_VIEWS = (memref.ViewOp, memref.SubviewOp, memref.CastOp, memref.CollapseShapeOp, memref.ExpandShapeOp,
          memref.ReinterpretCastOp)  # fmt: skip


@dataclass(frozen=True)
class Allocated:
    """Bytes that are allocated at one time: by the buffer plan (`arena`), of sizes known at run time (`pool`), for results."""

    arena: int = 0
    pool: int = 0
    results: int = 0
    is_exact: bool = True
    """Whether all sizes are known; those that depend on the data are left out."""

    @property
    def total(self) -> int:
        return self.arena + self.pool + self.results

    def __add__(self, other: Allocated) -> Allocated:
        return Allocated(
            self.arena + other.arena,
            self.pool + other.pool,
            self.results + other.results,
            self.is_exact and other.is_exact,
        )

    def times(self, count: int) -> Allocated:
        """So much for each of `count` threads."""
        return replace(self, arena=self.arena * count, pool=self.pool * count)


def most_allocated(
    module: ModuleOp, shapes: Sequence[tuple[int, ...]], threads: int = 1
) -> Allocated:
    """What `@main` has allocated when it has allocated most.

    `shapes` are those of its first arguments. Of a recursive function one activation counts.

    Pre-condition: `parallel-loops`, before `convert-scf-to-cf`.
    """
    functions = {
        op.sym_name.data: op for op in module.body.block.ops if isinstance(op, func.FuncOp)
    }
    main = functions["main"]
    known: dict[SSAValue, tuple[int, ...]] = dict(zip(main.body.block.args, shapes, strict=False))
    given = Allocated(results=_given_by_caller(main))
    return _Activation(functions, threads, known).run(main) + given


def _given_by_caller(main: func.FuncOp) -> int:
    """The bytes of the results that are arguments."""
    attributes = main.properties.get("arg_attrs")
    if not isinstance(attributes, ArrayAttr):
        return 0
    return sum(
        byte_size(argument.type) or 0
        for argument, attached in zip(main.body.block.args, attributes.data, strict=True)
        if "tfc.result" in cast("DictionaryAttr", attached).data
    )


@dataclass
class _Activation:
    """One function being walked through in program order."""

    functions: dict[str, func.FuncOp]
    threads: int
    shapes: dict[SSAValue, tuple[int, ...]] = field(
        default_factory=dict[SSAValue, "tuple[int, ...]"]
    )
    callers: tuple[str, ...] = ()
    live: dict[Operation, Allocated] = field(default_factory=dict[Operation, Allocated])
    most: Allocated = field(default_factory=Allocated)
    is_exact: bool = True
    returned: set[Operation] = field(default_factory=set[Operation])
    asked: set[Operation] = field(default_factory=set[Operation])
    """Allocations whose sizes are being found out."""

    def run(self, function: func.FuncOp) -> Allocated:
        if not function.body.blocks:
            return Allocated()
        block = function.body.block
        last = block.last_op
        if not self.callers and last is not None:
            self.returned = {root for value in last.operands for root in _roots(value)}
        self._block(block)
        return replace(self.most, is_exact=self.is_exact)

    def _block(self, block: Block) -> None:
        for op in block.ops:
            if isinstance(op, memref.AllocOp | memref.AllocaOp):
                self.live[op] = self._size(op)
                self._note(Allocated())
            elif isinstance(op, memref.DeallocOp):
                for root in _roots(op.operands[0]):
                    self.live.pop(root, None)
            elif isinstance(op, func.CallOp):
                self._note(self._call(op))
            elif op.regions:
                self._regions(op)

    def _note(self, more: Allocated) -> None:
        now = sum(self.live.values(), more)
        if now.total > self.most.total:
            self.most = now

    def _regions(self, op: Operation) -> None:
        """Each region from what is allocated before; the one that leaves most allocated counts."""
        before = self.live
        ends: list[dict[Operation, Allocated]] = []
        for region in op.regions:
            # The second region of a while loop comes after the first, the arms of a branch instead of one another.
            self.live = dict(self.live if isinstance(op, scf.WhileOp) else before)
            for block in region.blocks:
                self._block(block)
            ends.append(self.live)
        self.live = max(ends, key=lambda live: sum(item.total for item in live.values()))

    def _call(self, op: func.CallOp) -> Allocated:
        name = op.callee.root_reference.data
        callee = self.functions[name]
        if name in self.callers:
            return Allocated()
        inner = _Activation(self.functions, self.threads, {}, (*self.callers, name))
        arguments = callee.body.blocks[0].args if callee.body.blocks else ()
        for argument, value in zip(arguments, op.operands, strict=False):
            if isinstance(value.type, MemRefType):
                sizes = [self._extent(value, axis) for axis in range(len(value.type.shape.data))]
                if None not in sizes:
                    inner.shapes[argument] = tuple(cast("list[int]", sizes))
        used = inner.run(callee)
        self.is_exact = self.is_exact and used.is_exact
        return used.times(self.threads) if "tfc.parallel_grain" in op.attributes else used

    # -- sizes ----------------------------------------------------------------------------------

    def _size(self, op: memref.AllocOp | memref.AllocaOp) -> Allocated:
        kind = cast("MemRefType[Any]", op.results[0].type)
        bits = element_bits(kind.element_type) or 0
        total = -(-bits // 8)
        for axis in range(len(kind.shape.data)):
            extent = self._extent(op.results[0], axis)
            self.is_exact = self.is_exact and extent is not None
            total *= extent or 0
        if op in self.returned:
            return Allocated(results=total)
        return Allocated(pool=total) if op.operands else Allocated(arena=total)

    def _extent(self, value: SSAValue, axis: int) -> int | None:
        """The size of a dim of a buffer."""
        if value in self.shapes:
            return self.shapes[value][axis]
        kind = cast("MemRefType[Any]", value.type)
        size = kind.shape.data[axis].data
        if size != DYNAMIC_INDEX:
            return size
        op = value.owner
        if isinstance(op, memref.AllocOp | memref.AllocaOp):
            if op in self.asked:
                return None  # it grows with the iterations of a loop
            self.asked.add(op)
            number = sum(extent.data == DYNAMIC_INDEX for extent in kind.shape.data[:axis])
            found = self._number(op.operands[number])
            self.asked.remove(op)
            return found
        if isinstance(op, memref.CastOp):
            return self._extent(op.operands[0], axis)
        if isinstance(op, _VIEWS):
            return None
        sizes = {self._extent(root.results[0], axis) for root in _roots(value)}
        return sizes.pop() if len(sizes) == 1 else None

    def _number(self, value: SSAValue) -> int | None:
        """The integer that a value is in this call."""
        constant = constant_int(value)
        op = value.owner
        if constant is not None or not isinstance(op, Operation):
            return constant
        if isinstance(op, memref.DimOp):
            axis = constant_int(op.operands[1])
            return None if axis is None else self._extent(op.operands[0], axis)
        if isinstance(op, arith.IndexCastOp | arith.ExtSIOp | arith.ExtUIOp):
            return self._number(op.operands[0])
        compute = _ARITHMETIC.get(type(op))
        if compute is None:
            return None
        numbers = [self._number(operand) for operand in op.operands]
        if None in numbers or (compute in (floordiv, mod) and numbers[1] == 0):
            return None
        return compute(*cast("list[int]", numbers))


def _roots(value: SSAValue) -> list[Operation]:
    """The allocations whose memory a value may be."""
    found: dict[Operation, None] = {}
    pending, seen = [value], set[SSAValue]()
    while pending:
        item = pending.pop()
        if item in seen or not isinstance(item.type, MemRefType):
            continue
        seen.add(item)
        if isinstance(item, OpResult) and isinstance(item.op, memref.AllocOp | memref.AllocaOp):
            found[item.op] = None
        else:
            pending += _sources(item)
    return list(found)


def _sources(value: SSAValue) -> Iterator[SSAValue]:
    """The values that a value is a view of, or one of."""
    if isinstance(value, OpResult):
        op, index = value.op, value.index
        if isinstance(op, _VIEWS):
            yield op.operands[0]
    elif isinstance(value, BlockArgument):
        op, index = value.block.parent_op(), value.index
    else:
        return
    if isinstance(op, scf.IfOp | scf.IndexSwitchOp):
        yield from (
            region.block.last_op.operands[index]
            for region in op.regions
            if region.blocks and region.block.last_op
        )
    elif isinstance(op, scf.ForOp):
        index -= isinstance(value, BlockArgument)
        if index >= 0:
            yield op.iter_args[index]
            yield cast(Operation, op.body.block.last_op).operands[index]
    elif isinstance(op, scf.WhileOp):
        condition = cast(Operation, op.before_region.block.last_op).operands[1:]
        is_first = isinstance(value, BlockArgument) and value.block is op.before_region.block
        if is_first:
            yield op.operands[index]
            yield cast(Operation, op.after_region.block.last_op).operands[index]
        else:
            yield condition[index]
