"""Sources that come out of a branch on a tensor: what the arms made of them besides is not part of their gradient.

Where `y` and `w` leave a branch, and an arm has computed `w` from its `y`, or its `y` is a value from outside that the target
depends on otherwise, the eager gradient of the target by `y` counts that, too. The compiled one would not.
"""

from __future__ import annotations

from typing import Any

from tfc.core.errors import CompileError
from tfc.core.tensor import Tensor
from tfc.gradients.explanation import Edge, edges_of, reach
from tfc.gradients.plans import Pass


def require_all_paths(backward: Pass) -> None:
    """Refuse a gradient by a tensor of a branch where the target depends on what it is in an arm by another way."""
    inner = _values_in_arms(backward)
    if not inner:
        return
    edges = [
        Edge(edge.outputs, edge.inputs) for edge in edges_of(backward.entries) if edge.cut is None
    ]
    targets = {target.key for target in backward.targets}
    for key, values in inner.items():
        others = [edge for edge in edges if key not in edge.inputs]
        if reach(others, targets - {key}) & values:
            raise CompileError(
                "TFC015",
                "a branch on a tensor gives the source, and the target depends in an arm on what it is there by another way, too",
                "ask for the gradient in the arm, or by a tensor from before the branch",
            )


def _values_in_arms(backward: Pass) -> dict[int, set[int]]:
    """What the sources that branches gave are in their arms."""
    keys = {source.key for source in backward.sources if isinstance(source, Tensor)}
    found: dict[int, set[int]] = {}
    for entry in backward.entries:
        staged: Any = getattr(entry, "staged", None)
        if staged is None or not staged.is_branch:
            continue
        for template in staged.templates:
            for output, result in zip(staged.outputs, template.region.results, strict=False):
                if output.key in keys:
                    found.setdefault(output.key, set()).add(id(result))
    return found
