"""Recursion has no gradient yet: a tape sees a call as one entry, which refuses to be walked backwards."""

from __future__ import annotations

from collections.abc import Container, Sequence
from typing import TYPE_CHECKING

from tfc.core.errors import CompileError, Site
from tfc.core.recording import STATE
from tfc.core.tensor import Tensor
from tfc.dialects.tfc.semantics.dtypes import is_float
from tfc.gradients.tape import Active, GradientTape
from tfc.tracing.graph import Region
from tfc.tracing.messages import site_of_frame

if TYPE_CHECKING:
    from tfc.tracing.trace import Trace


def record_call(
    trace: Trace, region: Region, inputs: Sequence[Tensor], outputs: Sequence[Tensor]
) -> None:
    """Tell the active tapes about a call of a function that calls itself; `region` is its body."""
    scope = trace.scopes.get(region)
    where = site_of_frame(trace.frame)
    for tape in STATE.tapes:
        if not isinstance(tape, GradientTape):
            continue
        record = scope.recorded.get(tape) if scope is not None else None
        if record is not None and record.reads:
            raise _refusal(where)
        tape.record_control(RecursiveCall(inputs, outputs, bool(record and record.entries), where))


def _refusal(where: Site) -> CompileError:
    return CompileError(
        "TFC014",
        "the gradient of a function that calls itself to a depth that depends on a tensor",
        "write it as a loop, or with a list as a stack: loops have gradients",
        where,
    )


class RecursiveCall:
    """A call on one tape."""

    def __init__(
        self, inputs: Sequence[Tensor], outputs: Sequence[Tensor], uses_watched: bool, where: Site
    ) -> None:
        self.inputs = inputs
        self.outputs = outputs
        self.uses_watched = uses_watched
        """Whether the body computes with watched values that are not among the arguments."""
        self.where = where

    def activate(self, active: Active) -> None:
        """Mark the results that depend on active values."""
        floats = [item for item in self.inputs if is_float(item.type.dtype)]
        if self.uses_watched or any(item.key in active for item in floats):
            active.add_floats(self.outputs)

    def reach(self, useful: dict[int, Tensor], active: Container[int]) -> None:
        """Mark the active inputs of a call whose results are used."""
        if any(item.key in useful for item in self.outputs):
            useful.update({item.key: item for item in self.inputs if item.key in active})

    def backward(
        self, gradients: dict[int, Tensor], active: Container[int], kept: Container[int]
    ) -> None:
        """Refuse, when a gradient arrives."""
        if any(item.key in gradients for item in self.outputs):
            raise _refusal(self.where)
