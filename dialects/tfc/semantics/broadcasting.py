"""NumPy's broadcasting rule on shapes with unknown sizes."""

from __future__ import annotations

from tfc.dialects.tfc.semantics.errors import OpError
from tfc.dialects.tfc.semantics.types import ArrayType, Shape


def broadcast_dim(left: int | None, right: int | None) -> int | None:
    """The size of a dimension after broadcasting; raises `ValueError` when the sizes cannot meet.

    An unknown size against a known one other than 1 must turn out equal (or 1) at run time, so the result is known.
    """
    if right in (left, 1):
        return left
    if left == 1:
        return right
    if left is None:
        return right
    if right is None:
        return left
    raise ValueError


def broadcast_shapes(op: str, *types: ArrayType) -> Shape:
    """The shape that `types` broadcast to; raises `OpError` TFC103 naming `op`."""
    first = types[0].shape
    result = first
    for other in types[1:]:
        shape = other.shape
        if shape == result or not shape:
            continue
        rank = max(len(result), len(shape))
        left = (1,) * (rank - len(result)) + result
        right = (1,) * (rank - len(shape)) + shape
        try:
            result = tuple(map(broadcast_dim, left, right))
        except ValueError:
            listed = " and ".join(str(kind) for kind in types)
            raise OpError(
                "TFC103",
                f"{op}: shapes do not broadcast: got {listed}",
                "make the sizes equal or 1, aligned from the last dimension (tf.reshape, tf.expand_dims)",
            ) from None
    return result
