"""Convolution: a contraction in which some dimensions of `x` are walked by a window.

Dimensions are named by labels, as in `tfc.contract`. A dimension of `x` with the negative label -1-w is walked by window w,

    (free, kernel, stride, dilation, offset, spread)

which reads element `stride * free + dilation * kernel + offset` of the dimension after `spread - 1` zeros were put between its
elements; what lies outside is zero. So every strided, dilated, padded, grouped and transposed convolution is this op, and so
are both gradients of each: that of `y` is a convolution of `x` with the output's gradient, whose windows are the same; that of
`x` is one of the output's gradient with `y`, where stride and spread change places and dilation and offset their sign.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple, cast

import numpy as np
from tfc.dialects.tfc.semantics.contraction import Labels, contract, is_narrow
from tfc.dialects.tfc.semantics.dtypes import FLOAT32, require_group, require_same_dtype
from tfc.dialects.tfc.semantics.errors import OpError
from tfc.dialects.tfc.semantics.sizes import check_size_operands, fill_sizes
from tfc.dialects.tfc.semantics.spec import Family
from tfc.dialects.tfc.semantics.types import ArrayType, Shape

FAMILY = Family("convolution")

MAX_TAPS = 64
"""Windows up to this many elements are added up one shifted slice after the other when no channels are summed."""


class Window(NamedTuple):
    """How one dimension of `x` is walked."""

    free: int
    kernel: int
    stride: int
    dilation: int
    offset: int
    spread: int

    def span(self, free: int, kernel: int) -> tuple[int, int]:
        """The first element read, and how many lie between it and the last one, both included."""
        first = self.offset + min(0, self.dilation * (kernel - 1))
        return first, (free - 1) * self.stride + (kernel - 1) * abs(self.dilation) + 1


Windows = tuple[tuple[int, ...], ...]


def _prepare_convolution(
    x: ArrayType,
    y: ArrayType,
    *sizes: ArrayType,
    x_labels: Labels,
    y_labels: Labels,
    out_labels: Labels,
    windows: Windows,
    window_sizes: Shape,
) -> Callable[..., np.ndarray]:
    def prepare(known_sizes: tuple[int, ...]) -> Callable[[np.ndarray, np.ndarray], np.ndarray]:
        known = dict(zip(y_labels, _static(y), strict=True))
        walks = [Window(*window) for window in windows]
        _place_window_sizes(known, walks, known_sizes)
        for label, size in zip(x_labels, _static(x), strict=True):
            if label >= 0:
                known[label] = size
        return _contracted(x, y, x_labels, y_labels, out_labels, walks, known)

    if sizes:
        return lambda x, y, *sizes: prepare(fill_sizes(window_sizes, sizes))(x, y)
    return prepare(fill_sizes(window_sizes, ()))


def _static(kind: ArrayType) -> tuple[int, ...]:
    """The shape. Pre-condition: it is known."""
    return cast("tuple[int, ...]", kind.shape)


def _contracted(
    x: ArrayType,
    y: ArrayType,
    x_labels: Labels,
    y_labels: Labels,
    out_labels: Labels,
    walks: list[Window],
    known: dict[int, int],
) -> Callable[[np.ndarray, np.ndarray], np.ndarray]:
    """The convolution for labels of these sizes."""
    if any(size == 0 for size in known.values()):
        shape = tuple([known[label] for label in out_labels])
        return lambda x, y: np.zeros(shape, x.dtype)
    walked, sizes, labels = _walked(x, x_labels, walks, known)
    summed = [label for label in labels if label not in out_labels]
    taps = math.prod(known[label] for label in summed)
    kernels = {walk.kernel for walk in walks}
    if kernels.issuperset(summed) and taps <= MAX_TAPS:
        by_taps = _by_taps(ArrayType(x.dtype, sizes), labels, y, y_labels, out_labels, summed)
        return lambda x, y: by_taps(walked(x), y)
    view = ArrayType(x.dtype, sizes)
    assert contract.prepare is not None
    product = contract.prepare(view, y, x_labels=labels, y_labels=y_labels, out_labels=out_labels)
    return lambda x, y: product(walked(x), y)


def _place_window_sizes(known: dict[int, int], walks: list[Window], sizes: tuple[int, ...]) -> None:
    for walk, size in zip(walks, sizes, strict=True):
        known[walk.free if walk.kernel in known else walk.kernel] = size


def _walked(
    x: ArrayType, x_labels: Labels, walks: list[Window], known: dict[int, int]
) -> tuple[Callable[[np.ndarray], np.ndarray], tuple[int, ...], Labels]:
    """What views `x` with a free and a kernel dimension for each window; its shape and labels."""
    spans = {
        axis: walks[-1 - label].span(known[walks[-1 - label].free], known[walks[-1 - label].kernel])
        for axis, label in enumerate(x_labels)
        if label < 0
    }
    surrounded, around = _surrounded(x, spans, {a: walks[-1 - x_labels[a]].spread for a in spans})
    labels: list[int] = []
    shape: list[int] = []
    strides: list[int] = []
    offset = 0
    steps = [math.prod(around[axis + 1 :]) * x.dtype.itemsize for axis in range(len(around))]
    for label, size, step in zip(x_labels, around, steps, strict=True):
        if label >= 0:
            labels.append(label)
            shape.append(size)
            strides.append(step)
            continue
        walk = walks[-1 - label]
        if walk.dilation < 0:
            offset += (known[walk.kernel] - 1) * -walk.dilation * step
        labels += [walk.free, walk.kernel]
        shape += [known[walk.free], known[walk.kernel]]
        strides += [step * walk.stride, step * walk.dilation]
    dtype, sizes = x.dtype, tuple(shape)

    def view(x: np.ndarray) -> np.ndarray:
        return np.ndarray(sizes, dtype, surrounded(x), offset, strides)

    return view, sizes, tuple(labels)


def _surrounded(
    x: ArrayType, spans: dict[int, tuple[int, int]], spread: dict[int, int]
) -> tuple[Callable[[np.ndarray], np.ndarray], tuple[int, ...]]:
    """What gives elements `first` to `first + length` of each walked axis after spreading, else zeros; its shape."""
    before = _static(x)
    shape, source, target = list(before), [slice(None)] * len(before), [slice(None)] * len(before)
    for axis, (first, length) in spans.items():
        step = spread[axis]
        start = max(0, -(-first // step))
        stop = max(start, min(shape[axis], (first + length - 1) // step + 1))
        place = start * step - first
        source[axis] = slice(start, stop)
        target[axis] = slice(
            place, place + (stop - start - 1) * step + 1 if stop > start else place, step
        )
        shape[axis] = length
    around, inner, outer = tuple(shape), tuple(source), tuple(target)
    if around == before:
        return np.ascontiguousarray, around

    def surround(x: np.ndarray) -> np.ndarray:
        result = np.zeros(around, x.dtype)
        result[outer] = x[inner]
        return result

    return surround, around


def _by_taps(
    view: ArrayType,
    labels: Labels,
    y: ArrayType,
    y_labels: Labels,
    out_labels: Labels,
    summed: list[int],
) -> Callable[[np.ndarray, np.ndarray], np.ndarray]:
    """The sum over the window's elements of a slice of the view times an element of `y`."""

    def turned(kind: ArrayType, labels: Labels) -> tuple[list[int], tuple[int, ...]]:
        """How an operand's axes come to be those of the window and of the result."""
        order = [*summed, *(label for label in out_labels if label in labels)]
        axes = [labels.index(label) for label in order]
        sizes = tuple([_static(kind)[axis] for axis in axes])
        return axes, _aligned(sizes, order, summed, out_labels)

    x_axes, x_shape = turned(view, labels)
    y_axes, y_shape = turned(y, y_labels)
    dtype = view.dtype
    wide = FLOAT32 if is_narrow(dtype) else dtype
    first, *taps = np.ndindex(*x_shape[: len(summed)])

    def evaluate(x: np.ndarray, y: np.ndarray) -> np.ndarray:
        x = x.transpose(x_axes).reshape(x_shape)
        y = y.transpose(y_axes).reshape(y_shape)
        total = np.multiply(x[first], y[first], dtype=wide)
        for tap in taps:
            np.add(total, np.multiply(x[tap], y[tap], dtype=wide), out=total)
        return total.astype(dtype, copy=False)

    return evaluate


