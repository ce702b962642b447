"""The same programs for every target: no calls of libraries in their code, and NumPy's numbers where it can run."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from op_table.compiling import Case, build_module
from op_table.row import Row
from op_table.table import rows
from op_table.values import assert_close
from tfc.backend.jit import emit_assembly
from tfc.backend.target import TARGETS
from tfc.backend.translate import translate_module
from tfc.passes.pipelines import for_target, parse_passes, passes_between, run_passes

from targets.machines import run_on

FAMILIES = (
    "transcendental",
    "activation",
    "reduction",
    "contraction",
    "arithmetic",
    "scan",
    "casting",
)
CALL = re.compile(
    r"^\s+(?:callq?|bl|jmp|b)\s+([A-Za-z_][\w.]*)(?:@PLT)?\s*(?:[#/].*)?$", re.MULTILINE
)
ALLOWED = {"memcpy", "memset", "memmove", "bzero"}


def chosen() -> list[Row]:
    """One row of each op of these families."""
    found: dict[str, Row] = {}
    for row in rows():
        if row.spec.family in FAMILIES and "float32" in row.dtypes:
            found.setdefault(row.spec.name, row)
    return list(found.values())


def cases(name: str) -> list[Case]:
    return [Case(row, row.samples[min(1, len(row.samples) - 1)], name) for row in chosen()]


def llvm_text(programs: list[Case], target: str) -> str:
    """LLVM IR of one module for all of them, lowered for `target`."""
    module = build_module(programs)
    passes = parse_passes(passes_between("tensor", "cf"))
    run_passes(module, for_target(passes, TARGETS[target].facts()))
    return translate_module(module).text


@pytest.mark.slow
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("target", TARGETS)
def test_no_library_is_called(target: str, dtype: str):
    text = emit_assembly(llvm_text(cases(dtype), target), TARGETS[target], speed=1)
    defined = set(re.findall(r"^([A-Za-z_.][\w.]*):", text, re.MULTILINE))
    called = {name for name in CALL.findall(text) if not name.startswith((".L", "L"))}
    assert called & defined, "no call at all was found: the pattern is wrong"
    assert called - defined <= ALLOWED


@pytest.mark.slow
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("target", ["aarch64", "wasm32"])
def test_numbers(target: str, dtype: str, tmp_path: Path):
    programs = cases(dtype)
    expected = [[np.asarray(t) for t in case.eager()] for case in programs]
    arguments = [np.ascontiguousarray(a).reshape(a.shape) for c in programs for a in c.arrays]
    text = llvm_text(programs, target)
    got = iter(run_on(target, text, arguments, [r for one in expected for r in one], tmp_path))
    for case, wanted in zip(programs, expected, strict=True):
        results = [next(got) for _ in wanted]
        # Without a fused multiply-add more is rounded.
        ulp = case.row.ulp if TARGETS[target].fma else max(8.0, 4 * case.row.ulp)
        assert_close(results, wanted, ulp, f"{target}: {case}")
