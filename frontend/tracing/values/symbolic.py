"""Values that are not known while tracing: `SymbolicTensor`, Python numbers at run time, and a choice between values."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NoReturn, SupportsIndex

import numpy as np
from tfc.core.shape import TensorShape
from tfc.core.tensor import Tensor
from tfc.dialects.tfc.semantics.types import ArrayType
from tfc.graph.nodes import Location, Region, Value
from tfc.tracing.calling import library
from tfc.tracing.values import shapes

if TYPE_CHECKING:
    from tfc.gradients.entries import RegionRecord
    from tfc.tracing.trace import Trace
    from tfc.tracing.values.templates import Instance

_new = object.__new__


class Scope:
    """One region being recorded. Its values may be used while it or a region inside it is recorded."""

    __slots__ = ("adopted", "alive", "instances", "parent", "recorded", "region", "trace")

    def __init__(self, trace: Trace, region: Region) -> None:
        self.trace = trace
        self.region = region
        self.alive = True
        self.parent: Scope | None = None
        self.instances: list[Instance] = []
        """Finished regions whose values are computed again in this one, for gradients."""
        self.recorded: dict[Any, RegionRecord] = {}
        """What each active tape saw of this region."""
        self.adopted: list[Scope] = []
        """Those of regions whose ops went on in straight line here."""

    def home_of(self, value: Value) -> Scope:
        """This scope, or the one around it in which a value is made that may be used here."""
        scope = self
        while scope.parent is not None and not scope.region.owns(value):
            scope = scope.parent
        return scope

    def set_alive(self, alive: bool) -> None:
        """Begin or end the time in which the values may be used."""
        self.alive = alive
        for scope in self.adopted:
            scope.alive = alive

    @property
    def with_adopted(self) -> list[Scope]:
        """Those whose values may be used here."""
        return [self, *self.adopted]

    def adopt(self, other: Scope) -> None:
        """Go on with the values of a finished region inside, as if they had been made here."""
        self.adopted += [other, *other.adopted]
        other.set_alive(True)
        for instance in other.instances:
            instance.move(self)
        self.instances += other.instances
        for tape, record in other.recorded.items():
            tape.adopt(record)
        other.recorded = {}


class SymbolicTensor(Tensor):
    """A tensor whose values come at run time. Made by ops while a function is traced.

    What needs the values (`bool(x)`, `int(x)`, `x.numpy()`, NumPy functions) raises a `CompileError` that names the user's line.
    The interpreter itself never calls these: it stages conditions and loops instead.
    """

    __slots__ = ()

    _value: Value
    _scope: Scope

    def snapshot(self) -> SymbolicTensor:
        return make_symbolic(self._value, self._scope)

    @property
    def key(self) -> int:
        return id(self._value)

    @property
    def type(self) -> ArrayType:
        return self._value.type

    @property
    def shape(self) -> TensorShape:
        shape = self._value.type.shape
        if None in shape:
            return shapes.shape_of(self)
        return TensorShape(shape)

    @property
    def graph(self) -> Any:
        return self._scope.trace.graph

    @property
    def name(self) -> str:
        return self._value.name

    @property
    def location(self) -> Location | None:
        """Where it was made; None for an argument."""
        node = self._value.node
        return None if node is None else node.location

    def numpy(self) -> NoReturn:
        self._need_value("numpy()")

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NoReturn:
        self._need_value("a NumPy array")

    def __dlpack__(self, **options: Any) -> NoReturn:
        self._need_value("a DLPack buffer")

    def __dlpack_device__(self) -> NoReturn:
        self._need_value("a DLPack buffer")

    def __buffer__(self, flags: int) -> memoryview:
        self._need_value("a buffer")

    def __bool__(self) -> bool:
        return bool(self._scope.trace.known_value(self, "a truth value"))

    def __int__(self) -> int:
        return int(self._scope.trace.known_value(self, "an int"))

    def __float__(self) -> float:
        return float(self._scope.trace.known_value(self, "a float"))

    def __complex__(self) -> complex:
        return complex(self._scope.trace.known_value(self, "a complex number"))

    def __index__(self) -> int:
        return int(self._scope.trace.known_value(self, "an index"))

    def __len__(self) -> int:
        shape = self.type.shape
        if shape and shape[0] is not None:
            return shape[0]
        return self._need_value("the length") if shape else super().__len__()

    def __iter__(self) -> Iterator[Tensor]:
        shape = self.type.shape
        if shape and shape[0] is not None:
            return iter([self[index] for index in range(shape[0])])
        return self._need_value("the number of rows") if shape else super().__iter__()

    def __round__(self, digits: SupportsIndex = 0) -> Tensor:
        return library.round_tensor(self, digits)

    def __format__(self, spec: str) -> str:
        return self._need_value("a string")

    def __str__(self) -> str:
        return self._need_value("a string")

    def __reduce__(self) -> Any:
        self._need_value("a pickle")

    def __repr__(self) -> str:
        shape, dtype = self.shape, self.dtype.name
        named = f" {self.name!r}" if self.name else ""
        return f"<tf.Tensor{named} shape={shape} dtype={dtype}, known at run time>"

    def _need_value(self, what: str) -> NoReturn:
        self._scope.trace.refuse_value(self, what)


SymbolicTensor.__name__ = SymbolicTensor.__qualname__ = Tensor.__name__
"""Users see the class's name in Python's own messages, and know one kind of tensor."""


def make_symbolic(value: Value, scope: Scope) -> SymbolicTensor:
    """The tensor that stands for `value`."""
    tensor = _new(SymbolicTensor)
    tensor._value = value
    tensor._scope = scope
    return tensor


KIND_DTYPES: dict[type, np.dtype] = {
    bool: np.dtype(np.bool_),
    int: np.dtype(np.int64),
    float: np.dtype(np.float64),
}
"""How Python's numbers are held at run time."""


class Choice:
    """One of several Python values; which one is known at run time: `alternatives[tag]`.

    What a variable holds after a staged branch whose arms give it values that have no common native type: None and a
    tensor, an int and a float, two functions, nothing at all in one arm. Using it branches on the tag.
    """

    __slots__ = ("adapted", "alternatives", "tag")

    def __init__(self, tag: SymbolicTensor, alternatives: list[Any], adapted: Any = None) -> None:
        self.tag = tag
        self.alternatives = alternatives
        self.adapted = adapted
        """What each alternative becomes next to a value like this one (`adapting`); None where they do not."""

    def index_of(self, wanted: Any) -> int:
        """The number of the alternative that is this very object; -1 when there is none."""
        for index, item in enumerate(self.alternatives):
            if item is wanted:
                return index
        return -1

    def __hash__(self) -> int:
        return hash(self._need_value())

    def _need_value(self, *others: Any) -> Any:
        """Library code needs to know which it is."""
        self.tag._scope.trace.refuse_value(self.tag, "which one of several values it is")

    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = _need_value
    __truediv__ = __rtruediv__ = __floordiv__ = __rfloordiv__ = __mod__ = __rmod__ = _need_value
    __pow__ = __rpow__ = __neg__ = __pos__ = __abs__ = __lt__ = __le__ = __gt__ = __ge__ = (
        _need_value
    )
    __int__ = __float__ = __index__ = __round__ = __format__ = _need_value

    def __repr__(self) -> str:
        return f"<one of {self.alternatives} at run time>"
