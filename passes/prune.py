"""`prune`: dead code goes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tfc.passes.effects import is_trivially_dead
from tfc.passes.rewriting import walk
from xdsl.dialects.builtin import ModuleOp, SymbolRefAttr
from xdsl.dialects.func import FuncOp
from xdsl.ir import Block
from xdsl.passes import ModulePass

if TYPE_CHECKING:
    from xdsl.context import Context


class PrunePass(ModulePass):
    """Erase ops without effect whose results nobody uses, and private functions nobody refers to.

    Pre-condition: none; works on any stage.

        %a = arith.addf %x, %y : f32     // not used
        %b = arith.mulf %x, %y : f32
        return %b : f32

    becomes

        %b = arith.mulf %x, %y : f32
        return %b : f32

    One walk from the last op to the first: linear in the number of ops.
    """

    name = "prune"

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        for region in op.regions:
            for block in reversed(region.blocks):
                _prune_block(block)
        _prune_functions(op)


def _prune_block(block: Block) -> None:
    op = block.last_op
    while op is not None:
        previous = op.prev_op
        if is_trivially_dead(op):
            op.detach()
            op.erase()
        else:
            for region in reversed(op.regions):
                for inner in reversed(region.blocks):
                    _prune_block(inner)
        op = previous


def _prune_functions(module: ModuleOp) -> None:
    """Erase private functions that no public one reaches."""
    functions = {f.sym_name.data: f for f in module.body.block.ops if isinstance(f, FuncOp)}
    reached: set[str] = set()
    pending = [f for f in functions.values() if f.sym_visibility is None]
    pending += [
        f for f in functions.values() if f.sym_visibility and f.sym_visibility.data == "public"
    ]
    while pending:
        function = pending.pop()
        if function.sym_name.data in reached:
            continue
        reached.add(function.sym_name.data)
        for op in walk(function):
            for attr in (*op.properties.values(), *op.attributes.values()):
                if isinstance(attr, SymbolRefAttr) and attr.string_value() in functions:
                    pending.append(functions[attr.string_value()])
    for name, function in functions.items():
        if name not in reached:
            function.detach()
            function.erase()
