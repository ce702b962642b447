"""The peers' suite: what is stored and what the page says agree, and the quick run works."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BENCHMARKS = ROOT / "benchmarks"


def output(*arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, *arguments], cwd=BENCHMARKS, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_page_is_that_of_the_stored_results():
    program = "import report, sys; sys.stdout.write(''.join(report.page(report.Results.load(report.STORED))))"
    written = (ROOT / "docs" / "performance.md").read_text() + (
        ROOT / "docs" / "performance.svg"
    ).read_text()
    assert output("-c", program) == written, "run `python benchmarks/report.py`"


def test_every_workload_has_an_oracle_and_runs_on_tfc():
    missing = "not (w.spelling('numpy') and w.spelling('tf'))"
    program = (
        f"from workloads import WORKLOADS; print(*(n for n, w in WORKLOADS.items() if {missing}))"
    )
    assert output("-c", program).split() == []


@pytest.mark.slow
def test_quick_run():
    arguments = ("--quick", "--only", "overhead_add", "--rounds", "1", "--seconds", "0.01")
    text = output("run.py", *arguments)
    (row,) = [line for line in text.splitlines() if line.startswith("| overhead_add")]
    assert 0 < float(row.split("|")[2]) < 1000
