"""NumPy's functions as tensor ops: versions that give NumPy's values in NumPy's dtypes.

A version has the parameters of the function that it covers, by NumPy's names. What it does not cover (other parameters, or
`Unfit` raised) is computed by NumPy itself, see `numpy_calls`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from tfc.core.dtypes import can_hold
from tfc.core.tensor import Tensor
from tfc.tracing.containers import growable, list_tensors
from tfc.tracing.ndarrays import numpy_formulas, numpy_lists
from tfc.tracing.values import primitives
from tfc.tracing.values.numbers import SymbolicNumber
from tfc.tracing.values.symbolic import SymbolicTensor

Version = Callable[..., Any]


class Unfit(Exception):  # noqa: N818 - not an error: another way is taken
    """There is no op for these arguments."""


# -- universal functions ------------------------------------------------------------------------

UFUNCS = {
    "add": "add", "subtract": "subtract", "multiply": "multiply", "divide": "divide", "floor_divide": "floordiv",
    "remainder": "floormod", "power": "pow", "negative": "negative", "absolute": "abs", "fabs": "abs",
    "sign": "sign", "rint": "round", "floor": "floor", "ceil": "ceil", "square": "square", "sqrt": "sqrt",
    "exp": "exp", "expm1": "expm1", "log": "log", "log1p": "log1p", "sin": "sin", "cos": "cos", "tan": "tan",
    "sinh": "sinh", "cosh": "cosh", "tanh": "tanh", "arcsin": "asin", "arccos": "acos", "arctan": "atan",
    "arcsinh": "asinh", "arccosh": "acosh", "arctanh": "atanh", "arctan2": "atan2", "maximum": "maximum",
    "minimum": "minimum", "equal": "equal", "not_equal": "not_equal", "less": "less", "less_equal": "less_equal",
    "greater": "greater", "greater_equal": "greater_equal", "isnan": "is_nan", "isinf": "is_inf",
    "isfinite": "is_finite", "matmul": "matmul", "bitwise_and": "bitwise_and", "bitwise_or": "bitwise_or",
    "bitwise_xor": "bitwise_xor", "invert": "invert", "left_shift": "left_shift", "right_shift": "right_shift",
    "logical_and": "logical_and", "logical_or": "logical_or", "logical_xor": "logical_xor",
    "logical_not": "logical_not", "positive": "identity", "trunc": "",
}  # fmt: skip
"""The ops of ufuncs. Others, such as `log2` and `hypot`, are NumPy's: their last digits are its own."""

_OF_BOOLS = {
    "add": "logical_or", "multiply": "logical_and", "maximum": "logical_or", "minimum": "logical_and",
    "bitwise_and": "logical_and", "bitwise_or": "logical_or", "bitwise_xor": "logical_xor",
    "invert": "logical_not", "equal": "equal", "not_equal": "not_equal",
}  # fmt: skip


_OF_INTEGERS = {"floor": "identity", "ceil": "identity", "trunc": "identity"}
_TESTS = ("isnan", "isinf", "isfinite")
"""Tests of floats, which take integers as such."""
_DIVISIONS = ("floor_divide", "remainder")
_FLOAT64 = np.dtype(np.float64)


def apply_ufunc(ufunc: np.ufunc, operands: Sequence[Any]) -> Any:
    """The op of a ufunc, in the dtypes that NumPy computes in. Raises `Unfit`."""
    name = ufunc.__name__
    if len(operands) != ufunc.nin or ufunc.nout != 1 or name not in UFUNCS:
        raise Unfit
    tensors = [_operand(item) for item in operands]
    kinds = [
        _weak_kind(item) or tensor.type.dtype
        for item, tensor in zip(operands, tensors, strict=True)
    ]
    try:
        *wanted, result = ufunc.resolve_dtypes((*kinds, None))
    except TypeError:
        raise Unfit from None
    op = UFUNCS[name]
    if op.startswith("logical"):
        wanted = [np.dtype(np.bool_)] * len(wanted)
    elif all(dtype.kind == "b" for dtype in wanted):
        op = _OF_BOOLS.get(name, "")
    elif all(dtype.kind in "biu" for dtype in wanted):
        op = _OF_INTEGERS.get(name, op)
        wanted = [_FLOAT64] if name in _TESTS else wanted
    if not op or len(set(wanted)) > 1 or not can_hold(wanted[0]):
        raise Unfit
    if name == "matmul" and min(len(tensor.type.shape) for tensor in tensors) < 2:
        return dot(*[primitives.cast(tensor, wanted[0]) for tensor in tensors])
    given = [primitives.cast(tensor, dtype) for tensor, dtype in zip(tensors, wanted, strict=True)]
    if name in _DIVISIONS and wanted[0].kind in "iu":
        return primitives.cast(_divided(_op(op), *given), result)
    return primitives.cast(_op(op)(*given), result)


