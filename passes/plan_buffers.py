"""`plan-buffers`: temporaries of known size share one block of memory."""

from __future__ import annotations

from bisect import insort
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from heapq import heappop, heappush
from math import prod
from typing import TYPE_CHECKING

from tfc.passes.builders import ALIGNMENT, index_constant, memref_type, segments
from tfc.passes.effects import is_speculatable
from tfc.passes.rewriting import Rewriter, walk
from xdsl.dialects import func, memref, scf
from xdsl.dialects.builtin import (
    DYNAMIC_INDEX,
    ArrayAttr,
    DictionaryAttr,
    FixedBitwidthType,
    FunctionType,
    IndexType,
    MemRefType,
    StringAttr,
    UnitAttr,
    VectorType,
    i8,
)
from xdsl.dialects.func import FuncOp
from xdsl.ir import Attribute, Block, Operation, SSAValue
from xdsl.passes import ModulePass

if TYPE_CHECKING:
    from xdsl.context import Context
    from xdsl.dialects.builtin import ModuleOp


@dataclass(frozen=True)
class PlanBuffersPass(ModulePass):
    """Give temporaries of known size their place in one block of memory, and empty the loops of allocations.

    Pre-condition: buffers, structured control flow, every temporary freed in the block that
    allocates it (after `one-shot-bufferize`).

        %a = memref.alloc() : memref<1000xf32>      // dead before %b
        memref.dealloc %a
        %b = memref.alloc() : memref<500xf32>
        memref.dealloc %b

    becomes

        %arena = memref.alloc() : memref<4032xi8>
        %a = memref.view %arena[%c0][] : memref<4032xi8> to memref<1000xf32>
        %b = memref.view %arena[%c0][] : memref<4032xi8> to memref<500xf32>
        memref.dealloc %arena

    Buffers that live at different times share bytes. Up to `stack` bytes are on the stack. What a
    function needs beyond that becomes an argument, for which its callers find a place among their
    own temporaries. An allocation of run-time size inside a loop moves out of it when the size does
    not depend on the loop. Linear but for the search among free places.
    """

    name = "plan-buffers"

    stack: int = 16384

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        functions = [function for function in op.body.block.ops if isinstance(function, FuncOp)]
        for function, calls in _calls(functions).items():
            if len(function.body.blocks) == 1:
                _hoist_dynamic(function)
                arena = Plan(function).apply(self.stack)
                is_private = function.sym_visibility == StringAttr("private")
                if arena is not None and is_private and not any(map(_in_parallel_loop, calls)):
                    _take_from_callers(arena, function, calls)


# -- static buffers -----------------------------------------------------------------------------


@dataclass(eq=False)
class _Temporary:
    alloc: Operation
    dealloc: Operation
    start: int
    end: int
    size: int
    offset: int = 0


class Plan:
    """The temporaries of one function; those in parallel loops only when these run on one thread (`serial`)."""

    def __init__(self, function: FuncOp, *, serial: bool = False) -> None:
        self.function = function
        positions = {op: number for number, op in enumerate(walk(function))}
        self.temporaries: list[_Temporary] = []
        for op, start in positions.items():
            if not isinstance(op, memref.AllocOp):
                continue
            size = byte_size(op.memref.type)
            dealloc = _dealloc_of(op)
            if not serial and _in_parallel_loop(op):
                continue  # each iteration needs its own
            if size is not None and dealloc is not None and dealloc.parent is op.parent:
                self.temporaries.append(_Temporary(op, dealloc, start, positions[dealloc], size))

    def apply(self, stack: int) -> Operation | None:
        """Make the arena and put the temporaries into it; gives its allocation unless it is on the stack."""
        if not self.temporaries:
            return None
        total = place(self.temporaries)
        block = self.function.body.block
        rewriter = Rewriter().at_start(block, self.function.location)
        type = memref_type((total,), i8)
        on_stack = total <= stack
        arena = rewriter.value(
            memref.AllocaOp if on_stack else memref.AllocOp,
            (),
            type,
            {"operandSegmentSizes": segments(0, 0), "alignment": ALIGNMENT},
        )
        offsets: dict[int, SSAValue] = {}
        for temporary in self.temporaries:
            offset = offsets.get(temporary.offset)
            if offset is None:
                offset = offsets[temporary.offset] = index_constant(rewriter, temporary.offset)
            rewriter.location = temporary.alloc.location
            result = temporary.alloc.results[0]
            view = rewriter.value(memref.ViewOp, (arena, offset), result.type)
            rewriter.erase(temporary.dealloc)
            rewriter.replace(temporary.alloc, view)
        if on_stack:
            return None
        terminator = block.last_op
        assert isinstance(terminator, func.ReturnOp)
        rewriter.before(terminator)
        rewriter.create(memref.DeallocOp, (arena,))
        return arena.owner if isinstance(arena.owner, Operation) else None


