"""Creation: values made from sizes alone."""

from __future__ import annotations

import numpy as np
from tfc.dialects.tfc.semantics.dtypes import require_group, require_same_dtype
from tfc.dialects.tfc.semantics.errors import OpError
from tfc.dialects.tfc.semantics.sizes import check_not_negative, check_size_operands, fill_sizes
from tfc.dialects.tfc.semantics.spec import Family
from tfc.dialects.tfc.semantics.types import ArrayType

FAMILY = Family("creation")


def _evaluate_range(
    start: np.ndarray, delta: np.ndarray, *sizes: np.ndarray, size: tuple[int | None]
) -> np.ndarray:
    (count,) = fill_sizes(size, sizes)
    steps = np.arange(max(count, 0)).astype(start.dtype)
    return start + steps * delta


def _infer_range(
    start: ArrayType, delta: ArrayType, *sizes: ArrayType, size: tuple[int | None]
) -> ArrayType:
    dtype = require_same_dtype("range", start, delta)
    require_group("range", "number", start)
    if start.rank or delta.rank:
        raise OpError("TFC105", f"range: expected scalars, got {start} and {delta}", "pass scalars")
    if sizes or None in size:
        check_size_operands("range", sizes, size)
    check_not_negative("range", "size", size)
    return ArrayType(dtype, size)


range_ = FAMILY.op("range", _evaluate_range, _infer_range, ("start", "delta", "*sizes"), ("size",))
