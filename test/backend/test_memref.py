"""Views, copies and globals against NumPy; calls with memrefs; allocation in loops."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from tfc.backend import ExecutionFailed, NativeFunction

Native = Callable[..., NativeFunction]


def copy(source: str, target: str, from_: str, to: str) -> str:
    return f'"memref.copy"({source}, {target}) : ({from_}, {to}) -> ()'


def test_subview_with_strides(native: Native) -> None:
    strided = "memref<3x2xf32, strided<[16, 3], offset: 9>>"
    text = f"""
    func.func @main(%x: memref<8x8xf32>, %r: memref<3x2xf32> {{tfc.result = 0 : i64}}) {{
      %v = memref.subview %x[1, 1] [3, 2] [2, 3] : memref<8x8xf32> to {strided}
      {copy("%v", "%r", strided, "memref<3x2xf32>")}
      return
    }}
    """
    x = np.arange(64, dtype=np.float32).reshape(8, 8)
    np.testing.assert_array_equal(native(text)([x])[0], x[1:6:2, 1:5:3])


def test_reversed_subview(native: Native) -> None:
    flipped = "memref<5xf32, strided<[-1], offset: 4>>"
    text = f"""
    func.func @main(%x: memref<5xf32>, %r: memref<5xf32> {{tfc.result = 0 : i64}}) {{
      %v = memref.reinterpret_cast %x to offset: [4], sizes: [5], strides: [-1]
          : memref<5xf32> to {flipped}
      {copy("%v", "%r", flipped, "memref<5xf32>")}
      return
    }}
    """
    x = np.arange(5, dtype=np.float32)
    np.testing.assert_array_equal(native(text)([x])[0], x[::-1])


@pytest.mark.parametrize("lo", [0, 2, 6])
def test_dynamic_subview_that_drops_a_dimension(native: Native, lo: int) -> None:
    row = "memref<?xf32, strided<[1], offset: ?>>"
    text = f"""
    func.func @main(%x: memref<?x?xf32>, %at: memref<i64>, %r: memref<?xf32> {{tfc.variable}}) {{
      %c1 = arith.constant 1 : index
      %n = memref.dim %x, %c1 : memref<?x?xf32>
      %w = memref.load %at[] : memref<i64>
      %i = arith.index_cast %w : i64 to index
      %v = memref.subview %x[%i, 0] [1, %n] [1, 1] : memref<?x?xf32> to {row}
      {copy("%v", "%r", row, "memref<?xf32>")}
      return
    }}
    """
    x = np.arange(56, dtype=np.float32).reshape(7, 8)
    r = np.zeros(8, np.float32)
    native(text)([x, np.array(lo), r])
    np.testing.assert_array_equal(r, x[lo])


def test_copy_into_a_window(native: Native) -> None:
    """A padded destination: rows are copied one by one, outer dimensions in a loop."""
    window = "memref<2x3x4xf32, strided<[40, 8, 1], offset: 41>>"
    text = f"""
    func.func @main(%x: memref<2x3x4xf32>, %r: memref<2x5x8xf32> {{tfc.variable}}) {{
      %v = memref.subview %r[0, 0, 0] [2, 3, 4] [1, 1, 1]
          : memref<2x5x8xf32> to memref<2x3x4xf32, strided<[40, 8, 1]>>
      {copy("%x", "%v", "memref<2x3x4xf32>", "memref<2x3x4xf32, strided<[40, 8, 1]>>")}
      return
    }}
    """
    assert window
    x = np.arange(24, dtype=np.float32).reshape(2, 3, 4)
    r = np.zeros((2, 5, 8), np.float32)
    native(text)([x, r])
    expected = np.zeros((2, 5, 8), np.float32)
    expected[:, :3, :4] = x
    np.testing.assert_array_equal(r, expected)


def test_shapes(native: Native) -> None:
    text = """
    func.func @main(%x: memref<?x6xf32>, %r: memref<3xf32> {tfc.result = 0 : i64}) {
      %c0 = arith.constant 0 : index
      %c1 = arith.constant 1 : index
      %c2 = arith.constant 2 : index
      %n = memref.dim %x, %c0 : memref<?x6xf32>
      %e = "memref.expand_shape"(%x, %n)
          <{reassociation = [[0], [1, 2]], static_output_shape = array<i64: -9223372036854775808, 2, 3>}>
          : (memref<?x6xf32>, index) -> memref<?x2x3xf32>
      %a = memref.load %e[%c1, %c1, %c2] : memref<?x2x3xf32>
      memref.store %a, %r[%c0] : memref<3xf32>
      %f = "memref.collapse_shape"(%e) <{reassociation = [[0, 1, 2]]}>
          : (memref<?x2x3xf32>) -> memref<?xf32>
      %m = memref.dim %f, %c0 : memref<?xf32>
      %w = arith.index_cast %m : index to i32
      %b = arith.sitofp %w : i32 to f32
      memref.store %b, %r[%c1] : memref<3xf32>
      %s = "memref.cast"(%x) : (memref<?x6xf32>) -> memref<2x6xf32>
      %c = memref.load %s[%c1, %c0] : memref<2x6xf32>
      memref.store %c, %r[%c2] : memref<3xf32>
      return
    }
    """
    x = np.arange(12, dtype=np.float32).reshape(2, 6)
    np.testing.assert_array_equal(native(text)([x])[0], [11, 12, 6])


def test_rank_zero_and_booleans(native: Native) -> None:
    text = """
    func.func @main(%x: memref<i1>, %r: memref<2xi1> {tfc.result = 0 : i64}) {
      %c0 = arith.constant 0 : index
      %c1 = arith.constant 1 : index
      %t = arith.constant true
      %v = memref.load %x[] : memref<i1>
      %w = arith.xori %v, %t : i1
      memref.store %v, %r[%c0] : memref<2xi1>
      memref.store %w, %r[%c1] : memref<2xi1>
      return
    }
    """
    function = native(text)
    np.testing.assert_array_equal(function([np.array(True)])[0], [True, False])
    np.testing.assert_array_equal(function([np.array(False)])[0], [False, True])


@pytest.mark.parametrize(
    ("name", "dtype", "values"),
    [
        ("f32", np.float32, [1.5, -0.0, 3e38, 1e-45]),
        ("i8", np.int8, [-128, 34, 92, 127]),
        ("i64", np.int64, [-(2**63), -1, 2**63 - 1, 0]),
        ("i1", np.bool_, [True, False, False, True]),
        ("f16", np.float16, [1.5, -2, 65504, 6e-8]),
    ],
)
def test_constants_in_memory(native: Native, name: str, dtype: type, values: list[float]) -> None:
    x = np.array(values, dtype)
    listed = ", ".join("true" if v is True else "false" if v is False else str(v) for v in values)
    if name.startswith("f"):
        listed = ", ".join(f"{float(v):.17e}" for v in x)
    text = f"""
    "memref.global"() <{{sym_name = "table", sym_visibility = "private", constant,
        type = memref<4x{name}>, initial_value = dense<[{listed}]> : tensor<4x{name}>}}> : () -> ()
    "memref.global"() <{{sym_name = "ones", sym_visibility = "private", constant,
        type = memref<4x{name}>,
        initial_value = dense<{listed.split(",")[0]}> : tensor<4x{name}>}}> : () -> ()
    func.func @main(%r: memref<4x{name}> {{tfc.result = 0 : i64}},
        %s: memref<4x{name}> {{tfc.result = 1 : i64}}) {{
      %t = memref.get_global @table : memref<4x{name}>
      {copy("%t", "%r", f"memref<4x{name}>", f"memref<4x{name}>")}
      %o = memref.get_global @ones : memref<4x{name}>
      {copy("%o", "%s", f"memref<4x{name}>", f"memref<4x{name}>")}
      return
    }}
    """
    table, ones = native(text)([])
    np.testing.assert_array_equal(table, x)
    np.testing.assert_array_equal(ones, np.full(4, x[0]))


RECURSION = """
func.func private @fill(%r: memref<?xi64>, %k: index) -> (i64, memref<?xi64>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %n = memref.dim %r, %c0 : memref<?xi64>
  %more = arith.cmpi slt, %k, %n : index
  cf.cond_br %more, ^go, ^end
^go:
  %w = arith.index_cast %k : index to i64
  memref.store %w, %r[%k] : memref<?xi64>
  %next = arith.addi %k, %c1 : index
  %s, %m = func.call @fill(%r, %next) : (memref<?xi64>, index) -> (i64, memref<?xi64>)
  %t = arith.addi %s, %w : i64
  return %t, %m : i64, memref<?xi64>
^end:
  %five = arith.constant 5 : index
  %limit = arith.cmpi slt, %n, %five : index
  cf.assert %limit, "TFC203|f.py:1:1|too deep"
  %z = arith.constant 0 : i64
  %c = memref.alloc(%n) : memref<?xi64>
  memref.store %z, %c[%c0] : memref<?xi64>
  return %z, %c : i64, memref<?xi64>
}
func.func @main(%r: memref<?xi64> {tfc.variable}, %s: memref<i64> {tfc.result = 0 : i64})
    -> (memref<?xi64> {tfc.result = 1 : i64}) {
  %c0 = arith.constant 0 : index
  %t, %m = func.call @fill(%r, %c0) : (memref<?xi64>, index) -> (i64, memref<?xi64>)
  memref.store %t, %s[] : memref<i64>
  return %m : memref<?xi64>
}
"""


def test_recursion_with_returned_memrefs(native: Native) -> None:
    function = native(RECURSION)
    r = np.zeros(4, np.int64)
    total, fresh = function([r])
    np.testing.assert_array_equal(r, [0, 1, 2, 3])
    assert total == 6
    assert fresh.shape == (4,)
    with pytest.raises(ExecutionFailed, match="too deep"):
        function([np.zeros(9, np.int64)])


def test_growing_buffer_in_a_loop(native: Native) -> None:
    """A memref as a loop-carried value: each round allocates, copies and frees the previous one."""
    window = "memref<?xi64, strided<[1]>>"
    text = f"""
    func.func @main(%n: memref<i64>) -> memref<?xi64> {{
      %c0 = arith.constant 0 : index
      %c1 = arith.constant 1 : index
      %w = memref.load %n[] : memref<i64>
      %count = arith.index_cast %w : i64 to index
      %empty = memref.alloc(%c0) : memref<?xi64>
      cf.br ^head(%c0, %empty : index, memref<?xi64>)
    ^head(%i: index, %b: memref<?xi64>):
      %in = arith.cmpi slt, %i, %count : index
      cf.cond_br %in, ^body, ^done
    ^body:
      %more = arith.addi %i, %c1 : index
      %g = memref.alloc(%more) : memref<?xi64>
      %v = memref.subview %g[0] [%i] [1] : memref<?xi64> to {window}
      {copy("%b", "%v", "memref<?xi64>", window)}
      %k = arith.index_cast %i : index to i64
      memref.store %k, %g[%i] : memref<?xi64>
      memref.dealloc %b : memref<?xi64>
      cf.br ^head(%more, %g : index, memref<?xi64>)
    ^done:
      return %b : memref<?xi64>
    }}
    """
    function = native(text)
    for n in [0, 1, 5, 300]:
        np.testing.assert_array_equal(function([np.array(n)])[0], np.arange(n))


def test_rotated_buffers(native: Native) -> None:
    text = """
    func.func @main(%x: memref<4xf32>, %r: memref<4xf32> {tfc.result = 0 : i64}) {
      %c0 = arith.constant 0 : index
      %c1 = arith.constant 1 : index
      %c3 = arith.constant 3 : index
      %a = memref.alloc() : memref<4xf32>
      %b = memref.alloca() : memref<4xf32>
      "memref.copy"(%x, %a) : (memref<4xf32>, memref<4xf32>) -> ()
      cf.br ^head(%c0, %a, %b : index, memref<4xf32>, memref<4xf32>)
    ^head(%i: index, %p: memref<4xf32>, %q: memref<4xf32>):
      %in = arith.cmpi slt, %i, %c3 : index
      cf.cond_br %in, ^fill(%c0 : index), ^done
    ^fill(%j: index):
      %v = memref.load %p[%j] : memref<4xf32>
      %w = arith.addf %v, %v : f32
      memref.store %w, %q[%j] : memref<4xf32>
      %k = arith.addi %j, %c1 : index
      %go = arith.cmpi sle, %k, %c3 : index
      cf.cond_br %go, ^fill(%k : index), ^next
    ^next:
      %m = arith.addi %i, %c1 : index
      cf.br ^head(%m, %q, %p : index, memref<4xf32>, memref<4xf32>)
    ^done:
      "memref.copy"(%p, %r) : (memref<4xf32>, memref<4xf32>) -> ()
      memref.dealloc %a : memref<4xf32>
      return
    }
    """
    x = np.array([1, 2, 3, 4], np.float32)
    np.testing.assert_array_equal(native(text)([x])[0], 8 * x)


def test_prefetch_changes_nothing(native: Native) -> None:
    hints = "isWrite = true, localityHint = 3 : i32, isDataCache = true"
    text = f"""
    func.func @main(%x: memref<4xf32>, %r: memref<4xf32> {{tfc.result = 0 : i64}}) {{
      %c3 = arith.constant 3 : index
      "memref.prefetch"(%r, %c3) <{{{hints}}}> : (memref<4xf32>, index) -> ()
      {copy("%x", "%r", "memref<4xf32>", "memref<4xf32>")}
      return
    }}
    """
    x = np.arange(4, dtype=np.float32)
    np.testing.assert_array_equal(native(text)([x])[0], x)
