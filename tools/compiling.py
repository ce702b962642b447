"""From a file of any stage to a compiled program, for `tfc-run` and `tfc-translate`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, cast

from tfc.tools.diagnostics import Diagnostic
from tfc.tools.pipeline import Runner, build_passes, passes_to_stage
from tfc.tools.source import Source
from xdsl.dialects.builtin import ModuleOp, StringAttr, TensorType
from xdsl.dialects.func import FuncOp

if TYPE_CHECKING:
    import numpy as np
    from tfc.backend import Artifact, Target
    from tfc.backend.translate import Translation
    from xdsl.context import Context
    from xdsl.ir import Attribute


def entry_function(module: ModuleOp, source: Source, name: str = "") -> FuncOp:
    """The function to enter by, renamed to @main: `name`, else @main, else the only public one.

    Raises:
        Diagnostic: TFC306 when there is none, or several to choose from.
    """
    functions = [op for op in module.ops if isinstance(op, FuncOp) and op.body.blocks]
    by_name = {function.sym_name.data: function for function in functions}
    public = [f for f in functions if f.sym_visibility is None or f.sym_visibility.data == "public"]
    chosen = by_name.get(name or "main")
    if chosen is None and not name and len(public) == 1:
        chosen = public[0]
    if chosen is None:
        wanted = f"no function is called @{name}" if name else "there is no function @main"
        listed = ", ".join("@" + known for known in by_name) or "none"
        note = f"functions with a body: {listed}; choose one with --entry"
        raise Diagnostic("TFC306", wanted, source.file, notes=[note])
    if chosen.sym_name.data != "main":
        if "main" in by_name:
            by_name["main"].sym_name = StringAttr("main.unused")
        chosen.sym_name = StringAttr("main")
    return chosen


def dtypes_of(kinds: Iterable[Attribute]) -> list[np.dtype[Any]] | None:
    """The dtypes of arguments or results that are tensors, unsigned ones included; None when one is not."""
    from tfc.dialects.tfc.attributes import dtype_of

    found: list[np.dtype[Any]] = []
    for kind in kinds:
        if not isinstance(kind, TensorType):
            return None
        found.append(dtype_of(cast("TensorType[Any]", kind).element_type))
    return found or None


def lower(module: ModuleOp, source: Source, context: Context, target: Target | None = None) -> None:
    """Run the passes from the module's stage to `cf`, for `target` or this machine; raises `Diagnostic`."""
    from tfc.backend.target import host
    from tfc.passes.pipelines import for_target

    passes = build_passes(passes_to_stage(module, "cf"))
    Runner(context).run(module, for_target(passes, (target or host()).facts()), source)


def translate(module: ModuleOp, source: Source) -> Translation:
    """A module of the cf stage as LLVM IR; raises `Diagnostic` (TFC307) for what has no translation."""
    from tfc.backend.errors import BackendError
    from tfc.backend.translate import translate_module

    try:
        return translate_module(module)
    except BackendError as error:
        raise Diagnostic("TFC307", str(error), source.file) from error


def compile_source(module: ModuleOp, source: Source, target: Target | None = None) -> Artifact:
    """The compiled program of a module of the cf stage; raises `Diagnostic` (TFC307)."""
    from tfc.backend import compile_module
    from tfc.backend.errors import BackendError

    try:
        return compile_module(module, target)
    except BackendError as error:
        raise Diagnostic("TFC307", str(error), source.file) from error
