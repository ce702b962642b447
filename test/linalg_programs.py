"""Small programs of the linalg stage with the same program in NumPy."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from linalg_text import MAPS, Array, Program, add, array, elementwise

T6 = "tensor<6xf32>"
D = "tensor<?xf32>"

PROGRAMS: list[Program] = []


def program(
    name: str,
    text: str,
    arguments: Sequence[Array],
    expected: Callable[..., Sequence[Array]],
    updates: tuple[int, ...] = (),
) -> None:
    """Add a program. Scalar arguments of `@main` become rank-0 tensors, as its contract wants."""
    head, rest = text.split("@main(", 1)
    signature, body = rest.split("{\n", 1)
    loads: list[str] = []

    def as_tensor(match: re.Match[str]) -> str:
        name, type = match.groups()
        stored = "i64" if type == "index" else type
        value = name if stored == type else f"{name}_value"
        loads.append(f"  {value} = tensor.extract {name}_box[] : tensor<{stored}>\n")
        if stored != type:
            loads.append(f"  {name} = arith.index_cast {value} : i64 to index\n")
        return f"{name}_box: tensor<{stored}>"

    signature = re.sub(r"(%\w+): (f32|i1|i64|index)\b", as_tensor, signature)
    whole = f"{MAPS}{head}@main({signature}{{\n{''.join(loads)}{body}"
    PROGRAMS.append(Program(name, whole, arguments, expected, updates))


program(
    "add_one_dynamic",
    f"""
func.func @main(%x: {D}) -> {D} {{
  %one = arith.constant 1.0 : f32
  %c0 = arith.constant 0 : index
  %n = tensor.dim %x, %c0 : {D}
  %e = tensor.empty(%n) : {D}
  {elementwise("%r", "%x", D, D, "%s = arith.addf %i0, %one : f32")}
  return %r : {D}
}}""",
    [array(5)],
    lambda x: [x + 1],
)

program(
    "operand_read_again_after_its_update",
    f"""
func.func @main(%x: {T6}, %f: f32, %i: index) -> ({T6}, {T6}, {T6}) {{
  %e = tensor.empty() : {T6}
  {add("%a", "%x", "%x")}
  %b = tensor.insert %f into %a[%i] : {T6}
  %c = tensor.insert %f into %b[%i] : {T6}
  {add("%d", "%a", "%c")}
  return %a, %b, %d : {T6}, {T6}, {T6}
}}""",
    [array(6), np.float32(9), np.int64(2)],
    lambda x, f, i: [2 * x, _set(2 * x, i, f), 2 * x + _set(2 * x, i, f)],
)


def _set(x: Array, i: Any, v: Any) -> Array:
    x = x.copy()
    x[int(i)] = v
    return x


program(
    "same_value_returned_twice_and_an_argument",
    f"""
func.func @main(%x: {T6}) -> ({T6}, {T6}, {T6}) {{
  %e = tensor.empty() : {T6}
  {add("%a", "%x", "%x")}
  return %a, %a, %x : {T6}, {T6}, {T6}
}}""",
    [array(6)],
    lambda x: [2 * x, 2 * x, x],
)

program(
    "variables_swapped",
    f"""
func.func @main(%v: {T6} {{tfc.variable}}, %w: {T6} {{tfc.variable}})
    -> ({T6} {{tfc.updates = 0 : i64}}, {T6} {{tfc.updates = 1 : i64}}) {{
  return %w, %v : {T6}, {T6}
}}""",
    [array(6), array(6, seed=1)],
    lambda v, w: [w, v],
    updates=(0, 1),
)

program(
    "variable_and_its_old_value",
    f"""
func.func @main(%v: {T6} {{tfc.variable}}, %g: {T6})
    -> ({T6} {{tfc.updates = 0 : i64}}, {T6}) {{
  %e = tensor.empty() : {T6}
  {add("%n", "%v", "%g")}
  {add("%s", "%n", "%v")}
  return %n, %s : {T6}, {T6}
}}""",
    [array(6), array(6, seed=1)],
    lambda v, g: [v + g, v + g + v],
    updates=(0,),
)

program(
    "swap_in_a_loop",
    f"""
