"""Which tensor objects a merged one may be: an assignment changes all names of an object, so it must be known which those are.

    y = x if c else z          # a new tensor while tracing, in Python x or z
    y[0] = 1                   # is refused while x or z has another name that is in use

Every tensor stands for itself. A tensor that comes out of merged paths or of a loop stands for those that it was made of. Two
that stand for a common tensor may be the same object; then neither can be assigned while the other can be reached.
"""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator, Set
from types import FunctionType, ModuleType
from typing import Any

from tfc.core.errors import CompileError
from tfc.core.tensor import Tensor
from tfc.tracing import messages
from tfc.tracing.frame import Frame
from tfc.tracing.inputs import Assumptions, Restart
from tfc.tracing.iteration import iterables, producers
from tfc.tracing.values import structures
from tfc.tracing.values.symbolic import Choice

Origins = frozenset[int]
"""What a tensor may be: tensors, and what a place held at the end of an earlier iteration, by identity."""


class Aliases:
    """What merged tensors stand for."""

    __slots__ = ("_kept", "_origins", "_standing", "assignments", "pinned")

    def __init__(self) -> None:
        self._origins: dict[int, Origins] = {}
        self._standing: dict[int, list[Tensor]] = {}
        """The merged tensors that may be a certain object."""
        self._kept: dict[int, Any] = {}
        """What has been named by its identity."""
        self.pinned: Origins = frozenset()
        """What every level of a recursion may have: it is always in use."""
        self.assignments = 0
        """How many assignments have been seen."""

    def name(self, item: Any) -> int:
        """The identity of something that is kept for it."""
        self._kept[id(item)] = item
        return id(item)

    def of(self, value: Any) -> Origins:
        """What the tensors in a value may be."""
        found: set[int] = set()
        for tensor in tensors_in(value):
            found.update(self._origins.get(id(tensor)) or (self.name(tensor),))
        return frozenset(found)

    def met(self, made: Any, values: Any) -> None:
        """`made` stands for one of some values. Those of their tensors that are in it have crossed as themselves."""
        given = {id(tensor): tensor for tensor in tensors_in(values)}
        crossed = given.keys() & [id(tensor) for tensor in tensors_in(made)]
        others = [tensor for name, tensor in given.items() if name not in crossed]
        self.merged(made, self.of(others), crossed)

    def merged(self, made: Any, origins: Origins, crossed: Set[int] = frozenset()) -> None:
        """The tensors in `made` that are new may each be any of `origins`, but for those that have `crossed` as themselves."""
        for tensor in tensors_in(made):
            if id(tensor) in crossed or id(tensor) in origins:
                continue
            self._origins[self.name(tensor)] = origins
            for origin in origins:
                self._standing.setdefault(origin, []).append(tensor)

    def pin(self, made: Any) -> None:
        """The tensors in `made` are arguments of a function that calls itself."""
        pinned = self.name([*tensors_in(made)])
        self.pinned |= {pinned}
        self.merged(made, frozenset((pinned,)))

    def is_pinned(self, tensor: Tensor) -> bool:
        return not self.pinned.isdisjoint(self._origins.get(id(tensor), ()))

    def others(self, tensor: Tensor) -> dict[int, Tensor]:
        """The other tensors that may be the same object, by identity."""
        origins = self._origins.get(id(tensor)) or (id(tensor),)
        found = {id(item): item for origin in origins for item in self._standing.get(origin, ())}
        found |= {
            origin: item for origin in origins if isinstance(item := self._kept.get(origin), Tensor)
        }
        found.pop(id(tensor), None)
        return found


def tensors_in(value: Any) -> Iterator[Tensor]:
    """The tensors in a value, as far as it is containers and objects of users."""
    seen: set[int] = set()
    pending = [value]
    while pending:
        item = pending.pop()
        if isinstance(item, Tensor):
            yield item
        elif item.__class__ is Choice:
            pending.extend(reversed(item.alternatives))
        elif id(item) not in seen and _has_parts(item):
            seen.add(id(item))
            pending.extend(reversed(structures.struct_children(item)))


def _has_parts(value: Any) -> bool:
    is_container = isinstance(value, list | tuple | dict) or structures.is_record(type(value))
    return is_container and structures.struct_keys(value) is not None


def met_by_name(frame: Frame) -> dict[int, Tensor]:
    """The tensors that the program can reach here, by identity, where those are to cross as themselves; else none."""
    if not frame.trace.assumptions.keeps_tensors:
        return {}
    return {id(item): item for item in reachable(frame) if isinstance(item, Tensor)}


def require_alone(frame: Frame, tensor: Tensor) -> None:
    """`tensor` is about to be assigned: refuse it where another one that is in use may be the same object."""
    trace = frame.trace
    trace.journal.aliases.assignments += 1
    others = trace.journal.aliases.others(tensor)
    if trace.journal.aliases.is_pinned(tensor) or (
        others and any(id(item) in others for item in reachable(frame))
    ):
        if not trace.assumptions.keeps_tensors:
            needed = Assumptions(keeps_tensors=True)
            raise Restart(needed, trace.location, "which names are one tensor")
        raise CompileError(
            "TFC008",
            "an item is assigned of a tensor that, depending on the path, is another one that is still in use",
            "give the variable a tensor of its own before: x = tf.identity(x)",
            messages.site_of_frame(frame),
            "the assignment would have to change that one too, on some paths only",
        )


def reachable(frame: Frame) -> Iterator[Any]:
    """What the program can still reach, that of its caller included."""
    trace = frame.trace
    pending: list[Any] = [owner for owner, _ in trace.outer.owners.values()]
    pending += [inner for _, inner, _ in trace.outer.tensors]
    for step in trace.live_frames(frame):
        pending += [step, *step.linked]
    seen: dict[int, Any] = {}
    while pending:
        value = pending.pop()
        if id(value) in seen:
            continue
        seen[id(value)] = value
        yield value
        if not isinstance(value, Tensor):
            pending += _held_by(value)


def _held_by(value: Any) -> Iterable[Any]:
    """What an object refers to, as far as programs can get at it."""
    if isinstance(value, FunctionType):
        return [*(value.__closure__ or ()), *(value.__defaults__ or ())]
    if isinstance(value, type | ModuleType):
        return ()
    if isinstance(value, Frame):
        return [*value.vars.values(), *value.cells.values()]
    is_own = type(value).__module__.startswith("tfc.")
    if is_own and not isinstance(value, Choice | producers.Producer | iterables.StagedIterable):
        return ()
    return gc.get_referents(value)
