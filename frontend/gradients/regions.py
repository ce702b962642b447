"""What a tape does when a branch, a loop or a call is recorded: its part of the tape is taken out, and becomes one entry."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import Any, ClassVar

from tfc.core.tensor import Tensor
from tfc.core.variable import Variable
from tfc.dialects.tfc.semantics.dtypes import is_float
from tfc.gradients.entries import Active, RegionRecord, TapeEntry
from tfc.gradients.explanation import Edge, edges_of


class Regions:
    """The regions of compiled functions, for `GradientTape`."""

    has_regions: ClassVar[bool] = True

    _reads: list[tuple[Variable, Tensor]]
    _tracked: dict[int, Any]
    _variables: dict[int, Variable]
    _used: Any
    _saved: set[int]
    _links: list[Edge]
    _is_reset_inside: bool

    @property
    @abstractmethod
    def _entries(self) -> list[TapeEntry]: ...

    @_entries.setter
    @abstractmethod
    def _entries(self, entries: list[TapeEntry]) -> None: ...

    def open_region(self, arguments: Sequence[Tensor]) -> Any:
        """What follows belongs to a branch or loop; `close_region` takes what this returns.

        Whether the arguments depend on something watched is known when the region is complete: until then they are tracked.
        """
        state = (self._entries, self._reads, self._tracked, self._variables, self._used)
        tracked = len(self._tracked)
        self._track_floats(arguments)
        return state, len(self._entries), len(self._reads), tracked

    def close_region(self, mark: Any) -> RegionRecord:
        """Take out what was recorded since `mark`; a `gradient` in one branch does not use up the tape for the others."""
        state, entries, reads, tracked = mark
        is_reset = state[0] is not self._entries
        later = (self._entries, self._reads) if is_reset else ([], [])
        self._is_reset_inside |= is_reset
        self._entries, self._reads, self._tracked, self._variables, self._used = state
        new: dict[int, Any] = {}
        while len(self._tracked) > tracked:
            key, value = self._tracked.popitem()
            new[key] = value
        self._tracked.update({key: new[key] for key in new.keys() & self._saved})
        record = RegionRecord(
            self._entries[entries:] + later[0], self._reads[reads:] + later[1], new
        )
        del self._entries[entries:]
        del self._reads[reads:]
        return record

    def track(self, arguments: Sequence[Tensor], record: RegionRecord) -> None:
        """The values of a finished region may be used in the one that is open."""
        self._track_floats(arguments)
        for entry in record.entries:
            self._track_floats(entry.outputs)

    def _track_floats(self, tensors: Sequence[Tensor]) -> None:
        self._tracked.update({t.key: t for t in tensors if is_float(t.type.dtype)})

    def track_saved(self, tensor: Tensor) -> None:
        """A branch or loop gives one more value, for the sake of a gradient."""
        self._saved.add(tensor.key)
        self._tracked[tensor.key] = tensor

    def adopt(self, record: RegionRecord) -> None:
        """What a region recorded goes on in straight line."""
        self._entries += record.entries
        self._reads += record.reads
        self._tracked.update(record.tracked)

    def put(self, entries: Sequence[TapeEntry]) -> None:
        """Ops and branches that nobody told of, in the order in which they happened."""
        for entry in entries:
            self._tracked.update({tensor.key: tensor for tensor in entry.outputs})
        self._entries += entries

    def record_control(self, entry: TapeEntry) -> None:
        """A branch or loop that depends on something watched."""
        active = Active(self._tracked)
        entry.activate(active)
        if active.keys:
            for tensor in entry.outputs:
                if tensor.key in active.keys:
                    self._tracked[tensor.key] = tensor
            self._entries.append(entry)
        else:
            self._links += edges_of([entry])
