"""Strings with run-time values in them, as f-strings over tensors make."""

from __future__ import annotations

import re
import string
from collections import deque
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from tfc.core.errors import CompileError
from tfc.core.shape import TensorShape
from tfc.core.tensor import Tensor, values_text
from tfc.core.variable import Variable
from tfc.tracing import effects, operations
from tfc.tracing.calling import algorithms
from tfc.tracing.containers import columns, growable, ragged, sets
from tfc.tracing.frame import UNBOUND
from tfc.tracing.iteration import producers
from tfc.tracing.ndarrays import arrays, complex_arrays
from tfc.tracing.paths import comprehension_staging, host_errors
from tfc.tracing.paths.journal import (
    attributes_of,
    contents_of,
    fill,
    has_attributes,
    set_contents,
)
from tfc.tracing.strings import characters, formatting, held_text
from tfc.tracing.trace import Trace
from tfc.tracing.values import shapes, structures
from tfc.tracing.values.abstract import (
    Const,
    Skeleton,
    Union,
    abstract,
)
from tfc.tracing.values.exceptions import fields_of, set_fields
from tfc.tracing.values.numbers import SymbolicNumber
from tfc.tracing.values.symbolic import Choice, SymbolicTensor

if TYPE_CHECKING:
    from tfc.tracing.frame import Frame


class Template:
    """A Python value with holes for run-time values; `fill` makes the value."""

    __slots__ = ("build", "count")

    def __init__(self, count: int, build: Any) -> None:
        self.count = count
        self.build = build

    def fill(self, values: Sequence[np.ndarray]) -> Any:
        return self.build(list(values))

    @staticmethod
    def of(value: Any, tensors: list[Any]) -> Template:
        """The template of `value`; its symbolic tensors are appended to `tensors`."""
        if isinstance(value, SymbolicTensor):
            tensors.append(value)
            if isinstance(value, arrays.SymbolicArray):
                return Template(1, lambda given: np.array(given[0])[()])
            return Template(1, lambda given: Tensor._wrap(np.array(given[0])))
        if isinstance(value, SymbolicNumber):
            tensors.append(value.tensor)
            kind = value.kind
            return Template(1, lambda given: kind(given[0][()]))
        if isinstance(value, complex_arrays.ComplexArray):
            tensors.append(value.parts)
            return Template(1, lambda given: complex_arrays.joined(given[0]))
        if isinstance(value, SymbolicText):
            return value.template(tensors)
        if isinstance(value, ragged.AnyItem):
            return _ragged(value, tensors)
        buffer = growable.growable_of(value) or growable.table_of(value)
        if buffer is not None:
            return _rows(buffer, value, tensors)
        if value.__class__ is Choice:
            tensors.append(value.tag)
            return _chosen([Template.of(item, tensors) for item in value.alternatives])
        if type(value) in (list, tuple):
            return _container(value, [Template.of(item, tensors) for item in value])
        if isinstance(value, dict):
            parts = [Template.of(item, tensors) for item in value.values()]
            whole = _container(list(value), parts)
            keys, kind, factory = list(value), type(value), structures.factory_of(value)
            return Template(
                whole.count,
                lambda given: _filled(kind, factory, _present(keys, whole.build(given))),
            )
        if isinstance(value, tuple) and hasattr(value, "_make"):
            parts = _container([], [Template.of(item, tensors) for item in value])
            return Template(parts.count, lambda given: value._make(parts.build(given)))  # pyright: ignore[reportAttributeAccessIssue]
        if isinstance(value, shapes.TracedShape):
            sizes = Template.of(list(value), tensors)
            return Template(sizes.count, lambda given: TensorShape(sizes.build(given)))
        if isinstance(value, BaseException):
            return exception_template(value, tensors)
        if isinstance(value, set | frozenset | deque):
            return _other_container(value, tensors)
        if structures.is_record(type(value)) and has_attributes(value):
            return _record(value, tensors)
        return Template(0, lambda given: value)


