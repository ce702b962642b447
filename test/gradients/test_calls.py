"""Compiled functions under tapes from outside: gradients, effects and explanations are those of plain Python."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import tfc as tf
from tfc.core.settings import SETTINGS

from gradients.programs import call_effects, call_training, calls


@pytest.fixture(autouse=True)
def execution(monkeypatch: pytest.MonkeyPatch) -> None:
    execution = os.environ.get("TFC_TEST_EXECUTION", "reference")
    monkeypatch.setattr(SETTINGS, "execution", execution)


def plain(function: Callable[..., Any], **options: Any) -> Callable[..., Any]:
    return function


@pytest.mark.parametrize(
    "case",
    [
        pytest.param(case, id=case.__name__)
        for case in (*calls.rows, *call_effects.rows, *call_training.rows)
    ],
)
def test_compiled_is_eager(case: calls.Case) -> None:
    made: list[Any] = []

    def function(python_function: Callable[..., Any], **options: Any) -> Any:
        made.append(tf.function(python_function, **options))
        return made[-1]

    wanted, found = tf.nest.flatten(case(plain)), tf.nest.flatten(case(function))
    for have, want in zip(found, wanted, strict=True):
        assert (have is None) == (want is None)
        if isinstance(want, str):
            assert have == want
        elif want is not None:
            np.testing.assert_allclose(np.asarray(have), np.asarray(want), 1e-4, 1e-5)
    is_plain = any("plain Python" in item.explain() for item in made)
    assert is_plain == (case.__name__ in call_effects.AS_PLAIN_PYTHON)


def test_a_call_that_nothing_is_asked_of_does_as_without_tape() -> None:
    f = tf.function(lambda x: x * 2.0)
    with tf.GradientTape() as tape:
        y = f(tf.constant(3.0))
    assert y.numpy() == 6.0
    assert tape.gradient(y, tf.constant(3.0)) is None


def test_functions_run_eagerly() -> None:
    seen: list[bool] = []

    @tf.function
    def f(x: Any) -> Any:
        seen.append(x.__class__ is tf.Tensor)
        return x * x

    x = tf.constant(3.0)
    tf.config.run_functions_eagerly(True)
    try:
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = f(x)
    finally:
        tf.config.run_functions_eagerly(False)
    assert seen == [True]
    assert tape.gradient(y, x).numpy() == 6.0


def test_one_trace_for_all_steps() -> None:
    v = tf.Variable([1.0, 2.0])
    f = tf.function(lambda x: tf.reduce_sum(v * x))
    for _ in range(5):
        with tf.GradientTape() as tape:
            loss = f(tf.constant([3.0, 4.0]))
        v.assign_sub(tape.gradient(loss, v))
    assert "under tapes: 1 trace" in f.explain()
