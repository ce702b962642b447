"""What is known while one function is rewritten, and the choice of where a result goes."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Protocol

from tfc.dialects.tfc.attributes import is_splat
from tfc.passes import builders
from tfc.passes.bufferize.buffers import (
    Buffer,
    Place,
    Undefined,
    buffer_type,
    is_contiguous,
    is_static,
    shape_of,
)
from tfc.passes.bufferize.liveness import BRANCHES, Liveness
from tfc.passes.rewriting import Rewriter
from xdsl.dialects import arith, memref, scf
from xdsl.dialects.builtin import (
    DYNAMIC_INDEX,
    DenseIntOrFPElementsAttr,
    MemRefType,
    SymbolRefAttr,
    TensorType,
)
from xdsl.dialects.linalg.ops import FillOp
from xdsl.ir import Attribute, Block, Operation, SSAValue
from xdsl.utils.exceptions import PassFailedException


class Slot(Protocol):
    """Places where a value would best be put, asked for when an op is about to write it."""

    def candidates(self, op: Operation, type: MemRefType) -> Iterator[Place]:
        """Places of this type that `op` may overwrite, best first."""
        ...

    def wants(self, buffer: Buffer) -> bool:
        """Whether the value may be put into `buffer` when it is found to fit."""
        ...


class SliceTarget(Protocol):
    """A slot inside the destination of a `tensor.insert_slice`."""

    def holds(self, read: Place, dest: Place) -> bool:
        """Whether a value lies in its place in `dest` already."""
        ...


@dataclass(frozen=True)
class FixedSlot:
    """One place, such as the memory of a function result."""

    state: State
    place: Place

    def candidates(self, op: Operation, type: MemRefType) -> Iterator[Place]:
        if self.place.type == type and self.place.buffer.can_overwrite(self.state.liveness, op):
            yield self.place

    def wants(self, buffer: Buffer) -> bool:
        return buffer is self.place.buffer


@dataclass(frozen=True)
class ReshapedSlot:
    """The places of another slot, seen as a value that is reshaped later."""

    state: State
    inner: Slot
    inner_type: MemRefType

    def candidates(self, op: Operation, type: MemRefType) -> Iterator[Place]:
        if not is_static(type):
            return
        for place in self.inner.candidates(op, self.inner_type):
            if is_contiguous(place.type):
                shape = shape_of(type)
                yield Place(place.buffer, self.state.reinterpret(place.memref, type, shape, ()))

    def wants(self, buffer: Buffer) -> bool:
        return self.inner.wants(buffer)


@dataclass(eq=False)
class State:
    """One function on its way from tensors to buffers."""

    rewriter: Rewriter
    liveness: Liveness
    block: Block
    constant_global: Callable[[DenseIntOrFPElementsAttr], str]
    """The symbol of a constant tensor."""
    updates_of: Callable[[str], Mapping[int, int]]
    """For a function's name: result index to the argument that it updates."""
    places: dict[SSAValue, Place | Undefined] = field(
        default_factory=dict[SSAValue, Place | Undefined]
    )
    hints: dict[SSAValue, Slot] = field(default_factory=dict[SSAValue, Slot])
    slices: dict[Operation, SliceTarget] = field(default_factory=dict[Operation, "SliceTarget"])
    """For a `tensor.insert_slice`, the slot in which its source was written."""
    owned: list[Buffer] = field(default_factory=list[Buffer])
    """Every buffer that some block may have to free."""
    dead: list[Operation] = field(default_factory=list[Operation])
    """Ops on tensors of the current block, to be erased when it is finished."""
    _taken: list[list[tuple[Buffer, Block | None, bool]]] = field(
        default_factory=list[list[tuple[Buffer, "Block | None", bool]]]
    )
    """For each arm around, the buffers of outer blocks that it has taken, and what they were before."""

    def erase(self, ops: Sequence[Operation]) -> None:
        """Erase ops on tensors that have been rewritten, the last first."""
        for op in reversed(ops):
            self.rewriter.erase(op)

    def rebuild(
        self,
        op: Operation,
        operands: Sequence[SSAValue],
        kept: Sequence[SSAValue],
        buffers: Sequence[Attribute],
    ) -> Operation:
        """`op` with only the results in `kept`, and behind them memrefs of the types `buffers`."""
        types = [*(result.type for result in kept), *buffers]
        new = self.rewriter.rebuild(op, operands, types)
        for old, result in zip(kept, new.results, strict=False):
            self.rewriter.replace_value(old, result)
        return new

    # -- places ---------------------------------------------------------------------------------

    def place(self, value: SSAValue) -> Place:
        """Where a tensor value is; memory of any content if it is an undefined one."""
        found = self.places.get(value)
        if found is None:
            raise PassFailedException(f"one-shot-bufferize: no buffer for a value of {value.type}")
        if isinstance(found, Undefined):
            return self.allocate(buffer_type(found.type), found.sizes)
        return found

    def memref(self, value: SSAValue) -> SSAValue:
        """The memref of a tensor value."""
        return self.place(value).memref

    def contiguous(self, value: SSAValue) -> Place:
        """Where a tensor value is, with the identity layout: a copy if it is a strided view."""
        place = self.place(value)
        return place if is_contiguous(place.type) else self.copied(value)

    def hold(self, value: SSAValue, place: Place) -> None:
        """Say that `value` lives in `place` from now on."""
        self.places[value] = place
        place.buffer.holders.append(value)

    def write(self, value: SSAValue, place: Place) -> None:
        """Say that `value` has been written into `place`."""
        place.buffer.written = True
        self.hold(value, place)

    def adopt(self, memref: SSAValue, home: Block) -> Place:
        """A buffer that `home` owns from now on."""
        buffer = Buffer(memref, writable=True, scratch=True, home=home)
        self.owned.append(buffer)
        return Place(buffer, memref)

    def allocate(self, type: MemRefType, sizes: Sequence[SSAValue] = ()) -> Place:
        """New memory here."""
        return self.adopt(builders.alloc(self.rewriter, type, sizes), self.block)

    def allocate_like(self, type: MemRefType, source: Place | Undefined) -> Place:
        """New memory here of the given type, with the run-time sizes of `source`."""
        return self.allocate(type, self.sizes(source))

    def sizes(self, source: Place | Undefined) -> tuple[SSAValue, ...]:
        """The run-time sizes of the `?` dimensions of a value."""
        if isinstance(source, Undefined):
            return source.sizes
        shape = shape_of(source.type)
        return tuple(
            builders.dim(self.rewriter, source.memref, axis)
            for axis, size in enumerate(shape)
            if size == DYNAMIC_INDEX
        )

    # -- ownership --------------------------------------------------------------------------------

    def can_take(self, buffer: Buffer) -> bool:
        """Whether the current block may give a buffer away or free it."""
        return self._owner(buffer) is not None

    def _owner(self, buffer: Buffer) -> Block | None:
        """The block that has to free a buffer, if that is the current one or one whose branch it is an arm of."""
        if buffer.aliases or buffer.given:
            return None
        block: Block | None = self.block
        while block is not None:
            around = block.parent_op()
            is_body = isinstance(around, scf.ForOp) or (
                isinstance(around, scf.WhileOp) and around.regions[1].block is block
            )
            is_handed = is_body and buffer.home is None and buffer.memref.owner is block
            if buffer.home is block or is_handed:
                return block
            is_arm = isinstance(around, BRANCHES) and all(
                region.blocks for region in around.regions
            )
            block = around.parent if around is not None and is_arm else None
        return None

    def take(self, buffer: Buffer) -> None:
        """Say that a buffer which can be taken is gone from here on."""
        if self._owner(buffer) is not self.block:
            self._taken[-1].append((buffer, buffer.home, buffer.writable))
        buffer.home, buffer.given, buffer.writable = None, True, False

    @contextmanager
    def taking(self) -> Generator[list[Buffer]]:
        """Around the rewriting of an arm: what it has taken of outer blocks, which is still there for the other arms."""
        taken: list[Buffer] = []
        self._taken.append([])
        yield taken
        for buffer, home, writable in self._taken.pop():
            buffer.home, buffer.given, buffer.writable = home, False, writable
            taken.append(buffer)

    def copied(self, value: SSAValue) -> Place:
        """A copy of a tensor value in new memory with the identity layout."""
        place = self.allocate_like(buffer_type(value.type), self.places[value])
        self.fill_from(value, place.memref)
        return place

    def fill_from(self, value: SSAValue, target: SSAValue) -> None:
        """Give the memory at `target` the content of `value`."""
        source = self.places[value]
        if isinstance(source, Undefined) or source.memref is target:
            return
        scalar = self._uniform(value)
        if scalar is None:
            self.rewriter.create(memref.CopyOp, (source.memref, target))
        else:
            builders.fill(self.rewriter, scalar, target)

    def _uniform(self, value: SSAValue) -> SSAValue | None:
        """The scalar that all elements of `value` are known to be: filling is cheaper to copy."""
        owner = value.owner
        if isinstance(owner, FillOp):
            scalar = owner.operands[0]
            if scalar.type != builders.element_type(value.type):
                return None
            # Only a fill of the same block surely has its scalar defined here too.
            return scalar if owner.parent is self.block else None
        if isinstance(owner, arith.ConstantOp):
            attr = owner.properties["value"]
            assert isinstance(attr, DenseIntOrFPElementsAttr)
            if is_splat(attr):
                return builders.splat_element(self.rewriter, attr)
        return None

    def reinterpret(
        self,
        source: SSAValue,
        type: MemRefType,
        sizes: Sequence[int],
        dynamic_sizes: Sequence[SSAValue],
    ) -> SSAValue:
        """A contiguous memref seen with another shape: `memref.reinterpret_cast`."""
        strides, dynamic_strides = self._row_major(sizes, dynamic_sizes)
        properties = {
            "static_offsets": builders.dense_i64((0,)),
            "static_sizes": builders.dense_i64(tuple(sizes)),
            "static_strides": builders.dense_i64(tuple(strides)),
            "operandSegmentSizes": builders.segments(
                1, 0, len(dynamic_sizes), len(dynamic_strides)
            ),
        }
        operands = (source, *dynamic_sizes, *dynamic_strides)
        return self.rewriter.value(memref.ReinterpretCastOp, operands, type, properties)

    def _row_major(
        self, sizes: Sequence[int], dynamic_sizes: Sequence[SSAValue]
    ) -> tuple[list[int], list[SSAValue]]:
        strides: list[int] = []
        dynamic: list[SSAValue] = []
        static, value = 1, None
        remaining = list(dynamic_sizes)
        for size in reversed(sizes):
            strides.append(static if value is None else DYNAMIC_INDEX)
            if value is not None:
                dynamic.append(value)
            size_value = remaining.pop() if size == DYNAMIC_INDEX else None
            if size_value is None and value is None:
                static *= size
                continue
            rewriter = self.rewriter
            size_value = size_value or builders.index_constant(rewriter, size)
            value = value or builders.index_constant(rewriter, static)
            value = builders.muli(rewriter, value, size_value)
        return strides[::-1], dynamic[::-1]

    # -- destinations ---------------------------------------------------------------------------

    def destination(
        self,
        op: Operation,
        result: SSAValue,
        init: SSAValue | None,
        *,
        reads_init: bool,
        fits: Callable[[Place], bool] = lambda place: True,
        reusable: Iterable[Place] = (),
    ) -> Place:
        """Where `op` should write `result`, whose initial content is `init`.

        In place on `init` where its content is needed and nobody else reads it any more; else in
        the slot that the result is wanted in; else over a dead operand; else in new memory, with a
        copy of `init` if `op` reads it. `fits` says whether what `op` reads allows a place.
        """
        type = buffer_type(result.type)
        start = None if init is None else self.places[init]
        if reads_init and isinstance(start, Place):
            if fits(start) and start.buffer.can_overwrite(self.liveness, op):
                return start
        elif isinstance(start, Place):
            reusable = (*reusable, start)
        target = self._free_place(op, result, type, fits, reusable)
        if target is None:
            assert start is not None
            target = self.allocate_like(type, start)
        if reads_init and not (isinstance(start, Place) and start.memref is target.memref):
            assert init is not None
            self.fill_from(init, target.memref)
        return target

    def define(self, op: Operation, value: SSAValue) -> Place:
        """Give an undefined value memory, where it is wanted, because `op` is about to write a part of it."""
        start = self.places[value]
        type = buffer_type(value.type)
        place = self._free_place(op, value, type, lambda place: True, ())
        place = place or self.allocate_like(type, start)
        self.hold(value, place)
        return place

    def _free_place(
        self,
        op: Operation,
        result: SSAValue,
        type: MemRefType,
        fits: Callable[[Place], bool],
        reusable: Iterable[Place],
    ) -> Place | None:
        slot = self.hints.get(result)
        if slot is not None and is_static(type):
            for place in slot.candidates(op, type):
                if fits(place):
                    return place
        for place in reusable:
            buffer = place.buffer
            wanted = buffer.scratch or (slot is not None and slot.wants(buffer))
            if (
                wanted
                and place.type == type
                and fits(place)
                and buffer.can_overwrite(self.liveness, op)
            ):
                return place
        return None

    def constant(self, attr: DenseIntOrFPElementsAttr, type: TensorType) -> Place:
        """A constant tensor: a read-only global."""
        name = self.constant_global(attr)
        value = self.rewriter.value(
            memref.GetGlobalOp, (), buffer_type(type), {"name": SymbolRefAttr(name)}
        )
        return Place(Buffer(value, writable=False), value)


def _is_there(source: Place, target: Place) -> bool:
    """Whether both are the same memory, perhaps under two names: a buffer that was reshaped and back."""
    if source.memref is target.memref:
        return True
    same = source.buffer is target.buffer and source.type == target.type
    return same and is_contiguous(source.type)


def parallel_copies(state: State, moves: Sequence[tuple[Place, Place]]) -> None:
    """Copy each source to its target as if all at once.

    Targets are distinct buffers; a source may be one of them. A copy goes first when no other
    source can be in its target; a cycle is broken by saving one source.
    """
    pending = [(source, target) for source, target in moves if not _is_there(source, target)]
    while pending:
        for index, (source, target) in enumerate(pending):
            others = (s.buffer for i, (s, _) in enumerate(pending) if i != index)
            in_itself = source.buffer is target.buffer
            if not in_itself and not any(other.may_be(target.buffer) for other in others):
                state.rewriter.create(memref.CopyOp, (source.memref, target.memref))
                del pending[index]
                break
        else:
            source, target = pending[0]
            type = target.type
            saved = state.allocate_like(type, source)
            state.rewriter.create(memref.CopyOp, (source.memref, saved.memref))
            pending[0] = (saved, target)
