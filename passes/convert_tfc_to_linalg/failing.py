"""Checks at run time: the call ends with a status when one does not hold (docs/architecture.md, "Failing at run time")."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from tfc.passes import builders
from tfc.passes.rewriting import Rewriter, append, new_op
from xdsl.dialects import arith, cf, func, scf
from xdsl.dialects.builtin import (
    FileLineColLoc,
    FunctionType,
    IndexType,
    LocationAttr,
    ModuleOp,
    StringAttr,
    SymbolRefAttr,
    i64,
)
from xdsl.ir import Block, Operation, Region, SSAValue

if TYPE_CHECKING:
    from tfc.passes.convert_tfc_to_linalg.lowering import Lowering

REPORT = "tfc_report"
REPORTED_VALUES = 2
"""How many values a message can show: `{0}` and `{1}`."""

_REPORT_TYPE = FunctionType.from_lists([i64] * REPORTED_VALUES, [])


def fail_unless(
    lowering: Lowering, ok: SSAValue, code: str, message: str, values: Sequence[SSAValue] = ()
) -> None:
    """End the call with `message` where the i1 `ok` is false; nothing is emitted when `ok` is constant true.

    `{0}` and `{1}` in the message stand for `values`, which are integers or indices.
    """
    rewriter = lowering.rewriter
    if builders.constant_int(ok) in (1, -1):
        return
    if values:
        _report(rewriter, ok, values)
    text = f"{code}|{position(rewriter.location)}|{message}"
    rewriter.create(cf.AssertOp, (ok,), (), {"msg": StringAttr(text)})


def position(location: LocationAttr) -> str:
    """`file:line:column` of a source position."""
    if isinstance(location, FileLineColLoc):
        return f"{location.filename.data}:{location.line.data}:{location.column.data}"
    return "<unknown>:0:0"


def _report(rewriter: Rewriter, ok: SSAValue, values: Sequence[SSAValue]) -> None:
    declare(rewriter, REPORT, _REPORT_TYPE)
    true = builders.constant(rewriter, 1, builders.I1)
    bad = rewriter.value(arith.XOrIOp, (ok, true), builders.I1)
    point = rewriter.point()
    block = Block()
    rewriter.at_end(block)
    words = [_as_word(rewriter, value) for value in values]
    while len(words) < REPORTED_VALUES:
        words.append(builders.constant(rewriter, 0, i64))
    rewriter.create(func.CallOp, words, (), {"callee": SymbolRefAttr(REPORT)})
    rewriter.create(scf.YieldOp)
    rewriter.restore(point)
    rewriter.create(scf.IfOp, (bad,), (), regions=(Region(block), Region()))


def _as_word(rewriter: Rewriter, value: SSAValue) -> SSAValue:
    if value.type == i64:
        return value
    if isinstance(value.type, IndexType):
        return rewriter.value(arith.IndexCastOp, (value,), i64)
    return rewriter.value(arith.ExtSIOp, (value,), i64)


def declare(rewriter: Rewriter, name: str, kind: FunctionType) -> None:
    """Declare a private function of the runtime in the module at hand, once."""
    module = enclosing_module(rewriter)
    for op in module.body.block.ops:
        if isinstance(op, func.FuncOp) and op.sym_name.data == name:
            return
    declaration = new_op(
        func.FuncOp,
        properties={
            "sym_name": StringAttr(name),
            "function_type": kind,
            "sym_visibility": StringAttr("private"),
        },
        regions=(Region(),),
    )
    append(declaration, module.body.block)


def enclosing_module(rewriter: Rewriter) -> ModuleOp:
    """The module around the insertion point."""
    block = rewriter.point()[0]
    op: Operation | None = None if block is None else block.parent_op()
    while op is not None and not isinstance(op, ModuleOp):
        op = op.parent_op()
    if op is None:
        raise ValueError("the insertion point is not inside a module")
    return op
