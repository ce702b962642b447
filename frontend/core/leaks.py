"""The error for a symbolic tensor that outlived the region of the trace that it belongs to."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NoReturn

from tfc.core.errors import CompileError, Site
from tfc.core.tensor import Tensor


def raise_leaked(inputs: Iterable[Tensor]) -> NoReturn:
    """Raise the error for the symbolic tensors among `inputs`: where the first of them was made and what to do."""
    from tfc.graph.locations import show_location
    from tfc.tracing.values.symbolic import SymbolicTensor

    for tensor in inputs:
        if isinstance(tensor, SymbolicTensor):
            location = tensor.location
            shown = f"{tensor.name!r}, {tensor.type}," if tensor.name else f"a tensor {tensor.type}"
            where = f"the compiled function {tensor.graph.name!r} (or its branch or loop)"
            raise CompileError(
                "TFC002",
                f"{shown} is used after {where} that it belongs to has ended",
                "return it as a tensor, or assign it to a variable before the branch or loop",
                Site() if location is None else Site(show_location(location)),
            )
    raise CompileError("TFC002", "an op of a compiled function is used outside of it")
