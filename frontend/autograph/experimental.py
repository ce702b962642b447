"""`tf.autograph.experimental`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, overload

from tfc.core.errors import InvalidArgumentError

__all__ = ["do_not_convert", "set_loop_options"]


@overload
def do_not_convert(func: Callable[..., Any]) -> Callable[..., Any]: ...
@overload
def do_not_convert(func: None = None) -> Callable[[Callable[..., Any]], Callable[..., Any]]: ...
def do_not_convert(func: Callable[..., Any] | None = None) -> Any:
    """Run a function as it is while its callers are traced, as library code does: it must not branch on tensors.

    >>> import tfc as tf
    >>> @tf.autograph.experimental.do_not_convert
    ... def double(x):
    ...     return x + x
    >>> tf.function(lambda x: double(x))(tf.constant(2.0)).numpy()
    np.float32(4.0)
    """
    if func is None:
        return do_not_convert
    func._tfc_do_not_convert = True  # pyright: ignore[reportFunctionMemberAccess]
    return func


def set_loop_options(
    parallel_iterations: int | None = None,
    swap_memory: bool | None = None,
    maximum_iterations: Any = None,
    shape_invariants: Any = None,
) -> None:
    """Accepted for TensorFlow's sake: shapes that change are found, and iterations run in order.

    Raises:
        ValueError: TFC107 for `maximum_iterations`, which would end the loop early.

    >>> import tfc as tf
    >>> @tf.function
    ... def count(n):
    ...     i = 0
    ...     while i < n:
    ...         tf.autograph.experimental.set_loop_options(parallel_iterations=1)
    ...         i += 1
    ...     return i
    >>> count(tf.constant(3))
    3
    """
    if maximum_iterations is not None:
        raise InvalidArgumentError(
            "TFC107",
            "set_loop_options: maximum_iterations changes what the loop does",
            "count in the loop, and 'break' at the limit",
        )
