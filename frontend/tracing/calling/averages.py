"""`statistics` on run-time numbers, written as Python.

The library adds fractions and rounds once; here sums are of floats, which may differ in the last digits. A whole number
is an int if the data are ints, as in the library.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from statistics import StatisticsError
from typing import Any


def mean(data: Iterable[Any]) -> Any:
    """`statistics.mean`."""
    values = list(data)
    if len(values) < 1:
        raise StatisticsError("mean requires at least one data point")
    return _over(_total(values), len(values))


def fmean(data: Iterable[Any]) -> Any:
    """`statistics.fmean`, without weights."""
    values = list(data)
    if len(values) < 1:
        raise StatisticsError("fmean requires at least one data point")
    return sum(values) / len(values)


def median(data: Iterable[Any]) -> Any:
    """`statistics.median`."""
    ordered = sorted(data)
    count = len(ordered)
    if count == 0:
        raise StatisticsError("no median for empty data")
    if count % 2 == 1:
        return ordered[count // 2]
    return (ordered[count // 2 - 1] + ordered[count // 2]) / 2


def median_low(data: Iterable[Any]) -> Any:
    """`statistics.median_low`."""
    ordered = sorted(data)
    if len(ordered) == 0:
        raise StatisticsError("no median for empty data")
    return ordered[(len(ordered) - 1) // 2]


def median_high(data: Iterable[Any]) -> Any:
    """`statistics.median_high`."""
    ordered = sorted(data)
    if len(ordered) == 0:
        raise StatisticsError("no median for empty data")
    return ordered[len(ordered) // 2]


def mode(data: Iterable[Any]) -> Any:
    """`statistics.mode`."""
    counts: dict[Any, int] = {}
    for value in data:
        counts[value] = counts.get(value, 0) + 1
    if len(counts) == 0:
        raise StatisticsError("no mode for empty data")
    return max(counts.items(), key=lambda entry: entry[1])[0]


def pvariance(data: Iterable[Any]) -> Any:
    """`statistics.pvariance`, of a mean that is not known."""
    values = list(data)
    if len(values) < 1:
        raise StatisticsError("pvariance requires at least one data point")
    return _spread(values, len(values))


def variance(data: Iterable[Any]) -> Any:
    """`statistics.variance`, of a mean that is not known."""
    values = list(data)
    if len(values) < 2:
        raise StatisticsError("variance requires at least two data points")
    return _spread(values, len(values) - 1)


def pstdev(data: Iterable[Any]) -> Any:
    """`statistics.pstdev`, of a mean that is not known."""
    values = list(data)
    if len(values) < 1:
        raise StatisticsError("pstdev requires at least one data point")
    return math.sqrt(_spread(values, len(values)))


def stdev(data: Iterable[Any]) -> Any:
    """`statistics.stdev`, of a mean that is not known."""
    values = list(data)
    if len(values) < 2:
        raise StatisticsError("stdev requires at least two data points")
    return math.sqrt(_spread(values, len(values) - 1))


def _total(values: list[Any]) -> Any:
    total = sum(values)
    if not isinstance(total, int | float):
        raise TypeError(f"can't convert type '{type(total).__name__}' to numerator/denominator")
    return total


def _over(total: Any, count: int) -> Any:
    """A quotient, which for ints is an int where it is whole."""
    if isinstance(total, int) and total % count == 0:
        return total // count
    return total / count


def _spread(values: list[Any], count: int) -> Any:
    """The squares of the distances from the mean, added and divided by `count`."""
    total, number = _total(values), len(values)
    if isinstance(total, int):
        squares = sum([value * value for value in values])
        return _over(number * squares - total * total, number * count)
    middle = total / number
    return sum([(value - middle) * (value - middle) for value in values]) / count
