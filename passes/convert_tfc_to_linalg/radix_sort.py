"""Sorting one row by the digits of its keys, eight bits at a time from the last to the first (radix sort).

The digits are counted while the keys are made. Each pass then moves all keys to where the counts say, from one half of a scratch
buffer into the other; a pass in which all have the same digit is left out. That is stable and takes the same time for any data.
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
    as_value,
    element_of,
    empty,
    fill,
    maximum,
)
from tfc.passes.convert_tfc_to_linalg.sort_keys import Order, resized, splat
from tfc.passes.rewriting import Rewriter
from xdsl.dialects import arith
from xdsl.dialects.builtin import IntegerType
from xdsl.ir import Attribute, SSAValue

DIGIT = 8
"""Bits of a digit: the 256 places that a pass writes to stay in the first-level cache."""

RADIX = 1 << DIGIT

PACKED_BITS = 32
"""Keys up to this wide share a 64-bit word with a position of 32 bits."""

Source = Callable[[Rewriter, SSAValue, Sequence[SSAValue]], Sequence[SSAValue]]
"""The words of the element at a place; it is told the scratch as it is then, which may be where they come from."""


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
        """The words of an element; `place` is an integer. Where positions are wanted 0.0 and -0.0 are equal."""
        place = resized(rewriter, place, I64)
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
        self, rewriter: Rewriter, source: Source, scratch: Sequence[SSAValue]
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
        self, rewriter: Rewriter, source: Source, place: SSAValue, carried: Sequence[SSAValue]
    ) -> Sequence[SSAValue]:
        """Put the words of an element into the first half, and count its digits."""
        counts, *scratch = carried
        zero = builders.index_constant(rewriter, 0)
        made = source(rewriter, place, scratch)
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
