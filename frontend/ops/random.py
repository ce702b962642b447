"""`tf.random.normal`, `tf.random.stateless_normal` and their like."""

from __future__ import annotations

from typing import Any

import numpy as np
from tfc.core.convert import as_numpy_dtype, convert
from tfc.core.tensor import Tensor
from tfc.dialects.tfc.semantics.dtypes import FLOAT32, FLOAT64
from tfc.ops.casting import cast
from tfc.ops.generator import global_stream
from tfc.ops.sampling import FixedState, Sampler, planned_by_seed, with_parameters


def normal(
    shape: Any,
    mean: Any = 0.0,
    stddev: Any = 1.0,
    dtype: Any = np.float32,
    seed: Any = None,
    name: str | None = None,
) -> Tensor:
    """Normal numbers from the global stream; see `tf.random.set_seed`.

    Args:
        shape: ints, or an integer tensor.
        mean, stddev: numbers or tensors of `dtype` that broadcast to `shape`.
        dtype: float16, bfloat16, float32 or float64.
        seed: an int, to draw from a stream of its own.

    Raises:
        TypeError: the dtype is not floating-point (TFC102), a size is not an integer (TFC108).
        ValueError: negative sizes (TFC107).

    >>> import tfc as tf
    >>> tf.random.normal([2, 3]).shape
    TensorShape([2, 3])
    """
    return global_stream(seed).normal(shape, mean, stddev, dtype)


def truncated_normal(
    shape: Any,
    mean: Any = 0.0,
    stddev: Any = 1.0,
    dtype: Any = np.float32,
    seed: Any = None,
    name: str | None = None,
) -> Tensor:
    """As `tf.random.normal`; numbers more than two standard deviations from the mean are drawn again.

    >>> import tfc as tf
    >>> bool(tf.reduce_all(tf.abs(tf.random.truncated_normal([1000])) <= 2.0))
    True
    """
    return global_stream(seed).truncated_normal(shape, mean, stddev, dtype)


def uniform(
    shape: Any,
    minval: Any = 0,
    maxval: Any = None,
    dtype: Any = np.float32,
    seed: Any = None,
    name: str | None = None,
) -> Tensor:
    """Numbers in [minval, maxval) from the global stream: floats, or integers when `dtype` is an integer type.

    Args:
        shape: ints, or an integer tensor.
        minval, maxval: numbers or tensors; maxval is 1 for floats and needed for integers.
        dtype: a floating-point type, int32 or int64.
        seed: an int, to draw from a stream of its own.

    Raises:
        ValueError: no `maxval` for integers, or not above `minval` (TFC107).

    >>> import tfc as tf
    >>> x = tf.random.uniform([100], 5, 8, tf.int32)
    >>> int(tf.reduce_min(x)) >= 5, int(tf.reduce_max(x)) < 8
    (True, True)
    """
    return global_stream(seed).uniform(shape, minval, maxval, dtype)


def shuffle(value: Any, seed: Any = None, name: str | None = None) -> Tensor:
    """`value` with its first dimension in random order.

    >>> import tfc as tf
    >>> tf.sort(tf.random.shuffle(tf.constant([1, 2, 3]))).numpy()
    array([1, 2, 3], dtype=int32)
    """
    return global_stream(seed).shuffled(value)


def categorical(
    logits: Any, num_samples: Any, dtype: Any = None, seed: Any = None, name: str | None = None
) -> Tensor:
    """Classes drawn with probabilities softmax(logits): `[batch, classes]` gives `[batch, num_samples]`, int64 by default.

    >>> import tfc as tf
    >>> tf.random.categorical([[0.0, -1e9]], 3).numpy()
    array([[0, 0, 0]])
    """
    return global_stream(seed).categorical(logits, num_samples, dtype)


def gamma(
    shape: Any,
    alpha: Any,
    beta: Any = None,
    dtype: Any = np.float32,
    seed: Any = None,
    name: str | None = None,
) -> Tensor:
    """Gamma numbers: `shape` of them for each pair of parameters, so `shape + broadcast(alpha, beta).shape`.

    Args:
        alpha: the shape parameter, positive.
        beta: the inverse scale, 1 by default.

    >>> import tfc as tf
    >>> tf.random.gamma([5], [0.5, 1.5]).shape
    TensorShape([5, 2])
    """
    return _gamma(global_stream(seed), shape, alpha, beta, dtype, appended=True)


def poisson(
    shape: Any, lam: Any, dtype: Any = np.float32, seed: Any = None, name: str | None = None
) -> Tensor:
    """Poisson numbers: `shape` of them for each rate, so `shape + lam.shape`.

    >>> import tfc as tf
    >>> tf.random.poisson([5], [0.5, 1.5]).shape
    TensorShape([5, 2])
    """
    return _poisson(global_stream(seed), shape, lam, dtype, appended=True)


@planned_by_seed
def stateless_normal(
    shape: Any,
    seed: Any,
    mean: Any = 0.0,
    stddev: Any = 1.0,
    dtype: Any = np.float32,
    name: str | None = None,
    alg: Any = "auto_select",
) -> Tensor:
    """Normal numbers that are a function of `seed`, two integers: TensorFlow's numbers, eagerly and compiled.

    Other arguments and errors as `tf.random.normal`; a malformed seed is a ValueError (TFC107).

    >>> import tfc as tf
    >>> tf.random.stateless_normal([2], seed=[1, 2]).numpy().round(4)
    array([0.5441, 0.2074], dtype=float32)
    """
    return FixedState(seed).normal(shape, mean, stddev, dtype)


