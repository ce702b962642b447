"""`tf.config.threading`: how many threads one native call may use."""

from __future__ import annotations

from tfc.core.errors import InvalidArgumentError

__all__ = [
    "get_inter_op_parallelism_threads",
    "get_intra_op_parallelism_threads",
    "set_inter_op_parallelism_threads",
    "set_intra_op_parallelism_threads",
]


def set_intra_op_parallelism_threads(num_threads: int) -> None:
    """Use at most `num_threads` threads in one native call; 0 means one for each CPU of this process.

    Raises `ValueError` (TFC107) for a negative number.

    >>> import tfc as tf
    >>> tf.config.threading.set_intra_op_parallelism_threads(0)
    """
    if num_threads < 0:
        raise InvalidArgumentError(
            "TFC107", f"num_threads must not be negative, got {num_threads}", "use 0 for all CPUs"
        )
    from tfc.backend import runtime

    runtime.set_threads(num_threads or None)


def get_intra_op_parallelism_threads() -> int:
    """How many threads a native call may use."""
    from tfc.backend import runtime

    return runtime.threads()


def set_inter_op_parallelism_threads(num_threads: int) -> None:
    """Accepted for TensorFlow's sake: a compiled function is one native call, so there is nothing between ops."""
    if num_threads < 0:
        raise InvalidArgumentError("TFC107", f"num_threads must not be negative, got {num_threads}")


def get_inter_op_parallelism_threads() -> int:
    """Always 0."""
    return 0
