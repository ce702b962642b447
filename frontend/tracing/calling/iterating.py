"""Functions of `itertools` and `functools` that call the user's code or visit run-time items, written as Python.

The interpreter runs these instead of the library's own, so that conditions on tensors inside them are staged.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

_MISSING: Any = object()


def next_items(iterator: Iterator[Any]) -> Iterator[Any]:
    """The items that an object of a user's class with `__next__` still has."""
    while True:
        try:
            item = iterator.__next__()
        except StopIteration:
            return
        yield item


def next_or(iterator: Iterator[Any], default: Any) -> Any:
    """`next(iterator, default)` for an object of a user's class."""
    try:
        return iterator.__next__()
    except StopIteration:
        return default


def numbered_items(sequence: Any) -> Iterator[Any]:
    """The items of an object that has `__getitem__` only."""
    index = 0
    while True:
        try:
            item = sequence[index]
        except IndexError:
            return
        yield item
        index += 1


def zip_around(
    before: list[Any], source: Iterable[Any], after: list[Any]
) -> Iterator[tuple[Any, ...]]:
    """`zip(*before, source, *after)` as a loop over `source`; the others are sequences, or iterators without an end."""
    number = 0
    if _one_ends(before, number):
        return
    first = tuple([_item(other, number) for other in before])
    for item in iter(source):  # `iter`: the loop is all that refers to it
        if _one_ends(after, number):
            return
        yield (*first, item, *[_item(other, number) for other in after])
        number += 1
        if _one_ends(before, number):
            return
        first = tuple([_item(other, number) for other in before])


def _one_ends(sources: list[Any], number: int) -> bool:
    """Whether one of the sources has no such item; iterators before it have given theirs."""
    for place, source in enumerate(sources):
        if not hasattr(source, "__next__") and number >= len(source):
            for passed in sources[:place]:
                if hasattr(passed, "__next__"):
                    next(passed)
            return True
    return False


def _item(source: Any, number: int) -> Any:
    return next(source) if hasattr(source, "__next__") else source[number]


def zip_strictly(*sources: Any) -> Iterator[tuple[Any, ...]]:
    """`zip(*sources, strict=True)` of sequences."""
    length = min([len(source) for source in sources])
    for number in range(length):
        yield tuple([source[number] for source in sources])
    is_first = len(sources[0]) == length
    for place in range(1, len(sources)):
        if (len(sources[place]) == length) != is_first:
            word = "longer" if is_first else "shorter"
            others = f"argument {place}" if place == 1 else f"arguments 1-{place}"
            raise ValueError(f"zip() argument {place + 1} is {word} than {others}")


def find_any(items: Iterable[Any]) -> bool:
    """`any`."""
    for item in items:  # noqa: SIM110 - a loop, which is staged
        if item:
            return True
    return False


def find_all(items: Iterable[Any]) -> bool:
    """`all`."""
    for item in items:  # noqa: SIM110 - a loop, which is staged
        if not item:
            return False
    return True


def takewhile(predicate: Callable[[Any], Any], items: Iterable[Any]) -> Iterator[Any]:
    """The items before the first for which `predicate` does not hold."""
    for item in items:
        if not predicate(item):
            return
        yield item


def dropwhile(predicate: Callable[[Any], Any], items: Iterable[Any]) -> Iterator[Any]:
    """The items from the first on for which `predicate` does not hold."""
    dropping = True
    for item in items:
        if dropping and predicate(item):
            continue
        dropping = False
        yield item


def filterfalse(predicate: Callable[[Any], Any] | None, items: Iterable[Any]) -> Iterator[Any]:
    """The items for which `predicate` does not hold."""
    for item in items:
        if not (item if predicate is None else predicate(item)):
            yield item


def starmap(function: Callable[..., Any], items: Iterable[Iterable[Any]]) -> Iterator[Any]:
    """`function(*item)` of each item."""
    for item in items:
        yield function(*item)


def compress(items: Iterable[Any], selectors: Iterable[Any]) -> Iterator[Any]:
    """The items whose selector is true."""
    for item, selector in zip(items, selectors, strict=False):
        if selector:
            yield item


def accumulate(
    items: Iterable[Any], func: Callable[[Any, Any], Any] | None = None, *, initial: Any = None
) -> Iterator[Any]:
    """The results of combining ever more items."""
    total = initial
    if initial is not None:
        yield total
    for item in items:
        if total is None:
            total = item
        else:
            total = total + item if func is None else func(total, item)
        yield total


