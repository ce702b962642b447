"""Exceptions of Python code that compiled code calls, where a `try` of the program may catch them.

The call gives a ticket for what was raised, 0 for nothing, and the results follow under a condition on it. A handler sees a
`HostError`, whose class and text are known at run time only: both are asked of the exception that the ticket stands for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from tfc.core.dispatch import tell_tapes
from tfc.core.errors import CompileError, user_error
from tfc.core.tensor import Tensor
from tfc.dialects.tfc.semantics import assertion, factorization, host
from tfc.dialects.tfc.semantics.errors import OpError
from tfc.dialects.tfc.semantics.spec import OpSpec
from tfc.dialects.tfc.semantics.types import ArrayType
from tfc.tracing import messages
from tfc.tracing.paths import staging
from tfc.tracing.strings import text
from tfc.tracing.values import tickets
from tfc.tracing.values.numbers import SymbolicNumber

if TYPE_CHECKING:
    from tfc.tracing.frame import Frame
    from tfc.tracing.trace import Trace

_INT64, _BOOL = np.dtype(np.int64), np.dtype(np.bool_)
_CALLED = frozenset((host.host_call, host.pure_host_call, assertion.assert_, *factorization.FAMILY))
"""Ops that are Python that may raise, or can be."""

MOST_KEPT = 1000
"""Exceptions that a thread keeps for the tickets of running programs."""


class HostError(Exception):
    """Stands for an exception of run time; its only argument is the ticket."""

    def __str__(self) -> str:
        return "an exception of Python code"


class ClassOfError:
    """The class of an exception of run time."""

    def __init__(self, error: HostError) -> None:
        self.error = error

    @property
    def __name__(self) -> Any:  # pyright: ignore[reportIncompatibleVariableOverride]
        return text.SymbolicText([text.Piece(self.error.args[0], text.HOST_CLASS, "")])


_kept = tickets.Tickets[BaseException](MOST_KEPT)


def kept(ticket: int) -> BaseException:
    """The exception of a ticket."""
    found = _kept.find(ticket)
    return RuntimeError("an exception that is not kept any more") if found is None else found


def calls_host(spec: OpSpec) -> bool:
    """Whether an op is recorded as a call of Python where a handler has to see what it raises."""
    return spec in _CALLED


def record_attempt(
    trace: Trace, spec: OpSpec, inputs: tuple[Tensor, ...], attributes: dict[str, Any]
) -> Any:
    """Record a call of Python; where it raises, the exception is on its way to a handler."""
    frame = trace.running
    where = messages.site_of_frame(frame)
    inferred = spec.infer(*[trace.value_of(tensor).type for tensor in inputs], **attributes)
    kinds = (inferred,) if isinstance(inferred, ArrayType) else inferred
    zeros = [np.zeros([size or 0 for size in kind.shape], kind.dtype) for kind in kinds]

    def attempt(*arrays: np.ndarray) -> tuple[np.ndarray, ...]:
        try:
            results = spec.evaluate(*arrays, **attributes)
        except OpError as error:
            ticket = _kept.keep(user_error(error, where))
        except Exception as error:
            ticket = _kept.keep(error)
        else:
            listed = results if isinstance(results, tuple) else (results,)
            return np.array(0, _INT64), *listed
        return np.array(ticket, _INT64), *zeros

    call = host.host_call if spec is host.host_call else host.pure_host_call
    types = ((_INT64, ()), *[(kind.dtype, kind.shape) for kind in kinds])
    results = trace.append(
        call, inputs, {"function": host.register(attempt), "result_types": types}
    )
    number, *values = results if kinds else (results,)
    ticket = SymbolicNumber(int, number)

    def fail() -> Any:
        raise HostError(ticket)

    found = values[0] if isinstance(inferred, ArrayType) else tuple(values)

    def succeed() -> Any:
        tell_tapes(spec, inputs, attributes, found)
        return found

    return staging.branch(frame, frame.node, ticket == 0, succeed, fail)


def is_instance(frame: Frame, error: BaseException, kinds: Any) -> Any:
    """`isinstance(error, kinds)`: a bool, known or symbolic."""
    if not isinstance(error, HostError):
        return isinstance(error, kinds)
    if isinstance(kinds, type) and issubclass(Exception, kinds):
        return True

    def check(ticket: np.ndarray) -> np.ndarray:
        return np.array(isinstance(kept(int(ticket)), kinds), _BOOL)

    attributes = {"function": host.register(check), "result_types": ((_BOOL, ()),)}
    number = error.args[0].tensor
    return SymbolicNumber(bool, frame.trace.append(host.pure_host_call, (number,), attributes))


def class_of(value: Any) -> Any:
    """`type(value)`, of an exception of run time too."""
    return ClassOfError(value) if isinstance(value, HostError) else type(value)


def refuse_attribute(frame: Frame, name: str) -> Any:
    """Refuse `error.name` of an exception of run time."""
    raise CompileError(
        "TFC001",
        f"'{name}' of an exception that Python code raises at run time is needed while compiling",
        "use its text, str(error), or catch it in the Python code and return what is needed",
        messages.site_of_frame(frame),
        "what is raised is known only when the compiled code runs",
    )
