"""`print`, `str`, `io.StringIO` and whatever else makes text, on values that are known only at run time."""

from __future__ import annotations

import io
from typing import Any

from tfc.tracing import effects, operations
from tfc.tracing.calling.calls import call_native
from tfc.tracing.calling.intrinsics import define, defines
from tfc.tracing.frame import Frame
from tfc.tracing.paths import choices
from tfc.tracing.strings import characters, formatting, string_io, text
from tfc.tracing.values.numbers import SymbolicNumber


@defines(print)
def _print(frame: Frame, arguments: tuple[Any, ...], keywords: dict[str, Any]) -> Any:
    """`print` happens at each call, whether or not its values are known now."""
    file = keywords.get("file")
    if isinstance(file, string_io.StringIO):
        others = {name: item for name, item in keywords.items() if name != "file"}
        operations.call(frame, string_io.print_to, (file, *arguments), others)
        return
    shown = [formatting.shown(frame, item) for item in arguments]
    effects.staged_call(frame.trace, print, tuple(shown), keywords)


@defines(io.StringIO)
def _string_io(frame: Frame, arguments: tuple[Any, ...], keywords: dict[str, Any]) -> Any:
    """One that begins with text is written over: Python's own does that."""
    if arguments or keywords:
        return call_native(frame, io.StringIO, arguments, keywords)
    return operations.call(frame, string_io.StringIO, (), {})


@defines(string_io.unsupported)
def _unsupported(frame: Frame, arguments: tuple[Any, ...], keywords: dict[str, Any]) -> Any:
    if arguments[0].startswith("_"):
        raise AttributeError(arguments[0])
    return operations.refuse(
        frame,
        "TFC011",
        f"'{arguments[0]}' of a StringIO in a compiled function",
        "write to it, and read it as a whole with getvalue()",
    )


@defines(str)
def _str(frame: Frame, arguments: tuple[Any, ...], keywords: dict[str, Any]) -> Any:
    if len(arguments) == 1 and not keywords:
        value = arguments[0]
        if isinstance(value, text.SymbolicText):
            return value
        return formatting.format_value(frame, value, "s", "")
    return str(*arguments, **keywords)


@defines(repr)
def _repr(frame: Frame, arguments: tuple[Any, ...], keywords: dict[str, Any]) -> Any:
    return formatting.format_value(frame, arguments[0], "r", "")


@defines(format)
def _format(frame: Frame, arguments: tuple[Any, ...], keywords: dict[str, Any]) -> Any:
    value, style = arguments if len(arguments) == 2 else (*arguments, "")
    return formatting.format_value(frame, value, "", style)


def _formatting(function: Any, style: str) -> None:
    """A built-in that gives `format(number, style)`."""

    def run(frame: Frame, arguments: tuple[Any, ...], keywords: dict[str, Any]) -> Any:
        if len(arguments) == 1 and isinstance(arguments[0], SymbolicNumber):
            return text.SymbolicText([text.Piece(arguments[0], "", style)])
        return call_native(frame, function, arguments, keywords)

    define(function, choices.of_each(run))


for _function, _style in {bin: "#b", oct: "#o", hex: "#x", chr: "c"}.items():
    _formatting(_function, _style)


@defines(ord)
@choices.of_each
def _ord(frame: Frame, arguments: tuple[Any, ...], keywords: dict[str, Any]) -> Any:
    if len(arguments) == 1 and isinstance(arguments[0], text.SymbolicText):
        return characters.answer(int, ord, arguments[0])
    return ord(*arguments, **keywords)
