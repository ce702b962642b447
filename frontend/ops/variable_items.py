"""`v[i].assign(x)`: an item of a variable remembers where it was read, so that it can be written there."""

from __future__ import annotations

import weakref
from collections.abc import Callable
from typing import Any

from tfc.core.convert import convert
from tfc.core.tensor import Tensor
from tfc.core.variable import Variable
from tfc.ops.items import get_item, set_item

_ORIGINS: dict[int, tuple[weakref.ref[Tensor], Variable, Any]] = {}
"""For each living item, by identity: itself, the variable and the key."""


def variable_item(variable: Variable, key: Any) -> Tensor:
    """`variable[key]`: a tensor with the values of now, whose `assign`, `assign_add` and `assign_sub` write to the variable."""
    item = get_item(convert(variable), key)
    number = id(item)
    reference = weakref.ref(item, lambda _: _ORIGINS.pop(number, None))
    _ORIGINS[number] = (reference, variable, key)
    return item


class _Writer:
    """A method of tensors that are items of variables; other tensors have no such attribute.

    Not a `__getattr__`, which would slow down every attribute of every tensor.
    """

    def __init__(self, name: str, combine: Callable[[Tensor, Any], Any]) -> None:
        self._name = name
        self._combine = combine

    def __get__(self, item: Tensor | None, cls: type) -> Callable[..., Variable]:
        if item is None or id(item) not in _ORIGINS:
            raise AttributeError(
                f"'{cls.__name__}' object has no attribute '{self._name}'",
                name=self._name,
                obj=item,
            )
        _, variable, key = _ORIGINS[id(item)]

        def write(
            value: Any, use_locking: bool = False, name: str | None = None, read_value: bool = True
        ) -> Variable:
            now = convert(variable)
            updated = self._combine(get_item(now, key), value)
            return variable.assign(set_item(now, key, updated))

        return write


WRITERS = {
    "assign": _Writer("assign", lambda _, value: value),
    "assign_add": _Writer("assign_add", lambda old, value: old + value),
    "assign_sub": _Writer("assign_sub", lambda old, value: old - value),
}
