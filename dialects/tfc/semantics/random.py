"""Random numbers from an explicit state: the same bits eagerly and compiled.

Words come from Philox 4x32-10 and become numbers exactly as in TensorFlow's CPU kernels, so `tf.random.stateless_*` and
`tf.random.Generator` give TensorFlow's values (bits, integers and uniforms exactly; normals up to rounding in log, sin, cos).
Gamma and Poisson numbers are drawn by rejection on a stream of their own and have no counterpart.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from tfc.dialects.tfc.semantics import philox
from tfc.dialects.tfc.semantics.dtypes import (
    FLOAT32,
    FLOAT64,
    INT64,
    bfloat16,
    is_bfloat16,
    is_float,
)
from tfc.dialects.tfc.semantics.errors import OpError
from tfc.dialects.tfc.semantics.sizes import check_not_negative, check_size_operands, fill_sizes
from tfc.dialects.tfc.semantics.spec import Family, OpSpec
from tfc.dialects.tfc.semantics.types import ArrayType, Shape

FAMILY = Family("random")

RESERVED = 256
"""Counter steps that a draw of one number moves a generator on, however many the number needed."""

SMALLEST_UNIFORM = 1.0e-7
"""What a uniform number below it is raised to before its logarithm is taken, in float32 and in float64."""

TRUNCATED_AT = 2.0


def numbers_per_step(dtype: np.dtype) -> int:
    """How many numbers of `dtype` one Philox step gives: 32 bits each, 64 for 64-bit types."""
    return 2 if dtype.itemsize == 8 else 4


def check_state(op: str, state: ArrayType) -> None:
    """Raise `OpError` unless `state` is int64[3]."""
    if state.dtype != INT64 or state.shape not in ((3,), (None,)):
        raise OpError(
            "TFC107",
            f"{op}: expected a state int64[3], got {state}",
            "use the state of a tf.random.Generator",
        )


# -- from words to numbers ----------------------------------------------------------------------

# Arrays of rank 0: NumPy takes longer for its scalars.
_MANTISSA, _EXPONENT = np.array(0x7FFFFF, np.uint32), np.array(127 << 23, np.uint32)
_ONE = np.array(1, np.float32)
_TURN = np.array(2 * math.pi)
_SMALLEST = {kind: np.array(SMALLEST_UNIFORM, kind) for kind in (FLOAT32, FLOAT64)}
_MINUS_TWO = {kind: np.array(-2, kind) for kind in (FLOAT32, FLOAT64)}


def _uniforms(words: np.ndarray, dtype: np.dtype) -> np.ndarray:
    """Words `[n, 4]` as numbers in [0, 1), `[n, 4]` or `[n, 2]`: the mantissa is random, then 1 is subtracted."""
    if dtype == FLOAT32:
        bits = words & _MANTISSA
        bits |= _EXPONENT
        numbers = bits.view(np.float32)
        numbers -= _ONE
        return numbers
    if dtype == FLOAT64:
        low, high = words[:, 0::2].astype(np.uint64), words[:, 1::2].astype(np.uint64)
        bits = (high & np.uint64(0xFFFFF)) << np.uint64(32) | low | np.uint64(1023 << 52)
        return bits.view(np.float64) - 1.0
    if is_bfloat16(dtype):
        bits = (words & np.uint32(0x7F) | np.uint32(127 << 7)).astype(np.uint16)
        return bits.view(bfloat16()) - bfloat16().type(1)
    bits = (words & np.uint32(0x3FF) | np.uint32(15 << 10)).astype(np.uint16)
    return bits.view(np.float16) - np.float16(1)


def _integers(words: np.ndarray, dtype: np.dtype) -> np.ndarray:
    """Words `[n, 4]` as integers of every bit pattern."""
    if dtype.itemsize == 8:
        low, high = words[:, 0::2].astype(np.uint64), words[:, 1::2].astype(np.uint64)
        return (high << np.uint64(32) | low).view(dtype)
    return words.view(f"{dtype.kind}4").astype(dtype)


def _normals(words: np.ndarray, dtype: np.dtype) -> np.ndarray:
    """Box-Muller: two uniforms give two normals. 16-bit types are rounded from float32."""
    wide = _wide(dtype)
    uniforms = _uniforms(words, wide)
    flat = uniforms.reshape(-1)  # NumPy takes four times as long for columns of a few numbers
    first, second = flat[0::2], flat[1::2]
    radius = np.maximum(first, _SMALLEST[wide])
    np.log(radius, radius)
    radius *= _MINUS_TWO[wide]
    np.sqrt(radius, radius)
    angle = second * _TURN
    if wide is FLOAT32:
        angle = angle.astype(wide)
    np.multiply(np.sin(angle), radius, first)
    np.multiply(np.cos(angle), radius, second)
    return uniforms if wide == dtype else uniforms.astype(dtype)


def _filled(
    state: np.ndarray, shape: tuple[int, ...], dtype: np.dtype, numbers: Callable[..., np.ndarray]
) -> np.ndarray:
    """`shape` filled with consecutive numbers."""
    count = math.prod(shape)
    words = philox.consecutive_words(state, -(-count // numbers_per_step(dtype)))
    flat = numbers(words, dtype).reshape(-1)
    return (flat if len(flat) == count else flat[:count].copy()).reshape(shape)


# -- the ops that fill a shape ------------------------------------------------------------------


def _filling(mnemonic: str, numbers: Callable[..., np.ndarray], floats: bool) -> OpSpec:
    def evaluate(
        state: np.ndarray, *sizes: np.ndarray, shape: Shape, dtype: np.dtype
    ) -> np.ndarray:
        return _filled(state, fill_sizes(shape, sizes), dtype, numbers)

    def infer(state: ArrayType, *sizes: ArrayType, shape: Shape, dtype: np.dtype) -> ArrayType:
        _check_filling(mnemonic, state, sizes, shape, dtype, floats)
        return ArrayType(dtype, tuple(shape))

    return FAMILY.op(mnemonic, evaluate, infer, ("state", "*sizes"), ("shape", "dtype"))


def _check_filling(
    op: str,
    state: ArrayType,
    sizes: tuple[ArrayType, ...],
    shape: Shape,
    dtype: np.dtype,
    floats: bool,
) -> None:
    check_state(op, state)
    check_size_operands(op, sizes, shape)
    check_not_negative(op, "sizes", shape)
    if floats and not is_float(dtype):
        raise OpError(
            "TFC102",
            f"{op}: expected a floating-point dtype, got {dtype.name}",
            "use dtype=tf.float32, or minval and maxval for integers",
        )
    if not floats and (dtype.kind not in "iu" or dtype.itemsize < 4):
        raise OpError(
            "TFC102",
            f"{op}: expected int32, int64, uint32 or uint64, got {dtype.name}",
            "draw tf.int32 and convert with tf.cast",
        )


random_bits = _filling("random_bits", _integers, floats=False)
random_uniform = _filling("random_uniform", _uniforms, floats=True)
random_normal = _filling("random_normal", _normals, floats=True)


def _truncated_normal(
    state: np.ndarray, *sizes: np.ndarray, shape: Shape, dtype: np.dtype
) -> np.ndarray:
    """Each group of numbers has `RESERVED` steps for each of its numbers, and keeps the first normals in (-2, 2)."""
    known = fill_sizes(shape, sizes)
    count = math.prod(known)
    groups = -(-count // numbers_per_step(dtype))
    steps = np.arange(groups, dtype=np.uint64) * np.uint64(truncated_skip(dtype))
    return _truncated_groups(state, steps, dtype).reshape(-1)[:count].reshape(known)


def _truncated_groups(state: np.ndarray, steps: np.ndarray, dtype: np.dtype) -> np.ndarray:
    """A group of numbers for each of the steps at which they begin."""
    width = numbers_per_step(dtype)
    result = np.zeros((len(steps), width), dtype)
    have = np.zeros(len(steps), np.int64)
    missing = np.arange(len(steps))
    while missing.size:
        candidates = _normals(philox.words(state, steps[missing]), _wide(dtype))
        for column in candidates.T:
            keep = (np.abs(column) < TRUNCATED_AT) & (have[missing] < width)
            rows = missing[keep]
            result[rows, have[rows]] = column[keep].astype(dtype)
            have[rows] += 1
        steps[missing] += np.uint64(1)
        missing = missing[have[missing] < width]
    return result


def _wide(dtype: np.dtype) -> np.dtype:
    return FLOAT64 if dtype == FLOAT64 else FLOAT32


def truncated_skip(dtype: np.dtype) -> int:
    """Steps between the groups of a truncated normal."""
    return numbers_per_step(dtype) * RESERVED // 4


def _infer_truncated(
    state: ArrayType, *sizes: ArrayType, shape: Shape, dtype: np.dtype
) -> ArrayType:
    _check_filling("random_truncated_normal", state, sizes, shape, dtype, True)
    return ArrayType(dtype, tuple(shape))


random_truncated_normal = FAMILY.op(
    "random_truncated_normal",
    _truncated_normal,
    _infer_truncated,
    ("state", "*sizes"),
    ("shape", "dtype"),
)

# -- several states at once ---------------------------------------------------------------------

NUMBERS = {random_bits: _integers, random_uniform: _uniforms, random_normal: _normals}
"""How words become the numbers of an op."""

AHEAD = frozenset((*NUMBERS, random_truncated_normal))
"""The ops that `filled_ahead` knows."""


def filled_ahead(spec: OpSpec, states: np.ndarray, count: int, dtype: np.dtype) -> np.ndarray:
    """`[n, count]`: what an op of `AHEAD` gives for each state uint64 `[n, 3]`; they differ in their first word only."""
    groups = np.arange(-(-count // numbers_per_step(dtype)), dtype=np.uint64)
    if spec is random_truncated_normal:
        groups *= np.uint64(truncated_skip(dtype))
    steps = (states[:, :1] - states[0, 0] + groups).reshape(-1)
    first = states[0].view(np.int64)
    if spec is random_truncated_normal:
        numbers = _truncated_groups(first, steps, dtype)
    else:
        numbers = NUMBERS[spec](philox.words(first, steps), dtype)
    return numbers.reshape(len(states), -1)[:, :count]


# -- states -------------------------------------------------------------------------------------


def _infer_seed_state(seed: ArrayType) -> ArrayType:
    if seed.dtype.kind not in "iu" or seed.shape not in ((2,), (None,)):
        raise OpError(
            "TFC107",
            f"random: expected a seed of two integers, got {seed}",
            "write seed=[1, 2]",
        )
    return ArrayType(INT64, (3,))


random_seed_state = FAMILY.op("random_seed_state", philox.scrambled, _infer_seed_state, ("seed",))


def _skip(state: np.ndarray, count: np.ndarray) -> np.ndarray:
    return philox.advanced(state, max(int(count), 0) * RESERVED)


def _infer_skip(state: ArrayType, count: ArrayType) -> ArrayType:
    check_state("random_skip", state)
    if count.shape or count.dtype != INT64:
        raise OpError("TFC107", f"random_skip: expected a count int64[], got {count}", "")
    return state


random_skip = FAMILY.op("random_skip", _skip, _infer_skip, ("state", "count"))

# -- by rejection -------------------------------------------------------------------------------


def _uniform_stream(
    state: np.ndarray, count: int
) -> Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]]:
    """`draw(rows)`: the next two float64 uniforms of each row, `RESERVED` steps apart."""
    steps = np.arange(count, dtype=np.uint64) * np.uint64(RESERVED)

    def draw(rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        uniforms = _uniforms(philox.words(state, steps[rows]), FLOAT64)
        steps[rows] += np.uint64(1)
        return uniforms[:, 0], uniforms[:, 1]

    return draw


def _gamma(state: np.ndarray, alpha: np.ndarray) -> np.ndarray:
    """Marsaglia and Tsang's method; for alpha < 1 a number of alpha + 1 times a power of a uniform."""
    flat = alpha.astype(FLOAT64).reshape(-1)
    draw = _uniform_stream(state, flat.size)
    small = flat < 1
    d = np.where(small, flat + 1, flat) - 1 / 3
    result = np.full(flat.shape, np.nan)
    missing = np.flatnonzero(flat > 0)
    with np.errstate(all="ignore"):
        while missing.size:
            u, v = draw(missing)
            w, _ = draw(missing)
            normal = np.sqrt(-2 * np.log(np.maximum(u, 1e-300))) * np.cos(2 * math.pi * v)
            shape = d[missing]
            cube = (1 + normal / np.sqrt(9 * shape)) ** 3
            good = (cube > 0) & (
                np.log(1 - w) < 0.5 * normal**2 + shape * (1 - cube + np.log(np.maximum(cube, 0)))
            )
            result[missing[good]] = (shape * cube)[good]
            missing = missing[~good]
        rows = np.flatnonzero(small & (flat > 0))
        if rows.size:
            u, _ = draw(rows)
            result[rows] *= (1 - u) ** (1 / flat[rows])
    return result.reshape(alpha.shape).astype(alpha.dtype)


