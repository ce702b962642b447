"""tfc: TensorFlow 2's way of working on a compiler you can read. `import tfc as tf`."""

from __future__ import annotations

import warnings

from tfc import config, errors, linalg, nest
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
from tfc.ops.arithmetic import add, multiply, negative, subtract
from tfc.ops.contraction import matmul, tensordot

# NumPy warns of overflow and division by zero at the frame that called the ufunc; TensorFlow's arithmetic is silent.
warnings.filterwarnings("ignore", category=RuntimeWarning, module=r"tfc\.(core|dialects)\.")

__version__ = "0.1.0"

__all__ = [
    "DType",
    "GradientTape",
    "Tensor",
    "TensorShape",
    "TensorSpec",
    "UnconnectedGradients",
    "Variable",
    "add",
    "as_dtype",
    "bfloat16",
    "bool",
    "compile",
    "config",
    "constant",
    "convert_to_tensor",
    "custom_gradient",
    "double",
    "errors",
    "float16",
    "float32",
    "float64",
    "function",
    "half",
    "int8",
    "int16",
    "int32",
    "int64",
    "linalg",
    "matmul",
    "multiply",
    "negative",
    "nest",
    "recompute_grad",
    "stop_gradient",
    "subtract",
    "tensordot",
    "uint8",
    "uint16",
    "uint32",
    "uint64",
]
