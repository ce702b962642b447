"""What an op does besides computing its results, cheaply: answered per class and cached.

Built on xDSL's effect traits, which the `tfc` dialect sets on its ops too. An op without an effect
trait may do anything.
"""

from __future__ import annotations

from enum import Flag, auto

from tfc.dialects.tfc.base import TfcOp
from tfc.dialects.tfc.semantics.spec import Effect
from xdsl.dialects import linalg  # noqa: F401  # pyright: ignore[reportUnusedImport]
from xdsl.dialects.bufferization import MaterializeInDestinationOp
from xdsl.dialects.builtin import MemRefType
from xdsl.dialects.linalg.abstract_ops import LinalgStructuredOperation
from xdsl.ir import Operation
from xdsl.traits import (
    AlwaysSpeculatable,
    IsTerminator,
    MemoryAllocEffect,
    MemoryEffect,
    MemoryFreeEffect,
    MemoryReadEffect,
    MemoryWriteEffect,
    NoMemoryEffect,
    RecursiveMemoryEffect,
    SymbolOpInterface,
)


class Effects(Flag):
    """What an op may do besides computing its results."""

    NONE = 0
    READ = auto()
    WRITE = auto()
    ALLOC = auto()
    FREE = auto()
    UNKNOWN = auto()
    NESTED = auto()  # what the ops in its regions do
    TERMINATOR = auto()
    SYMBOL = auto()


_KINDS: tuple[tuple[type[MemoryEffect], Effects], ...] = (
    (MemoryReadEffect, Effects.READ),
    (MemoryWriteEffect, Effects.WRITE),
    (MemoryAllocEffect, Effects.ALLOC),
    (MemoryFreeEffect, Effects.FREE),
    (RecursiveMemoryEffect, Effects.NESTED),
)

_of_class: dict[type[Operation], Effects] = {}
_speculatable: dict[type[Operation], bool] = {}

# Integer division traps on a zero divisor, so it is pure but must not be moved to where it did
# not run before. xDSL marks these ops as always speculatable.
_TRAPPING = frozenset(
    f"arith.{name}"
    for name in ("divsi", "divui", "remsi", "remui", "ceildivsi", "ceildivui", "floordivsi")
)


# Upstream's are pure; xDSL does not say so.
_PURE = frozenset(("linalg.index", "vector.reduction"))

_OF_SPEC = {Effect.NONE: Effects.NONE, Effect.READ: Effects.READ, Effect.WRITE: Effects.WRITE}


def _compute(cls: type[Operation]) -> Effects:
    if issubclass(cls, TfcOp):
        return _OF_SPEC.get(cls.spec.effect, Effects.UNKNOWN)
    effects = Effects.NONE
    known = cls.name in _PURE
    if cls.has_trait(IsTerminator):
        effects |= Effects.TERMINATOR
    if cls.has_trait(SymbolOpInterface):
        effects |= Effects.SYMBOL
    for trait in cls.traits:
        if isinstance(trait, NoMemoryEffect):
            known = True
        for kind, effect in _KINDS:
            if isinstance(trait, kind):
                known = True
                effects |= effect
    return effects if known else effects | Effects.UNKNOWN


def class_effects(cls: type[Operation]) -> Effects:
    """The effects of an op class, not counting its regions (they are `NESTED`)."""
    effects = _of_class.get(cls)
    if effects is None:
        effects = _of_class[cls] = _compute(cls)
    return effects


def own_effects(op: Operation) -> Effects:
    """The effects of one op, not counting its regions (they are `NESTED`)."""
    if isinstance(op, LinalgStructuredOperation):
        # On tensors a structured op is its body; on buffers it writes them.
        if any(isinstance(value.type, MemRefType) for value in op.operands):
            return Effects.READ | Effects.WRITE | Effects.NESTED
        return Effects.NESTED
    if isinstance(op, MaterializeInDestinationOp):
        return Effects.NONE if op.results else Effects.READ | Effects.WRITE
    return class_effects(type(op))


def effects_of(op: Operation) -> Effects:
    """The effects of one op and of everything in its regions."""
    effects = own_effects(op)
    if Effects.NESTED not in effects:
        return effects
    effects &= ~Effects.NESTED
    for region in op.regions:
        for block in region.blocks:
            for inner in block.ops:
                effects |= effects_of(inner) & ~(Effects.TERMINATOR | Effects.SYMBOL)
                if Effects.UNKNOWN in effects:
                    return effects
    return effects


def is_pure(op: Operation) -> bool:
    """Whether the op does nothing but compute its results from its operands."""
    return not effects_of(op)


def is_speculatable(op: Operation) -> bool:
    """Whether the op may run where it did not before: pure and never traps."""
    if op.regions or not is_pure(op):
        return False
    cls = type(op)
    known = _speculatable.get(cls)
    if known is None:
        known = cls.name not in _TRAPPING and cls.has_trait(AlwaysSpeculatable)
        _speculatable[cls] = known
    return known


def is_trivially_dead(op: Operation) -> bool:
    """Whether the op can go: no result is used and nobody would notice.

    A read or an allocation that nobody uses is not noticed.
    """
    for result in op.results:
        if result.first_use is not None:
            return False
    return not is_noticed(op)


_UNNOTICED = Effects.READ | Effects.ALLOC


def is_noticed(op: Operation) -> bool:
    """Whether running `op` is visible beyond its results; stops at the first sign."""
    effects = own_effects(op)
    if effects & ~(_UNNOTICED | Effects.NESTED):
        return True
    if Effects.NESTED not in effects:
        return False
    for region in op.regions:
        for block in region.blocks:
            for inner in block.ops:
                if Effects.TERMINATOR not in own_effects(inner) and is_noticed(inner):
                    return True
    return False
