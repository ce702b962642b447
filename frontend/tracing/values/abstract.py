"""What values of different paths have in common, and how they cross the border of a region.

`abstract(value)` is the skeleton of a value: `Const` for what is the same Python object on every path, `Array` and `Number` for
what is held natively, containers of these, and `Union` where nothing better is common. `join` finds the skeleton that fits
two values; `flatten` gives the tensors of a value as a skeleton wants them, `rebuild` makes the value from tensors again.
"""

from __future__ import annotations

import functools
from collections import deque
from collections.abc import Iterator
from typing import Any, cast

import numpy as np
from tfc.core.convert import convert
from tfc.core.dtypes import can_hold
from tfc.core.errors import CompileError
from tfc.core.recording import STATE
from tfc.core.tensor import Tensor
from tfc.core.unwritten import Unwritten
from tfc.dialects.records import Record
from tfc.dialects.tfc.semantics.dtypes import is_float
from tfc.dialects.tfc.semantics.types import ArrayType
from tfc.graph.control import CONSTANT
from tfc.tracing import messages
from tfc.tracing.containers import growable
from tfc.tracing.frame import UNBOUND
from tfc.tracing.ndarrays import array_updates, arrays, outer_arrays
from tfc.tracing.paths import staging
from tfc.tracing.strings import held_text, text
from tfc.tracing.trace import Trace
from tfc.tracing.values import primitives, structures, unwritten
from tfc.tracing.values.adapting import DEFAULT_DTYPES, is_wider, number_becomes
from tfc.tracing.values.identity import is_itself, is_kept, same_constant
from tfc.tracing.values.numbers import SymbolicNumber, fits_int64
from tfc.tracing.values.symbolic import KIND_DTYPES, Choice, SymbolicTensor

TAG = np.dtype(np.int64)


class Skeleton(Record):
    """Base of the kinds of skeleton."""

    __slots__ = ()

    def leaves(self) -> list[Any]:
        """What carries such a value: types of tensors, and the skeletons of containers that grow at run time."""
        return []

    @property
    def runs_python(self) -> bool:
        """Whether making the tensors of a value runs Python, which only the path that has the value may."""
        return False

    def types(self) -> list[ArrayType]:
        """The types of the tensors that carry such a value."""
        found: list[ArrayType] = []
        for leaf in self.leaves():
            found += [leaf] if isinstance(leaf, ArrayType) else leaf.types()
        return found

    def flatten(self, trace: Trace, value: Any, out: list[SymbolicTensor]) -> None:
        """Append the tensors that carry `value`; records casts and constants."""

    def rebuild(self, tensors: Iterator[SymbolicTensor]) -> Any:
        """A value carried by `tensors`."""
        raise NotImplementedError

    def zeros(self, trace: Trace, out: list[SymbolicTensor]) -> None:
        """Append tensors for a value that is never looked at."""
        self._fill(trace, out, 0)

    def ones(self, trace: Trace, out: list[SymbolicTensor]) -> None:
        """`zeros`, but ones for floats: what follows in a statement that has raised may have no derivative at zero."""
        self._fill(trace, out, 1)

    def _fill(self, trace: Trace, out: list[SymbolicTensor], real: int) -> None:
        for kind in self.types():
            shape = tuple(0 if size is None else size for size in kind.shape)
            value = real if is_float(kind.dtype) else 0
            out.append(trace.as_symbolic(filled(trace, kind.dtype, shape, value)))


def filled(trace: Trace, dtype: np.dtype, shape: tuple[int, ...], value: int) -> Tensor:
    """A tensor of equal elements."""
    if int(np.prod(shape)) <= 16:
        return Tensor._wrap(np.full(shape, value, dtype))
    scalar = trace.constant(value, dtype)
    return primitives.function_named("broadcast_to")(scalar, shape)


class Const(Skeleton):
    """The very same object, or an equal immutable one."""

    value: Any

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Const) and same_constant(self.value, other.value)

    def __hash__(self) -> int:
        return id(self.value)

    def rebuild(self, tensors: Iterator[SymbolicTensor]) -> Any:
        return self.value


