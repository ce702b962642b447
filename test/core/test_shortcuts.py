"""A shorter way that fails: users get what the longer one gives, tests see the mistake."""

from __future__ import annotations

from typing import Any

import pytest
import tfc as tf
from tfc.core import plans, shortcuts
from tfc.core.settings import SETTINGS
from tfc.core.tensor import Tensor
from tfc.tracing import plan


def test_failures_of_the_shorter_way_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    def wrong() -> int:
        raise ValueError("as the longer way says it")

    with pytest.raises(ZeroDivisionError):
        shortcuts.long_way(ZeroDivisionError(), lambda: 7)
    with pytest.raises(ValueError, match="as the longer way says it"):
        shortcuts.long_way(ZeroDivisionError(), wrong)
    assert shortcuts.long_way(tf.errors.InvalidArgumentError("TFC105", "no"), lambda: 7) == 7
    monkeypatch.setattr(SETTINGS, "strict", False)
    assert shortcuts.long_way(ZeroDivisionError(), lambda: 7) == 7


@pytest.mark.parametrize("strict", [False, True])
def test_mistakes_of_plans(strict: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    x = tf.constant([1.0, 2.0])

    def make_plan(*_: Any, **__: Any) -> Any:
        def run(*_: Any) -> Any:
            raise ZeroDivisionError

        return plans.Plan(run, (), (), False)

    monkeypatch.setattr(plan, "make_plan", make_plan)
    monkeypatch.setattr(SETTINGS, "strict", strict)

    @plans.planned
    def twice(x: Any) -> Any:
        return Tensor._wrap(2 * x._array)  # another function's plans would outlive the test

    def results() -> list[list[float]]:
        return [twice(x).numpy().tolist() for _ in range(5)]

    if strict:
        with pytest.raises(ZeroDivisionError):
            results()
    else:
        assert results() == [[2.0, 4.0]] * 5
