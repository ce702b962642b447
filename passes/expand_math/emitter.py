"""Arithmetic on SSA values with Python's operators: what the expansions are written in.

    e = Emitter(rewriter, constants, f32)
    y = e.fma(x, 2.0, 1.0) * x.abs()         # math.fma, math.absf, arith.mulf

A `Value` knows its element kind; numbers become constants of the kind of the other operand, one
`arith.constant` per value and function. The same expansion serves scalars and vectors: a type is an
element kind in a shape.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import cast

from tfc.dialects import arith as _selects_of_lanes  # their text
from tfc.passes.builders import integer_attr
from tfc.passes.rewriting import Rewriter
from xdsl.dialects import arith, math
from xdsl.dialects.arith import FastMathFlagsAttr
from xdsl.dialects.builtin import (
    AnyFloat,
    DenseIntOrFPElementsAttr,
    Float32Type,
    Float64Type,
    FloatAttr,
    IndexType,
    IntegerAttr,
    IntegerType,
    VectorType,
    i64,
)
from xdsl.ir import Attribute, Block, Operation, SSAValue
from xdsl.traits import IsolatedFromAbove

_ = _selects_of_lanes

NO_FLAGS: dict[str, Attribute] = {"fastmath": FastMathFlagsAttr("none")}
# In MLIR's order: the index is the predicate attribute.
# fmt: off
FLOAT_PREDICATES = [
    "false", "oeq", "ogt", "oge", "olt", "ole", "one", "ord",
    "ueq", "ugt", "uge", "ult", "ule", "une", "uno", "true",
]
INTEGER_PREDICATES = ["eq", "ne", "slt", "sle", "sgt", "sge", "ult", "ule", "ugt", "uge"]
# fmt: on
FLOAT_PREDICATE: dict[str, dict[str, Attribute]] = {
    name: {"predicate": IntegerAttr(i, i64), **NO_FLAGS} for i, name in enumerate(FLOAT_PREDICATES)
}
INTEGER_PREDICATE: dict[str, dict[str, Attribute]] = {
    name: {"predicate": IntegerAttr(i, i64)} for i, name in enumerate(INTEGER_PREDICATES)
}


class Format:
    """The facts of an IEEE binary format that expansions need."""

    def __init__(self, bits: int, mantissa: int) -> None:
        self.bits = bits
        """Width of the type."""
        self.mantissa = mantissa
        """Stored bits of the significand."""
        self.bias = (1 << (bits - mantissa - 2)) - 1
        """Bias of the exponent, and the largest exponent."""
        self.magic = 1.5 * 2.0**mantissa
        """Adding this rounds to an integer, which is then in the low bits of the sum."""
        self.epsilon = 2.0**-mantissa
        """The distance from 1 to the next number."""
        self.smallest_normal = 2.0 ** (1 - self.bias)
        self.largest = 2.0**self.bias * (2 - self.epsilon)


SINGLE = Format(32, 23)
DOUBLE = Format(64, 52)


class Kind:
    """An element type in a shape."""

    def __init__(self, element: Attribute, shape: tuple[int, ...] | None) -> None:
        self.element = element
        self.shape = shape
        self.type: Attribute = element if shape is None else VectorType(element, shape)  # pyright: ignore[reportArgumentType]
        self.is_float = isinstance(element, AnyFloat)
        self.bits: int = width(element)


def width(element: Attribute) -> int:
    """Bits of an integer or float type; an index has 64."""
    if isinstance(element, IndexType):
        return 64
    assert isinstance(element, IntegerType | AnyFloat)
    return element.bitwidth


@lru_cache(256)
def kind_of(element: Attribute, shape: tuple[int, ...] | None) -> Kind:
    """The kind of an element type in a shape; None is a scalar."""
    return Kind(element, shape)


def kind_of_type(type: Attribute) -> Kind:
    """The kind of a scalar or vector type."""
    if isinstance(type, VectorType):
        return kind_of(type.element_type, type.get_shape())  # pyright: ignore[reportUnknownArgumentType, reportUnknownMemberType]
    return kind_of(type, None)


class Constants:
    """One `arith.constant` per value and function, at the function's entry."""

    def __init__(self, rewriter: Rewriter) -> None:
        self._rewriter = rewriter
        self._entries: dict[Block, Block] = {}
        self._values: dict[tuple[Block, Attribute, bytes], SSAValue] = {}

    def get(self, block: Block, value: float, kind: Kind) -> SSAValue:
        """The constant `value` of `kind`, visible in `block`."""
        entry = self._entry(block)
        # Bytes, because -0 equals 0.
        data = struct.pack("d", value) if kind.is_float else repr(int(value)).encode()
        key = (entry, kind.type, data)
        found = self._values.get(key)
        if found is None:
            point = self._rewriter.point()
            self._rewriter.at_start(entry)
            found = self._rewriter.value(
                arith.ConstantOp, (), kind.type, {"value": constant_attribute(value, kind)}
            )
            self._rewriter.restore(point)
            self._values[key] = found
        return found

    def _entry(self, block: Block) -> Block:
        """The entry of the function around `block`; its own region's while there is no function."""
        found = self._entries.get(block)
        if found is None:
            owner = block.parent_op()
            if owner is None or owner.has_trait(IsolatedFromAbove):
                region = block.parent
                first = region.first_block if region is not None else None
                found = block if first is None else first
            else:
                found = block if owner.parent is None else self._entry(owner.parent)
            self._entries[block] = found
        return found


