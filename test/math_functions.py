"""Running what expand-math emits in NumPy, and measuring it in ulps.

The arithmetic that the pass emits is run op by op in NumPy, which is exact about rounding: f32 `fma`
in f64 (rounded twice, once in a blue moon), f64 `fma` in double-double.
"""

from __future__ import annotations

import math as float_math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import mpmath
import numpy as np
from numpy.typing import NDArray
from tfc.dialects.arith import Arith
from tfc.passes.expand_math import ExpandMathPass
from tfc.passes.expand_math.emitter import FLOAT_PREDICATES, INTEGER_PREDICATES
from xdsl.context import Context
from xdsl.dialects import builtin, func, math, memref, scf
from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import Block, Operation, SSAValue
from xdsl.parser import Parser

Array = NDArray[np.generic]


TYPES = {"f16": np.float16, "f32": np.float32, "f64": np.float64, "i1": np.bool_}
TYPES |= {"i32": np.int32, "i64": np.int64, "index": np.int64}


def parse(text: str) -> ModuleOp:
    context = Context()
    for dialect in (builtin.Builtin, Arith, math.Math, func.Func, memref.MemRef, scf.Scf):
        context.load_dialect(dialect)
    return Parser(context, text).parse_module()


def expanded(op: str, types: str, *, fma: bool = True, verify: bool = True) -> ModuleOp:
    """A function that applies one op, expanded. `types` are those of operands, then the result."""
    *operands, result = types.split()
    names = [f"%a{i}" for i in range(len(operands))]
    arguments = ", ".join(f"{n}: {t}" for n, t in zip(names, operands, strict=True))
    module = parse(
        f"func.func @f({arguments}) -> {result} {{"
        f' %r = "{op}"({", ".join(names)}) : ({", ".join(operands)}) -> {result}'
        f" func.return %r : {result} }}"
    )
    ExpandMathPass(fma=fma).apply(Context(), module)
    if verify:
        module.verify()
    return module


# -- running it ---------------------------------------------------------------------------------

BINARY: dict[str, Callable[..., Array]] = {
    "addf": np.add, "subf": np.subtract, "mulf": np.multiply, "divf": np.divide,
    "addi": np.add, "subi": np.subtract, "muli": np.multiply,
    "andi": np.bitwise_and, "ori": np.bitwise_or, "xori": np.bitwise_xor, "shli": np.left_shift,
    "shrsi": np.right_shift,
}  # fmt: skip
MATH = {"absf": np.abs, "sqrt": np.sqrt, "copysign": np.copysign, "floor": np.floor}
MATH |= {"roundeven": np.rint, "trunc": np.trunc, "ceil": np.ceil}
COMPARE: dict[str, Callable[..., Array]] = {
    "eq": np.equal, "ne": np.not_equal, "lt": np.less, "le": np.less_equal,
    "gt": np.greater, "ge": np.greater_equal,
}  # fmt: skip


def compare_floats(predicate: str, a: Array, b: Array) -> Array:
    unordered = np.isnan(a) | np.isnan(b)
    if predicate in ("uno", "ord"):
        return unordered if predicate == "uno" else ~unordered
    holds = COMPARE[predicate[1:]](a, b)
    return holds & ~unordered if predicate[0] == "o" else holds | unordered


def compare_integers(predicate: str, a: Array, b: Array) -> Array:
    if predicate[0] == "u":
        a, b = (v.view(f"u{v.itemsize}") for v in (a, b))
    return COMPARE[predicate[-2:]](a, b)


def fused(a: Array, b: Array, c: Array) -> Array:
    """a * b + c with one rounding."""
    if a.dtype == np.float32:
        return (a.astype(np.float64) * b.astype(np.float64) + c.astype(np.float64)).astype("f4")
    product = a * b
    (ah, al), (bh, bl) = halves(a), halves(b)
    error = ((ah * bh - product) + ah * bl + al * bh) + al * bl
    total = product + c
    rest = total - product
    lost = (product - (total - rest)) + (c - rest)
    rest = lost + error
    exact = np.where(rest == 0, total, total + rest)  # a zero keeps its sign
    wide = (a.astype(np.longdouble) * b + c).astype(np.float64)  # where the splits overflow
    return np.where(np.isfinite(exact), exact, wide)


