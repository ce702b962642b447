"""`itertools`, `functools.reduce` and `operator` on symbolic values."""

from __future__ import annotations

import functools
import itertools
import operator
from typing import Any

from tfc.tracing import iterating, membership, operations, producers
from tfc.tracing.frame import Frame
from tfc.tracing.intrinsics import Intrinsic, define, defines
from tfc.tracing.operators import BINARY, COMPARISONS, UNARY
from tfc.tracing.symbolic import SymbolicTensor
from tfc.tracing.truth import truth

# -- iteration -----------------------------------------------------------------------------------

_ALWAYS_INTERPRETED = (
    itertools.takewhile, itertools.dropwhile, itertools.filterfalse, itertools.starmap,
    itertools.compress, itertools.accumulate, functools.reduce,
)  # fmt: skip
_INTERPRETED_WHERE_STAGED = (itertools.chain, itertools.pairwise, itertools.islice)


def _interpreted(function: Any) -> Intrinsic:
    """A library function as the Python that it stands for."""
    version = getattr(iterating, function.__name__)
    return lambda frame, arguments, keywords: operations.call(frame, version, arguments, keywords)


def _interpreted_where_staged(function: Any) -> Intrinsic:
    version = _interpreted(function)

    def run(frame: Frame, arguments: tuple[Any, ...], keywords: dict[str, Any]) -> Any:
        if any(producers.is_staged(frame, item) for item in arguments):
            return version(frame, arguments, keywords)
        given = [
            operations.iterate(frame, item) if _is_iterable(item) else item for item in arguments
        ]
        return function(*given, **keywords)

    return run


def _is_iterable(value: Any) -> bool:
    return isinstance(value, SymbolicTensor | list | tuple | dict | set)


for _function in _ALWAYS_INTERPRETED:
    define(_function, _interpreted(_function))
for _function in _INTERPRETED_WHERE_STAGED:
    define(_function, _interpreted_where_staged(_function))


# -- operators -----------------------------------------------------------------------------------


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
