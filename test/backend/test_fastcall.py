"""The built-in way in: same results as through ctypes, wrong arguments refused, nothing leaked, nothing freed too early."""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable

import numpy as np
import pytest
from tfc.backend import ExecutionFailed, NativeFunction, load

Native = Callable[..., NativeFunction]

MIXED = """
func.func @main(%x: memref<?x3xf32>, %y: memref<2xi64>, %s: memref<2xi64> {tfc.result = 0 : i64},
    %big: memref<1024x1024xf32> {tfc.result = 2 : i64}) -> (memref<3x?xf32> {tfc.result = 1 : i64}) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %n = memref.dim %x, %c0 : memref<?x3xf32>
  %r = memref.alloc(%n) : memref<3x?xf32>
  %limit = arith.constant 100 : index
  %ok = arith.cmpi slt, %n, %limit : index
  cf.assert %ok, "TFC206|f.py:1:1|too many rows"
  "memref.copy"(%y, %s) : (memref<2xi64>, memref<2xi64>) -> ()
  %c7 = arith.constant 7.0 : f32
  memref.store %c7, %big[%c1, %c1] : memref<1024x1024xf32>
  cf.br ^head(%c0 : index)
^head(%i: index):
  %in = arith.cmpi slt, %i, %n : index
  cf.cond_br %in, ^body, ^done
^body:
  %v = memref.load %x[%i, %c1] : memref<?x3xf32>
  memref.store %v, %r[%c0, %i] : memref<3x?xf32>
  memref.store %v, %r[%c1, %i] : memref<3x?xf32>
  %c2 = arith.constant 2 : index
  memref.store %v, %r[%c2, %i] : memref<3x?xf32>
  %j = arith.addi %i, %c1 : index
  cf.br ^head(%j : index)
^done:
  return %r : memref<3x?xf32>
}
"""


@pytest.fixture
def function(native: Native) -> NativeFunction:
    made = native(MIXED)
    if type(made.call).__name__ != "builtin_function_or_method":
        pytest.skip("no built-in entry for this interpreter")
    return made


def arguments(rows: int = 5) -> list[np.ndarray]:
    return [np.arange(rows * 3, dtype=np.float32).reshape(rows, 3), np.array([3, 4])]


@pytest.mark.parametrize("rows", [0, 1, 5, 99])
def test_same_as_through_ctypes(function: NativeFunction, rows: int) -> None:
    x, y = arguments(rows)
    fast, slow = function.call(x, y), function._unchecked(x, y)
    for a, b in zip(fast[:2], slow[:2], strict=True):
        np.testing.assert_array_equal(a, b)
        assert a.dtype == b.dtype
        assert a.flags.c_contiguous and a.flags.writeable and a.flags.aligned
    assert fast[1].shape == (3, rows)
    assert fast[2][1, 1] == slow[2][1, 1] == 7


def test_result_dtypes(function: NativeFunction) -> None:
    dtypes = [np.dtype(np.uint64), np.dtype(np.float32), np.dtype(np.float32)]
    made = load(function.artifact, result_dtypes=dtypes)
    assert made.call(*arguments())[0].dtype == np.uint64


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ([np.zeros((5, 3), np.float64), np.zeros(2, np.int64)], TypeError),
        ([np.zeros((5, 6), np.float32)[:, ::2], np.zeros(2, np.int64)], TypeError),
        ([np.zeros((5, 4), np.float32), np.zeros(2, np.int64)], ValueError),
        ([np.zeros(15, np.float32), np.zeros(2, np.int64)], ValueError),
        ([np.zeros((5, 3), np.float32), np.zeros(3, np.int64)], ValueError),
        ([np.zeros((5, 3), np.float32)], TypeError),
        ([[[1.0, 2.0, 3.0]], np.zeros(2, np.int64)], TypeError),
        ([np.float32(1), None], TypeError),
    ],
)
def test_wrong_arguments(
    function: NativeFunction, wrong: list[np.ndarray], error: type[Exception]
) -> None:
    with pytest.raises(error):
        function.call(*wrong)


def test_subclasses_go_the_slow_way(function: NativeFunction) -> None:
    class Mine(np.ndarray):
        pass

    x, y = arguments()
    np.testing.assert_array_equal(function.call(x.view(Mine), y)[1], function.call(x, y)[1])


def test_failure(function: NativeFunction) -> None:
    with pytest.raises(ExecutionFailed, match="too many rows"):
        function.call(*arguments(100))


def test_nothing_leaks(function: NativeFunction) -> None:
    x, y = arguments()
    bad, _ = arguments(100)
    dtype = x.dtype
    function.call(x, y)

    def use() -> None:
        function.call(x, y)
        for wrong in ((bad, y), (x,)):
            try:
                function.call(*wrong)
            except (ExecutionFailed, TypeError):
                continue
            raise AssertionError("the call should have failed")

    def own() -> list[int]:
        return [sys.getrefcount(x), sys.getrefcount(y), sys.getrefcount(bad)]

    def shared() -> tuple[int, int]:
        """What goes down as well when something of an earlier test is freed."""
        gc.collect()
        return len(gc.get_objects()), sys.getrefcount(dtype)

    use()
    own_before, shared_before = own(), shared()
    for _ in range(500):
        use()
    assert own() == own_before
    assert all(after - before < 50 for after, before in zip(shared(), shared_before, strict=True))


def test_the_built_in_keeps_its_program(native: Native) -> None:
    call = native(MIXED).call
    gc.collect()
    x, y = arguments()
    np.testing.assert_array_equal(call(x, y)[1], np.broadcast_to(x[:, 1], (3, 5)))


def test_results_outlive_the_program(native: Native) -> None:
    results = native(MIXED).call(*arguments())
    gc.collect()
    view = results[1][1:]
    del results
    gc.collect()
    np.testing.assert_array_equal(view[0], arguments()[0][:, 1])
    assert view.base is not None
