"""Losses of logits, in the forms that neither overflow nor cancel."""

from __future__ import annotations

from typing import Any

import numpy as np
from tfc.core.convert import convert
from tfc.core.errors import InvalidArgumentError, TFCTypeError
from tfc.core.tensor import Tensor
from tfc.dialects.tfc.semantics.dtypes import is_int
from tfc.gradients.custom import stop_gradient
from tfc.ops.activation import relu
from tfc.ops.applying import convert_pair
from tfc.ops.arithmetic import multiply_no_nan
from tfc.ops.casting import cast
from tfc.ops.creation import one_hot, zeros_like
from tfc.ops.logical import select
from tfc.ops.reduction import reduce_max, reduce_sum
from tfc.ops.shape import static_axis, transpose
from tfc.ops.transcendental import exp, log, log1p


def _log_normalized(logits: Tensor) -> tuple[Tensor, Tensor]:
    """`logits` minus their maximum over the last axis, and the logarithm of the sum of the exponentials of that."""
    shifted = logits - stop_gradient(reduce_max(logits, axis=-1, keepdims=True))
    return shifted, log(reduce_sum(exp(shifted), axis=-1, keepdims=True))


def softmax_cross_entropy_with_logits(
    labels: Any, logits: Any, axis: int = -1, name: str | None = None
) -> Tensor:
    """The cross entropy of softmax(logits) and labels, one number for each distribution.

    Args:
        labels: probabilities of each class along `axis`, of the shape of `logits` (or broadcasting to it), cast to its dtype.
        logits: floating-point scores.

    Returns:
        The shape of `logits` without `axis`. Exact for large logits: the maximum is subtracted first.

    Raises:
        TypeError: logits are not floating-point (TFC102).
        ValueError: shapes do not broadcast (TFC103), axis out of range (TFC104).

    >>> import tfc as tf
    >>> tf.nn.softmax_cross_entropy_with_logits([[1.0, 0.0]], [[1000.0, 0.0]]).numpy()
    array([0.], dtype=float32)
    """
    x = convert(logits)
    y = cast(labels, x.dtype)
    rank = len(x.type.shape)
    position = static_axis("softmax_cross_entropy_with_logits", axis, x)
    if position != rank - 1:
        order = [*(n for n in range(rank) if n != position), position]
        x, y = transpose(x, order), transpose(y, order)
    missing = rank - len(y.type.shape)
    if missing > 0 and any(
        len({a, b} - {1, None}) == 2
        for a, b in zip(y.type.shape, x.type.shape[missing:], strict=True)
    ):
        raise InvalidArgumentError(
            "TFC103",
            f"softmax_cross_entropy_with_logits: labels {y.type} do not broadcast to logits {x.type}",
            "give a probability for each class; tf.nn.sparse_softmax_cross_entropy_with_logits takes numbers of classes",
        )
    shifted, normalizer = _log_normalized(x)
    # A label of 0 gives 0 even where the logit is -inf.
    return reduce_sum(multiply_no_nan(normalizer - shifted, y), axis=-1)


def sparse_softmax_cross_entropy_with_logits(
    labels: Any, logits: Any, name: str | None = None
) -> Tensor:
    """The cross entropy of softmax(logits) and one right class each: `-log(softmax(logits)[labels])`.

    Args:
        labels: integers `[...]`, the index of the right class.
        logits: floating-point scores `[..., classes]`.

    Returns:
        `[...]` in the dtype of `logits`; nan where a label is no class.

    Raises:
        TypeError: labels are not integers, or logits not floating-point (TFC102).
        ValueError: shapes do not agree (TFC105, TFC106).

    >>> import tfc as tf
    >>> tf.nn.sparse_softmax_cross_entropy_with_logits([0], [[1000.0, 0.0]]).numpy()
    array([0.], dtype=float32)
    """
    x, y = convert(logits), convert(labels)
    if not is_int(y.type.dtype):
        raise TFCTypeError(
            "TFC102",
            f"sparse_softmax_cross_entropy_with_logits: labels must be integers, got {y.type}",
            "use tf.nn.softmax_cross_entropy_with_logits for probabilities",
        )
    _check_labels(y, x)
    classes = x.type.shape[-1]
    shifted, normalizer = _log_normalized(x)
    right = _is_class(y, x)
    chosen = reduce_sum(select(right, shifted, zeros_like(shifted)), axis=-1)
    loss = reduce_sum(normalizer, axis=-1) - chosen
    from tfc.ops.sizes import dim

    count = dim(x, len(x.type.shape) - 1) if classes is None else classes
    from tfc.ops.casting import cast

    wide = cast(y, np.int64)
    limit = cast(count, np.int64) if isinstance(count, Tensor) else count
    known = (wide >= 0) & (wide < limit)
    nan = convert(float("nan"), x.type.dtype)
    return select(known, loss, nan)


