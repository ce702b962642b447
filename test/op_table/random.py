"""Rows of random numbers, against Philox written with Python's integers."""

import math
from typing import Any

import numpy as np
import tfc as tf
from tfc.core.dispatch import apply
from tfc.dialects.tfc.semantics import random as semantics

from op_table.row import Row, Sample, Wrong


def _philox(counter: int, key: int) -> list[int]:
    """Four words by the definition in the paper."""
    c = [counter >> 32 * i & 0xFFFFFFFF for i in range(4)]
    k = [key & 0xFFFFFFFF, key >> 32]
    for _ in range(10):
        p, q = c[0] * 0xD2511F53, c[2] * 0xCD9E8D57
        c = [q >> 32 ^ c[1] ^ k[0], q & 0xFFFFFFFF, p >> 32 ^ c[3] ^ k[1], p & 0xFFFFFFFF]
        k = [(k[0] + 0x9E3779B9) & 0xFFFFFFFF, (k[1] + 0xBB67AE85) & 0xFFFFFFFF]
    return c


def _seeded(seed: Any) -> tuple[int, int]:
    """Counter and key that TensorFlow makes of a stateless seed."""
    a, b = (int(word) & (1 << 64) - 1 for word in seed)
    words = _philox(a | b << 64, 0x3EC8F720 | 0x02461E29 << 32)
    return (words[2] | words[3] << 32) << 64, words[0] | words[1] << 32