class Array(Skeleton):
    """A tensor, or an array of NumPy."""

    kind: ArrayType
    is_numpy: bool = False
    is_view: bool = False
    """Whether it may be a view of another array: it is not known of which any more, so that it can be read only."""
    has_varying_sizes: bool = False
    """Whether such values may have different sizes, from path to path or from iteration to iteration."""

    def leaves(self) -> list[Any]:
        return [self.kind]

    def flatten(self, trace: Trace, value: Any, out: list[SymbolicTensor]) -> None:
        if isinstance(value, SymbolicNumber):
            out.append(primitives.cast(value.tensor, self.kind.dtype))
        elif isinstance(value, bool | int | float):
            out.append(trace.constant(value, self.kind.dtype))
        elif value.__class__ is Choice:
            flatten_choice(self, trace, value, out)
        else:
            if value.__class__ is arrays.SymbolicArray and trace.frame is not None:
                trace.outer.arrays.leave(value)
            tensor = value
            if isinstance(value, np.ndarray | np.generic):
                trace.outer.arrays.note_copied(cast("Any", value))
                tensor = convert(value)
            elif value.__class__ is Unwritten:
                tensor = unwritten.filled_up(trace, self.kind, value.items)
            out.append(trace.as_symbolic(tensor).snapshot())

    def rebuild(self, tensors: Iterator[SymbolicTensor]) -> Any:
        tensor = next(tensors)
        if self.has_varying_sizes and isinstance(tensor, SymbolicTensor):
            tensor._scope.trace.sizes.note(tensor._value)
        if not self.is_numpy:
            return tensor
        made = arrays.new_array(tensor)
        if self.is_view:
            made._scope.trace.outer.arrays.viewing.add(id(made))
        return made


class Number(Skeleton):
    """A Python number that is known at run time."""

    kind: type

    def leaves(self) -> list[Any]:
        return [ArrayType(KIND_DTYPES[self.kind], ())]

    def flatten(self, trace: Trace, value: Any, out: list[SymbolicTensor]) -> None:
        if isinstance(value, SymbolicNumber):
            out.append(value.as_kind(self.kind))
        else:
            out.append(trace.constant(self.kind(value), KIND_DTYPES[self.kind]))

    def rebuild(self, tensors: Iterator[SymbolicTensor]) -> Any:
        return SymbolicNumber(self.kind, next(tensors))


class Struct(Skeleton):
    """A container with a fixed set of keys: list, tuple, named tuple, dict, or an object by its attributes."""

    cls: type
    keys: tuple[Any, ...]
    items: tuple[Skeleton, ...]
    factory: Any = None
    """That of a `defaultdict`."""

    @property
    def runs_python(self) -> bool:
        return any(item.runs_python for item in self.items)

    def leaves(self) -> list[Any]:
        return [leaf for item in self.items for leaf in item.leaves()]

    def flatten(self, trace: Trace, value: Any, out: list[SymbolicTensor]) -> None:
        if value.__class__ is Choice:
            flatten_choice(self, trace, value, out)
            return
        is_unwritten = value.__class__ is Unwritten
        children = (unwritten.parts if is_unwritten else structures.children_at)(value, self.keys)
        for item, child in zip(self.items, children, strict=True):
            item.flatten(trace, child, out)

    def rebuild(self, tensors: Iterator[SymbolicTensor]) -> Any:
        values = [item.rebuild(tensors) for item in self.items]
        made = structures.make_struct(self.cls, self.keys, values, self.factory)
        if isinstance(made, tuple) and made and STATE.recorder is not None:
            cast(Any, STATE.recorder).journal.rebuilt[id(made)] = made
        return made


