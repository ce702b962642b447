"""`GradientTape`: records ops as they run and walks them backwards.

It sees ops at `dispatch.apply`, so it works the same eagerly and while a function is traced; rules are public ops, so a tape
that is still recording sees what another tape's `gradient` computes, and orders of derivative nest.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from enum import Enum
from typing import Any, NamedTuple

from tfc.core import nest
from tfc.core.convert import convert
from tfc.core.errors import FailedPreconditionError, InvalidArgumentError, TFCTypeError
from tfc.core.recording import STATE, Tape
from tfc.core.tensor import Tensor
from tfc.core.variable import Variable
from tfc.dialects.tfc.semantics.dtypes import is_float
from tfc.dialects.tfc.semantics.spec import OpSpec
from tfc.gradients.registry import NotDifferentiable, RecordedOp, rule_of

CustomRule = Callable[..., Sequence["Tensor | None"]]
"""`rule(*output_gradients)` gives one gradient per recorded input."""


class Entry(NamedTuple):
    """Something that happened on the tape: an op with its spec, or a custom rule."""

    spec: OpSpec | CustomRule
    inputs: tuple[Tensor, ...]
    attributes: dict[str, Any]
    outputs: tuple[Tensor, ...]


class UnconnectedGradients(Enum):
    """What `tape.gradient` gives for a source that the target does not depend on."""

    NONE = "none"
    ZERO = "zero"


class GradientTape:
    """Record ops for automatic differentiation.

    Args:
        persistent: allow several calls of `gradient`; the tape then keeps its values until it is deleted.
        watch_accessed_variables: watch trainable variables when they are read.

    >>> import tfc as tf
    >>> x = tf.constant(3.0)
    >>> with tf.GradientTape() as tape:
    ...     tape.watch(x)
    ...     y = x * x
    >>> tape.gradient(y, x).numpy()
    np.float32(6.0)
    """

    def __init__(self, persistent: bool = False, watch_accessed_variables: bool = True) -> None:
        self._persistent = persistent
        self._watch_accessed_variables = watch_accessed_variables
        self._entries: list[Entry] = []
        self._tracked: dict[int, Tensor] = {}
        self._reads: dict[int, list[Tensor]] = {}
        self._variables: dict[int, Variable] = {}
        self._used = False
        self._active = False

    # -- recording ------------------------------------------------------------------------------

    def __enter__(self) -> GradientTape:
        if self._active:
            raise FailedPreconditionError("TFC118", "this tape is already recording")
        self._active = True
        STATE.tapes = (*STATE.tapes, self)
        return self

    def __exit__(self, *exception: object) -> None:
        self._active = False
        STATE.tapes = tuple(tape for tape in STATE.tapes if tape is not self)

    def watch(self, tensor: Any) -> None:
        """Follow a tensor, a variable or a structure of them. Raises `TypeError` for anything else."""
        for leaf in nest.flatten(tensor):
            if isinstance(leaf, Variable):
                self._variables[id(leaf)] = leaf
            elif isinstance(leaf, Tensor):
                if is_float(leaf.type.dtype):
                    self._tracked[leaf.key] = leaf
            else:
                raise TFCTypeError(
                    "TFC119",
                    f"watch: expected a tensor or variable, got {type(leaf).__name__}",
                    "convert it first: x = tf.constant(x)",
                )

    def record(
        self,
        spec: OpSpec | CustomRule,
        inputs: tuple[Tensor, ...],
        attributes: dict[str, Any],
        outputs: tuple[Tensor, ...],
    ) -> None:
        """Called for every op that runs; keeps those that depend on something watched."""
        tracked = self._tracked
        for tensor in inputs:
            if tensor.key in tracked:
                break
        else:
            return
        differentiable = False
        for tensor in outputs:
            if is_float(tensor.type.dtype):
                tracked[tensor.key] = tensor
                differentiable = True
        if differentiable:
            self._entries.append(Entry(spec, inputs, attributes, outputs))

    def read_variable(self, variable: Variable, value: Tensor) -> None:
        """Called when a variable is read."""
        identity = id(variable)
        watched = identity in self._variables
        if not watched:
            if not (self._watch_accessed_variables and variable.trainable):
                return
            self._variables[identity] = variable
        if is_float(variable.type.dtype):
            self._tracked[value.key] = value
            self._reads.setdefault(identity, []).append(value)

    @contextmanager
    def stop_recording(self) -> Generator[None]:
        """A context in which this tape records nothing."""
        previous = STATE.tapes
        STATE.tapes = tuple(tape for tape in previous if tape is not self)
        try:
            yield
        finally:
            STATE.tapes = previous

    def reset(self) -> None:
        """Forget everything recorded so far."""
        self._entries, self._tracked, self._reads, self._variables = [], {}, {}, {}

    def watched_variables(self) -> tuple[Variable, ...]:
        """The variables that were read or watched, in order."""
        return tuple(self._variables.values())

    # -- differentiating ------------------------------------------------------------------------

    def gradient(
        self,
        target: Any,
        sources: Any,
        output_gradients: Any = None,
        unconnected_gradients: UnconnectedGradients | str = UnconnectedGradients.NONE,
    ) -> Any:
        """The derivative of the sum of `target` by each of `sources`, in the structure of `sources`.

        Args:
            target: a floating-point tensor, or a structure of them.
            sources: tensors that were watched, or variables; any structure.
            output_gradients: weights of the target's elements, in its structure; ones when None.
            unconnected_gradients: what to give for a source without a path to the target: None or zeros.

        Raises:
            RuntimeError: a tape that is not persistent is asked twice (TFC118).
            TypeError: a source is neither a tensor nor a variable (TFC119).
        """
        self._check_use()
        unconnected = UnconnectedGradients(unconnected_gradients)
        flat_sources = nest.flatten(sources)
        for source in flat_sources:
            if not isinstance(source, Tensor | Variable):
                raise TFCTypeError(
                    "TFC119",
                    f"gradient: expected tensors or variables as sources, got {type(source).__name__}",
                    "pass the tensor that was watched, or the variable itself",
                )
        targets = [convert(leaf) for leaf in nest.flatten(target)]
        if output_gradients is None:
            seeds: list[Any] = [None] * len(targets)
        else:
            seeds = nest.flatten(output_gradients)
        with self._paused():
            gradients = self._backward(targets, seeds, flat_sources)
            results = [self._collect(source, gradients, unconnected) for source in flat_sources]
        if not self._persistent:
            self.reset()
        return nest.pack_sequence_as(sources, results)

    def _check_use(self) -> None:
        if self._used and not self._persistent:
            raise FailedPreconditionError(
                "TFC118",
                "gradient was called twice on a tape that is not persistent",
                "create it with tf.GradientTape(persistent=True)",
            )
        self._used = True

    @contextmanager
    def _paused(self) -> Generator[None]:
        """A persistent tape that is still active records its own gradients, any other does not."""
        if self._persistent and self._active:
            yield
        else:
            with self.stop_recording():
                yield

    def _backward(
        self, targets: list[Tensor], seeds: list[Any], sources: list[Any]
    ) -> dict[int, Tensor]:
        from tfc.ops.creation import ones_like

        gradients: dict[int, Tensor] = {}
        for target, seed in zip(targets, seeds, strict=True):
            if not is_float(target.type.dtype):
                continue
            initial = ones_like(target) if seed is None else convert(seed, target.type.dtype)
            _accumulate(gradients, target.key, initial)
        kept = {source.key for source in sources if isinstance(source, Tensor)}
        for reads in self._reads.values():
            kept.update(value.key for value in reads)
        for entry in reversed(tuple(self._entries)):
            output_gradients = [gradients.get(tensor.key) for tensor in entry.outputs]
            if all(gradient is None for gradient in output_gradients):
                continue
            input_gradients = _apply_rule(entry, output_gradients)
            for tensor in entry.outputs:  # all their uses lie behind: free the memory
                if tensor.key not in kept:
                    gradients.pop(tensor.key, None)
            for tensor, gradient in zip(entry.inputs, input_gradients, strict=True):
                if gradient is not None and tensor.key in self._tracked:
                    _accumulate(gradients, tensor.key, gradient)
        return gradients

    def _collect(
        self,
        source: Tensor | Variable,
        gradients: dict[int, Tensor],
        unconnected: UnconnectedGradients,
    ) -> Tensor | None:
        total: Tensor | None = None
        if isinstance(source, Variable):
            for value in self._reads.get(id(source), ()):
                part = gradients.get(value.key)
                if part is not None:
                    total = part if total is None else total + part
        else:
            total = gradients.get(source.key)
        if total is None and unconnected is UnconnectedGradients.ZERO:
            from tfc.ops.creation import zeros_like

            return zeros_like(source)
        return total

    def jacobian(
        self,
        target: Any,
        sources: Any,
        unconnected_gradients: UnconnectedGradients | str = UnconnectedGradients.NONE,
        parallel_iterations: int | None = None,
        experimental_use_pfor: bool = True,
    ) -> Any:
        """The derivative of each element of `target` by each element of the sources.

        Each result has the shape of the target followed by that of the source.
        """
        from tfc.ops.creation import zeros
        from tfc.ops.packing import pack
        from tfc.ops.shape import reshape

        self._check_use()
        output = convert(target)
        shape = output.shape
        if not shape.is_fully_defined():
            raise InvalidArgumentError(
                "TFC105", f"jacobian: the target's shape must be known, got {shape}"
            )
        count = shape.num_elements() or 0
        flat_sources = nest.flatten(sources)
        unconnected = UnconnectedGradients(unconnected_gradients)
        rows: list[list[Tensor | None]] = []
        with self._paused():
            for index in range(count):
                seed = reshape(_unit(count, index, output), shape.as_tuple())
                gradients = self._backward([output], [seed], flat_sources)
                rows.append([self._collect(s, gradients, unconnected) for s in flat_sources])
            results: list[Tensor | None] = []
            for position, source in enumerate(flat_sources):
                column = [row[position] for row in rows]
                full = (*shape.as_tuple(), *source.type.shape)
                if not column:
                    results.append(zeros(full, source.dtype))
                elif column[0] is None:
                    results.append(None)
                else:
                    results.append(reshape(pack(column, None), full))
        if not self._persistent:
            self.reset()
        return nest.pack_sequence_as(sources, results)

    def batch_jacobian(
        self,
        target: Any,
        source: Any,
        unconnected_gradients: UnconnectedGradients | str = UnconnectedGradients.NONE,
        parallel_iterations: int | None = None,
        experimental_use_pfor: bool = True,
    ) -> Tensor | None:
        """The Jacobian of each example: `result[b, ...]` is that of `target[b]` by `source[b]`.

        Example `b` of the target must depend on example `b` of the source only.
        """
        from tfc.ops.creation import zeros_like
        from tfc.ops.packing import pack
        from tfc.ops.shape import reshape, transpose

        self._check_use()
        output = convert(target)
        batch, *rest = output.shape.as_tuple()
        if batch != source.type.shape[0]:
            raise InvalidArgumentError(
                "TFC106",
                f"batch_jacobian: the target has {batch} examples, the source {source.type.shape[0]}",
            )
        columns: list[Tensor] = []
        count = 1
        for size in rest:
            count *= size or 0
        unconnected = UnconnectedGradients(unconnected_gradients)
        with self._paused():
            flat = (batch, count)
            for index in range(count):
                unit = _unit(count, index, output)
                seed = reshape(zeros_like(reshape(output, flat)) + unit, output.shape.as_tuple())
                gradients = self._backward([output], [seed], [source])
                column = self._collect(source, gradients, unconnected)
                if column is None:
                    return None
                columns.append(column)
            stacked = pack(columns, None)
            order = (1, 0, *range(2, 1 + len(source.type.shape)))
            result = reshape(transpose(stacked, order), (batch, *rest, *source.type.shape[1:]))
        if not self._persistent:
            self.reset()
        return result


def _unit(count: int, index: int, like: Tensor) -> Tensor:
    """The vector of `count` zeros with a one at `index`."""
    import numpy as np

    values = np.zeros(count, like.type.dtype)
    values[index] = 1
    return Tensor._wrap(values)


def _accumulate(gradients: dict[int, Tensor], key: int, gradient: Tensor) -> None:
    known = gradients.get(key)
    gradients[key] = gradient if known is None else known + gradient


def _apply_rule(entry: Entry, output_gradients: list[Tensor | None]) -> Sequence[Tensor | None]:
    spec = entry.spec
    if not isinstance(spec, OpSpec):
        return spec(*output_gradients)
    rule = rule_of(spec)
    if isinstance(rule, NotDifferentiable):
        return (None,) * len(entry.inputs)
    op = RecordedOp(spec, entry.inputs, entry.attributes, entry.outputs)
    produced = rule(op, *output_gradients)
    if produced is None or isinstance(produced, Tensor):
        return (produced,)
    return produced


@contextmanager
def stop_all_recording() -> Generator[None]:
    """A context in which no tape records."""
    previous: tuple[Tape, ...] = STATE.tapes
    STATE.tapes = ()
    try:
        yield
    finally:
        STATE.tapes = previous