@lru_cache(4096)
def _float_attribute(data: bytes, type: AnyFloat) -> FloatAttr[AnyFloat]:
    return FloatAttr(struct.unpack("d", data)[0], type)


def constant_attribute(value: float, kind: Kind) -> Attribute:
    """The attribute of a constant; on a vector, a splat."""
    number = value
    if not kind.is_float:
        number = int(value) % (1 << kind.bits)
        if kind.bits > 1 and number >> (kind.bits - 1):
            number -= 1 << kind.bits
    if kind.shape is not None:
        return DenseIntOrFPElementsAttr.from_list(kind.type, [number])  # pyright: ignore[reportArgumentType, reportCallIssue]
    if isinstance(kind.element, AnyFloat):
        return _float_attribute(struct.pack("d", number), kind.element)
    return integer_attr(int(number), cast(IntegerType, kind.element))


class Emitter:
    """Emits before one op, for one float format.

    `float` and `integer` are the kinds of the format and of its bits, `boolean` that of comparisons.
    """

    def __init__(
        self,
        rewriter: Rewriter,
        constants: Constants,
        block: Block,
        element: Attribute,
        shape: tuple[int, ...] | None,
        fused: bool,
    ) -> None:
        self.rewriter = rewriter
        self.constants = constants
        self.block = block
        self.shape = shape
        self.fused = fused
        self.format = SINGLE if isinstance(element, Float32Type) else DOUBLE
        self.float = kind_of(element, shape)
        self.integer = kind_of(IntegerType(self.format.bits), shape)
        self.boolean = kind_of(IntegerType(1), shape)

    @property
    def single(self) -> bool:
        """Is this f32?"""
        return self.format is SINGLE

    def double(self) -> Emitter:
        """An emitter at the same place for f64."""
        return Emitter(
            self.rewriter, self.constants, self.block, Float64Type(), self.shape, self.fused
        )

    def pick(self, single: float, double: float) -> float:
        """A constant that depends on the format."""
        return single if self.single else double

    # -- making values --------------------------------------------------------------------------

    def op(
        self,
        cls: type[Operation],
        operands: Sequence[SSAValue],
        kind: Kind,
        properties: dict[str, Attribute] | None = None,
    ) -> Value:
        """Emit an op with one result of `kind`."""
        return Value(self, self.rewriter.value(cls, operands, kind.type, properties), kind)

    def constant(self, value: float, kind: Kind | None = None) -> Value:
        """A constant, of the float kind unless one is given."""
        kind = kind or self.float
        return Value(self, self.constants.get(self.block, value, kind), kind)

    def fma(self, a: Operand, b: Operand, c: Operand) -> Value:
        """a * b + c in one rounding; in two where the target has no such instruction."""
        a, b, c = self.values(a, b, c)
        if not self.fused:
            return a * b + c
        return self.op(math.FmaOp, (a.ssa, b.ssa, c.ssa), a.kind, NO_FLAGS)

    def product_error(self, a: Value, b: Value, product: Value) -> Value:
        """a * b - product, exactly, where `product` is a * b rounded."""
        if self.fused:
            return self.fma(a, b, -product)
        (ah, al), (bh, bl) = self.halves(a), self.halves(b)
        return ((ah * bh - product) + ah * bl + al * bh) + al * bl

    def halves(self, a: Value) -> tuple[Value, Value]:
        """a as the sum of two values of half the precision each (by clearing low bits)."""
        keep = (a.kind.bits == 32 and 12) or 27
        high = (a.bits() & -(1 << keep)).as_float()
        return high, a - high

    def exact_fma(self, a: Operand, b: Operand, c: Operand) -> Value:
        """a * b + c as if in one rounding, where reductions depend on it."""
        if self.fused:
            return self.fma(a, b, c)
        a, b, c = self.values(a, b, c)
        product = a * b
        return (product + c) + self.product_error(a, b, product)

    def values(self, *operands: Operand) -> list[Value]:
        """The operands as values, numbers taking the kind of the first value among them."""
        kind = next((v.kind for v in operands if isinstance(v, Value)), self.float)
        return [v if isinstance(v, Value) else self.constant(v, kind) for v in operands]

    def select(self, condition: Value, a: Operand, b: Operand) -> Value:
        """a where the condition holds, else b."""
        a, b = self.values(a, b)
        return self.op(arith.SelectOp, (condition.ssa, a.ssa, b.ssa), a.kind)

    def at_most(self, x: Value, limit: float) -> Value:
        """The smaller of the two; nan stays nan (one `minps` on x86)."""
        bound = self.constant(limit, x.kind)
        return self.select(bound < x, bound, x)

    def at_least(self, x: Value, limit: float) -> Value:
        """The larger of the two; nan stays nan."""
        bound = self.constant(limit, x.kind)
        return self.select(bound > x, bound, x)

    # -- polynomials ----------------------------------------------------------------------------

    def horner(self, x: Value, coefficients: Sequence[float]) -> Value:
        """A polynomial, lowest coefficient first, in the fewest operations."""
        total = self.constant(coefficients[-1], x.kind)
        for c in reversed(coefficients[:-1]):
            total = self.fma(total, x, c)
        return total

    def polynomial(self, x: Value, coefficients: Sequence[float]) -> Value:
        """A polynomial, lowest coefficient first, with short dependency chains (Estrin)."""
        terms: list[Value] = [self.constant(c, x.kind) for c in coefficients]
        power = x
        while len(terms) > 1:
            pairs = [
                self.fma(terms[i + 1], power, terms[i]) if i + 1 < len(terms) else terms[i]
                for i in range(0, len(terms), 2)
            ]
            terms = pairs
            if len(terms) > 1:
                power = power * power
        return terms[0]


