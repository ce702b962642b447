"""The disk cache with damaged entries; the loader against LLVM's own linker; loading without LLVM."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from tfc.backend import NativeFunction, cache
from tfc.backend.jit import LLJITCode, emit_object
from tfc.backend.loader import LoadedCode, UnsupportedObject

Native = Callable[..., NativeFunction]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TFC_CACHE_DIR", str(tmp_path / "cache"))
    return tmp_path / "cache" / "tfc"


def test_round_trip(folder: Path) -> None:
    name = cache.key("a", b"b")
    assert cache.load(name) is None
    cache.store(name, b"data" * 100)
    assert cache.load(name) == b"data" * 100
    assert cache.key("a", b"b") == name != cache.key("ab", b"")
    assert os.stat(folder).st_mode & 0o777 == 0o700
    assert not list(folder.glob(".new-*"))


def test_damaged_entries_are_misses(folder: Path) -> None:
    name = cache.key("x")
    cache.store(name, b"x" * 1000)
    whole = (folder / name).read_bytes()
    damaged = [
        b"",
        b"tf",
        whole[:20],
        whole[:-1],
        whole + b"y",
        b"#!/bin/sh\n" + whole,
        bytes(2000),
    ]
    damaged += [whole[:500] + b"?" + whole[501:]]
    for data in damaged:
        (folder / name).write_bytes(data)
        assert cache.load(name) is None
    cache.store(name, b"again")
    assert cache.load(name) == b"again"
    (folder / name).unlink()
    (folder / name).mkdir()
    assert cache.load(name) is None
    cache.store(name, b"cannot")  # no error


def test_the_folder_may_be_a_link_and_entries_may_not(folder: Path, tmp_path: Path) -> None:
    name = cache.key("x")
    cache.store(name, b"x")
    os.rename(folder, tmp_path / "real")
    os.symlink(tmp_path / "real", folder)
    assert cache.directory() == str(tmp_path / "real")
    assert cache.load(name) == b"x"
    os.rename(folder / name, tmp_path / "elsewhere")
    os.symlink(tmp_path / "elsewhere", folder / name)
    assert cache.load(name) is None


@pytest.mark.skipif(not hasattr(os, "getuid"), reason="there are no modes")
@pytest.mark.parametrize("is_link", [False, True])
def test_what_others_may_write_to_is_refused_as_it_is(
    folder: Path, tmp_path: Path, is_link: bool
) -> None:
    real = tmp_path / "real" if is_link else folder
    real.mkdir(parents=True)
    real.chmod(0o777)
    if is_link:
        folder.parent.mkdir()
        folder.symlink_to(real)
    with pytest.warns(RuntimeWarning, match=f"{real} can be written to by others"):
        assert cache.directory() is None
    cache.store(cache.key("x"), b"x")  # once is enough
    assert real.stat().st_mode & 0o777 == 0o777
    assert not list(real.iterdir())


def test_a_folder_that_holds_more_than_the_cache(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is beside the cache's own files is neither changed nor counted, whatever its age."""
    folder.parent.mkdir()
    folder.parent.chmod(0o777)
    name = cache.key("x")
    cache.store(name, bytes(1000))
    others = [folder / text for text in ("thesis.txt", ".new-york", "a" * 39, name + ".bak")]
    for path in [*others, folder / ".new-1-0123456789abcdef"]:
        path.write_bytes(bytes(2000))
        os.utime(path, (1, 1))
    monkeypatch.setenv("TFC_CACHE_LIMIT", "1500")
    cache.sweep(folder)
    assert sorted(folder.iterdir()) == sorted([*others, folder / name])
    assert folder.parent.stat().st_mode & 0o777 == 0o777


def test_an_entry_under_another_name_is_a_miss(folder: Path) -> None:
    cache.store(cache.key("x"), b"x")
    os.rename(folder / cache.key("x"), folder / cache.key("y"))
    assert cache.load(cache.key("y")) is None


