"""The text of the LLVM IR: what the numbers do not show."""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np
import pytest
from tfc.backend import BackendError, NativeFunction
from tfc.backend.jit import emit_assembly, emit_optimised
from tfc.backend.target import TARGETS

ToLlvm = Callable[[str], str]
Native = Callable[..., NativeFunction]


def loop(body: str, attributes: str = "", n: int = 1000) -> str:
    """A counted loop over %i around `body`."""
    return f"""
      %c0 = arith.constant 0 : index
      %c1 = arith.constant 1 : index
      %n = arith.constant {n} : index
      cf.br ^head(%c0 : index)
    ^head(%i: index):
      %in = arith.cmpi slt, %i, %n : index
      cf.cond_br %in, ^body, ^done
    ^body:
      {body}
      %next = arith.addi %i, %c1 : index
      cf.br ^head(%next : index) {attributes}
    ^done:
    """


ARENA = """
func.func @main(%x: memref<1000xf32>, %r: memref<1000xf32> {tfc.result = 0 : i64}) {
  %arena = memref.alloc() : memref<12288xi8>
  %o0 = arith.constant 0 : index
  %o1 = arith.constant 4096 : index
  %o2 = arith.constant OFFSET : index
  %a = "memref.view"(%arena, %o0) : (memref<12288xi8>, index) -> memref<1000xf32>
  %b = "memref.view"(%arena, %o1) : (memref<12288xi8>, index) -> memref<1000xf32>
  %c = "memref.view"(%arena, %o2) : (memref<12288xi8>, index) -> memref<4xf32>
  LOOP
  memref.copy %b, %r : memref<1000xf32> to memref<1000xf32>
  memref.dealloc %arena : memref<12288xi8>
  return
}
""".replace(
    "memref.copy %b, %r : memref<1000xf32> to memref<1000xf32>",
    '"memref.copy"(%b, %r) : (memref<1000xf32>, memref<1000xf32>) -> ()',
)

ARENA_BODY = """
  %u = memref.load %x[%i] : memref<1000xf32>
  memref.store %u, %a[%i] : memref<1000xf32>
  %v = memref.load %a[%i] : memref<1000xf32>
  %s = memref.load %c[%c1] : memref<4xf32>
  %w = arith.addf %v, %s : f32
  memref.store %w, %b[%i] : memref<1000xf32>
"""


def arena(offset: int) -> str:
    return ARENA.replace("OFFSET", str(offset)).replace("LOOP", loop(ARENA_BODY))


def test_views_that_do_not_meet_are_vectorised_without_checks(llvm_ir: ToLlvm) -> None:
    text = llvm_ir(arena(8192))
    assert text.count("!alias.scope") == 4
    optimised = emit_optimised(text, TARGETS["x86-64-v3"])
    assert "vector.body" in optimised
    assert "vector.memcheck" not in optimised


def test_views_that_share_bytes_say_nothing_of_each_other(llvm_ir: ToLlvm) -> None:
    text = llvm_ir(arena(4096))
    scopes = re.findall(r"^!(\d+) = distinct !\{!\1, !\d+\}$", text, re.M)
    lists = dict(re.findall(r"^!(\d+) = !\{((?:!\d+(?:, )?)+)\}$", text, re.M))
    accesses = set(re.findall(r"!alias.scope !(\d+), !noalias !(\d+)", text))
    pairs = {(lists[a], other) for a, b in accesses for other in lists[b].split(", ")}
    # a is apart from b and from c; b and c overlap.
    assert len(scopes) == 3
    assert len(pairs) == 4
    first = {a for a, b in pairs if sum(a == p for p, _ in pairs) == 2}
    assert len(first) == 1


def test_scopes_stay_linear(llvm_ir: ToLlvm) -> None:
    """A thousand views in one loop: the metadata does not grow with their square."""
    views = "\n".join(
        f"%o{k} = arith.constant {k * 64} : index\n"
        f'%w{k} = "memref.view"(%arena, %o{k}) : (memref<64000xi8>, index) -> memref<16xf32>\n'
        f"%z{k} = memref.load %w{k}[%c0] : memref<16xf32>"
        for k in range(1000)
    )
    text = llvm_ir(
        "func.func @main() {\n %arena = memref.alloc() : memref<64000xi8>\n"
        + loop(views)
        + "memref.dealloc %arena : memref<64000xi8>\n return }"
    )
    assert len(text) < 400_000


