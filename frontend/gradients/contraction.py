"""Gradients of contractions: contractions again, so that they hold at every order."""

from __future__ import annotations

from tfc.core.tensor import Tensor
from tfc.dialects.tfc.semantics import contraction as semantics
from tfc.dialects.tfc.semantics.spec import OpSpec
from tfc.gradients.broadcasting import unbroadcast
from tfc.gradients.registry import NotDifferentiable, RecordedOp, Rule
from tfc.ops.contraction import contract, matmul


def _matmul(op: RecordedOp, grad: Tensor) -> tuple[Tensor, Tensor]:
    x, y = op.inputs
    flags = op.attributes["transpose_x"], op.attributes["transpose_y"]
    if flags == (False, False):
        to_x, to_y = matmul(grad, y, transpose_b=True), matmul(x, grad, transpose_a=True)
    elif flags == (False, True):
        to_x, to_y = matmul(grad, y), matmul(grad, x, transpose_a=True)
    elif flags == (True, False):
        to_x, to_y = matmul(y, grad, transpose_b=True), matmul(x, grad)
    else:
        to_x = matmul(y, grad, transpose_a=True, transpose_b=True)
        to_y = matmul(grad, x, transpose_a=True, transpose_b=True)
    return unbroadcast(to_x, x), unbroadcast(to_y, y)


def _contract(op: RecordedOp, grad: Tensor) -> tuple[Tensor, Tensor]:
    x, y = op.inputs
    attributes = op.attributes
    x_labels, y_labels = attributes["x_labels"], attributes["y_labels"]
    out = attributes["out_labels"]
    return contract(grad, y, out, y_labels, x_labels), contract(x, grad, x_labels, out, y_labels)


RULES: dict[OpSpec, Rule | NotDifferentiable] = {
    semantics.matmul: _matmul,
    semantics.contract: _contract,
}
