"""What the machine can do: fused multiply-adds a second, and bytes a second by how much memory is walked.

These are loops in LLVM IR, with vectors of 256 and of 512 bits, run by as many threads at once as are asked about; the best of
all runs counts.
"""

from __future__ import annotations

import ctypes
import math
import os
import threading
import time
from collections.abc import Callable
from typing import TypedDict

import numpy as np

WIDTHS = (8, 16)
"""Elements of a vector; where a CPU has no such registers, the loop takes two, and loses."""
CHAINS = 12  # independent sums: more than latency times throughput, and they fit into 16 registers
SIZES_MB = (1, 4, 16, 32, 128)


class Limits(TypedDict):
    flops: float
    """float32 operations a second."""
    bandwidth: dict[str, float]
    """Bytes a second by megabytes walked, of the best of three loops: reading, scaling, scaling with stores past the caches."""


def _fma_loop(lanes: int) -> str:
    vector = f"<{lanes} x float>"
    phis = [f"  %s{i} = phi {vector} [ %x, %entry ], [ %t{i}, %loop ]" for i in range(CHAINS)]
    steps = [
        f"  %t{i} = call {vector} @llvm.fma.v{lanes}f32({vector} %s{i}, {vector} %x, {vector} %y)"
        for i in range(CHAINS)
    ]
    total = ["  %u0 = fadd " + vector + " %t0, %t0"]
    total += [f"  %u{i} = fadd {vector} %u{i - 1}, %t{i}" for i in range(1, CHAINS)]
    return "\n".join(
        [
            f"declare {vector} @llvm.fma.v{lanes}f32({vector}, {vector}, {vector})",
            f"define void @fma{lanes}(ptr %p, i64 %n) {{",
            "entry:",
            f"  %x = load {vector}, ptr %p, align 4",
            f"  %q = getelementptr float, ptr %p, i64 {lanes}",
            f"  %y = load {vector}, ptr %q, align 4",
            "  br label %loop",
            "loop:",
            "  %i = phi i64 [ 0, %entry ], [ %j, %loop ]",
            *phis,
            *steps,
            "  %j = add i64 %i, 1",
            "  %more = icmp ult i64 %j, %n",
            "  br i1 %more, label %loop, label %end",
            "end:",
            *total,
            f"  store {vector} %u{CHAINS - 1}, ptr %p, align 4",
            "  ret void",
            "}",
        ]
    )


def _walk(name: str, lanes: int, unrolled: int, step: str) -> str:
    """A loop over `%n` elements; `step` is what is done with the vector number `{u}` of each round, at `%i{u}`."""
    vector = f"<{lanes} x float>"
    lines = [f"define void @{name}{lanes}(ptr noalias %from, ptr noalias %to, i64 %n) {{", "entry:"]
    lines += ["  br label %loop", "loop:", "  %i = phi i64 [ 0, %entry ], [ %j, %loop ]"]
    phi = "  %s{u} = phi V [ zeroinitializer, %entry ], [ %t{u}, %loop ]"
    if "%t{u}" in step:
        lines += [phi.format(u=u) for u in range(unrolled)]
    for u in range(unrolled):
        lines += [f"  %i{u} = add i64 %i, {u * lanes}", step.format(u=u).strip("\n")]
    lines += [f"  %j = add i64 %i, {unrolled * lanes}", "  %more = icmp ult i64 %j, %n"]
    lines += ["  br i1 %more, label %loop, label %end", "end:"]
    if "%t{u}" in step:
        lines += ["  %total0 = fadd V %t0, %t0"]
        lines += [f"  %total{u} = fadd V %total{u - 1}, %t{u}" for u in range(1, unrolled)]
        lines += [f"  store V %total{unrolled - 1}, ptr %to, align 4"]
    return (
        "\n".join([*lines, "  ret void", "}"])
        .replace(" V ", f" {vector} ")
        .replace(" V,", f" {vector},")
        .replace("ALIGNED", str(4 * lanes))
    )


READ = """
  %a{u} = getelementptr float, ptr %from, i64 %i{u}
  %v{u} = load V, ptr %a{u}, align ALIGNED
  %t{u} = fadd V %s{u}, %v{u}
"""
SCALE = """
  %a{u} = getelementptr float, ptr %from, i64 %i{u}
  %b{u} = getelementptr float, ptr %to, i64 %i{u}
  %v{u} = load V, ptr %a{u}, align ALIGNED
  %w{u} = fadd V %v{u}, %v{u}
  store V %w{u}, ptr %b{u}, align ALIGNED
"""
STREAM = (
    SCALE.rstrip("\n") + ", !nontemporal !0\n"
)  # past the caches: what is overwritten need not be read


WALKS = {"read": READ, "scale": SCALE, "stream": STREAM}


