"""Whether two `?` dims have the same size, and whether one can be 1: what broadcasting in the tensor stage needs to know.

A dim's size is an int, or a `Symbol` that stands for a size known at run time. Symbols come from where the size comes from: an
argument of `@main` brings one that is never 1 (unless `@main` has the attribute `tfc.any_sizes`), an op whose result size
depends on data brings one that may be. Ops that keep sizes pass them on, and a check at run time that two sizes are equal
makes one symbol of two.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from tfc.dialects.tfc.base import TfcOp
from tfc.dialects.tfc.semantics.slicing import OPEN
from xdsl.dialects import func, scf
from xdsl.dialects.builtin import DYNAMIC_INDEX, TensorType
from xdsl.ir import Block, BlockArgument, Operation, OpResult, SSAValue


class Symbol:
    """A size that is known at run time."""

    __slots__ = ("_same", "may_be_one")

    def __init__(self, may_be_one: bool) -> None:
        self.may_be_one = may_be_one
        self._same: Symbol | int | None = None

    def root(self) -> Symbol | int:
        """What stands for all sizes that are known to be equal to this one."""
        node: Symbol | int = self
        while isinstance(node, Symbol) and node._same is not None:
            node = node._same
        if node is not self:
            self._same = node
        return node

    def equate(self, other: Symbol | int) -> None:
        """Note that the program has checked this size to be equal to `other`."""
        mine = self.root()
        theirs = other.root() if isinstance(other, Symbol) else other
        if mine is theirs or not isinstance(mine, Symbol):
            if isinstance(theirs, Symbol) and mine is not theirs:
                theirs._same = mine
            return
        if isinstance(theirs, Symbol):
            theirs.may_be_one = theirs.may_be_one and mine.may_be_one
        mine._same = theirs


Size = Symbol | int


def shape_of(value: SSAValue) -> tuple[int, ...]:
    """The shape of a tensor, `DYNAMIC_INDEX` where a size is `?`."""
    return cast("TensorType[Any]", value.type).get_shape()


class Dimensions:
    """The sizes of the dims of a module's values, found when asked for."""

    def __init__(self) -> None:
        self._sizes: dict[tuple[SSAValue, int], Size] = {}
        self._parts: dict[tuple[Symbol, int], Symbol] = {}
        """By the symbol of an axis and how many elements of it are cut off, what is left."""

    def size(self, value: SSAValue, axis: int) -> Size:
        """The size of one dim: an int, or the symbol of all dims known to be as large."""
        static = shape_of(value)[axis]
        if static != DYNAMIC_INDEX:
            return static
        key = (value, axis)
        found = self._sizes.get(key)
        if found is None:
            found = self._sizes[key] = self._find(value, axis)
        return found.root() if isinstance(found, Symbol) else found

    def are_same(self, a: Size, b: Size) -> bool:
        """Whether two sizes are known to be equal."""
        left = a.root() if isinstance(a, Symbol) else a
        right = b.root() if isinstance(b, Symbol) else b
        return left is right or (isinstance(left, int) and left == right)

    def may_be_one(self, size: Size) -> bool:
        """Whether a size can turn out to be 1."""
        root = size.root() if isinstance(size, Symbol) else size
        return root == 1 if isinstance(root, int) else root.may_be_one

    def _find(self, value: SSAValue, axis: int) -> Size:
        owner = value.owner
        if isinstance(owner, Block):
            return self._of_argument(value, owner, axis)
        if isinstance(owner, TfcOp):
            if owner.spec.is_elementwise:
                return self._of_elementwise(owner, axis)
            if owner.name == "tfc.strided_slice":
                return self._of_slice(owner, axis)
            find = _SOURCES.get(owner.name)
            source = None if find is None else find(owner, axis)
            if source is not None:
                return self.size(*source)
        elif isinstance(owner, scf.IfOp | scf.ForOp | scf.WhileOp):
            return self._of_control_flow(owner, cast(OpResult, value).index, axis)
        return Symbol(may_be_one=True)

    def _of_elementwise(self, op: TfcOp, axis: int) -> Size:
        """That of the first operand that is not 1, when all that may be 1 are repeated to it."""
        rank = len(shape_of(op.results[0]))
        found: list[Size] = []
        for operand in op.operands:
            own = axis - (rank - len(shape_of(operand)))
            if own >= 0 and shape_of(operand)[own] == DYNAMIC_INDEX:
                found.append(self.size(operand, own))
        if found and all(self.are_same(found[0], other) for other in found[1:]):
            return found[0]
        firm = [size for size in found if not self.may_be_one(size)]
        return firm[0] if firm else Symbol(may_be_one=True)

    def _of_slice(self, op: TfcOp, axis: int) -> Size:
        """That of the source less what is cut off at both ends: `x[1:]` is as long as `x[:-1]`."""
        attributes = op.python_attributes()
        kept = [i for i in range(len(shape_of(op.operands[0]))) if i not in attributes["shrink"]]
        at = kept[axis]
        begin, end = attributes["begin"][at], attributes["end"][at]
        if begin is None or end is None or attributes["strides"][at] != 1:
            return Symbol(may_be_one=True)
        if begin < 0 or not (end == OPEN or -OPEN < end < 0):
            return Symbol(may_be_one=True)
        cut = begin if end == OPEN else begin - end
        whole = self.size(op.operands[0], at)
        if cut == 0 or isinstance(whole, int):
            return whole if isinstance(whole, Symbol) else max(0, whole - cut)
        return self._parts.setdefault((whole, cut), Symbol(may_be_one=True))

    def _of_argument(self, value: SSAValue, block: Block, axis: int) -> Size:
        owner = block.parent_op()
        index = cast(BlockArgument, value).index
        if isinstance(owner, scf.ForOp) and index:
            yielded = cast(Operation, block.last_op).operands[index - 1]
            return self._of_carried(value, owner.operands[2 + index], yielded, axis)
        if isinstance(owner, scf.WhileOp):
            before, after = owner.before_region.block, owner.after_region.block
            if block is after:
                return self.size(cast(Operation, before.last_op).operands[1 + index], axis)
            yielded = cast(Operation, after.last_op).operands[index]
            return self._of_carried(value, owner.operands[index], yielded, axis)
        return Symbol(may_be_one=not _has_known_sizes(block))

    def _of_carried(self, value: SSAValue, init: SSAValue, yielded: SSAValue, axis: int) -> Size:
        """That of the initial value, if a step that starts with it ends with it."""
        expected = self.size(init, axis)
        saved = dict(self._sizes)
        self._sizes[(value, axis)] = expected
        if self.are_same(self.size(yielded, axis), expected):
            return expected
        self._sizes = saved  # what was found under the assumption
        return Symbol(may_be_one=True)

    def _of_control_flow(self, op: Operation, index: int, axis: int) -> Size:
        if isinstance(op, scf.IfOp):
            arms = [cast(Operation, region.block.last_op).operands[index] for region in op.regions]
            sizes = [self.size(arm, axis) for arm in arms]
            return sizes[0] if self.are_same(*sizes) else Symbol(may_be_one=True)
        if isinstance(op, scf.WhileOp):
            last = cast(Operation, op.before_region.block.last_op)
            init, inside = op.operands[index], last.operands[1 + index]
        else:
            init, inside = op.operands[3 + index], op.regions[0].block.args[1 + index]
        expected = self.size(init, axis)
        same = self.are_same(self.size(inside, axis), expected)
        return expected if same else Symbol(may_be_one=True)


