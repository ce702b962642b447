"""`a, *b, c = items` where the number of items is known only at run time, and is checked then."""

from __future__ import annotations

from typing import Any

from tfc.tracing import operations
from tfc.tracing.containers import list_items
from tfc.tracing.containers.growable import growable_of
from tfc.tracing.frame import Frame
from tfc.tracing.iteration.iterables import staged
from tfc.tracing.paths import comprehension_staging, staging
from tfc.tracing.strings.text import Piece, SymbolicText


def unpack_staged(frame: Frame, value: Any, count: int, star: int | None) -> list[Any]:
    """The values for `count` targets, of which number `star` takes the rest; raises `ValueError` at run time."""
    source = staged(frame, value)
    if star is not None or source is None:
        value = value if growable_of(value) is not None else _collected(frame, value)
        source = staged(frame, value)
    if source is None:  # the number was known after all
        return operations.unpack(frame, value, count, star)
    length = source.length
    if star is None:
        _check(frame, length > count, f"too many values to unpack (expected {count})")
        _check(
            frame, length < count, f"not enough values to unpack (expected {count}, got ", length
        )
        return [source.item(frame, index) for index in range(count)]
    least, after = count - 1, count - star - 1
    text = f"not enough values to unpack (expected at least {least}, got "
    _check(frame, length < least, text, length)
    rest = list_items.load_item(frame, value, slice(star, length - after))
    first = [source.item(frame, index) for index in range(star)]
    return [*first, rest, *[source.item(frame, length - after + i) for i in range(after)]]


def _collected(frame: Frame, value: Any) -> list[Any]:
    return comprehension_staging.collect_items(frame, value)


def _check(frame: Frame, fails: Any, text: str, got: Any = None) -> None:
    def fail() -> Any:
        raise ValueError(text if got is None else SymbolicText([text, Piece(got, "", ""), ")"]))

    staging.branch(frame, frame.node, fails, fail, lambda: None)
