"""MLIR's own tools as the outside judge: Debian's `mlir-22-tools`.

Where they are missing, tests that need them skip with a reason; with TFC_REQUIRE_MLIR=1 (as `.ci/run` sets it) they fail.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

MLIR_OPT = shutil.which("mlir-opt-22")
MLIR_RUNNER = shutil.which("mlir-runner-22")

# Upstream's own way from linalg on tensors to the llvm dialect.
UPSTREAM_PIPELINE = (
    "builtin.module(canonicalize,cse,one-shot-bufferize{bufferize-function-boundaries=1 "
    "function-boundary-type-conversion=identity-layout-map},buffer-deallocation-pipeline,"
    "convert-bufferization-to-memref,convert-linalg-to-loops,canonicalize,lower-affine,convert-vector-to-scf,"
    "convert-scf-to-cf,convert-vector-to-llvm,"
    "expand-strided-metadata,lower-affine,convert-math-to-llvm,convert-math-to-libm,"
    "convert-arith-to-llvm,convert-index-to-llvm,convert-cf-to-llvm,finalize-memref-to-llvm,"
    "convert-func-to-llvm,reconcile-unrealized-casts)"
)


def require_mlir() -> None:
    """Skip the calling test where MLIR's tools are missing, or fail it where they must be there."""
    if MLIR_OPT is None or MLIR_RUNNER is None:
        reason = "mlir-opt-22 is missing: apt-get install mlir-22-tools"
        if os.environ.get("TFC_REQUIRE_MLIR") == "1":
            pytest.fail(reason)
        pytest.skip(reason)


def mlir_opt(text: str, *options: str) -> subprocess.CompletedProcess[str]:
    """Run `mlir-opt-22` on `text`."""
    require_mlir()
    assert MLIR_OPT is not None
    return subprocess.run(
        [MLIR_OPT, *options], input=text, capture_output=True, text=True, check=False, timeout=120
    )


def assert_accepted(modules: dict[str, str]) -> None:
    """Check that `mlir-opt-22` parses and verifies each module; all in one run, named in the message."""
    separator = "\n// -----\n"
    names = list(modules)
    done = mlir_opt(separator.join(modules[name] for name in names), "--split-input-file")
    if done.returncode == 0:
        return
    starts: list[int] = []
    line = 1
    for name in names:
        starts.append(line)
        line += modules[name].count("\n") + separator.count("\n")
    messages: list[str] = []
    for match in re.finditer(r"^<stdin>:(\d+):\d+: error: (.*)$", done.stderr, re.MULTILINE):
        number = int(match[1])
        index = max(i for i, start in enumerate(starts) if start <= number)
        source = modules[names[index]].split("\n")
        shown = source[min(number - starts[index], len(source) - 1)]
        messages.append(f"{names[index]}: {match[2]}\n    {shown.strip()}")
    raise AssertionError("mlir-opt-22 does not accept:\n" + "\n".join(messages or [done.stderr]))


def runner_libraries() -> Sequence[str]:
    """The libraries that printing from `mlir-runner-22` needs."""
    assert MLIR_RUNNER is not None
    folder = Path(MLIR_RUNNER).resolve().parent.parent / "lib"
    names = ("libmlir_runner_utils", "libmlir_c_runner_utils")
    return [str(next(folder.glob(f"{name}.so*"))) for name in names]


def run_upstream(text: str) -> str:
    """Lower a module of the linalg stage with upstream's passes, run its `@main` and give what it prints."""
    lowered = mlir_opt(text, f"--pass-pipeline={UPSTREAM_PIPELINE}")
    assert lowered.returncode == 0, lowered.stderr
    assert MLIR_RUNNER is not None
    options = ["-O3", "-e", "main", "--entry-point-result=void"]
    options.append("--shared-libs=" + ",".join(runner_libraries()))
    done = subprocess.run(
        [MLIR_RUNNER, *options],
        input=lowered.stdout,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