def from_iterable(sources: Iterable[Iterable[Any]]) -> Iterator[Any]:
    """`itertools.chain.from_iterable`."""
    for source in sources:
        for item in source:  # noqa: UP028 - as in `chain`
            yield item


def chain(*sources: Iterable[Any]) -> Iterator[Any]:
    """The items of one source after the other."""
    for source in sources:
        for item in source:  # noqa: UP028 - each source may be visited by a loop of run time
            yield item


def pairwise(items: Iterable[Any]) -> Iterator[Any]:
    """Each item with the one after it."""
    before = None
    is_first = True
    for item in items:
        if not is_first:
            yield before, item
        before = item
        is_first = False


def islice(items: Iterable[Any], *bounds: int | None) -> Iterator[Any]:
    """The items number `start` to `stop`, every `step`-th."""
    start, stop, step = 0, None, 1
    if len(bounds) == 1:
        stop = bounds[0]
    else:
        start, stop = bounds[0] or 0, bounds[1]
        step = (bounds[2] or 1) if len(bounds) == 3 else 1
    if stop is not None and stop <= start:
        return
    for number, item in enumerate(items):
        if number >= start and (number - start) % step == 0:
            yield item
        if stop is not None and number + 1 >= stop:
            return


def product(*sources: Iterable[Any], repeat: int = 1) -> Iterator[tuple[Any, ...]]:
    """Each combination of an item of every source."""
    pools = [list(source) for source in sources] * repeat
    yield from _with_each(pools, ())


def _with_each(pools: list[list[Any]], chosen: tuple[Any, ...]) -> Iterator[tuple[Any, ...]]:
    if len(pools) == 0:
        yield chosen
        return
    for item in pools[0]:
        yield from _with_each(pools[1:], (*chosen, item))


def combinations(iterable: Iterable[Any], r: int) -> Iterator[tuple[Any, ...]]:
    """Each choice of `r` items, in their order."""
    if r < 0:
        raise ValueError("r must be non-negative")
    yield from _with_later(list(iterable), r, 0, 1, ())


def combinations_with_replacement(iterable: Iterable[Any], r: int) -> Iterator[tuple[Any, ...]]:
    """The same, where an item may be chosen again."""
    if r < 0:
        raise ValueError("r must be non-negative")
    yield from _with_later(list(iterable), r, 0, 0, ())


def _with_later(
    pool: list[Any], count: int, start: int, step: int, chosen: tuple[Any, ...]
) -> Iterator[tuple[Any, ...]]:
    if count == 0:
        yield chosen
        return
    for place in range(start, len(pool)):
        yield from _with_later(pool, count - 1, place + step, step, (*chosen, pool[place]))


def permutations(iterable: Iterable[Any], r: int | None = None) -> Iterator[tuple[Any, ...]]:
    """Each choice of `r` items, in every order."""
    pool = list(iterable)
    count = len(pool) if r is None else r
    if count < 0:
        raise ValueError("r must be non-negative")
    yield from _with_others(pool, count, ())


def _with_others(pool: list[Any], count: int, places: tuple[int, ...]) -> Iterator[tuple[Any, ...]]:
    if count == 0:
        yield tuple([pool[place] for place in places])
        return
    for place in range(len(pool)):
        if place not in places:
            yield from _with_others(pool, count - 1, (*places, place))


def zip_longest(*sources: Iterable[Any], fillvalue: Any = None) -> Iterator[tuple[Any, ...]]:
    """As many tuples as the longest source has items."""
    lists = [list(source) for source in sources]
    for number in range(max([len(items) for items in lists])):
        yield tuple([items[number] if number < len(items) else fillvalue for items in lists])


def groupby(
    iterable: Iterable[Any], key: Callable[[Any], Any] | None = None
) -> Iterator[tuple[Any, Iterator[Any]]]:
    """Runs of items with the same key."""
    group: list[Any] = []
    before = None
    for item in iterable:
        name = item if key is None else key(item)
        if len(group) > 0 and name != before:
            yield before, iter(group)
            group = []
        group.append(item)
        before = name
    if len(group) > 0:
        yield before, iter(group)


def reduce(
    function: Callable[[Any, Any], Any], items: Iterable[Any], initial: Any = _MISSING
) -> Any:
    """All items combined into one value."""
    total = initial
    for item in items:
        total = item if total is _MISSING else function(total, item)
    if total is _MISSING:
        raise TypeError("reduce() of empty iterable with no initial value")
    return total
