"""Gradients of convolution: convolutions again (`tfc.dialects.tfc.semantics.convolution` says which)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tfc.core.tensor import Tensor
from tfc.dialects.tfc.semantics import convolution as semantics
from tfc.dialects.tfc.semantics.convolution import Window
from tfc.dialects.tfc.semantics.spec import OpSpec
from tfc.gradients.registry import NotDifferentiable, RecordedOp, Rule
from tfc.ops.convolution import convolve
from tfc.ops.sizes import Size, dim


def _convolution(op: RecordedOp, grad: Tensor) -> Sequence[Tensor | None]:
    x, y, *sizes = op.inputs
    attributes = op.attributes
    windows = [Window(*window) for window in attributes["windows"]]
    return (
        _to_x(x, y, grad, attributes, windows),
        _to_y(x, y, grad, attributes, windows),
        *(None for _ in sizes),
    )


def _to_y(
    x: Tensor, y: Tensor, grad: Tensor, attributes: dict[str, Any], windows: list[Window]
) -> Tensor:
    """The same windows walk `x`; the labels of `y` and of the result change places."""
    y_labels, out_labels = attributes["y_labels"], attributes["out_labels"]
    sizes: list[Size] = []
    for window in windows:
        missing = window.kernel if window.free in out_labels else window.free
        sizes.append(dim(y, y_labels.index(missing)))
    return convolve(x, grad, attributes["x_labels"], out_labels, y_labels, windows, sizes)


def _to_x(
    x: Tensor, y: Tensor, grad: Tensor, attributes: dict[str, Any], windows: list[Window]
) -> Tensor:
    """Whichever of `grad` and `y` has the windows' free labels is walked: element p of `x` was read at
    stride * free + dilation * kernel + offset = spread * p, so free = (spread * p - dilation * kernel - offset) / stride."""
    x_labels, y_labels = attributes["x_labels"], attributes["y_labels"]
    out_labels = attributes["out_labels"]
    walked, labels, other, other_labels = grad, out_labels, y, y_labels
    if windows and windows[0].free in y_labels:
        walked, labels, other, other_labels = y, y_labels, grad, out_labels
    unused = max((0, *x_labels, *y_labels, *out_labels)) + 1
    places: dict[int | None, int] = {
        window.free: -1 - number for number, window in enumerate(windows)
    }
    back = [
        Window(unused + number, w.kernel, w.spread, -w.dilation, -w.offset, w.stride)
        for number, w in enumerate(windows)
    ]
    result = [label if label >= 0 else unused - 1 - label for label in x_labels]
    sizes = [dim(x, x_labels.index(-1 - number)) for number in range(len(windows))]
    walked_labels = [places.get(label) or label for label in labels]
    return convolve(walked, other, walked_labels, other_labels, result, back, sizes)


RULES: dict[OpSpec, Rule | NotDifferentiable] = {semantics.convolution: _convolution}
