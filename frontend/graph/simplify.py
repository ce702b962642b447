"""Dropping what a recorded program does not need: dead ops, unused results of branches, values that loops carry for nothing.

Before: (%i, %x, %unused) carried through a loop that only returns %x
After:  (%i, %x)

Ops with effects stay; a loop without any goes with its results, even one that might not end. Linear in the number of ops,
except that a loop's body is walked again while more of what it carries turns out to be needed.
"""

from __future__ import annotations

from tfc.graph.control import CONTROL, FOR, IF, SWITCH, WHILE
from tfc.graph.nodes import Graph, Node, Region, Value


def simplify(graph: Graph) -> None:
    """Simplify in place."""
    for region in (graph.body, *graph.functions.values()):
        _forward(region, {})
        marker = _Marker()
        marker.live.update(region.results)
        marker.region(region)
        _sweep(region, marker)


# -- values that only pass through --------------------------------------------------------------


def _forward(region: Region, same: dict[Value, Value]) -> None:
    """Use the outer value where a branch or loop hands it on unchanged."""
    for node in region.nodes:
        if same:
            node.inputs = [same.get(value, value) for value in node.inputs]
        if node.spec is FOR:
            _forward_invariants(node, same)
        for inner in node.regions:
            _forward(inner, same)
        if node.spec in (IF, SWITCH):
            for index, output in enumerate(node.outputs):
                first = node.regions[0].results[index]
                handed_on = all(inner.results[index] is first for inner in node.regions)
                if handed_on and first.type == output.type:
                    same[output] = first
    region.results = [same.get(value, value) for value in region.results]


def _forward_invariants(node: Node, same: dict[Value, Value]) -> None:
    region = node.regions[0]
    for index, output in enumerate(node.outputs):
        argument, initial = region.arguments[index + 1], node.inputs[index + 3]
        if region.results[index] is argument and initial.type == argument.type:
            same[argument] = same[output] = initial


# -- what is needed -----------------------------------------------------------------------------


class _Marker:
    def __init__(self) -> None:
        self.live: set[Value] = set()
        self.effects: dict[Node, bool] = {}

    def region(self, region: Region) -> None:
        live = self.live
        for node in reversed(region.nodes):
            if self.is_needed(node):
                if node.spec in CONTROL:
                    self.node(node)
                else:
                    live.update(node.inputs)

    def is_needed(self, node: Node) -> bool:
        """Whether a node has to stay."""
        outputs = node.outputs
        if len(outputs) == 1 and outputs[0] in self.live:
            return True
        return node.has_effect(self.effects) or any(output in self.live for output in outputs)

    def node(self, node: Node) -> None:
        live = self.live
        if node.spec is IF or node.spec is SWITCH:
            live.update(node.inputs)
            for region in node.regions:
                for result, output in zip(region.results, node.outputs, strict=True):
                    if output in live:
                        live.add(result)
                self.region(region)
        elif node.spec is FOR:
            live.update(node.inputs[:3])
            self.loop(node, 3, 1)
        elif node.spec is WHILE:
            live.add(node.regions[0].results[0])
            self.loop(node, 0, 0)

    def loop(self, node: Node, first_input: int, first_argument: int) -> None:
        count = -1
        while True:
            needed = carried(node, self.live, first_argument)
            if len(needed) == count:
                return
            count = len(needed)
            for index in needed:
                self.live.add(node.inputs[first_input + index])
                if node.spec is WHILE:
                    self.live.add(node.regions[0].results[1 + index])
                    self.live.add(node.regions[1].results[index])
                else:
                    self.live.add(node.regions[0].results[index])
            for region in reversed(node.regions):
                self.region(region)


def carried(node: Node, live: set[Value], first_argument: int) -> list[int]:
    """The numbers of the values that a loop has to carry."""
    return [
        index
        for index, output in enumerate(node.outputs)
        if output in live
        or any(region.arguments[first_argument + index] in live for region in node.regions)
    ]


# -- dropping -----------------------------------------------------------------------------------


def _sweep(region: Region, marker: _Marker) -> None:
    kept: list[Node] = []
    for node in region.nodes:
        if marker.is_needed(node):
            kept.append(node)
            if node.spec in CONTROL:
                _sweep_control(node, marker)
    region.nodes = kept


def _sweep_control(node: Node, marker: _Marker) -> None:
    live = marker.live
    if node.spec is IF or node.spec is SWITCH:
        indices = [index for index, output in enumerate(node.outputs) if output in live]
        for region in node.regions:
            region.results = [region.results[index] for index in indices]
    elif node.spec is FOR:
        indices = carried(node, live, 1)
        region = node.regions[0]
        node.inputs = [*node.inputs[:3], *[node.inputs[3 + index] for index in indices]]
        region.arguments = [region.arguments[0], *[region.arguments[1 + i] for i in indices]]
        region.results = [region.results[index] for index in indices]
    else:
        indices = carried(node, live, 0)
        before, after = node.regions
        node.inputs = [node.inputs[index] for index in indices]
        before.arguments = [before.arguments[index] for index in indices]
        after.arguments = [after.arguments[index] for index in indices]
        before.results = [before.results[0], *[before.results[1 + i] for i in indices]]
        after.results = [after.results[index] for index in indices]
    node.outputs = tuple([node.outputs[index] for index in indices])
    for position, output in enumerate(node.outputs):
        output.index = position
    for region in node.regions:
        _sweep(region, marker)
