"""Compiled ops against eager ones, and every stage of them against `mlir-opt`."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from mlir import assert_accepted, require_mlir, run_upstream
from tfc.dialects.context import make_context
from tfc.dialects.tfc.semantics.spec import Effect
from tfc.gradients.registry import NotDifferentiable, rule_of
from tfc.passes.pipelines import STAGES
from tfc.tools.source import Source, parse_source

from op_table.compiling import Case, lowered, run_compiled, stages
from op_table.row import Row
from op_table.table import main_dtypes, row_names, rows
from op_table.values import assert_close, is_float


def is_native(row: Row) -> bool:
    """Host calls as ops of their own are tested through `tf.function`."""
    return row.spec.effect is not Effect.HOST


def calls_host(case: Case) -> bool:
    """Whether compiled code asks Python for a part of it, which only our own runtime serves."""
    return "tfc.host_calls" in lowered([case], "linalg").attributes


NATIVE = [(n, r) for n, r in zip(row_names(), rows(), strict=True) if is_native(r)]
NATIVE_ROWS = [row for _, row in NATIVE]
ROWS = pytest.mark.parametrize("row", NATIVE_ROWS, ids=[name for name, _ in NATIVE])


def static_cases(row: Row) -> Iterator[Case]:
    """All samples in the main dtype, one in every other."""
    for name in row.dtypes:
        for sample in row.samples if name == main_dtypes(row)[0] else row.samples[:1]:
            yield Case(row, sample, name)


def dynamic_cases(row: Row) -> Iterator[Case]:
    """All samples in the main dtype, one in the second."""
    for position, name in enumerate(main_dtypes(row)):
        for sample in row.samples if position == 0 else row.samples[:1]:
            case = Case(row, sample, name, dynamic=True)
            if any(n != 1 for a in case.arrays for n in a.shape):
                yield case


def special_cases(row: Row) -> Iterator[Case]:
    for seed in range(1, 4):
        sample = row.samples[seed % min(3, len(row.samples))]
        case = Case(row, sample, main_dtypes(row)[0], special=seed)
        if any(is_float(a.dtype) for a in case.arrays):
            yield case


def gradient_cases(row: Row) -> Iterator[Case]:
    if row.gradient and not isinstance(rule_of(row.spec), NotDifferentiable):
        for position, sample in enumerate(row.samples):
            case = Case(row, sample, "float64", dynamic=position % 2 == 1, gradient=True)
            if case.eager():
                yield case


def check(cases: list[Case]) -> None:
    """Compile all cases at once and compare; where that fails, case by case to name the one."""
    if not cases:
        return
    try:
        results = run_compiled(cases)
    except Exception:
        if len(cases) == 1:
            raise
        for case in cases:
            try:
                run_compiled([case])
            except Exception as error:
                raise AssertionError(f"{case}: {type(error).__name__}: {error}") from error
        raise
    for case, got in zip(cases, results, strict=True):
        expected = [np.asarray(t) for t in case.eager()]
        # What is composed of several ops rounds several times.
        ulp = 4 * max(case.row.ulp, 1) if case.gradient else case.row.ulp
        assert_close(got, expected, ulp, str(case), terms=1 / 16 if case.gradient else 0.0)


@ROWS
def test_static(row: Row):
    check(list(static_cases(row)))


@ROWS
def test_dynamic(row: Row):
    check(list(dynamic_cases(row)))


@pytest.mark.parametrize("row", [r for r in NATIVE_ROWS if r.special], ids=lambda r: r.spec.name)
def test_special_values(row: Row):
    check(list(special_cases(row)))


@ROWS
def test_gradients(row: Row):
    check(list(gradient_cases(row)))


@functools.cache
def stage_texts() -> dict[str, dict[str, str]]:
    """For each stage the text of a module per row, static and dynamic; verified by our own verifier after each pass."""
    texts: dict[str, dict[str, str]] = {stage: {} for stage in list(STAGES)[1:]}
    for row in NATIVE_ROWS:
        for cases in (list(static_cases(row)), list(dynamic_cases(row))):
            if not cases:
                continue
            for stage, module in stages(cases):
                texts[stage][f"{cases[0]} and the like"] = str(module)
    return texts


@pytest.mark.parametrize("stage", ["linalg", "loops", "cf"])
def test_upstream_accepts_the_stage(stage: str):
    require_mlir()
    assert_accepted(stage_texts()[stage])


@pytest.mark.parametrize("stage", ["linalg", "loops", "cf"])
def test_the_stage_is_read_as_it_is_printed(stage: str):
    """What `f.text` shows is input of the tools. A sample, since reading takes longer than lowering."""
    for name, text in list(stage_texts()[stage].items())[::40]:
        assert str(parse_source(Source(name, text), make_context())) == text, name


def test_upstream_computes_the_same():
    """Upstream's own lowering of our linalg stage, run by its runner: a sample of each row in float32."""
    require_mlir()
    cases = []
    for row in rows():
        if "float32" not in row.dtypes or not is_native(row):
            continue
        for sample in row.samples[:1]:
            case = Case(row, sample, "float32")
            if calls_host(case):
                continue
            results = [np.asarray(t) for t in case.eager()]
            if all(r.dtype == np.float32 and r.size for r in results):
                cases.append((case, results))
    printed = run_upstream(printing_module([case for case, _ in cases]))
    blocks = re.findall(r"data =\s*\n?(.*?)\n(?=Unranked|\Z)", printed + "\n", re.DOTALL)
    expected = [result for _, results in cases for result in results]
    names = [str(case) for case, results in cases for _ in results]
    assert len(blocks) == len(expected)
    for name, text, result in zip(names, blocks, expected, strict=True):
        numbers = [float(word) for word in re.findall(r"-?(?:nan|inf|[\d.]+(?:e[+-]?\d+)?)", text)]
        np.testing.assert_allclose(numbers, result.ravel(), rtol=1e-4, atol=1e-5, err_msg=name)


