"""`nontemporal-stores`: large results go past the caches."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from math import prod

from tfc.passes.aliasing import VIEWS, root_of
from tfc.passes.builders import constant_int, integer_attr
from tfc.passes.plan_buffers import byte_size, element_bits
from tfc.passes.rewriting import walk
from xdsl.context import Context
from xdsl.dialects import arith, scf, vector
from xdsl.dialects.builtin import BoolAttr, MemRefType, ModuleOp, NoneAttr, i64
from xdsl.dialects.func import FuncOp
from xdsl.ir import Block, Operation, SSAValue
from xdsl.passes import ModulePass

ALIGNED = 1 << 20
"""Bytes from which on results are known to be aligned."""

SHARE = 4
"""A result is large beside what a loop walks when it is a quarter of that."""


@dataclass(frozen=True)
class NontemporalStoresPass(ModulePass):
    """Mark stores of results that are too large for the caches, so that these results do not pass through them.

    Before:
        scf.parallel (%p) = (%c0) to (%c1048576) step (%c1) {
          %i = arith.muli %p, %c16
          %x = vector.load %a[%i] : memref<16777216xf32>, vector<16xf32>
          vector.store %x, %b[%i] : memref<16777216xf32>, vector<16xf32>
        }
    After:
          vector.store %x, %b[%i] {alignment = 32 : i64, nontemporal = true} : ...

    A store into a cache reads the line that it overwrites first, which is a third of what `a * x + y` moves. Only stores of
    whole vectors at aligned places go past the caches, into results of known size that a parallel loop fills and does not
    read. What the loop walks has to be at least `l3-bytes`; a result that is accessed elsewhere in the function has to be as
    large as that by itself.

    Options: `l3-bytes`, `vector-bits`.

    Pre-condition: `vectorize-outer-loops`. Results of 1 MiB and more are aligned.
    """

    name = "nontemporal-stores"

    l3_bytes: int = 8 * 1024 * 1024
    vector_bits: int = 256

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        for function in op.body.block.ops:
            if isinstance(function, FuncOp):
                least = max(ALIGNED, self.l3_bytes // SHARE)
                results = {value for value in _results(function) if _bytes(value) >= least}
                if results:
                    self._visit(function, results)

    def _visit(self, function: FuncOp, results: set[SSAValue]) -> None:
        everywhere = Counter(_accessed(function))
        for loop in walk(function):
            if not isinstance(loop, scf.ParallelOp):
                continue
            stores = [op for op in walk(loop) if isinstance(op, vector.StoreOp)]
            stored = Counter(root_of(store.base) for store in stores)
            here = Counter(_accessed(loop))
            total = sum(map(_bytes, here))
            for store in stores:
                root = root_of(store.base)
                if (
                    root in results
                    and self.l3_bytes <= total <= SHARE * _bytes(root)
                    and here[root] == stored[root]
                    and (everywhere[root] == here[root] or _bytes(root) >= self.l3_bytes)
                ):
                    self._mark(store)

    def _mark(self, store: vector.StoreOp) -> None:
        """Mark a store of whole vectors at places that are known to be aligned."""
        type = store.base.type
        assert isinstance(type, MemRefType)
        element, row = (element_bits(type.element_type) or 0), self.vector_bits
        if not isinstance(type.layout, NoneAttr) or element < 8 or row % element:
            return
        lanes = row // element
        *outer, last = store.indices
        sizes = type.get_shape()
        strides = [prod(sizes[axis + 1 :]) for axis in range(len(outer))]
        if (
            (element_bits(store.vector.type) or 0) % row == 0
            and is_multiple(last, lanes)
            and all(
                stride % lanes == 0 or is_multiple(index, lanes)
                for index, stride in zip(outer, strides, strict=True)
            )
        ):
            store.attributes["alignment"] = integer_attr(row // 8, i64)
            store.properties["nontemporal"] = BoolAttr.from_bool(True)


def _results(function: FuncOp) -> list[SSAValue]:
    """The arguments that are memory for results."""
    if function.arg_attrs is None or not function.body.blocks:
        return []
    arguments = function.body.block.args
    return [
        argument
        for argument, attributes in zip(arguments, function.arg_attrs, strict=True)
        if "tfc.result" in attributes.data and isinstance(argument.type, MemRefType)
    ]


def _bytes(buffer: SSAValue) -> int:
    return byte_size(buffer.type) or 0


def _accessed(place: Operation) -> Iterable[SSAValue]:
    """The buffers that ops in `place` use, once for each use, but for those that are made in it."""
    for op in walk(place):
        if not isinstance(op, VIEWS):
            for value in op.operands:
                if isinstance(value.type, MemRefType):
                    root = root_of(value)
                    if not place.is_ancestor(root.owner) or isinstance(root.owner, Block):
                        yield root


def is_multiple(value: SSAValue, number: int) -> bool:
    """Whether an index is known to be a multiple of `number`."""
    known, owner = constant_int(value), value.owner
    if known is not None:
        return known % number == 0
    if isinstance(owner, arith.AddiOp):
        return all(is_multiple(v, number) for v in owner.operands)
    if isinstance(owner, arith.MuliOp):
        return any(is_multiple(v, number) for v in owner.operands)
    loop = owner.parent_op() if isinstance(owner, Block) else None
    if isinstance(loop, scf.ForOp) and value is loop.body.block.args[0]:
        return is_multiple(loop.lb, number) and is_multiple(loop.step, number)
    return False
