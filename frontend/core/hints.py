"""Hints where Python itself raises: names of NumPy, PyTorch and JAX on tensors, and old names of TensorFlow."""

from __future__ import annotations

import re
from typing import Any

_ATTRIBUTES = {
    "T": "tf.transpose(x)", "all": "tf.reduce_all(x)", "any": "tf.reduce_any(x)",
    "assign": "a tf.Variable", "assign_add": "a tf.Variable", "assign_sub": "a tf.Variable",
    "argmax": "tf.argmax(x, axis)", "argmin": "tf.argmin(x, axis)", "astype": "tf.cast(x, dtype)",
    "at": "x[i] = v in a compiled function, or tf.tensor_scatter_nd_update",
    "backward": "tape.gradient(y, x) of a tf.GradientTape", "clip": "tf.clip_by_value(x, low, high)",
    "clone": "tf.identity(x)", "copy": "tf.identity(x)",
    "cumsum": "tf.cumsum(x)", "detach": "tf.stop_gradient(x)", "dim": "x.ndim", "dot": "tf.tensordot",
    "double": "tf.cast(x, tf.float64)", "expand": "tf.broadcast_to(x, shape)",
    "fill": "tf.fill(shape, value)", "flatten": "tf.reshape(x, [-1])",
    "float": "tf.cast(x, tf.float32)", "half": "tf.cast(x, tf.float16)",
    "int": "tf.cast(x, tf.int32)", "item": "int(x) or float(x)", "long": "tf.cast(x, tf.int64)",
    "max": "tf.reduce_max(x)", "mean": "tf.reduce_mean(x)", "min": "tf.reduce_min(x)",
    "nonzero": "tf.where(x != 0)", "norm": "tf.norm(x)", "numel": "tf.size(x)",
    "permute": "tf.transpose(x, order)", "prod": "tf.reduce_prod(x)", "ravel": "tf.reshape(x, [-1])",
    "repeat": "tf.repeat(x, n)", "reshape": "tf.reshape(x, shape)", "round": "tf.round(x)",
    "size": "tf.size(x), or x.shape", "sort": "tf.sort(x)", "squeeze": "tf.squeeze(x)",
    "std": "tf.math.reduce_std(x)", "sum": "tf.reduce_sum(x)", "swapaxes": "tf.transpose(x, order)",
    "tolist": "x.numpy().tolist(), outside of compiled functions", "transpose": "tf.transpose(x)",
    "type": "x.dtype, or tf.cast(x, dtype)", "unsqueeze": "tf.expand_dims(x, axis)",
    "var": "tf.math.reduce_variance(x)", "view": "tf.reshape(x, shape)",
}  # fmt: skip

_MODULE_NAMES = {
    "Session": "call functions directly; @tf.function compiles them",
    "placeholder": "write a function that takes the value as its argument",
    "get_variable": "use tf.Variable",
    "global_variables_initializer": "leave it out: variables have their values at once",
    "to_float": "use tf.cast(x, tf.float32)",
    "log": "use tf.math.log",
    "arange": "use tf.range",
    "array": "use tf.constant",
    "mean": "use tf.reduce_mean",
    "sum": "use tf.reduce_sum",
    "max": "use tf.reduce_max",
    "min": "use tf.reduce_min",
    "dot": "use tf.tensordot or tf.matmul",
    "cat": "use tf.concat",
    "concatenate": "use tf.concat",
    "tensor": "use tf.constant",
} | dict.fromkeys(
    ("Module", "complex128", "complex64", "data", "io", "keras", "losses", "metrics", "optimizers", "ragged", "saved_model",
     "sparse", "string", "strings", "summary", "train"),
    "tfc does not have it; docs/tensorflow.md lists what is there",
)  # fmt: skip

_KEYWORDS = {
    "dim": "axis",
    "keep_dims": "keepdims",
    "keepdim": "keepdims",
    "reduction_indices": "axis",
    "dimension": "axis",
    "concat_dim": "axis",
}

_SEARCHED = ("math", "nn", "linalg", "random", "bitwise", "debugging", "nest", "config")
"""Modules in which a name is looked for that `tfc` itself does not have."""

_NOT_IMPORTED = re.compile(r"cannot import name '(\w+)' from '(tfc[\w.]*)'")
_UNEXPECTED = re.compile(r"got an unexpected keyword argument '(\w+)'")


def public_name(name: str) -> str:
    """Where tfc has a function of this name, as `tf.nn.relu`; empty when nowhere."""
    from tfc import __dict__ as names

    for module in ("", *_SEARCHED):
        values = vars(names[module]) if module else names
        if name in values["__all__"] and callable(values[name]):
            return f"tf.{module}.{name}" if module else f"tf.{name}"
    return ""


def of_module(module: str, name: str) -> str:
    """The edit for a name that a public module does not have; empty when there is none to give."""
    if module == "tfc" and name in _MODULE_NAMES:
        return _MODULE_NAMES[name]
    found = public_name(name)
    return f"use {found}" if found else ""


def missing_name(module: Any, name: str) -> AttributeError:
    """The error for a name that a public module does not have."""
    message = f"module {module.__name__!r} has no attribute {name!r}"
    fix = "" if name.startswith("__") else of_module(module.__name__, name)
    if fix:
        return AttributeError(f"{message}\n  fix: {fix}", name=name)
    return AttributeError(message, name=name, obj=module)  # Python looks for a name that is near


def hint(error: BaseException) -> str:
    """The edit for one of Python's own errors; empty when there is none to give."""
    from tfc.core.tensor import Tensor

    if isinstance(error, AttributeError):
        owner, name = error.obj, error.name
        if isinstance(owner, Tensor) and name in _ATTRIBUTES:
            return f"use {_ATTRIBUTES[name]}"
        return ""
    if isinstance(error, ImportError):
        wanted = _NOT_IMPORTED.search(str(error))
        return of_module(wanted[2], wanted[1]) if wanted else ""
    found = _UNEXPECTED.search(str(error)) if isinstance(error, TypeError) else None
    known = _KEYWORDS.get(found[1]) if found else None
    return f"the argument is called {known}" if known else ""
