"""Public signatures as text: TensorFlow's, recorded in `tensorflow.txt` by `record.py`, and ours beside them."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

MODULES = (
    "",
    "autograph",
    "autograph.experimental",
    "bitwise",
    "config",
    "config.threading",
    "debugging",
    "linalg",
    "math",
    "nest",
    "nn",
    "random",
)
CLASSES = (
    "GradientTape",
    "TensorArray",
    "TensorShape",
    "TensorSpec",
    "Variable",
    "random.Generator",
)


def public_functions(library: ModuleType) -> Iterator[tuple[str, Any]]:
    """The functions of `MODULES` and the methods of `CLASSES`, with their names below the library's."""
    for path in (*MODULES, *CLASSES):
        owner = found(library, path)
        for name in dir(owner):
            value = getattr(owner, name)
            if not name.startswith("_") and callable(value) and not inspect.isclass(value):
                yield f"{path}.{name}" if path else name, value


def found(library: Any, path: str) -> Any:
    """What a dotted path below `library` names."""
    for name in filter(None, path.split(".")):
        library = getattr(library, name)
    return library


def signature(function: Any) -> str | None:
    """The parameters of a function with their defaults; None for one that does not tell."""
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return None
    plain = [
        p.replace(
            annotation=p.empty, default=p.default if p.default is p.empty else Shown(p.default)
        )
        for p in parameters
    ]
    return str(inspect.Signature(plain))


def theirs() -> dict[str, str]:
    """What `tensorflow.txt` says: the parameters of each function."""
    lines = Path(__file__).with_name("tensorflow.txt").read_text(encoding="utf-8").splitlines()
    return {name: f"({rest}" for name, _, rest in (line.partition("(") for line in lines)}


class Shown:
    """A default value whose text is the same in both libraries."""

    def __init__(self, value: Any) -> None:
        self.value = value

    def __repr__(self) -> str:
        value = self.value
        if value is None or isinstance(value, bool | int | float | str | list | tuple):
            return repr(value)
        return getattr(value, "name", None) or getattr(value, "__name__", None) or "..."
