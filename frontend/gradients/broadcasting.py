"""Undoing a broadcast: the gradient of a broadcast operand sums over the dims that were repeated."""

from __future__ import annotations

from tfc.core.tensor import Tensor


def unbroadcast(grad: Tensor, operand: Tensor) -> Tensor:
    """`grad` summed to the shape of `operand`, which broadcast to the shape of `grad`.

    Sizes are decided from the types: a `?` against a `?` of the same op is no broadcast unless the sizes come from data,
    in which case the sum happens at run time (`tfc.sum_to_shape_of`).
    """
    if grad.type.shape == operand.type.shape:
        return grad
    from tfc.ops.reduction import sum_to_shape_of

    return sum_to_shape_of(grad, operand)
