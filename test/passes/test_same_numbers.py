"""Programs of the linalg stage give NumPy's numbers after each pipeline, and upstream accepts every stage."""

from __future__ import annotations

import ctypes
from typing import Any

import numpy as np
import pytest
from linalg_programs import PROGRAMS
from linalg_text import Program
from mlir import assert_accepted
from tfc.backend import NativeFunction, compile_module, load
from tfc.passes.pipelines import run_passes
from xdsl.context import Context
from xdsl.dialects import get_all_dialects
from xdsl.dialects.builtin import ModuleOp
from xdsl.parser import Parser

PIPELINES = {
    "plain": "one-shot-bufferize,convert-linalg-to-loops,convert-scf-to-cf",
    "planned": "canonicalize,one-shot-bufferize,plan-buffers,convert-linalg-to-loops,convert-scf-to-cf",
    "planned_on_the_heap": "one-shot-bufferize,plan-buffers{stack=0},convert-linalg-to-loops,"
    "convert-scf-to-cf",
    "parallel": "one-shot-bufferize,plan-buffers,convert-linalg-to-loops,parallel-loops{work=1},"
    "convert-scf-to-cf",
    "simplified": "canonicalize,cse,prune,one-shot-bufferize,canonicalize,cse,"
    "convert-linalg-to-loops,canonicalize,cse,convert-scf-to-cf,canonicalize,cse,prune",
}


def parse(text: str) -> ModuleOp:
    context = Context()
    for name, factory in get_all_dialects().items():
        if name in (
            "arith",
            "builtin",
            "bufferization",
            "cf",
            "func",
            "linalg",
            "math",
            "memref",
            "scf",
            "tensor",
        ):
            context.register_dialect(name, factory)
    return Parser(context, text).parse_module()


class Memory:
    """Counts what a native function allocates and frees; new and freed memory is full of nan."""

    def __init__(self, native: NativeFunction) -> None:
        self.sizes: dict[int, int] = {}
        self.allocated = 0
        self.errors: list[str] = []
        table = native._context
        alloc = ctypes.CFUNCTYPE(ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int64)
        free = ctypes.CFUNCTYPE(None, ctypes.c_void_p)
        disown = ctypes.CFUNCTYPE(None, ctypes.c_void_p)
        real_alloc, real_free, real_disown = alloc(table[0]), free(table[1]), disown(table[5])

        def allocate(frame: int, size: int) -> int:
            pointer = real_alloc(frame, size)
            ctypes.memset(pointer, 0xFF, size)
            self.sizes[pointer] = size
            self.allocated += 1
            return pointer

        def release(pointer: int) -> None:
            size = self.sizes.pop(pointer, None)
            if size is None:
                self.errors.append("freed what it does not own")
                return
            ctypes.memset(pointer, 0xFF, size)
            real_free(pointer)

        def give(pointer: int) -> None:
            self.sizes.pop(pointer, None)
            real_disown(pointer)

        self._callbacks = alloc(allocate), free(release), disown(give)
        for index, callback in zip((0, 1, 5), self._callbacks, strict=True):
            table[index] = ctypes.cast(callback, ctypes.c_void_p).value or 0


def run(program: Program, passes: str, arguments: list[Any]) -> tuple[list[Any], Memory]:
    module = parse(program.text)
    run_passes(module, passes, verify=True)
    native = load(compile_module(module))
    memory = Memory(native)
    return native(arguments), memory


@pytest.mark.parametrize("passes", PIPELINES.values(), ids=PIPELINES.keys())
@pytest.mark.parametrize("program", PROGRAMS, ids=lambda p: p.name)
def test_same_numbers_as_numpy(program: Program, passes: str):
    arguments = [np.array(a) for a in program.arguments]
    before = [a.copy() for a in arguments]
    expected = program.expected(*before)
    results, memory = run(program, passes, arguments)
    for index in program.updates:
        results.insert(index, arguments[index])
    for index, (result, wanted) in enumerate(zip(results, expected, strict=True)):
        np.testing.assert_allclose(result, wanted, rtol=2e-5, atol=2e-5, err_msg=f"result {index}")
    for index, (argument, old) in enumerate(zip(arguments, before, strict=True)):
        if index not in program.updates:
            np.testing.assert_array_equal(argument, old, err_msg=f"argument {index} was changed")
    assert not memory.errors
    assert not memory.sizes, "memory was not freed"


def test_upstream_accepts_every_stage():
    stages: dict[str, str] = {}
    for program in PROGRAMS:
        module = parse(program.text)
        stages[f"{program.name}: linalg"] = str(module)
        for pipeline in ("simplified", "planned", "parallel"):
            module = parse(program.text)
            for number, name in enumerate(PIPELINES[pipeline].split(",")):
                run_passes(module, name)
                stages[f"{program.name}: {pipeline} {number} {name}"] = str(module)
    assert_accepted(stages)


SUM = """
func.func @main(%x: tensor<?xTYPE>) -> tensor<TYPE> {
  %zero = arith.constant 0.0 : TYPE
  %e = tensor.empty() : tensor<TYPE>
  %f = linalg.fill ins(%zero : TYPE) outs(%e : tensor<TYPE>) -> tensor<TYPE>
  %r = linalg.generic {indexing_maps = [affine_map<(i) -> (i)>, affine_map<(i) -> ()>], iterator_types = ["reduction"]}
      ins(%x : tensor<?xTYPE>) outs(%f : tensor<TYPE>) {
  ^bb0(%a: TYPE, %acc: TYPE):
    %s = arith.addf %acc, %a fastmath<reassoc> : TYPE
    linalg.yield %s : TYPE
  } -> tensor<TYPE>
  return %r : tensor<TYPE>
}
"""


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_long_sums_are_accurate_and_keep_infinities(dtype: type):
    module = parse(SUM.replace("TYPE", "f32" if dtype is np.float32 else "f64"))
    run_passes(module, PIPELINES["plain"])
    native = load(compile_module(module))
    x = np.random.default_rng(0).random(1_000_000).astype(dtype)
    exact = float(np.sum(x.astype(np.longdouble)))
    ours = abs(float(native([x])[0]) - exact)
    # Half a unit in the last place of the result is what rounding alone may cost.
    pairwise = abs(float(x.sum()) - exact)
    assert ours <= max(pairwise, 2 * float(np.spacing(dtype(exact))))
    for special, wanted in ((np.inf, np.inf), (-np.inf, -np.inf), (np.nan, np.nan)):
        x[123_456] = special
        np.testing.assert_equal(float(native([x])[0]), wanted)
    x[123_456], x[7] = np.inf, -np.inf
    assert np.isnan(float(native([x])[0]))
    assert float(native([x[:0].copy()])[0]) == 0.0