func.func @main(%x: {T6}, %y: {T6}, %n: index) -> ({T6}, {T6}) {{
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %e = tensor.empty() : {T6}
  %r:2 = scf.for %i = %c0 to %n step %c1 iter_args(%a = %x, %b = %y) -> ({T6}, {T6}) {{
    {add("%s1", "%a", "%b")}
    scf.yield %b, %s1 : {T6}, {T6}
  }}
  return %r#0, %r#1 : {T6}, {T6}
}}""",
    [array(6), array(6, seed=1), np.int64(5)],
    lambda x, y, n: _fibonacci(x, y, int(n)),
)


def _fibonacci(x: Array, y: Array, n: int) -> list[Array]:
    for _ in range(n):
        x, y = y, x + y
    return [x, y]


program(
    "plain_swap_in_a_loop",
    f"""
func.func @main(%x: {T6}, %y: {T6}, %n: index) -> ({T6}, {T6}, {T6}) {{
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %r:3 = scf.for %i = %c0 to %n step %c1 iter_args(%a = %x, %b = %y, %c = %x)
      -> ({T6}, {T6}, {T6}) {{
    scf.yield %b, %a, %b : {T6}, {T6}, {T6}
  }}
  return %r#0, %r#1, %r#2 : {T6}, {T6}, {T6}
}}""",
    [array(6), array(6, seed=1), np.int64(3)],
    lambda x, y, n: [y, x, y],
)

program(
    "transposed_in_a_loop",
    """
