"""NumPy's functions that are formulas of others: statistics, signals, borders, tests of closeness.

Versions as in `numpy_functions`, with NumPy's order of operations and dtypes.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from tfc.tracing.ndarrays.numpy_functions import (
    Unfit,
    Version,
    apply_ufunc,
    broadcast_to,
    clip,
    concatenate,
    dot,
    full_like,
    ravel,
    tensor_of,
    where,
)
from tfc.tracing.values import primitives
from tfc.tracing.values.numbers import SymbolicNumber
from tfc.tracing.values.symbolic import SymbolicTensor

_DOUBLE = np.dtype(np.float64)


def _op(name: str) -> Any:
    return primitives.function_named(name)


def _array(value: Any) -> Any:
    """An operand as a tensor of its own."""
    tensor = tensor_of(value)
    return primitives.cast(tensor, tensor.type.dtype)


def _floats(value: Any) -> Any:
    """A tensor of float32 or float64: of exact numbers, in float64."""
    tensor = tensor_of(value)
    kind = tensor.type.dtype
    if kind.kind in "biu":
        return primitives.cast(tensor, _DOUBLE)
    if kind.kind != "f" or kind.itemsize < 4:
        raise Unfit
    return primitives.cast(tensor, kind)


def _known(*values: Any) -> None:
    if any(isinstance(value, SymbolicNumber | SymbolicTensor) for value in values):
        raise Unfit


def _sizes(tensor: Any) -> tuple[int, ...]:
    """The sizes, all known and none of them zero."""
    shape: tuple[Any, ...] = tensor.type.shape
    if None in shape or 0 in shape:
        raise Unfit
    return shape


def _axis(axis: Any, rank: int) -> int:
    if axis.__class__ is not int or not -rank <= axis < rank:
        raise Unfit
    return axis % rank


def _along(axis: int, index: Any) -> tuple[Any, ...]:
    return (*[slice(None)] * axis, index)


def _add(x: Any, y: Any) -> Any:
    return apply_ufunc(np.add, (x, y))


def _subtract(x: Any, y: Any) -> Any:
    return apply_ufunc(np.subtract, (x, y))


def _multiply(x: Any, y: Any) -> Any:
    return apply_ufunc(np.multiply, (x, y))


def _divide(x: Any, y: Any) -> Any:
    return apply_ufunc(np.divide, (x, y))


def _total(x: Any, axis: Any, keepdims: bool = False) -> Any:
    return _op("reduce_sum")(x, axis, keepdims)


def empty_like(prototype: Any, dtype: Any = None) -> Any:
    return full_like(prototype, 0, dtype)


# -- borders ------------------------------------------------------------------------------------


def pad_with_elements(array: Any, pad_width: Any, mode: str) -> Any:
    """`np.pad` with elements of the array: the borders are picked by indices that NumPy finds."""
    if mode not in ("edge", "reflect", "symmetric", "wrap"):
        raise Unfit
    tensor = _array(array)
    shape = _sizes(tensor)
    widths: list[list[int]] = np.broadcast_to(pad_width, (len(shape), 2)).tolist()
    for axis, (size, (before, after)) in enumerate(zip(shape, widths, strict=True)):
        places = np.pad(np.arange(size, dtype=np.int32), (before, after), mode=mode)  # pyright: ignore[reportCallIssue, reportArgumentType]
        first, last = places[:before], places[before + size :]
        pieces = [
            _op("gather")(tensor, _op("constant")(piece), axis=axis) if piece.size else None
            for piece in (first, last)
        ]
        parts = [part for part in (pieces[0], tensor, pieces[1]) if part is not None]
        tensor = _op("concat")(parts, axis)
    return tensor


def _triangle(m: Any, k: Any, upper: bool) -> Any:
    _known(k)
    tensor = _array(m)
    shape = tensor.type.shape
    if len(shape) < 2 or None in shape[-2:]:
        raise Unfit
    below = np.tri(*shape[-2:], k=k - 1 if upper else k, dtype=bool)
    zero = primitives.cast(tensor_of(0), tensor.type.dtype)
    return _op("where")(_op("constant")(below ^ upper), tensor, zero)


def tril(m: Any, k: int = 0) -> Any:
    return _triangle(m, k, upper=False)


def triu(m: Any, k: int = 0) -> Any:
    return _triangle(m, k, upper=True)


def meshgrid(*xi: Any, sparse: bool = False, indexing: str = "xy") -> Any:
    _known(sparse, indexing)
    count = len(xi)
    vectors = [ravel(_array(x)) for x in xi]
    sizes = [_sizes(vector)[0] for vector in vectors]
    axes = list(range(count))
    if indexing == "xy" and count > 1:
        axes[:2] = 1, 0
    grids: list[Any] = []
    for axis, vector in zip(axes, vectors, strict=True):
        key = tuple([slice(None) if i == axis else None for i in range(count)])
        grids.append(vector[key])
    if sparse:
        return tuple(grids)
    shape = [sizes[axis] for axis in axes]
    return tuple([broadcast_to(grid, shape) for grid in grids])


# -- statistics ---------------------------------------------------------------------------------


def ptp(a: Any, axis: Any = None, *, keepdims: bool = False) -> Any:
    _known(axis, keepdims)
    tensor = _array(a)
    _sizes(tensor)
    greatest, least = [_op(op)(tensor, axis, keepdims) for op in ("reduce_max", "reduce_min")]
    return _subtract(greatest, least)


def nansum(a: Any, axis: Any = None, *, keepdims: bool = False) -> Any:
    _known(axis, keepdims)
    tensor = _floats(a)
    if tensor_of(a).type.dtype.kind != "f":
        raise Unfit
    return _total(where(_op("is_nan")(tensor), full_like(tensor, 0), tensor), axis, keepdims)


def variance(a: Any, axis: Any, keepdims: bool, ddof: Any) -> Any:
    """Sums of squares over the number of elements less `ddof`."""
    _known(axis, keepdims, ddof)
    tensor = _floats(a)
    shape = _sizes(tensor)
    rank = len(shape)
    axes = range(rank) if axis is None else [axis] if isinstance(axis, int) else axis
    count = int(np.prod([shape[_axis(one, rank)] for one in axes]))
    if count <= ddof:
        raise Unfit
    apart = _subtract(tensor, _op("reduce_mean")(tensor, axis, True))
    return _divide(_total(_multiply(apart, apart), axis, keepdims), float(count - ddof))


def median(a: Any, axis: Any = None, *, keepdims: bool = False) -> Any:
    _known(axis, keepdims)
    tensor = _floats(a)
    shape = _sizes(tensor)
    if axis is None:
        if keepdims:
            raise Unfit
        tensor, shape, axis = ravel(tensor), (int(np.prod(shape)),), 0
    axis = _axis(axis, len(shape))
    ordered = _op("sort")(tensor, axis)
    size = shape[axis]
    middle = ordered[_along(axis, slice(size // 2, size // 2 + 1))]
    if size % 2 == 0:
        below = ordered[_along(axis, slice(size // 2 - 1, size // 2))]
        middle = _divide(_add(below, middle), 2.0)
    last = ordered[_along(axis, slice(size - 1, size))]  # nan comes last
    result = where(_op("is_nan")(last), last, middle)
    return result if keepdims else _op("squeeze")(result, axis)


def cov(m: Any, *, rowvar: bool = True, bias: bool = False, ddof: Any = None) -> Any:
    _known(rowvar, bias, ddof)
    rows = primitives.cast(_floats(m), _DOUBLE)
    if len(_sizes(rows)) != 2:
        raise Unfit
    if not rowvar:
        rows = _op("transpose")(rows)
    count = _sizes(rows)[1] - ((0 if bias else 1) if ddof is None else ddof)
    if count <= 0:
        raise Unfit
    apart = rows - _op("reduce_mean")(rows, 1, True)
    together = _multiply(dot(apart, _op("transpose")(apart)), 1.0 / count)
    if together.type.shape == (1, 1):  # NumPy gives an array without dimensions
        raise Unfit
    return together


def corrcoef(x: Any, *, rowvar: bool = True) -> Any:
    from tfc.linalg import diag_part

    together = cov(x, rowvar=rowvar)
    deviations = _op("sqrt")(diag_part(together))
    scaled = _divide(_divide(together, deviations[:, None]), deviations[None, :])
    return clip(scaled, -1.0, 1.0)


def searchsorted(a: Any, v: Any, side: str = "left") -> Any:
    _known(side)
    if isinstance(v, SymbolicNumber | int | float):
        raise Unfit
    ordered, values = tensor_of(a), tensor_of(v)
    kind = np.result_type(ordered.type.dtype, values.type.dtype)
    if len(ordered.type.shape) != 1 or kind.kind not in "if" or None in values.type.shape:
        raise Unfit
    places = _op("searchsorted")(
        primitives.cast(ordered, kind), ravel(primitives.cast(values, kind)), side, np.int64
    )
    return _op("reshape")(places, list(values.type.shape))


def interp(x: Any, xp: Any, fp: Any) -> Any:
    points, grid, values = [primitives.cast(_floats(item), _DOUBLE) for item in (x, xp, fp)]
    if len(grid.type.shape) != 1 or len(values.type.shape) != 1 or not points.type.shape:
        raise Unfit
    (size,) = _sizes(grid)
    if size < 2 or _sizes(values) != (size,):
        raise Unfit
    place = searchsorted(grid, points, "right") - 1
    place = _op("minimum")(_op("maximum")(place, 0), size - 2)
    left, right = [_op("gather")(grid, index) for index in (place, place + 1)]
    low, high = [_op("gather")(values, index) for index in (place, place + 1)]
    slope = (high - low) / (right - left)
    result = slope * (points - left) + low
    # Where that is no number, from the other side, as NumPy does.
    other = slope * (points - right) + high
    other = where(_op("logical_and")(_op("is_nan")(other), low == high), low, other)
    result = where(_op("is_nan")(result), other, result)
    result = where(points == left, low, result)
    result = where(points < grid[0], values[0], result)
    result = where(points >= grid[size - 1], values[size - 1], result)
    return where(_op("is_nan")(points), points, result)


# -- signals ------------------------------------------------------------------------------------


def convolve(a: Any, v: Any, mode: str = "full") -> Any:
    x, kernel = _signals(a, v, mode)
    if _sizes(kernel)[0] > _sizes(x)[0]:
        x, kernel = kernel, x
    return _slide(x, _op("reverse")(kernel, [0]), mode)


def correlate(a: Any, v: Any, mode: str = "valid") -> Any:
    x, kernel = _signals(a, v, mode)
    if _sizes(kernel)[0] > _sizes(x)[0]:
        raise Unfit
    return _slide(x, kernel, mode)


def _signals(a: Any, v: Any, mode: str) -> tuple[Any, Any]:
    """Two vectors of one dtype of floats."""
    _known(mode)
    x, kernel = tensor_of(a), tensor_of(v)
    same = x.type.dtype == kernel.type.dtype and x.type.dtype.kind == "f"
    if not same or {len(x.type.shape), len(kernel.type.shape)} != {1}:
        raise Unfit
    return _floats(x), _floats(kernel)


def _slide(x: Any, kernel: Any, mode: str) -> Any:
    """The sums of products with the kernel at each place, which is not longer than `x`."""
    from tfc.nn import conv1d

    width = _sizes(kernel)[0] - 1
    before, after = {
        "valid": (0, 0),
        "same": (width - width // 2, width // 2),
        "full": (width, width),
    }.get(mode, (None, None))
    if before is None:
        raise Unfit
    if width:
        x = _op("pad")(x, [[before, after]])
    return conv1d(x[None, :, None], kernel[:, None, None], 1, "VALID")[0, :, 0]


def trapezoid(y: Any, x: Any = None, dx: Any = 1.0, axis: int = -1) -> Any:
    _known(axis)
    values = _floats(y)
    axis = _axis(axis, len(values.type.shape))
    steps = dx
    if x is not None:
        places = _floats(x)
        if len(places.type.shape) != 1:
            raise Unfit
        steps = places[1:] - places[:-1]
        steps = steps[(slice(None), *[None] * (len(values.type.shape) - axis - 1))]
    upper, lower = values[_along(axis, slice(1, None))], values[_along(axis, slice(None, -1))]
    return _total(_divide(_multiply(steps, _add(upper, lower)), 2.0), axis)


def gradient(f: Any, *varargs: Any, axis: Any = None) -> Any:
    """Differences between neighbours, with one spacing for all axes."""
    _known(axis)
    values = _floats(f)
    shape = _sizes(values)
    if len(varargs) > 1 or any(item.__class__ not in (int, float) for item in varargs):
        raise Unfit
    spacing = varargs[0] if varargs else 1.0
    axes = range(len(shape)) if axis is None else [axis] if isinstance(axis, int) else axis
    results = tuple([_slope(values, _axis(one, len(shape)), spacing) for one in axes])
    return results[0] if len(results) == 1 else results


def _slope(values: Any, axis: int, spacing: Any) -> Any:
    if _sizes(values)[axis] < 2:
        raise Unfit

    def part(start: int | None, stop: int | None) -> Any:
        return values[_along(axis, slice(start, stop))]

    first = _divide(_subtract(part(1, 2), part(0, 1)), spacing)
    inner = _divide(_subtract(part(2, None), part(None, -2)), 2.0 * spacing)
    last = _divide(_subtract(part(-1, None), part(-2, -1)), spacing)
    return concatenate((first, inner, last), axis)


# -- products -----------------------------------------------------------------------------------


def norm(x: Any, ord: Any = None, axis: Any = None, keepdims: bool = False) -> Any:
    _known(ord, axis, keepdims)
    tensor = _floats(x)
    rank = len(tensor.type.shape)
    if axis is None and ord is not None:
        if rank != 1:
            raise Unfit
        axis = 0
    if ord is None or (ord == 2 and isinstance(axis, int)):
        return _op("sqrt")(_total(tensor * tensor, axis, keepdims))
    if not isinstance(axis, int) or ord not in (1, np.inf):
        raise Unfit
    reduce = _op("reduce_sum" if ord == 1 else "reduce_max")
    return reduce(_op("abs")(tensor), axis, keepdims)


def trace(a: Any) -> Any:
    from tfc.linalg import diag_part

    tensor = _array(a)
    if len(tensor.type.shape) != 2 or tensor.type.dtype.kind not in "fi":
        raise Unfit
    is_int = tensor.type.dtype.kind == "i"
    return _total(
        primitives.cast(diag_part(tensor), np.dtype(np.int64) if is_int else tensor.type.dtype),
        None,
    )


def inner(a: Any, b: Any) -> Any:
    x, y = _array(a), _array(b)
    ranks = len(x.type.shape), len(y.type.shape)
    if min(ranks) < 1:
        raise Unfit
    if max(ranks) == 1:
        return dot(x, y)
    kind = np.result_type(x.type.dtype, y.type.dtype)
    pair = [primitives.cast(item, kind) for item in (x, y)]
    return _op("tensordot")(*pair, [[ranks[0] - 1], [ranks[1] - 1]])


def vdot(a: Any, b: Any) -> Any:
    return dot(ravel(_array(a)), ravel(_array(b)))


def kron(a: Any, b: Any) -> Any:
    x, y = _array(a), _array(b)
    (rows, columns), (m, n) = _two(x), _two(y)
    return _op("reshape")(
        _multiply(x[:, None, :, None], y[None, :, None, :]), [rows * m, columns * n]
    )


def _two(tensor: Any) -> tuple[int, int]:
    shape = _sizes(tensor)
    if len(shape) != 2:
        raise Unfit
    return shape[0], shape[1]


def cross(a: Any, b: Any) -> Any:
    x, y = _array(a), _array(b)
    if (x.type.shape or (0,))[-1] != 3 or (y.type.shape or (0,))[-1] != 3:
        raise Unfit
    p, q = [[item[..., i] for i in range(3)] for item in (x, y)]
    parts = [
        _subtract(_multiply(p[i], q[k]), _multiply(p[k], q[i])) for i, k in ((1, 2), (2, 0), (0, 1))
    ]
    return _op("stack")(parts, -1)


def polyval(p: Any, x: Any) -> Any:
    coefficients, points = tensor_of(p), _array(x)
    if len(coefficients.type.shape) != 1:
        raise Unfit
    result = full_like(points, 0)
    for i in range(_sizes(coefficients)[0]):
        result = _add(_multiply(result, points), coefficients[i])
    return result


# -- numbers one by one -------------------------------------------------------------------------


def isclose(a: Any, b: Any, rtol: Any = 1e-05, atol: Any = 1e-08, equal_nan: bool = False) -> Any:
    _known(rtol, atol, equal_nan)
    x, y = a, b
    if not isinstance(y, int | float | SymbolicNumber):
        kind = tensor_of(y).type.dtype
        y = primitives.cast(tensor_of(y), np.result_type(kind, 1.0))
    elif isinstance(y, int):
        y = float(y)
    elif isinstance(y, SymbolicNumber) and y.kind is not float:
        raise Unfit
    apart = apply_ufunc(np.absolute, (_subtract(x, y),))
    limit = _add(atol, _multiply(rtol, apply_ufunc(np.absolute, (y,))))
    near = _op("logical_and")(
        apply_ufunc(np.less_equal, (apart, limit)), apply_ufunc(np.isfinite, (y,))
    )
    result = _op("logical_or")(near, apply_ufunc(np.equal, (x, y)))
    if (
        equal_nan
        and isinstance(_kind(x), float | np.dtype)
        and np.result_type(_kind(x)).kind == "f"
    ):
        both = [apply_ufunc(np.isnan, (item,)) for item in (x, y)]
        result = _op("logical_or")(result, _op("logical_and")(*both))
    return result


def allclose(a: Any, b: Any, rtol: Any = 1e-05, atol: Any = 1e-08, equal_nan: bool = False) -> Any:
    return SymbolicNumber(bool, _op("reduce_all")(isclose(a, b, rtol, atol, equal_nan)))


def nan_to_num(x: Any, *, nan: Any = 0.0, posinf: Any = None, neginf: Any = None) -> Any:
    _known(nan, posinf, neginf)
    tensor = _array(x)
    kind = tensor.type.dtype
    if kind.kind != "f" or kind.itemsize < 4:
        raise Unfit
    limits = np.finfo(kind)
    most, least = limits.max if posinf is None else posinf, limits.min if neginf is None else neginf
    result = where(_op("is_nan")(tensor), full_like(tensor, nan), tensor)
    result = where(tensor == np.inf, full_like(tensor, float(most)), result)
    return where(tensor == -np.inf, full_like(tensor, float(least)), result)


def select(condlist: Any, choicelist: Any, default: Any = 0) -> Any:
    if not (isinstance(condlist, list | tuple) and isinstance(choicelist, list | tuple)):
        raise Unfit
    conditions = [tensor_of(item) for item in condlist]
    if len(conditions) != len(choicelist) or any(c.type.dtype.kind != "b" for c in conditions):
        raise Unfit
    choices = [*choicelist, default]
    kind = np.result_type(*[_kind(item) for item in choices])
    *values, result = [primitives.cast(tensor_of(item), kind) for item in choices]
    for condition, value in zip(conditions[::-1], values[::-1], strict=True):
        result = _op("where")(condition, value, result)
    return result


def _kind(value: Any) -> Any:
    """What decides a dtype: a dtype, or a number that adapts to others."""
    kind = value.kind if isinstance(value, SymbolicNumber) else value.__class__
    return kind(0) if kind is int or kind is float else tensor_of(value).type.dtype


VERSIONS: dict[Any, Version] = {
    **{
        getattr(np, version.__name__): version
        for version in (
            allclose, convolve, correlate, corrcoef, cov, cross, empty_like, gradient, inner, interp, isclose, kron,
            median, meshgrid, nan_to_num, nansum, polyval, ptp, searchsorted, select, trace, trapezoid, tril, triu, vdot,
        )
    },
    np.linalg.norm: norm,
}  # fmt: skip
"""The versions by NumPy's functions."""