def exception_template(error: BaseException, tensors: list[Any]) -> Template:
    """An exception: one like it with the run-time values of its arguments, of its attributes, and of its cause."""
    if isinstance(error, host_errors.HostError):
        ticket = Template.of(error.args[0], tensors)
        return Template(ticket.count, lambda given: host_errors.kept(ticket.build(given)))
    fields = fields_of(error)
    whole = Template.of((error.args, fields, _cause_of(error)), tensors)

    def build(given: list[Any]) -> Any:
        made = error.__class__.__new__(error.__class__, *error.args)
        made.args, values, made.__cause__ = whole.build(given)
        set_fields(made, {**fields, **values})
        return made

    return Template(whole.count, build)


def _cause_of(error: BaseException) -> BaseException | None:
    """What an exception was raised from, where its values are still known."""
    values: list[Any] = []
    Template.of(error.__cause__, values)
    return error.__cause__ if all(tensor._scope.alive for tensor in values) else None


def _record(value: Any, tensors: list[Any]) -> Template:
    """An object: a copy with the run-time values of its attributes."""
    attributes = Template.of(dict(attributes_of(value)), tensors)
    kind: Any = type(value)

    def build(given: list[Any]) -> Any:
        made = kind.__new__(kind)
        set_contents(made, attributes.build(given))
        return made

    return Template(attributes.count, build)


def _other_container(value: Any, tensors: list[Any]) -> Template:
    """A set, whose members may differ from path to path, or a deque."""
    members = sets.members_of(value)
    if members is not None:
        presence = Template.of(members, tensors)
        return Template(presence.count, lambda given: type(value)(presence.build(given)))
    items = Template.of(tuple(value), tensors)
    kind, factory = type(value), structures.factory_of(value)
    return Template(items.count, lambda given: _filled(kind, factory, items.build(given)))


def _chosen(parts: list[Template]) -> Template:
    """One of several alternatives; the first value is its number."""
    starts = [1]
    for part in parts:
        starts.append(starts[-1] + part.count)

    def build(given: list[Any]) -> Any:
        number = int(given[0])
        return parts[number].build(given[starts[number] : starts[number + 1]])

    return Template(starts[-1], build)


def _rows(buffer: columns.Growable, owner: Any, tensors: list[Any]) -> Template:
    """A container that grows at run time: its length, then the tensors that hold all its items."""
    kind, factory = type(owner), structures.factory_of(owner)
    tensors.append(buffer.length.tensor)
    if buffer.item is None:
        return Template(1, lambda given: structures.new_container(kind, factory))
    held, tensors[len(tensors) :] = buffer.item, buffer.buffers
    cells: list[Any] = [
        columns.Growable(column.rows.item, column.rows.buffers, SymbolicNumber(int, column.lengths))
        if isinstance(column, columns.Lists)
        else column
        for column in buffer.columns
    ]
    item = Template.of(held.rebuild(iter(cells)), [])

    def build(given: list[Any]) -> Any:
        rows = [item.build(list(columns.row_of(held, given[1:], i))) for i in range(int(given[0]))]
        return _filled(kind, factory, rows)

    return Template(1 + len(buffer.buffers), build)


def _ragged(value: ragged.AnyItem, tensors: list[Any]) -> Template:
    """A tensor of a number of rows of its own: the number, then the rows."""
    tensors += [value.held.length.tensor, *value.held.buffers]
    if value.is_numpy:
        return Template(2, lambda given: np.array(given[1]))
    return Template(2, lambda given: Tensor._wrap(np.array(given[1])))


def _filled(kind: type, factory: Any, items: Any) -> Any:
    """A container of class `kind` with these items or entries."""
    if issubclass(kind, deque):
        return kind(items, factory)
    if not issubclass(kind, dict):
        return kind(items)
    made = structures.new_container(kind, factory)
    fill(made, items.items() if isinstance(items, dict) else items)
    return made


def _present(keys: list[Any], values: list[Any]) -> dict[Any, Any]:
    return {k: v for k, v in zip(keys, values, strict=True) if v is not UNBOUND}


