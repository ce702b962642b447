"""`tfc-opt`: options and output."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from lit_runner import run_command
from mlir import mlir_opt
from tfc.passes.registry import PASSES

MODULE = """\
func.func @f(%x: tensor<4xf32>) -> tensor<4xf32> {
  %y = tfc.negative %x : (tensor<4xf32>) -> tensor<4xf32>
  func.return %y : tensor<4xf32>
}
"""


def opt(*arguments: str, given: str = MODULE) -> str:
    code, output, errors = run_command(["%tfc-opt", *arguments], given)
    assert code == 0, errors
    return output


def test_reads_standard_input_and_prints_what_it_read():
    once = opt()
    assert "tfc.negative %x" in once
    assert opt(given=once) == once


def test_writes_a_file(tmp_path: Path):
    target = tmp_path / "out.mlir"
    assert opt("-o", str(target)) == ""
    assert target.read_text() == opt()


def test_help_names_every_pass_with_a_line():
    text = opt("--help")
    for name, summary in PASSES.items():
        assert re.search(rf"^ +{name} +{re.escape(summary)}$", text, re.MULTILINE)
    assert re.search(r"^ +fuse-elementwise .*\n +max-inputs=32$", text, re.MULTILINE)
    assert opt("--list-passes") in text + "\n"


def test_pieces_of_a_file_are_processed_one_by_one():
    bad = MODULE.replace("tfc.negative %x", "tfc.negative %z")
    given = MODULE + "// -----\n" + bad + "// -----\n" + MODULE
    code, output, errors = run_command(["%tfc-opt", "--split-input-file"], given)
    assert code == 1
    assert output.count("tfc.negative") == 2
    assert output.count("// -----") == 1
    assert errors.startswith("<stdin>:7:21: error: [TFC302] use of undefined value '%z'")


def test_generic_form_and_locations():
    assert '"tfc.negative"(%x)' in opt("--print-op-generic")
    assert 'loc("<stdin>":2:3)' in opt("--print-debuginfo")
    assert "loc(" not in opt()


def test_locations_survive_lowering():
    text = opt("-p", "convert-tfc-to-linalg", "--print-debuginfo")
    assert 'loc("<stdin>":2:3)' in text


def test_printing_between_passes_and_timing_leave_the_output_alone():
    plain = opt("-p", "convert-tfc-to-linalg")
    code, output, errors = run_command(
        ["%tfc-opt", "-p", "convert-tfc-to-linalg", "--print-between-passes", "--timing"], MODULE
    )
    assert (code, output) == (0, plain)
    assert "IR after convert-tfc-to-linalg" in errors
    assert plain.strip() in errors
    assert re.search(r"^convert-tfc-to-linalg +\d+\.\d+ ms", errors, re.MULTILINE)


def test_what_was_fused_is_told_apart_from_the_output():
    plain = opt("--stage", "loops")
    code, output, errors = run_command(["%tfc-opt", "--stage", "loops", "--print-fusion"], MODULE)
    assert (code, output) == (0, plain)
    assert errors == "nothing to fuse\n"


def test_a_stage_is_reached_from_whatever_stage_the_module_is_in():
    linalg = opt("--stage", "linalg")
    assert "tfc." not in linalg
    assert "linalg.generic" in linalg
    assert opt("--stage", "linalg", given=linalg) == linalg
    code, _, errors = run_command(["%tfc-opt", "--stage", "tensor"], linalg)
    assert code == 1
    assert "stage 'tensor' comes before 'linalg'" in errors


def test_output_is_accepted_upstream():
    done = mlir_opt(opt("-p", "convert-tfc-to-linalg"))
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("text", "code", "part"),
    [
        ("// expected-error@+1 {{undefined value '%z'}}\n", 0, ""),
        ("// expected-error@below {{undefined}}\n", 0, ""),
        ("// expected-error@+2 {{undefined}}\n\n", 0, ""),
        ("// expected-error@+1 {{something else}}\n", 1, "unexpected error"),
        ("// expected-error@+2 {{undefined}}\n", 1, "was not produced"),
        ("", 1, "unexpected error"),
    ],
)
def test_expected_errors(text: str, code: int, part: str):
    given = text + '"test.op"(%z) : (f32) -> ()\n'
    got, output, errors = run_command(["%tfc-opt", "--verify-diagnostics"], given)
    assert (got, output) == (code, "")
    assert part in errors


def test_expected_errors_that_do_not_come():
    given = "// expected-error@+1 {{undefined}}\n" + MODULE
    code, _, errors = run_command(["%tfc-opt", "--verify-diagnostics"], given)
    assert code == 1
    assert errors == "<stdin>:2: expected error was not produced: undefined\n"


def test_listing_passes_loads_no_compiler():
    program = (
        "import sys; from tfc.tools.opt import main; main(['--list-passes']);"
        "assert not {'tfc.backend.llvm', 'llvmlite'} & set(sys.modules), 'loaded'"
    )
    subprocess.run([sys.executable, "-c", program], check=True, capture_output=True)


@pytest.mark.parametrize(
    "arguments",
    [
        ["--canonicalize", "--cse", "--to-linalg", "--fuse-elementwise=max-inputs=1"],
        [
            "--pass-pipeline=builtin.module(canonicalize, func.func(cse),to-linalg,fuse-elementwise{max-inputs=1})"
        ],
        ["-p", "canonicalize,cse", "--to-linalg", "-p", "fuse-elementwise{max-inputs=1}"],
    ],
)
def test_passes_are_named_as_mlir_does_too(arguments: list[str]):
    given = MODULE.replace("%y = ", "%z = tfc.exp %x : (tensor<4xf32>) -> tensor<4xf32>\n  %y = ")
    given = given.replace("negative %x", "negative %z")
    plain = "canonicalize,cse,to-linalg,fuse-elementwise"
    assert opt(*arguments, given=given) == opt("-p", plain + "{max-inputs=1}", given=given)
    assert opt(*arguments, given=given).count("linalg.generic") == 1


@pytest.mark.parametrize(
    ("option", "part"),
    [
        ("max-inputs=foo", "max-inputs=foo, expected a number from 0 on"),
        ("max-inputs=-4", "max-inputs=-4, expected a number from 0 on"),
        ("max-inputs", "max-inputs=, expected a number from 0 on"),
        (
            "max-input=4",
            "fuse-elementwise has no option 'max-input'\nnote: its options: max-inputs=32",
        ),
    ],
)
def test_options_that_are_wrong(option: str, part: str):
    code, output, errors = run_command(["%tfc-opt", "-p", f"fuse-elementwise{{{option}}}"], MODULE)
    assert (code, output) == (1, "")
    assert part in errors


def test_an_op_that_is_not_valid_is_named_once():
    bad = MODULE.replace("-> tensor<4xf32>", "-> tensor<3xf32>").replace(
        "%y : tensor<4", "%y : tensor<3"
    )
    code, output, errors = run_command(["%tfc-opt"], bad)
    assert (code, output) == (1, "")
    assert errors.startswith("<stdin>:2:3: error: [TFC110] 'tfc.negative' op: result types do not")
    assert errors.count("tfc.negative") == 2  # the message, and the line
    bare = "%y = tfc.reduce_sum %x : (tensor<4xf32>) -> tensor<f32>\n"
    code, _, errors = run_command(
        ["%tfc-opt"], f"func.func @f(%x: tensor<4xf32>) {{\n  {bare}  func.return\n}}"
    )
    assert code == 1
    assert "missing attributes: 'axes', 'keepdims'" in errors


def test_a_file_that_is_no_module():
    code, output, errors = run_command(["%tfc-opt"], "# A page\n")
    assert (code, output) == (1, "")
    assert "Expected suffix identifier after '#'" in errors
    assert "note: expected a module" in errors


def test_a_reader_that_goes_away_is_no_error_message():
    command = f"{sys.executable} -m tfc.tools.opt | head -c 1"
    done = subprocess.run(
        command, shell=True, input=MODULE * 1, capture_output=True, text=True, check=False
    )
    assert done.stderr == ""
