"""Derive the coefficients of `expand-math`.

python benchmarks/coefficients.py             # rewrite passes/expand_math/coefficients.py
python benchmarks/coefficients.py exp log     # print these fits and their errors only
"""

from __future__ import annotations

import argparse
import math
import textwrap
from pathlib import Path

import minimax
from minimax import Fit, Solution
from mpmath import (
    asin,
    atan,
    atanh,
    cos,
    digamma,
    erf,
    erfc,
    erfinv,
    exp,
    expm1,
    log,
    log1p,
    loggamma,
    mpf,
    pi,
    sin,
    sinh,
    sqrt,
    tan,
    tanh,
)

OUTPUT = Path(__file__).resolve().parent.parent / "passes" / "expand_math" / "coefficients.py"

HALF_LN2 = 0.3467  # ln 2 / 2 and what rounding n adds
QUARTER_PI = 0.81
ROOT_HALF, ROOT_TWO = 2**-0.5 - 1, 2**0.5 - 1


def exp_tail(r: mpf) -> mpf:
    return (exp(r) - 1 - r) / r**2


def cos_tail(z: mpf) -> mpf:
    return (cos(sqrt(z)) - 1 + z / 2) / z**2


def odd_tail(function):  # type: ignore[no-untyped-def]
    """z -> (function(sqrt z) / sqrt z - 1) / z: an odd function is x + x z times it."""
    return lambda z: (function(sqrt(z)) / sqrt(z) - 1) / z


def odd_weight(function):  # type: ignore[no-untyped-def]
    """The weight that makes the error of `odd_tail` relative to the function."""
    return lambda z: z * sqrt(z) / function(sqrt(z))


def erf_excess(z: mpf) -> mpf:
    return erf(sqrt(z)) / sqrt(z) - 1


def erf_weight(z: mpf) -> mpf:
    return sqrt(z) / erf(sqrt(z))


def log_erfc(a: mpf) -> mpf:
    return log(erfc(a))


def scaled_erfc(center: int) -> tuple[minimax.Function, minimax.Function]:
    """q -> (1 + 2 a) erfc(a) exp(a^2) at q = (a - center) / (a + center), and its inverse."""

    def target(q: mpf) -> mpf:
        a = center * (1 + q) / (1 - q)
        return (1 + 2 * a) * erfc(a) * exp(a * a)

    return target, lambda q: 1 / target(q)


def log2_quotient(z: mpf) -> mpf:
    return 2 * atanh(sqrt(z)) / sqrt(z) / log(2)


def second_log_tail(z: mpf) -> mpf:
    return ((atanh(sqrt(z)) / sqrt(z) - 1) / z - mpf(1) / 3) / z


def lgamma_by_t(t: mpf) -> mpf:
    return loggamma(2 + t) / t


def stirling_tail(z: mpf) -> mpf:
    """What Stirling's formula lacks, times a, at a = 1 / sqrt(z)."""
    a = 1 / sqrt(z)
    return (loggamma(a) - ((a - mpf(1) / 2) * log(a) - a + log(2 * pi) / 2)) * a


def digamma_tail(z: mpf) -> mpf:
    a = 1 / sqrt(z)
    return (log(a) - 1 / (2 * a) - digamma(a)) / z


def sin_pi_tail(z: mpf) -> mpf:
    return (sin(pi * sqrt(z)) / sqrt(z) - pi) / z


def erfinv_by_x(z: mpf) -> mpf:
    return erfinv(sqrt(z)) / sqrt(z)


def erfc_inverse(s: mpf) -> mpf:
    """t with erfc(t) = exp(-s^2), by Newton's method on the logarithm."""
    t = s * mpf("0.92") if s > 2 else s * mpf("0.8")
    for _ in range(60):
        step = (log(erfc(t)) + s * s) * erfc(t) * sqrt(pi) * exp(t * t) / -2
        t -= step
        if abs(step) < mpf(10) ** -35:
            break
    return t


def inverse_of(function):  # type: ignore[no-untyped-def]
    """The weight that makes an error relative."""
    return lambda t: 1 / function(t)


