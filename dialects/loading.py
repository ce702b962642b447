"""Loading xDSL without the work that compiling never needs."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from xdsl.ir import Operation
    from xdsl.irdl import OpDef
    from xdsl.irdl.declarative_assembly_format import FormatProgram
    from xdsl.parser import Parser
    from xdsl.printer import Printer


@contextmanager
def deferred_formats() -> Generator[None]:
    """Dialects that are imported inside parse the textual forms of their ops when one is first read or printed.

    xDSL parses the `assembly_format` of each op where its class is defined: a quarter of the time that its dialects take to load,
    for nothing in a program that only compiles.

    Example:
        with deferred_formats():
            from xdsl.dialects import arith
    """
    from xdsl.irdl.declarative_assembly_format import FormatProgram

    now = FormatProgram.from_str

    def later(input: str, op_def: OpDef) -> FormatProgram:
        return cast("FormatProgram", _Deferred(input, op_def))

    FormatProgram.from_str = staticmethod(later)
    try:
        yield
    finally:
        FormatProgram.from_str = staticmethod(now)


class _Deferred:
    """Stands for the `FormatProgram` of an op until it is asked for."""

    def __init__(self, text: str, definition: OpDef) -> None:
        self._source = text, definition

    @cached_property
    def _program(self) -> FormatProgram:
        # The class itself: `from_str` may be deferred at the moment.
        from xdsl.irdl.declarative_assembly_format_parser import FormatParser

        return FormatParser(*self._source).parse_format()

    def parse(self, parser: Parser, op_type: type[Any]) -> Operation:
        return self._program.parse(parser, op_type)

    def print(self, printer: Printer, op: Any) -> None:
        self._program.print(printer, op)
