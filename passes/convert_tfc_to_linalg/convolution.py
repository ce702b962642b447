"""Convolution: zeros are put around and between the elements of `x`, then one contraction walks it with affine maps."""

from __future__ import annotations

from collections.abc import Sequence

from tfc.dialects.tfc.base import TfcOp
from tfc.dialects.tfc.semantics import convolution as semantics
from tfc.dialects.tfc.semantics.convolution import Window
from tfc.dialects.tfc.semantics.spec import OpSpec
from tfc.passes import builders
from tfc.passes.convert_tfc_to_linalg import sizes as mixed
from tfc.passes.convert_tfc_to_linalg.contraction import require_equal_sizes, sum_of_products
from tfc.passes.convert_tfc_to_linalg.conversion import Rule
from tfc.passes.convert_tfc_to_linalg.lowering import Lowering
from tfc.passes.convert_tfc_to_linalg.sizes import Size
from tfc.passes.rewriting import Rewriter
from xdsl.dialects import tensor
from xdsl.dialects.builtin import i64
from xdsl.dialects.linalg.ops import IndexOp
from xdsl.ir import SSAValue
from xdsl.ir.affine import AffineDimExpr, AffineExpr


def _convolution(lowering: Lowering, op: TfcOp) -> SSAValue:
    x, y, *given = lowering.operands(op)
    attributes = op.python_attributes()
    x_labels, y_labels = attributes["x_labels"], attributes["y_labels"]
    out_labels = attributes["out_labels"]
    windows = [Window(*window) for window in attributes["windows"]]
    rewriter = lowering.rewriter
    operands = [
        mixed.scalar_index(lowering, original, value)
        for original, value in zip(op.operands[2:], given, strict=True)
    ]
    sizes = mixed.fill_sizes(attributes["window_sizes"], iter(operands))
    known: dict[int, Size] = dict(zip(y_labels, mixed.sizes_of(rewriter, y), strict=True))
    for window, size in zip(windows, sizes, strict=True):
        known[window.free if window.kernel in known else window.kernel] = size
    for axis, (label, size) in enumerate(zip(x_labels, mixed.sizes_of(rewriter, x), strict=True)):
        if label in y_labels:
            require_equal_sizes(lowering, x, axis, y, y_labels.index(label), "convolution: channel")
        if label >= 0 and not isinstance(known.get(label), int):
            known[label] = size
    for axis, label in enumerate(x_labels):
        if label < 0:
            window = windows[-1 - label]
            x = padded(rewriter, x, axis, *_span(rewriter, window, known), window.spread)
    backwards = _walked_backwards(windows, known)
    y = _reversed(rewriter, y, y_labels, backwards)
    loops = _loop_order(x_labels, y_labels, out_labels, windows)
    dims = {label: AffineDimExpr(position) for position, label in enumerate(loops)}
    expressions = (
        [
            dims[label] if label >= 0 else _walk(windows[-1 - label], dims, known)
            for label in x_labels
        ],
        [dims[label] for label in y_labels],
    )
    result = sum_of_products(
        lowering,
        (x, y),
        expressions,
        lowering.result_type(op),
        [known[label] for label in out_labels],
        len(loops) - len(out_labels),
        lowering.dtype(op.results[0]),
    )
    return _reversed(rewriter, result, out_labels, backwards)


def _loop_order(
    x_labels: Sequence[int],
    y_labels: Sequence[int],
    out_labels: Sequence[int],
    windows: Sequence[Window],
) -> list[int]:
    """The result's dimensions, then those that are summed: the windows' before the channels."""
    walked = [label for window in windows for label in (window.free, window.kernel)]
    every = dict.fromkeys((*out_labels, *walked, *(n for n in x_labels if n >= 0), *y_labels))
    return list(every)


def _walk(window: Window, dims: dict[int, AffineDimExpr], known: dict[int, Size]) -> AffineExpr:
    """Where the window reads the padded dimension, which starts at the first element that is read."""
    at: AffineExpr = dims[window.free]
    at = at * window.stride if window.stride != 1 else at
    kernel: AffineExpr = dims[window.kernel]
    size = known[window.kernel]
    if window.dilation >= 0 or not isinstance(size, int):
        step = abs(window.dilation)
        return at + (kernel * step if step != 1 else kernel)
    last = (size - 1) * -window.dilation
    walked = at + kernel * window.dilation
    return walked + last if last else walked


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


def padded(
    rewriter: Rewriter,
    x: SSAValue,
    axis: int,
    first: Size,
    length: Size,
    spread: int = 1,
    outside: float = 0,
) -> SSAValue:
    """Elements `first` to `first + length` of `axis` after spreading, `outside` where there are none."""
    sizes = mixed.sizes_of(rewriter, x)
    size = sizes[axis]
    offsets: list[Size] = [0] * len(sizes)
    if spread == 1 and first == 0 and mixed.same_size(length, size):
        return x
    static = isinstance(first, int) and isinstance(length, int) and isinstance(size, int)
    if static and spread == 1 and first >= 0 and first + length <= size:  # pyright: ignore[reportOperatorIssue]
        offsets[axis], sizes[axis] = first, length
        return mixed.extract_slice(rewriter, x, offsets, sizes)
    start = _ceil_divided(rewriter, mixed.maximum(rewriter, first, 0), spread)
    # The element after the last that is read: floor((first + length - 1) / spread) + 1, and not below zero.
    end = mixed.add(rewriter, mixed.add(rewriter, first, length), spread - 1)
    end = mixed.divide(rewriter, mixed.maximum(rewriter, end, 0), spread)
    end = mixed.minimum(rewriter, end, size)
    start = mixed.minimum(rewriter, start, end)
    count = mixed.subtract(rewriter, end, start)
    wide = list(sizes)
    wide[axis] = length
    fill = builders.constant(rewriter, outside, mixed.element_of(x))
    target = mixed.fill(rewriter, fill, wide)
    if count == 0:
        return target
    source = x
    narrow = list(sizes)
    narrow[axis] = count
    if not (start == 0 and mixed.same_size(count, size)):
        offsets[axis] = start
        source = mixed.extract_slice(rewriter, x, offsets, narrow)
    place = mixed.subtract(rewriter, mixed.multiply(rewriter, start, spread), first)
    offsets = [0] * len(sizes)
    # An empty slice may start anywhere inside; where there is one only at run time, keep it inside.
    offsets[axis] = place if static else mixed.minimum(rewriter, place, length)
    strides = [spread if position == axis else 1 for position in range(len(sizes))]
    return mixed.insert_slice(rewriter, source, target, offsets, narrow, strides)


def _ceil_divided(rewriter: Rewriter, a: Size, b: int) -> Size:
    return mixed.divide(rewriter, mixed.add(rewriter, a, b - 1), b)


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
            dim = {"dim": builders.integer_attr(axis, i64)}
            index: Size = inner.value(IndexOp, (), builders.INDEX, dim)
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


RULES: dict[OpSpec, Rule] = {semantics.convolution: _convolution}
