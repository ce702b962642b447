"""MLIR's `arith` dialect: xDSL's, with comparisons, `arith.select` and casts in MLIR's form where they work lane by lane.

    %condition = arith.cmpf olt, %x, %y : vector<8xf32>
    %r = arith.select %condition, %x, %y : vector<8xi1>, vector<8xf32>
    %n = arith.fptosi %r : vector<8xf32> to vector<8xi32>

xDSL knows one condition for the whole value only, and most casts of scalars only. The classes stay xDSL's, since passes and its
own folders ask for them; their methods for text are replaced. `arith.remf` is not in xDSL.
"""

from __future__ import annotations

from collections.abc import Callable

from xdsl.dialects import arith
from xdsl.dialects.arith import SelectOp
from xdsl.dialects.builtin import IntegerType, VectorType
from xdsl.ir import Attribute, Dialect, Operation
from xdsl.irdl import irdl_op_definition, traits_def
from xdsl.parser import Parser
from xdsl.printer import Printer
from xdsl.rewriter import Rewriter
from xdsl.traits import Pure


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


def _parsing_lanes(
    parse: Callable[[type[Operation], Parser], Operation],
) -> Callable[[type[Operation], Parser], Operation]:
    """`parse` of a comparison, with a result for each lane of its operands where it makes a single one."""

    def parse_lanes(cls: type[Operation], parser: Parser) -> Operation:
        op = parse(cls, parser)
        kind = op.operands[0].type
        if isinstance(kind, VectorType):
            lanes = VectorType(IntegerType(1), kind.shape, kind.scalable_dims)
            Rewriter.replace_value_with_new_type(op.results[0], lanes)
        return op

    return parse_lanes


def _parse_cast(cls: type[Operation], parser: Parser) -> Operation:
    operand = parser.parse_unresolved_operand()
    attributes = parser.parse_optional_attr_dict()
    parser.parse_punctuation(":")
    value = parser.resolve_operand(operand, parser.parse_type())
    parser.parse_keyword("to")
    return cls.create(operands=[value], result_types=[parser.parse_type()], attributes=attributes)


CASTS = (
    arith.BitcastOp,
    arith.ExtFOp,
    arith.ExtSIOp,
    arith.ExtUIOp,
    arith.FPToSIOp,
    arith.FPToUIOp,
    arith.IndexCastOp,
    arith.SIToFPOp,
    arith.TruncFOp,
    arith.TruncIOp,
    arith.UIToFPOp,
)

for _cast in CASTS:
    _cast.parse = classmethod(_parse_cast)  # pyright: ignore[reportAttributeAccessIssue]
for _comparison in (arith.CmpfOp, arith.CmpiOp):
    _comparison.parse = classmethod(_parsing_lanes(_comparison.parse.__func__))  # pyright: ignore[reportAttributeAccessIssue, reportFunctionMemberAccess]
SelectOp.print = _print  # pyright: ignore[reportAttributeAccessIssue]
SelectOp.parse = classmethod(_parse)  # pyright: ignore[reportAttributeAccessIssue]


@irdl_op_definition
class RemFOp(arith.FloatingPointLikeBinaryOperation):
    """The remainder of a division, as C's fmod has it: with the sign of the first operand.

    Example:
        %r = arith.remf %x, %y : f32
    """

    name = "arith.remf"
    traits = traits_def(Pure())


Arith = Dialect("arith", [*arith.Arith.operations, RemFOp], [*arith.Arith.attributes])

__all__ = ["Arith", "RemFOp"]
