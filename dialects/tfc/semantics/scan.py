"""Running totals along one axis."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np
from tfc.dialects.tfc.semantics.axes import normalize_axis
from tfc.dialects.tfc.semantics.dtypes import require_group
from tfc.dialects.tfc.semantics.spec import Family, OpSpec
from tfc.dialects.tfc.semantics.types import ArrayType

FAMILY = Family("scan")

_ATTRIBUTES = ("axis", "exclusive", "reverse")


def _infer(
    x: ArrayType, *, axis: int, exclusive: bool, reverse: bool, op: str, group: str
) -> ArrayType:
    require_group(op, group, x)
    normalize_axis(op, axis, x.rank)
    return x


def _prepare(
    x: ArrayType, *, axis: int, exclusive: bool, reverse: bool, ufunc: np.ufunc, identity: float
) -> Callable[[Any], Any]:
    if exclusive or reverse:
        return lambda x: _accumulate(x, axis, exclusive, reverse, ufunc, identity)
    accumulate, dtype = ufunc.accumulate, x.dtype
    return lambda x: np.ascontiguousarray(accumulate(x, axis, dtype))


def _accumulate(
    x: Any, axis: int, exclusive: bool, reverse: bool, ufunc: np.ufunc, identity: float
) -> Any:
    rows = np.moveaxis(x, axis, 0)
    if reverse:
        rows = rows[::-1]
    result = np.empty_like(rows)
    if exclusive:
        result[:1] = identity
        ufunc.accumulate(rows[:-1], axis=0, dtype=x.dtype, out=result[1:])
    else:
        ufunc.accumulate(rows, axis=0, dtype=x.dtype, out=result)
    if reverse:
        result = result[::-1]
    return np.ascontiguousarray(np.moveaxis(result, 0, axis))


def _scan(mnemonic: str, ufunc: np.ufunc, identity: float, group: str = "number") -> OpSpec:
    infer = functools.partial(_infer, op=mnemonic, group=group)
    prepare: Callable[..., Any] = functools.partial(_prepare, ufunc=ufunc, identity=identity)
    return FAMILY.op(mnemonic, None, infer, ("x",), _ATTRIBUTES, prepare=prepare)


cumsum = _scan("cumsum", np.add, 0)
cumprod = _scan("cumprod", np.multiply, 1)
cumulative_logsumexp = _scan("cumulative_logsumexp", np.logaddexp, -np.inf, "float")
