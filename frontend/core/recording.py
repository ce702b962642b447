"""Where ops go while a function is being traced, and which tapes listen: one state per thread.

`dispatch.apply` asks it at each op. The interpreter in `frontend/tracing` pushes a `Recorder`; `GradientTape` pushes itself.
"""

from __future__ import annotations

import threading
import weakref
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    import numpy as np
    from tfc.core.errors import TFCError
    from tfc.core.tensor import Tensor
    from tfc.core.variable import Variable
    from tfc.dialects.tfc.semantics.spec import OpSpec
    from tfc.dialects.tfc.semantics.types import ArrayType


class Recorder(Protocol):
    """A trace in progress."""

    def record(self, spec: OpSpec, inputs: tuple[Tensor, ...], attributes: dict[str, Any]) -> Any:
        """Append the op, tell the active tapes (`tell_tapes`), and return its symbolic results: a tensor, or a tuple of them."""
        ...

    def blame(self, error: TFCError, operands: tuple[Tensor, ...]) -> TFCError:
        """The error of an op with the user's line, and where its operands come from."""
        ...

    def require_known(self, tensor: Tensor, what: str) -> None:
        """Where a tensor depends on nothing but the world outside, start again with that as a constant."""
        ...

    def read_variable(self, variable: Variable) -> Tensor:
        """Append a read of `variable` and return its symbolic value."""
        ...

    def assign_variable(self, variable: Variable, value: Tensor) -> None:
        """Append an assignment."""
        ...

    def repeat(self, source: Callable[[], np.ndarray], kind: ArrayType) -> Tensor | None:
        """Append a call of `source`, which gives other values each time; None where only ops are recorded."""
        ...

    def look(self, tensor: Tensor, ask: Callable[[np.ndarray], Any]) -> Any:
        """What `ask` tells of the values of a tensor; None where they are not known."""
        ...

    def initial_array(self, value: Tensor) -> np.ndarray:
        """What a new variable with the initial value `value` holds while tracing."""
        ...

    def create_variable(self, variable: Variable, value: Tensor) -> None:
        """`variable` was just created by the function being traced."""
        ...

    def assign_tensor(self, tensor: Tensor, value: Tensor) -> None:
        """From here on `tensor` has the values of `value`."""
        ...


class Tape(Protocol):
    """A gradient tape that is recording."""

    has_regions: ClassVar[bool]
    """Whether it keeps what branches and loops record apart, as `Regions` does."""

    def record(
        self,
        spec: Any,
        inputs: tuple[Tensor, ...],
        attributes: dict[str, Any],
        outputs: tuple[Tensor, ...],
    ) -> None:
        """An op just ran: its `OpSpec`, or a function that maps output gradients to input gradients."""
        ...

    def record_plan(
        self,
        told: Any,
        arguments: tuple[Tensor, ...],
        values: tuple[np.ndarray, ...],
        results: tuple[Tensor, ...],
    ) -> None:
        """Several ops just ran at once: `told` tells them one by one, `values` are those in between."""
        ...

    def read_variable(self, variable: Any, value: Tensor) -> None:
        """`value` was just read from `variable`."""
        ...

    def note_cut(
        self, name: str, reason: str, inputs: tuple[Tensor, ...], outputs: tuple[Tensor, ...]
    ) -> None:
        """No gradient passes from the outputs of `name` to its inputs, for a reason."""
        ...

    def knows(self, tensor: Tensor) -> bool:
        """Whether anything on the tape refers to the values that `tensor` has now."""
        ...

    def assigned(self, tensor: Tensor, before: Tensor) -> None:
        """`tensor` is about to get other values: what the tape knows of it is known of `before` from here on."""
        ...

    def same(self, known: Tensor, other: Tensor) -> None:
        """`other` is another name for the value `known`."""
        ...


ACTIVE: set[int] = set()
"""Threads that trace or have a tape. Mostly there are none, which is quicker to see than what the own thread does."""


_set, _thread = threading.local.__setattr__, threading.get_ident


class State(threading.local):
    """This thread's trace and tapes."""

    recorder: Recorder | None = None
    tapes: tuple[Tape, ...] = ()

    @property
    def is_active(self) -> bool:
        return self.recorder is not None or bool(self.tapes)

    def __setattr__(self, name: str, value: Any) -> None:
        _set(self, name, value)
        if value or self.recorder is not None or self.tapes:
            ACTIVE.add(_thread())
        else:
            ACTIVE.discard(_thread())


STATE = State()


def set_tapes(tapes: tuple[Tape, ...]) -> None:
    """`STATE.tapes = tapes`, in a third of the time."""
    _set(STATE, "tapes", tapes)
    if tapes or STATE.recorder is not None:
        ACTIVE.add(_thread())
    else:
        ACTIVE.discard(_thread())


@contextmanager
def certain() -> Generator[None]:
    """What a trace records inside has operands for which it cannot fail: it is not checked, and may be dropped."""
    recorder: Any = STATE.recorder
    before = getattr(recorder, "is_certain", None)
    if before is None:
        yield
        return
    recorder.is_certain = True
    try:
        yield
    finally:
        recorder.is_certain = before


_LIVING: set[weakref.ref[Tape]] = set()
"""The tapes of all threads, also those that no longer record: they still refer to tensors."""


def note_living(tape: Tape) -> None:
    """`tape` wants to hear of assignments of tensors for as long as it lives."""
    _LIVING.add(weakref.ref(tape, _LIVING.discard))


def living_tapes() -> list[Tape]:
    """The tapes that still refer to tensors."""
    return [tape for reference in list(_LIVING) if (tape := reference()) is not None]
