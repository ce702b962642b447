"""Convolution: zeros are put around `x`, then one contraction walks it with affine maps.

Channels that come before the dims of the window (NCHW) are moved behind these and back, if sums are long enough for that to pay.
Then the channels of one place are neighbours in memory, and the contraction has whole rows of them.

Where `x` is spread (the gradient of a strided convolution), the places of the result fall into phases, each of which reads its
own part of the window and none of the zeros between: one convolution for each. A window over single channels is spelled out.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product

from tfc.dialects.tfc.base import TfcOp
from tfc.dialects.tfc.semantics import convolution as semantics
from tfc.dialects.tfc.semantics.contraction import is_narrow
from tfc.dialects.tfc.semantics.convolution import Window
from tfc.dialects.tfc.semantics.spec import OpSpec
from tfc.passes import builders
from tfc.passes.convert_tfc_to_linalg import sizes as mixed
from tfc.passes.convert_tfc_to_linalg.contraction import (
    multiply_add,
    narrowed,
    require_equal_sizes,
    sum_of_products,
)
from tfc.passes.convert_tfc_to_linalg.conversion import Rule
from tfc.passes.convert_tfc_to_linalg.lowering import Lowering
from tfc.passes.convert_tfc_to_linalg.shape import transpose
from tfc.passes.convert_tfc_to_linalg.sizes import Size
from tfc.passes.convert_tfc_to_linalg.windows import (
    MAX_SPELLED_OUT,
    Exprs,
    cropped,
    loop_index,
    over_window,
    surround,
)
from tfc.passes.rewriting import Rewriter
from xdsl.dialects import tensor
from xdsl.dialects.builtin import f32
from xdsl.ir import SSAValue
from xdsl.ir.affine import AffineConstantExpr, AffineDimExpr, AffineExpr

LONG_SUM = 96
"""Products in an element of the result from which on channels are moved to the end."""

MAX_PHASES = 64
"""Where the windows have more phases, zeros are put between the elements of `x` after all."""


@dataclass(frozen=True)
class _Phase:
    """A window at every `step[label]`th place from `start[label]` on, for the two labels that it walks."""

    window: Window
    start: dict[int, int]
    step: dict[int, int]


def _phases(window: Window) -> list[_Phase]:
    """Windows without spread that together read what `window` reads of the elements themselves."""
    free, kernel, stride, dilation, offset, spread = window
    steps = spread // math.gcd(stride, spread), spread // math.gcd(dilation, spread)
    phases: list[_Phase] = []
    for first in product(range(steps[0]), range(steps[1])):
        at = stride * first[0] + dilation * first[1] + offset
        if at % spread == 0:
            inner = Window(
                free,
                kernel,
                stride * steps[0] // spread,
                dilation * steps[1] // spread,
                at // spread,
                1,
            )
            labels = (free, kernel)
            phases.append(
                _Phase(
                    inner,
                    dict(zip(labels, first, strict=True)),
                    dict(zip(labels, steps, strict=True)),
                )
            )
    return phases


class _Walk:
    """One phase of each window: a convolution of its own."""

    def __init__(
        self, rewriter: Rewriter, phases: Sequence[_Phase], known: dict[int, Size]
    ) -> None:
        self.windows = [phase.window for phase in phases]
        self.start = {label: n for phase in phases for label, n in phase.start.items()}
        self.step = {label: n for phase in phases for label, n in phase.step.items()}
        self.sizes = dict(known)
        for label, step in self.step.items():
            left = mixed.subtract(rewriter, known[label], self.start[label])
            left = mixed.maximum(rewriter, mixed.add(rewriter, left, step - 1), 0)
            self.sizes[label] = mixed.divide(rewriter, left, step)

    @property
    def is_empty(self) -> bool:
        return any(self.sizes[window.kernel] == 0 for window in self.windows)

    def part(
        self, rewriter: Rewriter, labels: Sequence[int], whole: dict[int, Size]
    ) -> tuple[list[Size], list[Size], list[int]]:
        """Offsets, sizes and strides of the places of this walk in a tensor with `labels`."""
        offsets: list[Size] = []
        for label in labels:
            start, size = self.start.get(label, 0), whole[label]
            # An empty slice may start anywhere inside.
            inside = isinstance(size, int) or start == 0
            offsets.append(start if inside else mixed.minimum(rewriter, start, size))
        sizes = [self.sizes[label] for label in labels]
        return offsets, sizes, [self.step.get(label, 1) for label in labels]


class _Convolution:
    """The conversion of one op."""

    def __init__(self, lowering: Lowering, op: TfcOp) -> None:
        self.lowering = lowering
        self.rewriter = lowering.rewriter
        self.x, self.y, *given = lowering.operands(op)
        attributes = op.python_attributes()
        self.x_labels: Sequence[int] = attributes["x_labels"]
        self.y_labels: Sequence[int] = attributes["y_labels"]
        self.out_labels: Sequence[int] = attributes["out_labels"]
        self.windows = [Window(*window) for window in attributes["windows"]]
        self.dtype = lowering.dtype(op.results[0])
        self.element = mixed.element_of(self.x)
        operands = [
            mixed.scalar_index(lowering, original, value)
            for original, value in zip(op.operands[2:], given, strict=True)
        ]
        window_sizes = mixed.fill_sizes(attributes["window_sizes"], iter(operands))
        self.known = self._label_sizes(window_sizes)
        self.x, self.x_labels = self._without_units(self.x, self.x_labels)
        self.y, self.y_labels = self._without_units(self.y, self.y_labels)
        self.order = self._channels_to_the_end()
        """The axes of what is computed, in the order of the result."""
        self.origins: dict[int, int] = {}
        """Where the first element of `x` lies after padding, by axis."""

    def _label_sizes(self, window_sizes: Sequence[Size]) -> dict[int, Size]:
        y_sizes = mixed.sizes_of(self.rewriter, self.y)
        known: dict[int, Size] = dict(zip(self.y_labels, y_sizes, strict=True))
        for window, size in zip(self.windows, window_sizes, strict=True):
            known[window.free if window.kernel in known else window.kernel] = size
        x_sizes = mixed.sizes_of(self.rewriter, self.x)
        for axis, (label, size) in enumerate(zip(self.x_labels, x_sizes, strict=True)):
            if label in self.y_labels:
                other = self.y_labels.index(label)
                require_equal_sizes(
                    self.lowering, self.x, axis, self.y, other, "convolution: channel"
                )
            if label >= 0 and not isinstance(known.get(label), int):
                known[label] = size
        return known

    def _without_units(
        self, value: SSAValue, labels: Sequence[int]
    ) -> tuple[SSAValue, Sequence[int]]:
        """`value` without last dimensions of size 1, so that the one before them is seen to run along memory."""
        rank = len(labels)
        while rank > 1 and labels[rank - 1] >= 0 and self.known[labels[rank - 1]] == 1:
            rank -= 1
        if rank == len(labels):
            return value, labels
        groups = [[axis] for axis in range(rank)]
        groups[-1] += range(rank, len(labels))
        return mixed.collapse_shape(self.rewriter, value, groups), labels[:rank]

    def _channels_to_the_end(self) -> tuple[int, ...]:
        """Have channels last in `x` and the result, where a window walks what is last now; gives the way back."""
        given = tuple(range(len(self.out_labels)))
        frees = [window.free for window in self.windows]
        kernels = [window.kernel for window in self.windows]
        channels = [label for label in self.x_labels if label in self.y_labels]
        if (
            self.out_labels[-1] not in frees
            or not channels
            or not {*channels}.isdisjoint(self.out_labels)
        ):
            return given
        steps = [self.known[label] for label in kernels] + [
            window.stride for window in self.windows
        ]
        products = [
            size for label in (*channels, *kernels) if isinstance(size := self.known[label], int)
        ]
        if all(step == 1 for step in steps) or math.prod(products) < LONG_SUM:
            return given
        walked = (*self.x_labels, *frees)
        order = sorted(given, key=lambda axis: self.out_labels[axis] not in walked)
        axes = sorted(range(len(self.x_labels)), key=lambda axis: self.x_labels[axis] in channels)
        self.x = transpose(self.rewriter, self.x, tuple(axes))
        self.x_labels = [self.x_labels[axis] for axis in axes]
        self.out_labels = [self.out_labels[axis] for axis in order]
        return tuple(order.index(axis) for axis in given)

    def convert(self) -> SSAValue:
        """The result, with its dimensions where they belong."""
        return transpose(self.rewriter, self._convert(), self.order)

    def _convert(self) -> SSAValue:
        """The result, put together from the phases of the windows."""
        rewriter = self.rewriter
        sizes = [self.known[label] for label in self.out_labels]
        if 0 in sizes:
            return mixed.empty(rewriter, sizes, self.element)
        walks = [
            _Walk(rewriter, phases, self.known) for phases in product(*self._phases_of_windows())
        ]
        walks = [walk for walk in walks if not walk.is_empty or not walk.step]
        self._surround(walks)
        if len(walks) == 1 and not walks[0].step:
            return self._with_last(self._sum(walks[0], self.y))
        steps = walks[0].step if walks else {}
        if walks and len(walks) == math.prod(steps.get(label, 1) for label in self.out_labels):
            result = mixed.empty(rewriter, sizes, self.element)
        else:
            result = mixed.fill(rewriter, builders.constant(rewriter, 0, self.element), sizes)
        for walk in walks:
            part = walk.part(rewriter, self.y_labels, self.known)
            value = self._sum(walk, mixed.extract_slice(rewriter, self.y, *part))
            part = walk.part(rewriter, self.out_labels, self.known)
            result = mixed.insert_slice(rewriter, value, result, *part)
        return result

    def _phases_of_windows(self) -> list[list[_Phase]]:
        """The phases of each window; what has too many of them is spread here, so that it has one."""
        every = [
            _phases(window) if window.spread > 1 else [_Phase(window, {}, {})]
            for window in self.windows
        ]
        too_many = math.prod(map(len, every)) > MAX_PHASES
        for number, window in enumerate(self.windows):
            unknown = not isinstance(self.known[window.kernel], int)
            if window.spread > 1 and (too_many or unknown):
                axis = self.x_labels.index(-1 - number)
                self.x = _spread(self.rewriter, self.x, axis, window.spread)
                every[number] = [_Phase(window._replace(spread=1), {}, {})]
        return every

    def _surround(self, walks: Sequence[_Walk]) -> None:
        """Put zeros around `x` as far as one of `walks` reaches."""
        rewriter = self.rewriter
        sizes = mixed.sizes_of(rewriter, self.x)
        low: list[Size] = [0] * len(sizes)
        high: list[Size] = [0] * len(sizes)
        crop: dict[int, tuple[Size, Size]] = {}
        for axis, label in enumerate(self.x_labels):
            if label >= 0:
                continue
            for walk in walks:
                first, length = _span(rewriter, walk.windows[-1 - label], walk.sizes)
                before = mixed.subtract(rewriter, 0, first)
                end = mixed.add(rewriter, first, length)
                after = mixed.subtract(rewriter, end, sizes[axis])
                low[axis] = mixed.maximum(rewriter, before, low[axis])
                high[axis] = mixed.maximum(rewriter, after, high[axis])
                if not isinstance(first, int):
                    crop[axis] = mixed.maximum(rewriter, first, 0), length
            known = low[axis]
            self.origins[axis] = known if isinstance(known, int) else 0
        zero = builders.constant(rewriter, 0, self.element)
        self.x = surround(rewriter, self.x, low, high, zero)
        if crop:  # the window's size is unknown, so that the maps cannot name where it starts
            whole = mixed.sizes_of(rewriter, self.x)
            offsets: list[Size] = [0] * len(whole)
            for axis, (start, length) in crop.items():
                offsets[axis], whole[axis] = start, length
            self.x = mixed.extract_slice(rewriter, self.x, offsets, whole)

    def _sum(self, walk: _Walk, y: SSAValue) -> SSAValue:
        """The convolution of one phase, without a last dimension of size 1."""
        sizes = walk.sizes
        backwards = _walked_backwards(walk.windows, sizes)
        y = _reversed(self.rewriter, y, self.y_labels, backwards)
        out = list(self.out_labels)
        if len(out) > 1 and sizes[out[-1]] == 1:  # the loop before it is the one along memory
            out.pop()
        summed = [label for label in self._summed(walk.windows) if sizes[label] != 1]
        taps = [sizes[label] for label in summed]
        window = [size for size in taps if isinstance(size, int)]
        kernels = {each.kernel for each in walk.windows}
        spelled_out = kernels.issuperset(summed) and len(window) == len(taps)
        if spelled_out and math.prod(window) <= MAX_SPELLED_OUT:
            result = self._by_taps(walk, y, out, summed, window)
        else:
            loops = dict(zip((*out, *summed), map(AffineDimExpr, range(99)), strict=False))
            expressions = self._x_reads(walk, loops), self._y_reads(loops)
            out_sizes = [sizes[label] for label in out]
            shape, _ = mixed.split_sizes(out_sizes)
            kind = builders.tensor_type(shape, self.element)
            loop_sizes = [sizes[label] for label in loops]
            x = cropped(self.rewriter, self.x, expressions[0], loop_sizes)
            result = sum_of_products(
                self.lowering, (x, y), expressions, kind, out_sizes, len(summed), self.dtype
            )
        return _reversed(self.rewriter, result, out, backwards)

    def _summed(self, windows: Sequence[Window]) -> list[int]:
        """What is summed over: the windows' labels before the channels."""
        walked = [label for window in windows for label in (window.free, window.kernel)]
        every = dict.fromkeys((*walked, *(n for n in self.x_labels if n >= 0), *self.y_labels))
        return [label for label in every if label not in self.out_labels]

    def _by_taps(
        self,
        walk: _Walk,
        y: SSAValue,
        out: Sequence[int],
        summed: Sequence[int],
        window: Sequence[int],
    ) -> SSAValue:
        """The sum over the window's elements, one operand of `x` and one of `y` for each."""

        def loops(dims: Exprs, taps: Exprs) -> dict[int, AffineExpr]:
            return dict(zip((*out, *summed), (*dims, *taps), strict=True))

        rewriter = self.rewriter
        wide = f32 if is_narrow(self.dtype) else self.element
        (result,) = over_window(
            rewriter,
            [
                (self.x, lambda dims, taps: self._x_reads(walk, loops(dims, taps))),
                (y, lambda dims, taps: self._y_reads(loops(dims, taps))),
            ],
            [walk.sizes[label] for label in out],
            window,
            [(0, wide)],
            lambda inner, _, read, total: multiply_add(inner, (*read, *total)),
        )
        return result if wide is self.element else narrowed(rewriter, result, self.element)

    def _y_reads(self, loops: Mapping[int, AffineExpr]) -> list[AffineExpr]:
        return [loops.get(label, AffineConstantExpr(0)) for label in self.y_labels]

    def _x_reads(self, walk: _Walk, loops: Mapping[int, AffineExpr]) -> list[AffineExpr]:
        return [
            loops.get(label, AffineConstantExpr(0))
            if label >= 0
            else _place(walk.windows[-1 - label], loops, self.origins[axis], walk.sizes)
            for axis, label in enumerate(self.x_labels)
        ]

    def _with_last(self, value: SSAValue) -> SSAValue:
        """`value` with the last dimension, if it was computed without."""
        sizes = [self.known[label] for label in self.out_labels]
        rank = len(mixed.shape_of(value))
        if rank == len(sizes):
            return value
        groups = [[axis] for axis in range(rank)]
        groups[-1].append(rank)
        return mixed.expand_shape(self.rewriter, value, groups, sizes)


