"""Instructions a call, which noise does not reach: counted by perf where it can, else by Valgrind's cachegrind.

    python benchmarks/instructions.py softmax matmul_64 [--peers tfc,numpy]

A worker prepares the workload and calls it a number of times, another one more often; the difference is the calls'. Valgrind
takes about a minute for each; it knows AVX2 but not AVX-512.
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from run import HERE, Process, names
from workloads import WORKLOADS

PERF = "perf stat -e instructions:u -x , -o {report}"
CACHEGRIND = (
    "valgrind --tool=cachegrind --cache-sim=no --cachegrind-out-file=/dev/null --log-file={report}"
)
COUNTED = re.compile(r"^([\d,]+),,instructions|I\s+refs:\s+([\d,]+)", re.MULTILINE)


def can_perf() -> bool:
    """Whether there is a counter of instructions: virtual machines often have none."""
    if shutil.which("perf") is None:
        return False
    done = subprocess.run(
        ["perf", "stat", "-e", "instructions:u", "true"],
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode == 0 and "<not" not in done.stderr


def count(worker: Process, workload: str, calls: int, counter: str) -> int:
    """Instructions of a whole worker that calls a workload so many times."""
    with tempfile.NamedTemporaryFile("r", suffix=".txt") as report:
        requests = [{"do": "prepare", "workload": workload}, {"do": "repeat", "calls": calls}]
        done = subprocess.run(
            [*counter.format(report=report.name).split(), *worker.command()],
            input="\n".join(map(json.dumps, requests)) + "\n",
            env={**worker.environment, "PYTHONHASHSEED": "0"},
            capture_output=True,
            text=True,
            check=False,
        )
        found = COUNTED.search(report.read())
    if done.returncode or '"error"' in done.stdout or not found:
        raise RuntimeError((done.stdout + done.stderr)[-500:])
    return int((found[1] or found[2]).replace(",", ""))


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("workloads", nargs="+", help="workloads whose names contain one of these")
    parser.add_argument("--peers", type=names, default=["tfc"])
    parser.add_argument("--envs", default=str(HERE / ".envs"), help="folder of environments")
    parser.add_argument("--calls", type=int, default=20, help="calls that are counted")
    options = parser.parse_args()
    counter = PERF if can_perf() else CACHEGRIND
    with tempfile.TemporaryDirectory(prefix="tfc-bench-") as scratch:
        for name in WORKLOADS:
            if not any(part in name for part in options.workloads):
                continue
            for peer in options.peers:
                worker = Process(peer, options.envs, 1, Path(scratch))
                # What is compiled is in the cache from here on.
                worker.ask("prepare", workload=name)
                worker.end()
                few = count(worker, name, 1, counter)
                many = count(worker, name, 1 + options.calls, counter)
                print(
                    f"{name:22} {peer:8} {(many - few) / options.calls:16,.0f} instructions a call"
                )
                sys.stdout.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
