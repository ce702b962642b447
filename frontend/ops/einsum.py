"""`tf.einsum`: parsed here, computed as a chain of `tfc.contract` ops of two operands each."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any, NamedTuple

from tfc.core.convert import convert
from tfc.core.errors import InvalidArgumentError, TFCTypeError
from tfc.core.tensor import Tensor
from tfc.dialects.tfc.semantics.types import Shape
from tfc.ops.applying import convert_pair
from tfc.ops.contraction import contract
from tfc.ops.diagonal import diagonal
from tfc.ops.reduction import reduce_sum
from tfc.ops.shape import squeeze, transpose

Label = str
"""A letter, or `.3` for the third dimension from the right that an ellipsis stands for."""


class Term(NamedTuple):
    """An operand with a label for each of its dimensions."""

    value: Tensor
    labels: tuple[Label, ...]


def einsum(equation: str, *inputs: Any, **kwargs: Any) -> Tensor:
    """A sum of products in Einstein's notation: `tf.einsum("bij,bjk->bik", x, y)`.

    Args:
        equation: a label (a letter) for each dimension of each operand, `,` between operands, `->` before the labels of
            the result. `...` stands for dimensions that broadcast; a letter twice in an operand takes its diagonal. Without
            `->` the result has the letters that occur once, sorted.
        inputs: tensors of one dtype.
        optimize, name: accepted as in TensorFlow. With three operands and more, the pair with the smallest product goes first.

    Raises:
        ValueError: the equation does not fit the operands (TFC107, TFC105) or sizes differ (TFC106).

    >>> import tfc as tf
    >>> tf.einsum("ij,j->i", [[1, 2], [3, 4]], [1, 1]).numpy()
    array([3, 7], dtype=int32)
    """
    for key in kwargs:
        if key not in ("optimize", "name"):
            raise TFCTypeError("TFC020", f"einsum: unexpected argument {key!r}", "leave it out")
    if not isinstance(equation, str):
        raise TFCTypeError(
            "TFC108",
            f"einsum: the equation is {equation!r}",
            'give it first, as a string: "ij,jk->ik"',
        )
    if not inputs:
        raise _malformed(equation, "there are no operands", "pass a tensor for each term")
    if len(inputs) == 2:
        tensors = convert_pair(*inputs)
        plan = _plan(equation, tensors[0].type.shape, tensors[1].type.shape)
        if plan is not None:
            return contract(*tensors, *plan)
    else:
        tensors = tuple([convert(x) for x in inputs])
    shapes = [tensor.type.shape for tensor in tensors]
    parsed, output = _parse(equation, shapes)
    _check_sizes(equation, parsed, shapes)
    terms = [Term(tensor, labels) for tensor, labels in zip(tensors, parsed, strict=True)]
    terms = [_simplify(term, terms, output) for term in terms]
    while len(terms) > 1:
        i, j = _cheapest_pair(terms)
        right, left = terms.pop(j), terms.pop(i)
        terms.append(_contract_pair(left, right, terms, output))
    value, labels = terms[0]
    if labels == output:
        return value
    return transpose(value, [labels.index(label) for label in output])


def _malformed(equation: str, reason: str, fix: str) -> InvalidArgumentError:
    return InvalidArgumentError("TFC107", f"einsum: {reason} in {equation!r}", fix)


Labels = tuple[Label, ...]


@functools.lru_cache(1024)
def _plan(
    equation: str, x: Shape, y: Shape
) -> tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...]] | None:
    """The labels of one `tfc.contract`, when that is all there is to do."""
    (left, right), output = _parse(equation, (x, y))
    _check_sizes(equation, (left, right), (x, y))
    alone = set(left) ^ set(right)
    repeated = len(set(left)) < len(left) or len(set(right)) < len(right)
    hidden = any(label[0] == "." for label in left + right)
    if repeated or hidden or not alone <= set(output):
        return None
    numbers = {label: n for n, label in enumerate(dict.fromkeys(left + right))}
    a, b, c = (tuple([numbers[label] for label in labels]) for labels in (left, right, output))
    return a, b, c


def _parse(equation: str, shapes: Sequence[Shape]) -> tuple[list[Labels], Labels]:
    """The labels of each operand and of the result."""
    text = equation.replace(" ", "")
    left, arrow, right = text.partition("->")
    words = left.split(",")
    if len(words) != len(shapes):
        raise _malformed(
            equation,
            f"{len(words)} terms for {len(shapes)} operands",
            "separate one term for each operand with commas",
        )
    terms = [_labels(equation, word, shape) for word, shape in zip(words, shapes, strict=True)]
    flat = [label for labels in terms for label in labels]
    hidden = sorted({label for label in flat if label[0] == "."}, key=_from_left)
    if not arrow:
        letters = sorted(label for label in set(flat) if label[0] != "." and flat.count(label) == 1)
        return terms, (*hidden, *letters)
    head, dots, tail = right.partition("...")
    output = (*head, *hidden, *tail) if dots else tuple(head)
    for label in output:
        if label not in flat:
            raise _malformed(
                equation,
                f"the result's label {label!r} is in no operand",
                "use labels of the operands",
            )
    if len(set(output)) != len(output):
        raise _malformed(equation, "the result has a label twice", "name each label once after ->")
    if hidden and not dots:
        raise _malformed(
            equation, "the result has no ellipsis", "add ... after -> for the broadcast dimensions"
        )
    return terms, output


def _from_left(label: Label) -> int:
    return -int(label[1:])


def _labels(equation: str, word: str, shape: Shape) -> Labels:
    head, dots, tail = word.partition("...")
    for letter in head + tail:
        if not letter.isalpha():
            raise _malformed(
                equation, f"{letter!r} is not a label", "use letters, '...', ',' and one '->'"
            )
    hidden = len(shape) - len(head) - len(tail)
    if hidden < 0 or (hidden and not dots):
        raise InvalidArgumentError(
            "TFC105",
            f"einsum: term {word!r} in {equation!r} has {len(head) + len(tail)} labels, its operand has shape {list(shape)}",
            "give each dimension a label, or use ... for the rest",
        )
    return (*head, *(f".{position}" for position in range(hidden, 0, -1)), *tail)


def _check_sizes(equation: str, terms: Sequence[Labels], shapes: Sequence[Shape]) -> None:
    known: dict[Label, int] = {}
    for labels, shape in zip(terms, shapes, strict=True):
        for label, size in zip(labels, shape, strict=True):
            if size is None or (label[0] == "." and size == 1):
                continue
            if known.setdefault(label, size) != size:
                shown = "..." if label[0] == "." else label
                raise InvalidArgumentError(
                    "TFC106",
                    f"einsum: label {shown!r} in {equation!r} has size {known[label]} and size {size}",
                    "give each label one size",
                )


def _simplify(term: Term, terms: Sequence[Term], output: tuple[Label, ...]) -> Term:
    """`term` with diagonals taken, broadcast dimensions of size 1 dropped, and labels of its own summed."""
    value, labels = term
    for label in set(labels):
        while labels.count(label) > 1:
            first = labels.index(label)
            second = labels.index(label, first + 1)
            value = diagonal(value, axis1=first, axis2=second)
            labels = (*labels[:first], *labels[first + 1 : second], *labels[second + 1 :], label)
    elsewhere = {label for other in terms if other is not term for label in other.labels}
    stretched = [
        axis
        for axis, label in enumerate(labels)
        if label[0] == "."
        and value.type.shape[axis] == 1
        and label in elsewhere
        and _is_stretched(label, terms)
    ]
    if stretched:
        value = squeeze(value, axis=stretched)
        labels = tuple(label for axis, label in enumerate(labels) if axis not in stretched)
    own = [a for a, label in enumerate(labels) if label not in elsewhere and label not in output]
    if own:
        value = reduce_sum(value, axis=own)
        labels = tuple(label for axis, label in enumerate(labels) if axis not in own)
    return Term(value, labels)


def _is_stretched(label: Label, terms: Sequence[Term]) -> bool:
    """Whether some operand has another size than 1 for `label`."""
    return any(
        value.type.shape[axis] != 1
        for value, labels in terms
        for axis, own in enumerate(labels)
        if own == label
    )


def _cheapest_pair(terms: Sequence[Term]) -> tuple[int, int]:
    """The two terms whose loops together are the fewest; unknown sizes count as large."""
    if len(terms) == 2:
        return 0, 1

    def loops(i: int, j: int) -> int:
        sizes = {
            label: 1024 if size is None else size
            for term in (terms[i], terms[j])
            for label, size in zip(term.labels, term.value.type.shape, strict=True)
        }
        total = 1
        for size in sizes.values():
            total *= size
        return total

    pairs = [(i, j) for j in range(len(terms)) for i in range(j)]
    return min(pairs, key=lambda pair: loops(*pair))


def _contract_pair(
    left: Term, right: Term, rest: Sequence[Term], output: tuple[Label, ...]
) -> Term:
    needed = set(output).union(*(term.labels for term in rest))
    if rest:
        merged = dict.fromkeys((*left.labels, *right.labels))
        kept = tuple(label for label in merged if label in needed)
    else:
        kept = output
    numbers = {label: i for i, label in enumerate(dict.fromkeys((*left.labels, *right.labels)))}
    value = contract(
        left.value,
        right.value,
        [numbers[label] for label in left.labels],
        [numbers[label] for label in right.labels],
        [numbers[label] for label in kept],
    )
    return Term(value, kept)
