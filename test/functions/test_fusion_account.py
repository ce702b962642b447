"""`text(stage="fusion")`: which ops became one loop nest, which did not, and why, with their lines."""

from __future__ import annotations

from typing import Any

import tfc as tf


@tf.function
def softmax_and_scale(x: Any) -> Any:
    return tf.nn.softmax(x * 2.0)


@tf.function
def shared(x: Any) -> Any:
    y = tf.exp(x)
    return y + 1.0, tf.transpose(y) * tf.sin(x)


@tf.function
def steps(x: Any, n: Any) -> Any:
    for _ in tf.range(n):
        x = x * x + 0.5
    return x


@tf.function
def sums(x: Any, n: Any) -> Any:
    for _ in tf.range(n):
        x = x - tf.reduce_sum(x)
    return x


def account(function: Any, *arguments: Any) -> str:
    return function.text(*arguments, stage="fusion")


def line(text: str) -> int:
    """The number of the line of this file that holds `text`."""
    with open(__file__, encoding="utf-8") as file:
        return next(number for number, content in enumerate(file, 1) if text in content)


def test_rows():
    text = account(softmax_and_scale, tf.zeros([512, 512]))
    assert "row by row" in text
    assert f"test_fusion_account.py:{line('softmax(x * 2.0)')}: fuse-rows:" in text
    small = account(softmax_and_scale, tf.zeros([4, 16]))
    assert "stay in the cache anyway" in small


def test_why_not():
    text = account(shared, tf.zeros([64, 64]))
    assert f"not exp ({line('tf.exp(x)')}): it is read elsewhere too" in text
    assert "reads 2 and writes 1 tensors" in text


def test_loops():
    where = line("x * x + 0.5")
    assert f"mulf ({where}), addf ({where}) loop at each element" in account(
        steps, tf.zeros([8]), 3
    )
    assert "needs more than the carried tensors" in account(sums, tf.zeros([8]), 3)


def test_nothing_is_collected_when_nobody_listens():
    from tfc.passes.remarks import listener

    account(steps, tf.zeros([8]), 3)
    assert listener() is None
