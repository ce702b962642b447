"""The first few of each row in order, without sorting the rest.

The last of the elements chosen so far is the limit, and fewer and fewer elements come before it. A block of elements is compared
with it in vectors; only a block that has such an element is looked at one by one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from tfc.dialects.tfc.semantics.dtypes import orders_as_unsigned
from tfc.dialects.tfc.semantics.reduction import highest, lowest
from tfc.passes import builders
from tfc.passes.builders import I1, INDEX
from tfc.passes.convert_tfc_to_linalg.loops import choose, load, loop_nest, store, while_loop
from tfc.passes.convert_tfc_to_linalg.radix_sort import RadixSort, Words
from tfc.passes.convert_tfc_to_linalg.scalars import both, compare_floats, either
from tfc.passes.convert_tfc_to_linalg.sizes import (
    Size,
    add,
    as_value,
    compare,
    element_of,
    empty,
    minimum,
    subtract,
)
from tfc.passes.convert_tfc_to_linalg.sort_keys import resized
from tfc.passes.rewriting import Rewriter
from xdsl.ir import Attribute, SSAValue

BLOCK = 16
"""Elements that are compared with the limit at once: whole vectors everywhere."""

MOST_INSERTED = 64
"""Up to so many are kept in order all the time; more are sorted now and then."""

FACTOR = 4
"""How many times as many as are wanted the buffer of those has room for: each sort is that many times farther on."""

Take = Callable[[Rewriter, SSAValue, Sequence[SSAValue]], Sequence[SSAValue]]
"""What is carried after the element at a place was looked at."""


def first_positions(
    rewriter: Rewriter, x: SSAValue, words: Words, count: Size, element: Attribute, most: int
) -> SSAValue:
    """The positions of the first elements of each of `count` rows of `x` in order, at most `most`."""
    wanted = minimum(rewriter, words.length, most)

    def row(
        inner: Rewriter, indices: list[SSAValue], carried: Sequence[SSAValue]
    ) -> Sequence[SSAValue]:
        select = _Selection(words, most, x, indices)
        half, *buffer = (
            select.by_insertion(inner) if most <= MOST_INSERTED else select.by_sorts(inner)
        )

        def give(
            innermost: Rewriter, place: list[SSAValue], held: Sequence[SSAValue]
        ) -> Sequence[SSAValue]:
            found = [load(innermost, part, half, *place) for part in buffer]
            position = words.result(innermost, found, element)
            return [store(innermost, position, held[0], *indices, *place)]

        return loop_nest(inner, [wanted], carried, give)

    target = empty(rewriter, [count, wanted], element)
    return loop_nest(rewriter, [count], [target], row, independent=True)[0]


class _Selection(NamedTuple):
    """One row of `x`. The results are the half of the buffer that has its first elements in order, and the buffer."""

    words: Words
    most: int
    x: SSAValue
    row: list[SSAValue]

    def by_insertion(self, rewriter: Rewriter) -> Sequence[SSAValue]:
        """The first elements of what was seen are always in order; one that is before the last of them is put among them."""
        zero = builders.index_constant(rewriter, 0)
        seen = as_value(rewriter, minimum(rewriter, self.words.length, self.most))
        last = builders.index_constant(rewriter, self.most - 1)
        buffer = loop_nest(
            rewriter,
            [seen],
            [empty(rewriter, [1, self.most], kind) for kind in self.words.kinds],
            lambda inner, place, held: self._insert(
                inner, self._words_at(inner, place[0]), place[0], held
            ),
        )

        def take(
            inner: Rewriter, place: SSAValue, carried: Sequence[SSAValue]
        ) -> Sequence[SSAValue]:
            limit, _, *buffer = carried
            words = self._words_at(inner, place)

            def insert(innermost: Rewriter) -> Sequence[SSAValue]:
                held = self._insert(innermost, words, last, buffer)
                return *self._limits(innermost, held[0], zero, last), *held

            before = builders.compare(inner, "ult", words[0], limit)
            return choose(inner, before, insert, carried)

        def block(inner: Rewriter, carried: Sequence[SSAValue]) -> Sequence[SSAValue]:
            return self._block(inner, carried[0], carried[2], carried[1:], take)

        limits = self._limits(rewriter, buffer[0], zero, last)
        done = while_loop(rewriter, (seen, *limits, *buffer), self._is_left, block)
        return zero, *done[3:]

    def _insert(
        self,
        rewriter: Rewriter,
        words: Sequence[SSAValue],
        free: SSAValue,
        buffer: Sequence[SSAValue],
    ) -> Sequence[SSAValue]:
        """Put an element behind all that are not after it; those after it move towards place `free`."""
        zero, one = builders.index_constant(rewriter, 0), builders.index_constant(rewriter, 1)

        def is_after(inner: Rewriter, carried: Sequence[SSAValue]) -> SSAValue:
            found = builders.compare(inner, "sgt", carried[0], zero)

            def test(innermost: Rewriter) -> Sequence[SSAValue]:
                previous = builders.subi(innermost, carried[0], one)
                word = load(innermost, carried[1], zero, previous)
                return [builders.compare(innermost, "ugt", word, words[0])]

            return choose(inner, found, test, [builders.constant(inner, 0, I1)])[0]

        def move(inner: Rewriter, carried: Sequence[SSAValue]) -> Sequence[SSAValue]:
            place, *buffer = carried
            previous = builders.subi(inner, place, one)
            moved = [
                store(inner, load(inner, part, zero, previous), part, zero, place)
                for part in buffer
            ]
            return previous, *moved

        place, *buffer = while_loop(rewriter, (free, *buffer), is_after, move)
        return [store(rewriter, w, b, zero, place) for w, b in zip(words, buffer, strict=True)]

    def by_sorts(self, rewriter: Rewriter) -> Sequence[SSAValue]:
        """The buffer is filled, sorted, all but the first are forgotten, and so on."""
        order, zero = self.words.order, builders.index_constant(rewriter, 0)
        worst = lowest(order.dtype) if order.descending else highest(order.dtype)
        room = FACTOR * self.most
        start = (
            zero,
            zero,
            builders.constant(rewriter, -1, self.words.kinds[0]),
            builders.constant(rewriter, worst, element_of(self.x)),
            zero,
            *RadixSort(self.words._replace(length=room + BLOCK)).scratch(rewriter),
        )

        def fill_and_sort(inner: Rewriter, carried: Sequence[SSAValue]) -> Sequence[SSAValue]:
            place, held, limit, bound, half, *buffer = carried

            def has_room(innermost: Rewriter, state: Sequence[SSAValue]) -> SSAValue:
                some = compare(innermost, "sle", state[1], room)
                return both(innermost, self._is_left(innermost, state), some)

            def take(
                innermost: Rewriter, place: SSAValue, carried: Sequence[SSAValue]
            ) -> Sequence[SSAValue]:
                held, *buffer = carried
                words = self._words_at(innermost, place)
                stays = builders.compare(innermost, "ule", words[0], limit)
                more = builders.addi(innermost, held, resized(innermost, stays, INDEX))
                stored = [
                    store(innermost, word, part, half, held)
                    for word, part in zip(words, buffer, strict=True)
                ]
                return [more, *stored]

            place, held, *buffer = while_loop(
                inner,
                (place, held, *buffer),
                has_room,
                lambda innermost, state: self._block(innermost, state[0], bound, state[1:], take),
            )
            buffer, half = RadixSort(self.words._replace(length=held)).sort(
                inner,
                lambda innermost, at, scratch: [load(innermost, w, half, at) for w in scratch],
                buffer,
            )
            held = as_value(inner, minimum(inner, held, self.most))
            last = as_value(inner, subtract(inner, held, 1))
            return place, held, *self._limits(inner, buffer[0], half, last), half, *buffer

        return while_loop(rewriter, start, self._is_left, fill_and_sort)[4:]

    def _is_left(self, rewriter: Rewriter, carried: Sequence[SSAValue]) -> SSAValue:
        """Whether the row goes on."""
        return compare(rewriter, "slt", carried[0], self.words.length)

    def _words_at(self, rewriter: Rewriter, place: SSAValue) -> Sequence[SSAValue]:
        return self.words.make(rewriter, load(rewriter, self.x, *self.row, place), place)

    def _limits(
        self, rewriter: Rewriter, words: SSAValue, half: SSAValue, last: SSAValue
    ) -> tuple[SSAValue, SSAValue]:
        """The word that others have to precede, and its element."""
        limit = load(rewriter, words, half, last)
        return limit, self.words.order.decode(rewriter, self.words.key(rewriter, limit))

    def _block(
        self,
        rewriter: Rewriter,
        first: SSAValue,
        bound: SSAValue,
        carried: Sequence[SSAValue],
        take: Take,
    ) -> Sequence[SSAValue]:
        """Look at the next elements unless all are after `bound`: where the row goes on, and what is carried."""
        end = add(rewriter, first, BLOCK)
        end = as_value(rewriter, minimum(rewriter, end, self.words.length))
        size = builders.subi(rewriter, end, first)

        def any_before(inner: Rewriter) -> Sequence[SSAValue]:
            def test(
                innermost: Rewriter, step: list[SSAValue], found: Sequence[SSAValue]
            ) -> Sequence[SSAValue]:
                place = builders.addi(innermost, first, *step)
                item = load(innermost, self.x, *self.row, place)
                return [either(innermost, found[0], self._may_precede(innermost, item, bound))]

            return loop_nest(inner, [BLOCK], [builders.constant(inner, 0, I1)], test)

        def take_all(inner: Rewriter) -> Sequence[SSAValue]:
            return loop_nest(
                inner,
                [size],
                carried,
                lambda innermost, step, held: take(
                    innermost, builders.addi(innermost, first, *step), held
                ),
            )

        whole = compare(rewriter, "eq", size, BLOCK)
        (some,) = choose(rewriter, whole, any_before, [builders.constant(rewriter, 1, I1)])
        return end, *choose(rewriter, some, take_all, carried)

    def _may_precede(self, rewriter: Rewriter, x: SSAValue, bound: SSAValue) -> SSAValue:
        """False only for what comes after `bound` in order."""
        order = self.words.order
        side = "ge" if order.descending else "le"
        if order.is_float:
            return compare_floats(rewriter, f"u{side}", x, bound)
        sign = "u" if orders_as_unsigned(order.dtype) else "s"
        return builders.compare(rewriter, sign + side, x, bound)