def test_off(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TFC_CACHE", "0")
    cache.store(cache.key("x"), b"x")
    assert cache.load(cache.key("x")) is None
    assert not folder.exists()


def test_least_recently_used_goes_first(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for k in range(10):
        cache.store(cache.key(str(k)), bytes(1000))
        os.utime(folder / cache.key(str(k)), (1000 + k, 1000 + k))
    os.utime(folder / cache.key("0"), (5000, 5000))
    monkeypatch.setenv("TFC_CACHE_LIMIT", "5500")
    cache.sweep(folder)
    left = [k for k in range(10) if cache.load(cache.key(str(k))) is not None]
    assert left == [0, 6, 7, 8, 9]


LIBRARY = """
@table = internal constant [4 x double] [double 1.0, double 2.0, double 3.0, double 4.0]
@pointers = internal constant [2 x ptr] [ptr @one, ptr @two]
@counter = internal global i32 5
declare double @fmod(double, double)
define internal i32 @one() noinline {
  %c = load volatile i32, ptr @counter
  %d = add i32 %c, 1
  store volatile i32 %d, ptr @counter
  ret i32 %d
}
define internal i32 @two() noinline { ret i32 2 }
define i32 @tfc_entry(ptr %context, ptr %words) {
  %i = load volatile i64, ptr %words
  %p = getelementptr [2 x ptr], ptr @pointers, i64 0, i64 %i
  %f = load ptr, ptr %p
  %r = call i32 %f()
  %q = getelementptr [4 x double], ptr @table, i64 0, i64 %i
  %d = load double, ptr %q
  %m = call double @fmod(double %d, double 1.5)
  %out = getelementptr double, ptr %words, i64 1
  store double %m, ptr %out
  %to = getelementptr i8, ptr %words, i64 16
  %n = add i64 %i, 64
  call void @llvm.memset.p0.i64(ptr %to, i8 7, i64 %n, i1 false)
  ret i32 %r
}
"""


def enter(code: LoadedCode | LLJITCode, index: int) -> tuple[int, bytes]:
    import ctypes

    words = ctypes.create_string_buffer(200)
    words[:8] = index.to_bytes(8, "little")
    entry = ctypes.CFUNCTYPE(ctypes.c_int32, ctypes.c_void_p, ctypes.c_void_p)(
        code.address("tfc_entry")
    )
    return entry(None, ctypes.addressof(words)), words.raw


def test_loader_and_linker_agree() -> None:
    """Constants, tables of pointers, data, library calls."""
    image = emit_object(LIBRARY)
    mine, theirs = LoadedCode(image), LLJITCode([image], ("tfc_entry",))
    for index in (0, 1, 0, 0):
        assert enter(mine, index) == enter(theirs, index)


def test_unknown_symbol_is_left_to_the_linker() -> None:
    text = (
        "declare void @no_such_function_anywhere()\n"
        "define i32 @tfc_entry(ptr %c, ptr %w) {\n"
        "  call void @no_such_function_anywhere()\n"
        "  ret i32 0\n"
        "}"
    )
    with pytest.raises(UnsupportedObject, match="no_such_function_anywhere"):
        LoadedCode(emit_object(text))


def resolved(code: bytes, base: int, at: int) -> int:
    """What the `adrp` at `at` and the instruction behind it that uses its register point to."""
    word = int.from_bytes(code[at : at + 4], "little")
    pages = (word >> 5 & 0x7FFFF) << 2 | word >> 29 & 3
    pages -= (pages & 1 << 20) << 1
    page = ((base + at) >> 12 << 12) + (pages << 12)
    following = int.from_bytes(code[at + 4 : at + 8], "little")
    low = following >> 10 & 0xFFF
    scale = 0 if following >> 24 & 0x3B == 0x11 else following >> 30  # add, else a load
    return page + (low << scale)


def test_aarch64_relocations(monkeypatch: pytest.MonkeyPatch) -> None:
    """Placed on any machine, not run: page and offset of each pair must meet a known address."""
    import struct

    from tfc.backend import loader
    from tfc.backend.target import TARGETS

    seen: list[tuple[int, int, int]] = []
    original = loader._aarch64_relocate

    def spy(memory, at, address, kind, symbols, index, addend):
        original(memory, at, address, kind, symbols, index, addend)
        table = symbols.slot(index) if kind in (311, 312) else 0
        seen.append((kind, at, table or symbols.addresses[index] + addend))
        if kind in (282, 283):
            word = struct.unpack("<I", memory[at : at + 4])[0]
            distance = (word & 0x3FFFFFF) - ((word & 0x2000000) << 1)
            assert address + 4 * distance == symbols.callable(index) + addend

    monkeypatch.setattr(loader, "_aarch64_relocate", spy)
    monkeypatch.setattr(loader, "_protect", lambda *arguments: None)
    code = LoadedCode(emit_object(LIBRARY, TARGETS["aarch64"]))
    anchor, memory = code._memory
    import ctypes

    base = ctypes.addressof(anchor)
    assert {kind for kind, _, _ in seen} >= {257, 275, 283}
    pairs = 0
    for kind, at, target in seen:
        if kind not in (275, 311):
            continue
        low = next((k for k, a, t in seen if a == at + 4 and t == target), None)
        if low is not None:
            assert resolved(memory[:], base, at) == target
            pairs += 1
    assert pairs


START = """
import sys
from pathlib import Path
import numpy as np
from tfc.backend import Artifact, load
function = load(Artifact.from_bytes(Path(sys.argv[1]).read_bytes()))
y, = function([np.arange(5, dtype=np.float32)])
assert y.tolist() == [1, 2, 3, 4, 5], y
"""
WARM = f"""{START}
assert not {{"tfc.backend.llvm", "llvmlite", "xdsl"}} & set(sys.modules), sorted(sys.modules)
"""


def test_warm_start_loads_neither_llvm_nor_xdsl(native: Native, tmp_path: Path) -> None:
    text = """
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
    function = native(text)
    path = tmp_path / "program"
    path.write_bytes(function.artifact.to_bytes())
    for program in (START, WARM):  # this process may have its runtime from another folder
        subprocess.run([sys.executable, "-c", program, str(path)], check=True)


def test_floats_that_need_the_library(native: Native) -> None:
    text = """
    func.func @main(%x: memref<4xf64>, %r: memref<4xf64> {tfc.result = 0 : i64}) {
      %c0 = arith.constant 0 : index
      %a = vector.load %x[%c0] : memref<4xf64>, vector<4xf64>
      %b = arith.constant dense<0.7> : vector<4xf64>
      %c = "arith.remf"(%a, %b) : (vector<4xf64>, vector<4xf64>) -> vector<4xf64>
      vector.store %c, %r[%c0] : memref<4xf64>, vector<4xf64>
      return
    }
    """
    x = np.array([1.0, -5.5, 1e300, 0.3])
    np.testing.assert_array_equal(native(text)([x])[0], np.fmod(x, 0.7))
