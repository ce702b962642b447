"""`parallel-loops`: long parallel loops become calls that the thread pool can split."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tfc.passes.aliasing import are_distinct, root_of
from tfc.passes.builders import INDEX, constant_int, integer_attr, segments
from tfc.passes.loop_costs import UNKNOWN_TRIPS, Functions, cost_of, likely_trip_count
from tfc.passes.plan_buffers import Plan, byte_size
from tfc.passes.rewriting import Rewriter, append, new_op, walk
from xdsl.dialects import arith, cf, func, memref, scf
from xdsl.dialects.builtin import (
    ArrayAttr,
    DictionaryAttr,
    FunctionType,
    MemRefType,
    StringAttr,
    SymbolRefAttr,
    UnitAttr,
    i64,
)
from xdsl.dialects.func import FuncOp
from xdsl.ir import Attribute, Block, Operation, Region, SSAValue
from xdsl.passes import ModulePass

if TYPE_CHECKING:
    from xdsl.context import Context
    from xdsl.dialects.builtin import ModuleOp

THREAD_STACK = 768 * 1024
"""Bytes of temporaries that a piece of a parallel loop may have; threads have megabytes of stack."""


@dataclass(frozen=True)
class ParallelLoopsPass(ModulePass):
    """Outline long `scf.parallel` loops into functions over a range of their first dimension.

    Pre-condition: buffers (after `convert-linalg-to-loops`).

        scf.parallel (%i) = (%c0) to (%n) step (%c1) { ... %x ... }

    becomes

        func.call @main_parallel_0(%c0, %n, %x) {tfc.parallel_grain = 2048 : i64}

        func.func private @main_parallel_0(%lo: index, %hi: index, %x: memref<?xf32>) {
          scf.for %i = %lo to %hi step %c1 { ... %x ... }
          return
        }

    The grain is how many iterations are worth `work` units, a unit being one addition; a loop that
    is known to be worth less than two grains stays. So does one that may fail, and one inside
    another parallel loop, and one whose step is not one. Temporaries of an iteration, and of the functions that it calls,
    are on the stack of the thread that runs it (at most `stack` bytes when the loop stays).
    """

    name = "parallel-loops"

    work: int = 32768
    stack: int = 16384

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        functions = {f.sym_name.data: f for f in op.body.block.ops if isinstance(f, FuncOp)}
        on_threads: set[str] = set()
        for function in list(functions.values()):
            outlined = 0
            for loop in list(_outermost(function)):
                grain = self._grain(loop, functions)
                if grain is not None:
                    name = f"{function.sym_name.data}_parallel_{outlined}"
                    body = _outline(op, function, loop, name, grain)
                    Plan(body, serial=True).apply(THREAD_STACK)
                    on_threads.update(_called(body, functions))
                    outlined += 1
        for name, function in functions.items():
            stack = THREAD_STACK if name in on_threads else self.stack
            Plan(function, serial=True).apply(stack)

    def _grain(self, loop: scf.ParallelOp, functions: Functions) -> int | None:
        """The iterations of the first dimension that make up a piece; None if it should stay."""
        if loop.results or not _may_be_outlined(loop, functions):
            return None
        count = len(loop.body.block.args)
        if constant_int(loop.operands[2 * count]) != 1:
            return None  # a piece may begin between two steps
        cost = cost_of(loop.body.block, functions)
        trips = [
            likely_trip_count(
                loop.operands[dim], loop.operands[count + dim], loop.operands[2 * count + dim]
            )
            for dim in range(count)
        ]
        for inner in trips[1:]:
            cost *= UNKNOWN_TRIPS if inner is None else inner
        grain = max(1, -(-self.work // max(cost, 1)))
        first = trips[0]
        if first is not None and (first < 2 or first < 2 * grain):
            return None
        return grain


def _outermost(function: FuncOp) -> list[scf.ParallelOp]:
    """The parallel loops that are in no other one."""
    found: list[scf.ParallelOp] = []
    pending: list[Block] = list(function.body.blocks)
    while pending:
        for op in pending.pop().ops:
            if isinstance(op, scf.ParallelOp):
                found.append(op)
            else:
                pending.extend(block for region in op.regions for block in region.blocks)
    return found


def _may_be_outlined(loop: scf.ParallelOp, functions: Functions) -> bool:
    """Whether the body can neither fail nor leave anything behind, and its temporaries fit a thread's stack."""
    stack = _stack(loop, functions, ())
    return stack is not None and stack <= THREAD_STACK


def _stack(op: Operation, functions: Functions, callers: tuple[FuncOp, ...]) -> int | None:
    """The bytes of temporaries that a region has, with those of the functions it calls; None when it may fail."""
    stack = 0
    below: dict[str, int] = {}
    for inner in walk(op):
        if isinstance(inner, memref.AllocOp):
            size = byte_size(inner.memref.type)
            if size is None:
                return None
            stack += size
        elif isinstance(inner, cf.AssertOp):
            return None
        elif isinstance(inner, func.CallOp):
            name = inner.callee.string_value()
            if name not in below:
                callee = functions.get(name)
                size = None if callee is None else _stack_of_function(callee, functions, callers)
                if size is None:
                    return None
                below[name] = size
    return stack + max(below.values(), default=0)


