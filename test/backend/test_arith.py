"""Every arith op and what math has of instructions: numbers against NumPy, scalar and in vectors."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ml_dtypes
import numpy as np
import pytest
from tfc.backend import NativeFunction

# Overflow and nan are what these tests are about.
pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")

Native = Callable[..., NativeFunction]

DTYPES: dict[str, Any] = {
    "i1": np.bool_,
    "i8": np.int8,
    "i16": np.int16,
    "i32": np.int32,
    "i64": np.int64,
    "f16": np.float16,
    "bf16": ml_dtypes.bfloat16,
    "f32": np.float32,
    "f64": np.float64,
}
INTEGERS = ["i8", "i16", "i32", "i64"]
FLOATS = ["f16", "bf16", "f32", "f64"]


def samples(name: str) -> np.ndarray:
    """Special values of a type and a few others; a multiple of four of them."""
    if name == "i1":
        return np.array([False, True, True, False])
    dtype = np.dtype(DTYPES[name])
    rng = np.random.default_rng(7)
    if name.startswith("i"):
        limits = np.iinfo(dtype)
        special = [0, 1, -1, 2, -2, 7, limits.max, limits.min, limits.max - 1, limits.min + 1]
        values = np.array(special, dtype)
        rest = rng.integers(limits.min, limits.max, 14, dtype, endpoint=True)
        return np.concatenate([values, rest])
    limits = ml_dtypes.finfo(dtype)
    special = [0.0, -0.0, 1.0, -1.0, 0.5, 2.5, -2.5, 3.5, np.inf, -np.inf, np.nan, 1e-3]
    special += [float(v) for v in (limits.max, limits.min, limits.smallest_subnormal, limits.tiny)]
    values = np.array(special).astype(dtype)
    return np.concatenate([values, rng.normal(0, 10, 16).astype(dtype)])


def pairs(name: str) -> tuple[np.ndarray, np.ndarray]:
    x = samples(name)
    a, b = np.repeat(x, len(x)), np.tile(x, len(x))
    return a, b


def module(op: str, inputs: list[str], output: str, n: int, attributes: str = "") -> str:
    """A loop over `n` elements by four: one scalar op, one in vector<4xT>, one in vector<2x4xT>, each result stored."""
    arguments = ", ".join(f"%a{k}: memref<{n}x{t}>" for k, t in enumerate(inputs))
    outs = ", ".join(f"%r{k}: memref<{n}x{output}> {{tfc.result = {k} : i64}}" for k in range(3))

    def body(prefix: str, shape: str, index: str, load: str, store: str, result: str) -> str:
        def type_of(t: str) -> str:
            return f"vector<{shape}x{t}>" if shape else t

        lines = [
            f'%{prefix}{k} = "{load}"(%a{k}, {index}) : (memref<{n}x{t}>, index) -> '
            f"{type_of(t) if shape != '2x4' else f'vector<4x{t}>'}"
            for k, t in enumerate(inputs)
        ]
        names = [f"%{prefix}{k}" for k in range(len(inputs))]
        if shape == "2x4":
            for k, t in enumerate(inputs):
                lines.append(
                    f'%{prefix}w{k} = "vector.broadcast"(%{prefix}{k}) : (vector<4x{t}>) -> '
                    f"vector<2x4x{t}>"
                )
            names = [f"%{prefix}w{k}" for k in range(len(inputs))]
        types = ", ".join(type_of(t) for t in inputs)
        out = type_of(output)
        lines.append(f'%{prefix}r = "{op}"({", ".join(names)}) {attributes} : ({types}) -> {out}')
        last = f"%{prefix}r"
        if shape == "2x4":
            lines.append(
                f'%{prefix}x = "vector.extract"(%{prefix}r) <{{static_position = array<i64: 1>}}> '
                f": ({out}) -> vector<4x{output}>"
            )
            last, out = f"%{prefix}x", f"vector<4x{output}>"
        lines.append(
            f'"{store}"({last}, {result}, {index}) : ({out}, memref<{n}x{output}>, index) -> ()'
        )
        return "\n  ".join(lines)

    return f"""
