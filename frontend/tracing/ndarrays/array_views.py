"""Views returned by NumPy's functions: which results share memory with an array, and what assigning to one means.

NumPy itself says so. Each array has a prototype, an ndarray of its dtype, shape and strides without meaningful elements; the
function is called with prototypes, and a result that shares memory with one of them is a view. Its strides tell how what is
assigned to the view becomes a value of the array: by another shape or order of axes, or by the numbers of the elements.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from tfc.core.shortcuts import note
from tfc.tracing.ndarrays.array_updates import KnownArrays, Write, note_view
from tfc.tracing.ndarrays.arrays import SymbolicArray
from tfc.tracing.trace import Trace
from tfc.tracing.values import primitives
from tfc.tracing.values.numbers import SymbolicNumber
from tfc.tracing.values.symbolic import SymbolicTensor

VIEWING = frozenset(
    ("array", "array_split", "asanyarray", "asarray", "ascontiguousarray", "asfortranarray", "atleast_1d", "atleast_2d",
     "atleast_3d", "broadcast_arrays", "broadcast_to", "diag", "diagonal", "dsplit", "expand_dims", "flip", "fliplr",
     "flipud", "hsplit", "matrix_transpose", "moveaxis", "permute_dims", "ravel", "real", "reshape", "rollaxis", "rot90",
     "sliding_window_view", "split", "squeeze", "swapaxes", "transpose", "unstack", "vsplit")
)  # fmt: skip
"""Functions that may give views of arrays."""

_UNKNOWN = 6
"""A size that is known at run time only, in prototypes."""

Compute = Callable[[tuple[Any, ...], dict[str, Any]], Any]


class _NoPrototypeError(Exception):
    """What a function gives depends on values."""


def note_views(
    trace: Trace,
    function: Callable[..., Any],
    arguments: tuple[Any, ...],
    keywords: dict[str, Any],
    compute: Compute,
) -> Any:
    """The result of `compute`, which is `function` for run-time values; what NumPy makes a view is one."""
    result = compute(arguments, keywords)
    known = trace.outer.arrays
    given = (*arguments, *keywords.values())
    owners = [item for item in given if known.array_of(item) is not None]
    items = [item for item in _leaves(result) if isinstance(item, SymbolicArray)]
    for owner in owners:
        call = _Call(function, arguments, keywords, compute, known, owner)
        try:
            prototype = _prototype(known, owner)
            made = list(zip(items, call.results(prototype), strict=True))
        except Exception as error:
            if not isinstance(error, _NoPrototypeError):
                note(error)
            for number, item in enumerate(items):
                note_view(trace.running, owner, item, call.reader(number), None)
            continue
        for number, (item, view) in enumerate(made):
            if view is prototype and result is item:
                return owner  # `np.asarray`
            if np.may_share_memory(view, prototype):
                read = call.reader(number)
                write = _writer(owner, prototype, view, read)
                note_view(trace.running, owner, item, read, write)
    return result


def flat_view(array: SymbolicArray) -> SymbolicArray:
    """`array.flat`: the elements in a row, a view whatever the strides are."""
    item = array.reshape(-1)
    frame = array._scope.trace.running
    note_view(frame, array, item, lambda owner: owner.reshape(-1), _write_reshaped)
    return item


class _Call:
    """A call of a function of NumPy with one of its arguments left open."""

    def __init__(
        self,
        function: Callable[..., Any],
        arguments: tuple[Any, ...],
        keywords: dict[str, Any],
        compute: Compute,
        known: KnownArrays,
        owner: SymbolicTensor,
    ) -> None:
        self.function = function
        self.given = (arguments, keywords)
        self.compute = compute
        self.known = known
        self.owner = owner

    def results(self, value: Any) -> list[Any]:
        """The arrays that the function gives with `value` in place of the owner."""
        of_prototypes = isinstance(value, np.ndarray)

        def image(item: Any) -> Any:
            if item is self.owner:
                return value
            return _prototype(self.known, item) if of_prototypes else item

        arguments, keywords = _replaced(self.given, image)
        if of_prototypes:
            found = _leaves(self.function(*arguments, **keywords))
        else:
            found = _leaves(self.compute(arguments, keywords))
        return [item for item in found if isinstance(item, np.ndarray | SymbolicArray)]

    def reader(self, number: int) -> Callable[[Any], Any]:
        return lambda value: self.results(value)[number]


def _replaced(value: Any, image: Callable[[Any], Any]) -> Any:
    if isinstance(value, SymbolicTensor | SymbolicNumber):
        return image(value)
    if value.__class__ is tuple or value.__class__ is list:
        return value.__class__([_replaced(item, image) for item in value])
    if value.__class__ is dict:
        return {name: _replaced(item, image) for name, item in value.items()}
    return value


def _leaves(value: Any) -> Iterator[Any]:
    if isinstance(value, tuple | list):
        for item in value:
            yield from _leaves(item)
    elif isinstance(value, dict):
        yield from _leaves(list(value.values()))
    else:
        yield value


def _prototype(known: KnownArrays, item: Any) -> np.ndarray:
    """An ndarray with the strides of an array or of a view."""
    view = known.views.get(id(item))
    if view is not None:
        return view.read(_prototype(known, view.owner))
    if not isinstance(item, SymbolicArray) or not item.type.shape:
        raise _NoPrototypeError
    return np.empty([_UNKNOWN if n is None else n for n in item.type.shape], item.type.dtype)


# -- assigning ----------------------------------------------------------------------------------


def _writer(
    owner: SymbolicTensor, prototype: np.ndarray, view: np.ndarray, read: Callable[[Any], Any]
) -> Write | None:
    """How a value of the view becomes one of its owner; None where NumPy does not let it be assigned, or it is not known."""
    if not view.flags.writeable:
        return None
    if prototype.size == view.size and prototype.flags.c_contiguous and view.flags.c_contiguous:
        return _write_reshaped
    moved = _moved_axes(prototype, view)
    if moved is not None:
        return _write_moved(*moved)
    if None in owner.type.shape:
        return None
    return _write_numbered(read(np.arange(prototype.size).reshape(prototype.shape)))


def _write_reshaped(owner: Any, value: Any) -> None:
    """The view has the owner's elements in their order."""
    op = primitives.function_named
    owner[...] = op("reshape")(value, op("shape")(owner.snapshot()))