func.func @main(%x: tensor<3x3xf32>, %n: index) -> (tensor<3x3xf32>, tensor<3x3xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %e = tensor.empty() : tensor<3x3xf32>
  %r = scf.for %i = %c0 to %n step %c1 iter_args(%t = %x) -> (tensor<3x3xf32>) {
    %u = linalg.generic {indexing_maps = [#tr, #id2, #id2], iterator_types = ["parallel", "parallel"]}
        ins(%t, %x : tensor<3x3xf32>, tensor<3x3xf32>) outs(%e : tensor<3x3xf32>) {
    ^bb0(%a: f32, %b: f32, %o: f32):
      %s = arith.addf %a, %b : f32
      linalg.yield %s : f32
    } -> tensor<3x3xf32>
    scf.yield %u : tensor<3x3xf32>
  }
  return %r, %x : tensor<3x3xf32>, tensor<3x3xf32>
}""",
    [array(3, 3), np.int64(3)],
    lambda x, n: [((x.T + x).T + x).T + x, x],
)

program(
    "growing",
    f"""
func.func @main(%x: {D}, %n: index) -> {D} {{
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %r = scf.for %i = %c0 to %n step %c1 iter_args(%t = %x) -> ({D}) {{
    %d = tensor.dim %t, %c0 : {D}
    %d1 = arith.addi %d, %c1 : index
    %e = tensor.empty(%d1) : {D}
    %b = tensor.insert_slice %t into %e[0] [%d] [1] : {D} into {D}
    %k = arith.index_cast %i : index to i64
    %f = arith.sitofp %k : i64 to f32
    %u = tensor.insert %f into %b[%d] : {D}
    scf.yield %u : {D}
  }}
  return %r : {D}
}}""",
    [array(3), np.int64(4)],
    lambda x, n: [np.concatenate([x, np.arange(4, dtype=np.float32)])],
)

program(
    "branch_in_a_loop_updates_in_place",
    f"""
func.func @main(%x: {T6}, %f: f32) -> {T6} {{
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %c6 = arith.constant 6 : index
  %r = scf.for %i = %c0 to %c6 step %c1 iter_args(%t = %x) -> ({T6}) {{
    %m = arith.remui %i, %c2 : index
    %odd = arith.cmpi eq, %m, %c1 : index
    %u = scf.if %odd -> ({T6}) {{
      %v = tensor.insert %f into %t[%i] : {T6}
      scf.yield %v : {T6}
    }} else {{
      scf.yield %t : {T6}
    }}
    scf.yield %u : {T6}
  }}
  return %r : {T6}
}}""",
    [array(6), np.float32(7)],
    lambda x, f: [np.where(np.arange(6) % 2 == 1, f, x)],
)

program(
    "arms_of_a_branch",
    f"""
func.func @main(%c: i1, %x: {T6}, %y: {T6}) -> ({T6}, {T6}, {T6}) {{
  %e = tensor.empty() : {T6}
  {add("%a", "%x", "%y")}
  {add("%b", "%a", "%a")}
  %r:3 = scf.if %c -> ({T6}, {T6}, {T6}) {{
    {add("%s1", "%a", "%y")}
    scf.yield %b, %s1, %a : {T6}, {T6}, {T6}
  }} else {{
    scf.yield %a, %b, %b : {T6}, {T6}, {T6}
  }}
  return %r#0, %r#1, %r#2 : {T6}, {T6}, {T6}
}}""",
    [np.bool_(True), array(6), array(6, seed=1)],
    lambda c, x, y: [2 * (x + y), x + y + y, x + y] if c else [x + y, 2 * (x + y), 2 * (x + y)],
)

program(
    "dynamic_branch",
    f"""
func.func @main(%c: i1, %x: {D}, %n: index) -> {D} {{
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %r = scf.if %c -> ({D}) {{
    %e = tensor.empty(%n) : {D}
    %sl = tensor.extract_slice %x[1] [%n] [1] : {D} to {D}
    {elementwise("%a", "%sl", D, D, "%s = arith.negf %i0 : f32")}
    scf.yield %a : {D}
  }} else {{
    scf.yield %x : {D}
  }}
  return %r : {D}
}}""",
    [np.bool_(True), array(6), np.int64(3)],
    lambda c, x, n: [-x[1:4]] if c else [x],
)

program(
    "while_halves",
    f"""
func.func @main(%x: {T6}, %limit: f32) -> ({T6}, tensor<i64>) {{
  %c0 = arith.constant 0 : index
  %k0 = arith.constant 0 : i64
  %k1 = arith.constant 1 : i64
  %half = arith.constant 0.5 : f32
  %e = tensor.empty() : {T6}
  %r:2 = scf.while (%t = %x, %k = %k0) : ({T6}, i64) -> ({T6}, i64) {{
    %v = tensor.extract %t[%c0] : {T6}
    %big = arith.cmpf ogt, %v, %limit : f32
    scf.condition(%big) %t, %k : {T6}, i64
  }} do {{
  ^bb0(%t: {T6}, %k: i64):
    {elementwise("%h", "%t", T6, T6, "%s = arith.mulf %i0, %half : f32")}
    %k2 = arith.addi %k, %k1 : i64
    scf.yield %h, %k2 : {T6}, i64
  }}
  %count = tensor.from_elements %r#1 : tensor<i64>
  return %r#0, %count : {T6}, tensor<i64>
}}""",
    [np.full(6, 8, np.float32), np.float32(1.5)],
    lambda x, limit: [x / 8, np.int64(3)],
)

program(
    "while_that_rotates_and_forwards_new_values",
    """
func.func @main(%x: tensor<3x3xf32>, %n: index) -> (tensor<3x3xf32>, tensor<3x3xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %e = tensor.empty() : tensor<3x3xf32>
  %r:3 = scf.while (%t = %x, %k = %c0) : (tensor<3x3xf32>, index) -> (tensor<3x3xf32>, index, tensor<3x3xf32>) {
    %u = linalg.generic {indexing_maps = [#tr, #id2], iterator_types = ["parallel", "parallel"]}
        ins(%t : tensor<3x3xf32>) outs(%e : tensor<3x3xf32>) {
    ^bb0(%a: f32, %o: f32):
      %s = arith.addf %a, %a : f32
      linalg.yield %s : f32
    } -> tensor<3x3xf32>
    %more = arith.cmpi ult, %k, %n : index
    scf.condition(%more) %t, %k, %u : tensor<3x3xf32>, index, tensor<3x3xf32>
  } do {
  ^bb0(%t: tensor<3x3xf32>, %k: index, %u: tensor<3x3xf32>):
    %w = linalg.generic {indexing_maps = [#tr, #id2, #id2], iterator_types = ["parallel", "parallel"]}
        ins(%u, %t : tensor<3x3xf32>, tensor<3x3xf32>) outs(%e : tensor<3x3xf32>) {
    ^bb0(%a: f32, %b: f32, %o: f32):
      %s = arith.subf %a, %b : f32
      linalg.yield %s : f32
    } -> tensor<3x3xf32>
    %k2 = arith.addi %k, %c1 : index
    scf.yield %w, %k2 : tensor<3x3xf32>, index
  }
  return %r#0, %r#2 : tensor<3x3xf32>, tensor<3x3xf32>
}""",
    [array(3, 3), np.int64(3)],
    lambda x, n: [x, 2 * x.T],
)

program(
    "while_grows",
    f"""
func.func @main(%x: {D}, %n: index) -> {D} {{
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %one = arith.constant 1.0 : f32
  %r = scf.while (%t = %x) : ({D}) -> {D} {{
    %d = tensor.dim %t, %c0 : {D}
    %more = arith.cmpi ult, %d, %n : index
    scf.condition(%more) %t : {D}
  }} do {{
  ^bb0(%t: {D}):
    %d = tensor.dim %t, %c0 : {D}
    %d1 = arith.addi %d, %d : index
    %e = tensor.empty(%d1) : {D}
    %b = tensor.insert_slice %t into %e[0] [%d] [1] : {D} into {D}
    %u = tensor.insert_slice %t into %b[%d] [%d] [1] : {D} into {D}
    scf.yield %u : {D}
  }}
  return %r : {D}
}}""",
    [array(3), np.int64(20)],
    lambda x, n: [np.tile(x, 8)],
)

program(
    "slices_shift_and_overlap",
    f"""
func.func @main(%x: {T6}, %n: index) -> ({T6}, tensor<5xf32>) {{
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %r:2 = scf.for %i = %c0 to %n step %c1 iter_args(%t = %x, %l = %x) -> ({T6}, {T6}) {{
    %s = tensor.extract_slice %t[1] [5] [1] : {T6} to tensor<5xf32>
    %u = tensor.insert_slice %s into %t[0] [5] [1] : tensor<5xf32> into {T6}
    scf.yield %u, %t : {T6}, {T6}
  }}
  %v = tensor.extract_slice %r#1[1] [5] [1] : {T6} to tensor<5xf32>
  return %r#0, %v : {T6}, tensor<5xf32>
}}""",
    [array(6), np.int64(2)],
    lambda x, n: [
        np.concatenate([x[2:], x[5:], x[5:]]),
        np.concatenate([x[1:], x[5:]])[1:],
    ],
)

program(
    "rows_swapped",
    """
func.func @main(%x: tensor<4x3xf32>, %i: index, %j: index) -> tensor<4x3xf32> {
  %a = tensor.extract_slice %x[%i, 0] [1, 3] [1, 1] : tensor<4x3xf32> to tensor<3xf32>
  %b = tensor.extract_slice %x[%j, 0] [1, 3] [1, 1] : tensor<4x3xf32> to tensor<3xf32>
  %y = tensor.insert_slice %a into %x[%j, 0] [1, 3] [1, 1] : tensor<3xf32> into tensor<4x3xf32>
  %z = tensor.insert_slice %b into %y[%i, 0] [1, 3] [1, 1] : tensor<3xf32> into tensor<4x3xf32>
  return %z : tensor<4x3xf32>
}""",
    [array(4, 3), np.int64(1), np.int64(3)],
    lambda x, i, j: [x[[0, 3, 2, 1]]],
)

program(
    "reshapes_of_views",
    """
func.func @main(%x: tensor<4x6xf32>, %y: tensor<?x4xf32>, %shape: tensor<2xi64>)
    -> (tensor<2x2x3xf32>, tensor<12xf32>, tensor<?x?xf32>, tensor<?xf32>) {
  %s = tensor.extract_slice %x[1, 2] [2, 3] [2, 1] : tensor<4x6xf32> to tensor<2x3xf32>
  %f = tensor.collapse_shape %s [[0, 1]] : tensor<2x3xf32> into tensor<6xf32>
  %g = tensor.extract_slice %x[0, 0] [4, 3] [1, 2] : tensor<4x6xf32> to tensor<4x3xf32>
  %h = tensor.expand_shape %g [[0, 1], [2]] output_shape [2, 2, 3] : tensor<4x3xf32> into tensor<2x2x3xf32>
  %k = tensor.collapse_shape %g [[0, 1]] : tensor<4x3xf32> into tensor<12xf32>
  %l = tensor.insert_slice %f into %k[3] [6] [1] : tensor<6xf32> into tensor<12xf32>
  %m = tensor.reshape %y(%shape) : (tensor<?x4xf32>, tensor<2xi64>) -> tensor<?x?xf32>
  %n = tensor.collapse_shape %y [[0, 1]] : tensor<?x4xf32> into tensor<?xf32>
  return %h, %l, %m, %n : tensor<2x2x3xf32>, tensor<12xf32>, tensor<?x?xf32>, tensor<?xf32>
}""",
    [array(4, 6), array(3, 4), np.array([2, 6])],
    lambda x, y, shape: [
        x[:, ::2].reshape(2, 2, 3),
        np.concatenate([x[:, ::2].ravel()[:3], x[1::2, 2:5].ravel(), x[:, ::2].ravel()[9:]]),
        y.reshape(2, 6),
        y.ravel(),
    ],
)

program(
    "sums_and_products",
    """
func.func @main(%a: tensor<7x600xf32>, %b: tensor<600x5xf32>)
    -> (tensor<7x5xf32>, tensor<7xf32>, tensor<600xf32>, tensor<f32>) {
  %zero = arith.constant 0.0 : f32
  %e0 = tensor.empty() : tensor<7x5xf32>
  %f0 = linalg.fill ins(%zero : f32) outs(%e0 : tensor<7x5xf32>) -> tensor<7x5xf32>
  %m = linalg.matmul ins(%a, %b : tensor<7x600xf32>, tensor<600x5xf32>) outs(%f0 : tensor<7x5xf32>) -> tensor<7x5xf32>
  %e1 = tensor.empty() : tensor<7xf32>
  %f1 = linalg.fill ins(%zero : f32) outs(%e1 : tensor<7xf32>) -> tensor<7xf32>
  %s1 = linalg.generic {indexing_maps = [#id2, #row], iterator_types = ["parallel", "reduction"]}
      ins(%a : tensor<7x600xf32>) outs(%f1 : tensor<7xf32>) {
  ^bb0(%x: f32, %acc: f32):
    %s = arith.addf %x, %acc fastmath<reassoc> : f32
    linalg.yield %s : f32
  } -> tensor<7xf32>
  %e2 = tensor.empty() : tensor<600xf32>
  %f2 = linalg.fill ins(%zero : f32) outs(%e2 : tensor<600xf32>) -> tensor<600xf32>
  %s2 = linalg.generic {indexing_maps = [#id2, #col], iterator_types = ["reduction", "parallel"]}
      ins(%a : tensor<7x600xf32>) outs(%f2 : tensor<600xf32>) {
  ^bb0(%x: f32, %acc: f32):
    %s = arith.addf %x, %acc fastmath<reassoc> : f32
    linalg.yield %s : f32
  } -> tensor<600xf32>
  %e3 = tensor.empty() : tensor<f32>
  %f3 = linalg.fill ins(%zero : f32) outs(%e3 : tensor<f32>) -> tensor<f32>
  %s3 = linalg.generic {indexing_maps = [#id2, #all], iterator_types = ["reduction", "reduction"]}
      ins(%a : tensor<7x600xf32>) outs(%f3 : tensor<f32>) {
  ^bb0(%x: f32, %acc: f32):
    %s = arith.addf %x, %acc fastmath<reassoc> : f32
    linalg.yield %s : f32
  } -> tensor<f32>
  return %m, %s1, %s2, %s3 : tensor<7x5xf32>, tensor<7xf32>, tensor<600xf32>, tensor<f32>
}""",
    [array(7, 600), array(600, 5, seed=1)],
    lambda a, b: [a @ b, a.sum(1), a.sum(0), a.sum()],
)

program(
    "gather_by_index",
    f"""
func.func @main(%x: {T6}, %k: tensor<4xi64>) -> tensor<4xf32> {{
  %e = tensor.empty() : tensor<4xf32>
  %r = linalg.generic {{indexing_maps = [#id, #id], iterator_types = ["parallel"]}}
      ins(%k : tensor<4xi64>) outs(%e : tensor<4xf32>) {{
  ^bb0(%i: i64, %o: f32):
    %p = arith.index_cast %i : i64 to index
    %q = linalg.index 0 : index
    %v = tensor.extract %x[%p] : {T6}
    %w = tensor.extract %x[%q] : {T6}
    %s = arith.addf %v, %w : f32
    linalg.yield %s : f32
  }} -> tensor<4xf32>
  return %r : tensor<4xf32>
}}""",
    [array(6), np.array([5, 0, 0, 2])],
    lambda x, k: [x[k] + x[:4]],
)

program(
    "constants_and_scalars",
    f"""
func.func @main(%x: tensor<f32>, %c: i1) -> (tensor<f32>, tensor<2x3xf32>, {T6}) {{
  %table = arith.constant dense<[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]> : tensor<2x3xf32>
  %ones = arith.constant dense<1.0> : {T6}
  %c2 = arith.constant 2 : index
  %v = tensor.extract %x[] : tensor<f32>
  %w = arith.mulf %v, %v : f32
  %r = tensor.from_elements %w : tensor<f32>
  %l = tensor.from_elements %w, %v, %w, %v, %w, %v : {T6}
  %s = arith.select %c, %ones, %l : {T6}
  %t = tensor.insert %v into %s[%c2] : {T6}
  return %r, %table, %t : tensor<f32>, tensor<2x3xf32>, {T6}
}}""",
    [np.array(3, np.float32), np.bool_(True)],
    lambda x, c: [
        x * x,
        np.arange(1, 7, dtype=np.float32).reshape(2, 3),
        np.array([1, 1, 3, 1, 1, 1], np.float32) if c else np.array([9, 3, 3, 3, 9, 3], np.float32),
    ],
)

program(
    "recursion_and_calls",
    f"""
func.func private @power(%x: {T6}, %y: {D}, %n: index) -> ({T6}, {D}) {{
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %done = arith.cmpi eq, %n, %c0 : index
  %r:2 = scf.if %done -> ({T6}, {D}) {{
    scf.yield %x, %y : {T6}, {D}
  }} else {{
    %m = arith.subi %n, %c1 : index
    %e = tensor.empty() : {T6}
    {add("%d", "%x", "%x")}
    %q:2 = func.call @power(%d, %y, %m) : ({T6}, {D}, index) -> ({T6}, {D})
    {add("%f", "%q#0", "%d")}
    scf.yield %f, %q#1 : {T6}, {D}
  }}
  return %r#0, %r#1 : {T6}, {D}
}}
func.func @main(%x: {T6}, %y: {D}, %n: index) -> ({T6}, {D}) {{
  %r:2 = func.call @power(%x, %y, %n) : ({T6}, {D}, index) -> ({T6}, {D})
  return %r#0, %r#1 : {T6}, {D}
}}""",
    [array(6), array(2), np.int64(3)],
    lambda x, y, n: [22 * x, y],
)

program(
    "nested_loops_with_state",
    """
func.func @main(%x: tensor<3x3xf32>, %n: index) -> tensor<3x3xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %e = tensor.empty() : tensor<3x3xf32>
  %r = scf.for %i = %c0 to %n step %c1 iter_args(%t = %x) -> (tensor<3x3xf32>) {
    %in = scf.for %j = %c0 to %i step %c1 iter_args(%u = %t) -> (tensor<3x3xf32>) {
      %w = linalg.generic {indexing_maps = [#tr, #id2, #id2], iterator_types = ["parallel", "parallel"]}
          ins(%u, %t : tensor<3x3xf32>, tensor<3x3xf32>) outs(%e : tensor<3x3xf32>) {
      ^bb0(%a: f32, %b: f32, %o: f32):
        %s = arith.addf %a, %b : f32
        linalg.yield %s : f32
      } -> tensor<3x3xf32>
      scf.yield %w : tensor<3x3xf32>
    }
    scf.yield %in : tensor<3x3xf32>
  }
  return %r : tensor<3x3xf32>
}""",
    [array(3, 3), np.int64(4)],
    lambda x, n: [_nested(x, int(n))],
)


def _nested(x: Array, n: int) -> Array:
    for i in range(n):
        u = x
        for _ in range(i):
            u = u.T + x
        x = u
    return x
