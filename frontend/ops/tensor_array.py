"""`tf.TensorArray`, written as the Python that it stands for: compiled functions interpret it like the user's own code."""

from __future__ import annotations

from typing import Any

from tfc.core.convert import convert_to_tensor
from tfc.core.dtypes import as_dtype
from tfc.core.errors import InvalidArgumentError, OutOfRangeError
from tfc.core.shape import TensorShape
from tfc.core.unwritten import Unwritten, is_known
from tfc.ops.creation import zeros, zeros_like
from tfc.ops.indexing import gather
from tfc.ops.joining import concat, split, stack
from tfc.ops.rows import has_known_shape, with_row


class TensorArray:
    """A list of tensors under TensorFlow's names; elements are written in any order and read as often as one likes.

    Args:
        dtype: of the elements.
        size: how many elements there are; at first, with `dynamic_size`; none if left out.
        dynamic_size: whether writing behind the end makes it longer.
        element_shape: of each element, where known. An element that was not written is zeros of this shape, or of an
            earlier element's.

    In compiled functions, elements that are written in a loop are zeros before, also where the loop does not run.

    Raises:
        IndexError: an index is negative or beyond the size (TFC201).
        ValueError: an element has another shape than `element_shape` (TFC106); the shape of an element that was not
            written is unknown (TFC107).

    >>> import tfc as tf
    >>> a = tf.TensorArray(tf.float32, size=2)
    >>> a.write(1, 1.0).write(0, 2.0).stack().numpy()
    array([2., 1.], dtype=float32)
    """

    def __init__(
        self,
        dtype: Any,
        size: Any = None,
        dynamic_size: bool | None = None,
        clear_after_read: bool | None = None,
        tensor_array_name: str | None = None,
        handle: Any = None,
        flow: Any = None,
        infer_shape: bool = True,
        element_shape: Any = None,
        colocate_with_first_write_call: bool = True,
        name: str | None = None,
    ) -> None:
        self.dtype = as_dtype(dtype)
        self.dynamic_size = bool(dynamic_size)
        self.element_shape = TensorShape(element_shape)
        self._items: list[Any] = []
        self._rows: Any = Unwritten(self._items)
        """All elements as one tensor, once one is written whose index is known at run time only."""
        self._declared = 0 if size is None else size

    def _check(self, op: str, index: Any) -> None:
        if index < 0 or (not self.dynamic_size and index >= self._declared):
            raise OutOfRangeError(
                "TFC201",
                f"TensorArray.{op}: index {index} is out of range for {self._declared} elements",
                "give a size=... that holds all elements, or dynamic_size=True",
            )

    def _empty_element(self) -> Any:
        """What stands for an element that was not written."""
        if self.element_shape.is_fully_defined():
            return zeros(self.element_shape.as_list(), self.dtype)
        if len(self._items) == 0:
            raise InvalidArgumentError(
                "TFC107",
                "TensorArray: nothing was written, so the shape of an element is unknown",
                "write it first, or give element_shape=...",
            )
        return zeros_like(self._items[0])

    def _fill(self, count: Any, element: Any) -> None:
        while len(self._items) < count:
            self._items.append(element)

    def _all(self) -> list[Any]:
        if len(self._items) < self._declared:
            self._fill(self._declared, self._empty_element())
        return self._items

    def _is_whole(self, index: Any, value: Any) -> bool:
        """Whether the elements are one tensor from this write on."""
        if not isinstance(self._rows, Unwritten):
            return True
        if self.dynamic_size or not has_known_shape(value):
            return False
        if not is_known(self._declared) or not is_known(len(self._items)):
            return False
        return not is_known(index) or (index > len(self._items) and not is_known(value))

    def write(self, index: Any, value: Any, name: str | None = None) -> TensorArray:
        """Put `value` at `index`; returns the array."""
        value = convert_to_tensor(value, self.dtype)
        if not self.element_shape.is_compatible_with(value.shape):
            raise InvalidArgumentError(
                "TFC106",
                f"TensorArray.write: expected a value of shape {self.element_shape}, got {value.shape}",
                "write values of element_shape, or leave element_shape out",
            )
        self._check("write", index)
        if self._is_whole(index, value):
            count = max(int(self._declared), len(self._items))
            self._rows = with_row(self._rows, count, index, value)
            return self
        if index == len(self._items):
            self._items.append(value)
        else:
            self._fill(index + 1, zeros_like(value))
            self._items[index] = value
        return self

    def read(self, index: Any, name: str | None = None) -> Any:
        """The element at `index`."""
        self._check("read", index)
        if not isinstance(self._rows, Unwritten):
            return self._rows[index]
        if index < len(self._items):
            return self._items[index]
        return self._empty_element()

    def stack(self, name: str | None = None) -> Any:
        """All elements as one tensor."""
        if not isinstance(self._rows, Unwritten):
            return self._rows
        items = self._all()
        if self.element_shape.is_fully_defined() and len(items) == 0:
            return zeros([0, *self.element_shape.as_list()], self.dtype)
        return stack(items)

    def concat(self, name: str | None = None) -> Any:
        """All elements joined along their first axis."""
        if not isinstance(self._rows, Unwritten):
            return concat([self._rows[k] for k in range(self._declared)], 0)
        return concat(self._all(), 0)

    def gather(self, indices: Any, name: str | None = None) -> Any:
        """The elements at `indices`, stacked."""
        return gather(self.stack(), indices)

    def scatter(self, indices: Any, value: Any, name: str | None = None) -> TensorArray:
        """Write the rows of `value` at `indices`."""
        rows = convert_to_tensor(value, self.dtype)
        places = convert_to_tensor(indices)
        for number in range(len(places)):
            self.write(places[number], rows[number])
        return self

    def split(self, value: Any, lengths: Any, name: str | None = None) -> TensorArray:
        """Fill the array with the parts of `value` of these lengths, one after the other."""
        return self._holding(list(split(convert_to_tensor(value, self.dtype), lengths)))

    def unstack(self, value: Any, name: str | None = None) -> TensorArray:
        """Fill the array with the rows of `value`."""
        return self._holding(list(convert_to_tensor(value, self.dtype)))

    def _holding(self, items: list[Any]) -> TensorArray:
        self._items = items
        self._rows = Unwritten(items)
        return self

    def __repr__(self) -> str:
        count = max(self._declared, len(self._items))
        return f"<tf.TensorArray: dtype={self.dtype.name}, size={count}, element_shape={self.element_shape}>"

    def size(self, name: str | None = None) -> Any:
        """The number of elements, an int32 scalar."""
        return convert_to_tensor(max(self._declared, len(self._items)))

    def identity(self) -> TensorArray:
        """This very array."""
        return self

    def grad(self, source: Any, flow: Any = None, name: str | None = None) -> Any:
        """Not needed: gradient tapes see the elements themselves."""
        raise NotImplementedError("gradients of a TensorArray are taken by tf.GradientTape")
