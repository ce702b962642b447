"""Sorting rows: short ones of known length go through a sorting network, several at a time (`sort_network`), others one by one by
their digits (`radix_sort`). Where only the first few are wanted, those are selected (`selecting`).
"""

from __future__ import annotations

from collections.abc import Sequence

from tfc.passes import builders
from tfc.passes.builders import I64, INDEX
from tfc.passes.convert_tfc_to_linalg.loops import load, loop_nest, store
from tfc.passes.convert_tfc_to_linalg.radix_sort import RadixSort, Words
from tfc.passes.convert_tfc_to_linalg.selecting import first_positions
from tfc.passes.convert_tfc_to_linalg.sizes import (
    Size,
    add,
    as_value,
    collapse_shape,
    divide,
    element_of,
    empty,
    expand_shape,
    extract_slice,
    minimum,
    product,
    sizes_of,
)
from tfc.passes.convert_tfc_to_linalg.sort_keys import Order, resized, turned_sign
from tfc.passes.convert_tfc_to_linalg.sort_network import (
    Column,
    from_lanes,
    lanes_of,
)
from tfc.passes.rewriting import Rewriter
from xdsl.dialects import arith
from xdsl.ir import Attribute, SSAValue

NETWORK_LENGTH = 4096
"""Rows up to this long go through a network: its work grows with the square of the logarithm, that of a radix sort does not."""

NETWORK_ALONE = 256
"""Rows up to this long go through a network even when there are few of them."""

FEW_ROWS = 4
"""Fewer rows than this leave so many lanes idle that longer ones are sorted one by one."""

MOST_SELECTED = 4096
"""Sorting the buffer of more takes longer than what is left out."""

PRIVATE_SCRATCH = 512 * 1024
"""Scratch up to this many bytes each row has for itself, so that rows are sorted at the same time."""


def sorted_rows(
    rewriter: Rewriter,
    x: SSAValue,
    order: Order,
    positions: Attribute | None = None,
    most: int | None = None,
) -> SSAValue:
    """The rows of `x` sorted, or the positions of their elements in that order, as integers of type `positions`.

    With `most`, at most so many positions of each row.
    """
    sizes = sizes_of(rewriter, x)
    last = len(sizes) - 1
    rows = x
    if last == 0:
        rows = expand_shape(rewriter, x, [[0, 1]], [1, sizes[0]])
    elif last > 1:
        rows = collapse_shape(rewriter, x, [range(last), [last]])
    count = product(rewriter, sizes[:-1])
    words = Words(order, sizes[-1], positions is not None)
    if positions is not None and most is not None and _suits_selection(words, most):
        result = first_positions(rewriter, rows, words, count, positions, most)
    else:
        sort = _by_network if _suits_network(words, count) else _by_digits
        result = sort(rewriter, rows, words, count, positions or element_of(x))
        if most is not None:
            part = [count, minimum(rewriter, sizes[-1], most)]
            result = extract_slice(rewriter, result, [0, 0], part)
    if last == 0:
        return collapse_shape(rewriter, result, [[0, 1]])
    if last > 1:
        sizes[-1] = sizes_of(rewriter, result)[-1]
        return expand_shape(rewriter, result, [range(last), [last]], sizes)
    return result


def _suits_selection(words: Words, most: int) -> bool:
    length = words.length
    if not 0 < most <= MOST_SELECTED:
        return False
    return not isinstance(length, int) or max(NETWORK_ALONE, 4 * most) < length < 1 << 32


def _suits_network(words: Words, count: Size) -> bool:
    length = words.length
    if len(words.kinds) > 1:
        return False
    if not isinstance(length, int) or not 1 < length <= NETWORK_LENGTH:
        return False
    return length <= NETWORK_ALONE or not isinstance(count, int) or count >= FEW_ROWS


# -- short rows ---------------------------------------------------------------------------------


def _by_network(
    rewriter: Rewriter, x: SSAValue, words: Words, count: Size, element: Attribute
) -> SSAValue:
    """Several rows at a time; the last ones are repeated where there are not that many left."""
    assert isinstance(words.length, int)
    length = words.length
    column = Column(words.kinds[0], length)
    last = builders.subi(rewriter, as_value(rewriter, count), builders.index_constant(rewriter, 1))
    groups = divide(rewriter, add(rewriter, count, column.lanes - 1), column.lanes)

    def group(
        inner: Rewriter, number: list[SSAValue], carried: Sequence[SSAValue]
    ) -> Sequence[SSAValue]:
        first = builders.muli(inner, number[0], builders.index_constant(inner, column.lanes))
        rows = [
            _least(inner, builders.addi(inner, first, builders.index_constant(inner, lane)), last)
            for lane in range(column.lanes)
        ]

        def take(
            innermost: Rewriter, place: list[SSAValue], held: Sequence[SSAValue]
        ) -> Sequence[SSAValue]:
            taken = from_lanes(innermost, [load(innermost, x, row, *place) for row in rows])
            where = column.in_all_lanes(innermost, resized(innermost, place[0], I64))
            (word,) = words.make(innermost, taken, where)
            return [store(innermost, turned_sign(innermost, word), held[0], *place)]

        filled = loop_nest(inner, [length], [column.scratch(inner)], take)
        ready = column.sort(inner, filled[0])

        def give(
            innermost: Rewriter, place: list[SSAValue], held: Sequence[SSAValue]
        ) -> Sequence[SSAValue]:
            found = turned_sign(innermost, load(innermost, ready, *place))
            wanted = words.result(innermost, [found], element)
            target = held[0]
            for row, scalar in zip(rows, lanes_of(innermost, wanted), strict=True):
                target = store(innermost, scalar, target, row, *place)
            return [target]

        return loop_nest(inner, [length], carried, give)

    target = empty(rewriter, [count, length], element)
    return loop_nest(rewriter, [groups], [target], group, independent=True)[0]


def _least(rewriter: Rewriter, a: SSAValue, b: SSAValue) -> SSAValue:
    return rewriter.value(arith.MinSIOp, (a, b), INDEX)


# -- long rows ----------------------------------------------------------------------------------


def _by_digits(
    rewriter: Rewriter, x: SSAValue, words: Words, count: Size, element: Attribute
) -> SSAValue:
    """Row by row, each in scratch of its own where that is small and at the same time then."""
    sort = RadixSort(words)
    private = sort.scratch_bytes is not None and sort.scratch_bytes <= PRIVATE_SCRATCH
    shared = [] if private else sort.scratch(rewriter)

    def row(
        inner: Rewriter, indices: list[SSAValue], carried: Sequence[SSAValue]
    ) -> Sequence[SSAValue]:
        target, *scratch = carried

        def source(
            innermost: Rewriter, place: SSAValue, _: Sequence[SSAValue]
        ) -> Sequence[SSAValue]:
            return words.make(innermost, load(innermost, x, *indices, place), place)

        scratch, half = sort.sort(inner, source, scratch or sort.scratch(inner))

        def give(
            innermost: Rewriter, place: list[SSAValue], held: Sequence[SSAValue]
        ) -> Sequence[SSAValue]:
            found = [load(innermost, part, half, *place) for part in scratch]
            wanted = words.result(innermost, found, element)
            return [store(innermost, wanted, held[0], *indices, *place)]

        filled = loop_nest(inner, [words.length], [target], give)
        return filled if private else [*filled, *scratch]

    target = empty(rewriter, [count, words.length], element)
    return loop_nest(rewriter, [count], [target, *shared], row, independent=private)[0]
