"""Programs of the linalg stage give NumPy's numbers after each pipeline, and upstream accepts every stage."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from linalg_programs import PROGRAMS, Program
from mlir import assert_accepted
from tfc.backend import compile_module, load
from tfc.passes.pipelines import run_passes
from xdsl.context import Context
from xdsl.dialects import get_all_dialects
from xdsl.dialects.builtin import ModuleOp
from xdsl.parser import Parser

PIPELINES = {
    "plain": "one-shot-bufferize,convert-linalg-to-loops,convert-scf-to-cf",
}


def parse(text: str) -> ModuleOp:
    context = Context()
    for name, factory in get_all_dialects().items():
        if name in ("arith", "builtin", "bufferization", "cf", "func", "linalg", "math", "memref", "scf", "tensor"):
            context.register_dialect(name, factory)
    return Parser(context, text).parse_module()


def run(program: Program, passes: str, arguments: list[Any]) -> list[Any]:
    module = parse(program.text)
    run_passes(module, passes, verify=True)
    return load(compile_module(module))(arguments)


@pytest.mark.parametrize("passes", PIPELINES.values(), ids=PIPELINES.keys())
@pytest.mark.parametrize("program", PROGRAMS, ids=lambda p: p.name)
def test_same_numbers_as_numpy(program: Program, passes: str):
    arguments = [np.array(a) for a in program.arguments]
    before = [a.copy() for a in arguments]
    expected = program.expected(*before)
    results = run(program, passes, arguments)
    for index in program.updates:
        results.insert(index, arguments[index])
    for index, (result, wanted) in enumerate(zip(results, expected, strict=True)):
        np.testing.assert_allclose(result, wanted, rtol=2e-5, atol=2e-5, err_msg=f"result {index}")
    for index, (argument, old) in enumerate(zip(arguments, before, strict=True)):
        if index not in program.updates:
            np.testing.assert_array_equal(argument, old, err_msg=f"argument {index} was changed")


def test_upstream_accepts_every_stage():
    stages: dict[str, str] = {}
    for program in PROGRAMS:
        module = parse(program.text)
        stages[f"{program.name}: linalg"] = str(module)
        for name in PIPELINES["plain"].split(","):
            run_passes(module, name)
            stages[f"{program.name}: {name}"] = str(module)
    assert_accepted(stages)
