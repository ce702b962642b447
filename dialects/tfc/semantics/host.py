"""Calls to the host: Python functions as ops, and the keys by which compiled code finds any of them again.

A key is text, so that it can stand in IR and in a cached artifact:

    ("factorization", "tfc.cholesky", (), ("float32",))        an op of the dialect that runs as its own `evaluate`
    ("python", 3, (("int32", (4,)),), ("int32",))               function 3 of `PYTHON_FUNCTIONS`, of this process

Every function gets arrays and returns an array or a tuple of them. The dtypes in the key tell unsigned arguments, whose sign
compiled code has dropped.
"""

from __future__ import annotations

import ast
import contextlib
import importlib
import itertools
import reprlib
import threading
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any
from weakref import WeakValueDictionary

import numpy as np
from tfc.dialects.tfc.semantics.dtypes import bfloat16
from tfc.dialects.tfc.semantics.errors import OpError
from tfc.dialects.tfc.semantics.spec import Effect, Family, OpSpec
from tfc.dialects.tfc.semantics.types import ArrayType

FAMILY = Family("host")

HostFunction = Callable[..., Any]
Adapt = Callable[[HostFunction], HostFunction]

ResultTypes = tuple[tuple[np.dtype, tuple[int | None, ...]], ...]
"""The type of each result of a host call: dtype and shape."""


class Registered:
    """A Python function that compiled programs call."""

    __slots__ = ("__weakref__", "call", "function", "number")

    def __init__(self, number: int, function: HostFunction, call: HostFunction) -> None:
        self.number = number
        self.function = function
        self.call = call


class FunctionNumber(int):
    """The number by which ops name a function, which lives as long as any of them does."""

    registered: Registered


PYTHON_FUNCTIONS: WeakValueDictionary[int, Registered] = WeakValueDictionary()
"""What `register` was given and is still in use: by ops in a graph, or by a loaded program. Numbers are never used again."""

_numbers = itertools.count()
_known: WeakValueDictionary[tuple[int, Adapt | None], Registered] = WeakValueDictionary()
"""The same, by the identity of the function and how it is called; while an entry is there, so is its function."""
_lock = threading.Lock()


def register(function: HostFunction, adapt: Adapt | None = None) -> FunctionNumber:
    """The number by which `tfc.host_call` names `function`; the same function, called in the same way, keeps its number.

    `adapt` gives what is called instead, if `function` itself does not work on arrays.
    """
    with _lock:
        found = _known.get((id(function), adapt))
        if found is None:
            call = function if adapt is None else adapt(function)
            found = Registered(next(_numbers), function, call)
            _known[id(function), adapt] = PYTHON_FUNCTIONS[found.number] = found
    number = FunctionNumber(found.number)
    number.registered = found
    return number


def python_key(number: int, result_types: ResultTypes, dtypes: Sequence[np.dtype]) -> str:
    """The key of function `number` of `PYTHON_FUNCTIONS`, called with arrays of `dtypes`."""
    results = tuple((dtype.name, tuple(shape)) for dtype, shape in result_types)
    return repr(("python", number, results, tuple(dtype.name for dtype in dtypes)))


def op_key(spec: OpSpec, attributes: dict[str, Any], dtypes: Sequence[np.dtype]) -> str:
    """The key of an op whose attributes are ints, bools, floats, strings and tuples of those."""
    names = tuple(dtype.name for dtype in dtypes)
    return repr((spec.family, spec.name, tuple(sorted(attributes.items())), names))


def host_function(key: str) -> HostFunction:
    """The function that `key` stands for; it views its arguments in the dtypes of the key.

    Raises `KeyError` for a Python function of another process, `ValueError` for text that no key has.
    """
    try:
        kind, what, details, names = ast.literal_eval(key)
        dtypes = [_dtype(name) for name in names]
        evaluate: HostFunction
        attributes: dict[str, Any]
        if kind == "python":
            evaluate = partial(_call_registered, PYTHON_FUNCTIONS[what])
            attributes = {"result_types": tuple((_dtype(name), shape) for name, shape in details)}
        else:
            evaluate, attributes = _evaluate_of(kind, what), dict(details)
    except (ValueError, TypeError, SyntaxError, RecursionError, MemoryError) as error:
        raise ValueError(f"no key of a function is {reprlib.repr(key)}: {error}") from None

    def call(*arrays: np.ndarray) -> Any:
        viewed = [_view(array, dtype) for array, dtype in zip(arrays, dtypes, strict=True)]
        return evaluate(*viewed, **attributes)

    return call


def _evaluate_of(family: str, name: str) -> HostFunction:
    """What an op does. A family is a module here; its name is text from a file."""
    if family.__class__ is str and family.isidentifier():
        with contextlib.suppress(ModuleNotFoundError):
            module = importlib.import_module(f"tfc.dialects.tfc.semantics.{family}")
            for spec in getattr(module, "FAMILY", ()):
                if spec.name == name:
                    return spec.evaluate
    raise ValueError("there is no such op")


def _dtype(name: str) -> np.dtype:
    found = bfloat16() if name == "bfloat16" else np.dtype(name)
    if found.name != name or found.hasobject:
        raise ValueError("there is no such dtype")
    return found


def _view(array: np.ndarray, dtype: np.dtype) -> np.ndarray:
    array = np.asarray(array)
    return array if array.dtype == dtype else array.view(dtype)


def _call(*arrays: np.ndarray, function: int, result_types: ResultTypes) -> Any:
    return _call_registered(PYTHON_FUNCTIONS[function], *arrays, result_types=result_types)


def _call_registered(registered: Registered, *arrays: np.ndarray, result_types: ResultTypes) -> Any:
    results = registered.call(*arrays)
    listed = results if isinstance(results, tuple) else (results,)
    if len(listed) != len(result_types):
        raise OpError(
            "TFC205",
            f"the Python function returned {len(listed)} values, {len(result_types)} were declared",
            "return one value for each dtype in Tout",
        )
    checked = tuple(
        _check_result(array, *kind) for array, kind in zip(listed, result_types, strict=True)
    )
    return checked[0] if len(checked) == 1 else checked


def _check_result(value: Any, dtype: np.dtype, shape: tuple[int | None, ...]) -> np.ndarray:
    array = np.asarray(value)
    if array.dtype != dtype:
        raise OpError(
            "TFC205",
            f"the Python function returned {array.dtype.name}, {dtype.name} was declared",
            "return values of the dtypes in Tout",
        )
    if len(array.shape) != len(shape) or any(
        size is not None and size != own for size, own in zip(shape, array.shape, strict=True)
    ):
        raise OpError(
            "TFC205",
            f"the Python function returned shape {array.shape}, {ArrayType(dtype, shape)} was declared",
            "return values of the declared shapes",
        )
    return array


def _infer(*operands: ArrayType, function: int, result_types: ResultTypes) -> Any:
    types = tuple(ArrayType(dtype, tuple(shape)) for dtype, shape in result_types)
    return types[0] if len(types) == 1 else types


_ATTRIBUTES = ("function", "result_types")

host_call = FAMILY.op("host_call", _call, _infer, ("*operands",), _ATTRIBUTES, Effect.HOST)
pure_host_call = FAMILY.op("pure_host_call", _call, _infer, ("*operands",), _ATTRIBUTES)