def _place(
    window: Window, loops: Mapping[int, AffineExpr], origin: int, sizes: dict[int, Size]
) -> AffineExpr:
    """Where the window reads the padded dimension."""
    at: AffineExpr = AffineConstantExpr(window.offset + origin)
    dilation = window.dilation
    if dilation < 0 and not isinstance(sizes[window.kernel], int):
        dilation, at = -dilation, AffineConstantExpr(0)  # walked forwards from the first element
    for label, factor in ((window.free, window.stride), (window.kernel, dilation)):
        loop = loops.get(label)
        if loop is not None:
            at = _sum_of(loop if factor == 1 else loop * factor, at)
    return at


def _sum_of(a: AffineExpr, b: AffineExpr) -> AffineExpr:
    """`a + b`, with what is constant folded and last."""
    constants = [e.value for e in (a, b) if isinstance(e, AffineConstantExpr)]
    if len(constants) == 2:
        return AffineConstantExpr(sum(constants))
    if constants == [0]:
        return b if isinstance(a, AffineConstantExpr) else a
    return a + b


def _span(rewriter: Rewriter, window: Window, known: dict[int, Size]) -> tuple[Size, Size]:
    """As `Window.span`, for sizes that may be known only at run time."""
    free, kernel = known[window.free], known[window.kernel]
    reach = mixed.multiply(rewriter, mixed.subtract(rewriter, kernel, 1), abs(window.dilation))
    first: Size = window.offset
    if window.dilation < 0:
        first = mixed.subtract(rewriter, first, reach)
    steps = mixed.multiply(rewriter, mixed.subtract(rewriter, free, 1), window.stride)
    length = mixed.add(rewriter, mixed.add(rewriter, steps, reach), 1)
    return first, mixed.maximum(rewriter, length, 0)