def _container(value: Any, parts: list[Template]) -> Template:
    kind = type(value)

    def build(given: list[Any]) -> Any:
        filled: list[Any] = []
        position = 0
        for part in parts:
            filled.append(part.build(given[position : position + part.count]))
            position += part.count
        return kind(filled)

    return Template(sum(part.count for part in parts), build)


class Piece:
    """One formatted value of a `SymbolicText`."""

    __slots__ = ("conversion", "style", "value")

    def __init__(self, value: Any, conversion: str, style: Any) -> None:
        self.value = _as_it_is(value, {})
        self.conversion = conversion
        self.style = style


def _as_it_is(value: Any, made: dict[int, Any]) -> Any:
    """A value as it is now, whatever becomes of it; `made` has the copies of containers and objects, by identity."""
    if isinstance(value, Tensor):
        kept = value.snapshot()
        return arrays.as_array(kept) if value.__class__ is arrays.SymbolicArray else kept
    if isinstance(value, Variable):
        return ShownVariable(value)
    kind: Any = type(value)
    if kind is tuple:
        return tuple([_as_it_is(item, made) for item in value])
    if kind is Choice:
        return Choice(value.tag, [_as_it_is(item, made) for item in value.alternatives])
    if id(value) in made:
        return made[id(value)]
    if kind in (list, set, deque) or (
        isinstance(value, dict) and structures.struct_keys(value) is not None
    ):
        copy: Any = structures.new_container(kind, structures.factory_of(value))
    elif structures.is_record(kind) and has_attributes(value):
        copy = kind.__new__(kind)
    else:
        return value
    made[id(value)] = copy
    contents = contents_of(value)
    if isinstance(contents, dict):
        contents = {key: _as_it_is(item, made) for key, item in contents.items()}
    elif isinstance(contents, list):
        contents = [_as_it_is(item, made) for item in contents]
    set_contents(copy, contents)
    return copy


class ShownVariable(structures.Record):
    """A variable about to become text: what it holds now."""

    def __init__(self, variable: Variable) -> None:
        self.head = variable.head
        self.content = variable.untracked()

    def __repr__(self) -> str:
        return f"{self.head}, numpy={values_text(self.content.numpy())}>"

    def __format__(self, style: str) -> str:
        if style:
            raise TypeError("unsupported format string passed to Variable.__format__")
        return repr(self)

    def __float__(self) -> float:
        return float(self.content)

    def __int__(self) -> int:
        return int(self.content)


class SymbolicText:
    """A string that is known at run time: literal strings and formatted values in a row."""

    __slots__ = ("pieces",)

    def __init__(self, pieces: list[Any]) -> None:
        self.pieces = pieces

    def template(self, tensors: list[Any]) -> Template:
        """The string as a template."""
        parts: list[Template] = []
        for piece in self.pieces:
            if isinstance(piece, Piece):
                parts.append(_formatted(Template.of(piece.value, tensors), piece))
            elif isinstance(piece, SymbolicText):
                parts.append(piece.template(tensors))
            else:
                parts.append(Template(0, lambda given, piece=piece: piece))
        whole = _container([], parts)
        return Template(whole.count, lambda given: "".join(whole.build(given)))

    def require_numbers(self) -> None:
        """Numbers in the text that come from arguments become constants of the program."""
        for piece in flat_pieces(self):
            if isinstance(piece, Piece) and isinstance(piece.value, SymbolicNumber):
                number = piece.value.tensor
                number._scope.trace.restart_with(number, "the text")

    def require_characters(self, *arguments: Any) -> Any:
        """What needs the characters while compiling."""
        self.require_numbers()
        raise CompileError(
            "TFC001",
            "the characters of a string that holds values of tensors are needed while compiling",
            "print the string, raise it, or make it outside of the compiled function",
            because="tensors have values only when the compiled code runs",
        )

    __iter__ = __mod__ = require_characters

    def __hash__(self) -> int:
        return self.require_characters()

    def __len__(self) -> Any:
        return self.require_characters()

    def __getitem__(self, key: Any) -> SymbolicText:
        self.require_numbers()
        return characters.derived(self, "__getitem__", key)

    def __mul__(self, count: Any) -> SymbolicText:
        self.require_numbers()
        return characters.derived(self, "__mul__", count)

    __rmul__ = __mul__

    def _compared(self, name: str, other: Any) -> Any:
        self.require_numbers()
        if not isinstance(other, str | SymbolicText):
            return NotImplemented
        return characters.answer(bool, getattr(str, name), self, other)

    def __eq__(self, other: Any) -> Any:
        return self._compared("__eq__", other)

    def __ne__(self, other: Any) -> Any:
        return self._compared("__ne__", other)

    def __lt__(self, other: Any) -> Any:
        return self._compared("__lt__", other)

    def __le__(self, other: Any) -> Any:
        return self._compared("__le__", other)

    def __gt__(self, other: Any) -> Any:
        return self._compared("__gt__", other)

    def __ge__(self, other: Any) -> Any:
        return self._compared("__ge__", other)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") or not hasattr(str, name):
            raise AttributeError(f"'str' object has no attribute '{name}'")
        self.require_numbers()
        return characters.method_of(self, name) or self.require_characters()

    def __add__(self, other: Any) -> Any:
        if isinstance(other, str | SymbolicText):
            return SymbolicText([self, other])
        return NotImplemented

    def __radd__(self, other: Any) -> Any:
        return SymbolicText([other, self]) if isinstance(other, str) else NotImplemented


