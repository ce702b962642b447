"""Rows of tables by number, and how predictions rank."""

from __future__ import annotations

from typing import Any

import numpy as np
from tfc.core.convert import convert
from tfc.core.errors import InvalidArgumentError, TFCTypeError
from tfc.core.tensor import Tensor
from tfc.dialects.tfc.semantics.dtypes import is_int
from tfc.ops.casting import cast
from tfc.ops.clipping import clip_by_norm
from tfc.ops.comparison import is_finite
from tfc.ops.creation import one_hot, zeros_like
from tfc.ops.indexing import gather
from tfc.ops.joining import concat
from tfc.ops.logical import select
from tfc.ops.reduction import reduce_all, reduce_sum
from tfc.ops.sizes import dim


def embedding_lookup(
    params: Any, ids: Any, max_norm: Any = None, name: str | None = None
) -> Tensor:
    """The rows of `params` that `ids` names: `params.shape[1:]` for each id.

    Args:
        params: a table `[rows, ...]`: a tensor or variable, or a list of those that hold its rows in turn.
        ids: integers of any shape.
        max_norm: scale rows down to this l2 norm.

    Raises:
        TypeError: ids are not integers (TFC102).
        IndexError: an id is not a row (TFC201).

    >>> import tfc as tf
    >>> tf.nn.embedding_lookup([[1.0, 2.0], [3.0, 4.0]], [1]).numpy()
    array([[3., 4.]], dtype=float32)
    """
    if isinstance(params, list | tuple) and any(hasattr(part, "dtype") for part in params):
        first, *others = params
        params = concat([first, *others], 0) if others else first
    rows = gather(params, ids)
    if max_norm is None:
        return rows
    rank = len(convert(ids).type.shape)
    axes = list(range(rank, len(rows.type.shape)))
    return clip_by_norm(rows, max_norm, axes=axes)


def in_top_k(targets: Any, predictions: Any, k: Any, name: str | None = None) -> Tensor:
    """Whether the right class is among the `k` highest predictions: bool `[batch]`.

    Ties count as in. A target out of range is False, and so is a row of predictions that are not all finite.

    Args:
        targets: int32 or int64 `[batch]`.
        predictions: floating-point `[batch, classes]`.

    Raises:
        TypeError: targets are not integers (TFC102).
        ValueError: ranks (TFC105) or sizes (TFC106) do not fit.

    >>> import tfc as tf
    >>> tf.math.in_top_k([0, 1], [[0.9, 0.1], [0.8, 0.2]], 1).numpy()
    array([ True, False])
    """
    labels, scores = convert(targets), convert(predictions)
    if not is_int(labels.type.dtype):
        raise TFCTypeError(
            "TFC102", f"in_top_k: targets must be integers, got {labels.type}", "use tf.cast"
        )
    if len(labels.type.shape) != 1 or len(scores.type.shape) != 2:
        raise InvalidArgumentError(
            "TFC105",
            f"in_top_k: expected [batch] and [batch, classes], got {labels.type} and {scores.type}",
            "add a batch dimension",
        )
    batch, rows = labels.type.shape[0], scores.type.shape[0]
    if batch is not None and rows is not None and batch != rows:
        raise InvalidArgumentError(
            "TFC106",
            f"in_top_k: {batch} targets for {rows} rows of predictions",
            "give one target for each row",
        )
    classes = dim(scores, 1)
    right = one_hot(labels, classes, on_value=True, off_value=False, dtype=np.bool_)
    own = reduce_sum(select(right, scores, zeros_like(scores)), axis=-1, keepdims=True)
    above = reduce_sum(cast(scores > own, np.int32), axis=-1)
    wide = cast(labels, np.int64)
    limit = cast(classes, np.int64) if isinstance(classes, Tensor) else classes
    known = (wide >= 0) & (wide < limit)
    return known & (above < cast(convert(k), np.int32)) & reduce_all(is_finite(scores), axis=-1)