def _infer_gamma(state: ArrayType, alpha: ArrayType) -> ArrayType:
    check_state("random_gamma", state)
    return _require_float("random_gamma", alpha)


def _require_float(op: str, kind: ArrayType) -> ArrayType:
    if not is_float(kind.dtype):
        raise OpError(
            "TFC102",
            f"{op}: expected a floating-point dtype, got {kind.dtype.name}",
            "convert with tf.cast(x, tf.float32)",
        )
    return kind


random_gamma = FAMILY.op("random_gamma", _gamma, _infer_gamma, ("state", "alpha"))


def _poisson(state: np.ndarray, rate: np.ndarray) -> np.ndarray:
    """Inversion below a rate of 10, else Hoermann's transformed rejection (PTRS, 1993)."""
    flat = rate.astype(FLOAT64).reshape(-1)
    draw = _uniform_stream(state, flat.size)
    result = np.full(flat.shape, np.nan)
    result[flat == 0] = 0
    with np.errstate(all="ignore"):
        _poisson_by_inversion(flat, draw, result)
        _poisson_by_rejection(flat, draw, result)
    return result.reshape(rate.shape).astype(rate.dtype)


def _poisson_by_inversion(
    rate: np.ndarray, draw: Callable[..., tuple[np.ndarray, np.ndarray]], result: np.ndarray
) -> None:
    rows = np.flatnonzero((rate > 0) & (rate < 10))
    if not rows.size:
        return
    u, _ = draw(rows)
    probability = np.exp(-rate[rows])
    total, k = probability.copy(), 0
    count = np.zeros(rows.size)
    open_ = u >= total
    while open_.any() and k < 1000:
        k += 1
        probability *= rate[rows] / k
        total += probability
        count[open_] = k
        open_ &= u >= total
    result[rows] = count


