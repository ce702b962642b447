"""Calls of NumPy's functions with run-time values: as tensor ops, or by NumPy itself when the compiled code runs.

In the latter case dtypes and shapes of the results have to be known beforehand, so the function is tried on sample values. Sizes
that differ from sample to sample are known at run time only; a result that does not fit after all is an error of the call.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterator, Sequence
from types import FunctionType
from typing import Any

import numpy as np
from tfc.core.dtypes import can_hold
from tfc.core.errors import CompileError, TFCError
from tfc.core.tensor import Tensor
from tfc.core.variable import Variable
from tfc.dialects.tfc.semantics import host
from tfc.dialects.tfc.semantics.types import ArrayType
from tfc.gradients.custom import without_gradient
from tfc.tracing import operations
from tfc.tracing.containers.growable import growable_of
from tfc.tracing.ndarrays import (
    array_views,
    complex_arrays,
    numpy_formulas,
    numpy_functions,
    outer_arrays,
)
from tfc.tracing.ndarrays.array_updates import change_plain_array, require_castable
from tfc.tracing.ndarrays.arrays import SymbolicArray, new_array
from tfc.tracing.ndarrays.outer_arrays import OuterArray
from tfc.tracing.strings import text
from tfc.tracing.trace import Trace
from tfc.tracing.values import primitives, structures
from tfc.tracing.values.numbers import SymbolicNumber
from tfc.tracing.values.symbolic import KIND_DTYPES, SymbolicTensor

_CHANGING = frozenset(
    ("as_strided", "at", "copyto", "fill_diagonal", "place", "put", "put_along_axis", "putmask", "save", "savetxt", "savez",
     "savez_compressed", "array2string", "array_repr", "array_str")
)  # fmt: skip
"""Functions that change an argument or the world, or that make text."""


_OF_SETS = ("intersect1d", "setdiff1d", "setxor1d", "union1d")
"""Functions whose results are as large as the values say, which samples may not show."""


def is_numpy_call(callee: Any, arguments: Any) -> bool:
    """Whether a function of NumPy is called with values that come at run time."""
    return is_of_numpy(callee) and has_run_time(arguments) and not _calls_back(arguments)


def is_of_numpy(callee: Any) -> bool:
    """Whether it is a function or class of NumPy's."""
    if callee.__class__ is np.ufunc or getattr(callee, "__self__", None).__class__ is np.ufunc:
        return True
    if isinstance(callee, type):
        return issubclass(callee, np.generic)
    module = str(getattr(callee, "__module__", None))
    return module in ("numpy", "numpy.linalg", "numpy.fft", "numpy.lib.stride_tricks")


def contents_of(value: Any) -> Any:
    """Arguments with the values of variables, of which NumPy would make arrays."""
    return structures.with_leaves(
        value, lambda item: item.value() if isinstance(item, Variable) else item
    )


def _calls_back(arguments: Any) -> bool:
    """Whether NumPy would call a function of the program."""
    positional, named = arguments
    return any(isinstance(item, FunctionType) for item in (*positional, *named.values()))


def has_run_time(value: Any) -> bool:
    """Whether a value is known at run time only, or holds one that is."""
    kind = value.__class__
    if kind is tuple or kind is list:
        if growable_of(value) is not None:
            return True
        return any(map(has_run_time, value))
    if kind is dict:
        return any(map(has_run_time, value.values()))
    return isinstance(value, SymbolicTensor | SymbolicNumber | complex_arrays.ComplexArray)


