"""The same expression in TensorFlow and here: `cases.txt` has them, `recorded.json` what TensorFlow's values are.

An expression uses `tf`, `np` and the names of `Names`: makers of tensors by dtype, of smooth test data, gradients, printed text.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

FOLDER = Path(__file__).parent
_DTYPES = {
    "f16": "float16", "f32": "float32", "f64": "float64", "i8": "int8", "i32": "int32", "i64": "int64",
    "u8": "uint8", "u32": "uint32", "boolean": "bool",
}  # fmt: skip
_TOLERANCES = {"float16": 4e-3, "bfloat16": 2e-2, "float32": 2e-5, "float64": 1e-9}


def cases() -> list[str]:
    """The expressions of `cases.txt`."""
    lines = (FOLDER / "cases.txt").read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def recorded() -> dict[str, Any]:
    """What TensorFlow gave for each expression."""
    return json.loads((FOLDER / "recorded.json").read_text(encoding="utf-8"))


def names(tf: Any) -> dict[str, Any]:
    """What the expressions may use, on top of either library."""

    def maker(dtype: str) -> Callable[[Any], Any]:
        return lambda values: tf.constant(np.array(values, dtype))

    def wave(*shape: int, k: int = 1) -> np.ndarray:
        places = np.arange(int(np.prod(shape)))
        return (np.sin(places * (1.7 + k * 0.31) + k) * 2.0).reshape(shape).astype(np.float32)

    def definite(n: int, k: int = 1, batch: Sequence[int] = ()) -> Any:
        a = wave(*batch, n, n, k=k)
        return tf.constant((a @ np.swapaxes(a, -1, -2) + np.eye(n) * 1.5).astype(np.float32))

    def variable(values: Any) -> Any:
        array = np.array(values)
        return tf.Variable(array.astype({"f": np.float32, "i": np.int32}[array.dtype.kind]))

    def gradient(function: Callable[..., Any], *sources: Any) -> Any:
        with tf.GradientTape() as tape:
            for source in sources:
                tape.watch(source)
            target = function(*sources)
        return tape.gradient(target, list(sources))

    def printed(*values: Any, **options: Any) -> str:
        with tempfile.NamedTemporaryFile("r") as file:
            tf.print(*values, output_stream=f"file://{file.name}", **options)
            return file.read()

    return {
        "tf": tf,
        "np": np,
        "nan": float("nan"),
        "inf": float("inf"),
        "zeros": lambda *shape: np.zeros(shape),
        "bf16": lambda values: tf.cast(tf.constant(np.array(values, np.float32)), tf.bfloat16),
        "wave": lambda *shape, k=1: tf.constant(wave(*shape, k=k)),
        "positive": lambda *shape, k=1: tf.constant(np.abs(wave(*shape, k=k)) + np.float32(0.1)),
        "definite": definite,
        "variable": variable,
        "gradient": gradient,
        "printed": printed,
    } | {name: maker(dtype) for name, dtype in _DTYPES.items()}


def evaluated(tf: Any, expression: str, scope: dict[str, Any]) -> Any:
    """The value of an expression as JSON has it; of an exception the names of its classes."""
    try:
        return _plain(tf, eval(expression, scope))
    except Exception as error:
        return {"raises": [kind.__name__ for kind in type(error).__mro__[:-3]]}


def _plain(tf: Any, value: Any) -> Any:
    if isinstance(value, tf.Tensor | tf.Variable):
        array = np.asarray(value)
        name = value.dtype.name
        wide = array.astype(np.float64) if array.dtype.kind in "fV" else array
        return {"dtype": name, "shape": list(array.shape), "values": wide.ravel().tolist()}
    if isinstance(value, np.ndarray | np.generic):
        return {"numpy": _plain(tf, tf.constant(value))}
    if isinstance(value, list | tuple):
        kind = "list" if isinstance(value, list) else "tuple"
        return [kind, *[_plain(tf, item) for item in value]]
    if isinstance(value, bool | int | float | str | None):
        return value
    return type(value).__name__ if " object at " in repr(value) else repr(value)


def differs(ours: Any, theirs: Any) -> bool:
    """Whether two results are apart: other classes of exceptions, dtypes, shapes, texts, or values beyond rounding."""
    if isinstance(theirs, dict) and isinstance(ours, dict) and ours.keys() == theirs.keys():
        if "raises" in theirs:
            return not set(ours["raises"]) & set(theirs["raises"])
        if "numpy" in theirs:
            return differs(ours["numpy"], theirs["numpy"])
        if (ours["dtype"], ours["shape"]) != (theirs["dtype"], theirs["shape"]):
            return True
        tolerance = _TOLERANCES.get(theirs["dtype"], 0.0)
        return not np.allclose(
            ours["values"], theirs["values"], tolerance, tolerance / 10, equal_nan=True
        )
    if isinstance(theirs, list) and isinstance(ours, list) and len(ours) == len(theirs):
        return any(differs(*pair) for pair in zip(ours, theirs, strict=True))
    return ours != theirs
