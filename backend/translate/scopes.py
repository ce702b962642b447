"""Alias scopes for views of one arena: what LLVM cannot see for itself.

Arguments, allocations and globals are told apart by LLVM. Temporaries that share one allocation (`memref.view` at constant
offsets) are not, and without help every loop over two of them gets run-time checks or is not vectorised at all. Two
views whose bytes do not meet never alias; views that share bytes (at different times) say nothing of each other.

To stay linear, an access speaks only of the views used in the same loop: the outermost one around it that uses at most
`MOST_VIEWS` of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

MOST_VIEWS = 16
_MARK = "\x00"


@dataclass
class _View:
    root: int
    start: int
    end: int
    node: int = -1


@dataclass
class _Loop:
    first: int
    last: int
    views: set[int] = field(default_factory=set[int])


class Scopes:
    """The views of a function and the lines that access them."""

    def __init__(self, metadata: list[str]) -> None:
        self._metadata = metadata
        self._views: list[_View] = []
        self._loops: list[_Loop] = []
        self._lists: dict[tuple[int, ...], int] = {}
        self._domain: list[int] = []

    def child(self) -> Scopes:
        """Scopes for a part of the function that becomes a function of its own: the same views, other lines."""
        other = Scopes(self._metadata)
        other._views = self._views
        other._domain = self._domain
        return other

    def add_view(self, root: int, start: int, size: int) -> int:
        """A view of `size` bytes at byte `start` of the allocation `root`; returns its scope."""
        self._views.append(_View(root, start, start + size))
        return len(self._views) - 1

    def add_loop(self, first: int, last: int) -> None:
        """The lines from `first` up to but without `last` are a loop."""
        self._loops.append(_Loop(first, last))

    def innermost_loops(self) -> list[tuple[int, int]]:
        """First line and line behind the last of the loops that have no loop inside."""
        loops = sorted((loop.first, -loop.last) for loop in self._loops)
        return [
            (first, -last)
            for k, (first, last) in enumerate(loops)
            if k + 1 == len(loops) or loops[k + 1][0] >= -last
        ]

    @staticmethod
    def mark(scope: int) -> str:
        """What to write behind an access until `resolve` knows the loops."""
        return f"{_MARK}{scope}{_MARK}"

    def resolve(self, lines: list[str]) -> None:
        """Replace the marks by metadata."""
        if not self._views:
            return
        marked = [(k, int(line.split(_MARK)[1])) for k, line in enumerate(lines) if _MARK in line]
        around = self._enclosing([k for k, _ in marked])
        for (_, scope), loops in zip(marked, around, strict=True):
            for loop in loops:
                loop.views.add(scope)
        for (k, scope), loops in zip(marked, around, strict=True):
            before, _, after = lines[k].split(_MARK)
            lines[k] = before + self._suffix(scope, loops) + after

    def _enclosing(self, positions: Sequence[int]) -> list[list[_Loop]]:
        """For each line the loops around it, outermost first; positions ascend."""
        pending = sorted(self._loops, key=lambda loop: (loop.first, -loop.last))
        pending.reverse()
        stack: list[_Loop] = []
        result: list[list[_Loop]] = []
        for position in positions:
            while pending and pending[-1].first <= position:
                stack.append(pending.pop())
            stack = [loop for loop in stack if loop.last > position]
            result.append(list(stack))
        return result

    def _suffix(self, scope: int, loops: list[_Loop]) -> str:
        if not loops:
            return ""
        group = next((loop for loop in loops if len(loop.views) <= MOST_VIEWS), loops[-1])
        mine = self._views[scope]
        others = tuple(
            other
            for other in sorted(group.views)
            if other != scope and _apart(mine, self._views[other])
        )
        if not others or len(others) > 4 * MOST_VIEWS:
            return ""
        return f", !alias.scope !{self._list((scope,))}, !noalias !{self._list(others)}"

    def _list(self, scopes: tuple[int, ...]) -> int:
        known = self._lists.get(scopes)
        if known is None:
            nodes = [f"!{self._node(scope)}" for scope in scopes]
            known = self._lists[scopes] = self._add(f"!{{{', '.join(nodes)}}}")
        return known

    def _node(self, scope: int) -> int:
        view = self._views[scope]
        if view.node < 0:
            if not self._domain:
                self._domain.append(len(self._metadata))
                self._add(f"distinct !{{!{self._domain[0]}}}")
            number = len(self._metadata)
            view.node = self._add(f"distinct !{{!{number}, !{self._domain[0]}}}")
        return view.node

    def _add(self, text: str) -> int:
        number = len(self._metadata)
        self._metadata.append(f"!{number} = {text}")
        return number


def _apart(a: _View, b: _View) -> bool:
    """Whether two views of the same allocation never meet. Of different ones LLVM knows it."""
    return a.root == b.root and (a.end <= b.start or b.end <= a.start)
