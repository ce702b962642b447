"""Jacobians: the gradient of one element of the target after the other."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
from tfc.core import nest
from tfc.core.convert import convert
from tfc.core.errors import InvalidArgumentError
from tfc.core.tensor import Tensor

if TYPE_CHECKING:
    from tfc.gradients.tape import GradientTape, UnconnectedGradients


def jacobian(
    tape: GradientTape, target: Any, sources: Any, unconnected: UnconnectedGradients
) -> Any:
    """What `GradientTape.jacobian` does."""
    from tfc.ops.creation import zeros
    from tfc.ops.packing import pack
    from tfc.ops.shape import reshape

    output = convert(target)
    shape = output.shape
    if not shape.is_fully_defined():
        raise InvalidArgumentError(
            "TFC105", f"jacobian: the target's shape must be known, got {shape}"
        )
    count = shape.num_elements() or 0
    seeds = [reshape(_unit(count, index, output), shape.as_tuple()) for index in range(count)]
    rows = tape.pull_back(output, seeds, sources, unconnected)
    results: list[Tensor | None] = []
    for position, source in enumerate(nest.flatten(sources)):
        column = [row[position] for row in rows]
        full = (*shape.as_tuple(), *source.type.shape)
        if not column:
            results.append(zeros(full, source.dtype))
        else:
            results.append(None if column[0] is None else reshape(pack(column, None), full))
    return nest.pack_sequence_as(sources, results)


def batch_jacobian(
    tape: GradientTape, target: Any, source: Any, unconnected: UnconnectedGradients
) -> Tensor | None:
    """What `GradientTape.batch_jacobian` does."""
    from tfc.ops.creation import zeros, zeros_like
    from tfc.ops.packing import pack
    from tfc.ops.shape import reshape, transpose
    from tfc.ops.sizes import dims

    output = convert(target)
    kind = output.type.shape
    batch, *rest = dims(output)
    if None in kind[1:]:
        raise InvalidArgumentError(
            "TFC105",
            f"batch_jacobian: the shape of an example of the target must be known, got {output.shape}",
        )
    if None not in (kind[0], source.type.shape[0]) and kind[0] != source.type.shape[0]:
        raise InvalidArgumentError(
            "TFC106",
            f"batch_jacobian: the target has {kind[0]} examples, the source {source.type.shape[0]}",
        )
    count = math.prod(size or 0 for size in kind[1:])
    blank = zeros_like(reshape(output, [batch, count]))
    seeds = [reshape(blank + _unit(count, i, output), dims(output)) for i in range(count)]
    columns = [row[0] for row in tape.pull_back(output, seeds, source, unconnected)]
    shape = [batch, *rest, *dims(source)[1:]]
    if not columns:
        return zeros(shape, source.dtype)
    if columns[0] is None:
        return None
    order = (1, 0, *range(2, 1 + len(source.type.shape)))
    return reshape(transpose(pack(columns, None), order), shape)


def _unit(count: int, index: int, like: Tensor) -> Tensor:
    """The vector of `count` zeros with a one at `index`."""
    values = np.zeros(count, like.type.dtype)
    values[index] = 1
    return Tensor._wrap(values)
