"""Constants, identities and casts of `arith`."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import cast

import numpy as np
from tfc.passes import builders
from tfc.passes.builders import constant_int
from tfc.passes.canonicalization.intervals import decide
from tfc.passes.rewriting import Pattern, Rewriter
from xdsl.dialects import arith
from xdsl.dialects.builtin import (
    Float32Type,
    Float64Type,
    FloatAttr,
    IndexType,
    IntegerAttr,
    IntegerType,
)
from xdsl.ir import Attribute, Operation, SSAValue


def width(type: Attribute) -> int:
    """The number of bits of an integer type; `index` has 64."""
    return type.width.data if isinstance(type, IntegerType) else 64


def wrapped(value: int, bits: int) -> int:
    """`value` as the signed number with the same low bits."""
    value &= (1 << bits) - 1
    return value - (1 << bits) if value >> (bits - 1) else value


def unsigned(value: int, bits: int) -> int:
    """The unsigned number with the bits of `value`."""
    return value & ((1 << bits) - 1)


def replace_with_int(op: Operation, rewriter: Rewriter, value: int) -> bool:
    """Replace the one result of `op` by an integer constant."""
    type = op.results[0].type
    if not isinstance(type, IntegerType | IndexType):
        return False
    rewriter.before(op)
    bits = width(type)
    number = unsigned(value, 1) if bits == 1 else wrapped(value, bits)
    rewriter.replace(op, builders.constant(rewriter, number, type))
    return True


def _divide(a: int, b: int) -> int | None:
    """Division that rounds to zero; None where it would trap."""
    if b == 0:
        return None
    return abs(a) // abs(b) * (1 if (a < 0) == (b < 0) else -1)


def _remainder(a: int, b: int) -> int | None:
    quotient = _divide(a, b)
    return None if quotient is None else a - b * quotient


_SIGNED: Mapping[type[Operation], Callable[[int, int], int | None]] = {
    arith.AddiOp: lambda a, b: a + b,
    arith.SubiOp: lambda a, b: a - b,
    arith.MuliOp: lambda a, b: a * b,
    arith.AndIOp: lambda a, b: a & b,
    arith.OrIOp: lambda a, b: a | b,
    arith.XOrIOp: lambda a, b: a ^ b,
    arith.MinSIOp: min,
    arith.MaxSIOp: max,
    arith.DivSIOp: _divide,
    arith.RemSIOp: _remainder,
    arith.FloorDivSIOp: lambda a, b: a // b if b else None,
    arith.CeilDivSIOp: lambda a, b: -(-a // b) if b else None,
}

_UNSIGNED: Mapping[type[Operation], Callable[[int, int], int | None]] = {
    arith.DivUIOp: lambda a, b: a // b if b else None,
    arith.RemUIOp: lambda a, b: a % b if b else None,
    arith.CeilDivUIOp: lambda a, b: -(-a // b) if b else None,
    arith.MinUIOp: min,
    arith.MaxUIOp: max,
}

_RIGHT_IDENTITY: Mapping[type[Operation], int] = {
    arith.AddiOp: 0,
    arith.SubiOp: 0,
    arith.MuliOp: 1,
    arith.OrIOp: 0,
    arith.XOrIOp: 0,
    arith.DivSIOp: 1,
    arith.DivUIOp: 1,
    arith.FloorDivSIOp: 1,
    arith.CeilDivSIOp: 1,
    arith.CeilDivUIOp: 1,
    arith.ShLIOp: 0,
    arith.ShRSIOp: 0,
    arith.ShRUIOp: 0,
}

_COMMUTATIVE = (arith.AddiOp, arith.MuliOp, arith.OrIOp, arith.XOrIOp, arith.AndIOp)


def integer_binary(op: Operation, rewriter: Rewriter) -> bool:
    """Fold integer arithmetic on constants, and with neutral and absorbing operands."""
    lhs, rhs = op.operands
    if not isinstance(lhs.type, IntegerType | IndexType):
        return False
    a, b = constant_int(lhs), constant_int(rhs)
    bits = width(lhs.type)
    if a is not None and b is not None:
        if bits == 1:
            a, b = wrapped(a, 1), wrapped(b, 1)
        cls = type(op)
        value = None
        if cls in _SIGNED:
            value = _SIGNED[cls](a, b)
        elif cls in _UNSIGNED:
            value = _UNSIGNED[cls](unsigned(a, bits), unsigned(b, bits))
        if value is not None:
            return replace_with_int(op, rewriter, value)
    if b is not None and b == _RIGHT_IDENTITY.get(type(op)) and bits > 1:
        rewriter.replace(op, lhs)
        return True
    if a is not None and isinstance(op, _COMMUTATIVE) and bits > 1:
        if a == _RIGHT_IDENTITY.get(type(op)):
            rewriter.replace(op, rhs)
            return True
        a, b = b, a
    if b == 0 and isinstance(op, arith.MuliOp | arith.AndIOp):
        return replace_with_int(op, rewriter, 0)
    if lhs is rhs and isinstance(op, arith.SubiOp | arith.XOrIOp):
        return replace_with_int(op, rewriter, 0)
    if lhs is rhs and isinstance(op, arith.AndIOp | arith.OrIOp | arith.MinSIOp | arith.MaxSIOp):
        rewriter.replace(op, lhs)
        return True
    return _boolean(op, rewriter, lhs, rhs)


def _boolean(op: Operation, rewriter: Rewriter, lhs: SSAValue, rhs: SSAValue) -> bool:
    """`x and true`, `x or false`, `x xor false`, and their absorbing forms."""
    if not isinstance(lhs.type, IntegerType) or width(lhs.type) != 1:
        return False
    for value, other in ((lhs, rhs), (rhs, lhs)):
        known = constant_int(value)
        if known is None:
            continue
        neutral = bool(known) if isinstance(op, arith.AndIOp) else not known
        if isinstance(op, arith.AndIOp | arith.OrIOp):
            rewriter.replace(op, other if neutral else value)
            return True
        if isinstance(op, arith.XOrIOp) and not known:
            rewriter.replace(op, other)
            return True
    return False


_COMPARISONS: Sequence[Callable[[int, int], bool]] = (
    lambda a, b: a == b,
    lambda a, b: a != b,
    lambda a, b: a < b,
    lambda a, b: a <= b,
    lambda a, b: a > b,
    lambda a, b: a >= b,
)


def compare(op: Operation, rewriter: Rewriter) -> bool:
    """Fold `arith.cmpi` on constants, of a value with itself, and of loop counters with what bounds them."""
    lhs, rhs = op.operands
    if not isinstance(lhs.type, IntegerType | IndexType):
        return False
    number = cast(IntegerAttr, op.properties["predicate"]).value.data
    a, b = constant_int(lhs), constant_int(rhs)
    if lhs is rhs:
        a = b = 0
    if a is None or b is None:
        decided = decide(arith.CMPI_COMPARISON_OPERATIONS[number], lhs, rhs)
        return decided is not None and replace_with_int(op, rewriter, int(decided))
    bits = width(lhs.type)
    a, b = wrapped(a, bits), wrapped(b, bits)
    if number >= 6:  # the unsigned ones follow the four signed ones
        a, b, number = unsigned(a, bits), unsigned(b, bits), number - 4
    return replace_with_int(op, rewriter, int(_COMPARISONS[number](a, b)))


def select(op: Operation, rewriter: Rewriter) -> bool:
    """`select true, x, y` -> x; `select c, x, x` -> x."""
    condition, chosen, other = op.operands
    known = constant_int(condition)
    if known is not None:
        rewriter.replace(op, chosen if known else other)
        return True
    if chosen is other:
        rewriter.replace(op, chosen)
        return True
    return False


def integer_cast(op: Operation, rewriter: Rewriter) -> bool:
    """Fold casts between integers on constants, and pairs that give the first value back."""
    source = op.operands[0]
    known = constant_int(source)
    if known is not None:
        bits = width(source.type)
        is_unsigned = isinstance(op, arith.ExtUIOp)
        value = unsigned(known, bits) if is_unsigned else wrapped(known, bits)
        return replace_with_int(op, rewriter, value)
    inner = source.owner
    if isinstance(inner, Operation) and inner.operands:
        first = inner.operands[0]
        undone = first.type == op.results[0].type and (
            (isinstance(op, arith.TruncIOp) and isinstance(inner, arith.ExtSIOp | arith.ExtUIOp))
            or (
                isinstance(op, arith.IndexCastOp)
                and isinstance(inner, arith.IndexCastOp)
                and width(first.type) <= width(source.type)
            )
        )
        if undone:
            rewriter.replace(op, first)
            return True
    return False


# -- floating point -----------------------------------------------------------------------------

_NUMPY: Mapping[type[Attribute], type[np.floating]] = {
    Float32Type: np.float32,
    Float64Type: np.float64,
}

_FLOAT: Mapping[type[Operation], Callable[[np.floating, np.floating], np.floating]] = {
    arith.AddfOp: lambda a, b: a + b,
    arith.SubfOp: lambda a, b: a - b,
    arith.MulfOp: lambda a, b: a * b,
    arith.DivfOp: lambda a, b: a / b,
}


def constant_float(value: SSAValue) -> float | None:
    """The number that a value is known to be, or None."""
    op = value.owner
    if isinstance(op, arith.ConstantOp):
        attr = op.properties["value"]
        if isinstance(attr, FloatAttr):
            return attr.value.data
    return None


def float_binary(op: Operation, rewriter: Rewriter) -> bool:
    """Fold f32 and f64 arithmetic on constants; drop `x * 1`, `x / 1`, `x - 0`, `x + -0`."""
    lhs, rhs = op.operands
    b = constant_float(rhs)
    a = constant_float(lhs)
    scalar = _NUMPY.get(type(lhs.type))
    if a is not None and b is not None and scalar is not None:
        with np.errstate(all="ignore"):
            value = float(_FLOAT[type(op)](scalar(a), scalar(b)))
        rewriter.before(op)
        rewriter.replace(op, builders.constant(rewriter, value, lhs.type))
        return True
    if b is not None and _is_neutral(type(op), b):
        rewriter.replace(op, lhs)
        return True
    if a is not None and isinstance(op, arith.AddfOp | arith.MulfOp) and _is_neutral(type(op), a):
        rewriter.replace(op, rhs)
        return True
    return False


def _is_neutral(cls: type[Operation], value: float) -> bool:
    """Whether the op with this right operand gives its left one for all values, -0 and nan too."""
    if cls in (arith.MulfOp, arith.DivfOp):
        return value == 1.0
    negative = math.copysign(1.0, value) < 0
    return value == 0.0 and negative == (cls is arith.AddfOp)


def float_cast(op: Operation, rewriter: Rewriter) -> bool:
    """Fold `arith.extf` and `arith.truncf` of constants."""
    known = constant_float(op.operands[0])
    target = _NUMPY.get(type(op.results[0].type))
    if known is None or target is None:
        return False
    rewriter.before(op)
    with np.errstate(all="ignore"):
        value = float(target(known))
    rewriter.replace(op, builders.constant(rewriter, value, op.results[0].type))
    return True


def int_to_float(op: Operation, rewriter: Rewriter) -> bool:
    """Fold `arith.sitofp` and `arith.uitofp` of constants."""
    known = constant_int(op.operands[0])
    target = _NUMPY.get(type(op.results[0].type))
    if known is None or target is None:
        return False
    bits = width(op.operands[0].type)
    value = unsigned(known, bits) if isinstance(op, arith.UIToFPOp) else wrapped(known, bits)
    rewriter.before(op)
    rewriter.replace(op, builders.constant(rewriter, float(target(value)), op.results[0].type))
    return True


PATTERNS: dict[type[Operation], tuple[Pattern, ...]] = {
    **dict.fromkeys((*_SIGNED, *_UNSIGNED, *_RIGHT_IDENTITY), (integer_binary,)),
    **dict.fromkeys(_FLOAT, (float_binary,)),
    arith.CmpiOp: (compare,),
    arith.SelectOp: (select,),
    arith.ExtSIOp: (integer_cast,),
    arith.ExtUIOp: (integer_cast,),
    arith.TruncIOp: (integer_cast,),
    arith.IndexCastOp: (integer_cast,),
    arith.ExtFOp: (float_cast,),
    arith.TruncFOp: (float_cast,),
    arith.SIToFPOp: (int_to_float,),
    arith.UIToFPOp: (int_to_float,),
}