class Union(Skeleton):
    """One of several; a tag says which. The first tensor is the tag.

    An alternative that all the others become next to it (`adapting`) is carried with that value on every path.
    """

    alternatives: tuple[Skeleton, ...]

    @property
    def widest(self) -> int:
        """The number of the alternative that all the others become next to it; -1 when there is none."""
        return next(
            (
                index
                for index, item in enumerate(self.alternatives)
                if all(other is item or _becomes(other, item) for other in self.alternatives)
            ),
            -1,
        )

    @property
    def runs_python(self) -> bool:
        return any(item.runs_python for item in self.alternatives)

    def leaves(self) -> list[Any]:
        return [ArrayType(TAG, ()), *[leaf for item in self.alternatives for leaf in item.leaves()]]

    def flatten(self, trace: Trace, value: Any, out: list[SymbolicTensor]) -> None:
        widest = self.widest
        if not isinstance(value, Choice):
            slot = self.slot_of(abstract(value))
            out.append(trace.constant_tag(slot))
            for index, item in enumerate(self.alternatives):
                there = index in (slot, widest)
                item.flatten(trace, value, out) if there else item.zeros(trace, out)
            return
        slots = [self.slot_of(abstract(item)) for item in value.alternatives]
        out.append(map_tag(trace, value.tag, slots))
        for index, item in enumerate(self.alternatives):
            here = [index in (slot, widest) for slot in slots]
            if index == widest and value.adapted is not None:
                item.flatten(trace, value.adapted, out)
            elif any(here) and item.runs_python:
                flatten_choice(item, trace, value, out, here)
            elif sum(here) == 1:
                item.flatten(trace, value.alternatives[here.index(True)], out)
            elif not any(here):
                item.zeros(trace, out)
            else:
                _select(item, trace, value, here, out)

    def slot_of(self, skeleton: Skeleton) -> int:
        """The alternative that holds such a value."""
        for index, item in enumerate(self.alternatives):
            if item == skeleton or merge(item, skeleton) == item:
                return index
        raise KeyError(skeleton)

    def rebuild(self, tensors: Iterator[SymbolicTensor]) -> Any:
        tag, widest = next(tensors), self.widest
        values = [item.rebuild(tensors) for item in self.alternatives]
        node = tag._value.node
        if node is not None and node.spec is CONSTANT:
            return values[int(node.attributes["value"])]
        return Choice(tag, values, values[widest] if widest >= 0 else None)


def tensor_dtype(skeleton: Skeleton) -> np.dtype | None:
    """The dtype that a number or tensor has as a tensor, when nothing asks for another one."""
    if isinstance(skeleton, Array):
        return skeleton.kind.dtype
    kind = _number_of(skeleton)
    return None if kind is None else DEFAULT_DTYPES[kind]


def describe(skeleton: Skeleton) -> str:
    """A skeleton in the user's words."""
    if isinstance(skeleton, Array):
        return f"{skeleton.kind}"
    if isinstance(skeleton, Number):
        return f"a Python {skeleton.kind.__name__}"
    if isinstance(skeleton, Const):
        value = skeleton.value
        return (
            "nothing"
            if value is UNBOUND
            else repr(value)
            if value is None
            else type(value).__name__
        )
    if isinstance(skeleton, Struct):
        inner = ", ".join(map(describe, skeleton.items[:3])) + ", ..." * (len(skeleton.items) > 3)
        return f"{skeleton.cls.__name__} of ({inner})"
    if isinstance(skeleton, Union):
        return " or ".join(map(describe, skeleton.alternatives))
    return "what grows at run time"


def _select(
    item: Skeleton, trace: Trace, value: Choice, here: list[bool], out: list[SymbolicTensor]
) -> None:
    """Append the tensors of those alternatives that are `here`, all of which fit `item`: pick by the tag."""
    if any(None in kind.shape for kind in item.types()):
        flatten_choice(item, trace, value, out, here)
        return
    picked: list[SymbolicTensor] | None = None
    for position, alternative in enumerate(value.alternatives):
        if not here[position]:
            continue
        given: list[SymbolicTensor] = []
        item.flatten(trace, alternative, given)
        if picked is not None:
            is_this = equals_tag(trace, value.tag, position)
            given = [
                primitives.select(is_this, new, old) for new, old in zip(given, picked, strict=True)
            ]
        picked = given
    out.extend(picked or ())


