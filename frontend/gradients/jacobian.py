"""Jacobians: one gradient for each element of the target. In compiled functions, many of them are a loop."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from tfc.core import nest
from tfc.core.convert import convert
from tfc.core.errors import InvalidArgumentError
from tfc.core.recording import STATE
from tfc.core.tensor import Tensor
from tfc.dialects.tfc.semantics.types import ArrayType

if TYPE_CHECKING:
    from tfc.gradients.tape import GradientTape, Pull, UnconnectedGradients
    from tfc.tracing.trace import Trace

UNROLLED_SEEDS = 8
"""Gradients that a compiled function takes one by one; more are a loop."""

_INT64 = np.dtype(np.int64)


def jacobian(
    tape: GradientTape, target: Any, sources: Any, unconnected: UnconnectedGradients
) -> Any:
    """What `GradientTape.jacobian` does."""
    from tfc.ops.shape import reshape
    from tfc.ops.sizes import dims

    output = convert(target)
    shape = dims(output)
    count = math.prod(shape)

    def seed(index: Any) -> Tensor:
        return reshape(_unit(count, index, output), shape)

    flat = nest.flatten(sources)
    rows = tape.pull_back(output, sources, unconnected, lambda pull: _rows(pull, count, seed, flat))
    results = [
        None if row is None else reshape(row, [*shape, *dims(source)])
        for row, source in zip(rows, flat, strict=True)
    ]
    return nest.pack_sequence_as(sources, results)


def batch_jacobian(
    tape: GradientTape, target: Any, source: Any, unconnected: UnconnectedGradients
) -> Tensor | None:
    """What `GradientTape.batch_jacobian` does."""
    from tfc.ops.creation import zeros_like
    from tfc.ops.shape import reshape, transpose
    from tfc.ops.sizes import dims

    output = convert(target)
    kind = output.type.shape
    batch, *rest = dims(output)
    if None not in (kind[0], source.type.shape[0]) and kind[0] != source.type.shape[0]:
        raise InvalidArgumentError(
            "TFC106",
            f"batch_jacobian: the target has {kind[0]} examples, the source {source.type.shape[0]}",
        )
    count = math.prod(rest)
    blank = zeros_like(reshape(output, [batch, count]))

    def seed(index: Any) -> Tensor:
        return reshape(blank + _unit(count, index, output), dims(output))

    (columns,) = tape.pull_back(
        output, source, unconnected, lambda pull: _rows(pull, count, seed, [source])
    )
    if columns is None:
        return None
    order = (1, 0, *range(2, 1 + len(source.type.shape)))
    return reshape(transpose(columns, order), [batch, *rest, *dims(source)[1:]])


def _unit(count: Any, index: Any, like: Tensor) -> Tensor:
    """The vector of `count` zeros with a one at `index`."""
    if isinstance(index, int):
        values = np.zeros(count, like.type.dtype)
        values[index] = 1
        return Tensor._wrap(values)
    from tfc.ops.casting import cast
    from tfc.ops.comparison import equal
    from tfc.ops.creation import range as numbers

    return cast(equal(numbers(count, dtype=_INT64), index), like.type.dtype)


def _rows(
    pull: Pull, count: Any, seed: Callable[[Any], Tensor], sources: Sequence[Any]
) -> list[Tensor | None]:
    """For each source the gradients for all seeds, along a new first axis."""
    from tfc.ops.creation import zeros
    from tfc.ops.packing import pack

    recorder: Any = STATE.recorder
    if recorder is not None and not (isinstance(count, int) and count <= UNROLLED_SEEDS):
        return _loop(recorder, pull, count, seed, sources)
    if count == 0:
        return [zeros((0, *source.type.shape), source.dtype) for source in sources]
    columns = zip(*[pull(seed(index)) for index in range(count)], strict=True)
    return [None if column[0] is None else pack(column, None) for column in columns]


def _loop(
    trace: Trace, pull: Pull, count: Any, seed: Callable[[Any], Tensor], sources: Sequence[Any]
) -> list[Tensor | None]:
    """An `scf.for` over the seeds that writes a row of each result in an iteration."""
    from tfc.graph.control import FOR
    from tfc.graph.nodes import Region
    from tfc.ops.casting import cast
    from tfc.ops.creation import zeros_of
    from tfc.ops.shape import expand_dims
    from tfc.ops.sizes import dims
    from tfc.ops.slicing import basic_slice_update
    from tfc.tracing.values.symbolic import make_symbolic

    initial = [zeros_of((count, *dims(convert(source))), source.type.dtype) for source in sources]
    types = [tensor.type for tensor in initial]
    region = Region([ArrayType(_INT64, ()), *types])
    with trace.inside(region) as scope:
        index, *stacks = [make_symbolic(value, scope) for value in region.arguments]
        rows = pull(seed(index))
        for stack, row in zip(stacks, rows, strict=True):
            start = [index, *[0] * (len(stack.type.shape) - 1)]
            written = (
                stack if row is None else basic_slice_update(stack, expand_dims(row, 0), start)
            )
            region.results.append(trace.value_of(written))
    bounds = [cast(convert(number), _INT64) for number in (0, count, 1)]
    inputs = [trace.as_symbolic(tensor) for tensor in (*bounds, *initial)]
    results = trace.emit_control(FOR, inputs, {}, types, [region])
    return [None if row is None else result for row, result in zip(rows, results, strict=True)]