def halves(a: Array) -> tuple[Array, Array]:
    scaled = a * 134217729.0
    high = scaled - (scaled - a)
    return high, a - high


def evaluate_op(op: Operation, values: list[Array]) -> Array:
    """One op on arrays."""
    name = op.name.split(".")[1]
    result = TYPES.get(str(op.results[0].type))
    match name:
        case "constant":
            attribute = op.properties["value"]
            return np.array([attribute.value.data], result)
        case "cmpf" | "cmpi":
            number = op.properties["predicate"].value.data
            if name == "cmpf":
                return compare_floats(FLOAT_PREDICATES[number], *values)
            return compare_integers(INTEGER_PREDICATES[number], *values)
        case "select":
            return np.where(*values)
        case "negf":
            return -values[0]
        case "fma":
            return fused(*values)
        case "bitcast":
            return np.ascontiguousarray(values[0]).view(result)
        case "shrui":
            unsigned = [v.view(f"u{v.itemsize}") for v in values]
            return np.right_shift(*unsigned).view(result)
        case "uitofp":
            return values[0].view("u8").astype(result)
        case "ctlz":
            return np.array([64 - (int(v) % 2**64).bit_length() for v in values[0]])
        case "extf" | "truncf" | "sitofp" | "fptosi" | "extsi" | "trunci" | "extui" | "index_cast":
            return values[0].astype(result)
        case _:
            return {**BINARY, **MATH}[name](*values)


def run(module: ModuleOp, *inputs: Array) -> Array:
    """Call the module's first function on arrays, elementwise."""
    [result] = Interpreter(module).call(module.body.block.first_op, inputs)
    return result


class Interpreter:
    """Runs the scalar ops of a module on arrays. Of a branch both arms run, on all elements."""

    def __init__(self, module: ModuleOp) -> None:
        self.symbols = {op.sym_name.data: op for op in module.body.block.ops}

    def call(self, function: Operation | None, inputs: Sequence[Array]) -> list[Array]:
        assert isinstance(function, func.FuncOp)
        return self.block(function.body.block, dict(zip(function.args, inputs, strict=True)))

    def block(self, block: Block, environment: dict[SSAValue, Array]) -> list[Array]:
        for op in block.ops:
            values = [environment[v] for v in op.operands]
            if isinstance(op, func.ReturnOp | scf.YieldOp):
                return values
            results = self.op(op, values, environment)
            environment.update(zip(op.results, results, strict=True))
        raise AssertionError("no terminator")

    def op(
        self, op: Operation, values: list[Array], environment: dict[SSAValue, Array]
    ) -> list[Array]:
        match op:
            case scf.IfOp():
                arms = [self.block(region.block, environment.copy()) for region in op.regions]
                return [np.where(values[0], *pair) for pair in zip(*arms, strict=True)]
            case func.CallOp():
                return self.call(self.symbols[op.callee.string_value()], values)
            case memref.GetGlobalOp():
                content = self.symbols[op.name_.string_value()].initial_value
                return [np.array(content.get_values(), np.int64)]
            case memref.LoadOp():
                return [np.take(values[0], values[1], mode="clip")]
            case _:
                return [evaluate_op(op, values)]


# -- measuring ----------------------------------------------------------------------------------


def in_ulps(got: Array, exact: Array) -> Array:
    """The distance from the exact value in units of the last place of the result's type."""
    info = np.finfo(got.dtype)
    rounded = exact.astype(got.dtype)
    exponent = np.frexp(exact)[1] - 1
    unit = np.ldexp(np.ones_like(exact), np.maximum(exponent, info.minexp) - info.nmant)
    distance = np.abs(got.astype(exact.dtype) - exact) / unit
    equal = (got == rounded) | (np.isnan(got) & np.isnan(rounded))
    both = np.isfinite(got) & np.isfinite(rounded)
    # Next to overflow one may be infinite already: one unit, not infinitely many.
    near = np.abs(np.where(np.isinf(got), rounded, got)) >= info.max * (1 - 2 * info.eps)
    same_sign = np.signbit(got) == np.signbit(rounded)
    other = np.where(equal, 0.0, np.where(near & same_sign & ~np.isnan(rounded), 1.0, np.inf))
    return np.where(both, distance, other)


