"""`zip` and `map`: item by item where all can be indexed, else as a loop over the one that runs code or has no end."""

from __future__ import annotations

from typing import Any

from tfc.core.tensor import Tensor
from tfc.tracing import operations
from tfc.tracing.calling import iterating
from tfc.tracing.calling.intrinsics import defines
from tfc.tracing.frame import Frame
from tfc.tracing.iteration import iterables, iterators, producers
from tfc.tracing.paths import comprehension_staging
from tfc.tracing.strings import text

MOST_COLLECTED = 1024
"""How many items a generator gives, one after the other, before it is taken for one without an end."""


@defines(zip)
def _zip(frame: Frame, arguments: tuple[Any, ...], keywords: dict[str, Any]) -> Any:
    strict = bool(keywords.get("strict"))
    made = _zip_of_run_time(frame, arguments, strict)
    if made is not None:
        return made
    return zip(*[operations.iterate(frame, item) for item in arguments], strict=strict)


@defines(map)
def _map(frame: Frame, arguments: tuple[Any, ...], keywords: dict[str, Any]) -> Any:
    function, *sources = arguments

    def apply(*items: Any) -> Any:
        return operations.call(frame, function, items, {})

    if len(sources) == 1:
        producer = producers.producer_of(frame, sources[0])
        if producer is not None:
            return producers.Mapped(frame, producer, apply)
    rows = _zip_of_run_time(frame, tuple(sources), False)
    if isinstance(rows, producers.Producer):
        return producers.Mapped(frame, rows, lambda row: apply(*row))
    if rows is not None:
        return iterables.Combined(
            [rows], rows.length, lambda frame, index: apply(*rows.item(frame, index))
        )
    columns = [operations.iterate(frame, source) for source in sources]
    return (apply(*items) for items in zip(*columns, strict=False))


def _zip_of_run_time(frame: Frame, sources: tuple[Any, ...], strict: bool) -> Any:
    """`zip` whose items are known at run time only, or have no end; None where Python's own does."""
    endless = [source for source in sources if source.__class__ is iterators.EndlessIterator]
    ending = [source for source in sources if source.__class__ is not iterators.EndlessIterator]
    staged = [source for source in ending if producers.is_staged(frame, source)]
    if not staged and (ending or not endless):
        return None
    driver = next(
        (source for source in staged if producers.producer_of(frame, source) is not None),
        (staged or endless)[0],
    )
    if not endless and producers.producer_of(frame, driver) is None and not strict:
        return producers.side_by_side(frame, list(sources))
    if strict:
        if endless:
            operations.refuse(
                frame,
                "TFC006",
                "zip(strict=True) of an iterator without an end",
                "leave out 'strict'",
            )
        sequences = tuple([_sequence(frame, source) for source in sources])
        return operations.call(frame, iterating.zip_strictly, sequences, {})
    place = next(number for number, source in enumerate(sources) if source is driver)
    before = [_sequence(frame, source) for source in sources[:place]]
    after = [_sequence(frame, source) for source in sources[place + 1 :]]
    return operations.call(frame, iterating.zip_around, (before, driver, after), {})


def _sequence(frame: Frame, source: Any) -> Any:
    """What can be indexed as it is, or the items in a list; iterators without an end stay."""
    if isinstance(source, list | tuple | str | range | Tensor | text.SymbolicText):
        return source
    if isinstance(source, iterables.SymbolicRange | iterators.EndlessIterator):
        return source
    collected = 0

    def count(item: Any) -> Any:
        nonlocal collected
        collected += 1
        if collected > MOST_COLLECTED:
            operations.refuse(
                frame,
                "TFC006",
                "several generators side by side, of which one seems to have no end",
                "take their items with next() in a loop, or use itertools.count",
            )
        return item

    return comprehension_staging.collect_items(frame, producers.Mapped(frame, source, count))
