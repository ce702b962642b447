"""Logic on bools, and the choice between two tensors."""

from __future__ import annotations

import numpy as np
from tfc.dialects.tfc.semantics.broadcasting import broadcast_shapes
from tfc.dialects.tfc.semantics.dtypes import require_group, require_same_dtype
from tfc.dialects.tfc.semantics.elementwise import define
from tfc.dialects.tfc.semantics.spec import Family
from tfc.dialects.tfc.semantics.types import ArrayType

FAMILY = Family("logical")


def _infer_select(condition: ArrayType, x: ArrayType, y: ArrayType) -> ArrayType:
    require_group("where", "bool", condition)
    dtype = require_same_dtype("where", x, y)
    return ArrayType(dtype, broadcast_shapes("where", condition, x, y))


logical_and = define(FAMILY, "logical_and", np.logical_and, ("x", "y"), "bool")
logical_or = define(FAMILY, "logical_or", np.logical_or, ("x", "y"), "bool")
logical_xor = define(FAMILY, "logical_xor", np.logical_xor, ("x", "y"), "bool")
logical_not = define(FAMILY, "logical_not", np.logical_not, ("x",), "bool")
select = FAMILY.op("select", np.where, _infer_select, ("condition", "x", "y"), is_elementwise=True)
