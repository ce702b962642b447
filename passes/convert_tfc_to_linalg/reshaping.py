"""How a reshape becomes `tensor.collapse_shape` and `tensor.expand_shape`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tfc.passes import builders
from tfc.passes.builders import DYNAMIC_INDEX
from tfc.passes.convert_tfc_to_linalg.failing import fail_unless
from tfc.passes.convert_tfc_to_linalg.lowering import Lowering
from tfc.passes.convert_tfc_to_linalg.sizes import (
    Size,
    as_value,
    collapse_shape,
    compare,
    divide,
    element_of,
    expand_shape,
    fit,
    maximum,
    only_element,
    product,
    same_size,
    shape_of,
    single_element,
    sizes_of,
)
from xdsl.dialects.builtin import TensorType
from xdsl.ir import SSAValue


def lower_reshape(
    lowering: Lowering, x: SSAValue, sizes: Sequence[Size], kind: TensorType[Any]
) -> SSAValue:
    """`x` with `sizes`, one of which may be -1; fails at run time when the numbers of elements differ.

    Dims that are the same on both sides stay apart, so that producers and consumers can still be fused along them; the dims
    between are collapsed into one and expanded again.
    """
    rewriter = lowering.rewriter
    source = sizes_of(rewriter, x)
    target = _check_elements(lowering, source, list(sizes))
    static = tuple(size for size in target if isinstance(size, int))
    if len(static) == len(target) and static == shape_of(x):
        return x
    if not source or not target:
        return _to_or_from_scalar(lowering, x, target, kind)
    from_groups, to_groups = reshape_groups(source, target)
    if len(from_groups) != len(source):
        x = collapse_shape(rewriter, x, from_groups)
    x = _forget_or_learn(lowering, x, to_groups, target)
    if len(to_groups) != len(target):
        x = expand_shape(rewriter, x, to_groups, target)
    return fit(rewriter, x, kind)


def _to_or_from_scalar(
    lowering: Lowering, x: SSAValue, target: Sequence[Size], kind: TensorType[Any]
) -> SSAValue:
    """A reshape where one side has no dims, so that all dims of the other are 1."""
    rewriter = lowering.rewriter
    x = single_element(rewriter, only_element(lowering, x), len(target))
    return fit(rewriter, x, kind)


def _forget_or_learn(
    lowering: Lowering, x: SSAValue, groups: Sequence[Sequence[int]], target: Sequence[Size]
) -> SSAValue:
    """Cast each dim of `x` to what the dims it expands to make known of it."""
    shape: list[int] = []
    for group in groups:
        size = 1
        for axis in group:
            part = target[axis]
            size = size * part if isinstance(part, int) and size >= 0 else DYNAMIC_INDEX
        shape.append(size)
    return fit(lowering.rewriter, x, builders.tensor_type(tuple(shape), element_of(x)))


def reshape_groups(
    source: Sequence[Size], target: Sequence[Size]
) -> tuple[list[list[int]], list[list[int]]]:
    """The dims of `source` and of `target`, split into as many groups each, of pairwise equal products.

    Groups are matched from both ends as long as sizes are known to agree; what is left in the middle is one group. Beside a
    dim of size 0 the others need not agree, so that everything is one group then.
    """
    if 0 in source or 0 in target:
        return [list(range(len(source)))], [list(range(len(target)))]
    left = _matching_groups(source, target)
    used_source = sum(len(group) for group, _ in left)
    used_target = sum(len(group) for _, group in left)
    rest_source, rest_target = source[used_source:], target[used_target:]
    right = _matching_groups(rest_source[::-1], rest_target[::-1])
    pairs = [*left]
    taken_source = sum(len(group) for group, _ in right)
    taken_target = sum(len(group) for _, group in right)
    middle = (len(rest_source) - taken_source, len(rest_target) - taken_target)
    if any(middle):
        pairs.append(middle_pair(used_source, used_target, middle))
    for from_group, to_group in reversed(right):
        pairs.append(
            (
                [len(source) - 1 - axis for axis in reversed(from_group)],
                [len(target) - 1 - axis for axis in reversed(to_group)],
            )
        )
    pairs = _without_empty_sides(pairs)
    return [pair[0] for pair in pairs], [pair[1] for pair in pairs]


Pair = tuple[list[int], list[int]]


def middle_pair(first_source: int, first_target: int, counts: tuple[int, int]) -> Pair:
    """The group of `counts` dims of source and target that start at the given axes."""
    return (
        list(range(first_source, first_source + counts[0])),
        list(range(first_target, first_target + counts[1])),
    )


def _matching_groups(source: Sequence[Size], target: Sequence[Size]) -> list[Pair]:
    """Groups from the left whose products are known to agree, as short as possible."""
    pairs: list[Pair] = []
    i = j = 0
    while i < len(source) and j < len(target):
        if same_size(source[i], target[j]):
            pairs.append(([i], [j]))
            i, j = i + 1, j + 1
            continue
        ends = _next_match(source, target, i, j)
        if ends is None:
            break
        pairs.append((list(range(i, ends[0])), list(range(j, ends[1]))))
        i, j = ends
    return pairs


def _next_match(
    source: Sequence[Size], target: Sequence[Size], i: int, j: int
) -> tuple[int, int] | None:
    a, b = source[i], target[j]
    while isinstance(a, int) and isinstance(b, int) and a > 0 and b > 0:
        if a == b:
            return i + 1, j + 1
        if a < b:
            i += 1
            if i == len(source):
                return None
            part = source[i]
            a = a * part if isinstance(part, int) else part
        else:
            j += 1
            if j == len(target):
                return None
            part = target[j]
            b = b * part if isinstance(part, int) else part
    return None


def _without_empty_sides(pairs: list[Pair]) -> list[Pair]:
    """Join a pair that has dims on one side only (sizes of 1) with its neighbour."""
    result: list[Pair] = []
    for pair in pairs:
        if result and not (all(pair) and all(result[-1])):
            before = result[-1]
            result[-1] = (before[0] + pair[0], before[1] + pair[1])
        else:
            result.append(pair)
    return result


def _check_elements(lowering: Lowering, source: list[Size], target: list[Size]) -> list[Size]:
    """`target` with its -1 replaced, after a check that both have the same number of elements where that is open."""
    rewriter = lowering.rewriter
    have, want = _without_common(
        source, [size for size in target if not isinstance(size, int) or size != -1]
    )
    static_have, static_want = _static(have), _static(want)
    if -1 in target:
        divisor = maximum(
            rewriter, product(rewriter, want), 1
        )  # 0 fails below, it must not trap here
        count = divide(rewriter, product(rewriter, have), divisor)
        target = [count if size == -1 else size for size in target]
        if (
            all(isinstance(size, int) for size in want)
            and static_want
            and static_have % static_want == 0
        ):
            return target
    elif static_have == static_want and all(isinstance(size, int) for size in (*have, *want)):
        return target
    _check_equal(lowering, product(rewriter, source), product(rewriter, target))
    return target


def _check_equal(lowering: Lowering, have: Size, want: Size) -> None:
    rewriter = lowering.rewriter
    values = [as_value(rewriter, have), as_value(rewriter, want)]
    message = "reshape: the tensor has {0} elements, the shape asks for {1}"
    fail_unless(lowering, compare(rewriter, "eq", have, want), "TFC106", message, values)


def _without_common(source: list[Size], target: list[Size]) -> tuple[list[Size], list[Size]]:
    """Both lists of factors without the run-time sizes that they share."""
    have, want = list(source), list[Size]()
    for size in target:
        for position, other in enumerate(have):
            if not isinstance(size, int) and same_size(size, other):
                del have[position]
                break
        else:
            want.append(size)
    return have, want


def _static(sizes: Sequence[Size]) -> int:
    result = 1
    for size in sizes:
        if isinstance(size, int):
            result *= size
    return result
