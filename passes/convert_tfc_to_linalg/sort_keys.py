"""Sort keys: unsigned integers in the order of the elements, so that sorting works on bits alone.

An integer's key has the sign bit inverted. A float's key is its bits, with the sign bit inverted for positive numbers and all
bits for negative ones. A NaN becomes the one NaN that stands last. Descending order is the same with all bits inverted.
Everything here takes scalars and vectors alike.
"""

from __future__ import annotations

from functools import cache
from typing import Any, NamedTuple, cast

import numpy as np
from tfc.dialects.tfc.semantics.dtypes import is_float, is_unsigned_int
from tfc.passes import builders
from tfc.passes.builders import I64, INDEX, vector_type
from tfc.passes.convert_tfc_to_linalg.scalars import apply, bit_width
from tfc.passes.rewriting import Rewriter
from xdsl.dialects import arith
from xdsl.dialects.builtin import DenseIntOrFPElementsAttr, IntegerType, VectorType
from xdsl.ir import Attribute, SSAValue

_INFINITY = {
    "float16": 0x7C00,
    "bfloat16": 0x7F80,
    "float32": 0x7F800000,
    "float64": 0x7FF0000000000000,
}
"""The bits of infinity, by name of the dtype."""


class Order(NamedTuple):
    """The elements of `dtype`, ascending or descending, NaNs last."""

    dtype: np.dtype
    element: Attribute
    descending: bool

    @property
    def is_float(self) -> bool:
        return is_float(self.dtype)

    @property
    def key(self) -> IntegerType:
        """The type of a key."""
        return IntegerType(max(8, bit_width(self.element)))

    def encode(self, rewriter: Rewriter, x: SSAValue) -> SSAValue:
        """The key of an element; -0.0 is before 0.0."""
        kind = like(x, self.key)
        bits = x
        if self.is_float:
            bits = self._with_one_nan(rewriter, rewriter.value(arith.BitcastOp, (x,), kind))
            bits = _toggle(rewriter, bits, _with_sign(rewriter, _copies_of_sign(rewriter, bits)))
        elif self.dtype.kind == "b":
            bits = rewriter.value(arith.ExtUIOp, (x,), kind)
        elif not is_unsigned_int(self.dtype):
            bits = turned_sign(rewriter, x)
        return self._turned(rewriter, bits)

    def decode(self, rewriter: Rewriter, key: SSAValue) -> SSAValue:
        """The element that `encode` made a key of."""
        bits = self._turned(rewriter, key)
        if self.is_float:
            negative = _inverted(rewriter, _copies_of_sign(rewriter, bits))
            bits = _toggle(rewriter, bits, _with_sign(rewriter, negative))
            return rewriter.value(arith.BitcastOp, (bits,), like(key, self.element))
        if self.dtype.kind == "b":
            return rewriter.value(arith.TruncIOp, (bits,), like(key, self.element))
        return bits if is_unsigned_int(self.dtype) else turned_sign(rewriter, bits)

    def is_nan(self, rewriter: Rewriter, key: SSAValue) -> SSAValue:
        """Whether a key is that of a NaN."""
        # Positive in ascending and negative in descending order: the same key.
        width = bit_width(self.key)
        nan = _signed(self._nan_bits() | 1 << (width - 1), width)
        return builders.compare(rewriter, "eq", key, splat(rewriter, nan, key.type))

    def _with_one_nan(self, rewriter: Rewriter, bits: SSAValue) -> SSAValue:
        """The bits of floats, those of any NaN replaced by those of the one that is last.

        Without a comparison: xDSL has none of vectors. Beyond infinity, the difference to it is negative.
        """
        nan = splat(rewriter, self._nan_bits(), bits.type)
        size = apply(arith.AndIOp, rewriter, bits, splat(rewriter, ~_sign(bits), bits.type))
        infinity = splat(rewriter, _INFINITY[self.dtype.name], bits.type)
        beyond = _copies_of_sign(rewriter, apply(arith.SubiOp, rewriter, infinity, size))
        change = apply(arith.AndIOp, rewriter, _toggle(rewriter, bits, nan), beyond)
        return _toggle(rewriter, bits, change)

    def _nan_bits(self) -> int:
        """The bits of the NaN that is last: a positive one in ascending order, a negative one in descending order."""
        width = bit_width(self.key)
        infinity = _INFINITY[self.dtype.name]
        bits = infinity | (infinity & -infinity) >> 1
        return _signed(bits | 1 << (width - 1), width) if self.descending else bits

    def _turned(self, rewriter: Rewriter, bits: SSAValue) -> SSAValue:
        return _inverted(rewriter, bits) if self.descending else bits


