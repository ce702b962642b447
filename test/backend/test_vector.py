"""The vector dialect: each op on loaded vectors against NumPy."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest
from tfc.backend import BackendError, NativeFunction

Native = Callable[..., NativeFunction]
Shape = tuple[int, ...]

NAMES = {"float32": "f32", "int32": "i32", "bool": "i1", "int64": "i64", "float64": "f64"}


def memref(array: np.ndarray) -> str:
    return f"memref<{''.join(f'{n}x' for n in array.shape)}{NAMES[str(array.dtype)]}>"


def vector(shape: Shape, name: str) -> str:
    return f"vector<{'x'.join(map(str, shape))}x{name}>" if shape else f"vector<{name}>"


def program(inputs: Sequence[np.ndarray], outputs: Sequence[np.ndarray], body: str) -> str:
    """A function that loads each input as the vector `%v<k>`, does `body`, and stores `%o<k>`."""
    arguments = [f"%a{k}: {memref(x)}" for k, x in enumerate(inputs)]
    arguments += [f"%r{k}: {memref(x)} {{tfc.result = {k} : i64}}" for k, x in enumerate(outputs)]
    lines = ["%c0 = arith.constant 0 : index"]

    def move(kind: str, value: str, base: str, x: np.ndarray) -> str:
        zeros = ["%c0"] * x.ndim
        type_ = vector(x.shape, NAMES[str(x.dtype)])
        indices = "".join(f", {z}" for z in zeros)
        types = ", index" * x.ndim
        if kind == "load":
            return f'{value} = "vector.load"({base}{indices}) : ({memref(x)}{types}) -> {type_}'
        return f'"vector.store"({value}, {base}{indices}) : ({type_}, {memref(x)}{types}) -> ()'

    lines += [move("load", f"%v{k}", f"%a{k}", x) for k, x in enumerate(inputs)]
    lines.append(body)
    lines += [move("store", f"%o{k}", f"%r{k}", x) for k, x in enumerate(outputs)]
    text = "\n  ".join(lines)
    return f"func.func @main({', '.join(arguments)}) {{\n  {text}\n  return\n}}"


def run(native: Native, inputs: Sequence[np.ndarray], outputs: Sequence[Any], body: str) -> None:
    expected = [np.asarray(x) for x in outputs]
    got = native(program(inputs, expected, body))(list(inputs))
    for a, b in zip(got, expected, strict=True):
        np.testing.assert_array_equal(a, b)


def numbers(*shape: int) -> np.ndarray:
    return np.arange(np.prod(shape), dtype=np.float32).reshape(shape) + 1


def test_load_and_store_of_rows(native: Native) -> None:
    for shape in [(1,), (8,), (4, 8), (2, 3, 4)]:
        x = numbers(*shape)
        run(native, [x], [x], f"%o0 = arith.addf %v0, %z : {vector(shape, 'f32')}".replace(
            "%o0 =", f"%z = arith.constant dense<-0.0> : {vector(shape, 'f32')}\n  %o0 =", 1
        ))  # fmt: skip


def test_masks_lie_in_bytes(native: Native) -> None:
    x = np.array([True, False, True, True])
    run(native, [x, x[::-1].copy()], [x & x[::-1]], "%o0 = arith.andi %v0, %v1 : vector<4xi1>")


@pytest.mark.parametrize(
    ("source", "target"),
    [((4,), (3, 4)), ((1,), (4,)), ((3, 1), (3, 4)), ((2, 1, 4), (2, 3, 4)), ((1, 4), (3, 4))],
)
def test_broadcast(native: Native, source: Shape, target: Shape) -> None:
    x = numbers(*source)
    types = f"({vector(source, 'f32')}) -> {vector(target, 'f32')}"
    run(native, [x], [np.broadcast_to(x, target)], f'%o0 = "vector.broadcast"(%v0) : {types}')


def test_broadcast_scalar(native: Native) -> None:
    body = """
    %s = vector.extract %v0[2] : f32 from vector<4xf32>
    %o0 = vector.broadcast %s : f32 to vector<2x8xf32>
    """
    run(native, [numbers(4)], [np.full((2, 8), 3, np.float32)], body)


@pytest.mark.parametrize("shape", [(2, 2), (4, 4), (8, 8), (4, 8), (8, 4), (3, 5), (1, 4), (4, 1)])
def test_transpose(native: Native, shape: Shape) -> None:
    x = numbers(*shape)
    types = f"({vector(shape, 'f32')}) -> {vector(shape[::-1], 'f32')}"
    body = f'%o0 = "vector.transpose"(%v0) <{{permutation = array<i64: 1, 0>}}> : {types}'
    run(native, [x], [x.T], body)


def test_transpose_of_three_dimensions(native: Native) -> None:
    x = numbers(2, 3, 4)
    for order in [(1, 0, 2), (2, 0, 1), (0, 2, 1), (2, 1, 0)]:
        expected = x.transpose(order)
        types = f"(vector<2x3x4xf32>) -> {vector(expected.shape, 'f32')}"
        listed = ", ".join(map(str, order))
        body = f'%o0 = "vector.transpose"(%v0) <{{permutation = array<i64: {listed}>}}> : {types}'
        run(native, [x], [expected], body)


@pytest.mark.parametrize(
    ("source", "target"), [((4, 8), (32,)), ((32,), (4, 8)), ((4, 6), (8, 3)), ((2, 3, 4), (6, 4))]
)
def test_shape_cast(native: Native, source: Shape, target: Shape) -> None:
    x = numbers(*source)
    types = f"({vector(source, 'f32')}) -> {vector(target, 'f32')}"
    run(native, [x], [x.reshape(target)], f'%o0 = "vector.shape_cast"(%v0) : {types}')


def test_strided_slices(native: Native) -> None:
    x, y = numbers(4, 8), -numbers(2, 3)
    expected = x.copy()
    expected[1:3, 5:8] = y
    body = """
    %o0 = "vector.extract_strided_slice"(%v0) <{offsets = [1, 2], sizes = [2, 4], strides = [1, 1]}>
        : (vector<4x8xf32>) -> vector<2x4xf32>
    %o1 = "vector.insert_strided_slice"(%v1, %v0) <{offsets = [1, 5], strides = [1, 1]}>
        : (vector<2x3xf32>, vector<4x8xf32>) -> vector<4x8xf32>
    %o2 = "vector.extract_strided_slice"(%v0) <{offsets = [3], sizes = [1], strides = [1]}>
        : (vector<4x8xf32>) -> vector<1x8xf32>
    """
    run(native, [x, y], [x[1:3, 2:6], expected, x[3:]], body)


def test_extract_and_insert(native: Native) -> None:
    x, row = numbers(3, 4), -numbers(4)
    with_row, with_scalar = x.copy(), x.copy()
    with_row[1] = row
    with_scalar[2, 3] = -4
    body = """
    %o0 = vector.extract %v0[1] : vector<4xf32> from vector<3x4xf32>
    %o1 = vector.insert %v1, %v0[1] : vector<4xf32> into vector<3x4xf32>
    %i = arith.constant 3 : index
    %s = vector.extract %v1[%i] : f32 from vector<4xf32>
    %o2 = vector.insert %s, %v0[2, 3] : f32 into vector<3x4xf32>
    """
    run(native, [x, row], [x[1], with_row, with_scalar], body)


def test_elements(native: Native) -> None:
    body = """
    %e:4 = "vector.to_elements"(%v0) : (vector<2x2xf32>) -> (f32, f32, f32, f32)
    %o0 = "vector.from_elements"(%e#3, %e#2, %e#1, %e#0) : (f32, f32, f32, f32) -> vector<2x2xf32>
    """
    x = numbers(2, 2)
    run(native, [x], [x.reshape(-1)[::-1].reshape(2, 2)], body)


def test_shuffle_interleave(native: Native) -> None:
    a, b = numbers(4), -numbers(4)
    body = """
    %o0 = vector.shuffle %v0, %v1 [0, 7, 3, 4, 1] : vector<4xf32>, vector<4xf32>
    %o1 = "vector.interleave"(%v0, %v1) : (vector<4xf32>, vector<4xf32>) -> vector<8xf32>
    %o2, %o3 = "vector.deinterleave"(%o1) : (vector<8xf32>) -> (vector<4xf32>, vector<4xf32>)
    """
    both = np.concatenate([a, b])
    woven = np.stack([a, b], 1).reshape(-1)
    run(native, [a, b], [both[[0, 7, 3, 4, 1]], woven, a, b], body)


@pytest.mark.parametrize("size", [-3, 0, 1, 5, 8, 100])
def test_masked_access(native: Native, size: int) -> None:
    text = """
    func.func @main(%x: memref<8xf32>, %n: memref<i64>, %r: memref<8xf32> {tfc.variable}) {
      %c0 = arith.constant 0 : index
      %k = memref.load %n[] : memref<i64>
      %i = arith.index_cast %k : i64 to index
      %mask = vector.create_mask %i : vector<8xi1>
      %other = arith.constant dense<9.0> : vector<8xf32>
      %v = vector.maskedload %x[%c0], %mask, %other
          : memref<8xf32>, vector<8xi1>, vector<8xf32> into vector<8xf32>
      %w = arith.addf %v, %v : vector<8xf32>
      vector.maskedstore %r[%c0], %mask, %w : memref<8xf32>, vector<8xi1>, vector<8xf32>
      return
    }
    """
    x, r = numbers(8), np.zeros(8, np.float32)
    native(text)([x, np.array(size), r])
    np.testing.assert_array_equal(r, np.where(np.arange(8) < size, 2 * x, 0))


def test_mask_of_two_dimensions(native: Native) -> None:
    body = """
    %n = arith.constant 2 : index
    %m = arith.constant 3 : index
    %o0 = vector.create_mask %n, %m : vector<3x4xi1>
    %o1 = "vector.constant_mask"() <{mask_dim_sizes = array<i64: 1, 4>}> : () -> vector<3x4xi1>
    """
    expected, constant = np.zeros((3, 4), bool), np.zeros((3, 4), bool)
    expected[:2, :3] = True
    constant[:1] = True
    run(native, [numbers(4)], [expected, constant], body)


def test_gather_and_scatter(native: Native) -> None:
    text = """
    func.func @main(%x: memref<?x4xf32>, %at: memref<4xi32>, %m: memref<4xi1>,
        %r: memref<4xf32> {tfc.result = 0 : i64}, %s: memref<?x4xf32> {tfc.variable}) {
      %c0 = arith.constant 0 : index
      %c1 = arith.constant 1 : index
      %i = vector.load %at[%c0] : memref<4xi32>, vector<4xi32>
      %mask = vector.load %m[%c0] : memref<4xi1>, vector<4xi1>
      %other = arith.constant dense<-1.0> : vector<4xf32>
      %g = "vector.gather"(%x, %c1, %c1, %i, %mask, %other) : (memref<?x4xf32>, index, index,
          vector<4xi32>, vector<4xi1>, vector<4xf32>) -> vector<4xf32>
      vector.store %g, %r[%c0] : memref<4xf32>, vector<4xf32>
      "vector.scatter"(%s, %c0, %c0, %i, %mask, %g) : (memref<?x4xf32>, index, index,
          vector<4xi32>, vector<4xi1>, vector<4xf32>) -> ()
      return
    }
    """
    x = numbers(5, 4)
    at = np.array([0, 7, -5, 3], np.int32)
    mask = np.array([True, True, True, False])
    at = np.where(at < 0, at + 5, at).astype(np.int32)
    s = np.zeros((5, 4), np.float32)
    [got] = native(text)([x, at, mask, s])
    expected = np.where(mask, x.reshape(-1)[at + 5], -1).astype(np.float32)
    np.testing.assert_array_equal(got, expected)
    flat = np.zeros(20, np.float32)
    flat[at[mask]] = expected[mask]
    np.testing.assert_array_equal(s.reshape(-1), flat)


REDUCTIONS = {
    "add": (np.sum, "i32"), "mul": (np.prod, "i32"), "and": (np.bitwise_and.reduce, "i32"),
    "or": (np.bitwise_or.reduce, "i32"), "xor": (np.bitwise_xor.reduce, "i32"), "minsi": (np.min, "i32"),
    "maxsi": (np.max, "i32"), "maximumf": (np.max, "f32"), "minimumf": (np.min, "f32"),
    "maxnumf": (np.nanmax, "f32"), "minnumf": (np.nanmin, "f32"),
}  # fmt: skip


@pytest.mark.parametrize("kind", REDUCTIONS)
def test_reduction(native: Native, kind: str) -> None:
    meaning, name = REDUCTIONS[kind]
    x = (
        np.array([3, -7, 12, 5], np.int32)
        if name == "i32"
        else np.array([3, np.nan, -2, 5], np.float32)
    )
    expected = np.full(1, meaning(x), x.dtype)
    joined = np.full(1, meaning(np.append(x, x[:1])), x.dtype)
    body = f"""
    %a = vector.reduction <{kind}>, %v0 : vector<4x{name}> into {name}
    %s = vector.extract %v0[0] : {name} from vector<4x{name}>
    %b = "vector.reduction"(%v0, %s) <{{kind = #vector.kind<{kind}>}}>
        : (vector<4x{name}>, {name}) -> {name}
    %o0 = vector.broadcast %a : {name} to vector<1x{name}>
    %o1 = vector.broadcast %b : {name} to vector<1x{name}>
    """
    run(native, [x], [expected, joined], body)


def test_float_sum(native: Native) -> None:
    body = """
    %s = vector.extract %v0[0] : f32 from vector<8xf32>
    %a = vector.reduction <add>, %v0, %s : vector<8xf32> into f32
    %b = "vector.reduction"(%v0) <{kind = #vector.kind<mul>, fastmath = #arith.fastmath<reassoc>}>
        : (vector<8xf32>) -> f32
    %o0 = vector.broadcast %a : f32 to vector<1xf32>
    %o1 = vector.broadcast %b : f32 to vector<1xf32>
    """
    x = numbers(8)
    run(native, [x], [np.float32([37]), np.float32([40320])], body)


def test_fma_bitcast_step(native: Native) -> None:
    x = numbers(2, 4)
    body = """
    %o0 = vector.fma %v0, %v0, %v0 : vector<2x4xf32>
    %o1 = vector.bitcast %v0 : vector<2x4xf32> to vector<2x4xi32>
    %s = "vector.step"() : () -> vector<4xindex>
    %last = vector.extract %s[3] : index from vector<4xindex>
    %word = arith.index_cast %last : index to i32
    %o2 = vector.broadcast %word : i32 to vector<1xi32>
    """
    run(native, [x], [x * x + x, x.view(np.int32), np.int32([3])], body)


@pytest.mark.parametrize("start", [0, 2, 5])
def test_transfers(native: Native, start: int) -> None:
    text = """
    func.func @main(%x: memref<?x?xf32>, %at: memref<i64>, %r: memref<4x4xf32> {tfc.result = 0 : i64},
        %s: memref<?x?xf32> {tfc.variable}) {
      %c0 = arith.constant 0 : index
      %c1 = arith.constant 1 : index
      %k = memref.load %at[] : memref<i64>
      %i = arith.index_cast %k : i64 to index
      %pad = arith.constant -1.0 : f32
      %v = vector.transfer_read %x[%c1, %i], %pad : memref<?x?xf32>, vector<4x4xf32>
      vector.transfer_write %v, %r[%c0, %c0] {in_bounds = [true, true]} : vector<4x4xf32>, memref<4x4xf32>
      vector.transfer_write %v, %s[%c1, %i] : vector<4x4xf32>, memref<?x?xf32>
      return
    }
    """
    x = numbers(3, 6)
    s = np.zeros((3, 6), np.float32)
    padded = np.full((10, 12), -1, np.float32)
    padded[:3, :6] = x
    [got] = native(text)([x, np.array(start), s])
    np.testing.assert_array_equal(got, padded[1:5, start : start + 4])
    expected = np.zeros((3, 6), np.float32)
    expected[1:, start : start + 4] = x[1:, start : start + 4]
    np.testing.assert_array_equal(s, expected)


def test_tile_carried_around_a_loop(native: Native) -> None:
    """A register tile: rows of a vector of rank 2 as loop-carried values."""
    text = """
    func.func @main(%x: memref<8x4xf32>, %r: memref<2x4xf32> {tfc.result = 0 : i64}) {
      %c0 = arith.constant 0 : index
      %c2 = arith.constant 2 : index
      %c8 = arith.constant 8 : index
      %z = arith.constant dense<0.0> : vector<2x4xf32>
      cf.br ^head(%c0, %z : index, vector<2x4xf32>)
    ^head(%i: index, %acc: vector<2x4xf32>):
      %more = arith.cmpi slt, %i, %c8 : index
      cf.cond_br %more, ^body, ^done
    ^body:
      %v = vector.load %x[%i, %c0] : memref<8x4xf32>, vector<2x4xf32>
      %sum = arith.addf %acc, %v : vector<2x4xf32>
      %j = arith.addi %i, %c2 : index
      cf.br ^head(%j, %sum : index, vector<2x4xf32>)
    ^done:
      vector.store %acc, %r[%c0, %c0] : memref<2x4xf32>, vector<2x4xf32>
      return
    }
    """
    x = numbers(8, 4)
    [got] = native(text)([x])
    np.testing.assert_array_equal(got, x.reshape(4, 2, 4).sum(0))


def test_what_is_not_translated_is_named(llvm_ir: Callable[[str], str]) -> None:
    text = "func.func @main(%x: f32) {\n  %y = math.exp %x : f32\n  return\n}"
    with pytest.raises(BackendError, match=r"math\.exp.*expand-math"):
        llvm_ir(text)
    with pytest.raises(BackendError, match=r"tfc\.strange"):
        llvm_ir('func.func @main() {\n  "tfc.strange"() : () -> ()\n  return\n}')
