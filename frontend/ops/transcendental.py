"""Roots, exponentials, logarithms, trigonometric and special functions.

All take floats of any shape and raise `TypeError` (TFC102) for other dtypes.
"""

from __future__ import annotations

import math
from typing import Any

from tfc.core.convert import convert
from tfc.core.tensor import Tensor
from tfc.dialects.tfc.semantics import transcendental as semantics
from tfc.ops.applying import binary, convert_pair, require_floats, unary
from tfc.ops.arithmetic import divide, multiply
from tfc.ops.comparison import equal
from tfc.ops.logical import select


def sqrt(x: Any, name: str | None = None) -> Tensor:
    """The square root, nan below zero, for floats of any shape.

    >>> import tfc as tf
    >>> tf.sqrt([4.0, 9.0]).numpy()
    array([2., 3.], dtype=float32)
    """
    return unary(semantics.sqrt, x)


def rsqrt(x: Any, name: str | None = None) -> Tensor:
    """`1 / sqrt(x)`, for floats of any shape.

    >>> import tfc as tf
    >>> tf.math.rsqrt([4.0, 16.0]).numpy()
    array([0.5 , 0.25], dtype=float32)
    """
    return unary(semantics.rsqrt, x)


def exp(x: Any, name: str | None = None) -> Tensor:
    """e to the power of `x`, for floats of any shape.

    >>> import tfc as tf
    >>> tf.exp([0.0, 1.0]).numpy()
    array([1.      , 2.718282], dtype=float32)
    """
    return unary(semantics.exp, x)


def expm1(x: Any, name: str | None = None) -> Tensor:
    """`exp(x) - 1`, accurate near 0, for floats of any shape.

    >>> import tfc as tf
    >>> tf.math.expm1([1e-10]).numpy()
    array([1.e-10], dtype=float32)
    """
    return unary(semantics.expm1, x)


def log(x: Any, name: str | None = None) -> Tensor:
    """The natural logarithm: -inf for 0, nan below, for floats of any shape.

    >>> import tfc as tf
    >>> tf.math.log([1.0, 0.0]).numpy()
    array([  0., -inf], dtype=float32)
    """
    return unary(semantics.log, x)


def log1p(x: Any, name: str | None = None) -> Tensor:
    """`log(1 + x)`, accurate near 0, for floats of any shape.

    >>> import tfc as tf
    >>> tf.math.log1p([1e-10]).numpy()
    array([1.e-10], dtype=float32)
    """
    return unary(semantics.log1p, x)


def sin(x: Any, name: str | None = None) -> Tensor:
    """The sine of radians, for floats of any shape.

    >>> import tfc as tf
    >>> tf.sin([0.0, 1.5707964]).numpy()
    array([0., 1.], dtype=float32)
    """
    return unary(semantics.sin, x)


def cos(x: Any, name: str | None = None) -> Tensor:
    """The cosine of radians, for floats of any shape.

    >>> import tfc as tf
    >>> tf.cos([0.0]).numpy()
    array([1.], dtype=float32)
    """
    return unary(semantics.cos, x)


def tan(x: Any, name: str | None = None) -> Tensor:
    """The tangent of radians, for floats of any shape.

    >>> import tfc as tf
    >>> tf.tan([0.0]).numpy()
    array([0.], dtype=float32)
    """
    return unary(semantics.tan, x)


def asin(x: Any, name: str | None = None) -> Tensor:
    """The inverse sine in [-pi/2, pi/2], nan outside of [-1, 1], for floats of any shape.

    >>> import tfc as tf
    >>> tf.asin([1.0]).numpy()
    array([1.5707964], dtype=float32)
    """
    return unary(semantics.asin, x)


def acos(x: Any, name: str | None = None) -> Tensor:
    """The inverse cosine in [0, pi], nan outside of [-1, 1], for floats of any shape.

    >>> import tfc as tf
    >>> tf.acos([1.0]).numpy()
    array([0.], dtype=float32)
    """
    return unary(semantics.acos, x)


def atan(x: Any, name: str | None = None) -> Tensor:
    """The inverse tangent in (-pi/2, pi/2), for floats of any shape.

    >>> import tfc as tf
    >>> tf.atan([0.0]).numpy()
    array([0.], dtype=float32)
    """
    return unary(semantics.atan, x)


def sinh(x: Any, name: str | None = None) -> Tensor:
    """The hyperbolic sine, for floats of any shape.

    >>> import tfc as tf
    >>> tf.sinh([0.0]).numpy()
    array([0.], dtype=float32)
    """
    return unary(semantics.sinh, x)


def cosh(x: Any, name: str | None = None) -> Tensor:
    """The hyperbolic cosine, for floats of any shape.

    >>> import tfc as tf
    >>> tf.cosh([0.0]).numpy()
    array([1.], dtype=float32)
    """
    return unary(semantics.cosh, x)


def tanh(x: Any, name: str | None = None) -> Tensor:
    """The hyperbolic tangent, for floats of any shape.

    >>> import tfc as tf
    >>> tf.tanh([0.0, 100.0]).numpy()
    array([0., 1.], dtype=float32)
    """
    return unary(semantics.tanh, x)


def asinh(x: Any, name: str | None = None) -> Tensor:
    """The inverse hyperbolic sine, for floats of any shape.

    >>> import tfc as tf
    >>> tf.asinh([0.0]).numpy()
    array([0.], dtype=float32)
    """
    return unary(semantics.asinh, x)


def acosh(x: Any, name: str | None = None) -> Tensor:
    """The inverse hyperbolic cosine, nan below 1, for floats of any shape.

    >>> import tfc as tf
    >>> tf.acosh([1.0]).numpy()
    array([0.], dtype=float32)
    """
    return unary(semantics.acosh, x)


