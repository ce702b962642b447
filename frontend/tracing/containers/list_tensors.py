"""Lists that grow at run time as tensors: their items are the rows."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from typing import Any, cast

import numpy as np
from tfc.core.dtypes import DType
from tfc.core.errors import CompileError
from tfc.tracing import messages
from tfc.tracing.containers import list_items, ragged, widening
from tfc.tracing.containers.columns import Column, Growable, Lists, flat, rearranged
from tfc.tracing.containers.growable import growable_of
from tfc.tracing.frame import Frame
from tfc.tracing.paths import choices, staging
from tfc.tracing.values import primitives
from tfc.tracing.values.abstract import (
    Array,
    Const,
    Number,
    Skeleton,
    Struct,
    Union,
    describe,
    equals_tag,
    is_number,
    tensor_dtype,
)
from tfc.tracing.values.adapting import choices_in, is_of_one_kind, replaced
from tfc.tracing.values.symbolic import KIND_DTYPES, SymbolicTensor


def stacked(frame: Frame, buffer: Growable) -> Any:
    """The items as one tensor."""
    whole: Any = None
    if buffer.item is not None:
        held = widening.widen(frame.trace, buffer, _with_numbers(buffer.item))
        whole = _whole(frame, _with_numbers(buffer.item), iter(_filled(held).columns))
    return _refuse_mixed(frame, buffer) if whole is None else whole


def _filled(held: Growable) -> Growable:
    """Items without room for others."""
    return rearranged(held, lambda rows: rows[: held.length.tensor], held.length)


def as_elements(frame: Frame, items: Any, owner: Any) -> Any:
    """A list that grows as what is assigned to elements of a tensor or array: Python's numbers take its dtype."""
    buffer = growable_of(items)
    assert buffer is not None
    whole = stacked_by_numpy(frame, buffer)
    is_of_numbers = buffer.item is not None and not isinstance(buffer.item, Array)
    return primitives.cast(whole, np.dtype(owner.dtype.name)) if is_of_numbers else whole


def stacked_by_numpy(frame: Frame, buffer: Growable) -> Any:
    """The items as one array: Python's numbers are NumPy's of 64 bits in it, whichever of the two an item is."""
    item = buffer.item
    if isinstance(item, Union) and item.widest >= 0:
        dtypes = {_dtype_in_numpy(kind) for kind in item.alternatives}
        if len(dtypes) == 1 and None not in dtypes:
            buffer = _kinds_of(buffer, item)[1][item.widest]
    return stacked(frame, buffer)


def _dtype_in_numpy(skeleton: Skeleton) -> Any:
    skeleton = _with_numbers(skeleton)
    return KIND_DTYPES[skeleton.kind] if isinstance(skeleton, Number) else tensor_dtype(skeleton)


def _kinds_of(buffer: Growable, item: Union) -> tuple[Column, list[Growable]]:
    """The tags of items of several kinds, and a list for each kind."""
    parts = iter(buffer.columns)
    tags = next(parts)
    return tags, [
        Growable(kind, flat([next(parts) for _ in kind.leaves()]), buffer.length)
        for kind in item.alternatives
    ]


def _by_kind(frame: Frame, buffer: Growable, use: Callable[[Growable], Any]) -> Any:
    """What `use` gives for items of several kinds: a list of the widest where one has that, else one of the other kind."""
    item = buffer.item
    if not isinstance(item, Union) or item.widest < 0:
        return use(buffer)
    tags, held = _kinds_of(buffer, item)
    wide = held.pop(item.widest)
    if len({tensor_dtype(kind) for kind in item.alternatives}) == 1:
        return use(wide)
    if len(held) > 1:
        return _refuse_mixed(frame, buffer)
    assert isinstance(tags, SymbolicTensor)
    there = frame.trace.as_symbolic(tags[: buffer.length.tensor])
    is_wide = equals_tag(frame.trace, there, item.widest)
    has_wide = primitives.apply_named("reduce_any", is_wide)
    return staging.branch(frame, frame.node, has_wide, lambda: use(wide), lambda: use(held[0]))


def over_items(frame: Frame, items: Any, use: Callable[[Any], Any]) -> Any:
    """What `use` gives for a list with choices in it whose items become one tensor, of the widest kind that there is."""
    found = choices_in(items)
    if not is_of_one_kind(found):

        def chosen(*values: Any) -> Any:
            given = dict(zip(map(id, found), values, strict=True))
            return use(replaced(items, lambda choice: given[id(choice)]))

        return choices.over_choices(frame, chosen, *found)
    trace = frame.trace
    tests = [equals_tag(trace, item.tag, item.index_of(item.adapted)) for item in found]
    is_wide = functools.reduce(lambda x, y: primitives.apply_named("logical_or", x, y), tests)
    return staging.branch(
        frame,
        frame.node,
        is_wide,
        lambda: use(replaced(items, lambda choice: choice.adapted)),
        lambda: use(replaced(items, lambda choice: choices.without(choice, choice.adapted))),
    )


def joined_rows(frame: Frame, buffer: Growable) -> Any:
    """Tensors of different sizes one after the other, along the first axis; None where the items are no such."""
    if not isinstance(buffer.item, ragged.Ragged):
        return None
    (column,) = _filled(buffer).columns
    return ragged.joined(frame, cast(Lists, column))


