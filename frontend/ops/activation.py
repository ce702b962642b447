"""Activation functions of `tf.nn`: elementwise ones and softmax. All take floats unless they say otherwise."""

from __future__ import annotations

import math
from typing import Any

from tfc.core.convert import convert
from tfc.core.dispatch import apply
from tfc.core.tensor import Tensor
from tfc.dialects.tfc.semantics import activation as semantics
from tfc.dialects.tfc.semantics.spec import OpSpec
from tfc.ops.applying import require_floats, unary
from tfc.ops.arithmetic import abs, divide, minimum, multiply, negative
from tfc.ops.comparison import greater, less
from tfc.ops.logical import select
from tfc.ops.shape import static_axis
from tfc.ops.transcendental import erf, expm1, tanh

_SELU_SCALE = 1.0507009873554805
_SELU_ALPHA = 1.6732632423543772


def relu(features: Any, name: str | None = None) -> Tensor:
    """`max(x, 0)` for a numeric tensor of any shape; nan stays nan. The gradient at 0 is 0.

    >>> import tfc as tf
    >>> tf.nn.relu([-1.0, 2.0]).numpy()
    array([0., 2.], dtype=float32)
    """
    return unary(semantics.relu, features)


def relu6(features: Any, name: str | None = None) -> Tensor:
    """`min(max(x, 0), 6)` for a numeric tensor of any shape. The gradient at 0 and at 6 is 0.

    >>> import tfc as tf
    >>> tf.nn.relu6([-1.0, 2.0, 8.0]).numpy()
    array([0., 2., 6.], dtype=float32)
    """
    x = relu(features)
    return select(less(6, x), 6, x) if x.type.dtype.kind in "iu" else _capped(x)


def _capped(x: Tensor) -> Tensor:
    """`min(x, 6)` with gradient 0 at 6; nan stays nan."""
    return minimum(6.0, x)


def leaky_relu(features: Any, alpha: float = 0.2, name: str | None = None) -> Tensor:
    """`x` where positive, `alpha * x` elsewhere.

    >>> import tfc as tf
    >>> tf.nn.leaky_relu([-1.0, 2.0]).numpy()
    array([-0.2,  2. ], dtype=float32)
    """
    x = convert(features)
    if x.type.dtype.kind in "iu":
        from tfc.ops.casting import cast

        x = cast(x, "float32")
    return select(greater(x, 0), x, multiply(x, alpha))


def elu(features: Any, name: str | None = None) -> Tensor:
    """`x` where positive, `exp(x) - 1` elsewhere.

    >>> import tfc as tf
    >>> tf.nn.elu([-100.0, 2.0]).numpy()
    array([-1.,  2.], dtype=float32)
    """
    x = convert(features)
    return select(less(x, 0), expm1(minimum(x, 0)), x)


def selu(features: Any, name: str | None = None) -> Tensor:
    """`scale * x` where positive, `scale * alpha * (exp(x) - 1)` elsewhere, with the constants that keep mean and variance.

    >>> import tfc as tf
    >>> tf.nn.selu([0.0, 1.0]).numpy()
    array([0.      , 1.050701], dtype=float32)
    """
    x = convert(features)
    below = multiply(expm1(minimum(x, 0)), _SELU_SCALE * _SELU_ALPHA)
    return select(less(x, 0), below, multiply(x, _SELU_SCALE))


def gelu(features: Any, approximate: bool = False, name: str | None = None) -> Tensor:
    """`x` times the normal distribution function at `x`; with `approximate`, through tanh.

    >>> import tfc as tf
    >>> tf.nn.gelu([0.0, 1.0]).numpy()
    array([0.       , 0.8413447], dtype=float32)
    """
    x = convert(features)
    if approximate:
        cubic = multiply(multiply(x, multiply(x, x)), 0.044715)
        inner = multiply(x + cubic, math.sqrt(2 / math.pi))
        return multiply(multiply(x, 0.5), tanh(inner) + 1)
    return multiply(multiply(x, 0.5), erf(multiply(x, math.sqrt(0.5))) + 1)


def sigmoid(x: Any, name: str | None = None) -> Tensor:
    """`1 / (1 + exp(-x))`.

    >>> import tfc as tf
    >>> tf.sigmoid([0.0, 100.0]).numpy()
    array([0.5, 1. ], dtype=float32)
    """
    return unary(semantics.sigmoid, x)


def log_sigmoid(x: Any, name: str | None = None) -> Tensor:
    """`log(sigmoid(x))`, without underflow.

    >>> import tfc as tf
    >>> tf.math.log_sigmoid([-1000.0]).numpy()
    array([-1000.], dtype=float32)
    """
    return negative(softplus(negative(convert(x))))


def silu(features: Any, beta: float = 1.0) -> Tensor:
    """`x * sigmoid(beta * x)`; also called swish.

    >>> import tfc as tf
    >>> tf.nn.silu([0.0, 100.0]).numpy()
    array([  0., 100.], dtype=float32)
    """
    x = convert(features)
    scaled = x if isinstance(beta, int | float) and beta == 1 else multiply(x, beta)
    return multiply(x, sigmoid(scaled))


swish = silu


def softplus(features: Any, name: str | None = None) -> Tensor:
    """`log(1 + exp(x))`, without overflow.

    >>> import tfc as tf
    >>> tf.math.softplus([0.0, 1000.0]).numpy()
    array([6.931472e-01, 1.000000e+03], dtype=float32)
    """
    return unary(semantics.softplus, features)


def softsign(features: Any, name: str | None = None) -> Tensor:
    """`x / (1 + abs(x))`.

    >>> import tfc as tf
    >>> tf.nn.softsign([1.0, -3.0]).numpy()
    array([ 0.5 , -0.75], dtype=float32)
    """
    x = require_floats("softsign", convert(features))
    return divide(x, abs(x) + 1)


def _along(spec: OpSpec, logits: Any, axis: Any) -> Tensor:
    x = convert(logits)
    return apply(spec, x, axis=static_axis(spec.name, -1 if axis is None else axis, x))


def softmax(logits: Any, axis: Any = None, name: str | None = None) -> Tensor:
    """`exp(x) / sum(exp(x))` along `axis` (the last by default), without overflow.

    Raises:
        TypeError: not floats (TFC102).
        ValueError: axis out of range (TFC104).

    >>> import tfc as tf
    >>> tf.nn.softmax([1000.0, 1000.0]).numpy()
    array([0.5, 0.5], dtype=float32)
    """
    return _along(semantics.softmax, logits, axis)


def log_softmax(logits: Any, axis: Any = None, name: str | None = None) -> Tensor:
    """The logarithm of `tf.nn.softmax` along `axis`, without underflow; errors as there.

    >>> import tfc as tf
    >>> tf.nn.log_softmax([0.0, 0.0]).numpy()
    array([-0.6931472, -0.6931472], dtype=float32)
    """
    return _along(semantics.log_softmax, logits, axis)
