"""expand-math: numbers over the whole range against wider arithmetic, edges, and what is emitted.

The ulps a function may be off are those that docs/math.md promises.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from io import StringIO
from pathlib import Path

import mpmath
import numpy as np
import pytest
from math_functions import (
    FUNCTIONS,
    TYPES,
    Array,
    Function,
    dense_samples,
    expanded,
    in_ulps,
    pairs,
    parse,
    run,
    samples,
)
from mlir import assert_accepted
from tfc.passes.expand_math import ExpandMathPass
from tfc.passes.expand_math.large_arguments import WORDS
from xdsl.context import Context
from xdsl.dialects import arith
from xdsl.printer import Printer

DOCUMENT = Path(__file__).resolve().parent.parent.parent / "docs" / "math.md"


@pytest.fixture(autouse=True)
def quiet():
    with np.errstate(all="ignore"):
        yield


@cache
def promised() -> dict[str, tuple[float, float]]:
    """Function to its largest error in f32 and in f64, from the table in docs/math.md."""
    table = DOCUMENT.read_text().split("<!-- table -->")[1].split("<!-- end -->")[0]
    rows = re.findall(r"^\| `(\w+)` \| ([\d.]+) \| ([\d.]+) \|$", table, re.MULTILINE)
    return {name: (float(single), float(double)) for name, single, double in rows}


@pytest.mark.parametrize("element", ["f32", "f64"])
@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda f: f.op)
def test_accuracy(function: Function, element: str):
    dtype = np.float32 if element == "f32" else np.float64
    x = dense_samples(function, dtype)
    got = run(expanded(f"math.{function.op}", f"{element} {element}"), x)
    exact = function.exact(x.astype(np.float64 if element == "f32" else np.longdouble))
    error = in_ulps(got, exact)
    worst = int(np.argmax(error))
    limit = promised()[function.op][element == "f64"]
    assert error[worst] <= limit, f"{function.op}({x[worst]!r}) = {got[worst]!r}"
    zero = exact == 0
    assert (np.signbit(got) == np.signbit(exact))[zero].all()


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda f: f.op)
def test_without_fused_multiply_add(function: Function):
    for element, dtype, wide in (
        ("f32", np.float32, np.float64),
        ("f64", np.float64, np.longdouble),
    ):
        x = dense_samples(function, dtype)[::4]
        module = expanded(f"math.{function.op}", f"{element} {element}", fma=False)
        assert "math.fma" not in {op.name for op in module.walk()}
        error = in_ulps(run(module, x), function.exact(x.astype(wide)))
        worst = int(np.argmax(error))
        assert error[worst] <= 4, x[worst]


# Those nearest to a multiple of pi / 2, the largest ones, and some between.
LARGE = {
    "f32": [7.729179e28, -1.0532362e23, 1.5734712e38, 3.4028235e38, 16367173.0, 2.0**64],
    "f64": [6381956970095103.0 * 2.0**797, -1.7976931348623157e308, 8.9e14, 1e22, 2.0**64, -(2.0**1023)],
}  # fmt: skip


@pytest.mark.parametrize("element", ["f32", "f64"])
@pytest.mark.parametrize("op", ["sin", "cos", "tan"])
def test_large_numbers(op: str, element: str):
    x = np.array(LARGE[element], TYPES[element])
    for fma in (True, False):
        got = run(expanded(f"math.{op}", f"{element} {element}", fma=fma), x)
        with mpmath.workprec(1300):
            for value, result in zip(x, got, strict=True):
                exact = getattr(mpmath, op)(mpmath.mpf(float(value)))
                unit = float(np.spacing(np.abs(TYPES[element](float(exact)))))
                assert abs(mpmath.mpf(float(result)) - exact) < 3 * unit, value


def test_the_bits_of_two_over_pi():
    with mpmath.workprec(64 * len(WORDS)):
        bits = int(mpmath.floor(2 / mpmath.pi * mpmath.mpf(2) ** (64 * (len(WORDS) - 1))))
    assert bits == sum(word << 64 * k for k, word in enumerate(reversed(WORDS)))


@pytest.mark.parametrize("op", ["sin", "cos", "tan"])
def test_infinities_have_no_sine(op: str):
    x = np.array([np.inf, -np.inf, np.nan])
    assert np.isnan(run(expanded(f"math.{op}", "f64 f64"), x)).all()


@pytest.mark.parametrize("fma", [True, False], ids=["fma", "no_fma"])
@pytest.mark.parametrize("element", ["f32", "f64"])
@pytest.mark.parametrize(
    ("op", "exact"),
    [("powf", np.power), ("atan2", np.arctan2)],
    ids=["powf", "atan2"],
)
def test_two_arguments(op: str, exact: Callable[..., Array], element: str, fma: bool):
    dtype, wide = (np.float32, np.float64) if element == "f32" else (np.float64, np.longdouble)
    x, y = pairs(dtype)
    got = run(expanded(f"math.{op}", f"{element} {element} {element}", fma=fma), x, y)
    expected = exact(x.astype(wide), y.astype(wide))
    error = in_ulps(got, expected)
    worst = int(np.argmax(error))
    limit = promised()[op][element == "f64"] if fma else 4
    assert error[worst] <= limit, f"{op}({x[worst]!r}, {y[worst]!r}) = {got[worst]!r}"
    zero = expected == 0
    assert (np.signbit(got) == np.signbit(expected))[zero].all()


@pytest.mark.parametrize("fma", [True, False], ids=["fma", "no_fma"])
@pytest.mark.parametrize("vectors", [True, False], ids=["vectors", "scalars"])
@pytest.mark.parametrize("element", ["f32", "f64"])
def test_remainders_are_exact(element: str, vectors: bool, fma: bool):
    from tfc.backend import compile_module, load
    from tfc.passes.pipelines import run_passes

    dtype = np.float32 if element == "f32" else np.float64
    x, y = remainder_samples(dtype)
    if not fma:  # halves of products that underflow are rounded
        usual = [(v == 0) | ~((abs(v) < 1e-15) | (abs(v) > 1e15) & np.isfinite(v)) for v in (x, y)]
        x, y = x[usual[0] & usual[1]], y[usual[0] & usual[1]]
    memref = f"memref<{x.size}x{element}>"
    module = parse(f"""
        func.func @main(%a: {memref}, %b: {memref}, %r: {memref} {{tfc.result = 0 : i64}}) {{
          %zero = arith.constant 0 : index
          %one = arith.constant 1 : index
          %n = arith.constant {x.size} : index
          scf.for %i = %zero to %n step %one {{
            %x = memref.load %a[%i] : {memref}
            %y = memref.load %b[%i] : {memref}
            %z = arith.remf %x, %y : {element}
            memref.store %z, %r[%i] : {memref}
          }} {{tfc.parallel}}
          func.return
        }}""")
    first = "vectorize-inner-loops," if vectors else ""
    run_passes(
        module, f"{first}expand-math{{fma={str(fma).lower()}}},convert-scf-to-cf", verify=True
    )
    [got] = load(compile_module(module))([x, y])
    expected = np.fmod(x, y)
    same = (got == expected) & (np.signbit(got) == np.signbit(expected))
    wrong = np.flatnonzero(~same & ~(np.isnan(got) & np.isnan(expected)))
    assert not wrong.size, (x[wrong[0]], y[wrong[0]], got[wrong[0]], expected[wrong[0]])


def remainder_samples(dtype: type[np.float32 | np.float64]) -> tuple[Array, Array]:
    """Numbers near each other, far from each other (up to quotients that overflow), multiples, and edges."""
    rng = np.random.default_rng(5)
    info = np.finfo(dtype)
    edges = np.array([0, 1, np.inf, np.nan, info.max, info.tiny, info.smallest_subnormal], dtype)
    edges = np.concatenate([edges, -edges])
    near, far = (
        [rng.standard_normal(300) * 10.0 ** rng.uniform(-e, e, 300) for _ in range(2)]
        for e in (5, info.maxexp * 0.29)
    )
    multiples = (near[0] * rng.integers(1, 1000, 300), near[0])
    pairs = [near, far, multiples, [a.ravel() for a in np.meshgrid(edges, edges)]]
    x, y = (np.concatenate([pair[i].astype(dtype) for pair in pairs]) for i in range(2))
    return x, y


@pytest.mark.parametrize("element", ["f32", "f64"])
@pytest.mark.parametrize("exponent", ["i32", "i64"])
def test_integer_power_of_a_float(element: str, exponent: str):
    dtype, wide = (np.float32, np.float64) if element == "f32" else (np.float64, np.longdouble)
    x = samples(dtype, -3, 3, 500)
    n = np.random.default_rng(3).integers(-40, 40, x.size, TYPES[exponent])
    x, n = np.append(x, x), np.append(n, n // 20)
    got = run(expanded("math.fpowi", f"{element} {exponent} {element}"), x, n)
    error = in_ulps(got, np.power(x.astype(wide), n.astype(wide)))
    assert error.max() <= 1.5


@pytest.mark.parametrize("power", [-2, -1, 0, 1, 2, 3, 4])
def test_small_constant_powers_are_products(power: int):
    module = parse(f"""
        func.func @f(%x: f32) -> f32 {{
          %n = arith.constant {power} : i32
          %r = math.fpowi %x, %n : f32, i32
          func.return %r : f32
        }}""")
    ExpandMathPass().apply(Context(), module)
    module.verify()
    assert len(list(module.walk())) < 10
    x = samples(np.float32, -3, 3, 500)
    assert in_ulps(run(module, x), x.astype(np.float64) ** power).max() <= 2


@pytest.mark.parametrize("element", ["i32", "i64"])
def test_integer_power(element: str):
    dtype = TYPES[element]
    base = np.array([0, 1, -1, 2, -2, 3, -3, 7, 1 << 15, 12345, -(1 << 31)], dtype)
    power = np.array([0, 1, 2, 3, 5, 8, 20, 31, 33, 63, -1, -2, -3, 1000001], dtype)
    x, n = (v.ravel() for v in np.meshgrid(base, power))
    got = run(expanded("math.ipowi", f"{element} {element} {element}"), x, n)

    def exact(b: int, e: int) -> int:
        if e < 0:
            return b ** (e & 1) if abs(b) == 1 else 0
        value = pow(b, e, 1 << dtype().itemsize * 8)
        return value - (value >> (dtype().itemsize * 8 - 1) << dtype().itemsize * 8)

    assert got.tolist() == [exact(int(b), int(e)) for b, e in zip(x, n, strict=True)]


@pytest.mark.parametrize("element", ["f16", "bf16"])
def test_narrow_types_are_computed_in_f32(element: str):
    module = expanded("math.exp", f"{element} {element}")
    names = [op.name for op in module.walk()]
    assert names.count("arith.extf") == names.count("arith.truncf") == 1
    if element == "f16":
        x = np.arange(1 << 16, dtype=np.uint16).view(np.float16)
        assert in_ulps(run(module, x), np.exp(x.astype(np.float64))).max() <= 0.51


def test_constants_are_shared_by_the_function():
    module = parse("""
        func.func @f(%x: f32, %y: f32) -> (f32, f32) {
          %a = math.exp %x : f32
          %b = math.exp %y : f32
          func.return %a, %b : f32, f32
        }""")
    ExpandMathPass().apply(Context(), module)
    module.verify()
    constants = [op for op in module.walk() if isinstance(op, arith.ConstantOp)]
    texts = [str(op).split("=", 1)[1] for op in constants]
    assert len(set(texts)) == len(texts)


def test_upstream_accepts_what_is_emitted():
    modules: dict[str, str] = {}
    names = [f"math.{f.op}" for f in FUNCTIONS]
    for element in ("f32", "f64", "vector<8xf32>"):
        for name in [*names, "math.powf", "math.atan2", "arith.remf"]:
            operands = 1 if name in names else 2
            module = expanded(name, " ".join([element] * (operands + 1)), verify="x" not in element)
            out = StringIO()
            # The generic form: xDSL's short form of a select cannot say that its condition is a vector.
            Printer(out, print_generic_format=True).print_op(module)
            modules[f"{name} on {element}"] = out.getvalue()
    assert_accepted(modules)


@pytest.mark.parametrize("element", ["f32", "f64"])
@pytest.mark.parametrize(
    "function", [*FUNCTIONS, "powf", "atan2"], ids=lambda f: getattr(f, "op", f)
)
def test_native_loops_are_vectorised(function: Function | str, element: str):
    from tfc.backend import compile_module, load
    from tfc.backend.jit import emit_optimised
    from tfc.backend.translate import translate_module
    from tfc.passes.pipelines import run_passes

    dtype = np.float32 if element == "f32" else np.float64
    if isinstance(function, Function):
        op, inputs = function.op, [dense_samples(function, dtype)[:4096]]
    else:
        op, inputs = function, [v[:4096] for v in pairs(dtype)]
    count = len(inputs[0])
    memref = f"memref<{count}x{element}>"
    arguments = "".join(f"%a{i}: {memref}, " for i in range(len(inputs)))
    loads = "".join(f"%x{i} = memref.load %a{i}[%i] : {memref}\n" for i in range(len(inputs)))
    operands = ", ".join(f"%x{i}" for i in range(len(inputs)))
    types = ", ".join([element] * len(inputs))
    module = parse(f"""
        func.func @main({arguments} %r: {memref} {{tfc.result = 0 : i64}}) {{
          %zero = arith.constant 0 : index
          %one = arith.constant 1 : index
          %n = arith.constant {count} : index
          scf.for %i = %zero to %n step %one {{
            {loads}
            %y = "math.{op}"({operands}) : ({types}) -> {element}
            memref.store %y, %r[%i] : {memref}
          }}
          func.return
        }}""")
    run_passes(module, "expand-math,convert-scf-to-cf", verify=True)
    llvm = emit_optimised(translate_module(module).text)
    branches = element == "f64" and op in (
        "sin",
        "cos",
        "tan",
    )  # for vectors by our own passes only
    assert branches or re.search(r"<\d+ x (float|double)>", llvm)
    [got] = load(compile_module(module))(inputs)
    expected = run(expanded(f"math.{op}", " ".join([element] * (len(inputs) + 1))), *inputs)
    wide = np.float64 if element == "f32" else np.longdouble
    # The evaluator rounds twice now and then.
    assert in_ulps(got, expected.astype(wide)).max() <= 1
    assert (got == expected).mean() + (np.isnan(got) & np.isnan(expected)).mean() > 0.999
