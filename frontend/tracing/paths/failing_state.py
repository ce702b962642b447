"""What was assigned before an exception ends the call stays assigned, as in Python.

A path that fails first hands the outside state that it has changed to the host: contents of outer objects, cells, globals and
variables. A path that does not fail pays nothing.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from types import CellType, ModuleType
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from tfc.core.tensor import Tensor
from tfc.core.variable import Variable
from tfc.dialects.tfc.semantics import host, state
from tfc.dialects.tfc.semantics.types import VariableType
from tfc.graph.control import CALL, FAIL, FOR, WHILE
from tfc.graph.nodes import Node, Region, Value
from tfc.tracing import effects
from tfc.tracing.ndarrays import array_updates
from tfc.tracing.paths import outgoing
from tfc.tracing.paths.journal import Place
from tfc.tracing.values import number_checks
from tfc.tracing.values.symbolic import SymbolicTensor

if TYPE_CHECKING:
    from tfc.gradients.calls import CallTape
    from tfc.tracing.trace import Trace
    from tfc.tracing.values.abstract import Skeleton


class OuterState:
    """What a trace knows of the state outside that the program changes."""

    __slots__ = (
        "arrays",
        "assigned",
        "compares",
        "containers",
        "hand_overs",
        "own_cells",
        "owners",
        "tape",
        "tensors",
        "unites",
    )

    def __init__(self, unites: bool) -> None:
        self.owners: dict[int, tuple[Any, str]] = {}
        """Containers and objects among the arguments, by identity, with where the caller's own are found."""
        self.containers: list[tuple[Any, str]] = []
        """The caller's own containers and objects among the arguments, with where they are: one may be in several places."""
        self.compares = False
        """Whether the program asks which of them are the same object."""
        self.tensors: list[tuple[Tensor | np.ndarray, SymbolicTensor, str]] = []
        """Tensors and arrays of the world outside, what stands for each, and where it is found."""
        self.tape: CallTape | None = None
        """What follows the tensors from outside that the tapes around the call follow."""
        self.unites = unites
        """Whether the same object under two names is one tensor: it is assigned somewhere."""
        self.arrays = array_updates.KnownArrays()
        self.own_cells: dict[int, CellType] = {}
        """Cells that interpreted code has made, by identity: all others are outside."""
        self.assigned: dict[int, Variable] = {}
        """Variables that are assigned somewhere."""
        self.hand_overs: set[int] = set()
        """The host functions to which paths that fail hand over what they have changed, by number."""

    def add_tensor(self, value: Tensor | np.ndarray, inner: SymbolicTensor, path: str) -> None:
        """Note what stands for a tensor or array of the world outside."""
        self.tensors.append((value, inner, path))
        if self.tape is not None:
            self.tape.enter(value, inner, path)

    def united(self, value: Tensor | np.ndarray) -> SymbolicTensor | None:
        """What stands for an object of the world outside that has another name already."""
        if not self.unites:
            return None
        return next((inner for known, inner, _ in self.tensors if known is value), None)


class Kept(NamedTuple):
    """An outer place with what it holds where the program fails."""

    place: Place
    target: Callable[[Any], Any] | None
    """Finds the caller's own object among the arguments of the call; None for what is no argument."""
    skeleton: Skeleton


class Handed(NamedTuple):
    """The places that a failing program has changed, and what it has put there."""

    kept: list[Kept]
    common: list[outgoing.Common]
    own: outgoing.FindOwn | None
    arrays: list[np.ndarray]


class _Failed(threading.local):
    kept: Handed | None = None


_FAILED = _Failed()


def take_kept() -> Handed | None:
    """What the program that has just failed in this thread handed over."""
    kept, _FAILED.kept = _FAILED.kept, None
    return kept


def outer_changes(trace: Trace) -> list[tuple[Place, Callable[[Any], Any] | None]]:
    """The outer places that the current path has changed, with how they are found at a call."""
    first: dict[tuple[str, int, str], tuple[Place, Any]] = {}
    for mark in trace.journal.marks:
        for identity, entry in mark.saved.items():
            first.setdefault(identity, entry)
    found: list[tuple[Place, Callable[[Any], Any] | None]] = []
    for place, before in first.values():
        target = target_of(trace, place)
        if target is None:
            continue
        if not place.is_same(before, place.get()):
            found.append((place, target[0]))
    return found


