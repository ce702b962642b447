"""Rows that nothing has been written to, as the tensor that they are on another path."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from tfc.tracing.values import abstract, primitives

if TYPE_CHECKING:
    from tfc.dialects.tfc.semantics.types import ArrayType
    from tfc.tracing.trace import Trace


def filled_up(trace: Trace, kind: ArrayType, items: list[Any]) -> Any:
    """A tensor of a type whose first rows are `items`, the others zeros."""
    count, *sizes = cast("tuple[int, ...]", kind.shape)
    rest = abstract.filled(trace, kind.dtype, (count - len(items), *sizes), 0)
    if not items:
        return rest
    rows = primitives.function_named("stack")(items)
    return primitives.function_named("concat")([rows, rest], 0)
