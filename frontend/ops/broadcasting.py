"""Several tensors broadcast to one shape."""

from __future__ import annotations

from collections.abc import Sequence

from tfc.core.tensor import Tensor
from tfc.ops.shape import broadcast_dynamic_sizes, broadcast_to
from tfc.ops.sizes import Size, dims


def broadcast_together(tensors: Sequence[Tensor]) -> list[Tensor]:
    """The tensors, all broadcast to the shape they have together. Raises `ValueError` TFC103."""
    if len({tensor.type.shape for tensor in tensors}) == 1 and tensors[0].type.is_static:
        return list(tensors)
    sizes: list[Size] = []
    for tensor in tensors:
        sizes = broadcast_dynamic_sizes(sizes, dims(tensor))
    return [broadcast_to(tensor, sizes) for tensor in tensors]
