"""Functions of a recorded program see only their arguments: what they use of the program around them becomes arguments.

Before: fact_0(%n) uses %scale of the caller, and calls fact_0(%m)
After:  fact_0(%n, %scale) calls fact_0(%m, %scale); constants are copied
"""

from __future__ import annotations

from collections.abc import Iterable

from tfc.dialects.tfc.semantics.types import ArrayType
from tfc.graph.control import CALL, CONSTANT
from tfc.graph.nodes import Graph, Node, Region, Value

Values = dict[Value, None]
"""A set in order of insertion."""


def lift(graph: Graph) -> None:
    """Complete the functions that the program calls, and drop the others."""
    names = called(graph)
    bodies = {name: graph.functions[name] for name in names}
    free = _free_of(bodies)
    passed = {name: [v for v in values if not _is_constant(v)] for name, values in free.items()}
    _extend_calls(graph.body, passed, {})
    for name, region in bodies.items():
        _complete(region, free[name], passed)
    graph.functions = {
        f"{name.rpartition('_')[0]}_{i}": bodies[name] for i, name in enumerate(names)
    }
    renamed = {name: f"{name.rpartition('_')[0]}_{i}" for i, name in enumerate(names)}
    for region in (graph.body, *bodies.values()):
        for node in region.walk():
            if node.spec is CALL:
                node.attributes = {"callee": renamed[node.attributes["callee"]]}


def lift_early(graph: Graph, call: Node) -> dict[str, dict[Value, Value]]:
    """Make what a complete function uses of the program around it arguments, but for variables; by function, which is which.

    Its calls can then be copied to where other values stand for those. `call` is the one from outside. The functions that are
    recorded inside it and call it in turn, which were complete earlier, get what it needs as arguments, too.
    """
    first: str = call.attributes["callee"]
    bodies = {first: graph.functions[first]}
    bodies.update({name: graph.functions[name] for name in _called_from(graph, bodies[first])})
    passed = {
        name: [v for v in values if not _is_constant(v) and isinstance(v.type, ArrayType)]
        for name, values in _free_of(bodies).items()
    }
    call.inputs += passed[first]
    for region in bodies.values():
        for node in region.walk():
            if node.spec is CALL:
                node.inputs += passed[node.attributes["callee"]]
    found: dict[str, dict[Value, Value]] = {}
    for name, region in bodies.items():
        found[name] = {value: Value(value.type, name=value.name) for value in passed[name]}
        region.arguments += found[name].values()
        region.replace(found[name])
    return found


def called(graph: Graph) -> list[str]:
    """The names of the functions that are reached from the body, in order of first call."""
    return _called_from(graph, graph.body)


def _called_from(graph: Graph, region: Region) -> list[str]:
    found: dict[str, None] = {}
    pending = [region]
    while pending:
        for node in pending.pop().walk():
            if node.spec is CALL and node.attributes["callee"] not in found:
                name = node.attributes["callee"]
                found[name] = None
                pending.append(graph.functions[name])
    return list(found)


def _defined(region: Region) -> set[Value]:
    found = set(region.arguments)
    for node in region.walk():
        found.update(node.outputs)
        for inner in node.regions:
            found.update(inner.arguments)
    return found


def _used(region: Region) -> Values:
    found: Values = {}
    for node in region.walk():
        found.update(dict.fromkeys(node.inputs))
        for inner in node.regions:
            found.update(dict.fromkeys(inner.results))
    found.update(dict.fromkeys(region.results))
    return found


def _free(region: Region, defined: set[Value]) -> Values:
    return {value: None for value in _used(region) if value not in defined}


def _free_of(bodies: dict[str, Region]) -> dict[str, Values]:
    """What each function uses of the program around it, for itself or for those that it calls."""
    defined = {name: _defined(region) for name, region in bodies.items()}
    free = {name: _free(region, defined[name]) for name, region in bodies.items()}
    calls = {name: [n for n in region.walk() if n.spec is CALL] for name, region in bodies.items()}
    changed = True
    while changed:  # functions that call each other pass on what the other one needs
        changed = False
        for name in bodies:
            mine = free[name]
            count = len(mine)
            for call in calls[name]:
                others = free[call.attributes["callee"]]
                mine.update({v: None for v in others if v not in defined[name]})
            changed |= len(mine) != count
    return free


def _is_constant(value: Value) -> bool:
    return value.node is not None and value.node.spec is CONSTANT


def _extend_calls(region: Region, passed: dict[str, list[Value]], same: dict[Value, Value]) -> None:
    for node in region.walk():
        if node.spec is CALL:
            node.inputs += [same.get(value, value) for value in passed[node.attributes["callee"]]]


def _complete(region: Region, free: Values, passed: dict[str, list[Value]]) -> None:
    """Replace what a function uses of the outside by arguments and copies of constants."""
    _extend_calls(region, passed, close(region, free))


def close(region: Region, free: Iterable[Value] | None = None) -> dict[Value, Value]:
    """Make what a region uses of the program around it its last arguments, and constants of its own; which is which."""
    same: dict[Value, Value] = {}
    constants: list[Node] = []
    for value in _free(region, _defined(region)) if free is None else free:
        if _is_constant(value):
            assert value.node is not None
            copy = Node(CONSTANT, (), value.node.attributes, [value.type], value.node.location)
            constants.append(copy)
            same[value] = copy.outputs[0]
        else:
            argument = Value(value.type, name=value.name)
            region.arguments.append(argument)
            same[value] = argument
    region.replace(same)
    region.nodes[:0] = constants
    return same
