"""`promote-variables`: variables become values."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, cast

from tfc.dialects.tfc.state import AssignOp, ReadOp
from tfc.dialects.tfc.types import VariableHandleType
from tfc.passes.rewriting import Rewriter
from xdsl.context import Context
from xdsl.dialects import func, scf, tensor
from xdsl.dialects.builtin import (
    ArrayAttr,
    DictionaryAttr,
    FunctionType,
    IntegerAttr,
    ModuleOp,
    TensorType,
    UnitAttr,
    i64,
)
from xdsl.ir import Attribute, Block, Operation, SSAValue
from xdsl.passes import ModulePass

Current = dict[SSAValue, SSAValue]
"""The value that each variable, by its handle, has at this point of the program."""


class PromoteVariablesPass(ModulePass):
    """Replace reads and assignments of variables by the values themselves, carried through branches, loops and calls.

    Before:
        func.func @main(%v: !tfc.variable<tensor<3xf32>>, %x: tensor<3xf32>) {
          %0 = tfc.read %v
          %1 = tfc.add %0, %x
          tfc.assign %v, %1
          return
        }
    After:
        func.func @main(%v: tensor<3xf32> {tfc.variable}, %x: tensor<3xf32>) -> (tensor<3xf32> {tfc.updates = 0 : i64}) {
          %1 = tfc.add %v, %x
          return %1
        }

    A variable is read once, on entry, and written once, on exit, and only when the program assigns it: the new value is one
    more result of the function. `tfc.updates` results are written into the argument's own buffer; where the variable's shape
    has `?` sizes the result is new memory (`tfc.assigns`).

    Pre-condition: handles are arguments of functions, used by `tfc.read`, `tfc.assign` and `func.call` only.
    """

    name = "promote-variables"

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        functions = {
            inner.sym_name.data: inner for inner in op.ops if isinstance(inner, func.FuncOp)
        }
        if not any(_handles(function) for function in functions.values()):
            return
        promotion = _Promotion(functions)
        for function in functions.values():
            if function.body.blocks:
                promotion.function(function)


def _handles(function: func.FuncOp) -> list[int]:
    """Positions of the arguments that are variables."""
    return [
        index
        for index, kind in enumerate(function.function_type.inputs)
        if isinstance(kind, VariableHandleType)
    ]


class _Promotion:
    def __init__(self, functions: dict[str, func.FuncOp]) -> None:
        self.rewriter = Rewriter()
        self.functions = functions
        self.written = _written_arguments(functions)
        self._assigned: dict[Operation, set[SSAValue]] = {}

    def function(self, function: func.FuncOp) -> None:
        block = function.body.block
        handles = [block.args[index] for index in _handles(function)]
        for op in function.body.walk():
            self._note_assignments(op)
        # The argument becomes the entry value. It keeps the handle's type until all uses are rewritten.
        values: Current = {handle: handle for handle in handles}
        self.block(block, values)
        for handle in handles:
            handle._type = _content(handle)  # pyright: ignore[reportPrivateUsage, reportAttributeAccessIssue]
        self._finish(function, block, values)

    def _finish(self, function: func.FuncOp, block: Block, values: Current) -> None:
        written = self.written[function.sym_name.data]
        terminator = cast(func.ReturnOp, block.last_op)
        self.rewriter.before(terminator)
        extra = [self.cast(values[block.args[i]], block.args[i].type) for i in written]
        terminator.operands = (*terminator.operands, *extra)
        inputs = [argument.type for argument in block.args]
        outputs = [*function.function_type.outputs, *(value.type for value in extra)]
        count = len(function.function_type.outputs)
        function.properties["function_type"] = FunctionType.from_lists(inputs, outputs)
        results = _attributes(function.res_attrs, count)
        # Only the entry writes buffers; private functions hand the new values to their callers.
        visibility = function.sym_visibility
        entry = visibility is None or visibility.data != "private"
        for index in written:
            kind = cast("TensorType[Any]", block.args[index].type)
            key = "tfc.updates" if kind.has_static_shape() else "tfc.assigns"
            results.append({key: IntegerAttr(index, i64)} if entry else {})
        arguments = _attributes(function.arg_attrs, len(inputs))
        if entry:
            for index in self.written.positions[function.sym_name.data]:
                arguments[index]["tfc.variable"] = UnitAttr()
        if any(arguments):
            function.properties["arg_attrs"] = _array(arguments)
        if any(results):
            function.properties["res_attrs"] = _array(results)

    # -- inside a function ------------------------------------------------------------------------

    def block(self, block: Block, values: Current) -> None:
        """Rewrite the ops of a block in order, updating `values`."""
        for op in list(block.ops):
            if isinstance(op, ReadOp):
                self._read(op, values)
            elif isinstance(op, AssignOp):
                values[op.operands[0]] = op.operands[1]
                self.rewriter.erase(op)
            elif isinstance(op, func.CallOp):
                self._call(op, values)
            elif op.regions:
                self._structured(op, values)

    def _read(self, op: ReadOp, values: Current) -> None:
        handle = op.operands[0]
        value = values[handle]
        result = op.results[0]
        if value is handle:
            # The entry value is the argument, whose type is still the handle's: uses are typed by `function` at its end.
            self.rewriter.replace(op, handle)
            return
        self.rewriter.before(op)
        self.rewriter.replace(op, self.cast(value, result.type))

    def cast(self, value: SSAValue, kind: Attribute) -> SSAValue:
        """`value` in type `kind`, which may know more or fewer sizes."""
        if value.type == kind or isinstance(value.type, VariableHandleType):
            return value
        return self.rewriter.value(tensor.CastOp, (value,), kind)

    def _call(self, op: func.CallOp, values: Current) -> None:
        name = op.callee.string_value()
        callee = self.functions.get(name)
        positions = self.written.positions.get(name)
        if callee is None or not positions:
            return
        written = [op.operands[index] for index in self.written[name]]
        self.rewriter.before(op)
        operands = [
            self.cast(values[value], _content(value)) if index in positions else value
            for index, value in enumerate(op.operands)
        ]
        kinds = [*(result.type for result in op.results), *(_content(h) for h in written)]
        new = self.rewriter.create(func.CallOp, operands, kinds, dict(op.properties))
        for handle, value in zip(written, new.results[len(op.results) :], strict=True):
            values[handle] = value
        self.rewriter.replace(op, new.results[: len(op.results)])

    def _structured(self, op: Operation, values: Current) -> None:
        """Give a control-flow op one more carried value or result for each variable assigned in it."""
        assigned = [handle for handle in values if handle in self._assigned.get(op, ())]
        if not assigned:
            for region in op.regions:
                for block in region.blocks:
                    self.block(block, dict(values))
            return
        self.rewriter.before(op)
        initial = [self.cast(values[handle], _content(handle)) for handle in assigned]
        loops = isinstance(op, scf.ForOp | scf.WhileOp)
        operands = [*op.operands, *initial] if loops else list(op.operands)
        for region in op.regions:
            if not region.blocks:  # an scf.if without else
                region.add_block(Block([scf.YieldOp()]))
            block = region.block
            inner = dict(values)
            if loops:
                for handle in assigned:
                    inner[handle] = block.insert_arg(_content(handle), len(block.args))
            self.block(block, inner)
            terminator = cast(Operation, block.last_op)
            self.rewriter.before(terminator)
            final = [self.cast(inner[handle], _content(handle)) for handle in assigned]
            terminator.operands = (*terminator.operands, *final)
        self.rewriter.before(op)
        new = self.rewriter.create(
            type(op),
            operands,
            [*(result.type for result in op.results), *map(_content, assigned)],
            dict(op.properties),
            attributes=dict(op.attributes),
            regions=[op.detach_region(region) for region in tuple(op.regions)],
        )
        for handle, value in zip(assigned, new.results[len(op.results) :], strict=True):
            values[handle] = value
        self.rewriter.replace(op, new.results[: len(op.results)])

    def _note_assignments(self, op: Operation) -> None:
        if isinstance(op, AssignOp):
            handles: Iterable[SSAValue] = (op.operands[0],)
        elif isinstance(op, func.CallOp):
            name = op.callee.string_value()
            handles = [op.operands[index] for index in self.written.get(name, ())]
        else:
            return
        parent = op.parent_op()
        while parent is not None and not isinstance(parent, func.FuncOp):
            self._assigned.setdefault(parent, set()).update(handles)
            parent = parent.parent_op()


class _Written(dict[str, list[int]]):
    """For each function, the positions of the variables that it assigns, itself or through calls."""

    positions: dict[str, set[int]]
    """For each function, the positions of all its variables (types change on the way, so they are noted first)."""


def _written_arguments(functions: dict[str, func.FuncOp]) -> _Written:
    written = _Written()
    written.positions = {name: set(_handles(function)) for name, function in functions.items()}
    sets: dict[str, set[int]] = {name: set() for name in functions}
    changed = True
    while changed:  # to a fixpoint: recursion may pass a variable on
        changed = False
        for name, function in functions.items():
            if not function.body.blocks:
                continue
            index_of: dict[SSAValue, int] = {
                argument: i for i, argument in enumerate(function.body.block.args)
            }
            found = {index_of[handle] for handle in _assigned_handles(function, sets)}
            if not found <= sets[name]:
                sets[name] |= found
                changed = True
    for name, indices in sets.items():
        written[name] = sorted(indices)
    return written


def _assigned_handles(function: func.FuncOp, sets: dict[str, set[int]]) -> Iterable[SSAValue]:
    for op in function.body.walk():
        if isinstance(op, AssignOp):
            yield op.operands[0]
        elif isinstance(op, func.CallOp):
            for index in sets.get(op.callee.string_value(), ()):
                yield op.operands[index]


def _content(handle: SSAValue) -> TensorType[Any]:
    kind = handle.type
    return kind.content if isinstance(kind, VariableHandleType) else cast("TensorType[Any]", kind)


def _attributes(
    attributes: ArrayAttr[DictionaryAttr] | None, count: int
) -> list[dict[str, Attribute]]:
    if attributes is None:
        return [{} for _ in range(count)]
    return [dict(item.data) for item in attributes]


def _array(attributes: list[dict[str, Attribute]]) -> ArrayAttr[DictionaryAttr]:
    return ArrayAttr([DictionaryAttr(item) for item in attributes])