def flatten_choice(
    skeleton: Skeleton,
    trace: Trace,
    value: Choice,
    out: list[SymbolicTensor],
    fits: list[bool] | None = None,
) -> None:
    """Append the tensors of a choice all of whose alternatives fit `skeleton`, or those that `fits` says."""

    def tensors_of(number: int) -> tuple[SymbolicTensor, ...]:
        tensors: list[SymbolicTensor] = []
        if fits is None or fits[number]:
            skeleton.flatten(trace, value.alternatives[number], tensors)
        else:
            skeleton.zeros(trace, tensors)
        return tuple(tensors)

    frame = trace.frame or trace.entry
    assert frame is not None
    arms = [lambda number=number: tensors_of(number) for number in range(len(value.alternatives))]
    out.extend(staging.switch(frame, value.tag, arms))


def equals_tag(trace: Trace, tag: SymbolicTensor, index: int) -> SymbolicTensor:
    """Whether a tag is `index`."""
    return primitives.apply_named("equal", tag, trace.constant_tag(index))


def map_tag(trace: Trace, tag: SymbolicTensor, slots: list[int]) -> SymbolicTensor:
    """The tag translated through a table."""
    if slots == list(range(len(slots))):
        return tag
    result = trace.constant_tag(slots[0])
    for index, slot in enumerate(slots):
        if slot != slots[0]:
            chosen = trace.constant_tag(slot)
            result = primitives.select(equals_tag(trace, tag, index), chosen, result)
    return result


def is_number(value: Any) -> bool:
    return value.__class__ in (bool, int, float)


def abstract(value: Any) -> Skeleton:
    """The skeleton of a value."""
    kind = value.__class__
    if kind is arrays.SymbolicArray:
        return Const(value) if is_kept(value) else abstract_parts(value)
    if isinstance(value, SymbolicTensor) or kind is Tensor:
        if is_kept(value):
            return Const(value)
        varies = isinstance(value, SymbolicTensor) and _vary(value)
        return Array(value.type, has_varying_sizes=varies)
    if kind is outer_arrays.OuterArray:
        if value.trace.frame is None:
            # The function has returned it: the array itself, not a tensor.
            outer_arrays.require_values(value)
        return Array(value.tensor.type, True, True)
    if kind is np.ndarray and not is_kept(value) and is_made_by_each_call(value):
        return abstract_parts(value)
    if kind is SymbolicNumber:
        return Number(value.kind)
    if kind is Choice:
        merged: Skeleton | None = None
        for item in value.alternatives:
            skeleton = abstract(item)
            merged = skeleton if merged is None else _into_union(merged, skeleton)
        assert merged is not None
        return merged
    if value is UNBOUND or value is None or kind is Unwritten:
        return Const(value)
    if isinstance(value, str | bytes | bool | int | float):
        return Const(value)
    if kind is text.SymbolicText:
        return text.abstract_text(value)
    if is_itself(value):
        return Const(value)
    return abstract_parts(value)


def _vary(tensor: SymbolicTensor) -> bool:
    """Whether a tensor may have other sizes at other times."""
    return tensor._scope.trace.sizes.vary(tensor._value)


def abstract_parts(value: Any) -> Skeleton:
    """The skeleton of an object by what it holds, also where it is the very object that it is."""
    kind = value.__class__
    if kind is arrays.SymbolicArray:
        is_view = value._scope.trace.outer.arrays.is_view(value)
        return Array(value.type, True, is_view, _vary(value))
    if kind is np.ndarray:
        return Array(ArrayType(value.dtype, value.shape), True, _is_from_outside(value))
    if isinstance(value, _GROWING) and len(value) == 1:
        buffer = growable.growable_of(value) or growable.table_of(value)
        if buffer is not None:
            return growable.Grow(buffer.item, kind, structures.factory_of(value))
    keys = structures.struct_keys(value)
    if keys is None:
        return Const(value)
    opened: set[int] = cast(Any, STATE.recorder).identities.open
    if id(value) in opened:
        _refuse_cycle(value)
    opened.add(id(value))
    try:
        items = tuple([abstract(item) for item in structures.struct_children(value)])
    finally:
        opened.discard(id(value))
    return Struct(kind, keys, items, structures.factory_of(value))