def _divided(op: Callable[..., Any], x: Any, y: Any) -> Any:
    """A division of integers, which is 0 where NumPy divides by zero."""
    if y.__class__ is Tensor and y.numpy().all():
        return op(x, y)
    is_zero = _op("equal")(y, _op("zeros_like")(y))
    quotient = op(x, _op("where")(is_zero, _op("ones_like")(y), y))
    return _op("where")(is_zero, _op("zeros_like")(quotient), quotient)


def _operand(value: Any) -> Any:
    if isinstance(value, list | tuple):
        raise Unfit
    return tensor_of(value)


def _weak_kind(value: Any) -> type | None:
    """The class of a Python number, which adapts to the dtypes of arrays."""
    kind = value.kind if isinstance(value, SymbolicNumber) else value.__class__
    return kind if kind is int or kind is float else None


def tensor_of(value: Any) -> Any:
    """An operand as a tensor: in its own dtype, a Python number in NumPy's default one for it."""
    if isinstance(value, SymbolicNumber):
        return value.tensor
    if isinstance(value, Tensor):
        return value
    if value.__class__ is float:
        return _op("constant")(value, np.float64)
    if value.__class__ is int:
        return _op("constant")(value, np.int64)
    if isinstance(value, list | tuple):
        growing = growable.growable_of(value)
        if growing is not None:
            return list_tensors.stacked_by_numpy(
                growing.length.tensor._scope.trace.running, growing
            )
        return stack([tensor_of(item) for item in value])
    if (
        getattr(value, "dtype", np.dtype(complex if value.__class__ is complex else bool)).kind
        == "c"
    ):
        raise Unfit
    return _op("convert_to_tensor")(value)


def _op(name: str) -> Callable[..., Any]:
    return primitives.function_named(name)


def _known(*values: Any) -> None:
    """These arguments have to be known when the function is compiled."""
    for value in values:
        if isinstance(value, SymbolicNumber | SymbolicTensor):
            raise Unfit
        if isinstance(value, list | tuple):
            _known(*value)


def _rank(tensor: Any) -> int:
    return len(tensor.type.shape)


# -- reductions ---------------------------------------------------------------------------------

_TO_WIDE: dict[str, np.dtype] = {
    "b": np.dtype(np.int64),
    "i": np.dtype(np.int64),
    "u": np.dtype(np.uint64),
}


def _wide(tensor: Any) -> Any:
    """Totals of integers are taken in 64 bits."""
    dtype: np.dtype = tensor.type.dtype
    return primitives.cast(tensor, _TO_WIDE.get(dtype.kind, dtype))


def _floating(tensor: Any) -> Any:
    """Means of integers are taken in float64."""
    is_exact = tensor.type.dtype.kind in "biu"
    return primitives.cast(tensor, np.dtype(np.float64)) if is_exact else tensor


def _truths(tensor: Any) -> Any:
    return primitives.cast(tensor, np.dtype(np.bool_))


def _same(tensor: Any) -> Any:
    if tensor.type.dtype.kind == "b" or 0 in tensor.type.shape:
        raise Unfit  # NumPy raises for what is empty
    return tensor


