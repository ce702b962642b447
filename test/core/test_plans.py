"""Plans: what later eager calls of a public function do instead of asking again."""

from __future__ import annotations

import math
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import tfc as tf
from tfc.core.boundary import inside

A = tf.constant([0.5, 0.25, 0.75, 0.125])
B = tf.constant([1.5, 0.75, 2.25, 1.125])
M = tf.constant([[1.0, 2.0], [3.0, 4.0]])
INDICES = tf.constant([0, 2])

CALLS: dict[str, Callable[[], Any]] = {
    "composed": lambda: tf.nn.gelu(A),
    "several results": lambda: tf.nn.moments(M, [0]),
    "a named tuple": lambda: tf.math.top_k(A, k=2),
    "a list": lambda: tf.unstack(M, axis=1),
    "lists of tensors": lambda: tf.concat([A, B], 0),
    "any number of operands": lambda: tf.meshgrid(A, B, indexing="ij"),
    "sizes of run time": lambda: tf.boolean_mask(A, A > 0.3),
    "nothing but one op": lambda: tf.maximum(A, B),
    "an argument itself": lambda: tf.stop_gradient(A),
    "operands that are numbers": lambda: tf.clip_by_value(A, 0.2, 0.6),
    "einsum": lambda: tf.einsum("ij,jk->ik", M, M),
    "a constant": lambda: tf.zeros_like(A),
    "rank 0": lambda: tf.reduce_logsumexp(A),
    "numbers": lambda: tf.linspace(0.0, 1.0, 4),
    "numbers in lists": lambda: tf.scatter_nd([[1]], [2.0], [4]),
    "what a plan would have to keep": lambda: tf.eye(100),
    "results in lists in a tuple": lambda: tf.clip_by_global_norm([A, B], 1.0),
    "a batch of indices": lambda: tf.gather(M, tf.constant([1, 0]), batch_dims=1),
    "a seed": lambda: tf.random.stateless_normal([4], [1, 2]),
    "a seed by name": lambda: tf.random.stateless_uniform(shape=[4], seed=(1, 2)),
    "no results": lambda: tf.unstack(tf.zeros([0, 2])),
}


def arrays(result: Any) -> list[np.ndarray]:
    return [tensor.numpy() for tensor in tf.nest.flatten(result)]


@pytest.mark.parametrize("name", CALLS)
def test_later_calls_give_what_the_first_gave(name: str) -> None:
    first = CALLS[name]()
    for _ in range(5):
        later = CALLS[name]()
        assert type(later) is type(first)
        for x, y in zip(arrays(later), arrays(first), strict=True):
            assert x.dtype == y.dtype
            np.testing.assert_array_equal(x, y)


def test_a_planned_call_does_not_ask_again(monkeypatch: pytest.MonkeyPatch) -> None:
    expected = tf.nn.l2_normalize(A, 0)
    for _ in range(4):
        tf.nn.l2_normalize(A, 0)
    from tfc.ops import normalization

    monkeypatch.setattr(normalization, "reduce_sum", None)
    np.testing.assert_array_equal(tf.nn.l2_normalize(A, 0).numpy(), expected.numpy())
    assert inside(tf.nn.l2_normalize).__name__ == "l2_normalize"