def call_numpy(
    trace: Trace, function: Any, arguments: tuple[Any, ...], keywords: dict[str, Any]
) -> Any:
    """`function(*arguments, **keywords)` for a function of NumPy, with arrays for results."""
    if function.__class__ is np.ufunc and len(arguments) > function.nin:
        arguments, keywords = arguments[:-1], {**keywords, "out": arguments[-1]}
    out: Any = keywords.get("out")
    if out.__class__ is tuple and len(out) == 1:
        keywords, out = {**keywords, "out": out[0]}, out[0]
    if isinstance(out, np.ndarray):
        change_plain_array(trace.running, out)
    if isinstance(out, SymbolicArray):
        return _into(trace, function, arguments, keywords)

    def compute(arguments: tuple[Any, ...], keywords: dict[str, Any]) -> Any:
        return _computed(trace, function, arguments, keywords)

    if function.__name__ in array_views.VIEWING:
        return array_views.note_views(trace, function, arguments, keywords, compute)
    return compute(arguments, keywords)


def _computed(
    trace: Trace, function: Any, arguments: tuple[Any, ...], keywords: dict[str, Any]
) -> Any:
    tensors: list[Any] = []
    whole = text.Template.of((arguments, keywords), tensors)

    def compute() -> Any:
        try:
            return _as_ops(trace, function, arguments, keywords)
        except numpy_functions.Unfit:
            return _on_host(trace, function, keywords, whole, tensors)
        except TFCError as error:
            raise _numpys_own(error, function, whole, tensors) from None

    plain = [item for item in tensors if item.__class__ is SymbolicTensor]
    if plain:  # NumPy makes an array of a tensor, and no tape sees what becomes of it
        return without_gradient(f"np.{function.__name__}", "it computes in NumPy", plain, compute)
    return compute()


def _numpys_own(
    error: TFCError, function: Any, whole: text.Template, tensors: Sequence[Any]
) -> Exception:
    """What NumPy raises where an op has refused its operands; the op's error where NumPy takes them."""
    if function in _CHANGES or not all(can_hold(tensor.type.dtype) for tensor in tensors):
        return error

    def call(*arrays: np.ndarray) -> Any:
        positional, named = whole.fill(arrays)
        return function(*positional, **named)

    try:
        _outcome(call, [tensor.type for tensor in tensors])
    except Exception as own:
        return own.with_traceback(None)
    return error


def _into(trace: Trace, function: Any, arguments: tuple[Any, ...], keywords: dict[str, Any]) -> Any:
    """With `out=`: the result is assigned to that array, with `where=` of a ufunc some of its elements."""
    out = keywords["out"]
    picks = function.__class__ is np.ufunc and "where" in keywords
    taken = ("out", "where") if picks else ("out",)
    others = {name: item for name, item in keywords.items() if name not in taken}
    result = call_numpy(trace, function, arguments, others)
    if function.__class__ is np.ufunc:
        require_castable(result.type.dtype, out.type.dtype)
    if picks:
        result = call_numpy(trace, np.where, (keywords["where"], result, out), {})
    if result.type.shape != out.type.shape:
        raise ValueError(
            f"out has shape {out.shape}, the result of {function.__name__} {result.shape}"
        )
    _assign(trace, out, ..., result)
    return out


def join(trace: Trace, owner: Any, key: Any) -> Any:
    """`np.r_[key]` or `np.c_[key]` with run-time values in the key; None where it is NumPy's own."""
    items = key if isinstance(key, tuple) else (key,)
    if not outer_arrays.has_tensor(items) or any(isinstance(item, str) for item in items):
        return None
    parts = [
        call_numpy(trace, np.arange, (item.start or 0, item.stop, item.step or 1), {})
        if isinstance(item, slice)
        else item
        for item in items
    ]
    function = np.column_stack if owner is np.c_ else np.concatenate
    joined = call_numpy(trace, function, (numpy_functions.at_least_vectors(parts),), {})
    dtype = np.result_type(*map(numpy_functions.example, parts))
    return call_numpy(trace, np.asarray, (joined, dtype), {})


# -- that change an array -----------------------------------------------------------------------


def _fill_diagonal(trace: Trace, a: Any, val: Any) -> None:
    shape = a.type.shape
    if len(shape) != 2 or None in shape:
        raise numpy_functions.Unfit
    places = np.arange(min(shape))
    _assign(trace, a, (places, places), val)