def _compile() -> tuple[dict[str, Callable[..., None]], object]:
    """The loops by name, and what keeps them in memory."""
    import llvmlite.binding as llvm

    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    machine = llvm.Target.from_default_triple().create_target_machine(
        cpu=llvm.get_host_cpu_name(), opt=3, jit=True
    )
    jit = llvm.create_lljit_compiler(machine)
    loops = [_fma_loop(lanes) for lanes in WIDTHS]
    loops += [_walk(name, lanes, 4, step) for name, step in WALKS.items() for lanes in WIDTHS]
    builder = llvm.JITLibraryBuilder().add_ir("\n".join([*loops, "!0 = !{i32 1}"]))
    word, pointer = ctypes.c_int64, ctypes.c_void_p
    kinds = dict.fromkeys(WALKS, ctypes.CFUNCTYPE(None, pointer, pointer, word))
    kinds["fma"] = ctypes.CFUNCTYPE(None, pointer, word)
    names = {f"{name}{lanes}": kind for name, kind in kinds.items() for lanes in WIDTHS}
    for name in names:
        builder = builder.export_symbol(name)
    library = builder.link(jit, "limits")
    return {name: kind(library[name]) for name, kind in names.items()}, (jit, library)


def _together(works: list[Callable[[], None]], clock: str) -> float:
    """Seconds that all of `works` take at the same time; by the CPU clock, those of the slowest."""
    barrier = threading.Barrier(len(works) + 1)
    now = time.thread_time if clock == "cpu" else time.perf_counter
    seconds: list[float] = []

    def run(work: Callable[[], None]) -> None:
        barrier.wait()
        begun = now()
        work()
        seconds.append(now() - begun)

    threads = [threading.Thread(target=run, args=(w,)) for w in works]
    for thread in threads:
        thread.start()
    barrier.wait()
    for thread in threads:
        thread.join()
    return max(seconds)


def _huge(size: int) -> np.ndarray:
    """Zeros in large pages where the system gives them."""
    import mmap

    memory = mmap.mmap(-1, size + (2 << 20))
    memory.madvise(mmap.MADV_HUGEPAGE)
    array = np.frombuffer(memory, np.float32)
    start = (-array.ctypes.data % (2 << 20)) // 4
    array = array[start : start + size // 4]
    array[:] = 1
    return array


def measure_limits(threads: int, clock: str = "wall", repeats: int = 25) -> Limits:
    """The limits of `threads` threads, on as many CPUs."""
    allowed = os.sched_getaffinity(0)
    os.sched_setaffinity(0, set(sorted(allowed)[-threads:]))
    try:
        functions, _keep = _compile()
        flops = max(
            _flops(functions[f"fma{lanes}"], lanes, threads, clock, repeats) for lanes in WIDTHS
        )
        rates = {
            f"{megabytes:g}": max(
                _bandwidth(
                    functions[f"{name}{lanes}"],
                    name == "read",
                    int(megabytes * 2**20) // threads,
                    threads,
                    clock,
                    repeats,
                )
                for name in WALKS
                for lanes in WIDTHS
            )
            for megabytes in SIZES_MB
        }
    finally:
        os.sched_setaffinity(0, allowed)
    return {"flops": flops, "bandwidth": rates}


def _flops(loop: Callable[..., None], lanes: int, threads: int, clock: str, repeats: int) -> float:
    """float32 operations a second, a multiplication and an addition counting as two."""
    count = 1_000_000
    starts = [np.zeros(2 * lanes, np.float32) for _ in range(threads)]
    works = [lambda s=s: loop(s.ctypes.data, count) for s in starts]
    seconds = min(_together(works, clock) for _ in range(repeats))
    return threads * count * CHAINS * lanes * 2 / seconds


def _bandwidth(
    walk: Callable[..., None], reads_only: bool, size: int, threads: int, clock: str, repeats: int
) -> float:
    """Bytes a second of a loop over `size` bytes in each thread."""
    half = size if reads_only else size // 2
    pairs = [(_huge(half), _huge(1 << 12 if reads_only else half)) for _ in range(threads)]
    passes = max(1, int(8e6 / size))

    def work(a: np.ndarray, b: np.ndarray) -> None:
        for _ in range(passes):
            walk(a.ctypes.data, b.ctypes.data, a.size)

    calls = [lambda p=p: work(*p) for p in pairs]
    return size * passes * threads / min(_together(calls, clock) for _ in range(repeats))


def bandwidth_at(limits: Limits, size: float) -> float:
    """Bytes a second for a walk over `size` bytes, between the measured sizes on a logarithmic scale."""
    points = sorted((math.log(float(mb) * 2**20), rate) for mb, rate in limits["bandwidth"].items())
    x, y = zip(*points, strict=True)
    return float(np.interp(math.log(max(size, 1.0)), x, y))


def roofline(limits: Limits, flops: float, size: float) -> float:
    """Seconds that the machine needs at least."""
    return max(flops / limits["flops"], size / bandwidth_at(limits, size))
