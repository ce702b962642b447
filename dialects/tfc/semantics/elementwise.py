"""Defining ops that work element by element on broadcast operands: inference, and what eager mode may skip."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np
from tfc.dialects.tfc.semantics.broadcasting import broadcast_shapes
from tfc.dialects.tfc.semantics.dtypes import BOOL, GROUPS, require_group, require_same_dtype
from tfc.dialects.tfc.semantics.spec import Family, OpSpec
from tfc.dialects.tfc.semantics.types import ArrayType

_NATIVE = tuple(np.dtype(char) for char in "?bhilBHILefd")


@functools.cache
def quick_dtypes(group: str) -> frozenset[np.dtype]:
    """The dtypes of a group that are NumPy's own, so that its ufuncs check everything else (bfloat16 is not)."""
    return frozenset(dtype for dtype in _NATIVE if GROUPS[group](dtype))


def infer_uniform(*types: ArrayType, op: str, group: str) -> ArrayType:
    """Operands of one dtype in `group`, shapes that broadcast; the result has their dtype."""
    dtype = types[0].dtype if len(types) == 1 else require_same_dtype(op, *types)
    require_group(op, group, types[0])
    return ArrayType(dtype, broadcast_shapes(op, *types))


def infer_predicate(*types: ArrayType, op: str, group: str) -> ArrayType:
    """As `infer_uniform`, with a bool result."""
    return ArrayType(BOOL, infer_uniform(*types, op=op, group=group).shape)


def define(
    family: Family,
    mnemonic: str,
    evaluate: Callable[..., Any],
    operands: tuple[str, ...],
    group: str = "number",
    infer: Callable[..., ArrayType] = infer_uniform,
) -> OpSpec:
    """Define an elementwise op whose operands have one dtype of `group`.

    `infer` takes the types and `op` and `group`; the default gives the operands' dtype.
    """
    return family.op(
        mnemonic,
        evaluate,
        functools.partial(infer, op=mnemonic, group=group),
        operands,
        is_elementwise=True,
        quick=quick_dtypes(group),
    )
