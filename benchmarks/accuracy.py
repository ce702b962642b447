"""Measure the errors of `expand-math` and write them into docs/math.md.

python benchmarks/accuracy.py --samples 200000
"""

from __future__ import annotations

import argparse
import math
import re
import sys
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "test"))

from math_functions import FUNCTIONS, Function, dense_samples, expanded, in_ulps, pairs, run  # noqa: E402

WIDE = {np.float32: np.float64, np.float64: np.longdouble}
NAMES = {np.float32: "f32", np.float64: "f64"}


def unary_error(function: Function, dtype: type[np.floating], count: int) -> float:
    """The largest error of a function of one argument."""
    x = dense_samples(function, dtype, count)
    got = run(expanded(f"math.{function.op}", f"{NAMES[dtype]} {NAMES[dtype]}"), x)
    return float(in_ulps(got, function.exact(x.astype(WIDE[dtype]))).max())


def binary_error(op: str, exact: np.ufunc, dtype: type[np.floating], count: int) -> float:
    """The largest error of a function of two arguments."""
    x, y = pairs(dtype, 4 * count)
    got = run(expanded(f"math.{op}", " ".join([NAMES[dtype]] * 3)), x, y)
    return float(in_ulps(got, exact(x.astype(WIDE[dtype]), y.astype(WIDE[dtype]))).max())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--samples", type=int, default=200_000)
    count = parser.parse_args().samples
    np.seterr(all="ignore")
    unary = {f.op for f in FUNCTIONS}
    errors = {f.op: [unary_error(f, d, count) for d in WIDE] for f in FUNCTIONS}
    for op, exact in (("powf", np.power), ("atan2", np.arctan2)):
        errors[op] = [binary_error(op, exact, d, count) for d in WIDE]
    lines = ["| function | f32 | f64 |", "|---|---|---|"]
    for op in sorted(errors):
        # Rounded up, with room for what the samples missed: more in the plane than on the line.
        room = 0.05 if op in unary else 0.2
        single, double = (math.ceil((e + room) * 10) / 10 for e in errors[op])
        lines.append(f"| `{op}` | {single:.1f} | {double:.1f} |")
    document = ROOT / "docs" / "math.md"
    text = document.read_text()
    table = "<!-- table -->\n" + "\n".join(lines) + "\n<!-- end -->"
    document.write_text(re.sub(r"<!-- table -->.*<!-- end -->", table, text, flags=re.DOTALL))


if __name__ == "__main__":
    main()
