"""Python's operators on tensors and variables: `x + y`, `x < y`, `~x`, `abs(x)`, ...; attached when `tfc` is imported."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from tfc.core.convert import convert
from tfc.core.errors import InvalidArgumentError, TFCTypeError
from tfc.core.operands import Operands
from tfc.core.tensor import Tensor
from tfc.core.variable import Variable
from tfc.dialects.tfc.semantics import arithmetic, bitwise, comparison, logical
from tfc.dialects.tfc.semantics.spec import OpSpec
from tfc.ops.applying import binary, convert_pair, is_number, unary
from tfc.ops.arithmetic import truediv
from tfc.ops.casting import cast
from tfc.ops.contraction import matmul
from tfc.ops.item_assignment import assign_item, assign_variable_item, set_shape
from tfc.ops.items import get_item
from tfc.ops.rounding import round as round_to_integral
from tfc.ops.variable_items import WRITERS, variable_item

Binary = Callable[[Any, Any], Any]


def _by_spec(spec: OpSpec) -> Binary:
    def operator(self: Any, other: Any) -> Tensor:
        return binary(spec, self, other)

    return operator


def _reflected(function: Binary) -> Binary:
    def operator(self: Any, other: Any) -> Tensor:
        return function(other, self)

    return operator


def _by_dtype(on_bools: OpSpec, on_ints: OpSpec) -> Binary:
    """`&`, `|` and `^`: logic on bools, bits of integers."""

    def operator(self: Any, other: Any) -> Tensor:
        if self.__class__ is not Tensor or other.__class__ is not Tensor:
            self, other = convert_pair(self, other)
        return binary(on_bools if self.type.dtype.kind == "b" else on_ints, self, other)

    return operator


def _equality(spec: OpSpec, differing: bool) -> Binary:
    """`==` and `!=`: elementwise, by value where a number has another kind; one answer with None or another shape."""

    def operator(self: Any, other: Any) -> Any:
        if other is None:
            return differing
        try:
            return binary(spec, self, other)
        except InvalidArgumentError as error:
            if error.code == "TFC103":
                return convert(differing)
            if error.code != "TFC108":
                raise
            if not is_number(other):
                return NotImplemented
            return binary(spec, cast(convert(self), np.float64), other)

    return operator


def _invert(self: Any) -> Tensor:
    x = self if self.__class__ is Tensor else convert(self)
    return unary(logical.logical_not if x.type.dtype.kind == "b" else bitwise.invert, x)


def _round(self: Any, digits: int | None = None) -> Tensor:
    if not digits:
        return round_to_integral(self)
    scale = float(10**digits)
    return truediv(round_to_integral(self * scale), scale)


def _divmod(x: Any, y: Any) -> tuple[Tensor, Tensor]:
    return binary(arithmetic.floordiv, x, y), binary(arithmetic.floormod, x, y)


def _get_item(self: Any, key: Any) -> Tensor:
    if self.__class__ is Tensor:
        return get_item(self, key)
    return variable_item(self, key) if isinstance(self, Variable) else get_item(convert(self), key)


def _pow(self: Any, other: Any, modulo: Any = None) -> Tensor:
    if modulo is not None:
        raise TFCTypeError(
            "TFC107", "pow: a modulus is not supported", "write tf.pow(x, y) % modulo"
        )
    return binary(arithmetic.pow, self, other)


_TWO_SIDED: dict[str, Binary] = {
    "add": _by_spec(arithmetic.add),
    "sub": _by_spec(arithmetic.subtract),
    "mul": _by_spec(arithmetic.multiply),
    "truediv": truediv,
    "floordiv": _by_spec(arithmetic.floordiv),
    "mod": _by_spec(arithmetic.floormod),
    "divmod": _divmod,
    "pow": _pow,
    "matmul": matmul,
    "and": _by_dtype(logical.logical_and, bitwise.bitwise_and),
    "or": _by_dtype(logical.logical_or, bitwise.bitwise_or),
    "xor": _by_dtype(logical.logical_xor, bitwise.bitwise_xor),
    "lshift": _by_spec(bitwise.left_shift),
    "rshift": _by_spec(bitwise.right_shift),
}
_ONE_SIDED: dict[str, Callable[..., Any]] = {
    "lt": _by_spec(comparison.less),
    "le": _by_spec(comparison.less_equal),
    "gt": _by_spec(comparison.greater),
    "ge": _by_spec(comparison.greater_equal),
    "eq": _equality(comparison.equal, False),
    "ne": _equality(comparison.not_equal, True),
    "neg": lambda self: unary(arithmetic.negative, self),
    "pos": convert,
    "abs": lambda self: unary(arithmetic.abs, self),
    "invert": _invert,
    "round": _round,
    "getitem": _get_item,
}


def _attach() -> None:
    """Give tensors and variables all operators."""
    for name, function in _TWO_SIDED.items():
        setattr(Operands, f"__{name}__", function)
        setattr(Operands, f"__r{name}__", _reflected(function))
    for name, function in _ONE_SIDED.items():
        setattr(Operands, f"__{name}__", function)
    setattr(Tensor, "__setitem__", assign_item)  # noqa: B010 - like the others
    setattr(Variable, "__setitem__", assign_variable_item)  # noqa: B010
    setattr(Tensor, "set_shape", set_shape)  # noqa: B010
    for name, writer in WRITERS.items():
        setattr(Tensor, name, writer)


_attach()
