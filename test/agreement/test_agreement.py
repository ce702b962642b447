"""What TensorFlow computes is computed here; what is meant to be different is listed, and docs/tensorflow.md says so."""

from __future__ import annotations

import pytest
import tfc as tf

from agreement import cases, differs, evaluated, names, recorded

pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")

SCOPE = names(tf)
RECORDED = recorded()

NUMBERS = "numbers that a dtype does not hold are refused, not wrapped around"
COMPARED = "== and != compare by value"
MORE = "an operator or form of arguments that TensorFlow does not have"
NAN = "nan is passed on, and sorts last, as in NumPy"
CASTS = "casts from floats saturate, nan becomes 0; in TensorFlow the result is undefined"
EXACT = "the right value, where TensorFlow's overflows or is undefined"
EDGES = "at singularities"
STRICT = "refused, since it is likely to be a mistake"
INDEXING = "lists and integer tensors index as in NumPy"
SIGNS = "the signs of eigenvectors are LAPACK's choice"
STREAM = "another stream of random numbers"
LENIENT = "a label that is no class gives nan, as TensorFlow does on GPUs"
GRADIENT = "the right gradient, where TensorFlow's is nan, 0 or wrong"
DENSE = "gradients of gathers are dense tensors"
CONSTANT = "piecewise constant: no gradient"
PYTHON = "Python numbers that a compiled function returns stay Python numbers"

