"""Comparisons of numbers, and tests for nan and infinity."""

from __future__ import annotations

import numpy as np
from tfc.dialects.tfc.semantics.elementwise import define, infer_predicate
from tfc.dialects.tfc.semantics.spec import Family

FAMILY = Family("comparison")

_XY = ("x", "y")

equal = define(FAMILY, "equal", np.equal, _XY, "any", infer_predicate)
not_equal = define(FAMILY, "not_equal", np.not_equal, _XY, "any", infer_predicate)
less = define(FAMILY, "less", np.less, _XY, "number", infer_predicate)
less_equal = define(FAMILY, "less_equal", np.less_equal, _XY, "number", infer_predicate)
greater = define(FAMILY, "greater", np.greater, _XY, "number", infer_predicate)
greater_equal = define(FAMILY, "greater_equal", np.greater_equal, _XY, "number", infer_predicate)
is_nan = define(FAMILY, "is_nan", np.isnan, ("x",), "float", infer_predicate)
is_inf = define(FAMILY, "is_inf", np.isinf, ("x",), "float", infer_predicate)
is_finite = define(FAMILY, "is_finite", np.isfinite, ("x",), "float", infer_predicate)
