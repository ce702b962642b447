"""What structures TensorFlow programs without computing: devices, names, order of effects, and asking where one is.

There is one device, and effects happen in the order in which they are written; so most of these do nothing.
"""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from typing import Any, Self

from tfc.core.errors import InvalidArgumentError
from tfc.core.operands import Operands
from tfc.core.recording import STATE


def device(device_name: str | None) -> AbstractContextManager[None]:
    """A block whose ops run on `device_name`: on the CPU, the only device.

    Raises:
        ValueError: the name is of another device (TFC107).

    >>> import tfc as tf
    >>> with tf.device("/CPU:0"):
    ...     tf.constant(1).numpy()
    np.int32(1)
    """
    kind = "CPU" if device_name is None else str(device_name).upper()
    if "CPU" not in kind:
        raise InvalidArgumentError(
            "TFC107", f"device: there is no {device_name!r}", "use '/CPU:0', or leave it out"
        )
    return nullcontext()


class name_scope:  # noqa: N801 - TensorFlow's name
    """A block with a name. Names of ops are those of the user's source lines, so it has no effect; `as` gives the name.

    >>> import tfc as tf
    >>> with tf.name_scope("layer") as scope:
    ...     scope
    'layer/'
    """

    def __init__(self, name: str) -> None:
        self.name = name

    def __enter__(self) -> str:
        return f"{self.name}/"

    def __exit__(self, *_: object) -> None:
        return None


def control_dependencies(control_inputs: Any) -> AbstractContextManager[None]:
    """A block that comes after `control_inputs`. Ops run in the order of the program here, so it does nothing.

    >>> import tfc as tf
    >>> v = tf.Variable(1.0)
    >>> with tf.control_dependencies([v.assign(2.0)]):
    ...     doubled = v * 2.0
    >>> doubled.numpy()
    np.float32(4.0)
    """
    return nullcontext()


class init_scope:  # noqa: N801 - TensorFlow's name
    """A block that runs eagerly, once, while the compiled function around it is traced.

    >>> import tfc as tf
    >>> @tf.function
    ... def f(x):
    ...     with tf.init_scope():
    ...         eager = tf.executing_eagerly()
    ...     return eager, tf.executing_eagerly()
    >>> f(1.0)
    (True, False)
    """

    def __enter__(self) -> Self:
        self._outside = STATE.recorder, STATE.tapes
        STATE.recorder, STATE.tapes = None, ()
        return self

    def __exit__(self, *_: object) -> None:
        STATE.recorder, STATE.tapes = self._outside


def executing_eagerly() -> bool:
    """Whether ops run at once: not while a function is compiled.

    >>> import tfc as tf
    >>> tf.executing_eagerly()
    True
    """
    return STATE.recorder is None


def group(*inputs: Any, name: str | None = None) -> None:
    """One operation that stands for several. Here they have run when it is called, so it does nothing.

    >>> import tfc as tf
    >>> v = tf.Variable(1.0)
    >>> tf.group(v.assign_add(1.0), v.assign_add(1.0))
    >>> v.numpy()
    np.float32(3.0)
    """


def no_op(name: str | None = None) -> None:
    """Nothing, for programs that need an operation in this place.

    >>> import tfc as tf
    >>> tf.no_op()
    """


def is_tensor(x: Any) -> bool:
    """Whether `x` is a tensor or a variable.

    >>> import tfc as tf
    >>> tf.is_tensor(tf.constant(1)), tf.is_tensor([1])
    (True, False)
    """
    return isinstance(x, Operands) and not getattr(x, "stands_for_array", False)
