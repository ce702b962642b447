"""Rows of calls to the host."""

from typing import Any

import numpy as np
import tfc as tf
from tfc.dialects.tfc.semantics import host as semantics
from tfc.dialects.tfc.semantics.host import register

from op_table.row import Row, Sample, Wrong


def _doubled(x: np.ndarray) -> np.ndarray:
    return x + x


_NUMBER = register(_doubled)
"""Held, since the modules of the tests name the function by its number only."""


def _numpy(x: Any, stateful: bool = True) -> Any:
    return tf.numpy_function(_doubled, [x], tf.as_dtype(x.dtype), stateful=stateful)


def _square(x: Any) -> Any:
    return x * x


def _eager(x: Any) -> Any:
    return tf.py_function(_square, [x], tf.TensorSpec(x.shape, x.dtype))


SHAPES = (Sample(((4,),)), Sample(((2, 3),)), Sample(((),)), Sample(((0, 2),)))

ROWS = [
    Row(
        semantics.host_call,
        _numpy,
        _doubled,
        SHAPES,
        gradient=False,
        wrong=(),
    ),
    Row(
        semantics.pure_host_call,
        lambda x: _numpy(x, stateful=False),
        _doubled,
        SHAPES,
        gradient=False,
    ),
    Row(
        semantics.host_call, _eager, lambda x: x * x, SHAPES, dtypes=("int32", "float32", "float64")
    ),
    Row(
        semantics.host_call,
        lambda Tout: tf.numpy_function(_doubled, [1.0], Tout),  # noqa: N803 - TensorFlow's name
        lambda Tout: np.array(2, np.float32),  # noqa: N803
        (Sample((), {"Tout": tf.float32}),),
        dtypes=("float32",),
        gradient=False,
        special=False,
        wrong=(
            Wrong((), {"Tout": tf.int32}, "TFC205", "returned float32, int32 was declared"),
            Wrong((), {"Tout": [tf.float32, tf.float32]}, "TFC205", "returned 1 values, 2 were"),
            Wrong((), {"Tout": None}, "TFC107", "Tout is missing"),
        ),
    ),
]
