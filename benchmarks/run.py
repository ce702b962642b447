"""The workloads, by tfc and its peers, interleaved in one run.

    python benchmarks/run.py                                             everything, on one thread and on two
    python benchmarks/run.py --only softmax,matmul_64 --peers jax,tfc --threads 1
    python benchmarks/run.py --quick                                     tfc alone; the peers' times as they are stored

Peers live in environments of their own, one folder each in `--envs` (`make bench` makes them). Each peer is one process,
which stays and is asked for one workload after the other; its results are compared with those of NumPy in float64.
"""

from __future__ import annotations

import argparse
import json
import os
import select
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import numpy as np
from limits import measure_limits
from report import PEERS, STORED, Results, describe_machine, quick_report, report
from workload import Workload
from workloads import WORKLOADS

HERE = Path(__file__).resolve().parent
ENVIRONMENT = {
    "numpy": "jax",  # NumPy with SciPy, which has erf
    "numba": "numba",
    "jax": "jax",
    "tf": "tf",
    "xla": "tf",
    "torch": "torch",
    "torch-compile": "torch",
}
"""Peers, and the environments that they live in. tfc is the one of this checkout, with the interpreter that runs this file."""

USUAL = [
    "tfc",
    *(peer for peer in PEERS if peer != "torch-compile"),
]  # which takes an hour to compile everything
THREAD_VARIABLES = ("OMP", "OPENBLAS", "MKL", "NUMBA", "TF_NUM_INTRAOP")
HOPELESS = 8.0
"""A peer that is slower than the best by this factor is measured once."""


class NoAnswerError(Exception):
    """A peer has no answer."""