func.func @main({arguments}, {outs}) {{
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c4 = arith.constant 4 : index
  %n = arith.constant {n} : index
  cf.br ^one(%c0 : index)
^one(%i: index):
  {body("s", "", "%i", "memref.load", "memref.store", "%r0")}
  %i1 = arith.addi %i, %c1 : index
  %im = arith.cmpi slt, %i1, %n : index
  cf.cond_br %im, ^one(%i1 : index), ^four(%c0 : index)
^four(%j: index):
  {body("v", "4", "%j", "vector.load", "vector.store", "%r1")}
  {body("w", "2x4", "%j", "vector.load", "vector.store", "%r2")}
  %j1 = arith.addi %j, %c4 : index
  %jm = arith.cmpi slt, %j1, %n : index
  cf.cond_br %jm, ^four(%j1 : index), ^done
^done:
  return
}}
"""


def check(
    native: Native,
    op: str,
    inputs: list[np.ndarray],
    names: list[str],
    output: str,
    expected: Any,
    attributes: str = "",
) -> None:
    n = len(inputs[0])
    results = native(module(op, names, output, n, attributes))(
        [np.ascontiguousarray(x) for x in inputs]
    )
    expected = np.asarray(expected).astype(DTYPES[output])
    for got in results:
        if expected.dtype.kind in "iub":
            np.testing.assert_array_equal(got, expected)
            continue
        wide_got, wide = got.astype(np.float64), expected.astype(np.float64)
        np.testing.assert_array_equal(wide_got, wide)
        real = ~np.isnan(wide)
        np.testing.assert_array_equal(np.signbit(wide_got[real]), np.signbit(wide[real]))


def as_unsigned(x: np.ndarray) -> np.ndarray:
    return x.view(x.dtype.str.replace("i", "u"))


def bits_of(x: np.ndarray) -> int:
    return x.dtype.itemsize * 8


INTEGER_BINARY: dict[str, Callable[[np.ndarray, np.ndarray], np.ndarray]] = {
    "addi": lambda a, b: a + b,
    "subi": lambda a, b: a - b,
    "muli": lambda a, b: a * b,
    "andi": lambda a, b: a & b,
    "ori": lambda a, b: a | b,
    "xori": lambda a, b: a ^ b,
    "maxsi": np.maximum,
    "minsi": np.minimum,
    "maxui": lambda a, b: np.maximum(as_unsigned(a), as_unsigned(b)).view(a.dtype),
    "minui": lambda a, b: np.minimum(as_unsigned(a), as_unsigned(b)).view(a.dtype),
}


@pytest.mark.parametrize("name", INTEGERS)
def test_integer_binary(native: Native, name: str) -> None:
    a, b = pairs(name)
    for op, meaning in INTEGER_BINARY.items():
        check(native, f"arith.{op}", [a, b], [name, name], name, meaning(a, b))


@pytest.mark.parametrize("name", INTEGERS)
def test_division(native: Native, name: str) -> None:
    a, b = pairs(name)
    fine = (b != 0) & ~((b == -1) & (a == np.iinfo(a.dtype).min))
    a, b = a[fine], b[fine]
    a, b = a[: len(a) // 4 * 4], b[: len(b) // 4 * 4]
    u, v = as_unsigned(a), as_unsigned(b)
    quotient = a.astype(object)
    toward_zero = np.array(
        [
            abs(int(x)) // abs(int(y)) * (1 if (x < 0) == (y < 0) else -1)
            for x, y in zip(a, b, strict=True)
        ],
        dtype=a.dtype,
    )
    ceiling = np.array([-(-int(x) // int(y)) for x, y in zip(quotient, b, strict=True)])
    cases = {
        "divsi": toward_zero,
        "remsi": np.fmod(a, b),
        "floordivsi": a // b,
        "ceildivsi": ceiling,
        "divui": (u // v).view(a.dtype),
        "remui": (u % v).view(a.dtype),
        "ceildivui": (u // v + (u % v != 0)).view(a.dtype),
    }
    for op, expected in cases.items():
        check(native, f"arith.{op}", [a, b], [name, name], name, expected)


@pytest.mark.parametrize("name", INTEGERS)
def test_shifts(native: Native, name: str) -> None:
    a, b = pairs(name)
    b = (b.astype(np.int64) % bits_of(a)).astype(a.dtype)
    u = as_unsigned(a)
    check(native, "arith.shli", [a, b], [name, name], name, a << b)
    check(native, "arith.shrsi", [a, b], [name, name], name, a >> b)
    check(native, "arith.shrui", [a, b], [name, name], name, (u >> b.view(u.dtype)).view(a.dtype))


@pytest.mark.parametrize("name", INTEGERS)
def test_integer_comparisons(native: Native, name: str) -> None:
    a, b = pairs(name)
    u, v = as_unsigned(a), as_unsigned(b)
    cases = [a == b, a != b, a < b, a <= b, a > b, a >= b, u < v, u <= v, u > v, u >= v]
    for predicate, expected in enumerate(cases):
        attributes = f"<{{predicate = {predicate} : i64}}>"
        check(native, "arith.cmpi", [a, b], [name, name], "i1", expected, attributes)


FLOAT_BINARY: dict[str, Callable[[np.ndarray, np.ndarray], np.ndarray]] = {
    "addf": lambda a, b: a + b,
    "subf": lambda a, b: a - b,
    "mulf": lambda a, b: a * b,
    "divf": lambda a, b: a / b,
    "remf": np.fmod,
    "maximumf": np.maximum,
    "minimumf": np.minimum,
    "maxnumf": np.fmax,
    "minnumf": np.fmin,
}


def ordered_zeros(op: str, a: np.ndarray, b: np.ndarray, result: np.ndarray) -> np.ndarray:
    """MLIR orders -0 below 0 in maximumf and minimumf; NumPy does not."""
    both = (a == 0) & (b == 0)
    negative = np.signbit(a.astype(np.float64)), np.signbit(b.astype(np.float64))
    sign = negative[0] & negative[1] if op.startswith("max") else negative[0] | negative[1]
    zeros = np.where(sign, -0.0, 0.0).astype(result.dtype)
    return np.where(both, zeros, result)


@pytest.mark.parametrize("name", FLOATS)
def test_float_binary(native: Native, name: str) -> None:
    a, b = pairs(name)
    for op, meaning in FLOAT_BINARY.items():
        keep = np.ones(len(a), bool)
        if op == "remf" and name in ("f16", "bf16"):
            continue  # through float: covered by f32
        expected = meaning(a, b)
        if op.startswith(("maximum", "minimum")):
            expected = ordered_zeros(op, a, b, expected)
        if op.startswith(("maxnum", "minnum")):  # which zero is not specified
            keep = ~((a == 0) & (b == 0))
        x, y, expected = a[keep], b[keep], expected[keep]
        short = len(x) // 4 * 4
        check(
            native,
            f"arith.{op}",
            [x[:short], y[:short]],
            [name, name],
            name,
            expected[:short],
        )


@pytest.mark.parametrize("name", FLOATS)
def test_float_comparisons(native: Native, name: str) -> None:
    a, b = pairs(name)
    ordered = ~(np.isnan(a.astype(np.float64)) | np.isnan(b.astype(np.float64)))
    orders = [a == b, a > b, a >= b, a < b, a <= b, (a != b) & ordered, ordered]
    cases = [np.zeros_like(ordered), *orders]
    cases += [c | ~ordered for c in (a == b, a > b, a >= b, a < b, a <= b, a != b)]
    cases += [~ordered, np.ones_like(ordered)]
    for predicate, expected in enumerate(cases):
        attributes = f"<{{fastmath = #arith.fastmath<none>, predicate = {predicate} : i64}}>"
        check(native, "arith.cmpf", [a, b], [name, name], "i1", expected, attributes)


@pytest.mark.parametrize("name", FLOATS)
def test_float_unary(native: Native, name: str) -> None:
    x = samples(name)
    wide = x.astype(np.float64)
    dtype = x.dtype
    cases: dict[str, Any] = {
        "arith.negf": -x,
        "math.absf": np.abs(x),
        "math.floor": np.floor(wide).astype(dtype),
        "math.ceil": np.ceil(wide).astype(dtype),
        "math.trunc": np.trunc(wide).astype(dtype),
        "math.roundeven": np.rint(wide).astype(dtype),
        "math.round": (np.sign(wide) * np.floor(np.abs(wide) + 0.5)).astype(dtype),
        "math.sqrt": np.sqrt(x),
    }
    cases["math.round"] = np.where(wide == 0, x, cases["math.round"])
    small = np.abs(wide) < 0.5
    cases["math.round"] = np.where(small, np.copysign(0.0, wide).astype(dtype), cases["math.round"])
    for op, expected in cases.items():
        check(native, op, [x], [name], name, expected)


@pytest.mark.parametrize("name", ["f32", "f64"])
def test_fma_and_copysign(native: Native, name: str) -> None:
    a, b = pairs(name)
    check(native, "math.copysign", [a, b], [name, name], name, np.copysign(a, b))
    if name == "f32":
        c = b[::-1].copy()
        exact = a.astype(np.longdouble) * b + c
        close = np.isfinite(exact)
        x, y, z, exact = a[close], b[close], c[close], exact[close]
        n = len(x) // 4 * 4
        expected = exact[:n].astype(np.float32)
        zero = expected == 0
        expected = np.where(zero, (x * y + z)[:n], expected)
        check(native, "math.fma", [x[:n], y[:n], z[:n]], [name] * 3, name, expected)


@pytest.mark.parametrize("name", INTEGERS)
def test_bits(native: Native, name: str) -> None:
    x = samples(name)
    width = bits_of(x)
    words = [format(int(v), f"0{width}b") for v in as_unsigned(x)]
    check(native, "math.ctpop", [x], [name], name, [w.count("1") for w in words])
    leading = [len(w) - len(w.lstrip("0")) for w in words]
    trailing = [len(w) - len(w.rstrip("0")) for w in words]
    check(native, "math.ctlz", [x], [name], name, leading)
    check(native, "math.cttz", [x], [name], name, trailing)
    check(native, "math.absi", [x], [name], name, np.abs(x))


@pytest.mark.parametrize("source", ["i1", *INTEGERS])
def test_integer_casts(native: Native, source: str) -> None:
    x = samples(source)
    unsigned = x.astype(np.uint8) if source == "i1" else as_unsigned(x)
    signed = -x.astype(np.int8) if source == "i1" else x
    bits = {"i1": 1, "i8": 8, "i16": 16, "i32": 32, "i64": 64}
    for target in INTEGERS:
        dtype = DTYPES[target]
        if bits[target] > bits[source]:
            check(native, "arith.extui", [x], [source], target, unsigned.astype(dtype))
            check(native, "arith.extsi", [x], [source], target, signed.astype(dtype))
        elif bits[target] < bits[source]:
            check(native, "arith.trunci", [x], [source], target, x.astype(dtype))
    if source != "i1":
        check(native, "arith.trunci", [x], [source], "i1", (x & 1) != 0)


@pytest.mark.parametrize("source", ["i1", *INTEGERS])
@pytest.mark.parametrize("target", FLOATS)
def test_integer_to_float(native: Native, source: str, target: str) -> None:
    x = samples(source)
    unsigned = x.astype(np.uint8) if source == "i1" else as_unsigned(x)
    signed = -x.astype(np.int8) if source == "i1" else x

    def convert(values: np.ndarray) -> np.ndarray:
        through = np.float32 if target in ("f16", "bf16") else DTYPES[target]
        return values.astype(through).astype(DTYPES[target])

    check(native, "arith.sitofp", [x], [source], target, convert(signed))
    check(native, "arith.uitofp", [x], [source], target, convert(unsigned))


@pytest.mark.parametrize("source", FLOATS)
@pytest.mark.parametrize("target", INTEGERS)
def test_float_to_integer(native: Native, source: str, target: str) -> None:
    x = samples(source)
    wide = x.astype(np.float64)
    limits = np.iinfo(DTYPES[target])
    fits = np.isfinite(wide) & (wide > float(limits.min)) & (wide < float(limits.max))
    values = np.where(fits, x, np.zeros(1, x.dtype))
    check(
        native,
        "arith.fptosi",
        [values],
        [source],
        target,
        values.astype(np.float64).astype(DTYPES[target]),
    )
    values = np.abs(values)
    check(
        native,
        "arith.fptoui",
        [values],
        [source],
        target,
        values.astype(np.float64).astype(DTYPES[target]),
    )


@pytest.mark.parametrize("source", FLOATS)
def test_float_casts(native: Native, source: str) -> None:
    x = samples(source)
    bits = {"f16": 16, "bf16": 16, "f32": 32, "f64": 64}
    for target in FLOATS:
        expected = x.astype(DTYPES[target])
        if bits[target] > bits[source]:
            check(native, "arith.extf", [x], [source], target, expected)
        elif bits[target] < bits[source] and (source, target) != ("f64", "bf16"):
            check(native, "arith.truncf", [x], [source], target, expected)


def test_double_to_half_rounds_once(native: Native) -> None:
    """Ties that rounding through float would get wrong."""
    just_above = np.float64(1.0) + 2.0**-11 + 2.0**-40
    x = np.array([just_above, -just_above, 1.0 + 2.0**-11, 6e4, 65520.0, 65519.99, 1e-8, 5.9e-8])
    expected = x.astype(np.float16)
    check(native, "arith.truncf", [x], ["f64"], "f16", expected)
    above = np.float64(1.0) + 2.0**-8 + 2.0**-40
    y = np.array([above, -above, 1.0 + 2.0**-8, 1.0 + 3 * 2.0**-8])
    rounded = np.array([1 + 2.0**-7, -1 - 2.0**-7, 1.0, 1 + 2.0**-6])
    check(native, "arith.truncf", [y], ["f64"], "bf16", rounded)


def test_bitcast(native: Native) -> None:
    x = samples("f32")
    check(native, "arith.bitcast", [x], ["f32"], "i32", x.view(np.int32))
    h = samples("bf16")
    check(native, "arith.bitcast", [h], ["bf16"], "i16", h.view(np.int16))


def test_select(native: Native) -> None:
    a, b = pairs("f32")
    condition = np.arange(len(a)) % 3 == 0
    check(
        native,
        "arith.select",
        [condition, a, b],
        ["i1", "f32", "f32"],
        "f32",
        np.where(condition, a, b),
    )


def test_extended_arithmetic(native: Native) -> None:
    a, b = pairs("i64")
    wide = [int(x) * int(y) for x, y in zip(a, b, strict=True)]
    unsigned = [int(x) * int(y) for x, y in zip(as_unsigned(a), as_unsigned(b), strict=True)]
    sums = [int(x) + int(y) for x, y in zip(as_unsigned(a), as_unsigned(b), strict=True)]
    n = len(a)
    text = f"""
    func.func @main(%a: memref<{n}xi64>, %b: memref<{n}xi64>, %s: memref<{n}xi64> {{tfc.result = 0 : i64}},
        %u: memref<{n}xi64> {{tfc.result = 1 : i64}}, %c: memref<{n}xi1> {{tfc.result = 2 : i64}}) {{
      %c0 = arith.constant 0 : index
      %c1 = arith.constant 1 : index
      %n = arith.constant {n} : index
      cf.br ^one(%c0 : index)
    ^one(%i: index):
      %x = memref.load %a[%i] : memref<{n}xi64>
      %y = memref.load %b[%i] : memref<{n}xi64>
      %sl, %sh = "arith.mulsi_extended"(%x, %y) : (i64, i64) -> (i64, i64)
      %ul, %uh = "arith.mului_extended"(%x, %y) : (i64, i64) -> (i64, i64)
      %sum, %over = "arith.addui_extended"(%x, %y) : (i64, i64) -> (i64, i1)
      memref.store %sh, %s[%i] : memref<{n}xi64>
      memref.store %uh, %u[%i] : memref<{n}xi64>
      memref.store %over, %c[%i] : memref<{n}xi1>
      %i1 = arith.addi %i, %c1 : index
      %im = arith.cmpi slt, %i1, %n : index
      cf.cond_br %im, ^one(%i1 : index), ^done
    ^done:
      return
    }}
    """
    high, unsigned_high, carry = native(text)([a, b])
    np.testing.assert_array_equal(high, [w >> 64 for w in wide])
    np.testing.assert_array_equal(as_unsigned(unsigned_high), [w >> 64 for w in unsigned])
    np.testing.assert_array_equal(carry, [w >= 2**64 for w in sums])


@pytest.mark.parametrize("name", FLOATS)
def test_constants_keep_their_bits(native: Native, name: str) -> None:
    x = samples(name)
    wide = {"f16": "i16", "bf16": "i16", "f32": "i32", "f64": "i64"}[name]
    for value in x[:16]:
        bits = int(as_unsigned(np.array([value]).view(DTYPES[wide]))[0])
        text = f"""
        func.func @main(%r: memref<{name}> {{tfc.result = 0 : i64}}) {{
          %c = arith.constant 0x{bits:X} : {name}
          memref.store %c, %r[] : memref<{name}>
          return
        }}
        """
        [got] = native(text)([])
        assert int(as_unsigned(got.reshape(1).view(DTYPES[wide]))[0]) == bits
