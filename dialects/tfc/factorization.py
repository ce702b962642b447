"""Factorisations of matrices and what they solve."""

from __future__ import annotations

from tfc.dialects.tfc.base import TfcOp
from tfc.dialects.tfc.semantics import factorization as semantics


class CholeskyOp(TfcOp):
    """The lower factor L of positive definite matrices, x = L L^T.

    %l = tfc.cholesky %x : (tensor<3x3xf32>) -> tensor<3x3xf32>
    """

    name = "tfc.cholesky"
    spec = semantics.cholesky


class MatrixInverseOp(TfcOp):
    """Inverses of square matrices, of the transposes with `adjoint`.

    %y = tfc.matrix_inverse %x {adjoint = false} : (tensor<3x3xf32>) -> tensor<3x3xf32>
    """

    name = "tfc.matrix_inverse"
    spec = semantics.matrix_inverse


class DeterminantOp(TfcOp):
    """Determinants of square matrices.

    %d = tfc.determinant %x : (tensor<3x3xf32>) -> tensor<f32>
    """

    name = "tfc.determinant"
    spec = semantics.determinant


class LogDeterminantOp(TfcOp):
    """Sign and logarithm of the absolute value of determinants.

    %s, %l = tfc.log_determinant %x : (tensor<3x3xf32>) -> (tensor<f32>, tensor<f32>)
    """

    name = "tfc.log_determinant"
    spec = semantics.log_determinant


class SolveOp(TfcOp):
    """x in a x = b, in a^T x = b with `adjoint`; batches broadcast.

    %x = tfc.solve %a, %b {adjoint = false} : (tensor<3x3xf32>, tensor<3x2xf32>) -> tensor<3x2xf32>
    """

    name = "tfc.solve"
    spec = semantics.solve


class TriangularSolveOp(TfcOp):
    """x in a x = b for the lower or upper triangle of a; the rest of a is not read.

    %x = tfc.triangular_solve %a, %b {lower = true, adjoint = false} : (tensor<3x3xf32>, tensor<3x2xf32>) -> tensor<3x2xf32>
    """

    name = "tfc.triangular_solve"
    spec = semantics.triangular_solve


class QrOp(TfcOp):
    """x = q r with orthonormal columns in q and r upper triangular.

    %q, %r = tfc.qr %x {full_matrices = false} : (tensor<4x3xf32>) -> (tensor<4x3xf32>, tensor<3x3xf32>)
    """

    name = "tfc.qr"
    spec = semantics.qr


class SvdOp(TfcOp):
    """Singular values (descending), left and right singular vectors as columns: x = u diag(s) v^T.

    %s, %u, %v = tfc.svd %x {full_matrices = false} : (tensor<4x3xf32>) -> (tensor<3xf32>, tensor<4x3xf32>, tensor<3x3xf32>)
    """

    name = "tfc.svd"
    spec = semantics.svd


class SingularValuesOp(TfcOp):
    """Singular values, descending.

    %s = tfc.singular_values %x : (tensor<4x3xf32>) -> tensor<3xf32>
    """

    name = "tfc.singular_values"
    spec = semantics.singular_values


class EighOp(TfcOp):
    """Eigenvalues (ascending) and eigenvectors (columns) of symmetric matrices; the lower triangle is read.

    %w, %v = tfc.eigh %x : (tensor<3x3xf32>) -> (tensor<3xf32>, tensor<3x3xf32>)
    """

    name = "tfc.eigh"
    spec = semantics.eigh


class EigvalshOp(TfcOp):
    """Eigenvalues of symmetric matrices, ascending; the lower triangle is read.

    %w = tfc.eigvalsh %x : (tensor<3x3xf32>) -> tensor<3xf32>
    """

    name = "tfc.eigvalsh"
    spec = semantics.eigvalsh


class LuOp(TfcOp):
    """Both triangular factors in one matrix, x[p] = l u, and the order p of the rows; the diagonal of l is 1.

    %lu, %p = tfc.lu %x : (tensor<3x3xf32>) -> (tensor<3x3xf32>, tensor<3xi32>)
    """

    name = "tfc.lu"
    spec = semantics.lu


class MatrixExponentialOp(TfcOp):
    """The sum of x^k / k! over all k.

    %y = tfc.matrix_exponential %x : (tensor<3x3xf32>) -> tensor<3x3xf32>
    """

    name = "tfc.matrix_exponential"
    spec = semantics.matrix_exponential


class MatrixSquareRootOp(TfcOp):
    """The principal square root y of real matrices without eigenvalues at or below zero, y y = x.

    %y = tfc.matrix_square_root %x : (tensor<3x3xf32>) -> tensor<3x3xf32>
    """

    name = "tfc.matrix_square_root"
    spec = semantics.matrix_square_root


OPS = (
    CholeskyOp,
    MatrixInverseOp,
    DeterminantOp,
    LogDeterminantOp,
    SolveOp,
    TriangularSolveOp,
    QrOp,
    SvdOp,
    SingularValuesOp,
    EighOp,
    EigvalshOp,
    LuOp,
    MatrixExponentialOp,
    MatrixSquareRootOp,
)
