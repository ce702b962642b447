"""`tf.nn`: functions of neural networks."""

from __future__ import annotations

from tfc.ops.activation import (
    elu,
    gelu,
    leaky_relu,
    log_softmax,
    relu,
    relu6,
    selu,
    sigmoid,
    silu,
    softmax,
    softplus,
    softsign,
    swish,
)
from tfc.ops.reduction import l2_normalize, zero_fraction
from tfc.ops.searching import (
    top_k,
)
from tfc.ops.transcendental import tanh

__all__ = [
    "elu",
    "gelu",
    "l2_normalize",
    "leaky_relu",
    "log_softmax",
    "relu",
    "relu6",
    "selu",
    "sigmoid",
    "silu",
    "softmax",
    "softplus",
    "softsign",
    "swish",
    "tanh",
    "top_k",
    "zero_fraction",
]