def _reduction(op: str, prepare: Callable[[Any], Any]) -> Version:
    def run(a: Any, axis: Any = None, *, keepdims: bool = False, dtype: Any = None) -> Any:
        _known(axis, keepdims)
        tensor = tensor_of(a)
        tensor = prepare(tensor) if dtype is None else primitives.cast(tensor, np.dtype(dtype))
        return _op(op)(tensor, axis, keepdims)

    return run


def _deviation(op: str) -> Version:
    plain = _reduction(op, _floating)

    def run(
        a: Any, axis: Any = None, *, keepdims: bool = False, dtype: Any = None, ddof: Any = 0
    ) -> Any:
        if ddof.__class__ is int and ddof == 0:
            return plain(a, axis, keepdims=keepdims, dtype=dtype)
        if dtype is not None:
            raise Unfit
        result = numpy_formulas.variance(a, axis, keepdims, ddof)
        return _op("sqrt")(result) if op == "reduce_std" else result

    return run


def _ints(tensor: Any) -> Any:
    """Bools are compared as numbers."""
    is_bool = tensor.type.dtype.kind == "b"
    return _same(primitives.cast(tensor, np.dtype(np.int8)) if is_bool else tensor)


def _along(op: str, prepare: Callable[[Any], Any]) -> Version:
    """A function along one axis, or of all elements in a row."""

    def run(a: Any, axis: Any = None) -> Any:
        _known(axis)
        tensor = prepare(tensor_of(a))
        return _op(op)(ravel(tensor) if axis is None else tensor, 0 if axis is None else axis)

    return run


def count_nonzero(a: Any, axis: Any = None, *, keepdims: bool = False) -> Any:
    _known(axis, keepdims)
    truths = _truths(tensor_of(a))
    return _op("reduce_sum")(primitives.cast(truths, np.dtype(np.int64)), axis, keepdims)


def array_equal(a1: Any, a2: Any) -> Any:
    x, y = tensor_of(a1), tensor_of(a2)
    if None in (*x.type.shape, *y.type.shape) or x.type.dtype != y.type.dtype:
        raise Unfit
    if x.type.shape != y.type.shape:
        return False
    return SymbolicNumber(bool, _op("reduce_all")(_op("equal")(x, y)))


# -- shapes -------------------------------------------------------------------------------------


def ravel(a: Any) -> Any:
    return _op("reshape")(tensor_of(a), [-1])


def reshape(a: Any, shape: Any) -> Any:
    return _op("reshape")(
        tensor_of(a), [shape] if isinstance(shape, int | SymbolicNumber) else shape
    )


def transpose(a: Any, axes: Any = None) -> Any:
    _known(axes)
    return _op("transpose")(tensor_of(a), axes)


def swapaxes(a: Any, axis1: int, axis2: int) -> Any:
    _known(axis1, axis2)
    tensor = tensor_of(a)
    order = list(range(_rank(tensor)))
    order[axis1], order[axis2] = order[axis2], order[axis1]
    return _op("transpose")(tensor, order)


def squeeze(a: Any, axis: Any = None) -> Any:
    _known(axis)
    return _op("squeeze")(tensor_of(a), axis)


def expand_dims(a: Any, axis: Any) -> Any:
    _known(axis)
    if not isinstance(axis, int):
        raise Unfit
    return _op("expand_dims")(tensor_of(a), axis)


def broadcast_to(array: Any, shape: Any) -> Any:
    return _op("broadcast_to")(tensor_of(array), [shape] if isinstance(shape, int) else shape)


def size(a: Any) -> Any:
    tensor = tensor_of(a)
    if None in tensor.type.shape:
        return SymbolicNumber(int, _op("size")(tensor, np.int64))
    return int(np.prod(tensor.type.shape))


def flip(m: Any, axis: Any = None) -> Any:
    _known(axis)
    tensor = tensor_of(m)
    axes = range(_rank(tensor)) if axis is None else [axis] if isinstance(axis, int) else axis
    return _op("reverse")(tensor, list(axes))


