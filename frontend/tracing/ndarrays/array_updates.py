"""Changes of NumPy arrays in place: every name of the array sees them, and the caller's own array when the call ends.

In a trace an array is a tensor. The difference is in slices, which are views in NumPy: an assignment to a view changes the array
as well, and the other views that the program still has are made again. An array of known values that the program has made
is a plain ndarray; where it is changed, or meets another one where paths or iterations meet, the trace starts again and holds
it natively from the call on that made it.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn

import numpy as np
from tfc.core.convert import convert
from tfc.core.dtypes import can_hold
from tfc.core.errors import CompileError
from tfc.core.tensor import Tensor
from tfc.graph.nodes import Location
from tfc.ops.casting import cast
from tfc.ops.item_assignment import replace_value
from tfc.tracing import messages
from tfc.tracing.containers import rows
from tfc.tracing.inputs import Assumptions, Restart
from tfc.tracing.ndarrays import aliases, arrays, outer_arrays
from tfc.tracing.values.numbers import SymbolicNumber
from tfc.tracing.values.symbolic import KIND_DTYPES, SymbolicTensor

if TYPE_CHECKING:
    from tfc.tracing.frame import Frame
    from tfc.tracing.trace import Trace


Write = Callable[[Any, Any], None]
"""Assigns to an array the value that a view of it has now."""


class View(NamedTuple):
    """A view of an array."""

    item: weakref.ref[arrays.SymbolicArray]
    owner: Tensor
    read: Callable[[Any], Any]
    """Makes it of its owner, and a view of an ndarray in its owner's place."""
    write: Write | None
    """Assigns what it has become to its owner; None where that cannot be done."""


class KnownArrays:
    """The arrays of a trace, the views of them, and which of them are changed: all by identity."""

    __slots__ = ("arrays", "changed", "copied", "frozen", "made", "viewing", "views")

    def __init__(self) -> None:
        self.arrays: dict[int, SymbolicTensor] = {}
        self.views: dict[int, View] = {}
        """The views that somebody still has."""
        self.changed: set[int] = set()
        self.frozen: set[int] = set()
        """Arrays with a view that has left its branch or loop: what it is a view of is not known any more."""
        self.viewing: set[int] = set()
        """Arrays that paths or iterations gave which may be views of others."""
        self.made: dict[int, tuple[np.ndarray, Location]] = {}
        """Plain ndarrays that own their memory, with the call that made each."""
        self.copied: set[Location] = set()
        """The calls that made those of them of which there are copies of run time that Python does not make."""

    def owners(self, tensor: Tensor) -> Iterator[Tensor]:
        """A tensor, what it is a view of, and so on to the array itself."""
        yield tensor
        view = self.views.get(id(tensor))
        if view is not None:
            yield from self.owners(view.owner)

    def array_of(self, tensor: Tensor) -> int | None:
        """The array that a tensor is, or is a view of."""
        *_, last = self.owners(tensor)
        return id(last) if id(last) in self.arrays else None

    def is_view(self, tensor: Tensor) -> bool:
        """Whether a tensor is a view of an array, or may be one."""
        return id(tensor) in self.views or id(tensor) in self.viewing

    def note_copied(self, array: np.ndarray) -> None:
        """An array of run time is made of a plain one, or of a part of it: a change of it would not be seen by that one."""
        made = self.made.get(id(_owner_of(array)))
        if made is not None:
            self.copied.add(made[1])

    def leave(self, tensor: SymbolicTensor) -> None:
        """A tensor crosses the border of a branch or loop: as what it was a view of is lost."""
        if id(tensor) not in self.views:
            return
        array = self.array_of(tensor)
        if array is not None and array not in self.frozen:
            self.frozen.add(array)
            if array in self.changed:
                refuse(tensor._scope.trace.running, _VIEWED)


def note_view(
    frame: Frame, owner: Any, item: Any, read: Callable[[Any], Any], write: Write | None
) -> None:
    """`item` is `read(owner)`, which is a view in NumPy where `owner` is an array."""
    known = frame.trace.outer.arrays
    views = known.views
    if (
        not isinstance(item, arrays.SymbolicArray)
        or not item.type.shape
        or known.array_of(owner) is None
    ):
        return
    name = id(item)
    known.arrays.pop(name, None)
    views[name] = View(weakref.ref(item, lambda _: views.pop(name, None)), owner, read, write)


def note_item(frame: Frame, owner: Any, item: Any, key: Any) -> None:
    """`item` is `owner[key]`, which is a view in NumPy where `owner` is an array."""

    def write(owner: Any, value: Any) -> None:
        owner[key] = value

    note_view(frame, owner, item, lambda owner: owner[key], write)


def note_made(frame: Frame, made: np.ndarray) -> Any:
    """An array of known values that a call or operator has just given: as it is held."""
    known = frame.trace.outer.arrays
    owner = _owner_of(made)
    outer = frame.trace.guards.outer_arrays
    if id(owner) in known.made or id(owner) in outer or id(made) in outer:
        return made  # no new one
    if frame.location in frame.trace.assumptions.native_arrays and can_hold(made.dtype):
        return arrays.new_array(frame.trace.as_symbolic(convert(made)))
    known.made[id(owner)] = (owner, frame.location)
    return made


def _owner_of(array: np.ndarray) -> np.ndarray:
    """The array whose memory this one looks at."""
    while isinstance(array.base, np.ndarray):
        array = array.base
    return array


