"""Random numbers that a generator computes before they are asked for.

A generator's counter says which numbers come next, and a program mostly draws in rounds: the same shapes again and again. So once
a kind of draw has come twice at the same distance, the numbers of the next rounds are computed in one go, which takes little
longer than those of one round. They are looked up by the state that they belong to: where the stream goes on differently,
they are not found, and what is drawn never depends on what was computed ahead.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from tfc.core.variable import Variable
from tfc.dialects.tfc.semantics import random as semantics
from tfc.dialects.tfc.semantics.spec import OpSpec

_MOST_NUMBERS = 1024
"""Numbers of a draw from which on there is nothing to gain."""
_MOST_BYTES = 1 << 16
"""Bytes that are computed at once, of one kind of draw."""
_MOST_DRAWS = 64
_FIRST_DRAWS = 8
_MOST_KINDS = 32
_WORD = 1 << 64

Kind = tuple[Any, ...]
"""An op, a dtype and the sizes of a shape."""
_Draw = tuple[np.ndarray, np.ndarray]
"""Numbers, and the generator's state behind them."""


def kind_of(spec: OpSpec, shape: Any, dtype: np.dtype) -> Kind | None:
    """The kind of a draw; None for a shape that is anything but a list or tuple of ints."""
    if shape.__class__ is not list and shape.__class__ is not tuple:
        return None
    for size in shape:
        if size.__class__ is not int:
            return None
    return (spec, dtype, *shape)


class Ahead:
    """The eager draws of one generator."""

    __slots__ = ("rounds",)

    def __init__(self) -> None:
        self.rounds: dict[Kind, _Rounds] = {}

    def __reduce__(self) -> Any:
        return Ahead, ()  # a copy of a generator computes its own

    def draw(self, state: Variable, kind: Kind) -> np.ndarray | None:
        """The numbers of a kind, the state moved on behind them; None for a draw that is computed by itself.

        Pre-condition: no trace is active.
        """
        rounds = self.rounds.get(kind)
        if rounds is None:
            rounds = self._add(kind)
        if not rounds.is_useful:
            return None
        array = state._array
        found = None if array is None else rounds.known.pop(array.tobytes(), None)
        if found is None:
            found = rounds.look_ahead(state)
            if found is None:
                return None
        numbers, state._array = found
        return numbers

    def _add(self, kind: Kind) -> _Rounds:
        if len(self.rounds) >= _MOST_KINDS:
            self.rounds.clear()
        spec, dtype, *shape = kind
        rounds = self.rounds[kind] = _Rounds(spec, tuple(shape), dtype)
        return rounds


class _Rounds:
    """Draws of one kind."""

    __slots__ = (
        "count",
        "distance",
        "draws",
        "dtype",
        "is_useful",
        "known",
        "last",
        "shape",
        "spec",
    )

    def __init__(self, spec: OpSpec, shape: tuple[int, ...], dtype: np.dtype) -> None:
        self.spec, self.shape, self.dtype = spec, shape, dtype
        self.count = math.prod(shape)
        is_small = 0 < self.count <= _MOST_NUMBERS and min(shape, default=1) > 0
        self.is_useful = is_small and spec in semantics.AHEAD
        self.known: dict[bytes, _Draw] = {}
        """What has been computed ahead, by state."""
        self.last = 0
        """The counter of the draw before."""
        self.distance = 0
        """How far that one was from the one before it."""
        self.draws = _FIRST_DRAWS

    def look_ahead(self, state: Variable) -> _Draw | None:
        """The draw at `state`, with those computed that are to come; None when it is not known which."""
        if state.type.dtype != semantics.INT64 or state.type.shape != (3,):
            return None  # the op says so
        low, high, key = state.array().view(np.uint64).tolist()
        counter = high << 64 | low
        distance = 0 if self.known else counter - self.last
        is_periodic = 0 < distance == self.distance
        self.last, self.distance = counter, distance
        draws = min(self.draws, _MOST_BYTES // (self.count * self.dtype.itemsize))
        last = low + draws * distance + self.count * semantics.RESERVED
        if not is_periodic or last >= _WORD:
            self.known.clear()  # what is left was computed for other rounds
            self.draws = _FIRST_DRAWS
            return None
        self.draws = min(2 * self.draws, _MOST_DRAWS)
        self.last += (draws - 1) * distance
        before = np.array([(low, high, key)] * draws, np.uint64)
        before[:, 0] += np.arange(draws, dtype=np.uint64) * np.uint64(distance)
        after = before.copy()
        after[:, 0] += np.uint64(self.count * semantics.RESERVED)
        numbers = semantics.filled_ahead(self.spec, before, self.count, self.dtype)
        numbers = numbers.reshape(draws, *self.shape)
        names = before.view("V24").ravel().tolist()
        rows = list(numbers) if self.shape else [numbers[i, ...] for i in range(draws)]
        computed = dict(zip(names, zip(rows, after.view(np.int64), strict=True), strict=True))
        first = computed.pop(names[0])
        self.known = computed
        return first
