"""A backward pass over what a tape recorded, op by op."""

from __future__ import annotations

from tfc.core.recording import STATE, certain
from tfc.core.tensor import Tensor
from tfc.core.variable import Variable
from tfc.gradients.accumulation import accumulate
from tfc.gradients.plans import Pass
from tfc.gradients.sources import require_all_paths


def run(backward: Pass) -> list[Tensor | None]:
    """The gradients of the sources, in public ops."""
    from tfc.ops.creation import ones_like

    if STATE.recorder is not None:
        require_all_paths(backward)
    gradients: dict[int, Tensor] = {}
    for target, seed in zip(backward.targets, backward.seeds, strict=True):
        accumulate(gradients, target.key, ones_like(target) if seed is None else seed)
    kept = {source.key for source in backward.sources if isinstance(source, Tensor)}
    kept.update(value.key for _, value in backward.reads)
    with certain():  # indices and shapes that ops before have checked
        for entry in reversed(backward.entries):
            entry.backward(gradients, backward.tracked, kept)
    return [_collect(source, gradients, backward) for source in backward.sources]


def _collect(
    source: Tensor | Variable, gradients: dict[int, Tensor], backward: Pass
) -> Tensor | None:
    total: Tensor | None = None
    if isinstance(source, Variable):
        for variable, value in backward.reads:
            part = gradients.get(value.key) if variable is source else None
            if part is not None:
                total = part if total is None else total + part
    else:
        total = gradients.get(source.key)
    if total is None and backward.fills_zeros:
        from tfc.ops.creation import zeros_like

        return zeros_like(source)
    return total
