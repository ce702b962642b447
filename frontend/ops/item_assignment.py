"""`x[key] = value`: the tensor object itself gets new values, seen through all its names.

Tapes and traces know values, not objects: they hear of an assignment, so that what was computed before keeps the values from
before.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from tfc.core.recording import STATE, living_tapes
from tfc.core.tensor import Tensor, unshared
from tfc.core.variable import Variable
from tfc.ops.applying import convert_like, is_weak
from tfc.ops.items import PLAIN_ITEMS, set_item
from tfc.ops.shape import ensure_shape


def assign_item(x: Tensor, key: Any, value: Any) -> None:
    """`x[key] = value`, as NumPy does it: `value` broadcasts to `x[key]`, and the last of repeated indices counts.

    Costs as much as `value` when nothing else sees the array of `x`, and a copy of the array otherwise.

    Raises:
        IndexError, TypeError: as `x[key]` does.
        TypeError: `value` has another dtype (TFC101).
        ValueError: `value` does not broadcast (TFC103).

    >>> import tfc as tf
    >>> x = tf.zeros([3])
    >>> x[1:] += 2
    >>> x.numpy()
    array([0., 2., 2.], dtype=float32)
    """
    if STATE.recorder is None and not any(tape.knows(x) for tape in living_tapes()):
        update = value if is_weak(value, x.type.dtype) else convert_like(value, x)
        if not STATE.tapes and _write(x, key, update):
            return
        value = update
    replace_value(x, set_item(x, key, value))


def _write(x: Tensor | Variable, key: Any, value: Any) -> bool:
    """Let NumPy write to the array of `x`, which has one, or to a copy when it is shared; False where `set_item` has to judge.

    `value` is a tensor, or a number that NumPy adapts.
    """
    native = _native_key(key)
    if native is None:
        return False
    given = value
    if value.__class__ is Tensor:
        given = value._array
        if given.dtype != x.type.dtype:
            return False
    array = unshared(x)
    try:
        if given is not value and given.ndim > np.ndim(array[native]):
            return False
        array[native] = given
    except (IndexError, ValueError, TypeError):
        return False
    x._array = array
    return True


def _native_key(key: Any) -> tuple[Any, ...] | None:
    """A key that means to NumPy what `key` means here, and that it checks before it writes; None when there is none."""
    native: list[Any] = []
    for item in key if key.__class__ is tuple else (key,):
        if item.__class__ is Tensor:
            array = item._array
            if array.ndim == 0 and array.dtype.kind == "b":
                return None
            native.append(array if array.ndim else array[()])
        elif item.__class__ in PLAIN_ITEMS:
            native.append(item)
        else:
            return None
    return tuple(native)


def replace_value(x: Tensor, value: Tensor) -> None:
    """Give a tensor the values of another one, which active tapes go on to differentiate through."""
    if STATE.recorder is not None:
        STATE.recorder.assign_tensor(x, value)
        return
    before = x.snapshot()
    for tape in living_tapes():
        tape.assigned(x, before)
    x.become(value)
    for tape in STATE.tapes:
        tape.same(value, x)


def set_shape(x: Tensor, shape: Any) -> None:
    """`x.set_shape(shape)`: says which sizes a tensor has that is of unknown shape in a compiled function, where it is checked.

    Raises:
        ValueError: it has another shape (TFC106).

    >>> import tfc as tf
    >>> @tf.function(input_signature=[tf.TensorSpec([None, None])])
    ... def f(x):
    ...     x.set_shape([None, 3])
    ...     return x.shape[1]
    >>> f(tf.zeros([2, 3]))
    3
    """
    checked = ensure_shape(x, shape)
    if checked.type != x.type:
        replace_value(x, checked)


def assign_variable_item(variable: Variable, key: Any, value: Any) -> None:
    """`v[key] = value`: `v[key].assign(value)`. Gradients do not follow what is assigned to variables."""
    if STATE.recorder is None:
        array = variable.array()  # raises when it was deleted
        if not is_weak(value, array.dtype):
            value = convert_like(value, variable)
        del array
        if _write(variable, key, value):
            return
    variable.assign(set_item(variable.untracked(), key, value))
