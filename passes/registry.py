"""The passes by name, without importing them.

A pass `fuse-elementwise` is the class `FuseElementwisePass` in `tfc.passes.fuse_elementwise`; the
table here adds one line for `--list-passes` and is the only place to register.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from xdsl.passes import ModulePass

PASSES: dict[str, str] = {
    "convert-contractions-to-vector": "Turn sums of products on buffers into loops around calls of a register tile",
    "convert-tfc-to-linalg": "Turn every tfc op into linalg, tensor and arith ops",
    "if-conversion": "Compute both arms of short branches in loops, and select",
    "fold-unit-reshapes": "Let generics read what is behind a reshape that only adds or drops dims of size 1",
    "scf-for-to-parallel": "Turn loops that are marked as independent into `scf.parallel`, once they carry nothing",
    "scf-parallel-loop-fusion": "Fuse neighbouring parallel loops that write into rows of the same buffer",
    "unroll-small-dims": "Unroll the loops of reductions over dims of a few elements, so that what is left are the loops worth "
    "vectorising",
    "bubble-up-extract-slice": "Slice what an elementwise op reads rather than what it gives, where nothing but slices of its "
    "result is read",
    "loop-invariant-code-motion": "Move sums, products of matrices and searches for the worst index before loops that do not "
    "change their operands",
    "split-concatenations": "Make an op for each part of an elementwise op over which its operands are slices of other tensors",
    "fuse-rows": "Make one loop over rows of the ops that share them",
    "fuse-elementwise": "Move elementwise producers into the loops of the generics that read them",
    "split-reductions": "Split the first loop of long reductions in two, so that its pieces can run at the same time",
    "repeat-operands": "Copy small operands so that vectors run along them: repeated along a short last loop, or side by side",
    "loop-interchange": "Exchange a sequential loop with the loops over elements inside it",
    "vectorize-inner-loops": "Turn innermost loops that are marked as independent (`tfc.parallel`) into loops over vectors",
    "vectorize-outer-loops": "Turn parallel loops over elements into loops over vectors of their last dimension",
    "hoist-destinations": "Move what an op's result is inserted into before that op, so that the op can write into its place "
    "at once",
    "sink-scatters": "Scatter into a tensor directly what is scattered into zeros and then added to it or subtracted from it",
    "hoist-updates": "Move the op that updates a variable behind what it needs, so that a gradient dies before the next one "
    "is computed",
    "promote-variables": "Replace reads and assignments of variables by the values themselves",
    "expand-math": "Replace functions by arithmetic that LLVM vectorises",
    "canonicalize": "Fold constants, drop dead and redundant ops, decide branches and loops that "
    "can be decided",
    "cse": "Replace a pure op by an equal one that has run before it, in its block or around it",
    "prune": "Erase ops without effect whose results nobody uses, and private functions nobody "
    "refers to",
    "convert-linalg-to-loops": "Turn structured ops on buffers into loops with loads, scalar "
    "arithmetic and stores",
    "loop-unroll-jam": "Run neighbouring iterations of a loop side by side in the loops inside it, where that "
    "is easier on memory",
    "nontemporal-stores": "Mark stores of results that are too large for the caches, so that these results do not "
    "pass through them",
    "parallel-loops": "Outline long `scf.parallel` loops into functions over a range of their first "
    "dimension",
    "sink-index-wraps": "Count an index from the end, and check it, only where it is not inside as it is",
    "convert-scf-to-cf": "Turn structured control flow into branches between blocks",
    "plan-buffers": "Give temporaries of known size their place in one block of memory, and empty "
    "the loops of allocations",
    "one-shot-bufferize": "Turn tensor values into buffers, in place where the old value is dead",
}
"""Pass name to one-line summary (the first line of the pass's docstring)."""


class UnknownPassError(KeyError):
    """No pass has this name."""

    def __init__(self, name: str) -> None:
        from difflib import get_close_matches

        near = get_close_matches(name, PASSES, n=1)
        hint = f"; did you mean '{near[0]}'?" if near else ""
        super().__init__(f"no pass is called '{name}'{hint}")

    def __str__(self) -> str:
        return cast(str, self.args[0])


def module_name(name: str) -> str:
    """The module that defines pass `name`."""
    return "tfc.passes." + name.replace("-", "_")


def class_name(name: str) -> str:
    """The class of pass `name`."""
    return "".join(part.capitalize() for part in name.split("-")) + "Pass"


def get_pass(name: str) -> type[ModulePass]:
    """The class of the pass called `name`, importing its module.

    Raises:
        UnknownPassError: no pass has this name.
    """
    if name not in PASSES:
        raise UnknownPassError(name)
    return cast("type[ModulePass]", getattr(import_module(module_name(name)), class_name(name)))
