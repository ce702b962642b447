"""Tensors as `tf.print` shows them."""

from __future__ import annotations

import numpy as np


def render(array: np.ndarray, summarize: int = 3) -> str:
    """The values of `array` in brackets: `summarize` at each end of a dimension, all for -1.

    >>> import numpy as np
    >>> render(np.arange(10), 2)
    '[0 1 ... 8 9]'
    """
    return _render(np.asarray(array), summarize, 0, np.ndim(array))


def _render(array: np.ndarray, summarize: int, depth: int, rank: int) -> str:
    if array.ndim == 0:
        return _number(array)
    count = array.shape[0]
    shortened = 0 <= 2 * summarize < count
    rows = [*range(summarize), *range(count - summarize, count)] if shortened else range(count)
    items = [_render(array[row], summarize, depth + 1, rank) for row in rows]
    if shortened:
        items.insert(summarize, "...")
    separator = " " if array.ndim == 1 else "\n" * (rank - 1 - depth) + " " * (depth + 1)
    return "[" + separator.join(items) + "]"


def _number(value: np.ndarray) -> str:
    kind = value.dtype.kind
    if kind == "b":
        return "1" if value else "0"
    if kind in "iu":
        return str(int(value))
    number = float(value)
    kept, digits, all_digits = (
        (np.float64, 15, 17) if value.dtype == np.float64 else (np.float32, 6, 9)
    )
    text = f"{number:.{digits}g}"
    return text if kept(text) == number else f"{number:.{all_digits}g}"
