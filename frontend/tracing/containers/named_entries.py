"""Looking up a run-time string in dicts and sets with known keys: Python tells which of the keys it is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

from tfc.tracing.containers import mappings
from tfc.tracing.containers.growable import table_of
from tfc.tracing.frame import Frame
from tfc.tracing.paths import staging
from tfc.tracing.strings import characters
from tfc.tracing.strings.text import SymbolicText


def is_name(owner: Any, key: Any) -> bool:
    """Whether `key` is a string of run time and the keys of `owner` are known."""
    return key.__class__ is SymbolicText and table_of(owner) is None


def load(frame: Frame, owner: Any, key: SymbolicText) -> Any:
    """`owner[key]` of a dict."""

    def missing() -> Any:
        if isinstance(owner, Counter):
            return 0
        raise KeyError(key)

    return over_names(frame, owner, key, lambda name: mappings.load(frame, owner, name), missing)


def over_names(
    frame: Frame,
    owner: Any,
    key: SymbolicText,
    use: Callable[[str], Any],
    missing: Callable[[], Any],
) -> Any:
    """`use(name)` for the key of `owner` that a string is, `missing()` where it is none: a branch per key."""
    key.require_numbers()
    names = [name for name in mappings.entries_of(frame, owner) if isinstance(name, str)]
    numbers = {name: number for number, name in enumerate(names)}
    place = characters.answer(int, lambda text: numbers.get(text, len(names)), key)
    arms = [lambda name=name: use(name) for name in names]
    return staging.switch(frame, place.tensor, [*arms, missing])
