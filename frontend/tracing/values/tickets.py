"""Tickets: Python's objects as integers that compiled code carries."""

from __future__ import annotations

import itertools
import threading
from collections import OrderedDict
from typing import Generic, TypeVar

T = TypeVar("T")

_numbers = itertools.count(1)


class Tickets(threading.local, Generic[T]):
    """The objects that stand behind tickets, the latest `most` of each thread; no ticket is 0."""

    def __init__(self, most: int) -> None:
        self.most = most
        self._objects: OrderedDict[int, T] = OrderedDict()

    def keep(self, item: T) -> int:
        """A new ticket for an object."""
        ticket = next(_numbers)
        self._objects[ticket] = item
        if len(self._objects) > self.most:
            self._objects.popitem(last=False)
        return ticket

    def find(self, ticket: int) -> T | None:
        """The object of a ticket; None when it is not kept any more."""
        return self._objects.get(ticket)
