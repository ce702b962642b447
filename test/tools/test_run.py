"""`tfc-run` and `tfc-translate`: modules of every stage, arguments, results, errors."""

from pathlib import Path

import numpy as np
import pytest
from lit_runner import run_command
from tfc.backend.target import TARGETS

MODULE = """\
func.func @main(%x: tensor<?x4xf32>, %y: tensor<4xui8>) -> (tensor<?x4xf32>, tensor<4xui8>) {
  %z = tfc.multiply %x, %x : (tensor<?x4xf32>, tensor<?x4xf32>) -> tensor<?x4xf32>
  %w = tfc.negative %y : (tensor<4xui8>) -> tensor<4xui8>
  func.return %z, %w : tensor<?x4xf32>, tensor<4xui8>
}
"""
ASSERTION = """\
func.func private @tfc_report(i64, i64)
func.func @main(%n: memref<i64>) {
  %0 = arith.constant 0 : i64
  %x = memref.load %n[] : memref<i64>
  func.call @tfc_report(%x, %0) : (i64, i64) -> ()
  %ok = arith.cmpi sge, %x, %0 : i64
  cf.assert %ok, "TFC201|train.py:12:4|index {0} is out of range"
  func.return
}
"""


def run(tool: str, *arguments: str, given: str = MODULE) -> str:
    code, output, errors = run_command([f"%tfc-{tool}", *arguments], given)
    assert code == 0, errors
    return output


def failure(tool: str, *arguments: str, given: str = MODULE) -> str:
    code, output, errors = run_command([f"%tfc-{tool}", *arguments], given)
    assert (code, output) == (1, "")
    assert "Traceback" not in errors
    return errors


def test_numbers_as_arguments():
    text = run("run", "-", "[[1, 2, 3, 4]]", "[1, 2, 3, 255]")
    assert (
        text == "result 0: 1x4xf32\n[[ 1.,  4.,  9., 16.]]\nresult 1: 4xui8\n[255, 254, 253,   1]\n"
    )


def test_files_as_arguments_and_results(tmp_path: Path):
    x = np.random.default_rng(1).normal(size=(3, 4)).astype(np.float32)
    np.save(tmp_path / "x.npy", x)
    out = [str(tmp_path / "z.npy"), str(tmp_path / "w.npy")]
    printed = run("run", "-", str(tmp_path / "x.npy"), "7", "-o", out[0], "-o", out[1])
    assert printed == ""
    np.testing.assert_array_equal(np.load(out[0]), x * x)
    w = np.load(out[1])
    assert w.dtype == np.uint8
    np.testing.assert_array_equal(w, np.full(4, 249, np.uint8))


@pytest.mark.parametrize("stage", ["tensor", "linalg", "loops", "cf"])
def test_every_stage_runs_to_the_same_numbers(stage: str):
    module = run("opt", "--stage", stage)
    text = run("run", "-", "[[1, 2, 3, 4], [5, 6, 7, -8]]", "1", given=module)
    assert "\n[[ 1.,  4.,  9., 16.],\n [25., 36., 49., 64.]]\n" in text


def test_scalars_are_arrays_of_rank_0():
    scalars = """\
func.func @main(%b: i1, %n: index, %x: bf16, %m: tensor<?xf32>) -> (tensor<?xf32>, i1, index, bf16) {
  cf.assert %b, "TFC205||%b is false"
  %y = arith.addf %x, %x : bf16
  func.return %m, %b, %n, %y : tensor<?xf32>, i1, index, bf16
}
"""
    words = ("3", "2.5", "[1, 2]")
    text = run("run", "-", "True", *words, given=scalars)
    labels = ["result 0: 2xf32", "result 1: i1", "result 2: i64", "result 3: bf16"]
    assert text.splitlines() == [
        labels[0],
        "[1., 2.]",
        labels[1],
        "True",
        labels[2],
        "3",
        labels[3],
        "5",
    ]
    assert "%b is false" in failure("run", "-", "False", *words, given=scalars)


def test_functions_are_expanded_outside_of_loops_too():
    text = "func.func @main(%x: f32) -> f32 {\n  %y = math.exp %x : f32\n  func.return %y : f32\n}"
    assert run("run", "-", "0", given=text) == "1.\n"


def test_structured_ops_on_buffers():
    text = """\
func.func @main(%a: memref<2x3xf32>, %s: memref<3xf32> {tfc.updated}) {
  linalg.generic {indexing_maps = [affine_map<(k, j) -> (k, j)>, affine_map<(k, j) -> (j)>],
                  iterator_types = ["reduction", "parallel"]}
      ins(%a : memref<2x3xf32>) outs(%s : memref<3xf32>) {
  ^bb0(%x: f32, %sum: f32):
    %t = arith.addf %sum, %x : f32
    linalg.yield %t : f32
  }
  func.return
}
"""
    assert run("run", "-", "2", "1", given=text) == "[5., 5., 5.]\n"


def test_vectors_are_no_arguments():
    text = "func.func @main(%x: vector<4xf32>) {\n  func.return\n}"
    assert "expected a memref" in failure("run", "-", "zeros", given=text)


def test_an_entry_is_chosen():
    module = MODULE.replace("@main", "@f")
    assert run("run", "-", "zeros:1x4", "0", given=module).endswith("i8\n[0, 0, 0, 0]\n")
    both = module + MODULE.replace("tfc.multiply", "tfc.add")
    assert run("run", "-", "[[3, 3, 3, 3]]", "0", given=both).count("[[6.,") == 1
    assert run("run", "-", "--entry", "f", "[[3, 3, 3, 3]]", "0", given=both).count("[[9.,") == 1


