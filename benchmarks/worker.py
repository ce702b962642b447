"""One peer's process: prepares and measures workloads as it is asked over pipes, a line of JSON at a time.

python benchmarks/worker.py FOLDER, with BENCHMARK_PEER and BENCHMARK_THREADS in the environment (`run.py` does this).

    {"do": "prepare", "workload": name}     -> {"cold": seconds, "cold_cpu": seconds} after its first call
    {"do": "results"}                       -> {}: what it returns, in FOLDER
    {"do": "oracle", "workload": name}      -> {}: results of the NumPy spelling in float64, in FOLDER
    {"do": "measure", "seconds": s}         -> {"wall": seconds, "cpu": seconds}, the shortest call of those that fit into s
    {"do": "version"}                       -> {"version": of the library}
    {"do": "repeat", "calls": n}            -> {}: that many calls, for those who count instructions
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
import time
from collections.abc import Callable
from importlib import metadata
from pathlib import Path
from typing import Any

import libraries as lib
import numpy as np
from workload import Workload
from workloads import WORKLOADS

SPELLING = {"tfc": "tf", "xla": "tf", "torch-compile": "torch"}
PACKAGE = {"tf": "tensorflow-cpu", "xla": "tensorflow-cpu", "torch-compile": "torch"}
SHORTEST_SAMPLE = 100e-6  # seconds: calls that are shorter are measured in groups
NOTHING = "not spelled for this peer"


def configure() -> None:
    """Let the library use as many threads as asked; what the environment can say is there already."""
    if lib.PEER == "tfc":
        lib.tf.config.threading.set_intra_op_parallelism_threads(lib.THREADS)
    elif lib.PEER in ("tf", "xla"):
        lib.tf.config.threading.set_intra_op_parallelism_threads(lib.THREADS)
        lib.tf.config.threading.set_inter_op_parallelism_threads(1)
    elif lib.torch:
        lib.torch.set_num_threads(lib.THREADS)
    elif lib.numba:
        lib.numba.set_num_threads(lib.THREADS)


def convert(array: np.ndarray) -> Any:
    """An input as this peer's kind of array."""
    if lib.tf:
        return lib.tf.constant(array)
    if lib.jax:
        return lib.jnp.asarray(array)
    return lib.torch.from_numpy(array) if lib.torch else array


def wait(result: Any) -> Any:
    """Until it is there: JAX computes while Python goes on."""
    return lib.jax.block_until_ready(result) if lib.jax else result


class Running:
    """A workload that is ready to be called."""

    def __init__(self, workload: type[Workload]) -> None:
        spelling = SPELLING.get(lib.PEER, lib.PEER)
        function = workload.spelling(spelling)
        if function is None:
            raise LookupError(NOTHING)
        if lib.jax:
            wide = any(a.dtype == np.float64 for a in workload.arrays())
            lib.jax.config.update("jax_enable_x64", wide)
        arguments = [convert(a) for a in workload.arrays()]
        arrange = workload.spelling(f"{spelling}_inputs")
        if arrange is not None:
            arguments = list(arrange(*arguments))
        self.stateful = workload.stateful
        if self.stateful:
            self.call: Callable[[], Any] = function(*arguments)
        elif lib.PEER in workload.uncompiled:
            self.call = lambda: function(*arguments)
        else:
            ready = lib.compiled(function)
            self.call = lambda: ready(*arguments)

    def mode(self) -> contextlib.AbstractContextManager[Any]:
        if lib.torch and not self.stateful:
            return lib.torch.no_grad()
        return contextlib.nullcontext()

    def results(self) -> list[np.ndarray]:
        if self.stateful:
            return [np.asarray(self.call()) for _ in range(3)]
        with self.mode():
            result = wait(self.call())
        return [np.asarray(r) for r in (result if isinstance(result, (list, tuple)) else [result])]

    def sample(self, calls: int) -> tuple[float, float]:
        """Seconds of wall clock and of CPU time (all threads) for a number of calls."""
        call = self.call
        cpu, wall = time.process_time(), time.perf_counter()
        if lib.jax:
            ready = lib.jax.block_until_ready
            for _ in range(calls):
                ready(call())
        else:
            for _ in range(calls):
                call()
        return time.perf_counter() - wall, time.process_time() - cpu

    def measure(self, seconds: float) -> dict[str, float]:
        with self.mode():
            end = time.perf_counter() + seconds
            once = self.sample(1)
            calls = max(1, int(SHORTEST_SAMPLE / max(once[0], 1e-7)))
            samples = [once] if calls == 1 else [self.sample(calls)]
            while time.perf_counter() < end:
                samples.append(self.sample(calls))
        wall, cpu = (min(column) / calls for column in zip(*samples, strict=True))
        return {"wall": wall, "cpu": cpu}


def save(folder: Path, results: list[np.ndarray]) -> None:
    for k, array in enumerate(results):
        np.save(folder / f"{k}.npy", array)


def oracle(workload: type[Workload]) -> list[np.ndarray]:
    wide = [a.astype(np.float64) if a.dtype == np.float32 else a for a in workload.arrays()]
    result = workload.spelling("numpy")(*wide)
    if workload.stateful:
        return [np.asarray(result()) for _ in range(4)][1:]  # as after the peer's first call
    return [np.asarray(r) for r in (result if isinstance(result, (list, tuple)) else [result])]


def warm_up() -> None:
    """Load what the library loads with its first compilation: it is no workload's own."""
    x = convert(np.ones(4, np.float32))
    wait(lib.compiled(lambda x: x + 1)(x))


def version() -> str:
    package = PACKAGE.get(lib.PEER, lib.PEER)
    return "this checkout" if package == "tfc" else metadata.version(package)


def serve(folder: Path, requests: Any, answers: Any) -> None:
    running: Running | None = None
    for line in requests:
        request = json.loads(line)
        answer: dict[str, Any] = {}
        try:
            match request["do"]:
                case "prepare":
                    running = None
                    running = Running(WORKLOADS[request["workload"]])
                    with running.mode():
                        wall, cpu = time.perf_counter(), time.process_time()
                        first = wait(running.call())
                        answer["cold"] = time.perf_counter() - wall
                        answer["cold_cpu"] = time.process_time() - cpu
                    del first
                case "results":
                    assert running is not None
                    save(folder, running.results())
                case "oracle":
                    save(folder, oracle(WORKLOADS[request["workload"]]))
                case "version":
                    answer["version"] = version()
                case "measure":
                    assert running is not None
                    answer = running.measure(request["seconds"])
                case "repeat":
                    assert running is not None
                    with running.mode():
                        running.sample(request["calls"])
                case other:
                    raise ValueError(other)
        except Exception as error:
            answer = {"error": f"{type(error).__name__}: {str(error).strip()[:300]}"}
        print(json.dumps(answer), file=answers, flush=True)


def main() -> None:
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what libraries print is no answer
    configure()
    warm_up()
    serve(Path(sys.argv[1]), sys.stdin, answers)


if __name__ == "__main__":
    main()