def _words(seed: Any, count: int) -> list[int]:
    counter, key = _seeded(seed)
    return [word for step in range(-(-count // 4)) for word in _philox(counter + step, key)][:count]


def _uniform(
    seed: Any, shape: Any, minval: Any = 0, maxval: Any = 1, dtype: Any = np.float32
) -> Any:
    count = math.prod(shape)
    kind = np.dtype(dtype)
    if kind.kind in "iu":
        wide = kind.itemsize // 4
        words = _words(seed, count * wide)
        bits = [sum(words[wide * i + j] << 32 * j for j in range(wide)) for i in range(count)]
        values = [minval + number % (maxval - minval) for number in bits]
        return np.array(values, kind).reshape(shape)
    if kind == np.float64:
        words = _words(seed, 2 * count)
        fractions = [words[2 * i] | (words[2 * i + 1] & 0xFFFFF) << 32 for i in range(count)]
        values = np.array(fractions, np.float64) / 2**52
    else:
        values = (np.array(_words(seed, count), np.int64) & 0x7FFFFF) / 2**23
    return (values.astype(kind) * kind.type(maxval - minval) + kind.type(minval)).reshape(shape)


def _normal(seed: Any, shape: Any) -> Any:
    uniforms = _uniform(seed, (math.prod(shape) + 1 & ~1,)).astype(np.float64)
    radius = np.sqrt(-2 * np.log(np.maximum(uniforms[0::2], 1e-7)))
    pairs = [
        np.sin(2 * np.pi * uniforms[1::2]) * radius,
        np.cos(2 * np.pi * uniforms[1::2]) * radius,
    ]
    return np.stack(pairs, 1).reshape(-1)[: math.prod(shape)].astype(np.float32).reshape(shape)


def _truncated(seed: Any, shape: Any) -> Any:
    """Groups of four, each from 256 steps of its own; the first four numbers within two deviations."""
    counter, key = _seeded(seed)
    values: list[float] = []
    for group in range(-(-math.prod(shape) // 4)):
        step, kept = counter + 256 * group, []
        while len(kept) < 4:
            words = np.array(_philox(step, key))
            u = ((words & 0x7FFFFF) / 2**23).astype(np.float64)
            radius = np.sqrt(-2 * np.log(np.maximum(u[0::2], 1e-7)))
            pairs = np.stack(
                [np.sin(2 * np.pi * u[1::2]) * radius, np.cos(2 * np.pi * u[1::2]) * radius], 1
            )
            kept += [value for value in pairs.reshape(-1) if abs(value) < 2]
            step += 1
        values += kept[:4]
    return np.array(values[: math.prod(shape)], np.float32).reshape(shape)


def _bits(seed: Any, shape: Any) -> Any:
    return tf.random.stateless_uniform(shape, seed, None, None, tf.int32)


def _oracle_bits(seed: Any, shape: Any) -> Any:
    return np.array(_words(seed, math.prod(shape)), np.uint32).view(np.int32).reshape(shape)


def _oracle_state(seed: Any) -> Any:
    counter, key = _seeded(seed)
    return np.array([0, counter >> 64, key], np.uint64).view(np.int64)


def _apply(spec: Any) -> Any:
    """The op itself, for what has no public function of its own."""

    def call(*operands: Any) -> Any:
        return apply(spec, *[tf.convert_to_tensor(x) for x in operands])

    call.__name__ = spec.name.removeprefix("tfc.")
    return call


def _oracle_skip(state: Any, count: Any) -> Any:
    low, high, key = (int(word) & (1 << 64) - 1 for word in state)
    counter = (low | high << 64) + 256 * max(int(count), 0)
    words = [counter & (1 << 64) - 1, counter >> 64 & (1 << 64) - 1, key]
    return np.array(words, np.uint64).view(np.int64)


def _mean(spec: Any) -> Any:
    """The mean of many numbers, rounded: what the distribution says of it is all there is to compare with."""

    def call(state: Any, parameter: Any) -> Any:
        drawn = _apply(spec)(state, parameter)
        return tf.round(tf.reduce_mean(drawn, axis=0) * 2)

    call.__name__ = spec.name.removeprefix("tfc.")
    return call


SHAPES = (
    Sample((np.array([1, 2]),), {"shape": (7,)}),
    Sample((np.array([-5, 2**40]),), {"shape": (2, 3)}),
    Sample((np.array([0, 0]),), {"shape": ()}),
    Sample((np.array([3, 4]),), {"shape": (0, 2)}),
)
SEED = Wrong(([1, 2, 3],), {"shape": (2,)}, "TFC107", "a seed of two integers")
"""Seeds are operands, so that compiled code gets them at run time."""


def _seed_first(function: Any) -> Any:
    def call(seed: Any, shape: Any, **options: Any) -> Any:
        return function(shape, seed, **options)

    call.__name__ = function.__name__
    return call


def _row(spec: Any, function: Any, oracle: Any, samples: Any = SHAPES, **more: Any) -> Row:
    return Row(
        spec,
        function,
        oracle,
        samples,
        dtypes=("int64",),
        operand_dtypes=("int64",),
        gradient=False,
        special=False,
        **more,
    )


INTEGERS = (
    Sample((np.array([1, 2]),), {"shape": (5,), "minval": -3, "maxval": 4, "dtype": np.int32}),
    Sample((np.array([1, 2]),), {"shape": (5,), "minval": 0, "maxval": 2**40, "dtype": np.int64}),
)
DOUBLES = (Sample((np.array([1, 2]),), {"shape": (3, 3), "dtype": np.float64}),)

EMPTY_RANGE = {"shape": (2,), "minval": 5, "maxval": 5, "dtype": tf.int32}

ROWS = [
    _row(semantics.random_bits, _bits, _oracle_bits),
    _row(semantics.random_bits, _seed_first(tf.random.stateless_uniform), _uniform, INTEGERS),
    _row(
        semantics.random_uniform,
        _seed_first(tf.random.stateless_uniform),
        _uniform,
        (*SHAPES, *DOUBLES),
        wrong=(
            SEED,
            Wrong(([1, 2],), {"shape": (-1,)}, "TFC107", ">= 0"),
            Wrong(([1, 2],), EMPTY_RANGE, "TFC107", "minval < maxval"),
            Wrong(([1, 2],), {"shape": (2,), "dtype": tf.int32}, "TFC107", "maxval is needed"),
        ),
    ),
    _row(
        semantics.random_normal,
        _seed_first(tf.random.stateless_normal),
        _normal,
        ulp=16,
        oracle_ulp=64,
        wrong=(Wrong(([1, 2],), {"shape": (2,), "dtype": tf.int32}, "TFC102", "floating-point"),),
    ),
    _row(
        semantics.random_truncated_normal,
        _seed_first(tf.random.stateless_truncated_normal),
        _truncated,
        ulp=16,
        oracle_ulp=64,
    ),
    _row(
        semantics.random_seed_state,
        _apply(semantics.random_seed_state),
        _oracle_state,
        (Sample((np.array([1, 2]),)), Sample((np.array([-1, 2**62]),))),
        wrong=(Wrong(([1],), {}, "TFC107", "a seed of two integers"),),
    ),
    Row(
        semantics.random_skip,
        _apply(semantics.random_skip),
        _oracle_skip,
        (
            Sample((np.array([1, 2, 3]), np.array(5))),
            Sample((np.array([-1, -1, 3]), np.array(1))),
            Sample((np.array([0, 0, 0]), np.array(2**60))),
            Sample((np.array([7, 0, 0]), np.array(-1))),
        ),
        dtypes=("int64",),
        operand_dtypes=("int64", "int64"),
        gradient=False,
        special=False,
        wrong=(Wrong((np.array([1, 2]), np.array(5)), {}, "TFC107", "expected a state int64[3]"),),
    ),
    *(
        Row(
            spec,
            _mean(spec),
            lambda state, parameter: np.round(parameter[0] * 2),
            (Sample((np.array([1, 2, 3]), np.array([[1.0, 5.0, 20.0, 0.5]] * 20000))),),
            dtypes=("float64",),
            operand_dtypes=("int64", "float64"),
            gradient=False,
            special=False,
            wrong=(Wrong((np.array([1, 2, 3]), np.array([1])), {}, "TFC102", "floating-point"),),
        )
        for spec in (semantics.random_gamma, semantics.random_poisson)
    ),
]
