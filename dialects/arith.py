"""MLIR's `arith` dialect: xDSL's, with `arith.select` in MLIR's form where it chooses lane by lane.

    %r = arith.select %condition, %x, %y : vector<8xi1>, vector<8xf32>

xDSL knows one condition for the whole value only. The class stays xDSL's, since passes and its own folders ask for it; its two
methods for text are replaced.
"""

from __future__ import annotations

from xdsl.dialects.arith import Arith, SelectOp
from xdsl.dialects.builtin import IntegerType, VectorType
from xdsl.ir import Attribute
from xdsl.parser import Parser
from xdsl.printer import Printer


def _print(op: SelectOp, printer: Printer) -> None:
    printer.print_string(" ")
    printer.print_list(op.operands, printer.print_ssa_value)
    printer.print_op_attributes(op.attributes)
    printer.print_string(" : ")
    condition = op.operands[0].type
    if isinstance(condition, VectorType):
        printer.print_attribute(condition)
        printer.print_string(", ")
    printer.print_attribute(op.results[0].type)


def _parse(cls: type[SelectOp], parser: Parser) -> SelectOp:
    operands = [parser.parse_unresolved_operand()]
    for _ in range(2):
        parser.parse_characters(",")
        operands.append(parser.parse_unresolved_operand())
    attributes = parser.parse_optional_attr_dict()
    parser.parse_characters(":")
    kind = parser.parse_type()
    condition: Attribute = IntegerType(1)
    if parser.parse_optional_characters(","):
        condition, kind = kind, parser.parse_type()
    values = parser.resolve_operands(operands, [condition, kind, kind], parser.pos)
    return cls.create(operands=values, result_types=[kind], attributes=attributes)


SelectOp.print = _print  # pyright: ignore[reportAttributeAccessIssue]
SelectOp.parse = classmethod(_parse)  # pyright: ignore[reportAttributeAccessIssue]

__all__ = ["Arith"]
