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


def _writer(combine: Callable[[Tensor, Any], Any]) -> Callable[..., Variable]:
    def write(
        item: Tensor, value: Any, use_locking: bool = False, name: str | None = None,
        read_value: bool = True,
    ) -> Variable:  # fmt: skip
        _, variable, key = _ORIGINS[id(item)]
        now = convert(variable)
        return variable.assign(set_item(now, key, combine(get_item(now, key), value)))

    return write


_WRITERS = {
    "assign": _writer(lambda _, value: value),
    "assign_add": _writer(lambda old, value: old + value),
    "assign_sub": _writer(lambda old, value: old - value),
}


def item_attribute(item: Tensor, name: str) -> Any:
    """The attribute of a tensor that its class does not have: the writers, of an item of a variable."""
    writer = _WRITERS.get(name)
    if writer is None or id(item) not in _ORIGINS:
        raise AttributeError(f"'{type(item).__name__}' object has no attribute '{name}'")
    return writer.__get__(item)