def _copyto(trace: Trace, dst: Any, src: Any) -> None:
    _assign(trace, dst, ..., src)


def _at(name: str) -> Callable[..., None]:
    """`ufunc.at`: repeated indices count as often as they occur."""

    def change(trace: Trace, a: Any, indices: Any, b: Any) -> None:
        given = indices if isinstance(indices, tuple) else (indices,)
        places = [numpy_functions.tensor_of(item) for item in given]
        if any(place.type.dtype.kind not in "iu" for place in places):
            raise numpy_functions.Unfit
        there = a.snapshot()[tuple(places)]  # whose indices are checked
        op = primitives.function_named
        updates = op("broadcast_to")(
            primitives.cast(numpy_functions.tensor_of(b), a.type.dtype), op("shape")(there)
        )
        sizes = op("shape")(a.snapshot(), np.int64)
        inside: list[Any] = []
        for axis, place in enumerate(places):
            wide = primitives.cast(place, np.dtype(np.int64))
            inside.append(primitives.select(wide < 0, wide + sizes[axis], wide))
        whole = op("shape")(sum(inside[1:], inside[0]))
        spread = op("stack")([op("broadcast_to")(item, whole) for item in inside], -1)
        _assign(trace, a, ..., op(name)(a.snapshot(), spread, updates))

    return change


def _put(trace: Trace, a: Any, ind: Any, v: Any) -> None:
    """The items of the flattened array."""
    if None in a.type.shape:
        raise numpy_functions.Unfit
    places = numpy_functions.ravel(numpy_functions.tensor_of(ind))
    flat = numpy_functions.ravel(a.snapshot())
    there = flat[places]  # whose indices are checked
    updates = numpy_functions.full_like(there, v, a.type.dtype)
    inside = primitives.select(places < 0, places + flat.type.shape[0], places)
    changed = primitives.function_named("tensor_scatter_nd_update")(flat, inside[:, None], updates)
    _assign(trace, a, ..., primitives.function_named("reshape")(changed, a.type.shape))


def _putmask(trace: Trace, a: Any, mask: Any, values: Any) -> None:
    _assign(
        trace,
        a,
        ...,
        numpy_functions.VERSIONS[np.where](
            mask, numpy_functions.full_like(a, values), a.snapshot()
        ),
    )


_CHANGES: dict[Any, Callable[..., None]] = {
    np.fill_diagonal: _fill_diagonal,
    np.copyto: _copyto,
    np.add.at: _at("tensor_scatter_nd_add"),
    np.subtract.at: _at("tensor_scatter_nd_sub"),
    np.maximum.at: _at("tensor_scatter_nd_max"),
    np.minimum.at: _at("tensor_scatter_nd_min"),
    np.put: _put,
    np.putmask: _putmask,
}


def _change(
    trace: Trace, change: Callable[..., None], arguments: tuple[Any, ...], keywords: dict[str, Any]
) -> None:
    array, *others = arguments
    if isinstance(array, np.ndarray | OuterArray):
        change_plain_array(trace.running, array)
    if keywords or not isinstance(array, SymbolicArray):
        raise numpy_functions.Unfit
    change(trace, array, *others)


def _assign(trace: Trace, array: Any, key: Any, value: Any) -> None:
    operations.store_item(trace.running, array, key, value)


# -- as ops -------------------------------------------------------------------------------------


def _as_ops(
    trace: Trace, function: Any, arguments: tuple[Any, ...], keywords: dict[str, Any]
) -> Any:
    change = _CHANGES.get(function)
    if change is not None:
        return _change(trace, change, arguments, keywords)
    if function.__class__ is np.ufunc:
        if keywords:
            raise numpy_functions.Unfit
        return new_array(numpy_functions.apply_ufunc(function, arguments))
    if isinstance(function, type):
        return new_array(numpy_functions.VERSIONS[np.array](*arguments, function, **keywords))
    version = numpy_functions.VERSIONS.get(function) or numpy_formulas.VERSIONS.get(function)
    if version is None:
        raise numpy_functions.Unfit
    try:
        _signature(version).bind(*arguments, **keywords)
    except TypeError:
        raise numpy_functions.Unfit from None
    result = version(*arguments, **keywords)
    if result.__class__ is tuple:
        return tuple([_as_array(trace, item) for item in result])
    return _as_array(trace, result)