def _poisson_by_rejection(
    rate: np.ndarray, draw: Callable[..., tuple[np.ndarray, np.ndarray]], result: np.ndarray
) -> None:
    missing = np.flatnonzero((rate >= 10) & np.isfinite(rate))
    while missing.size:
        mean = rate[missing]
        u, v = draw(missing)
        u, v = u - 0.5, 1 - v
        b = 0.931 + 2.53 * np.sqrt(mean)
        a = -0.059 + 0.02483 * b
        us = 0.5 - np.abs(u)
        k = np.floor((2 * a / us + b) * u + mean + 0.43)
        fast = (us >= 0.07) & (v <= 0.9277 - 3.6224 / (b - 2))
        left = np.log(v * (1.1239 + 1.1328 / (b - 3.4)) / (a / (us * us) + b))
        right = -mean + k * np.log(mean) - _log_factorial(np.maximum(k, 0))
        good = fast | ((k >= 0) & ((us >= 0.013) | (v <= us)) & (left <= right))
        result[missing[good]] = k[good]
        missing = missing[~good]


def _log_factorial(k: np.ndarray) -> np.ndarray:
    """log(k!): a table up to 9, Stirling's series above."""
    table = np.array([math.lgamma(n + 1) for n in range(10)])
    x = np.maximum(k, 10) + 1
    series = (
        (x - 0.5) * np.log(x) - x + 0.5 * math.log(2 * math.pi) + 1 / (12 * x) - 1 / (360 * x**3)
    )
    series += 1 / (1260 * x**5)
    return np.where(k < 10, table[np.minimum(k, 9).astype(np.int64)], series)


def _infer_poisson(state: ArrayType, rate: ArrayType) -> ArrayType:
    check_state("random_poisson", state)
    return _require_float("random_poisson", rate)


random_poisson = FAMILY.op("random_poisson", _poisson, _infer_poisson, ("state", "rate"))
