"""The specs of nodes that are not ops of the tfc dialect: constants and structured control flow.

`scf.if`          inputs: condition; regions: then, else
`scf.index_switch` inputs: tag (int64); regions: case 0, case 1, ..., the last one is the default
`scf.while`       inputs: initial values; regions: before (results: condition, then what it forwards), after
`scf.for`         inputs: lower, upper, step (int64), initial values; region: arguments are the counter and what is carried

`func.call`       inputs: the arguments of `Graph.functions[callee]`; see `CALL`
`cf.assert`       inputs: condition, values for the message; see `FAIL`

Conditions are rank-0 bool tensors and counters rank-0 int64 tensors: `to_ir` makes scalars of them.
"""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
from tfc.dialects.tfc.semantics.spec import Effect, OpSpec
from tfc.dialects.tfc.semantics.types import ArrayType
from tfc.graph.nodes import Region


def _constant(*, value: np.ndarray) -> np.ndarray:
    return value


def _infer_constant(*, value: np.ndarray) -> ArrayType:
    return ArrayType(value.dtype, value.shape)


def _structured(*inputs: Any, **attributes: Any) -> Any:
    raise TypeError("control flow has no meaning without its regions")


CONSTANT = OpSpec("arith.constant", _constant, _infer_constant, (), ("value",), family="control")

_control = functools.partial(OpSpec, evaluate=_structured, infer=_structured, family="control")
IF = _control("scf.if", operands=("condition",))
SWITCH = _control("scf.index_switch", operands=("tag",))
WHILE = _control("scf.while", operands=("*inits",))
FOR = _control("scf.for", operands=("lower", "upper", "step", "*inits"))

FAIL = OpSpec(
    "cf.assert",
    _structured,
    _structured,
    ("ok", "*values"),
    ("failure", "text"),
    Effect.FAIL,
    "control",
)
"""Ends the call unless `ok`: with exception number `failure` of the trace, whose text has the values in."""

DEEPEST_CALLS = 3000
"""Calls that may be nested at run time; each takes its part of the thread's stack."""

REPORTED = 8
"""Values that a failing check can hand to Python."""

CALL = OpSpec(
    "func.call", _structured, _structured, ("*arguments",), ("callee",), Effect.HOST, "control"
)
"""Calls a function of the program. It may fail, assign variables and never end, so it is not dropped or moved."""

CONTROL = frozenset((IF, SWITCH, WHILE, FOR))


class Function:
    """A function of the program that calls itself."""

    __slots__ = ("name", "recorded", "recursion", "region")

    def __init__(self, name: str) -> None:
        self.name = name
        self.region = Region()
        """Its body, once that is complete."""
        self.recorded: Region | None = None
        """The region that the body was recorded into; None until it is complete."""
        self.recursion: Any = None
        """What gradients know of it (`tfc.gradients.recursion`)."""

    def complete(self, region: Region) -> None:
        """The body is what was recorded into `region`."""
        self.recorded = region
        self.region.take(region)
