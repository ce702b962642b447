"""The digest of a graph: equal for programs that compile to the same code. Needs no xDSL."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from tfc.backend.cache import blake2b
from tfc.graph.nodes import Graph, Node, Region, Value


def digest(graph: Graph) -> str:
    """A hexadecimal digest of everything in the graph but names."""
    hasher = blake2b(digest_size=20)
    writer = _Writer(hasher.update)
    writer.region(graph.body)
    hasher.update(f"{graph.updates}{graph.has_any_sizes}".encode())
    for name, region in graph.functions.items():
        hasher.update(name.encode())
        writer.region(region)
    return hasher.hexdigest()


class _Writer:
    """Numbers values in order of appearance and writes every node as bytes."""

    def __init__(self, write: Callable[[bytes], object]) -> None:
        self.write = write
        self.numbers: dict[Value, int] = {}

    def region(self, region: Region) -> None:
        numbers = self.numbers
        for value in region.arguments:
            numbers[value] = len(numbers)
        self.write(f"({[str(value.type) for value in region.arguments]}".encode())
        for node in region.nodes:
            self.node(node)
        self.write(f"-> {[numbers[value] for value in region.results]})".encode())

    def node(self, node: Node) -> None:
        numbers = self.numbers
        location = node.location
        self.write(
            f"{node.spec.name}{[numbers[value] for value in node.inputs]}@{location[:3]}"
            f"{'!' * node.is_certain}".encode()
        )
        for key, item in node.attributes.items():
            self.write(key.encode())
            self.attribute(item)
        for region in node.regions:
            self.region(region)
        for value in node.outputs:
            numbers[value] = len(numbers)
            self.write(str(value.type).encode())

    def attribute(self, item: Any) -> None:
        if isinstance(item, np.ndarray):
            self.write(f"{item.dtype.str}{item.shape}".encode())
            self.write(np.ascontiguousarray(item).tobytes())
        else:
            self.write(f"{type(item).__name__} {item!r}".encode())
