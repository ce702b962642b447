"""Running totals: `tf.cumsum`, `tf.math.cumprod`, `tf.math.cumulative_logsumexp`.

`exclusive` leaves the element itself out; `reverse` runs from the end.
"""

from __future__ import annotations

from typing import Any

from tfc.core.convert import convert
from tfc.core.dispatch import apply
from tfc.core.tensor import Tensor
from tfc.dialects.tfc.semantics import scan as semantics
from tfc.dialects.tfc.semantics.spec import OpSpec
from tfc.ops.shape import static_axis


def _scan(spec: OpSpec, x: Any, axis: Any, exclusive: bool, reverse: bool) -> Tensor:
    tensor = convert(x)
    position = static_axis(spec.name, axis, tensor)
    return apply(spec, tensor, axis=position, exclusive=bool(exclusive), reverse=bool(reverse))


def cumsum(
    x: Any, axis: Any = 0, exclusive: bool = False, reverse: bool = False, name: str | None = None
) -> Tensor:
    """The running sum along `axis` of a numeric tensor, of its shape and dtype. `ValueError` (TFC104) for a wrong axis.

    >>> import tfc as tf
    >>> tf.cumsum([1, 2, 3]).numpy()
    array([1, 3, 6], dtype=int32)
    >>> tf.cumsum([1, 2, 3], exclusive=True, reverse=True).numpy()
    array([5, 3, 0], dtype=int32)
    """
    return _scan(semantics.cumsum, x, axis, exclusive, reverse)


def cumprod(
    x: Any, axis: Any = 0, exclusive: bool = False, reverse: bool = False, name: str | None = None
) -> Tensor:
    """The running product along `axis` of a numeric tensor, of its shape and dtype. Errors as `tf.cumsum`.

    >>> import tfc as tf
    >>> tf.math.cumprod([2, 3, 4], exclusive=True).numpy()
    array([1, 2, 6], dtype=int32)
    """
    return _scan(semantics.cumprod, x, axis, exclusive, reverse)


def cumulative_logsumexp(
    x: Any, axis: Any = 0, exclusive: bool = False, reverse: bool = False, name: str | None = None
) -> Tensor:
    """The running `log(sum(exp(x)))` along `axis` of floats, without overflow. Errors as `tf.cumsum`.

    >>> import tfc as tf
    >>> tf.math.cumulative_logsumexp([0.0, 0.0]).numpy()
    array([0.       , 0.6931472], dtype=float32)
    """
    return _scan(semantics.cumulative_logsumexp, x, axis, exclusive, reverse)
