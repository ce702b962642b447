"""Reading IR: files to text, text to modules, with a `Diagnostic` for whatever is wrong with either."""

from __future__ import annotations

import re
import sys
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from tfc.passes.verification import VerificationError, verify
from tfc.tools.diagnostics import Diagnostic
from xdsl.context import Context
from xdsl.dialects.builtin import (
    UNKNOWN_LOC,
    AnyFloat,
    ComplexType,
    FileLineColLoc,
    IndexType,
    IntAttr,
    IntegerType,
    ModuleOp,
    StringAttr,
)
from xdsl.ir import Attribute, Block, Operation, SSAValue
from xdsl.parser import AttrParser, Parser, UnresolvedOperand
from xdsl.utils.exceptions import (
    DiagnosticException,
    MultipleSpansParseError,
    ParseError,
    UnregisteredConstructException,
)
from xdsl.utils.lexer import Span

STRING_OR_COMMENT = re.compile(r'//[^\n]*|"(?:[^"\\\n]|\\.)*("?)')
OWN_CODE = re.compile(r"\[(TFC[0-9]{3})\] ")
SPLIT = re.compile(r"^// -----.*$", re.MULTILINE)


@dataclass(frozen=True)
class Source:
    """A piece of a file: its text, and how many lines of the file come before it."""

    file: str
    text: str
    first_line: int = 0

    def diagnostic(self, code: str, message: str, position: int, width: int = 1) -> Diagnostic:
        """A diagnostic at a character position of the text."""
        position = min(max(position, 0), len(self.text))
        start = self.text.rfind("\n", 0, position) + 1
        end = self.text.find("\n", position)
        line = self.text[start : end if end >= 0 else len(self.text)]
        number = self.text.count("\n", 0, start) + 1 + self.first_line
        return Diagnostic(code, message, self.file, number, position - start + 1, line, width)

    def diagnostic_at(self, code: str, message: str, op: Operation) -> Diagnostic:
        """A diagnostic at the position of an op: in this file, or wherever its location points."""
        location = op.location
        if not isinstance(location, FileLineColLoc):
            return Diagnostic(code, message, self.file)
        file, line, column = location.filename.data, location.line.data, location.column.data
        source = ""
        lines = self.text.split("\n")
        if file == self.file and 0 < line - self.first_line <= len(lines):
            source = lines[line - self.first_line - 1]
        return Diagnostic(code, message, file, line, column, source)


def read_source(path: str) -> Source:
    """The text of a file, or of standard input for `-`.

    Raises:
        Diagnostic: TFC301 when it cannot be read or is not UTF-8 text.
    """
    name = "<stdin>" if path == "-" else path
    try:
        data = sys.stdin.buffer.read() if path == "-" else Path(path).read_bytes()
    except OSError as error:
        raise Diagnostic("TFC301", f"cannot read this file: {error.strerror}", name) from None
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        column = error.start - (data.rfind(b"\n", 0, error.start) + 1) + 1
        message = f"not UTF-8 text: byte 0x{data[error.start]:02x}"
        raise Diagnostic("TFC301", message, name, line, column) from None
    if "\0" in text:
        text_before = text[: text.index("\0")]
        raise Source(name, text).diagnostic("TFC301", "not text: a zero byte", len(text_before))
    return Source(name, text)


def split_source(source: Source) -> list[Source]:
    """The pieces between lines that start with `// -----`."""
    pieces: list[Source] = []
    start = 0
    for match in (*SPLIT.finditer(source.text), None):
        end = match.start() if match else len(source.text)
        lines_before = source.text.count("\n", 0, start)
        pieces.append(Source(source.file, source.text[start:end], source.first_line + lines_before))
        start = match.end() if match else end
    return pieces


def parse_source(source: Source, context: Context, *, check: bool = True) -> ModuleOp:
    """The module that `source` holds; ops without a location get their position in the file.

    Raises:
        Diagnostic: TFC302 when it does not parse, TFC303 when it does not verify (and `check`).
    """
    if not SPLIT.sub("", re.sub(r"//.*", "", source.text)).strip():
        return ModuleOp([])
    _check_strings(source)
    try:
        parser = SourceParser(context, source)
    except ParseError as error:  # the first token
        found = source.diagnostic("TFC302", _message(error), error.span.start)
        found.notes.append("expected a module: MLIR's text, as `tfc-opt` prints it")
        raise found from None
    with _diagnosed(source, parser):
        module = parser.parse_module()
    if check:
        check_module(module, source)
    return module


def _check_strings(source: Source) -> None:
    """Find strings that do not end on their line: xDSL's lexer takes exponential time to reject them."""
    for match in STRING_OR_COMMENT.finditer(source.text):
        if match[0][0] == '"' and not match[1]:
            raise source.diagnostic("TFC302", "this string has no end on its line", match.start())


def check_module(module: ModuleOp, source: Source) -> None:
    """Verify a module; raises `Diagnostic` at the op that is not valid: the code of what it demands, or TFC303."""
    try:
        verify(module)
    except VerificationError as error:
        code, message, name = "TFC303", error.message, error.op.name
        if own := OWN_CODE.match(message):
            code, message = own[1], message[own.end() :].removeprefix(f"{name}: ")
        raise source.diagnostic_at(code, f"'{name}' op: {message}", error.op) from None


