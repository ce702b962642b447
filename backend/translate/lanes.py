"""Moving lanes between rows: one function that every shuffle, slice, transpose and reshape comes down to."""

from __future__ import annotations

from collections.abc import Sequence

from tfc.backend.translate.emitter import Emitter

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
