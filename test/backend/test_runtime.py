"""Host calls, parallel loops, threads, forks, memory."""

from __future__ import annotations

import gc
import os
import sys
import threading
import weakref
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from tfc.backend import ExecutionFailed, NativeFunction, runtime

Native = Callable[..., NativeFunction]

HOST = """
"func.func"() <{sym_name = "tfc_host_3", sym_visibility = "private",
    function_type = (memref<?x2xf32>, i64, f32, memref<2xf64>) -> memref<?xi32>,
    arg_attrs = [{}, {}, {}, {tfc.result = 1 : i64}], res_attrs = [{tfc.result = 0 : i64}]}> ({})
    : () -> ()
func.func @main(%x: memref<?x2xf32>, %r: memref<2xf64> {tfc.result = 0 : i64})
    -> (memref<?xi32> {tfc.result = 1 : i64}) {
  %k = arith.constant -7 : i64
  %f = arith.constant 2.5 : f32
  %o = func.call @tfc_host_3(%x, %k, %f, %r) : (memref<?x2xf32>, i64, f32, memref<2xf64>) -> memref<?xi32>
  return %o : memref<?xi32>
}
"""


def test_host_call(native: Native) -> None:
    seen: list[Any] = []

    def host(x: np.ndarray, k: int, f: float) -> tuple[np.ndarray, np.ndarray]:
        seen.append((x.copy(), k, f))
        return np.arange(len(x), dtype=np.int32), x.sum(0).astype(np.float64)

    function = native(HOST, host_functions={3: host})
    x = np.arange(6, dtype=np.float32).reshape(3, 2)
    sums, counted = function([x])
    np.testing.assert_array_equal(sums, x.sum(0))
    np.testing.assert_array_equal(counted, [0, 1, 2])
    np.testing.assert_array_equal(seen[0][0], x)
    assert seen[0][1:] == (-7, 2.5)


def test_host_exception(native: Native) -> None:
    class MyError(Exception):
        pass

    def host(*arguments: object) -> None:
        raise MyError("from the host")

    function = native(HOST, host_functions={3: host})
    for _ in range(3):
        with pytest.raises(MyError, match="from the host"):
            function([np.zeros((3, 2), np.float32)])


def test_host_result_of_the_wrong_shape(native: Native) -> None:
    function = native(HOST, host_functions={3: lambda x, k, f: (np.arange(3), np.zeros(3))})
    with pytest.raises(ValueError, match=r"shape \(3,\), expected \(2,\)"):
        function([np.zeros((3, 2), np.float32)])


def test_host_call_may_call_compiled_code(native: Native) -> None:
    inner = native(HOST, host_functions={3: lambda x, k, f: (np.arange(1), np.ones(2))})

    def host(x: np.ndarray, k: int, f: float) -> tuple[np.ndarray, np.ndarray]:
        sums, _ = inner([x.copy()])
        return np.arange(2), sums + 1

    outer = native(HOST, host_functions={3: host})
    sums, _ = outer([np.zeros((1, 2), np.float32)])
    np.testing.assert_array_equal(sums, [2, 2])


PARALLEL = """
func.func private @tfc_report(i64)
func.func private @body(%lo: index, %hi: index, %x: memref<?xf32>, %y: memref<?xf32> {llvm.noalias}) {
  %c1 = arith.constant 1 : index
  %limit = arith.constant 1.0e+06 : f32
  cf.br ^head(%lo : index)
^head(%i: index):
  %in = arith.cmpi slt, %i, %hi : index
  cf.cond_br %in, ^body, ^done
^body:
  %v = memref.load %x[%i] : memref<?xf32>
  %w = arith.mulf %v, %v : f32
  memref.store %w, %y[%i] : memref<?xf32>
  %ok = arith.cmpf olt, %v, %limit : f32
  %k = arith.index_cast %i : index to i64
  func.call @tfc_report(%k) : (i64) -> ()
  cf.assert %ok, "TFC204|f.py:1:1|element {0} is too large"
  %j = arith.addi %i, %c1 : index
  cf.br ^head(%j : index)
^done:
  return
}
func.func @main(%x: memref<?xf32>) -> memref<?xf32> {
  %c0 = arith.constant 0 : index
  %n = memref.dim %x, %c0 : memref<?xf32>
  %y = memref.alloc(%n) : memref<?xf32>
  func.call @body(%c0, %n, %x, %y) {tfc.parallel_grain = 16 : i64}
      : (index, index, memref<?xf32>, memref<?xf32>) -> ()
  return %y : memref<?xf32>
}
"""


