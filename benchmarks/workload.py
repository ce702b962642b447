"""What a workload is: inputs, what it costs at least, and how users of each peer would write it.

A workload is a class that is never instantiated. Its functions `numpy`, `tf`, `jax`, `torch` and `numba` take the inputs
and return the results; one that is missing is not measured. `numpy` on float64 inputs is also the oracle.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from typing import Any, ClassVar

import numpy as np

Input = Callable[[np.random.Generator], np.ndarray]

EXP, LOG, TANH, SIGMOID, ERF, SQRT, DIVIDE = 16, 18, 20, 18, 24, 6, 6
"""What functions cost in additions and multiplications, about; for the roofline."""

WORKLOADS: dict[str, type[Workload]] = {}


class Workload:
    """Base of all workloads; a subclass with `inputs` is one and is found under its name in `WORKLOADS`."""

    inputs: ClassVar[tuple[Input, ...]]
    flops: ClassVar[float] = 0
    """Operations that every way to compute it needs."""
    bytes: ClassVar[float] = 0
    """What must be read and written at least: inputs and results, once."""
    tolerance: ClassVar[float] = 2e-5
    """How far results may be from the oracle's, as a share of the largest of them."""
    outliers: ClassVar[float] = 0.0
    """The share of elements that may be beyond it: decisions that rounding turns over."""
    stateful: ClassVar[bool] = False
    """The functions return a step without arguments that changes what they keep, compiled already; three steps are checked."""
    uncompiled: ClassVar[tuple[str, ...]] = ()
    """Peers whose compiler cannot express it: their users call the function as it is."""

    def __init_subclass__(cls) -> None:
        if "inputs" in cls.__dict__:
            WORKLOADS[cls.__name__] = cls

    @classmethod
    def arrays(cls) -> list[np.ndarray]:
        """The inputs; the same in every process."""
        rng = np.random.default_rng(zlib.crc32(cls.__name__.encode()))
        return [make(rng) for make in cls.inputs]

    @classmethod
    def spelling(cls, name: str) -> Callable[..., Any] | None:
        return getattr(cls, name, None)


def normal(*shape: int, scale: float = 1.0) -> Input:
    """float32, normally distributed."""
    return lambda rng: scale * rng.standard_normal(shape, np.float32)


def uniform(*shape: int, low: float = 0.0, high: float = 1.0, dtype: type = np.float32) -> Input:
    return lambda rng: rng.uniform(low, high, shape).astype(dtype)


def integers(*shape: int, high: int) -> Input:
    """int32 from 0 up to `high`, without it."""
    return lambda rng: rng.integers(0, high, shape, np.int32)
