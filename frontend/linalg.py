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
from tfc.ops.matrices import (
    cross,
    expm,
    lu,
    lu_matrix_inverse,
    lu_reconstruct,
    lu_solve,
    normalize,
    sqrtm,
    tensor_diag,
    tensor_diag_part,
)
from tfc.ops.reduction import l2_normalize, norm

__all__ = [
    "adjoint",
    "band_part",
    "cholesky",
    "cholesky_solve",
    "cross",
    "det",
    "diag",
    "diag_part",
    "eigh",
    "eigvalsh",
    "einsum",
    "expm",
    "eye",
    "global_norm",
    "inv",
    "l2_normalize",
    "logdet",
    "lstsq",
    "lu",
    "lu_matrix_inverse",
    "lu_reconstruct",
    "lu_solve",
    "matmul",
    "matrix_rank",
    "matrix_transpose",
    "matvec",
    "norm",
    "normalize",
    "pinv",
    "qr",
    "set_diag",
    "slogdet",
    "solve",
    "sqrtm",
    "svd",
    "tensor_diag",
    "tensor_diag_part",
    "tensordot",
    "trace",
    "triangular_solve",
]
