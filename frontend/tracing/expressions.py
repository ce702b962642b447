"""Python expressions that read the outside world again: for guards, and to find arguments, inputs and changed objects.

They are compiled, so whatever is pasted into them is run. Only constants of exact built-in classes and plain identifiers are
pasted. Everything else, such as the keys of a user's dict, has a name in the environment of the expressions.
"""

from __future__ import annotations

import keyword
import types
import weakref
from collections.abc import Callable
from typing import Any

_PASTED = frozenset((int, bool, str, bytes, types.NoneType))
"""Classes whose values are what their `repr` says. A subclass of one may have any `repr`, and floats have some that are names."""
_DIGITS = range(-(1 << 64), 1 << 64)
"""Integers that are pasted: Python refuses to write very large ones in decimal."""


def kind_of_key(key: Any) -> Any:
    """What of the key of a dict equality does not tell: its class, of a tuple those of its items, too."""
    kind = key.__class__
    return (kind, *map(kind_of_key, key)) if kind is tuple else kind


class Expressions:
    """Expressions of one trace, and the environment in which they are evaluated."""

    def __init__(self) -> None:
        self.environment: dict[str, Any] = {}
        self._names: dict[int, str] = {}
        self._weak: dict[int, str] = {}
        self._keys: dict[str, str] = {}

    def name_of(self, value: Any, prefix: str) -> str:
        """The name of an object in the environment."""
        name = self._names.get(id(value))
        if name is None:
            name = f"{prefix}{len(self._names)}"
            self._names[id(value)] = name
            self.environment[name] = value
        return name

    def reference(self, value: Any) -> str:
        """The expression for an outer object itself, which is not kept alive by it where that can be."""
        kind = type(value)
        if isinstance(value, type | types.ModuleType) or not kind.__weakrefoffset__:
            return self.name_of(value, "O")
        name = self._weak.get(id(value))
        if name is None:
            name = self._weak[id(value)] = f"W{len(self._weak)}"
            self.environment[name] = weakref.ref(value)
        return f"{name}()"

    def literal(self, value: Any) -> str:
        """The expression for a constant."""
        kind = value.__class__
        if kind in _PASTED and type(value) is kind and (kind is not int or value in _DIGITS):
            return repr(value)
        return self.name_of(value, "K")

    def item(self, path: str, key: Any) -> str:
        """The expression for an item of what is at `path`.

        Example:
            item("a[0]", "k") == "a[0]['k']"
        """
        return f"{path}[{self.literal(key)}]"

    def attribute(self, path: str, name: str) -> str:
        """The expression for an attribute of what is at `path`; any text may be the name of one.

        Example:
            attribute("a[0]", "rate") == "a[0].rate"
        """
        text = str.__str__(name)  # of a subclass the text itself
        # Python takes identifiers beyond ASCII in another form than they were written.
        if text.isascii() and text.isidentifier() and not keyword.iskeyword(text):
            return f"{path}.{text}"
        return f"getattr({path}, {text!r})"

    def keys(self, path: str, owner: dict[Any, Any]) -> str:
        """The condition that the dict at `path` has the keys of `owner`, in their order and of their classes: 1 equals True."""
        found = self._keys.get(path)
        if found is None:
            kinds = self.name_of([*map(kind_of_key, owner)], "K")
            kind = "type"
            if any(key.__class__ is tuple for key in owner):
                self.environment["kind_of_key"] = kind_of_key
                kind = "kind_of_key"
            same = f"[*{path}] == {self.name_of(list(owner), 'K')}"
            found = self._keys[path] = f"{same} and [*map({kind}, {path})] == {kinds}"
        return found

    def compiled(self, expression: str, parameters: str = "") -> Callable[..., Any]:
        """A function that evaluates an expression over paths."""
        return eval(f"lambda {parameters}: {expression}", self.environment)
