"""Undoing a broadcast: the gradient of a broadcast operand sums over the dims that were repeated."""

from __future__ import annotations

from tfc.core.tensor import Tensor


def unbroadcast(grad: Tensor, operand: Tensor) -> Tensor:
    """`grad` summed to the shape of `operand`, which broadcast to the shape of `grad`.

    `?` dims are left to the compiler, which drops `tfc.sum_to_shape_of` where they cannot have been repeated and decides at run
    time where they come from data.
    """
    shape = operand.type.shape
    if grad.type.shape == shape and None not in shape:
        return grad
    from tfc.ops.reduction import sum_to_shape_of

    return sum_to_shape_of(grad, operand)