class TextSkeleton(Skeleton):
    """The skeleton of a `SymbolicText`: literal strings, and skeletons of values with how they are formatted."""

    pieces: tuple[Any, ...]

    def leaves(self) -> list[Any]:
        return [
            leaf
            for piece in self.pieces
            if not isinstance(piece, str)
            for leaf in piece[0].leaves()
        ]

    def flatten(self, trace: Trace, value: Any, out: list[SymbolicTensor]) -> None:
        for piece, item in zip(self.pieces, flat_pieces(value), strict=True):
            if not isinstance(piece, str):
                piece[0].flatten(trace, item.value, out)

    def rebuild(self, tensors: Iterator[SymbolicTensor]) -> Any:
        return SymbolicText(
            [
                piece if isinstance(piece, str) else Piece(piece[0].rebuild(tensors), *piece[1:])
                for piece in self.pieces
            ]
        )


def flat_pieces(text: SymbolicText) -> list[Any]:
    """The strings and `Piece`s of a text, nested ones in place."""
    found: list[Any] = []
    for piece in text.pieces:
        if isinstance(piece, SymbolicText):
            found.extend(flat_pieces(piece))
        else:
            found.append(piece)
    return found


def abstract_text(text: SymbolicText) -> TextSkeleton:
    """The skeleton of a text."""
    return TextSkeleton(
        tuple(
            [
                piece
                if isinstance(piece, str)
                else (abstract(piece.value), piece.conversion, piece.style)
                for piece in flat_pieces(text)
            ]
        )
    )


_CONVERSIONS = {"r": repr, "s": str, "a": ascii, "": lambda value: value}


HOST_TEXT, HOST_CLASS = "text of error ", "class of error"
"""Instead of a conversion, for a value that is the ticket of an exception; a conversion follows the former."""


HELD = "held"
"""Instead of a conversion, for a value that is the ticket of a string."""

METHOD = "method"
"""Instead of a conversion: the value is a string and arguments for its method, which the style names."""


def format_piece(value: Any, conversion: str, style: Any) -> str:
    """`{value!conversion:style}` of an f-string; "%" stands for `style % value`, "join" for `style.join(value)`."""
    if conversion.startswith(HOST_TEXT):
        return format_piece(_error_of(value), conversion.removeprefix(HOST_TEXT), style)
    if conversion == HELD:
        return _held(value)
    if conversion == METHOD:
        return getattr(str, style)(*value)
    if conversion == HOST_CLASS:
        return format(type(_error_of(value)).__name__, style)
    if conversion == "%":
        return style % (value,)
    if conversion == "join":
        return style.join(value)
    return format(_CONVERSIONS[conversion](value), style)


