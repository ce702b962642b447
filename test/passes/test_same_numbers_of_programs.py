"""Programs of the tensor stage give the same numbers after each pass: what follows it is then lowered without any pass that can
be left out. The programs are samples of the op table and small networks with their gradients."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
import pytest
import tfc as tf
from op_table.compiling import Case, build_module, compiled
from op_table.row import Row, Sample
from op_table.table import main_dtypes, rows
from op_table.values import assert_close
from tfc.backend import load
from tfc.dialects.tfc.semantics import contraction
from tfc.dialects.tfc.semantics.spec import Effect
from tfc.passes.pipelines import STAGES, run_passes

PASSES = ",".join(passes for passes in STAGES.values() if passes).split(",")
NEEDED = (
    "promote-variables",
    "convert-tfc-to-linalg",
    "one-shot-bufferize",
    "convert-linalg-to-loops",
    "expand-math",
    "convert-scf-to-cf",
)
EVERY = 48
"""Of how many rows of the op table one is taken."""


def _dense(x: Any, w: Any, b: Any) -> Any:
    return tf.nn.softmax(tf.nn.gelu(x @ w + b))


def _convolutional(x: Any, w: Any, b: Any) -> Any:
    return tf.nn.max_pool2d(tf.nn.relu(tf.nn.conv2d(x, w, 2, "SAME") + b), 2, 1, "SAME")


def _normalized(x: Any, scale: Any) -> Any:
    mean, variance = tf.nn.moments(x, [-1], keepdims=True)
    return (x - mean) * tf.math.rsqrt(variance + 1e-3) * scale


def _attention(q: Any, k: Any, v: Any) -> Any:
    return tf.nn.softmax(tf.matmul(q, k, transpose_b=True) * 0.25) @ v


def _forces(p: Any, m: Any) -> Any:
    d = p[None] - p[:, None]
    r = tf.reduce_sum(d * d, -1) + 1e-2
    return tf.reduce_sum(d * (m[None] * tf.math.rsqrt(r) / r)[:, :, None], 1)


def _overlaps(a: Any, b: Any) -> Any:
    low, high = (
        tf.maximum(a[:, None, :2], b[None, :, :2]),
        tf.minimum(a[:, None, 2:], b[None, :, 2:]),
    )
    size = tf.nn.softplus(high - low)
    return size[..., 0] * size[..., 1]


PROGRAMS = (
    (_overlaps, ((33, 4), (18, 4))),
    (_dense, ((13, 20), (20, 24), (24,))),
    (_convolutional, ((2, 9, 8, 3), (3, 3, 3, 8), (8,))),
    (_normalized, ((7, 33), (33,))),
    (_forces, ((37, 3), (37,))),
    (_attention, ((2, 9, 16), (2, 17, 16), (2, 17, 8))),
)


@functools.cache
def cases() -> tuple[Case, ...]:
    """All programs; they go through the passes in one module."""
    found: list[Case] = []
    native = [row for row in rows() if row.spec.effect is not Effect.HOST]
    for number, row in enumerate(native[::EVERY]):
        sample = row.samples[number % len(row.samples)]
        found.append(Case(row, sample, main_dtypes(row)[0], dynamic=number % 2 == 1))
    for function, shapes in PROGRAMS:
        row = Row(contraction.matmul, function, function, (), ulp=64)
        dynamic = len(found) % 2 == 1
        found.append(Case(row, Sample(shapes), "float32", dynamic=dynamic, gradient=True))
    return tuple(found)


@functools.cache
def expected() -> tuple[list[np.ndarray], ...]:
    return tuple([np.asarray(t) for t in case.eager()] for case in cases())


def _pipelines() -> dict[str, str]:
    """For the start and each pass that can be left out: everything up to it, then only what is needed."""
    found = {"nothing": [name for name in PASSES if name in NEEDED]}
    for number, name in enumerate(PASSES):
        if name not in NEEDED:
            rest = [other for other in PASSES[number + 1 :] if other in NEEDED]
            found[f"{number} {name}"] = [*PASSES[: number + 1], *rest]
    return {name: ",".join(passes) for name, passes in found.items()}


@pytest.mark.parametrize("passes", _pipelines().values(), ids=_pipelines().keys())
def test_same_numbers_after(passes: str):
    module = build_module(cases())
    run_passes(module, passes, verify=True)
    dtypes = [array.dtype for arrays in expected() for array in arrays]
    native = load(compiled(module), result_dtypes=dtypes)
    arguments = [np.ascontiguousarray(a).reshape(a.shape) for c in cases() for a in c.arrays]
    results = iter(native(arguments))
    for case, wanted in zip(cases(), expected(), strict=True):
        ulp = 4 * max(case.row.ulp, 1) if case.gradient else case.row.ulp
        got = [next(results) for _ in wanted]
        assert_close(got, wanted, ulp, str(case), terms=1 / 16 if case.gradient else 0.0)
