"""How MLIR types look in LLVM IR.

Integers and floats map one to one, with three exceptions:

- `bf16` is carried as `i16` and computed in `float`: targets without bf16 arithmetic would call a
  library function for every conversion, and integer code vectorises everywhere.
- a memref element of type `i1` is one byte in memory, as NumPy's `bool` is.
- a vector of rank 2 or more is a list of rows of rank 1: taking a row out of a register tile is
  then free, and the rows of a tile carried around a loop become phis of their own.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from tfc.backend.errors import BackendError
from xdsl.dialects.builtin import (
    DYNAMIC_INDEX,
    BFloat16Type,
    Float16Type,
    Float32Type,
    Float64Type,
    FunctionType,
    IndexType,
    IntAttr,
    IntegerType,
    MemRefType,
    NoneAttr,
    StridedLayoutAttr,
    VectorType,
)
from xdsl.ir import Attribute

#: xDSL's marker for a size, offset or stride that only the run knows.
DYNAMIC = DYNAMIC_INDEX

_FLOATS: dict[type[Attribute], tuple[str, int]] = {
    BFloat16Type: ("i16", 16),
    Float16Type: ("half", 16),
    Float32Type: ("float", 32),
    Float64Type: ("double", 64),
}


@dataclass
class TypeInfo:
    """What the translation needs to know of a type, computed once for each type object.

    `llvm` spells the register type (of one row, for vectors of higher rank), `element` that of a
    lane, `memory` that of an element in memory. `shape` is the vector's or memref's; `rows` the
    number of rank-1 rows of a vector.
    """

    attribute: Attribute
    llvm: str
    element: str
    memory: str
    bits: int
    is_float: bool = False
    is_bf16: bool = False
    is_vector: bool = False
    is_memref: bool = False
    shape: tuple[int, ...] = ()
    lanes: int = 0
    rows: int = 1
    # memref only: DYNAMIC where the type does not say
    strides: tuple[int, ...] = ()
    offset: int = 0
    identity: bool = True
    components: tuple[str, ...] = field(default=())

    @property
    def bytes(self) -> int:
        """Size of an element in memory."""
        return max(1, self.bits // 8)

    def spell(self, element: str) -> str:
        """The register type of this shape with another lane type."""
        return f"<{self.lanes} x {element}>" if self.is_vector else element

    @property
    def compute(self) -> str:
        """The type floating-point arithmetic happens in."""
        return self.spell("float") if self.is_bf16 else self.llvm


def contiguous_strides(shape: tuple[int, ...]) -> tuple[int, ...]:
    """Row-major strides in elements; DYNAMIC where a size to the right is dynamic.

    >>> contiguous_strides((2, DYNAMIC, 4)) == (DYNAMIC, 4, 1)
    True
    """
    strides: list[int] = []
    running = 1
    for size in reversed(shape):
        strides.append(running)
        running = DYNAMIC if DYNAMIC in (running, size) else running * size
    return tuple(reversed(strides))


def _scalar(attribute: Attribute) -> TypeInfo | None:
    if isinstance(attribute, IndexType):
        return TypeInfo(attribute, "i64", "i64", "i64", 64, components=("i64",))
    if isinstance(attribute, IntegerType):
        width = attribute.width.data
        spelled = f"i{width}"
        memory = "i8" if width == 1 else spelled
        return TypeInfo(attribute, spelled, spelled, memory, width, components=(spelled,))
    if known := _FLOATS.get(type(attribute)):
        spelled, bits = known
        is_bf16 = isinstance(attribute, BFloat16Type)
        return TypeInfo(
            attribute, spelled, spelled, spelled, bits, True, is_bf16, components=(spelled,)
        )
    return None


def _memref_layout(attribute: MemRefType) -> tuple[tuple[int, ...], int, bool]:
    shape = attribute.get_shape()
    layout = attribute.layout
    if isinstance(layout, NoneAttr):
        return contiguous_strides(shape), 0, True
    if isinstance(layout, StridedLayoutAttr):
        strides = tuple(s.data if isinstance(s, IntAttr) else DYNAMIC for s in layout.strides.data)
        offset = layout.offset.data if isinstance(layout.offset, IntAttr) else DYNAMIC
        return strides, offset, False
    map_ = getattr(layout, "data", None)
    if (
        map_ is not None
        and map_.num_dims == len(map_.results)
        and str(map_) == str(type(map_).identity(map_.num_dims))
    ):
        return contiguous_strides(shape), 0, True
    raise BackendError(f"cannot translate memref layout {layout}: expected strided<...>")


def _memref_element(attribute: Attribute) -> TypeInfo | None:
    """A scalar, or a vector of rank 1 whose lanes fill its bytes."""
    if not isinstance(attribute, VectorType) or attribute.get_num_dims() != 1:
        return _scalar(attribute)
    lane = _scalar(attribute.element_type)
    if lane is None or lane.memory != lane.element:
        return None
    (lanes,) = attribute.get_shape()
    spelled = f"<{lanes} x {lane.element}>"
    return TypeInfo(attribute, spelled, spelled, spelled, lane.bits * lanes, components=(spelled,))


def type_info(attribute: Attribute) -> TypeInfo:
    """Everything about a type; an error that names it when LLVM has no form for it."""
    info = _scalar(attribute)
    if info is not None:
        return info
    if isinstance(attribute, VectorType):
        lane = _scalar(attribute.element_type)
        if lane is not None:
            shape = attribute.get_shape()
            lanes = shape[-1] if shape else 1
            rows = math.prod(shape[:-1])
            spelled = f"<{lanes} x {lane.llvm}>"
            return TypeInfo(
                attribute,
                spelled,
                lane.llvm,
                lane.memory,
                lane.bits,
                lane.is_float,
                lane.is_bf16,
                is_vector=True,
                shape=shape,
                lanes=lanes,
                rows=rows,
                components=(spelled,) * rows,
            )
    if isinstance(attribute, MemRefType):
        lane = _memref_element(attribute.element_type)
        if lane is not None:
            shape = attribute.get_shape()
            strides, offset, identity = _memref_layout(attribute)
            dynamic = (offset == DYNAMIC) + shape.count(DYNAMIC)
            if not identity:
                dynamic += strides.count(DYNAMIC)
            return TypeInfo(
                attribute,
                "ptr",
                lane.llvm,
                lane.memory,
                lane.bits,
                lane.is_float,
                lane.is_bf16,
                is_memref=True,
                shape=shape,
                strides=strides,
                offset=offset,
                identity=identity,
                components=("ptr",) + ("i64",) * dynamic,
            )
    if isinstance(attribute, FunctionType):
        return TypeInfo(attribute, "ptr", "ptr", "ptr", 64, components=("ptr",))
    raise BackendError(f"cannot translate type {attribute} to LLVM IR")


__all__ = ["DYNAMIC", "TypeInfo", "contiguous_strides", "type_info"]
