"""Figures with their limits, measured beside NumPy in the same run.

    make bench        or        python benchmarks/figures.py [name ...]

Every figure comes from fresh processes, tfc's and the peer's by turns; the best of several runs is shown, since other
programs on the machine only ever add time. A figure beyond its limit is marked; nothing fails, as machines differ.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from importlib import metadata
from pathlib import Path

import eager

CORE = (
    "numpy",
    "xdsl",
    "llvmlite",
    "typing_extensions",
    "immutabledict",
)

SCRATCH = Path(tempfile.mkdtemp(prefix="tfc-figures-"))

#: Byte code is kept, as it is for installed packages, whatever this environment says.
AS_INSTALLED = {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": str(SCRATCH / "byte-code")}

IMPORT = "import time; t = time.perf_counter(); import {module}; print(time.perf_counter() - t)"

MEMORY = """
import tfc
for line in open("/proc/self/status"):
    if line.startswith("VmRSS"):
        print(int(line.split()[1]) / 1024)
"""

CALL = """
import time, timeit, tfc as tf
f = tf.function(lambda x, y: x + y)
x = tf.constant([1.0, 2.0, 3.0, 4.0]); y = tf.constant([1.0, 2.0, 3.0, 4.0])
f(x, y)
print(1e6 * min(timeit.repeat(lambda: f(x, y), number=5000, repeat=15, timer=time.perf_counter)) / 5000)
"""

#: Ways to call, written with what CALLS defines.
CALLS = {
    "arrays": "f(a, b)",
    "keywords": "f(x, y=y)",
    "variables": "mlp(x)",
    "method": "model.step(x)",
    "nested": "nested({'x': x, 'rest': [y]})['parts'][0]",
}

WAYS = """
import time, timeit, numpy as np, tfc as tf
f = tf.function(lambda x, y=None: x + y)
a = np.ones(4, np.float32); x = y = tf.constant(a); b = a
weights = [tf.Variable(np.ones((4, 4), np.float32)) for _ in range(4)]
@tf.function
def mlp(x):
    h = tf.reshape(x, [1, 4])
    for w in weights:
        h = tf.tanh(h @ w)
    return h
class Model:
    def __init__(self):
        self.w = tf.Variable(a); self.scale = 2.0
    @tf.function
    def step(self, x):
        return self.w * x * self.scale
model = Model()
@tf.function
def nested(batch):
    return {{"sum": batch["x"] + batch["rest"][0], "parts": [batch["x"]]}}
for _ in range(3):
    {call}
print(1e6 * min(timeit.repeat(lambda: {call}, number=5000, repeat=15, timer=time.perf_counter)) / 5000)
"""

GUARDS = """
import time, timeit, tfc as tf
class Settings: pass
settings = Settings()
{lines}
@tf.function
def guarded(x):
    return x * ({total})
@tf.function
def free(x):
    return x * 1.0
x = tf.ones([4])
def best(f):
    f(x); f(x)
    return min(timeit.repeat(lambda: f(x), number=2000, repeat=25, timer=time.perf_counter)) / 2000
print(1e9 * (best(guarded) - best(free)) / {count})
"""

FIRST_CALL = """
import time, tfc as tf
x = tf.constant([1.0, 2.0])
t = time.perf_counter()
@tf.function
def f(x):
    return x + 1
f(x)
print(1e3 * (time.perf_counter() - t))
"""

FIRST_GRADIENT = """
import time, numpy as np, tfc as tf
rng = np.random.default_rng(0)
sizes = [64] * 5
ws = [tf.Variable(rng.normal(size=(m, n)).astype(np.float32) / 8) for m, n in zip(sizes, sizes[1:])]
bs = [tf.Variable(np.zeros(n, np.float32)) for n in sizes[1:]]
x = tf.constant(rng.normal(size=(32, 64)).astype(np.float32))
t = time.perf_counter()
@tf.function
def gradient(x):
    with tf.GradientTape() as tape:
        h = x
        for w, b in zip(ws, bs):
            h = tf.tanh(h @ w + b)
        loss = tf.reduce_mean(h * h)
    return tape.gradient(loss, ws + bs)
gradient(x)
print(1e3 * (time.perf_counter() - t))
"""

TRACE = """
import time, tfc as tf
f = tf.function(lambda x: x + 1.0)
f(tf.constant([0.5, 0.25]))     # imports are not the matter here
@tf.function
def chain(x):
    y = x
{lines}
    return y
x = tf.ones([16])
t = time.perf_counter()
chain(x)
print(time.perf_counter() - t)
"""

FIRST_GRADIENT_JAX = """
import time, numpy as np, jax, jax.numpy as jnp
rng = np.random.default_rng(0)
sizes = [64] * 5
ws = [jnp.asarray(rng.normal(size=(m, n)).astype(np.float32) / 8) for m, n in zip(sizes, sizes[1:])]
bs = [jnp.zeros(n) for n in sizes[1:]]
x = jnp.asarray(rng.normal(size=(32, 64)).astype(np.float32))
t = time.perf_counter()
def loss(parameters, x):
    h = x
    for w, b in zip(*parameters):
        h = jnp.tanh(h @ w + b)
    return jnp.mean(h * h)