def require_native(trace: Trace, *values: Any) -> None:
    """Paths meet with different arrays: start again with those natively held whose values were thought to be known."""
    known = trace.outer.arrays
    found: set[Location] = set()
    for value in values:
        made = known.made.get(id(_owner_of(value))) if isinstance(value, np.ndarray) else None
        if made is not None and can_hold(value.dtype):
            found.add(made[1])
    if found - trace.assumptions.native_arrays:
        needed = Assumptions(native_arrays=frozenset(found))
        raise Restart(needed, trace.location, "an array that differs from path to path")


def item_of_outer(frame: Frame, item: Any, key: Any) -> Any:
    """What an index gives of an array from outside: a view of it can be read only."""
    made = arrays.new_array(item)
    if is_view_key(key) and made.type.shape:
        frame.trace.outer.arrays.viewing.add(id(made))
    return made


def is_view_key(key: Any) -> bool:
    """Whether NumPy makes a view for this index, not a copy."""
    items = key if isinstance(key, tuple) else (key,)
    return not any(
        isinstance(item, list | np.ndarray) or (isinstance(item, Tensor) and item.type.shape)
        for item in items
    )


def is_changed_in_place(frame: Frame, tensor: Any) -> bool:
    """Whether `tensor` is an array, which is about to be changed."""
    known = frame.trace.outer.arrays
    array = known.array_of(tensor) if known.arrays else None
    if array is None:
        return False
    if known.copied - frame.trace.assumptions.native_arrays:
        needed = Assumptions(native_arrays=frozenset(known.copied))
        raise Restart(needed, frame.location, "a change of an array")
    known.changed.add(array)
    views = [known.views[id(owner)] for owner in known.owners(tensor) if id(owner) in known.views]
    is_known = array not in known.frozen and array not in known.viewing
    if not is_known or any(view.write is None for view in views):
        refuse(frame, _VIEWED)
    return True


def propagate(frame: Frame, tensor: Any) -> None:
    """`tensor` has been changed: what it is a view of changes with it, and so does every other view of that, and their rows."""
    known = frame.trace.outer.arrays
    current = {id(tensor)}
    rows.changed(frame, tensor)
    while id(tensor) in known.views:
        view = known.views[id(tensor)]
        assert view.write is not None
        view.write(view.owner, tensor.snapshot())
        tensor = view.owner
        current.add(id(tensor))
        rows.changed(frame, tensor)
    for name, view in tuple(known.views.items()):  # owners come before their views
        item = view.item()
        if item is None or name in current or not item._scope.alive:
            continue
        if known.array_of(item) == id(tensor):
            replace_value(item, view.read(view.owner))
            rows.changed(frame, item)


def as_content(frame: Frame, tensor: Tensor, value: Any) -> Any:
    """`value`, to be assigned to an item of `tensor`: in its dtype for an array, as NumPy casts it."""
    if not is_changed_in_place(frame, tensor):
        return value
    kind = value.kind if isinstance(value, SymbolicNumber) else value.__class__
    converted = convert(value, KIND_DTYPES.get(kind))
    return cast(converted, tensor.type.dtype)


def update(
    frame: Frame, array: Tensor, plain: Callable[[Any, Any], Any], increment: Any
) -> Tensor | None:
    """`array <op>= increment`, in place for an array; None for any other tensor, or beside one: that gives a new tensor."""
    if isinstance(increment, Tensor) and not isinstance(increment, arrays.SymbolicArray):
        return None
    if not is_changed_in_place(frame, array):
        return None
    result = convert(plain(array, increment))
    require_castable(result.type.dtype, array.type.dtype)
    aliases.require_alone(frame, array)
    array[...] = cast(result, array.type.dtype)
    propagate(frame, array)
    return array


def require_castable(result: np.dtype, array: np.dtype) -> None:
    """What a ufunc gives goes into arrays of the same kind only."""
    if not np.can_cast(result, array, "same_kind"):
        raise TypeError(f"Cannot cast the result from dtype('{result}') to dtype('{array}')")


def change_outer_array(frame: Frame, about: str) -> None:
    """An array from outside is about to be changed: start again with it as what array arguments are."""
    if about not in frame.trace.assumptions.changed_arrays:
        needed = Assumptions(changed_arrays=frozenset((about,)))
        raise Restart(needed, frame.location, "a change of an array")


def change_plain_array(frame: Frame, array: Any) -> NoReturn:
    """A plain ndarray, or one from outside, is about to be changed: start again with it held natively, or refuse."""
    if array.__class__ is outer_arrays.OuterArray:
        change_outer_array(frame, array.about)
    made = frame.trace.outer.arrays.made.get(id(_owner_of(array)))
    if made is not None and made[1] not in frame.trace.assumptions.native_arrays:
        needed = Assumptions(native_arrays=frozenset((made[1],)))
        raise Restart(needed, frame.location, "a change of an array")
    _, about = frame.trace.guards.outer_arrays.get(id(array), (None, None))
    if about is not None:
        change_outer_array(frame, about)
    refuse(frame)


_VIEWED = "slices of arrays are views, those of tensors are copies"


def refuse(frame: Frame, because: str = "") -> NoReturn:
    """Refuse a change of an array."""
    what = "a NumPy array is changed in place"
    raise CompileError(
        "TFC007",
        f"{what} of which there is a view" if because else f"{what} inside a compiled function",
        "make it a tensor first: x = tf.constant(x); then x[i] = v works",
        messages.site_of_frame(frame),
        because,
    )