def place(temporaries: list[_Temporary]) -> int:
    """Choose the offset of each temporary; gives the size of the whole.

    In order of their start, each goes into the smallest free gap that it fits in, else to the end.
    """
    gaps: list[tuple[int, int]] = []  # offset, size; sorted, never adjacent
    living: list[tuple[int, int, int]] = []  # end, offset, size
    total = 0
    for temporary in temporaries:
        while living and living[0][0] < temporary.start:
            _, offset, size = heappop(living)
            _release(gaps, offset, size)
        size = -(-temporary.size // 64) * 64
        fitting = [gap for gap in gaps if gap[1] >= size]
        if fitting:
            gap = min(fitting, key=lambda item: item[1])
            gaps.remove(gap)
            if gap[1] > size:
                insort(gaps, (gap[0] + size, gap[1] - size))
            temporary.offset = gap[0]
        elif gaps and gaps[-1][0] + gaps[-1][1] == total:
            # The gap at the end grows.
            temporary.offset = gaps.pop()[0]
            total = temporary.offset + size
        else:
            temporary.offset = total
            total += size
        heappush(living, (temporary.end, temporary.offset, size))
    return total


def _release(gaps: list[tuple[int, int]], offset: int, size: int) -> None:
    """Add a gap, joined with its neighbours."""
    for gap in [g for g in gaps if g[0] + g[1] == offset or offset + size == g[0]]:
        gaps.remove(gap)
        offset, size = min(offset, gap[0]), size + gap[1]
    insort(gaps, (offset, size))


# -- memory that callers give -------------------------------------------------------------------


def _calls(functions: Sequence[FuncOp]) -> dict[FuncOp, list[func.CallOp]]:
    """The calls of each function, which comes after those that it calls, as far as they do not call each other in a circle."""
    by_name = {function.sym_name.data: function for function in functions}
    calls: dict[FuncOp, list[func.CallOp]] = {}
    seen: set[FuncOp] = set()

    def visit(function: FuncOp) -> None:
        if function in seen:
            return
        seen.add(function)
        for op in walk(function) if len(functions) > 1 else ():
            if isinstance(op, func.CallOp) and op.callee.string_value() in by_name:
                callee = by_name[op.callee.string_value()]
                visit(callee)
                calls.setdefault(callee, []).append(op)
        calls.setdefault(function, [])

    for function in functions:
        visit(function)
    return calls


def _take_from_callers(arena: Operation, function: FuncOp, calls: Sequence[func.CallOp]) -> None:
    """Make the allocation `arena` of a function an argument, which each of `calls` allocates and frees."""
    block, type = function.body.block, arena.results[0].type
    rewriter = Rewriter()
    dealloc = _dealloc_of(arena)
    assert dealloc is not None
    rewriter.erase(dealloc)
    rewriter.replace(arena, block.insert_arg(type, len(block.args)))
    inputs = (*function.function_type.inputs.data, type)
    outputs = function.function_type.outputs.data
    marks = (
        function.arg_attrs.data if function.arg_attrs else [DictionaryAttr({})] * (len(inputs) - 1)
    )
    function.function_type = FunctionType.from_lists(inputs, outputs)
    function.arg_attrs = ArrayAttr([*marks, DictionaryAttr({"llvm.noalias": UnitAttr()})])
    for call in calls:
        rewriter.before(call)
        place = rewriter.value(memref.AllocOp, (), type, arena.properties)
        call.operands = [*call.operands, place]
        rewriter.after(call)
        rewriter.create(memref.DeallocOp, (place,))


def byte_size(type: Attribute) -> int | None:
    """The bytes of a memref with static shape and identity layout; None for others."""
    assert isinstance(type, MemRefType)
    bits = element_bits(type.element_type)
    if bits is None:
        return None
    size = -(-bits // 8)
    for dimension in type.shape.data:
        if dimension.data == DYNAMIC_INDEX:
            return None
        size *= dimension.data
    # Buffers without elements still need an address of their own.
    return max(size, 1)


def element_bits(type: Attribute) -> int | None:
    """The bits of an element in memory; None for types this pass leaves alone."""
    if isinstance(type, IndexType):
        return 64
    if isinstance(type, VectorType):
        bits = element_bits(type.element_type)
        return None if bits is None else bits * prod(type.get_shape())
    return type.bitwidth if isinstance(type, FixedBitwidthType) else None


def _in_parallel_loop(op: Operation) -> bool:
    parent = op.parent_op()
    while parent is not None and not isinstance(parent, FuncOp):
        if isinstance(parent, scf.ParallelOp):
            return True
        parent = parent.parent_op()
    return False


def _dealloc_of(alloc: Operation) -> Operation | None:
    for use in alloc.results[0].uses:
        if isinstance(use.operation, memref.DeallocOp):
            return use.operation
    return None


# -- dynamic buffers ----------------------------------------------------------------------------


def _hoist_dynamic(function: FuncOp) -> None:
    """Move allocations of run-time size out of loops that do not change the size."""
    allocs = [op for op in walk(function) if isinstance(op, memref.AllocOp) and op.operands]
    for alloc in allocs:
        dealloc = _dealloc_of(alloc)
        if dealloc is None or dealloc.parent is not alloc.parent:
            continue
        for loop in _enclosing_loops(alloc):
            if not all(_hoist_value(size, loop) for size in alloc.operands):
                break
            for op in (alloc, dealloc):
                op.detach()
            assert loop.parent is not None
            loop.parent.insert_op_before(alloc, loop)
            loop.parent.insert_op_after(dealloc, loop)


def _enclosing_loops(op: Operation) -> Iterator[Operation]:
    """The loops that directly contain `op`, the innermost first; it moves while they are read."""
    while isinstance(parent := op.parent_op(), scf.ForOp | scf.WhileOp | scf.ParallelOp):
        if isinstance(parent, scf.ParallelOp):
            return  # each iteration needs its own
        yield parent
        if op.parent_op() is parent:
            return


def _hoist_value(value: SSAValue, loop: Operation) -> bool:
    """Make `value` available before `loop`, moving what computes it; False if it can't be."""
    owner = value.owner
    if isinstance(owner, Block):
        return not loop.is_ancestor(owner)
    if not loop.is_ancestor(owner):
        return True
    movable = is_speculatable(owner) or isinstance(owner, memref.DimOp)
    if not movable or not all(_hoist_value(operand, loop) for operand in owner.operands):
        return False
    owner.detach()
    assert loop.parent is not None
    loop.parent.insert_op_before(owner, loop)
    return True
