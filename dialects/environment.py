"""The variables `TFC_*` of the environment: what each may hold, read in one place, and a warning for what none holds.

A value that is not understood is as good as none: it is warned of once, with what is used instead. docs/settings.md lists them.
"""

from __future__ import annotations

import functools
import os
import warnings
from typing import NamedTuple

YES, NO = ("1", "on", "true", "yes", "full"), ("0", "off", "false", "no")
NUMBER, PATH, SWITCH = "a number", "a folder", "0 or 1"


class Variable(NamedTuple):
    """A variable: what it holds (`NUMBER`, `PATH`, `SWITCH` or the words to choose from), and what is used without it."""

    kind: str
    default: str
    least: int = 0


VARIABLES = {
    "TFC_CACHE": Variable(SWITCH, "1"),
    "TFC_CACHE_DIR": Variable(PATH, "~/.cache/tfc"),
    "TFC_CACHE_LIMIT": Variable(NUMBER, "536870912"),
    "TFC_EXECUTION": Variable("native or reference", "native"),
    "TFC_NUM_THREADS": Variable(NUMBER, "OMP_NUM_THREADS, or a thread for each core", 1),
    "TFC_RUN_EAGERLY": Variable(SWITCH, "0"),
    "TFC_TRACEBACK": Variable(SWITCH, "0"),
}


def text(name: str) -> str:
    """What a variable holds, in lower case where it is a word; "" when it is not set or not understood."""
    given = os.environ.get(name, "").strip()
    if not given or VARIABLES[name].kind == PATH:
        return given
    given = given.lower()
    return given if _is_understood(name, given) else ""


def number(name: str) -> int | None:
    """The number in a variable; None when it has none that is understood."""
    given = text(name)
    return int(given) if given else None


def switch(name: str) -> bool:
    """Whether a variable is on, or its default is."""
    return (text(name) or VARIABLES[name].default) in YES


@functools.cache
def _is_understood(name: str, given: str) -> bool:
    """Whether a variable may hold this; warns when not, and only the first time that it is asked."""
    variable = VARIABLES[name]
    if variable.kind == NUMBER:
        fine = given.isdecimal() and int(given) >= variable.least
        wanted = f"a number from {variable.least} on"
    else:
        fine = given in (YES + NO if variable.kind == SWITCH else variable.kind.split(" or "))
        wanted = variable.kind
    if not fine:
        message = (
            f"{name}={given} is not understood, expected {wanted}; used instead: {variable.default}"
        )
        warnings.warn_explicit(message, RuntimeWarning, "environment", 1)
    return fine


def check() -> None:
    """Warn of every variable that is not understood."""
    for name in VARIABLES:
        if name in os.environ:
            text(name)
