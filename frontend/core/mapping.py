"""`tf.nest.map_structure`: not in `nest`, since it calls the user's code and is therefore interpreted in compiled functions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tfc.core.errors import TFCTypeError
from tfc.core.nest import assert_same_structure, flatten, is_nested, pack_sequence_as
from tfc.core.requirements import require_callable


def map_structure(func: Callable[..., Any], *structure: Any, **kwargs: Any) -> Any:
    """Apply `func` to the leaves of structures of one shape and give the results the same structure.

    >>> import tfc as tf
    >>> tf.nest.map_structure(lambda x, y: x + y, [1, (2,)], [10, (20,)])
    [11, (22,)]
    """
    require_callable("map_structure: func", func)
    check_types = kwargs.pop("check_types", True)
    kwargs.pop("expand_composites", None)
    if kwargs or not structure:
        raise TFCTypeError("TFC107", f"map_structure: unexpected arguments {sorted(kwargs)}")
    first = structure[0]
    if len(structure) == 1 and not is_nested(first):
        return func(first)
    for other in structure[1:]:
        assert_same_structure(first, other, check_types=check_types)
    flat = [flatten(part) for part in structure]
    return pack_sequence_as(first, [func(*leaves) for leaves in zip(*flat, strict=True)])
