"""Compiled functions do what the same functions do eagerly, or are refused with a code.

The programs run by the reference executor; with `TFC_TEST_EXECUTION=native` they are compiled. `make test` does both.
"""

import importlib
import os

import pytest
from tfc.core.settings import SETTINGS

from python.harness import Row, check

TABLES = (
    "branches",
    "loops",
    "functions",
    "generators",
    "closing",
    "iterators",
    "recursion",
    "long_ranges",
    "changing",
    "containers",
    "protocols",
    "keys",
    "kinds_of_keys",
    "statements",
    "library",
    "standard_library",
    "copies",
    "classes",
    "lists",
    "deques",
    "rows",
    "uneven_rows",
    "ragged_items",
    "run_time_containers",
    "sharing",
    "one_object",
    "objects_in_lists",
    "rounds",
    "container_programs",
    "tables",
    "grouping",
    "everyday",
    "objects",
    "control_flow",
    "programs",
    "mixtures",
    "scalars",
    "kinds",
    "objects_and_calls",
    "flow",
    "context_managers",
    "exceptions",
    "identity",
    "rebound",
    "raising",
    "texts",
    "growing_texts",
    "tensors",
    "variables",
    "assignment",
    "assignment_gradients",
    "chosen_gradients",
    "longer_programs",
    "numpy_programs",
    "numpy_formulas",
    "numpy_complex",
    "numpy_state",
    "numpy_views",
    "outer_arrays",
)


def rows_of(name: str) -> list[Row]:
    """The rows of a table."""
    return importlib.import_module(f"python.{name}").table.rows


CASES = [
    pytest.param(row, id=f"{name}-{row.function.__name__}")
    for name in TABLES
    for row in rows_of(name)
]


@pytest.mark.parametrize("row", CASES)
def test_compiled_is_eager(row, monkeypatch):
    monkeypatch.setattr(SETTINGS, "execution", os.environ.get("TFC_TEST_EXECUTION", "reference"))
    check(row)
