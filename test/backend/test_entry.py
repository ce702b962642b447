"""Arguments, results and failures of a native call."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from tfc.backend import Artifact, ArtifactError, BackendError, ExecutionFailed, NativeFunction, load
from tfc.backend.artifact import MAGIC

Native = Callable[..., NativeFunction]

ADD_ONE = """
func.func @main(%x: memref<?xf32>) -> memref<?xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %one = arith.constant 1.0 : f32
  %n = memref.dim %x, %c0 : memref<?xf32>
  %y = memref.alloc(%n) : memref<?xf32>
  cf.br ^head(%c0 : index)
^head(%k: index):
  %in = arith.cmpi slt, %k, %n : index
  cf.cond_br %in, ^body, ^done
^body:
  %v = memref.load %x[%k] : memref<?xf32>
  %w = arith.addf %v, %one : f32
  memref.store %w, %y[%k] : memref<?xf32>
  %k1 = arith.addi %k, %c1 : index
  cf.br ^head(%k1 : index)
^done:
  return %y : memref<?xf32>
}
"""

STATIC = """
func.func @main(%x: memref<4xf32>, %y: memref<4xf32> {tfc.result = 0 : i64}) {
  %c2 = arith.constant 2 : index
  %v = memref.load %x[%c2] : memref<4xf32>
  "memref.copy"(%x, %y) : (memref<4xf32>, memref<4xf32>) -> ()
  memref.store %v, %y[%c2] : memref<4xf32>
  return
}
"""

UPDATE = """
func.func @main(%v: memref<3xi64> {tfc.variable}, %x: memref<i64>) {
  %c1 = arith.constant 1 : index
  %a = memref.load %v[%c1] : memref<3xi64>
  %b = memref.load %x[] : memref<i64>
  %c = arith.addi %a, %b : i64
  memref.store %c, %v[%c1] : memref<3xi64>
  return
}
"""

CHECKED = """
func.func private @tfc_report(i64, i64)
func.func @main(%i: memref<i64>, %n: memref<i64>) -> memref<?xi64> {
  %a = memref.load %i[] : memref<i64>
  %b = memref.load %n[] : memref<i64>
  %size = arith.index_cast %b : i64 to index
  %y = memref.alloc(%size) : memref<?xi64>
  %ok = arith.cmpi slt, %a, %b : i64
  cf.cond_br %ok, ^fine, ^bad
^bad:
  func.call @tfc_report(%a, %b) : (i64, i64) -> ()
  cf.br ^fine
^fine:
  cf.assert %ok, "TFC201|train.py:12:4|index {0} is out of range for axis of size {1}"
  return %y : memref<?xi64>
}
"""


@pytest.mark.parametrize("size", [0, 1, 2, 7, 33, 1000, 300_000])
def test_unknown_sizes(native: Native, size: int) -> None:
    x = np.arange(size, dtype=np.float32)
    [y] = native(ADD_ONE)([x])
    np.testing.assert_array_equal(y, x + 1)
    assert y.dtype == np.float32
    y[...] = 0  # the result is the caller's


def test_static_result(native: Native) -> None:
    x = np.array([1, 2, np.nan, -0.0], np.float32)
    function = native(STATIC)
    [y] = function([x])
    np.testing.assert_array_equal(y, x)
    assert not function.artifact.uses_runtime


def test_update_in_place(native: Native) -> None:
    function = native(UPDATE)
    v = np.array([1, 2, 3])
    assert function([v, np.array(40)]) == []
    np.testing.assert_array_equal(v, [1, 42, 3])
    assert function.artifact.entry.updates == (0,)


def test_failed_assert(native: Native) -> None:
    function = native(CHECKED)
    [y] = function([np.array(4), np.array(5)])
    assert y.shape == (5,)
    for _ in range(3):
        with pytest.raises(
            ExecutionFailed, match="index 7 is out of range for axis of size 5"
        ) as e:
            function([np.array(7), np.array(5)])
        assert e.value.values[:2] == (7, 5)
        assert e.value.text.startswith("TFC201|train.py:12:4|")


def test_out_of_memory(native: Native) -> None:
    with pytest.raises(MemoryError):
        native(
            ADD_ONE.replace("memref.alloc(%n)", "memref.alloc(%huge)").replace(
                "%one = arith", "%huge = arith.constant 4611686018427387905 : index\n  %one = arith"
            )
        )([np.zeros(4, np.float32)])


def test_artifact_round_trip(native: Native) -> None:
    artifact = native(CHECKED).artifact
    again = Artifact.from_bytes(artifact.to_bytes())
    assert again == artifact
    assert load(again)([np.array(1), np.array(2)])[0].shape == (2,)


def test_damaged_artifact(native: Native) -> None:
    data = native(STATIC).artifact.to_bytes()
    for cut in [0, 5, 12, 40, 200]:
        with pytest.raises(ArtifactError):
            load(Artifact.from_bytes(data[:cut]))
    for header in [
        b"(" * 3000,
        b"-" * 100000 + b"1",
        b"[" * 90 + b"-" * 5000 + b"1",
        b"\xff",
        b"{}",
    ]:
        with pytest.raises(ArtifactError, match="damaged header"):
            Artifact.from_bytes(MAGIC + len(header).to_bytes(8, "little") + header)
    whole = native(STATIC).artifact
    [image] = whole.images
    for cut in [10, 64, 100, len(image) // 2, len(image) - 8]:
        broken = Artifact((image[:cut],), whole.entry, (), {}, whole.target, False)
        with pytest.raises(BackendError):
            load(broken)


def test_other_target() -> None:
    artifact = Artifact((), native_signature(), (), {}, "elsewhere", False)
    with pytest.raises(ArtifactError, match="compiled for elsewhere"):
        load(artifact)


def native_signature():
    from tfc.backend.signature import EntrySignature

    return EntrySignature((), ())
