"""Shapes as arguments: ints, tensors of ints, and lists that mix ints with scalar tensors.

A size is an `int` where it is known and a rank-0 integer tensor where it is known only at run time. What a shape tensor is made
of is looked up in the trace, so that `tf.reshape(x, [tf.shape(x)[0], -1])` keeps the sizes that are static.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import numpy as np
from tfc.core.convert import convert
from tfc.core.dispatch import apply
from tfc.core.errors import InvalidArgumentError, TFCTypeError
from tfc.core.recording import STATE
from tfc.core.shape import TensorShape
from tfc.core.tensor import Tensor
from tfc.dialects.tfc.semantics import shape as semantics
from tfc.dialects.tfc.semantics.dtypes import INT32
from tfc.ops.applying import is_array, is_tensor_like

Size = int | Tensor
Answer = TypeVar("Answer")
LARGEST_SIZE = 1 << 56


def as_sizes(value: Any, what: str) -> list[Size]:
    """The sizes in `value`: a sequence of ints and scalar tensors, a `TensorShape`, a rank-1 integer tensor or array, an int.

    Raises `TypeError` TFC108 for anything else; `what` names the argument in messages.
    """
    if isinstance(value, TensorShape):
        return [as_size(_known(size, what), what) for size in value.as_tuple()]
    if is_tensor_like(value) or is_array(value):
        return elements(convert(value), what)
    if isinstance(value, list | tuple):
        return [as_size(item, what) for item in value]  # pyright: ignore[reportUnknownVariableType]
    if (
        isinstance(value, str | bytes)
        or hasattr(value, "__index__")
        or not hasattr(value, "__iter__")
    ):
        return [as_size(value, what)]
    return [as_size(item, what) for item in value]


def as_size(value: Any, what: str) -> Size:
    """One size: an int, or a rank-0 integer tensor."""
    if value.__class__ is int:
        return _addressable(value, what)
    if hasattr(value, "as_size"):  # a Python number of run time
        value = value.as_size()
    if is_tensor_like(value):
        return scalar(convert(value), what)
    try:
        if not isinstance(value, bool):
            return _addressable(operator.index(value), what)
    except TypeError:
        pass
    raise TFCTypeError(
        "TFC108",
        f"{what}: expected integers, got {value!r}",
        "give ints, or an integer tensor",
    )


def _addressable(size: int, what: str) -> int:
    if abs(size) < LARGEST_SIZE:
        return size
    raise InvalidArgumentError("TFC107", f"{what}: {size} is larger than any memory")


def _known(size: Any, what: str) -> Any:
    if size is None:
        raise InvalidArgumentError(
            "TFC107",
            f"{what}: the shape has an unknown size",
            "use tf.shape(x), or -1 in tf.reshape",
        )
    return size


def scalar(tensor: Tensor, what: str) -> Size:
    """A rank-0 integer tensor as a size: an int where its value is known."""
    kind = tensor.type
    if kind.dtype.kind not in "iu":
        raise TFCTypeError(
            "TFC102",
            f"{what}: expected an integer tensor, got {kind.dtype.name}",
            "convert with tf.cast(x, tf.int32)",
        )
    if kind.shape:
        if kind.shape != (1,):
            raise InvalidArgumentError(
                "TFC105", f"{what}: expected a scalar, got {kind}", "index the tensor"
            )
        return elements(tensor, what)[0]
    known = constant_value(tensor)
    return tensor if known is None else int(known)


def elements(tensor: Tensor, what: str) -> list[Size]:
    """The entries of a rank-1 integer tensor (one for a scalar), as sizes."""
    kind = tensor.type
    if not kind.shape:
        return [scalar(tensor, what)]
    if kind.dtype.kind not in "iu":
        raise TFCTypeError(
            "TFC102",
            f"{what}: expected an integer tensor, got {kind.dtype.name}",
            "convert with tf.cast(x, tf.int32)",
        )
    if len(kind.shape) != 1 or kind.shape[0] is None:
        raise InvalidArgumentError(
            "TFC105",
            f"{what}: expected a vector of known length, got {kind}",
            "the rank of a tensor must be known: give a list of sizes",
        )
    known = constant_value(tensor)
    if known is not None:
        return [int(item) for item in known]
    parts = parts_of(tensor)
    if parts is not None:
        return [scalar(part, what) for part in parts]
    from tfc.ops.slicing import entry

    return [entry(tensor, 0, position) for position in range(kind.shape[0])]


def require_matrix(function: str, x: Tensor) -> Tensor:
    """`x`, after raising TFC105 unless it is a matrix or a batch of them."""
    if len(x.type.shape) < 2:
        raise InvalidArgumentError(
            "TFC105",
            f"{function}: expected rank 2 or more, got {x.type}",
            "use tf.expand_dims to make a matrix of it",
        )
    return x


def require_rows(function: str, tensor: Tensor) -> Tensor:
    """`tensor`, after raising TFC105 for a scalar."""
    if not tensor.type.shape:
        raise InvalidArgumentError(
            "TFC105",
            f"{function}: expected rows to go through, got {tensor.type}",
            "pass rank 1 or more",
        )
    return tensor


# -- what the trace knows -----------------------------------------------------------------------


def known_value(tensor: Tensor) -> np.ndarray | None:
    """The values of a tensor that are known now: those of every eager tensor, and of constants in a trace."""
    if tensor.__class__ is Tensor:
        return tensor._array
    node = _producer(tensor)
    if node is not None and node.spec.name == "arith.constant":
        return node.attributes["value"]
    return None


def constant_value(tensor: Tensor) -> np.ndarray | None:
    """`known_value`, where what a trace reads of the world outside is better made a constant than not known."""
    known = known_value(tensor)
    if known is None and STATE.recorder is not None:
        contents = STATE.recorder.look(tensor, np.ndarray.tobytes)
        if contents is not None:
            dtype, shape = tensor.type
            return np.frombuffer(contents, dtype).reshape([size or 0 for size in shape])
    return known


def looked_at(tensor: Tensor, ask: Callable[[np.ndarray], Answer]) -> Answer | None:
    """What `ask`, which is no lambda, tells of the values of a tensor; None in a trace that does not know them."""
    known = known_value(tensor)
    if known is not None:
        return ask(known)
    recorder = STATE.recorder
    return None if recorder is None else recorder.look(tensor, ask)


def parts_of(tensor: Tensor) -> list[Tensor] | None:
    """The scalars that a rank-1 tensor of a trace was stacked or concatenated from, None when it was not."""
    if tensor.__class__ is Tensor:
        return None
    node = _producer(tensor)
    if node is None:
        return None
    if node.spec.name == "tfc.stack" and len(node.outputs[0].type.shape) == 1:
        return [_tensor(value, tensor) for value in node.inputs]
    if node.spec.name == "tfc.concat" and len(node.outputs[0].type.shape) == 1:
        parts: list[Tensor] = []
        for value in node.inputs:
            inner = _tensor(value, tensor)
            known = constant_value(inner)
            found = (
                parts_of(inner) if known is None else [Tensor._wrap(np.asarray(i)) for i in known]
            )
            if found is None:
                return None
            parts += found
        return parts
    return None


def dim_source(size: Tensor) -> tuple[int, int] | None:
    """For a size that was read off a tensor of the trace: which tensor (its identity) and which axis."""
    node = _producer(size)
    if node is None or node.spec is not semantics.dim:
        return None
    return id(node.inputs[0]), node.attributes["axis"]


def is_dim_of(size: Size, x: Tensor, axis: int) -> bool:
    """Whether `size` is known to be the size of `axis` of `x`."""
    known = x.type.shape[axis]
    if isinstance(size, int):
        return size == known
    value = _value_of(x)
    return value is not None and dim_source(size) == (id(value), axis)


def _producer(tensor: Tensor) -> Any:
    value = _value_of(tensor)
    return None if value is None else value.node


def _value_of(tensor: Tensor) -> Any:
    """What a tensor of a trace is in its graph."""
    return None if tensor.__class__ is Tensor else getattr(tensor, "_value", None)


def _tensor(value: Any, like: Tensor) -> Tensor:
    """The tensor of a value of the trace that `like` belongs to."""
    from tfc.tracing.values.symbolic import make_symbolic

    return make_symbolic(value, like._scope)  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType, reportUnknownVariableType]


# -- handing sizes to an op ---------------------------------------------------------------------


def split_sizes(sizes: Sequence[Size]) -> tuple[tuple[int | None, ...], list[Tensor]]:
    """Sizes as an op takes them: the attribute, with None for each run-time size, and the operands."""
    static = tuple([size if isinstance(size, int) else None for size in sizes])
    return static, [size for size in sizes if not isinstance(size, int)]


def dim(x: Tensor, axis: int, dtype: np.dtype = INT32) -> Size:
    """The size of one axis."""
    known = x.type.shape[axis]
    return apply(semantics.dim, x, axis=axis, dtype=dtype) if known is None else known


def dims(x: Tensor) -> list[Size]:
    """The sizes of all axes."""
    return [dim(x, axis) for axis in range(len(x.type.shape))]
