"""Python inside compiled functions: `tf.py_function`, `tf.numpy_function`, `tf.print`."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from tfc.core import nest
from tfc.core.convert import as_numpy_dtype, convert
from tfc.core.dispatch import apply
from tfc.core.errors import InvalidArgumentError
from tfc.core.mapping import map_structure
from tfc.core.recording import STATE
from tfc.core.requirements import require_callable, require_list
from tfc.core.shape import TensorSpec
from tfc.core.tensor import Tensor
from tfc.dialects.tfc.semantics import host as semantics
from tfc.dialects.tfc.semantics.host import ResultTypes
from tfc.ops.printing import render


def numpy_function(
    func: Callable[..., Any] | None = None,
    inp: Sequence[Any] | None = None,
    Tout: Any = None,  # noqa: N803 - TensorFlow's name
    stateful: bool = True,
    name: str | None = None,
) -> Any:
    """Call a Python function on ndarrays, from compiled code too. There is no gradient.

    Args:
        func: takes ndarrays and returns ndarrays (or what NumPy makes one of).
        inp: tensors, one for each argument.
        Tout: for each result a dtype or a `tf.TensorSpec`; one, or a list of them. In compiled code a bare dtype means
            a result of the rank of the first argument; give a TensorSpec for another.
        stateful: False says that the function has no side effects and may be dropped, merged or called early.

    Raises:
        ValueError: when the function returns other dtypes, shapes or as many values as declared (TFC205).

    >>> import tfc as tf
    >>> tf.numpy_function(lambda x: x + 1, [[1, 2]], tf.int32).numpy()
    array([2, 3], dtype=int32)
    """
    call = require_callable("numpy_function: func", func)
    tensors = [convert(x) for x in _inputs("numpy_function", inp)]
    return _call(call, _on_arrays, tensors, Tout, stateful)


def timestamp(name: str | None = None) -> Tensor:
    """Seconds since 1970, float64; compiled code asks for the time whenever it runs.

    >>> import tfc as tf
    >>> tf.timestamp().dtype
    tf.float64
    """
    if STATE.recorder is None:
        return convert(time.time(), np.dtype(np.float64))
    return _call(time.time, _on_arrays, [], TensorSpec([], np.float64), True)


def py_function(
    func: Callable[..., Any] | None = None,
    inp: Sequence[Any] | None = None,
    Tout: Any = None,  # noqa: N803 - TensorFlow's name
    name: str | None = None,
) -> Any:
    """Call a Python function on eager tensors, from compiled code too. Differentiable, if what it does is.

    Arguments and errors as `tf.numpy_function`; `Tout=[]` is for a function without results.

    >>> import tfc as tf
    >>> tf.py_function(lambda x: x * 2, [[1, 2]], tf.int32).numpy()
    array([2, 4], dtype=int32)
    """
    call = require_callable("py_function: func", func)
    tensors = [convert(x) for x in _inputs("py_function", inp)]
    if STATE.recorder is None:
        return _eagerly(call, tensors, Tout)
    return _call(call, EagerFunction, tensors, Tout, True)


def _inputs(function: str, inp: Any) -> list[Any]:
    return [] if inp is None else require_list(f"{function}: inp", inp)


class EagerFunction:
    """A function of eager tensors as a host function of arrays."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self.function = function

    def __call__(self, *arrays: np.ndarray) -> tuple[np.ndarray, ...]:
        results = self.function(*[Tensor._wrap(array.copy()) for array in arrays])
        return tuple(np.asarray(convert(result)._array) for result in _listed(results))

    def backward(self, count: int) -> EagerFunction:
        """The host function of `count` arguments followed by output gradients that gives the arguments' gradients."""

        def pullback(*tensors: Tensor) -> list[Tensor]:
            from tfc.gradients.tape import GradientTape, UnconnectedGradients

            inputs, seeds = list(tensors[:count]), list(tensors[count:])
            with GradientTape() as tape:
                tape.watch(inputs)
                results = [convert(result) for result in _listed(self.function(*inputs))]
            return tape.gradient(
                results, inputs, seeds, unconnected_gradients=UnconnectedGradients.ZERO
            )

        return EagerFunction(pullback)


def _listed(results: Any) -> list[Any]:
    if results is None:
        return []
    return list(results) if isinstance(results, list | tuple) else [results]


def _on_arrays(func: Callable[..., Any]) -> Callable[..., tuple[np.ndarray, ...]]:
    def call(*arrays: np.ndarray) -> tuple[np.ndarray, ...]:
        results = func(*[array.copy() for array in arrays])
        return tuple(convert(np.asarray(result))._array for result in _listed(results))

    return call


def _eagerly(func: Callable[..., Any], tensors: Sequence[Tensor], declared: Any) -> Any:
    """The call itself: what it does to tensors is differentiable by itself."""
    results = _listed(func(*tensors))
    wanted, single = _declared(declared)
    if len(results) != len(wanted):
        raise InvalidArgumentError(
            "TFC205",
            f"py_function: the function returned {len(results)} values, {len(wanted)} were declared",
            "return one value for each dtype in Tout",
        )
    converted = [convert(result, dtype) for result, (dtype, _) in zip(results, wanted, strict=True)]
    return converted[0] if single else converted


def _declared(declared: Any) -> tuple[list[tuple[np.dtype, Any]], bool]:
    """Dtype and shape (None when not given) of each declared result, and whether there is one outside of a list."""
    single = not isinstance(declared, list | tuple)
    result: list[tuple[np.dtype, Any]] = []
    for item in [declared] if single else declared:
        if isinstance(item, TensorSpec):
            result.append((item.dtype.numpy, item.shape.as_tuple()))
        else:
            dtype = as_numpy_dtype(item)
            if dtype is None:
                raise InvalidArgumentError(
                    "TFC107",
                    "py_function: Tout is missing",
                    "say what the function returns: Tout=tf.float32",
                )
            result.append((dtype, None))
    return result, single


