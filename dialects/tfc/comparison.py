"""Comparisons of numbers, and tests for nan and infinity."""

from __future__ import annotations

from tfc.dialects.tfc.base import TfcOp
from tfc.dialects.tfc.semantics import comparison as semantics


class EqualOp(TfcOp):
    """Whether elements are equal; false for nan.

    %z = tfc.equal %x, %y : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xi1>
    """

    name = "tfc.equal"
    spec = semantics.equal


class NotEqualOp(TfcOp):
    """Whether elements differ; true for nan.

    %z = tfc.not_equal %x, %y : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xi1>
    """

    name = "tfc.not_equal"
    spec = semantics.not_equal


class LessOp(TfcOp):
    """Whether x < y.

    %z = tfc.less %x, %y : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xi1>
    """

    name = "tfc.less"
    spec = semantics.less


class LessEqualOp(TfcOp):
    """Whether x <= y.

    %z = tfc.less_equal %x, %y : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xi1>
    """

    name = "tfc.less_equal"
    spec = semantics.less_equal


class GreaterOp(TfcOp):
    """Whether x > y.

    %z = tfc.greater %x, %y : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xi1>
    """

    name = "tfc.greater"
    spec = semantics.greater


class GreaterEqualOp(TfcOp):
    """Whether x >= y.

    %z = tfc.greater_equal %x, %y : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xi1>
    """

    name = "tfc.greater_equal"
    spec = semantics.greater_equal


class IsNanOp(TfcOp):
    """Whether an element is nan.

    %z = tfc.is_nan %x : (tensor<4xf32>) -> tensor<4xi1>
    """

    name = "tfc.is_nan"
    spec = semantics.is_nan


class IsInfOp(TfcOp):
    """Whether an element is infinite.

    %z = tfc.is_inf %x : (tensor<4xf32>) -> tensor<4xi1>
    """

    name = "tfc.is_inf"
    spec = semantics.is_inf


class IsFiniteOp(TfcOp):
    """Whether an element is neither infinite nor nan.

    %z = tfc.is_finite %x : (tensor<4xf32>) -> tensor<4xi1>
    """

    name = "tfc.is_finite"
    spec = semantics.is_finite


OPS = (
    EqualOp,
    NotEqualOp,
    LessOp,
    LessEqualOp,
    GreaterOp,
    GreaterEqualOp,
    IsNanOp,
    IsInfOp,
    IsFiniteOp,
)
