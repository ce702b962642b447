"""The errors that users see: they have a code and a fix, and are also of the Python class that one would expect.

A constraint of an op raises `OpError` deep inside; `raise_op_error` turns it into one of these. They derive from
TensorFlow's `tf.errors` classes and from Python's own, so `except ValueError` and `except tf.errors.InvalidArgumentError`
both catch a wrong shape.
"""

from __future__ import annotations

import functools
from typing import Any, NamedTuple, NoReturn, Self, cast

from tfc.dialects.tfc.semantics.errors import OpError

_HEAP_TYPE = 1 << 9
"""The flag of classes that are made by `class`."""

DOCUMENTATION = "docs/errors.md"


class Site(NamedTuple):
    """Where in the user's program something is wrong, ready to print."""

    lines: str = ""
    """Source lines with notes; the last one has a caret."""
    calls: str = ""
    """The calls that led there: `main.py:40 -> train.py:14`."""


@functools.cache
def _coded(kind: type[TFCError], code: str) -> type[TFCError]:
    """The class whose name shows the code: Python prints `tfc.errors.CompileError[TFC012]: ...`."""
    name = f"{kind.__name__}[{code}]"
    members = {"__module__": "tfc.errors", "__qualname__": name, "plain": kind}
    return type(kind.__name__, (kind,), members)


def _brief(message: str) -> str:
    """The message; one that quotes an array of many lines in one line, as far as there is room."""
    if message.count("\n") < 4:
        return message
    words = " ".join(message.split())
    return words if len(words) <= 200 else words[:200] + " ..."


class TFCError(Exception):
    """Base of all errors: `code` is explained in docs/errors.md, `message` says what is wrong, `fix` gives one edit.

    The text is in the order in which one reads it: what, the lines, `because`, `fix`, the calls that led there. Programs
    raise them as TensorFlow's: `tf.errors.InvalidArgumentError(None, None, "what is wrong")`, without a code.
    """

    plain: type[TFCError] | None = None
    is_of_call = False
    """Whether its text speaks of the public function that was called (`tfc.core.tracebacks.speak_of`)."""

    def __new__(cls, code: Any = None, /, *args: Any, **options: Any) -> Self:
        is_coded = isinstance(code, str) and code != ""
        made = cast(type[Self], _coded(cls, code)) if is_coded and cls.plain is None else cls
        built_in = made
        while (
            built_in.__flags__ & _HEAP_TYPE
        ):  # `super()` may be a class that Python does not lay it out as
            built_in = cast(Any, built_in.__base__)
        return built_in.__new__(made, code, *args)

    def __init__(
        self,
        code: Any = None,
        text: Any = "",
        /,
        fix: str = "",
        where: Site = Site(),  # noqa: B008 - immutable
        because: str = "",
        *,
        node_def: Any = None,
        op: Any = None,
        message: str | None = None,
    ) -> None:
        if not isinstance(code, str):  # TensorFlow's node_def, op, message
            code, text, fix = "", fix if message is None else message, ""
        if isinstance(text, str):
            text = _brief(text)
        super().__init__(code, text, fix, where, because)
        self.code = code
        self.message = text
        self.fix = fix
        self.where = where
        self.because = because

    def __reduce__(self) -> Any:
        return self.plain or type(self), self.args, self.__dict__

    def __str__(self) -> str:
        lines = [str(self.message)]
        if self.where.lines:
            lines.append(self.where.lines)
        if self.because:
            lines.append(f"  because: {self.because}")
        if self.fix:
            lines.append(f"  fix: {self.fix}")
        calls = f"  calls: {self.where.calls}    " if self.where.calls else "  "
        docs = f"docs: {DOCUMENTATION}#{self.code}" if self.code else ""
        if (calls + docs).strip():
            lines.append(f"{calls}{docs}".rstrip())
        return "\n".join(lines)


class InvalidArgumentError(TFCError, ValueError):
    """A value, shape or attribute that an op does not accept."""


class TFCTypeError(InvalidArgumentError, TypeError):
    """A dtype or an object of a type that an op does not accept."""


class IntegerDivisionError(InvalidArgumentError, ZeroDivisionError):
    """An integer is divided by zero."""


class IndexKindError(TFCTypeError, IndexError):
    """What is not an index: a `TypeError` as in TensorFlow, an `IndexError` as in NumPy."""


class OutOfRangeError(InvalidArgumentError, IndexError):
    """An index outside a tensor."""


class FailedPreconditionError(TFCError, RuntimeError):
    """Something is used before it is ready or after it is gone."""


class NotFoundError(TFCError, FileNotFoundError):
    """Something that was asked for by name, such as a file, does not exist."""


class AlreadyExistsError(TFCError, FileExistsError):
    """Something that was to be made exists."""


class PermissionDeniedError(TFCError, PermissionError):
    """The user may not do that."""


class UnauthenticatedError(TFCError, PermissionError):
    """It is not known who the user is."""


class UnimplementedError(TFCError, NotImplementedError):
    """What is asked for is meaningful and not there."""


class ResourceExhaustedError(TFCError, MemoryError):
    """Memory, or something else that is limited, ran out."""


class DeadlineExceededError(TFCError, TimeoutError):
    """It took too long."""


class UnavailableError(TFCError, ConnectionError):
    """A service does not answer."""


class AbortedError(TFCError, RuntimeError):
    """Somebody else's work got in between."""


class CancelledError(TFCError, RuntimeError):
    """It was called off."""


class DataLossError(TFCError, OSError):
    """Stored data is damaged."""


class InternalError(TFCError, RuntimeError):
    """The library is at fault."""


class UnknownError(TFCError, RuntimeError):
    """Something failed without saying how."""


class CompileError(TFCError):
    """A function that cannot be compiled as it is written."""


_TYPE_CODES = frozenset(("TFC101", "TFC102", "TFC108"))
_INDEX_CODES = frozenset(("TFC201", "TFC207"))
_DIVISION_CODES = frozenset(("TFC202",))


_RUN_TIME_FIXES = {
    "TFC103": "make the sizes equal or 1, aligned from the last dimension (tf.reshape)",
    "TFC106": "make the sizes equal (tf.reshape, slicing, tf.pad)",
    "TFC107": "keep sizes and counts at 0 or more, tf.maximum(n, 0), and steps other than 0",
    "TFC201": "keep it inside: tf.clip_by_value(i, 0, size - 1), or test it with 'if' before",
    "TFC202": "divide by tf.maximum(n, 1), or use tf.math.divide_no_nan",
    "TFC203": "convert first: tf.cast(x, tf.float32)",
    "TFC207": "make a mask of the shape of what it selects from",
}
"""Edits for failures of compiled code, which states only what happened."""


def user_error(error: OpError, where: Site = Site()) -> TFCError:  # noqa: B008 - immutable
    """The error to show for a constraint that failed."""
    kind: type[TFCError] = InvalidArgumentError
    if error.code in _TYPE_CODES:
        kind = TFCTypeError
    elif error.code in _INDEX_CODES:
        kind = OutOfRangeError
    elif error.code in _DIVISION_CODES:
        kind = IntegerDivisionError
    return kind(error.code, error.message, error.fix or _RUN_TIME_FIXES.get(error.code, ""), where)


def raise_op_error(error: OpError) -> NoReturn:
    """Raise the user's form of `error`, without library frames in its cause."""
    raise user_error(error) from None
