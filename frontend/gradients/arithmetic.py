"""Gradients of arithmetic."""

from __future__ import annotations

from tfc.core.tensor import Tensor
from tfc.dialects.tfc.semantics import arithmetic as semantics
from tfc.dialects.tfc.semantics.spec import OpSpec
from tfc.gradients.broadcasting import unbroadcast
from tfc.gradients.registry import NotDifferentiable, RecordedOp, Rule
from tfc.ops.arithmetic import divide_no_nan, multiply_no_nan, negative, pow, sign
from tfc.ops.comparison import equal, greater, greater_equal, less_equal
from tfc.ops.logical import select
from tfc.ops.transcendental import log

Pair = tuple[Tensor, Tensor]


def _add(op: RecordedOp, grad: Tensor) -> Pair:
    x, y = op.inputs
    return unbroadcast(grad, x), unbroadcast(grad, y)


def _subtract(op: RecordedOp, grad: Tensor) -> Pair:
    x, y = op.inputs
    return unbroadcast(grad, x), unbroadcast(negative(grad), y)


def _multiply(op: RecordedOp, grad: Tensor) -> Pair:
    x, y = op.inputs
    return unbroadcast(grad * y, x), unbroadcast(grad * x, y)


def _divide(op: RecordedOp, grad: Tensor) -> Pair:
    x, y = op.inputs
    part = grad / y
    return unbroadcast(part, x), unbroadcast(negative(part * (x / y)), y)


def _floormod(op: RecordedOp, grad: Tensor) -> Pair:
    x, y = op.inputs
    return unbroadcast(grad, x), unbroadcast(negative(grad * (x // y)), y)


def _truncatemod(op: RecordedOp, grad: Tensor) -> Pair:
    from tfc.ops.arithmetic import truncatediv

    x, y = op.inputs
    return unbroadcast(grad, x), unbroadcast(negative(grad * truncatediv(x, y)), y)


def _pow(op: RecordedOp, grad: Tensor) -> Pair:
    """With 0 for the gradient of the exponent where the base is not positive, as TensorFlow defines it."""
    x, y = op.inputs
    to_x = grad * select(equal(y, 0), 0, y * pow(x, y - 1))
    positive = greater(x, 0)
    logarithm = select(positive, log(select(positive, x, 1)), 0)
    return unbroadcast(to_x, x), unbroadcast(grad * (op.outputs[0] * logarithm), y)


def _maximum(op: RecordedOp, grad: Tensor) -> Pair:
    x, y = op.inputs
    return _chosen(greater_equal(x, y), x, y, grad)


def _minimum(op: RecordedOp, grad: Tensor) -> Pair:
    x, y = op.inputs
    return _chosen(less_equal(x, y), x, y, grad)


def _chosen(takes_x: Tensor, x: Tensor, y: Tensor, grad: Tensor) -> Pair:
    """The gradient goes to `x` where it was taken (also of equals), else to `y`."""
    to_x, to_y = select(takes_x, grad, 0), select(takes_x, 0, grad)
    return unbroadcast(to_x, x), unbroadcast(to_y, y)


def _multiply_no_nan(op: RecordedOp, grad: Tensor) -> Pair:
    x, y = op.inputs
    return unbroadcast(multiply_no_nan(grad, y), x), unbroadcast(multiply_no_nan(x, grad), y)


def _divide_no_nan(op: RecordedOp, grad: Tensor) -> Pair:
    x, y = op.inputs
    part = divide_no_nan(grad, y)
    return unbroadcast(part, x), unbroadcast(negative(part * divide_no_nan(x, y)), y)


def _negative(op: RecordedOp, grad: Tensor) -> Tensor:
    return negative(grad)


def _abs(op: RecordedOp, grad: Tensor) -> Tensor:
    return grad * sign(op.inputs[0])


_PIECEWISE_CONSTANT = NotDifferentiable("piecewise constant: the gradient is 0 almost everywhere")

RULES: dict[OpSpec, Rule | NotDifferentiable] = {
    semantics.add: _add,
    semantics.subtract: _subtract,
    semantics.multiply: _multiply,
    semantics.divide: _divide,
    semantics.floordiv: _PIECEWISE_CONSTANT,
    semantics.floormod: _floormod,
    semantics.truncatediv: _PIECEWISE_CONSTANT,
    semantics.truncatemod: _truncatemod,
    semantics.pow: _pow,
    semantics.maximum: _maximum,
    semantics.minimum: _minimum,
    semantics.multiply_no_nan: _multiply_no_nan,
    semantics.divide_no_nan: _divide_no_nan,
    semantics.negative: _negative,
    semantics.abs: _abs,
    semantics.sign: _PIECEWISE_CONSTANT,
}
