"""`tf.nest`: functions on structures of values."""

from tfc.core.mapping import map_structure
from tfc.core.nest import (
    assert_same_structure,
    flatten,
    is_nested,
    pack_sequence_as,
)

__all__ = [
    "assert_same_structure",
    "flatten",
    "is_nested",
    "map_structure",
    "pack_sequence_as",
]
