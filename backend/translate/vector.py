"""`vector`, on rows of rank 1."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from math import prod
from typing import cast

from tfc.backend.translate.arith import (
    bf16_to_float,
    fast_math,
    float_to_bf16,
    mangle,
)
from tfc.backend.translate.emitter import Emitter, is_literal, operands, unsupported
from tfc.backend.translate.lanes import box_mask, iota, pick_lanes, splat_scalar, transpose_square
from tfc.backend.translate.memref import Handler, int_array
from tfc.backend.translate.types import DYNAMIC, TypeInfo
from xdsl.dialects.builtin import ArrayAttr, IntegerAttr
from xdsl.ir import Attribute, Operation, SSAValue


def _integers(attribute: Attribute) -> list[int]:
    return [cast("IntegerAttr", a).value.data for a in cast("ArrayAttr[Attribute]", attribute).data]


# Making vectors of scalars


def broadcast(e: Emitter, op: Operation) -> None:
    source = operands(op)[0]
    result = op.results[0]
    info = e.info(result.type)
    inner = e.info(source.type)
    if not inner.is_vector:
        e.set_rows(result, [splat_scalar(e, info, e.scalar(source))] * info.rows)
        return
    shape = info.shape or (1,)
    small = (1,) * (len(shape) - len(inner.shape)) + (inner.shape or (1,))
    rows = e.rows(source)
    if small[-1] != shape[-1]:
        rows = [pick_lanes(e, info.element, 1, [row], [(0, 0)] * shape[-1]) for row in rows]
    strides = _strides(small[:-1])
    picked: list[str] = []
    for index in itertools.product(*(range(n) for n in shape[:-1])):
        position = sum(i * s for i, s, n in zip(index, strides, small[:-1], strict=True) if n != 1)
        picked.append(rows[position])
    e.set_rows(result, picked)


def _strides(shape: Sequence[int]) -> list[int]:
    strides: list[int] = []
    running = 1
    for size in reversed(shape):
        strides.append(running)
        running *= size
    return strides[::-1]


def from_elements(e: Emitter, op: Operation) -> None:
    result = op.results[0]
    info = e.info(result.type)
    names = [e.scalar(o) for o in operands(op)]
    rows: list[str] = []
    for start in range(0, len(names), info.lanes):
        row = "poison"
        for lane, name in enumerate(names[start : start + info.lanes]):
            row = e.define(f"insertelement {info.llvm} {row}, {info.element} {name}, i64 {lane}")
        rows.append(row)
    e.set_rows(result, rows)


def to_elements(e: Emitter, op: Operation) -> None:
    source = operands(op)[0]
    info = e.info(source.type)
    results = iter(op.results)
    for row in e.rows(source):
        for lane in range(info.lanes):
            e.values[next(results)] = e.define(f"extractelement {info.llvm} {row}, i64 {lane}")


def step(e: Emitter, op: Operation) -> None:
    info = e.info(op.results[0].type)
    e.values[op.results[0]] = iota(info.element, info.lanes)


# Masks


def create_mask(e: Emitter, op: Operation) -> None:
    result = op.results[0]
    sizes = [e.scalar(o) for o in operands(op)]
    e.set_rows(result, box_mask(e, e.info(result.type), sizes))


def constant_mask(e: Emitter, op: Operation) -> None:
    result = op.results[0]
    sizes = [str(n) for n in int_array(op.properties["mask_dim_sizes"])]
    e.set_rows(result, box_mask(e, e.info(result.type), sizes))


# Parts of vectors


def _position(e: Emitter, op: Operation, dynamic: Sequence[SSAValue]) -> list[str]:
    rest = iter(dynamic)
    return [
        e.scalar(next(rest)) if n == DYNAMIC else str(n)
        for n in int_array(op.properties["static_position"])
    ]


def _row_range(op: Operation, shape: tuple[int, ...], position: list[str]) -> tuple[int, int]:
    """First row and number of rows of the part at `position` (of the outer dimensions)."""
    if not all(is_literal(p) for p in position):
        raise unsupported(op, "a position in an outer dimension that is not known")
    strides = _strides(shape[:-1])
    start = sum(int(p) * s for p, s in zip(position, strides, strict=False))
    return start, prod(shape[len(position) : -1])


def extract(e: Emitter, op: Operation) -> None:
    vector, *dynamic = operands(op)
    info = e.info(vector.type)
    rows = e.rows(vector)
    position = _position(e, op, dynamic)
    if len(position) == len(info.shape):
        start, _ = _row_range(op, info.shape, position[:-1])
        lane = position[-1] if position else "0"
        e.values[op.results[0]] = e.define(f"extractelement {info.llvm} {rows[start]}, i64 {lane}")
        return
    start, count = _row_range(op, info.shape, position)
    e.set_rows(op.results[0], rows[start : start + count])


def insert(e: Emitter, op: Operation) -> None:
    source, dest, *dynamic = operands(op)
    info = e.info(dest.type)
    rows = list(e.rows(dest))
    position = _position(e, op, dynamic)
    if not e.info(source.type).is_vector:
        start, _ = _row_range(op, info.shape, position[:-1])
        lane = position[-1] if position else "0"
        rows[start] = e.define(
            f"insertelement {info.llvm} {rows[start]}, {info.element} {e.scalar(source)}, i64 {lane}"
        )
    else:
        start, count = _row_range(op, info.shape, position)
        rows[start : start + count] = e.rows(source)
    e.set_rows(op.results[0], rows)


def shuffle(e: Emitter, op: Operation) -> None:
    first, second = operands(op)
    info = e.info(first.type)
    mask = int_array(op.properties["mask"])
    rows = [*e.rows(first), *e.rows(second)]
    if len(info.shape) > 1:
        block = prod(info.shape[1:-1])
        picked = [rows[m * block + k] if m >= 0 else "poison" for m in mask for k in range(block)]
        e.set_rows(op.results[0], picked)
        return
    lanes = info.lanes
    other = e.info(second.type).lanes
    if other != lanes:  # shufflevector wants equal lengths
        most = max(lanes, other)
        rows = [
            pick_lanes(e, info.element, n, [row], [(0, k) if k < n else None for k in range(most)])
            for row, n in zip(rows, (lanes, other), strict=True)
        ]
    picks = [None if m < 0 else (0, m) if m < lanes else (1, m - lanes) for m in mask]
    e.values[op.results[0]] = pick_lanes(e, info.element, max(lanes, other), rows, picks)


def _relocate(
    e: Emitter, op: Operation, source: SSAValue, places: Sequence[tuple[int, int]]
) -> None:
    """Lane k of the result, counted over all rows, is lane `places[k]` of the source."""
    info = e.info(source.type)
    target = e.info(op.results[0].type)
    rows = e.rows(source)
    picked = [
        pick_lanes(e, info.element, info.lanes, rows, places[k : k + target.lanes])
        for k in range(0, len(places), target.lanes)
    ]
    e.set_rows(op.results[0], picked)


def transpose(e: Emitter, op: Operation) -> None:
    source = operands(op)[0]
    info = e.info(source.type)
    order = int_array(op.properties["permutation"])
    shape = info.shape
    if order == (1, 0) and shape[0] == shape[1] and shape[0] & (shape[0] - 1) == 0:
        e.set_rows(op.results[0], transpose_square(e, info.element, e.rows(source)))
        return
    strides = _strides(shape)
    places: list[tuple[int, int]] = []
    for index in itertools.product(*(range(shape[d]) for d in order)):
        flat = sum(i * strides[d] for i, d in zip(index, order, strict=True))
        places.append(divmod(flat, info.lanes))
    _relocate(e, op, source, places)


def extract_strided_slice(e: Emitter, op: Operation) -> None:
    source = operands(op)[0]
    info = e.info(source.type)
    offsets = _integers(op.properties["offsets"])
    sizes = _integers(op.properties["sizes"])
    offsets += [0] * (len(info.shape) - len(offsets))
    sizes += list(info.shape[len(sizes) :])
    strides = _strides(info.shape)
    ranges = [range(o, o + s) for o, s in zip(offsets, sizes, strict=True)]
    places = [
        divmod(sum(i * s for i, s in zip(index, strides, strict=True)), info.lanes)
        for index in itertools.product(*ranges)
    ]
    _relocate(e, op, source, places)


def insert_strided_slice(e: Emitter, op: Operation) -> None:
    source, dest = operands(op)
    inner, info = e.info(source.type), e.info(dest.type)
    offsets = _integers(op.properties["offsets"])
    shape = (1,) * (len(info.shape) - len(inner.shape)) + inner.shape
    rows = list(e.rows(dest))
    start = offsets[-1]
    strides = _strides(info.shape[:-1])
    ranges = [range(o, o + s) for o, s in zip(offsets[:-1], shape[:-1], strict=True)]
    for row, index in zip(e.rows(source), itertools.product(*ranges), strict=True):
        at = sum(i * s for i, s in zip(index, strides, strict=True))
        inside = range(start, start + inner.lanes)
        if inner.lanes == info.lanes:
            rows[at] = row
            continue
        placed = pick_lanes(
            e,
            info.element,
            inner.lanes,
            [row],
            [(0, k - start) if k in inside else None for k in range(info.lanes)],
        )
        rows[at] = pick_lanes(
            e,
            info.element,
            info.lanes,
            [rows[at], placed],
            [(1, k) if k in inside else (0, k) for k in range(info.lanes)],
        )
    e.set_rows(op.results[0], rows)


def shape_cast(e: Emitter, op: Operation) -> None:
    source = operands(op)[0]
    info = e.info(source.type)
    if info.lanes == e.info(op.results[0].type).lanes:
        e.set_rows(op.results[0], e.rows(source))
        return
    _relocate(e, op, source, [divmod(k, info.lanes) for k in range(info.rows * info.lanes)])


def interleave(e: Emitter, op: Operation) -> None:
    lhs, rhs = operands(op)
    info = e.info(lhs.type)
    picks = [(k & 1, k >> 1) for k in range(2 * info.lanes)]
    rows = [
        pick_lanes(e, info.element, info.lanes, [a, b], picks)
        for a, b in zip(e.rows(lhs), e.rows(rhs), strict=True)
    ]
    e.set_rows(op.results[0], rows)


def deinterleave(e: Emitter, op: Operation) -> None:
    source = operands(op)[0]
    info = e.info(source.type)
    for parity, result in enumerate(op.results):
        picks = [(0, k) for k in range(parity, info.lanes, 2)]
        rows = [pick_lanes(e, info.element, info.lanes, [row], picks) for row in e.rows(source)]
        e.set_rows(result, rows)


def bitcast(e: Emitter, op: Operation) -> None:
    source = operands(op)[0]
    info, target = e.info(source.type), e.info(op.results[0].type)
    if info.llvm == target.llvm:
        e.set_rows(op.results[0], e.rows(source))
        return
    rows = [e.define(f"bitcast {info.llvm} {row} to {target.llvm}") for row in e.rows(source)]
    e.set_rows(op.results[0], rows)


# Reductions

#: kind -> (intrinsic, instruction or intrinsic that joins the accumulator)
_REDUCTIONS: dict[str, tuple[str, str]] = {
    "and": ("and", "and"),
    "or": ("or", "or"),
    "xor": ("xor", "xor"),
    "minsi": ("smin", "@smin"),
    "minui": ("umin", "@umin"),
    "maxsi": ("smax", "@smax"),
    "maxui": ("umax", "@umax"),
    "minnumf": ("fmin", "@minnum"),
    "maxnumf": ("fmax", "@maxnum"),
    "minimumf": ("fminimum", "@minimum"),
    "maximumf": ("fmaximum", "@maximum"),
}


def reduction(e: Emitter, op: Operation) -> None:
    """One scalar of a vector; in order unless `reassoc` allows otherwise."""
    vector, *rest = operands(op)
    info = e.info(vector.type)
    kind = str(op.properties["kind"].data.value)  # pyright: ignore[reportAttributeAccessIssue]
    row = e.scalar(vector)
    accumulator = e.scalar(rest[0]) if rest else None
    scalar = e.info(op.results[0].type)
    if info.is_bf16:
        row = bf16_to_float(e, info, row)
        accumulator = bf16_to_float(e, scalar, accumulator) if accumulator else None
    name = _reduce(e, op, info, kind, row, accumulator)
    e.values[op.results[0]] = float_to_bf16(e, scalar, name) if info.is_bf16 else name


def _reduce(
    e: Emitter, op: Operation, info: TypeInfo, kind: str, row: str, accumulator: str | None
) -> str:
    vector = info.compute
    element = "float" if info.is_bf16 else info.element
    flags = (
        fast_math(op) if info.is_float else ""
    )  # on integers they say nothing, and LLVM refuses them
    if kind in ("add", "mul") and info.is_float:
        start = accumulator or _neutral(element, kind)
        return e.define(
            f"call {flags}{element} @llvm.vector.reduce.f{kind}.{mangle(vector)}({element} {start}, "
            f"{vector} {row})"
        )
    intrinsic, join = _REDUCTIONS.get(kind, (kind, kind))
    name = e.define(
        f"call {flags}{element} @llvm.vector.reduce.{intrinsic}.{mangle(vector)}({vector} {row})"
    )
    if accumulator is None:
        return name
    if join[0] == "@":
        return e.define(
            f"call {flags}{element} @llvm.{join[1:]}.{mangle(element)}({element} {accumulator}, "
            f"{element} {name})"
        )
    return e.define(f"{join} {element} {accumulator}, {name}")


def _neutral(element: str, kind: str) -> str:
    """-0.0 for sums, 1.0 for products."""
    if element == "half":
        return "0xH8000" if kind == "add" else "0xH3C00"
    return "-0.0" if kind == "add" else "1.0"


HANDLERS: dict[str, Handler] = {
    "vector.bitcast": bitcast,
    "vector.broadcast": broadcast,
    "vector.constant_mask": constant_mask,
    "vector.create_mask": create_mask,
    "vector.deinterleave": deinterleave,
    "vector.extract": extract,
    "vector.extract_strided_slice": extract_strided_slice,
    "vector.from_elements": from_elements,
    "vector.insert": insert,
    "vector.insert_strided_slice": insert_strided_slice,
    "vector.interleave": interleave,
    "vector.reduction": reduction,
    "vector.shape_cast": shape_cast,
    "vector.shuffle": shuffle,
    "vector.splat": broadcast,
    "vector.step": step,
    "vector.to_elements": to_elements,
    "vector.transpose": transpose,
}
