"""What a tape holds: ops, and control flow that was recorded as one op.

Going forwards, an entry says which of its results depend on the sources of the gradient (`activate`). Going backwards, it says
which of its inputs matter (`reach`) and what their gradients are (`backward`).
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from typing import Any, NamedTuple, Protocol

from tfc.core.tensor import Tensor
from tfc.core.variable import Variable
from tfc.dialects.tfc.semantics.dtypes import is_float
from tfc.dialects.tfc.semantics.spec import OpSpec
from tfc.gradients.accumulation import accumulate
from tfc.gradients.explanation import Edge
from tfc.gradients.registry import NotDifferentiable, RecordedOp, rule_of

CustomRule = Callable[..., Sequence["Tensor | None"]]
"""`rule(*output_gradients)` gives one gradient per recorded input."""


class Entry(NamedTuple):
    """Something that happened on the tape: an op with its spec, or a custom rule."""

    spec: OpSpec | CustomRule
    inputs: tuple[Tensor, ...]
    attributes: dict[str, Any]
    outputs: tuple[Tensor, ...]

    def renamed(self, names: dict[int, Tensor]) -> Entry:
        """The same with other tensors for some, by identity."""
        inputs = tuple([names.get(id(tensor), tensor) for tensor in self.inputs])
        outputs = tuple([names.get(id(tensor), tensor) for tensor in self.outputs])
        return self._replace(inputs=inputs, outputs=outputs)

    def activate(self, active: Active) -> None:
        """Add the outputs to `active` when they depend on something in it."""
        if any(tensor.key in active for tensor in self.inputs):
            active.add_floats(self.outputs)

    def reach(self, useful: dict[int, Tensor], active: Container[int]) -> None:
        """Add the inputs to `useful` when an output is in it: the opposite direction."""
        if any(tensor.key in useful for tensor in self.outputs):
            for tensor in self.inputs:
                if tensor.key in active:
                    useful[tensor.key] = tensor

    def backward(
        self, gradients: dict[int, Tensor], active: Container[int], kept: Container[int]
    ) -> None:
        """Replace the gradients of the outputs by those of the inputs."""
        output_gradients = [gradients.get(tensor.key) for tensor in self.outputs]
        if all(gradient is None for gradient in output_gradients):
            return
        input_gradients = _apply_rule(self, output_gradients)
        for tensor in self.outputs:  # all their uses lie behind: free the memory
            if tensor.key not in kept:
                gradients.pop(tensor.key, None)
        for tensor, gradient in zip(self.inputs, input_gradients, strict=True):
            if gradient is not None and tensor.key in active:
                accumulate(gradients, tensor.key, gradient)

    def edges(self) -> Iterator[Edge]:
        """What depends on what, for `explain`."""
        yield Edge([tensor.key for tensor in self.inputs], [tensor.key for tensor in self.outputs])


class TapeEntry(Protocol):
    """An `Entry`, or control flow that was recorded as one."""

    @property
    def inputs(self) -> Sequence[Tensor]: ...
    @property
    def outputs(self) -> Sequence[Tensor]: ...
    def activate(self, active: Active) -> None: ...
    def reach(self, useful: dict[int, Tensor], active: Container[int]) -> None: ...
    def backward(
        self, gradients: dict[int, Tensor], active: Container[int], kept: Container[int]
    ) -> None: ...
    def edges(self) -> Iterator[Edge]: ...


class Active:
    """The keys of the values that depend on what is differentiated by: those of one region and of the regions around it."""

    __slots__ = ("keys", "outer")

    def __init__(self, outer: Container[int], keys: Iterable[int] = ()) -> None:
        self.outer = outer
        self.keys = set(keys)

    def __contains__(self, key: object) -> bool:
        return key in self.keys or key in self.outer  # pyright: ignore[reportOperatorIssue]

    def add_floats(self, tensors: Iterable[Tensor]) -> None:
        """Add those of floating-point tensors."""
        self.keys.update(tensor.key for tensor in tensors if is_float(tensor.type.dtype))


class RegionRecord:
    """What a tape saw of one region of a compiled function."""

    __slots__ = ("entries", "reads", "tracked")

    def __init__(
        self,
        entries: list[TapeEntry],
        reads: list[tuple[Variable, Tensor]],
        tracked: dict[int, Any],
    ) -> None:
        self.entries = entries
        self.reads = reads
        self.tracked = tracked
        """What depends on something watched, by key."""

    def extend(self, other: RegionRecord) -> None:
        self.entries += other.entries
        self.reads += other.reads
        self.tracked.update(other.tracked)


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


def pass_on(gradient: Tensor | None) -> tuple[Tensor | None]:
    """The rule of another name for a value."""
    return (gradient,)
