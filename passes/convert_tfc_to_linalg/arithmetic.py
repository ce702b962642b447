"""Arithmetic on numbers: scalar ops by kind of dtype; integer division checks its divisors first."""

from __future__ import annotations

import numpy as np
from tfc.dialects.arith import RemFOp
from tfc.dialects.tfc.base import TfcOp
from tfc.dialects.tfc.semantics import arithmetic as semantics
from tfc.dialects.tfc.semantics.dtypes import is_float, is_int, is_signed_int, is_unsigned_int
from tfc.dialects.tfc.semantics.errors import OpError
from tfc.dialects.tfc.semantics.spec import OpSpec
from tfc.passes import builders
from tfc.passes.convert_tfc_to_linalg.checking import check_elements
from tfc.passes.convert_tfc_to_linalg.conversion import Rule
from tfc.passes.convert_tfc_to_linalg.float_power import float_power
from tfc.passes.convert_tfc_to_linalg.integer_power import integer_power
from tfc.passes.convert_tfc_to_linalg.lowering import Lowering, ScalarBody, Scalars, elementwise
from tfc.passes.convert_tfc_to_linalg.scalars import (
    apply,
    both,
    compare_floats,
    either,
    float_to,
    op_rule,
    rule,
    select,
    wide_type,
)
from tfc.passes.rewriting import Rewriter
from xdsl.dialects import arith, math
from xdsl.ir import SSAValue

Dtypes = tuple[np.dtype, ...]


def _negative(rewriter: Rewriter, scalars: Scalars, dtypes: Dtypes) -> SSAValue:
    (x,) = scalars
    if is_float(dtypes[0]):
        return apply(arith.NegfOp, rewriter, x)
    return apply(arith.SubiOp, rewriter, builders.constant(rewriter, 0, x.type), x)


def _abs(rewriter: Rewriter, scalars: Scalars, dtypes: Dtypes) -> SSAValue:
    (x,) = scalars
    if is_float(dtypes[0]):
        return apply(math.AbsFOp, rewriter, x)
    if is_unsigned_int(dtypes[0]):
        return x
    minus = apply(arith.SubiOp, rewriter, builders.constant(rewriter, 0, x.type), x)
    return apply(arith.MaxSIOp, rewriter, x, minus)  # the lowest value stays itself, as in NumPy


def _sign(rewriter: Rewriter, scalars: Scalars, dtypes: Dtypes) -> SSAValue:
    (x,) = scalars
    zero = builders.constant(rewriter, 0, x.type)
    one = builders.constant(rewriter, 1, x.type)
    minus = builders.constant(rewriter, -1, x.type)
    if is_float(dtypes[0]):
        positive = select(rewriter, compare_floats(rewriter, "ogt", x, zero), one, zero)
        signed = select(rewriter, compare_floats(rewriter, "olt", x, zero), minus, positive)
        return select(rewriter, compare_floats(rewriter, "uno", x, x), x, signed)
    if is_unsigned_int(dtypes[0]):
        return select(rewriter, builders.compare(rewriter, "ne", x, zero), one, zero)
    positive = select(rewriter, builders.compare(rewriter, "sgt", x, zero), one, zero)
    return select(rewriter, builders.compare(rewriter, "slt", x, zero), minus, positive)


def _zero_where_y_is(cls: type[arith.MulfOp | arith.DivfOp]) -> Rule:
    def body(rewriter: Rewriter, scalars: Scalars, dtypes: Dtypes) -> SSAValue:
        x, y = scalars
        zero = builders.constant(rewriter, 0, x.type)
        skip = compare_floats(rewriter, "oeq", y, zero)
        return select(rewriter, skip, zero, apply(cls, rewriter, x, y))

    return rule(body)


# -- division -----------------------------------------------------------------------------------


def _checking_divisor(error: OpError, body: ScalarBody) -> Rule:
    """Ends the call where an integer divisor is zero."""

    def nonzero(rewriter: Rewriter, y: SSAValue) -> SSAValue:
        return builders.compare(rewriter, "ne", y, builders.constant(rewriter, 0, y.type))

    def lower(lowering: Lowering, op: TfcOp) -> SSAValue:
        if is_int(lowering.dtype(op.operands[1])) and not lowering.is_certain:
            check_elements(lowering, op, 1, nonzero, error, beside=0)
        return elementwise(lowering, op, body)

    return lower


def _safe_divisor(rewriter: Rewriter, y: SSAValue, signed: bool) -> tuple[SSAValue, SSAValue]:
    """`y` with 1 in place of what would trap (0, and -1 because of the lowest value), and whether `y` was -1."""
    zero = builders.constant(rewriter, 0, y.type)
    one = builders.constant(rewriter, 1, y.type)
    trap = builders.compare(rewriter, "eq", y, zero)
    is_minus_one = builders.compare(rewriter, "eq", y, builders.constant(rewriter, -1, y.type))
    if signed:
        trap = either(rewriter, trap, is_minus_one)
    return select(rewriter, trap, one, y), is_minus_one


