"""Rows of convolution."""

import itertools
from typing import Any

import numpy as np
import tfc as tf
from tfc.dialects.tfc.semantics import convolution as semantics

from op_table.row import FLOATS, Row, Sample, Wrong


def geometry(
    sizes: tuple[int, ...],
    kernel: tuple[int, ...],
    strides: Any,
    padding: Any,
    dilations: Any,
) -> tuple[list[int], list[int], list[int], list[int]]:
    """Strides, dilations, padding before and number of results along each dimension, by TensorFlow's rules."""
    count = len(sizes)
    step = [strides] * count if isinstance(strides, int) else list(strides)
    gap = [1] * count if dilations is None else [dilations] * count
    low, results = [], []
    for i, (n, k) in enumerate(zip(sizes, kernel, strict=True)):
        reach = (k - 1) * gap[i] + 1
        if padding == "SAME":
            results.append(-(-n // step[i]))
            low.append(max((results[i] - 1) * step[i] + reach - n, 0) // 2)
        else:
            before, after = (0, 0) if padding == "VALID" else padding[i + 1]
            low.append(before)
            results.append(max((n + before + after - reach) // step[i] + 1, 0))
    return step, gap, low, results


def _conv(
    x: np.ndarray, w: np.ndarray, strides: Any, padding: Any, dilations: Any = None
) -> np.ndarray:
    """One multiplication at a time over the spatial dimensions; channels by groups."""
    kernel = w.shape[:-2]
    step, gap, low, results = geometry(x.shape[1:-1], kernel, strides, padding, dilations)
    groups = x.shape[-1] // w.shape[-2]
    wide = np.float64 if x.dtype.kind not in "iu" else x.dtype
    out = np.zeros((x.shape[0], *results, w.shape[-1]), wide)
    for place in itertools.product(*map(range, results)):
        for tap in itertools.product(*map(range, kernel)):
            at = [
                p * s + k * d - lo
                for p, s, k, d, lo in zip(place, step, tap, gap, low, strict=True)
            ]
            if not all(0 <= i < n for i, n in zip(at, x.shape[1:-1], strict=True)):
                continue
            for g in range(groups):
                ins = slice(g * w.shape[-2], (g + 1) * w.shape[-2])
                outs = slice(g * w.shape[-1] // groups, (g + 1) * w.shape[-1] // groups)
                pixel = x[(slice(None), *at, ins)].astype(wide)
                out[(slice(None), *place, outs)] += pixel @ w[(*tap, slice(None), outs)].astype(
                    wide
                )
    return out.astype(x.dtype)


def _conv1d(x: np.ndarray, w: np.ndarray, stride: Any, padding: Any) -> np.ndarray:
    return _conv(x, w, stride, padding)


def _conv_nchw(x: np.ndarray, w: np.ndarray, strides: Any, padding: Any, data_format: str) -> Any:
    return np.moveaxis(_conv(np.moveaxis(x, 1, -1), w, strides, padding), -1, 1)


def _depthwise(x: np.ndarray, w: np.ndarray, strides: Any, padding: Any) -> np.ndarray:
    each = [
        _conv(x[..., c : c + 1], w[:, :, c : c + 1], list(strides[1:3]), padding)
        for c in range(x.shape[-1])
    ]
    return np.concatenate(each, -1)


def _transposed(
    x: np.ndarray, w: np.ndarray, output_shape: Any, strides: Any, padding: Any
) -> np.ndarray:
    step, _, low, results = geometry(
        tuple(output_shape[1:-1]), w.shape[:-2], strides, padding, None
    )
    assert tuple(results) == x.shape[1:-1]
    out = np.zeros(output_shape, np.float64)
    for place in itertools.product(*map(range, x.shape[1:-1])):
        for tap in itertools.product(*map(range, w.shape[:-2])):
            at = [p * s + k - lo for p, s, k, lo in zip(place, step, tap, low, strict=True)]
            if all(0 <= i < n for i, n in zip(at, output_shape[1:-1], strict=True)):
                pixel = x[(slice(None), *place)].astype(np.float64)
                out[(slice(None), *at)] += pixel @ w[tap].astype(np.float64).T
    return out.astype(x.dtype)


CONV2D = (
    Sample(((1, 4, 5, 2), (2, 3, 2, 3)), {"strides": 1, "padding": "SAME"}),
    Sample(((2, 5, 4, 2), (3, 3, 2, 2)), {"strides": [2, 1], "padding": "VALID"}),
    Sample(((1, 5, 6, 2), (3, 2, 2, 1)), {"strides": 2, "padding": "SAME"}),
    Sample(((1, 6, 6, 1), (2, 2, 1, 2)), {"strides": 1, "padding": "VALID", "dilations": 2}),
    Sample(
        ((1, 4, 4, 1), (2, 2, 1, 1)), {"strides": 2, "padding": [[0, 0], [1, 0], [0, 2], [0, 0]]}
    ),
    Sample(((1, 4, 4, 4), (3, 3, 2, 4)), {"strides": 1, "padding": "SAME"}),
    Sample(((1, 2, 2, 1), (3, 3, 1, 1)), {"strides": 1, "padding": "VALID"}),
    Sample(((0, 3, 3, 1), (2, 2, 1, 1)), {"strides": 1, "padding": "VALID"}),
)
X, W = np.ones((1, 3, 3, 2)), np.ones((2, 2, 2, 1))
PLAIN = {"strides": 1, "padding": "SAME"}
WRONG = (
    Wrong((X, W.astype("f4")), PLAIN, "TFC101", "float64"),
    Wrong((X[0], W), PLAIN, "TFC105", "rank 4"),
    Wrong((X, W[0]), PLAIN, "TFC105", "filters"),
    Wrong((X, np.ones((2, 2, 3, 1))), PLAIN, "TFC106", "2 channels, the filters take 3"),
    Wrong((np.ones((1, 3, 3, 4)), W), PLAIN, "TFC106", "1 output channels do not split into 2"),
    Wrong((X, W), PLAIN | {"strides": 0}, "TFC107", "strides must be"),
    Wrong((X, W), PLAIN | {"strides": [2, 1, 1, 1]}, "TFC107", "batch or channels"),
    Wrong((X, W), PLAIN | {"padding": "FULL"}, "TFC107", "unknown padding 'FULL'"),
    Wrong((X, W), PLAIN | {"data_format": "HW"}, "TFC107", "unknown data_format"),
)


def _row(function: Any, oracle: Any, samples: Any, **more: Any) -> Row:
    return Row(
        semantics.convolution,
        function,
        oracle,
        samples,
        special=False,
        ulp=16,
        oracle_ulp=16,
        **more,
    )


ROWS = [
    _row(tf.nn.conv2d, _conv, CONV2D, wrong=WRONG),
    _row(
        tf.nn.conv1d,
        _conv1d,
        (
            Sample(((2, 7, 3), (3, 3, 2)), {"stride": 2, "padding": "SAME"}),
            Sample(((1, 7, 1), (1, 1, 1)), {"stride": 3, "padding": "VALID"}),
        ),
        dtypes=FLOATS,
    ),
    _row(
        tf.nn.conv3d,
        _conv,
        (Sample(((1, 3, 3, 4, 1), (2, 2, 2, 1, 2)), {"strides": [1, 1, 2], "padding": "SAME"}),),
        dtypes=("float32", "float64"),
    ),
    _row(
        tf.nn.conv2d,
        _conv_nchw,
        (
            Sample(
                ((1, 2, 4, 5), (2, 3, 2, 3)),
                {"strides": 1, "padding": "SAME", "data_format": "NCHW"},
            ),
            Sample(
                ((1, 4, 4, 4), (2, 2, 2, 2)),
                {"strides": 2, "padding": "VALID", "data_format": "NCHW"},
            ),
        ),
        dtypes=("float32", "float64"),
    ),
    _row(
        tf.nn.depthwise_conv2d,
        _depthwise,
        (
            Sample(((1, 4, 4, 3), (2, 2, 3, 2)), {"strides": [1, 1, 1, 1], "padding": "SAME"}),
            Sample(((2, 5, 4, 2), (3, 3, 2, 1)), {"strides": [1, 2, 2, 1], "padding": "VALID"}),
        ),
        dtypes=FLOATS,
    ),
    _row(
        tf.nn.conv2d_transpose,
        _transposed,
        (
            Sample(
                ((1, 3, 3, 2), (3, 3, 4, 2)),
                {"output_shape": [1, 6, 5, 4], "strides": 2, "padding": "SAME"},
            ),
            Sample(
                ((1, 2, 3, 1), (2, 2, 1, 1)),
                {"output_shape": [1, 4, 6, 1], "strides": 2, "padding": "VALID"},
            ),
        ),
        dtypes=FLOATS,
        wrong=(
            Wrong(
                (np.ones((1, 2, 2, 1)), np.ones((2, 2, 1, 1)), [1, 9, 4, 1], 2),
                {},
                "TFC106",
                "output_shape",
            ),
            Wrong(
                (np.ones((1, 2, 2, 1)), np.ones((2, 2, 1, 1)), [4, 4, 1], 2),
                {},
                "TFC105",
                "output_shape has 3 entries",
            ),
        ),
    ),
]