def test_repeating_prints_a_time():
    code, _, errors = run_command(
        ["%tfc-run", "-", "random:2x4", "random", "--repeat", "3"], MODULE
    )
    assert code == 0
    assert errors.startswith("best of 3: ")


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        ([], "takes 2 arguments, got 0\nnote: expected: ?x4xf32, 4xi8"),
        (["random", "1"], "does not give the sizes of ?x4xf32"),
        (["random:2x5", "1"], "does not give the sizes of ?x4xf32"),
        (["[1, 2]", "1"], "has shape (2,), expected ?x4xf32"),
        (["zeros:1x4", "[1, 2]"], "has shape (2,), expected 4xi8"),
        (["zeros:1x4", "print()"], "argument 1 ('print()') is not an array"),
        (["zeros:1x4", "foo"], "is not an array: expected a number"),
        (["zeros:1x4", "1 + 1"], "is not an array: expected a number"),
        (["zeros:1x4", "none.npy"], "cannot be read"),
        (["[[1, 2e50, 3, 4]]", "1"], "2e+50 is no float32"),
        (["zeros:1x4", "3.7"], "3.7 is no uint8"),
        (["zeros:1x4", "256"], "256 is no uint8"),
        (["zeros:1x4", "nan"], "nan is no uint8"),
        (["zeros:1x4", "[1, [2]]"], "lists differ in length or depth"),
        (["zeros:1xfoo", "1"], "'1xfoo' in 'zeros:1xfoo' gives no sizes"),
        (["random:99999999999999x4", "1"], "does not fit into memory: 1.6e+15 bytes"),
        (["zeros:1x4", "1", "-o", "r.txt"], "saved as .npy, not 'r.txt'"),
        (["zeros:1x4", "1", "-o", "a.npy", "-o", "b.npy", "-o", "c.npy"], "3 files for 2 results"),
        (["zeros:1x4", "1", "--repeat=-3"], "'-3' is not a number of times"),
        (["zeros:1x4", "0", "--entry", "g"], "no function is called @g"),
    ],
)
def test_wrong_arguments(arguments: list[str], part: str):
    assert part in failure("run", "-", *arguments)


def test_nan_infinity_and_ones_are_arguments():
    text = run("run", "-", "[[nan, inf, -inf, 1]]", "ones")
    assert text.split("\n")[1::2][:2] == ["[[nan, inf, inf,  1.]]", "[255, 255, 255, 255]"]


def test_a_bool_is_0_or_1():
    text = "func.func @main(%x: tensor<2xi1>) -> tensor<2xi1> {\n  func.return %x : tensor<2xi1>\n}"
    assert run("run", "-", "[1, False]", given=text) == "[ True, False]\n"
    assert "7 is no bool" in failure("run", "-", "7", given=text)


def test_pickles_are_not_loaded(tmp_path: Path):
    np.save(tmp_path / "x.npy", np.array([{}], object), allow_pickle=True)
    assert "cannot be read" in failure("run", "-", "zeros:1x4", str(tmp_path / "x.npy"))


def test_a_failed_assertion_shows_its_line():
    assert run("run", "-", "3", given=ASSERTION) == ""
    errors = failure("run", "-", "-3", given=ASSERTION)
    assert errors == "train.py:12:4: error: [TFC201] index -3 is out of range\n"


@pytest.mark.parametrize(
    "key",
    [
        "('x', 1, 2, 3)",
        "x",
        "(" * 500,
        "('linalg.x', 'tfc.cholesky', (), ('float32',))",
        "('errors', 'tfc.cholesky', (), ('float32',))",
        "('linalg', 'tfc.no_op', (), ('float32',))",
        "('linalg', 'tfc.cholesky', (), ('object',))",
        "('python', [], (), ())",
    ],
)
def test_a_malformed_key_of_a_host_function(key: str):
    text = f'builtin.module attributes {{tfc.host_calls = ["{key}"]}} {{\n{MODULE}}}'
    error = failure("run", "-", "random:3x4", "[1, 2, 3, 4]", given=text)
    assert "[TFC307] no key of a function is" in error


def test_no_function():
    assert "there is no function @main" in failure("run", "-", given="builtin.module {}")


def test_llvm_ir():
    assert "define" in run("translate")
    assert "target triple" in run("translate", "--emit", "llvm-opt")


@pytest.mark.parametrize(
    ("target", "instruction"),
    [
        ("x86-64-v2", "mulps"),
        ("x86-64-v3", "vmulps"),
        ("x86-64-v4", "zmm"),
        ("aarch64", "fmul"),
        ("wasm32", "f32x4.mul"),
    ],
)
def test_assembly_of_other_machines(target: str, instruction: str):
    assert set(TARGETS) >= {target}
    assert instruction in run("translate", "--emit", "asm", "--target", target)


def test_object_files(tmp_path: Path):
    target = tmp_path / "m.o"
    assert run("translate", "--emit", "obj", "-o", str(target)) == ""
    assert target.read_bytes()[:4] == b"\x7fELF"
    assert "name a file with -o" in failure("translate", "--emit", "obj")


def test_what_cannot_be_translated_is_named():
    module = 'func.func @main() {\n  "test.op"() : () -> ()\n  func.return\n}\n'
    assert "test.op" in failure("translate", given=module)
