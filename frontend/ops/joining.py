"""Joining: `tf.concat`, `tf.stack`, `tf.pad`, `tf.tile` and what takes tensors apart again, `tf.split` and `tf.unstack`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from tfc.core.convert import convert
from tfc.core.dispatch import apply
from tfc.core.errors import InvalidArgumentError, TFCTypeError
from tfc.core.requirements import require_list
from tfc.core.tensor import Tensor
from tfc.dialects.tfc.semantics import joining as semantics
from tfc.ops.applying import convert_like, is_array, is_tensor_like
from tfc.ops.packing import as_tensors
from tfc.ops.shape import identity, static_axis, static_int
from tfc.ops.sizes import Size, as_sizes, dim, dims, elements, split_sizes
from tfc.ops.slicing import basic_slice, entry


def concat(values: Any, axis: Any, name: str = "concat") -> Tensor:
    """The tensors one after the other along `axis`.

    Args:
        values: a list of tensors of one dtype, whose shapes differ along `axis` at most; one tensor is a list of itself.
        axis: an axis of theirs; negative ones count from the end.

    Raises:
        TypeError: dtypes differ (TFC101).
        ValueError: shapes differ elsewhere (TFC106), the list is empty (TFC107), the axis is out of range (TFC104).

    >>> import tfc as tf
    >>> tf.concat([[1, 2], [3]], axis=0).numpy()
    array([1, 2, 3], dtype=int32)
    """
    if isinstance(values, Tensor) and isinstance(axis, Tensor) and axis.type.shape:
        raise TFCTypeError(
            "TFC108", "concat: the tensors are not in a list", "write tf.concat([x, y], axis=0)"
        )
    tensors = [values] if isinstance(values, Tensor) else as_tensors(values, "concat")
    if not tensors:
        raise InvalidArgumentError("TFC107", "concat: the list of tensors is empty", "give one")
    position = static_int(axis, "concat: axis")
    if len(tensors) == 1 and tensors[0].type.shape:
        return identity(tensors[0])
    return apply(semantics.concat, *tensors, axis=position)


def stack(values: Any, axis: Any = 0, name: str | None = "stack") -> Tensor:
    """Tensors of one dtype and shape as the entries of a new axis.

    Raises:
        TypeError: dtypes differ (TFC101).
        ValueError: shapes differ (TFC106), the list is empty (TFC107), the axis is out of range (TFC104).

    >>> import tfc as tf
    >>> tf.stack([[1, 2], [3, 4]], axis=1).numpy()
    array([[1, 3],
           [2, 4]], dtype=int32)
    """
    tensors = as_tensors(values, "stack")
    if not tensors:
        raise InvalidArgumentError("TFC107", "stack: the list of tensors is empty", "give one")
    return apply(semantics.stack, *tensors, axis=static_int(axis, "stack: axis"))


def unstack(
    value: Any, num: int | None = None, axis: int = 0, name: str | None = "unstack"
) -> list[Tensor]:
    """The entries of an axis as a list of tensors without it; the size of the axis must be known, or given as `num`.

    Raises:
        ValueError: the size is unknown (TFC107) or not `num` (TFC106).

    >>> import tfc as tf
    >>> [int(x) for x in tf.unstack([1, 2])]
    [1, 2]
    """
    x = convert(value)
    position = static_axis("unstack", axis, x)
    known = x.type.shape[position]
    count = known if num is None else num
    if count is None:
        raise InvalidArgumentError(
            "TFC107",
            f"unstack: the size of axis {axis} is known only at run time",
            "give num=..., or loop over the tensor",
        )
    if known is not None and known != count:
        raise InvalidArgumentError(
            "TFC106", f"unstack: axis {axis} has size {known}, not num={num}", "leave num out"
        )
    if known is None:
        _require_size(
            dim(x, position), count, f"unstack: axis {axis} has another size than num={num}"
        )
    return [entry(x, position, index) for index in range(count)]


def split(
    value: Any,
    num_or_size_splits: Any,
    axis: Any = 0,
    num: int | None = None,
    name: str | None = "split",
) -> list[Tensor]:
    """`value` cut along `axis` into equal parts, or into parts of the given sizes, one of which may be -1.

    Raises:
        ValueError: the size of the axis is not divisible, or not the sum of the sizes (TFC106).

    >>> import tfc as tf
    >>> [x.numpy().tolist() for x in tf.split([1, 2, 3, 4], 2)]
    [[1, 2], [3, 4]]
    """
    x = convert(value)
    position = static_axis("split", axis, x)
    sizes = _split_sizes(x, num_or_size_splits, position)
    return cut(x, position, sizes)


def cut(x: Tensor, axis: int, sizes: Sequence[Size]) -> list[Tensor]:
    """`x` cut along `axis` into parts of these sizes."""
    parts: list[Tensor] = []
    start: Size = 0
    whole = dims(x)
    for size in sizes:
        begin: list[Size] = [0] * len(whole)
        begin[axis] = start
        parts.append(basic_slice(x, begin, [*whole[:axis], size, *whole[axis + 1 :]]))
        start = size if isinstance(start, int) and start == 0 else start + size
    return parts


def _split_sizes(x: Tensor, value: Any, axis: int) -> list[Size]:
    """The sizes of the parts that `tf.split` makes of an axis."""
    known = x.type.shape[axis]
    if isinstance(value, int) or (is_tensor_like(value) and not convert(value).type.shape):
        count = static_int(value, "split: num_or_size_splits")
        if count <= 0:
            raise InvalidArgumentError(
                "TFC107", f"split: expected a positive number of parts, got {count}"
            )
        if known is None:
            size = dim(x, axis)
            message = f"split: axis {axis} cannot be cut into {count} equal parts"
            _require_size(size % count, 0, message)
            return [size // count] * count
        if known % count:
            raise InvalidArgumentError(
                "TFC106",
                f"split: axis {axis} of size {known} cannot be cut into {count} equal parts",
                "give the sizes of the parts as a list",
            )
        return [known // count] * count
    sizes = as_sizes(value, "split: num_or_size_splits")
    given = [size for size in sizes if isinstance(size, int) and size != -1]
    free = [index for index, size in enumerate(sizes) if isinstance(size, int) and size == -1]
    if len(free) > 1:
        raise InvalidArgumentError(
            "TFC107", f"split: only one size can be -1, got {value}", "give the other sizes"
        )
    if free:
        rest = dim(x, axis)
        for index, size in enumerate(sizes):
            rest = rest if index == free[0] else rest - size
        sizes[free[0]] = rest
    if known is None or len(given) + len(free) < len(sizes):
        if not free:
            added: Size = 0
            for size in sizes:
                added = added + size
            _require_size(
                added, dim(x, axis), f"split: the sizes do not add up to that of axis {axis}"
            )
        return sizes
    total = sum(given)
    if total > known if free else total != known:
        raise InvalidArgumentError(
            "TFC106",
            f"split: sizes {given} add up to {total}, axis {axis} has size {known}",
            "make the sizes add up, or use -1 for one of them",
        )
    return sizes


def _require_size(have: Size, want: Size, message: str) -> None:
    from tfc.ops.assertion import require_size

    require_size(have, want, message)


def pad(
    tensor: Any,
    paddings: Any,
    mode: str = "CONSTANT",
    constant_values: Any = 0,
    name: str | None = None,
) -> Tensor:
    """`tensor` with more elements before and after each axis.

    Args:
        tensor: a tensor of any dtype.
        paddings: a pair [before, after] for each axis.
        mode: "CONSTANT" fills with `constant_values`; "REFLECT" mirrors without repeating the edge, "SYMMETRIC" repeats it.

    Raises:
        ValueError: a padding is negative or the mode unknown (TFC107), not one pair for each axis (TFC105), or more is
            mirrored than there is (TFC106).

    >>> import tfc as tf
    >>> tf.pad([1, 2, 3], [[1, 2]], "REFLECT").numpy()
    array([2, 1, 2, 3, 2, 1], dtype=int32)
    """
    x = convert(tensor)
    pairs = _padding_pairs(paddings, len(x.type.shape))
    static, operands = split_sizes([pair[0] for pair in pairs] + [pair[1] for pair in pairs])
    if constant_values.__class__ is int and constant_values == 0:
        value = Tensor._wrap(np.zeros((), x.type.dtype))  # bool too
    else:
        value = convert_like(constant_values, x)
    return apply(
        semantics.pad,
        x,
        value,
        *operands,
        low=static[: len(pairs)],
        high=static[len(pairs) :],
        mode=mode.lower() if isinstance(mode, str) else mode,
    )


def _padding_pairs(paddings: Any, rank: int) -> list[tuple[Size, Size]]:
    """The [before, after] of each axis."""
    if is_tensor_like(paddings) or is_array(paddings):
        tensor = convert(paddings)
        shape = tensor.type.shape
        if len(shape) != 2 or shape[0] is None or shape[1] != 2:
            raise InvalidArgumentError(
                "TFC105",
                f"pad: expected paddings of shape [{rank}, 2], got {tensor.type}",
                "give one [before, after] for each axis",
            )
        rows = [elements(entry(tensor, 0, row), "pad: paddings") for row in range(shape[0])]
    else:
        rows = [as_sizes(pair, "pad: paddings") for pair in require_list("pad: paddings", paddings)]
    if any(len(row) != 2 for row in rows):
        raise InvalidArgumentError(
            "TFC105",
            f"pad: expected a pair for each axis, got {paddings}",
            "give one [before, after] for each axis",
        )
    return [(row[0], row[1]) for row in rows]


def tile(input: Any, multiples: Any, name: str | None = None) -> Tensor:
    """The whole of `input` repeated `multiples[i]` times along axis i.

    Raises:
        ValueError: not one multiple for each axis (TFC105), or a negative one (TFC107).

    >>> import tfc as tf
    >>> tf.tile([1, 2], [2]).numpy()
    array([1, 2, 1, 2], dtype=int32)
    """
    static, operands = split_sizes(as_sizes(multiples, "tile: multiples"))
    return apply(semantics.tile, convert(input), *operands, multiples=static)
