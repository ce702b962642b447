"""`Structured`: a `linalg.generic` on tensors seen as plain Python values, and questions that several passes ask of it.

The functions at the end take any structured op, named ones too, on tensors or buffers.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any, cast

from tfc.passes.builders import PARALLEL, array_of_maps
from xdsl.dialects import arith
from xdsl.dialects.builtin import (
    DYNAMIC_INDEX,
    AffineMapAttr,
    ArrayAttr,
    MemRefType,
    TensorType,
)
from xdsl.dialects.linalg.abstract_ops import LinalgStructuredOperation
from xdsl.dialects.linalg.attrs import IteratorType
from xdsl.dialects.linalg.ops import FillOp, GenericOp, YieldOp
from xdsl.dialects.utils.fast_math import FastMathFlag
from xdsl.ir import Block, Operation, OpResult, SSAValue
from xdsl.ir.affine import (
    AffineBinaryOpExpr,
    AffineBinaryOpKind,
    AffineConstantExpr,
    AffineDimExpr,
    AffineExpr,
    AffineMap,
)


def input_count(op: Operation) -> int:
    """How many of a structured op's operands are inputs; the rest are outputs."""
    # Two i32, as in `output_count`.
    return int.from_bytes(cast(Any, op.properties["operandSegmentSizes"]).data.data[:4], "little")


class Structured:
    """The parts of a `linalg.generic`, looked up once."""

    __slots__ = ("block", "inputs", "iterators", "maps", "op", "outputs", "parallel")

    def __init__(self, op: GenericOp) -> None:
        self.op = op
        count = input_count(op)
        operands = op.operands
        self.inputs: tuple[SSAValue, ...] = tuple(operands[:count])
        self.outputs: tuple[SSAValue, ...] = tuple(operands[count:])
        self.maps: tuple[AffineMap, ...] = tuple([attr.data for attr in op.indexing_maps.data])
        self.iterators = op.iterator_types
        self.parallel: tuple[bool, ...] = tuple(
            [kind is PARALLEL or kind == PARALLEL for kind in self.iterators.data]
        )
        self.block: Block = op.regions[0].block

    @property
    def rank(self) -> int:
        """The number of loops."""
        return len(self.parallel)

    @property
    def input_maps(self) -> tuple[AffineMap, ...]:
        return self.maps[: len(self.inputs)]

    @property
    def output_maps(self) -> tuple[AffineMap, ...]:
        return self.maps[len(self.inputs) :]

    @property
    def yielded(self) -> Sequence[SSAValue]:
        """The scalars that the body yields, one for each output."""
        return cast(YieldOp, self.block.last_op).operands

    @property
    def reads_outputs(self) -> bool:
        """Whether the body uses the previous elements of an output, as reductions do."""
        return any(
            argument.first_use is not None for argument in self.block.args[len(self.inputs) :]
        )

    @property
    def is_elementwise(self) -> bool:
        """Whether it computes each element of its outputs once, from nothing but its inputs."""
        return all(self.parallel) and not self.reads_outputs

    @property
    def is_copy(self) -> bool:
        """Whether it only moves elements: a transpose, a broadcast."""
        return self.is_elementwise and self.block.first_op is self.block.last_op

    @property
    def is_contraction(self) -> bool:
        """Whether it is a sum of products of two inputs that do not both run over all loops: a matmul, a convolution."""
        if len(self.inputs) < 2 or all(self.parallel) or len(self.outputs) != 1:
            return False
        covering = [len(used_dims(map)) == self.rank for map in self.input_maps]
        return not any(covering) and any(
            op.name in ("arith.mulf", "arith.muli") for op in self.block.ops
        )


@lru_cache(4096)
def used_dims(map: AffineMap) -> frozenset[int]:
    """The loops that a map's results depend on."""
    return frozenset(dim for expr in map.results for dim in expr.used_dims())


@lru_cache(4096)
def plain_dims(map: AffineMap) -> frozenset[int]:
    """The loops that are themselves results of a map, so that an operand's size gives their bound."""
    return frozenset(expr.position for expr in map.results if isinstance(expr, AffineDimExpr))


@lru_cache(4096)
def is_permutation(map: AffineMap) -> bool:
    """Whether a map only reorders all its dims."""
    return len(map.results) == map.num_dims == len(plain_dims(map))


@lru_cache(4096)
def compose(outer: AffineMap, inner: AffineMap) -> AffineMap:
    """`outer` after `inner`: the dims of `outer` are the results of `inner`."""
    if inner.results == AffineMap.identity(inner.num_dims).results:
        return AffineMap(inner.num_dims, 0, outer.results)
    results = tuple(expr.replace_dims_and_symbols(inner.results, ()) for expr in outer.results)
    return AffineMap(inner.num_dims, 0, results)


@lru_cache(4096)
def loops_from_result(access: AffineMap, output: AffineMap) -> AffineMap:
    """The loops of a producer in terms of its consumer's.

    `access` says at which index of the producer's result the consumer reads; `output`, a permutation, says at which index the
    producer writes.
    """
    loops: list[AffineExpr] = [AffineDimExpr(0)] * output.num_dims
    for expr, index in zip(output.results, access.results, strict=True):
        loops[cast(AffineDimExpr, expr).position] = index
    return AffineMap(access.num_dims, 0, tuple(loops))


@lru_cache(256)
def identity(rank: int) -> AffineMap:
    return AffineMap.identity(rank)


@lru_cache(4096)
def map_attribute(map: AffineMap) -> AffineMapAttr:
    return AffineMapAttr(map)


