"""Calls of NumPy's functions with run-time values: as tensor ops, or by NumPy itself when the compiled code runs.

For the latter dtypes and shapes of the results have to be known before: the function is tried on sample values. Sizes that
differ from sample to sample are known at run time only; a result that does not fit after all is an error of the call.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterator, Sequence
from types import FunctionType
from typing import Any

import numpy as np
from tfc.core.dtypes import can_hold
from tfc.core.errors import CompileError
from tfc.core.tensor import Tensor
from tfc.dialects.tfc.semantics import host
from tfc.dialects.tfc.semantics.types import ArrayType
from tfc.gradients.custom import without_gradient
from tfc.tracing import operations
from tfc.tracing.containers.growable import growable_of
from tfc.tracing.ndarrays import array_views, numpy_formulas, numpy_functions
from tfc.tracing.ndarrays.array_updates import change_plain_array
from tfc.tracing.ndarrays.arrays import SymbolicArray, new_array
from tfc.tracing.strings import text
from tfc.tracing.trace import Trace
from tfc.tracing.values import primitives
from tfc.tracing.values.numbers import SymbolicNumber
from tfc.tracing.values.symbolic import KIND_DTYPES, SymbolicTensor

_CHANGING = frozenset(
    ("at", "copyto", "fill_diagonal", "place", "put", "put_along_axis", "putmask", "save", "savetxt", "savez",
     "savez_compressed", "array2string", "array_repr", "array_str")
)  # fmt: skip
"""Functions that change an argument or the world, or that make text."""


def is_numpy_call(callee: Any, arguments: Any) -> bool:
    """Whether a function of NumPy is called with values that come at run time."""
    return is_of_numpy(callee) and _has_run_time(arguments) and not _calls_back(arguments)


def is_of_numpy(callee: Any) -> bool:
    """Whether it is a function or class of NumPy's."""
    if callee.__class__ is np.ufunc or getattr(callee, "__self__", None).__class__ is np.ufunc:
        return True
    if isinstance(callee, type):
        return issubclass(callee, np.generic)
    module = str(getattr(callee, "__module__", None))
    return module == "numpy" or module in ("numpy.linalg", "numpy.fft")


def _calls_back(arguments: Any) -> bool:
    """Whether NumPy would call a function of the program."""
    positional, named = arguments
    return any(isinstance(item, FunctionType) for item in (*positional, *named.values()))


def _has_run_time(value: Any) -> bool:
    kind = value.__class__
    if kind is tuple or kind is list:
        if growable_of(value) is not None:
            return True
        return any(map(_has_run_time, value))
    if kind is dict:
        return any(map(_has_run_time, value.values()))
    return isinstance(value, SymbolicTensor | SymbolicNumber)


def call_numpy(
    trace: Trace, function: Any, arguments: tuple[Any, ...], keywords: dict[str, Any]
) -> Any:
    """`function(*arguments, **keywords)` for a function of NumPy, with arrays for results."""
    if function.__class__ is np.ufunc and len(arguments) > function.nin:
        arguments, keywords = arguments[:-1], {**keywords, "out": arguments[-1]}
    if isinstance(keywords.get("out"), SymbolicArray):
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

    plain = [item for item in tensors if item.__class__ is SymbolicTensor]
    if plain:  # NumPy makes an array of a tensor, and no tape sees what becomes of it
        return without_gradient(f"np.{function.__name__}", "it computes in NumPy", plain, compute)
    return compute()


def _into(trace: Trace, function: Any, arguments: tuple[Any, ...], keywords: dict[str, Any]) -> Any:
    """With `out=`: the result is assigned to that array."""
    out = keywords["out"]
    others = {name: item for name, item in keywords.items() if name != "out"}
    result = call_numpy(trace, function, arguments, others)
    if result.type.shape != out.type.shape:
        raise ValueError(f"out has shape {out.shape}, the result of {function.__name__} {result.shape}")  # fmt: skip
    _assign(trace, out, ..., result)
    return out


# -- that change an array -----------------------------------------------------------------------------------


def _fill_diagonal(trace: Trace, a: Any, val: Any) -> None:
    shape = a.type.shape
    if len(shape) != 2 or None in shape:
        raise numpy_functions.Unfit
    places = np.arange(min(shape))
    _assign(trace, a, (places, places), val)


def _copyto(trace: Trace, dst: Any, src: Any) -> None:
    _assign(trace, dst, ..., src)


def _add_at(trace: Trace, a: Any, indices: Any, b: Any) -> None:
    """Repeated indices add as often as they occur."""
    places = numpy_functions.tensor_of(indices)
    if places.type.dtype.kind != "i" or len(places.type.shape) != 1:
        raise numpy_functions.Unfit
    there = a.snapshot()[places]  # whose indices are checked
    updates = numpy_functions.full_like(there, b, a.type.dtype)
    inside = primitives.select(places < 0, places + len(a), places)
    scatter = primitives.function_named("tensor_scatter_nd_add")
    _assign(trace, a, ..., scatter(a.snapshot(), inside[:, None], updates))


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
    np.add.at: _add_at,
    np.put: _put,
    np.putmask: _putmask,
}


def _change(
    trace: Trace, change: Callable[..., None], arguments: tuple[Any, ...], keywords: dict[str, Any]
) -> None:
    array, *others = arguments
    if isinstance(array, np.ndarray):
        change_plain_array(trace.running, array)
    if keywords or not isinstance(array, SymbolicArray):
        raise numpy_functions.Unfit
    change(trace, array, *others)


def _assign(trace: Trace, array: Any, key: Any, value: Any) -> None:
    operations.store_item(trace.running, array, key, value)


# -- as ops -----------------------------------------------------------------------------------------------


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


# -- by NumPy ---------------------------------------------------------------------------------------------


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
    beyond = [kind.dtype.name for kind in kinds if not can_hold(kind.dtype)]
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
        return tuple([np.array(item, kind.dtype) for item, kind in zip(found, kinds, strict=True)])

    types = tuple([(kind.dtype, kind.shape) for kind in kinds])
    attributes = {"function": host.register(run), "result_types": types}
    results = trace.record(host.pure_host_call, tuple(tensors), attributes)
    return _rebuild(outcome.value, iter(results if isinstance(results, tuple) else (results,)))


def _name(function: Any) -> str:
    module = getattr(function, "__module__", None) or "numpy"
    return f"{module.replace('numpy', 'np', 1)}.{function.__name__}"


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
    for unknown in _UNKNOWN if any(None in kind.shape for kind in kinds) else _UNKNOWN[:1]:
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


def _rising(shape: tuple[int, ...], dtype: np.dtype, number: int) -> np.ndarray:
    """Different values, in places that fit for indices."""
    return (np.arange(np.prod(shape)).reshape(shape) + number).astype(dtype)


def _ones(shape: tuple[int, ...], dtype: np.dtype, number: int) -> np.ndarray:
    return np.ones(shape, dtype)


def _zeros(shape: tuple[int, ...], dtype: np.dtype, number: int) -> np.ndarray:
    return np.zeros(shape, dtype)


def _definite(shape: tuple[int, ...], dtype: np.dtype, number: int) -> np.ndarray:
    """Positive definite matrices, for factorisations."""
    return np.ones(shape, dtype) + 9 * np.eye(*shape[-2:], dtype=dtype) if len(shape) > 1 else np.ones(shape, dtype)  # fmt: skip


_SAMPLES = (_rising, _ones, _zeros, _definite)


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
        return new_array(next(results))
    return value
