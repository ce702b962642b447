"""Buffers, where tensor values live in them, and the places that a value would best be put."""

from __future__ import annotations

from dataclasses import dataclass, field

from tfc.passes.bufferize.liveness import Liveness
from tfc.passes.builders import memref_type
from xdsl.dialects.builtin import DYNAMIC_INDEX, MemRefType, NoneAttr, TensorType
from xdsl.ir import Attribute, Block, Operation, SSAValue

FOREVER = 1 << 62


@dataclass(eq=False)
class Buffer:
    """One piece of memory. All live values in `holders` have the content it has now."""

    memref: SSAValue
    writable: bool
    scratch: bool = False
    """Nobody outside waits for a certain value here: free for reuse once it is dead."""
    home: Block | None = None
    """The block that has to free it or pass it on; None if somebody else does."""
    holders: list[SSAValue] = field(default_factory=list[SSAValue])
    pinned_until: int = -1
    """The content must stay until this position."""
    written: bool = False
    given: bool = False
    """A branch has handed it on or freed it: the block that it was handed to has nothing left to free."""
    aliases: frozenset[Buffer] = frozenset()
    """After a loop whose buffers changed roles: those that this one may be."""

    def may_be(self, other: Buffer) -> bool:
        """Whether the two may be the same memory."""
        return self is other or other in self.aliases or not self.aliases.isdisjoint(other.aliases)

    def can_overwrite(self, liveness: Liveness, op: Operation) -> bool:
        """Whether `op` may destroy the content. (What `op` itself reads is the caller's affair.)

        Values that will never be read again are dropped from the holders on the way, so that a
        chain of updates costs linear time.
        """
        if not self.writable or self.pinned_until > liveness.position(op):
            return False
        holders = self.holders
        alive = [value for value in holders if liveness.is_read_after(value, op)]
        if alive:
            return False
        position = liveness.position(op)
        self.holders = [
            value
            for value in holders
            if any(read.position >= position for read in liveness.reads(value))
        ]
        return True


@dataclass(frozen=True)
class Place:
    """Where a tensor value lives: a buffer, and the memref that shows it as the value's shape."""

    buffer: Buffer
    memref: SSAValue

    @property
    def type(self) -> MemRefType:
        """The memref's type."""
        type = self.memref.type
        assert isinstance(type, MemRefType)
        return type


@dataclass(frozen=True)
class Undefined:
    """A `tensor.empty`: it gets memory when somebody writes it."""

    type: TensorType
    sizes: tuple[SSAValue, ...]


def shape_of(type: Attribute) -> tuple[int, ...]:
    """The shape of a tensor or memref type, `DYNAMIC_INDEX` for `?`."""
    assert isinstance(type, TensorType | MemRefType)
    return tuple([size.data for size in type.shape.data])


def is_static(type: Attribute) -> bool:
    """Whether every dimension is known."""
    return DYNAMIC_INDEX not in shape_of(type)


def buffer_type(type: Attribute) -> MemRefType:
    """The memref with identity layout for a tensor type."""
    assert isinstance(type, TensorType)
    return memref_type(shape_of(type), type.element_type)


def is_contiguous(type: MemRefType) -> bool:
    """Whether the layout is the identity."""
    return isinstance(type.layout, NoneAttr)
