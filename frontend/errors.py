"""`tf.errors`: the classes of errors, under TensorFlow's names. Each also derives from the Python class one would expect."""

from tfc.core.errors import (
    CompileError,
    FailedPreconditionError,
    InvalidArgumentError,
    OutOfRangeError,
    TFCTypeError,
)
from tfc.core.errors import TFCError as OpError

__all__ = [
    "CompileError",
    "FailedPreconditionError",
    "InvalidArgumentError",
    "OpError",
    "OutOfRangeError",
    "TFCTypeError",
]
