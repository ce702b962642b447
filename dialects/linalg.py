"""MLIR's `linalg` dialect: xDSL's, where `linalg.generic` may have several results.

    %sum, %largest = linalg.generic {...} ins(...) outs(...) {
    ...
    } -> (tensor<4xf32>, tensor<4xf32>)

xDSL prints the parentheses as MLIR does, and does not read them. The class stays xDSL's; its method for reading is replaced.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from xdsl.dialects.builtin import ArrayAttr, StringAttr
from xdsl.dialects.linalg import Linalg
from xdsl.dialects.linalg.attrs import IteratorType, IteratorTypeAttr
from xdsl.dialects.linalg.ops import GenericOp
from xdsl.ir import Attribute, SSAValue
from xdsl.parser import Parser


def _parse(cls: type[GenericOp], parser: Parser) -> GenericOp:
    start = parser.pos
    properties = parser.parse_optional_attr_dict()
    for name in ("indexing_maps", "iterator_types"):
        if name not in properties:
            parser.raise_error(f"Expected {name} for linalg.generic", start, parser.pos)
    properties["iterator_types"] = _iterator_types(parser, properties["iterator_types"])
    operands = [_parse_operands(parser, keyword) for keyword in ("ins", "outs")]
    attributes: dict[str, Attribute] = {}
    if parser.parse_optional_keyword("attrs"):
        parser.parse_punctuation("=")
        attributes = parser.parse_optional_attr_dict()
    body = parser.parse_region()
    return cls.build(
        operands=operands,
        result_types=[_parse_result_types(parser)],
        properties=properties,
        attributes=attributes,
        regions=[body],
    )


def _iterator_types(parser: Parser, given: Attribute) -> ArrayAttr[IteratorTypeAttr]:
    kinds: list[IteratorTypeAttr] = []
    for kind in cast(ArrayAttr[Attribute], given):
        if isinstance(kind, IteratorTypeAttr):
            kinds.append(kind)
        elif isinstance(kind, StringAttr) and kind.data in list(IteratorType):
            kinds.append(IteratorTypeAttr(IteratorType(kind.data)))
        else:
            parser.raise_error(f"Unknown iterator type {kind}")
    return ArrayAttr(kinds)


def _parse_operands(parser: Parser, keyword: str) -> Sequence[SSAValue]:
    """`ins(%x, %y : tensor<4xf32>, tensor<4xf32>)`, or nothing."""
    position = parser.pos
    if not parser.parse_optional_keyword(keyword):
        return ()
    parser.parse_punctuation("(")
    operands = parser.parse_comma_separated_list(
        Parser.Delimiter.NONE, parser.parse_unresolved_operand
    )
    parser.parse_punctuation(":")
    types = parser.parse_comma_separated_list(Parser.Delimiter.NONE, parser.parse_type)
    parser.parse_punctuation(")")
    return parser.resolve_operands(operands, types, position)


def _parse_result_types(parser: Parser) -> Sequence[Attribute]:
    """`-> tensor<4xf32>`, `-> (tensor<4xf32>, tensor<4xf32>)`, or nothing."""
    if not parser.parse_optional_punctuation("->"):
        return ()
    several = parser.parse_optional_comma_separated_list(Parser.Delimiter.PAREN, parser.parse_type)
    return [parser.parse_type()] if several is None else several


GenericOp.parse = classmethod(_parse)  # pyright: ignore[reportAttributeAccessIssue]

__all__ = ["Linalg"]
