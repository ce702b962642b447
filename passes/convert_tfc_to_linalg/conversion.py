"""The driver of `convert-tfc-to-linalg`."""

from __future__ import annotations

import functools
import importlib
from collections.abc import Callable, Sequence
from typing import Any, cast

from tfc.dialects.tfc.attributes import dtype_of
from tfc.dialects.tfc.base import TfcOp
from tfc.dialects.tfc.semantics.spec import OpSpec
from tfc.passes.convert_tfc_to_linalg.lowering import Lowering, signless
from tfc.passes.convert_tfc_to_linalg.sizes import fit
from tfc.passes.rewriting import Rewriter, walk
from xdsl.context import Context
from xdsl.dialects import arith, func
from xdsl.dialects.builtin import DenseIntOrFPElementsAttr, FunctionType, ModuleOp, TensorType
from xdsl.ir import Operation, SSAValue
from xdsl.passes import ModulePass
from xdsl.utils.exceptions import DiagnosticException

Rule = Callable[[Lowering, Any], SSAValue | Sequence[SSAValue]]
"""Inserts the ops that compute an op's results and gives their values, in the types of the linalg stage."""


@functools.cache
def family_rules(family: str) -> dict[OpSpec, Rule]:
    """The table `RULES` of one family's module."""
    return importlib.import_module(f"{__package__}.{family}").RULES


class ConvertTfcToLinalgPass(ModulePass):
    """Turn every tfc op into linalg, tensor and arith ops.

    Before:
        %z = tfc.add %x, %y : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
    After:
        %0 = tensor.empty() : tensor<4xf32>
        %z = linalg.generic {indexing_maps = [#id, #id, #id], iterator_types = ["parallel"]}
               ins(%x, %y) outs(%0) { ^bb0(%a, %b, %c): arith.addf, linalg.yield }

    Pre-condition: variables are promoted to values. Afterwards: no tfc op is left (an op without a rule is an error that
    names it) and all element types are signless.
    """

    name = "convert-tfc-to-linalg"

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        rewriter = Rewriter()
        lowering = Lowering(rewriter)
        converted: list[TfcOp] = []
        for inner in walk(op):
            if not isinstance(inner, TfcOp):
                _retype(lowering, inner)
        for inner in walk(op):
            if isinstance(inner, TfcOp):
                _convert(lowering, inner)
                converted.append(inner)
        for inner in reversed(converted):
            rewriter.replace(inner, [lowering.values[result] for result in inner.results])


def _convert(lowering: Lowering, op: TfcOp) -> None:
    rule = family_rules(op.spec.family).get(op.spec)
    if rule is None:
        raise DiagnosticException(f"convert-tfc-to-linalg: no rule for '{op.name}'")
    lowering.rewriter.before(op)
    lowering.is_certain = "tfc.certain" in op.attributes
    produced = rule(lowering, op)
    values = (produced,) if isinstance(produced, SSAValue) else produced
    for result, value in zip(op.results, values, strict=True):
        # A rule may know more of the shape than inference did; users expect the type that was inferred.
        value = fit(lowering.rewriter, value, cast("TensorType[Any]", signless(result.type)))  # noqa: PLW2901
        lowering.values[result] = value
        if value.name_hint is None:
            value.name_hint = result.name_hint


def _retype(lowering: Lowering, op: Operation) -> None:
    """Make a structural op's results and block arguments signless, remembering what they were."""
    for value in (*op.results, *(a for r in op.regions for b in r.blocks for a in b.args)):
        kind = signless(value.type)
        if kind != value.type:
            lowering.unsigned[value] = dtype_of(getattr(value.type, "element_type", value.type))
            value._type = kind  # pyright: ignore[reportPrivateUsage, reportAttributeAccessIssue]
    if isinstance(op, arith.ConstantOp):
        attribute = op.properties["value"]
        if isinstance(attribute, DenseIntOrFPElementsAttr):
            kind = signless(attribute.type)
            if kind != attribute.type:
                op.properties["value"] = DenseIntOrFPElementsAttr(kind, attribute.data)  # pyright: ignore[reportArgumentType]
    elif isinstance(op, func.FuncOp):
        kind = op.function_type
        op.properties["function_type"] = FunctionType.from_lists(
            [signless(t) for t in kind.inputs], [signless(t) for t in kind.outputs]
        )