def roll(a: Any, shift: Any, axis: Any = None) -> Any:
    _known(axis)
    tensor = tensor_of(a)
    if axis is None:
        return _op("reshape")(_op("roll")(ravel(tensor), shift, 0), _op("shape")(tensor))
    return _op("roll")(tensor, shift, axis)


def tile(A: Any, reps: Any) -> Any:  # noqa: N803 - NumPy's name
    _known(reps)
    tensor, counts = tensor_of(A), [reps] if isinstance(reps, int) else list(reps)
    missing = len(counts) - _rank(tensor)
    if missing > 0:
        tensor = tensor[(None,) * missing]
    return _op("tile")(tensor, [1] * -missing + counts)


def repeat(a: Any, repeats: Any, axis: Any = None) -> Any:
    _known(repeats, axis)
    tensor = tensor_of(a)
    return _op("repeat")(ravel(tensor) if axis is None else tensor, repeats, axis or 0)


def pad(array: Any, pad_width: Any, mode: str = "constant", *, constant_values: Any = 0) -> Any:
    _known(pad_width, constant_values)
    if mode != "constant":
        return numpy_formulas.pad_with_elements(array, pad_width, mode)
    tensor = tensor_of(array)
    if not isinstance(constant_values, int | float):
        raise Unfit
    widths = np.broadcast_to(pad_width, (_rank(tensor), 2)).tolist()
    value = _op("constant")(constant_values, tensor.type.dtype)
    return _op("pad")(tensor, widths, constant_values=value)


# -- joining and picking ------------------------------------------------------------------------


def _of_one_dtype(values: Any) -> list[Any]:
    tensors = [tensor_of(item) for item in values]
    dtype = np.result_type(*[tensor.type.dtype for tensor in tensors])
    return [primitives.cast(tensor, dtype) for tensor in tensors]


def _moved(whole: Any, axis: int) -> Any:
    """A tensor whose first axis is another one."""
    order = list(range(1, _rank(whole)))
    order.insert(axis, 0)
    return _op("transpose")(whole, order) if axis else whole


def _joined(whole: Any, axis: int) -> Any:
    """The rows of a tensor behind each other, along one of their axes."""
    item = whole.type.shape[1:]
    return _op("reshape")(_moved(whole, axis), [*item[:axis], -1, *item[axis + 1 :]])


def stack(arrays: Any, axis: int = 0) -> Any:
    _known(axis)
    whole = numpy_lists.stacked_from(arrays)
    if whole is not None:
        return _moved(whole, axis % _rank(whole))
    return _op("stack")(_of_one_dtype(arrays), axis)


def concatenate(arrays: Any, axis: Any = 0) -> Any:
    _known(axis)
    rows = numpy_lists.rows_of(arrays) if axis in (None, 0) else None
    if rows is not None:
        return ravel(rows) if axis is None else rows
    whole = numpy_lists.stacked_from(arrays)
    if whole is not None:
        if axis is not None and not -_rank(whole) < axis < _rank(whole) - 1:
            raise Unfit  # NumPy raises
        return ravel(whole) if axis is None else _joined(whole, axis % (_rank(whole) - 1))
    tensors = _of_one_dtype(arrays)
    if not all(map(_rank, tensors)) and axis is not None:
        raise Unfit
    return _op("concat")([ravel(item) for item in tensors] if axis is None else tensors, axis or 0)


def vstack(tup: Any) -> Any:
    rows = numpy_lists.rows_of(tup)
    if rows is not None and _rank(rows) > 1:
        return rows
    whole = numpy_lists.stacked_from(tup)
    if whole is not None:
        return (
            _joined(whole, 0)
            if _rank(whole) > 2
            else whole
            if _rank(whole) == 2
            else whole[:, None]
        )
    tensors = _of_one_dtype(tup)
    return _op("concat")(
        [item if _rank(item) > 1 else reshape(item, (1, -1)) for item in tensors], 0
    )


def hstack(tup: Any) -> Any:
    rows = numpy_lists.rows_of(tup)
    if rows is not None and _rank(rows) == 1:
        return rows
    whole = numpy_lists.stacked_from(tup)
    if whole is not None:
        return whole if _rank(whole) == 1 else _joined(whole, int(_rank(whole) > 2))
    tensors = [item if _rank(item) else ravel(item) for item in _of_one_dtype(tup)]
    return _op("concat")(tensors, 0 if _rank(tensors[0]) == 1 else 1)