def _as_array(trace: Trace, result: Any) -> Any:
    if result.__class__ is Tensor:  # of known values
        return new_array(trace.as_symbolic(result))
    return new_array(result) if isinstance(result, SymbolicTensor) else result


@functools.cache
def _signature(version: numpy_functions.Version) -> inspect.Signature:
    return inspect.signature(version)


# -- by NumPy -----------------------------------------------------------------------------------


def _on_host(
    trace: Trace,
    function: Any,
    keywords: dict[str, Any],
    whole: text.Template,
    tensors: Sequence[Any],
) -> Any:
    """A call of `function` at run time; what it gives is held natively."""
    if function.__name__ in _CHANGING or keywords.get("copy") is False or "out" in keywords:
        trace.refuse_value(tensors[0], "a NumPy array")

    def call(*arrays: np.ndarray) -> Any:
        positional, named = whole.fill(arrays)
        return function(*positional, **named)

    try:
        outcome = _outcome(call, [tensor.type for tensor in tensors])
    except Exception:
        for tensor in tensors:
            if tensor.__class__ is SymbolicTensor and not tensor.type.shape:
                trace.refuse_value(tensor, "a Python number")  # an axis, a size
        raise
    kinds = outcome.kinds if outcome is not None else []
    if function.__name__ in _OF_SETS:
        kinds = [ArrayType(kind.dtype, (None,)) for kind in kinds]
    held = [_held(kind) for kind in kinds]
    beyond = [kind.dtype.name for kind in held if not can_hold(kind.dtype)]
    if beyond:
        trace.require_known(tensors[0], "a NumPy array")
        raise CompileError(
            "TFC011",
            f"{_name(function)} gives {beyond[0]}, which tensors cannot hold",
            "do it and what makes real numbers of it in one tf.numpy_function",
        )
    if outcome is None:
        trace.refuse_value(tensors[0], "a NumPy array")

    def run(*arrays: np.ndarray) -> tuple[np.ndarray, ...]:
        found: list[Any] = []
        _flatten(call(*arrays), found)
        made = [np.array(item, kind.dtype) for item, kind in zip(found, kinds, strict=True)]
        return tuple(
            [complex_arrays.parted(item) if item.dtype.kind == "c" else item for item in made]
        )

    types = tuple([(kind.dtype, kind.shape) for kind in held])
    attributes = {"function": host.register(run), "result_types": types}
    results = trace.record(host.pure_host_call, tuple(tensors), attributes)
    return _rebuild(outcome.value, iter(results if isinstance(results, tuple) else (results,)))


def _name(function: Any) -> str:
    module = getattr(function, "__module__", None) or "numpy"
    return f"{module.replace('numpy', 'np', 1)}.{function.__name__}"


def _held(kind: ArrayType) -> ArrayType:
    """How an array of a type is held."""
    real = complex_arrays.REAL_DTYPES.get(kind.dtype)
    return kind if real is None else ArrayType(real, (*kind.shape, 2))


class _Outcome:
    """What a function gave for samples: the value for one of them, and the types that fit those of all."""

    def __init__(self, value: Any, kinds: list[ArrayType]) -> None:
        self.value = value
        self.kinds = kinds

    def joined(self, other: _Outcome) -> _Outcome | None:
        """With the sizes that differ left open; None when more than sizes do."""
        if len(self.kinds) != len(other.kinds):
            return None
        kinds: list[ArrayType] = []
        for one, two in zip(self.kinds, other.kinds, strict=True):
            if one.dtype != two.dtype or len(one.shape) != len(two.shape):
                return None
            sizes = zip(one.shape, two.shape, strict=True)
            kinds.append(ArrayType(one.dtype, tuple([a if a == b else None for a, b in sizes])))
        return _Outcome(self.value, kinds)