def _with_numbers(item: Skeleton) -> Skeleton:
    """A skeleton in which numbers that are the same in all items are held natively, too."""
    if isinstance(item, Const) and is_number(item.value):
        return Number(type(item.value))
    if isinstance(item, Struct):
        return Struct(item.cls, item.keys, tuple(map(_with_numbers, item.items)), item.factory)
    return item


def _whole(frame: Frame, item: Skeleton, columns: Iterator[Column]) -> Any:
    """The columns of items as one tensor; None when they are not rows of one."""
    if isinstance(item, Array | Number):
        return next(columns)
    if isinstance(item, ragged.Ragged):
        return ragged.stacked(frame, cast(Lists, next(columns)))
    if not isinstance(item, Struct) or item.cls not in (list, tuple):
        return None
    parts = [_whole(frame, part, columns) for part in item.items]
    kinds = [None if part is None else (part.type.dtype, part.type.shape[1:]) for part in parts]
    if not kinds or None in kinds or kinds.count(kinds[0]) < len(kinds):
        return None
    return primitives.function_named("stack")(parts, 1)


def _refuse_mixed(frame: Frame, buffer: Growable) -> Any:
    """Items without a common type cannot be one tensor."""
    name = next((key for key, held in frame.vars.items() if growable_of(held) is buffer), "")
    item = buffer.item
    kinds = [item] if item is None else item.alternatives if isinstance(item, Union) else [item]
    shown = " and ".join("nothing" if kind is None else describe(kind) for kind in kinds)
    raise CompileError(
        "TFC012",
        f"{repr(name) if name else 'the list'} holds {shown}, which are not rows of one tensor",
        "append tensors of one dtype and shape: tf.cast, tf.reshape",
        messages.site_of_frame(frame, messages.appends(frame, name)),
    )


_OF_STRUCTURES = ("tuple", "group", "is_tensor", "identity_n", "no_op")
"""Functions that do not take a list for a tensor, in modules whose others do."""


def takes_tensors(callee: Any) -> bool:
    """Whether lists are tensors for a library function."""
    module = str(getattr(callee, "__module__", ""))
    is_of_tensors = module.startswith(("tfc.ops.", "tfc.core.convert", "tfc.core.tensor"))
    return is_of_tensors and getattr(callee, "__name__", "") not in _OF_STRUCTURES


def call_library(
    frame: Frame, callee: Any, owner: Any, arguments: tuple[Any, ...], keywords: dict[str, Any]
) -> Any:
    """A library function called with a list that grows at run time: those of tfc that take tensors take it as one."""
    buffer = growable_of(owner)
    if buffer is None or not takes_tensors(callee):
        return list_items.known_items(frame, owner)
    if arguments[0] is not owner:
        whole = _in_default_dtype(stacked(frame, buffer), buffer, ())
        return callee(*[whole if item is owner else item for item in arguments], **keywords)

    def of_items(items: Growable) -> Any:
        return _call_with_rows(frame, callee, items, arguments, keywords)

    return _by_kind(frame, buffer, of_items)


def _call_with_rows(
    frame: Frame,
    callee: Any,
    buffer: Growable,
    arguments: tuple[Any, ...],
    keywords: dict[str, Any],
) -> Any:
    """A library function called with a list, the first argument, whose items, those of `buffer`, are rows of a tensor."""
    owner, *others = arguments
    name = getattr(callee, "__name__", "")
    if name == "concat":
        axis = keywords.get("axis", others[0] if others else 0)
        rows = joined_rows(frame, buffer) if axis.__class__ is int and axis == 0 else None
        if rows is not None:
            return rows
    whole = _in_default_dtype(stacked(frame, buffer), buffer, (*others, *keywords.values()))
    axis = keywords.get("axis", others[0] if others else 0)
    if name == "add_n":
        return primitives.function_named("reduce_sum")(whole, 0)
    if name not in ("stack", "concat"):
        return callee(whole, *others, **keywords)
    if axis != 0:
        rank = len(whole.type.shape)
        order = [*range(1, axis % rank + 1), 0, *range(axis % rank + 1, rank)]
        whole = primitives.function_named("transpose")(whole, order)
    if name == "stack":
        return whole
    shape = primitives.function_named("shape")(whole)
    if axis != 0:
        return list_items.known_items(frame, owner)
    merged = primitives.function_named("concat")([[-1], shape[2:]], 0)
    return primitives.function_named("reshape")(whole, merged)


def joined_lists(frame: Frame, arguments: tuple[Any, ...]) -> tuple[Any, ...]:
    """Arguments of a function of tensors: lists that grow, in a list of known items, as tensors."""

    def whole(item: Any) -> Any:
        held = growable_of(item)
        return item if held is None else _in_default_dtype(stacked(frame, held), held, arguments)

    def joined_items(value: Any) -> Any:
        has_growing = value.__class__ is list and any(map(growable_of, value))
        return list(map(whole, value)) if has_growing else value

    return tuple(map(joined_items, arguments))


def _in_default_dtype(whole: Any, buffer: Growable, arguments: tuple[Any, ...]) -> Any:
    """A tensor of Python's numbers in the dtype that TensorFlow gives them, unless the call names one."""
    item = buffer.item
    while isinstance(item, Struct):
        item = item.items[0]
    if item is None or any(item.__class__ is DType for item in arguments):
        return whole
    dtype = tensor_dtype(item)
    return whole if dtype is None else primitives.cast(whole, dtype)
