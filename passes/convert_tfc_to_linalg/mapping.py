"""Elementwise code on values that are in the linalg stage already, for rules of several steps."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tfc.passes import builders
from tfc.passes.builders import tensor_type
from tfc.passes.convert_tfc_to_linalg.lowering import broadcast_map
from tfc.passes.convert_tfc_to_linalg.reducing import shape_of
from tfc.passes.rewriting import Rewriter
from xdsl.dialects import tensor
from xdsl.dialects.builtin import DYNAMIC_INDEX
from xdsl.ir import Attribute, SSAValue

Body = Callable[..., SSAValue]
"""`body(rewriter, *elements)` builds one element of the result."""


def map_elements(
    rewriter: Rewriter,
    sources: Sequence[SSAValue],
    body: Body,
    element: Attribute | None = None,
) -> SSAValue:
    """Apply `body` to the elements of `sources`, which broadcast to the shape of the first (static 1 where repeated).

    `element` is the type that `body` gives; without it, the element type of the first source.
    """
    element = element or builders.element_type(sources[0].type)
    shape = shape_of(sources[0])
    if not shape:
        elements = [
            rewriter.value(tensor.ExtractOp, (source,), builders.element_type(source.type))
            for source in sources
        ]
        scalar = body(rewriter, *elements)
        return rewriter.value(tensor.FromElementsOp, (scalar,), tensor_type((), scalar.type))
    sizes = [
        builders.dim(rewriter, sources[0], axis)
        for axis, size in enumerate(shape)
        if size == DYNAMIC_INDEX
    ]
    kind = tensor_type(shape, element)
    output = builders.empty(rewriter, kind, sizes)
    maps = [broadcast_map(shape_of(source), shape) for source in sources]
    maps.append(builders.identity_map(len(shape)))

    def build(inner: Rewriter, arguments: tuple[SSAValue, ...]) -> Sequence[SSAValue]:
        return (body(inner, *arguments[:-1]),)

    iterators = builders.parallel_iterators(len(shape))
    return builders.generic(rewriter, sources, [output], maps, iterators, body=build).results[0]
