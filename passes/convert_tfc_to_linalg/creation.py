"""Creation: a generic without inputs that computes each element from its index."""

from __future__ import annotations

from tfc.dialects.tfc.base import TfcOp
from tfc.dialects.tfc.semantics import creation as semantics
from tfc.dialects.tfc.semantics.dtypes import is_float
from tfc.dialects.tfc.semantics.spec import OpSpec
from tfc.passes import builders
from tfc.passes.builders import I64
from tfc.passes.convert_tfc_to_linalg.conversion import Rule
from tfc.passes.convert_tfc_to_linalg.lowering import Lowering
from tfc.passes.convert_tfc_to_linalg.shape import loop_index, size_operands
from tfc.passes.convert_tfc_to_linalg.sizes import empty, fill_sizes, fit, maximum
from tfc.passes.rewriting import Rewriter
from xdsl.dialects import arith
from xdsl.dialects.builtin import IntegerType
from xdsl.ir import Attribute, SSAValue


def _range(lowering: Lowering, op: TfcOp) -> SSAValue:
    rewriter = lowering.rewriter
    start, delta = (lowering.scalar(value) for value in lowering.operands(op)[:2])
    dtype = lowering.dtype(op.results[0])
    sizes = fill_sizes(op.python_attributes()["size"], iter(size_operands(lowering, op, 2)))
    kind = lowering.result_type(op)
    element = kind.element_type
    output = empty(rewriter, [maximum(rewriter, size, 0) for size in sizes], element)
    floats = is_float(dtype)

    def body(inner: Rewriter, _: tuple[SSAValue, ...]) -> tuple[SSAValue]:
        step = index_as(inner, loop_index(inner, 0), element)
        scaled = inner.value(arith.MulfOp if floats else arith.MuliOp, (step, delta), element)
        return (inner.value(arith.AddfOp if floats else arith.AddiOp, (start, scaled), element),)

    generic = builders.generic(
        rewriter,
        [],
        [output],
        [builders.identity_map(1)],
        builders.parallel_iterators(1),
        body=body,
    )
    return fit(rewriter, generic.results[0], kind)


def index_as(rewriter: Rewriter, index: SSAValue, element: Attribute) -> SSAValue:
    """An `index` as a number of type `element`."""
    if not isinstance(element, IntegerType):
        integer = rewriter.value(arith.IndexCastOp, (index,), I64)
        return rewriter.value(arith.SIToFPOp, (integer,), element)
    return rewriter.value(arith.IndexCastOp, (index,), element)


RULES: dict[OpSpec, Rule] = {semantics.range_: _range}