jax.block_until_ready(jax.jit(jax.grad(loss))((ws, bs), x))
print(1e3 * (time.perf_counter() - t))
"""

STRAIGHT = """
import time, tfc as tf
from types import FunctionType
def chain(x):
    y = x
{body}
    return y
native = FunctionType(chain.__code__, globals(), "native")
native._tfc_do_not_convert = True       # called as it is, like the functions of libraries
def call_native(x):
    return native(x)
x = tf.ones([16])
tf.function(lambda x: tf.sin(x) + 1.0)(x)   # imports are not the matter here
for function in (call_native, chain):
    compiled = tf.function(function)
    t = time.perf_counter()
    compiled._program_for((x,), {{}})
    print(1e6 * (time.perf_counter() - t) / {count})
"""

LOOP = """
import time, tfc as tf
@tf.function
def loop(x, n):
    for _ in tf.range(n):
        x = tf.sin(x) * 1.01
    return x
x = tf.ones([4])
def seconds(n):
    n = tf.constant(n)
    loop(x, n)
    t = time.perf_counter()
    loop(x, n)
    return time.perf_counter() - t
print(1e6 * (min(seconds(100_001) for _ in range(7)) - min(seconds(1) for _ in range(7))) / 100_000)
"""

BRANCH = """
import tfc as tf
@tf.function
def branch(x):
    if x[0] > 0.0:
        y = x + 1.0
    else:
        y = x * 2.0
    return y * 3.0
print(branch.text(tf.ones([16]), stage="cf").count("memref.alloc("))
"""

DIGITS = """
import sys; sys.path.insert(0, {examples!r})
import digits, numpy as np, tfc as tf
rng = np.random.default_rng(0)
x = tf.constant(rng.random((32, 64)).astype(np.float32)); y = tf.constant(rng.integers(0, 10, 32).astype(np.int32))
eager = digits.make_step(digits.Perceptron(64, 1))
compiled = tf.function(digits.make_step(digits.Perceptron(64, 1)))
for step in (eager, compiled):
    step(x, y)
    print(1e6 * digits.seconds_per_step(step, x, y))
"""


class Setting:
    """What the command line sets."""

    environments = Path(__file__).resolve().parent / ".envs"
    """Where `make bench` puts the peers."""
    clock = "perf_counter"
    """The function of `time` that programs take times from: `process_time` where other work disturbs."""


@dataclass(frozen=True)
class Figure:
    """A figure: its text, its limit, and how it is measured."""

    name: str
    text: str
    unit: str
    limit: float
    measure: Callable[[], float]
    at_least: bool = False


def run(program: str, python: str = sys.executable, **environment: str) -> list[float]:
    """The numbers that a program prints, run in a fresh process; from a file, since compiled functions need their source.

    The same program has the same file each time: positions in the source are part of what the disk cache goes by.
    """
    program = program.replace("perf_counter", Setting.clock)
    file = SCRATCH / f"figure_{zlib.crc32(program.encode()):08x}.py"
    file.write_text(program)
    done = subprocess.run(
        [python, str(file)],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **AS_INSTALLED, **environment},
    )
    if done.returncode:
        raise RuntimeError(done.stderr)
    return [float(line) for line in done.stdout.split()]


def best(program: str, times: int = 7, **environment: str) -> list[float]:
    """The smallest of each number over several runs."""
    return [
        min(column)
        for column in zip(*(run(program, **environment) for _ in range(times)), strict=True)
    ]


def import_ratio() -> float:
    """Import time of tfc over NumPy's, best of interleaved runs."""
    ours, numpys = [], []
    for _ in range(15):
        numpys += run(IMPORT.format(module="numpy"))
        ours += run(IMPORT.format(module="tfc"))
    return min(ours) / min(numpys)


def installed_megabytes() -> float:
    """Files of tfc's core and everything it needs, without .pyc."""
    total = 0
    for package in CORE:
        for file in metadata.files(package) or ():
            path = Path(str(file.locate()))
            if path.suffix != ".pyc" and path.is_file():
                total += path.stat().st_size
    here = Path(__file__).resolve().parent.parent
    for room in ("frontend", "dialects", "passes", "backend", "tools"):
        total += sum(f.stat().st_size for f in (here / room).rglob("*.py"))
    return total / 1e6


def eager_calls_beyond() -> float:
    """How many of the calls of `eager.py` take longer above NumPy's than they may."""
    return sum(ours - numpys > eager.LIMIT for _, ours, numpys in eager.measure([]))


def cold(program: str) -> float:
    return best(program, 5, TFC_CACHE="0")[0]


def warm(program: str) -> float:
    with tempfile.TemporaryDirectory() as folder:
        run(program, TFC_CACHE_DIR=folder)
        return best(program, 5, TFC_CACHE_DIR=folder)[0]


def gradient_over_jax() -> float:
    """First gradients with nothing cached, ours and JAX's by turns."""
    python = str(Setting.environments / "jax" / "bin" / "python")
    ours, theirs = [], []
    for _ in range(5):
        ours += run(FIRST_GRADIENT, TFC_CACHE="0")
        theirs += run(FIRST_GRADIENT_JAX, python)
    return min(ours) / min(theirs)