def _aligned(
    shape: tuple[int, ...], order: list[int], summed: list[int], out_labels: Labels
) -> tuple[int, ...]:
    """`shape` with a 1 for each result dimension that the operand lacks."""
    sizes = dict(zip(order, shape, strict=True))
    return tuple(sizes.get(label, 1) for label in (*summed, *out_labels))


def _infer_convolution(
    x: ArrayType,
    y: ArrayType,
    *sizes: ArrayType,
    x_labels: Labels,
    y_labels: Labels,
    out_labels: Labels,
    windows: Windows,
    window_sizes: Shape,
) -> ArrayType:
    dtype = require_same_dtype("convolution", x, y)
    require_group("convolution", "number", x)
    check_size_operands("convolution", sizes, window_sizes)
    if len(x_labels) != len(x.shape) or len(y_labels) != len(y.shape):
        raise OpError("TFC105", f"convolution: labels {x_labels} and {y_labels} for {x} and {y}")
    known: dict[int, int | None] = dict(zip(y_labels, y.shape, strict=True))
    for label, size in zip(x_labels, x.shape, strict=True):
        if label < 0:
            continue
        other = known.get(label)
        if other is not None and size is not None and other != size:
            raise OpError(
                "TFC106",
                f"convolution: sizes of a shared dimension differ: {size} and {other} in {x} and {y}",
                "make the channels agree",
            )
        known[label] = size if other is None else other
    if len(windows) != len(window_sizes):
        raise OpError(
            "TFC107", f"convolution: {len(window_sizes)} sizes for {len(windows)} windows"
        )
    for window, size in zip(windows, window_sizes, strict=True):
        if len(window) != 6 or window[2] < 1 or window[3] == 0 or window[5] < 1:
            raise OpError(
                "TFC107",
                f"convolution: invalid window {window}",
                "stride and spread are positive, dilation is not zero",
            )
        walk = Window(*window)
        known[walk.free if walk.kernel in known else walk.kernel] = size
    if not set(out_labels) <= set(known) or len(set(out_labels)) != len(out_labels):
        raise OpError("TFC107", f"convolution: invalid result labels {out_labels}")
    return ArrayType(dtype, tuple(known[label] for label in out_labels))


convolution = FAMILY.op(
    "convolution",
    None,
    _infer_convolution,
    ("x", "y", "*sizes"),
    ("x_labels", "y_labels", "out_labels", "windows", "window_sizes"),
    prepare=_prepare_convolution,
)
