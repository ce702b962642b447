"""`Variable`: a named tensor that Python owns and whose value can be assigned."""

from __future__ import annotations

import functools
import importlib
from collections.abc import Callable
from typing import Any, NoReturn

import numpy as np
from tfc.core.convert import as_numpy_dtype, convert
from tfc.core.dtypes import DType, from_numpy
from tfc.core.errors import FailedPreconditionError, InvalidArgumentError, TFCTypeError
from tfc.core.operands import Operands
from tfc.core.recording import STATE
from tfc.core.shape import TensorShape
from tfc.core.tensor import Tensor, TensorReference, unshared, values_text
from tfc.dialects.tfc.semantics.types import ArrayType, Shape


class Variable(Operands):
    """A tensor whose value can be changed with `assign`, shared by all functions that use it.

    Args:
        initial_value: a tensor, an array, a number, or a function of no arguments that returns one.
        trainable: whether gradient tapes watch it by themselves; by default true for floating-point variables.
        name: shown in messages and used by checkpoints.
        dtype: taken from the initial value when None.
        shape: sizes that assigned values must have; by default those of the initial value.
        constraint: kept as an attribute, for optimisers that apply it after an update.

    Raises:
        TypeError, ValueError: the initial value is not a tensor of that dtype and shape.

    >>> import tfc as tf
    >>> v = tf.Variable([1.0, 2.0])
    >>> v.assign_add([1.0, 1.0]).numpy()
    array([2., 3.], dtype=float32)
    """

    __slots__ = (
        "__dict__",
        "__weakref__",
        "_array",
        "_kind",
        "constraint",
        "name",
        "trainable",
    )

    __array_priority__ = 100

    def __init__(
        self,
        initial_value: Any = None,
        trainable: bool | None = None,
        validate_shape: bool = True,
        caching_device: Any = None,
        name: str | None = None,
        variable_def: Any = None,
        dtype: Any = None,
        import_scope: Any = None,
        constraint: Callable[[Tensor], Tensor] | None = None,
        synchronization: Any = None,
        aggregation: Any = None,
        shape: Any = None,
        experimental_enable_variable_lifting: bool = True,
    ) -> None:
        value = _initial_tensor(initial_value, dtype)
        recorder = STATE.recorder
        array = value._array if recorder is None else recorder.initial_array(value)
        self._array: np.ndarray | None = array
        sizes = value.type.shape  # of which some may be unknown while a function is traced
        declared = sizes if shape is None else _declared_sizes(shape, sizes)
        self._kind = ArrayType(array.dtype, declared)
        self.name = f"{name or 'Variable'}:0"
        self.trainable = (
            array.dtype.kind == "f" or array.dtype.name == "bfloat16"
            if trainable is None
            else trainable
        )
        self.constraint = constraint
        if recorder is not None:
            recorder.create_variable(self, value)

    @property
    def type(self) -> ArrayType:
        """dtype and declared shape as the compiler sees them."""
        return self._kind

    @property
    def dtype(self) -> DType:
        return from_numpy(self._kind.dtype)

    @property
    def shape(self) -> TensorShape:
        return TensorShape.of(self._kind.shape)

    @property
    def ndim(self) -> int:
        return len(self._kind.shape)

    @property
    def device(self) -> str:
        return "/job:localhost/replica:0/task:0/device:CPU:0"

    def get_shape(self) -> TensorShape:
        return self.shape

    def array(self) -> np.ndarray:
        """The array that holds the value; raises `RuntimeError` (TFC115) when the variable was deleted."""
        if self._array is None:
            raise FailedPreconditionError(
                "TFC115",
                f"variable '{self.name}' was deleted",
                "keep a reference to it for as long as it is used",
            )
        return self._array

    def exclusive_array(self) -> np.ndarray:
        """The array, for compiled code to write to: a copy first when a tensor still shares it."""
        self.array()  # raises when it was deleted
        self._array = array = unshared(self)
        return array

    def value(self) -> Tensor:
        """The current value, as a tensor that later assignments do not change."""
        state = STATE
        recorder = state.recorder
        tensor = Tensor._wrap(self.array()) if recorder is None else recorder.read_variable(self)
        for tape in state.tapes:
            tape.read_variable(self, tensor)
        return tensor

    def read_value(self) -> Tensor:
        return self.value()

    def numpy(self) -> Any:
        """The current value as an ndarray (a scalar for rank 0), safe from later assignments."""
        array = self._known_array()
        return array.copy() if self.ndim else array[()]

    def _known_array(self) -> np.ndarray:
        """The array; while a function is traced it is not that of the call: then `CompileError` TFC001."""
        return self.array() if STATE.recorder is None else np.asarray(self.untracked())

    def assign(
        self,
        value: Any,
        use_locking: bool = False,
        name: str | None = None,
        read_value: bool = True,
    ) -> Variable:
        """Set the value. Raises `TypeError` when the dtype and `ValueError` when the shape differs."""
        return self._hold(convert(value, self._kind.dtype))

    def _hold(self, tensor: Tensor) -> Variable:
        """Set the value to a tensor of the variable's dtype."""
        if self._kind.shape != tensor.type.shape:
            self._check_shape(tensor)
        recorder = STATE.recorder
        if recorder is not None:
            recorder.assign_variable(self, tensor)
        else:
            if self._array is None:
                self.array()  # raises
            self._array = tensor._array
        return self

    def assign_add(
        self,
        delta: Any,
        use_locking: bool = False,
        name: str | None = None,
        read_value: bool = True,
    ) -> Variable:
        """Add `delta` to the value."""
        return self._hold(
            _op("arithmetic", "add")(self.untracked(), convert(delta, self._kind.dtype))
        )

    def assign_sub(
        self,
        delta: Any,
        use_locking: bool = False,
        name: str | None = None,
        read_value: bool = True,
    ) -> Variable:
        """Subtract `delta` from the value."""
        return self._hold(
            _op("arithmetic", "subtract")(self.untracked(), convert(delta, self._kind.dtype))
        )

    def sparse_read(self, indices: Any, name: str | None = None) -> Tensor:
        """The rows that `indices` names, as `tf.gather` has it."""
        return _op("indexing", "gather")(self, indices)

    def gather_nd(self, indices: Any, name: str | None = None) -> Tensor:
        """The items that `indices` spells out, as `tf.gather_nd` has it."""
        return _op("indexing", "gather_nd")(self, indices)

    def scatter_nd_update(self, indices: Any, updates: Any, name: str | None = None) -> Variable:
        """Set the items that `indices` spells out, as `tf.tensor_scatter_nd_update` has it."""
        return self._hold(
            _op("indexing", "tensor_scatter_nd_update")(self.untracked(), indices, updates)
        )

    def scatter_nd_add(self, indices: Any, updates: Any, name: str | None = None) -> Variable:
        """Add to the items that `indices` spells out, as `tf.tensor_scatter_nd_add` has it."""
        return self._hold(
            _op("indexing", "tensor_scatter_nd_add")(self.untracked(), indices, updates)
        )

    def scatter_nd_sub(self, indices: Any, updates: Any, name: str | None = None) -> Variable:
        """Subtract from the items that `indices` spells out, as `tf.tensor_scatter_nd_sub` has it."""
        return self._hold(
            _op("indexing", "tensor_scatter_nd_sub")(self.untracked(), indices, updates)
        )

    def untracked(self) -> Tensor:
        """The current value, unseen by gradient tapes."""
        recorder = STATE.recorder
        return Tensor._wrap(self.array()) if recorder is None else recorder.read_variable(self)

    def _check_shape(self, tensor: Tensor) -> None:
        declared = TensorShape(self._kind.shape)
        if not declared.is_compatible_with(tensor.type.shape):
            raise InvalidArgumentError(
                "TFC106",
                f"assign: variable '{self.name}' has shape {declared}, the value has shape {tensor.shape}",
                "assign a value of the variable's shape, or create it with shape=tf.TensorShape([None, ...])",
            )
        if STATE.recorder is not None and None in tensor.type.shape:
            from tfc.ops.assertion import require_sizes

            message = (
                f"assign: variable '{self.name}' has shape {declared}, the value has another one"
            )
            require_sizes(tensor, self._kind.shape, message)

    def delete(self) -> None:
        """Free the value; any later use is an error."""
        self._array = None

    def ref(self) -> TensorReference:
        """A hashable stand-in for this very variable."""
        return TensorReference(self)

    def __tf_tensor__(self, dtype: Any = None) -> Tensor:
        return convert(self.value(), dtype)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        array = self._known_array()
        return np.array(array, dtype) if dtype is not None else array.copy()

    def __bool__(self) -> bool:
        return bool(self.value())

    def __int__(self) -> int:
        return int(self.value())

    def __float__(self) -> float:
        return float(self.value())

    def __index__(self) -> int:
        return self.value().__index__()

    def __len__(self) -> int:
        return len(self.value())

    def __iter__(self) -> Any:
        return iter(self.value())

    def __hash__(self) -> int:
        raise TFCTypeError(
            "TFC114",
            "variables are not hashable, since == compares their values",
            "use v.ref() as a dictionary key",
        )

    def _no_in_place(self, other: Any) -> NoReturn:
        raise FailedPreconditionError(
            "TFC123",
            "variable += value would make a tensor of the variable's name",
            "write v.assign_add(value), v.assign_sub(value), v.assign(v * value), or y = v + value for a tensor",
        )

    __iadd__ = __isub__ = __imul__ = __itruediv__ = __ipow__ = _no_in_place

    def __copy__(self) -> Variable:
        return _rebuild(self.untracked(), *self._description())

    def __deepcopy__(self, memo: dict[int, Any]) -> Variable:
        return self.__copy__()

    def __reduce__(self) -> Any:
        return _rebuild, (self._known_array(), *self._description())

    def _description(self) -> tuple[Any, ...]:
        """All that a variable is but its value."""
        return self.trainable, self.name.removesuffix(":0"), self._kind.shape, self.constraint

    def __str__(self) -> str:
        self._known_array()
        return repr(self)

    def __repr__(self) -> str:
        if STATE.recorder is not None:
            return f"{self.head}, known at run time>"
        return f"{self.head}, numpy={values_text(self.array())}>"

    @property
    def head(self) -> str:
        """How its `repr` begins."""
        return f"<tf.Variable '{self.name}' shape={self.shape} dtype={self.dtype.name}"


