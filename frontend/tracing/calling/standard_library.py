"""`itertools`, `functools.reduce` and `operator` on symbolic values."""

from __future__ import annotations

import bisect
import collections
import contextlib
import dataclasses
import functools
import heapq
import itertools
import math
import operator
import statistics
from typing import Any

import numpy as np
from tfc.tracing import effects, membership, operations
from tfc.tracing.calling import algorithms, averages, iterating
from tfc.tracing.calling.calls import call_native
from tfc.tracing.calling.intrinsics import Intrinsic, define, defines, known
from tfc.tracing.containers import tables
from tfc.tracing.frame import Frame
from tfc.tracing.iteration import iterators, producers
from tfc.tracing.operators import BINARY, COMPARISONS, UNARY
from tfc.tracing.values.numbers import SymbolicNumber
from tfc.tracing.values.symbolic import SymbolicTensor
from tfc.tracing.values.truth import truth

# -- iteration ----------------------------------------------------------------------------------

_ALWAYS_INTERPRETED = (
    itertools.takewhile, itertools.dropwhile, itertools.filterfalse, itertools.starmap,
    itertools.compress, itertools.accumulate, itertools.groupby, functools.reduce,
)  # fmt: skip
_INTERPRETED_WHERE_STAGED = (
    itertools.chain, itertools.pairwise, itertools.islice, itertools.product, itertools.combinations,
    itertools.combinations_with_replacement, itertools.permutations, itertools.zip_longest,
)  # fmt: skip


def _interpreted(function: Any, versions: Any = iterating) -> Intrinsic:
    """A library function as the Python that it stands for."""

    def run(frame: Frame, arguments: tuple[Any, ...], keywords: dict[str, Any]) -> Any:
        return operations.call(frame, getattr(versions, function.__name__), arguments, keywords)

    return run


def _interpreted_where_staged(function: Any) -> Intrinsic:
    version = _interpreted(function)

    def run(frame: Frame, arguments: tuple[Any, ...], keywords: dict[str, Any]) -> Any:
        numbers = [item for item in arguments if isinstance(item, SymbolicNumber)]
        for number in numbers:
            frame.trace.restart_with(number.tensor, "a number of items")
        if numbers or any(producers.is_staged(frame, item) for item in arguments):
            return version(frame, arguments, keywords)
        given = [
            operations.iterate(frame, item) if _is_iterable(item) else item for item in arguments
        ]
        return function(*given, **keywords)

    return run


def _is_iterable(value: Any) -> bool:
    return isinstance(value, SymbolicTensor | list | tuple | dict | set)


@defines(itertools.count)
def _count(frame: Frame, arguments: tuple[Any, ...], keywords: dict[str, Any]) -> Any:
    def numbers(start: Any = 0, step: Any = 1) -> Any:
        source = itertools.count(start, step)
        if start.__class__ is float or step.__class__ is float:
            return iterators.kept(frame, source)  # added one by one, which rounds
        return iterators.endless(frame, source, lambda _, position: start + step * position)

    return numbers(*arguments, **keywords)


@defines(itertools.cycle)
def _cycle(frame: Frame, arguments: tuple[Any, ...], keywords: dict[str, Any]) -> Any:
    def again(items: Any, /) -> Any:
        known = list(operations.iterate(frame, items))
        if not known:
            return iterators.kept(frame, iter(known))
        return iterators.endless(
            frame,
            itertools.cycle(known),
            lambda at, position: operations.load_item(at, known, position % len(known)),
        )

    return again(*arguments, **keywords)


@defines(itertools.repeat)
def _repeat(frame: Frame, arguments: tuple[Any, ...], keywords: dict[str, Any]) -> Any:
    items = itertools.repeat(*arguments, **keywords)
    if len(arguments) + len(keywords) > 1:
        return iterators.kept(frame, items)
    item = next(items)
    return iterators.endless(frame, items, lambda _, position: item)


for _function in _ALWAYS_INTERPRETED:
    define(_function, _interpreted(_function))
for _function in _INTERPRETED_WHERE_STAGED:
    define(_function, _interpreted_where_staged(_function))


# -- comparisons --------------------------------------------------------------------------------

for _function in (
    heapq.heappush, heapq.heappop, heapq.heapify, heapq.heapreplace, heapq.heappushpop, heapq.nsmallest,
    heapq.nlargest, bisect.bisect_left, bisect.bisect_right, bisect.insort_left, bisect.insort_right,
    collections.Counter.elements, math.dist, math.modf, np.ndenumerate,
):  # fmt: skip
    define(_function, _interpreted(_function, algorithms))


