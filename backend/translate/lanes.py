"""Lanes of rows: moving them between rows (what every shuffle, slice, transpose and reshape comes down to), filling, masking."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from tfc.backend.translate.arith import splat
from tfc.backend.translate.emitter import Emitter, is_literal
from tfc.backend.translate.types import TypeInfo

#: A lane of the result: (row of the source, lane in it), or None for anything.
Pick = tuple[int, int] | None


def mask_literal(lanes: Sequence[int | None]) -> str:
    """The mask operand of `shufflevector`.

    >>> mask_literal([0, None])
    '<2 x i32> <i32 0, i32 poison>'
    """
    words = ("i32 poison" if lane is None else f"i32 {lane}" for lane in lanes)
    return f"<{len(lanes)} x i32> <{', '.join(words)}>"


def pick_lanes(
    e: Emitter, element: str, lanes: int, rows: Sequence[str], picks: Sequence[Pick]
) -> str:
    """A row whose lane k is `picks[k]` of the rows, each of `lanes` lanes of type `element`."""
    used = list(dict.fromkeys(pick[0] for pick in picks if pick is not None))
    type_ = f"<{lanes} x {element}>"
    if not used:
        return "poison"
    if len(used) == 1:
        wanted = [None if pick is None else pick[1] for pick in picks]
        if len(picks) == lanes and all(w is None or w == k for k, w in enumerate(wanted)):
            return rows[used[0]]
        return e.define(
            f"shufflevector {type_} {rows[used[0]]}, {type_} poison, {mask_literal(wanted)}"
        )
    first, second, *rest = used
    wanted = [
        None if p is None or p[0] in rest else p[1] + (lanes if p[0] == second else 0)
        for p in picks
    ]
    name = e.define(
        f"shufflevector {type_} {rows[first]}, {type_} {rows[second]}, {mask_literal(wanted)}"
    )
    count = len(picks)
    wide = f"<{count} x {element}>"
    for row in rest:
        placed = pick_lanes(
            e, element, lanes, rows, [p if p is not None and p[0] == row else None for p in picks]
        )
        blend = [k + count if p is not None and p[0] == row else k for k, p in enumerate(picks)]
        name = e.define(f"shufflevector {wide} {name}, {wide} {placed}, {mask_literal(blend)}")
    return name


def transpose_square(e: Emitter, element: str, rows: list[str]) -> list[str]:
    """Transpose n rows of n lanes, n a power of two, in log2(n) rounds of n two-row shuffles.

    In each round lane blocks of half the previous size change places across the diagonal.
    """
    n = len(rows)
    type_ = f"<{n} x {element}>"
    current = list(rows)
    half = n // 2
    while half:
        following = list(current)
        upper = mask_literal([lane if not lane & half else n + lane - half for lane in range(n)])
        lower = mask_literal([lane + half if not lane & half else n + lane for lane in range(n)])
        for i in range(n):
            if not i & half:
                pair = f"{type_} {current[i]}, {type_} {current[i + half]}"
                following[i] = e.define(f"shufflevector {pair}, {upper}")
                following[i + half] = e.define(f"shufflevector {pair}, {lower}")
        current = following
        half //= 2
    return current


def splat_scalar(e: Emitter, info: TypeInfo, name: str) -> str:
    """A scalar in every lane."""
    if name[0] != "%":
        return splat(info, info.element, name)
    first = e.define(f"insertelement {info.llvm} poison, {info.element} {name}, i64 0")
    return e.define(
        f"shufflevector {info.llvm} {first}, {info.llvm} poison, <{info.lanes} x i32> zeroinitializer"
    )


def iota(element: str, lanes: int) -> str:
    return "<" + ", ".join(f"{element} {k}" for k in range(lanes)) + ">"


def lane_mask(e: Emitter, lanes: int, size: str) -> str:
    """`lane < size` for each lane."""
    if is_literal(size):
        return _lanes_below(lanes, int(size))
    wide = f"<{lanes} x i64>"
    first = e.define(f"insertelement {wide} poison, i64 {size}, i64 0")
    every = e.define(
        f"shufflevector {wide} {first}, {wide} poison, <{lanes} x i32> zeroinitializer"
    )
    return e.define(f"icmp slt {wide} {iota('i64', lanes)}, {every}")


def _lanes_below(lanes: int, size: int) -> str:
    if size >= lanes:
        return "splat (i1 true)"
    if size <= 0:
        return "zeroinitializer"
    return "<" + ", ".join(f"i1 {'true' if k < size else 'false'}" for k in range(lanes)) + ">"


def box_mask(e: Emitter, info: TypeInfo, sizes: Sequence[str]) -> list[str]:
    """Rows of a mask that is set where every index is below its size."""
    row = lane_mask(e, info.lanes, sizes[-1])
    rows: list[str] = []
    for index in itertools.product(*(range(n) for n in info.shape[:-1])):
        name = row
        for i, size in zip(index, sizes, strict=False):
            if is_literal(size):
                if i >= int(size):
                    name = "zeroinitializer"
                    break
                continue
            inside = e.define(f"icmp slt i64 {i}, {size}")
            name = e.define(f"select i1 {inside}, {info.llvm} {name}, {info.llvm} zeroinitializer")
        rows.append(name)
    return rows
