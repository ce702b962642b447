"""Lists that grow at run time as arguments of NumPy's functions that join arrays."""

from __future__ import annotations

from typing import Any

from tfc.core.tensor import Tensor
from tfc.tracing.containers import growable, list_tensors
from tfc.tracing.frame import Frame
from tfc.tracing.ndarrays import numpy_functions
from tfc.tracing.paths import staging
from tfc.tracing.values import primitives, shapes
from tfc.tracing.values.numbers import SymbolicNumber


def stacked_from(values: Any) -> Any:
    """What is joined, where it is one array or a list that grows at run time: the items are its rows; else None."""
    if not isinstance(values, Tensor) and growable.growable_of(values) is None:
        return None
    whole = numpy_functions.tensor_of(values)
    if not whole.type.shape or whole.type.shape[0] == 0 or None in whole.type.shape[1:]:
        raise numpy_functions.Unfit
    if whole.type.shape[0] is None:
        _require_any(whole._scope.trace.running, shapes.dynamic_size(whole, 0))
    return whole


def rows_of(values: Any) -> Any:
    """The rows of arrays of different sizes in a list that grows at run time, one array after the other; else None."""
    held = None if isinstance(values, Tensor) else growable.growable_of(values)
    if held is None:
        return None
    frame = held.length.tensor._scope.trace.running
    rows = list_tensors.joined_rows(frame, held)
    if rows is not None:
        _require_any(frame, held.length)
    return rows


def _require_any(frame: Frame, count: SymbolicNumber) -> None:
    """NumPy joins at least one array."""
    is_any = SymbolicNumber(bool, primitives.function_named("greater")(count.tensor, 0))
    staging.branch(frame, frame.node, is_any, lambda: None, _refuse_nothing)


def _refuse_nothing() -> None:
    raise ValueError("need at least one array to concatenate")
