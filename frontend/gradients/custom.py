"""`custom_gradient`, `recompute_grad` and `stop_gradient`."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any, ClassVar, cast

from tfc.core import nest
from tfc.core.convert import convert
from tfc.core.dispatch import apply
from tfc.core.errors import InvalidArgumentError, TFCTypeError
from tfc.core.recording import STATE, Tape
from tfc.core.tensor import Tensor
from tfc.core.variable import Variable
from tfc.dialects.tfc.semantics import shape
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
    x = convert(input)
    return without_gradient(
        "stop_gradient", "the program asks for it", (x,), lambda: apply(shape.identity, x)
    )


def without_gradient(
    name: str, reason: str, inputs: Sequence[Tensor], compute: Callable[[], Any]
) -> Any:
    """What `compute` makes of the inputs, in the eyes of tapes constants; `tape.explain` gives name and reason."""
    with stop_all_recording():
        results = compute()
    if STATE.tapes:
        tell_cut(name, reason, tuple(inputs), tuple(nest.flatten(results)))
    return results


def tell_cut(
    name: str, reason: str, inputs: tuple[Tensor, ...], outputs: tuple[Tensor, ...]
) -> None:
    """The active tapes hear that no gradient passes here, and why."""
    for tape in STATE.tapes:
        tape.note_cut(name, reason, inputs, outputs)


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
    if not callable(f):
        raise TFCTypeError(
            "TFC119",
            f"custom_gradient: expected a function, got {f!r}",
            "write @tf.custom_gradient above it",
        )

    @functools.wraps(f)
    def decorated(*args: Any, **kwargs: Any) -> Any:
        if not STATE.tapes:
            return _call(f, *args, **kwargs)[0]
        return _record_custom(f, args, kwargs)

    return decorated


def _record_custom(f: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """Call `f` and put its own rule on the tapes. They see its ops, too: what `grad` takes from `f` has derivatives."""
    inputs = [convert(leaf) for leaf in nest.flatten(args)]
    converted = nest.pack_sequence_as(args, inputs)
    tapes = STATE.tapes
    reads = _Reads()
    STATE.tapes = (*tapes, cast(Tape, reads))
    try:
        result, gradient_function = _call(f, *converted, **kwargs)
    finally:
        STATE.tapes = tapes
    variables = [variable for variable, _ in reads.found.values()]
    values = [value for _, value in reads.found.values()]
    # Fresh values, so that the outputs are not confused with inputs that f returned as they are.
    outputs = [stop_gradient(leaf) for leaf in nest.flatten(result)]

    def rule(*gradients: Tensor | None) -> list[Tensor | None]:
        filled = _filled(gradients, outputs)
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
        tape.record(rule, (*inputs, *values), {}, tuple(outputs))
    return nest.pack_sequence_as(result, outputs)


def _filled(gradients: Sequence[Tensor | None], outputs: Sequence[Tensor]) -> list[Tensor]:
    """The gradients of the outputs, with zeros for None."""
    from tfc.ops.creation import zeros_like

    return [
        zeros_like(output) if gradient is None else gradient
        for gradient, output in zip(gradients, outputs, strict=True)
    ]


def _call(f: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """Call a user's function: interpreted while a function is compiled, so that its branches and loops are staged."""
    frame = getattr(STATE.recorder, "frame", None)
    if frame is None:
        return f(*args, **kwargs)
    from tfc.tracing.calling.calls import call_value

    return call_value(frame, f, args, kwargs)


class _Reads:
    """A tape that only notes which trainable variables are read: what else it is told does not matter."""

    has_regions: ClassVar[bool] = False

    def __init__(self) -> None:
        self.found: dict[int, tuple[Variable, Tensor]] = {}

    def ignore(self, *told: Any) -> None:
        """Nothing."""

    record = record_plan = note_cut = assigned = same = ignore

    def knows(self, tensor: Tensor) -> bool:
        return False

    def read_variable(self, variable: Variable, value: Tensor) -> None:
        if variable.trainable:
            self.found.setdefault(id(variable), (variable, value))


def recompute_grad(f: Callable[..., Any]) -> Callable[..., Any]:
    """Decorate a function so that its intermediate values are computed again for the gradient instead of kept.

    Gradients reach its arguments, the variables that it reads and the tensors that it closes over.

    >>> import tfc as tf
    >>> block = tf.recompute_grad(lambda x: x * x * x)
    >>> x = tf.constant(2.0)
    >>> with tf.GradientTape() as tape:
    ...     tape.watch(x)
    ...     y = block(x)
    >>> tape.gradient(y, x).numpy()
    np.float32(12.0)
    """

    @functools.wraps(f)
    def decorated(*args: Any, **kwargs: Any) -> Any:
        if not STATE.tapes:
            return _call(f, *args, **kwargs)
        return _record_recomputed(f, args, kwargs)

    return decorated


def _record_recomputed(f: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    inputs = [convert(leaf) for leaf in nest.flatten(args)]

    def run(outer: Sequence[Tensor]) -> tuple[GradientTape, list[Tensor], Any]:
        """Call `f` on values of their own, since one tensor may be given twice, or closed over as well."""
        given = [apply(shape.identity, tensor) for tensor in inputs]
        with GradientTape() as tape:
            tape.watch([*given, *outer])
            return tape, given, _call(f, *nest.pack_sequence_as(args, given), **kwargs)

    tapes = STATE.tapes
    tracked = {k: v for tape in tapes if isinstance(tape, GradientTape) for k, v in tape.tracked()}
    with stop_all_recording():
        probe, given, result = run(list(tracked.values()))
    reads = {id(variable): (variable, value) for variable, value in reversed(probe.reads())}
    own = {tensor.key for tensor in given} | {value.key for _, value in probe.reads()}
    closed_over = [tracked[key] for key in probe.used() if key in tracked and key not in own]
    outputs = [stop_gradient(leaf) for leaf in nest.flatten(result)]

    def rule(*gradients: Tensor | None) -> list[Tensor | None]:
        tape, given, again = run(closed_over)
        variables = [variable for variable, _ in reads.values()]
        weights = _filled(gradients, outputs)
        return tape.gradient(nest.flatten(again), [*given, *closed_over, *variables], weights)

    values = [value for _, value in reads.values()]
    for tape in tapes:
        for variable, value in reads.values():
            tape.read_variable(variable, value)
        tape.record(rule, (*inputs, *closed_over, *values), {}, tuple(outputs))
    return nest.pack_sequence_as(result, outputs)


def grad_pass_through(f: Callable[..., Any]) -> Callable[..., Any]:
    """Decorate a function so that gradients pass it as if it were the identity.

    >>> import tfc as tf
    >>> x = tf.constant(1.4)
    >>> with tf.GradientTape() as tape:
    ...     tape.watch(x)
    ...     y = tf.grad_pass_through(tf.round)(x) * 3.0
    >>> tape.gradient(y, x).numpy()
    np.float32(3.0)
    """

    def inner(*args: Any, **kwargs: Any) -> Any:
        def grad(*output_gradients: Tensor, variables: list[Variable] | None = None) -> Any:
            return (output_gradients, [None] * len(variables)) if variables else output_gradients

        return _call(f, *args, **kwargs), grad

    return functools.wraps(f)(custom_gradient(inner))
