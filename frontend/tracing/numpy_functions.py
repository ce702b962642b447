"""NumPy's functions on tensors of run time: the ops that give NumPy's values in NumPy's dtypes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from tfc.tracing import primitives
from tfc.tracing.numbers import SymbolicNumber
from tfc.tracing.symbolic import SymbolicTensor

Version = Callable[..., Any]

_FLOATING = {
    "sin": "sin", "cos": "cos", "tan": "tan", "sinh": "sinh", "cosh": "cosh", "tanh": "tanh", "exp": "exp",
    "expm1": "expm1", "log": "log", "log1p": "log1p", "sqrt": "sqrt", "arcsin": "asin", "arccos": "acos",
    "arctan": "atan", "arcsinh": "asinh", "arccosh": "acosh", "arctanh": "atanh",
}  # fmt: skip
"""Functions of one operand that make floats of integers."""

OTHER_NAMES = {
    "absolute": "abs", "true_divide": "divide", "floor_divide": "floordiv", "remainder": "floormod",
    "mod": "floormod", "power": "pow", "arctan2": "atan2", "isnan": "is_nan", "isinf": "is_inf",
    "isfinite": "is_finite", "rint": "round", "concatenate": "concat", "clip": "clip_by_value",
    "sum": "reduce_sum", "mean": "reduce_mean", "max": "reduce_max", "min": "reduce_min", "prod": "reduce_prod",
    "amax": "reduce_max", "amin": "reduce_min", "any": "reduce_any", "all": "reduce_all",
} | _FLOATING  # fmt: skip

_SAME_NAMES = frozenset(
    (
        "add", "subtract", "multiply", "divide", "negative", "square", "sign", "floor", "ceil", "maximum",
        "minimum", "equal", "not_equal", "less", "less_equal", "greater", "greater_equal",
        "logical_and", "logical_or", "logical_not", "logical_xor", "matmul", "abs", "zeros_like",
        "ones_like", "reshape", "transpose", "stack", "squeeze", "expand_dims", "tile", "einsum",
        "tensordot",
    )
)  # fmt: skip
VIEWING = frozenset(("reshape", "transpose", "squeeze", "expand_dims"))
"""Functions that give views of arrays."""

_REDUCTIONS = frozenset(("max", "min", "amax", "amin"))
_TOTALS = frozenset(("sum", "prod", "cumsum", "cumprod"))


def tensor_version(
    callee: Any, arguments: tuple[Any, ...], keywords: dict[str, Any]
) -> Version | None:
    """The tensor op for a NumPy function whose arguments are run-time values; None when it runs as it is."""
    if not any(map(_is_run_time, (*arguments, *keywords.values()))):
        return None
    name = getattr(callee, "__name__", "")
    version = _VERSIONS.get(name)
    if version is not None:
        return version if not keywords.keys() - {"axis"} and _fits(name, arguments) else None
    function = primitives.function_named
    if name in ("any", "all") and not keywords.keys() - {"axis", "keepdims"}:
        test = function(OTHER_NAMES[name])
        return lambda x, *rest, **named: test(_truths(x), *rest, **named)
    if name in _REDUCTIONS and not keywords.keys() - {"axis", "keepdims"}:
        return function(OTHER_NAMES[name])
    if name in ("cumsum", "cumprod") and len(arguments) == 1 and not keywords:
        return lambda x: function(name)(_flat(_wide(x)))
    if name in (*_TOTALS, "mean", "std", "var") and not keywords.keys() - {"axis", "keepdims"}:
        widen = _wide if name in _TOTALS else _floating
        op = function(name if name.startswith("cum") else f"reduce_{_LONG.get(name, name)}")
        return lambda x, *rest, **named: op(widen(x), *rest, **named)
    if keywords.keys() - {"axis"}:
        return None
    if name in _FLOATING:
        return lambda x: function(_FLOATING[name])(_as_float_ufunc(x))
    if name in OTHER_NAMES or name in _SAME_NAMES:
        op = function(OTHER_NAMES.get(name, name))
        return lambda *given, **named: op(*_operands(given), **named)
    return None


_LONG = {"var": "variance"}


def _is_run_time(value: Any) -> bool:
    if isinstance(value, list | tuple):
        return any(map(_is_run_time, value))
    return isinstance(value, SymbolicTensor | SymbolicNumber)


def _operands(given: tuple[Any, ...]) -> tuple[Any, ...]:
    """Numbers adapt to tensors; among themselves they are int64 and float64."""
    if any(isinstance(item, SymbolicTensor) for item in given):
        return given
    return tuple([item.tensor if isinstance(item, SymbolicNumber) else item for item in given])


def _tensor(value: Any) -> Any:
    """An operand as a tensor: a number as NumPy's default dtype for it."""
    if isinstance(value, SymbolicNumber):
        return value.tensor
    return primitives.function_named("convert_to_tensor")(value)


