"""`tf.autograph`: looking at traced functions, and leaving functions out of tracing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tfc.autograph import experimental
from tfc.autograph.experimental import do_not_convert
from tfc.core.settings import SETTINGS

__all__ = ["do_not_convert", "experimental", "set_verbosity", "to_code", "to_graph", "trace"]


def to_code(entity: Callable[..., Any], *args: Any, **kwargs: Any) -> str:
    """The source of a function with the ops that each line was traced to beside it.

    Args:
        entity: a Python or compiled function.
        args, kwargs: the arguments to trace for; without them, those of the latest trace.

    Raises:
        ValueError: TFC107 when there are no arguments and the function has not been traced.

    >>> import tfc as tf
    >>> print(tf.autograph.to_code(lambda x: x * 2.0, tf.constant(1.0)).splitlines()[0])
    # traced for %x: float32[]
    """
    from tfc.compiled.annotation import annotated_source

    return annotated_source(to_graph(entity), args, kwargs)


def to_graph(
    entity: Callable[..., Any], recursive: bool = True, experimental_optional_features: Any = None
) -> Any:
    """The compiled form of a function: what `tf.function` makes of it. The other arguments have no effect.

    >>> import tfc as tf
    >>> tf.autograph.to_graph(lambda x: x + 1)(tf.constant(2)).numpy()
    np.int32(3)
    """
    from tfc.compiled.function import Function

    return entity if isinstance(entity, Function) else Function(entity)


def set_verbosity(level: int, alsologtostdout: bool = False) -> None:
    """From level 1 on, every trace is announced on stdout: which function, and why it was traced.

    >>> import tfc as tf
    >>> tf.autograph.set_verbosity(0)
    """
    SETTINGS.verbosity = int(level)


def trace(*args: Any) -> None:
    """Print `args` while a function is traced, once for each trace. `print` shows values at each call instead.

    >>> import tfc as tf
    >>> @tf.function
    ... def f(x):
    ...     tf.autograph.trace("traced for", x.shape)
    ...     return x + 1.0
    >>> a, b = f(tf.zeros([2])), f(tf.ones([2]))
    traced for (2,)
    """
    print(*args)
