"""Nanoseconds an element of each function in a loop over 4096 elements in L1, against NumPy.

python benchmarks/functions.py exp tanh
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "test"))

from math_functions import parse  # noqa: E402
from tfc.backend import compile_module, load  # noqa: E402
from tfc.passes.pipelines import run_passes  # noqa: E402

COUNT = 4096
NUMPY: dict[str, Callable[..., Any]] = {
    "exp": np.exp, "expm1": np.expm1, "log": np.log, "log1p": np.log1p, "tanh": np.tanh,
    "sinh": np.sinh, "sin": np.sin, "cos": np.cos, "tan": np.tan, "atan": np.arctan,
    "asin": np.arcsin, "asinh": np.arcsinh, "cbrt": np.cbrt, "powf": np.power, "atan2": np.arctan2,
}  # fmt: skip


def native(op: str, element: str, operands: int, repeats: int) -> Callable[..., Any]:
    """A native function that applies an op to arrays, `repeats` times over."""
    memref = f"memref<{COUNT}x{element}>"
    arguments = "".join(f"%a{i}: {memref}, " for i in range(operands))
    loads = "".join(f"%x{i} = memref.load %a{i}[%i] : {memref}\n" for i in range(operands))
    values = ", ".join(f"%x{i}" for i in range(operands))
    types = ", ".join([element] * operands)
    module = parse(f"""
        func.func @main({arguments} %r: {memref} {{tfc.result = 0 : i64}}) {{
          %zero = arith.constant 0 : index
          %one = arith.constant 1 : index
          %n = arith.constant {COUNT} : index
          %m = arith.constant {repeats} : index
          scf.for %k = %zero to %m step %one {{
            scf.for %i = %zero to %n step %one {{
              {loads}
              %y = "math.{op}"({values}) : ({types}) -> {element}
              memref.store %y, %r[%i] : {memref}
            }}
          }}
          func.return
        }}""")
    run_passes(module, "expand-math,convert-scf-to-cf")
    return load(compile_module(module))


def best(call: Callable[[], object], elements: int, rounds: int = 15) -> float:
    """Nanoseconds an element in the best of some rounds."""
    times: list[float] = []
    for _ in range(rounds):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return min(times) / elements * 1e9


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("ops", nargs="*", default=["exp", "log", "tanh", "erf", "sin", "powf"])
    repeats = 50
    rng = np.random.default_rng(0)
    print("| function | f32 | NumPy f32 | f64 | NumPy f64 |\n|---|---|---|---|---|")
    for op in parser.parse_args().ops:
        row: list[str] = []
        for dtype, element in ((np.float32, "f32"), (np.float64, "f64")):
            inputs = [
                rng.uniform(0.05, 4, COUNT).astype(dtype)
                for _ in range(1 + (op in ("powf", "atan2")))
            ]
            function = native(op, element, len(inputs), repeats)
            ours = best(lambda f=function, a=inputs: f(a), COUNT * repeats)
            row.append(f"{ours:.2f}")
            numpy = NUMPY.get(op)
            out = np.empty(COUNT, dtype)
            if numpy is None:
                row.append("")
                continue
            theirs = best(
                lambda f=numpy, a=inputs, o=out: [f(*a, out=o) for _ in range(20)], COUNT * 20
            )
            row.append(f"{theirs:.2f}")
        print(f"| `{op}` | {' | '.join(row)} |", flush=True)


if __name__ == "__main__":
    main()
