"""Tickets: Python's objects as integers that compiled code carries."""

from __future__ import annotations

import itertools
import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")

_numbers = itertools.count(1)


class Tickets(threading.local, Generic[T]):
    """The objects that stand behind tickets, the latest `most` of each thread, or fewer large ones; no ticket is 0."""

    def __init__(
        self, most: int, most_size: int = 0, size_of: Callable[[T], int] | None = None
    ) -> None:
        self.most = most
        self.most_size = most_size
        self.size_of = size_of
        self._objects: OrderedDict[int, T] = OrderedDict()
        self._size = 0

    def keep(self, item: T) -> int:
        """A new ticket for an object."""
        ticket = next(_numbers)
        self._objects[ticket] = item
        size_of = self.size_of or (lambda item: 0)
        self._size += size_of(item)
        while len(self._objects) > self.most or self._size > self.most_size:
            if len(self._objects) == 1:
                break
            self._size -= size_of(self._objects.popitem(last=False)[1])
        return ticket

    def find(self, ticket: int) -> T | None:
        """The object of a ticket; None when it is not kept any more."""
        return self._objects.get(ticket)
