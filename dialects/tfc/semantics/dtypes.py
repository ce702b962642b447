"""Groups of dtypes that ops accept, as NumPy dtypes.

bfloat16 comes from `ml_dtypes` (the extra `tfc[bfloat16]`), which is imported when the dtype is first asked for.
"""

from __future__ import annotations

import functools

import numpy as np
from tfc.dialects.tfc.semantics.errors import OpError
from tfc.dialects.tfc.semantics.types import ArrayType

BOOL = np.dtype(np.bool_)
INT32 = np.dtype(np.int32)
INT64 = np.dtype(np.int64)
FLOAT32 = np.dtype(np.float32)
FLOAT64 = np.dtype(np.float64)


@functools.cache
def bfloat16() -> np.dtype:
    """NumPy's view of bfloat16."""
    try:
        import ml_dtypes
    except ImportError:
        raise OpError(
            "TFC102",
            "bfloat16: NumPy has it only with the package ml_dtypes",
            "pip install 'tfc[bfloat16]'",
        ) from None
    return np.dtype(ml_dtypes.bfloat16)


def is_bfloat16(dtype: np.dtype) -> bool:
    """Whether `dtype` is bfloat16, without importing `ml_dtypes` to find out."""
    return dtype.kind == "V" and dtype.name == "bfloat16"


def is_float(dtype: np.dtype) -> bool:
    return dtype.kind == "f" or is_bfloat16(dtype)


def is_signed_int(dtype: np.dtype) -> bool:
    return dtype.kind == "i"


def is_unsigned_int(dtype: np.dtype) -> bool:
    return dtype.kind == "u"


def orders_as_unsigned(dtype: np.dtype) -> bool:
    """Whether integers of `dtype`, or its truth values, are ordered as unsigned numbers."""
    return is_unsigned_int(dtype) or dtype.kind == "b"


def is_int(dtype: np.dtype) -> bool:
    return dtype.kind in "iu"


def is_bool(dtype: np.dtype) -> bool:
    return dtype.kind == "b"


def is_number(dtype: np.dtype) -> bool:
    return dtype.kind in "iuf" or is_bfloat16(dtype)


GROUPS = {
    "bool": is_bool,
    "int": is_int,
    "float": is_float,
    "number": is_number,
    "any": lambda dtype: is_number(dtype) or is_bool(dtype),
}


def require_group(op: str, group: str, *types: ArrayType) -> None:
    """Raise `OpError` TFC102 unless every type's dtype is in `group` (a key of `GROUPS`)."""
    accepts = GROUPS[group]
    for kind in types:
        if not accepts(kind.dtype):
            wanted = {"int": "an integer", "float": "a floating-point", "number": "a numeric"}.get(
                group, f"a {group}"
            )
            raise OpError(
                "TFC102",
                f"{op}: expected {wanted} dtype, got {kind.dtype.name}",
                "convert with tf.cast(x, dtype)",
            )


def require_same_dtype(op: str, *types: ArrayType) -> np.dtype:
    """The one dtype of `types`; raises `OpError` TFC101 when they differ."""
    dtype = types[0].dtype
    for kind in types[1:]:
        if kind.dtype != dtype:
            raise OpError(
                "TFC101",
                f"{op}: operands have different dtypes: {' and '.join(t.dtype.name for t in types)}",
                f"convert one of them, for example {_conversion(dtype, kind.dtype)}",
            )
    return dtype


def _conversion(x: np.dtype, y: np.dtype) -> str:
    """The conversion of one of two operands that loses least: to floats, or to the wider dtype."""
    if (is_float(y), y.itemsize) > (is_float(x), x.itemsize):
        return f"tf.cast(x, tf.{y.name})"
    return f"tf.cast(y, tf.{x.name})"