class Value:
    """An SSA value with arithmetic. Comparisons with `<` and the like are ordered: false on nan."""

    __slots__ = ("emitter", "kind", "ssa")

    def __init__(self, emitter: Emitter, ssa: SSAValue, kind: Kind) -> None:
        self.emitter = emitter
        self.ssa = ssa
        self.kind = kind

    def _binary(
        self, float_op: type[Operation] | None, integer_op: type[Operation] | None, other: Operand
    ) -> Value:
        right = self._value(other)
        cls = float_op if self.kind.is_float else integer_op
        assert cls is not None, "no such operation on this kind"
        return self.emitter.op(
            cls, (self.ssa, right.ssa), self.kind, NO_FLAGS if self.kind.is_float else None
        )

    def _value(self, other: Operand) -> Value:
        return other if isinstance(other, Value) else self.emitter.constant(other, self.kind)

    def __add__(self, other: Operand) -> Value:
        return self._binary(arith.AddfOp, arith.AddiOp, other)

    def __radd__(self, other: float) -> Value:
        return self._value(other) + self

    def __sub__(self, other: Operand) -> Value:
        return self._binary(arith.SubfOp, arith.SubiOp, other)

    def __rsub__(self, other: float) -> Value:
        return self._value(other) - self

    def __mul__(self, other: Operand) -> Value:
        return self._binary(arith.MulfOp, arith.MuliOp, other)

    def __rmul__(self, other: float) -> Value:
        return self._value(other) * self

    def __truediv__(self, other: Operand) -> Value:
        return self._binary(arith.DivfOp, None, other)

    def __rtruediv__(self, other: float) -> Value:
        return self._value(other) / self

    def __neg__(self) -> Value:
        return self.apply(arith.NegfOp)

    def __and__(self, other: Operand) -> Value:
        return self._binary(None, arith.AndIOp, other)

    def __or__(self, other: Operand) -> Value:
        return self._binary(None, arith.OrIOp, other)

    def __xor__(self, other: Operand) -> Value:
        return self._binary(None, arith.XOrIOp, other)

    def __lshift__(self, other: Operand) -> Value:
        return self._binary(None, arith.ShLIOp, other)

    def __rshift__(self, other: Operand) -> Value:
        """Logical: zeros come in."""
        return self._binary(None, arith.ShRUIOp, other)

    def shift_right_signed(self, other: Operand) -> Value:
        """Arithmetic shift: the sign comes in."""
        return self._binary(None, arith.ShRSIOp, other)

    def compare(self, predicate: str, other: Operand) -> Value:
        """`arith.cmpf` or `arith.cmpi` with a predicate by name."""
        right = self._value(other)
        if self.kind.is_float:
            cls, properties = arith.CmpfOp, FLOAT_PREDICATE[predicate]
        else:
            cls, properties = arith.CmpiOp, INTEGER_PREDICATE[predicate]
        return self.emitter.op(cls, (self.ssa, right.ssa), self.emitter.boolean, properties)

    def __lt__(self, other: Operand) -> Value:
        return self.compare("olt" if self.kind.is_float else "slt", other)

    def __le__(self, other: Operand) -> Value:
        return self.compare("ole" if self.kind.is_float else "sle", other)

    def __gt__(self, other: Operand) -> Value:
        return self.compare("ogt" if self.kind.is_float else "sgt", other)

    def __ge__(self, other: Operand) -> Value:
        return self.compare("oge" if self.kind.is_float else "sge", other)

    def equals(self, other: Operand) -> Value:
        """Equality: false on nan."""
        return self.compare("oeq" if self.kind.is_float else "eq", other)

    def is_nan(self) -> Value:
        """Is this a nan?"""
        return self.compare("uno", self)

    def apply(self, cls: type[Operation]) -> Value:
        """A unary op on floats."""
        return self.emitter.op(cls, (self.ssa,), self.kind, NO_FLAGS)

    def abs(self) -> Value:
        """The magnitude."""
        return self.apply(math.AbsFOp)

    def sqrt(self) -> Value:
        """The square root, correctly rounded."""
        return self.apply(math.SqrtOp)

    def round(self) -> Value:
        """The nearest integer, ties to even."""
        return self.apply(math.RoundEvenOp)

    def floor(self) -> Value:
        """The largest integer not above."""
        return self.apply(math.FloorOp)

    def with_sign_of(self, other: Value) -> Value:
        """This magnitude with the sign of another value."""
        return self.emitter.op(math.CopySignOp, (self.ssa, other.ssa), self.kind, NO_FLAGS)

    def bits(self) -> Value:
        """The bits of a float as an integer."""
        kind = kind_of(IntegerType(self.kind.bits), self.kind.shape)
        return self.emitter.op(arith.BitcastOp, (self.ssa,), kind)

    def as_float(self) -> Value:
        """The float that has these bits."""
        element = Float32Type() if self.kind.bits == 32 else Float64Type()
        kind = kind_of(element, self.kind.shape)
        return self.emitter.op(arith.BitcastOp, (self.ssa,), kind)

    def to(self, element: Attribute) -> Value:
        """Converted to another float type."""
        kind = kind_of(element, self.kind.shape)
        if kind.bits == self.kind.bits and element == self.kind.element:
            return self
        cls = arith.ExtFOp if kind.bits > self.kind.bits else arith.TruncFOp
        return self.emitter.op(cls, (self.ssa,), kind)


Operand = Value | float
Expansion = Callable[..., Value]
