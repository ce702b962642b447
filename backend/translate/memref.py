"""`memref`: loads, stores, views, allocation, copies."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import cast

from tfc.backend.errors import BackendError
from tfc.backend.translate.emitter import Buffer, Emitter, is_literal, operands
from tfc.backend.translate.types import DYNAMIC, TypeInfo
from xdsl.dialects.builtin import (
    BoolAttr,
    DenseArrayBase,
    IntegerAttr,
    IntegerType,
    SymbolRefAttr,
)
from xdsl.ir import Attribute, Block, Operation, SSAValue

Handler = Callable[[Emitter, Operation], None]


def int_array(attribute: Attribute) -> tuple[int, ...]:
    """The numbers of `array<i64: ...>`."""
    return cast("DenseArrayBase[IntegerType]", attribute).get_values()


def segments(op: Operation) -> list[list[SSAValue]]:
    """Operands by their segments."""
    sizes = int_array(op.properties["operandSegmentSizes"])
    given = operands(op)
    parts: list[list[SSAValue]] = []
    start = 0
    for size in sizes:
        parts.append(list(given[start : start + size]))
        start += size
    return parts


def _mixed(e: Emitter, static: Sequence[int], dynamic: Sequence[SSAValue]) -> list[str]:
    """Static numbers, with operands where the number is the marker."""
    rest = iter(dynamic)
    return [e.scalar(next(rest)) if n == DYNAMIC else str(n) for n in static]


LARGE_COPY = 4096
"""Bytes from which on a copy costs more than asking whether it is needed."""


# Loads and stores


def load_element(e: Emitter, info: TypeInfo, pointer: str, suffix: str = "") -> str:
    if info.memory == info.element:
        return e.define(f"load {info.element}, ptr {pointer}{suffix}")
    byte = e.define(f"load i8, ptr {pointer}{suffix}")
    return e.define(f"icmp ne i8 {byte}, 0")


def store_element(e: Emitter, info: TypeInfo, value: str, pointer: str, suffix: str = "") -> None:
    if info.memory != info.element:
        value = e.define(f"zext i1 {value} to i8")
    e.emit(f"store {info.memory} {value}, ptr {pointer}{suffix}")


def load(e: Emitter, op: Operation) -> None:
    memref, *indices = operands(op)
    info = e.info(memref.type)
    buffer = e.buffer(memref)
    pointer = e.address(buffer, indices, info.memory)
    e.values[op.results[0]] = load_element(e, info, pointer, e.access(buffer, op))


def store(e: Emitter, op: Operation) -> None:
    value, memref, *indices = operands(op)
    info = e.info(memref.type)
    buffer = e.buffer(memref)
    pointer = e.address(buffer, indices, info.memory)
    store_element(e, info, e.scalar(value), pointer, e.access(buffer, op))


# Allocation


def _sizes(e: Emitter, info: TypeInfo, dynamic: Sequence[SSAValue]) -> list[str]:
    rest = iter(dynamic)
    return [e.scalar(next(rest)) if size == DYNAMIC else str(size) for size in info.shape]


def byte_size(e: Emitter, sizes: Sequence[str], element: int) -> str:
    """Bytes of a buffer, the largest number there is when they do not fit 64 bits."""
    known = element
    unknown: list[str] = []
    for size in sizes:
        if is_literal(size):
            known *= int(size)
        else:
            unknown.append(size)
    if not unknown:
        return str(min(known, 2**62))
    total = unknown[0]
    for size in unknown[1:]:
        total = e.module.checked_multiply(e, total, size)
    return total if known == 1 else e.module.checked_multiply(e, total, str(known))


def alloc(e: Emitter, op: Operation) -> None:
    """Memory from the context; the call fails with status -2 when there is none."""
    result = op.results[0]
    info = e.info(result.type)
    if not info.identity:
        raise BackendError("cannot translate memref.alloc with a layout other than row-major")
    dynamic, symbols = segments(op)
    if symbols:
        raise BackendError("cannot translate memref.alloc with symbol operands")
    sizes = _sizes(e, info, dynamic)
    pointer = e.module.allocate(e, byte_size(e, sizes, info.bytes))
    e.own_memory(pointer)
    e.values[result] = Buffer(pointer, "0", sizes, e.row_major(sizes))


def alloca(e: Emitter, op: Operation) -> None:
    """Stack memory.

    Of static size it moves to the function's entry, so that one in a loop takes its place once.
    """
    result = op.results[0]
    info = e.info(result.type)
    sizes = _sizes(e, info, segments(op)[0])
    alignment = op.properties.get("alignment")
    align = alignment.value.data if isinstance(alignment, IntegerAttr) else 64
    count = "1"
    for size in sizes:
        count = e.mul(count, size)
    name = e.fresh()
    text = f"  {name} = alloca {info.memory}, i64 {count}, align {align}"
    (e.entry_lines if is_literal(count) else e.lines).append(text)
    e.own_memory(name)
    e.values[result] = Buffer(name, "0", sizes, e.row_major(sizes))


def dealloc(e: Emitter, op: Operation) -> None:
    e.module.release(e, e.buffer(operands(op)[0]).base)


# Views


def dim(e: Emitter, op: Operation) -> None:
    source, index = operands(op)
    sizes = e.buffer(source).sizes
    name = e.scalar(index)
    if is_literal(name):
        if not 0 <= int(name) < len(sizes):
            raise BackendError(f"memref.dim: axis {name} of {source.type} does not exist")
        e.values[op.results[0]] = sizes[int(name)]
        return
    chosen = sizes[-1]
    for position in range(len(sizes) - 2, -1, -1):
        here = e.define(f"icmp eq i64 {name}, {position}")
        chosen = e.define(f"select i1 {here}, i64 {sizes[position]}, i64 {chosen}")
    e.values[op.results[0]] = chosen


def rank(e: Emitter, op: Operation) -> None:
    e.values[op.results[0]] = str(len(e.buffer(operands(op)[0]).sizes))


def subview(e: Emitter, op: Operation) -> None:
    """Offsets move the start, strides multiply; dropped dimensions are those of size 1 that the
    result type lacks.
    """
    (source,), dynamic_offsets, dynamic_sizes, dynamic_strides = segments(op)
    buffer = e.buffer(source)
    properties = op.properties
    offsets = _mixed(e, int_array(properties["static_offsets"]), dynamic_offsets)
    static_sizes = int_array(properties["static_sizes"])
    sizes = _mixed(e, static_sizes, dynamic_sizes)
    steps = _mixed(e, int_array(properties["static_strides"]), dynamic_strides)
    offset = e.dot(buffer.offset, offsets, buffer.strides)
    strides = [e.mul(a, b) for a, b in zip(buffer.strides, steps, strict=True)]
    kept = _kept_dims(e.info(op.results[0].type), static_sizes, strides)
    e.values[op.results[0]] = Buffer(
        buffer.base, offset, [sizes[d] for d in kept], [strides[d] for d in kept], buffer.scope
    )


def _kept_dims(info: TypeInfo, sizes: Sequence[int], strides: list[str]) -> list[int]:
    """Which dimensions of the full view the result type has.

    Sizes, as the op's type has them, and known strides are matched from the left; of the size-1 dimensions the ones are dropped
    that do not fit.
    """
    rank_ = len(info.shape)
    if rank_ == len(sizes):
        return list(range(rank_))
    kept: list[int] = []
    spare = len(sizes) - rank_
    for d, size in enumerate(sizes):
        position = len(kept)
        matches = position < rank_ and size == info.shape[position]
        if matches and size == 1 and spare:
            wanted = info.strides[position]
            matches = wanted == DYNAMIC or strides[d] == str(wanted)
        if matches:
            kept.append(d)
        else:
            spare -= 1
    if len(kept) != rank_ or spare:
        raise BackendError(
            f"memref.subview: cannot reduce the rank of the view to {info.attribute}"
        )
    return kept


def reinterpret_cast(e: Emitter, op: Operation) -> None:
    (source,), dynamic_offsets, dynamic_sizes, dynamic_strides = segments(op)
    buffer = e.buffer(source)
    properties = op.properties
    e.values[op.results[0]] = Buffer(
        buffer.base,
        _mixed(e, int_array(properties["static_offsets"]), dynamic_offsets)[0],
        _mixed(e, int_array(properties["static_sizes"]), dynamic_sizes),
        _mixed(e, int_array(properties["static_strides"]), dynamic_strides),
        buffer.scope,
    )


def cast_(e: Emitter, op: Operation) -> None:
    """The same memory under a type that says more or less; what the new type says is used."""
    buffer = e.buffer(operands(op)[0])
    info = e.info(op.results[0].type)
    sizes = [n if s == DYNAMIC else str(s) for n, s in zip(buffer.sizes, info.shape, strict=True)]
    strides = [
        n if s == DYNAMIC else str(s) for n, s in zip(buffer.strides, info.strides, strict=True)
    ]
    offset = buffer.offset if info.offset == DYNAMIC else str(info.offset)
    e.values[op.results[0]] = Buffer(buffer.base, offset, sizes, strides, buffer.scope)


def _groups(op: Operation) -> list[list[int]]:
    reassociation = op.properties["reassociation"]
    return [[i.value.data for i in group.data] for group in reassociation.data]  # pyright: ignore[reportAttributeAccessIssue]


def expand_shape(e: Emitter, op: Operation) -> None:
    source, *output = operands(op)
    buffer = e.buffer(source)
    info = e.info(op.results[0].type)
    given = op.properties.get("static_output_shape")
    sizes = _mixed(e, int_array(given) if given else info.shape, output)
    strides = [""] * len(sizes)
    for d, group in enumerate(_groups(op)):
        running = buffer.strides[d]
        for position in reversed(group):
            strides[position] = running
            if position != group[0]:
                running = e.mul(running, sizes[position])
    if not info.shape or not buffer.sizes:
        strides = ["1"] * len(sizes)
    e.values[op.results[0]] = Buffer(buffer.base, buffer.offset, sizes, strides, buffer.scope)


def collapse_shape(e: Emitter, op: Operation) -> None:
    source = operands(op)[0]
    buffer = e.buffer(source)
    sizes: list[str] = []
    strides: list[str] = []
    for group in _groups(op):
        size = "1"
        for position in group:
            size = e.mul(size, buffer.sizes[position])
        sizes.append(size)
        # The stride is the one of the innermost dimension that has more than one element.
        inner = group[-1]
        for position in reversed(group):
            inner = position
            if buffer.sizes[position] != "1":
                break
        strides.append(buffer.strides[inner])
    e.values[op.results[0]] = Buffer(buffer.base, buffer.offset, sizes, strides, buffer.scope)


def view(e: Emitter, op: Operation) -> None:
    """A typed buffer at a byte offset of a buffer of bytes."""
    source, shift, *dynamic = operands(op)
    buffer = e.buffer(source)
    base = e.element_pointer(buffer.base, e.add(buffer.offset, e.scalar(shift)), "i8")
    sizes = _sizes(e, e.info(op.results[0].type), dynamic)
    scope = -1
    if all(is_literal(n) for n in (*sizes, buffer.offset, e.scalar(shift))):
        start = int(buffer.offset) + int(e.scalar(shift))
        size = math.prod(map(int, sizes)) * e.info(op.results[0].type).bytes
        scope = e.scopes.add_view(id(source), start, size)
        if buffer.base in e.roots and base[0] == "%" and base not in e.roots:
            e.roots[base] = (e.roots[buffer.base][0], start, start + size)
    e.values[op.results[0]] = Buffer(base, "0", sizes, e.row_major(sizes), scope)


def extract_strided_metadata(e: Emitter, op: Operation) -> None:
    buffer = e.buffer(operands(op)[0])
    results = op.results
    rank_ = len(buffer.sizes)
    e.values[results[0]] = Buffer(buffer.base, "0", [], [], buffer.scope)
    e.values[results[1]] = buffer.offset
    for d in range(rank_):
        e.values[results[2 + d]] = buffer.sizes[d]
        e.values[results[2 + rank_ + d]] = buffer.strides[d]


def extract_aligned_pointer_as_index(e: Emitter, op: Operation) -> None:
    base = e.buffer(operands(op)[0]).base
    e.values[op.results[0]] = e.define(f"ptrtoint ptr {base} to i64")


def assume_alignment(e: Emitter, op: Operation) -> None:
    buffer = e.buffer(operands(op)[0])
    alignment = op.properties["alignment"].value.data  # pyright: ignore[reportAttributeAccessIssue]
    e.emit(f'call void @llvm.assume(i1 true) [ "align"(ptr {buffer.base}, i64 {alignment}) ]')
    if op.results:
        e.values[op.results[0]] = buffer


def memory_space_cast(e: Emitter, op: Operation) -> None:
    e.values[op.results[0]] = e.values[operands(op)[0]]


def get_global(e: Emitter, op: Operation) -> None:
    result = op.results[0]
    info = e.info(result.type)
    name = cast("SymbolRefAttr", op.properties["name"]).root_reference.data
    sizes = [str(size) for size in info.shape]
    e.values[result] = Buffer(e.module.global_name(name), "0", sizes, e.row_major(sizes))


# Copies


def copy(e: Emitter, op: Operation) -> None:
    """One `memcpy` over the trailing contiguous dimensions, inside a loop for each dimension before
    them.
    """
    source_value, target_value = operands(op)
    source, target = e.buffer(source_value), e.buffer(target_value)
    info = e.info(source_value.type)
    target_info = e.info(target_value.type)
    sizes = [a if is_literal(a) else b for a, b in zip(source.sizes, target.sizes, strict=True)]
    if info.identity and target_info.identity:
        first = 0
    else:
        first = max(_trailing(info, sizes), _trailing(target_info, sizes))
    count = str(info.bytes)
    for size in sizes[first:]:
        count = e.mul(count, size)
    if count == "0" or "0" in sizes:
        return
    if info.identity and target_info.identity and _may_be_the_same(source_value, count):
        same = e.define(f"icmp eq ptr {source.base}, {target.base}")
        count = e.define(f"select i1 {same}, i64 0, i64 {count}")
    _copy_nest(e, info, source, target, sizes, first, count)


def _may_be_the_same(source: SSAValue, count: str) -> bool:
    """Whether it is worth asking if a large buffer is copied onto itself: one that a loop has rotated."""
    block = source.owner
    if not isinstance(block, Block) or block.prev_block is None:
        return False
    return not is_literal(count) or int(count) >= LARGE_COPY


def _trailing(info: TypeInfo, sizes: Sequence[str]) -> int:
    """The first of the trailing dimensions that are contiguous by the type's static strides."""
    if info.identity:
        return 0
    running = 1
    first = len(sizes)
    for position in range(len(sizes) - 1, -1, -1):
        if sizes[position] != "1" and info.strides[position] != running:
            break
        first = position
        if not is_literal(sizes[position]):
            break
        running *= int(sizes[position])
    return first


