"""Searching: sorting, looking up, and results whose size depends on the data."""

from __future__ import annotations

from tfc.dialects.tfc.base import TfcOp
from tfc.dialects.tfc.semantics import searching as semantics


class SortOp(TfcOp):
    """The elements of the last axis in order, NaNs last.

    %y = tfc.sort %x {descending = false} : (tensor<9xf32>) -> tensor<9xf32>
    """

    name = "tfc.sort"
    spec = semantics.sort


class ArgsortOp(TfcOp):
    """The positions of the elements of the last axis in order, NaNs last; equal elements keep their order.

    With `most`, at most that many of the first ones.

    %i = tfc.argsort %x {descending = false, dtype = i32, most = 4 : i64} : (tensor<9xf32>) -> tensor<4xi32>
    """

    name = "tfc.argsort"
    spec = semantics.argsort


class SearchsortedOp(TfcOp):
    """Where in each sorted row each value would be inserted: before equal elements (`side = "left"`) or behind them.

    %i = tfc.searchsorted %s, %v {side = "left", dtype = i32} : (tensor<9xf32>, tensor<4xf32>) -> tensor<4xi32>
    """

    name = "tfc.searchsorted"
    spec = semantics.searchsorted


class NonzeroOp(TfcOp):
    """The positions of the elements that are not zero, in row-major order, a row each.

    %i = tfc.nonzero %x : (tensor<4x4xi1>) -> tensor<?x2xi64>
    """

    name = "tfc.nonzero"
    spec = semantics.nonzero


class UniqueOp(TfcOp):
    """The distinct elements in order of first occurrence, which of them each element is, and how often each occurs.

    %y, %i, %n = tfc.unique %x {dtype = i32} : (tensor<9xf32>) -> (tensor<?xf32>, tensor<9xi32>, tensor<?xi32>)
    """

    name = "tfc.unique"
    spec = semantics.unique


class RepeatIndicesOp(TfcOp):
    """Position i repeated `repeats[i]` times, for all i in order.

    %i = tfc.repeat_indices %n : (tensor<4xi32>) -> tensor<?xi64>
    """

    name = "tfc.repeat_indices"
    spec = semantics.repeat_indices


OPS = (SortOp, ArgsortOp, SearchsortedOp, NonzeroOp, UniqueOp, RepeatIndicesOp)