def _call(
    func: Callable[..., Any],
    adapt: semantics.Adapt,
    tensors: Sequence[Tensor],
    declared: Any,
    stateful: bool,
) -> Any:
    wanted, single = _declared(declared)
    if STATE.recorder is None:
        results = adapt(func)(*[tensor._array for tensor in tensors])
        checked = [
            _with_dtype(r, d)
            for r, (d, _) in zip(_same_count(results, wanted), wanted, strict=True)
        ]
        return checked[0] if single else checked
    rank = len(tensors[0].type.shape) if tensors else 0
    types: ResultTypes = tuple(
        (dtype, (None,) * rank if shape is None else shape) for dtype, shape in wanted
    )
    spec = semantics.host_call if stateful else semantics.pure_host_call
    number = semantics.register(func, adapt)

    def call() -> Any:
        return apply(spec, *tensors, function=number, result_types=types)

    if adapt is EagerFunction:
        results = call()
    else:
        from tfc.gradients.custom import without_gradient

        results = without_gradient("numpy_function", "it computes in NumPy", tensors, call)
    if single:
        return results
    return list(results) if isinstance(results, tuple) else [results]


def _same_count(results: Sequence[np.ndarray], wanted: Sequence[Any]) -> Sequence[np.ndarray]:
    if len(results) != len(wanted):
        raise InvalidArgumentError(
            "TFC205",
            f"numpy_function: the function returned {len(results)} values, {len(wanted)} were declared",
            "return one value for each dtype in Tout",
        )
    return results


def _with_dtype(array: np.ndarray, dtype: np.dtype) -> Tensor:
    if array.dtype != dtype:
        raise InvalidArgumentError(
            "TFC205",
            f"numpy_function: the function returned {array.dtype.name}, {dtype.name} was declared",
            "return values of the dtypes in Tout",
        )
    return Tensor._wrap(array)


def print(*inputs: Any, **kwargs: Any) -> None:
    """Print values at each call, from compiled code too.

    Args:
        inputs: tensors, structures of them, strings, and anything else as its `repr`.
        output_stream: `sys.stderr` (default), `sys.stdout`, another text stream, or `"file://path"` to append to.
        summarize: how many elements to show at the start and end of each dimension, 3 by default; -1 for all.
        sep, end: as of Python's `print`.
        name: without effect.

    >>> import sys
    >>> import tfc as tf
    >>> tf.print("x:", tf.constant([1, 2]), output_stream=sys.stdout)
    x: [1 2]
    """
    options = {
        "output_stream": None, "summarize": 3, "sep": " ", "end": "\n", "name": None,
    } | kwargs  # fmt: skip
    unknown = set(options) - {"output_stream", "summarize", "sep", "end", "name"}
    if unknown:
        raise TypeError(f"print() got an unexpected keyword argument '{unknown.pop()}'")
    leaves = [leaf for leaf in nest.flatten(list(inputs)) if _has_values(leaf)]
    printer = Printer(inputs, options)
    tensors = [convert(leaf) for leaf in leaves]
    if STATE.recorder is None:
        printer(*[tensor._array for tensor in tensors])
        return
    apply(semantics.host_call, *tensors, function=semantics.register(printer), result_types=())


def _has_values(leaf: Any) -> bool:
    return isinstance(leaf, Tensor) or hasattr(leaf, "__tf_tensor__")


class _Hole:
    """Where the next tensor is printed."""


class Printer:
    """Prints a structure with the values of its tensors, given as arrays in the order of `nest.flatten`."""

    def __init__(self, inputs: Sequence[Any], options: dict[str, Any]) -> None:
        self.parts = map_structure(lambda leaf: _Hole if _has_values(leaf) else leaf, list(inputs))
        self.options = options

    def __call__(self, *arrays: np.ndarray) -> tuple[()]:
        values = iter(arrays)
        summarize = self.options["summarize"]

        def text(part: Any, outer: bool) -> str:
            if part is _Hole:
                return render(next(values), summarize)
            if nest.is_nested(part):
                return _brackets(
                    part, [(key, text(item, False)) for key, item in nest.children(part)]
                )
            return part if outer and isinstance(part, str) else repr(part)

        line = self.options["sep"].join([text(part, True) for part in self.parts])
        _write(line + self.options["end"], self.options["output_stream"])
        return ()


def _brackets(structure: Any, items: Sequence[tuple[Any, str]]) -> str:
    if isinstance(structure, dict):
        return "{" + ", ".join(f"{key!r}: {item}" for key, item in items) + "}"
    inner = ", ".join(item for _, item in items)
    if isinstance(structure, tuple):
        return f"({inner},)" if len(items) == 1 else f"({inner})"
    return f"[{inner}]"


def _write(text: str, stream: Any) -> None:
    if isinstance(stream, str):
        if not stream.startswith("file://"):
            raise InvalidArgumentError(
                "TFC107",
                f"print: unknown output_stream {stream!r}",
                'use sys.stderr, sys.stdout or "file://path"',
            )
        with open(stream.removeprefix("file://"), "a", encoding="utf-8") as file:
            file.write(text)
        return
    # sys.stdout and sys.stderr may have been replaced since this was traced.
    if stream is None or stream is sys.__stderr__:
        stream = sys.stderr
    elif stream is sys.__stdout__:
        stream = sys.stdout
    stream.write(text)
    stream.flush()
