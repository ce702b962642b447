"""Compiled functions in pickles and deep copies: by name, as Python's functions, or as what they were made of."""

from __future__ import annotations

import operator
import sys
from typing import TYPE_CHECKING, Any

from tfc.compiled import function as compiled_function

if TYPE_CHECKING:
    from tfc.compiled.function import Function


def reduced(function: Function) -> Any:
    """What `__reduce__` is to give. A function that is made again has no traces yet."""
    name = function.__qualname__
    try:
        named = operator.attrgetter(name)(sys.modules[function.__module__])
    except (AttributeError, KeyError):
        named = None
    if named is function:
        return name
    options = (function.input_signature, function.on_retrace)
    return compiled_function.Function, (function.python_function, *options)
