"""`cse`: what is computed twice is computed once."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import TYPE_CHECKING

from tfc.passes.effects import Effects, is_pure, own_effects
from xdsl.dialects.linalg.abstract_ops import LinalgStructuredOperation
from xdsl.ir import Attribute, Block, Operation, SSAValue
from xdsl.passes import ModulePass

if TYPE_CHECKING:
    from xdsl.context import Context
    from xdsl.dialects.builtin import ModuleOp


class CsePass(ModulePass):
    """Replace a pure op by an equal one that has run before it, in its block or around it.

    Pre-condition: none; works on any stage. Structured ops on tensors are compared with their bodies;
    other ops with regions and ops that read memory are left alone.

        %a = arith.addi %x, %y : index
        %b = arith.addi %x, %y : index

    becomes one `arith.addi`, in time linear in the number of ops.
    """

    name = "cse"

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        eliminator = _Eliminator()
        for region in op.regions:
            for block in region.blocks:
                eliminator.run(block)


class _Eliminator:
    def __init__(self) -> None:
        self._known: dict[Hashable, Operation] = {}
        self._numbers: dict[Attribute, int] = {}
        self._by_identity: dict[int, tuple[Attribute, int]] = {}

    def run(self, block: Block) -> None:
        """Simplify a block; what it computes is forgotten afterwards."""
        added: list[Hashable] = []
        known = self._known
        for op in block.ops:
            if op.regions and not isinstance(op, LinalgStructuredOperation):
                isolated = Effects.SYMBOL in own_effects(op)
                saved, self._known = self._known, {} if isolated else self._known
                for region in op.regions:
                    for inner in region.blocks:
                        self.run(inner)
                self._known = saved
                continue
            if not op.results or not is_pure(op):
                continue
            key = self._key(op)
            earlier = known.get(key)
            if earlier is None:
                known[key] = op
                added.append(key)
                continue
            for old, new in zip(op.results, earlier.results, strict=True):
                old.replace_all_uses_with(new)
            op.detach()
            op.erase()
        for key in added:
            del known[key]

    def _key(self, op: Operation) -> Hashable:
        """Equal for ops that compute the same."""
        key = (
            type(op),
            tuple([id(value) for value in op.operands]),
            self._attributes(op.properties),
            self._attributes(op.attributes),
            tuple([self._number(result.type) for result in op.results]),
        )
        if not op.regions:
            return key
        inside: dict[SSAValue, int] = {}
        return (key, *(self._body(b, inside) for r in op.regions for b in r.blocks))

    def _body(self, block: Block, inside: dict[SSAValue, int]) -> Hashable:
        """Equal for bodies that compute the same, whatever their own values are called."""
        for argument in block.args:
            inside[argument] = len(inside)
        ops: list[Hashable] = []
        for op in block.ops:
            # Inner values by number, outer ones by (negative) identity.
            operands = tuple([inside.get(v, -1 - id(v)) for v in op.operands])
            for result in op.results:
                inside[result] = len(inside)
            ops.append(
                (
                    type(op),
                    operands,
                    self._attributes(op.properties),
                    tuple([self._number(result.type) for result in op.results]),
                    *(self._body(b, inside) for r in op.regions for b in r.blocks),
                )
            )
        return tuple(ops)

    def _attributes(self, attributes: Mapping[str, Attribute]) -> Hashable:
        if not attributes:
            return ()
        if len(attributes) == 1:
            [(name, attr)] = attributes.items()
            return (name, self._number(attr))
        return tuple(sorted((name, self._number(attr)) for name, attr in attributes.items()))

    def _number(self, attr: Attribute) -> int:
        """A number for the attribute's value. Hashing an attribute is slow, so objects are kept."""
        known = self._by_identity.get(id(attr))
        if known is not None:
            return known[1]
        number = self._numbers.setdefault(attr, len(self._numbers))
        self._by_identity[id(attr)] = (attr, number)
        return number
