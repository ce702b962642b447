"""`vector` ops that read and write memory, row by row."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import cast

from tfc.backend.errors import BackendError
from tfc.backend.translate.arith import mangle
from tfc.backend.translate.emitter import Emitter, operands, unsupported
from tfc.backend.translate.lanes import box_mask, splat_scalar
from tfc.backend.translate.memref import Handler, segments
from tfc.backend.translate.types import DYNAMIC, TypeInfo
from xdsl.dialects.builtin import AffineMapAttr, ArrayAttr, BoolAttr, IntegerAttr
from xdsl.ir import Attribute, Operation, SSAValue


def _row_pointers(
    e: Emitter, base: SSAValue, indices: Sequence[SSAValue], info: TypeInfo
) -> list[str]:
    """Where each row of a vector lies; its last dimension must be contiguous in memory."""
    memory = e.info(base.type)
    buffer = e.buffer(base)
    if memory.strides and memory.strides[-1] not in (1, DYNAMIC):
        raise BackendError(f"a vector in {base.type}: the last dimension must have stride 1")
    first = e.address(buffer, indices, memory.memory)
    outer = info.shape[:-1]
    strides = buffer.strides[len(buffer.strides) - len(info.shape) : -1]
    pointers: list[str] = []
    for index in itertools.product(*(range(n) for n in outer)):
        offset = e.dot("0", [str(i) for i in index], strides)
        pointers.append(e.element_pointer(first, offset, memory.memory))
    return pointers


def _access(e: Emitter, op: Operation, base: SSAValue) -> str:
    known = op.attributes.get("alignment")
    align = known.value.data if isinstance(known, IntegerAttr) else e.info(base.type).bytes
    return f", align {align}{e.access(e.buffer(base), op)}"


def load(e: Emitter, op: Operation) -> None:
    base, *indices = operands(op)
    result = op.results[0]
    info = e.info(result.type)
    suffix = _access(e, op, base)
    memory = info.spell(info.memory)
    rows: list[str] = []
    for pointer in _row_pointers(e, base, indices, info):
        row = e.define(f"load {memory}, ptr {pointer}{suffix}")
        if info.memory != info.element:
            row = e.define(f"icmp ne {memory} {row}, zeroinitializer")
        rows.append(row)
    e.set_rows(result, rows)


def store(e: Emitter, op: Operation) -> None:
    value, base, *indices = operands(op)
    info = e.info(value.type)
    suffix = _access(e, op, base)
    memory = info.spell(info.memory)
    pointers = _row_pointers(e, base, indices, info)
    for row, pointer in zip(e.rows(value), pointers, strict=True):
        name = row
        if info.memory != info.element:
            name = e.define(f"zext {info.llvm} {row} to {memory}")
        e.emit(f"store {memory} {name}, ptr {pointer}{suffix}")


def _masked_load(
    e: Emitter, info: TypeInfo, pointer: str, mask: str, other: str, suffix: str
) -> str:
    memory = info.spell(info.memory)
    if info.memory != info.element:
        other = e.define(f"zext {info.llvm} {other} to {memory}")
    row = e.define(
        f"call {memory} @llvm.masked.load.{mangle(memory)}.p0(ptr align {info.bytes} {pointer}, "
        f"{info.spell('i1')} {mask}, {memory} {other}){suffix}"
    )
    if info.memory != info.element:
        row = e.define(f"icmp ne {memory} {row}, zeroinitializer")
    return row


def _masked_store(
    e: Emitter, info: TypeInfo, value: str, pointer: str, mask: str, suffix: str
) -> None:
    memory = info.spell(info.memory)
    if info.memory != info.element:
        value = e.define(f"zext {info.llvm} {value} to {memory}")
    e.emit(
        f"call void @llvm.masked.store.{mangle(memory)}.p0({memory} {value}, "
        f"ptr align {info.bytes} {pointer}, {info.spell('i1')} {mask}){suffix}"
    )


def masked_load(e: Emitter, op: Operation) -> None:
    base, *indices, mask, other = operands(op)
    info = e.info(op.results[0].type)
    suffix = e.access(e.buffer(base), op)
    [pointer] = _row_pointers(e, base, indices, info)
    e.values[op.results[0]] = _masked_load(
        e, info, pointer, e.scalar(mask), e.scalar(other), suffix
    )


def masked_store(e: Emitter, op: Operation) -> None:
    base, *indices, mask, value = operands(op)
    info = e.info(value.type)
    suffix = e.access(e.buffer(base), op)
    [pointer] = _row_pointers(e, base, indices, info)
    _masked_store(e, info, e.scalar(value), pointer, e.scalar(mask), suffix)


def _lane_pointers(
    e: Emitter, base: SSAValue, indices: Sequence[SSAValue], offsets: SSAValue, info: TypeInfo
) -> list[str]:
    memory = e.info(base.type)
    if memory.memory != memory.element:
        raise BackendError(f"cannot gather from or scatter to {base.type}: i1 lies in bytes")
    buffer = e.buffer(base)
    first = e.address(buffer, indices, memory.memory)
    index_info = e.info(offsets.type)
    wide = info.spell("i64")
    pointers: list[str] = []
    for row in e.rows(offsets):
        name = row
        if index_info.element != "i64":
            name = e.define(f"sext {index_info.llvm} {row} to {wide}")
        if buffer.strides and buffer.strides[-1] != "1":
            lane = e.info(offsets.type)
            scale = splat_scalar(e, _as_index(lane), buffer.strides[-1])
            name = e.define(f"mul {wide} {name}, {scale}")
        pointers.append(
            e.define(f"getelementptr inbounds {memory.memory}, ptr {first}, {wide} {name}")
        )
    return pointers


def _as_index(info: TypeInfo) -> TypeInfo:
    """The type of `i64` lanes in the shape of another vector."""
    return TypeInfo(
        info.attribute, f"<{info.lanes} x i64>", "i64", "i64", 64, is_vector=True, lanes=info.lanes
    )


def gather(e: Emitter, op: Operation) -> None:
    base, *indices, offsets, mask, other = operands(op)
    result = op.results[0]
    info = e.info(result.type)
    pointers = _lane_pointers(e, base, indices, offsets, info)
    name = f"@llvm.masked.gather.{mangle(info.llvm)}.v{info.lanes}p0"
    rows = [
        e.define(
            f"call {info.llvm} {name}({info.spell('ptr')} align {info.bytes} {pointer}, "
            f"{info.spell('i1')} {m}, {info.llvm} {o})"
        )
        for pointer, m, o in zip(pointers, e.rows(mask), e.rows(other), strict=True)
    ]
    e.set_rows(result, rows)


def scatter(e: Emitter, op: Operation) -> None:
    base, *indices, offsets, mask, value = operands(op)
    info = e.info(value.type)
    pointers = _lane_pointers(e, base, indices, offsets, info)
    name = f"@llvm.masked.scatter.{mangle(info.llvm)}.v{info.lanes}p0"
    for pointer, m, v in zip(pointers, e.rows(mask), e.rows(value), strict=True):
        e.emit(
            f"call void {name}({info.llvm} {v}, {info.spell('ptr')} align {info.bytes} {pointer}, "
            f"{info.spell('i1')} {m})"
        )


def _transfer_mask(
    e: Emitter, op: Operation, base: SSAValue, indices: list[SSAValue], info: TypeInfo
) -> list[str] | None:
    """The mask of a transfer, rows of lanes inside the memref; None when every lane is."""
    map_ = cast("AffineMapAttr", op.properties["permutation_map"]).data
    rank = len(info.shape)
    kept = [str(r) for r in map_.results]
    if kept != [f"d{d}" for d in range(map_.num_dims - rank, map_.num_dims)]:
        raise unsupported(op, f"permutation map {map_}")
    in_bounds = [
        bool(cast("BoolAttr", b).value.data)
        for b in cast("ArrayAttr[Attribute]", op.properties["in_bounds"]).data
    ]
    if all(in_bounds):
        return None
    sizes = e.buffer(base).sizes[-rank:]
    left: list[str] = []
    for bound, size, index, length in zip(
        in_bounds, sizes, indices[-rank:], info.shape, strict=True
    ):
        left.append(str(length) if bound else e.sub(size, e.scalar(index)))
    return box_mask(e, _mask_info(info), left)


def _mask_info(info: TypeInfo) -> TypeInfo:
    return TypeInfo(
        info.attribute,
        info.spell("i1"),
        "i1",
        "i8",
        1,
        is_vector=True,
        shape=info.shape,
        lanes=info.lanes,
        rows=info.rows,
    )


def _combine_masks(
    e: Emitter, info: TypeInfo, given: list[list[SSAValue]], bounds: list[str] | None
) -> list[str] | None:
    if not given or not given[0]:
        return bounds
    rows = e.rows(given[0][0])
    if bounds is None:
        return rows
    type_ = info.spell("i1")
    return [e.define(f"and {type_} {a}, {b}") for a, b in zip(rows, bounds, strict=True)]


def transfer_read(e: Emitter, op: Operation) -> None:
    (base,), indices, (padding,), *given = segments(op)
    result = op.results[0]
    info = e.info(result.type)
    bounds = _transfer_mask(e, op, base, indices, info)
    masks = _combine_masks(e, info, given, bounds)
    if masks is None:
        memory = info.spell(info.memory)
        rows = [
            e.define(f"load {memory}, ptr {pointer}{_access(e, op, base)}")
            for pointer in _row_pointers(e, base, indices, info)
        ]
        if info.memory != info.element:
            rows = [e.define(f"icmp ne {memory} {row}, zeroinitializer") for row in rows]
    else:
        other = splat_scalar(e, info, e.scalar(padding))
        pointers = _row_pointers(e, base, indices, info)
        suffix = e.access(e.buffer(base), op)
        rows = [
            _masked_load(e, info, pointer, mask, other, suffix)
            for pointer, mask in zip(pointers, masks, strict=True)
        ]
    e.set_rows(result, rows)


def transfer_write(e: Emitter, op: Operation) -> None:
    (value,), (base,), indices, *given = segments(op)
    info = e.info(value.type)
    bounds = _transfer_mask(e, op, base, indices, info)
    masks = _combine_masks(e, info, given, bounds) or ["splat (i1 true)"] * info.rows
    suffix = e.access(e.buffer(base), op)
    pointers = _row_pointers(e, base, indices, info)
    for row, pointer, mask in zip(e.rows(value), pointers, masks, strict=True):
        _masked_store(e, info, row, pointer, mask, suffix)


HANDLERS: dict[str, Handler] = {
    "vector.gather": gather,
    "vector.load": load,
    "vector.maskedload": masked_load,
    "vector.maskedstore": masked_store,
    "vector.scatter": scatter,
    "vector.store": store,
    "vector.transfer_read": transfer_read,
    "vector.transfer_write": transfer_write,
}