def _stack_of_function(
    callee: FuncOp, functions: Functions, callers: tuple[FuncOp, ...]
) -> int | None:
    """The same of a function; None for one that is not defined here, gives memory away or calls itself."""
    if not callee.body.blocks or callee in callers:
        return None
    if any(isinstance(output, MemRefType) for output in callee.function_type.outputs):
        return None
    return _stack(callee, functions, (*callers, callee))


def _called(op: Operation, functions: Functions) -> set[str]:
    """The names of the functions that a region runs."""
    found: set[str] = set()
    pending: list[Operation] = [op]
    while pending:
        for inner in walk(pending.pop()):
            if isinstance(inner, func.CallOp):
                name = inner.callee.string_value()
                if name not in found and name in functions:
                    found.add(name)
                    pending.append(functions[name])
    return found


def _outline(
    module: ModuleOp, function: FuncOp, loop: scf.ParallelOp, name: str, grain: int
) -> FuncOp:
    """Make a loop the call of a function of a part of its range, which the runtime calls in pieces of `grain` and more."""
    rewriter = Rewriter().before(loop)
    count = len(loop.body.block.args)
    captured, constants = _captured(loop)
    types = [INDEX, INDEX, *(value.type for value in captured)]
    entry = Block(arg_types=types)
    call_operands = [loop.operands[0], loop.operands[count], *captured]
    _move_into(entry, rewriter, loop, captured, constants)
    rewriter.before(loop)
    rewriter.create(
        func.CallOp,
        call_operands,
        (),
        {"callee": SymbolRefAttr(name)},
        attributes={"tfc.parallel_grain": integer_attr(grain, i64)},
    )
    rewriter.erase(loop)
    properties: dict[str, Attribute] = {
        "sym_name": StringAttr(name),
        "function_type": FunctionType.from_lists(types, ()),
        "sym_visibility": StringAttr("private"),
    }
    roots = [root_of(value) for value in captured if isinstance(value.type, MemRefType)]
    if len(set(roots)) == len(roots) and are_distinct(roots):
        marks = [_NOALIAS if isinstance(type, MemRefType) else _NO_ATTRS for type in types]
        properties["arg_attrs"] = ArrayAttr(marks)
    new = new_op(FuncOp, (), (), properties, regions=(Region(entry),), location=function.location)
    module.body.block.insert_op_after(new, function)
    return new


def _move_into(
    entry: Block,
    rewriter: Rewriter,
    loop: scf.ParallelOp,
    captured: Sequence[SSAValue],
    constants: Sequence[SSAValue],
) -> None:
    """Move the body into a loop in a function over a part of the range: the bounds and what is captured are its arguments."""
    replaced: dict[SSAValue, SSAValue] = {}
    rewriter.at_end(entry)
    for value in constants:
        assert isinstance(value.owner, Operation)
        replaced[value] = rewriter.insert(value.owner.clone()).results[0]
    for value, argument in zip(captured, entry.args[2:], strict=True):
        argument.name_hint = value.name_hint
        replaced[value] = argument
    rewriter.location = loop.location
    inside = [replaced.get(value, value) for value in loop.operands]
    body, loop_block = loop.body.block, Block(arg_types=[INDEX])
    count = len(body.args)
    rewriter.create(
        scf.ForOp,
        (entry.args[0], entry.args[1], inside[2 * count]),
        (),
        attributes=dict(loop.attributes) if count == 1 else {},
        regions=(Region(loop_block),),
    )
    rewriter.create(func.ReturnOp)
    rewriter.at_end(loop_block)
    reduce = body.last_op
    assert reduce is not None
    for op in body.walk():
        for index, value in enumerate(op.operands):
            if value in replaced:
                op.operands[index] = replaced[value]
    if count == 1:
        reduce.detach()
        reduce.erase()
        rewriter.inline_block(body, (loop_block.args[0],))
    else:
        _inner_parallel(rewriter, loop, loop_block, inside)
    append(new_op(scf.YieldOp, location=loop.location), loop_block)


_NOALIAS = DictionaryAttr({"llvm.noalias": UnitAttr()})
_NO_ATTRS = DictionaryAttr({})


def _inner_parallel(
    rewriter: Rewriter, loop: scf.ParallelOp, outer: Block, operands: list[SSAValue]
) -> None:
    """The remaining dimensions as a parallel loop inside the loop over the first."""
    body = loop.body.block
    count = len(body.args)
    first = body.args[0]
    first.replace_all_uses_with(outer.args[0])
    body.erase_arg(first)
    region = loop.detach_region(loop.body)
    rest = [operands[part * count + dim] for part in range(3) for dim in range(1, count)]
    rewriter.create(
        scf.ParallelOp,
        rest,
        (),
        {"operandSegmentSizes": segments(count - 1, count - 1, count - 1, 0)},
        attributes=dict(loop.attributes),
        regions=(region,),
    )


def _captured(loop: scf.ParallelOp) -> tuple[list[SSAValue], list[SSAValue]]:
    """What the loop uses from outside: values to pass, and constants to repeat."""
    count = len(loop.body.block.args)
    passed: dict[SSAValue, None] = {}
    constants: dict[SSAValue, None] = {}
    bounds = [v for i, v in enumerate(loop.operands) if i % count or i == 2 * count]
    inner = (value for op in loop.body.block.walk() for value in op.operands)
    for value in (*bounds, *inner):
        owner = value.owner
        if loop.is_ancestor(owner):
            continue
        if isinstance(owner, arith.ConstantOp):
            constants[value] = None
        else:
            passed[value] = None
    return list(passed), list(constants)
