"""Gradients of roots, exponentials, logarithms, trigonometric and special functions."""

from __future__ import annotations

import math
from collections.abc import Callable

from tfc.core.tensor import Tensor
from tfc.dialects.tfc.semantics import transcendental as semantics
from tfc.dialects.tfc.semantics.spec import OpSpec
from tfc.gradients.broadcasting import unbroadcast
from tfc.gradients.registry import NotDifferentiable, RecordedOp, Rule
from tfc.ops.arithmetic import multiply_no_nan, square
from tfc.ops.comparison import greater
from tfc.ops.logical import select
from tfc.ops.rounding import floor
from tfc.ops.transcendental import cos, cosh, digamma, exp, rsqrt, sin, sinh, zeta

_TWO_OVER_ROOT_PI = 2 / math.sqrt(math.pi)


def _times(derivative: Callable[[Tensor, Tensor], Tensor]) -> Rule:
    """The rule of a function of one operand: `derivative(x, y)` from its operand and result."""

    def rule(op: RecordedOp, grad: Tensor) -> Tensor:
        return grad * derivative(op.inputs[0], op.outputs[0])

    return rule


def _over(divisor: Callable[[Tensor, Tensor], Tensor]) -> Rule:
    """The rule of a function whose derivative is one over `divisor(x, y)`."""

    def rule(op: RecordedOp, grad: Tensor) -> Tensor:
        return grad / divisor(op.inputs[0], op.outputs[0])

    return rule


def _unless_zero(derivative: Callable[[Tensor, Tensor], Tensor]) -> Rule:
    """As `_times`, and 0 for a gradient of 0 even where the derivative is infinite, as in `where(x > 0, sqrt(x), 0)`."""

    def rule(op: RecordedOp, grad: Tensor) -> Tensor:
        return multiply_no_nan(derivative(op.inputs[0], op.outputs[0]), grad)

    return rule


def _atan2(op: RecordedOp, grad: Tensor) -> tuple[Tensor, Tensor]:
    y, x = op.inputs
    part = grad / (square(x) + square(y))
    return unbroadcast(part * x, y), unbroadcast(part * -y, x)


def _zeta(op: RecordedOp, grad: Tensor) -> tuple[None, Tensor]:
    """The derivative in the exponent has no closed form; TensorFlow has none either."""
    x, q = op.inputs
    return None, unbroadcast(grad * (-x * zeta(x + 1, q)), q)


def _trigamma(x: Tensor, y: Tensor) -> Tensor:
    """The derivative of digamma; to the left of 0 by reflection, with infinities at the poles."""
    right = greater(x, 0)
    fraction = select(right, 0.5, x - floor(x))
    reflected = square(math.pi / sin(fraction * math.pi)) - zeta(2.0, select(right, 1.0, 1 - x))
    return select(right, zeta(2.0, select(right, x, 1.0)), reflected)


RULES: dict[OpSpec, Rule | NotDifferentiable] = {
    semantics.sqrt: _unless_zero(lambda x, y: 0.5 / y),
    semantics.rsqrt: _unless_zero(lambda x, y: y * (y * y) * -0.5),
    semantics.exp: _times(lambda x, y: y),
    semantics.expm1: _times(lambda x, y: exp(x)),
    semantics.log: _over(lambda x, y: x),
    semantics.log1p: _over(lambda x, y: x + 1),
    semantics.sin: _times(lambda x, y: cos(x)),
    semantics.cos: _times(lambda x, y: -sin(x)),
    semantics.tan: _times(lambda x, y: square(y) + 1),
    semantics.asin: _times(lambda x, y: rsqrt(1 - square(x))),
    semantics.acos: _times(lambda x, y: -rsqrt(1 - square(x))),
    semantics.atan: _over(lambda x, y: square(x) + 1),
    semantics.atan2: _atan2,
    semantics.sinh: _times(lambda x, y: cosh(x)),
    semantics.cosh: _times(lambda x, y: sinh(x)),
    semantics.tanh: _times(lambda x, y: 1 - square(y)),
    semantics.asinh: _over(lambda x, y: cosh(y)),
    semantics.acosh: _over(lambda x, y: sinh(y)),
    semantics.atanh: _over(lambda x, y: 1 - square(x)),
    semantics.erf: _times(lambda x, y: exp(-square(x)) * _TWO_OVER_ROOT_PI),
    semantics.erfc: _times(lambda x, y: exp(-square(x)) * -_TWO_OVER_ROOT_PI),
    semantics.erfinv: _times(lambda x, y: exp(square(y)) / _TWO_OVER_ROOT_PI),
    semantics.ndtri: _times(lambda x, y: exp(square(y) * 0.5) * math.sqrt(2 * math.pi)),
    semantics.lgamma: _times(lambda x, y: digamma(x)),
    semantics.digamma: _times(_trigamma),
    semantics.zeta: _zeta,
}
