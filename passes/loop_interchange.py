"""`loop-interchange`: a loop over whole tensors becomes a loop at each element."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import cast

from tfc.dialects.arith import Arith
from tfc.dialects.tfc.attributes import is_splat
from tfc.passes import builders
from tfc.passes.remarks import Remark, list_ops, listener, place_of
from tfc.passes.rewriting import Rewriter, walk
from tfc.passes.structured import Structured, identity, map_array, tensor_shape
from xdsl.context import Context
from xdsl.dialects import arith, linalg, math, scf, tensor
from xdsl.dialects.builtin import DenseIntOrFPElementsAttr, ModuleOp, TensorType
from xdsl.dialects.linalg.ops import FillOp, GenericOp, IndexOp, YieldOp
from xdsl.ir import Block, Operation, Region, SSAValue
from xdsl.ir.affine import AffineMap
from xdsl.passes import ModulePass

_ = linalg  # its sub-modules need the package first

_SCALAR_OPS = frozenset(
    cls for dialect in (Arith, math.Math) for cls in dialect.operations
)  # none has effects


class LoopInterchangePass(ModulePass):
    """Exchange a sequential loop with the loops over elements inside it.

    Before:
        %y = scf.for %k = %lb to %ub step %s iter_args(%t = %x) -> (tensor<8xf32>) {
          %sq = linalg.generic {mul} ins(%t, %t)
          %next = linalg.generic {add} ins(%sq, %c)
          scf.yield %next
        }
    After:
        %y = linalg.generic ins(%x, %c) {
        ^bb0(%x_i: f32, %c_i: f32, %_: f32):
          %y_i = scf.for %k = %lb to %ub step %s iter_args(%t = %x_i) -> (f32) {
            %sq = arith.mulf %t, %t
            %next = arith.addf %sq, %c_i
            scf.yield %next
          }
          linalg.yield %y_i
        }

    What was carried through memory stays in registers for all iterations. It is done whenever it can be: each iteration reads
    carried tensors only at the element that it computes (no reduction, no transpose, no slice of them), all carried tensors have
    one shape, and the bodies are straight-line arithmetic, which `vectorize-outer-loops` makes vectors of. Carried scalars must
    not be needed after the loop. Numbers do not change.

    Pre-condition: `fold-unit-reshapes`. Then `fuse-elementwise` fuses what is around the loop into it.
    """

    name = "loop-interchange"

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        rewriter = Rewriter()
        loops = [inner for inner in walk(op) if isinstance(inner, scf.ForOp) and inner.results]
        remarks = listener()
        for loop in loops:
            exchange = _Interchange(loop)
            legal = exchange.is_legal()
            if remarks is not None and (legal or exchange.obstacle is not None):
                remarks.append(exchange.account(legal))
            if legal:
                exchange.build(rewriter)


@dataclass
class _Interchange:
    """One loop: what it reads at which index, and whether all of it happens at one element."""

    loop: scf.ForOp
    views: list[Structured] = field(default_factory=list[Structured])
    inputs: dict[tuple[SSAValue, AffineMap], None] = field(
        default_factory=dict[tuple[SSAValue, AffineMap], None]
    )
    """Tensors from outside and the maps they are read by; the initial values come first."""
    obstacle: Operation | None = None
    """The op that cannot run at one element."""

    @property
    def body(self) -> Block:
        return self.loop.body.block

    @property
    def yielded(self) -> tuple[SSAValue, ...]:
        return tuple(cast(scf.YieldOp, self.body.last_op).operands)

    def is_legal(self) -> bool:
        shapes = {tensor_shape(result) for result in self.loop.results if _is_tensor(result)}
        if len(shapes) != 1 or not next(iter(shapes)):
            return False
        self.rank = len(next(iter(shapes)))
        carried = zip(self.loop.iter_args, self.loop.results, strict=True)
        if any(not _is_tensor(result) and result.first_use is not None for _, result in carried):
            return False
        self.inputs.update(
            {(v, identity(self.rank)): None for v in self.loop.iter_args if _is_tensor(v)}
        )
        self.obstacle = next((op for op in self.body.ops if not self._takes(op)), None)
        return self.obstacle is None and self._is_connected()

    def account(self, legal: bool) -> Remark:
        """What is about to be exchanged, or at which op that ended."""
        ops = [view.op for view in self.views]
        if legal:
            text = f"{list_ops(ops)} loop at each element"
            return Remark("loop-interchange", place_of(self.loop), text)
        missed = (
            f"{list_ops(ops[-1:])}: an iteration needs more than the carried tensors at one element"
        )
        return Remark("loop-interchange", place_of(self.loop), "nothing", [missed])

    def _takes(self, op: Operation) -> bool:
        """Whether an op of the body can run at one element; notes what it reads from outside."""
        if isinstance(op, GenericOp):
            view = Structured(op)
            self.views.append(view)
            return self._takes_generic(view)
        if isinstance(op, tensor.EmptyOp | FillOp):
            return True
        if op is self.body.last_op:
            for value in op.operands:
                if _is_tensor(value) and not self._is_inside(value):
                    self.inputs[value, identity(self.rank)] = None
            return all(
                not isinstance(value.owner, tensor.EmptyOp | FillOp) for value in op.operands
            )
        if isinstance(op, arith.ConstantOp) and _is_tensor(op.result):
            return is_splat(cast("DenseIntOrFPElementsAttr", op.value))
        return type(op) in _SCALAR_OPS

    def _takes_generic(self, view: Structured) -> bool:
        own = identity(self.rank)
        if not view.is_elementwise or any(map != own for map in view.output_maps):
            return False
        if any(
            type(op) not in _SCALAR_OPS and type(op) not in (IndexOp, YieldOp)
            for op in view.block.ops
        ):
            return False
        for value, map in zip(view.inputs, view.input_maps, strict=True):
            if not _is_tensor(value):
                return False
            if isinstance(value.owner, FillOp) and self._is_inside(value):
                continue
            if not self._is_inside(value):
                self.inputs[value, map] = None
            elif map != own:
                return False
        return True

    def _is_inside(self, value: SSAValue) -> bool:
        owner = value.owner
        block = owner if isinstance(owner, Block) else owner.parent
        return block is self.body

    def _is_connected(self) -> bool:
        """Whether all carried tensors have one shape: the same sizes, or linked by ops that walk through them together."""
        if all(
            size >= 0
            for result in self.loop.results
            if _is_tensor(result)
            for size in tensor_shape(result)
        ):
            return True
        leader: dict[SSAValue, SSAValue] = {}

        def find(value: SSAValue) -> SSAValue:
            while value in leader:
                value = leader[value]
            return value

        def join(values: list[SSAValue]) -> None:
            for value in values[1:]:
                first, other = find(values[0]), find(value)
                if first is not other:
                    leader[other] = first

        own = identity(self.rank)
        for view in self.views:
            operands = zip(view.op.operands, view.maps, strict=True)
            join([*(v for v, map in operands if map == own), *view.op.results])
        for values in zip(self.loop.iter_args, self.body.args[1:], self.yielded, strict=True):
            join(list(values))
        tensors = [argument for argument in self.body.args if _is_tensor(argument)]
        return len({find(argument) for argument in tensors}) == 1

    # -- building -------------------------------------------------------------------------------

    def build(self, rewriter: Rewriter) -> None:
        """Replace the loop by a generic with the loop inside."""
        loop = self.loop
        rewriter.before(loop)
        kept = [i for i, result in enumerate(loop.results) if result.first_use is not None]
        kept = [i for i in kept if _is_tensor(loop.results[i])]
        if not kept:
            return
        outputs = [_empty_like(rewriter, loop.iter_args[i]) for i in kept]
        values = [*(value for value, _ in self.inputs), *outputs]
        block = Block(arg_types=[builders.element_type(value.type) for value in values])
        arguments: dict[tuple[SSAValue, AffineMap], SSAValue] = dict(
            zip(self.inputs, block.args, strict=False)
        )
        rewriter.at_end(block)
        results = self._loop_at_element(rewriter, arguments)
        rewriter.create(YieldOp, [results[i] for i in kept])
        rewriter.before(loop)
        own = identity(self.rank)
        maps = [*(map for _, map in self.inputs), *(own for _ in outputs)]
        fused = rewriter.create(
            GenericOp,
            values,
            [value.type for value in outputs],
            {
                "indexing_maps": map_array(maps),
                "iterator_types": builders.parallel_iterators(self.rank),
                "operandSegmentSizes": builders.segments(len(self.inputs), len(outputs)),
            },
            regions=(Region(block),),
        )
        for index, result in zip(kept, fused.results, strict=True):
            result.name_hint = loop.results[index].name_hint
            rewriter.replace_value(loop.results[index], result)
        rewriter.erase(loop)

    def _loop_at_element(
        self, rewriter: Rewriter, arguments: dict[tuple[SSAValue, AffineMap], SSAValue]
    ) -> tuple[SSAValue, ...]:
        own = identity(self.rank)
        indices = self._indices(rewriter)
        initial = [arguments[v, own] if _is_tensor(v) else v for v in self.loop.iter_args]
        inner, body = builders.for_loop(
            rewriter, self.loop.lb, self.loop.ub, self.loop.step, initial
        )
        rewriter.at_end(body)
        scalars: dict[SSAValue, SSAValue] = dict(zip(self.body.args, body.args, strict=True))

        def at_element(value: SSAValue, map: AffineMap) -> SSAValue:
            found = scalars.get(value)
            if found is None and isinstance(value.owner, FillOp) and self._is_inside(value):
                filled = value.owner.operands[0]
                found = scalars.get(filled, filled)
            return arguments[value, map] if found is None else found

        for op in self.body.ops:
            if isinstance(op, GenericOp):
                view = Structured(op)
                mapping = dict(indices)
                for argument, value, map in zip(
                    view.block.args, view.inputs, view.maps, strict=False
                ):
                    mapping[argument] = at_element(value, map)
                yielded = _clone_body(view, mapping, scalars, rewriter)
                scalars.update(zip(op.results, yielded, strict=True))
            elif isinstance(op, arith.ConstantOp) and _is_tensor(op.result):
                splat = cast("DenseIntOrFPElementsAttr", op.value)
                scalars[op.result] = builders.splat_element(rewriter, splat)
            elif type(op) in _SCALAR_OPS:
                copy = rewriter.insert(op.clone(scalars))
                copy.location = op.location
        left = [at_element(v, own) if _is_tensor(v) else scalars.get(v, v) for v in self.yielded]
        rewriter.create(scf.YieldOp, left)
        rewriter.after(inner)
        return tuple(inner.results)

    def _indices(self, rewriter: Rewriter) -> dict[SSAValue, SSAValue]:
        """The `linalg.index` ops of all bodies, which must stand right in the generic."""
        made: dict[int, SSAValue] = {}
        indices: dict[SSAValue, SSAValue] = {}
        for view in self.views:
            for op in view.block.ops:
                if isinstance(op, IndexOp):
                    dim = op.dim.value.data
                    if dim not in made:
                        made[dim] = rewriter.insert(op.clone()).results[0]
                    indices[op.results[0]] = made[dim]
        return indices


def _is_tensor(value: SSAValue) -> bool:
    return isinstance(value.type, TensorType)


def _empty_like(rewriter: Rewriter, value: SSAValue) -> SSAValue:
    sizes = [
        builders.dim(rewriter, value, axis)
        for axis, size in enumerate(tensor_shape(value))
        if size < 0
    ]
    return builders.empty(rewriter, cast("TensorType", value.type), sizes)


def _clone_body(
    view: Structured,
    mapping: dict[SSAValue, SSAValue],
    outside: dict[SSAValue, SSAValue],
    rewriter: Rewriter,
) -> list[SSAValue]:
    """Copy a body to the insertion point; gives what it yields."""
    for op in view.block.ops:
        for value in op.operands:
            # Scalars that the body captured from the loop it was in.
            if value not in mapping and value in outside:
                mapping[value] = outside[value]
        if isinstance(op, YieldOp):
            return [mapping.get(value, value) for value in op.operands]
        if not isinstance(op, IndexOp):
            copy = op.clone(mapping)
            copy.location = op.location
            rewriter.insert(copy)
    return []
