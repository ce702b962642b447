"""`CallTape`: the tape inside of a compiled function that is called under tapes from outside."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from tfc.core.tensor import Tensor
from tfc.core.variable import Variable
from tfc.dialects.tfc.semantics.dtypes import is_float
from tfc.gradients.staged import reach_all
from tfc.gradients.tape import GradientTape
from tfc.tracing.inputs import PlainPython

if TYPE_CHECKING:
    from tfc.graph.nodes import Value
    from tfc.tracing.values.symbolic import SymbolicTensor


class CallTape(GradientTape):
    """Follows what the tapes around the call follow: arguments, tensors that are closed over, variables."""

    def __init__(self, around: Sequence[GradientTape]) -> None:
        super().__init__(watch_accessed_variables=False)
        self.around = around
        self.tensors: list[tuple[Tensor, str, bool]] = []
        """What stands for each floating-point tensor from outside, where it is found, and whether it is a source."""

        self.arrays: set[Value] = set()
        """What stands for arrays of NumPy, which may have changed when the gradient is asked for."""
        self.used_variables: dict[int, Variable] = {}
        """The floating-point variables that are read."""

    def is_source(self, value: Tensor | Variable) -> bool:
        """Whether a tape around the call follows a tensor or variable from outside."""
        return any(tape.follows(value) for tape in self.around)

    def enter(self, value: Any, inner: SymbolicTensor, path: str) -> None:
        """`inner` stands for `value` of the world outside; it may have been found in a branch or loop first."""
        if not isinstance(value, Tensor):
            self.arrays.add(inner._value)
            return
        if not is_float(value.type.dtype):
            return
        held, is_source = inner.snapshot(), self.is_source(value)
        if any(known.key == held.key for known, _, _ in self.tensors):
            return
        self.tensors.append((held, path, is_source))
        if is_source:
            self.track_saved(held)

    def read_variable(self, variable: Variable, value: Tensor) -> None:
        if is_float(variable.type.dtype):
            self.used_variables[id(variable)] = variable
        if self.is_source(variable):
            self._variables[id(variable)] = variable
        super().read_variable(variable, value)

    def refuse(self, found: Any) -> None:
        """A function that has one of the tapes in hand cannot be recorded as one call."""
        if any(found is tape for tape in self.around):
            raise PlainPython("it uses a tape that is recording the call")

    def reaching(self, target: Tensor, sources: Sequence[Tensor | Variable]) -> set[int]:
        """The sources, by number, that a value depends on."""
        useful = {target.key: target}
        reach_all(self._entries, useful, self._tracked)
        read = {id(variable) for variable, value in self._reads if value.key in useful}
        return {
            number
            for number, source in enumerate(sources)
            if (id(source) in read if isinstance(source, Variable) else source.key in useful)
        }
