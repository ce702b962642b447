"""`Row`: what the op table says of one op."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from tfc.dialects.tfc.semantics.spec import OpSpec

NUMBERS = [
    "int8",
    "int16",
    "int32",
    "int64",
    "uint8",
    "uint16",
    "uint32",
    "uint64",
    "float16",
    "bfloat16",
    "float32",
    "float64",
]
FLOATS = ["float16", "bfloat16", "float32", "float64"]
INTS = ["int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"]


@dataclass(frozen=True)
class Sample:
    """One call: the arrays' shapes (or arrays themselves) and the attributes as keyword arguments of the function."""

    shapes: Sequence[Any]
    attributes: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Wrong:
    """A call that must fail: arguments, keyword arguments, code and a part of the message."""

    arguments: Sequence[Any]
    attributes: dict[str, Any]
    code: str
    text: str


@dataclass(frozen=True)
class Row:
    """How one op is tested.

    `function` is the public function, `oracle` the NumPy meaning written independently of `semantics`; both take the sample's
    arrays and attributes. `domain` maps uniform numbers in (-1, 1) into where the function is smooth, per operand. The harness
    takes from it: eager against oracle and compiled against eager for each dtype, static and dynamic shapes; gradients of order 1
    and 2 against finite differences in float64; special values; the messages of `wrong`.
    """

    spec: OpSpec
    function: Callable[..., Any]
    oracle: Callable[..., Any]
    samples: Sequence[Sample]
    dtypes: Sequence[str] = tuple(NUMBERS)
    gradient: bool = True
    domain: Sequence[Callable[[np.ndarray], np.ndarray]] | None = None
    special: bool = True
    ulp: float = 0.0
    """Allowed difference of compiled from eager, in units in the last place of float32 and float64; 0 means the same bits."""
    oracle_ulp: float = 0.0
    wrong: Sequence[Wrong] = ()
    operand_dtypes: Sequence[str | None] | None = None
    """A fixed dtype per operand where it does not follow `dtypes` (indices, conditions)."""
    static_operands: Sequence[int] = ()
    """Operands whose sizes must be known when the function is compiled, such as indices that address several axes."""


BINARY_SHAPES = (
    Sample(((4,), (4,))),
    Sample(((3, 4), (4,))),
    Sample(((3, 1), (1, 4))),
    Sample(((), (5,))),
    Sample(((), ())),
    Sample(((0, 3), (3,))),
    Sample(((2, 3, 4), (3, 1))),
    Sample(((1,), (1,))),
)
UNARY_SHAPES = (
    Sample(((4,),)),
    Sample(((3, 5),)),
    Sample(((),)),
    Sample(((0,),)),
    Sample(((2, 1, 17),)),
)
