"""What traces and compilations in several threads share, and what each has of its own."""

from __future__ import annotations

import dataclasses
import sys
import threading
from typing import Any

import pytest
import tfc as tf
from tfc.core import stack_depth
from tfc.core.settings import SETTINGS
from tfc.tracing.trace import Trace
from tfc.tracing.values.identity import is_itself, keeping


def test_the_recursion_limit_is_put_back_by_the_last_of_those_that_overlap() -> None:
    before = sys.getrecursionlimit()
    entered, left = threading.Event(), threading.Event()

    def other() -> None:
        with stack_depth.at_least(before + 2000):
            entered.set()
            left.wait()

    thread = threading.Thread(target=other)
    with stack_depth.at_least(before + 1000):
        thread.start()
        entered.wait()
        assert stack_depth.limit_before() == before
    assert sys.getrecursionlimit() == before + 2000
    left.set()
    thread.join()
    assert sys.getrecursionlimit() == before


def test_a_recursion_limit_that_the_user_sets_meanwhile_stays() -> None:
    before = sys.getrecursionlimit()
    try:
        with stack_depth.at_least(before + 1000):
            sys.setrecursionlimit(before + 77)
        assert sys.getrecursionlimit() == before + 77
    finally:
        sys.setrecursionlimit(before)


def test_what_a_trace_keeps_is_its_own() -> None:
    held = [1]
    with Trace("f").active(), keeping({id(held)}):
        assert is_itself(held)
        with Trace("g").active():
            assert not is_itself(held)


def test_code_is_generated_with_definitions_as_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    """The wait for LLVM neither keeps other threads from their IR nor from their dataclasses."""
    from tfc.backend import jit

    seen: list[Any] = []
    emit = jit.emit_units
    library: Any = dataclasses
    process = library._process_class

    def spy(*arguments: Any) -> Any:
        seen.append(library._process_class)
        return emit(*arguments)

    monkeypatch.setattr(SETTINGS, "execution", "native")
    monkeypatch.setenv("TFC_CACHE", "0")
    monkeypatch.setattr("tfc.backend.jit.emit_units", spy)
    compiled: Any = tf.function(lambda x: x * 2 + 1)
    assert compiled(tf.constant(3)).numpy() == 7
    assert seen == [process]