def _wide(value: Any) -> Any:
    """Totals of integers are taken in 64 bits."""
    tensor = _tensor(value)
    wide = {"b": np.int64, "i": np.int64, "u": np.uint64}.get(tensor.type.dtype.kind)
    return tensor if wide is None else primitives.cast(tensor, np.dtype(wide))


def _truths(value: Any) -> Any:
    return primitives.cast(_tensor(value), np.dtype(np.bool_))


def _floating(value: Any) -> Any:
    """Means of integers are taken in float64."""
    tensor = _tensor(value)
    is_float = tensor.type.dtype.kind not in "biu"
    return tensor if is_float else primitives.cast(tensor, np.dtype(np.float64))


def _as_float_ufunc(value: Any) -> Any:
    """The dtype in which NumPy computes functions of integers, by their size."""
    tensor = _tensor(value)
    dtype = tensor.type.dtype
    return (
        tensor if dtype.kind == "f" else primitives.cast(tensor, np.sqrt(np.ones((), dtype)).dtype)
    )


def _apply(name: str, *operands: Any) -> Any:
    return primitives.apply_named(name, *operands)


def _flat(value: Any) -> Any:
    return _apply("reshape", _tensor(value), [-1])


def _place_of(name: str) -> Version:
    """`argmax` and `argmin`."""

    def run(x: Any, axis: Any = None) -> Any:
        whole = _flat(x) if axis is None else _tensor(x)
        return primitives.function_named(name)(whole, axis=0 if axis is None else axis)

    return run


def _dot(x: Any, y: Any) -> Any:
    x, y = _tensor(x), _tensor(y)
    if len(x.type.shape) == len(y.type.shape) == 1:
        return _apply("reduce_sum", x * y)
    return _apply("matmul", x, y)


def _joined(values: Any, last: bool) -> Any:
    tensors = [_tensor(item) for item in values]
    rank = len(tensors[0].type.shape)
    if rank == 1 and not last:
        return _apply("stack", tensors)
    return primitives.function_named("concat")(tensors, 1 if last and rank > 1 else 0)


def _where(condition: Any, x: Any, y: Any) -> Any:
    numbers = not any(isinstance(item, SymbolicTensor) for item in (x, y))
    if numbers:
        x, y = (
            item.tensor if isinstance(item, SymbolicNumber) else np.asarray(item) for item in (x, y)
        )
    return primitives.function_named("where")(condition, x, y)


def _equal(x: Any, y: Any) -> Any:
    x, y = _tensor(x), _tensor(y)
    if x.type.shape != y.type.shape:
        return False
    return SymbolicNumber(bool, _apply("reduce_all", _apply("equal", x, y)))


def _sorted(x: Any, axis: int = -1) -> Any:
    return primitives.function_named("sort")(x, axis=axis)


_VERSIONS: dict[str, Version] = {
    "argmax": _place_of("argmax"),
    "argmin": _place_of("argmin"),
    "sort": _sorted,
    "dot": _dot,
    "outer": lambda x, y: _flat(x)[:, None] * _flat(y)[None, :],
    "vstack": lambda values: _joined(values, False),
    "hstack": lambda values: _joined(values, True),
    "diff": lambda x: x[1:] - x[:-1],
    "where": _where,
    "array_equal": _equal,
    "concatenate": lambda values, axis=0: primitives.function_named("concat")(values, axis),
    "round": lambda x: _apply("round", x),
}


def _fits(name: str, arguments: tuple[Any, ...]) -> bool:
    """Whether the version holds for arguments of these ranks."""
    ranks = [
        len(item.type.shape) if isinstance(item, SymbolicTensor) else None for item in arguments
    ]
    if name == "dot":
        return ranks in ([1, 1], [2, 2])
    if name in ("vstack", "hstack", "concatenate"):
        return all(isinstance(item, SymbolicTensor) for item in arguments[0])
    if name in ("diff", "round"):
        return len(ranks) == 1 and ranks[0] is not None and (name == "round" or ranks[0] == 1)
    if name == "array_equal":
        known = [item for item in arguments if isinstance(item, SymbolicTensor)]
        return all(None not in item.type.shape for item in known)
    if name == "where":
        return len(arguments) == 3
    return not (name == "sort" and ranks[0] is None)
