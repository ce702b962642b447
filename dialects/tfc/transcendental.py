"""Roots, exponentials, logarithms, trigonometric and special functions."""

from __future__ import annotations

from tfc.dialects.tfc.base import TfcOp
from tfc.dialects.tfc.semantics import transcendental as semantics


class SqrtOp(TfcOp):
    """Square root, correctly rounded; nan below zero.

    %z = tfc.sqrt %x : (tensor<4xf32>) -> tensor<4xf32>
    """

    name = "tfc.sqrt"
    spec = semantics.sqrt


class RsqrtOp(TfcOp):
    """One over the square root.

    %z = tfc.rsqrt %x : (tensor<4xf32>) -> tensor<4xf32>
    """

    name = "tfc.rsqrt"
    spec = semantics.rsqrt


class ExpOp(TfcOp):
    """e to the power of x.

    %z = tfc.exp %x : (tensor<4xf32>) -> tensor<4xf32>
    """

    name = "tfc.exp"
    spec = semantics.exp


class Expm1Op(TfcOp):
    """`exp(x) - 1`, accurate near 0.

    %z = tfc.expm1 %x : (tensor<4xf32>) -> tensor<4xf32>
    """

    name = "tfc.expm1"
    spec = semantics.expm1


class LogOp(TfcOp):
    """Natural logarithm.

    %z = tfc.log %x : (tensor<4xf32>) -> tensor<4xf32>
    """

    name = "tfc.log"
    spec = semantics.log


class Log1pOp(TfcOp):
    """`log(1 + x)`, accurate near 0.

    %z = tfc.log1p %x : (tensor<4xf32>) -> tensor<4xf32>
    """

    name = "tfc.log1p"
    spec = semantics.log1p


class SinOp(TfcOp):
    """Sine of radians.

    %z = tfc.sin %x : (tensor<4xf32>) -> tensor<4xf32>
    """

    name = "tfc.sin"
    spec = semantics.sin


class CosOp(TfcOp):
    """Cosine of radians.

    %z = tfc.cos %x : (tensor<4xf32>) -> tensor<4xf32>
    """

    name = "tfc.cos"
    spec = semantics.cos


class TanOp(TfcOp):
    """Tangent of radians.

    %z = tfc.tan %x : (tensor<4xf32>) -> tensor<4xf32>
    """

    name = "tfc.tan"
    spec = semantics.tan


class AsinOp(TfcOp):
    """Inverse sine, in [-pi/2, pi/2].

    %z = tfc.asin %x : (tensor<4xf32>) -> tensor<4xf32>
    """

    name = "tfc.asin"
    spec = semantics.asin


class AcosOp(TfcOp):
    """Inverse cosine, in [0, pi].

    %z = tfc.acos %x : (tensor<4xf32>) -> tensor<4xf32>
    """

    name = "tfc.acos"
    spec = semantics.acos


class AtanOp(TfcOp):
    """Inverse tangent, in (-pi/2, pi/2).

    %z = tfc.atan %x : (tensor<4xf32>) -> tensor<4xf32>
    """

    name = "tfc.atan"
    spec = semantics.atan


class Atan2Op(TfcOp):
    """The angle of the point (x, y), in [-pi, pi].

    %z = tfc.atan2 %y, %x : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
    """

    name = "tfc.atan2"
    spec = semantics.atan2


class SinhOp(TfcOp):
    """Hyperbolic sine.

    %z = tfc.sinh %x : (tensor<4xf32>) -> tensor<4xf32>
    """

    name = "tfc.sinh"
    spec = semantics.sinh


class CoshOp(TfcOp):
    """Hyperbolic cosine.

    %z = tfc.cosh %x : (tensor<4xf32>) -> tensor<4xf32>
    """

    name = "tfc.cosh"
    spec = semantics.cosh


class TanhOp(TfcOp):
    """Hyperbolic tangent.

    %z = tfc.tanh %x : (tensor<4xf32>) -> tensor<4xf32>
    """

    name = "tfc.tanh"
    spec = semantics.tanh


class AsinhOp(TfcOp):
    """Inverse hyperbolic sine.

    %z = tfc.asinh %x : (tensor<4xf32>) -> tensor<4xf32>
    """

    name = "tfc.asinh"
    spec = semantics.asinh


class AcoshOp(TfcOp):
    """Inverse hyperbolic cosine; nan below 1.

    %z = tfc.acosh %x : (tensor<4xf32>) -> tensor<4xf32>
    """

    name = "tfc.acosh"
    spec = semantics.acosh


class AtanhOp(TfcOp):
    """Inverse hyperbolic tangent.

    %z = tfc.atanh %x : (tensor<4xf32>) -> tensor<4xf32>
    """

    name = "tfc.atanh"
    spec = semantics.atanh


class ErfOp(TfcOp):
    """The error function.

    %z = tfc.erf %x : (tensor<4xf32>) -> tensor<4xf32>
    """

    name = "tfc.erf"
    spec = semantics.erf


class ErfcOp(TfcOp):
    """`1 - erf(x)`, accurate where that is small.

    %z = tfc.erfc %x : (tensor<4xf32>) -> tensor<4xf32>
    """

    name = "tfc.erfc"
    spec = semantics.erfc


class ErfinvOp(TfcOp):
    """The inverse of the error function.

    %z = tfc.erfinv %x : (tensor<4xf32>) -> tensor<4xf32>
    """

    name = "tfc.erfinv"
    spec = semantics.erfinv


class NdtriOp(TfcOp):
    """The quantile function of the standard normal distribution.

    %z = tfc.ndtri %x : (tensor<4xf32>) -> tensor<4xf32>
    """

    name = "tfc.ndtri"
    spec = semantics.ndtri


class LgammaOp(TfcOp):
    """The logarithm of the absolute value of the gamma function.

    %z = tfc.lgamma %x : (tensor<4xf32>) -> tensor<4xf32>
    """

    name = "tfc.lgamma"
    spec = semantics.lgamma


class DigammaOp(TfcOp):
    """The derivative of `lgamma`.

    %z = tfc.digamma %x : (tensor<4xf32>) -> tensor<4xf32>
    """

    name = "tfc.digamma"
    spec = semantics.digamma


class ZetaOp(TfcOp):
    """Hurwitz' zeta function: the sum of `(q + k) ** -x` over k.

    %z = tfc.zeta %x, %q : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
    """

    name = "tfc.zeta"
    spec = semantics.zeta


OPS = (
    SqrtOp,
    RsqrtOp,
    ExpOp,
    Expm1Op,
    LogOp,
    Log1pOp,
    SinOp,
    CosOp,
    TanOp,
    AsinOp,
    AcosOp,
    AtanOp,
    Atan2Op,
    SinhOp,
    CoshOp,
    TanhOp,
    AsinhOp,
    AcoshOp,
    AtanhOp,
    ErfOp,
    ErfcOp,
    ErfinvOp,
    NdtriOp,
    LgammaOp,
    DigammaOp,
    ZetaOp,
)
