"""Assertions: the condition reduced to one bit, and `cf.assert`."""

from __future__ import annotations

from tfc.dialects.tfc.base import TfcOp
from tfc.dialects.tfc.semantics import assertion as semantics
from tfc.dialects.tfc.semantics.errors import OpError
from tfc.dialects.tfc.semantics.spec import OpSpec
from tfc.passes.convert_tfc_to_linalg.checking import check_elements
from tfc.passes.convert_tfc_to_linalg.conversion import Rule
from tfc.passes.convert_tfc_to_linalg.lowering import Lowering
from tfc.passes.rewriting import Rewriter
from xdsl.ir import SSAValue


def _itself(rewriter: Rewriter, element: SSAValue) -> SSAValue:
    return element


def _assert(lowering: Lowering, op: TfcOp) -> tuple[SSAValue, ...]:
    attributes = op.python_attributes()
    message: str = attributes["message"]
    escaped = message.replace("{", "{{").replace("}", "}}")  # the text is a format string
    check_elements(lowering, op, 0, _itself, OpError(attributes["code"], escaped))
    return ()


RULES: dict[OpSpec, Rule] = {semantics.assert_: _assert}