def atanh(x: Any, name: str | None = None) -> Tensor:
    """The inverse hyperbolic tangent, nan outside of [-1, 1], for floats of any shape.

    >>> import tfc as tf
    >>> tf.atanh([0.0, 1.0]).numpy()
    array([ 0., inf], dtype=float32)
    """
    return unary(semantics.atanh, x)


def erf(x: Any, name: str | None = None) -> Tensor:
    """The error function, for floats of any shape.

    >>> import tfc as tf
    >>> tf.math.erf([0.0, 10.0]).numpy()
    array([0., 1.], dtype=float32)
    """
    return unary(semantics.erf, x)


def erfc(x: Any, name: str | None = None) -> Tensor:
    """`1 - erf(x)`, accurate where that is small, for floats of any shape.

    >>> import tfc as tf
    >>> tf.math.erfc([0.0, -10.0]).numpy()
    array([1., 2.], dtype=float32)
    """
    return unary(semantics.erfc, x)


def erfinv(x: Any, name: str | None = None) -> Tensor:
    """The inverse of the error function, nan outside of [-1, 1], for floats of any shape.

    >>> import tfc as tf
    >>> tf.math.erfinv([0.0, 1.0]).numpy()
    array([ 0., inf], dtype=float32)
    """
    return unary(semantics.erfinv, x)


def ndtri(x: Any, name: str | None = None) -> Tensor:
    """The quantile of the standard normal distribution, nan outside of [0, 1], for floats of any shape.

    >>> import tfc as tf
    >>> tf.math.ndtri([0.5, 0.0]).numpy()
    array([  0., -inf], dtype=float32)
    """
    return unary(semantics.ndtri, x)


def lgamma(x: Any, name: str | None = None) -> Tensor:
    """The logarithm of the absolute value of the gamma function, for floats of any shape.

    >>> import tfc as tf
    >>> tf.math.lgamma([1.0, 0.0]).numpy()
    array([ 0., inf], dtype=float32)
    """
    return unary(semantics.lgamma, x)


def digamma(x: Any, name: str | None = None) -> Tensor:
    """The derivative of `tf.math.lgamma`, for floats of any shape: infinite at 0, nan at -1, -2, ...

    >>> import tfc as tf
    >>> tf.math.digamma([1.0]).numpy()
    array([-0.5772157], dtype=float32)
    """
    return unary(semantics.digamma, x)


def atan2(y: Any, x: Any, name: str | None = None) -> Tensor:
    """The angle of the point (x, y) in [-pi, pi], for floats of one dtype, shapes that broadcast.

    >>> import tfc as tf
    >>> tf.atan2(1.0, 0.0).numpy()
    np.float32(1.5707964)
    """
    return binary(semantics.atan2, y, x)


def zeta(x: Any, q: Any, name: str | None = None) -> Tensor:
    """Hurwitz' zeta function, the sum of `(q + k) ** -x` over k, for x > 1 and q > 0 (else nan).

    >>> import tfc as tf
    >>> tf.math.zeta(2.0, 1.0).numpy()
    np.float32(1.644934)
    """
    return binary(semantics.zeta, x, q)


# -- compositions -------------------------------------------------------------------------------


def polygamma(a: Any, x: Any, name: str | None = None) -> Tensor:
    """The derivative of order `a` of `tf.math.digamma`, for floats of one dtype, shapes that broadcast and x > 0.

    >>> import tfc as tf
    >>> tf.math.polygamma(1.0, 1.0).numpy()
    np.float32(1.644934)
    """
    a, x = convert_pair(a, x)
    order = a + 1
    odd = equal(a % 2, 1)
    size = exp(lgamma(order)) * zeta(order, x)
    return select(equal(a, 0), digamma(x), select(odd, size, -size))


def erfcinv(x: Any, name: str | None = None) -> Tensor:
    """The inverse of `tf.math.erfc`, nan outside of [0, 2], for floats of any shape.

    >>> import tfc as tf
    >>> tf.math.erfcinv([1.0, 0.0]).numpy()
    array([-0., inf], dtype=float32)
    """
    x = convert(x)
    return multiply(ndtri(multiply(x, 0.5)), -math.sqrt(0.5))


def xlogy(x: Any, y: Any, name: str | None = None) -> Tensor:
    """`x * log(y)`, and 0 where `x` is 0; floats of one dtype, shapes that broadcast.

    >>> import tfc as tf
    >>> tf.math.xlogy([0.0, 2.0], [0.0, 1.0]).numpy()
    array([0., 0.], dtype=float32)
    """
    x, y = convert_pair(x, y)
    return multiply(x, log(select(equal(x, 0), 1, y)))


def xlog1py(x: Any, y: Any, name: str | None = None) -> Tensor:
    """`x * log1p(y)`, and 0 where `x` is 0; floats of one dtype, shapes that broadcast.

    >>> import tfc as tf
    >>> tf.math.xlog1py([0.0, 2.0], [-1.0, 0.0]).numpy()
    array([0., 0.], dtype=float32)
    """
    x, y = convert_pair(x, y)
    return multiply(x, log1p(select(equal(x, 0), 0, y)))


def xdivy(x: Any, y: Any, name: str | None = None) -> Tensor:
    """`x / y`, and 0 where `x` is 0 even if `y` is; floats of one dtype, shapes that broadcast.

    >>> import tfc as tf
    >>> tf.math.xdivy([0.0, 3.0], [0.0, 2.0]).numpy()
    array([0. , 1.5], dtype=float32)
    """
    x, y = convert_pair(x, y)
    require_floats("xdivy", x)
    zero = equal(x, 0)
    return select(zero, multiply(x, 0), divide(x, select(zero, 1, y)))
