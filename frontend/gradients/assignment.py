"""Tapes and item assignment: entries refer to values, and a tensor object has one value after another."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from tfc.core.dispatch import apply_late
from tfc.core.recording import STATE
from tfc.core.tensor import Tensor
from tfc.dialects.tfc.semantics import shape

if TYPE_CHECKING:
    from tfc.gradients.entries import TapeEntry


def held(tensors: Sequence[Tensor]) -> tuple[Tensor, ...]:
    """Tensors as a tape keeps them. In a trace they are copies, which no assignment reaches."""
    if STATE.recorder is None:
        return tuple(tensors)
    return tuple([tensor.snapshot() for tensor in tensors])


def watchable(tensor: Tensor) -> Tensor:
    """The value of a tensor that is to be watched; in a trace, a constant becomes a value of its own."""
    recorder = STATE.recorder
    if recorder is not None and tensor.__class__ is Tensor:
        recorder.assign_tensor(tensor, apply_late(shape.identity, tensor))
    return held([tensor])[0]


class Assignments:
    """Which assignments a tape has heard of. Outside of traces entries hold the tensors themselves: they are renamed on use."""

    __slots__ = ("_known", "_made", "_scanned", "watched")

    def __init__(self) -> None:
        self.watched: dict[int, tuple[Tensor, Tensor]] = {}
        """Watched tensors by identity, with the values that they were watched with."""
        self._made: list[tuple[int, Tensor, Tensor]] = []
        """The number of entries before an assignment, the tensor, and another one with its values from before."""
        self._known: set[int] = set()
        """The keys of the tensors of the first `_scanned` entries."""
        self._scanned = 0

    @property
    def were_made(self) -> bool:
        """Whether entries may refer to tensors that have other values now, or are known not to."""
        return bool(self._made or self._known)

    def watch(self, tensor: Tensor, value: Tensor) -> None:
        self.watched[id(tensor)] = (tensor, value)

    def source(self, tensor: Any) -> Any:
        """What a tensor means as a source: the value that it was watched with, else the one that it has now."""
        found = self.watched.get(id(tensor))
        return tensor if found is None else found[1]

    def knows(self, tensor: Tensor, entries: Sequence[TapeEntry]) -> bool:
        """Whether an entry refers to a tensor."""
        for entry in entries[self._scanned :]:
            self._known.update([item.key for item in (*entry.inputs, *entry.outputs)])
        self._scanned = len(entries)
        return tensor.key in self._known

    def note(self, tensor: Tensor, before: Tensor) -> None:
        """`tensor`, which the entries so far were asked for, is about to get other values than those of `before`."""
        if self.source(tensor) is tensor and id(tensor) in self.watched:
            self.watch(tensor, before)
        self._made.append((self._scanned, tensor, before))

    def take_names(self) -> Iterator[tuple[int, dict[int, Tensor]]]:
        """For entries that may need it, by their number: the tensors that stand for others, by identity. Forgets them."""
        made, names = self._made, dict[int, Tensor]()
        index = made[-1][0] if made else 0
        while index:
            index -= 1
            while made and made[-1][0] > index:
                _, tensor, before = made.pop()
                names[id(tensor)] = before
            yield index, names
        made.clear()
        self._known.clear()
        self._scanned = 0