@functools.cache
def _op(family: str, name: str) -> Callable[..., Any]:
    """A function that is built on this module, with plans for its eager calls.

    It is looked up once: a statement that imports it takes as long as an addition.
    """
    from tfc.core.plans import planned

    return planned(getattr(importlib.import_module(f"tfc.ops.{family}"), name))


def _initial_tensor(initial_value: Any, dtype: Any) -> Tensor:
    if initial_value is None:
        raise InvalidArgumentError(
            "TFC107", "Variable: no initial value", "give one, such as tf.zeros([3])"
        )
    value = initial_value() if callable(initial_value) else initial_value
    if isinstance(value, Variable):
        value = value.value()
    target = as_numpy_dtype(dtype)
    if isinstance(value, np.ndarray) and target is not None:
        value = value.astype(target)
    return convert(value, target)


def _declared_sizes(shape: Any, initial: Shape) -> Shape:
    """The sizes that values of a variable must have; raises `ValueError` TFC106 when the initial value has others."""
    declared = TensorShape(shape)
    if not declared.is_compatible_with(initial):
        raise InvalidArgumentError(
            "TFC106",
            f"Variable: the initial value has shape {TensorShape.of(initial)}, shape={declared} was asked for",
            "give a value of that shape: tf.fill(shape, value)",
        )
    return (None,) * len(initial) if declared.rank is None else declared.as_tuple()


def _rebuild(
    value: Any,
    trainable: bool,
    name: str,
    shape: Shape,
    constraint: Callable[[Tensor], Tensor] | None,
) -> Variable:
    return Variable(value, trainable, name=name, shape=shape, constraint=constraint)
