"""sin, cos, tan of f64 far from zero: multiples of pi / 2 come off exactly (Payne and Hanek, 1983).

x is an integer of 53 bits times a power of two, so that of the bits of 2 / pi only those matter whose products are worth less
than four quarter turns. 192 of them leave 137 bits behind the point, of which no f64 cancels more than 62.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import prod

from tfc.dialects.vector import FromElementsOp, ToElementsOp
from tfc.passes import builders
from tfc.passes.builders import INDEX
from tfc.passes.expand_math.emitter import DOUBLE, Emitter, Value
from tfc.passes.expand_math.logarithm import INF, NAN
from tfc.passes.rewriting import Rewriter
from xdsl.dialects import arith, func, math, memref, scf, vector
from xdsl.dialects.builtin import (
    ArrayAttr,
    DenseIntOrFPElementsAttr,
    FunctionType,
    ModuleOp,
    StringAttr,
    SymbolRefAttr,
    TensorType,
    UnitAttr,
    f64,
    i1,
    i64,
)
from xdsl.ir import Block, Region, SSAValue

TWO_OVER_PI = (
    "a2f9836e4e441529 fc2757d1f534ddc0 db6295993c439041 fe5163abdebbc561 b7246e3a424dd2e0 "
    "06492eea09d1921c fe1deb1cb129a73e e88235f52ebb4484 e99c7026b45f7e41 3991d639835339f4 "
    "9c845f8bbdf9283b 1ff897ffde05980f ef2f118b5a0a6d1f 6d367ecf27cb09b7 4f463f669e5fea2d "
    "7527bac7ebe5f17b 3d0739f78a5292ea 6bfb5fb11f8d5d08 56033046fc7b6bab"
)
"""Its bits behind the point, in hexadecimal."""
WORDS = [0, *(int(word, 16) for word in TWO_OVER_PI.split())]
TABLE_TYPE = builders.memref_type((len(WORDS),), i64)
HALF_PI = (1.5707963267948966, 6.123233995736766e-17)
TABLE = "tfc_two_over_pi"

Parts = tuple[Value, Value, Callable[[], Value]]
"""Of x = n pi / 2 + r: r, an integer with the low bits of n, and what rounding added to r."""
Reduce = Callable[[Emitter, Value], Parts]
Finish = Callable[[Emitter, Value, Value, Callable[[], Value]], Value]


@dataclass(frozen=True)
class Periodic:
    """A function as `reduce`, which is right for |x| up to `limit`, and what `finish` makes of the parts."""

    name: str
    limit: float
    reduce: Reduce
    finish: Finish


def everywhere(e: Emitter, x: Value, function: Periodic) -> Value:
    """The function with a branch for vectors with a lane above its limit."""
    rewriter = e.rewriter
    some = (x.abs() > function.limit).ssa
    if e.shape is not None:
        either = {"kind": vector.CombiningKindAttr(vector.CombiningKindFlag.OR)}
        some = rewriter.value(vector.ReductionOp, (some,), i1, either)
    some_large, all_small = builders.if_else(rewriter, some, (x.kind.type,))
    behind = rewriter.point()
    rewriter.at_end(some_large)
    rewriter.create(scf.YieldOp, (_lane_by_lane(e, x, _symbol(e, function)).ssa,))
    rewriter.at_end(all_small)
    rewriter.create(scf.YieldOp, (function.finish(e, *function.reduce(e, x)).ssa,))
    rewriter.restore(behind)
    branch = some_large.parent_op()
    assert branch is not None
    return Value(e, branch.results[0], x.kind)


def _lane_by_lane(e: Emitter, x: Value, symbol: str) -> Value:
    """A function of scalars, called for each lane of x."""

    def call(lane: SSAValue) -> SSAValue:
        return e.rewriter.value(func.CallOp, (lane,), f64, {"callee": SymbolRefAttr(symbol)})

    if e.shape is None:
        return Value(e, call(x.ssa), x.kind)
    lanes = e.rewriter.create(ToElementsOp, (x.ssa,), [f64] * prod(e.shape)).results
    return e.op(FromElementsOp, [call(lane) for lane in lanes], x.kind)


def _symbol(e: Emitter, function: Periodic) -> str:
    """The function of scalars for all arguments, which is put into the module when it is not there."""
    symbol = f"tfc_{function.name}_f64"
    module = e.block.parent_op()
    while module is not None and not isinstance(module, ModuleOp):
        module = module.parent_op()
    assert module is not None
    body = module.body.block
    known = {op.sym_name.data for op in body.ops if isinstance(op, func.FuncOp | memref.GlobalOp)}
    if symbol in known:
        return symbol
    point = e.rewriter.point()
    e.rewriter.at_end(body)
    if TABLE not in known:
        _emit_table(e.rewriter)
    block = Block(arg_types=[f64])
    e.rewriter.create(
        func.FuncOp,
        properties={
            "sym_name": StringAttr(symbol),
            "function_type": FunctionType.from_lists([f64], [f64]),
            "sym_visibility": StringAttr("private"),
        },
        attributes={"passthrough": ArrayAttr([StringAttr("noinline"), StringAttr("cold")])},
        regions=(Region(block),),
    )
    e.rewriter.at_end(block)
    scalar = Emitter(e.rewriter, e.constants, block, f64, None, e.fused)
    x = Value(scalar, block.args[0], scalar.float)
    result = function.finish(scalar, *_reduce_any(scalar, x, function))
    e.rewriter.create(func.ReturnOp, (result.ssa,))
    e.rewriter.restore(point)
    return symbol


def _emit_table(rewriter: Rewriter) -> None:
    rewriter.create(
        memref.GlobalOp,
        properties={
            "sym_name": StringAttr(TABLE),
            "sym_visibility": StringAttr("private"),
            "type": TABLE_TYPE,
            "initial_value": DenseIntOrFPElementsAttr.from_list(
                TensorType(i64, [len(WORDS)]), [w - (w >> 63 << 64) for w in WORDS]
            ),
            "constant": UnitAttr(),
        },
    )


def _reduce_any(e: Emitter, x: Value, function: Periodic) -> Parts:
    """The parts of any x; nan of infinities."""
    large = x.abs() > function.limit
    (r, n, excess), (far_r, far_n, far_excess) = function.reduce(e, x), _reduce(e, x, large)
    finite = x.abs() < INF
    far_r = e.select(finite, far_r, NAN)
    return (
        e.select(large, far_r, r),
        e.select(large, far_n, n),
        lambda: e.select(large, far_excess(), excess()),
    )


def _reduce(e: Emitter, x: Value, large: Value) -> Parts:
    """The parts of an x that is finite and large; of another one nothing is read outside of the table."""
    bits = x.bits()
    exponent = (bits >> 52) & 0x7FF
    digits = (bits & (1 << 52) - 1) | 1 << 52
    # x = digits 2^(exponent - 1075): the bit of the table that is worth two quarter turns.
    position = e.select(large, exponent - 1013, e.constant(0, e.integer))
    high, low = _product(e, digits, _bits(e, position))
    n = (high + (1 << 61)) >> 62
    high, low = _shifted(high, low, e.constant(2, e.integer))  # a signed fraction of a quarter turn
    sign = high.shift_right_signed(63)
    high, low = high ^ sign, low ^ sign
    zeros = e.op(math.CountLeadingZerosOp, (high.ssa,), e.integer)
    high, low = _shifted(high, low, zeros)
    # 53 bits and the next 64 as two floats, scaled by 2^-64 2^-zeros.
    head, (rest, _) = high & -(1 << 11), _shifted(high, low, e.constant(53, e.integer))
    negative = (sign ^ bits) & -(1 << 63)
    scale = (((DOUBLE.bias - 64) - zeros) << 52 | negative).as_float()
    a = e.op(arith.UIToFPOp, (head.ssa,), e.float) * scale
    b = e.op(arith.UIToFPOp, (rest.ssa,), e.float) * (scale * 2.0**-53)
    product = a * HALF_PI[0]
    lost = e.product_error(a, e.constant(HALF_PI[0]), product) + (a * HALF_PI[1] + b * HALF_PI[0])
    r = product + lost
    turned = bits.shift_right_signed(63)
    return r, (n ^ turned) - turned, lambda: (r - product) - lost


def _bits(e: Emitter, position: Value) -> list[Value]:
    """192 bits of the table, as three words."""
    table = e.rewriter.value(memref.GetGlobalOp, (), TABLE_TYPE, {"name": SymbolRefAttr(TABLE)})
    word, offset = position >> 6, position & 63
    words: list[Value] = []
    for k in range(4):
        index = e.rewriter.value(arith.IndexCastOp, ((word + k).ssa,), INDEX)
        words.append(Value(e, builders.load(e.rewriter, table, (index,)), e.integer))
    return [_shifted(a, b, offset)[0] for a, b in pairwise(words)]


def _shifted(high: Value, low: Value, count: Value) -> tuple[Value, Value]:
    """128 bits shifted to the left by less than 64."""
    return high << count | (low >> 1) >> (count ^ 63), low << count


def _product(e: Emitter, digits: Value, words: Sequence[Value]) -> tuple[Value, Value]:
    """The first 128 of the last 192 bits of the product."""
    low = digits * words[1]
    total = low + _high_word(digits, words[2])
    carry = e.op(arith.ExtUIOp, (total.compare("ult", low).ssa,), e.integer)
    return digits * words[0] + _high_word(digits, words[1]) + carry, total


def _high_word(a: Value, b: Value) -> Value:
    """The upper half of a product, from products of 32 bits: not all targets have an instruction of 128."""
    half = (1 << 32) - 1
    a_low, b_low, a_high, b_high = a & half, b & half, a >> 32, b >> 32
    across = a_high * b_low + (a_low * b_low >> 32)
    middle = a_low * b_high + (across & half)
    return a_high * b_high + (across >> 32) + (middle >> 32)