def _held(ticket: int) -> str:
    return held_text.held(ticket)


def _error_of(ticket: int) -> BaseException:
    return host_errors.kept(ticket)


_PERCENT = re.compile(r"%(?:\((\w+)\))?[-#0 +]*\d*(?:\.\d+)?[hlL]?[diouxXeEfFgGcrsa%]")


def format_percent(frame: Frame, template: str, values: Any) -> Any:
    """`template % values`, where values may be known at run time only."""
    values = formatting.shown(frame, values)
    if not effects.is_symbolic(values):
        return template % operations.whole(frame, values)
    if "*" in template:
        return operations.refuse(
            frame, "TFC011", "'*' in a format of run-time values", "use an f-string: f'{x:{width}}'"
        )
    parts: list[Any] = []
    named = values if isinstance(values, dict) else {}
    given = iter(values if isinstance(values, tuple) else (values,))
    end = 0
    for match in _PERCENT.finditer(template):
        parts.append(template[end : match.start()])
        end = match.end()
        if match[0].endswith("%"):
            parts.append("%")
        else:
            value = named[match[1]] if match[1] else next(given, UNBOUND)
            if value is UNBOUND:
                raise TypeError("not enough arguments for format string")
            style = match[0].replace(f"({match[1]})", "")
            value = formatting.shown(frame, value)
            made = None
            if style[-1] in "sr":
                made = formatting.by_own_method(frame, value, style[-1], "")
            if made is not None:
                value, style = made, f"{style[:-1]}s"
            parts.append(SymbolicText([Piece(value, "%", style)]))
    parts.append(template[end:])
    if not isinstance(values, dict) and next(given, UNBOUND) is not UNBOUND:
        raise TypeError("not all arguments converted during string formatting")
    return SymbolicText(parts)


def _formatted(template: Template, piece: Piece) -> Template:
    return Template(
        template.count,
        lambda given: format_piece(template.build(given), piece.conversion, piece.style),
    )


def format_text(
    frame: Frame, template: str, arguments: tuple[Any, ...], keywords: dict[str, Any]
) -> Any:
    """`template.format(...)`, where values may be known at run time only."""
    formatter = string.Formatter()
    parts: list[Any] = []
    position = 0
    for literal, name, style, conversion in formatter.parse(template):
        parts.append(literal)
        if name is None:
            continue
        is_next = not name or name[0] in ".["
        field = f"{position}{name}" if is_next else name
        position += is_next
        value, _ = formatter.get_field(field, arguments, keywords)
        inner = format_text(frame, style, arguments, keywords) if style else ""
        parts.append(formatting.format_value(frame, value, conversion or "", inner))
    return formatting.join_text(frame, parts)


def join_strings(frame: Frame, separator: str | SymbolicText, items: Any) -> Any:
    """`separator.join(items)`, where strings or their number may be known at run time only."""
    if growable.growable_of(items) is None:
        if producers.is_staged(frame, items):
            items = comprehension_staging.collect_items(frame, items)
        elif not isinstance(items, str):
            items = list(operations.iterate(frame, items))
    buffer = growable.growable_of(items)
    if buffer is not None:
        if buffer.item is not None and not is_text(buffer.item):
            operations.call(frame, algorithms.require_strings, (items,), {})
    elif isinstance(separator, str) and not any(
        item.__class__ in (SymbolicText, Choice) for item in items
    ):
        return separator.join(items)
    if isinstance(separator, SymbolicText):
        return characters.derived(separator, "join", items)
    return SymbolicText([Piece(items, "join", separator)])


def is_text(skeleton: Skeleton) -> bool:
    """Whether a skeleton is that of strings."""
    if isinstance(skeleton, Union):
        return all(map(is_text, skeleton.alternatives))
    return isinstance(skeleton, TextSkeleton | held_text.HeldText) or (
        isinstance(skeleton, Const) and isinstance(skeleton.value, str)
    )
