"""`one-shot-bufferize`: tensors become buffers."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from tfc.passes.bufferize.branches import return_, rewrite_block
from tfc.passes.bufferize.buffers import Buffer, Place, buffer_type, is_static
from tfc.passes.bufferize.deallocation import insert_deallocations
from tfc.passes.bufferize.liveness import Liveness
from tfc.passes.bufferize.state import FixedSlot, State
from tfc.passes.builders import integer_attr
from tfc.passes.rewriting import Rewriter, append, new_op
from xdsl.dialects import memref
from xdsl.dialects.builtin import (
    ArrayAttr,
    DenseIntOrFPElementsAttr,
    DictionaryAttr,
    FunctionType,
    IntegerAttr,
    ModuleOp,
    StringAttr,
    TensorType,
    UnitAttr,
    i64,
)
from xdsl.dialects.func import FuncOp
from xdsl.ir import Attribute
from xdsl.passes import ModulePass
from xdsl.utils.exceptions import PassFailedException

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from xdsl.context import Context


class OneShotBufferizePass(ModulePass):
    """Turn tensor values into buffers, in place where the old value is dead.

    Pre-condition: the linalg stage (docs/architecture.md); every function is one block.

        func.func @main(%x: tensor<4xf32>) -> tensor<4xf32> {
          %e = tensor.empty() : tensor<4xf32>
          %y = linalg.generic ... ins(%x) outs(%e) ...
          return %y
        }

    becomes

        func.func @main(%x: memref<4xf32>, %r: memref<4xf32> {tfc.result = 0 : i64}) {
          linalg.generic ... ins(%x) outs(%r) ...
          return
        }

    Post-condition: no tensor types. Every `memref.alloc` is freed or returned exactly once.
    """

    name = "one-shot-bufferize"

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        constants = _Constants(op)
        functions = [f for f in op.body.block.ops if isinstance(f, FuncOp)]
        updates = {f.sym_name.data: updates_of(f) for f in functions}
        for function in functions:
            _bufferize_function(function, updates, constants)


class _Constants:
    """The read-only globals for constant tensors, one for each distinct value."""

    def __init__(self, module: ModuleOp) -> None:
        self._module = module
        self._names: dict[DenseIntOrFPElementsAttr, str] = {}

    def __call__(self, attr: DenseIntOrFPElementsAttr) -> str:
        name = self._names.get(attr)
        if name is None:
            name = self._names[attr] = f"constant_{len(self._names)}"
            properties: dict[str, Attribute] = {
                "sym_name": StringAttr(name),
                "sym_visibility": StringAttr("private"),
                "type": buffer_type(attr.type),
                "initial_value": attr,
                "constant": UnitAttr(),
            }
            block = self._module.body.block
            op = new_op(memref.GlobalOp, properties=properties)
            if block.first_op is None:
                append(op, block)
            else:
                block.insert_op_before(op, block.first_op)
        return name


def updates_of(function: FuncOp) -> dict[int, int]:
    """Result index to the argument whose memory it is written into (`tfc.updates`)."""
    found: dict[int, int] = {}
    if function.res_attrs is not None:
        for index, attrs in enumerate(function.res_attrs):
            target = attrs.data.get("tfc.updates")
            if isinstance(target, IntegerAttr):
                found[index] = target.value.data
    return found


def _bufferize_function(
    function: FuncOp, updates: Mapping[str, Mapping[int, int]], constants: _Constants
) -> None:
    inputs = function.function_type.inputs.data
    outputs = function.function_type.outputs.data
    own_updates = updates[function.sym_name.data]
    out_results = [
        i
        for i, type in enumerate(outputs)
        if isinstance(type, TensorType) and i not in own_updates and is_static(type)
    ]
    returned = [i for i, _ in enumerate(outputs) if i not in own_updates and i not in out_results]
    if function.body.blocks:
        _bufferize_body(function, own_updates, out_results, updates, constants)
    _convert_signature(function, inputs, outputs, out_results, returned)


def _bufferize_body(
    function: FuncOp,
    own_updates: Mapping[int, int],
    out_results: Sequence[int],
    updates: Mapping[str, Mapping[int, int]],
    constants: _Constants,
) -> None:
    if len(function.body.blocks) > 1:
        raise PassFailedException(
            f"one-shot-bufferize: @{function.sym_name.data} has several blocks; "
            "the linalg stage has structured control flow only"
        )
    block = function.body.block
    terminator = block.last_op
    assert terminator is not None
    state = State(Rewriter(), Liveness(function), block, constants, updates.__getitem__)
    state.rewriter.at_start(block, function.location)
    arguments = list(block.args)
    updated = set(own_updates.values())
    for index, argument in enumerate(arguments):
        if isinstance(argument.type, TensorType):
            memref_argument = block.insert_arg(buffer_type(argument.type), argument.index)
            memref_argument.name_hint = argument.name_hint
            buffer = Buffer(memref_argument, writable=index in updated)
            state.hold(argument, Place(buffer, memref_argument))
    targets: list[Place | None] = []
    for index, value in enumerate(terminator.operands):
        place = None
        if index in own_updates:
            found = state.places[arguments[own_updates[index]]]
            place = found if isinstance(found, Place) else None
        elif index in out_results:
            out = block.insert_arg(buffer_type(value.type), len(block.args))
            place = Place(Buffer(out, writable=True), out)
        targets.append(place)
        if place is not None:
            state.hints.setdefault(value, FixedSlot(state, place))
    rewrite_block(state, block)
    state.rewriter.before(terminator)
    state.block = block
    return_(state, terminator, targets)
    state.erase(state.dead)
    for argument in arguments:
        if isinstance(argument.type, TensorType):
            block.erase_arg(argument)
    insert_deallocations(state)


def _convert_signature(
    function: FuncOp,
    inputs: Sequence[Attribute],
    outputs: Sequence[Attribute],
    out_results: Sequence[int],
    returned: Sequence[int],
) -> None:
    """The function type with buffers, and the attributes that say what is what."""

    def converted(type: Attribute) -> Attribute:
        return buffer_type(type) if isinstance(type, TensorType) else type

    added = [buffer_type(outputs[i]) for i in out_results]
    function.properties["function_type"] = FunctionType.from_lists(
        [*map(converted, inputs), *added], [converted(outputs[i]) for i in returned]
    )
    no_attrs = DictionaryAttr({})
    old = function.arg_attrs.data if function.arg_attrs else (no_attrs,) * len(inputs)
    marks = [DictionaryAttr({"tfc.result": integer_attr(i, i64)}) for i in out_results]
    function.properties["arg_attrs"] = ArrayAttr([*old, *marks])
    old = function.res_attrs.data if function.res_attrs else (no_attrs,) * len(outputs)
    kept = [dict(old[i].data) for i in returned]
    free = [i for i in range(len(outputs)) if i not in out_results]
    if list(returned) != free[: len(returned)]:
        # Which results are left does not follow from the ones that became arguments.
        for i, attributes in zip(returned, kept, strict=True):
            attributes["tfc.result"] = integer_attr(i, i64)
    function.properties["res_attrs"] = ArrayAttr([DictionaryAttr(a) for a in kept])
    _drop_empty(function)


def _drop_empty(function: FuncOp) -> None:
    for name in ("arg_attrs", "res_attrs"):
        attrs = cast("ArrayAttr[DictionaryAttr] | None", function.properties.get(name))
        if attrs is not None and not any(item.data for item in attrs):
            del function.properties[name]
