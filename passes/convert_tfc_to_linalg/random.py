"""Random numbers: a loop over the steps of Philox, each of which writes the two or four numbers that it gives."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from tfc.dialects.tfc.base import TfcOp
from tfc.dialects.tfc.semantics import random as semantics
from tfc.dialects.tfc.semantics.dtypes import FLOAT32, FLOAT64
from tfc.dialects.tfc.semantics.philox import SCRAMBLING_KEY
from tfc.dialects.tfc.semantics.random import (
    RESERVED,
    TRUNCATED_AT,
    numbers_per_step,
    truncated_skip,
)
from tfc.dialects.tfc.semantics.spec import OpSpec
from tfc.passes import builders
from tfc.passes.builders import I1, INDEX
from tfc.passes.convert_tfc_to_linalg import sizes as mixed
from tfc.passes.convert_tfc_to_linalg.conversion import Rule
from tfc.passes.convert_tfc_to_linalg.host import as_host_call
from tfc.passes.convert_tfc_to_linalg.lowering import Lowering
from tfc.passes.convert_tfc_to_linalg.philox import (
    Scalars,
    encrypt,
    integers,
    normals,
    uniforms,
    words_at,
)
from tfc.passes.convert_tfc_to_linalg.reshaping import lower_reshape
from tfc.passes.convert_tfc_to_linalg.shape import require_not_negative
from tfc.passes.convert_tfc_to_linalg.sizes import Size
from tfc.passes.rewriting import Rewriter
from xdsl.dialects import arith, scf, tensor
from xdsl.dialects import math as math_dialect
from xdsl.dialects.builtin import i32, i64
from xdsl.ir import Block, Region, SSAValue

Numbers = Callable[[Scalars, Sequence[SSAValue], np.dtype], list[SSAValue]]
"""The numbers of a dtype that four words give."""


def _state_words(rewriter: Rewriter, state: SSAValue) -> list[SSAValue]:
    return [
        rewriter.value(tensor.ExtractOp, (state, builders.index_constant(rewriter, n)), i64)
        for n in range(3)
    ]


def _sizes(lowering: Lowering, op: TfcOp) -> list[Size]:
    given = zip(op.operands[1:], lowering.operands(op)[1:], strict=True)
    operands = [mixed.scalar_index(lowering, *pair) for pair in given]
    sizes = mixed.fill_sizes(op.python_attributes()["shape"], iter(operands))
    require_not_negative(lowering, op.name.removeprefix("tfc."), sizes)
    return sizes


def _filling(numbers: Numbers) -> Rule:
    def rule(lowering: Lowering, op: TfcOp) -> SSAValue:
        rewriter = lowering.rewriter
        dtype: np.dtype = op.python_attributes()["dtype"]
        state = _state_words(rewriter, lowering.operands(op)[0])
        sizes = _sizes(lowering, op)
        width = numbers_per_step(dtype)

        def step(inner: Rewriter, group: SSAValue, flat: SSAValue) -> SSAValue:
            s = Scalars(inner)
            words = words_at(s, state, inner.value(arith.IndexCastOp, (group,), i64))
            start = builders.muli(inner, group, builders.index_constant(inner, width))
            for position, number in enumerate(numbers(s, words, dtype)):
                at = builders.addi(inner, start, builders.index_constant(inner, position))
                flat = inner.value(tensor.InsertOp, (number, flat, at), flat.type)
            return flat

        return _in_groups(lowering, op, sizes, width, 0, step)

    return rule


def _in_groups(
    lowering: Lowering,
    op: TfcOp,
    sizes: Sequence[Size],
    width: int,
    slack: int,
    step: Callable[[Rewriter, SSAValue, SSAValue], SSAValue],
) -> SSAValue:
    """The result of `op`, of `sizes`, whose elements are written group by group of `width` into a flat tensor."""
    rewriter = lowering.rewriter
    kind = lowering.result_type(op)
    count = mixed.product(rewriter, sizes)
    groups = mixed.divide(rewriter, mixed.add(rewriter, count, width - 1), width)
    length = mixed.add(rewriter, mixed.multiply(rewriter, groups, width), slack)
    flat = mixed.empty(rewriter, [length], kind.element_type)
    zero, one = (builders.index_constant(rewriter, n) for n in (0, 1))
    loop, block = builders.for_loop(rewriter, zero, mixed.as_value(rewriter, groups), one, [flat])
    point = rewriter.point()
    rewriter.at_end(block)
    rewriter.create(scf.YieldOp, (step(rewriter, block.args[0], block.args[1]),))
    rewriter.restore(point)
    filled: SSAValue = loop.results[0]
    if not mixed.same_size(length, count):
        filled = mixed.extract_slice(rewriter, filled, [0], [count])
    return lower_reshape(lowering, filled, sizes, kind)


def _truncated_normal(lowering: Lowering, op: TfcOp) -> SSAValue:
    """Each group draws until it is full; a number that is not kept is overwritten by the next one."""
    rewriter = lowering.rewriter
    dtype: np.dtype = op.python_attributes()["dtype"]
    state = _state_words(rewriter, lowering.operands(op)[0])
    width = numbers_per_step(dtype)

    def step(inner: Rewriter, group: SSAValue, flat: SSAValue) -> SSAValue:
        s = Scalars(inner)
        first = s.binary(
            arith.MuliOp, inner.value(arith.IndexCastOp, (group,), i64), truncated_skip(dtype)
        )
        start = builders.muli(inner, group, builders.index_constant(inner, width))
        none = builders.index_constant(inner, 0)
        return _until_full(inner, state, dtype, (first, none, flat), start)

    return _in_groups(lowering, op, _sizes(lowering, op), width, 1, step)


def _until_full(
    rewriter: Rewriter,
    state: Sequence[SSAValue],
    dtype: np.dtype,
    carried: tuple[SSAValue, SSAValue, SSAValue],
    start: SSAValue,
) -> SSAValue:
    """`scf.while` over step number, numbers kept and tensor."""
    width = numbers_per_step(dtype)
    types = [value.type for value in carried]
    before, after = Block(arg_types=types), Block(arg_types=types)
    loop = rewriter.create(scf.WhileOp, carried, types, regions=(Region(before), Region(after)))
    point = rewriter.point()
    rewriter.at_end(before)
    full = builders.index_constant(rewriter, width)
    unfinished = builders.compare(rewriter, "ult", before.args[1], full)
    rewriter.create(scf.ConditionOp, (unfinished, *before.args))
    rewriter.at_end(after)
    s = Scalars(rewriter)
    number, kept, flat = after.args
    for candidate in normals(s, words_at(s, state, number), _wide(dtype)):
        at = builders.addi(rewriter, start, kept)
        stored = candidate
        if _wide(dtype) != dtype:
            stored = s.unary(arith.TruncFOp, candidate, mixed.element_of(flat))
        flat = rewriter.value(tensor.InsertOp, (stored, flat, at), flat.type)
        good = rewriter.value(arith.AndIOp, (_inside(s, candidate), _below(s, kept, width)), I1)
        more = rewriter.value(arith.IndexCastOp, (s.unary(arith.ExtUIOp, good, i32),), INDEX)
        kept = rewriter.value(arith.AddiOp, (kept, more), INDEX)
    rewriter.create(scf.YieldOp, (s.binary(arith.AddiOp, number, 1), kept, flat))
    rewriter.restore(point)
    return loop.results[2]


def _wide(dtype: np.dtype) -> np.dtype:
    return FLOAT64 if dtype == FLOAT64 else FLOAT32


def _inside(s: Scalars, value: SSAValue) -> SSAValue:
    limit = s.constant(TRUNCATED_AT, value.type)
    number = arith.CMPF_COMPARISON_OPERATIONS.index("olt")
    return s.rewriter.value(
        arith.CmpfOp,
        (s.unary(math_dialect.AbsFOp, value), limit),
        I1,
        {"predicate": builders.integer_attr(number, i64)},
    )


def _below(s: Scalars, value: SSAValue, limit: int) -> SSAValue:
    return builders.compare(s.rewriter, "ult", value, builders.index_constant(s.rewriter, limit))


# -- states -------------------------------------------------------------------------------------


def _seed_state(lowering: Lowering, op: TfcOp) -> SSAValue:
    rewriter = lowering.rewriter
    (seed,) = lowering.operands(op)
    s = Scalars(rewriter)
    unsigned = lowering.dtype(op.operands[0]).kind == "u"
    counter: list[SSAValue] = []
    for position in range(2):
        at = builders.index_constant(rewriter, position)
        word = rewriter.value(tensor.ExtractOp, (seed, at), mixed.element_of(seed))
        if word.type != i64:
            word = s.unary(arith.ExtUIOp if unsigned else arith.ExtSIOp, word, i64)
        counter += s.halves(word)
    key = [s.constant(word, i32) for word in SCRAMBLING_KEY]
    mixed_words = encrypt(s, counter, key)
    zero = s.constant(0, i64)
    words = (zero, s.joined(*mixed_words[2:]), s.joined(*mixed_words[:2]))
    return _state(lowering, op, words)


def _skip(lowering: Lowering, op: TfcOp) -> SSAValue:
    rewriter = lowering.rewriter
    state, count = lowering.operands(op)
    s = Scalars(rewriter)
    low, high, key = _state_words(rewriter, state)
    drawn = s.binary(arith.MaxSIOp, lowering.scalar(count), 0)
    steps = s.binary(arith.MuliOp, drawn, RESERVED)
    beyond = s.binary(arith.ShRUIOp, drawn, 56)  # what the product has above 64 bits
    next_low = s.binary(arith.AddiOp, low, steps)
    carry = s.unary(arith.ExtUIOp, builders.compare(rewriter, "ult", next_low, steps), i64)
    next_high = s.binary(arith.AddiOp, s.binary(arith.AddiOp, high, beyond), carry)
    return _state(lowering, op, (next_low, next_high, key))


def _state(lowering: Lowering, op: TfcOp, words: Sequence[SSAValue]) -> SSAValue:
    rewriter = lowering.rewriter
    made = rewriter.value(tensor.FromElementsOp, words, builders.tensor_type((3,), i64))
    return mixed.fit(rewriter, made, lowering.result_type(op))


RULES: dict[OpSpec, Rule] = {
    semantics.random_bits: _filling(integers),
    semantics.random_uniform: _filling(uniforms),
    semantics.random_normal: _filling(normals),
    semantics.random_truncated_normal: _truncated_normal,
    semantics.random_seed_state: _seed_state,
    semantics.random_skip: _skip,
    semantics.random_gamma: as_host_call,
    semantics.random_poisson: as_host_call,
}