def _spread(rewriter: Rewriter, x: SSAValue, axis: int, spread: int) -> SSAValue:
    """`x` with `spread - 1` zeros between neighbours along `axis`."""
    narrow = mixed.sizes_of(rewriter, x)
    wide = list(narrow)
    last = mixed.multiply(rewriter, mixed.subtract(rewriter, narrow[axis], 1), spread)
    wide[axis] = mixed.maximum(rewriter, mixed.add(rewriter, last, 1), 0)
    zeros = mixed.fill(rewriter, builders.constant(rewriter, 0, mixed.element_of(x)), wide)
    strides = [spread if position == axis else 1 for position in range(len(narrow))]
    return mixed.insert_slice(rewriter, x, zeros, [0] * len(narrow), narrow, strides)


def _walked_backwards(windows: Sequence[Window], known: dict[int, Size]) -> set[int]:
    """The kernel labels that a window walks backwards and whose size no affine map can name.

    Such a window is walked forwards, and what has the label is reversed: `y` before, or the result after.
    """
    return {
        window.kernel
        for window in windows
        if window.dilation < 0 and not isinstance(known[window.kernel], int)
    }


def _reversed(
    rewriter: Rewriter, value: SSAValue, labels: Sequence[int], backwards: set[int]
) -> SSAValue:
    """`value` with the dimensions in `backwards` reversed."""
    if not backwards.intersection(labels):
        return value
    sizes = mixed.sizes_of(rewriter, value)

    def body(inner: Rewriter, arguments: Sequence[SSAValue]) -> Sequence[SSAValue]:
        indices: list[SSAValue] = []
        for axis, (label, size) in enumerate(zip(labels, sizes, strict=True)):
            index: Size = loop_index(inner, axis)
            if label in backwards:
                last = mixed.subtract(inner, size, 1)
                index = mixed.subtract(inner, last, index)
            indices.append(mixed.as_value(inner, index))
        return (inner.value(tensor.ExtractOp, (value, *indices), mixed.element_of(value)),)

    return builders.generic(
        rewriter,
        [],
        [mixed.empty(rewriter, sizes, mixed.element_of(value))],
        [builders.identity_map(len(sizes))],
        builders.parallel_iterators(len(sizes)),
        body=body,
    ).results[0]


def _convolution(lowering: Lowering, op: TfcOp) -> SSAValue:
    result = _Convolution(lowering, op).convert()
    return mixed.fit(lowering.rewriter, result, lowering.result_type(op))


RULES: dict[OpSpec, Rule] = {semantics.convolution: _convolution}