def _copy_nest(
    e: Emitter,
    info: TypeInfo,
    source: Buffer,
    target: Buffer,
    sizes: Sequence[str],
    depth: int,
    count: str,
) -> None:
    """Loops over the first `depth` dimensions around a copy of `count` bytes."""
    heads: list[tuple[str, str, str, str, int]] = []
    indices: list[str] = []
    for d in range(depth):
        if sizes[d] == "1":
            indices.append("0")
            continue
        head, body, done = e.fresh_label(), e.fresh_label(), e.fresh_label()
        index, following = e.fresh(), e.fresh()
        before = e.label
        e.emit(f"br label %{head}")
        e.start(head)
        position = len(e.lines)
        e.lines.append(f"  {index} = phi i64 [ 0, %{before} ], [ {following}, ")
        inside = e.define(f"icmp slt i64 {index}, {sizes[d]}")
        e.emit(f"br i1 {inside}, label %{body}, label %{done}")
        e.start(body)
        heads.append((head, done, index, following, position))
        indices.append(index)
    a = e.dot(source.offset, indices, source.strides[:depth])
    b = e.dot(target.offset, indices, target.strides[:depth])
    from_ = e.element_pointer(source.base, a, info.memory)
    to = e.element_pointer(target.base, b, info.memory)
    if depth == len(sizes):
        moved = e.define(f"load {info.memory}, ptr {from_}")
        e.emit(f"store {info.memory} {moved}, ptr {to}")
    else:
        align = info.bytes
        e.emit(
            f"call void @llvm.memcpy.p0.p0.i64(ptr align {align} {to}, ptr align {align} {from_}, "
            f"i64 {count}, i1 false)"
        )
    for head, done, index, following, position in reversed(heads):
        e.emit(f"{following} = add nsw i64 {index}, 1")
        e.lines[position] += f"%{e.label} ]"
        e.emit(f"br label %{head}")
        e.start(done)


