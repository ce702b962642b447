"""Scalar code for the bodies of elementwise rules: comparisons, selects, widths of floats, and rules made of them."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import cast

import numpy as np
from tfc.dialects.tfc.attributes import element_type
from tfc.dialects.tfc.base import TfcOp
from tfc.dialects.tfc.semantics.dtypes import is_float, is_unsigned_int
from tfc.passes import builders
from tfc.passes.builders import I1
from tfc.passes.convert_tfc_to_linalg.conversion import Rule
from tfc.passes.convert_tfc_to_linalg.lowering import (
    Lowering,
    ScalarBody,
    Scalars,
    elementwise,
    signless,
)
from tfc.passes.rewriting import Rewriter
from xdsl.dialects import arith
from xdsl.dialects.builtin import Float32Type, Float64Type, IntegerType, i64
from xdsl.ir import Attribute, Operation, SSAValue

F32 = Float32Type()
F64 = Float64Type()


@cache
def scalar_type(dtype: np.dtype) -> Attribute:
    """The element type of `dtype` in the linalg stage."""
    return signless(element_type(dtype))


def bit_width(kind: Attribute) -> int:
    """Bits of an integer or float type."""
    return kind.width.data if isinstance(kind, IntegerType) else cast("Float32Type", kind).bitwidth


def select(rewriter: Rewriter, condition: SSAValue, x: SSAValue, y: SSAValue) -> SSAValue:
    """`arith.select`."""
    return rewriter.value(arith.SelectOp, (condition, x, y), x.type)


def compare_floats(rewriter: Rewriter, predicate: str, x: SSAValue, y: SSAValue) -> SSAValue:
    """`arith.cmpf` with the predicate by name: oeq ogt oge olt ole one une uno ..."""
    number = arith.CMPF_COMPARISON_OPERATIONS.index(predicate)
    properties = {"predicate": builders.integer_attr(number, i64)}
    return rewriter.value(arith.CmpfOp, (x, y), I1, properties)


def both(rewriter: Rewriter, x: SSAValue, y: SSAValue) -> SSAValue:
    return rewriter.value(arith.AndIOp, (x, y), x.type)


def either(rewriter: Rewriter, x: SSAValue, y: SSAValue) -> SSAValue:
    return rewriter.value(arith.OrIOp, (x, y), x.type)


def float_to(rewriter: Rewriter, x: SSAValue, kind: Attribute) -> SSAValue:
    """`x` in another float type: extended, rounded to nearest even, or as it is."""
    have, want = bit_width(x.type), bit_width(kind)
    if x.type == kind:
        return x
    if have == want:  # between float16 and bfloat16
        x, have = rewriter.value(arith.ExtFOp, (x,), F32), 32
    return rewriter.value(arith.ExtFOp if have < want else arith.TruncFOp, (x,), kind)


def wide_type(kind: Attribute) -> Attribute:
    """The type that transcendental functions and sums of `kind` are computed in: f32 for the 16-bit floats."""
    return F32 if bit_width(kind) == 16 and not isinstance(kind, IntegerType) else kind


def apply(cls: type[Operation], rewriter: Rewriter, *operands: SSAValue) -> SSAValue:
    """An op whose result has the type of its first operand."""
    return rewriter.value(cls, operands, operands[0].type)


# -- rules --------------------------------------------------------------------------------------


def rule(body: ScalarBody) -> Rule:
    """The rule of an elementwise op with this body."""

    def lower(lowering: Lowering, op: TfcOp) -> SSAValue:
        return elementwise(lowering, op, body)

    return lower


def wide_rule(body: Callable[..., SSAValue]) -> Rule:
    """The rule of an elementwise op on floats, `body(rewriter, *operands)`; 16-bit floats go through f32, as in NumPy."""

    def wide(rewriter: Rewriter, scalars: Scalars, dtypes: tuple[np.dtype, ...]) -> SSAValue:
        kind = scalars[0].type
        operands = [float_to(rewriter, scalar, wide_type(kind)) for scalar in scalars]
        return float_to(rewriter, body(rewriter, *operands), kind)

    return rule(wide)


def op_rule(
    on_floats: type[Operation] | None,
    on_ints: type[Operation] | None = None,
    on_unsigned: type[Operation] | None = None,
) -> Rule:
    """The rule of an elementwise op that is one scalar op, by kind of dtype; `on_ints` serves unsigned ones too."""

    def body(rewriter: Rewriter, scalars: Scalars, dtypes: tuple[np.dtype, ...]) -> SSAValue:
        cls = on_floats if is_float(dtypes[0]) else on_ints
        if on_unsigned is not None and is_unsigned_int(dtypes[0]):
            cls = on_unsigned
        assert cls is not None, "inference lets no such dtype through"
        return rewriter.value(cls, scalars, scalars[0].type)

    return rule(body)


def wide_op_rule(cls: type[Operation]) -> Rule:
    """The rule of a function of floats that is one `math` op."""
    return wide_rule(lambda rewriter, *operands: apply(cls, rewriter, *operands))