@pytest.fixture(params=[1, 2, 5])
def threads(request: pytest.FixtureRequest) -> Any:
    runtime.set_threads(request.param)
    yield request.param
    runtime.set_threads(None)


def test_parallel_loop(native: Native, threads: int) -> None:
    function = native(PARALLEL)
    for n in [0, 1, 15, 16, 17, 1000, 100_003]:
        x = np.arange(n, dtype=np.float32) % 1000
        for _ in range(20):
            np.testing.assert_array_equal(function([x])[0], x * x)


def test_failure_in_a_parallel_loop(native: Native, threads: int) -> None:
    function = native(PARALLEL)
    x = np.zeros(5000, np.float32)
    x[1234] = 2e6
    for _ in range(5):
        with pytest.raises(ExecutionFailed, match="element 1234 is too large"):
            function([x])


def test_many_python_threads(native: Native) -> None:
    """Thirty-two threads share the pool: whoever finds it busy works alone."""
    runtime.set_threads(3)
    function = native(PARALLEL)
    wrong: list[int] = []

    def work(seed: int) -> None:
        x = np.arange(seed, seed + 5000, dtype=np.float32)
        for _ in range(20):
            if not np.array_equal(function([x])[0], x * x):
                wrong.append(seed)

    workers = [threading.Thread(target=work, args=(k,)) for k in range(32)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    runtime.set_threads(None)
    assert not wrong


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_fork(native: Native) -> None:
    runtime.set_threads(3)
    function = native(PARALLEL)
    x = np.arange(5000, dtype=np.float32)
    function([x])
    child = os.fork()
    if not child:
        good = all(np.array_equal(function([x])[0], x * x) for _ in range(10))
        os._exit(0 if good else 1)
    _, status = os.waitpid(child, 0)
    runtime.set_threads(None)
    assert os.waitstatus_to_exitcode(status) == 0
    np.testing.assert_array_equal(function([x])[0], x * x)


LARGE = """
func.func @main(%x: memref<f32>, %r: memref<1000000xf32> {tfc.result = 0 : i64}) {
  %c7 = arith.constant 7 : index
  %v = memref.load %x[] : memref<f32>
  %t = memref.alloc() : memref<1000000xf32>
  memref.store %v, %t[%c7] : memref<1000000xf32>
  %w = memref.load %t[%c7] : memref<1000000xf32>
  memref.store %w, %r[%c7] : memref<1000000xf32>
  memref.dealloc %t : memref<1000000xf32>
  return
}
"""


def test_large_results_are_recycled(native: Native) -> None:
    function = native(LARGE)
    [first] = function([np.array(1, np.float32)])
    assert first[7] == 1
    place = first.ctypes.data
    assert place % 64 == 0
    view = first[10:20]
    del first
    [second] = function([np.array(2, np.float32)])
    assert second.ctypes.data != place  # the view still holds it
    del view, second
    places = {function([np.array(3, np.float32)])[0].ctypes.data for _ in range(5)}
    assert len(places) <= 2
    assert runtime.runtime().kept() > 0
    runtime.trim()
    assert runtime.runtime().kept() == 0


def resident() -> int:
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


LEAKY = """
func.func @main(%ok: memref<i1>, %n: memref<i64>) -> memref<?xf32> {
  %w = memref.load %n[] : memref<i64>
  %size = arith.index_cast %w : i64 to index
  %a = memref.alloc(%size) : memref<?xf32>
  %b = memref.alloc(%size) : memref<?xf32>
  %f = memref.load %ok[] : memref<i1>
  cf.assert %f, "TFC205|f.py:1:1|no"
  memref.dealloc %a : memref<?xf32>
  return %b : memref<?xf32>
}
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
def test_nothing_leaks(native: Native) -> None:
    function = native(LEAKY)
    small = np.array(20_000)

    def use(fine: bool) -> None:
        for _ in range(500):
            try:
                [y] = function([np.array(fine), small])
                y[:] = 1
            except ExecutionFailed:
                pass

    use(True), use(False)
    before = resident()
    use(True), use(False)
    assert resident() - before < 8 << 20


def test_code_goes_with_its_last_reference(native: Native) -> None:
    function = native(LARGE)
    code = weakref.ref(function._code)
    del function
    gc.collect()
    assert code() is None