class Process:
    """A worker; started with its first request, and again after it had to be ended."""

    def __init__(
        self, peer: str, envs: str, threads: int, scratch: Path, limit: float = 120
    ) -> None:
        self.peer = peer
        self.limit = limit
        self.folder = scratch / f"results-{peer}"
        self.folder.mkdir(exist_ok=True)
        self.log = (scratch / f"{peer}.log").open("a")
        if peer == "tfc":
            self.python = sys.executable
        else:
            self.python = str(Path(envs) / ENVIRONMENT[peer] / "bin" / "python")
        self.environment = {
            **os.environ,
            **{f"{name}_THREADS": str(threads) for name in THREAD_VARIABLES},
            **{f"{name}_NUM_THREADS": str(threads) for name in THREAD_VARIABLES[:-1]},
            "BENCHMARK_PEER": peer,
            "BENCHMARK_THREADS": str(threads),
            "TFC_CACHE_DIR": str(scratch / "tfc-cache"),
            "TORCHINDUCTOR_FORCE_DISABLE_CACHES": "1",
            "TORCHINDUCTOR_COMPILE_THREADS": "1",
            "TF_CPP_MIN_LOG_LEVEL": "2",
            "JAX_PLATFORMS": "cpu",
        }
        self.process: subprocess.Popen[str] | None = None
        self.version = ""

    def command(self) -> list[str]:
        return [self.python, str(HERE / "worker.py"), str(self.folder)]

    def start(self) -> subprocess.Popen[str]:
        return subprocess.Popen(
            self.command(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.log,
            text=True,
            env=self.environment,
        )

    def ask(self, do: str, **request: Any) -> dict[str, Any]:
        """The answer to a request; `NoAnswerError` when there is none, or none within the limit."""
        if self.process is None:
            self.process = self.start()
            self.version = self.ask("version")["version"]
        assert self.process.stdin is not None and self.process.stdout is not None
        try:
            print(json.dumps({"do": do, **request}), file=self.process.stdin, flush=True)
            line = self._line(self.process.stdout)
        except (NoAnswerError, BrokenPipeError) as error:
            self.end()
            raise NoAnswerError(str(error) or "ended") from None
        answer = json.loads(line)
        if "error" in answer:
            raise NoAnswerError(answer["error"])
        return answer

    def _line(self, stream: IO[str]) -> str:
        if not select.select([stream], [], [], self.limit)[0]:
            raise NoAnswerError(f"no answer within {self.limit:g} s")
        line = stream.readline()
        if not line:
            raise NoAnswerError("the process ended")
        return line

    def results(self) -> list[np.ndarray]:
        files = sorted(self.folder.glob("*.npy"), key=lambda file: int(file.stem))
        arrays = [np.load(file) for file in files]
        for file in files:
            file.unlink()
        return arrays

    def end(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None


def disagreement(workload: type[Workload], got: list[np.ndarray], want: list[np.ndarray]) -> str:
    """What is wrong with a peer's results; empty when nothing is."""
    if len(got) != len(want):
        return f"{len(got)} results instead of {len(want)}"
    for g, w in zip(got, want, strict=True):
        if g.size != w.size:
            return f"shape {g.shape} instead of {w.shape}"
        difference = np.abs(g.reshape(w.shape).astype(np.float64) - w)
        scale = float(np.abs(w).max()) or 1.0
        wrong = float(np.mean(~(difference <= workload.tolerance * scale)))
        if wrong > workload.outliers:
            return f"wrong: {wrong:.2%} of the elements, by up to {difference.max() / scale:.1e}"
    return ""


@dataclass
class Run:
    """The processes of one number of threads, and what they measured."""

    options: argparse.Namespace
    threads: int
    scratch: Path
    processes: dict[str, Process] = field(default_factory=dict)

    def process(self, peer: str, name: str = "") -> Process:
        name = name or peer
        if name not in self.processes:
            self.processes[name] = Process(
                peer, self.options.envs, self.threads, self.scratch, self.options.limit
            )
        return self.processes[name]

    def workload(self, workload: type[Workload]) -> dict[str, dict[str, Any]]:
        """Peer to what it made of a workload: `time`, `cold`, `warm` in seconds, or `error`."""
        found: dict[str, dict[str, Any]] = {}
        name = workload.__name__
        want = None
        if self.options.check:
            oracle = self.process("numpy", "oracle")
            oracle.ask("oracle", workload=name)
            want = oracle.results()
        for peer in self.options.peers:
            try:
                found[peer] = self.prepare(peer, workload, want)
            except NoAnswerError as error:
                found[peer] = {"error": str(error)}
        best = np.inf
        for round_ in range(self.options.rounds):
            for peer, entry in found.items():
                if "error" in entry or (round_ and entry["time"] > HOPELESS * best):
                    continue
                try:
                    answer = self.process(peer).ask("measure", seconds=self.options.seconds)
                except NoAnswerError as error:
                    entry["error"] = str(error)
                    continue
                entry["time"] = min(entry.get("time", np.inf), answer[self.options.clock])
                best = min(best, entry["time"])
        return found

    def prepare(
        self, peer: str, workload: type[Workload], want: list[np.ndarray] | None
    ) -> dict[str, Any]:
        process = self.process(peer)
        cold = "cold_cpu" if self.options.clock == "cpu" else "cold"
        entry = {"cold": process.ask("prepare", workload=workload.__name__)[cold]}
        if want is not None:
            process.ask("results")
            wrong = disagreement(workload, process.results(), want)
            if wrong:
                entry["wrong"] = wrong
        if peer == "tfc" and self.options.warm:
            # Another process of ours finds what the first one has put into the disk cache.
            warm = self.process("tfc", "tfc-warm")
            entry["warm"] = warm.ask("prepare", workload=workload.__name__)[cold]
        return entry

    def versions(self) -> dict[str, str]:
        """Peer to the version of its library."""
        named = {p: self.processes[p].version for p in self.options.peers if p in self.processes}
        return {peer: version for peer, version in named.items() if version}

    def end(self) -> None:
        for process in self.processes.values():
            process.end()


def names(text: str) -> list[str]:
    return [name for name in text.split(",") if name]


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument(
        "--only", type=names, default=[], help="workloads whose names contain one of these"
    )
    parser.add_argument(
        "--peers", type=names, default=USUAL, help=f"of {', '.join(['tfc', *ENVIRONMENT])}"
    )
    parser.add_argument("--threads", type=names, default=["1", "2"])
    parser.add_argument(
        "--rounds", type=int, default=5, help="times that each peer is measured, by turns"
    )
    parser.add_argument("--seconds", type=float, default=0.15, help="length of one measurement")
    parser.add_argument("--limit", type=float, default=120, help="seconds for one answer of a peer")
    parser.add_argument(
        "--clock",
        choices=("wall", "cpu"),
        default="wall",
        help="cpu: CPU time of all threads, for one thread on a busy machine",
    )
    parser.add_argument("--envs", default=str(HERE / ".envs"), help="folder of environments")
    parser.add_argument(
        "--no-check", dest="check", action="store_false", help="do not compare results"
    )
    parser.add_argument(
        "--no-warm", dest="warm", action="store_false", help="no second process from the disk cache"
    )
    parser.add_argument(
        "--save",
        type=Path,
        nargs="?",
        const=STORED,
        help="merge what was measured into this file (JSON; default: the stored results)",
    )
    parser.add_argument(
        "--quick", action="store_true", help="tfc alone, beside the stored results; on one thread"
    )
    options = parser.parse_args()
    if options.quick:
        options.peers, options.threads, options.check, options.warm = ["tfc"], ["1"], False, False
    unknown = set(options.peers) - {"tfc", *ENVIRONMENT}
    if unknown:
        parser.error(f"no such peer: {', '.join(sorted(unknown))}")
    return options


def main() -> int:
    options = parse()
    chosen = [
        w for n, w in WORKLOADS.items() if not options.only or any(o in n for o in options.only)
    ]
    results = Results.load(options.save) if options.save else Results()
    with tempfile.TemporaryDirectory(prefix="tfc-bench-") as scratch:
        for threads in map(int, options.threads):
            results.limits[str(threads)] = measure_limits(threads, options.clock)
            run = Run(options, threads, Path(scratch))
            for workload in chosen:
                begun = time.perf_counter()
                found = run.workload(workload)
                results.add(workload.__name__, threads, found)
                print(line(workload, found, begun), file=sys.stderr, flush=True)
                results.machine[str(threads)] = describe_machine(options.clock)
                results.versions |= run.versions()
                if options.save:
                    results.save(options.save)
            run.end()
            if options.quick:
                print(quick_report(results, Results.load(STORED), threads, chosen))
            else:
                print(report(results, threads, options.peers, chosen))
    return 0


def line(workload: type[Workload], found: dict[str, dict[str, Any]], begun: float) -> str:
    """Progress: each peer's time, and what went wrong."""
    parts = [
        f"{peer} {1e3 * e['time']:.4g}{'!' if 'wrong' in e else ''}" if "time" in e else f"{peer} -"
        for peer, e in found.items()
    ]
    notes = [
        f"\n    {peer}: {e.get('error') or e['wrong']}"
        for peer, e in found.items()
        if ("error" in e and "not spelled" not in e["error"]) or "wrong" in e
    ]
    return (
        f"{workload.__name__:20} ms: {'  '.join(parts)}   ({time.perf_counter() - begun:.0f} s)"
        + "".join(notes)
    )


if __name__ == "__main__":
    sys.exit(main())
