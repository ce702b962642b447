"""Types of the tfc dialect that are not tensors."""

from __future__ import annotations

from xdsl.dialects.builtin import TensorType
from xdsl.ir import Attribute, ParametrizedAttribute, TypeAttribute
from xdsl.irdl import irdl_attr_definition


@irdl_attr_definition
class VariableHandleType(ParametrizedAttribute, TypeAttribute):
    """A reference to a variable: `!tfc.variable<tensor<3xf32>>`."""

    name = "tfc.variable"
    content: TensorType[Attribute]
