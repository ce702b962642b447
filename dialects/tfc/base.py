"""The base of every op class of the tfc dialect.

A leaf names its op and its `OpSpec`; operand and attribute names, the verifier, folding and both directions of the
textual form follow from the spec:

    class AddOp(TfcOp):
        \"\"\"Elementwise sum.

            %z = tfc.add %x, %y : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
        \"\"\"

        name = "tfc.add"
        spec = semantics.add

The classes are plain subclasses of xDSL's `Operation` and not `irdl_op_definition`s: declaring 200 ops there costs
100 ms of import time, which is a third of a cold first compilation (docs/decisions/002-op-classes.md).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, cast

from tfc.dialects.tfc.attributes import (
    array_type,
    from_attribute,
    tensor_type,
    value_type,
)
from tfc.dialects.tfc.semantics.errors import OpError
from tfc.dialects.tfc.semantics.spec import Effect, OpSpec
from tfc.dialects.tfc.semantics.types import ArrayType
from xdsl.dialects.builtin import NoneAttr, TensorType
from xdsl.ir import Attribute, Operation, OpTraits, SSAValue
from xdsl.parser import Parser
from xdsl.printer import Printer
from xdsl.traits import EffectInstance, MemoryEffect, MemoryEffectKind
from xdsl.utils.exceptions import VerifyException


class TfcOp(Operation):
    """An op on tensors whose fields come from `spec`."""

    spec: ClassVar[OpSpec]

    @classmethod
    def infer_types(
        cls, operands: Sequence[SSAValue], attributes: dict[str, Any]
    ) -> Sequence[Attribute]:
        """The result types that `spec.infer` gives; raises `OpError`."""
        kinds = [value_type(operand.type) for operand in operands]
        inferred = cls.spec.infer(*kinds, **attributes)
        results = (inferred,) if isinstance(inferred, ArrayType) else inferred
        return [tensor_type(kind) for kind in results]

    def python_attributes(self) -> dict[str, Any]:
        """The attributes as the Python values that `spec.evaluate` and `spec.infer` take."""
        return {key: from_attribute(value) for key, value in self.properties.items()}

    def verify_(self) -> None:
        known = set(self.spec.attributes)
        for key in self.properties:
            if key not in known:
                raise VerifyException(f"[TFC107] {self.name}: unknown attribute '{key}'")
        self._verify_operand_count()
        try:
            expected = self.infer_types(self.operands, self.python_attributes())
        except OpError as error:
            raise VerifyException(str(error)) from None
        except (TypeError, KeyError, AttributeError) as error:
            missing = self._missing_attributes()
            said = f"missing attributes: {missing}" if missing else f"invalid attributes: {error}"
            raise VerifyException(f"[TFC107] {self.name}: {said}") from None
        self._verify_results(expected)

    def _missing_attributes(self) -> str:
        from inspect import Parameter, signature

        wanted = signature(self.spec.infer).parameters.values()
        return ", ".join(
            repr(parameter.name)
            for parameter in wanted
            if parameter.kind is Parameter.KEYWORD_ONLY
            and parameter.default is Parameter.empty
            and parameter.name not in self.properties
        )

    def _verify_operand_count(self) -> None:
        names = self.spec.operands
        variadic = bool(names) and names[-1].startswith("*")
        fixed = len(names) - variadic
        count = len(self.operands)
        if count < fixed or (count > fixed and not variadic):
            wanted = f"at least {fixed}" if variadic else str(fixed)
            raise VerifyException(f"[TFC109] {self.name}: expected {wanted} operands, got {count}")

    def _verify_results(self, expected: Sequence[Attribute]) -> None:
        got = [result.type for result in self.results]
        if len(got) != len(expected) or not all(map(_is_refinement, got, expected)):
            shown = ", ".join(map(str, expected))
            actual = ", ".join(map(str, got))
            raise VerifyException(
                f"[TFC110] {self.name}: result types do not follow from the operands: "
                f"expected {shown}, got {actual}"
            )

    def print(self, printer: Printer) -> None:
        if self.operands:
            printer.print_string(" ")
            printer.print_list(self.operands, printer.print_operand)
        shown = {k: v for k, v in self.properties.items() if not isinstance(v, NoneAttr)}
        shown |= self.attributes
        if shown:
            printer.print_string(" ")
            printer.print_attr_dict(shown)
        printer.print_string(" : ")
        printer.print_operation_type(self)

    @classmethod
    def parse(cls, parser: Parser) -> TfcOp:
        unresolved = parser.parse_optional_undelimited_comma_separated_list(
            parser.parse_optional_unresolved_operand, parser.parse_unresolved_operand
        )
        attributes = parser.parse_optional_attr_dict()
        parser.parse_punctuation(":")
        position = parser.pos
        kind = parser.parse_function_type()
        operands = parser.resolve_operands(unresolved or (), kind.inputs.data, position)
        known = cls.spec.attributes
        return cls.create(
            operands=operands,
            result_types=kind.outputs.data,
            properties={k: v for k, v in attributes.items() if k in known},
            attributes={k: v for k, v in attributes.items() if k not in known},
        )


def _is_refinement(got: Attribute, expected: Attribute) -> bool:
    """Whether `got` is `expected`, or the same with some `?` known or some size forgotten."""
    if got == expected:
        return True
    if not isinstance(got, TensorType) or not isinstance(expected, TensorType):
        return False
    left = array_type(cast("TensorType[Any]", got))
    right = array_type(cast("TensorType[Any]", expected))
    return (
        left.dtype == right.dtype
        and left.rank == right.rank
        and all(
            a is None or b is None or a == b for a, b in zip(left.shape, right.shape, strict=True)
        )
    )


class _SpecEffects(MemoryEffect):
    """An op's effects in xDSL's terms, read from its spec."""

    @classmethod
    def get_effects(cls, op: Operation) -> set[EffectInstance]:
        effect = cast(TfcOp, op).spec.effect
        if effect is Effect.NONE:
            return set()
        kind = MemoryEffectKind.READ if effect is Effect.READ else MemoryEffectKind.WRITE
        return {EffectInstance(kind)}


TfcOp.traits = OpTraits(lambda: (_SpecEffects(),))