FITS = [
    Fit("exp", 32, exp_tail, lambda r: r**2 / exp(r), -HALF_LN2, HALF_LN2, 4),
    Fit("exp", 64, exp_tail, lambda r: r**2 / exp(r), -HALF_LN2, HALF_LN2, 9),
    Fit("expm1", 32, exp_tail, lambda r: r**2 / expm1(r), -HALF_LN2, HALF_LN2, 5),
    Fit("expm1", 64, exp_tail, lambda r: r**2 / expm1(r), -HALF_LN2, HALF_LN2, 10),
    Fit(
        "log",
        32,
        lambda f: (log1p(f) - f + f * f / 2) / f**3,
        lambda f: f**3 / log1p(f),
        ROOT_HALF,
        ROOT_TWO,
        7,
    ),
    # log(1 + f) = f - f^2/2 + s (f^2/2 + z L(z)), s = f / (2 + f), z = s^2
    Fit(
        "log", 64, lambda z: (2 * atanh(sqrt(z)) / sqrt(z) - 2) / z, lambda z: z / 2, 0, 0.02945, 6
    ),
    Fit("sinh", 32, odd_tail(sinh), odd_weight(sinh), 0, 1, 3),
    Fit("sinh", 64, odd_tail(sinh), odd_weight(sinh), 0, 1, 6),
    Fit("tanh", 32, odd_tail(tanh), odd_weight(tanh), 0, 0.56**2, 0, 2),
    Fit("tanh", 64, odd_tail(tanh), odd_weight(tanh), 0, 0.56**2, 2, 3),
    Fit("sin", 32, odd_tail(sin), odd_weight(sin), 0, QUARTER_PI**2, 2),
    Fit("sin", 64, odd_tail(sin), odd_weight(sin), 0, QUARTER_PI**2, 5),
    Fit("cos", 32, cos_tail, lambda z: z**2 / cos(sqrt(z)), 0, QUARTER_PI**2, 2),
    Fit("cos", 64, cos_tail, lambda z: z**2 / cos(sqrt(z)), 0, QUARTER_PI**2, 5),
    Fit("tan", 32, odd_tail(tan), odd_weight(tan), 0, QUARTER_PI**2, 1, 2),
    Fit("tan", 64, odd_tail(tan), odd_weight(tan), 0, QUARTER_PI**2, 2, 4),
    Fit("asin", 32, odd_tail(asin), odd_weight(asin), 0, 0.25, 4),
    Fit("asin", 64, odd_tail(asin), odd_weight(asin), 0, 0.25, 11),
    Fit("erf", 32, erf_excess, erf_weight, 0, 0.91**2, 5),
    Fit("erf", 64, erf_excess, erf_weight, 0, 1.01**2, 11),
    Fit("log erfc", 32, log_erfc, lambda a: erfc(a) / erf(a), 0.89, 4, 6),
    Fit("log erfc", 64, log_erfc, lambda a: erfc(a) / erf(a), 0.99, 6, 17),
    Fit("erfcx", 32, *scaled_erfc(2), -0.605, 0.673, 10),
    Fit("erfcx", 64, *scaled_erfc(4), -0.78, 0.747, 24),
    Fit("log2 for f32", 64, log2_quotient, lambda z: 1 / log2_quotient(z), 0, 0.02945, 4),
    Fit("exp2 for f32", 64, lambda r: 2**r, lambda r: 2**-r, -0.501, 0.501, 6),
    Fit("log for pow", 64, second_log_tail, lambda z: z**2, 0, 0.02945, 6),
    Fit("lgamma", 64, lgamma_by_t, inverse_of(lgamma_by_t), -0.5, 0.5, 6, 6),
    Fit("stirling", 64, stirling_tail, lambda z: sqrt(z) / loggamma(1 / sqrt(z)), 1e-9, 1 / 64, 5),
    Fit("digamma", 64, digamma_tail, lambda z: z / digamma(1 / sqrt(z)), 1e-9, 1 / 64, 6),
    Fit("sin pi", 64, sin_pi_tail, lambda z: z * sqrt(z) / sin(pi * sqrt(z)), 0, 0.25, 7),
    Fit("erfinv", 64, erfinv_by_x, inverse_of(erfinv_by_x), 0, 0.5626, 6, 6),
    Fit("erfc inverse near", 64, erfc_inverse, inverse_of(erfc_inverse), 1.17, 6.2, 8, 7),
    Fit("erfc inverse far", 64, erfc_inverse, inverse_of(erfc_inverse), 6.1, 27.4, 7, 6),
    Fit("atan", 32, odd_tail(atan), odd_weight(atan), 0, 0.1717, 4),
    Fit("atan", 64, odd_tail(atan), odd_weight(atan), 0, 0.1717, 10),
]


def render(solutions: list[tuple[Fit, Solution]]) -> str:
    """The module of coefficients as text."""
    lines = [
        '"""Coefficients, lowest power first. Generated by benchmarks/coefficients.py."""',
        "",
        "# fmt: off",
    ]
    for bits in (32, 64):
        lines.append(f"F{bits}: dict[str, tuple[float, ...]] = {{")
        for fit, solution in solutions:
            if fit.bits != bits:
                continue
            parts = [("", solution.numerator)]
            if solution.denominator:
                parts = [(" numerator", solution.numerator), (" denominator", solution.denominator)]
            lines.append(f"    # error 2^{math.log2(solution.error):.1f}")
            for suffix, values in parts:
                text = ", ".join(repr(v) for v in values) + ","
                wrapped = textwrap.wrap(text, 92, break_on_hyphens=False)
                lines += [
                    f'    "{fit.name}{suffix}": (',
                    *(f"        {w}" for w in wrapped),
                    "    ),",
                ]
        lines.append("}")
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help="only print these fits")
    names = parser.parse_args().names
    chosen = [fit for fit in FITS if not names or fit.name in names]
    solutions = [(fit, minimax.solve(fit)) for fit in chosen]
    if names:
        print(render(solutions))
    else:
        OUTPUT.write_text(render(solutions))


if __name__ == "__main__":
    main()
