"""Applying an op: eagerly through its NumPy meaning, or onto the trace in progress."""

from __future__ import annotations

from typing import Any

import numpy as np
from tfc.core.errors import user_error
from tfc.core.recording import STATE
from tfc.core.tensor import Tensor
from tfc.dialects.tfc.semantics.errors import OpError
from tfc.dialects.tfc.semantics.spec import Effect, OpSpec
from tfc.dialects.tfc.semantics.types import ArrayType

_new = object.__new__
_NONE = Effect.NONE

_ORDERED = tuple(e for e in Effect if not e.is_removable and e is not Effect.FAIL)
"""Effects that happen when the program runs, even where all values are known while it is traced."""


def apply(spec: OpSpec, *inputs: Tensor, **attributes: Any) -> Any:
    """Apply `spec` to tensors: eagerly when all have values, else onto the trace.

    Returns a Tensor, or a tuple of them when the op has several results. Wrong dtypes, shapes and attributes raise the
    user's form of the `OpError` that the op's inference raises.
    """
    arrays: list[np.ndarray] = []
    for tensor in inputs:
        if tensor.__class__ is not Tensor:
            return _record(spec, inputs, attributes)
        arrays.append(tensor._array)
    state = STATE
    if spec.effect is not _NONE and spec.effect in _ORDERED and state.recorder is not None:
        return _record(spec, inputs, attributes)
    try:
        _check(spec, arrays, attributes)
        result = spec.evaluate(*arrays, **attributes)
    except OpError as error:
        if spec.effect is Effect.FAIL and state.recorder is not None:
            return _record(spec, inputs, attributes)  # it fails when, and if, it is reached
        raise user_error(error) from None
    outputs: Any
    if result.__class__ is tuple:
        outputs = tuple(Tensor._wrap(array) for array in result)
    else:
        outputs = _new(Tensor)
        outputs._array = result if result.__class__ is np.ndarray else np.asarray(result)
    if state.tapes:
        _note(spec, inputs, attributes, outputs)
    return outputs


def _note(
    spec: OpSpec, inputs: tuple[Tensor, ...], attributes: dict[str, Any], outputs: Any
) -> None:
    listed = outputs if outputs.__class__ is tuple else (outputs,)
    for tape in STATE.tapes:
        tape.record(spec, inputs, attributes, listed)


def apply_to_array(spec: OpSpec, x: np.ndarray) -> Tensor:
    """An elementwise op of one operand with a dtype in `spec.quick` when no tape listens: nothing is left to check."""
    result = spec.evaluate(x)
    output = _new(Tensor)
    output._array = result if result.__class__ is np.ndarray else np.asarray(result)
    return output


def apply_quick(spec: OpSpec, x: Any, y: Any) -> Tensor:
    """An elementwise op of two operands when no tape listens: on arrays of one dtype in `spec.quick`, or one of them a number.

    NumPy checks what is left to check, the shapes; inference runs when it objects, for its message.
    """
    try:
        result = spec.evaluate(x, y)
    except ValueError:
        raise _inference_error(spec, np.asarray(x), np.asarray(y)) from None
    except OpError as error:
        raise user_error(error) from None
    output = _new(Tensor)
    output._array = result if result.__class__ is np.ndarray else np.asarray(result)
    return output


def _inference_error(spec: OpSpec, *arrays: np.ndarray) -> Exception:
    """The user's error for operands that NumPy refused."""
    try:
        spec.infer(*[ArrayType(array.dtype, array.shape) for array in arrays])
    except OpError as error:
        return user_error(error)
    raise AssertionError(f"{spec.name}: NumPy refused operands that inference accepts")


_CHECKED: set[tuple[Any, ...]] = set()
"""Operand types and attributes, with their op, that inference has accepted: the check costs more than a small op."""
_CHECKED_LIMIT = 4096


def _check(spec: OpSpec, arrays: list[np.ndarray], attributes: dict[str, Any]) -> None:
    """Raise the `OpError` that inference raises for these operands, if any."""
    key: tuple[Any, ...]
    if len(arrays) == 1:
        key = (spec, arrays[0].dtype, arrays[0].shape, *attributes.values())
    else:
        key = (spec, *[(a.dtype, a.shape) for a in arrays], *attributes.values())
    try:
        if key in _CHECKED:
            return
    except TypeError:  # an attribute that is an array
        spec.infer(*[ArrayType(array.dtype, array.shape) for array in arrays], **attributes)
        return
    spec.infer(*[ArrayType(array.dtype, array.shape) for array in arrays], **attributes)
    if len(_CHECKED) >= _CHECKED_LIMIT:
        _CHECKED.clear()
    _CHECKED.add(key)


def _record(spec: OpSpec, inputs: tuple[Tensor, ...], attributes: dict[str, Any]) -> Any:
    state = STATE
    recorder = state.recorder
    if recorder is None:
        from tfc.core.leaks import raise_leaked

        raise_leaked(inputs)
    try:
        outputs = recorder.record(spec, inputs, attributes)
    except OpError as error:
        raise recorder.blame(user_error(error), inputs) from None
    if state.tapes:
        _note(spec, inputs, attributes, outputs)
    return outputs


def apply_late(spec: OpSpec, *inputs: Tensor, **attributes: Any) -> Any:
    """`apply`, but onto the trace in progress even when all values are known.

    For what is large and cheap to make: `tf.zeros([1000, 1000])` is a loop in compiled code, not four megabytes of constants.
    """
    if STATE.recorder is None:
        return apply(spec, *inputs, **attributes)
    return _record(spec, inputs, attributes)
