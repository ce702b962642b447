"""Gradients of order 1 and 2 against finite differences, in float64 along random directions."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest
import tfc as tf

from op_table.row import Row, Sample
from op_table.table import row_names, rows
from op_table.values import generator, is_float, operands

STEP = 1e-6
HOST = ("factorization", "host")
"""Families of ops that compiled code asks Python for."""

DIFFERENTIABLE = [
    (name, row)
    for name, row in zip(row_names(), rows(), strict=True)
    if row.gradient and "float64" in row.dtypes
]


class Problem:
    """One sample as a function of its float operands."""

    def __init__(self, row: Row, sample: Sample) -> None:
        self.row = row
        self.attributes = sample.attributes
        self.arrays = operands(row, sample, "float64")
        self.active = [
            i
            for i, a in enumerate(self.arrays)
            if is_float(a.dtype) and a.size and a.dtype == np.float64
        ]
        self.rng = generator(row.spec.name, repr(sample.shapes), "gradient")

    def call(self, tensors: Sequence[Any]) -> list[Any]:
        """The float results."""
        everything: list[Any] = [tf.constant(a, a.dtype) for a in self.arrays]
        for position, tensor in zip(self.active, tensors, strict=True):
            everything[position] = tensor
        result = self.row.function(*everything, **self.attributes)
        flat = list(result) if isinstance(result, list | tuple) else [result]
        return [t for t in flat if t.dtype == tf.float64]

    def points(self) -> list[np.ndarray]:
        return [self.arrays[i] for i in self.active]

    def like(self, arrays: Sequence[np.ndarray]) -> list[np.ndarray]:
        return [np.asarray(self.rng.uniform(-1, 1, a.shape)) for a in arrays]

    def gradient(self, points: Sequence[np.ndarray], weights: Sequence[np.ndarray]) -> list[Any]:
        """The gradients of the weighted sum of the results."""
        tensors = [tf.constant(p) for p in points]
        found = self.pull_back(tensors, [tf.constant(w) for w in weights])
        return [
            np.zeros(p.shape) if g is None else np.asarray(g)
            for g, p in zip(found, points, strict=True)
        ]

    def pull_back(self, tensors: Sequence[Any], seeds: Sequence[Any]) -> Any:
        """The same of tensors; None where there is none."""
        with tf.GradientTape() as tape:
            for tensor in tensors:
                tape.watch(tensor)
            results = self.call(tensors)
        return tape.gradient(results, tensors, output_gradients=seeds)

    def value(self, points: Sequence[np.ndarray], weights: Sequence[np.ndarray]) -> float:
        results = self.call([tf.constant(p) for p in points])
        return dot(weights, [np.asarray(r) for r in results])

    def second(
        self,
        points: Sequence[np.ndarray],
        weights: Sequence[np.ndarray],
        along: Sequence[np.ndarray],
    ) -> list[np.ndarray]:
        """The gradients of the first gradients' sum weighted by `along`."""
        tensors = [tf.constant(p) for p in points]
        with tf.GradientTape() as outer:
            for tensor in tensors:
                outer.watch(tensor)
            with tf.GradientTape() as inner:
                for tensor in tensors:
                    inner.watch(tensor)
                results = self.call(tensors)
            seeds = [tf.constant(w) for w in weights]
            first = inner.gradient(results, tensors, output_gradients=seeds)
            known = [
                (g, tf.constant(a)) for g, a in zip(first, along, strict=True) if g is not None
            ]
        targets = [g for g, _ in known]
        found = (
            outer.gradient(targets, tensors, output_gradients=[a for _, a in known])
            if targets
            else [None] * len(tensors)
        )
        return [
            np.zeros(p.shape) if g is None else np.asarray(g)
            for g, p in zip(found, points, strict=True)
        ]


def dot(left: Sequence[np.ndarray], right: Sequence[np.ndarray]) -> float:
    return float(sum(float(np.sum(a * b)) for a, b in zip(left, right, strict=True)))


def moved(points: Sequence[np.ndarray], along: Sequence[np.ndarray], by: float) -> list[np.ndarray]:
    return [np.asarray(p + by * a) for p, a in zip(points, along, strict=True)]


def assert_derivative(got: float, f: Callable[[float], float], what: str) -> None:
    """Compare with the central difference, at a step or ten times it: one of them rounds well."""
    for step in (STEP, 10 * STEP, 100 * STEP):
        expected = (f(step) - f(-step)) / (2 * step)
        if abs(got - expected) <= 1e-5 * max(1.0, abs(expected)):
            return
    raise AssertionError(f"{what}: got {got}, finite differences give {expected}")


@pytest.mark.parametrize("row", [r for _, r in DIFFERENTIABLE], ids=[n for n, _ in DIFFERENTIABLE])
def test_first_order(row: Row):
    for index, sample in enumerate(row.samples):
        problem = Problem(row, sample)
        points = problem.points()
        if not points:
            continue
        weights = problem.like(
            [np.asarray(r) for r in problem.call([tf.constant(p) for p in points])]
        )
        along = problem.like(points)
        gradients = problem.gradient(points, weights)
        for gradient, point in zip(gradients, points, strict=True):
            assert gradient.shape == point.shape, f"sample {index}"
        assert_derivative(
            dot(gradients, along),
            lambda h, q=problem, p=points, a=along, w=weights: q.value(moved(p, a, h), w),
            f"sample {index}",
        )


@pytest.mark.parametrize("row", [r for _, r in DIFFERENTIABLE], ids=[n for n, _ in DIFFERENTIABLE])
def test_second_order(row: Row):
    for index, sample in enumerate(row.samples):
        problem = Problem(row, sample)
        points = problem.points()
        if not points:
            continue
        weights = problem.like(
            [np.asarray(r) for r in problem.call([tf.constant(p) for p in points])]
        )
        along, across = problem.like(points), problem.like(points)
        second = problem.second(points, weights, along)

        def first(
            h: float,
            q: Any = problem,
            p: Any = points,
            a: Any = along,
            c: Any = across,
            w: Any = weights,
        ) -> float:
            return dot(q.gradient(moved(p, c, h), w), a)

        assert_derivative(dot(second, across), first, f"sample {index}")


@pytest.mark.parametrize(
    "row", [pytest.param(r, id=n) for n, r in DIFFERENTIABLE if r.spec.family in HOST]
)
def test_compiled_gradients_of_host_calls(row: Row):
    for index, sample in enumerate(row.samples):
        problem = Problem(row, sample)
        tensors = [tf.constant(p) for p in problem.points()]
        seeds = [
            tf.constant(w) for w in problem.like([np.asarray(r) for r in problem.call(tensors)])
        ]
        eager = problem.pull_back(tensors, seeds)
        compiled = tf.function(problem.pull_back)(tensors, seeds)
        for have, want in zip(compiled, eager, strict=True):
            assert (have is None) == (want is None), f"sample {index}"
            if want is not None:
                np.testing.assert_allclose(have, want, 1e-9, 1e-12, err_msg=f"sample {index}")
