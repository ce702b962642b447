"""Ops of the tfc dialect, made of their specs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tfc.dialects.tfc.attributes import to_attribute
from tfc.dialects.tfc.base import TfcOp
from tfc.dialects.tfc.dialect import op_class
from tfc.dialects.tfc.semantics.spec import OpSpec
from xdsl.ir import SSAValue


def build_op(
    spec: OpSpec, operands: Sequence[SSAValue], attributes: dict[str, Any] | None = None
) -> TfcOp:
    """The op with Python values as attributes, and the result types that it infers."""
    kind, values = op_class(spec), attributes or {}
    properties = {key: to_attribute(value) for key, value in values.items()}
    types = kind.infer_types(operands, values)
    return kind.create(operands=operands, result_types=types, properties=properties)
