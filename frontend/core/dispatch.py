"""Applying an op: eagerly through its NumPy meaning, or onto the trace in progress."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np
from tfc.core.errors import user_error
from tfc.core.recording import ACTIVE, STATE
from tfc.core.tensor import Tensor
from tfc.dialects.tfc.semantics.errors import OpError
from tfc.dialects.tfc.semantics.spec import Effect, OpSpec
from tfc.dialects.tfc.semantics.types import ArrayType

_new = object.__new__

_ORDERED = tuple(e for e in Effect if not e.is_removable and e is not Effect.FAIL)
"""Effects that happen when the program runs, even where all values are known while it is traced."""


_PREPARED: dict[tuple[Any, ...], Callable[..., Any]] = {}
"""What evaluates an op for operand types and attributes that inference has accepted: both cost more than a small op."""
_PREPARED_LIMIT = 4096


def apply(spec: OpSpec, *inputs: Tensor, **attributes: Any) -> Any:
    """Apply `spec` to tensors: eagerly when all have values, else onto the trace.

    Returns a Tensor, or a tuple of them when the op has several results. Wrong dtypes, shapes and attributes raise the
    user's form of the `OpError` that the op's inference raises.
    """
    arrays: Sequence[np.ndarray]
    key: tuple[Any, ...]
    if len(inputs) == 1:
        (first,) = inputs
        if first.__class__ is not Tensor:
            return _record(spec, inputs, attributes)
        x = first._array
        arrays = (x,)
        key = (spec, x.dtype, x.shape, *attributes.items())
    elif len(inputs) == 2:
        first, second = inputs
        if first.__class__ is not Tensor or second.__class__ is not Tensor:
            return _record(spec, inputs, attributes)
        x, y = first._array, second._array
        arrays = (x, y)
        key = (spec, x.dtype, x.shape, y.dtype, y.shape, *attributes.items())
    else:
        for tensor in inputs:
            if tensor.__class__ is not Tensor:
                return _record(spec, inputs, attributes)
        arrays = [tensor._array for tensor in inputs]
        parts: list[Any] = [spec, *attributes.items()]
        for x in arrays:
            parts += x.dtype, x.shape
        key = tuple(parts)
    try:
        evaluate = _PREPARED[key]
    except (KeyError, TypeError):  # TypeError: an attribute that is an array
        if spec.effect in _ORDERED and STATE.recorder is not None:
            return _record(spec, inputs, attributes)
        evaluate = None
    try:
        if evaluate is None:
            evaluate = _prepare(spec, key, arrays, attributes)
        result = evaluate(*arrays)
    except OpError as error:
        if spec.effect is Effect.FAIL and STATE.recorder is not None:
            return _record(spec, inputs, attributes)  # it fails when, and if, it is reached
        raise user_error(error) from None
    outputs: Any
    if result.__class__ is tuple:
        outputs = tuple(Tensor._wrap(array) for array in result)
    else:
        outputs = _new(Tensor)
        outputs._array = result if result.__class__ is np.ndarray else np.asarray(result)
    if ACTIVE and STATE.tapes:
        tell_tapes(spec, inputs, attributes, outputs)
    return outputs


def _prepare(
    spec: OpSpec, key: tuple[Any, ...], arrays: Sequence[np.ndarray], attributes: dict[str, Any]
) -> Callable[..., Any]:
    """What evaluates an op on arrays of these types; raises the `OpError` that inference raises for them, if any."""
    types = [ArrayType(array.dtype, array.shape) for array in arrays]
    spec.infer(*types, **attributes)
    evaluate = evaluator(spec, types, attributes)
    if spec.effect in _ORDERED or any(isinstance(x, np.ndarray) for x in attributes.values()):
        return evaluate
    if len(_PREPARED) >= _PREPARED_LIMIT:
        _PREPARED.clear()
    _PREPARED[key] = evaluate
    return evaluate


def evaluator(
    spec: OpSpec, types: Sequence[ArrayType], attributes: dict[str, Any]
) -> Callable[..., Any]:
    """What evaluates an op for operands of these types, which inference has accepted."""
    if spec.prepare is None:
        return partial(spec.evaluate, **attributes) if attributes else spec.evaluate
    if all(None not in kind.shape for kind in types):
        return spec.prepare(*types, **attributes)
    return _by_shapes(spec.prepare, attributes)


def _by_shapes(
    prepare: Callable[..., Callable[..., Any]], attributes: dict[str, Any]
) -> Callable[..., Any]:
    """What evaluates an op for operands whose sizes differ from call to call."""
    known: dict[tuple[Any, ...], Callable[..., Any]] = {}

    def evaluate(*arrays: np.ndarray) -> Any:
        key = tuple([array.shape for array in arrays])
        prepared = known.get(key)
        if prepared is None:
            if len(known) >= _PREPARED_LIMIT:
                known.clear()
            types = [ArrayType(array.dtype, array.shape) for array in arrays]
            prepared = known[key] = prepare(*types, **attributes)
        return prepared(*arrays)

    return evaluate


def tell_tapes(
    spec: OpSpec, inputs: tuple[Tensor, ...], attributes: dict[str, Any], outputs: Any
) -> None:
    """The active tapes see an op with its result, or the tuple of them."""
    tapes = STATE.tapes
    if tapes:
        listed = outputs if outputs.__class__ is tuple else (outputs,)
        for tape in tapes:
            tape.record(spec, inputs, attributes, listed)


def apply_to_one(spec: OpSpec, x: Tensor) -> Tensor:
    """An elementwise op of one operand with a dtype in `spec.quick`: nothing is left to check."""
    result = spec.evaluate(x._array)
    output = _new(Tensor)
    output._array = result if result.__class__ is np.ndarray else np.asarray(result)
    if ACTIVE:
        for tape in STATE.tapes:
            tape.record(spec, (x,), {}, (output,))
    return output


def apply_quick(spec: OpSpec, *operands: Any) -> Tensor:
    """An elementwise op when no tape listens: on arrays whose dtypes inference accepts, or one of them a number.

    NumPy checks what is left to check, the shapes; inference runs when it objects, for its message.
    """
    try:
        result = spec.evaluate(*operands)
    except ValueError:
        raise _inference_error(spec, *map(np.asarray, operands)) from None
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


def _record(spec: OpSpec, inputs: tuple[Tensor, ...], attributes: dict[str, Any]) -> Any:
    recorder = STATE.recorder
    if recorder is None:
        from tfc.core.leaks import raise_leaked

        raise_leaked(inputs)
    try:
        return recorder.record(spec, inputs, attributes)
    except OpError as error:
        raise recorder.blame(user_error(error), inputs) from None


def apply_late(spec: OpSpec, *inputs: Tensor, **attributes: Any) -> Any:
    """`apply`, but onto the trace in progress even when all values are known.

    For what is large and cheap to make: `tf.zeros([1000, 1000])` is a loop in compiled code, not four megabytes of constants.
    """
    if STATE.recorder is None:
        return apply(spec, *inputs, **attributes)
    return _record(spec, inputs, attributes)
