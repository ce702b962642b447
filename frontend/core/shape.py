"""`TensorShape` and `TensorSpec`: what is known of a tensor before it has values."""

from __future__ import annotations

import functools
import operator
from collections.abc import Iterable, Iterator
from typing import Any, overload

import numpy as np
from tfc.core import dtypes
from tfc.core.dtypes import DType
from tfc.core.errors import InvalidArgumentError, TFCTypeError
from tfc.core.requirements import require_iterable
from tfc.dialects.tfc.semantics.types import ArrayType


def _size(size: Any, dims: Any) -> int | None:
    if size is None:
        return None
    try:
        known = size if size.__class__ is int else operator.index(size)
    except TypeError:
        raise TFCTypeError(
            "TFC108",
            f"a shape of {dims!r}: {size!r} is not a size",
            "give ints, and None where unknown",
        ) from None
    if known < 0:
        raise InvalidArgumentError(
            "TFC107",
            f"a shape of {dims!r}: {known} is not a size",
            "write None for a size that is unknown",
        )
    return known


class TensorShape:
    """A shape whose sizes, or whose rank, may be unknown. Compares equal to a tuple or list of its sizes.

    >>> import tfc as tf
    >>> tf.TensorShape([None, 3]).is_compatible_with([5, 3])
    True
    """

    __slots__ = ("_dims",)

    def __init__(self, dims: Any) -> None:
        if isinstance(dims, TensorShape):
            self._dims = dims._dims
        elif dims is None:
            self._dims = None
        elif isinstance(dims, (int, np.integer)):
            self._dims = (int(dims),)
        else:
            sizes = require_iterable("TensorShape", dims)
            self._dims: tuple[int | None, ...] | None = tuple([_size(size, dims) for size in sizes])

    @classmethod
    def of(cls, sizes: tuple[int | None, ...]) -> TensorShape:
        """The shape of a type, whose sizes need no check."""
        shape = object.__new__(cls)
        shape._dims = sizes
        return shape

    @property
    def rank(self) -> int | None:
        return None if self._dims is None else len(self._dims)

    @property
    def ndims(self) -> int | None:
        return self.rank

    @property
    def dims(self) -> tuple[int | None, ...] | None:
        return self._dims

    def as_list(self) -> list[int | None]:
        """The sizes, None where unknown; raises `ValueError` when the rank is unknown."""
        return list(self._known())

    def as_tuple(self) -> tuple[int | None, ...]:
        return self._known()

    def _known(self) -> tuple[int | None, ...]:
        if self._dims is None:
            raise InvalidArgumentError("TFC105", "the rank of this shape is unknown")
        return self._dims

    def is_fully_defined(self) -> bool:
        return self._dims is not None and None not in self._dims

    def assert_is_fully_defined(self) -> None:
        if not self.is_fully_defined():
            raise InvalidArgumentError("TFC106", f"shape {self} is not fully defined")

    def num_elements(self) -> int | None:
        """The product of the sizes, None when one is unknown."""
        if self._dims is None:
            return None
        product = 1
        for size in self._dims:
            if size is None:
                return None
            product *= size
        return product

    def is_compatible_with(self, other: Any) -> bool:
        """Whether one array could have both shapes."""
        theirs = TensorShape(other)._dims
        if self._dims is None or theirs is None:
            return True
        return len(self._dims) == len(theirs) and all(
            a is None or b is None or a == b for a, b in zip(self._dims, theirs, strict=True)
        )

    def assert_is_compatible_with(self, other: Any) -> None:
        if not self.is_compatible_with(other):
            raise InvalidArgumentError(
                "TFC106", f"shapes {self} and {TensorShape(other)} are incompatible"
            )

    def merge_with(self, other: Any) -> TensorShape:
        """The shape that knows what either knows; raises `ValueError` when they contradict."""
        self.assert_is_compatible_with(other)
        theirs = TensorShape(other)._dims
        if self._dims is None:
            return TensorShape(theirs)
        if theirs is None:
            return self
        return TensorShape(b if a is None else a for a, b in zip(self._dims, theirs, strict=True))

    def with_rank(self, rank: int) -> TensorShape:
        """The same shape, known to have this rank; raises `ValueError` when it has another."""
        return self.merge_with([None] * rank)

    def with_rank_at_least(self, rank: int) -> TensorShape:
        """The same shape; raises `ValueError` when its rank is known to be lower."""
        if self._dims is not None and len(self._dims) < rank:
            raise InvalidArgumentError("TFC105", f"shape {self} must have rank {rank} or more")
        return self

    def with_rank_at_most(self, rank: int) -> TensorShape:
        """The same shape; raises `ValueError` when its rank is known to be higher."""
        if self._dims is not None and len(self._dims) > rank:
            raise InvalidArgumentError("TFC105", f"shape {self} must have rank {rank} or less")
        return self

    def assert_has_rank(self, rank: int) -> None:
        self.with_rank(rank)

    def assert_same_rank(self, other: Any) -> None:
        theirs = TensorShape(other).rank
        if theirs is not None:
            self.with_rank(theirs)

    def most_specific_compatible_shape(self, other: Any) -> TensorShape:
        """The shape that both are cases of, with as much as they agree on."""
        theirs = TensorShape(other)._dims
        if self._dims is None or theirs is None or len(self._dims) != len(theirs):
            return TensorShape(None)
        return TensorShape([a if a == b else None for a, b in zip(self._dims, theirs, strict=True)])

    def most_specific_common_supertype(self, others: Iterable[Any]) -> TensorShape:
        """The shape that this one and `others` are cases of."""
        return functools.reduce(TensorShape.most_specific_compatible_shape, others, self)

    def is_subtype_of(self, other: Any) -> bool:
        """Whether each array of this shape is one of the other shape."""
        return self.most_specific_compatible_shape(other) == TensorShape(other)

    def concatenate(self, other: Any) -> TensorShape:
        theirs = TensorShape(other)._dims
        if self._dims is None or theirs is None:
            return TensorShape(None)
        return TensorShape(self._dims + theirs)

    def __add__(self, other: Any) -> TensorShape:
        return self.concatenate(other)

    def __radd__(self, other: Any) -> TensorShape:
        return TensorShape(other).concatenate(self)

    def __len__(self) -> int:
        return len(self._known())

    def __iter__(self) -> Iterator[int | None]:
        return iter(self._known())

    @overload
    def __getitem__(self, key: int) -> int | None: ...
    @overload
    def __getitem__(self, key: slice) -> TensorShape: ...
    def __getitem__(self, key: int | slice) -> int | TensorShape | None:
        if self._dims is None:
            return TensorShape(None) if isinstance(key, slice) else None
        return TensorShape(self._dims[key]) if isinstance(key, slice) else self._dims[key]

    def __eq__(self, other: object) -> bool:
        if isinstance(other, TensorShape):
            return self._dims == other._dims
        if isinstance(other, (tuple, list)):
            return self._dims == tuple(other)
        return False

    def __hash__(self) -> int:
        return hash(self._dims)

    def __bool__(self) -> bool:
        return self._dims is not None

    def __repr__(self) -> str:
        return f"TensorShape({None if self._dims is None else list(self._dims)})"

    def __str__(self) -> str:
        if self._dims is None:
            return "<unknown>"
        inner = ", ".join(map(str, self._dims))
        return f"({inner},)" if len(self._dims) == 1 else f"({inner})"


