"""Arrays for samples, and how results are compared."""

from __future__ import annotations

import zlib
from typing import Any

import numpy as np

from op_table.row import Row, Sample
from op_table.table import dtype

SPECIAL = (np.nan, np.inf, -np.inf, 0.0, -0.0, 1.0, -1.0, 0.5, -2.5, 1e-40, -1e-40, 30.0)
"""What special-value tests scatter over the operands; 1e-40 is denormal in float32."""


def is_float(kind: np.dtype) -> bool:
    return kind.kind == "f" or kind.name == "bfloat16"


def generator(*key: Any) -> np.random.Generator:
    """Random numbers that depend on `key` only, the same in every process."""
    return np.random.default_rng(zlib.crc32(repr(key).encode()))


def operand_dtype(row: Row, position: int, name: str) -> np.dtype:
    """The dtype of an operand: its fixed one, or the one under test."""
    fixed = row.operand_dtypes[position] if row.operand_dtypes else None
    return dtype(fixed or name)


def operands(row: Row, sample: Sample, name: str, *, special: int = 0) -> list[np.ndarray]:
    """The arrays of a sample in dtype `name`; with `special`, a seed, floats hold special values."""
    rng = generator(row.spec.name, repr(sample.shapes), name, special)
    arrays: list[np.ndarray] = []
    for position, shape in enumerate(sample.shapes):
        kind = operand_dtype(row, position, name)
        if not isinstance(shape, tuple):
            array = np.asarray(shape)
            fixed = bool(row.operand_dtypes and row.operand_dtypes[position])
            arrays.append(array.astype(kind) if fixed or array.dtype == np.float64 else array)
            continue
        domain = row.domain[position] if row.domain else None
        array = _draw(rng, shape, kind, domain)
        if special and is_float(kind):
            array = rng.choice(np.array(SPECIAL), shape).astype(kind)
        arrays.append(array)
    return arrays


def _draw(rng: np.random.Generator, shape: tuple[int, ...], kind: np.dtype, domain: Any) -> Any:
    if kind.kind == "b":
        return rng.integers(0, 2, shape).astype(kind)
    if kind.kind in "iu":
        low = 0 if kind.kind == "u" else -7
        array = np.asarray(rng.integers(low, 8, shape))
        # A domain keeps floats away from where the function is singular; for integers that is zero.
        return (np.where(array == 0, 3, array) if domain is not None else array).astype(kind)
    array = np.asarray(rng.uniform(-1.0, 1.0, shape))
    return np.asarray(array if domain is None else domain(array)).astype(kind)


def assert_close(got: Any, expected: Any, ulp: float, what: str, terms: float = 0.0) -> None:
    """Compare results: dtype, shape, and values within `ulp` units in the last place.

    nan equals nan; with `ulp` 0 the sign of zeros counts. Units are those of the larger value, but at least of the array's
    typical size divided by 2, since sums of terms that cancel are no more exact than their terms. `terms` is their size where
    all of them cancel (the gradient of a softmax's sum).
    """
    lefts, rights = _leaves(got), _leaves(expected)
    assert len(lefts) == len(rights), f"{what}: {len(lefts)} results instead of {len(rights)}"
    for left, right in zip(lefts, rights, strict=True):
        assert left.dtype == right.dtype, f"{what}: got {left.dtype}, expected {right.dtype}"
        assert left.shape == right.shape, f"{what}: got {left.shape}, expected {right.shape}"
        if is_float(left.dtype):
            _assert_floats(left, right, ulp, what, terms)
        else:
            wrong = left != right
            assert not wrong.any(), _difference(left, right, wrong, what)


def _assert_floats(
    left: np.ndarray, right: np.ndarray, ulp: float, what: str, terms: float
) -> None:
    kind = left.dtype
    a, b = left.astype(np.float64), right.astype(np.float64)
    with np.errstate(all="ignore"):
        same = (a == b) | (np.isnan(a) & np.isnan(b))
        if ulp == 0:
            same &= (np.signbit(a) == np.signbit(b)) | np.isnan(a)
        else:
            size = np.maximum(np.abs(a), np.abs(b))
            finite = size[np.isfinite(size)]
            typical = max(terms, float(np.median(finite)) / 2 if finite.size else 0.0)
            unit = spacing(np.maximum(np.where(np.isfinite(size), size, 0.0), typical), kind)
            same |= np.abs(a - b) <= ulp * unit
    assert same.all(), _difference(left, right, ~same, what)


def spacing(size: np.ndarray, kind: np.dtype) -> np.ndarray:
    """The distance of neighbouring numbers of a float dtype at `size`."""
    digits, smallest = {
        "float16": (10, -24),
        "bfloat16": (7, -133),
        "float32": (23, -149),
        "float64": (52, -1074),
    }[kind.name]
    _, exponent = np.frexp(size)
    return np.ldexp(1.0, np.maximum(exponent - 1 - digits, smallest))


def _difference(left: np.ndarray, right: np.ndarray, wrong: np.ndarray, what: str) -> str:
    index = tuple(int(i) for i in np.argwhere(wrong)[0]) if wrong.ndim else ()
    return (
        f"{what}: {int(wrong.sum())} of {wrong.size} differ, first at {index}: "
        f"got {left[index]!r}, expected {right[index]!r}"
    )


def _leaves(value: Any) -> list[np.ndarray]:
    if isinstance(value, list | tuple):
        return [leaf for item in value for leaf in _leaves(item)]
    return [np.asarray(value)]