def _refuse_cycle(value: Any) -> Any:
    raise CompileError(
        "TFC012",
        f"a {type(value).__name__} holds itself where paths of the program meet",
        "give objects numbers, and let them hold the numbers of others: nodes[node.next]",
        messages.site_of_frame(cast(Any, STATE.recorder).frame),
        "what branches and loops on tensors make is held natively, by its parts",
    )


def abstract_key(key: Any) -> Skeleton:
    """The skeleton of a key among keys of run time: numbers in it are held natively."""
    if isinstance(key, tuple):
        keys = structures.struct_keys(key)
        assert keys is not None
        return Struct(type(key), keys, tuple(map(abstract_key, key)))
    if key.__class__ is Choice:
        return functools.reduce(join, map(abstract_key, key.alternatives))
    if key.__class__ is arrays.SymbolicArray:
        return abstract_parts(key)
    kind = _number_of(Const(key)) if is_number(key) else None
    return abstract(key) if kind is None else Number(kind)


_GROWING = (list, deque, tuple, dict, set, frozenset)
"""Classes of what may grow at run time."""


def _is_from_outside(array: Any) -> bool:
    """Whether a known array is one from outside of the trace, or a view of one: where paths meet it can be read only."""
    recorder: Any = STATE.recorder
    while recorder is not None and array is not None:
        if id(array) in recorder.guards.outer_arrays:
            return True
        array = getattr(array, "base", None)
    return False


def is_made_by_each_call(array: np.ndarray) -> bool:
    """Whether a known array leaves the function, which made it: each call gives one of its own."""
    recorder: Any = STATE.recorder
    if recorder is None or recorder.frame is not None:
        return False
    return id(array) not in recorder.guards.outer_arrays and can_hold(array.dtype)


def _into_union(left: Skeleton, right: Skeleton) -> Skeleton:
    alternatives = list(left.alternatives) if isinstance(left, Union) else [left]
    for item in right.alternatives if isinstance(right, Union) else (right,):
        for index, old in enumerate(alternatives):
            merged = merge(old, item)
            if merged is not None:
                alternatives[index] = merged
                break
        else:
            alternatives.append(item)
    return alternatives[0] if len(alternatives) == 1 else Union(tuple(alternatives))


def join(left: Skeleton, right: Skeleton) -> Skeleton:
    """The skeleton that fits values of both: a common one, or a union."""
    if left == right:
        return left
    merged: Skeleton | None = None
    if not (isinstance(left, Union) or isinstance(right, Union)):
        merged = merge(left, right)
    if merged is None:
        merged = held_text.without_many_forms(left, right, _into_union(left, right))
    return merged


def merge(left: Skeleton, right: Skeleton) -> Skeleton | None:
    """A skeleton without union at its top that fits both; None when there is none."""
    if left == right:
        return left
    rows = unwritten.merged(left, right)
    if rows is not None:
        return rows
    one, two = array_of(left, right), array_of(right, left)
    if one is not None and two is not None:
        return merge_arrays(one, two)
    kind = _number_of(left)
    if kind is not None:
        return Number(kind) if kind is _number_of(right) else None
    text_held = held_text.merged(left, right)
    if text_held is not None:
        return text_held
    grown = _merge_growing(left, right)
    if grown is not None:
        return grown
    if isinstance(left, Struct) and isinstance(right, Struct):
        if left.cls is not right.cls or left.factory != right.factory:
            return None
        if left.keys != right.keys:
            return _merge_keys(left, right)
        items = tuple(map(join, left.items, right.items))
        return Struct(left.cls, left.keys, items, left.factory)
    return None


