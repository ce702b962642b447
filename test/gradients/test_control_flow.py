"""Gradients through staged branches and loops: what compiled code gives is what the eager program gives, for orders 1 and 2."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import tfc as tf
from tfc.core.settings import SETTINGS

X = np.array([1.0, 2.0], np.float32)
ROWS = np.random.default_rng(0).standard_normal((6, 3)).astype(np.float32)
WEIGHTS = np.random.default_rng(1).standard_normal((3, 3)).astype(np.float32)


@pytest.fixture(params=["reference", "native"])
def execution(request: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(SETTINGS, "execution", request.param)


def check(function: Callable[..., Any], *arguments: Any) -> None:
    """The results of a function, compiled and eager; None means zero."""
    given = [tf.constant(item) for item in arguments]
    expected = tf.nest.flatten(function(*given))
    found = tf.nest.flatten(tf.function(function)(*given))
    for have, want in zip(found, expected, strict=True):
        if want is None:
            assert have is None or not np.any(have.numpy())
        else:
            assert have.shape == want.shape
            np.testing.assert_allclose(have.numpy(), want.numpy(), rtol=2e-4, atol=1e-5)


def twice(function: Callable[..., Any]) -> Callable[..., Any]:
    """The first and second derivative of a function by its first argument."""

    def derivatives(x: Any, *rest: Any) -> Any:
        with tf.GradientTape() as outer:
            outer.watch(x)
            with tf.GradientTape() as tape:
                tape.watch(x)
                y = function(x, *rest)
            first = tape.gradient(y, x, unconnected_gradients="zero")
        return y, first, outer.gradient(first, x)

    return derivatives


# -- programs of one tensor ---------------------------------------------------------------------


def branch(x: Any, n: Any) -> Any:
    y = tf.sin(x) * x
    if tf.reduce_sum(x) > 2.5:
        z = tf.exp(y * 0.1)
        y = z * z * x
    elif n > 3:
        y = y * y
    else:
        y = tf.exp(x)
    return y


def counted(x: Any, n: Any) -> Any:
    y = x
    for _ in tf.range(n):
        y = tf.sin(y) * x
    return y


def linear(x: Any, n: Any) -> Any:
    y = x
    for _ in tf.range(n):
        y = y * 1.5 + x
    return y * y


def branch_in_loop(x: Any, n: Any) -> Any:
    y = x
    for i in tf.range(n):
        if i % 2 == 0:
            y = tf.sin(y) * x
        else:
            y = y * y * 0.1
    return y


def loop_in_branch_in_loop(x: Any, n: Any) -> Any:
    y = x
    for i in tf.range(n):
        if tf.reduce_sum(y) > 0:
            z = y
            for j in tf.range(i):
                if j > 0:
                    z = tf.sin(z) * x
                else:
                    z = z * z
            y = y + 0.1 * z * z
    return y


def conditional(x: Any, n: Any) -> Any:
    y = x
    while tf.reduce_sum(y) < 10.0 * tf.cast(n, tf.float32):
        y = y * y * 0.5 + x
    return y


def early_break(x: Any, n: Any) -> Any:
    y = x
    for _ in tf.range(n):
        y = tf.sin(y) + x * y
        if tf.reduce_sum(y) > 4.0:
            break
    return y


def early_return(x: Any, n: Any) -> Any:
    y = x
    for _ in tf.range(n):
        y = y * x
        if tf.reduce_sum(y) > 6.0:
            return y * y
    return tf.sin(y)


def stacked_list(x: Any, n: Any) -> Any:
    y = x
    items = [x]
    for _ in tf.range(n):
        y = tf.sin(y) * x
        items.append(y)
    return tf.reduce_sum(tf.stack(items) ** 2)


def list_read_back(x: Any, n: Any) -> Any:
    items = [x]
    for _ in tf.range(n):
        items.append(tf.sin(items[-1]) * x * items[0])
    return tf.reduce_sum(items[-1])


def growing_tensor(x: Any, n: Any) -> Any:
    y = x
    for _ in tf.range(n):
        y = tf.concat([tf.sin(y), x], 0)
    return tf.reduce_sum(y * y)


def swapped(x: Any, n: Any) -> Any:
    a, b = x, 2.0 * x
    for _ in tf.range(n):
        a, b = b, a * b * 0.5
    return a + b


def item_assignment(x: Any, n: Any) -> Any:
    y = tf.zeros([4, 2])
    for i in tf.range(n):
        y = tf.tensor_scatter_nd_update(y, [[i % 4]], [tf.sin(x) * tf.cast(i, tf.float32)])
    return tf.reduce_sum(y * y)


PROGRAMS = [
    branch,
    counted,
    linear,
    branch_in_loop,
    loop_in_branch_in_loop,
    conditional,
    early_break,
    early_return,
    stacked_list,
    list_read_back,
    growing_tensor,
    swapped,
    item_assignment,
]


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.__name__)
@pytest.mark.usefixtures("execution")
@pytest.mark.parametrize("n", [0, 1, 4])
def test_derivatives_of_both_orders(program: Callable[..., Any], n: int) -> None:
    for x in (X, 0.3 * X):
        check(twice(program), x, n)


# -- recurrent networks, variables --------------------------------------------------------------


@pytest.mark.usefixtures("execution")
def test_recurrent_network_of_128_steps() -> None:
    steps = np.random.default_rng(2).standard_normal((128, 3)).astype(np.float32)

    def gradients(xs, weights):
        with tf.GradientTape() as tape:
            tape.watch([xs, weights])
            h = tf.zeros([3])
            for i in tf.range(tf.shape(xs)[0]):
                h = tf.tanh(tf.linalg.matvec(weights, h) + xs[i])
            loss = tf.reduce_sum(h * h)
        return tape.gradient(loss, [xs, weights])

    check(gradients, steps, WEIGHTS)


@pytest.mark.usefixtures("execution")
def test_variable_read_in_loops_and_branches() -> None:
    weights = tf.Variable(WEIGHTS)

    def gradients(xs):
        with tf.GradientTape() as tape:
            h = tf.zeros([1, 3])
            for i in tf.range(6):
                if i % 2 == 0:
                    h = tf.tanh(tf.matmul(h, weights) + xs[i])
                else:
                    for _ in tf.range(2):
                        h = tf.sin(tf.matmul(h, weights))
            loss = tf.reduce_sum(h * h)
        return tape.gradient(loss, weights)

    check(gradients, ROWS)


@pytest.mark.usefixtures("execution")
def test_variable_assigned_in_the_loop() -> None:
    factor = tf.Variable(2.0)

    def gradients(x):
        factor.assign(2.0)
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = x
            for _ in tf.range(4):
                y = tf.sin(y) * factor
                factor.assign_add(0.5)
            factor.assign(100.0)
        return tape.gradient(y, [x, factor])

    check(gradients, X)


@pytest.mark.usefixtures("execution")
def test_training_loop_with_a_tape_inside() -> None:
    def train(x, n):
        for _ in tf.range(n):
            with tf.GradientTape() as tape:
                tape.watch(x)
                y = x
                for _ in tf.range(3):
                    y = tf.sin(y) * x
            x = x - 0.1 * tape.gradient(y, x)
        return x

    check(train, X, 3)


@pytest.mark.usefixtures("execution")
def test_training_step_of_a_variable_in_a_loop() -> None:
    weight = tf.Variable(X)

    def train(n):
        weight.assign(X)
        for _ in tf.range(n):
            with tf.GradientTape() as tape:
                y = tf.constant([1.0, 1.0])
                for _ in tf.range(3):
                    y = tf.sin(y) * weight
                loss = tf.reduce_sum(y * y)
            weight.assign_sub(0.1 * tape.gradient(loss, weight))
        return weight.read_value()

    check(train, 3)


# -- the rest of the tape -----------------------------------------------------------------------


@pytest.mark.usefixtures("execution")
def test_newton_iteration() -> None:
    def root(a):
        y = a
        while tf.abs(y * y - a) > 1e-4:
            y = y - (y * y - a) / (2.0 * y)
        return y

    check(twice(root), np.float32(7.0))


@pytest.mark.usefixtures("execution")
def test_tensor_array() -> None:
    def total(x):
        y, items = x, tf.TensorArray(tf.float32, size=0, dynamic_size=True)
        for i in tf.range(5):
            y = tf.sin(y) * x
            items = items.write(i, y)
        return tf.reduce_sum(items.stack() ** 2)

    check(twice(total), X)


@pytest.mark.usefixtures("execution")
def test_stop_gradient_and_custom_gradient_in_a_loop() -> None:
    @tf.custom_gradient
    def odd(x):
        return tf.sin(x), lambda dy: dy * x * 3.0

    def gradient(x, n):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = x
            for _ in tf.range(n):
                y = tf.stop_gradient(tf.sin(y)) * x + odd(y)
        return tape.gradient(y, x)

    check(gradient, X, 3)


@pytest.mark.usefixtures("execution")
def test_a_gradient_in_either_branch() -> None:
    def gradient(x):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = tf.sin(x)
            z = y * x
        if tf.reduce_sum(x) > 0:
            result = tape.gradient(y, x)
        else:
            result = tape.gradient(z, x)
        return result

    check(gradient, X)
    check(gradient, -X)


@pytest.mark.usefixtures("execution")
def test_integers_carry_no_gradient() -> None:
    def gradient(x, n):
        with tf.GradientTape() as tape:
            tape.watch(x)
            count, y, seen = 0, x, tf.constant(False)
            for _ in tf.range(n):
                count = count + 1
                seen = seen | (tf.reduce_sum(y) > 3.0)
                y = y * tf.cast(count, tf.float32)
        return tape.gradient(y, x), seen, tf.constant(count)

    check(gradient, X, 4)


def test_a_linear_loop_saves_nothing() -> None:
    def gradient(x, n):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = x
            for _ in tf.range(n):
                y = y * 1.5 + x
        return tape.gradient(y, x)

    traced = tf.function(gradient).get_concrete_function(tf.constant(X), tf.constant(3))
    loops = [node for node in traced.graph.body.nodes if node.spec.name == "scf.for"]
    # Nobody asks for y, so that its own loop is gone; nothing is saved for the one that runs backwards.
    assert [len(node.outputs) for node in loops] == [2]


@pytest.mark.usefixtures("execution")
def test_a_test_that_changes_what_the_loop_carries() -> None:
    def run(x):
        box = [x]

        def goes_on():
            box[0] = tf.sin(box[0]) * x + box[0]
            return tf.reduce_sum(box[0]) < 20.0

        while goes_on():
            box[0] = box[0] * x + 0.1
        return box[0] * box[0]

    check(twice(run), X)


@pytest.mark.usefixtures("execution")
def test_control_flow_functions() -> None:
    def gradients(xs):
        with tf.GradientTape() as tape:
            tape.watch(xs)
            mapped = tf.map_fn(lambda row: row * row, xs)
            states = tf.scan(lambda state, row: tf.tanh(state + row), mapped)
            last = tf.while_loop(
                lambda i, a: i < 5, lambda i, a: (i + 1, tf.sin(a)), [tf.constant(0), states]
            )[1]
            loss = tf.cond(
                tf.reduce_sum(last) > 0.0,
                lambda: tf.reduce_sum(last),
                lambda: tf.reduce_sum(last * last),
            )
        return tape.gradient(loss, xs)

    check(gradients, ROWS)


@pytest.mark.usefixtures("execution")
def test_persistent_tape_and_jacobian() -> None:
    def gradients(x, n):
        with tf.GradientTape(persistent=True) as tape:
            tape.watch(x)
            y, z = x, x
            for _ in tf.range(n):
                y = tf.sin(y) * x
                z = z * y
        return tape.gradient(y, x), tape.gradient(z, x), tape.jacobian(z, x)

    check(gradients, X, 3)


@pytest.mark.usefixtures("execution")
def test_third_order() -> None:
    def third(x, n):
        with tf.GradientTape() as tape:
            tape.watch(x)
            derivatives = twice(counted)(x, n)
        return tape.gradient(derivatives[2], x)

    check(third, X, 3)


@pytest.mark.usefixtures("execution")
def test_recomputed_loop() -> None:
    def gradient(x, n):
        def inner(a):
            for _ in tf.range(n):
                a = tf.sin(a) * x
            return a

        with tf.GradientTape() as tape:
            tape.watch(x)
            y = tf.recompute_grad(inner)(x)
        return tape.gradient(y, x)

    check(gradient, X, 3)


@pytest.mark.usefixtures("execution")
def test_watched_constants_are_not_confused() -> None:
    def gradient(n):
        x, other = tf.constant([1.0, 2.0]), tf.constant([1.0, 2.0])
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = other
            if n > 1:
                y = x
            elif n > 0:
                y = x * x
        return tape.gradient(y, x)

    for n in (0, 1, 2):
        check(gradient, n)


@pytest.mark.usefixtures("execution")
def test_batch_of_unknown_size() -> None:
    def gradients(xs, weights):
        with tf.GradientTape() as tape:
            tape.watch([xs, weights])
            h = tf.zeros_like(xs)
            for _ in tf.range(4):
                h = tf.tanh(tf.matmul(h, weights) + xs)
            loss = tf.reduce_sum(h * h)
        return tape.gradient(loss, [xs, weights])

    signature = [tf.TensorSpec([None, 3], tf.float32), tf.TensorSpec([3, 3], tf.float32)]
    found = tf.function(gradients, input_signature=signature)(
        tf.constant(ROWS), tf.constant(WEIGHTS)
    )
    for have, want in zip(found, gradients(tf.constant(ROWS), tf.constant(WEIGHTS)), strict=True):
        np.testing.assert_allclose(have.numpy(), want.numpy(), rtol=1e-4, atol=1e-5)
