"""The errors that users see: coded, with a fix, and also the Python class that one would expect.

A constraint of an op raises `OpError` deep inside; `raise_op_error` turns it into one of these. They derive from
TensorFlow's `tf.errors` classes and from Python's own, so `except ValueError` and `except tf.errors.InvalidArgumentError`
both catch a wrong shape.
"""

from __future__ import annotations

from typing import NoReturn

from tfc.dialects.tfc.semantics.errors import OpError


class TFCError(Exception):
    """Base of all errors: `code` is explained in docs/errors.md, `message` says what is wrong, `fix` gives one edit."""

    def __init__(self, code: str, message: str, fix: str = "", where: str = "") -> None:
        self.code = code
        self.message = message
        self.fix = fix
        self.where = where
        """Lines that show the user's source, ready to print."""
        super().__init__(self._text())

    def _text(self) -> str:
        lines = [f"[{self.code}] {self.message}"]
        if self.where:
            lines.append(self.where)
        if self.fix:
            lines.append(f"  fix: {self.fix}")
        return "\n".join(lines)


class InvalidArgumentError(TFCError, ValueError):
    """A value, shape or attribute that an op does not accept."""


class TFCTypeError(InvalidArgumentError, TypeError):
    """A dtype or an object of a type that an op does not accept."""


class IntegerDivisionError(InvalidArgumentError, ZeroDivisionError):
    """An integer is divided by zero."""


class OutOfRangeError(InvalidArgumentError, IndexError):
    """An index outside a tensor."""


class FailedPreconditionError(TFCError, RuntimeError):
    """Something is used before it is ready or after it is gone."""


class CompileError(TFCError):
    """A function that cannot be compiled as it is written."""


_TYPE_CODES = frozenset(("TFC101", "TFC102", "TFC108"))
_INDEX_CODES = frozenset(("TFC201",))
_DIVISION_CODES = frozenset(("TFC202",))


def user_error(error: OpError, where: str = "") -> TFCError:
    """The error to show for a constraint that failed."""
    kind: type[TFCError] = InvalidArgumentError
    if error.code in _TYPE_CODES:
        kind = TFCTypeError
    elif error.code in _INDEX_CODES:
        kind = OutOfRangeError
    elif error.code in _DIVISION_CODES:
        kind = IntegerDivisionError
    return kind(error.code, error.message, error.fix, where)


def raise_op_error(error: OpError) -> NoReturn:
    """Raise the user's form of `error`, without library frames in its cause."""
    raise user_error(error) from None
