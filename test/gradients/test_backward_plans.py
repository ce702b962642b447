"""Plans of backward passes: later passes over like programs give what the first gave."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import tfc as tf
from tfc.core.plan_table import PlanTable
from tfc.gradients import plans

A = tf.constant([0.5, 0.25, 0.75, 0.125])
M = tf.constant([[1.0, 2.0], [3.0, 4.0]])
V = tf.Variable([1.5, 0.5, 2.0, 1.0])
W = tf.Variable([[1.0, -1.0], [0.5, 2.0]])


def gradient(
    program: Callable[..., Any], sources: Any, persistent: bool = False, **options: Any
) -> Any:
    with tf.GradientTape(persistent=persistent) as tape:
        tape.watch(sources)
        y = program(*tf.nest.flatten(sources))
    return tape.gradient(y, sources, **options)


@tf.custom_gradient
def doubled(x: Any) -> Any:
    return x, lambda g: 2 * g


def assigned(x: Any) -> Any:
    y = x * 1.0
    z = y * y
    y[0] = 3.0
    return z + y


def second_order(x: Any) -> Any:
    with tf.GradientTape() as inner:
        inner.watch(x)
        y = x * x * x
    return inner.gradient(y, x)


def several_calls() -> list[Any]:
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(A)
        y = A * A
        z = y * A
        inside = tape.gradient(y, A)
    return [inside, tape.gradient(z, A), tape.gradient(z, y), tape.gradient(inside, A)]


def many_ops(x: Any, m: Any) -> Any:
    labels = tf.argmax(m, 1)
    loss = tf.nn.sparse_softmax_cross_entropy_with_logits(labels, tf.nn.softmax(m) * x[:2])
    mean, variance = tf.nn.moments(x, [0])
    return tf.nn.gelu(x) * variance + mean, loss, tf.math.reduce_std(m, 1)


def watched_later() -> list[Any]:
    x, y = A * 1.0, A * 2.0
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(x)
        first = tf.nn.l2_normalize(x * y, 0)
        z = tf.nn.sigmoid_cross_entropy_with_logits(y, first)
        tape.watch([y, first])
        second = tf.nn.sigmoid_cross_entropy_with_logits(first, y)
    return [tape.gradient(target, [x, y, first]) for target in (first, z, second)]


def around(use: Callable[[Any, Any], Any]) -> Any:
    with tf.GradientTape() as outer:
        with tf.GradientTape(persistent=True) as tape:
            y = tf.nn.softmax_cross_entropy_with_logits([0.1, 0.2, 0.3, 0.4], tf.nn.gelu(V))
        found = use(tape, y)
    return [found, outer.gradient(found, V)]


def test_explanations_do_not_depend_on_plans() -> None:
    texts: list[list[str]] = []
    for _ in range(6):
        with tf.GradientTape() as tape:
            loss = tf.nn.softmax_cross_entropy_with_logits(tf.nn.softmax(V), V * 2.0)
            choice = tf.cast(tf.argmax(tf.nn.softmax(V)), tf.float32)
        texts.append([tape.explain(loss, V), tape.explain(choice, V), tape.explain(loss, M)])
    assert all(text == texts[0] for text in texts)


PASSES: dict[str, Callable[[], Any]] = {
    "three ops": lambda: gradient(lambda x: tf.sin(x * V) + V, A),
    "variables": lambda: gradient(lambda v, w: tf.linalg.matvec(w, v[:2]) + v[2:], [V, W]),
    "a variable that is read twice": lambda: gradient(lambda v: v * v, V),
    "broadcast operands": lambda: gradient(lambda x, y: x * y + y, [M, tf.constant(2.0)]),
    "several targets": lambda: gradient(lambda x: [x * 2.0, tf.exp(x)], A),
    "weights": lambda: gradient(tf.square, A, output_gradients=A),
    "what is only passed on": lambda: gradient(lambda x: x + 1.0, A, output_gradients=A),
    "no path": lambda: gradient(lambda x, y: x + 1.0, [A, A * 1.0]),
    "zeros": lambda: gradient(lambda x, y: x + 1.0, [A, V], unconnected_gradients="zero"),
    "nothing differentiable": lambda: gradient(lambda x: tf.cast(x, tf.int32), A),
    "a rule of the user's": lambda: gradient(lambda x: doubled(x) * x, A),
    "an assignment": lambda: gradient(assigned, A),
    "second order": lambda: gradient(second_order, A),
    "indices": lambda: gradient(lambda x: tf.gather(x, [0, 2, 0]) * x[1], A),
    "a size of run time": lambda: gradient(lambda x: tf.boolean_mask(x, x > 0.3) * 2.0, A),
    "dropout": lambda: gradient(lambda x: tf.stop_gradient(tf.ones([4])) * x, A),
    "several calls": several_calls,
    "functions of many ops": lambda: gradient(many_ops, [V, M]),
    "values of plans watched later": watched_later,
    "a tape around functions of many ops": lambda: around(lambda t, y: t.gradient(y, V)),
    "a jacobian of functions of many ops": lambda: around(lambda t, y: t.jacobian(y, V)),
}


def arrays(result: Any) -> list[Any]:
    return [None if leaf is None else leaf.numpy() for leaf in tf.nest.flatten(result)]


@pytest.mark.parametrize("name", PASSES)
def test_later_passes_give_what_the_first_gave(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plans, "_TABLE", PlanTable(64))
    first = arrays(PASSES[name]())
    for _ in range(5):
        for x, y in zip(arrays(PASSES[name]()), first, strict=True):
            np.testing.assert_array_equal(x, y)


def test_a_planned_pass_does_not_ask_the_rules(monkeypatch: pytest.MonkeyPatch) -> None:
    expected = arrays([PASSES["three ops"]() for _ in range(4)])
    from tfc.gradients import entries

    monkeypatch.setattr(entries, "rule_of", None)
    np.testing.assert_array_equal(arrays(PASSES["three ops"]()), expected[:1])


def test_what_differs_is_another_kind() -> None:
    for _ in range(4):
        for power in (2.0, 3.0):
            (found,) = arrays(gradient(lambda x, p=power: x**p, A))
            np.testing.assert_allclose(found, power * A.numpy() ** (power - 1), rtol=1e-6)
        for axis in (0, 1):
            (found,) = arrays(gradient(lambda x, a=axis: tf.reduce_max(x, a) * 3.0, M))
            assert found.tolist() == ([[0, 0], [3, 3]] if axis == 0 else [[0, 3], [0, 3]])
        other = M * 1.0
        both = arrays(gradient(lambda x, y: tf.reduce_sum(x * y), [M, other]))
        alone = arrays(gradient(lambda x, y=other: tf.reduce_sum(x * y), [M]))
        assert len(both) == 2 and len(alone) == 1
        np.testing.assert_array_equal(both[0], alone[0])


def test_errors_stay() -> None:
    def step(index: int) -> Any:
        with tf.GradientTape() as tape:
            tape.watch(A)
            y = A * 2.0
        tape.gradient(y, A)
        if index > 3:
            tape.gradient(y, A)

    for index in range(4):
        step(index)
    with pytest.raises(RuntimeError, match="not persistent"):
        step(5)
