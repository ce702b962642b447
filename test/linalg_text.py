"""What small programs of the linalg stage are written with."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]

MAPS = """
#id = affine_map<(i) -> (i)>
#id2 = affine_map<(i, j) -> (i, j)>
#tr = affine_map<(i, j) -> (j, i)>
#row = affine_map<(i, j) -> (i)>
#col = affine_map<(i, j) -> (j)>
#all = affine_map<(i, j) -> ()>
#one = affine_map<(i) -> ()>
"""


@dataclass(frozen=True)
class Program:
    """A module of the linalg stage, arguments, and what it should return."""

    name: str
    text: str
    arguments: Sequence[Array]
    expected: Callable[..., Sequence[Array]]
    updates: tuple[int, ...] = ()
    """Arguments that are variables, in the order of the results that update them."""


def elementwise(result: str, inputs: str, types: str, type: str, body: str, maps: str = "") -> str:
    """A parallel `linalg.generic` over one dimension into `%e` (one scalar argument an input)."""
    names = [f"%i{n}" for n in range(len(inputs.split(",")))]
    element = type.rsplit("x", maxsplit=1)[-1].rstrip(">")
    maps = maps or ", ".join(["#id"] * (len(names) + 1))
    arguments = ", ".join(f"{name}: {element}" for name in (*names, "%o"))
    return f"""
  {result} = linalg.generic {{indexing_maps = [{maps}], iterator_types = ["parallel"]}}
      ins({inputs} : {types}) outs(%e : {type}) {{
  ^bb0({arguments}):
    {body}
    linalg.yield %s : {element}
  }} -> {type}"""


def array(*shape: int, dtype: Any = np.float32, seed: int = 0) -> Array:
    """Numbers around zero."""
    return np.random.default_rng(seed).standard_normal(shape).astype(dtype)


def add(result: str, a: str, b: str, type: str = "tensor<6xf32>") -> str:
    """`result = a + b`."""
    return elementwise(
        result, f"{a}, {b}", f"{type}, {type}", type, "%s = arith.addf %i0, %i1 : f32"
    )
