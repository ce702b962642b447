"""The programs of the conformance table with inputs that nobody chose: eager and compiled still agree, or the call is refused.

Hypothesis chooses the rows, inputs and changes, always the same ones. To try more of each table:

    TFC_TEST_EXAMPLES=500 pytest test/python/test_mutations.py
"""

import os
import random

import pytest
import tfc as tf
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from tfc.core.settings import SETTINGS

from python.harness import Outcome, Row, run, same
from python.mutations import CHANGES, TooLongError, changed, limited
from python.test_conformance import TABLES, rows_of

EXAMPLES = int(os.environ.get("TFC_TEST_EXAMPLES", "150"))


def outcomes(row: Row, arguments: tuple) -> tuple[Outcome, Outcome] | None:
    """What the row does eagerly and compiled; None where it does not end or is refused."""
    try:
        with limited(0.5):
            eager = run(row.instance(), arguments)
    except TooLongError:
        return None
    try:
        with limited(60):
            return eager, run(tf.function(row.instance()), arguments)
    except tf.errors.CompileError:
        return None


def related(left: type | None, right: type | None) -> bool:
    """Whether two programs ended in the same way: a `TFCTypeError` of an op is a `TypeError` of the interpreter's."""
    if left is None or right is None:
        return left is right
    return issubclass(left, right) or issubclass(right, left)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # NumPy's, of nan and infinity
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # programs cut short
@pytest.mark.parametrize("name", TABLES)
def test_changed_inputs(name, monkeypatch):
    monkeypatch.setattr(SETTINGS, "execution", "reference")
    rows = [row for row in rows_of(name) if row.refused is None]

    @settings(
        derandomize=True,
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(st.sampled_from(rows), st.randoms(use_true_random=False), st.sampled_from(CHANGES))
    def check(row: Row, choice: random.Random, change):
        arguments = changed(choice.choice(row.inputs), change)
        found = outcomes(row, arguments)
        assume(found is not None)
        eager, fast = found
        about = f"{row.function.__name__}{arguments}"
        assert related(eager.error, fast.error), f"{about}: {eager} against {fast}"
        assert eager.printed == fast.printed, f"{about}: {eager.printed!r} against {fast.printed!r}"
        same(eager.value, fast.value, about)

    check()