def _divide_integers(
    rewriter: Rewriter, x: SSAValue, y: SSAValue, signed: bool, floor: bool
) -> tuple[SSAValue, SSAValue]:
    """Quotient and remainder of integers, towards minus infinity or towards zero."""
    known = builders.constant_int(y)
    if signed and floor and known is not None and known > 0 and known.bit_count() == 1:
        # Shifts and masks round towards minus infinity.
        shift = builders.constant(rewriter, known.bit_length() - 1, x.type)
        mask = builders.constant(rewriter, known - 1, x.type)
        return apply(arith.ShRSIOp, rewriter, x, shift), apply(arith.AndIOp, rewriter, x, mask)
    divisor, is_minus_one = _safe_divisor(rewriter, y, signed)
    if not signed:
        quotient = apply(arith.DivUIOp, rewriter, x, divisor)
        product = apply(arith.MuliOp, rewriter, quotient, divisor)
        return quotient, apply(arith.SubiOp, rewriter, x, product)
    zero = builders.constant(rewriter, 0, x.type)
    one = builders.constant(rewriter, 1, x.type)
    quotient = apply(arith.DivSIOp, rewriter, x, divisor)
    product = apply(arith.MuliOp, rewriter, quotient, divisor)
    rest = apply(arith.SubiOp, rewriter, x, product)
    if floor:
        signs = apply(arith.XOrIOp, rewriter, rest, divisor)
        differ = both(
            rewriter,
            builders.compare(rewriter, "ne", rest, zero),
            builders.compare(rewriter, "slt", signs, zero),
        )
        down = apply(arith.SubiOp, rewriter, quotient, one)
        up = apply(arith.AddiOp, rewriter, rest, divisor)
        quotient = select(rewriter, differ, down, quotient)
        rest = select(rewriter, differ, up, rest)
    minus = apply(arith.SubiOp, rewriter, zero, x)
    return select(rewriter, is_minus_one, minus, quotient), rest


def _division(on_floats: type[math.FloorOp | math.TruncOp], floor: bool) -> ScalarBody:
    def body(rewriter: Rewriter, scalars: Scalars, dtypes: Dtypes) -> SSAValue:
        x, y = scalars
        if is_float(dtypes[0]):
            return apply(on_floats, rewriter, apply(arith.DivfOp, rewriter, x, y))
        return _divide_integers(rewriter, x, y, is_signed_int(dtypes[0]), floor)[0]

    return body


def _floormod(rewriter: Rewriter, scalars: Scalars, dtypes: Dtypes) -> SSAValue:
    x, y = scalars
    if not is_float(dtypes[0]):
        return _divide_integers(rewriter, x, y, is_signed_int(dtypes[0]), True)[1]
    kind = wide_type(x.type)
    y = float_to(rewriter, y, kind)
    rest = apply(RemFOp, rewriter, float_to(rewriter, x, kind), y)
    zero = builders.constant(rewriter, 0, kind)
    differ = apply(
        arith.XOrIOp,
        rewriter,
        compare_floats(rewriter, "olt", rest, zero),
        compare_floats(rewriter, "olt", y, zero),
    )
    result = select(rewriter, differ, apply(arith.AddfOp, rewriter, rest, y), rest)
    signed_zero = apply(math.CopySignOp, rewriter, zero, y)
    exact = compare_floats(rewriter, "oeq", rest, zero)
    return float_to(rewriter, select(rewriter, exact, signed_zero, result), x.type)


def _truncatemod(rewriter: Rewriter, scalars: Scalars, dtypes: Dtypes) -> SSAValue:
    x, y = scalars
    if is_float(dtypes[0]):
        kind = wide_type(x.type)
        wide = (float_to(rewriter, x, kind), float_to(rewriter, y, kind))
        return float_to(rewriter, apply(RemFOp, rewriter, *wide), x.type)
    return _divide_integers(rewriter, x, y, is_signed_int(dtypes[0]), False)[1]


# -- powers -------------------------------------------------------------------------------------


def _pow_body(rewriter: Rewriter, scalars: Scalars, dtypes: Dtypes) -> SSAValue:
    x, y = scalars
    if not is_float(dtypes[0]):
        return integer_power(rewriter, x, y)
    kind = wide_type(x.type)
    wide = [float_to(rewriter, scalar, kind) for scalar in scalars]
    return float_to(rewriter, float_power(rewriter, *wide), x.type)


def _pow(lowering: Lowering, op: TfcOp) -> SSAValue:
    if is_signed_int(lowering.dtype(op.operands[1])):
        check_elements(lowering, op, 1, _not_negative, semantics.negative_exponent())
    return elementwise(lowering, op, _pow_body)


def _not_negative(rewriter: Rewriter, y: SSAValue) -> SSAValue:
    return builders.compare(rewriter, "sge", y, builders.constant(rewriter, 0, y.type))


RULES: dict[OpSpec, Rule] = {
    semantics.add: op_rule(arith.AddfOp, arith.AddiOp),
    semantics.subtract: op_rule(arith.SubfOp, arith.SubiOp),
    semantics.multiply: op_rule(arith.MulfOp, arith.MuliOp),
    semantics.divide: op_rule(arith.DivfOp),
    semantics.floordiv: _checking_divisor(
        semantics.division_by_zero("floordiv"), _division(math.FloorOp, True)
    ),
    semantics.floormod: _checking_divisor(semantics.division_by_zero("floormod"), _floormod),
    semantics.truncatediv: _checking_divisor(
        semantics.division_by_zero("truncatediv"), _division(math.TruncOp, False)
    ),
    semantics.truncatemod: _checking_divisor(
        semantics.division_by_zero("truncatemod"), _truncatemod
    ),
    semantics.pow: _pow,
    semantics.maximum: op_rule(arith.MaximumfOp, arith.MaxSIOp, arith.MaxUIOp),
    semantics.minimum: op_rule(arith.MinimumfOp, arith.MinSIOp, arith.MinUIOp),
    semantics.multiply_no_nan: _zero_where_y_is(arith.MulfOp),
    semantics.divide_no_nan: _zero_where_y_is(arith.DivfOp),
    semantics.negative: rule(_negative),
    semantics.abs: rule(_abs),
    semantics.sign: rule(_sign),
}
