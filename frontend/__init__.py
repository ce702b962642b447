"""tfc: TensorFlow 2's way of working on a compiler you can read. `import tfc as tf`."""

from __future__ import annotations

import warnings

from tfc import bitwise, config, debugging, errors, linalg, math, nest, nn
from tfc.compiled.decorator import compile, function
from tfc.core.convert import constant, convert_to_tensor
from tfc.core.dtypes import (
    DType,
    as_dtype,
    bfloat16,
    bool,
    double,
    float16,
    float32,
    float64,
    half,
    int8,
    int16,
    int32,
    int64,
    uint8,
    uint16,
    uint32,
    uint64,
)
from tfc.core.shape import TensorShape, TensorSpec
from tfc.core.tensor import Tensor
from tfc.core.variable import Variable
from tfc.gradients.custom import custom_gradient, recompute_grad, stop_gradient
from tfc.gradients.tape import GradientTape, UnconnectedGradients
from tfc.ops import operators as _operators  # noqa: F401  # pyright: ignore[reportUnusedImport] - attaches
from tfc.ops.activation import sigmoid
from tfc.ops.arithmetic import (
    abs,
    add,
    add_n,
    divide,
    floordiv,
    floormod,
    maximum,
    minimum,
    multiply,
    negative,
    pow,
    scalar_mul,
    sign,
    square,
    subtract,
    truediv,
    truncatediv,
    truncatemod,
)
from tfc.ops.arithmetic import floormod as mod
from tfc.ops.assertion import Assert
from tfc.ops.casting import bitcast, cast, saturate_cast
from tfc.ops.clipping import clip_by_global_norm, clip_by_norm, clip_by_value
from tfc.ops.comparison import equal, greater, greater_equal, less, less_equal, not_equal
from tfc.ops.contraction import matmul, tensordot
from tfc.ops.logical import logical_and, logical_not, logical_or
from tfc.ops.reduction import (
    argmax,
    argmin,
    norm,
    reduce_all,
    reduce_any,
    reduce_logsumexp,
    reduce_max,
    reduce_mean,
    reduce_min,
    reduce_prod,
    reduce_sum,
)
from tfc.ops.rounding import floor, round
from tfc.ops.scan import cumsum
from tfc.ops.transcendental import (
    acos,
    acosh,
    asin,
    asinh,
    atan,
    atan2,
    atanh,
    cos,
    cosh,
    exp,
    sin,
    sinh,
    sqrt,
    tan,
    tanh,
)

# NumPy warns of overflow and division by zero at the frame that called the ufunc; TensorFlow's arithmetic is silent.
warnings.filterwarnings("ignore", category=RuntimeWarning, module=r"tfc\.")

__version__ = "0.1.0"

__all__ = [
    "Assert",
    "DType",
    "GradientTape",
    "Tensor",
    "TensorShape",
    "TensorSpec",
    "UnconnectedGradients",
    "Variable",
    "abs",
    "acos",
    "acosh",
    "add",
    "add_n",
    "argmax",
    "argmin",
    "as_dtype",
    "asin",
    "asinh",
    "atan",
    "atan2",
    "atanh",
    "bfloat16",
    "bitcast",
    "bitwise",
    "bool",
    "cast",
    "clip_by_global_norm",
    "clip_by_norm",
    "clip_by_value",
    "compile",
    "config",
    "constant",
    "convert_to_tensor",
    "cos",
    "cosh",
    "cumsum",
    "custom_gradient",
    "debugging",
    "divide",
    "double",
    "equal",
    "errors",
    "exp",
    "float16",
    "float32",
    "float64",
    "floor",
    "floordiv",
    "floormod",
    "function",
    "greater",
    "greater_equal",
    "half",
    "int8",
    "int16",
    "int32",
    "int64",
    "less",
    "less_equal",
    "linalg",
    "logical_and",
    "logical_not",
    "logical_or",
    "math",
    "matmul",
    "maximum",
    "minimum",
    "mod",
    "multiply",
    "negative",
    "nest",
    "nn",
    "norm",
    "not_equal",
    "pow",
    "recompute_grad",
    "reduce_all",
    "reduce_any",
    "reduce_logsumexp",
    "reduce_max",
    "reduce_mean",
    "reduce_min",
    "reduce_prod",
    "reduce_sum",
    "round",
    "saturate_cast",
    "scalar_mul",
    "sigmoid",
    "sign",
    "sin",
    "sinh",
    "sqrt",
    "square",
    "stop_gradient",
    "subtract",
    "tan",
    "tanh",
    "tensordot",
    "truediv",
    "truncatediv",
    "truncatemod",
    "uint8",
    "uint16",
    "uint32",
    "uint64",
]
