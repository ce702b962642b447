"""`custom_gradient`, `recompute_grad` and `stop_gradient`."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, cast

from tfc.core import nest
from tfc.core.convert import convert
from tfc.core.dispatch import apply
from tfc.core.errors import InvalidArgumentError
from tfc.core.recording import STATE, Tape
from tfc.core.tensor import Tensor
from tfc.core.variable import Variable
from tfc.gradients.tape import GradientTape, stop_all_recording


def stop_gradient(input: Any, name: str | None = None) -> Tensor:
    """`input` as a constant in the eyes of gradient tapes.

    >>> import tfc as tf
    >>> x = tf.Variable(2.0)
    >>> with tf.GradientTape() as tape:
    ...     y = x * tf.stop_gradient(x)
    >>> tape.gradient(y, x).numpy()
    np.float32(2.0)
    """
    from tfc.dialects.tfc.semantics import shape

    x = convert(input)
    with stop_all_recording():
        result = apply(shape.identity, x)
    for tape in STATE.tapes:
        if isinstance(tape, GradientTape):
            tape.note_cut("stop_gradient", "the program asks for it", (x,), (result,))
    return result


def custom_gradient(f: Callable[..., Any] | None = None) -> Callable[..., Any]:
    """Decorate a function that returns its result and its own gradient function.

    `f(*args)` returns `(y, grad)`; `grad(*dy)` takes the gradients of the leaves of `y` and returns one for each tensor
    argument. When `f` reads trainable variables, `grad` must accept `variables=` and return `(gradients, variable_gradients)`.

    >>> import tfc as tf
    >>> @tf.custom_gradient
    ... def clip(x):
    ...     return tf.identity(x), lambda dy: dy * 0.5
    >>> x = tf.constant(1.0)
    >>> with tf.GradientTape() as tape:
    ...     tape.watch(x)
    ...     y = clip(x)
    >>> tape.gradient(y, x).numpy()
    np.float32(0.5)
    """
    if f is None:
        return custom_gradient

    @functools.wraps(f)
    def decorated(*args: Any, **kwargs: Any) -> Any:
        if not STATE.tapes:
            return _call(f, *args, **kwargs)[0]
        return _record_custom(f, args, kwargs)

    return decorated


def _record_custom(f: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    inputs = [convert(leaf) for leaf in nest.flatten(args)]
    converted = nest.pack_sequence_as(args, inputs)
    tapes = STATE.tapes
    reads = _Reads()
    STATE.tapes = (cast(Tape, reads),)
    try:
        result, gradient_function = _call(f, *converted, **kwargs)
    finally:
        STATE.tapes = tapes
    variables = [variable for variable, _ in reads.found.values()]
    values = [value for _, value in reads.found.values()]
    # Fresh values, so that the outputs are not confused with inputs that f returned as they are.
    outputs = [stop_gradient(leaf) for leaf in nest.flatten(result)]

    def rule(*gradients: Tensor | None) -> list[Tensor | None]:
        from tfc.ops.creation import zeros_like

        filled = [
            zeros_like(output) if gradient is None else gradient
            for gradient, output in zip(gradients, outputs, strict=True)
        ]
        if variables:
            own, of_variables = _call(gradient_function, *filled, variables=variables)
        else:
            own, of_variables = _call(gradient_function, *filled), []
        flat = [own] if isinstance(own, Tensor) or own is None else list(own)
        if len(flat) != len(inputs):
            raise InvalidArgumentError(
                "TFC120",
                f"custom_gradient: the gradient function gave {len(flat)} gradients for {len(inputs)} inputs",
                "return one gradient (or None) for each argument",
            )
        return [*flat, *nest.flatten(of_variables)]

    for tape in tapes:
        for variable, value in reads.found.values():
            tape.read_variable(variable, value)
        tape.record(rule, (*inputs, *values), {}, tuple(outputs))
    return nest.pack_sequence_as(result, outputs)


def _call(f: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """Call a user's function: interpreted while a function is compiled, so that its branches and loops are staged."""
    frame = getattr(STATE.recorder, "frame", None)
    if frame is None:
        return f(*args, **kwargs)
    from tfc.tracing.calls import call_value

    return call_value(frame, f, args, kwargs)


class _Reads:
    """A tape that only notes which trainable variables are read."""

    def __init__(self) -> None:
        self.found: dict[int, tuple[Variable, Tensor]] = {}

    def record(self, *operation: Any) -> None:
        """Ops do not matter here."""

    def read_variable(self, variable: Variable, value: Tensor) -> None:
        if variable.trainable:
            self.found.setdefault(id(variable), (variable, value))


def recompute_grad(f: Callable[..., Any]) -> Callable[..., Any]:
    """Decorate a function so that its intermediate values are computed again for the gradient instead of kept.

    >>> import tfc as tf
    >>> block = tf.recompute_grad(lambda x: x * x * x)
    >>> x = tf.constant(2.0)
    >>> with tf.GradientTape() as tape:
    ...     tape.watch(x)
    ...     y = block(x)
    >>> tape.gradient(y, x).numpy()
    np.float32(12.0)
    """

    @custom_gradient
    def inner(*args: Any, **kwargs: Any) -> Any:
        result = _call(f, *args, **kwargs)

        def grad(*output_gradients: Tensor, variables: list[Variable] | None = None) -> Any:
            with GradientTape() as tape:
                tape.watch(args)
                again = _call(f, *args, **kwargs)
            sources = [nest.flatten(args), variables or []]
            weights = nest.pack_sequence_as(again, output_gradients)
            own, of_variables = tape.gradient(again, sources, weights)
            return (own, of_variables) if variables else own

        return result, grad

    return functools.wraps(f)(inner)
