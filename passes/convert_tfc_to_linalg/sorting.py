"""Sorting: each row by the digits of its keys, eight bits at a time from the last to the first (radix sort).

The digits are counted while the keys are made. Each pass then moves all keys to where the counts say, from one half of a scratch
buffer into the other; a pass in which all have the same digit is left out. That is stable and takes the same time for any
data. Short rows of known length go through a sorting network instead, several at a time (`sort_network`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from tfc.passes import builders
from tfc.passes.builders import I32, I64, INDEX
from tfc.passes.convert_tfc_to_linalg.loops import choose, load, loop_nest, store
from tfc.passes.convert_tfc_to_linalg.scalars import apply, bit_width
from tfc.passes.convert_tfc_to_linalg.sizes import (
    Size,
    add,
    as_value,
    collapse_shape,
    divide,
    element_of,
    empty,
    expand_shape,
    fill,
    maximum,
    product,
    sizes_of,
)
from tfc.passes.convert_tfc_to_linalg.sort_keys import Order, resized, splat, turned_sign
from tfc.passes.convert_tfc_to_linalg.sort_network import (
    Column,
    from_lanes,
    lanes_of,
)
from tfc.passes.rewriting import Rewriter
from xdsl.dialects import arith
from xdsl.dialects.builtin import IntegerType
from xdsl.ir import Attribute, SSAValue

DIGIT = 8
"""Bits of a digit: the 256 places that a pass writes to stay in the first-level cache."""

RADIX = 1 << DIGIT

NETWORK_LENGTH = 4096
"""Rows up to this long go through a network: its work grows with the square of the logarithm, that of a radix sort does not."""

NETWORK_ALONE = 256
"""Rows up to this long go through a network even when there are few of them."""

FEW_ROWS = 4
"""Fewer rows than this leave so many lanes idle that longer ones are sorted one by one."""

PRIVATE_SCRATCH = 512 * 1024
"""Scratch up to this many bytes each row has for itself, so that rows are sorted at the same time."""

PACKED_BITS = 32
"""Keys up to this wide share a 64-bit word with a position of 32 bits."""

Load = Callable[[Rewriter, SSAValue], SSAValue]
"""The element of the row at a place."""


class Words(NamedTuple):
    """What is moved when rows of `length` elements are sorted: keys, and where they were if `positions` are wanted.

    A narrow key and its position share a word, the key above; a wide key has its position beside it.
    """

    order: Order
    length: Size
    positions: bool

    @property
    def packed(self) -> bool:
        short = not isinstance(self.length, int) or self.length < 1 << 32
        return self.positions and short and bit_width(self.order.key) <= PACKED_BITS

    @property
    def first_bit(self) -> int:
        """Where the key begins in its word."""
        return 64 - PACKED_BITS if self.packed else 0

    @property
    def kinds(self) -> list[IntegerType]:
        """The types of what is moved."""
        if self.packed:
            return [I64]
        return [self.order.key, I64] if self.positions else [self.order.key]

    def make(self, rewriter: Rewriter, x: SSAValue, place: SSAValue) -> list[SSAValue]:
        """The words of an element; `place` is an i64. Where positions are wanted 0.0 and -0.0 are equal."""
        if self.positions and self.order.is_float:
            x = apply(arith.AddfOp, rewriter, x, splat(rewriter, 0.0, x.type))
        key = self.order.encode(rewriter, x)
        if not self.packed:
            return [key, place] if self.positions else [key]
        word = resized(rewriter, key, I64)
        by = splat(rewriter, self.first_bit, word.type)
        return [apply(arith.OrIOp, rewriter, apply(arith.ShLIOp, rewriter, word, by), place)]

    def key(self, rewriter: Rewriter, word: SSAValue) -> SSAValue:
        """The key in the first word of an element."""
        if not self.packed:
            return word
        by = splat(rewriter, self.first_bit, word.type)
        return resized(rewriter, apply(arith.ShRUIOp, rewriter, word, by), self.order.key)

    def position(self, rewriter: Rewriter, words: Sequence[SSAValue]) -> SSAValue:
        """Where an element was, as i64."""
        if not self.packed:
            return words[1]
        low = splat(rewriter, (1 << PACKED_BITS) - 1, words[0].type)
        return apply(arith.AndIOp, rewriter, words[0], low)

    def result(self, rewriter: Rewriter, words: Sequence[SSAValue], element: Attribute) -> SSAValue:
        """What is asked for: the position as an integer of type `element`, or the element itself."""
        if self.positions:
            return resized(rewriter, self.position(rewriter, words), element)
        return self.order.decode(rewriter, words[0])


def sorted_rows(
    rewriter: Rewriter, x: SSAValue, order: Order, positions: Attribute | None = None
) -> SSAValue:
    """The rows of `x` sorted, or the positions of their elements in that order, as integers of type `positions`."""
    sizes = sizes_of(rewriter, x)
    last = len(sizes) - 1
    rows = x
    if last == 0:
        rows = expand_shape(rewriter, x, [[0, 1]], [1, sizes[0]])
    elif last > 1:
        rows = collapse_shape(rewriter, x, [range(last), [last]])
    count = product(rewriter, sizes[:-1])
    words = Words(order, sizes[-1], positions is not None)
    sort = _by_network if _suits_network(words, count) else _by_digits
    result = sort(rewriter, rows, words, count, positions or element_of(x))
    if last == 0:
        return collapse_shape(rewriter, result, [[0, 1]])
    if last > 1:
        return expand_shape(rewriter, result, [range(last), [last]], sizes)
    return result


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

        def source(innermost: Rewriter, place: SSAValue) -> SSAValue:
            return load(innermost, x, *indices, place)

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


class RadixSort(NamedTuple):
    """The sort of one row."""

    words: Words

    @property
    def digits(self) -> int:
        return bit_width(self.words.order.key) // DIGIT

    @property
    def scratch_bytes(self) -> int | None:
        """The bytes of scratch that a row needs, None where its length is not known."""
        length = self.words.length
        if not isinstance(length, int):
            return None
        places = sum(bit_width(kind) // 8 for kind in self.words.kinds)
        return 2 * length * places + 4 * RADIX * self.digits

    def scratch(self, rewriter: Rewriter) -> list[SSAValue]:
        """Two halves for each word."""
        # Passes look at the first word even where there is none.
        length = maximum(rewriter, self.words.length, 1)
        return [empty(rewriter, [2, length], kind) for kind in self.words.kinds]

    def sort(
        self, rewriter: Rewriter, source: Load, scratch: Sequence[SSAValue]
    ) -> tuple[Sequence[SSAValue], SSAValue]:
        """Sort a row; the scratch afterwards, and which half of it (as `index`) holds the words in order."""
        length = self.words.length
        known = isinstance(length, int) and length < 1 << 31
        nothing = builders.constant(rewriter, 0, I32 if known else I64)
        counts = fill(rewriter, nothing, [self.digits, RADIX])
        counts, *filled = loop_nest(
            rewriter,
            [length],
            [counts, *scratch],
            lambda inner, place, held: self._take(inner, source, place[0], held),
        )
        half = builders.index_constant(rewriter, 0)
        results = loop_nest(
            rewriter,
            [self.digits],
            [half, counts, *filled],
            lambda inner, number, held: self._pass(inner, number[0], held),
        )
        return results[2:], results[0]

    def _take(
        self, rewriter: Rewriter, source: Load, place: SSAValue, carried: Sequence[SSAValue]
    ) -> Sequence[SSAValue]:
        """Put the words of an element into the first half, and count its digits."""
        counts, *scratch = carried
        zero = builders.index_constant(rewriter, 0)
        made = self.words.make(rewriter, source(rewriter, place), resized(rewriter, place, I64))
        held = [
            store(rewriter, word, part, zero, place)
            for word, part in zip(made, scratch, strict=True)
        ]
        key = self.words.key(rewriter, made[0])
        for number in range(self.digits):
            row = builders.index_constant(rewriter, number)
            digit = self._digit(rewriter, key, splat(rewriter, number * DIGIT, key.type))
            more = _plus_one(rewriter, load(rewriter, counts, row, digit))
            counts = store(rewriter, more, counts, row, digit)
        return [counts, *held]

    def _digit(self, rewriter: Rewriter, key: SSAValue, shift: SSAValue) -> SSAValue:
        if self.digits > 1:
            key = apply(arith.ShRUIOp, rewriter, key, shift)
            last = splat(rewriter, RADIX - 1, key.type)
            key = apply(arith.AndIOp, rewriter, key, last)
        return resized(rewriter, key, INDEX)

    def _pass(
        self, rewriter: Rewriter, number: SSAValue, carried: Sequence[SSAValue]
    ) -> Sequence[SSAValue]:
        """Move everything to where digit `number` puts it, unless it is the same everywhere."""
        half, counts, *scratch = carried
        key = self.words.order.key
        eight = builders.index_constant(rewriter, DIGIT)
        shift = resized(rewriter, builders.muli(rewriter, number, eight), key)

        zero = builders.index_constant(rewriter, 0)
        word = load(rewriter, scratch[0], half, zero)
        first = self._digit(rewriter, self.words.key(rewriter, word), shift)
        alike = resized(rewriter, load(rewriter, counts, number, first), INDEX)
        length = as_value(rewriter, self.words.length)

        def move(inner: Rewriter) -> Sequence[SSAValue]:
            starts = _starts(inner, counts, number)
            other = builders.subi(inner, builders.index_constant(inner, 1), half)

            def one(
                innermost: Rewriter, place: list[SSAValue], held: Sequence[SSAValue]
            ) -> Sequence[SSAValue]:
                starts, *parts = held
                words = [load(innermost, part, half, *place) for part in parts]
                digit = self._digit(innermost, self.words.key(innermost, words[0]), shift)
                start = load(innermost, starts, number, digit)
                starts = store(innermost, _plus_one(innermost, start), starts, number, digit)
                target = resized(innermost, start, INDEX)
                moved = [
                    store(innermost, word, part, other, target)
                    for word, part in zip(words, parts, strict=True)
                ]
                return [starts, *moved]

            return [other, *loop_nest(inner, [self.words.length], [starts, *scratch], one)]

        differ = builders.compare(rewriter, "ne", alike, length)
        return choose(rewriter, differ, move, [half, counts, *scratch])


def _starts(rewriter: Rewriter, counts: SSAValue, number: SSAValue) -> SSAValue:
    """`counts` with row `number` added up: where the first word with each digit goes."""
    nothing = builders.constant(rewriter, 0, element_of(counts))

    def add_up(
        inner: Rewriter, digit: list[SSAValue], carried: Sequence[SSAValue]
    ) -> Sequence[SSAValue]:
        tally, total = carried
        count = load(inner, tally, number, *digit)
        held = store(inner, total, tally, number, *digit)
        return held, apply(arith.AddiOp, inner, total, count)

    return loop_nest(rewriter, [RADIX], [counts, nothing], add_up)[0]


def _plus_one(rewriter: Rewriter, count: SSAValue) -> SSAValue:
    return apply(arith.AddiOp, rewriter, count, builders.constant(rewriter, 1, count.type))
