"""Axis arguments: negative values, ranges and duplicates."""

from __future__ import annotations

from tfc.dialects.tfc.semantics.errors import OpError


def normalize_axis(op: str, axis: int, rank: int) -> int:
    """`axis` in 0..rank-1; raises `OpError` TFC104."""
    if not -rank <= axis < rank:
        raise OpError(
            "TFC104",
            f"{op}: axis {axis} is out of range for a tensor of rank {rank}",
            f"use an axis from {-rank} to {rank - 1}" if rank else "a scalar has no axes",
        )
    return axis % rank


def normalize_axes(op: str, axes: tuple[int, ...] | None, rank: int) -> tuple[int, ...]:
    """Sorted axes in 0..rank-1, all of them for None; raises `OpError` TFC104 on range or duplicates."""
    if axes is None:
        return tuple(range(rank))
    result = sorted(normalize_axis(op, axis, rank) for axis in axes)
    if len(set(result)) != len(result):
        raise OpError("TFC104", f"{op}: duplicate axis in {tuple(axes)}", "name each axis once")
    return tuple(result)
