"""Textual forms of ops are parsed when they are first needed, with the same meaning."""

from __future__ import annotations

import pytest
from tfc.dialects.loading import deferred_formats
from xdsl.context import Context
from xdsl.dialects import test as test_dialect
from xdsl.dialects.builtin import Builtin, i32
from xdsl.irdl import IRDLOperation, irdl_op_definition, operand_def, result_def
from xdsl.irdl.declarative_assembly_format import FormatProgram
from xdsl.parser import Parser
from xdsl.utils.exceptions import ParseError

FORM = "$value attr-dict `:` type($value) `->` type($result)"


def make_op(form: str) -> type[IRDLOperation]:
    @irdl_op_definition
    class TwiceOp(IRDLOperation):
        name = "test.twice"
        value = operand_def()
        result = result_def()
        assembly_format = form

    return TwiceOp


def test_a_deferred_form_prints_and_parses() -> None:
    with deferred_formats():
        op = make_op(FORM)
    value = test_dialect.TestOp(result_types=[i32]).results[0]
    text = str(op.create(operands=[value], result_types=[i32]))
    assert text == str(make_op(FORM).create(operands=[value], result_types=[i32]))

    context = Context()
    for dialect in (Builtin, test_dialect.Test):
        context.load_dialect(dialect)
    context.load_op(op)
    source = '%0 = "test.op"() : () -> i32\n%1 = test.twice %0 {a = 1 : i32} : i32 -> i32'
    *_, twice = Parser(context, source).parse_module().walk()
    assert isinstance(twice, op)
    assert twice.attributes.keys() == {"a"}


def test_a_wrong_form_fails_when_it_is_used() -> None:
    with deferred_formats():
        op = make_op("$nothing attr-dict")
    value = test_dialect.TestOp(result_types=[i32]).results[0]
    with pytest.raises(ParseError, match="nothing"):
        str(op.create(operands=[value], result_types=[i32]))


def test_xdsl_is_left_as_it_was() -> None:
    before = FormatProgram.from_str
    with pytest.raises(KeyError), deferred_formats():
        assert FormatProgram.from_str is not before
        raise KeyError
    assert FormatProgram.from_str is before
