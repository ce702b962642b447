"""Maps from uniform numbers in (-1, 1) into where a function is smooth."""

from __future__ import annotations

import numpy as np


def positive(u: np.ndarray) -> np.ndarray:
    """0.25 to 2.25."""
    return 1.25 + u


def above_one(u: np.ndarray) -> np.ndarray:
    """1.5 to 3.5."""
    return 2.5 + u


def inside(u: np.ndarray) -> np.ndarray:
    """-0.8 to 0.8."""
    return 0.8 * u


def probability(u: np.ndarray) -> np.ndarray:
    """0.1 to 0.9."""
    return 0.5 + 0.4 * u


def nonzero(u: np.ndarray) -> np.ndarray:
    """0.5 to 1.5, of either sign."""
    return np.copysign(1 + 0.5 * u, np.sin(40 * u))


def wide(u: np.ndarray) -> np.ndarray:
    """-6 to 6."""
    return 6 * u


def same(u: np.ndarray) -> np.ndarray:
    """-1 to 1."""
    return u
