"""Distributions over a source of states: a generator, or a fixed state (the stateless functions)."""

from __future__ import annotations

import functools
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np
from tfc.core.convert import as_numpy_dtype, convert
from tfc.core.dispatch import apply, apply_late
from tfc.core.errors import InvalidArgumentError
from tfc.core.plans import PLANNED, planned
from tfc.core.recording import certain
from tfc.core.tensor import Tensor
from tfc.dialects.tfc.semantics import indexing
from tfc.dialects.tfc.semantics import random as semantics
from tfc.dialects.tfc.semantics.dtypes import FLOAT32, FLOAT64, INT64, is_float
from tfc.dialects.tfc.semantics.spec import OpSpec
from tfc.ops.casting import bitcast, cast
from tfc.ops.shape import broadcast_dynamic_shape, broadcast_to
from tfc.ops.shape import shape as shape_of
from tfc.ops.sizes import Size, as_sizes, dims, split_sizes

F = TypeVar("F", bound=Callable[..., Any])


def count_of(sizes: list[Size]) -> Size:
    """The number of elements."""
    count: Size = 1
    for size in sizes:
        count = size if isinstance(count, int) and count == 1 else count * size
    return count


class Sampler(ABC):
    """Draws numbers of several distributions."""

    @abstractmethod
    def draw(self, count: Size) -> Tensor:
        """The state to draw `count` numbers from."""

    def filled(self, spec: OpSpec, shape: Any, dtype: np.dtype) -> Tensor:
        """`shape` filled by one of the ops of family `random`."""
        sizes = as_sizes(shape, "shape")
        state = self.draw(count_of(sizes))
        static, operands = split_sizes(sizes)
        return apply_late(spec, state, *operands, shape=static, dtype=dtype)

    def normal(
        self,
        shape: Any,
        mean: Any = 0.0,
        stddev: Any = 1.0,
        dtype: Any = np.float32,
        name: str | None = None,
    ) -> Tensor:
        """Normal numbers of this mean and standard deviation; both broadcast to `shape`."""
        wanted = _float_dtype(dtype)
        return _scaled(self.filled(semantics.random_normal, shape, wanted), stddev, mean)

    def truncated_normal(
        self,
        shape: Any,
        mean: Any = 0.0,
        stddev: Any = 1.0,
        dtype: Any = np.float32,
        name: str | None = None,
    ) -> Tensor:
        """As `normal`, numbers more than two standard deviations away drawn again."""
        wanted = _float_dtype(dtype)
        drawn = self.filled(semantics.random_truncated_normal, shape, wanted)
        return _scaled(drawn, stddev, mean)

    def uniform(
        self,
        shape: Any,
        minval: Any = 0,
        maxval: Any = None,
        dtype: Any = np.float32,
        name: str | None = None,
    ) -> Tensor:
        """Numbers in [minval, maxval): floats with equal steps, or integers (which need a `maxval`)."""
        wanted = as_numpy_dtype(dtype) or FLOAT32
        if is_float(wanted):
            drawn = self.filled(semantics.random_uniform, shape, wanted)
            if maxval is None and minval.__class__ is int and not minval:
                return drawn
            top = 1 if maxval is None else maxval
            low = 0 if minval is None else minval
            return _scaled(
                drawn, top - low if _plain(top, low) else convert(top, wanted) - low, low
            )
        if minval is None and maxval is None:
            return self.uniform_full_int(shape, wanted)
        if maxval is None:
            raise InvalidArgumentError(
                "TFC107",
                f"uniform: maxval is needed for {wanted.name}",
                "give maxval, the first number that is not drawn",
            )
        return self._integers(shape, 0 if minval is None else minval, maxval, wanted)

    def _integers(self, shape: Any, minval: Any, maxval: Any, dtype: np.dtype) -> Tensor:
        if _plain(minval, maxval) and minval >= maxval:
            raise InvalidArgumentError(
                "TFC107",
                f"uniform: expected minval < maxval, got {minval} and {maxval}",
                "maxval is the first number that is not drawn",
            )
        low, high = convert(minval, dtype), convert(maxval, dtype)
        unsigned = np.dtype(f"u{dtype.itemsize}") if dtype.itemsize >= 4 else np.dtype(np.uint32)
        bits = self.filled(semantics.random_bits, shape, unsigned)
        # high - low may exceed the signed range; as unsigned numbers that wrap around it is right.
        span = _as_unsigned(high, unsigned) - _as_unsigned(low, unsigned)
        offset = bits % span
        return low + (bitcast(offset, dtype) if dtype.itemsize >= 4 else cast(offset, dtype))

    def uniform_full_int(
        self, shape: Any, dtype: Any = np.uint64, name: str | None = None
    ) -> Tensor:
        """Integers of every bit pattern: int32, int64, uint32 or uint64."""
        wanted = as_numpy_dtype(dtype) or np.dtype(np.uint64)
        return self.filled(semantics.random_bits, shape, wanted)

    def gamma(self, alpha: Tensor) -> Tensor:
        """A gamma number (scale 1) for each shape parameter."""
        return apply(semantics.random_gamma, self.draw(count_of(dims(alpha))), alpha)

    def poisson(self, rate: Tensor) -> Tensor:
        """A Poisson number, as a float, for each rate."""
        return apply(semantics.random_poisson, self.draw(count_of(dims(rate))), rate)

    def categorical(self, logits: Any, num_samples: Any, dtype: Any = None) -> Tensor:
        """int64 `[batch, num_samples]`: classes, drawn with probabilities softmax(logits) of `[batch, classes]`."""
        from tfc.ops.arithmetic import minimum
        from tfc.ops.reduction import reduce_max
        from tfc.ops.scan import cumsum
        from tfc.ops.searching import searchsorted
        from tfc.ops.transcendental import exp

        x = convert(logits)
        if len(x.type.shape) != 2:
            raise InvalidArgumentError(
                "TFC105",
                f"categorical: logits must be [batch, classes], got {x.type}",
                "add a batch dimension: logits[None, :]",
            )
        wide = cast(x, FLOAT64)
        weights = cumsum(exp(wide - reduce_max(wide, axis=-1, keepdims=True)), axis=-1)
        batch, classes = dims(x)
        uniform = self.uniform([batch, num_samples], dtype=FLOAT64)
        found = searchsorted(weights, uniform * weights[:, -1:], side="right", out_type=INT64)  # pyright: ignore[reportIndexIssue, reportUnknownArgumentType]
        last = convert(classes - 1, INT64) if isinstance(classes, int) else cast(classes - 1, INT64)
        result = minimum(found, last)
        wanted = as_numpy_dtype(dtype)
        return result if wanted is None else cast(result, wanted)

    def shuffled(self, value: Any) -> Tensor:
        """`value` with its first dimension in random order."""
        from tfc.ops.searching import order_of

        x = convert(value)
        if not x.type.shape:
            return x
        keys = self.uniform_full_int([dims(x)[0]], np.int64)
        order = order_of(keys, -1, False, INT64)
        with certain():
            return apply(indexing.gather, x, order, axis=0, batch_dims=0, negative="wrap")