def turned_sign(rewriter: Rewriter, bits: SSAValue) -> SSAValue:
    """Integers with the sign bit turned round: between signed and unsigned order."""
    return _toggle(rewriter, bits, splat(rewriter, _sign(bits), bits.type))


def _toggle(rewriter: Rewriter, bits: SSAValue, mask: SSAValue) -> SSAValue:
    return apply(arith.XOrIOp, rewriter, bits, mask)


def _inverted(rewriter: Rewriter, bits: SSAValue) -> SSAValue:
    return _toggle(rewriter, bits, splat(rewriter, -1, bits.type))


def _sign(bits: SSAValue) -> int:
    return -(1 << (bit_width(lane(bits)) - 1))


def _with_sign(rewriter: Rewriter, mask: SSAValue) -> SSAValue:
    return apply(arith.OrIOp, rewriter, mask, splat(rewriter, _sign(mask), mask.type))


def _copies_of_sign(rewriter: Rewriter, bits: SSAValue) -> SSAValue:
    last = splat(rewriter, bit_width(lane(bits)) - 1, bits.type)
    return apply(arith.ShRSIOp, rewriter, bits, last)


def _signed(bits: int, width: int) -> int:
    """The number that MLIR prints for `bits`."""
    return bits - (1 << width) if bits >> (width - 1) else bits


# -- scalars and vectors ------------------------------------------------------------------------


def lane(value: SSAValue) -> Attribute:
    """The type of a scalar or of a lane of a vector."""
    kind = value.type
    return cast("VectorType[Attribute]", kind).element_type if is_vector(kind) else kind


def is_vector(kind: Attribute) -> bool:
    return isinstance(kind, VectorType)


def like(value: SSAValue, element: Attribute) -> Attribute:
    """`element`, or a vector of it where `value` is a vector."""
    kind = value.type
    return vector_type(element, *kind.get_shape()) if isinstance(kind, VectorType) else element


@cache
def _dense(value: float, kind: VectorType[Any]) -> DenseIntOrFPElementsAttr:
    return DenseIntOrFPElementsAttr.from_list(kind, [value])


def splat(rewriter: Rewriter, value: float, kind: Attribute) -> SSAValue:
    """A constant, in every lane where `kind` is a vector."""
    if not isinstance(kind, VectorType):
        return builders.constant(rewriter, value, kind)
    dense = _dense(value, cast("VectorType[Any]", kind))
    return rewriter.value(arith.ConstantOp, (), kind, {"value": dense})


def resized(rewriter: Rewriter, x: SSAValue, element: Attribute) -> SSAValue:
    """Unsigned integers, or an `index`, in another such type."""
    have = lane(x)
    if have == element:
        return x
    if INDEX in (have, element):
        whole = resized(rewriter, x, I64) if element == INDEX else x
        return resized(
            rewriter,
            rewriter.value(arith.IndexCastOp, (whole,), INDEX if element == INDEX else I64),
            element,
        )
    cls = arith.ExtUIOp if bit_width(element) > bit_width(have) else arith.TruncIOp
    return rewriter.value(cls, (x,), like(x, element))