class TensorSpec:
    """The shape, dtype and name of a tensor argument, as in `tf.function(input_signature=[...])`."""

    __slots__ = ("dtype", "name", "shape")

    def __init__(self, shape: Any, dtype: Any = dtypes.float32, name: str | None = None) -> None:
        self.shape = TensorShape(shape)
        self.dtype: DType = dtypes.as_dtype(dtype)
        self.name = name

    @classmethod
    def from_tensor(cls, tensor: Any, name: str | None = None) -> TensorSpec:
        return cls(tensor.shape, tensor.dtype, name)

    @classmethod
    def from_spec(cls, spec: TensorSpec, name: str | None = None) -> TensorSpec:
        """The same spec, under another name where one is given."""
        return cls(spec.shape, spec.dtype, name or spec.name)

    @property
    def array_type(self) -> ArrayType:
        """The same for the compiler; raises `ValueError` when the rank is unknown."""
        return ArrayType(self.dtype.numpy, self.shape.as_tuple())

    def is_compatible_with(self, spec_or_tensor: Any) -> bool:
        """Whether a tensor or spec has this dtype and fits this shape."""
        return self.dtype == spec_or_tensor.dtype and self.shape.is_compatible_with(
            spec_or_tensor.shape
        )

    def is_subtype_of(self, other: Any) -> bool:
        """Whether each tensor of this spec is one of the other."""
        return (
            isinstance(other, TensorSpec)
            and (self.dtype, self.name) == (other.dtype, other.name)
            and self.shape.is_subtype_of(other.shape)
        )

    def most_specific_common_supertype(self, others: Iterable[TensorSpec]) -> TensorSpec | None:
        """The spec that this one and `others` are cases of; None when dtypes or names differ."""
        others = list(others)
        if any((item.dtype, item.name) != (self.dtype, self.name) for item in others):
            return None
        shape = self.shape.most_specific_common_supertype([item.shape for item in others])
        return TensorSpec(shape, self.dtype, self.name)

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, TensorSpec)
            and self.shape == other.shape
            and self.dtype == other.dtype
            and self.name == other.name
        )

    def __hash__(self) -> int:
        return hash((self.shape, self.dtype, self.name))

    def __repr__(self) -> str:
        return f"TensorSpec(shape={self.shape}, dtype={self.dtype!r}, name={self.name!r})"
