"""The reference executor: a graph is run node by node, each op by its NumPy meaning."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from tfc.core import stack_depth
from tfc.dialects.tfc.semantics.errors import OpError
from tfc.graph import locations
from tfc.graph.control import CALL, DEEPEST_CALLS, FAIL, FOR, IF, SWITCH, WHILE
from tfc.graph.nodes import Node, Region, Value

FRAMES_PER_CALL = 20
"""Python frames that the executor takes for a call, at most."""

Observer = Callable[[Node, tuple[Any, ...]], None]


class RunTimeFailure(Exception):  # noqa: N818 - carries a user's exception
    """Exception number `failure` of the trace, with its run-time values."""

    def __init__(self, node: Node, failure: int, values: Sequence[np.ndarray]) -> None:
        self.node = node
        self.failure = failure
        self.values = values
        super().__init__(failure)


class Evaluator:
    """Runs graphs; `observe` sees every node with its results."""

    def __init__(
        self, observe: Observer | None = None, functions: Mapping[str, Region] | None = None
    ) -> None:
        self.observe = observe
        self.functions = functions or {}
        self.values: dict[Value, Any] = {}

    def run(self, region: Region, arguments: Sequence[Any]) -> list[Any]:
        """The results of a region for its arguments."""
        values = self.values
        values.update(zip(region.arguments, arguments, strict=True))
        for node in region.nodes:
            self.step(node)
        return [values[value] for value in region.results]

    def step(self, node: Node) -> None:
        """Run one node."""
        inputs = [self.values[value] for value in node.inputs]
        special = _SPECIAL.get(node.spec)
        if special is not None:
            results = tuple(special(self, node, inputs))
        else:
            try:
                result = node.spec.evaluate(*inputs, **node.attributes)
            except OpError as error:
                from tfc.core.errors import Site, user_error

                raise user_error(error, Site(locations.show_location(node.location))) from None
            results = result if isinstance(result, tuple) else (result,)
            results = tuple([np.asarray(item) for item in results])
        self.values.update(zip(node.outputs, results, strict=True))
        if self.observe is not None:
            self.observe(node, results)


def _if(evaluator: Evaluator, node: Node, inputs: list[Any]) -> list[Any]:
    return evaluator.run(node.regions[0 if inputs[0] else 1], ())


def _switch(evaluator: Evaluator, node: Node, inputs: list[Any]) -> list[Any]:
    tag = min(int(inputs[0]), len(node.regions) - 1)
    return evaluator.run(node.regions[tag], ())


def _while(evaluator: Evaluator, node: Node, inputs: list[Any]) -> list[Any]:
    before, after = node.regions
    carried = inputs
    while True:
        condition, *carried = evaluator.run(before, carried)
        if not condition:
            return carried
        carried = evaluator.run(after, carried)


def _for(evaluator: Evaluator, node: Node, inputs: list[Any]) -> list[Any]:
    lower, upper, step = (int(item) for item in inputs[:3])
    carried = inputs[3:]
    for index in range(lower, upper, step):
        carried = evaluator.run(node.regions[0], [np.asarray(index, np.int64), *carried])
    return carried


def _fail(evaluator: Evaluator, node: Node, inputs: list[Any]) -> list[Any]:
    if not inputs[0]:
        raise RunTimeFailure(node, node.attributes["failure"], inputs[1:])
    return []


def _call(evaluator: Evaluator, node: Node, inputs: list[Any]) -> list[Any]:
    """A call has values of its own; the interpreter's frames for it count against Python's limit."""
    outer, evaluator.values = evaluator.values, {}
    try:
        with stack_depth.at_least(FRAMES_PER_CALL * DEEPEST_CALLS):
            return evaluator.run(evaluator.functions[node.attributes["callee"]], inputs)
    finally:
        evaluator.values = outer


_SPECIAL = {
    IF: _if,
    SWITCH: _switch,
    WHILE: _while,
    FOR: _for,
    FAIL: _fail,
    CALL: _call,
}
