"""`input_signature`: arguments are converted to the specs, and have the shapes of the specs."""

from __future__ import annotations

import inspect
from types import FunctionType
from typing import Any

import numpy as np
from tfc import nest
from tfc.compiled.shape_patterns import Path, Patterns
from tfc.core.convert import convert_to_tensor
from tfc.core.errors import TFCError, TFCTypeError
from tfc.core.shape import TensorSpec
from tfc.core.tensor import Tensor


def checked_signature(signature: Any) -> tuple[Any, ...]:
    """An `input_signature` as a tuple; raises `TypeError` TFC025 unless it holds `TensorSpec`s, nested as arguments are."""
    if not isinstance(signature, list | tuple):
        raise _no_signature(signature, "a sequence with one entry per argument")
    for leaf in nest.flatten(signature):
        if not isinstance(leaf, TensorSpec):
            raise _no_signature(leaf, "TensorSpecs")
    return tuple(signature)


def _no_signature(found: Any, wanted: str) -> TFCTypeError:
    return TFCTypeError(
        "TFC025",
        f"input_signature: expected {wanted}, got {found!r}",
        "write input_signature=[tf.TensorSpec([None, 3], tf.float32), ...]",
    )


def by_parameter(function: FunctionType, signature: tuple[Any, ...], skip: int) -> dict[int, Any]:
    """The specs of the parameters behind the first `skip`, by number as `Unit.bind` counts; those of `*args` as a tuple."""
    code = function.__code__
    specs = dict(enumerate(signature, skip))
    if code.co_flags & inspect.CO_VARARGS:
        further = range(code.co_argcount, skip + len(signature))
        rest = tuple([specs.pop(index) for index in further])
        specs[code.co_argcount + code.co_kwonlyargcount] = rest
    return specs


def conform(
    name: str, function: FunctionType, specs: dict[int, Any], values: tuple[Any, ...], skip: int
) -> tuple[Any, ...]:
    """The arguments as their specs want them; parameters with defaults may have none.

    Raises `TypeError` TFC025 naming the one that does not fit.
    """
    names = function.__code__.co_varnames
    if not _required(function, skip) <= specs.keys() <= set(range(len(values))):
        raise TFCTypeError(
            "TFC025",
            f"'{name}' takes {len(values) - skip} arguments, its input_signature has {len(specs)}",
            "give one TensorSpec per argument",
        )
    converted = list(values)
    for index, spec in specs.items():
        converted[index] = _convert(name, names[index], spec, values[index])
    return tuple(converted)


def with_signature(
    function: FunctionType, signature: tuple[Any, ...], before: int
) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """The arguments of a call that names none: the specs. `before` parameters are left out."""
    code = function.__code__
    if code.co_flags & inspect.CO_VARARGS:
        return signature, {}
    count = code.co_argcount - before
    return signature[:count], dict(
        zip(code.co_varnames[code.co_argcount :], signature[count:], strict=False)
    )


def sample(item: Any) -> Any:
    """A value that stands for a `TensorSpec` while its function is traced. It takes no memory, whatever its size."""
    if isinstance(item, TensorSpec):
        shape = tuple(2 if size is None else size for size in item.shape.as_tuple())
        return Tensor._wrap(np.broadcast_to(np.zeros((), item.dtype.numpy), shape))
    return item


def _required(function: FunctionType, skip: int) -> set[int]:
    """The parameters without defaults behind the first `skip`."""
    code, keywords = function.__code__, function.__kwdefaults__ or {}
    count = code.co_argcount
    required = set(range(skip, count - len(function.__defaults__ or ())))
    required.update(
        index
        for index in range(count, count + code.co_kwonlyargcount)
        if code.co_varnames[index] not in keywords
    )
    return required


def _convert(function: str, name: str, spec: Any, value: Any) -> Any:
    if isinstance(spec, list | tuple) and isinstance(value, list | tuple):
        if len(spec) == len(value):
            parts = [
                _convert(function, f"{name}[{i}]", s, v)
                for i, (s, v) in enumerate(zip(spec, value, strict=True))
            ]
            return type(spec)(parts)
    elif isinstance(spec, dict) and isinstance(value, dict) and spec.keys() == value.keys():
        return {key: _convert(function, f"{name}[{key!r}]", spec[key], value[key]) for key in spec}
    elif isinstance(spec, TensorSpec):
        try:
            tensor = value if isinstance(value, Tensor) else convert_to_tensor(value, spec.dtype)
        except TFCError as error:
            raise _mismatch(function, name, spec, error.message) from None
        if not spec.is_compatible_with(tensor):
            raise _mismatch(function, name, spec, f"got {tensor.type}")
        return tensor
    elif not isinstance(spec, list | tuple | dict):
        return value
    raise _mismatch(function, name, spec, f"got {type(value).__name__}")


def _mismatch(function: str, name: str, spec: Any, got: str) -> TFCTypeError:
    return TFCTypeError(
        "TFC025",
        f"'{function}': argument '{name}' does not fit its input_signature {spec}: {got}",
        "convert the argument, or change the signature",
    )


def signature_patterns(specs: dict[int, Any], shapes: Patterns) -> Patterns:
    """The shapes of the specs, by path; a size of 1 that came in stays known."""
    found: Patterns = {}

    def visit(spec: Any, path: Path) -> None:
        if isinstance(spec, TensorSpec):
            actual = shapes.get(path)
            wanted = spec.shape.dims
            if actual is not None and wanted is not None:
                found[path] = tuple(
                    1 if got == 1 else size for size, got in zip(wanted, actual, strict=True)
                )
        elif isinstance(spec, list | tuple):
            for index, item in enumerate(spec):
                visit(item, (*path, index))
        elif isinstance(spec, dict):
            for key, item in spec.items():
                visit(item, (*path, key))

    for index, spec in specs.items():
        visit(spec, (index,))
    return found