class SourceParser(Parser):
    """xDSL's parser, which also notes where each op stands and where an undefined name is used first."""

    def __init__(self, context: Context, source: Source) -> None:
        super().__init__(context, source.text, source.file)
        self._source = source
        self._file = StringAttr(source.file)
        self._line_starts = [0, *(m.end() for m in re.finditer("\n", source.text))]
        self._line = 0
        self._starts: list[int] = []
        self.first_uses: dict[str, Span] = {}

    def parse_operation(self) -> Operation:
        position = self._current_token.span.start
        self._starts.append(position)
        op = super().parse_operation()
        self._starts.pop()
        if op.location == UNKNOWN_LOC:
            op.location = self._location(position)
        return op

    def _get_op_by_name(self, name: str) -> type[Operation]:
        known = self.ctx.get_optional_op(name, dialect_stack=self._parser_state.dialect_stack)
        if known is None:
            start = self._starts[-1]
            self.raise_error(f"unknown op '{name}'{self._near(name)}", start, start)
        return known

    def _near(self, name: str) -> str:
        names = [op.name for op in self.ctx.loaded_ops]
        near = get_close_matches(name, names, n=1, cutoff=0.8)
        return f"; did you mean '{near[0]}'?" if near else ""

    def _parse_block(self) -> Block:
        name = self._current_token.text[1:]
        if name in self.blocks and name not in self.forward_block_references:
            self._starts.append(self._current_token.span.start)
            self.raise_error(f"redefinition of block '^{name}'", self._current_token.span)
        return super()._parse_block()

    def _location(self, position: int) -> FileLineColLoc:
        from bisect import bisect_right

        line = bisect_right(self._line_starts, position)
        column = position - self._line_starts[line - 1] + 1
        return FileLineColLoc(self._file, IntAttr(line + self._source.first_line), IntAttr(column))

    def where(self, message: str, span: Span[str] | Span[bytes]) -> tuple[int, int]:
        """Position and width to show for an error noticed at `span`.

        xDSL's parser is often a token too far: past the name it complains of, or on the first token of the next line.
        """
        text, start = self._source.text, span.start
        named = re.match(r"'([\w.]+)' is not registered", message)
        found = text.rfind(named[1], 0, start) if named else -1
        if named and found >= 0:
            return found, len(named[1])
        line_start = text.rfind("\n", 0, start) + 1
        before = text[:line_start].rstrip()
        if (
            start in self._starts
            or text[start : start + 1] == '"'
            or text[line_start:start].strip()
            or not before
        ):
            return start, span.len
        return len(before) - 1, 1

    def resolve_operand(self, operand: UnresolvedOperand, type: Attribute) -> SSAValue:
        if operand.operand_name not in self.ssa_values:
            self.first_uses.setdefault(operand.operand_name, operand.span)
        return super().resolve_operand(operand, type)

    def _parse_tensor_literal_element(self) -> AttrParser._TensorLiteralElement:
        element = super()._parse_tensor_literal_element()
        if element.span.text[:2].lower() != "0x":
            return element
        return _HexadecimalElement(element.is_negative, element.value, element.span)


class _HexadecimalElement(AttrParser._TensorLiteralElement):
    """An element of a dense attribute in hexadecimal: an integer, or the bits of a float, which xDSL takes for its value."""

    def to_type(
        self, parser: AttrParser, type: AnyFloat | IntegerType | IndexType | ComplexType
    ) -> Any:
        if not isinstance(type, AnyFloat):
            return super().to_type(parser, type)
        assert isinstance(self.value, int)
        return next(type.iter_unpack(self.value.to_bytes(type.compile_time_size, "little")))


def _message(error: ParseError) -> str:
    """What the parser says, on one line, with the character that xDSL's lexer forgets to fill in."""
    first = error.span.input.content[error.span.start : error.span.start + 1]
    return " ".join(error.msg.split()).replace("{first_char}", f"'{first}'")


@contextmanager
def _diagnosed(source: Source, parser: SourceParser) -> Generator[None]:
    """Turn whatever the parser raises into a `Diagnostic`."""
    try:
        yield
    except ParseError as error:
        undefined = sorted(
            (
                span
                for name, span in parser.first_uses.items()
                if name in parser.forward_ssa_references
            ),
            key=lambda span: span.start,
        )
        if error.msg.startswith("values used but not defined") and undefined:
            span = undefined[0]
            message = f"use of undefined value '{span.text}'"
            raise source.diagnostic("TFC302", message, span.start, span.len) from None
        message = _message(error)
        span = error.span
        if isinstance(error, MultipleSpansParseError) and error.refs:
            span = error.refs[0][
                0
            ]  # the branch to a block that is missing, not the end of the region
        elif message == "in block definition":
            message = "expected an op, a block or '}' here"
        raise source.diagnostic("TFC302", message, *parser.where(message, span)) from None
    except RecursionError:
        raise source.diagnostic("TFC302", "nested too deeply", parser.pos) from None
    except (DiagnosticException, UnregisteredConstructException) as error:
        message = str(error)
        span = Span(parser.pos, parser.pos, parser.lexer.input)
        raise source.diagnostic("TFC302", message, *parser.where(message, span)) from None
    except Exception as error:
        # xDSL's parsers of single ops assume some of what they read.
        message = f"malformed: {type(error).__name__}: {error}"
        span = Span(parser.pos, parser.pos, parser.lexer.input)
        raise source.diagnostic("TFC302", message, *parser.where(message, span)) from None
