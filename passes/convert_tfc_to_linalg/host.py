"""Calls to the host: `func.call @tfc_host_<k>`, number k being a position in the module's list of keys."""

from __future__ import annotations

from collections.abc import Sequence

from tfc.dialects.tfc.base import TfcOp
from tfc.dialects.tfc.semantics import host as semantics
from tfc.dialects.tfc.semantics.spec import OpSpec
from tfc.passes.convert_tfc_to_linalg.conversion import Rule
from tfc.passes.convert_tfc_to_linalg.failing import declare, enclosing_module
from tfc.passes.convert_tfc_to_linalg.lowering import Lowering
from xdsl.dialects import func
from xdsl.dialects.builtin import ArrayAttr, FunctionType, ModuleOp, StringAttr, SymbolRefAttr
from xdsl.ir import SSAValue

HOST_CALLS = "tfc.host_calls"
"""Attribute of the module: the key of each host call, by number (`tfc.dialects.tfc.semantics.host.host_function`).

Numbers that the module declared before have the empty key: who declared them brings the function.
"""
PREFIX = "tfc_host_"


def call_host(lowering: Lowering, op: TfcOp, key: str) -> Sequence[SSAValue]:
    """Call the host function `key` with the operands of `op`; its results have the types of those of `op`."""
    rewriter = lowering.rewriter
    operands = lowering.operands(op)
    results = [lowering.result_type(op, index) for index in range(len(op.results))]
    kind = FunctionType.from_lists([value.type for value in operands], results)
    name = f"{PREFIX}{_number(lowering, f'{key} {kind}', key)}"
    declare(rewriter, name, kind)
    call = rewriter.create(func.CallOp, operands, results, {"callee": SymbolRefAttr(name)})
    return call.results


def _number(lowering: Lowering, signature: str, key: str) -> int:
    """The number of `key` for calls of one signature, in the module's list."""
    known = lowering.host_numbers.get(signature)
    if known is None:
        module = enclosing_module(lowering.rewriter)
        before = module.attributes.get(HOST_CALLS)
        if isinstance(before, ArrayAttr):
            keys = list(before.data)
        else:
            keys = [StringAttr("")] * _declared(module)
        known = lowering.host_numbers[signature] = len(keys)
        module.attributes[HOST_CALLS] = ArrayAttr([*keys, StringAttr(key)])
    return known


def _declared(module: ModuleOp) -> int:
    """One more than the largest number of a host call that the module declares."""
    names = [op.sym_name.data for op in module.body.block.ops if isinstance(op, func.FuncOp)]
    numbers = [name.removeprefix(PREFIX) for name in names if name.startswith(PREFIX)]
    return max((int(number) + 1 for number in numbers if number.isdigit()), default=0)


def as_host_call(lowering: Lowering, op: TfcOp) -> Sequence[SSAValue]:
    """The rule of an op that compiled code leaves to its `evaluate` on the host."""
    dtypes = [lowering.dtype(value) for value in op.operands]
    return call_host(lowering, op, semantics.op_key(op.spec, op.python_attributes(), dtypes))


def _host_call(lowering: Lowering, op: TfcOp) -> Sequence[SSAValue]:
    dtypes = [lowering.dtype(value) for value in op.operands]
    attributes = op.python_attributes()
    key = semantics.python_key(attributes["function"], attributes["result_types"], dtypes)
    return call_host(lowering, op, key)


RULES: dict[OpSpec, Rule] = {
    semantics.host_call: _host_call,
    semantics.pure_host_call: _host_call,
}
