"""The type of a value as inference sees it: a NumPy dtype and a shape with unknown sizes."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

Shape = tuple[int | None, ...]
"""Sizes of each dimension; ``None`` where the size is known only at run time."""


class ArrayType(NamedTuple):
    """An array of `dtype` and `shape`: ``ArrayType(np.dtype("f4"), (None, 4))``."""

    dtype: np.dtype
    shape: Shape

    def __str__(self) -> str:
        dims = ", ".join("?" if size is None else str(size) for size in self.shape)
        return f"{self.dtype.name}[{dims}]"

    @property
    def rank(self) -> int:
        return len(self.shape)

    @property
    def is_static(self) -> bool:
        return None not in self.shape


class VariableType(NamedTuple):
    """A reference to a variable whose content is `content`; the shape may have unknown sizes."""

    content: ArrayType

    def __str__(self) -> str:
        return f"variable<{self.content}>"
