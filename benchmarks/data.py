"""Sorting, searching, scans and segments beside NumPy: `python benchmarks/data.py [threads] [name ...]`.

Milliseconds of CPU, the best of several runs; with more than one thread, of wall clock.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import tfc as tf

RNG = np.random.default_rng(0)
MATRIX = RNG.standard_normal((4096, 4096)).astype(np.float32)
ROWS = RNG.standard_normal((1024, 1024)).astype(np.float32)
DIGITS = RNG.integers(0, 10, 1 << 24).astype(np.int32)
VALUES = RNG.standard_normal(1 << 20).astype(np.float32)
IDS = np.sort(RNG.integers(0, 1000, 1 << 20)).astype(np.int32)
TABLE = RNG.standard_normal((100_000, 64)).astype(np.float32)
PLACES = RNG.integers(0, 100_000, 65_536).astype(np.int32)


def _segments(x: Any, ids: Any) -> Any:
    return np.bincount(ids, x, 1000).astype(np.float32)


CASES: dict[str, tuple[Callable[..., Any], Callable[..., Any], tuple[np.ndarray, ...]]] = {
    "argmax_rows": (lambda x: tf.argmax(x, 1), lambda x: np.argmax(x, 1), (MATRIX,)),
    "argmax_columns": (lambda x: tf.argmax(x, 0), lambda x: np.argmax(x, 0), (MATRIX,)),
    "sort_rows": (tf.sort, np.sort, (ROWS,)),
    "sort_vector": (tf.sort, np.sort, (VALUES,)),
    "argsort_rows": (tf.argsort, np.argsort, (ROWS,)),
    "unique": (lambda x: tf.unique(x)[0], np.unique, (IDS,)),
    "cumsum_rows": (lambda x: tf.cumsum(x, 1), lambda x: np.cumsum(x, 1), (MATRIX,)),
    "cumsum_columns": (lambda x: tf.cumsum(x, 0), lambda x: np.cumsum(x, 0), (MATRIX,)),
    "where": (lambda x: tf.where(x > 5), lambda x: np.argwhere(x > 5), (DIGITS,)),
    "boolean_mask": (lambda x: tf.boolean_mask(x, x > 5), lambda x: x[x > 5], (DIGITS,)),
    "count_nonzero": (tf.math.count_nonzero, np.count_nonzero, (DIGITS,)),
    "segment_sum": (lambda x, i: tf.math.unsorted_segment_sum(x, i, 1000), _segments, (VALUES, IDS)),
    "gather_rows": (tf.gather, lambda x, i: x[i], (TABLE, PLACES)),
    "sum_all": (tf.reduce_sum, np.sum, (MATRIX,)),
    "sum_columns": (lambda x: tf.reduce_sum(x, 0), lambda x: np.sum(x, 0), (MATRIX,)),
}  # fmt: skip


def best(clock: Callable[[], float], function: Callable[..., Any], *args: Any) -> float:
    """The milliseconds of the fastest of at least three runs in half a second."""
    function(*args)
    end, times = time.perf_counter() + 0.5, list[float]()
    while len(times) < 3 or time.perf_counter() < end:
        start = clock()
        function(*args)
        times.append(clock() - start)
    return 1e3 * min(times)


def main() -> None:
    threads = int(sys.argv[1]) if len(sys.argv) > 1 else 1
    tf.config.threading.set_intra_op_parallelism_threads(threads)
    clock = time.process_time if threads == 1 else time.perf_counter
    print(f"{'':16}{'tfc':>10}{'numpy':>10}")
    for name in sys.argv[2:] or CASES:
        ours, theirs, arrays = CASES[name]
        tensors = [tf.constant(array) for array in arrays]
        mine = best(clock, tf.function(ours), *tensors)
        print(f"{name:16}{mine:10.3f}{best(clock, theirs, *arrays):10.3f}", flush=True)


if __name__ == "__main__":
    main()