SPECIAL = [0.0, -0.0, np.inf, -np.inf, np.nan, 1.0, -1.0, 0.5, -0.5, 2.0, -2.0]


def samples(dtype: type[np.floating], low: float, high: float, count: int) -> Array:
    """Bit patterns of all magnitudes, a dense range, powers of two, edges."""
    rng = np.random.default_rng(7)
    info = np.finfo(dtype)
    integer = np.dtype(f"i{info.bits // 8}")
    limits = np.iinfo(integer)
    anything = rng.integers(limits.min, limits.max, count, integer, endpoint=True).view(dtype)
    dense = rng.uniform(low, high, 2 * count).astype(dtype)
    small = dense * np.exp2(rng.uniform(-30, 0, 2 * count)).astype(dtype)
    edges = [info.max, info.tiny, info.smallest_subnormal, info.eps, 1 + info.eps, 1 - info.eps]
    signed = np.array([*edges, *(-v for v in edges), *SPECIAL], dtype)
    powers = np.exp2(np.arange(info.minexp - info.nmant, info.maxexp)).astype(dtype)
    return np.concatenate([anything, dense, small, signed, powers, -powers])


def exact_erf(x: Array) -> Array:
    """erf to the precision of x."""
    if x.dtype == np.float64:
        return np.array([float_math.erf(v) for v in x])
    with mpmath.workdps(30):
        digits = [mpmath.nstr(mpmath.erf(mpmath.mpf(float(v))), 24) for v in x]
    return np.where(x == 0, x, np.array([np.longdouble(d) for d in digits]))


def dense_samples(function: Function, dtype: type[np.floating], count: int = 4000) -> Array:
    """The samples of a function: fewer where the exact value is slow."""
    slow = function.op == "erf" and dtype == np.float64
    return samples(dtype, function.low, function.high, count // 16 if slow else count)


@dataclass(frozen=True)
class Function:
    """What a unary function should be, and where to look closely."""

    op: str
    exact: Callable[[Array], Array]
    low: float
    high: float


FUNCTIONS = [
    Function("exp", np.exp, -10, 10),
    Function("exp2", np.exp2, -10, 10),
    Function("expm1", np.expm1, -2, 2),
    Function("sinh", np.sinh, -3, 3),
    Function("cosh", np.cosh, -3, 3),
    Function("tanh", np.tanh, -3, 3),
    Function("log", np.log, 0, 4),
    Function("log2", np.log2, 0, 4),
    Function("log10", np.log10, 0, 4),
    Function("log1p", np.log1p, -0.9, 4),
    Function("sin", np.sin, -10, 10),
    Function("cos", np.cos, -10, 10),
    Function("tan", np.tan, -10, 10),
    Function("asin", np.arcsin, -1, 1),
    Function("acos", np.arccos, -1, 1),
    Function("atan", np.arctan, -3, 3),
    Function("asinh", np.arcsinh, -4, 4),
    Function("acosh", np.arccosh, 1, 5),
    Function("atanh", np.arctanh, -1, 1),
    Function("erf", exact_erf, -1.6, 1.6),
    Function("cbrt", np.cbrt, -4, 4),
    Function("rsqrt", lambda x: 1 / np.sqrt(x), 0, 4),
]


def pairs(dtype: type[np.floating], count: int = 4000) -> tuple[Array, Array]:
    """Two arguments: anything, all pairs of edges, and powers that stay in range."""
    rng = np.random.default_rng(5)
    info = np.finfo(dtype)
    edges = [info.max, info.tiny, info.smallest_subnormal, 1 + info.eps, 1 - info.eps, 3, 1.5, 1e9]
    signed = np.array([*edges, *(-v for v in edges), *SPECIAL], dtype)
    first, second = np.meshgrid(signed, signed)
    x = np.abs(np.concatenate([np.exp(rng.normal(0, 3, count)), 1 + rng.normal(0, 0.2, count)]))
    y = rng.uniform(-1.1, 1.1, x.size) * info.maxexp / np.log2(x)
    x, y = np.append(x, -x[:2000]), np.append(y, np.rint(y[:2000]))
    one, two = (samples(dtype, -3, 3, count // 4) for _ in range(2))
    two = rng.permutation(two)
    return (
        np.concatenate([first.ravel(), x.astype(dtype), one]),
        np.concatenate([second.ravel(), y.astype(dtype), two]),
    )