def interpretation_microseconds(count: int = 1000) -> float:
    """An operation of the user's function, beyond what recording it costs when a library calls it."""
    body = "    y = tf.sin(y) * 0.5 + x - 0.25\n" * (count // 4)
    called, interpreted = best(STRAIGHT.format(body=body, count=count), 5)
    return interpreted - called


def way_microseconds(call: str) -> float:
    return best(WAYS.format(call=call), 3)[0]


def guard_nanoseconds(count: int = 20) -> float:
    """A value of the world outside that is checked at each call: an attribute of an object."""
    lines = "\n".join(f"settings.a{k} = {k}.5" for k in range(count))
    total = " + ".join(f"settings.a{k}" for k in range(count))
    return best(GUARDS.format(lines=lines, total=total, count=count), 3)[0]


def trace_seconds(count: int) -> float:
    # Written out: a loop over a long range would stay a loop.
    lines = "\n".join(["    y = tf.sin(y) * 0.5 + x - 0.25"] * (count // 4))
    return best(TRACE.format(lines=lines), 3, TFC_CACHE="0")[0]


def digits_ratio() -> float:
    examples = str(Path(__file__).resolve().parent.parent / "examples")
    eager, compiled = best(DIGITS.format(examples=examples), 3)
    return eager / compiled


FIGURES = (
    Figure("import", "import tfc, in NumPy's own import times", "x", 2.0, import_ratio),
    Figure("memory", "memory after import tfc", "MB", 100.0, lambda: best(MEMORY, 3)[0]),
    Figure("size", "installed, with everything it needs", "MB", 255.0, installed_megabytes),
    Figure("eager", f"eager calls of {len(eager.CALLS)} more than 2 us above NumPy's", "", 0.0, eager_calls_beyond),
    Figure("call", "compiled x + y on 4 floats", "us", 5.0, lambda: best(CALL, 3)[0]),
    *(
        Figure(f"call-{name}", f"compiled {call} on 4 floats", "us", 5.0, partial(way_microseconds, call))
        for name, call in CALLS.items()
    ),
    Figure("guard", "a guard, at each call", "ns", 100.0, guard_nanoseconds),
    Figure("first-call", "first call of x + 1, nothing cached", "ms", 60.0, lambda: cold(FIRST_CALL)),
    Figure("first-call-warm", "first call of x + 1, from the disk cache", "ms", 20.0, lambda: warm(FIRST_CALL)),
    Figure("gradient", "first gradient of a 4 x 64 MLP, nothing cached", "ms", 300.0, lambda: cold(FIRST_GRADIENT)),
    Figure("gradient-warm", "first gradient of a 4 x 64 MLP, from the disk cache", "ms", 50.0, lambda: warm(FIRST_GRADIENT)),
    Figure("gradient-jax", "the same with nothing cached, over JAX's", "x", 1.0, gradient_over_jax),
    Figure("interpretation", "interpreting an op, beyond recording it", "us", 15.0, interpretation_microseconds),
    Figure("loop", "an iteration of x = sin(x) * 1.01 on 4 floats", "us", 0.05, lambda: best(LOOP, 3)[0]),
    Figure("branch", "allocations of a staged branch", "", 0.0, lambda: best(BRANCH, 1)[0]),
    Figure("trace-1000", "1,000 ops in one trace, compiled", "s", 0.6, lambda: trace_seconds(1000)),
    Figure("trace-4000", "4,000 ops in one trace over 1,000", "x", 4.5, lambda: trace_seconds(4000) / trace_seconds(1000)),
    Figure("digits", "training step of the digits, eager over compiled", "x", 3.0, digits_ratio, at_least=True),
)  # fmt: skip


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("names", nargs="*", help="figures to measure (default: all)")
    parser.add_argument(
        "--envs", type=Path, default=Setting.environments, help="folder of environments"
    )
    parser.add_argument("--clock", choices=("wall", "cpu"), default="wall")
    options = parser.parse_args()
    Setting.environments = options.envs
    Setting.clock = "process_time" if options.clock == "cpu" else "perf_counter"
    unknown = set(options.names) - {figure.name for figure in FIGURES}
    if unknown:
        parser.error(f"no such figure: {', '.join(unknown)}")
    print(f"{'':18}{'':54}{'measured':>12}   limit")
    for figure in FIGURES:
        if options.names and figure.name not in options.names:
            continue
        try:
            value = figure.measure()
        except (OSError, RuntimeError) as error:  # OSError: no such environment
            print(
                f"{figure.name:18}{figure.text:54}{'failed':>12}   {str(error).strip().splitlines()[-1]}"
            )
            continue
        met = value >= figure.limit if figure.at_least else value <= figure.limit
        sign = ">=" if figure.at_least else "<="
        mark = "" if met else "   NOT MET"
        print(
            f"{figure.name:18}{figure.text:54}{value:9.2f} {figure.unit:3} {sign} {figure.limit:g}{mark}"
        )
        sys.stdout.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
