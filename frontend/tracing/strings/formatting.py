"""Values as text: `print`, `str` and f-strings."""

from __future__ import annotations

from dataclasses import is_dataclass
from typing import Any, cast

from tfc.core.variable import Variable
from tfc.tracing.calling.calls import call_value
from tfc.tracing.effects import is_symbolic
from tfc.tracing.frame import Frame
from tfc.tracing.ndarrays.outer_arrays import require_values
from tfc.tracing.operations import user_method
from tfc.tracing.paths import choices
from tfc.tracing.paths.host_errors import HostError
from tfc.tracing.strings import chosen_text
from tfc.tracing.strings.text import HOST_TEXT, Piece, ShownVariable, SymbolicText
from tfc.tracing.values.structures import with_leaves
from tfc.tracing.values.symbolic import Choice


def shown(frame: Frame, value: Any) -> Any:
    """A value about to become text, with all that is in it."""
    value = with_leaves(frame.trace.guards.load_deep(value), _with_content)
    require_values(value)
    return value


def _with_content(item: Any) -> Any:
    """A variable with what it holds now, also where it is a field of a dataclass."""
    if isinstance(item, Variable):
        return ShownVariable(item)
    fields = getattr(item, "__dict__", {})
    if is_dataclass(item) and any(isinstance(field, Variable) for field in fields.values()):
        shown = object.__new__(cast(type, type(item)))
        shown.__dict__.update({name: _with_content(field) for name, field in fields.items()})
        return shown
    return item


def format_value(frame: Frame, value: Any, conversion: str, style: Any) -> Any:
    """One `{value!conversion:style}` of an f-string."""
    if value.__class__ is Choice:
        return choices.over_choices(
            frame, lambda item: format_value(frame, item, conversion, style), value
        )
    value = shown(frame, value)
    if isinstance(style, SymbolicText):
        return style.require_characters()
    if isinstance(value, HostError):
        return SymbolicText([Piece(value.args[0], HOST_TEXT + conversion, style)])
    if isinstance(value, BaseException) and is_symbolic(value):
        value, conversion = _shown_exception(frame, value, conversion)
    made = by_own_method(frame, value, conversion, style)
    if made is not None:
        return made
    if is_symbolic(value):
        return SymbolicText([Piece(value, conversion, style)])
    converted = {"r": repr, "s": str, "a": ascii}.get(conversion, lambda item: item)(value)
    return format(converted, style)


def by_own_method(frame: Frame, value: Any, conversion: str, style: Any) -> Any:
    """What a method of the user's gives; None where Python's own or a generated one makes the text."""
    kind = type(value)
    if not conversion:
        method = user_method(value, "__format__")
        if method is not None:
            return _require_string(call_value(frame, method, (value, style), {}), "__format__")
        if kind.__format__ is not object.__format__:
            return None
    name, method = "__str__", None
    if conversion in ("", "s"):
        method = user_method(value, name)
    if method is None and (conversion == "r" or kind.__str__ is object.__str__):
        name = "__repr__"
        method = user_method(value, name) if conversion != "a" else None
    if method is None:
        return None
    if style and not conversion:
        raise TypeError(f"unsupported format string passed to {kind.__name__}.__format__")
    result = _require_string(call_value(frame, method, (value,), {}), name)
    return format_value(frame, result, "", style) if style else result


def _require_string(result: Any, name: str) -> Any:
    """The text that a method of the user's has given."""
    if not chosen_text.is_string(result):
        kind = type(result).__name__
        message = f"{name} returned non-string (type {kind})"
        if name == "__format__":
            message = f"{name} must return a str, not {kind}"
        raise TypeError(message)
    return result


def text_of(frame: Frame, value: Any, name: str) -> Any:
    """What `__str__` or `__repr__` of the class of an exception, or of what is no object of the user's, gives."""
    conversion = "r" if name == "__repr__" else "s"
    if isinstance(value, BaseException):
        value, conversion = _shown_by_class(frame, value, conversion)
    return format_value(frame, value, conversion, "")


def _shown_exception(frame: Frame, error: BaseException, conversion: str) -> tuple[Any, str]:
    """What is formatted for an exception with values of run time, and how."""
    method = user_method(error, "__repr__" if conversion == "r" else "__str__")
    if method is not None:
        return call_value(frame, method, (error,), {}), ""
    return _shown_by_class(frame, error, conversion)


def _shown_by_class(frame: Frame, error: BaseException, conversion: str) -> tuple[Any, str]:
    """The same, where the class is one of Python's."""
    if conversion == "r":
        shown = [format_value(frame, item, "r", "") for item in error.args]
        listed = [f"{type(error).__name__}(", *_between(", ", shown), ")"]
        return join_text(frame, listed), ""
    if isinstance(error, OSError) and error.errno is not None:
        number, reason = [format_value(frame, item, "s", "") for item in error.args[:2]]
        files = [name for name in (error.filename, error.filename2) if name is not None]
        names = [format_value(frame, name, "r", "") for name in files]
        listed = _between(" -> ", names)
        colon = [": "] if names else []
        return join_text(frame, ["[Errno ", number, "] ", reason, *colon, *listed]), ""
    whole = error.args[0] if len(error.args) == 1 else error.args
    return whole, "r" if isinstance(error, KeyError) else "s"


def _between(separator: str, parts: list[Any]) -> list[Any]:
    return [item for part in parts for item in (separator, part)][1:]


def join_text(frame: Frame, parts: list[Any]) -> Any:
    """The parts of an f-string as one string."""
    if any(part.__class__ is not str for part in parts):
        return SymbolicText(
            [Piece(part, "", "") if part.__class__ is Choice else part for part in parts]
        )
    return "".join(parts)