def test_loop_hints(llvm_ir: ToLlvm) -> None:
    body = "%u = memref.load %x[%i] : memref<1000xf32>\n memref.store %u, %r[%i] : memref<1000xf32>"
    hints = "{tfc.interleave = 2 : i64, tfc.unroll = 1 : i64}"
    text = llvm_ir(
        "func.func @main(%x: memref<1000xf32>, %r: memref<1000xf32> {tfc.result = 0 : i64}) {"
        + loop(body, hints)
        + "return }"
    )
    assert re.search(r"br label %b1, !llvm.loop !\d+", text)
    for expected in (
        '!"llvm.loop.interleave.count", i32 2',
        '!"llvm.loop.unroll.disable"',
    ):
        assert expected in text
    assert "vectorize.enable" not in text  # with which LLVM prints a warning where it cannot


def test_arguments_of_main_do_not_alias(llvm_ir: ToLlvm) -> None:
    text = llvm_ir(
        "func.func private @f(%x: memref<4xf32>, %y: memref<4xf32> {llvm.noalias}) { return }\n"
        "func.func @main(%x: memref<4xf32>, %y: memref<4xf32>) {\n"
        "  func.call @f(%x, %y) : (memref<4xf32>, memref<4xf32>) -> ()\n  return }"
    )
    assert re.search(r'@"f.main"\(.*ptr noalias .*ptr noalias ', text)
    assert re.search(r'@"f.f"\([^)]*ptr noundef align 4 %a0, ptr noalias noundef', text)


STENCIL = """
func.func @main(%x: memref<1000xf32>, %r: memref<1000xf32> {tfc.result = 0 : i64}) {
LOOP
  return
}
""".replace(
    "LOOP",
    loop(
        "%u = memref.load %x[%i] : memref<1000xf32>\n"
        "%v = arith.mulf %u, %u : f32\n"
        "memref.store %v, %r[%i] : memref<1000xf32>"
    ),
)


@pytest.mark.parametrize(
    ("target", "register"),
    [("x86-64-v2", "xmm"), ("x86-64-v3", "ymm"), ("x86-64-v4", "zmm"), ("aarch64", r"v\d+\.4s")],
)
def test_widest_vectors_of_each_target(llvm_ir: ToLlvm, target: str, register: str) -> None:
    assert re.search(register, emit_assembly(llvm_ir(STENCIL), TARGETS[target]))


def test_wasm_assembly(llvm_ir: ToLlvm) -> None:
    assert "f32x4.mul" in emit_assembly(llvm_ir(STENCIL), TARGETS["wasm32"])


def test_symbols_without_body(llvm_ir: ToLlvm) -> None:
    with pytest.raises(BackendError, match="@elsewhere"):
        llvm_ir(
            "func.func private @elsewhere()\n"
            "func.func @main() {\n  func.call @elsewhere() : () -> ()\n  return }"
        )


def test_select_on_what_is_random(llvm_ir: ToLlvm) -> None:
    text = """
    func.func @main(%x: memref<i64>, %r: memref<i64> {tfc.result = 0 : i64}) {
      %v = memref.load %x[] : memref<i64>
      %zero = arith.constant 0 : i64
      %more = arith.cmpi sgt, %v, %zero : i64
      %out = arith.select %more, %v, %zero HINT : i64
      memref.store %out, %r[] : memref<i64>
      return
    }
    """
    assert "!unpredictable" in llvm_ir(text.replace("HINT", "{tfc.unpredictable}"))
    assert "!unpredictable" not in llvm_ir(text.replace("HINT", ""))


def test_switch_and_shared_targets(native: Native) -> None:
    """Two edges from one block to the same target with different values."""
    text = """
    func.func @main(%x: memref<i64>, %r: memref<i64> {tfc.result = 0 : i64}) {
      %v = memref.load %x[] : memref<i64>
      %a = arith.constant 10 : i64
      %b = arith.constant 20 : i64
      %c = arith.constant 30 : i64
      %flag = arith.trunci %v : i64 to i32
      cf.switch %flag : i32, [
        default: ^join(%a : i64),
        1: ^join(%b : i64),
        2: ^other,
        -3: ^join(%c : i64)
      ]
    ^other:
      %zero = arith.constant 0 : i64
      %big = arith.cmpi sgt, %v, %zero : i64
      cf.cond_br %big, ^join(%v : i64), ^join(%zero : i64)
    ^join(%out: i64):
      memref.store %out, %r[] : memref<i64>
      return
    }
    """
    function = native(text)
    for value, expected in [(0, 10), (1, 20), (2, 2), (-3, 30), (99, 10)]:
        assert function([np.array(value)])[0] == expected
