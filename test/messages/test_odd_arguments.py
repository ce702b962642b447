"""Odd arguments give a result or a coded error, never an exception of what is inside."""

from __future__ import annotations

import random
import traceback
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import tfc as tf
from tfc.core.errors import TFCError
from tfc.dialects.tfc.semantics.errors import CODES

from messages.odd import functions, odd_call

CALLS, CALLS_COMPILED = 30, 4
MOST_LINES = 12


def refused_well(call: Callable[[], Any]) -> bool:
    """Whether the call was refused; it fails unless the error is coded and short."""
    try:
        with np.errstate(all="ignore"):
            call()
    except MemoryError:
        return True
    except TFCError as error:
        assert error.code in CODES
        lines = "".join(traceback.format_exception_only(error)).splitlines()
        assert len(lines) <= MOST_LINES, "\n".join(lines)
        return True
    return False


ALL = [pytest.param(name, function, id=name) for name, function in functions()]


@pytest.mark.parametrize(("name", "function"), ALL)
def test_odd_arguments(name: str, function: Callable[..., Any]):
    rng = random.Random(name)
    for _ in range(CALLS):
        arguments, keywords = odd_call(function, rng)
        refused_well(lambda: function(*arguments, **keywords))  # noqa: B023


@pytest.mark.slow
@pytest.mark.parametrize(("name", "function"), ALL)
def test_odd_arguments_in_compiled_functions(name: str, function: Callable[..., Any]):
    rng = random.Random(name)
    for _ in range(CALLS_COMPILED):
        arguments, keywords = odd_call(function, rng)
        compiled = tf.function(lambda: function(*arguments, **keywords))  # noqa: B023
        refused_well(compiled)
        compiled.clear()


def test_enough_is_called():
    assert CALLS * len(ALL) >= 10_000
