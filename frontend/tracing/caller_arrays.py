"""Arrays of NumPy among the arguments: what the program assigns to them is in the caller's arrays when the call ends.

In a trace such an array is a tensor. What differs is slices, which are views in NumPy: a view cannot be changed, nor can an array
of which the program has taken one.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np
from tfc.core.convert import convert
from tfc.core.errors import CompileError
from tfc.core.tensor import Tensor
from tfc.ops.casting import cast
from tfc.tracing.messages import site_of_frame
from tfc.tracing.numbers import SymbolicNumber
from tfc.tracing.symbolic import KIND_DTYPES, SymbolicTensor

if TYPE_CHECKING:
    from tfc.tracing.frame import Frame


class CallerArrays:
    """The arrays among the arguments, the views of them, and which of them are viewed or changed: all by identity."""

    __slots__ = ("arrays", "changed", "viewed", "views")

    def __init__(self) -> None:
        self.arrays: dict[int, SymbolicTensor] = {}
        self.views: dict[int, tuple[Tensor, int]] = {}
        """A view, kept alive, and its array."""
        self.viewed: set[int] = set()
        self.changed: set[int] = set()

    def array_of(self, tensor: Any) -> int | None:
        """The array that a tensor is, or is a view of."""
        key = id(tensor)
        return key if key in self.arrays else self.views[key][1] if key in self.views else None


def note_view(frame: Frame, owner: Any, item: Any) -> None:
    """`item` is a view of `owner` in NumPy, when that is an array of the caller."""
    known = frame.trace.outer.arrays
    array = known.array_of(owner) if known.arrays and isinstance(item, Tensor) else None
    if array is None or not item.type.shape:
        return
    known.views[id(item)] = (item, array)
    known.viewed.add(array)
    if array in known.changed:
        _refuse(frame)


def is_view_key(key: Any) -> bool:
    """Whether NumPy makes a view for this index, not a copy."""
    items = key if isinstance(key, tuple) else (key,)
    return not any(
        isinstance(item, list | np.ndarray) or (isinstance(item, Tensor) and item.type.shape)
        for item in items
    )


def is_changed_in_place(frame: Frame, tensor: Any) -> bool:
    """Whether `tensor` is an array of the caller, which is about to be changed."""
    known = frame.trace.outer.arrays
    array = known.array_of(tensor) if known.arrays else None
    if array is None:
        return False
    known.changed.add(array)
    if array in known.viewed:
        _refuse(frame)
    return True


def as_content(frame: Frame, tensor: Tensor, value: Any) -> Any:
    """`value`, to be assigned to an item of `tensor`: in its dtype for an array of the caller, as NumPy casts it."""
    if not is_changed_in_place(frame, tensor):
        return value
    kind = value.kind if isinstance(value, SymbolicNumber) else value.__class__
    converted = convert(value, KIND_DTYPES.get(kind))
    return cast(converted, tensor.type.dtype)


def update(
    frame: Frame, array: Tensor, plain: Callable[[Any, Any], Any], increment: Any
) -> Tensor | None:
    """`array <op>= increment`, in place for an array of the caller; None for any other tensor."""
    if not is_changed_in_place(frame, array):
        return None
    result = convert(plain(array, increment))
    if not np.can_cast(result.type.dtype, array.type.dtype, "same_kind"):
        raise TypeError(
            f"Cannot cast the result from dtype('{result.type.dtype}') to dtype('{array.type.dtype}')"
        )
    array[...] = cast(result, array.type.dtype)
    return array


def _refuse(frame: Frame) -> NoReturn:
    raise CompileError(
        "TFC007",
        "a NumPy array is changed in place of which there is a view",
        "make it a tensor first: x = tf.constant(x); then x[i] = v works",
        site_of_frame(frame),
        "slices of arrays are views, those of tensors are copies",
    )
