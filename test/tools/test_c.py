"""Programs called from C: the header, the symbols, statuses, and the page that explains it."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from lit_runner import run_command

COMPILER = shutil.which("cc")
PAGE = Path(__file__).resolve().parents[2] / "docs" / "c.md"
FLAGS = ["-std=c11", "-Wall", "-Wextra", "-Werror"]

SCALE = """\
func.func @main(%x: tensor<2x3xf32>, %s: tensor<3xui8> {tfc.variable})
    -> (tensor<2x3xf32>, tensor<3xui8> {tfc.updates = 1 : i64}) {
  %y = tfc.add %x, %x : (tensor<2x3xf32>, tensor<2x3xf32>) -> tensor<2x3xf32>
  %t = tfc.add %s, %s : (tensor<3xui8>, tensor<3xui8>) -> tensor<3xui8>
  func.return %y, %t : tensor<2x3xf32>, tensor<3xui8>
}
"""
BOTH = r"""
#include <stdio.h>
#include "layer.h"
#include "scale.h"

int main(void) {
  const tfc_context *context = tfc_malloc_context();
  float x[6] = {1, 2, 3, 4, 5, 6}, y[6], n[2] = {0, 0}, *z;
  uint8_t s[3] = {1, 2, 200};
  int64_t size;
  if (scale_call(context, x, s, y, NULL)) return 1;
  if (layer_call(context, y, 6, n, &z, &size, NULL)) return 1;
  printf("%g %g %lld %d %d\n", y[5], z[5], (long long)size, s[0], s[2]);
  context->free(z);
  return 0;
}
"""


def translate(*arguments: str, given: str) -> str:
    code, output, errors = run_command(["%tfc-translate", *arguments], given)
    assert code == 0, errors
    return output


def blocks() -> tuple[str, str]:
    """The module and the C program of the page."""
    text = PAGE.read_text()
    module = "\n".join(
        re.findall(r"^    (func\.func @main.*?\n    func\.func private.*?)$", text, re.M | re.S)
    )
    program = re.search(r"```c\n(.*?)```", text, re.S)
    assert program
    return module, program[1]


def build(folder: Path, program: str, **modules: str) -> str:
    if COMPILER is None:
        pytest.skip("no C compiler")
    for symbol, module in modules.items():
        made = ("--symbol", symbol, "--emit")
        translate(*made, "obj", "-o", str(folder / f"{symbol}.o"), given=module)
        translate(*made, "header", "-o", str(folder / f"{symbol}.h"), given=module)
    (folder / "main.c").write_text(program)
    objects = [f"{symbol}.o" for symbol in modules]
    command = [COMPILER, *FLAGS, "main.c", *objects, "-o", "main"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return str(folder / "main")


def test_the_page_builds_runs_and_fails_as_it_says(tmp_path: Path):
    module, program = blocks()
    main = build(tmp_path, program, layer=module)
    done = subprocess.run([main], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "1\n4\n9\n")
    done = subprocess.run([main, "fail"], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stdout == "TFC204|model.py:7:5|a size of {0}, {0} is 2\n"


def test_two_programs_in_one(tmp_path: Path):
    main = build(tmp_path, BOTH, layer=blocks()[0], scale=SCALE)
    done = subprocess.run([main], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "12 144 6 2 144\n")


def test_the_header_of_the_page_is_what_it_says():
    header = " ".join(translate("--emit", "header", "--symbol", "layer", given=blocks()[0]).split())
    for declared in re.findall(
        r"^    ((?:int32_t|const char \*)\s?layer[^;]*);", PAGE.read_text(), re.M | re.S
    ):
        assert re.sub(r"\s+|\b_", "", declared) in re.sub(r"\s+|\b_", "", header)


def test_objects_need_a_function_and_symbols_are_names():
    for form in ("obj", "asm", "header", "llvm-opt"):
        code, output, errors = run_command(
            ["%tfc-translate", "--emit", form, "-o", "x.o"], "builtin.module {}"
        )
        assert (code, output) == (1, "")
        assert "there is no function @main" in errors
    code, _, errors = run_command(["%tfc-translate", "--symbol", "a-b"], SCALE)
    assert code == 1
    assert "'a-b' is not the name of a C function" in errors


def test_texts_name_the_file(tmp_path: Path):
    file = tmp_path / "scale.mlir"
    file.write_text(SCALE)
    for form in ("llvm", "llvm-opt", "asm"):
        text = translate(str(file), "--emit", form, given="")
        assert "scale.mlir" in text
        assert "<string>" not in text
