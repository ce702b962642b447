"""Which argument is what: the words of the native entry and of host calls.

Kept as plain data: it goes into the artifact, and running from the disk cache must not need xDSL.
"""

from __future__ import annotations

from tfc.dialects.records import Record

REPORT_WORDS = 8
"""The words behind those of a call in which it reports what its message shows, when it fails."""

#: For each argument or result: its element type as MLIR spells it, its shape with -1 for `?`.
ArrayShape = tuple[int, ...]


class ArraySpec(Record):
    """An array at the boundary: element type (`f32`, `i1`, ...) and shape, -1 where the size is
    known at run time.

    Example:
        ArraySpec("f32", (-1, 4))
    """

    dtype: str
    shape: ArrayShape

    @property
    def unknown(self) -> int:
        """How many sizes travel beside the pointer."""
        return self.shape.count(-1)


class ResultSpec(Record):
    """A result: its array, and whether the callee allocates it (some size is known at run time
    only).
    """

    array: ArraySpec
    dynamic: bool


class EntrySignature(Record):
    """Arguments and results of `@main`, or of a host call, in the order of its words.

    `updates` lists the arguments that the callee writes (variables). `scalars` marks the arguments
    of a host call that are a plain word.
    """

    arguments: tuple[ArraySpec, ...]
    results: tuple[ResultSpec, ...]
    updates: tuple[int, ...] = ()
    scalars: tuple[int, ...] = ()

    @property
    def words(self) -> int:
        """Number of words, without the status words."""
        total = sum(1 + a.unknown for a in self.arguments) - sum(
            self.arguments[k].unknown for k in self.scalars
        )
        return total + sum(1 + r.array.unknown for r in self.results)
