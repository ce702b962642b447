"""`tf.linalg`: linear algebra."""

from __future__ import annotations

from tfc.ops.clipping import global_norm
from tfc.ops.contraction import matmul, matvec, tensordot
from tfc.ops.creation import (
    eye,
)
from tfc.ops.diagonal import band_part, diag, diag_part, set_diag, trace
from tfc.ops.einsum import einsum
from tfc.ops.factorization import (
    adjoint,
    cholesky,
    cholesky_solve,
    det,
    eigh,
    eigvalsh,
    inv,
    logdet,
    lstsq,
    matrix_rank,
    matrix_transpose,
    pinv,
    qr,
    slogdet,
    solve,
    svd,
    triangular_solve,
)
from tfc.ops.reduction import l2_normalize, norm

__all__ = [
    "adjoint",
    "band_part",
    "cholesky",
    "cholesky_solve",
    "det",
    "diag",
    "diag_part",
    "eigh",
    "eigvalsh",
    "einsum",
    "eye",
    "global_norm",
    "inv",
    "l2_normalize",
    "logdet",
    "lstsq",
    "matmul",
    "matrix_rank",
    "matrix_transpose",
    "matvec",
    "norm",
    "pinv",
    "qr",
    "set_diag",
    "slogdet",
    "solve",
    "svd",
    "tensordot",
    "trace",
    "triangular_solve",
]