def _merge_keys(left: Struct, right: Struct) -> Struct | None:
    """Dicts and objects with different keys: the entries that one lacks are unbound in it. None when their order differs."""
    if not (issubclass(left.cls, dict | set | frozenset) or structures.is_record(left.cls)):
        return None
    keys = merge_order(left.keys, right.keys)
    if keys is None:
        return None
    parts = [dict(zip(struct.keys, struct.items, strict=True)) for struct in (left, right)]
    missing = Const(UNBOUND)
    items = [join(parts[0].get(key, missing), parts[1].get(key, missing)) for key in keys]
    return Struct(left.cls, keys, tuple(items), left.factory)


def without_unbound(skeleton: Skeleton) -> Skeleton:
    """The skeleton of the values of an entry on the paths where it is there."""
    if not isinstance(skeleton, Union):
        return skeleton
    there = [item for item in skeleton.alternatives if item != Const(UNBOUND)]
    return there[0] if len(there) == 1 else Union(tuple(there))


def merge_order(left: tuple[Any, ...], right: tuple[Any, ...]) -> tuple[Any, ...] | None:
    """All keys in an order that both agree with; None when there is none."""
    merged: list[Any] = []
    rest = list(left)
    for key in right:
        if key in rest:
            position = rest.index(key) + 1
            merged += rest[:position]
            rest = rest[position:]
        elif key in merged:
            return None
        else:
            merged.append(key)
    return (*merged, *rest)


def _merge_growing(left: Skeleton, right: Skeleton) -> Skeleton | None:
    """Lists of different lengths become one that grows at run time; None for anything else."""
    if isinstance(left, growable.Grow):
        return left.merged(right)
    if isinstance(right, growable.Grow):
        return right.merged(left)
    if (
        not (isinstance(left, Struct) and isinstance(right, Struct))
        or left.cls not in growable.SEQUENCES
    ):
        return None
    if left.keys == right.keys or left.cls is not right.cls or left.cls is tuple:
        return None
    item: Skeleton | None = None
    for skeleton in (*left.items, *right.items):
        item = growable.join_items(item, skeleton)
    return growable.Grow(item, left.cls)


def array_of(skeleton: Skeleton, other: Skeleton) -> Array | None:
    """The skeleton of a tensor or array that is held natively next to another one: what NumPy made of known values, too."""
    if isinstance(skeleton, Array):
        return skeleton
    value = skeleton.value if isinstance(skeleton, Const) else None
    if not isinstance(value, np.ndarray | np.generic) or not can_hold(value.dtype):
        return None
    known = other.value if isinstance(other, Const) else None
    if not (isinstance(other, Array) and other.is_numpy) and not isinstance(
        known, np.ndarray | np.generic
    ):
        return None
    if isinstance(value, np.generic):
        return Array(ArrayType(value.dtype, ()), is_numpy=True)
    array_updates.require_native(cast(Any, STATE.recorder), value)
    return None


def merge_arrays(left: Array, right: Array) -> Array | None:
    (dtype, one), (other, two) = left.kind, right.kind
    if dtype != other or len(one) != len(two):
        return None
    shape = tuple([a if a == b else None for a, b in zip(one, two, strict=True)])
    is_numpy, is_view = left.is_numpy and right.is_numpy, left.is_view or right.is_view
    vary = left.has_varying_sizes or right.has_varying_sizes or one != two
    return Array(ArrayType(dtype, shape), is_numpy, is_view, vary)


def _becomes(number: Skeleton, wider: Skeleton) -> bool:
    """Whether numbers of a skeleton become values of another one next to such values."""
    kind = _number_of(number)
    if kind is None:
        return False
    if isinstance(wider, Number):
        return is_wider(wider.kind, kind)
    value = number.value if isinstance(number, Const) else None
    return (
        isinstance(wider, Array)
        and wider.kind.shape == ()
        and number_becomes(kind, value, wider.kind.dtype)
    )


def _number_of(skeleton: Skeleton) -> type | None:
    if isinstance(skeleton, Number):
        return skeleton.kind
    if isinstance(skeleton, Const) and is_number(skeleton.value):
        kind = type(skeleton.value)
        return kind if fits_int64(skeleton.value) else None
    return None
