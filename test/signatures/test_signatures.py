"""A call that is right for TensorFlow means the same here: parameters have its names, its order and its defaults."""

from __future__ import annotations

import pytest
import tfc as tf

from signatures import public_functions, signature, theirs

THEIRS = theirs()
OURS = {name: value for name, value in public_functions(tf) if name in THEIRS}

DIFFERENT = {
    "autograph.experimental.set_loop_options": "what is left out is None, which has no meaning of its own here",
    "autograph.to_code": "takes the arguments to trace for, and annotates the user's source instead of rewriting it",
    "debugging.assert_none_equal": "message before summarize, as in all other assertions",
    "function": "on_retrace is an addition, at the end",
    "group": "what TensorFlow accepts as **kwargs has its name",
    "meshgrid": "what TensorFlow accepts as **kwargs has its names",
    "random.Generator.from_key_counter": "there is one algorithm, so alg may be left out",
    "random.Generator.from_state": "there is one algorithm, so alg may be left out",
    "random.create_rng_state": "there is one algorithm, so alg may be left out",
}
"""The functions whose signatures are meant to be others, each with its reason."""


def test_most_functions_are_compared():
    assert len(OURS) >= 440


@pytest.mark.parametrize("name", sorted(OURS))
def test_signature(name: str):
    same = signature(OURS[name]) == THEIRS[name]
    if name in DIFFERENT:
        assert not same, f"{name} is as in TensorFlow now: take it out of DIFFERENT"
    else:
        assert same, f"{signature(OURS[name])} instead of {THEIRS[name]}"