def prefetch(e: Emitter, op: Operation) -> None:
    base, *indices = operands(op)
    pointer = e.address(e.buffer(base), indices, e.info(base.type).memory)
    write = _flag(op, "isWrite")
    locality: int = op.properties["localityHint"].value.data  # pyright: ignore[reportAttributeAccessIssue]
    kind = f"i32 {write}, i32 {locality}, i32 {_flag(op, 'isDataCache')}"
    e.emit(f"call void @llvm.prefetch.p0(ptr {pointer}, {kind})")


def _flag(op: Operation, name: str) -> int:
    return int(bool(cast("BoolAttr", op.properties[name])))


HANDLERS: dict[str, Handler] = {
    "memref.alloc": alloc,
    "memref.alloca": alloca,
    "memref.assume_alignment": assume_alignment,
    "memref.cast": cast_,
    "memref.collapse_shape": collapse_shape,
    "memref.copy": copy,
    "memref.dealloc": dealloc,
    "memref.dim": dim,
    "memref.expand_shape": expand_shape,
    "memref.extract_aligned_pointer_as_index": extract_aligned_pointer_as_index,
    "memref.extract_strided_metadata": extract_strided_metadata,
    "memref.get_global": get_global,
    "memref.load": load,
    "memref.memory_space_cast": memory_space_cast,
    "memref.prefetch": prefetch,
    "memref.rank": rank,
    "memref.reinterpret_cast": reinterpret_cast,
    "memref.store": store,
    "memref.subview": subview,
    "memref.view": view,
}
