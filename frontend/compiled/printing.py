"""Programs as text, at any stage."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from tfc.compiled import compilation
from tfc.core.errors import InvalidArgumentError

if TYPE_CHECKING:
    from tfc.compiled.specialization import TracedProgram

STAGES = ("tensor", "linalg", "fusion", "loops", "cf", "llvm", "asm")
"""What can be printed: the stages of the compiler, LLVM's, and the account of what was fused and why."""


def program_text(program: TracedProgram, stage: str) -> str:
    """The program at `stage`; raises `ValueError` TFC024 for an unknown one."""
    if stage not in STAGES:
        raise InvalidArgumentError(
            "TFC024", f"no stage is called {stage!r}", f"use one of {', '.join(STAGES)}"
        )

    if stage == "fusion":
        from tfc.passes.remarks import collect_remarks, render

        with collect_remarks() as remarks:
            compilation.module_at(program.graph, "loops")
        return render(remarks)
    if stage in ("llvm", "asm"):
        from tfc.backend.translate import translate_module

        text = translate_module(compilation.module_at(program.graph, "cf")).text
        if stage == "llvm":
            return text
        from tfc.backend.jit import emit_assembly

        return emit_assembly(text)
    from xdsl.printer import Printer

    out = io.StringIO()
    Printer(stream=out).print_op(compilation.module_at(program.graph, stage))
    return out.getvalue() + "\n"
