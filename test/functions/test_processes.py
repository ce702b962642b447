"""Compiled functions in long-running programs: memory, threads, forks."""

import copy
import gc
import pickle
import subprocess
import sys
import threading
import tracemalloc
from pathlib import Path

import numpy as np
import tfc as tf


def test_ten_thousand_shapes_leave_memory_flat():
    @tf.function
    def f(x):
        return x * 2.0 + 1.0

    def call(start: int, stop: int) -> None:
        for size in range(start, stop):
            f(np.zeros((size % 100 + 2, size // 100 + 2), np.float32))

    call(0, 1000)
    gc.collect()
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    call(1000, 11_000)
    gc.collect()
    grown = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    assert f.trace_count <= 3
    assert f.cache_info().size <= f.cache_info().limit
    assert grown < 200_000


def test_threads_call_one_function_with_mixed_shapes_while_it_compiles():
    @tf.function
    def f(x, n):
        total = tf.zeros_like(x)
        for i in tf.range(n):
            total += x * tf.cast(i, x.dtype)
        return total

    wrong: list[object] = []
    start = threading.Barrier(32)

    def work(number: int) -> None:
        start.wait()
        for turn in range(6):
            shape = [(), (3,), (4,), (2, 5)][(number + turn) % 4]
            dtype = [np.float32, np.float64, np.int32][turn % 3]
            x = np.full(shape, number + 1, dtype)
            got = f(tf.constant(x), tf.constant(4)).numpy()
            if got.shape != shape or not np.array_equal(got, x * 6):
                wrong.append((number, turn, got))

    threads = [threading.Thread(target=work, args=(number,)) for number in range(32)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


FORK = """
import copy
import os
import pickle
import numpy as np
import tfc as tf

@tf.function
def f(x):
    return tf.reduce_sum(tf.exp(x) * 0.5)

x = tf.constant(np.zeros((512, 1024), np.float32))
assert float(f(x)) == 512 * 512
child = os.fork()
if child == 0:
    ok = float(f(x)) == 512 * 512 and int(tf.function(lambda y: y + 1)(tf.constant(1))) == 2
    os._exit(0 if ok else 1)
assert os.waitpid(child, 0)[1] == 0
assert float(f(x)) == 512 * 512
"""


def run_program(folder: Path, text: str) -> None:
    path = folder / "program.py"
    path.write_text(text)
    done = subprocess.run(
        [sys.executable, str(path)], capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stderr


def test_fork_after_compilation(tmp_path: Path):
    run_program(tmp_path, FORK)


KEPT_TO_THE_END = """
import tfc as tf

@tf.function(input_signature=[tf.TensorSpec([None], tf.float32)])
def f(x):
    return x + 1

class Keeper:
    pass

keepers = []
for _ in range(3):
    keeper = Keeper()
    keeper.itself, keeper.result = keeper, f([1.0, 2.0])
    keepers.append(keeper)
"""


def test_results_that_outlive_the_modules_of_the_library(tmp_path: Path):
    run_program(tmp_path, KEPT_TO_THE_END)


def scaled(x: tf.Tensor) -> tf.Tensor:
    return x * 3.0


@tf.function
def doubled(x: tf.Tensor) -> tf.Tensor:
    return x * 2.0


class Layer:
    """A compiled method, and one of the instance."""

    def __init__(self, factor: float) -> None:
        self.factor = factor
        self.step = tf.function(self.apply)

    def apply(self, x: tf.Tensor) -> tf.Tensor:
        return x * self.factor

    @tf.function
    def __call__(self, x: tf.Tensor) -> tf.Tensor:
        return x + self.factor


def test_compiled_functions_are_pickled_and_copied():
    x = tf.ones([2])
    made = tf.function(scaled, input_signature=[tf.TensorSpec([None])])
    layer = Layer(5.0)
    made(x)
    assert pickle.loads(pickle.dumps(doubled)) is doubled
    assert copy.deepcopy(doubled) is doubled
    for again in (pickle.loads(pickle.dumps(made)), copy.deepcopy(made), copy.copy(made)):
        assert again(x).numpy().tolist() == [3.0, 3.0]
        assert again.input_signature == made.input_signature
        assert again.trace_count == made.trace_count == 1
    for other in (pickle.loads(pickle.dumps(layer)), copy.deepcopy(layer)):
        other.factor = 7.0
        assert other(x).numpy().tolist() == [8.0, 8.0]
        assert other.step(x).numpy().tolist() == [7.0, 7.0]
        assert layer.step(x).numpy().tolist() == [5.0, 5.0]