def _check_labels(y: Tensor, x: Tensor) -> None:
    function = "sparse_softmax_cross_entropy_with_logits"
    if len(y.type.shape) != len(x.type.shape) - 1:
        raise InvalidArgumentError(
            "TFC105",
            f"{function}: labels must have one dimension less than logits, got {y.type} and {x.type}",
            "logits are [..., classes], labels [...]",
        )
    for have, want in zip(y.type.shape, x.type.shape, strict=False):
        if have is not None and want is not None and have != want:
            raise InvalidArgumentError(
                "TFC106",
                f"{function}: labels {y.type} and logits {x.type} differ before the classes",
                "give one label for each row of logits",
            )


def _is_class(y: Tensor, x: Tensor) -> Tensor:
    """bool of the shape of `x`: whether the last index is the label."""
    from tfc.ops.sizes import dim

    depth = dim(x, len(x.type.shape) - 1)
    return one_hot(y, depth, on_value=True, off_value=False, dtype=np.bool_)


def sigmoid_cross_entropy_with_logits(
    labels: Any = None, logits: Any = None, name: str | None = None
) -> Tensor:
    """The cross entropy of sigmoid(logits) and labels, elementwise: `max(x, 0) - x * z + log(1 + exp(-|x|))`.

    Args:
        labels: numbers z from 0 to 1, of the shape and dtype of `logits`.
        logits: floating-point scores x.

    Raises:
        TypeError: dtypes differ (TFC101).
        ValueError: shapes differ (TFC106).

    >>> import tfc as tf
    >>> tf.nn.sigmoid_cross_entropy_with_logits([1.0], [-1000.0]).numpy()
    array([1000.], dtype=float32)
    """
    z, x = _same_shapes("sigmoid_cross_entropy_with_logits", labels, logits)
    # A condition instead of abs and maximum: the gradient at 0 is that of the formula, 0.5 - z.
    positive = x >= 0.0
    clipped = select(positive, x, zeros_like(x))
    return clipped - x * z + log1p(exp(select(positive, -x, x)))


def weighted_cross_entropy_with_logits(
    labels: Any, logits: Any, pos_weight: Any, name: str | None = None
) -> Tensor:
    """As `tf.nn.sigmoid_cross_entropy_with_logits`, with the part of positive labels multiplied by `pos_weight`.

    >>> import tfc as tf
    >>> tf.nn.weighted_cross_entropy_with_logits([1.0], [0.0], 2.0).numpy().round(4)
    array([1.3863], dtype=float32)
    """
    z, x = _same_shapes("weighted_cross_entropy_with_logits", labels, logits)
    weight = 1.0 + (convert(pos_weight, x.type.dtype) - 1.0) * z
    positive = x >= 0.0
    return (1.0 - z) * x + weight * (log1p(exp(select(positive, -x, x))) + relu(-x))


def _same_shapes(function: str, labels: Any, logits: Any) -> tuple[Tensor, Tensor]:
    z, x = convert_pair(labels, logits)
    if len(z.type.shape) != len(x.type.shape) or any(
        a is not None and b is not None and a != b
        for a, b in zip(z.type.shape, x.type.shape, strict=True)
    ):
        raise InvalidArgumentError(
            "TFC106",
            f"{function}: labels {z.type} and logits {x.type} must have one shape",
            "reshape one of them",
        )
    return z, x


def log_poisson_loss(
    targets: Any, log_input: Any, compute_full_loss: bool = False, name: str | None = None
) -> Tensor:
    """The negative log-likelihood of Poisson counts given the logarithm of the rate: `exp(c) - z * c`.

    Args:
        targets: counts z.
        log_input: c, of the shape and dtype of `targets`.
        compute_full_loss: add Stirling's approximation of log(z!), which does not depend on `log_input`.

    >>> import tfc as tf
    >>> tf.nn.log_poisson_loss([1.0], [0.0]).numpy()
    array([1.], dtype=float32)
    """
    z, c = _same_shapes("log_poisson_loss", targets, log_input)
    loss = exp(c) - c * z
    if not compute_full_loss:
        return loss
    safe = select(z > 1.0, z, zeros_like(z) + 1.0)
    stirling = safe * log(safe) - safe + 0.5 * log(2.0 * float(np.pi) * safe)
    return loss + select((z >= 0.0) & (z <= 1.0), zeros_like(z), stirling)


def l2_loss(t: Any, name: str | None = None) -> Tensor:
    """Half the sum of squares: a scalar.

    >>> import tfc as tf
    >>> tf.nn.l2_loss([3.0, 4.0]).numpy()
    np.float32(12.5)
    """
    x = convert(t)
    return reduce_sum(x * x) / 2.0