def _averaged(function: Any) -> Intrinsic:
    """A function of `statistics` where the numbers are those of run time."""
    version = _interpreted(function, averages)

    def run(frame: Frame, arguments: tuple[Any, ...], keywords: dict[str, Any]) -> Any:
        (data,) = arguments if len(arguments) == 1 and not keywords else (None,)
        if data is not None and (producers.is_staged(frame, data) or effects.is_symbolic(data)):
            return version(frame, arguments, keywords)
        return call_native(frame, function, arguments, keywords)

    return run


for _function in (
    statistics.mean, statistics.fmean, statistics.median, statistics.median_low, statistics.median_high,
    statistics.mode, statistics.variance, statistics.pvariance, statistics.stdev, statistics.pstdev,
):  # fmt: skip
    define(_function, _averaged(_function))


@defines(contextlib.ExitStack.__exit__)
def _leave_stack(frame: Frame, arguments: tuple[Any, ...], keywords: dict[str, Any]) -> Any:
    return operations.call(frame, algorithms.leave_stack, arguments, keywords)


@defines(collections._count_elements)  # pyright: ignore[reportAttributeAccessIssue]
def _count_elements(frame: Frame, arguments: tuple[Any, ...], keywords: dict[str, Any]) -> Any:
    counts, items = arguments
    tables.visit(frame, items, lambda item: tables.add_item(frame, counts, item))


# -- operators ----------------------------------------------------------------------------------


def _binary_operator(function: Any) -> Intrinsic:
    def run(frame: Frame, arguments: tuple[Any, ...], keywords: dict[str, Any]) -> Any:
        return operations.binary(frame, function, *arguments)

    return run


def _unary_operator(function: Any) -> Intrinsic:
    def run(frame: Frame, arguments: tuple[Any, ...], keywords: dict[str, Any]) -> Any:
        return operations.unary(frame, function, *arguments)

    return run


for _function in {*BINARY.values(), *COMPARISONS.values()}:
    define(_function, _binary_operator(_function))
for _function in UNARY.values():
    define(_function, _unary_operator(_function))


@defines(operator.truth)
def _truth(frame: Frame, arguments: tuple[Any, ...], keywords: dict[str, Any]) -> Any:
    return truth(frame, *arguments)


@defines(operator.not_)
def _not(frame: Frame, arguments: tuple[Any, ...], keywords: dict[str, Any]) -> Any:
    return operations.logical_not(truth(frame, *arguments))


@defines(operator.contains)
def _contains(frame: Frame, arguments: tuple[Any, ...], keywords: dict[str, Any]) -> Any:
    return membership.contains(frame, *arguments)


@defines(operator.is_)
def _is(frame: Frame, arguments: tuple[Any, ...], keywords: dict[str, Any]) -> Any:
    return membership.is_same(frame, *arguments)


@defines(operator.is_not)
def _is_not(frame: Frame, arguments: tuple[Any, ...], keywords: dict[str, Any]) -> Any:
    return operations.logical_not(membership.is_same(frame, *arguments))


@defines(operator.getitem)
def _getitem(frame: Frame, arguments: tuple[Any, ...], keywords: dict[str, Any]) -> Any:
    return operations.load_item(frame, *arguments)


# -- attributes ---------------------------------------------------------------------------------


def _reader(function: Any) -> Intrinsic:
    """A function whose result depends on all attributes of its first argument."""

    def run(frame: Frame, arguments: tuple[Any, ...], keywords: dict[str, Any]) -> Any:
        for item in arguments[:1]:
            frame.trace.guards.require_attributes(item)
        return call_native(frame, function, arguments, keywords)

    return run


for _function in (vars, dataclasses.replace):
    define(_function, _reader(_function))


# -- protocols ----------------------------------------------------------------------------------


def _protocol(function: Any, name: str) -> Intrinsic:
    """A built-in that asks its argument's class for `name`: a user's method is interpreted."""
    otherwise = known(function)

    def run(frame: Frame, arguments: tuple[Any, ...], keywords: dict[str, Any]) -> Any:
        method = operations.user_method(arguments[0], name) if arguments else None
        if method is not None:
            return operations.call(frame, method, arguments, keywords)
        if otherwise is not None:
            return otherwise(frame, arguments, keywords)
        return call_native(frame, function, arguments, keywords)

    return run


for _function, _name in {
    abs: "__abs__",
    round: "__round__",
    reversed: "__reversed__",
    hash: "__hash__",
    complex: "__complex__",
    math.floor: "__floor__",
    math.ceil: "__ceil__",
    math.trunc: "__trunc__",
    operator.index: "__index__",
}.items():
    define(_function, _protocol(_function, _name))