def _has_known_sizes(block: Block) -> bool:
    """Whether `block` is the entry of a program that is never called with a 1 for a `?`."""
    owner = block.parent_op()
    if not isinstance(owner, func.FuncOp) or owner.sym_name.data != "main":
        return False
    return "tfc.any_sizes" not in owner.attributes


def holds_everywhere_after(op: Operation) -> bool:
    """Whether a check at `op` has happened wherever later code runs: `op` is not under control flow."""
    block = op.parent
    return block is not None and isinstance(block.parent_op(), func.FuncOp)


# -- ops that keep sizes ------------------------------------------------------------------------

Source = tuple[SSAValue, int]
"""The dim of a value."""


def _same(op: TfcOp, axis: int) -> Source:
    return op.operands[0], axis


def _of_second(op: TfcOp, axis: int) -> Source:
    return op.operands[1], axis


def _reduced(op: TfcOp, axis: int) -> Source:
    attributes = op.python_attributes()
    if attributes.get("keepdims"):
        return op.operands[0], axis
    rank = len(shape_of(op.operands[0]))
    removed = attributes["axes"] if "axes" in attributes else (attributes["axis"] % rank,)
    return op.operands[0], [i for i in range(rank) if i not in removed][axis]


def _expanded(op: TfcOp, axis: int) -> Source:
    axes = op.python_attributes()["axes"]
    kept = [i for i in range(len(shape_of(op.results[0]))) if i not in axes]
    return op.operands[0], kept.index(axis)


