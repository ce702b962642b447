"""Rounding: one `math` op each."""

from __future__ import annotations

from tfc.dialects.tfc.semantics import rounding as semantics
from tfc.dialects.tfc.semantics.spec import OpSpec
from tfc.passes.convert_tfc_to_linalg.conversion import Rule
from tfc.passes.convert_tfc_to_linalg.scalars import wide_op_rule
from xdsl.dialects import math

RULES: dict[OpSpec, Rule] = {
    semantics.floor: wide_op_rule(math.FloorOp),
    semantics.ceil: wide_op_rule(math.CeilOp),
    semantics.round: wide_op_rule(math.RoundEvenOp),
    semantics.trunc: wide_op_rule(math.TruncOp),
}
