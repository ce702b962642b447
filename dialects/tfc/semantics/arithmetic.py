"""Arithmetic on numbers: what each op means in NumPy, and the type of its result."""

from __future__ import annotations

import functools
from collections.abc import Callable

import numpy as np
from tfc.dialects.tfc.semantics.broadcasting import broadcast_shapes
from tfc.dialects.tfc.semantics.dtypes import require_group, require_same_dtype
from tfc.dialects.tfc.semantics.spec import Family, OpSpec
from tfc.dialects.tfc.semantics.types import ArrayType

FAMILY = Family("arithmetic")


def infer_binary(x: ArrayType, y: ArrayType, *, op: str, group: str) -> ArrayType:
    dtype = require_same_dtype(op, x, y)
    require_group(op, group, x)
    return ArrayType(dtype, broadcast_shapes(op, x, y))


def infer_unary(x: ArrayType, *, op: str, group: str) -> ArrayType:
    require_group(op, group, x)
    return x


def _binary(mnemonic: str, evaluate: Callable[..., np.ndarray], group: str = "number") -> OpSpec:
    infer = functools.partial(infer_binary, op=mnemonic, group=group)
    return FAMILY.op(mnemonic, evaluate, infer, ("x", "y"))


def _unary(mnemonic: str, evaluate: Callable[..., np.ndarray], group: str = "number") -> OpSpec:
    infer = functools.partial(infer_unary, op=mnemonic, group=group)
    return FAMILY.op(mnemonic, evaluate, infer, ("x",))


add = _binary("add", np.add)
subtract = _binary("subtract", np.subtract)
multiply = _binary("multiply", np.multiply)
negative = _unary("negative", np.negative)
