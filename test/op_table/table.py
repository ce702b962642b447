"""The rows of all families, and the cases that the tests make of them."""

from __future__ import annotations

import functools
import importlib
from collections.abc import Iterator

import numpy as np
from tfc.dialects.tfc.dialect import FAMILIES

from op_table.row import Row, Sample


@functools.cache
def rows() -> tuple[Row, ...]:
    """Every row, family by family."""
    families = [family for family in FAMILIES if family != "state"]  # of variables, not tensors
    modules = [importlib.import_module(f"op_table.{family}") for family in families]
    return tuple(row for module in modules for row in module.ROWS)


@functools.cache
def row_names() -> tuple[str, ...]:
    """A name for each row: the function's, with a number where several rows share it."""
    seen: dict[str, int] = {}
    names: list[str] = []
    for row in rows():
        name = getattr(row.function, "__name__", row.spec.name.removeprefix("tfc."))
        if name == "<lambda>":
            name = row.spec.name.removeprefix("tfc.")
        name = f"{row.spec.family}.{name}"
        seen[name] = seen.get(name, 0) + 1
        names.append(name if seen[name] == 1 else f"{name}.{seen[name]}")
    return tuple(names)


def dtype(name: str) -> np.dtype:
    """The NumPy dtype called `name`, bfloat16 included."""
    if name == "bfloat16":
        import ml_dtypes

        return np.dtype(ml_dtypes.bfloat16)
    return np.dtype(name)


def main_dtypes(row: Row) -> list[str]:
    """The one or two dtypes that stand for all in the wide tests: a float and another."""
    floats = [name for name in ("float32", "float64") if name in row.dtypes][:1]
    others = [n for n in ("int32", "bool", "uint8", "int64") if n in row.dtypes][:1]
    return [*floats, *others] or [row.dtypes[0]]


def samples_by_dtype(row: Row) -> Iterator[tuple[str, int, Sample]]:
    """All samples with the main dtypes, the first two with every dtype."""
    main = main_dtypes(row)
    for name in row.dtypes:
        for index, sample in enumerate(row.samples):
            if name in main or index < 2:
                yield name, index, sample
