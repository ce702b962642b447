"""Programs in units that are compiled apart and linked by the loader."""

from __future__ import annotations

import sys
from collections.abc import Callable

import numpy as np
import pytest
from tfc.backend import BackendError, NativeFunction, jit, units
from tfc.backend.jit import LLJITCode, emit_object
from tfc.backend.loader import LoadedCode, UnsupportedObject
from tfc.backend.target import TARGETS, host
from tfc.backend.translate import translate_module
from tfc.backend.units import Definition, cut
from xdsl.dialects.builtin import ModuleOp

METADATA = ("!0 = !{i32 1}", "!1 = distinct !{!1, !0}", "!2 = !{i32 7}")
LOOP = Definition('@"f.loop"', """\
define internal i32 @"f.loop"(i32 %x) nounwind {
entry:
 ret i32 %x
}
""", work="loops")  # fmt: skip
SMALL = Definition(
    "@tfc_two",
    "define internal i32 @tfc_two() alwaysinline {\nentry:\n ret i32 2\n}\n",
    inline=True,
)
TABLE = Definition('@"g.t"', '@"g.t" = internal constant [4 x i8] c"\\07\\00\\00\\00", align 64')
MAIN = Definition(
    "@tfc_entry",
    """\
define i32 @tfc_entry(ptr %c, ptr %w) nounwind {
entry:
 %a = load i32, ptr @"g.t"
 %b = call i32 @"f.loop"(i32 %a), !note !2
 %d = call i32 @tfc_two()
 %e = add i32 %b, %d
 ret i32 %e
}
""",
)
READER = Definition('@"f.reader"', """\
define internal i32 @"f.reader"() nounwind {
entry:
 %a = load i32, ptr @"g.t", !note !1
 ret i32 %a
}
""", work="loops")  # fmt: skip


def test_a_short_program_is_one_unit() -> None:
    [unit] = cut([TABLE, LOOP, SMALL, MAIN], METADATA)
    assert unit.work == "loops"
    assert not unit.alone


