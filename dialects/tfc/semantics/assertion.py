"""Checks of values while the program runs."""

from __future__ import annotations

from typing import Any

import numpy as np
from tfc.dialects.tfc.semantics.dtypes import require_group
from tfc.dialects.tfc.semantics.errors import OpError
from tfc.dialects.tfc.semantics.spec import Effect, Family
from tfc.dialects.tfc.semantics.types import ArrayType

FAMILY = Family("assertion")


def assertion_failed(message: str) -> OpError:
    """The error for a condition that does not hold, the same eagerly and compiled."""
    return OpError("TFC204", message)


def _evaluate(condition: Any, *data: Any, message: str) -> tuple[Any, ...]:
    if not np.all(condition):
        shown = "".join(f"\n  {np.array2string(item, threshold=8, edgeitems=2)}" for item in data)
        raise assertion_failed(message + shown)
    return ()


def _infer(condition: ArrayType, *data: ArrayType, message: str) -> tuple[ArrayType, ...]:
    require_group("assert", "bool", condition)
    return ()


assert_ = FAMILY.op("assert", _evaluate, _infer, ("condition", "*data"), ("message",), Effect.FAIL)
