"""Simplifications of the tensor stage that change no number: neutral elements, double negations, exact casts, constants.

`x * 0` stays (nan, infinities), and so does `x + 0.0` (it makes 0.0 of -0.0).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, cast

import numpy as np
from tfc.dialects.tfc.arithmetic import (
    AddOp,
    DivideOp,
    MultiplyOp,
    NegativeOp,
    PowOp,
    SubtractOp,
)
from tfc.dialects.tfc.attributes import array_type, dense_array, dense_attribute, to_attribute
from tfc.dialects.tfc.base import TfcOp
from tfc.dialects.tfc.broadcast import BroadcastToShapeOfOp, SumToShapeOfOp
from tfc.dialects.tfc.casting import CastOp
from tfc.dialects.tfc.contraction import ContractOp, MatmulOp
from tfc.dialects.tfc.logical import LogicalNotOp, SelectOp
from tfc.dialects.tfc.semantics.contraction import Labels
from tfc.dialects.tfc.semantics.dtypes import is_bool, is_float, is_int
from tfc.dialects.tfc.semantics.errors import OpError
from tfc.dialects.tfc.semantics.spec import Effect
from tfc.dialects.tfc.semantics.types import ArrayType
from tfc.dialects.tfc.shape import IdentityOp, ReshapeOp, TransposeOp
from tfc.passes.rewriting import Pattern, Rewriter
from xdsl.dialects import arith
from xdsl.dialects.builtin import DenseIntOrFPElementsAttr, TensorType
from xdsl.ir import Operation, SSAValue

FOLD_LIMIT = 1024
"""Elements up to which an op on constants is computed while compiling."""


def _type(value: SSAValue) -> ArrayType | None:
    return array_type(value.type) if isinstance(value.type, TensorType) else None


def _constant(value: SSAValue) -> np.ndarray | None:
    """The array that a value is known to be."""
    op = value.owner
    if isinstance(op, arith.ConstantOp):
        attribute = op.properties["value"]
        if isinstance(attribute, DenseIntOrFPElementsAttr):
            return dense_array(cast("DenseIntOrFPElementsAttr[Any]", attribute))
    return None


def splat_of(value: SSAValue) -> float | int | None:
    """The number that all elements of a constant are."""
    array = _constant(value)
    if array is None or not array.size:
        return None
    first = array.reshape(-1)[0]
    if array.size > 1 and array.tobytes() != first.tobytes() * array.size:
        return None
    return first.item() if array.dtype.kind in "iufb" else float(first)


def fold(op: Operation, rewriter: Rewriter) -> bool:
    """Compute an op whose operands are small constants; one that would fail is left to fail when the program runs."""
    if not isinstance(op, TfcOp) or op.spec.effect is not Effect.NONE or not op.operands:
        return False
    arrays: list[np.ndarray] = []
    for operand in op.operands:
        if not isinstance(operand.owner, arith.ConstantOp):
            return False
        array = _constant(operand)
        if array is None or array.size > FOLD_LIMIT:
            return False
        arrays.append(array)
    for result in op.results:
        kind = _type(result)
        if kind is None or math.prod(size or FOLD_LIMIT + 1 for size in kind.shape) > FOLD_LIMIT:
            return False  # too large, or `?`, or empty, which costs nothing
    try:
        computed = op.spec.evaluate(*arrays, **op.python_attributes())
    except OpError:
        return False
    results = computed if isinstance(computed, tuple) else (computed,)
    rewriter.before(op)
    values: list[SSAValue] = []
    for result, value in zip(op.results, cast("tuple[Any, ...]", results), strict=True):
        attribute = dense_attribute(np.asarray(value))
        if attribute.type != result.type:
            return False
        values.append(rewriter.value(arith.ConstantOp, (), result.type, {"value": attribute}))
    rewriter.replace(op, values)
    return True


def _replace(op: Operation, value: SSAValue, rewriter: Rewriter) -> bool:
    """Put an operand in place of the only result, if it has its type."""
    if value.type != op.results[0].type:
        return False
    rewriter.replace(op, value)
    return True


def add_zero(op: Operation, rewriter: Rewriter) -> bool:
    """`x + 0` for integers and `x + -0.0` for floats are `x`."""
    for neutral, other in (op.operands[::-1], op.operands):
        number = splat_of(neutral)
        if number == 0 and (isinstance(number, int) or math.copysign(1, number) < 0):
            return _replace(op, other, rewriter)
    return False


def subtract_zero(op: Operation, rewriter: Rewriter) -> bool:
    """`x - 0` is `x`, also for -0.0; `x - -0.0` is not."""
    number = splat_of(op.operands[1])
    if number == 0 and math.copysign(1, number) > 0:
        return _replace(op, op.operands[0], rewriter)
    return False


def multiply_one(op: Operation, rewriter: Rewriter) -> bool:
    """`x * 1` is `x`."""
    for neutral, other in (op.operands[::-1], op.operands):
        if splat_of(neutral) == 1:
            return _replace(op, other, rewriter)
    return False


def divide_by_one(op: Operation, rewriter: Rewriter) -> bool:
    """`x / 1` is `x`."""
    return splat_of(op.operands[1]) == 1 and _replace(op, op.operands[0], rewriter)


def square(op: Operation, rewriter: Rewriter) -> bool:
    """`x ** 2` is `x * x`, which rounds once; `x ** 1` is `x`."""
    base, exponent = op.operands
    number = splat_of(exponent)
    if number == 1:
        return _replace(op, base, rewriter)
    if number != 2 or base.type != op.results[0].type:
        return False
    rewriter.before(op)
    rewriter.replace(op, rewriter.value(MultiplyOp, (base, base), base.type))
    return True


def double(op: Operation, rewriter: Rewriter) -> bool:
    """An op that undoes itself, applied twice."""
    inner = op.operands[0].owner
    return (
        isinstance(inner, Operation)
        and type(inner) is type(op)
        and _replace(op, inner.operands[0], rewriter)
    )


def is_exact(source: np.dtype, target: np.dtype) -> bool:
    """Whether every value of `source` is one of `target`."""
    if source == target or is_bool(source):
        return True
    if is_float(source):
        return is_float(target) and target.itemsize > source.itemsize
    if is_int(target):
        return bool(np.can_cast(source, target, "safe"))
    digits = {2: 11, 4: 24, 8: 53}[target.itemsize] if is_float(target) else 0
    bits = 8 * source.itemsize - (source.kind == "i")
    return bits <= (8 if target.kind == "V" else digits)


def cast_of_cast(op: Operation, rewriter: Rewriter) -> bool:
    """A cast of a cast that lost nothing is one cast, or none."""
    kind = _type(op.operands[0])
    target = _type(op.results[0])
    if kind is None or target is None:
        return False
    if kind.dtype == target.dtype:
        return _replace(op, op.operands[0], rewriter)
    inner = op.operands[0].owner
    if not isinstance(inner, CastOp):
        return False
    origin = _type(inner.operands[0])
    if origin is None or not is_exact(origin.dtype, kind.dtype):
        return False
    if origin.dtype == target.dtype:
        return _replace(op, inner.operands[0], rewriter)
    rewriter.before(op)
    properties = {"dtype": to_attribute(target.dtype)}
    value = rewriter.value(CastOp, inner.operands, op.results[0].type, properties)
    rewriter.replace(op, value)
    return True


def same_shape(op: Operation, rewriter: Rewriter) -> bool:
    """Broadcasting or summing to the static shape that a value has already."""
    kind = _type(op.operands[0])
    return kind is not None and kind.is_static and _replace(op, op.operands[0], rewriter)


def known_condition(op: Operation, rewriter: Rewriter) -> bool:
    """`select` with a constant condition, or with equal arms."""
    condition, x, y = op.operands
    if x is y:
        return _replace(op, x, rewriter)
    known = splat_of(condition)
    return known is not None and _replace(op, x if known else y, rewriter)


def identity(op: Operation, rewriter: Rewriter) -> bool:
    """`identity` matters to gradient tapes only."""
    return _replace(op, op.operands[0], rewriter)


def transpose(op: Operation, rewriter: Rewriter) -> bool:
    """A transpose that moves nothing, one of a transpose, or one of a contraction that can write its result like that."""
    permutation: tuple[int, ...] = cast(TfcOp, op).python_attributes()["permutation"]
    if permutation == tuple(range(len(permutation))):
        return _replace(op, op.operands[0], rewriter)
    inner = op.operands[0].owner
    if isinstance(inner, MatmulOp | ContractOp):
        return _transposed_contraction(op, inner, permutation, rewriter)
    if not isinstance(inner, TransposeOp):
        return False
    first: tuple[int, ...] = inner.python_attributes()["permutation"]
    properties = {"permutation": to_attribute(tuple(first[axis] for axis in permutation))}
    rewriter.before(op)
    value = rewriter.value(TransposeOp, inner.operands, op.results[0].type, properties)
    rewriter.replace(op, value)
    return True


def _transposed_contraction(
    op: Operation, inner: Operation, permutation: tuple[int, ...], rewriter: Rewriter
) -> bool:
    labels = _labels(inner)
    if labels is None or len(tuple(op.operands[0].uses)) > 1:
        return False
    x, y, out = labels
    out = tuple(out[axis] for axis in permutation)
    if out[-1] in x and out[-1] in y:
        return False  # rows of the result would have gaps
    return _contract(op, inner.operands, (x, y, out), rewriter)


def transposed_operands(op: Operation, rewriter: Rewriter) -> bool:
    """A contraction of transposed operands, which it can read as they were."""
    labels = _labels(op)
    if labels is None:
        return False
    *inputs, out = labels
    operands = list(op.operands)
    for index, other in ((0, 1), (1, 0)):
        inner = operands[index].owner
        if not isinstance(inner, TransposeOp):
            continue
        permutation: tuple[int, ...] = inner.python_attributes()["permutation"]
        order = dict(zip(permutation, inputs[index], strict=True))
        before = tuple(order[axis] for axis in range(len(order)))
        if before[-1] in inputs[other] and before[-1] in out:
            continue  # rows of a matrix would have gaps
        operands[index], inputs[index] = inner.operands[0], before
    if operands == list(op.operands):
        return False
    return _contract(op, operands, (inputs[0], inputs[1], out), rewriter)


def _labels(op: Operation) -> tuple[Labels, Labels, Labels] | None:
    """The labels of a contraction's operands and result; None where sizes of a batch may differ."""
    attributes = cast(TfcOp, op).python_attributes()
    if isinstance(op, ContractOp):
        return attributes["x_labels"], attributes["y_labels"], attributes["out_labels"]
    x, y = map(_type, op.operands)
    if x is None or y is None or x.shape[:-2] != y.shape[:-2] or None in x.shape[:-2]:
        return None
    rank = len(x.shape)
    batch, row, inner, column = tuple(range(rank - 2)), rank - 2, rank - 1, rank
    left = (inner, row) if attributes["transpose_x"] else (row, inner)
    right = (column, inner) if attributes["transpose_y"] else (inner, column)
    return (*batch, *left), (*batch, *right), (*batch, row, column)


