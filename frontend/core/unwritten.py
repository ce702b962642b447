"""Rows whose shape is not known before one is written, and what tells a place known now from one of run time.

A program that writes row `i` of a known number of rows carries one tensor through its loop. Before the first write there is
nothing that tells its type: an `Unwritten` stands for it, and where paths of a traced program meet it is as many zeros as the
tensor on the other path has.
"""

from __future__ import annotations

from typing import Any


class Unwritten:
    """The rows of a tensor of unknown type: `items` are the first ones, the others zeros."""

    __slots__ = ("items",)

    def __init__(self, items: list[Any]) -> None:
        self.items = items
        """The very list that the program goes on filling while all places are known."""


def is_known(value: Any) -> bool:
    """Whether a number or index has its value now; always, outside of traced programs, which have a version of this."""
    return True


def counted(begin: int, end: Any) -> Any:
    """`range(begin, end)`; in traced programs one that is kept a loop, when it is long and can be one."""
    return range(begin, end)