def _transposed(op: TfcOp, axis: int) -> Source:
    return op.operands[0], op.python_attributes()["permutation"][axis]


def _labelled(op: TfcOp, axis: int) -> Source | None:
    """Of a contraction, that of the operand that has the same label."""
    attributes = op.python_attributes()
    label = attributes["out_labels"][axis]
    for operand, name in zip(op.operands, ("x_labels", "y_labels"), strict=False):
        if label in attributes[name]:
            return operand, attributes[name].index(label)
    return None


def _multiplied(op: TfcOp, axis: int) -> Source | None:
    """Of a product of matrices, rows of the first and columns of the second. Which of two batches is repeated is not asked."""
    x, y = op.operands[:2]
    attributes = op.python_attributes()
    rank = len(shape_of(op.results[0]))
    if rank < 2 or len(shape_of(x)) != rank or len(shape_of(y)) < 2:
        return None
    if axis == rank - 2:
        return x, rank - 1 if attributes["transpose_x"] else rank - 2
    if axis == rank - 1:
        own = len(shape_of(y))
        return y, own - 2 if attributes["transpose_y"] else own - 1
    return (x, axis) if len(shape_of(y)) == 2 else None


def _concatenated(op: TfcOp, axis: int) -> Source | None:
    joined = op.python_attributes()["axis"] % len(shape_of(op.results[0]))
    return None if axis == joined else (op.operands[0], axis)


def _tiled(op: TfcOp, axis: int) -> Source | None:
    return (op.operands[0], axis) if op.python_attributes()["multiples"][axis] == 1 else None


def _padded(op: TfcOp, axis: int) -> Source | None:
    attributes = op.python_attributes()
    untouched = attributes["low"][axis] == attributes["high"][axis] == 0
    return (op.operands[0], axis) if untouched else None


def _pooled(op: TfcOp, axis: int) -> Source | None:
    attributes = op.python_attributes()
    single = attributes["window"][axis] == attributes["strides"][axis] == 1
    return _padded(op, axis) if single else None


def _sorted(op: TfcOp, axis: int) -> Source | None:
    last = axis == len(shape_of(op.results[0])) - 1
    return None if last and "most" in op.python_attributes() else (op.operands[0], axis)


def _given(op: TfcOp, axis: int) -> Source | None:
    """That of the tensor whose size the op was given."""
    attributes = op.python_attributes()
    sizes = attributes["size" if "size" in attributes else "shape"]
    if sizes[axis] is not None:
        return None
    before = [*attributes.get("begin", ()), *sizes[:axis]]
    given = op.operands[1 + sum(item is None for item in before)].owner
    if not isinstance(given, TfcOp) or given.name != "tfc.dim":
        return None
    return given.operands[0], given.python_attributes()["axis"]


_SOURCES: dict[str, Callable[[TfcOp, int], Source | None]] = {
    "tfc.broadcast_to_shape_of": _of_second,
    "tfc.sum_to_shape_of": _of_second,
    "tfc.identity": _same,
    "tfc.softmax": _same,
    "tfc.log_softmax": _same,
    "tfc.cumsum": _same,
    "tfc.cumprod": _same,
    "tfc.cumulative_logsumexp": _same,
    "tfc.ensure_shape": _same,
    "tfc.expand_dims": _expanded,
    "tfc.reverse": _same,
    "tfc.squeeze": _reduced,
    "tfc.transpose": _transposed,
    "tfc.argsort": _sorted,
    "tfc.sort": _sorted,
    "tfc.broadcast_to": _given,
    "tfc.reshape": _given,
    "tfc.slice": _given,
    "tfc.concat": _concatenated,
    "tfc.contract": _labelled,
    "tfc.convolution": _labelled,
    "tfc.matmul": _multiplied,
    "tfc.max_pool": _pooled,
    "tfc.pad": _padded,
    "tfc.tile": _tiled,
} | {
    f"tfc.{name}": _reduced
    for name in (
        "reduce_sum", "reduce_prod", "reduce_max", "reduce_min", "reduce_any", "reduce_all",
        "reduce_logsumexp", "argmax", "argmin",
    )
}  # fmt: skip
