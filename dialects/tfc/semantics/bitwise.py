"""Operations on the bits of integers."""

from __future__ import annotations

from typing import Any

import numpy as np
from tfc.dialects.tfc.semantics.dtypes import require_group
from tfc.dialects.tfc.semantics.elementwise import define
from tfc.dialects.tfc.semantics.spec import Family
from tfc.dialects.tfc.semantics.types import ArrayType

FAMILY = Family("bitwise")

_XY = ("x", "y")


def _infer_count(x: ArrayType, *, op: str, group: str) -> ArrayType:
    require_group(op, group, x)
    return ArrayType(np.dtype(np.uint8), x.shape)


def _population_count(x: Any) -> Any:
    # NumPy counts the bits of the absolute value: look at the bits as unsigned.
    return np.bitwise_count(x.view(x.dtype.str.replace("i", "u")))


bitwise_and = define(FAMILY, "bitwise_and", np.bitwise_and, _XY, "int")
bitwise_or = define(FAMILY, "bitwise_or", np.bitwise_or, _XY, "int")
bitwise_xor = define(FAMILY, "bitwise_xor", np.bitwise_xor, _XY, "int")
left_shift = define(FAMILY, "left_shift", np.left_shift, _XY, "int")
right_shift = define(FAMILY, "right_shift", np.right_shift, _XY, "int")
invert = define(FAMILY, "invert", np.invert, ("x",), "int")
population_count = define(
    FAMILY, "population_count", _population_count, ("x",), "int", _infer_count
)
