"""`Graph`: the record that tracing makes, before it is IR.

It mirrors MLIR: a node has a spec, input values, attributes, output values and regions; a region has arguments, nodes
and results, and sees the values of the regions around it. It knows nothing of xDSL (docs/architecture.md says why).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from tfc.dialects.tfc.semantics.spec import OpSpec
from tfc.dialects.tfc.semantics.types import ArrayType


class Location(NamedTuple):
    """A position in the user's source; `function` is for messages."""

    file: str
    line: int
    column: int
    end_column: int = 0
    function: str = ""

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


UNKNOWN_LOCATION = Location("<unknown>", 0, 0)


class Value:
    """A value of the program: the output `index` of `node`, or a region argument (`node` is None)."""

    __slots__ = ("index", "name", "node", "type")

    def __init__(
        self, type: ArrayType, node: Node | None = None, index: int = 0, name: str = ""
    ) -> None:
        self.type = type
        self.node = node
        self.index = index
        self.name = name
        """What the user calls it, for messages and SSA names; may be empty."""

    def __repr__(self) -> str:
        return f"<Value {self.name or '?'}: {self.type}>"


class Node:
    """One op of the program."""

    __slots__ = ("attributes", "inputs", "is_certain", "location", "outputs", "regions", "spec")

    def __init__(
        self,
        spec: OpSpec,
        inputs: Sequence[Value],
        attributes: dict[str, Any],
        output_types: Sequence[ArrayType],
        location: Location = UNKNOWN_LOCATION,
        regions: Sequence[Region] = (),
    ) -> None:
        self.spec = spec
        self.inputs = list(inputs)
        self.attributes = attributes
        self.outputs = tuple([Value(kind, self, index) for index, kind in enumerate(output_types)])
        self.location = location
        self.regions = tuple(regions)
        self.is_certain = False
        """Whether its operands have been found to be those for which it cannot fail: they are not checked again."""

    def has_effect(self, known: dict[Node, bool] | None = None) -> bool:
        """Whether it, or a node in its regions, does more than compute its results.

        What is `known` of nodes with regions is not looked for again; what is found is added.
        """
        if not self.spec.effect.is_removable and not self.is_certain:
            return True
        if not self.regions:
            return False
        known = {} if known is None else known
        found = known.get(self)
        if found is None:
            inner = any(node.has_effect(known) for region in self.regions for node in region.nodes)
            found = known[self] = inner
        return found

    def __repr__(self) -> str:
        return f"<Node {self.spec.name} at {self.location}>"


class Region:
    """A straight list of nodes with arguments and results."""

    __slots__ = ("arguments", "moved_to", "nodes", "results")

    def __init__(self, argument_types: Sequence[ArrayType] = ()) -> None:
        self.arguments = [Value(kind) for kind in argument_types]
        self.nodes: list[Node] = []
        self.results: list[Value] = []
        self.moved_to: Region | None = None
        """Where its nodes are now, when they went on in straight line."""

    def take(self, other: Region) -> None:
        """Become what another region is."""
        self.arguments, self.nodes, self.results = other.arguments, other.nodes, other.results
        other.moved_to = self

    def owns(self, value: Value) -> bool:
        """Whether a value is made here, not around or deeper inside. Linear in the number of nodes."""
        return value in self.arguments if value.node is None else value.node in self.nodes

    def walk(self) -> Iterator[Node]:
        """Every node, outer before inner, in program order."""
        for node in self.nodes:
            yield node
            for region in node.regions:
                yield from region.walk()

    def replace(self, same: Mapping[Value, Value]) -> None:
        """Use other values instead of some, also in the regions inside."""
        for node in self.walk():
            node.inputs = [same.get(value, value) for value in node.inputs]
            for inner in node.regions:
                inner.results = [same.get(value, value) for value in inner.results]
        self.results = [same.get(value, value) for value in self.results]


class Graph:
    """A whole program: the body of its entry function and the functions that it calls by name (recursion)."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.body = Region()
        self.functions: dict[str, Region] = {}
        self.updates: dict[int, int] = {}
        """Results of the body, by number, that are the new values of an argument and are written where it is."""
        self.number_keys: dict[Value, Any] = {}
        """Inputs that are Python numbers, by the name that the function object knows them under."""
        self.has_any_sizes = False
        """Whether a `?` size of an argument may be 1: else it never is."""

    def with_any_sizes(self) -> Graph:
        """The same program, for arguments whose `?` sizes may be 1."""
        made = Graph(self.name)
        made.body, made.functions, made.has_any_sizes = self.body, self.functions, True
        return made