def _contract(
    op: Operation,
    operands: Sequence[SSAValue],
    labels: tuple[Labels, Labels, Labels],
    rewriter: Rewriter,
) -> bool:
    """Replace `op` by a contraction."""
    names = ("x_labels", "y_labels", "out_labels")
    properties = {name: to_attribute(value) for name, value in zip(names, labels, strict=True)}
    rewriter.before(op)
    value = rewriter.value(ContractOp, operands, op.results[0].type, properties)
    rewriter.replace(op, value)
    return True


def reshape(op: Operation, rewriter: Rewriter) -> bool:
    """A reshape to the static shape that is there already, or one of a reshape."""
    source, target = op.operands[0], _type(op.results[0])
    if target is None or not target.is_static:
        return False
    if source.type == op.results[0].type:
        return _replace(op, source, rewriter)
    inner = source.owner
    if not isinstance(inner, ReshapeOp) or len(op.operands) > 1:
        return False
    origin = _type(inner.operands[0])
    if origin is None or not origin.is_static:
        return False  # the inner one checks sizes that are known at run time
    rewriter.before(op)
    properties = dict(op.properties)
    value = rewriter.value(ReshapeOp, inner.operands[:1], op.results[0].type, properties)
    rewriter.replace(op, value)
    return True


PATTERNS: dict[type[Operation], tuple[Pattern, ...]] = {
    AddOp: (add_zero,),
    SubtractOp: (subtract_zero,),
    MultiplyOp: (multiply_one,),
    DivideOp: (divide_by_one,),
    PowOp: (square,),
    NegativeOp: (double,),
    LogicalNotOp: (double,),
    CastOp: (cast_of_cast,),
    BroadcastToShapeOfOp: (same_shape,),
    SumToShapeOfOp: (same_shape,),
    SelectOp: (known_condition,),
    IdentityOp: (identity,),
    TransposeOp: (transpose,),
    MatmulOp: (transposed_operands,),
    ContractOp: (transposed_operands,),
    ReshapeOp: (reshape,),
}
