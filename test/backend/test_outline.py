"""Loop nests as functions of their own: same numbers, failures come through, pointers are known."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from tfc.backend import ExecutionFailed, NativeFunction
from tfc.backend.translate import outline


def sums(count: int) -> str:
    """Sums of x, x + 1, ...; each begins with the one before, and none may pass 10,000."""
    nests = "".join(
        f"""
  cf.br ^head{k}(%c0, %s{k} : index, f32)
^head{k}(%i{k}: index, %a{k}: f32):
  %in{k} = arith.cmpi slt, %i{k}, %n : index
  cf.cond_br %in{k}, ^body{k}, ^done{k}
^body{k}:
  %v{k} = memref.load %x[%i{k}] : memref<?xf32>
  %w{k} = arith.addf %v{k}, %a{k} : f32
  %ok{k} = arith.cmpf olt, %w{k}, %limit : f32
  cf.assert %ok{k}, "TFC207|f.py:{k}:1|sum {k} is too large"
  memref.store %w{k}, %t[%i{k}] : memref<?xf32>
  %j{k} = arith.addi %i{k}, %c1 : index
  cf.br ^head{k}(%j{k}, %w{k} : index, f32)
^done{k}:
  %s{k + 1} = arith.addf %a{k}, %one : f32"""
        for k in range(count)
    )
    return f"""
func.func @main(%x: memref<?xf32>, %r: memref<f32> {{tfc.result = 0 : i64}})
    -> (memref<?xf32> {{tfc.result = 1 : i64}}) {{
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %one = arith.constant 1.0 : f32
  %limit = arith.constant 10000.0 : f32
  %s0 = arith.constant 0.0 : f32
  %n = memref.dim %x, %c0 : memref<?xf32>
  %t = memref.alloc(%n) : memref<?xf32>{nests}
  memref.store %s{count}, %r[] : memref<f32>
  return %t : memref<?xf32>
}}"""


@pytest.mark.parametrize("count", [outline.MANY - 1, outline.MANY, 20])
def test_values_leave_the_nest(
    native: Callable[..., NativeFunction], llvm_ir: Callable[[str], str], count: int
) -> None:
    text = sums(count)
    assert llvm_ir(text).count("define internal") == (1 if count < outline.MANY else 1 + count) + 1
    function = native(text)
    x = np.arange(5, dtype=np.float32)
    total, last = function([x])
    assert total == count * (x.sum() + 1)
    np.testing.assert_array_equal(last, (count - 1) * (x.sum() + 1) + np.cumsum(x))


def test_failures_come_through(native: Callable[..., NativeFunction]) -> None:
    function = native(sums(10))
    with pytest.raises(ExecutionFailed, match="sum 9 is too large"):
        function([np.full(1, 1050, np.float32)])


def test_pointers_do_not_alias(llvm_ir: Callable[[str], str]) -> None:
    header = next(
        line
        for line in llvm_ir(sums(8)).splitlines()
        if line.startswith("define") and "l.main.0" in line
    )
    assert header.count("noalias") == 2
