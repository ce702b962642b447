"""Numbers of different kinds, or numbers and tensors, where paths meet: which kind they take next to other values.

An int is a float next to a float, and any number is a tensor next to a tensor. Where paths meet with an int on one and a float
on the other, the value is a `Choice` of both, since a program can see the kind of a number. Next to a float the choice makes no
difference and is not needed: both paths hold the float. The same is true of Python's `0.0` before a loop and a NumPy scalar
after it, next to another NumPy scalar or array of that dtype.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from tfc.core.tensor import Tensor
from tfc.core.variable import Variable
from tfc.tracing.ndarrays import arrays
from tfc.tracing.values.numbers import SymbolicNumber, number_kind
from tfc.tracing.values.symbolic import KIND_DTYPES, Choice

DEFAULT_DTYPES: dict[type, np.dtype] = {
    bool: np.dtype(np.bool_),
    int: np.dtype(np.int32),
    float: np.dtype(np.float32),
}
"""How TensorFlow holds Python's numbers where nothing asks for another dtype."""

_WIDTH: dict[type, int] = {bool: 1, int: 2, float: 3}


def number_becomes(number: type, value: Any, dtype: np.dtype) -> bool:
    """Whether a number of a kind, with that value where it is known, becomes an element of a tensor whatever it is."""
    if number is bool:
        return dtype.kind == "b"
    if number is float or dtype.kind == "f":
        return dtype.kind == "f"
    if dtype.kind not in "iu":
        return False
    limits = np.iinfo(dtype)
    return dtype == KIND_DTYPES[int] if value is None else limits.min <= value <= limits.max


def is_wider(kind: type, number: type) -> bool:
    """Whether numbers of a kind are what those of another kind become next to them."""
    return _WIDTH[kind] >= _WIDTH[number]


def beside(value: Any, other: Any) -> Any:
    """An operand as an operator next to `other` takes it: what all alternatives of a choice become there, where they do."""
    if value.__class__ is not Choice or value.adapted is None:
        return value
    adapted, kind = value.adapted, number_kind(other)
    if isinstance(adapted, SymbolicNumber):
        becomes = kind is not None and is_wider(kind, adapted.kind)
    else:
        is_numpy = adapted.__class__ is arrays.SymbolicArray
        becomes = (
            isinstance(other, Tensor)
            and (other.__class__ is arrays.SymbolicArray) is is_numpy
            and other.dtype == adapted.dtype
        )
    return adapted if becomes else value


def as_index(key: Any) -> Any:
    """An index without variables, and without choices between integers of Python and of NumPy, which mean the same as indices."""
    if key.__class__ is tuple:
        return tuple(map(as_index, key))
    if key.__class__ is slice:
        return slice(as_index(key.start), as_index(key.stop), as_index(key.step))
    if isinstance(key, Variable):
        return key.value()
    if (
        key.__class__ is Choice
        and key.adapted is not None
        and all(map(_is_integer, key.alternatives))
    ):
        return key.adapted
    return key


def _is_integer(value: Any) -> bool:
    if isinstance(value, Tensor):
        return value.type.dtype.kind in "iu" and not value.type.shape
    return number_kind(value) is int


def choices_in(items: list[Any] | tuple[Any, ...]) -> list[Choice]:
    """The choices in a list or tuple and in those in it, each once."""
    found: dict[int, Choice] = {}
    for item in items:
        if item.__class__ is Choice:
            found[id(item)] = item
        elif item.__class__ in (list, tuple):
            found.update((id(choice), choice) for choice in choices_in(item))
    return list(found.values())


def replaced(items: Any, change: Callable[[Choice], Any]) -> Any:
    """A list or tuple with other values for the choices in it."""
    if items.__class__ is Choice:
        return change(items)
    if items.__class__ in (list, tuple):
        return items.__class__([replaced(item, change) for item in items])
    return items


def as_tensors(value: Any) -> Any:
    """An argument that becomes a tensor, or a list of such: without the choices that make no difference to its dtype."""
    if value.__class__ is Choice:
        return _as_tensor(value)
    choices = choices_in(value) if value.__class__ in (list, tuple) else []
    if not choices:
        return value
    given = _plain_items(value)

    def become(choice: Choice) -> Any:
        others = (beside(choice, item) for item in given)
        return next((item for item in others if item is not choice), _as_tensor(choice))

    return replaced(value, become) if any(become(item) is not item for item in choices) else value


def _plain_items(items: Any) -> list[Any]:
    """The first number of each kind, and the first tensor, in a list and those in it."""
    found: dict[Any, Any] = {}
    for item in items:
        if item.__class__ in (list, tuple):
            for inner in _plain_items(item):
                found.setdefault(_kind_of(inner), inner)
        elif item.__class__ is not Choice:
            found.setdefault(_kind_of(item), item)
    return list(found.values())


def _kind_of(value: Any) -> Any:
    return value.dtype if isinstance(value, Tensor) else number_kind(value)


def _as_tensor(choice: Choice) -> Any:
    if not isinstance(choice.adapted, Tensor):
        return choice
    dtype = choice.adapted.dtype
    kinds = [number_kind(item) for item in choice.alternatives if item is not choice.adapted]
    same = all(kind is not None and DEFAULT_DTYPES[kind] == dtype for kind in kinds)
    return choice.adapted if same else choice


def is_of_one_kind(choices: list[Choice]) -> bool:
    """Whether some choices become values of one kind next to each other."""
    return None not in [item.adapted for item in choices] and (
        len({_kind_of(item.adapted) for item in choices}) == 1
    )