def target_of(trace: Trace, place: Place) -> tuple[Callable[[Any], Any] | None] | None:
    """How a change of outer state is made real; None for objects that the trace itself made."""
    if place.kind == "cell":
        return (None,) if id(place.owner) in trace.outer_cells else None
    if id(place.owner) in trace.outer.owners:
        return (trace.guards.compiled(trace.outer.owners[id(place.owner)][1], "a"),)
    if place.kind == "value":
        found = [path for _, inner, path in trace.outer.tensors if inner is place.owner]
        return (trace.guards.compiled(found[0], "a"),) if found else None
    outer = trace.guards.paths.get(id(place.owner))
    if outer is not None:
        return (trace.guards.compiled(outer[1], "a"),)
    is_shared = place.kind == "item" or isinstance(place.owner, type | ModuleType)
    return (None,) if is_shared else None


def keep_state(trace: Trace, error: BaseException) -> None:
    """Append code that hands over what the current path, which is about to fail, has changed."""
    if isinstance(error, number_checks.BeyondNativeError):
        return  # the call is done again
    changes = outer_changes(trace)
    if not changes:
        return
    out = outgoing.leave(trace, [place.get() for place, _ in changes])
    kept = [Kept(*pair, skeleton) for pair, skeleton in zip(changes, out.skeletons, strict=True)]

    def hand_over(*arrays: np.ndarray) -> tuple[()]:
        _FAILED.kept = Handed(kept, out.common, out.own, [np.array(array) for array in arrays])
        return ()

    trace.outer.hand_overs.add(host.register(hand_over))
    effects.emit_host_call(trace, hand_over, out.tensors)


def has_state(trace: Trace) -> bool:
    """Whether the current path has changed anything that outlives the call."""
    return bool(trace.outer.assigned) or bool(outer_changes(trace))


def keep_variables(trace: Trace) -> None:
    """Where the program fails after it may have assigned variables, hand over their values."""
    if not trace.outer.assigned:
        return
    variables = list(trace.outer.assigned.values())
    keeper = _Keeper(trace, variables, [trace.handle(variable) for variable in variables])
    keeper.region(trace.graph.body, False)
    for region in trace.graph.functions.values():
        keeper.region(region, True)


class _Keeper:
    """Puts the hand-over of some variables in front of the nodes that raise."""

    def __init__(self, trace: Trace, variables: list[Variable], handles: list[Value]) -> None:
        self.trace = trace
        self.variables = variables
        self.handles = handles

    def region(self, region: Region, is_dirty: bool) -> bool:
        """Visit a region; whether a variable may have been assigned at its end."""
        nodes: list[Node] = []
        for node in region.nodes:
            if node.spec is state.assign or node.spec is CALL:
                is_dirty = True
            elif node.spec is FAIL and is_dirty and not self._is_repeated(node):
                nodes += self.hand_over(node)
            elif node.regions:
                is_loop = node.spec is FOR or node.spec is WHILE
                before = is_dirty or (is_loop and any(map(_assigns, node.regions)))
                ends = [self.region(inner, before) for inner in node.regions]
                is_dirty = before or any(ends)
            nodes.append(node)
        region.nodes[:] = nodes
        return is_dirty

    def _is_repeated(self, failing: Node) -> bool:
        error = self.trace.failures[failing.attributes["failure"]].error
        return isinstance(error, number_checks.BeyondNativeError)

    def hand_over(self, failing: Node) -> list[Node]:
        """Nodes that give the variables the values that they have here."""
        variables = self.variables

        def assign(*arrays: np.ndarray) -> tuple[()]:
            for variable, array in zip(variables, arrays, strict=True):
                variable._array = np.array(array)
            return ()

        kinds: list[Any] = [handle.type for handle in self.handles]
        assert all(isinstance(kind, VariableType) for kind in kinds)
        reads = [
            Node(state.read, [handle], {}, [kind.content], failing.location)
            for handle, kind in zip(self.handles, kinds, strict=True)
        ]
        values = [read.outputs[0] for read in reads]
        attributes = {"function": host.register(assign), "result_types": ()}
        return [*reads, Node(host.host_call, values, attributes, [], failing.location)]


def _assigns(region: Region) -> bool:
    return any(node.spec is state.assign or node.spec is CALL for node in region.walk())