def planned_by_seed(function: F) -> F:
    """`function` with plans for all seeds: they are another one for each draw, while plans are for equal lists."""
    inner = planned(function)
    position = function.__code__.co_varnames.index("seed")

    def call(*args: Any, **kwargs: Any) -> Any:
        if len(args) > position:
            args = (*args[:position], convert(args[position]), *args[position + 1 :])
        elif "seed" in kwargs:
            kwargs["seed"] = convert(kwargs["seed"])
        return inner(*args, **kwargs)

    made: Any = functools.update_wrapper(call, function)
    PLANNED.add(made)
    return made


class FixedState(Sampler):
    """What the stateless functions draw from."""

    def __init__(self, seed: Any) -> None:
        given = convert(seed)
        if given.type.shape not in ((2,), (None,)) or given.type.dtype.kind not in "iu":
            raise InvalidArgumentError(
                "TFC107",
                f"random: expected a seed of two integers, got {given.type}",
                "write seed=[1, 2]",
            )
        self.state = apply(semantics.random_seed_state, given)

    def draw(self, count: Size) -> Tensor:
        return self.state


def _float_dtype(dtype: Any) -> np.dtype:
    return as_numpy_dtype(dtype) or FLOAT32


def _plain(*values: Any) -> bool:
    return all(isinstance(value, bool | int | float) for value in values)


def _scaled(drawn: Tensor, scale: Any, offset: Any) -> Tensor:
    """`drawn * scale + offset`; a scale of 1 and an offset of 0 cost nothing."""
    if not (isinstance(scale, int | float) and scale == 1):
        drawn = drawn * convert(scale, drawn.type.dtype)
    if not (isinstance(offset, int | float) and offset == 0):
        drawn = drawn + convert(offset, drawn.type.dtype)
    return drawn


def _as_unsigned(x: Tensor, dtype: np.dtype) -> Tensor:
    return bitcast(x, dtype) if x.type.dtype.itemsize == dtype.itemsize else cast(x, dtype)


def with_parameters(shape: Any, *parameters: Tensor, appended: bool) -> list[Tensor]:
    """Parameters broadcast together, and to `shape`; with `appended`, to `shape` followed by their own shape."""
    common = shape_of(parameters[0])
    for other in parameters[1:]:
        common = broadcast_dynamic_shape(common, shape_of(other))
    sizes = as_sizes(shape, "shape")
    target = [*sizes, *as_sizes(common, "shape")] if appended else sizes
    return [broadcast_to(parameter, target) for parameter in parameters]
