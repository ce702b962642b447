"""`heapq`, `bisect` and other library functions that compare or call the user's values, written as Python.

Conditions on tensors are staged in here as in the user's own code. Heaps are laid out as `heapq` lays them out.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np

# -- heaps --------------------------------------------------------------------------------------


def _rise(heap: list[Any], top: int, place: int) -> None:
    """Move the item at `place` up to where its parent is not greater, no further than `top`."""
    item = heap[place]
    while place > top:
        parent = (place - 1) // 2
        if not item < heap[parent]:
            break
        heap[place] = heap[parent]
        place = parent
    heap[place] = item


def _sink(heap: list[Any], top: int) -> None:
    """Move the item at `top` to the bottom along the smaller children, then up to its place."""
    item = heap[top]
    place = top
    child = 2 * place + 1
    while child < len(heap):
        if child + 1 < len(heap) and not heap[child] < heap[child + 1]:
            child += 1
        heap[place] = heap[child]
        place = child
        child = 2 * place + 1
    heap[place] = item
    _rise(heap, top, place)


def heappush(heap: list[Any], item: Any, /) -> None:
    """`heapq.heappush`."""
    heap.append(item)
    _rise(heap, 0, len(heap) - 1)


def heappop(heap: list[Any], /) -> Any:
    """`heapq.heappop`."""
    last = heap.pop()
    if len(heap) == 0:
        return last
    return heapreplace(heap, last)


def heapreplace(heap: list[Any], item: Any, /) -> Any:
    """`heapq.heapreplace`."""
    least = heap[0]
    heap[0] = item
    _sink(heap, 0)
    return least


def heappushpop(heap: list[Any], item: Any, /) -> Any:
    """`heapq.heappushpop`."""
    if len(heap) > 0 and heap[0] < item:
        return heapreplace(heap, item)
    return item


def heapify(heap: list[Any], /) -> None:
    """`heapq.heapify`."""
    for place in reversed(range(len(heap) // 2)):
        _sink(heap, place)


def nsmallest(n: int, iterable: Iterable[Any], key: Callable[[Any], Any] | None = None) -> Any:
    """`heapq.nsmallest`."""
    return sorted(iterable, key=key)[: max(n, 0)]


def nlargest(n: int, iterable: Iterable[Any], key: Callable[[Any], Any] | None = None) -> Any:
    """`heapq.nlargest`."""
    return sorted(iterable, key=key, reverse=True)[: max(n, 0)]


# -- sorted lists -------------------------------------------------------------------------------


def bisect_left(
    a: Any, x: Any, lo: int = 0, hi: int | None = None, *, key: Callable[[Any], Any] | None = None
) -> int:
    """`bisect.bisect_left`."""
    if lo < 0:
        raise ValueError("lo must be non-negative")
    end = len(a) if hi is None else hi
    while lo < end:
        middle = (lo + end) // 2
        if (a[middle] if key is None else key(a[middle])) < x:
            lo = middle + 1
        else:
            end = middle
    return lo


def bisect_right(
    a: Any, x: Any, lo: int = 0, hi: int | None = None, *, key: Callable[[Any], Any] | None = None
) -> int:
    """`bisect.bisect_right`."""
    if lo < 0:
        raise ValueError("lo must be non-negative")
    end = len(a) if hi is None else hi
    while lo < end:
        middle = (lo + end) // 2
        if x < (a[middle] if key is None else key(a[middle])):
            end = middle
        else:
            lo = middle + 1
    return lo


def insort_left(
    a: Any, x: Any, lo: int = 0, hi: int | None = None, *, key: Callable[[Any], Any] | None = None
) -> None:
    """`bisect.insort_left`."""
    a.insert(bisect_left(a, x if key is None else key(x), lo, hi, key=key), x)


def insort_right(
    a: Any, x: Any, lo: int = 0, hi: int | None = None, *, key: Callable[[Any], Any] | None = None
) -> None:
    """`bisect.insort_right`."""
    a.insert(bisect_right(a, x if key is None else key(x), lo, hi, key=key), x)


# -- containers ---------------------------------------------------------------------------------


def ordered(apply: Callable[[Any, Any], Any], x: Any, y: Any) -> Any:
    """`x < y` and the like for lists and tuples: the first items that differ decide."""
    for a, b in zip(x, y, strict=False):
        if a == b:
            continue
        return apply(a, b)
    return apply(len(x), len(y))


def print_items(items: list[Any], sep: str = " ", **options: Any) -> None:
    """`print(*items)`."""
    print(sep.join([str(item) for item in items]), **options)


def fromkeys(cls: type, iterable: Iterable[Any], value: Any = None, /) -> Any:
    """`dict.fromkeys`."""
    made: Any = cls()
    for key in iterable:
        made[key] = value
    return made


def elements(counts: Any, /) -> Any:
    """`Counter.elements`."""
    for item, count in counts.items():
        for _ in range(count):
            yield item


def move_to_end(entries: Any, key: Any, last: bool = True) -> None:
    """`OrderedDict.move_to_end`."""
    value = entries.pop(key)
    others = [] if last else list(entries.items())
    if not last:
        entries.clear()
    entries[key] = value
    for name, other in others:
        entries[name] = other


# -- numbers ------------------------------------------------------------------------------------


def repeated(items: Iterable[Any], times: int) -> list[Any]:
    """`list(items) * times`."""
    out: list[Any] = []
    for _ in range(times):
        out.extend(items)
    return out


def dist(p: Iterable[Any], q: Iterable[Any], /) -> float:
    """`math.dist`."""
    return math.hypot(*[a - b for a, b in zip(p, q, strict=True)])


def modf(x: float, /) -> tuple[float, float]:
    """`math.modf`."""
    whole = float(math.trunc(x))
    return math.copysign(x - whole, x), math.copysign(whole, x)


# -- context managers ---------------------------------------------------------------------------


def leave_stack(stack: Any, kind: Any, error: BaseException | None, traceback: Any, /) -> bool:
    """`contextlib.ExitStack.__exit__`."""
    pending = error
    while stack._exit_callbacks:
        _, leave = stack._exit_callbacks.pop()
        try:
            if leave(kind, pending, traceback):
                kind = pending = traceback = None
        except BaseException as raised:
            kind, pending, traceback = type(raised), raised, None
    if pending is not None and pending is not error:
        raise pending
    return error is not None and pending is None


# -- dataclasses --------------------------------------------------------------------------------


def compare_records(apply: Callable[[Any, Any], Any], x: Any, y: Any) -> Any:
    """What `dataclass` writes for a comparison."""
    if y.__class__ is x.__class__:
        return apply(_compared(x), _compared(y))
    return NotImplemented


def _compared(record: Any) -> tuple[Any, ...]:
    return tuple(
        [getattr(record, item.name) for item in dataclasses.fields(record) if item.compare]
    )


def ndenumerate(array: np.ndarray) -> Iterator[tuple[tuple[int, ...], Any]]:
    """`np.ndenumerate`."""
    for place in np.ndindex(array.shape):
        yield place, array[place]


def require_strings(items: Iterable[Any]) -> None:
    """What `str.join` asks of its items."""
    for number, item in enumerate(items):
        if not isinstance(item, str):
            raise TypeError(
                f"sequence item {number}: expected str instance, {type(item).__name__} found"
            )
