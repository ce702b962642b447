"""`tf.linalg`: linear algebra."""

from __future__ import annotations

from tfc.ops.contraction import matmul, matvec, tensordot

__all__ = [
    "matmul",
    "matvec",
    "tensordot",
]
