"""Library functions that must not simply run while tracing: clocks, random numbers, and NumPy's functions of tensors."""

from __future__ import annotations

import array
import functools
import io
import os
import warnings
from collections.abc import Callable
from types import FunctionType
from typing import Any

from tfc.core import hints
from tfc.core.errors import CompileError
from tfc.graph.nodes import Location
from tfc.tracing.frame import Frame
from tfc.tracing.syntax.source import is_user_function

_CLOCKS = frozenset(
    ("time", "time_ns", "perf_counter", "perf_counter_ns", "monotonic", "monotonic_ns",
     "process_time", "process_time_ns", "localtime", "gmtime", "ctime", "strftime")
)  # fmt: skip
_CLOCK_METHODS = frozenset(("now", "utcnow", "today"))
_ENTROPY = frozenset(
    (("posix", "urandom"), ("nt", "urandom"), ("uuid", "uuid1"), ("uuid", "uuid4"))
)
_READERS = frozenset(
    ("getenv", "getcwd", "listdir", "access", "exists", "lexists", "isfile", "isdir", "islink", "getsize",
     "getmtime", "cpu_count", "getpid", "getppid", "is_file", "is_dir", "read_text", "read_bytes")
)  # fmt: skip
_READING_MODULES = frozenset(("os", "posix", "nt", "posixpath", "ntpath", "genericpath", "pathlib"))
_QUEUE_METHODS = frozenset(("get", "put", "get_nowait", "put_nowait", "qsize", "empty", "full"))


def reads_the_world(callee: Any, arguments: tuple[Any, ...]) -> bool:
    """Whether a call gives what the environment or the file system holds when it is made."""
    if arguments and arguments[0] is os.environ:  # methods come as functions
        return True
    return (
        getattr(callee, "__name__", "") in _READERS
        and getattr(callee, "__module__", None) in _READING_MODULES
    )


_LOGGING = frozenset(
    ("debug", "info", "warning", "warn", "error", "critical", "fatal", "exception", "log")
)


def host_effect(
    frame: Frame, callee: Any, arguments: tuple[Any, ...]
) -> tuple[Callable[..., None], tuple[Any, ...]] | None:
    """What is called at run time, in order, for a library function that only has an effect; None for others."""
    if (
        getattr(callee, "__module__", None) == "logging"
        and getattr(callee, "__name__", "") in _LOGGING
    ):
        if "." in callee.__qualname__:  # a method comes as a function
            return functools.partial(callee, arguments[0]), arguments[1:]
        return callee, arguments
    if callee is warnings.warn:
        registry = frame.globals.setdefault("__warningregistry__", {})
        return functools.partial(_warn, frame.location, registry), arguments
    return None


def _warn(
    location: Location,
    registry: dict[Any, Any],
    message: Any,
    category: type[Warning] | None = None,
    stacklevel: int = 1,
    source: Any = None,
) -> None:
    """`warnings.warn` as if called at a line of the user's, whatever its `stacklevel`."""
    del stacklevel
    kind = type(message) if isinstance(message, Warning) else category or UserWarning
    warnings.warn_explicit(
        message, kind, location.file, location.line, registry=registry, source=source
    )


def refusal(callee: Any) -> tuple[str, str] | None:
    """Why a function is refused, and what to write instead; None when it may run."""
    owner = getattr(callee, "__self__", None)
    module = getattr(callee, "__module__", None) or getattr(owner, "__name__", "")
    name = getattr(callee, "__name__", "")
    kind = type(owner)
    if module == "random" or kind.__module__ in ("random", "_random"):
        return (
            f"random.{name}() would run once, while compiling, and never again",
            "use tf.random.uniform([]), or pass the number in as an argument",
        )
    if str(module).startswith("numpy.random") or kind.__module__.startswith("numpy.random"):
        return (
            f"np.random.{name}() would run once, while compiling, and never again",
            "use tf.random.normal or tf.random.uniform, or pass the array in as an argument",
        )
    if module == "secrets" or (module, name) in _ENTROPY:
        return (
            f"{module}.{name}() would run once, while compiling, and never again",
            "use tf.random.uniform([]), or pass the value in as an argument",
        )
    if name in _CLOCK_METHODS and getattr(owner, "__module__", "") == "datetime":
        return (
            f"{getattr(owner, '__name__', 'datetime')}.{name}() would run once, while compiling, and never again",
            "take the time outside and pass it in as an argument",
        )
    if callee is input:
        return (
            "input() would ask once, while compiling, and never again",
            "ask outside and pass the answer in as an argument",
        )
    if callee is open:
        return (
            "open() would run once, while compiling, and never again",
            "read the file outside and pass in what it holds, or use tf.py_function",
        )
    if module in ("queue", "_queue") and name in _QUEUE_METHODS:
        return (
            f"{name}() of a queue would run once, while compiling, and never again",
            "take the item outside and pass it in as an argument",
        )
    if module == "time" and name in _CLOCKS:
        return (
            f"time.{name}() would run once, while compiling, and never again",
            "take the time outside, or use tf.timestamp()",
        )
    return None


_COLLECT = "collect the values in a list, and use it where they are complete"
_KEEPERS: dict[type, str] = {
    io.StringIO: _COLLECT,
    io.BytesIO: _COLLECT,
    array.array: _COLLECT,
}
"""Classes of the library whose objects change in ways that the journal does not see, and what to use instead."""
_KEEPERS_READ = frozenset(("getvalue", "getbuffer", "tell", "tolist", "count", "index"))


def noted(frame: Frame, made: Any) -> Any:
    """What library code gives: an object that can change belongs to the path that has made it."""
    if made.__class__ in _KEEPERS:
        frame.trace.journal.created(made)
    return made


def shared_change(frame: Frame, callee: Any, arguments: tuple[Any, ...]) -> tuple[str, str] | None:
    """Why a call may not change an object of the library on some paths only; None when it does not."""
    owner = getattr(callee, "__self__", arguments[0] if arguments else None)
    kind = owner.__class__
    name = getattr(callee, "__name__", "")
    if kind not in _KEEPERS or name in _KEEPERS_READ or not frame.trace.inside_arm:
        return None
    if frame.trace.journal.is_fresh(owner):
        return None
    what = f"{name}() of a {kind.__name__} would run once, while compiling, and on every path"
    return what, _KEEPERS[kind]


def explain_library_call(error: CompileError, callee: Any) -> None:
    """Say whose code asked for a value, and name the function of tfc that does the same."""
    module, name = getattr(callee, "__module__", None), getattr(callee, "__name__", "")
    if "while compiling, without" in error.because:
        return
    if isinstance(callee, FunctionType) and is_user_function(callee):
        error.because = (
            f"{name!r} has no source to be read: it runs while compiling, without values"
        )
        error.fix = "define the function in a file"
        return
    if not module or module.partition(".")[0] == "tfc":
        return
    error.because = f"{module}.{name} is library code: it runs while compiling, without values"
    if error.message.startswith("a NumPy array"):
        found = hints.public_name(name)
        call = f"tf.numpy_function({module}.{name}, [x], tf.float32)"
        error.fix = f"use {found}" if found else f"call it when the compiled code runs: {call}"
