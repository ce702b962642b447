"""Context managers that `contextlib.contextmanager` makes of a generator: it is interpreted like the user's other code."""

from __future__ import annotations

import contextlib
from types import FunctionType
from typing import Any

from tfc.tracing import operations
from tfc.tracing.frame import Frame
from tfc.tracing.source import is_user_function

_TWO_WAYS = (
    "TFC004",
    "an exception under a condition on a tensor leaves a context manager made of a generator",
    "make the context manager a class with __enter__ and __exit__",
)


class GeneratorContext:
    """What `contextlib.contextmanager` makes, with an interpreted generator."""

    def __init__(self, frame: Frame, manager: Any) -> None:
        self.generator = operations.call(frame, manager.func, manager.args, manager.kwds)
        self.generator.progress.refusal = _TWO_WAYS

    def __enter__(self) -> Any:
        return next(self.generator)

    def __exit__(self, kind: Any, error: Any, traceback: Any) -> bool:
        try:
            if error is None:
                next(self.generator)
            else:
                self.generator.throw(error)
        except StopIteration as stop:
            return error is not None and stop is not error
        except BaseException as raised:
            if raised is error:
                return False
            raise
        raise RuntimeError("generator didn't stop")


def interpreted_context(frame: Frame, context: Any) -> Any:
    """The context manager to use for one that the program has made."""
    made = contextlib._GeneratorContextManager  # pyright: ignore[reportPrivateUsage]
    if context.__class__ is made:
        function = getattr(context, "func", None)
        if isinstance(function, FunctionType) and is_user_function(function):
            return GeneratorContext(frame, context)
    return context
