"""The words of `tfc-run`'s command line as arrays. Nothing is converted that does not fit: 3.7 is no i32."""

from __future__ import annotations

import ast
import math
import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from tfc.backend.arrays import numpy_dtype
from tfc.tools.diagnostics import Diagnostic

if TYPE_CHECKING:
    from tfc.backend.signature import ArraySpec

Array = np.ndarray[Any, Any]
MADE_UP = ("random", "zeros", "ones")
NAMES = {"nan": math.nan, "inf": math.inf, "true": True, "false": False}


def read_arguments(
    words: Sequence[str],
    specs: Sequence[ArraySpec],
    dtypes: Sequence[np.dtype[Any]] | None = None,
) -> list[Array]:
    """The arrays that the words of the command line stand for; `dtypes` knows which integers are unsigned.

    Raises:
        Diagnostic: TFC306 when their number, a dtype, a shape or a number is wrong.
    """
    if len(words) != len(specs):
        expected = ", ".join(spec_text(spec) for spec in specs) or "none"
        message = f"the function takes {len(specs)} arguments, got {len(words)}"
        raise Diagnostic("TFC306", message, notes=[f"expected: {expected}"])
    known = list(dtypes or [])
    if len(known) != len(specs):
        known = [numpy_dtype(spec.dtype) for spec in specs]
    return [
        read_argument(word, spec, dtype, index)
        for index, (word, spec, dtype) in enumerate(zip(words, specs, known, strict=True))
    ]


def spec_text(spec: ArraySpec) -> str:
    """`4x?xf32`."""
    return "x".join([*("?" if n < 0 else str(n) for n in spec.shape), spec.dtype])


def array_text(array: Array) -> str:
    """`2x3xui8`."""
    from tfc.dialects.tfc.attributes import element_type

    return "x".join([*map(str, array.shape), str(element_type(array.dtype))])


def read_argument(word: str, spec: ArraySpec, dtype: np.dtype[Any], index: int) -> Array:
    """The array that one word stands for; raises `Diagnostic` (TFC306, TFC301)."""
    name = f"argument {index} ('{word}')"
    kind, colon, sizes = word.partition(":")
    if kind in MADE_UP:
        made = _made_up(kind, _sizes(word, sizes if colon else None, spec), dtype, name)
        return made.view(numpy_dtype(spec.dtype))
    array = _from_file(word, dtype, name) if word.endswith(".npy") else _typed(word, dtype, name)
    if array.ndim == 0 and spec.shape and -1 not in spec.shape:
        array = np.broadcast_to(array, spec.shape)
    fits = len(array.shape) == len(spec.shape) and all(
        want in (-1, have) for have, want in zip(array.shape, spec.shape, strict=True)
    )
    if not fits:
        raise Diagnostic("TFC306", f"{name} has shape {array.shape}, expected {spec_text(spec)}")
    return np.array(array, order="C").view(numpy_dtype(spec.dtype))


# Made up


def _sizes(word: str, text: str | None, spec: ArraySpec) -> tuple[int, ...]:
    """The shape that `random:3x4` asks for, or that of the type; raises `Diagnostic` where they differ."""
    shape = spec.shape
    if text is not None:
        if not re.fullmatch(r"[0-9]+(x[0-9]+)*", text):
            message = f"'{text}' in '{word}' gives no sizes"
            raise Diagnostic("TFC306", message, notes=["write for example random:3x4"])
        shape = tuple(int(size) for size in text.split("x"))
    if (
        len(shape) != len(spec.shape)
        or any(want not in (-1, have) for have, want in zip(shape, spec.shape, strict=True))
        or -1 in shape
    ):
        message = f"'{word}' does not give the sizes of {spec_text(spec)}"
        raise Diagnostic("TFC306", message, notes=["write for example random:3x4"])
    return shape


def _made_up(kind: str, shape: tuple[int, ...], dtype: np.dtype[Any], name: str) -> Array:
    numbers = np.random.default_rng(0)
    try:
        if kind != "random":
            return np.full(shape, 1 if kind == "ones" else 0, dtype)
        if dtype.kind in "iub":
            drawn: Array = np.asarray(numbers.integers(0, 2 if dtype.kind == "b" else 100, shape))
        else:
            drawn = np.asarray(numbers.standard_normal(shape))
        return drawn.astype(dtype)
    except (MemoryError, ValueError):  # NumPy's word for more bytes than there are addresses
        size = math.prod(shape) * dtype.itemsize
        raise Diagnostic("TFC306", f"{name} does not fit into memory: {size:.3g} bytes") from None


# From files


def _from_file(path: str, dtype: np.dtype[Any], name: str) -> Array:
    try:
        array = np.load(path, allow_pickle=False)
    except (OSError, ValueError, EOFError) as error:
        raise Diagnostic("TFC301", f"{name} cannot be read: {error}") from None
    if array.dtype.itemsize != dtype.itemsize or (array.dtype.kind in "fV") != (dtype.kind in "fV"):
        raise Diagnostic("TFC306", f"{name} has dtype {array.dtype}, expected {dtype}")
    return array.view(dtype)


# Typed


def _typed(word: str, dtype: np.dtype[Any], name: str) -> Array:
    """The array of a number or of a nested list of numbers."""
    try:
        values = _value(ast.parse(word.strip(), mode="eval").body)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        wanted = "a number, a list of numbers, an .npy file, random, zeros or ones"
        raise Diagnostic("TFC306", f"{name} is not an array: expected {wanted}") from None
    for number in _numbers(values):
        _check(number, dtype, name)
    try:
        return np.array(values, dtype)
    except ValueError:
        message = f"{name} is not an array: its lists differ in length or depth"
        raise Diagnostic("TFC306", message) from None


def _value(node: ast.expr) -> Any:
    match node:
        case ast.Constant(value=int() | float() as value):
            return value
        case ast.Name(id=known) if known in NAMES:
            return NAMES[known]
        case ast.UnaryOp(op=ast.USub() | ast.UAdd() as sign, operand=operand):
            value = _value(operand)
            if isinstance(value, list):
                raise ValueError("a sign before a list")
            return -value if isinstance(sign, ast.USub) else value
        case ast.List(elts=items) | ast.Tuple(elts=items):
            return [_value(item) for item in items]
        case _:
            raise ValueError("no number")


def _numbers(values: Any) -> Iterator[int | float]:
    if not isinstance(values, list):
        yield values
        return
    for item in values:  # pyright: ignore[reportUnknownVariableType]
        yield from _numbers(item)


def _check(number: float, dtype: np.dtype[Any], name: str) -> None:
    """Refuse a number that the dtype cannot hold."""
    if dtype.kind == "b":
        fits = number in (0, 1)
    elif dtype.kind in "iu":
        limits = np.iinfo(dtype)
        whole = isinstance(number, int) or number.is_integer()
        fits = whole and int(limits.min) <= number <= int(limits.max)
    else:
        fits = not math.isfinite(number) or _is_finite(number, dtype)
    if not fits:
        raise Diagnostic("TFC306", f"{name}: {number!r} is no {dtype.name}")


def _is_finite(number: float, dtype: np.dtype[Any]) -> bool:
    try:
        with np.errstate(over="ignore"):
            return bool(np.isfinite(np.float64(number).astype(dtype)))
    except OverflowError:  # an int beyond float64
        return False
