"""`tf.linalg`: linear algebra."""

from __future__ import annotations

from tfc.ops.clipping import global_norm
from tfc.ops.contraction import matmul, matvec, tensordot
from tfc.ops.creation import (
    eye,
)
from tfc.ops.reduction import l2_normalize, norm

__all__ = [
    "eye",
    "global_norm",
    "l2_normalize",
    "matmul",
    "matvec",
    "norm",
    "tensordot",
]
