"""Ops that may fail, where a handler or later code depends on it.

Inside a `try`, a handler may see an error that would otherwise end the call. So the op is recorded in an arm of a branch in which
it cannot fail, and the other arm raises its error. Once outside state has been changed, the op gets a check in front of it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
from tfc.core.errors import user_error
from tfc.core.tensor import Tensor
from tfc.dialects.tfc.semantics import arithmetic, indexing
from tfc.dialects.tfc.semantics.errors import OpError
from tfc.dialects.tfc.semantics.spec import OpSpec
from tfc.graph.control import CONSTANT
from tfc.tracing.inputs import NOT_RAISED, AlreadyRaised
from tfc.tracing.paths import signals, staging
from tfc.tracing.values import primitives
from tfc.tracing.values.symbolic import SymbolicTensor

if TYPE_CHECKING:
    from tfc.tracing.trace import Trace

_INT64 = np.dtype(np.int64)

Check = Callable[..., tuple[Any, Callable[[], OpError]] | None]
"""Of the operands and attributes: the condition under which the op does not fail, and its error."""


def _division(spec: OpSpec) -> Check:
    def check(x: Tensor, y: Tensor) -> tuple[Any, Callable[[], OpError]] | None:
        if y.type.dtype.kind not in "iu" or _is_never_zero(y):
            return None
        return y != 0, lambda: arithmetic.division_by_zero(spec.name)

    return check


def _is_never_zero(y: Tensor) -> bool:
    if not isinstance(y, SymbolicTensor):
        return bool(y.numpy().all())
    node = y._value.node
    return node is not None and node.spec is CONSTANT and bool(np.all(node.attributes["value"]))


def _along_axis(
    params: Tensor, indices: Tensor, *_: Tensor, axis: int, negative: str, **__: Any
) -> tuple[Any, Callable[[], OpError]] | None:
    """Of indices of one axis: `gather`, `scatter_along`."""
    inside = _is_inside(params, axis, indices, negative)
    return inside, lambda: OpError("TFC201", f"index is out of range for axis {axis}")


def _along_axes(
    params: Tensor, indices: Tensor, *_: Tensor, negative: str, batch_dims: int = 0, **__: Any
) -> tuple[Any, Callable[[], OpError]] | None:
    """Of indices of several axes, in the last axis of `indices`: `gather_nd`, `scatter_nd`."""
    inside: Any = None
    for number in range(indices.type.shape[-1] or 0):
        this = _is_inside(params, batch_dims + number, indices[..., number], negative)
        inside = this if inside is None else primitives.apply_named("logical_and", inside, this)
    return None if inside is None else (inside, lambda: OpError("TFC201", "index is out of range"))


def _is_inside(params: Tensor, axis: int, indices: Tensor, negative: str) -> Any:
    size = params.type.shape[axis]
    if size is None:
        sizes = primitives.function_named("shape")(params, _INT64)
        size = primitives.cast(sizes[axis], indices.type.dtype)
    inside = indices < size
    if negative == "wrap":
        inside = primitives.apply_named("logical_and", inside, indices >= -size)
    elif negative != "drop":
        inside = primitives.apply_named("logical_and", inside, indices >= 0)
    return inside


_CHECKS: dict[OpSpec, Check] = {
    spec: _division(spec)
    for spec in (
        arithmetic.floordiv, arithmetic.floormod, arithmetic.truncatediv, arithmetic.truncatemod,
    )
} | {
    indexing.gather: _along_axis, indexing.scatter_along: _along_axis,
    indexing.gather_nd: _along_axes, indexing.scatter_nd: _along_axes,
}  # fmt: skip


def catchable(
    trace: Trace, spec: OpSpec, inputs: tuple[Tensor, ...], attributes: dict[str, Any]
) -> tuple[Any, Callable[[], OpError]] | None:
    """The condition under which an op does not fail, and its error; None for an op that cannot fail or is not checked here."""
    check = _CHECKS.get(spec)
    found = None if check is None else check(*inputs, **attributes)
    if found is None:
        return None
    condition, error = found
    if condition.type.shape:
        condition = primitives.function_named("reduce_all")(condition)
    return trace.as_symbolic(condition), error


def record_or_raise(
    trace: Trace, condition: Any, error: Callable[[], OpError], record: Callable[[], Any]
) -> Any:
    """Record an op on the paths on which it does not fail."""
    frame = trace.frame
    assert frame is not None

    def fail() -> Any:
        raise user_error(error())

    return staging.branch(frame, frame.node, condition, record, fail)


def record_checked(
    trace: Trace,
    spec: OpSpec,
    inputs: tuple[Tensor, ...],
    attributes: dict[str, Any],
    record: Callable[[], Any],
) -> Any:
    """Record an op behind a check that ends the call as any other exception does, with the state that there is then."""
    found = None if trace.frame is None else catchable(trace, spec, inputs, attributes)
    if found is None:
        return record()
    condition, error = found
    record_or_raise(trace, condition, error, lambda: None)
    trace.is_certain = True
    try:
        return record()
    finally:
        trace.is_certain = False


def after_operands(trace: Trace, act: Callable[[], Any]) -> Any:
    """What a statement does after its operands: on the paths on which none of these has raised."""
    return record_unless_raised(trace, act) if trace.is_raising else act()


def record_unless_raised(trace: Trace, record: Callable[[], Any]) -> Any:
    """Record an op on the paths on which the statement has not raised yet."""
    frame = trace.frame
    assert frame is not None

    def go_on() -> Any:
        signals.not_raised(trace)
        return record()

    def raised() -> Any:
        raise AlreadyRaised

    condition = trace.raised.cell_contents == NOT_RAISED
    return staging.branch(frame, frame.node, condition, go_on, raised)


def unless_raised(trace: Trace, value: Any, otherwise: Any) -> Any:
    """`value` on the paths on which the statement has not raised yet, and something else on the others."""
    frame = trace.frame
    assert frame is not None
    condition = trace.raised.cell_contents == NOT_RAISED
    return staging.branch(frame, frame.node, condition, lambda: value, lambda: otherwise)
