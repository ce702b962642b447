"""Adding up gradients.

The gradient of `x[i]` is zero but for one row. In a loop over `i` such gradients would make each iteration as expensive as the
whole of `x`; they are added to the place where they belong instead:

    add(%known, slice_update(zeros, %g, %i))    ->  slice_update(%known, add(slice(%known, %i), %g), %i)
    add(%known, scatter_along(zeros, %i, %g))   ->  scatter_along(%known, %i, %g)
"""

from __future__ import annotations

from typing import Any

from tfc.core.dispatch import apply
from tfc.core.tensor import Tensor
from tfc.dialects.tfc.semantics import indexing, shape, slicing

_SCATTERS = (indexing.scatter_along, indexing.scatter_nd)
_UPDATES = {
    slicing.slice_update: slicing.slice_,
    slicing.strided_slice_update: slicing.strided_slice,
}


def accumulate(gradients: dict[int, Tensor], key: int, gradient: Tensor) -> None:
    """Add to the gradient of the value with this key."""
    known = gradients.get(key)
    gradients[key] = gradient if known is None else add(known, gradient)


def add(known: Tensor, gradient: Tensor) -> Tensor:
    """The sum of two gradients of one value."""
    made: Any = gradient
    value = None if gradient.__class__ is Tensor else getattr(made, "_value", None)
    node = (
        None if value is None else value.node
    )  # a recorder may have symbolic tensors of its own kind
    if node is None or not node.inputs or not _is_zeros(node.inputs[0]):
        return known + gradient
    spec = node.spec
    if spec in _SCATTERS and node.attributes["combiner"] == "add":
        return apply(spec, known, *_tensors(made, node.inputs[1:]), **node.attributes)
    read = _UPDATES.get(spec)
    if read is None:
        return known + gradient
    value, *bounds = _tensors(made, node.inputs[1:])
    attributes = node.attributes
    if spec is slicing.slice_update:
        size = value.type.shape
        if None in size:
            return known + gradient
        there = apply(read, known, *bounds, begin=attributes["begin"], size=size)
    else:
        there = apply(read, known, *bounds, **attributes)
    return apply(spec, known, there + value, *bounds, **attributes)


def _tensors(like: Any, values: list[Any]) -> list[Tensor]:
    from tfc.tracing.values.symbolic import make_symbolic

    return [make_symbolic(value, like._scope.home_of(value)) for value in values]


def _is_zeros(value: Any) -> bool:
    """Whether a value of a trace is zeros made on the spot."""
    node = value.node
    if node is None:
        return False
    if node.spec is shape.broadcast_to:
        return _is_zeros(node.inputs[0])
    return node.spec.name == "arith.constant" and not node.attributes["value"].any()