DIFFERENT = {
    "u8([5]) + -1": NUMBERS,
    "i8([1]) + 200": NUMBERS,
    "u8([5]) < -1": NUMBERS,
    "tf.constant(300, tf.uint8)": NUMBERS,
    "tf.constant(2**40)": NUMBERS,
    "i32([1]) + np.array([1.5])": NUMBERS,
    "i32([5, -5]) == 2.5": COMPARED,
    "boolean([True]) == 1": COMPARED,
    "f32([1.0]) == 'a'": COMPARED,
    "u8([5]) << 1": MORE,
    "+f32([1.0])": MORE,
    "round(f32([2.5]))": MORE,
    "divmod(f32([5.0]), 2)": MORE,
    "float(f32([2.0]))": MORE,
    "variable([1.0, 2.0]).assign_add(1.0)": MORE,
    "variable([1.0, 2.0]).__len__()": MORE,
    "tf.range(5, 0)": MORE,
    "tf.map_fn(lambda x: tf.cast(x, tf.int32), wave(3))": MORE,
    "tf.while_loop(lambda i: i < 5, lambda i: i + 1, [i32(0)])": MORE,
    "tf.nn.conv2d(wave(1, 2, 5, 5), wave(2, 2, 2, 1), [1, 1, 2, 2], 'SAME', data_format='NCHW')": MORE,
    "tf.argmax(f32([1.0, nan, 2.0]))": NAN,
    "tf.math.segment_max(f32([nan, 2.0]), i32([0, 0]))": NAN,
    "tf.math.cumulative_logsumexp(f32([nan, 1.0]))": NAN,
    "tf.nn.max_pool2d(f32([[[[nan], [1.0]], [[2.0], [inf]]]]), 2, 1, 'VALID')": NAN,
    "tf.sort(f32([nan, 1.0, inf]))": NAN,
    "tf.math.top_k(f32([nan, 1.0]), 2)": NAN,
    "tf.cast(f32([nan, inf, 1e20, -1.9]), tf.uint8)": CASTS,
    "tf.cast(f32([nan, inf, -inf]), tf.int32)": CASTS,
    "tf.saturate_cast(f32([inf]), tf.float32)": EXACT,
    "tf.bitwise.left_shift(i32([1, 1]), i32([32, -1]))": EXACT,
    "tf.reduce_mean(f16([1000.0, 1000.0, 65000.0]))": EXACT,
    "tf.math.reduce_euclidean_norm(u8([200, 100]))": EXACT,
    "tf.nn.depthwise_conv2d(wave(1, 6, 7, 1), wave(3, 2, 1, 1), [1, 2, 2, 1], 'VALID', dilations=[2, 2])": EXACT,
    "tf.math.digamma(f32([0.0]))": EDGES,
    "tf.math.polygamma(f32([1.5]), f32([2.0]))": EDGES,
    "tf.math.zeta(f32([2.0]), f32([-0.5]))": EDGES,
    "tf.nn.softmax_cross_entropy_with_logits(f32([[1.0, 0.0]]), f32([[1.0, -inf]]))": EDGES,
    "bool(f32(zeros(0)))": STRICT,
    "boolean([True, False]) * boolean([True, True])": STRICT,
    "tf.reshape(f32(zeros(0, 4)), [0, -1])": STRICT,
    "tf.squeeze(wave(1, 2, 1), [0, 0])": STRICT,
    "tf.boolean_mask(wave(3), [1, 0, 1])": STRICT,
    "tf.linalg.cholesky(f32([[1.0, 2.0], [2.0, 1.0]]))": STRICT,
    "tf.linalg.triangular_solve(f32([[0.0, 0.0], [1.0, 1.0]]), wave(2, 1))": STRICT,
    "tf.numpy_function(lambda x: x.astype('float64'), [f32([1.0])], tf.float32)": STRICT,
    "wave(3, 4)[[0, 2]]": INDEXING,
    "wave(3, 4)[i32([0, 2])]": INDEXING,
    "tf.linalg.eigh(definite(3))[1]": SIGNS,
    "tf.nn.sparse_softmax_cross_entropy_with_logits([3], wave(1, 3))": LENIENT,
    "tf.random.stateless_uniform([3], [1, 2], dtype=tf.float64)": STREAM,
    "tf.random.stateless_gamma([2], [1, 2], alpha=2.0)": STREAM,
    "tf.random.fold_in([1, 2], 7)": STREAM,
    "tf.random.experimental.stateless_shuffle(tf.range(8), [1, 2])": STREAM,
    "gradient(lambda x: tf.gather(x, [0, 0, 2]), wave(3))": DENSE,
    "gradient(tf.sign, f32([2.0]))": CONSTANT,
    "gradient(tf.math.cumprod, f32([2.0, 0.0, 3.0]))": GRADIENT,
    "gradient(tf.reduce_logsumexp, f32([-inf, -inf]))": GRADIENT,
    "gradient(lambda x: tf.nn.weighted_cross_entropy_with_logits(f32([1.0]), x, 2.0), f32([0.0]))": GRADIENT,
    "gradient(lambda x: tf.dynamic_stitch([[0, 1], [1]], [x, x[:1]]), wave(2))": GRADIENT,
    "gradient(lambda x: tf.one_hot([1], 2, on_value=x), f32(2.0))": GRADIENT,
    "gradient(tf.pow, f32([0.0, 0.0]), f32([0.0, 1.0]))": GRADIENT,
    "gradient(lambda x: tf.tensor_scatter_nd_update(x, [[0], [0]], [x[1], x[0]]), wave(3))": GRADIENT,
    "gradient(lambda x: tf.nn.softmax_cross_entropy_with_logits(f32([1.0, 1.0, 0.0]), x), wave(3))": GRADIENT,
    "gradient(lambda x: gradient(lambda y: tf.reduce_prod(y), x), f32([0.0, 0.0, 2.0]))": GRADIENT,
    "gradient(lambda x: gradient(tf.nn.relu, x), f32([1.0, -1.0]))": CONSTANT,
    "tf.function(lambda x: x.shape[0] + 1)(wave(3))": PYTHON,
}
"""The expressions whose values are meant to be others, each with its reason."""


def test_what_is_recorded_are_the_cases():
    assert list(RECORDED) == list(dict.fromkeys(cases()))
    assert len(RECORDED) >= 1400
    assert DIFFERENT.keys() <= RECORDED.keys()


@pytest.mark.parametrize("expression", RECORDED)
def test_value(expression: str):
    ours, theirs = evaluated(tf, expression, SCOPE), RECORDED[expression]
    if expression in DIFFERENT:
        assert differs(ours, theirs), "as in TensorFlow now: take it out of DIFFERENT"
    else:
        assert not differs(ours, theirs), f"{ours} instead of {theirs}"
