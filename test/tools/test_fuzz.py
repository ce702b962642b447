"""Damaged input never ends in a traceback: valid modules with tokens dropped, doubled, swapped or replaced, and raw bytes."""

import re
import sys

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lit_runner import run_command
from tfc.tools import source
from tfc.tools.diagnostics import Diagnostic

SEEDS = (
    """\
func.func @main(%x: tensor<?x4xf32>, %c: tensor<i1>) -> tensor<?x4xf32> {
  %k = arith.constant dense<[1.0, 2.0, 3.0, 4.0]> : tensor<4xf32>
  %p = tensor.extract %c[] : tensor<i1>
  %z = scf.if %p -> (tensor<?x4xf32>) {
    %a = tfc.add %x, %k : (tensor<?x4xf32>, tensor<4xf32>) -> tensor<?x4xf32>
    scf.yield %a : tensor<?x4xf32>
  } else {
    scf.yield %x : tensor<?x4xf32>
  }
  func.return %z : tensor<?x4xf32>
}
""",
    """\
#id = affine_map<(d0) -> (d0)>
func.func @main(%x: tensor<4xf32>, %e: tensor<4xf32>) -> tensor<4xf32> {
  %y = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]}
      ins(%x : tensor<4xf32>) outs(%e : tensor<4xf32>) {
  ^bb0(%a: f32, %b: f32):
    %s = math.exp %a : f32
    linalg.yield %s : f32
  } -> tensor<4xf32>
  func.return %y : tensor<4xf32>
}
""",
    """\
func.func @main(%m: memref<4xf32>, %n: index) {
  %0 = arith.constant 0 : index
  cf.br ^bb1(%0 : index)
^bb1(%i: index):
  %l = arith.cmpi slt, %i, %n : index
  cf.cond_br %l, ^bb2, ^bb3
^bb2:
  %v = memref.load %m[%i] : memref<4xf32>
  memref.store %v, %m[%i] : memref<4xf32>
  %1 = arith.addi %i, %n : index
  cf.br ^bb1(%1 : index)
^bb3:
  func.return
}
""",
)
TOKEN = re.compile(r"\s+|[\w.%@^#!?]+|\S")
OTHERS = (
    "{",
    "}",
    "(",
    ")",
    "%x",
    "%9",
    "^bb1",
    "f32",
    "index",
    "tensor<",
    ">",
    ",",
    "-1",
    '"',
    "//",
    "é",
    "\0",
    "loc(",
)


@st.composite
def damaged(draw: st.DrawFn) -> str:
    tokens = TOKEN.findall(draw(st.sampled_from(SEEDS)))
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(tokens) - 1))
        how = draw(st.sampled_from(("drop", "double", "swap", "replace", "cut")))
        if how == "drop":
            del tokens[at]
        elif how == "double":
            tokens.insert(at, tokens[at])
        elif how == "swap":
            other = draw(st.integers(0, len(tokens) - 1))
            tokens[at], tokens[other] = tokens[other], tokens[at]
        elif how == "replace":
            tokens[at] = draw(st.sampled_from(OTHERS))
        else:
            del tokens[at:]
        if not tokens:
            break
    return "".join(tokens)


def verdict(text: str, *arguments: str) -> None:
    code, output, errors = run_command(["%tfc-opt", *arguments], text)
    assert code in (0, 1)
    assert (code == 1) == bool(errors), errors
    if code:
        assert output == ""
        assert ": error: [TFC30" in errors


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(damaged())
def test_damaged_modules(text: str):
    verdict(text)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(damaged(), st.sampled_from(["linalg", "loops", "cf"]))
def test_damaged_modules_through_the_passes(text: str, stage: str):
    """What still verifies goes through the passes: their pre-conditions may fail, with a diagnostic."""
    verdict(text, "--stage", stage)


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=200))
def test_bytes(data: bytes):
    from tfc.dialects.context import make_context

    try:
        text = data.decode()
    except UnicodeDecodeError:
        return
    try:
        source.parse_source(source.Source("bytes", text), make_context())
    except Diagnostic as error:
        assert str(error).startswith("bytes:")


def test_deep_nesting_leaves_the_recursion_limit_alone():
    before = sys.getrecursionlimit()
    with pytest.raises(Diagnostic, match="nested too deeply"):
        from tfc.dialects.context import make_context

        text = '"test.op"() (' + '{"test.op"() (' * 2000
        source.parse_source(source.Source("deep", text), make_context())
    assert sys.getrecursionlimit() == before
