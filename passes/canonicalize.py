"""`canonicalize`: local simplifications until none applies."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, cast

from tfc.passes.rewriting import Pattern, Rewriter, apply_patterns, walk
from xdsl.dialects import arith, scf
from xdsl.dialects.builtin import IntegerType
from xdsl.ir import Operation
from xdsl.passes import ModulePass

if TYPE_CHECKING:
    from xdsl.context import Context
    from xdsl.dialects.builtin import ModuleOp

FAMILIES: dict[str, tuple[str, ...]] = {
    "arith": ("arith",),
    "tensor": ("tensor", "memref"),
    "scf": ("scf", "cf"),
    "tfc": ("tfc",),
}
"""Modules of `tfc.passes.canonicalization`, and the dialects whose ops bring them in."""


class CanonicalizePass(ModulePass):
    """Fold constants, drop dead and redundant ops, decide branches and loops that can be decided.

    Pre-condition: none; works on any stage.

        %c0 = arith.constant 0 : index
        %n = tensor.dim %x, %c0 : tensor<4xf32>
        %p = arith.cmpi eq, %n, %n : index
        %r = scf.if %p -> (f32) { scf.yield %a } else { scf.yield %b }

    becomes the value `%a`. Tensors of rank 0 that loops and branches carry become scalars. No other
    pass needs it to have run. Time is linear in the number of ops and rewrites.
    """

    name = "canonicalize"

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        dialects = {inner.dialect_name() for inner in walk(op)}
        patterns, fold = _patterns(dialects), _fold(dialects)
        apply_patterns(op, patterns, fold=fold)
        if "scf" in dialects and _decide_by_loops(op):
            apply_patterns(op, patterns, fold=fold)


def _decide_by_loops(root: Operation) -> bool:
    """Decide comparisons by what loops carry, which is known once nothing in a loop changes any more; True if any were."""
    from tfc.passes.canonicalization.arith import compare

    inside = {
        inner: None
        for loop in walk(root)
        if isinstance(loop, scf.ForOp)
        and any(isinstance(r.type, IntegerType) for r in loop.results)
        for inner in walk(loop)
        if isinstance(inner, arith.CmpiOp)
    }
    rewriter = Rewriter()
    decided = [compare(comparison, rewriter) for comparison in inside]
    return True in decided


def _fold(dialects: set[str]) -> Pattern | None:
    """What computes ops of the tensor stage on constants, where there are any."""
    if "tfc" not in dialects:
        return None
    from tfc.passes.canonicalization.tfc import fold

    return fold


def _patterns(dialects: set[str]) -> dict[type[Operation], tuple[Pattern, ...]]:
    """The patterns for the dialects of a program."""
    merged: dict[type[Operation], tuple[Pattern, ...]] = {}
    for family, sources in FAMILIES.items():
        if dialects.isdisjoint(sources):
            continue
        module = import_module(f"tfc.passes.canonicalization.{family}")
        table = cast("dict[type[Operation], tuple[Pattern, ...]]", module.PATTERNS)
        for cls, patterns in table.items():
            merged[cls] = (*merged.get(cls, ()), *patterns)
    return merged
