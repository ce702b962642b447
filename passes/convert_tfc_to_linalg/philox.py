"""Philox 4x32-10 and what numbers are made of its words, as scalar ops."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from tfc.dialects.tfc.attributes import element_type
from tfc.dialects.tfc.semantics.dtypes import FLOAT32, FLOAT64, is_bfloat16
from tfc.dialects.tfc.semantics.philox import KEY_STEPS, MULTIPLIERS, ROUNDS
from tfc.dialects.tfc.semantics.random import SMALLEST_UNIFORM
from tfc.passes import builders
from tfc.passes.rewriting import Rewriter
from xdsl.dialects import arith
from xdsl.dialects import math as math_dialect
from xdsl.dialects.builtin import IntegerType, i32, i64
from xdsl.ir import Attribute, Operation, SSAValue

i16 = IntegerType(16)


class Scalars:
    """Short names for integer and float ops at the rewriter's insertion point."""

    def __init__(self, rewriter: Rewriter) -> None:
        self.rewriter = rewriter

    def constant(self, value: float, kind: Attribute) -> SSAValue:
        if isinstance(kind, IntegerType):
            width = kind.width.data
            value = int(value) & (1 << width) - 1
            value -= (value >> width - 1) << width
        return builders.constant(self.rewriter, value, kind)

    def binary(self, cls: type[Operation], x: SSAValue, y: SSAValue | float) -> SSAValue:
        other = y if isinstance(y, SSAValue) else self.constant(y, x.type)
        return self.rewriter.value(cls, (x, other), x.type)

    def unary(self, cls: type[Operation], x: SSAValue, kind: Attribute | None = None) -> SSAValue:
        return self.rewriter.value(cls, (x,), kind or x.type)

    def halves(self, x: SSAValue) -> tuple[SSAValue, SSAValue]:
        """The low and high 32 bits of an i64."""
        high = self.binary(arith.ShRUIOp, x, 32)
        return self.unary(arith.TruncIOp, x, i32), self.unary(arith.TruncIOp, high, i32)

    def joined(self, low: SSAValue, high: SSAValue) -> SSAValue:
        """The i64 of two i32."""
        wide = self.binary(arith.ShLIOp, self.unary(arith.ExtUIOp, high, i64), 32)
        return self.binary(arith.OrIOp, wide, self.unary(arith.ExtUIOp, low, i64))


def encrypt(s: Scalars, counter: Sequence[SSAValue], key: Sequence[SSAValue]) -> list[SSAValue]:
    """Four random i32 for a counter of four i32 under a key of two."""
    c0, c1, c2, c3 = counter
    k0, k1 = key
    for number in range(ROUNDS):
        if number:
            k0 = s.binary(arith.AddiOp, k0, KEY_STEPS[0])
            k1 = s.binary(arith.AddiOp, k1, KEY_STEPS[1])
        low0, high0 = _product(s, c0, MULTIPLIERS[0])
        low1, high1 = _product(s, c2, MULTIPLIERS[1])
        c0 = s.binary(arith.XOrIOp, s.binary(arith.XOrIOp, high1, c1), k0)
        c2 = s.binary(arith.XOrIOp, s.binary(arith.XOrIOp, high0, c3), k1)
        c1, c3 = low1, low0
    return [c0, c1, c2, c3]


def _product(s: Scalars, x: SSAValue, multiplier: int) -> tuple[SSAValue, SSAValue]:
    wide = s.binary(arith.MuliOp, s.unary(arith.ExtUIOp, x, i64), multiplier)
    return s.halves(wide)


def words_at(s: Scalars, state: Sequence[SSAValue], step: SSAValue) -> list[SSAValue]:
    """The words at the counter of `state` (three i64) plus `step` (i64, unsigned)."""
    low, high, key = state
    sum_low = s.binary(arith.AddiOp, low, step)
    carry = builders.compare(s.rewriter, "ult", sum_low, step)
    sum_high = s.binary(arith.AddiOp, high, s.unary(arith.ExtUIOp, carry, i64))
    return encrypt(s, [*s.halves(sum_low), *s.halves(sum_high)], s.halves(key))


def integers(s: Scalars, words: Sequence[SSAValue], dtype: np.dtype) -> list[SSAValue]:
    """Words as integers of every bit pattern: four of 32 bits or two of 64."""
    if dtype.itemsize == 8:
        return [s.joined(words[0], words[1]), s.joined(words[2], words[3])]
    return list(words)


def uniforms(s: Scalars, words: Sequence[SSAValue], dtype: np.dtype) -> list[SSAValue]:
    """Words as numbers in [0, 1): four, or two of 64 bits."""
    kind = element_type(dtype)
    if dtype == FLOAT64:
        pairs = [
            s.joined(low, s.binary(arith.AndIOp, high, 0xFFFFF))
            for low, high in (words[:2], words[2:])
        ]
        return [_from_bits(s, bits, 1023 << 52, kind) for bits in pairs]
    if dtype == FLOAT32:
        masked = [s.binary(arith.AndIOp, word, 0x7FFFFF) for word in words]
        return [_from_bits(s, bits, 127 << 23, kind) for bits in masked]
    mask, exponent = (0x7F, 127 << 7) if is_bfloat16(dtype) else (0x3FF, 15 << 10)
    masked = [s.unary(arith.TruncIOp, s.binary(arith.AndIOp, word, mask), i16) for word in words]
    return [_from_bits(s, bits, exponent, kind) for bits in masked]


def _from_bits(s: Scalars, mantissa: SSAValue, exponent: int, kind: Attribute) -> SSAValue:
    """The float in [1, 2) with this mantissa, minus 1."""
    bits = s.binary(arith.OrIOp, mantissa, exponent)
    return s.binary(arith.SubfOp, s.unary(arith.BitcastOp, bits, kind), 1.0)


def normals(s: Scalars, words: Sequence[SSAValue], dtype: np.dtype) -> list[SSAValue]:
    """Words as normal numbers by pairs: four, or two of 64 bits. 16-bit types are rounded from float32."""
    wide = FLOAT64 if dtype == FLOAT64 else FLOAT32
    given = uniforms(s, words, wide)
    kind = element_type(dtype)
    result: list[SSAValue] = []
    for u, v in zip(given[0::2], given[1::2], strict=True):
        first = s.binary(arith.MaximumfOp, u, SMALLEST_UNIFORM)
        radius = s.binary(arith.MulfOp, s.unary(math_dialect.LogOp, first), -2.0)
        radius = s.unary(math_dialect.SqrtOp, radius)
        angle = _angle(s, v)
        for cls in (math_dialect.SinOp, math_dialect.CosOp):
            value = s.binary(arith.MulfOp, s.unary(cls, angle), radius)
            result.append(value if wide == dtype else s.unary(arith.TruncFOp, value, kind))
    return result


def _angle(s: Scalars, uniform: SSAValue) -> SSAValue:
    """2 pi times a uniform number, multiplied in float64 and rounded once."""
    double = element_type(FLOAT64)
    if uniform.type == double:
        return s.binary(arith.MulfOp, uniform, 2 * math.pi)
    wide = s.binary(arith.MulfOp, s.unary(arith.ExtFOp, uniform, double), 2 * math.pi)
    return s.unary(arith.TruncFOp, wide, uniform.type)
