"""Rounding to integral values."""

from __future__ import annotations

import numpy as np
from tfc.dialects.tfc.semantics.elementwise import define
from tfc.dialects.tfc.semantics.spec import Family

FAMILY = Family("rounding")

floor = define(FAMILY, "floor", np.floor, ("x",), "float")
ceil = define(FAMILY, "ceil", np.ceil, ("x",), "float")
round = define(FAMILY, "round", np.rint, ("x",), "float")
trunc = define(FAMILY, "trunc", np.trunc, ("x",), "float")
