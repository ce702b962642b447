"""Where a symbolic value comes from."""

from __future__ import annotations

from typing import Any

from tfc.dialects.tfc.semantics.spec import Effect
from tfc.graph.control import CONSTANT, CONTROL
from tfc.graph.nodes import Graph, Value


def evaluate_constant(value: Value) -> tuple[bool, Any]:
    """(True, its array) when a value depends on constants only, else (False, None)."""
    known: dict[Value, Any] = {}
    return (True, known[value]) if _evaluate(value, known) else (False, None)


def is_constant(value: Value, expected: int) -> bool:
    """Whether a value is a constant that equals `expected`."""
    node = value.node
    return node is not None and node.spec is CONSTANT and bool(node.attributes["value"] == expected)


def _evaluate(value: Value, known: dict[Value, Any]) -> bool:
    pending = [value]
    while pending:
        current = pending[-1]
        if current in known:
            pending.pop()
            continue
        node = current.node
        if node is None or node.spec in CONTROL or node.spec.effect is not Effect.NONE:
            return False
        missing = [item for item in node.inputs if item not in known]
        if missing:
            pending.extend(missing)
            continue
        result = node.spec.evaluate(*[known[item] for item in node.inputs], **node.attributes)
        results = result if isinstance(result, tuple) else (result,)
        known.update(zip(node.outputs, results, strict=True))
    return True


def origins_of(value: Value, graph: Graph) -> frozenset[Any] | None:
    """The Python-number inputs that alone decide `value`; None when it depends on anything else.

    `Graph.number_keys` names these inputs.
    """
    keys: set[Any] = set()
    seen: set[Value] = set()
    pending = [value]
    while pending:
        current = pending.pop()
        if current in seen:
            continue
        seen.add(current)
        node = current.node
        if node is None:
            key = graph.number_keys.get(current)
            if key is None:
                return None
            keys.add(key)
        elif node.spec.effect not in (Effect.NONE, Effect.FAIL):
            return None
        else:
            pending.extend(node.inputs)
            for region in node.regions:
                seen.update(region.arguments)
                pending.extend(region.results)
    return frozenset(keys)