def test_functions_go_by_what_they_want_of_llvm(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(units, "TOGETHER", 0)
    short, standard = cut([TABLE, LOOP, READER, SMALL, MAIN], METADATA)
    assert short.work == "calls"
    assert standard.work == "loops"
    assert 'declare hidden i32 @"f.loop"(i32 %x) nounwind\n' in short.text
    assert '@"g.t" = hidden constant [4 x i8]' in short.text
    assert "define internal i32 @tfc_two()" in short.text
    assert short.text.endswith("!0 = !{i32 7}\n")
    assert 'define hidden i32 @"f.loop"' in standard.text
    assert 'define internal i32 @"f.reader"' in standard.text
    assert '@"g.t" = external hidden constant [4 x i8]\n' in standard.text
    assert "tfc_two" not in standard.text
    assert standard.text.endswith("!0 = distinct !{!0, !1}\n!1 = !{i32 1}\n")


def test_very_many_loops_are_not_for_the_vectoriser(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(units, "TOO_MANY", 9)
    many = [LOOP, READER, MAIN, TABLE, SMALL]
    assert {unit.work for unit in cut(many, METADATA)} == {"loops"}
    monkeypatch.setattr(units, "TOO_MANY", 8)
    assert {unit.work for unit in cut(many, METADATA)} == {"vectors"}


def test_what_is_inlined_brings_its_loops(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(units, "TOGETHER", 0)
    small = Definition(SMALL.symbol, SMALL.text, work="loops", inline=True)
    rest, program = cut([TABLE, small, MAIN], METADATA)
    assert "tfc_entry" in program.text
    assert program.work == "loops"
    assert rest.work == "calls"


def test_functions_that_differ_in_their_names_only_are_one() -> None:
    def function(name: str, callee: str, node: int) -> Definition:
        text = f"define internal i32 {name}(i32 %x) {{\n %a = call i32 {callee}(i32 %x), !note !{node}\n ret i32 %a\n}}\n"
        return Definition(name, text)

    metadata = (
        "!0 = !{i32 1}",
        "!1 = distinct !{!1, !0}",
        "!2 = distinct !{!2, !0}",
        "!3 = !{i32 7}",
    )
    names = ['@"f.a"', '@"f.b"', '@"f.c"', '@"f.loop"']
    a, b, c, loop = names
    leaves = [function(a, loop, 1), function(b, loop, 2), function(c, loop, 3)]
    callers = [function(f'@"p.{k}"', name, 0) for k, name in enumerate((a, b, c))]
    kept = units.merged([LOOP, *callers, *leaves], metadata)
    assert [d.symbol for d in kept] == [loop, '@"p.0"', '@"p.2"', a, c]
    assert a in kept[1].text


@pytest.mark.parametrize("linker", [LoadedCode, lambda *images: LLJITCode(images, ("tfc_entry",))])
def test_units_are_linked(
    monkeypatch: pytest.MonkeyPatch, linker: Callable[..., LoadedCode]
) -> None:
    import ctypes

    monkeypatch.setattr(units, "TOGETHER", 0)
    monkeypatch.setattr(units, "ALONE", 1)
    text = MAIN.text.replace(", !note !2", "").replace("@tfc_two", '@"f.reader"')
    main = Definition(MAIN.symbol, text)
    reader = Definition(READER.symbol, READER.text.replace(", !note !1", ""), work="vectors")
    parts = cut([TABLE, LOOP, reader, main], METADATA)
    assert [unit.work for unit in parts] == ["calls", "loops", "kernels"]
    code = linker(*(jit.emit_unit(unit, host()) for unit in parts))
    entry = ctypes.CFUNCTYPE(ctypes.c_int32, ctypes.c_void_p, ctypes.c_void_p)
    assert entry(code.address("tfc_entry"))(None, None) == 14


@pytest.mark.parametrize("name", ["x86-64-v3", "aarch64"])
def test_units_of_other_machines_are_placed(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    from tfc.backend import loader

    monkeypatch.setattr(units, "TOGETHER", 0)
    monkeypatch.setattr(loader, "_protect", lambda *arguments: None)
    main = Definition(MAIN.symbol, MAIN.text.replace(", !note !2", ""))
    parts = cut([TABLE, LOOP, SMALL, main], METADATA)
    images = [emit_object(unit.text, TARGETS[name]) for unit in parts]
    together = LoadedCode(*images)
    assert together.address("f.loop") != together.address("tfc_entry")
    with pytest.raises(UnsupportedObject, match=r"f\.loop"):
        LoadedCode(images[0])


def test_a_unit_that_stands_alone_is_compiled_once(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[str] = []
    original = jit._emit_unit

    def spy(unit: units.Unit, target: object) -> bytes:
        made.append(unit.text)
        return original(unit, host())

    monkeypatch.setattr(jit, "_emit_unit", spy)
    monkeypatch.setattr(jit, "_kept", {})
    unit = units.Unit("define hidden i32 @f() {\n ret i32 9\n}\n", work="vectors", alone=True)
    first = jit.emit_unit(unit, host())
    assert jit.emit_unit(unit, host()) is first
    jit._kept.clear()
    assert jit.emit_unit(unit, host()) == first  # from the disk
    assert len(made) == 1
    jit.emit_unit(units.Unit(unit.text, work="vectors"), host())
    assert len(made) == 2


def test_units_made_side_by_side_are_those_made_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    def unit(number: int) -> units.Unit:
        lines = "".join(f" %v{k + 1} = mul i32 %v{k}, {k + number}\n" for k in range(9 * number))
        return units.Unit(
            f"define i32 @f{number}(i32 %v0) {{\n{lines} ret i32 %v{9 * number}\n}}\n", "vectors"
        )

    program = [unit(number) for number in range(1, 9)]
    monkeypatch.setattr(jit, "threads", lambda: 3)
    assert jit.emit_units(program, host()) == tuple(jit.emit_unit(u, host()) for u in program)
    wrong = units.Unit("define i32 @f() {\n", "calls")
    with pytest.raises(BackendError, match="LLVM does not accept"):
        jit.emit_units([*program, wrong], host())


def test_threads_that_take_the_last_unit(monkeypatch: pytest.MonkeyPatch) -> None:
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    monkeypatch.setattr(jit, "threads", lambda: 4)
    monkeypatch.setattr(jit, "emit_unit", lambda unit, target: unit.text.encode())
    program = [units.Unit(text, "calls") for text in "abcdefg"]
    try:
        for _ in range(300):
            assert b"".join(jit.emit_units(program, host())) == b"abcdefg"
    finally:
        sys.setswitchinterval(interval)


PARALLEL = """
"memref.global"() <{sym_name = "weights", sym_visibility = "private", constant, type = memref<4xf32>,
    initial_value = dense<[1.0, 2.0, 3.0, 4.0]> : tensor<4xf32>}> : () -> ()
func.func @main(%x: memref<4xf32>, %y: memref<4xf32> {tfc.result = 0 : i64}) {
  %c0 = arith.constant 0 : index
  %c4 = arith.constant 4 : index
  func.call @body(%c0, %c4, %x, %y) {tfc.parallel_grain = 1 : i64} : (index, index, memref<4xf32>, memref<4xf32>) -> ()
  return
}
func.func private @body(%lo: index, %hi: index, %x: memref<4xf32>, %y: memref<4xf32>) {
  %c1 = arith.constant 1 : index
  %w = memref.get_global @weights : memref<4xf32>
  cf.br ^head(%lo : index)
^head(%k: index):
  %more = arith.cmpi slt, %k, %hi : index
  cf.cond_br %more, ^body, ^done
^body:
  %a = memref.load %x[%k] : memref<4xf32>
  %b = memref.load %w[%k] : memref<4xf32>
  %c = func.call @product(%a, %b) : (f32, f32) -> f32
  memref.store %c, %y[%k] : memref<4xf32>
  %next = arith.addi %k, %c1 : index
  cf.br ^head(%next : index)
^done:
  return
}
func.func private @product(%a: f32, %b: f32) -> f32 {
  %c = arith.mulf %a, %b : f32
  return %c : f32
}
"""


COUNT = """
func.func @main(%ids: memref<9xindex>, %x: memref<9xf32>, %y: memref<9xf32> {tfc.result = 0 : i64}) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c9 = arith.constant 9 : index
  cf.br ^head(%c0 : index)
^head(%k: index):
  %more = arith.cmpi slt, %k, %c9 : index
  cf.cond_br %more, ^body, ^done
^body:
  %id = memref.load %ids[%k] : memref<9xindex>
  %a = memref.load %x[%k] : memref<9xf32>
  memref.store %a, %y[WHERE] : memref<9xf32>
  %next = arith.addi %k, %c1 : index
  cf.br ^head(%next : index)
^done:
  return
}
"""


@pytest.mark.parametrize(("where", "work"), [("%k", "loops"), ("%id", "vectors")])
def test_what_scatters_is_not_for_the_vectoriser(
    parse: Callable[[str], ModuleOp], where: str, work: str
) -> None:
    [unit] = translate_module(parse(COUNT.replace("WHERE", where))).units()
    assert unit.work == work


@pytest.mark.parametrize("alone", [1, 10, 1000])
def test_a_program_in_units(
    native: Callable[[str], NativeFunction], monkeypatch: pytest.MonkeyPatch, alone: int
) -> None:
    monkeypatch.setattr(units, "TOGETHER", 0)
    monkeypatch.setattr(units, "ALONE", alone)
    run = native(PARALLEL)
    assert len(run.artifact.images) > 1
    [y] = run([np.array([1, 1, 2, 2], np.float32)])
    np.testing.assert_array_equal(y, [1, 2, 6, 8])


COLUMN = """
func.func @main(%x: memref<8x8xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c8 = arith.constant 8 : index
  %value = arith.constant 2.0 : f32
  cf.br ^head(%c0 : index)
^head(%k: index):
  %more = arith.cmpi slt, %k, %c8 : index
  cf.cond_br %more, ^body, ^done
^body:
  READ
  memref.store %value, %x[%k, %c0] : memref<8x8xf32>
  %next = arith.addi %k, %c1 : index
  cf.br ^head(%next : index)
^done:
  return
}
"""


@pytest.mark.parametrize(
    ("read", "work"),
    [("", "vectors"), ("%a = memref.load %x[%k, %c1] : memref<8x8xf32>", "loops")],
)
def test_a_column_that_is_filled_is_no_work_for_the_vectoriser(
    parse: Callable[[str], ModuleOp], read: str, work: units.Work
) -> None:
    definitions = translate_module(parse(COLUMN.replace("READ", read))).definitions
    assert {d.symbol: d.work for d in definitions}['@"f.main"'] == work