def column_stack(tup: Any) -> Any:
    whole = numpy_lists.stacked_from(tup)
    if whole is not None:
        return (
            _joined(whole, 1)
            if _rank(whole) > 2
            else _moved(whole, 1)
            if _rank(whole) == 2
            else whole[None]
        )
    tensors = [item if _rank(item) > 1 else reshape(item, (-1, 1)) for item in _of_one_dtype(tup)]
    return _op("concat")(tensors, 1)


def dstack(tup: Any) -> Any:
    whole = numpy_lists.stacked_from(tup)
    if whole is None:
        raise Unfit
    if _rank(whole) > 3:
        return _joined(whole, 2)
    return _moved(whole, 2) if _rank(whole) == 3 else _moved(whole, _rank(whole) - 1)[None]


def at_least_vectors(items: Sequence[Any]) -> list[Any]:
    """Numbers as vectors of one element, arrays as they are."""
    tensors = [tensor_of(item) for item in items]
    return [item if _rank(item) else ravel(item) for item in tensors]


def example(item: Any) -> Any:
    """What has an operand's part in the dtype of a result: a number of its kind, or its dtype."""
    kind = _weak_kind(item)
    return tensor_of(item).type.dtype if kind is None else kind(0)


def append(arr: Any, values: Any, axis: Any = None) -> Any:
    return concatenate((arr, values), axis)


def array(object: Any, dtype: Any = None, *, copy: Any = True) -> Any:
    tensor = tensor_of(object)
    return primitives.cast(tensor, tensor.type.dtype if dtype is None else np.dtype(dtype))


def asarray(a: Any, dtype: Any = None) -> Any:
    return array(a, dtype)


def full_like(a: Any, fill_value: Any, dtype: Any = None) -> Any:
    like = tensor_of(a)
    kind = like.type.dtype if dtype is None else np.dtype(dtype)
    return _op("broadcast_to")(primitives.cast(tensor_of(fill_value), kind), _op("shape")(like))


def zeros_like(a: Any, dtype: Any = None) -> Any:
    return full_like(a, 0, dtype)


def ones_like(a: Any, dtype: Any = None) -> Any:
    return full_like(a, 1, dtype)


def full(shape: Any, fill_value: Any, dtype: Any = None) -> Any:
    value = tensor_of(fill_value)
    value = value if dtype is None else primitives.cast(value, np.dtype(dtype))
    return _op("broadcast_to")(value, [shape] if not isinstance(shape, list | tuple) else shape)


def zeros(shape: Any, dtype: Any = float) -> Any:
    return full(shape, 0, dtype)


def ones(shape: Any, dtype: Any = float) -> Any:
    return full(shape, 1, dtype)


def where(condition: Any, x: Any, y: Any) -> Any:
    kinds = [_weak_kind(item) or tensor_of(item).type.dtype for item in (x, y)]
    dtype = np.add.resolve_dtypes((*kinds, None))[0]
    return _op("where")(
        _truths(tensor_of(condition)),
        *[primitives.cast(tensor_of(item), dtype) for item in (x, y)],
    )


def clip(a: Any, a_min: Any = None, a_max: Any = None) -> Any:
    result = a
    for ufunc, bound in ((np.maximum, a_min), (np.minimum, a_max)):
        if bound is not None:
            result = apply_ufunc(ufunc, (result, bound))
    return tensor_of(result)


def take(a: Any, indices: Any, axis: Any = None) -> Any:
    _known(axis)
    tensor = tensor_of(a)
    if axis is None:
        tensor, axis = ravel(tensor), 0
    key: list[Any] = [slice(None)] * (axis % _rank(tensor))
    return tensor.snapshot()[(*key, tensor_of(indices))]


