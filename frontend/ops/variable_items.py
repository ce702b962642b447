"""`v[i].assign(x)`: an item of a variable remembers where it was read, so that it can be written there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tfc.core.tensor import Tensor
from tfc.core.variable import Variable
from tfc.ops.item_assignment import assign_variable_item
from tfc.ops.items import get_item


def variable_item(variable: Variable, key: Any) -> Tensor:
    """`variable[key]`: a tensor with the values of now, whose `assign`, `assign_add` and `assign_sub` write to the variable."""
    item = get_item(variable.value(), key)
    item._origin = (variable, key)
    return item


class _Writer:
    """A method of tensors that are items of variables; other tensors have no such attribute.

    Not a `__getattr__`, which would slow down every attribute of every tensor.
    """

    def __init__(self, name: str, combine: Callable[[Tensor, Any], Any] | None) -> None:
        self._name = name
        self._combine = combine

    def __get__(self, item: Tensor | None, cls: type) -> Callable[..., Variable]:
        try:
            variable, key = item._origin  # pyright: ignore[reportOptionalMemberAccess]
        except AttributeError:
            raise AttributeError(
                f"'{cls.__name__}' object has no attribute '{self._name}'",
                name=self._name,
                obj=item,
            ) from None
        combine = self._combine

        def write(
            value: Any, use_locking: bool = False, name: str | None = None, read_value: bool = True
        ) -> Variable:
            if combine is not None:
                value = combine(get_item(variable.value(), key), value)
            assign_variable_item(variable, key, value)
            return variable

        return write


WRITERS = {
    "assign": _Writer("assign", None),
    "assign_add": _Writer("assign_add", lambda old, value: old + value),
    "assign_sub": _Writer("assign_sub", lambda old, value: old - value),
}
