"""`tf.function`, also called `tf.compile`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, overload

from tfc.compiled import function as compiled_function
from tfc.compiled import inspection

if TYPE_CHECKING:
    from tfc.compiled.function import Function


@overload
def function(func: Callable[..., Any]) -> Function: ...
@overload
def function(
    func: None = None,
    input_signature: Sequence[Any] | None = None,
    autograph: bool = True,
    jit_compile: bool | None = None,
    reduce_retracing: bool = False,
    experimental_implements: Any = None,
    experimental_autograph_options: Any = None,
    experimental_attributes: Any = None,
    experimental_relax_shapes: bool | None = None,
    experimental_compile: bool | None = None,
    experimental_follow_type_hints: bool | None = None,
    on_retrace: str = "allow",
) -> Callable[[Callable[..., Any]], Function]: ...
def function(
    func: Callable[..., Any] | None = None,
    input_signature: Sequence[Any] | None = None,
    autograph: bool = True,
    jit_compile: bool | None = None,
    reduce_retracing: bool = False,
    experimental_implements: Any = None,
    experimental_autograph_options: Any = None,
    experimental_attributes: Any = None,
    experimental_relax_shapes: bool | None = None,
    experimental_compile: bool | None = None,
    experimental_follow_type_hints: bool | None = None,
    on_retrace: str = "allow",
) -> Any:
    """Compile a Python function: `@tf.function`, or `@tf.function(...)` with options.

    Args:
        func: the function, method or callable object.
        input_signature: `TensorSpec`s, one per argument (nested as the arguments are; the last ones with defaults may have none):
            one trace for all calls that fit.
        on_retrace: `"allow"`, `"warn"` or `"error"` when a call needs another trace.
        autograph, jit_compile, reduce_retracing, experimental_*: accepted for TensorFlow's sake. Every function is interpreted
            and compiled, and a size that differs between two calls is unknown in the trace for the second and those that follow.

    >>> import tfc as tf
    >>> @tf.function
    ... def f(x):
    ...     return x * x
    >>> f(tf.constant(3.0)).numpy()
    np.float32(9.0)
    """
    from tfc.core.boundary import bounded
    from tfc.core.requirements import require_callable

    @bounded
    def wrap(target: Callable[..., Any]) -> Function:
        return compiled_function.Function(target, input_signature, on_retrace)

    return wrap if func is None else wrap(require_callable("function: func", func))


compile = function


def verify(func: Any, *args: Any, rtol: float = 1e-5, atol: float = 1e-6) -> None:
    """Compare a function's compiled code with the meaning of each of its ops, for these arguments.

    Args:
        func: a compiled or plain function.
        args: its arguments.
        rtol, atol: the difference that floating-point results may have.

    Raises:
        RuntimeError: TFC027, with the first op that differs, its line, and both values.

    >>> import tfc as tf
    >>> tf.verify(tf.function(lambda x: x * 2.0), tf.constant([1.0]))
    """
    from tfc.core.requirements import require_callable

    require_callable("verify: func", func)
    inspection.verify(func, *args, rtol=rtol, atol=atol)
