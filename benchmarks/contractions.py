"""Contractions beside OpenBLAS (NumPy's, in the same process): GFLOP/s, or GB/s where a product only reads memory.

    OPENBLAS_NUM_THREADS=1 python benchmarks/contractions.py [--threads N] [--seconds S] [name ...]

Both sides run by turns and the best of many runs counts, since other programs on the machine only ever add time. A result that is
not the one of float64 is an error. OpenBLAS reads its thread count from the environment before NumPy is imported.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import tfc as tf

Arrays = tuple[np.ndarray, ...]


@dataclass(frozen=True)
class Case:
    """A contraction: shapes of its operands, what tfc runs and what NumPy runs."""

    name: str
    shapes: tuple[tuple[int, ...], ...]
    compiled: Callable[..., tf.Tensor]
    peer: Callable[..., np.ndarray]
    flops: float
    dtype: str = "float32"
    reads: float = 0.0
    """Bytes that must be read; the figure is GB/s then."""

    def unit(self) -> str:
        return "GB/s" if self.reads else "GF/s"


@dataclass
class Best:
    """The least time of each side."""

    compiled: float = field(default=float("inf"))
    peer: float = field(default=float("inf"))


def matmul(m: int, k: int, n: int, dtype: str = "float32", layout: str = "nn") -> Case:
    left, right = layout
    shapes = ((k, m) if left == "t" else (m, k), (n, k) if right == "t" else (k, n))

    def compiled(a: tf.Tensor, b: tf.Tensor) -> tf.Tensor:
        return tf.matmul(a, b, transpose_a=left == "t", transpose_b=right == "t")

    def peer(a: np.ndarray, b: np.ndarray) -> np.ndarray:
        return (a.T if left == "t" else a) @ (b.T if right == "t" else b)

    suffix = ("" if layout == "nn" else f" {layout}") + ("" if dtype == "float32" else f" {dtype}")
    return Case(f"{m}x{k}x{n}{suffix}", shapes, compiled, peer, 2.0 * m * k * n, dtype)


def batched(batch: int, m: int, k: int, n: int) -> Case:
    shapes = (batch, m, k), (batch, k, n)
    name, flops = f"{batch} x {m}x{k}x{n}", 2.0 * batch * m * k * n
    return Case(name, shapes, tf.matmul, np.matmul, flops)


def vector(name: str, m: int, k: int, *, from_left: bool) -> Case:
    shapes = ((m,), (m, k)) if from_left else ((m, k), (k,))
    equation = "m,mk->k" if from_left else "mk,k->m"

    def compiled(a: tf.Tensor, b: tf.Tensor) -> tf.Tensor:
        return tf.einsum(equation, a, b)

    return Case(name, shapes, compiled, np.matmul, 2.0 * m * k, reads=4.0 * m * k)


CASES = (
    *(matmul(n, n, n) for n in (16, 64, 100, 256, 512, 1000, 1024, 2048)),
    matmul(16384, 64, 64),
    matmul(32, 128, 128),
    matmul(32, 128, 512),
    matmul(32, 512, 512),
    matmul(1000, 100, 15),
    matmul(1, 1024, 1024),
    matmul(8, 1024, 1024),
    matmul(16, 1024, 1024),
    matmul(20, 2048, 2048),
    matmul(1024, 1024, 8),
    matmul(64, 8192, 64),
    matmul(256, 784, 512),
    matmul(256, 512, 10),
    matmul(784, 256, 512, layout="tn"),
    matmul(256, 512, 784, layout="nt"),
    matmul(512, 512, 512, layout="nt"),
    matmul(512, 512, 512, layout="tn"),
    matmul(512, 512, 512, layout="tt"),
    matmul(512, 512, 512, "float64"),
    matmul(256, 256, 256, "int32"),
    matmul(256, 256, 256, "float16"),
    batched(64, 128, 128, 128),
    batched(32, 256, 64, 256),
    batched(2000, 4, 4, 4),
    vector("matvec 4096", 4096, 4096, from_left=False),
    vector("vecmat 4096", 4096, 4096, from_left=True),
)


def measure(case: Case, seconds: float) -> Best:
    """Both sides by turns until `seconds` are over."""
    rng = np.random.default_rng(0)
    whole = case.dtype.startswith("int")
    arrays = tuple(
        rng.integers(-9, 9, shape).astype(case.dtype)
        if whole
        else rng.standard_normal(shape).astype(case.dtype)
        for shape in case.shapes
    )
    function, tensors = tf.function(case.compiled), tuple(map(tf.constant, arrays))
    check(case, np.asarray(function(*tensors)), arrays)
    best = Best()
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        best.compiled = min(best.compiled, once(lambda: function(*tensors)))
        best.peer = min(best.peer, once(lambda: case.peer(*arrays)))
    return best


def once(call: Callable[[], object]) -> float:
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def check(case: Case, result: np.ndarray, arrays: Arrays) -> None:
    """Compare with float64; the tolerance is what sums of that length can lose."""
    exact = case.peer(*(array.astype(np.float64) for array in arrays))
    bound = case.peer(*(np.abs(array).astype(np.float64) for array in arrays))
    epsilon = 2.0**-10 if case.dtype == "float16" else 2e-6 if case.dtype == "float32" else 1e-13
    np.testing.assert_array_less(np.abs(result - exact), epsilon * bound + 1e-30, case.name)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help="cases whose name contains one of these")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=0.5)
    options = parser.parse_args()
    tf.config.threading.set_intra_op_parallelism_threads(options.threads)
    print(f"{'m x k x n':22}{'tfc':>10}{'OpenBLAS':>12}{'unit':>7}{'ratio':>8}", flush=True)
    blas_threads = os.environ.get("OPENBLAS_NUM_THREADS")
    if blas_threads != str(options.threads):
        print(f"(OpenBLAS: OPENBLAS_NUM_THREADS is {blas_threads}, not {options.threads})")
    for case in CASES:
        if options.names and not any(name in case.name for name in options.names):
            continue
        best = measure(case, options.seconds)
        work = (case.reads or case.flops) / 1e9
        print(
            f"{case.name:22}{work / best.compiled:10.1f}{work / best.peer:12.1f}"
            f"{case.unit():>7}{best.peer / best.compiled:8.2f}",
            flush=True,
        )


if __name__ == "__main__":
    main()