@planned_by_seed
def stateless_truncated_normal(
    shape: Any,
    seed: Any,
    mean: Any = 0.0,
    stddev: Any = 1.0,
    dtype: Any = np.float32,
    name: str | None = None,
    alg: Any = "auto_select",
) -> Tensor:
    """As `tf.random.stateless_normal`; numbers more than two standard deviations from the mean are drawn again.

    >>> import tfc as tf
    >>> tf.random.stateless_truncated_normal([2], seed=[1, 2]).numpy().round(4)
    array([0.5441, 0.2074], dtype=float32)
    """
    return FixedState(seed).truncated_normal(shape, mean, stddev, dtype)


@planned_by_seed
def stateless_uniform(
    shape: Any,
    seed: Any,
    minval: Any = 0,
    maxval: Any = None,
    dtype: Any = np.float32,
    name: str | None = None,
    alg: Any = "auto_select",
) -> Tensor:
    """Uniform numbers that are a function of `seed`; with minval=None and maxval=None integers of every bit pattern.

    Other arguments and errors as `tf.random.uniform`.

    >>> import tfc as tf
    >>> tf.random.stateless_uniform([2], seed=[1, 2], maxval=10, dtype=tf.int32).shape
    TensorShape([2])
    """
    return FixedState(seed).uniform(shape, minval, maxval, dtype)


@planned_by_seed
def stateless_categorical(
    logits: Any, num_samples: Any, seed: Any, dtype: Any = np.int64, name: str | None = None
) -> Tensor:
    """As `tf.random.categorical`, a function of `seed`.

    >>> import tfc as tf
    >>> tf.random.stateless_categorical([[0.0, 100.0]], 3, seed=[1, 2]).numpy()
    array([[1, 1, 1]])
    """
    return FixedState(seed).categorical(logits, num_samples, dtype)


@planned_by_seed
def stateless_gamma(
    shape: Any,
    seed: Any,
    alpha: Any,
    beta: Any = None,
    dtype: Any = np.float32,
    name: str | None = None,
) -> Tensor:
    """As `tf.random.gamma`, a function of `seed`; `shape` is that of the result, to which the parameters broadcast.

    >>> import tfc as tf
    >>> a, b = (tf.random.stateless_gamma([3], seed=[1, 2], alpha=2.0) for _ in range(2))
    >>> bool(tf.reduce_all((a == b) & (a > 0.0)))
    True
    """
    return _gamma(FixedState(seed), shape, alpha, beta, dtype, appended=False)


@planned_by_seed
def stateless_poisson(
    shape: Any, seed: Any, lam: Any, dtype: Any = np.int32, name: str | None = None
) -> Tensor:
    """As `tf.random.poisson`, a function of `seed`; `shape` is that of the result, to which `lam` broadcasts.

    >>> import tfc as tf
    >>> tf.random.stateless_poisson([4], seed=[1, 2], lam=3.0).dtype
    tf.int32
    """
    return _poisson(FixedState(seed), shape, lam, dtype, appended=False)


@planned_by_seed
def stateless_shuffle(
    value: Any, seed: Any, alg: Any = "auto_select", name: str | None = None
) -> Tensor:
    """As `tf.random.shuffle`, a function of `seed`; exported as `tf.random.experimental.stateless_shuffle`.

    >>> import tfc as tf
    >>> shuffled = tf.random.experimental.stateless_shuffle([1, 2, 3, 4], seed=[1, 2])
    >>> sorted(shuffled.numpy().tolist())
    [1, 2, 3, 4]
    """
    return FixedState(seed).shuffled(value)


@planned_by_seed
def stateless_split(seed: Any, num: Any = 2, alg: Any = "auto_select") -> Tensor:
    """`num` seeds made of one: `[num, 2]` of its dtype; exported as `tf.random.split` and `tf.random.experimental`.

    >>> import tfc as tf
    >>> tf.random.split([1, 2], 3).shape
    TensorShape([3, 2])
    """
    given = convert(seed)
    return FixedState(given).uniform_full_int([num, 2], given.type.dtype)


@planned_by_seed
def stateless_fold_in(seed: Any, data: Any, alg: Any = "auto_select") -> Tensor:
    """A seed made of a seed and an integer; exported as `tf.random.fold_in` and `tf.random.experimental`.

    >>> import tfc as tf
    >>> tf.random.fold_in([1, 2], 3).shape
    TensorShape([2])
    """
    from tfc.ops.joining import stack

    given = convert(seed)
    number = cast(convert(data), given.type.dtype)
    both = stack([stateless_uniform([], given, None, None, given.type.dtype), number])
    return stateless_uniform([2], both, None, None, given.type.dtype)


def _gamma(
    source: Sampler, shape: Any, alpha: Any, beta: Any, dtype: Any, appended: bool
) -> Tensor:
    wanted = as_numpy_dtype(dtype) or FLOAT32
    parameters = [convert(alpha, wanted), *([] if beta is None else [convert(beta, wanted)])]
    spread = with_parameters(shape, *parameters, appended=appended)
    drawn = source.gamma(spread[0])
    return drawn if beta is None else drawn / spread[1]


def _poisson(source: Sampler, shape: Any, lam: Any, dtype: Any, appended: bool) -> Tensor:
    wanted = as_numpy_dtype(dtype) or FLOAT32
    rate = cast(convert(lam), FLOAT64)
    (spread,) = with_parameters(shape, rate, appended=appended)
    return cast(source.poisson(spread), wanted)