def _outcome(call: Callable[..., Any], kinds: Sequence[ArrayType]) -> _Outcome | None:
    """What is common to the results for all samples that the function takes. Raises what it raises for all."""
    found: _Outcome | None = None
    failure: Exception | None = None
    for unknown in _unknown_sizes(kinds):
        for sample in _SAMPLES:
            arrays = [
                sample(tuple([unknown if n is None else n for n in kind.shape]), kind.dtype, number)
                for number, kind in enumerate(kinds)
            ]
            try:
                with np.errstate(all="ignore"):
                    value = call(*arrays)
            except Exception as error:
                failure = error
                continue
            leaves: list[Any] = []
            _flatten(value, leaves)
            types = [_type_of(leaf) for leaf in leaves]
            outcome = _Outcome(value, types)
            found = outcome if found is None else found.joined(outcome)
            if found is None:
                return None
    if found is None and failure is not None:
        raise failure
    return found


_UNKNOWN = (5, 6, 12, 24)
"""Samples of a size that is known at run time only: several can be divided by two, three, four and six."""


def _unknown_sizes(kinds: Sequence[ArrayType]) -> Sequence[int]:
    """What sizes that are known at run time only are tried with: also those of other dimensions, which they may have to be."""
    sizes = {size for kind in kinds for size in kind.shape}
    if None not in sizes:
        return _UNKNOWN[:1]
    return (*_UNKNOWN, *[size for size in sizes if size and size not in (1, *_UNKNOWN)])


def _rising(shape: tuple[int, ...], dtype: np.dtype, number: int) -> np.ndarray:
    """Different values, in places that fit for indices."""
    return (np.arange(np.prod(shape)).reshape(shape) + number).astype(dtype)


def _later(shape: tuple[int, ...], dtype: np.dtype, number: int) -> np.ndarray:
    """Others, of which numbers fit for sizes."""
    return _rising(shape, dtype, number + 4)


def _ones(shape: tuple[int, ...], dtype: np.dtype, number: int) -> np.ndarray:
    return np.ones(shape, dtype)


def _zeros(shape: tuple[int, ...], dtype: np.dtype, number: int) -> np.ndarray:
    return np.zeros(shape, dtype)


def _definite(shape: tuple[int, ...], dtype: np.dtype, number: int) -> np.ndarray:
    """Positive definite matrices, for factorisations."""
    return (
        np.ones(shape, dtype) + 9 * np.eye(*shape[-2:], dtype=dtype)
        if len(shape) > 1
        else np.ones(shape, dtype)
    )


_SAMPLES = (_rising, _later, _ones, _zeros, _definite)


def _flatten(value: Any, leaves: list[Any]) -> None:
    """The arrays and numbers in a result."""
    if isinstance(value, tuple | list):
        for item in value:
            _flatten(item, leaves)
    elif isinstance(value, np.ndarray | np.generic | bool | int | float):
        leaves.append(value)


def _type_of(leaf: Any) -> ArrayType:
    known = KIND_DTYPES.get(leaf.__class__)
    return ArrayType(known, ()) if known is not None else ArrayType(leaf.dtype, leaf.shape)


def _rebuild(value: Any, results: Iterator[SymbolicTensor]) -> Any:
    """A result like `value`, with run-time values for its arrays and numbers."""
    if isinstance(value, tuple | list):
        items = [_rebuild(item, results) for item in value]
        make: Callable[[list[Any]], Any] = getattr(value, "_make", value.__class__)
        return make(items)
    if value.__class__ in KIND_DTYPES:
        return SymbolicNumber(value.__class__, next(results))
    if isinstance(value, np.ndarray | np.generic):
        made = new_array(next(results))
        return complex_arrays.ComplexArray(made) if value.dtype.kind == "c" else made
    return value
