"""The stages of the compiler and the passes that lead from one to the next, as data."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from tfc.dialects.collection import collection_paused
from tfc.passes.registry import get_pass

if TYPE_CHECKING:
    from xdsl.context import Context
    from xdsl.dialects.builtin import ModuleOp
    from xdsl.passes import ModulePass

STAGES: dict[str, str] = {
    "tensor": "",
    "linalg": "promote-variables,canonicalize,sink-scatters,convert-tfc-to-linalg,canonicalize,cse,prune,"
    "if-conversion",
    "loops": "loop-invariant-code-motion,fold-unit-reshapes,bubble-up-extract-slice,loop-interchange,unroll-small-dims,"
    "fuse-rows,fuse-elementwise,split-concatenations,split-reductions,repeat-operands,hoist-updates,"
    "hoist-destinations,one-shot-bufferize,scf-for-to-parallel,"
    "convert-contractions-to-vector,plan-buffers,convert-linalg-to-loops,scf-parallel-loop-fusion,"
    "vectorize-outer-loops,vectorize-inner-loops,loop-unroll-jam,"
    "nontemporal-stores",
    "cf": "expand-math,parallel-loops,sink-index-wraps,convert-scf-to-cf",
}
"""Stage to the passes that make it out of the stage before, in the syntax of `tfc-opt -p`."""

Callback = Callable[["ModulePass", "ModuleOp"], None]


class UnknownStageError(ValueError):
    """No stage has this name."""


def passes_between(start: str, end: str) -> str:
    """The passes that take a module of stage `start` to stage `end`, as a pipeline.

    `start` is the stage the module is in, so its own passes are not run.

    Example: `passes_between("linalg", "cf")`.

    Raises:
        UnknownStageError: no such stage, or `end` comes before `start`.
    """
    names = list(STAGES)
    for name in (start, end):
        if name not in STAGES:
            raise UnknownStageError(f"no stage is called '{name}': they are {', '.join(names)}")
    first, last = names.index(start), names.index(end)
    if last < first:
        raise UnknownStageError(f"stage '{end}' comes before '{start}'")
    return ",".join(STAGES[name] for name in names[first + 1 : last + 1] if STAGES[name])


def stage_of(module: ModuleOp) -> str:
    """The stage that a module is in: the last one whose contract it meets, by the ops it holds."""
    from tfc.passes.expand_math import EXPANSIONS
    from xdsl.dialects.builtin import TensorType

    structured = False
    on_tensors = False
    for op in module.walk():
        dialect = op.dialect_name()
        if dialect == "tfc":
            return "tensor"
        if dialect in ("linalg", "tensor", "bufferization"):
            on_tensors = True
        elif dialect == "scf":
            structured = True
            on_tensors = on_tensors or any(isinstance(t, TensorType) for t in op.result_types)
        elif type(op) in EXPANSIONS:
            structured = True
        elif op.name == "func.func":
            on_tensors = on_tensors or any(
                isinstance(arg.type, TensorType)
                for r in op.regions
                for b in r.blocks
                for arg in b.args
            )
    if on_tensors:
        return "linalg"
    return "loops" if structured else "cf"


def parse_passes(pipeline: str) -> tuple[ModulePass, ...]:
    """The passes of a pipeline such as `canonicalize,fuse-elementwise{max-inputs=8}`.

    Raises:
        UnknownPassError: a name is not in the registry.
        ArgSpecPipelineParseError, ValueError: the text or an option is malformed.
    """
    from xdsl.utils.arg_spec import parse_pipeline

    return tuple(
        # Reading options evaluates the annotations of a pass; most pipelines have none.
        get_pass(spec.name).from_pass_spec(spec) if spec.parameters else get_pass(spec.name)()
        for spec in parse_pipeline(pipeline)
    )


def for_target(passes: Sequence[ModulePass], facts: Mapping[str, int]) -> tuple[ModulePass, ...]:
    """The same passes with the facts of a target machine as options, where a pass has an option of that name.

    The names are `vector_bits`, `vector_registers`, `l1_bytes`, `l2_bytes`, `l3_bytes` and `fma`.
    """
    result: list[ModulePass] = []
    for item in passes:
        names = {field.name for field in dataclasses.fields(item)}
        known = {name: value for name, value in facts.items() if name in names}
        result.append(dataclasses.replace(item, **known) if known else item)
    return tuple(result)


def run_passes(
    module: ModuleOp,
    passes: str | Sequence[ModulePass],
    *,
    context: Context | None = None,
    verify: bool = False,
    before: Callback | None = None,
    after: Callback | None = None,
) -> None:
    """Run `passes` on `module`, in place.

    `verify` checks the module after each pass. `before` and `after` are called around each pass
    with the pass and the module: to print, time or compare.
    """
    from xdsl.context import Context

    context = context or Context()
    sequence = parse_passes(passes) if isinstance(passes, str) else passes
    with collection_paused():
        for item in sequence:
            if before is not None:
                before(item, module)
            item.apply(context, module)
            if verify:
                from tfc.passes.verification import verify as verify_module

                verify_module(module)
            if after is not None:
                after(item, module)
