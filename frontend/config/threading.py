"""`tf.config.threading`: how many threads one native call may use."""

from __future__ import annotations

from tfc.core.errors import InvalidArgumentError, TFCTypeError

__all__ = [
    "get_inter_op_parallelism_threads",
    "get_intra_op_parallelism_threads",
    "set_inter_op_parallelism_threads",
    "set_intra_op_parallelism_threads",
]


MOST_THREADS = 4096


def _check(num_threads: int) -> None:
    if isinstance(num_threads, bool) or not hasattr(num_threads, "__index__"):
        message = f"num_threads must be an int, got {num_threads!r}"
        raise TFCTypeError("TFC107", message, "use 0 for all CPUs")
    if not 0 <= num_threads <= MOST_THREADS:
        message = f"num_threads must be from 0 to {MOST_THREADS}, got {num_threads}"
        raise InvalidArgumentError("TFC107", message, "use 0 for all CPUs")


def set_intra_op_parallelism_threads(num_threads: int) -> None:
    """Use at most `num_threads` threads in one native call; 0 means one for each CPU of this process.

    Raises `ValueError` (TFC107) for a negative number, or one beyond any machine; `TypeError` for no int.

    >>> import tfc as tf
    >>> tf.config.threading.set_intra_op_parallelism_threads(0)
    """
    _check(num_threads)
    from tfc.backend import runtime

    runtime.set_threads(num_threads or None)


def get_intra_op_parallelism_threads() -> int:
    """How many threads a native call may use.

    >>> import tfc as tf
    >>> tf.config.threading.set_intra_op_parallelism_threads(2)
    >>> tf.config.threading.get_intra_op_parallelism_threads()
    2
    >>> tf.config.threading.set_intra_op_parallelism_threads(0)
    """
    from tfc.backend import runtime

    return runtime.threads()


def set_inter_op_parallelism_threads(num_threads: int) -> None:
    """Accepted as in TensorFlow, without effect: a compiled function is one native call, so no ops run beside each other.

    Errors as `set_intra_op_parallelism_threads`.

    >>> import tfc as tf
    >>> tf.config.threading.set_inter_op_parallelism_threads(2)
    """
    _check(num_threads)


def get_inter_op_parallelism_threads() -> int:
    """Always 0.

    >>> import tfc as tf
    >>> tf.config.threading.get_inter_op_parallelism_threads()
    0
    """
    return 0
