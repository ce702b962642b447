"""Rows that nothing has been written to, as the tensor that they are on another path."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from tfc.core.unwritten import Unwritten
from tfc.tracing.values import abstract, primitives

if TYPE_CHECKING:
    from tfc.dialects.tfc.semantics.types import ArrayType
    from tfc.tracing.trace import Trace
    from tfc.tracing.values.abstract import Skeleton


def filled_up(trace: Trace, kind: ArrayType, items: list[Any]) -> Any:
    """A tensor of a type whose first rows are `items`, the others zeros."""
    count, *sizes = cast("tuple[int, ...]", kind.shape)
    rest = abstract.filled(trace, kind.dtype, (count - len(items), *sizes), 0)
    if not items:
        return rest
    rows = primitives.function_named("stack")(items)
    return primitives.function_named("concat")([rows, rest], 0)


def parts(value: Unwritten, keys: tuple[int, ...]) -> list[Unwritten]:
    """The rows of each of several tensors, where an item is a tuple of one row of each."""
    return [Unwritten([row[key] for row in value.items]) for key in keys]


def merged(left: Skeleton, right: Skeleton) -> Skeleton | None:
    """The skeleton of a tensor, or of a tuple of some, on one path, whose rows are unwritten on the other."""
    for one, other in ((left, right), (right, left)):
        if isinstance(one, abstract.Const) and one.value.__class__ is Unwritten:
            items: tuple[Skeleton, ...] = (other,)
            if isinstance(other, abstract.Struct) and other.cls is tuple:
                items = other.items
            if all(isinstance(item, abstract.Array) for item in items):
                return other
    return None