def map_array(maps: Sequence[AffineMap]) -> ArrayAttr[AffineMapAttr]:
    """The indexing maps of a structured op."""
    return array_of_maps([map_attribute(map) for map in maps])


def linear_form(expr: AffineExpr, dims: int) -> list[int] | None:
    """The factor of each dim and the constant of a linear expression, or None."""
    if isinstance(expr, AffineConstantExpr):
        return [0] * dims + [expr.value]
    if isinstance(expr, AffineDimExpr):
        return [int(dim == expr.position) for dim in range(dims)] + [0]
    if not isinstance(expr, AffineBinaryOpExpr):
        return None
    lhs, rhs = linear_form(expr.lhs, dims), linear_form(expr.rhs, dims)
    if lhs is None or rhs is None:
        return None
    if expr.kind is AffineBinaryOpKind.Add:
        return [a + b for a, b in zip(lhs, rhs, strict=True)]
    if expr.kind is AffineBinaryOpKind.Mul:
        for constant, other in ((lhs, rhs), (rhs, lhs)):
            if not any(constant[:-1]):
                return [constant[-1] * value for value in other]
    return None


COSTS = {
    "math.exp": 16, "math.exp2": 14, "math.expm1": 18, "math.log": 18, "math.log2": 18, "math.log10": 18,
    "math.log1p": 20, "math.tanh": 20, "math.erf": 24, "math.sin": 20, "math.cos": 20, "math.tan": 30,
    "math.powf": 40, "math.sqrt": 6, "math.rsqrt": 8, "arith.divf": 6, "arith.divsi": 20, "arith.divui": 20,
    "arith.remsi": 20, "arith.remui": 20, "arith.remf": 16, "linalg.yield": 0, "arith.constant": 0,
    "linalg.index": 0, "tensor.extract": 4,
}  # fmt: skip
"""What an op costs for an element, in units of a float addition (docs/decisions: the peers' counting)."""


CHEAP = 2
"""A body of at most this cost is computed again rather than written to memory and read back."""


ASSUMED_TRIPS = 64
"""How often a loop in a body is taken to run."""


def body_cost(ops: Iterable[Operation]) -> int:
    """The cost of one iteration of a body; loops in it run `ASSUMED_TRIPS` times."""
    total = 0
    for op in ops:
        total += COSTS.get(op.name, 20 if op.name.startswith("math.") else 1)
        if op.regions:
            total += ASSUMED_TRIPS * sum(
                body_cost(block.ops) for region in op.regions for block in region.blocks
            )
    return total


def tensor_shape(value: SSAValue) -> tuple[int, ...]:
    """The sizes of a tensor, `DYNAMIC_INDEX` where unknown."""
    return cast("TensorType[Any]", value.type).get_shape()


def loop_sizes(view: Structured) -> dict[int, int]:
    """The known sizes of loops."""
    sizes: dict[int, int] = {}
    for value, map in zip((*view.inputs, *view.outputs), view.maps, strict=True):
        for size, expr in zip(tensor_shape(value), map.results, strict=True):
            if isinstance(expr, AffineDimExpr) and size != DYNAMIC_INDEX:
                sizes[expr.position] = size
    return sizes


# -- any structured op --------------------------------------------------------------------------


def output_count(op: Operation) -> int:
    """How many of a structured op's operands are outputs (they come last)."""
    # Two i32: the inputs and the outputs. Unpacking the attribute costs ten times as much.
    segments = cast(Any, op.properties["operandSegmentSizes"])
    return int.from_bytes(segments.data.data[4:8], "little")


def body(op: Operation) -> Block:
    """The scalar body."""
    return op.regions[0].block


def reads_output(op: Operation, index: int) -> bool:
    """Whether the body uses the old content of output `index`."""
    if isinstance(op, FillOp):
        return False
    arguments = body(op).args
    return bool(arguments[len(arguments) - output_count(op) + index].uses)


def indexing_maps(op: LinalgStructuredOperation) -> list[AffineMap]:
    """The indexing map of each operand."""
    if isinstance(op, GenericOp):
        return [attr.data for attr in op.indexing_maps.data]
    ranks = tuple(
        len(value.type.shape.data) if isinstance(value.type, TensorType | MemRefType) else -1
        for value in op.operands
    )
    maps = _named_maps.get((type(op), ranks))
    if maps is None:
        maps = _named_maps[type(op), ranks] = [attr.data for attr in op.get_indexing_maps().data]
    return list(maps)


_named_maps: dict[tuple[type[Operation], tuple[int, ...]], list[AffineMap]] = {}


def reduction_flags(op: LinalgStructuredOperation) -> list[bool]:
    """For each loop, whether it is a reduction."""
    return [attr.data != IteratorType.PARALLEL for attr in op.get_iterator_types().data]


def summand(op: Operation, index: int) -> tuple[Operation, SSAValue] | None:
    """The `arith.addf` that adds to output `index`, and what it adds, if that is all it does.

    Only sums that may be regrouped (`fastmath<reassoc>`) count.
    """
    block = body(op)
    outputs = output_count(op)
    argument = block.args[len(block.args) - outputs + index]
    terminator = block.last_op
    assert terminator is not None
    value = terminator.operands[index]
    if not (isinstance(value, OpResult) and isinstance(value.op, arith.AddfOp)):
        return None
    add = value.op
    flags = cast(arith.FastMathFlagsAttr, add.properties["fastmath"]).data
    if FastMathFlag.REASSOC not in flags or not argument.has_one_use():
        return None
    if add.operands[0] is argument:
        return add, add.operands[1]
    if add.operands[1] is argument:
        return add, add.operands[0]
    return None
