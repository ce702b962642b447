"""`func.call`: functions of the module, parallel bodies, and the runtime's names.

- `@tfc_report(...)` fills the words that an assert's message prints.
- `@tfc_host_<k>(...)` asks the host (Python): arguments and results travel in an array of words.
- A call with the attribute `tfc.parallel_grain = N : i64` is a parallel loop:

      func.call @body(%lo, %hi, %x, %y) {tfc.parallel_grain = 1024 : i64}
          : (index, index, memref<?xf32>, memref<?xf32>) -> ()

  `@body` does the iterations from `%lo` up to but without `%hi`, in any order and independently of
  each other; the runtime may split the range into pieces of at least N and run them at the same
  time. Without the attribute the call does the same serially, which is what other MLIR tools see.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from tfc.backend.errors import BackendError
from tfc.backend.signature import REPORT_WORDS
from tfc.backend.translate.emitter import Emitter, source_position
from tfc.backend.translate.types import DYNAMIC
from xdsl.dialects.builtin import IntegerAttr, SymbolRefAttr
from xdsl.ir import Operation, SSAValue

if TYPE_CHECKING:
    from tfc.backend.translate.function import FunctionTranslator

#: Words of a frame before the head of the list of allocations.
FRAME_TYPE = f"[{REPORT_WORDS + 1} x i64]"
PARALLEL_GRAIN = "tfc.parallel_grain"


def callee_name(op: Operation) -> str:
    return cast("SymbolRefAttr", op.properties["callee"]).root_reference.data


def call(e: FunctionTranslator, op: Operation) -> None:
    name = callee_name(op)
    if (
        name.partition("_report")[0] == "tfc"
    ):  # `tfc_report_2` and the like, one declaration per number of values
        _report(e, op)
    elif name.startswith("tfc_host_"):
        _host_call(e, op, name)
    elif name not in e.module.defined:
        raise BackendError(
            f"cannot translate a call of @{name}{source_position(op)}: it has no body and is not "
            "one of the runtime's functions"
        )
    elif PARALLEL_GRAIN in op.attributes:
        _parallel_call(e, op, name)
    else:
        _direct_call(e, op, name)


def _flat_arguments(e: Emitter, operands: tuple[SSAValue, ...]) -> list[tuple[str, str]]:
    return [
        pair
        for operand in operands
        for pair in zip(e.info(operand.type).components, e.flatten(operand), strict=True)
    ]


def _direct_call(e: FunctionTranslator, op: Operation, name: str) -> None:
    arguments = _flat_arguments(e, op._operands)  # pyright: ignore[reportPrivateUsage]
    text = "".join(f", {type_} {value}" for type_, value in arguments)
    infos = [e.info(r.type) for r in op.results]
    returned = e.module.return_type(infos)
    value = e.define(f'call {returned} @"f.{name}"(ptr %context, ptr %frame{text})')
    status = value
    parts: list[str] = []
    if infos:
        status = e.define(f"extractvalue {returned} {value}, 0")
        count = sum(len(info.components) for info in infos)
        parts = [e.define(f"extractvalue {returned} {value}, {k}") for k in range(1, count + 1)]
    if name in e.module.can_fail:
        e.fail_unless(e.define(f"icmp eq i32 {status}, 0"), status)
    rest = iter(parts)
    for result, info in zip(op.results, infos, strict=True):
        e.values[result] = e.rebuild(info, [next(rest) for _ in info.components])


def as_word(e: Emitter, type_: str, value: str) -> tuple[str, str]:
    """A scalar as something that is stored in a 64-bit word."""
    if type_ in ("i64", "ptr", "double"):
        return type_, value
    if type_ == "float":
        return "double", e.define(f"fpext float {value} to double")
    if type_ == "half":
        return "double", e.define(f"fpext half {value} to double")
    return "i64", e.define(f"{'zext' if type_ == 'i1' else 'sext'} {type_} {value} to i64")


def store_word(e: Emitter, base: str, position: int, type_: str, value: str) -> None:
    type_, value = as_word(e, type_, value)
    e.emit(f"store {type_} {value}, ptr {e.element_pointer(base, str(position), 'i64')}")


def _report(e: Emitter, op: Operation) -> None:
    operands = op._operands  # pyright: ignore[reportPrivateUsage]
    if len(operands) > REPORT_WORDS:
        raise BackendError(f"@tfc_report takes at most {REPORT_WORDS} values, got {len(operands)}")
    for position, operand in enumerate(operands):
        store_word(e, "%frame", position, e.info(operand.type).llvm, e.scalar(operand))


def _host_call(e: FunctionTranslator, op: Operation, name: str) -> None:
    """Words in the order of the entry: arguments, then results by their original index."""
    plan = e.module.host_plan(name)
    slot = e.stack_slot(f"[{max(plan.words, 1)} x i64]")
    operands = op._operands  # pyright: ignore[reportPrivateUsage]
    position = 0
    dynamic: dict[int, int] = {}
    for operand_or_result in plan.order:
        if operand_or_result < 0:  # a dynamic result: the callee fills its words
            result = -1 - operand_or_result
            dynamic[result] = position
            position += 1 + e.info(op.results[result].type).shape.count(DYNAMIC)
            continue
        operand = operands[operand_or_result]
        components = e.info(operand.type).components
        for type_, value in zip(components, e.flatten(operand), strict=True):
            store_word(e, slot, position, type_, value)
            position += 1
    ask = e.module.context_call(
        e, "host_call", "i32", f"ptr %context, i64 {plan.number}, ptr {slot}"
    )
    status = e.define(ask)
    e.fail_unless(e.define(f"icmp eq i32 {status}, 0"), "-1")
    for result, start in dynamic.items():
        info = e.info(op.results[result].type)
        parts: list[str] = []
        for offset, type_ in enumerate(info.components):
            address = e.element_pointer(slot, str(start + offset), "i64")
            parts.append(e.define(f"load {type_}, ptr {address}"))
        e.module.adopt(e, parts[0])
        e.values[op.results[result]] = e.rebuild(info, parts)


def _parallel_call(e: FunctionTranslator, op: Operation, name: str) -> None:
    """Store context, frame, first index and captures; the runtime calls the body's wrapper on
    pieces.
    """
    operands = op._operands  # pyright: ignore[reportPrivateUsage]
    if len(operands) < 2 or op.results:
        raise BackendError(
            f"a call with {PARALLEL_GRAIN} needs a function of (index, index, ...) without results, "
            f"got @{name}{source_position(op)}"
        )
    lo, hi = (e.scalar(o) for o in operands[:2])
    captures = _flat_arguments(e, operands[2:])
    struct = e.module.parallel_body(name, [type_ for type_, _ in captures])
    slot = e.stack_slot(struct)
    fields = [("i32", "0"), ("ptr", "%context"), ("ptr", "%frame"), ("i64", lo), *captures]
    for position, (type_, value) in enumerate(fields):
        address = e.define(f"getelementptr inbounds {struct}, ptr {slot}, i32 0, i32 {position}")
        e.emit(f"store {type_} {value}, ptr {address}")
    count = e.sub(hi, lo)
    grain = cast("IntegerAttr", op.attributes[PARALLEL_GRAIN]).value.data
    arguments = f'ptr @"p.{name}", ptr {slot}, i64 {count}, i64 {grain}'
    e.emit(e.module.context_call(e, "parallel_for", "void", arguments))
    if name in e.module.can_fail:
        status = e.define(f"load i32, ptr {slot}")
        e.fail_unless(e.define(f"icmp eq i32 {status}, 0"), status)
