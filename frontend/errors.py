"""`tf.errors`: the classes of errors, under TensorFlow's names. Each also derives from the Python class one would expect."""

from tfc.core.errors import (
    CompileError,
    FailedPreconditionError,
    IntegerDivisionError,
    InvalidArgumentError,
    OutOfRangeError,
    TFCTypeError,
)
from tfc.core.errors import TFCError as OpError

__all__ = [
    "CompileError",
    "FailedPreconditionError",
    "IntegerDivisionError",
    "InvalidArgumentError",
    "OpError",
    "OutOfRangeError",
    "TFCTypeError",
]
