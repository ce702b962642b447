"""Checks of values while the program runs."""

from __future__ import annotations

from typing import Any

import numpy as np
from tfc.dialects.tfc.semantics.dtypes import require_group
from tfc.dialects.tfc.semantics.errors import OpError
from tfc.dialects.tfc.semantics.spec import Effect, Family
from tfc.dialects.tfc.semantics.types import ArrayType

FAMILY = Family("assertion")


def _evaluate(condition: Any, *data: Any, message: str, code: str) -> tuple[Any, ...]:
    if not np.all(condition):
        shown = "".join(f"\n  {np.array2string(item, threshold=8, edgeitems=2)}" for item in data)
        raise OpError(code, message + shown)
    return ()


def _infer(
    condition: ArrayType, *data: ArrayType, message: str, code: str
) -> tuple[ArrayType, ...]:
    require_group("assert", "bool", condition)
    return ()


assert_ = FAMILY.op(
    "assert", _evaluate, _infer, ("condition", "*data"), ("message", "code"), Effect.FAIL
)
