"""Types of the tfc dialect that are not tensors."""

from __future__ import annotations

from typing import Any

from xdsl.dialects.builtin import TensorType
from xdsl.ir import ParametrizedAttribute, TypeAttribute
from xdsl.irdl import irdl_attr_definition


@irdl_attr_definition
class VariableHandleType(ParametrizedAttribute, TypeAttribute):
    """A reference to a variable: `!tfc.variable<tensor<3xf32>>`."""

    name = "tfc.variable"
    content: TensorType[Any]
