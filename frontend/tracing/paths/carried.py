"""What a staged loop carries from one iteration to the next."""

from __future__ import annotations

from collections.abc import Iterator, Set
from typing import Any

from tfc.graph.nodes import Location
from tfc.tracing.containers import rows
from tfc.tracing.containers.sharing import Origins as Sharings
from tfc.tracing.ndarrays.aliases import Aliases, Origins
from tfc.tracing.paths import leaving, staging
from tfc.tracing.paths.journal import Place
from tfc.tracing.paths.originals import Owning
from tfc.tracing.strings import held_text
from tfc.tracing.trace import Trace
from tfc.tracing.values.abstract import Const, Skeleton, abstract
from tfc.tracing.values.identity import containers_in, keeping
from tfc.tracing.values.symbolic import SymbolicTensor


class Carried:
    """A place that changes from one iteration to the next, and the skeleton that its values fit.

    What the values before and after an iteration hold in common, such as an object in a tuple that is made anew, is `kept`, as is
    what another variable names from before the loop: it crosses as the very object that it is, and its contents are a place of
    their own. Where that object is the initial value only, it crosses as a copy, until a change of either shows the difference:
    then the trace starts again and keeps it.
    """

    __slots__ = (
        "copied_by",
        "end",
        "initial",
        "is_noted",
        "kept",
        "place",
        "shared",
        "sharing",
        "skeleton",
        "widened",
    )

    def __init__(
        self, place: Place, initial: Any, skeleton: Skeleton, kept: Set[int] = frozenset()
    ) -> None:
        self.place = place
        self.initial = initial
        self.skeleton = skeleton
        self.kept = kept
        self.is_noted = False
        """Whether its items are known to be rows of it, now that it grows."""
        self.widened = 0
        """How often the skeleton has changed."""
        self.copied_by: Location | None = None
        """The loop, when it carries copies of objects that have other names."""
        self.end: Origins = frozenset()
        """What its tensors may be at the end of an iteration."""
        self.shared: Origins = frozenset()
        """What else they may be at the beginning of one: the same as those of another place."""
        self.sharing = Sharings()
        """What may hold the containers and tensors in it at the end of an iteration."""

    def flatten(self, trace: Trace, value: Any, out: list[SymbolicTensor]) -> None:
        with keeping(self.kept):
            self.skeleton.flatten(trace, value, out)

    def joined(self, trace: Trace, value: Any) -> Skeleton:
        """The skeleton that fits another value, too."""
        with keeping(self.kept):
            wider = staging.join_at(trace, self.place, self.skeleton, abstract(value))
        self.widened += wider != self.skeleton
        return held_text.joined_in_loop(wider, self.widened)

    def origins(self, aliases: Aliases) -> Origins:
        """What its tensors may be at the beginning of an iteration."""
        if self.place.kind == "value":
            return aliases.of(self.place.owner)
        return aliases.of(self.initial) | self.shared | {aliases.name(self)}

    def assign(self, trace: Trace, tensors: Iterator[SymbolicTensor], origins: Origins) -> None:
        """Give the place the value that some tensors carry."""
        value = trace.journal.received(self.skeleton.rebuild(tensors))
        trace.journal.hold_as_themselves(leaving.held_by_growing(self.skeleton))
        if self.copied_by is not None:
            trace.journal.copies(containers_in(value).values(), self.copied_by)
        staging.note_made(
            trace, value, [self.initial], [trace.journal.sharing], self.sharing, self.kept
        )
        if self.place.kind != "value":
            trace.journal.aliases.merged(value, origins, self.kept)
        staging.assign_place(trace, self.place, value)
        is_contents = self.place.kind == "contents"
        made = tuple(leaving.parts_of_contents(value)) if is_contents else value
        rows.note_held_in(trace, made, [self.initial], self)


class CarriedRow(Carried):
    """Which row of a container the value of a carried place stands for, as long as that is known."""

    __slots__ = ("container",)

    def __init__(self, carried: Carried, container: Any) -> None:
        skeleton = rows.RowNumber(id(container))
        super().__init__(rows.Standing(carried.place, container), carried.initial, skeleton)
        self.container = container

    def forget(self) -> None:
        self.container, self.skeleton = None, Const(None)

    def joined(self, trace: Trace, value: Any) -> Skeleton:
        return self.skeleton

    def assign(self, trace: Trace, tensors: Iterator[SymbolicTensor], origins: Origins) -> None:
        number = self.skeleton.rebuild(tensors)
        if self.container is not None:
            rows.stand(trace, self.place.get(), [self.initial], self.container, number)


class CarriedOwning(Carried):
    """Whether the value of a carried place is an object of the caller's."""

    __slots__ = ("carried", "owning")

    def __init__(self, carried: Carried, owning: Owning) -> None:
        super().__init__(owning, carried.initial, owning.skeleton)
        self.carried = carried
        self.owning = owning

    def joined(self, trace: Trace, value: Any) -> Skeleton:
        return self.skeleton

    def assign(self, trace: Trace, tensors: Iterator[SymbolicTensor], origins: Origins) -> None:
        is_own = self.skeleton.rebuild(tensors)
        crossed = self.carried.kept | containers_in(self.initial).keys()
        self.owning.note_copies(trace, self.place.get(), crossed, is_own)


State = dict[tuple[str, int, str], Carried]
