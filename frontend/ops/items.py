"""`x[key]` and its counterpart, a tensor with `x[key]` replaced: NumPy's rules for every kind of key.

A key is taken in three steps: what is a slice or a static index selects a box (`tfc.strided_slice`), what is a tensor selects
by index (`tfc.gather`, `tfc.gather_nd`), and `None`s become axes of size 1.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from tfc.core.convert import convert
from tfc.core.dispatch import apply
from tfc.core.errors import (
    IndexKindError,
    InvalidArgumentError,
    OutOfRangeError,
    TFCTypeError,
    raise_op_error,
)
from tfc.core.plans import planned
from tfc.core.recording import ACTIVE, STATE
from tfc.core.tensor import Tensor
from tfc.dialects.tfc.semantics import indexing
from tfc.dialects.tfc.semantics import shape as shapes
from tfc.dialects.tfc.semantics import slicing as semantics
from tfc.dialects.tfc.semantics.errors import OpError
from tfc.dialects.tfc.semantics.slicing import OPEN
from tfc.ops.applying import is_array, is_tensor_like
from tfc.ops.sizes import Size, dim, dims, known_value, scalar, split_sizes

_INTEGERS = (int, np.integer)


class Key(NamedTuple):
    """A key, sorted into the steps that carry it out."""

    begin: list[Size]
    end: list[Size]
    strides: list[int]
    shrink: list[int]
    """Axes of the tensor that a static index drops."""
    arrays: list[tuple[int, Tensor]]
    """Index tensors and the axis of the box they index; a boolean mask of rank k stands for k axes."""
    new_axes: list[int]
    """Where the result, without index tensors applied, has new axes."""
    whole: bool
    """Whether the box is all of the tensor."""
    split: bool
    """Whether the index tensors are apart, so that their axes come first (NumPy's rule)."""


def parse_key(x: Tensor, key: Any) -> Key:
    """Sort `key` out. Raises `IndexError` TFC201 and `TypeError` TFC112."""
    items = _expanded(x, key if isinstance(key, tuple) else (key,))
    result = Key([], [], [], [], [], [], True, False)
    shape = x.type.shape
    axis = kept = 0
    whole = True
    advanced: list[int] = []
    entry = _entry_dtype(items)
    for position, item in enumerate(items):
        if item is None:
            result.new_axes.append(kept + len(result.new_axes))
            continue
        if isinstance(item, Tensor):
            covered = len(item.type.shape) if item.type.dtype.kind == "b" else 1
            result.arrays.append((kept, item))
            advanced.append(position)
            for covered_axis in range(axis, axis + covered):
                _open(result, shape[covered_axis])
            axis, kept = axis + covered, kept + covered
            continue
        if isinstance(item, int):
            advanced.append(position)
            size = shape[axis]
            if size is None or (entry is not None and -size <= item < size):
                result.arrays.append((kept, convert(item, entry)))
                _open(result, size)
                kept += 1
            else:
                _add_index(result, axis, item)
                whole = False
            axis += 1
            continue
        whole &= _add_slice(result, item, shape[axis])
        axis, kept = axis + 1, kept + 1
    apart = bool(advanced) and advanced != list(range(advanced[0], advanced[0] + len(advanced)))
    has_vector = any(tensor.type.shape for _, tensor in result.arrays)
    return result._replace(whole=whole, split=apart and has_vector)


def _entry_dtype(items: Sequence[Any]) -> np.dtype | None:
    """The dtype of the tensors in a key like `x[i, 0]`, whose ints then are tensors, too.

    A box `x[:, 0]` to take the entry from would be written back whole when the entry is assigned.
    """
    places = [place for place, item in enumerate(items) if isinstance(item, int | Tensor)]
    tensors = [item for item in items if isinstance(item, Tensor)]
    if not tensors or len(tensors) == len(places) or places[-1] - places[0] >= len(places):
        return None
    dtypes = {tensor.type.dtype for tensor in tensors}
    if len(dtypes) > 1 or any(tensor.type.shape for tensor in tensors):
        return None
    return dtypes.pop()


def _expanded(x: Tensor, key: tuple[Any, ...]) -> list[Any]:
    """The items with `...` written out, one for each axis, and arrays as tensors."""
    items = [_as_item(item) for item in key]
    used = 0
    ellipsis: int | None = None
    for position, item in enumerate(items):
        if item is ...:
            if ellipsis is not None:
                raise OutOfRangeError("TFC201", "a key can have one '...' only", "leave one out")
            ellipsis = position
        elif isinstance(item, Tensor) and item.type.dtype.kind == "b":
            used += len(item.type.shape)
        elif item is not None:
            used += 1
    rank = len(x.type.shape)
    if used > rank:
        raise OutOfRangeError(
            "TFC201",
            f"too many indices: {used} for a tensor of rank {rank}",
            f"give at most {rank}",
        )
    rest = [slice(None)] * (rank - used)
    if ellipsis is None:
        return items + rest
    return items[:ellipsis] + rest + items[ellipsis + 1 :]


def _as_item(item: Any) -> Any:
    """One item of a key: int, slice, None, Ellipsis or an integer or boolean tensor."""
    if item is None or item is ... or isinstance(item, slice):
        return item
    if isinstance(item, _INTEGERS) and not isinstance(item, bool):
        return int(item)
    if isinstance(item, list | tuple | range):
        item = np.asarray(item, np.int64) if not len(item) else convert(item)  # pyright: ignore[reportUnknownArgumentType]
    if is_tensor_like(item) or is_array(item):
        tensor = convert(item)
        kind = tensor.type
        if kind.dtype.kind in "iu":
            known = None if kind.shape else known_value(tensor)
            return tensor if known is None else int(known)
        if kind.dtype.kind == "b" and kind.shape:
            return tensor
        if kind.dtype.kind == "b":
            raise TFCTypeError(
                "TFC112", "a boolean scalar is not an index", "use tf.where, or tf.boolean_mask"
            )
        raise IndexKindError(
            "TFC112",
            f"expected integers or booleans as an index, got {kind}",
            "convert with tf.cast(i, tf.int32)",
        )
    raise TFCTypeError(
        "TFC112",
        f"expected an integer, slice, None, ... or tensor as an index, got {item!r}",
        "use integers",
    )


def _open(result: Key, size: int | None) -> None:
    result.begin.append(0)
    result.end.append(OPEN if size is None else size)
    result.strides.append(1)


def _add_index(result: Key, axis: int, index: int) -> None:
    result.begin.append(index)
    result.end.append(index + 1)
    result.strides.append(1)
    result.shrink.append(axis)


def _add_slice(result: Key, item: slice, size: int | None) -> bool:
    """Append a slice; whether it selects everything in order."""
    step = 1 if item.step is None else _bound(item.step)
    if not isinstance(step, int):
        raise InvalidArgumentError(
            "TFC107",
            "the step of a slice that is assigned to must be known when the function is compiled",
            "pass an int, or assign at indices: i = tf.range(start, stop, step); x[i] = value",
        )
    if item.start is None and item.stop is None and step == 1:
        _open(result, size)
        return True
    end = OPEN if size is None else size
    start = (0 if step > 0 else OPEN) if item.start is None else _bound(item.start)
    stop = (end if step > 0 else -OPEN) if item.stop is None else _bound(item.stop)
    result.begin.append(start)
    result.end.append(stop)
    result.strides.append(step)
    return False


def _bound(value: Any) -> Size:
    if isinstance(value, _INTEGERS):
        return int(value)
    if is_tensor_like(value) or is_array(value):
        return scalar(convert(value), "slice bound")
    raise TFCTypeError(
        "TFC112", f"expected an integer or None as a slice bound, got {value!r}", "use integers"
    )


def get_item(x: Tensor, key: Any) -> Tensor:
    """`x[key]`.

    Raises:
        IndexError: an index is out of range, or there are too many (TFC201).
        TypeError: something in the key is neither integer, slice, None, ... nor tensor of integers or booleans (TFC112).
    """
    if x.__class__ is Tensor and not (ACTIVE and STATE.tapes):
        try:
            return Tensor._wrap(x._array[_numpy_key(key)])
        except (IndexError, ValueError, TypeError):
            pass  # what follows says what is wrong
    if key.__class__ is int and x.type.shape:
        from tfc.ops.slicing import entry

        return entry(x, 0, key)
    return _by_ops(x, key)


@planned  # for tapes, which see the ops
def _by_ops(x: Tensor, key: Any) -> Tensor:
    if _has_open_step(key):
        from tfc.ops.steps import walked

        x, items = walked(x, _expanded(x, key if isinstance(key, tuple) else (key,)))
        key = tuple(items)
    parsed = parse_key(x, key)
    result = _box(x, parsed)
    if parsed.arrays:
        return _with_new_axes(_take(result, parsed), parsed)
    if parsed.whole and not parsed.new_axes:
        return apply(
            shapes.identity, x
        )  # a tensor of its own, which assignments to `x` do not change
    return _with_new_axes(result, parsed)


def _has_open_step(key: Any) -> bool:
    """Whether a step of a slice is a tensor."""
    items = key if isinstance(key, tuple) else (key,)
    return any(item.__class__ is slice and is_tensor_like(item.step) for item in items)


_INTS = frozenset((int,))
PLAIN_ITEMS = frozenset((int, slice, type(None), type(...)))
"""Classes of items of a key that mean to NumPy what they mean here."""


def _numpy_key(key: Any) -> Any:
    """A key of ints, slices, None, `...` and eager tensors as NumPy has it. Raises `TypeError` for any other."""
    kind = key.__class__
    if kind in PLAIN_ITEMS:
        return key
    if kind is Tensor and (key._array.ndim or key._array.dtype.kind != "b"):
        return key._array
    if kind is tuple:
        return tuple([_numpy_key(item) for item in key])
    if kind is list and _INTS.issuperset(map(type, key)):
        return key
    if (kind is np.ndarray and (key.ndim or key.dtype.kind != "b")) or isinstance(key, np.integer):
        return key
    raise TypeError


def _bounds(parsed: Key) -> tuple[dict[str, Any], list[Tensor]]:
    static, operands = split_sizes((*parsed.begin, *parsed.end))
    rank = len(parsed.begin)
    attributes: dict[str, Any] = {
        "begin": static[:rank],
        "end": static[rank:],
        "strides": tuple(parsed.strides),
        "shrink": tuple(parsed.shrink),
    }
    return attributes, operands


def _box(x: Tensor, parsed: Key) -> Tensor:
    """The step that slices and static indices make."""
    if parsed.whole:
        return x
    attributes, operands = _bounds(parsed)
    return apply(semantics.strided_slice, x, *operands, **attributes)


def _with_new_axes(x: Tensor, parsed: Key) -> Tensor:
    if not parsed.new_axes:
        return x
    return apply(shapes.expand_dims, x, axes=tuple(_result_axes(parsed)))


def _result_axes(parsed: Key) -> list[int]:
    """Where new axes are in the result: index tensors before them may have another rank than the axes they replace."""
    if not parsed.arrays:
        return parsed.new_axes
    count = _replaced_axes(parsed)
    rank = _index_rank(parsed)
    result: list[int] = []
    first = parsed.arrays[0][0]
    for number, axis in enumerate(parsed.new_axes):
        position = axis - number  # among the kept axes
        before = sum(replaced < position for replaced in count)
        start = position - before
        if parsed.split or first < position:
            start += rank
        result.append(start + number)
    return result


def _replaced_axes(parsed: Key) -> list[int]:
    """The axes of the box that index tensors stand for."""
    axes: list[int] = []
    for axis, tensor in parsed.arrays:
        covered = len(tensor.type.shape) if tensor.type.dtype.kind == "b" else 1
        axes += range(axis, axis + covered)
    return axes


def _index_rank(parsed: Key) -> int:
    """The rank that the index tensors have together: masks count as vectors."""
    return max(
        1 if tensor.type.dtype.kind == "b" else len(tensor.type.shape)
        for _, tensor in parsed.arrays
    )


def _indices(x: Tensor, parsed: Key) -> list[tuple[int, Tensor]]:
    """The index tensors with masks turned into indices, one for each axis."""
    from tfc.ops.searching import mask_columns

    result: list[tuple[int, Tensor]] = []
    for axis, tensor in parsed.arrays:
        if tensor.type.dtype.kind != "b":
            result.append((axis, tensor))
            continue
        check_mask(x, tensor, axis)
        columns = mask_columns(tensor)
        result += [(axis + number, column) for number, column in enumerate(columns)]
    return result


def check_mask(x: Tensor, mask: Tensor, axis: int) -> None:
    """Raise `IndexError` TFC207, a `ValueError` too, when a mask has not the sizes of the axes it selects from."""
    for number, size in enumerate(mask.type.shape):
        have = x.type.shape[axis + number]
        if size is None or have is None:
            from tfc.ops.assertion import require_size

            require_size(
                dim(mask, number),
                dim(x, axis + number),
                f"the mask has another size along its axis {number} than the tensor along axis {axis + number}",
                "TFC207",
            )
        elif size != have:
            raise OutOfRangeError(
                "TFC207",
                f"the mask has size {size} along its axis {number}, the tensor {have} along axis {axis + number}",
                "make a mask of the shape of what it selects from",
            )


def _take(x: Tensor, parsed: Key) -> Tensor:
    """The step that index tensors make."""
    arrays = _indices(x, parsed)
    rank = len(x.type.shape)
    if len(arrays) == 1:
        axis, index = arrays[0]
        result = apply(indexing.gather, x, index, axis=axis, batch_dims=0, negative="wrap")
        if parsed.split:
            result = _move_axes(result, axis, len(index.type.shape), 0)
        return result
    axes = [axis for axis, _ in arrays]
    moved = _transpose(x, [*axes, *(axis for axis in range(rank) if axis not in axes)])
    stacked = stack_indices([index for _, index in arrays])
    result = apply(indexing.gather_nd, moved, stacked, batch_dims=0, negative="wrap")
    count = len(stacked.type.shape) - 1
    return result if parsed.split else _move_axes(result, 0, count, axes[0])


def stack_indices(indices: Sequence[Tensor]) -> Tensor:
    """Index tensors broadcast to one shape and one dtype, as the last axis of one tensor."""
    from tfc.ops.broadcasting import broadcast_together
    from tfc.ops.joining import stack

    return stack(broadcast_together(_same_dtype(indices)), axis=-1)


def _same_dtype(indices: Sequence[Tensor]) -> list[Tensor]:
    dtypes = {index.type.dtype for index in indices}
    if len(dtypes) == 1:
        return list(indices)
    from tfc.ops.casting import cast

    return [cast(index, "int64") for index in indices]


def _transpose(x: Tensor, permutation: Sequence[int]) -> Tensor:
    if list(permutation) == list(range(len(permutation))):
        return x
    return apply(shapes.transpose, x, permutation=tuple(permutation))


def _move_axes(x: Tensor, source: int, count: int, target: int) -> Tensor:
    """The `count` axes from `source` on moved so that they start at `target`."""
    rank = len(x.type.shape)
    block = list(range(source, source + count))
    rest = [axis for axis in range(rank) if axis not in block]
    return _transpose(x, [*rest[:target], *block, *rest[target:]])


# -- replacing ----------------------------------------------------------------------------------


def set_item(x: Tensor, key: Any, value: Any) -> Tensor:
    """`x` with `x[key]` replaced by `value`, which broadcasts to the shape of `x[key]`; `x` itself does not change.

    Raises:
        IndexError, TypeError: as `x[key]` does.
        TypeError: `value` has another dtype (TFC101).
        ValueError: `value` does not broadcast (TFC103).
    """
    from tfc.ops.applying import convert_like

    if x.__class__ is Tensor and not (ACTIVE and STATE.is_active):
        done = _set_at_once(x._array, key, value)
        if done is not None:
            return done
    parsed = parse_key(x, key)
    update = convert_like(value, x)
    if not parsed.arrays:
        return _replace_box(x, parsed, _without_new_axes(update, parsed, len(parsed.new_axes)))
    if parsed.whole:
        return _put(x, parsed, update)
    box = _box(x, parsed)
    return _replace_box(x, parsed, _put(box, parsed, update))


def _set_at_once(x: np.ndarray, key: Any, value: Any) -> Tensor | None:
    """`set_item` where NumPy itself does it; None where something may be wrong, or asked for that NumPy has no word for."""
    from tfc.ops.applying import convert_like

    try:
        result = Tensor._wrap(np.array(x, order="C"))
        update = convert_like(value, result)._array
        box = result._array[_numpy_key(key)]
        if update.dtype != x.dtype or update.ndim > box.ndim:
            return None
        result._array[_numpy_key(key)] = update
    except (IndexError, ValueError, TypeError, AttributeError):
        return None
    return result


def _replace_box(x: Tensor, parsed: Key, value: Tensor) -> Tensor:
    """`x` with the box replaced by `value` broadcast to it."""
    from tfc.ops.shape import broadcast_to

    attributes, operands = _bounds(parsed)
    try:
        kept = semantics.strided_slice.infer(
            x.type, *[operand.type for operand in operands], **attributes
        )
    except OpError as error:
        raise_op_error(error)
    if value.type.shape != kept.shape or None in kept.shape:
        sizes = dims(x if parsed.whole else _box(x, parsed))
        value = broadcast_to(value, sizes)
    if parsed.whole:
        return apply(shapes.identity, value)
    return apply(semantics.strided_slice_update, x, value, *operands, **attributes)


def _without_new_axes(value: Tensor, parsed: Key, count: int) -> Tensor:
    """A value for a key with `None`s, without the axes of size 1 that those made."""
    if not count:
        return value
    kept = len(parsed.begin) - len(parsed.shrink)
    if parsed.arrays:
        kept += _index_rank(parsed) - len(_replaced_axes(parsed))
    lacking = kept + count - len(value.type.shape)
    dropped = [axis - lacking for axis in _result_axes(parsed) if axis >= lacking]
    return apply(shapes.squeeze, value, axes=tuple(dropped)) if dropped else value


def _put(x: Tensor, parsed: Key, value: Tensor) -> Tensor:
    """`x` with the entries that the index tensors name replaced."""
    from tfc.ops.shape import broadcast_to

    value = _without_new_axes(value, parsed, len(parsed.new_axes))
    masked = _put_by_mask(x, parsed, value)
    if masked is not None:
        return masked
    arrays = _indices(x, parsed)
    rank = len(x.type.shape)
    if len(arrays) == 1 and not parsed.split:
        axis, index = arrays[0]
        sizes = [*dims(x)[:axis], *dims(index), *dims(x)[axis + 1 :]]
        value = broadcast_to(value, sizes)
        return apply(
            indexing.scatter_along,
            x,
            index,
            value,
            axis=axis,
            batch_dims=0,
            combiner="update",
            negative="wrap",
        )
    axes = [axis for axis, _ in arrays]
    order = [*axes, *(axis for axis in range(rank) if axis not in axes)]
    stacked = stack_indices([index for _, index in arrays])
    count = len(stacked.type.shape) - 1
    index_sizes = dims(stacked)[:-1]
    rest = [size for axis, size in enumerate(dims(x)) if axis not in axes]
    first = 0 if parsed.split else axes[0]
    value = broadcast_to(value, [*rest[:first], *index_sizes, *rest[first:]])
    value = _move_axes(value, first, count, 0)
    result = apply(
        indexing.scatter_nd,
        _transpose(x, order),
        stacked,
        value,
        combiner="update",
        negative="wrap",
    )
    return _transpose(result, [order.index(axis) for axis in range(rank)])


def _put_by_mask(x: Tensor, parsed: Key, value: Tensor) -> Tensor | None:
    """A selection, where the key is one mask and the value is the same for all that it selects."""
    if len(parsed.arrays) != 1 or parsed.arrays[0][1].type.dtype.kind != "b":
        return None
    axis, mask = parsed.arrays[0]
    behind = len(x.type.shape) - axis - len(mask.type.shape)
    if len(value.type.shape) > behind:
        return None
    from tfc.ops.selection import where

    check_mask(x, mask, axis)
    if behind:
        rank = len(mask.type.shape)
        mask = apply(shapes.expand_dims, mask, axes=tuple(range(rank, rank + behind)))
    return where(mask, value, x)
