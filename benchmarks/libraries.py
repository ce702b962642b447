"""The libraries that workloads are spelled in: in the process of a peer its own are there, and the others are None.

`tf` is tfc in tfc's process and TensorFlow in TensorFlow's: both run the same spelling.
"""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

PEER = os.environ.get("BENCHMARK_PEER", "")
THREADS = int(os.environ.get("BENCHMARK_THREADS", "1"))

if PEER:  # before the libraries look how many CPUs there are
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[-THREADS:])

if PEER == "tfc":  # the one of this checkout
    sys.path.insert(0, str(Path(__file__).resolve().parents[1] / ".ci"))
    from link_tree import ROOT, lay_folders

    lay_folders(ROOT / "build" / "types" / "tfc")
    sys.path.insert(0, str(ROOT / "build" / "types"))


def _library(name: str, *peers: str) -> Any:
    return importlib.import_module(name) if PEER in peers else None


tf = _library("tfc", "tfc") or _library("tensorflow", "tf", "xla")
jax = _library("jax", "jax")
jnp = _library("jax.numpy", "jax")
lax = _library("jax.lax", "jax")
torch = _library("torch", "torch", "torch-compile")
functional = _library("torch.nn.functional", "torch", "torch-compile")
scipy_special = _library("scipy.special", "numpy")
numba = _library("numba", "numba")
prange = numba.prange if numba else range


def compiled(function: Callable[..., Any]) -> Callable[..., Any]:
    """`function` as the users of this process's peer compile it; NumPy and eager torch compile nothing."""
    match PEER:
        case "tfc" | "tf":
            return tf.function(function)
        case "xla":
            return tf.function(function, jit_compile=True)
        case "jax":
            return jax.jit(function)
        case "torch-compile":
            return torch.compile(function)
        case "numba":
            return numba.njit(function, parallel=THREADS > 1)
        case _:
            return function


def inlined(function: Callable[..., Any]) -> Callable[..., Any]:
    """A helper of the loops that Numba compiles."""
    return numba.njit(function) if numba else function