def _moved_axes(owner: np.ndarray, view: np.ndarray) -> tuple[list[int], list[int]] | None:
    """The axis of the owner that each axis of the view is, and those that it goes through backwards."""
    if owner.ndim != view.ndim or owner.size != view.size:
        return None
    axes: list[int] = []
    backwards: list[int] = []
    start = owner.__array_interface__["data"][0]
    for size, stride in zip(view.shape, view.strides, strict=True):
        for axis in range(owner.ndim):
            step = owner.strides[axis]
            if axis not in axes and owner.shape[axis] == size and abs(step) == abs(stride):
                if step != stride:
                    backwards.append(len(axes))
                    start += step * (size - 1)
                axes.append(axis)
                break
        else:
            return None
    return (axes, backwards) if start == view.__array_interface__["data"][0] else None


def _write_moved(axes: list[int], backwards: list[int]) -> Write:
    def write(owner: Any, value: Any) -> None:
        op = primitives.function_named
        turned = op("reverse")(value, backwards) if backwards else value
        owner[...] = op("transpose")(turned, np.argsort(axes).tolist())

    return write


def _write_numbered(numbers: np.ndarray) -> Write:
    """Each element of the view is the owner's with this number."""

    def write(owner: Any, value: Any) -> None:
        op = primitives.function_named
        before = owner.snapshot()
        flat = op("reshape")(before, [-1])
        changed = op("tensor_scatter_nd_update")(
            flat, numbers.reshape(-1, 1), op("reshape")(value, [-1])
        )
        owner[...] = op("reshape")(changed, op("shape")(before))

    return write