def diff(a: Any, n: int = 1, axis: int = -1) -> Any:
    _known(n, axis)
    tensor = tensor_of(a)
    if tensor.type.dtype.kind == "b":
        raise Unfit
    before: list[Any] = [slice(None)] * (axis % _rank(tensor))
    for _ in range(n):
        tensor = tensor[(*before, slice(1, None))] - tensor[(*before, slice(None, -1))]
    return tensor


# -- products -----------------------------------------------------------------------------------


def _factors(a: Any, b: Any) -> list[Any]:
    tensors = _of_one_dtype((a, b))
    if tensors[0].type.dtype.kind == "b":
        raise Unfit
    return tensors


def dot(a: Any, b: Any) -> Any:
    x, y = _factors(a, b)
    ranks = _rank(x), _rank(y)
    if 0 in ranks:
        return _op("multiply")(x, y)
    if ranks == (1, 1):
        return _op("reduce_sum")(_op("multiply")(x, y))
    if ranks == (2, 2):
        return _op("matmul")(x, y)
    return _op("tensordot")(x, y, [[ranks[0] - 1], [max(ranks[1] - 2, 0)]])


def outer(a: Any, b: Any) -> Any:
    x, y = _factors(a, b)
    return _op("multiply")(ravel(x)[:, None], ravel(y)[None, :])


def tensordot(a: Any, b: Any, axes: Any = 2) -> Any:
    _known(axes)
    return _op("tensordot")(*_of_one_dtype((a, b)), axes)


def einsum(subscripts: str, *operands: Any) -> Any:
    if not isinstance(subscripts, str):
        raise Unfit
    return _op("einsum")(subscripts, *_of_one_dtype(operands))


# -- order --------------------------------------------------------------------------------------


def sort(a: Any, axis: Any = -1) -> Any:
    _known(axis)
    tensor = tensor_of(a)
    return _op("sort")(ravel(tensor) if axis is None else tensor, -1 if axis is None else axis)


def around(a: Any, decimals: int = 0) -> Any:
    tensor = tensor_of(a)
    dtype: np.dtype = tensor.type.dtype
    if decimals.__class__ is not int or dtype.kind != "f":
        raise Unfit
    if not decimals:
        return _op("round")(tensor)
    if dtype.itemsize < 4 or abs(decimals) > 20:
        raise Unfit
    there, back = (np.multiply, np.divide) if decimals > 0 else (np.divide, np.multiply)
    scale = 10.0 ** abs(decimals)
    return apply_ufunc(back, (_op("round")(apply_ufunc(there, (tensor, scale))), scale))


_BY_NAME: dict[str, Version] = {
    **{
        name: _reduction(op, prepare)
        for name, op, prepare in (
            ("sum", "reduce_sum", _wide), ("prod", "reduce_prod", _wide), ("mean", "reduce_mean", _floating),
            ("any", "reduce_any", _truths), ("all", "reduce_all", _truths), ("max", "reduce_max", _same),
            ("min", "reduce_min", _same), ("amax", "reduce_max", _same), ("amin", "reduce_min", _same),
        )
    },
    **{
        version.__name__: version
        for version in (
            append, array, array_equal, around, asarray, broadcast_to, clip, column_stack, concatenate, count_nonzero, diff, dot,
            dstack, einsum, expand_dims, flip, full, full_like, hstack, ones, ones_like, outer, pad, ravel, repeat, reshape,
            roll, size, sort, squeeze, stack, swapaxes, take, tensordot, tile, transpose, vstack, where, zeros,
            zeros_like,
        )
    },
    "argmax": _along("argmax", _ints),
    "argmin": _along("argmin", _ints),
    "ascontiguousarray": asarray,
    "concat": concatenate,
    "copy": asarray,
    "cumprod": _along("cumprod", _wide),
    "cumsum": _along("cumsum", _wide),
    "permute_dims": transpose,
    "std": _deviation("reduce_std"),
    "var": _deviation("reduce_variance"),
    "round": around,
}  # fmt: skip

VERSIONS: dict[Any, Version] = {getattr(np, name): version for name, version in _BY_NAME.items()}
"""The versions by NumPy's functions."""
