"""Where a cold compilation's time goes: tracing, each pass, translation, LLVM.

    python benchmarks/compile_profile.py softmax mlp_train      # milliseconds of CPU time, by stage and pass
    python benchmarks/compile_profile.py --llvm softmax         # and the passes of LLVM's code generator
    python benchmarks/compile_profile.py --python mlp_train     # and the Python functions that take longest

Each workload is compiled `--times` times in one process and on one thread, after all libraries have been loaded; the fastest
counts. No kernel is known from the time before.
"""

from __future__ import annotations

import argparse
import cProfile
import os
import pstats
import re
import sys
import time
from collections.abc import Callable
from typing import Any

os.environ["BENCHMARK_PEER"] = "tfc"
os.environ["BENCHMARK_THREADS"] = "1"
os.environ["TFC_CACHE"] = "0"

from worker import Running, configure, warm_up
from workloads import WORKLOADS

Times = dict[str, float]


class Stopwatch:
    """CPU seconds by name, of functions that are wrapped in their modules while it runs."""

    def __init__(self) -> None:
        self.times: Times = {}

    def add(self, name: str, seconds: float) -> None:
        self.times[name] = self.times.get(name, 0.0) + seconds

    def wrap(self, module: Any, function: str, name: str) -> None:
        inner: Callable[..., Any] = getattr(module, function)

        def timed(*args: Any, **kwargs: Any) -> Any:
            begun = time.process_time()
            try:
                return inner(*args, **kwargs)
            finally:
                self.add(name, time.process_time() - begun)

        setattr(module, function, timed)

    def wrap_passes(self, pipelines: Any) -> None:
        """Time each pass by its name: `run_passes` says when one starts and ends."""
        inner = pipelines.run_passes
        begun = 0.0

        def before(item: Any, module: Any) -> None:
            nonlocal begun
            begun = time.process_time()

        def after(item: Any, module: Any) -> None:
            self.add(f"pass {item.name}", time.process_time() - begun)

        pipelines.run_passes = lambda module, passes: inner(
            module, passes, before=before, after=after
        )


def install(watch: Stopwatch) -> None:
    """Wrap the steps of a compilation, all of which are looked up in their modules when it needs them."""
    from tfc.backend import jit, translate
    from tfc.compiled import function
    from tfc.graph import to_ir
    from tfc.passes import pipelines

    watch.wrap(function, "trace_program", "trace")
    watch.wrap(to_ir, "to_module", "to the tensor stage")
    watch.wrap_passes(pipelines)
    watch.wrap(translate, "translate_module", "to LLVM IR")
    watch.wrap(jit, "parse", "LLVM: parse")
    watch.wrap(jit, "optimise", "LLVM: optimise")
    watch.wrap(jit, "emit_unit", "LLVM: all")


def profile(name: str, watch: Stopwatch, times: int) -> Times:
    """The fastest of several compilations, by step."""
    from tfc.backend import jit

    best: Times = {}
    for _ in range(times):
        watch.times = {}
        jit._kept.clear()
        running = Running(WORKLOADS[name])
        begun = time.process_time()
        running.call()
        total = time.process_time() - begun
        begun = time.process_time()
        running.call()
        run = time.process_time() - begun
        found = dict(watch.times)
        llvm = found.pop("LLVM: all", 0.0)
        found["LLVM: emit code"] = (
            llvm - found.get("LLVM: parse", 0) - found.get("LLVM: optimise", 0)
        )
        found["the rest: guards, loading"] = max(0.0, total - run - llvm - sum(
            seconds for step, seconds in found.items() if not step.startswith("LLVM")
        ))  # fmt: skip
        if not best or sum(found.values()) < sum(best.values()):
            best = found
    return best


def show(name: str, found: Times) -> None:
    total = sum(found.values())
    print(f"\n{name}: {1e3 * total:.0f} ms")
    for step, seconds in found.items():
        print(f"  {step:45} {1e3 * seconds:8.1f} ms {seconds / total:5.0%}")


def llvm_passes(name: str) -> None:
    """Print LLVM's own report on its code generator: seconds by pass, of all functions."""
    from llvmlite.binding import newpassmanagers  # pyright: ignore[reportMissingTypeStubs]
    from tfc.backend import jit

    jit._kept.clear()
    newpassmanagers.set_time_passes(True)
    Running(WORKLOADS[name]).call()
    newpassmanagers.set_time_passes(False)
    seconds: Times = {}
    for line in newpassmanagers.report_and_reset_timings().splitlines():
        columns = re.match(r".*\) +([\d.]+) \([^)]*\)  ([^#]*)(?: #\d+)?$", line)
        if columns and columns[2] != "Total":
            seconds[columns[2]] = seconds.get(columns[2], 0.0) + float(columns[1])
    show("code generator", dict(sorted(seconds.items(), key=lambda item: -item[1])[:24]))


def python_functions(name: str) -> None:
    """Print the Python functions that take longest themselves."""
    running = Running(WORKLOADS[name])
    profiler = cProfile.Profile(time.process_time)
    profiler.runcall(running.call)
    pstats.Stats(profiler).sort_stats("tottime").print_stats(30)


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument(
        "workloads", nargs="*", help="workloads whose names contain one of these (default: all)"
    )
    parser.add_argument("--times", type=int, default=3)
    parser.add_argument("--llvm", action="store_true", help="the code generator's passes too")
    parser.add_argument("--python", action="store_true", help="Python's functions too")
    options = parser.parse_args()
    configure()
    warm_up()
    watch = Stopwatch()
    install(watch)
    total: Times = {}
    for name in WORKLOADS:
        if options.workloads and not any(part in name for part in options.workloads):
            continue
        found = profile(name, watch, options.times)
        show(name, found)
        for step, seconds in found.items():
            total[step] = total.get(step, 0.0) + seconds
        if options.llvm:
            llvm_passes(name)
        if options.python:
            python_functions(name)
    show("all of them", dict(sorted(total.items(), key=lambda item: -item[1])))
    return 0


if __name__ == "__main__":
    sys.exit(main())
