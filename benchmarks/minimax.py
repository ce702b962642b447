"""Minimax fits by Remez exchange, with coefficients rounded as they are found.

A `Fit` asks for a polynomial or a quotient of two that keeps `weight(t) * (p(t) - target(t))` small
for t in [low, high]. Low coefficients of a polynomial are rounded to the format first and the rest
is fitted again around them, so that higher ones repair what rounding a lower one costs.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from mpmath import mp, mpf

Function = Callable[[mpf], mpf]


@dataclass(frozen=True)
class Fit:
    """One table of coefficients; `denominator` > 0 makes a quotient of that degree below."""

    name: str
    bits: int
    target: Function
    weight: Function
    low: float
    high: float
    degree: int
    denominator: int = 0


@dataclass(frozen=True)
class Solution:
    """Coefficients, lowest power first, and the largest weighted error after rounding."""

    numerator: tuple[float, ...]
    denominator: tuple[float, ...]
    error: float


def round_to(bits: int, value: mpf) -> float:
    """The nearest float of the format."""
    return float(np.float32(float(value))) if bits == 32 else float(value)


def horner(coefficients: list[mpf], t: mpf) -> mpf:
    """The value of a polynomial."""
    total = mpf(0)
    for c in reversed(coefficients):
        total = total * t + c
    return total


def remez(
    target: list[mpf], weight: list[mpf], points: list[mpf], degree: int, denominator: int
) -> tuple[list[mpf], list[mpf]]:
    """Minimax fit on a grid: numerator and denominator, whose constant is 1.

    Each step solves w (P - f Q) = +-E Q' on the reference, Q' being the denominator found before,
    and exchanges the reference for the alternating extrema of the error.
    """
    size = degree + denominator + 2
    last = len(points) - 1
    spread = [(1 - np.cos(np.pi * (i + 0.5) / size)) / 2 for i in range(size)]
    # The grid is spaced like a cosine itself, so equal steps of the index are Chebyshev points.
    reference: list[int] | None = [
        round(float(np.arccos(1 - 2 * s)) / np.pi * last) for s in spread
    ]
    bottom = [mpf(1)]
    best: tuple[list[mpf], list[mpf]] | None = None
    least = mpf("inf")
    for _ in range(30):
        assert reference is not None
        for _ in range(8 if denominator else 1):
            rows: list[list[mpf]] = []
            sides: list[mpf] = []
            for i, k in enumerate(reference):
                t, w, f = points[k], weight[k], target[k]
                row = [w * t**j for j in range(degree + 1)]
                row += [-w * f * t**j for j in range(1, denominator + 1)]
                row.append((-1) ** i * horner(bottom, t))
                rows.append(row)
                sides.append(w * f)
            solution = list(mp.lu_solve(mp.matrix(rows), mp.matrix(sides)))
            top, bottom = solution[: degree + 1], [mpf(1), *solution[degree + 1 : -1]]
        error = [
            w * (horner(top, t) / horner(bottom, t) - f)
            for t, w, f in zip(points, weight, target, strict=True)
        ]
        worst = max(abs(e) for e in error)
        if worst < least:
            best, least = (top, bottom), worst
        reference = exchange(error, size)
        if reference is None or worst <= abs(solution[-1]) * mpf("1.02"):
            break
    assert best is not None
    return best


def exchange(error: list[mpf], size: int) -> list[int] | None:
    """`size` alternating extrema of the error, the largest ones; None when there are fewer."""
    extrema: list[int] = []
    for i, e in enumerate(error):
        if extrema and (error[extrema[-1]] > 0) == (e > 0):
            if abs(e) > abs(error[extrema[-1]]):
                extrema[-1] = i
        else:
            extrema.append(i)
    while len(extrema) > size:
        if len(extrema) == size + 1:
            extrema.pop(0 if abs(error[extrema[0]]) < abs(error[extrema[-1]]) else -1)
        else:
            heights = [abs(error[k]) for k in extrema]
            pairs = [max(a, b) for a, b in itertools.pairwise(heights)]
            k = pairs.index(min(pairs))
            del extrema[k : k + 2]
    return extrema if len(extrema) == size else None


def solve(fit: Fit, exact: int = 3) -> Solution:
    """The coefficients of a fit; `exact` low ones of a polynomial are rounded one by one."""
    mp.dps = 70 if fit.denominator else 50
    count = 200 + 30 * (fit.degree + fit.denominator)
    middle, half = (mpf(fit.low) + fit.high) / 2, (mpf(fit.high) - fit.low) / 2
    points = [middle - half * mp.cos(mp.pi * i / (count - 1)) for i in range(count)]
    # Targets have removable singularities at zero.
    tiny = mpf(10) ** -12
    points = [t if abs(t) > tiny else tiny for t in points]
    target = [mpf(fit.target(t)) for t in points]
    weight = [mpf(fit.weight(t)) for t in points]
    top, bottom = remez(target, weight, points, fit.degree, fit.denominator)
    done: list[float] = []
    if not fit.denominator:
        rest, scaled = target, weight
        for _ in range(min(exact, fit.degree)):
            done.append(round_to(fit.bits, top[0]))
            rest = [(f - done[-1]) / t for f, t in zip(rest, points, strict=True)]
            scaled = [w * t for w, t in zip(scaled, points, strict=True)]
            top, _ = remez(rest, scaled, points, fit.degree - len(done), 0)
    numerator = (*done, *(round_to(fit.bits, c) for c in top))
    denominator = tuple(round_to(fit.bits, c) for c in bottom) if fit.denominator else ()
    above, below = [mpf(c) for c in numerator], [mpf(c) for c in denominator or (1,)]
    error = max(
        abs(w * (horner(above, t) / horner(below, t) - f))
        for t, w, f in zip(points, weight, target, strict=True)
    )
    return Solution(numerator, denominator, float(error))
