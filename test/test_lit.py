"""Every `.mlir` file below `test/` with RUN lines is a test."""

from pathlib import Path

import pytest
from lit_runner import LitFailure, needs_mlir, run_file, run_line
from mlir import require_mlir

HERE = Path(__file__).resolve().parent
FILES = sorted(f for f in HERE.rglob("*.mlir") if "malformed" not in f.parts)


@pytest.mark.parametrize("file", FILES, ids=lambda f: str(f.relative_to(HERE)))
def test_file(file: Path):
    if needs_mlir(file):
        require_mlir()
    run_file(file)


def test_the_runner_can_fail(tmp_path: Path):
    file = tmp_path / "wrong.mlir"
    file.write_text("// RUN: %tfc-opt %s | filecheck %s\n// CHECK: not there\nbuiltin.module {}\n")
    with pytest.raises(LitFailure, match="not there"):
        run_file(file)
    with pytest.raises(LitFailure, match="unknown command"):
        run_line("rm -rf x")
    with pytest.raises(LitFailure, match="gave 0"):
        run_line("not %tfc-opt --list-passes")
