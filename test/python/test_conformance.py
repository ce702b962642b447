"""Compiled functions do what the same functions do eagerly, or are refused with a code."""

import importlib

import pytest
from python.harness import check

TABLES = ("branches", "loops", "functions", "containers", "statements", "library")

CASES = [
    pytest.param(row, id=f"{name}-{row.function.__name__}")
    for name in TABLES
    for row in importlib.import_module(f"python.{name}").table.rows
]


@pytest.mark.parametrize("row", CASES)
def test_compiled_is_eager(row):
    check(row)