def printing_module(cases: list[Case]) -> str:
    """A module whose `@main` calls each case with constants and prints what it gives."""
    from tfc.dialects.tfc.attributes import dense_attribute, tensor_type
    from tfc.dialects.tfc.semantics.types import ArrayType
    from tfc.passes.convert_tfc_to_linalg.lowering import signless
    from xdsl.dialects.builtin import ModuleOp
    from xdsl.dialects.func import FuncOp

    lines: list[str] = []
    functions: list[str] = []
    reports: dict[
        str, str
    ] = {}  # what our runtime does with the values of a failing check, nothing here
    for number, case in enumerate(cases):
        module = lowered([case], "linalg")
        assert isinstance(module, ModuleOp)
        function = next(
            op for op in module.ops if isinstance(op, FuncOp) and op.sym_name.data == "main"
        )
        text = (
            str(function)
            .replace("@main", f"@case{number}", 1)
            .replace("func.func", "func.func private", 1)
        )
        functions.append(text.replace("private public", "private"))
        reports |= {
            op.sym_name.data: f"func.func private @{op.sym_name.data}{_arguments(op)} {{ return }}"
            for op in module.ops
            if isinstance(op, FuncOp) and op.sym_name.data.startswith("tfc_report")
        }
        names: list[str] = []
        for index, array in enumerate(case.arrays):
            kind = signless(tensor_type(ArrayType(array.dtype, array.shape)))
            constant = str(dense_attribute(array)).split(" : ")[0]
            names.append(f"%a{number}_{index}")
            lines.append(f"{names[-1]} = arith.constant {constant} : {kind}")
        results = [str(signless(t)) for t in function.function_type.outputs]
        inputs = [str(signless(t)) for t in function.function_type.inputs]
        given = ", ".join(f"%r{number}_{i}" for i in range(len(results)))
        signature = f"({', '.join(inputs)}) -> ({', '.join(results)})"
        lines.append(f"{given} = func.call @case{number}({', '.join(names)}) : {signature}")
        for i, kind in enumerate(results):
            lines.append(f"%u{number}_{i} = tensor.cast %r{number}_{i} : {kind} to tensor<*xf32>")
            lines.append(f"func.call @printMemrefF32(%u{number}_{i}) : (tensor<*xf32>) -> ()")
    return "\n".join(
        [
            "func.func private @printMemrefF32(tensor<*xf32>)",
            *reports.values(),
            *functions,
            "func.func @main() {",
            *lines,
            "func.return",
            "}",
        ]
    )


def _arguments(function: Any) -> str:
    """The arguments of a declaration, with names: `(%a0: i64, %a1: i64)`."""
    kinds = function.function_type.inputs
    return "(" + ", ".join(f"%a{index}: {kind}" for index, kind in enumerate(kinds)) + ")"
