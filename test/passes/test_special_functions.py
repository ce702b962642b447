"""The functions without an op, as lowerings emit them: numbers against mpmath, and the edges."""

from __future__ import annotations

from collections.abc import Callable

import mpmath
import numpy as np
import pytest
from math_functions import TYPES, Array, in_ulps, parse, run
from mlir import assert_accepted
from mpmath import mp, mpf
from tfc.passes.expand_math import ExpandMathPass
from tfc.passes.expand_math.special import FUNCTIONS, emit
from tfc.passes.rewriting import Rewriter
from xdsl.context import Context
from xdsl.dialects import math
from xdsl.dialects.builtin import ModuleOp

INF, NAN = np.inf, np.nan
RNG = np.random.default_rng(11)


@pytest.fixture(autouse=True)
def quiet():
    with np.errstate(all="ignore"), mp.workdps(40):
        yield


def emitted(name: str, element: str) -> ModuleOp:
    """A function that applies one special function, before expand-math."""
    module = parse(f"""
        func.func @f(%x: {element}) -> {element} {{
          %y = math.absf %x : {element}
          func.return %y : {element}
        }}""")
    [place] = [op for op in module.walk() if isinstance(op, math.AbsFOp)]
    rewriter = Rewriter().before(place)
    rewriter.replace(place, emit(rewriter, name, place.operands[0]))
    module.verify()
    return module


def expanded(name: str, element: str) -> ModuleOp:
    module = emitted(name, element)
    ExpandMathPass().apply(Context(), module)
    module.verify()
    return module


def erfc_inverse(y: mpf) -> mpf:
    """By Newton's method on the logarithm."""
    s = mpmath.sqrt(-mpmath.log(y))
    t = s * mpf("0.9")
    for _ in range(60):
        error = mpmath.log(mpmath.erfc(t)) + s * s
        step = error * mpmath.erfc(t) * mpmath.sqrt(mpmath.pi) * mpmath.exp(t * t) / -2
        t -= step
        if abs(step) < mpf(10) ** -32:
            break
    return t


def ndtri(p: mpf) -> mpf:
    if p > 0.5:
        return -ndtri(1 - p)
    if p < 0.1:
        return -mpmath.sqrt(2) * erfc_inverse(2 * p)
    return -mpmath.sqrt(2) * mpmath.erfinv(1 - 2 * p)


def lgamma(x: mpf) -> mpf:
    return mpmath.re(mpmath.loggamma(x))


GAMMA_POINTS = np.concatenate(
    [
        RNG.uniform(0, 4, 80),
        RNG.uniform(4, 40, 40),
        np.exp(RNG.uniform(-80, 80, 40)),
        RNG.uniform(-9, 0, 40),
    ]
)
POINTS: dict[str, tuple[Callable[[mpf], mpf], Array]] = {
    "lgamma": (lgamma, GAMMA_POINTS),
    "digamma": (mpmath.digamma, GAMMA_POINTS),
    "erfc": (mpmath.erfc, np.concatenate([RNG.uniform(-4, 9, 100), RNG.uniform(9, 27, 40)])),
    "erfinv": (
        mpmath.erfinv,
        np.concatenate([RNG.uniform(-1, 1, 60), np.exp(RNG.uniform(-80, -1, 20))]),
    ),
    "ndtri": (ndtri, np.concatenate([RNG.uniform(0, 1, 60), np.exp(RNG.uniform(-80, -1, 40))])),
}
EDGES = {
    "lgamma": (
        [0.0, -0.0, INF, -INF, NAN, 1, 2, -1, -2],
        [INF, INF, INF, INF, NAN, 0, 0, INF, INF],
    ),
    "digamma": ([0.0, -0.0, INF, -INF, NAN, -1, -2], [-INF, INF, INF, NAN, NAN, NAN, NAN]),
    "erfc": ([0.0, -0.0, INF, -INF, NAN, 30, -30], [1, 1, 0, 2, NAN, 0, 2]),
    "erfinv": ([0.0, -0.0, 1, -1, 2, -2, NAN], [0.0, -0.0, INF, -INF, NAN, NAN, NAN]),
    "ndtri": ([0.0, 1, 0.5, -1, 2, NAN], [-INF, INF, 0.0, NAN, NAN, NAN]),
}


@pytest.mark.parametrize("element", ["f32", "f64"])
@pytest.mark.parametrize("name", FUNCTIONS)
def test_accuracy(name: str, element: str):
    function, points = POINTS[name]
    dtype = TYPES[element]
    x = points.astype(dtype)
    x = x[np.isfinite(x) & (x != 0) & (np.abs(x) != 1)]
    exact = np.array([np.longdouble(mpmath.nstr(function(mpf(float(v))), 25)) for v in x])
    got = run(expanded(name, element), x)
    if element == "f32":
        assert in_ulps(got, exact).max() <= (3.0 if name == "erfc" else 0.51)
    elif name == "erfc":
        assert in_ulps(got, exact).max() <= 4
    else:
        # Near a zero of the function the error is absolute.
        assert (np.abs(got - exact) / np.maximum(1, np.abs(exact))).max() < 3e-15


@pytest.mark.parametrize("element", ["f32", "f64"])
@pytest.mark.parametrize("name", FUNCTIONS)
def test_edges(name: str, element: str):
    inputs, outputs = (np.array(v, TYPES[element]) for v in EDGES[name])
    got = run(expanded(name, element), inputs)
    np.testing.assert_array_equal(got, outputs)
    number = ~np.isnan(outputs)
    np.testing.assert_array_equal(np.signbit(got)[number], np.signbit(outputs)[number])


def test_upstream_accepts_what_is_emitted():
    assert_accepted({name: str(emitted(name, "f32")) for name in FUNCTIONS})


def test_in_a_block_without_a_function_constants_stay_in_the_block():
    from xdsl.dialects import arith
    from xdsl.dialects.builtin import f32
    from xdsl.ir import Block

    block = Block(arg_types=[f32])
    rewriter = Rewriter().at_end(block)
    result = emit(rewriter, "erfc", block.args[0])
    assert result.type == f32
    assert isinstance(block.first_op, arith.ConstantOp)