def test_values_count_where_they_are_looked_at() -> None:
    for rows in (1, 2, 4, 1, 2, 4):
        assert tf.reshape(A, tf.constant([rows, -1])).shape == (rows, 4 // rows)
        assert tf.range(tf.constant(rows)).shape == (rows,)
        assert len(tf.split(A, tf.constant([rows, 4 - rows]))) == 2


def test_what_a_plan_is_told_of_values_chooses_it() -> None:
    data = tf.constant([1.0, 2.0, 4.0])
    for _ in range(5):
        for ids, expected in (([0, 0, 1], [3, 4]), ([0, 2, 2], [1, 0, 6]), ([1, 1, 1], [0, 7])):
            assert tf.math.segment_sum(data, tf.constant(ids)).numpy().tolist() == expected
            with tf.GradientTape() as tape:
                tape.watch(data)
                y = tf.math.segment_sum(data, tf.constant(ids))
            assert y.numpy().tolist() == expected
            assert tape.gradient(y, data).numpy().tolist() == [1, 1, 1]
        with pytest.raises(ValueError, match=r"must ascend, got \[1, 0, 0\]"):
            tf.math.segment_sum(data, tf.constant([1, 0, 0]))
        for values, counts in (([3, 1], [0, 1, 0, 1]), ([0, 0], [2]), ([2, 2], [0, 0, 2])):
            assert tf.math.bincount(tf.constant(values)).numpy().tolist() == counts
        with pytest.raises(IndexError):
            tf.math.bincount(tf.constant([2, -1]))
        assert tf.math.bincount(tf.zeros([0], tf.int32)).shape == (0,)


def test_a_plan_that_looks_does_not_ask_again(monkeypatch: pytest.MonkeyPatch) -> None:
    ids = tf.constant([0, 0, 1, 1])
    expected = [tf.math.segment_sum(A, ids) for _ in range(4)]
    from tfc.ops import segments

    monkeypatch.setattr(segments, "scatter_along", None)
    np.testing.assert_array_equal(tf.math.segment_sum(A, ids).numpy(), expected[0].numpy())


def test_equal_options_of_other_types_are_others() -> None:
    for _ in range(5):
        found = [tf.where(A > 0.3, option, option).dtype.name for option in (1, True, 1.0)]
        assert found == ["int32", "bool", "float32"]


def test_signs_of_zeros_count() -> None:
    for _ in range(5):
        for zero in (0.0, -0.0):
            [quotient] = tf.atan2(tf.constant([0.0]), zero).numpy()
            assert quotient == (0.0 if math.copysign(1, zero) > 0 else np.float32(math.pi))


def test_errors_stay() -> None:
    texts: set[str] = set()
    for bad in range(6):
        assert tf.gather(A, INDICES).numpy().tolist() == [0.5, 0.75]
        if bad > 3:
            with pytest.raises(IndexError, match="index 4 is out of range") as caught:
                tf.gather(A, tf.constant([0, 4]))
            texts.add(str(caught.value))
    assert len(texts) == 1


def test_checks_of_values_stay() -> None:
    start, limit = tf.constant(0.0), tf.constant(5.0)
    for _ in range(5):
        assert tf.range(start, limit, tf.constant(2.0)).shape == (3,)
        with pytest.raises(ValueError, match="delta is 0"):
            tf.range(start, limit, tf.constant(0.0))


def test_nothing_warns() -> None:
    program = """
import tfc as tf
for _ in range(5):
    tf.nn.l2_normalize(tf.constant([1e30, float("inf")]))
"""
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    assert not run.stderr


def test_random_numbers_stay_random() -> None:
    drawn = {tuple(tf.nn.dropout(tf.ones([64]), 0.5).numpy().tolist()) for _ in range(6)}
    drawn |= {tuple(tf.random.shuffle(tf.range(64)).numpy().tolist()) for _ in range(6)}
    assert len(drawn) == 12


def test_tapes_and_traces_see_ops() -> None:
    for _ in range(5):
        tf.nn.softplus(A)
    with tf.GradientTape() as tape:
        tape.watch(A)
        y = tf.nn.softplus(A)
    np.testing.assert_allclose(tape.gradient(y, A).numpy(), tf.sigmoid(A).numpy(), rtol=1e-6)
    compiled = tf.function(tf.nn.softplus)
    assert "softplus" in compiled.text(A, stage="tensor")


def test_lists_with_other_numbers_are_others() -> None:
    for _ in range(5):
        for numbers in ([1], [True], [1.0], [[1]], [1, 1], []):
            for more in ([], [2]):
                shape = np.shape(numbers)
                assert tf.reshape(numbers, [-1, *more][:1]).shape == (math.prod(shape),)
                assert tf.ones_like(numbers).shape == shape
                assert tf.zeros(more).shape == tuple(more)


def test_seeds_share_a_plan(monkeypatch: pytest.MonkeyPatch) -> None:
    expected = {k: tf.random.stateless_normal([4], [k, 7]).numpy() for k in range(8)}
    from tfc.ops.sampling import FixedState

    monkeypatch.setattr(FixedState, "normal", None)
    for k, numbers in expected.items():
        assert tf.random.stateless_normal([4], [k, 7]).numpy().tolist() == numbers.tolist()


def test_arrays_beside_tensors_are_read_at_once() -> None:
    array = np.array([1.0, 2.0, 3.0, 4.0], np.float32)
    sums = [A + array, array + A, tf.maximum(A, array), A + np.ones(4, np.float32)]
    array[:] = 100.0
    assert [x.numpy()[0] for x in sums] == [1.5, 1.5, 1.0, 1.5]
    assert (A + np.float32(1)).dtype == tf.float32
    with pytest.raises(TypeError):
        tf.constant([1, 2]) + np.array([0.5, 1.5])
    with pytest.raises(ValueError, match="broadcast"):
        A + np.ones(3, np.float32)
    for x in (np.array([1, 2, 0, 1], np.int32), 0):
        with pytest.raises(ZeroDivisionError):
            tf.constant([1, 2, 3, 4]) % x


def test_lists_and_arrays_as_keys() -> None:
    x = M.numpy()
    keys: list[Any] = [
        [1, 0], [[1, 0], [0, 0]], [], [True, False], np.array([1, 0]), np.array([[0], [1]], np.uint8),
        np.array([True, False]), np.int64(1), (np.array([0, 1]), [1, 0]), (slice(None), [0]), ([0],),
        np.array(-1), [-1, 0],
    ]  # fmt: skip
    for key in keys:
        want = x[np.array(key, np.int64) if isinstance(key, list) and not key else key]
        np.testing.assert_array_equal(M[key].numpy(), want)
    for key in ([2], np.array([0, 2]), np.array([True, False, True]), (0, np.int8(3))):
        with pytest.raises(IndexError):
            M[key]
    for key in ([0.5], np.array([0.5]), [True, 0.5]):
        with pytest.raises(TypeError):
            M[key]


LABELS = tf.constant([1, 0])
V = tf.Variable([0.5, 0.25, 0.75, 0.125])

TAPED: dict[str, Callable[[], Any]] = {
    "composed": lambda: tf.nn.gelu(A),
    "a variable": lambda: tf.reduce_mean(V),
    "a variable twice": lambda: tf.tensordot(V, V, 1),
    "something without a gradient inside": lambda: tf.nn.sparse_softmax_cross_entropy_with_logits(
        labels=LABELS, logits=M
    ),
    "several results": lambda: tf.nn.moments(M, [0]),
    "a result nothing depends on": lambda: tf.math.top_k(A, k=2).values,
    "indices": lambda: tf.gather(A, INDICES),
    "a slice": lambda: A[1:3],
    "a slice and a new axis": lambda: M[:, None, ::-1],
    "an item and an ellipsis": lambda: M[..., 1],
    "a tensor as a key": lambda: A[INDICES],
    "a tensor beside a slice": lambda: M[:, tf.constant(1)],
    "bounds that are tensors": lambda: A[tf.constant(1) : tf.constant(3)],
    "a mask": lambda: A[A > 0.3],
    "a list as a key": lambda: A[[0, 2]],
    "a plan behind a cut": lambda: (
        tf.nn.gelu(A) * tf.nn.gelu(tf.cast(tf.cast(A, tf.int32), tf.float32))
    ),
    "a cut, then a plan": lambda: tf.reduce_sum(tf.cast(A > 0.3, tf.float32)) * tf.nn.gelu(A),
    "nothing watched": lambda: tf.reduce_sum(B),
    "a cut": lambda: tf.stop_gradient(A) * A,
    "positions": lambda: tf.argmax(A),
    "a constant": lambda: tf.zeros_like(A),
}


@pytest.mark.parametrize("name", TAPED)
def test_tapes_see_the_ops_of_later_calls(name: str) -> None:
    def step() -> tuple[Any, list[Any], str]:
        with tf.GradientTape(persistent=True) as outer:
            outer.watch([A, M])
            with tf.GradientTape() as inner:
                inner.watch([A, M])
                y = TAPED[name]()
            first = inner.gradient(y, [A, M, V], unconnected_gradients="zero")
        text = outer.explain(y, A)
        second = outer.gradient(first, [A, M, V], unconnected_gradients="zero")
        return y, [*first, *second], text.split("\n")[0]

    y, gradients, text = step()
    for _ in range(5):
        later, others, other_text = step()
        assert other_text == text
        for have, want in zip(arrays([later, others]), arrays([y, gradients]), strict=True):
            np.testing.assert_array_equal(have, want)


def test_what_is_behind_a_cut_is_explained_op_by_op() -> None:
    texts: list[str] = []
    for _ in range(5):
        with tf.GradientTape() as tape:
            tape.watch(A)
            smooth = tf.nn.gelu(A)
            cut = tf.cast(tf.cast(smooth, tf.int32), tf.float32)
            y = tf.nn.l2_normalize(tf.nn.gelu(cut), 0) + 0.0 * B
            other = tf.nn.gelu(A)
        texts.append(tape.explain(y, A))
        assert tape.explain(other, A).startswith("there is a gradient")
    assert "cast" in texts[0] and len({text.split("\n")[0] for text in texts}) == 1
    assert len({text.count("\n") for text in texts}) == 1


def test_a_planned_call_under_a_tape_does_not_ask_again(monkeypatch: pytest.MonkeyPatch) -> None:
    from tfc.ops import normalization

    def gradient() -> Any:
        with tf.GradientTape() as tape:
            tape.watch(A)
            y = tf.nn.l2_normalize(A, 0)
        return tape.gradient(y, A)

    expected = [gradient() for _ in range(4)]
    monkeypatch.setattr(normalization, "reduce_sum", None)
    np.testing.assert_array_equal(gradient().numpy(), expected[0].numpy())


def test_results_are_nobody_elses() -> None:
    for _ in range(5):
        matrix = tf.eye(2)
        matrix[0, 0] = 5.0
        state = tf.Variable(tf.eye(2))
        state.assign_add(matrix)
        assert tf.eye(2).numpy().tolist() == [[1.0, 0.0], [0.0, 1.0]]
        x = tf.ones_like(A)
        x[0] = 5.0
        assert tf.ones_like(A).numpy().tolist() == [1.0] * 4
        drawn = tf.random.stateless_uniform([2], [1, 2])
        first = drawn.numpy().copy()
        np.from_dlpack(drawn)[...]  # memory that others may write to
        drawn[0] = 7.0
        assert tf.random.stateless_uniform([2], [1, 2]).numpy().tolist() == first.tolist()
        y = tf.reshape(A, [2, 2])
        y[0, 0] = 9.0
        assert A.numpy()[0] == 0.5
