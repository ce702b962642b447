"""`tape.explain` names where a path is cut, eagerly and while a function is compiled."""

from __future__ import annotations

from typing import Any

import pytest
import tfc as tf


def said(program: Any, compiled: bool) -> str:
    """What the tape explains of a program of one tensor."""
    texts: list[str] = []

    def run(x):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = program(x)
        texts.append(tape.explain(y, x))
        return y

    (tf.function(run) if compiled else run)(tf.constant([1.5, 2.5]))
    return texts[0]


def through_an_integer(x):
    return tf.cast(tf.cast(x, tf.int32) * 2, tf.float32) * 3.0


def through_stop_gradient(x):
    return tf.stop_gradient(tf.sin(x)) * 2.0


def through_rounding(x):
    return tf.floor(x * 2.0)


def through_a_comparison(x):
    return tf.where(x > 2.0, tf.ones([2]), tf.zeros([2]))


def smooth(x):
    return tf.sin(x) * tf.cast(tf.cast(x, tf.int32), tf.float32)


def in_a_loop(x):
    y = x
    for _ in tf.range(3):
        y = tf.stop_gradient(y) * 2.0
    return y


@pytest.mark.parametrize("compiled", [False, True])
@pytest.mark.parametrize(
    ("program", "name"),
    [
        (through_an_integer, "tfc.cast: int32 values have no gradient"),
        (through_stop_gradient, "stop_gradient"),
        (through_rounding, "tfc.floor"),
        (through_a_comparison, "tfc.greater"),
        (in_a_loop, "stop_gradient"),
    ],
)
def test_a_cut_is_named_with_its_line(program: Any, name: str, compiled: bool) -> None:
    text = said(program, compiled)
    assert text.startswith("no gradient: every path")
    line = next(line for line in text.splitlines() if name in line)
    first = program.__code__.co_firstlineno
    number = int(line.split(".py:")[1].split(":")[0])
    assert __file__ in line
    assert first < number < first + 5


@pytest.mark.parametrize("compiled", [False, True])
def test_a_path_that_is_left(compiled: bool) -> None:
    assert said(smooth, compiled).startswith("there is a gradient")


def test_what_is_not_watched() -> None:
    x = tf.constant(1.0)
    with tf.GradientTape() as tape:
        y = x * 2.0
    assert "not watched" in tape.explain(y, x)


def test_what_does_not_depend() -> None:
    x = tf.constant(1.0)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = tf.constant(2.0) * 2.0
    assert "does not depend" in tape.explain(y, x)


def test_an_arm_says_that_the_gradient_may_be_zero():
    def used_in_one_arm(x):
        return tf.reduce_sum(x * x) if x[0] > 2 else tf.constant(1.0)

    def used_around(x):
        return tf.reduce_sum(x * x) + used_in_one_arm(x)

    text = said(used_in_one_arm, compiled=True)
    assert text.startswith("there is a gradient") and "zero where the arm" in text
    assert "arm" not in said(used_around, compiled=True)
    assert said(used_in_one_arm, compiled=False).startswith("no gradient")
