"""The order in which the loops of a structured op run, and which of them can be merged."""

from __future__ import annotations

from collections.abc import Sequence

from xdsl.ir.affine import AffineDimExpr, AffineExpr, AffineMap

OUTPUT_CONTIGUOUS = 2
INPUT_CONTIGUOUS = 1
OUTPUT_STRIDED = -3
INPUT_STRIDED = -2


def uses_dim(expr: AffineExpr, dim: int) -> bool:
    """Whether loop `dim` occurs in `expr`."""
    return any(isinstance(e, AffineDimExpr) and e.position == dim for e in expr.dfs())


def innermost(
    maps: Sequence[AffineMap],
    reductions: Sequence[bool],
    first_output: int,
    candidates: Sequence[int],
) -> int:
    """The loop along which most operands are contiguous and fewest are strided.

    Results that are summed in memory, since a reduction is outside, gain nothing by being contiguous: each is read and written
    again and again. Equal scores go to the last loop, which the source ordered innermost.
    """
    output_contiguous = 0 if any(reductions) else OUTPUT_CONTIGUOUS

    def score(dim: int) -> int:
        total = 0
        for index, map in enumerate(maps):
            output = index >= first_output
            used = [uses_dim(expr, dim) for expr in map.results]
            if not any(used):
                continue
            if used[-1] and not any(used[:-1]):
                total += output_contiguous if output else INPUT_CONTIGUOUS
            else:
                total += OUTPUT_STRIDED if output else INPUT_STRIDED
        return total

    return max(candidates, key=lambda dim: (score(dim), dim))


def loop_order(
    maps: Sequence[AffineMap], reductions: Sequence[bool], first_output: int
) -> list[int]:
    """The loops from the outermost to the innermost.

    Parallel loops come first, then reductions in their given order (what is reduced in which
    order matters to ops that are not associative), then the innermost one. A reduction can be
    innermost only if it is the last reduction.
    """
    count = len(reductions)
    last_reduction = max((d for d in range(count) if reductions[d]), default=-1)
    candidates = [d for d in range(count) if not reductions[d] or d == last_reduction]
    if not candidates:
        return []
    inner = innermost(maps, reductions, first_output, candidates)
    outer = [d for d in range(count) if not reductions[d] and d != inner]
    summed = [d for d in range(count) if reductions[d] and d != inner]
    return [*outer, *summed, inner]


def mergeable_runs(
    maps: Sequence[AffineMap],
    contiguous: Sequence[bool],
    reductions: Sequence[bool],
    fixed: set[int],
) -> list[list[int]]:
    """Runs of neighbouring loops that every operand walks through as if they were one.

    `contiguous` says for each operand whether its layout is row-major, `fixed` has the loops whose
    index the body asks for.
    """
    runs: list[list[int]] = []
    for dim in range(len(reductions)):
        if (
            runs
            and reductions[runs[-1][-1]] == reductions[dim]
            and dim not in fixed
            and runs[-1][-1] not in fixed
            and all(
                _adjacent(map, runs[-1][-1], dim, whole)
                for map, whole in zip(maps, contiguous, strict=True)
            )
        ):
            runs[-1].append(dim)
        else:
            runs.append([dim])
    return runs


def _adjacent(map: AffineMap, first: int, second: int, whole: bool) -> bool:
    """Whether the two loops index neighbouring dimensions of the operand, or neither does."""
    where_first = [i for i, expr in enumerate(map.results) if uses_dim(expr, first)]
    where_second = [i for i, expr in enumerate(map.results) if uses_dim(expr, second)]
    if not where_first and not where_second:
        return True
    return (
        whole
        and len(where_first) == len(where_second) == 1
        and where_second[0] == where_first[0] + 1
        and isinstance(map.results[where_first[0]], AffineDimExpr)
        and isinstance(map.results[where_second[0]], AffineDimExpr)
    )
