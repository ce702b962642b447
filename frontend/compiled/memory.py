"""`f.memory(*args)`: how much memory a call needs, by purpose."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from tfc.compiled.compilation import module_at
from tfc.compiled.inspection import inputs_of
from tfc.compiled.signature import sample
from tfc.core.errors import InvalidArgumentError
from tfc.core.mapping import map_structure
from tfc.core.nest import flatten
from tfc.core.shape import TensorSpec

if TYPE_CHECKING:
    from tfc.compiled.function import Function


@dataclass(frozen=True)
class MemoryUse:
    """The bytes of a call when it holds most.

    `arguments` are what is passed, `variables` what the function uses of its variables, `results` what it returns. `arena` is the
    block of all temporaries whose sizes are known when the function is compiled, `pool` the temporaries whose sizes are those of
    this call. Where a size depends on the data, `is_exact` is False and that memory is left out.

    Example:
        print(f.memory(x))   # peak 24.0 KiB: arguments 8.0 KiB, variables 0, results 8.0 KiB, arena 8.0 KiB, pool 0
    """

    arguments: int
    variables: int
    results: int
    arena: int
    pool: int
    is_exact: bool = True

    @property
    def temporaries(self) -> int:
        """What is given back when the call returns."""
        return self.arena + self.pool

    @property
    def peak(self) -> int:
        """All of it."""
        return self.arguments + self.variables + self.results + self.temporaries

    def __str__(self) -> str:
        kinds = ("arguments", "variables", "results", "arena", "pool")
        parts = ", ".join(f"{kind} {_readable(getattr(self, kind))}" for kind in kinds)
        least = "" if self.is_exact else "at least "
        return f"peak {least}{_readable(self.peak)}: {parts}"


def _readable(size: int) -> str:
    number, units = float(size), iter(("KiB", "MiB", "GiB", "TiB"))
    unit = ""
    while number >= 1024:
        number, unit = number / 1024, next(units)
    return f"{number:.1f} {unit}" if unit else str(size)


def memory_use(function: Function, args: tuple[Any, ...], kwargs: dict[str, Any]) -> MemoryUse:
    """The memory that this call would need, read off its buffers; nothing runs."""
    from tfc.backend import runtime
    from tfc.passes.memory_use import most_allocated
    from tfc.passes.pipelines import run_passes

    args, kwargs = function._with_signature(args, kwargs)
    for leaf in flatten((args, kwargs)):
        if isinstance(leaf, TensorSpec) and not leaf.shape.is_fully_defined():
            raise InvalidArgumentError(
                "TFC105",
                f"memory: {leaf} leaves sizes open",
                "give a TensorSpec with all sizes, or a tensor",
            )
    values = function._bound(*map_structure(sample, (args, kwargs)))
    program = function._program_for(args, kwargs)
    arrays = [np.asarray(value) for value in inputs_of(program, values)]
    variables = [variable.array() for variable in program.variables]
    module = module_at(program.graph, "loops")
    run_passes(module, "parallel-loops")
    shapes = [array.shape for array in (*arrays, *variables)]
    found = most_allocated(module, shapes, runtime.threads())
    return MemoryUse(
        sum(array.nbytes for array in arrays),
        sum(array.nbytes for array in variables),
        found.results,
        found.arena,
        found.pool,
        found.is_exact,
    )
