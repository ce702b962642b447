"""`tf.debugging`: assertions about values, shapes and dtypes.

What is known when the function is called or traced is checked then; values of compiled code are checked when it runs. A failing
assertion raises `tf.errors.InvalidArgumentError` (TFC204), or `ValueError` and `TypeError` for shapes and dtypes. All return None
but `check_numerics`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, NoReturn

import numpy as np
from tfc.core.convert import convert
from tfc.core.dispatch import apply
from tfc.core.dtypes import as_dtype, from_numpy
from tfc.core.errors import InvalidArgumentError, TFCTypeError
from tfc.core.requirements import require_int, require_iterable, require_list, require_pair
from tfc.core.tensor import Tensor
from tfc.dialects.tfc.semantics import assertion as semantics
from tfc.dialects.tfc.semantics.dtypes import is_float, is_int, is_number
from tfc.ops import comparison
from tfc.ops.applying import convert_pair
from tfc.ops.arithmetic import abs, add, multiply, subtract
from tfc.ops.casting import wide_size
from tfc.ops.reduction import reduce_all
from tfc.ops.sizes import Size, dim


def require(condition: Tensor, message: str, *data: Tensor, code: str = "TFC204") -> None:
    """Raise `code` with `message`, and `data` where it is known, unless `condition` holds everywhere."""
    apply(semantics.assert_, condition, *data, message=message, code=code)


def require_size(have: Size, want: Size, message: str, code: str = "TFC106") -> None:
    """Raise `code` with `message` unless two sizes, at least one of which is known at run time only, are equal."""
    require(comparison.equal(wide_size(have), wide_size(want)), message, code=code)


def require_sizes(
    tensor: Tensor, shape: Sequence[int | None], message: str, code: str = "TFC106"
) -> None:
    """Raise `code` with `message` unless those sizes of a tensor that are known at run time only are as `shape` says."""
    for axis, (have, want) in enumerate(zip(tensor.type.shape, shape, strict=True)):
        if have is None and want is not None:
            require_size(dim(tensor, axis), want, message, code)


def _joined(message: str | None, text: str) -> str:
    return f"{message}: {text}" if message else text


def Assert(  # noqa: N802 - TensorFlow's name
    condition: Any, data: Sequence[Any], summarize: int | None = None, name: str | None = None
) -> None:
    """Raise unless `condition` (bool) is true everywhere; `data` is a list of what the message shows.

    Strings of `data` are joined; tensors are shown by eager code. `summarize` has no effect.

    >>> import tfc as tf
    >>> tf.debugging.Assert(tf.constant(True), ["never shown"])
    """
    shown = require_list("Assert: data", data)
    words = [item for item in shown if isinstance(item, str)]
    tensors = [convert(item) for item in shown if not isinstance(item, str)]
    require(convert(condition), " ".join(words) or "assertion failed", *tensors)


def check_numerics(tensor: Any, message: str, name: str | None = None) -> Tensor:
    """`tensor`, after raising with `message` if an element of these floats is nan or infinite.

    >>> import tfc as tf
    >>> tf.debugging.check_numerics([1.0, 2.0], "x").numpy()
    array([1., 2.], dtype=float32)
    """
    x = convert(tensor)
    require(comparison.is_finite(x), f"{message} : Tensor had Inf or NaN values", x)
    return x


def assert_all_finite(x: Any, message: str, name: str | None = None) -> Tensor:
    """The same as `tf.debugging.check_numerics`.

    >>> import tfc as tf
    >>> tf.debugging.assert_all_finite([1.0, 2.0], "x").numpy()
    array([1., 2.], dtype=float32)
    """
    return check_numerics(x, message)


# -- values -------------------------------------------------------------------------------------


def _comparing(
    name: str, function: Callable[[Any, Any], Tensor], sign: str, other: list[int]
) -> Callable[..., None]:
    """`tf.debugging.<name>`; `other` is what `[1, 2]` of its example does not compare so with."""

    def check(
        x: Any,
        y: Any,
        message: str | None = None,
        summarize: int | None = None,
        name: str | None = None,
    ) -> None:
        left, right = convert_pair(x, y)
        text = f"x {sign} y does not hold for all elements"
        require(function(left, right), _joined(message, text), left, right)

    check.__doc__ = f"""Raise unless `x {sign} y` for all elements, with broadcasting.

    Raises:
        InvalidArgumentError: an element differs (TFC204).
        TypeError, ValueError: dtypes differ (TFC101), shapes do not broadcast (TFC103).

    >>> import tfc as tf
    >>> tf.debugging.{name}([1, 2], {other}, message="sizes")
    Traceback (most recent call last):
        ...
    tfc.errors.InvalidArgumentError[TFC204]: sizes: x {sign} y does not hold for all elements...
    """
    return check


assert_equal = _comparing("assert_equal", comparison.equal, "==", [1, 3])
assert_none_equal = _comparing("assert_none_equal", comparison.not_equal, "!=", [3, 2])
assert_less = _comparing("assert_less", comparison.less, "<", [2, 2])
assert_less_equal = _comparing("assert_less_equal", comparison.less_equal, "<=", [1, 1])
assert_greater = _comparing("assert_greater", comparison.greater, ">", [0, 2])
assert_greater_equal = _comparing("assert_greater_equal", comparison.greater_equal, ">=", [1, 3])


def _against_zero(
    name: str, function: Callable[[Any, Any], Tensor], kind: str, other: list[int]
) -> Callable[..., None]:
    """`tf.debugging.<name>`; not all elements of `other` are of this kind."""

    def check(
        x: Any, message: str | None = None, summarize: int | None = None, name: str | None = None
    ) -> None:
        value = convert(x)
        require(function(value, 0), _joined(message, f"not all elements are {kind}"), value)

    check.__doc__ = f"""Raise `InvalidArgumentError` (TFC204) unless all elements of `x` are {kind}.

    >>> import tfc as tf
    >>> tf.debugging.{name}({other})
    Traceback (most recent call last):
        ...
    tfc.errors.InvalidArgumentError[TFC204]: not all elements are {kind}...
    """
    return check


assert_negative = _against_zero("assert_negative", comparison.less, "negative", [-1, 0])
assert_positive = _against_zero("assert_positive", comparison.greater, "positive", [1, 0])
assert_non_negative = _against_zero(
    "assert_non_negative", comparison.greater_equal, "zero or positive", [1, -1]
)
assert_non_positive = _against_zero(
    "assert_non_positive", comparison.less_equal, "zero or negative", [1, -1]
)


def assert_near(
    x: Any,
    y: Any,
    rtol: Any = None,
    atol: Any = None,
    message: str | None = None,
    summarize: int | None = None,
    name: str | None = None,
) -> None:
    """Raise unless `abs(x - y) <= atol + rtol * abs(y)` for all elements; both default to ten times the dtype's epsilon.

    >>> import tfc as tf
    >>> tf.debugging.assert_near(1.0, 1.0000001)
    """
    left, right = convert_pair(x, y)
    dtype = left.type.dtype
    default = 10 * float(np.finfo(dtype).eps) if dtype.kind == "f" else 0.1
    relative = default if rtol is None else rtol
    absolute = default if atol is None else atol
    limit = add(multiply(abs(right), relative), absolute)
    near = comparison.less_equal(abs(subtract(left, right)), limit)
    require(near, _joined(message, "x and y are not near for all elements"), left, right)


def is_non_decreasing(x: Any, name: str | None = None) -> Tensor:
    """Whether the elements of `x`, read as one row, never become smaller."""
    return _ordered(x, comparison.less_equal)


def is_strictly_increasing(x: Any, name: str | None = None) -> Tensor:
    """Whether each element of `x`, read as one row, is larger than the one before."""
    return _ordered(x, comparison.less)


def _ordered(x: Any, function: Callable[[Any, Any], Tensor]) -> Tensor:
    from tfc.ops.shape import reshape

    row: Any = reshape(x, [-1])
    return reduce_all(function(row[:-1], row[1:]))


# -- shapes and dtypes --------------------------------------------------------------------------


def _refuse(code: str, message: str | None, text: str) -> NoReturn:
    kind = TFCTypeError if code == "TFC102" else InvalidArgumentError
    raise kind(code, _joined(message, text))


def assert_rank(x: Any, rank: Any, message: str | None = None, name: str | None = None) -> None:
    """Raise `ValueError` (TFC105) unless `x` has `rank` dimensions.

    >>> import tfc as tf
    >>> tf.debugging.assert_rank([1, 2], 1)
    >>> tf.debugging.assert_rank([1, 2], 2)
    Traceback (most recent call last):
        ...
    tfc.errors.InvalidArgumentError[TFC105]: expected rank 2, got int32[2]...
    """
    kind, wanted = convert(x).type, require_int("assert_rank: rank", rank)
    if kind.rank != wanted:
        _refuse("TFC105", message, f"expected rank {wanted}, got {kind}")


def assert_rank_at_least(
    x: Any, rank: Any, message: str | None = None, name: str | None = None
) -> None:
    """Raise `ValueError` (TFC105) unless `x` has `rank` dimensions or more.

    >>> import tfc as tf
    >>> tf.debugging.assert_rank_at_least([[1, 2]], 1)
    """
    kind, wanted = convert(x).type, require_int("assert_rank_at_least: rank", rank)
    if kind.rank < wanted:
        _refuse("TFC105", message, f"expected rank {wanted} or more, got {kind}")


def assert_rank_in(
    x: Any, ranks: Iterable[Any], message: str | None = None, name: str | None = None
) -> None:
    """Raise `ValueError` (TFC105) unless the number of dimensions of `x` is one of `ranks`.

    >>> import tfc as tf
    >>> tf.debugging.assert_rank_in([1, 2], (0, 1))
    """
    kind = convert(x).type
    listed = require_list("assert_rank_in: ranks", ranks)
    allowed = [require_int("assert_rank_in: ranks", rank) for rank in listed]
    if kind.rank not in allowed:
        _refuse("TFC105", message, f"expected a rank of {allowed}, got {kind}")


def assert_scalar(tensor: Any, message: str | None = None, name: str | None = None) -> Tensor:
    """`tensor`, after raising `ValueError` (TFC105) unless it is a scalar.

    >>> import tfc as tf
    >>> tf.debugging.assert_scalar(3).numpy()
    np.int32(3)
    """
    x = convert(tensor)
    assert_rank(x, 0, message)
    return x


def assert_type(
    tensor: Any, tf_type: Any, message: str | None = None, name: str | None = None
) -> None:
    """Raise `TypeError` (TFC102) unless `tensor` has dtype `tf_type`.

    >>> import tfc as tf
    >>> tf.debugging.assert_type([1, 2], tf.int32)
    >>> tf.debugging.assert_type([1, 2], tf.float32)
    Traceback (most recent call last):
        ...
    tfc.errors.TFCTypeError[TFC102]: expected dtype float32, got int32[2]...
    """
    kind = convert(tensor).type
    if from_numpy(kind.dtype) is not as_dtype(tf_type):
        _refuse("TFC102", message, f"expected dtype {as_dtype(tf_type).name}, got {kind}")


def assert_integer(x: Any, message: str | None = None, name: str | None = None) -> None:
    """Raise `TypeError` (TFC102) unless `x` has an integer dtype.

    >>> import tfc as tf
    >>> tf.debugging.assert_integer([1, 2])
    """
    kind = convert(x).type
    if not is_int(kind.dtype):
        _refuse("TFC102", message, f"expected an integer dtype, got {kind}")


def assert_same_float_dtype(tensors: Sequence[Any] | None = None, dtype: Any = None) -> Any:
    """The one floating-point dtype of `tensors` (or `dtype`, or float32); `ValueError` (TFC101, TFC102) if there is none.

    >>> import tfc as tf
    >>> tf.debugging.assert_same_float_dtype([tf.constant(1.0), tf.constant(2.0)])
    tf.float32
    """
    found = None if dtype is None else as_dtype(dtype)
    listed = [] if tensors is None else require_list("assert_same_float_dtype: tensors", tensors)
    for item in listed:
        own = from_numpy(convert(item).type.dtype)
        if found is not None and own is not found:
            raise InvalidArgumentError(
                "TFC101", f"expected tensors of one dtype, got {found.name} and {own.name}"
            )
        found = own
    result = as_dtype("float32") if found is None else found
    if not is_float(result.numpy):
        raise InvalidArgumentError("TFC102", f"expected a floating-point dtype, got {result.name}")
    return result


def is_numeric_tensor(tensor: Any) -> bool:
    """Whether `tensor` is a tensor of numbers.

    >>> import tfc as tf
    >>> tf.debugging.is_numeric_tensor(tf.constant(1)), tf.debugging.is_numeric_tensor(tf.constant(True))
    (True, False)
    """
    return isinstance(tensor, Tensor) and is_number(tensor.type.dtype)


def assert_shapes(
    shapes: Any,
    data: Sequence[Any] | None = None,
    summarize: int | None = None,
    message: str | None = None,
    name: str | None = None,
) -> None:
    """Check tensors against symbolic shapes, such as `[(x, ("N", 3)), (y, ("N",))]`.

    A size is an int, a word (equal wherever it appears), None or "." (anything); a first or last `"..."` or `"*"` stands for any
    number of dims. Sizes that are known only at run time are not compared.

    Raises:
        ValueError: a rank (TFC105) or a size (TFC106) does not fit.

    >>> import tfc as tf
    >>> tf.debugging.assert_shapes([(tf.constant([1.0, 2.0]), ("N",)), (tf.constant([3.0, 4.0]), ("N",))])
    """
    known: dict[str, int] = {}
    pairs = shapes.items() if isinstance(shapes, dict) else shapes
    for pair in require_iterable("assert_shapes: shapes", pairs):
        tensor, symbols = require_pair("assert_shapes: shapes", pair)
        value = tensor.deref() if hasattr(tensor, "deref") else tensor
        _check_shape(convert(value), symbols, known, message)


def _check_shape(tensor: Tensor, symbols: Any, known: dict[str, int], message: str | None) -> None:
    kind = tensor.type
    wanted = list(symbols) if isinstance(symbols, str | Iterable) else [symbols]
    sizes = list(kind.shape)
    for end in (0, -1):
        if wanted and wanted[end] in ("...", "*", Ellipsis):
            rest = len(wanted) - 1
            if len(sizes) < rest:
                _refuse("TFC105", message, f"expected rank {rest} or more, got {kind}")
            sizes = sizes[len(sizes) - rest :] if end == 0 else sizes[:rest]
            del wanted[end]
            break
    if len(wanted) != len(sizes):
        _refuse("TFC105", message, f"expected rank {len(wanted)} for {symbols}, got {kind}")
    for symbol, size in zip(wanted, sizes, strict=True):
        if symbol in (None, ".") or size is None:
            continue
        expected = known.setdefault(symbol, size) if isinstance(symbol, str) else int(symbol)
        if isinstance(symbol, str) and symbol.isdigit():
            expected = int(symbol)
        if expected != size:
            _refuse("TFC106", message, f"expected {symbol} = {expected}, got size {size} in {kind}")
