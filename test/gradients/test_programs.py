"""Programs as they are differentiated in guides, tests and questions about TensorFlow: eager, compiled, and by differences.

They run by the reference executor; with `TFC_TEST_EXECUTION=native` they are compiled, and loops are kept loops that would be
unrolled, which takes minutes.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Any

import pytest
from tfc.core.settings import SETTINGS
from tfc.tracing.paths.rolling import COMPARED_ITERATIONS
from tfc.tracing.syntax import loops

from gradients.harness import Program, check_program, check_smooth
from gradients.programs import (
    edges,
    smooth_algebra,
    smooth_control_flow,
    smooth_mixtures,
    smooth_ops,
    smooth_recursion,
    smooth_staged,
    tapes,
    training,
)


@pytest.fixture(autouse=True)
def execution(monkeypatch: pytest.MonkeyPatch) -> None:
    execution = os.environ.get("TFC_TEST_EXECUTION", "reference")
    monkeypatch.setattr(SETTINGS, "execution", execution)
    if execution == "native":
        monkeypatch.setattr(loops, "UNROLLED_ROWS", 0)
        monkeypatch.setattr(loops, "UNROLLED_ITERATIONS", COMPARED_ITERATIONS)


def named(rows: Iterable[Any]) -> list[Any]:
    return [pytest.param(row, id=row[0].__name__) for row in rows]


@pytest.mark.parametrize(
    "row",
    named(
        [
            *smooth_ops.table.rows,
            *smooth_algebra.table.rows,
            *smooth_control_flow.table.rows,
            *smooth_mixtures.table.rows,
            *smooth_recursion.table.rows,
            *smooth_staged.table.rows,
        ]
    ),
)
def test_derivatives_are_those_of_differences(row: Any) -> None:
    check_smooth(*row)


@pytest.mark.filterwarnings("ignore:only floats have gradients")
@pytest.mark.parametrize("row", named([*tapes.table.rows, *edges.table.rows, *training.table.rows]))
def test_compiled_is_eager(row: Program) -> None:
    check_program(row)
