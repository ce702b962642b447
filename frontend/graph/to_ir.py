"""From a graph to a module of the tensor stage. This is the first thing that needs xDSL."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any, cast

from tfc.dialects.tfc.attributes import dense_attribute, ir_type, to_attribute
from tfc.dialects.tfc.dialect import op_class
from tfc.graph.control import CALL, CONSTANT, FAIL, FOR, IF, REPORTED, SWITCH, WHILE
from tfc.graph.nodes import Graph, Location, Node, Region, Value
from xdsl.dialects import arith, cf, func, scf, tensor
from xdsl.dialects.builtin import (
    ArrayAttr,
    DenseArrayBase,
    DictionaryAttr,
    FileLineColLoc,
    FunctionType,
    IndexType,
    IntAttr,
    IntegerAttr,
    ModuleOp,
    StringAttr,
    UnitAttr,
    i1,
    i64,
)
from xdsl.ir import Attribute, Block, Operation, SSAValue
from xdsl.ir import Region as IRRegion

_INDEX = IndexType()


@functools.lru_cache(4096)
def location_attribute(location: Location) -> FileLineColLoc:
    """The location as MLIR has it."""
    return FileLineColLoc(
        StringAttr(location.file), IntAttr(location.line), IntAttr(location.column)
    )


def to_module(graph: Graph) -> ModuleOp:
    """The module of a graph: a public `func.func @main` and a private function per callee."""
    builder = _Builder()
    for name, region in graph.functions.items():
        builder.arguments[name] = [ir_type(value.type) for value in region.arguments]
    functions: list[Operation] = [builder.function("main", graph.body, "public")]
    _mark_updates(functions[0], graph.updates)
    if graph.has_any_sizes:
        functions[0].attributes["tfc.any_sizes"] = UnitAttr()
    for name, region in graph.functions.items():
        functions.append(builder.function(name, region, "private"))
    functions.extend(builder.declarations.values())
    return ModuleOp(functions)


def _mark_updates(function: Operation, updates: dict[int, int]) -> None:
    """Say which results are written where an argument is."""
    if not updates:
        return
    block = function.regions[0].block
    assert block.last_op is not None
    results: list[dict[str, Attribute]] = [{} for _ in block.last_op.operands]
    arguments: list[dict[str, Attribute]] = [{} for _ in block.args]
    for result, argument in updates.items():
        results[result] = {"tfc.updates": IntegerAttr(argument, i64)}
        arguments[argument] = {"tfc.updated": UnitAttr()}
    for name, attributes in (("res_attrs", results), ("arg_attrs", arguments)):
        function.properties[name] = ArrayAttr([DictionaryAttr(item) for item in attributes])


class _Builder:
    """Emits regions; `values` maps graph values to SSA values."""

    def __init__(self) -> None:
        self.values: dict[Value, SSAValue] = {}
        self.declarations: dict[str, Operation] = {}
        self.arguments: dict[str, list[Attribute]] = {}
        """The argument types of the functions that are called."""
        self.ops: list[Operation] = []
        self.location: FileLineColLoc | None = None

    def function(self, name: str, region: Region, visibility: str) -> Operation:
        inputs = [ir_type(value.type) for value in region.arguments]
        outputs = [ir_type(value.type) for value in region.results]
        body = self.block(region, inputs, func.ReturnOp, outputs)
        return func.FuncOp(
            name, FunctionType.from_lists(inputs, outputs), body, visibility=visibility
        )

    def block(
        self,
        region: Region,
        inputs: Sequence[Attribute],
        terminator: type[Operation],
        outputs: Sequence[Attribute],
    ) -> IRRegion:
        """A region with one block: arguments, nodes, and a terminator that gives the results as `outputs`."""
        block = Block(arg_types=inputs)
        for value, argument in zip(region.arguments, block.args, strict=True):
            self.values[value] = argument
            if value.name.isidentifier():
                argument.name_hint = value.name
        outer, self.ops = self.ops, []
        self.nodes(region)
        results = [
            self.cast(self.values[value], kind)
            for value, kind in zip(region.results, outputs, strict=True)
        ]
        self.ops.append(terminator.create(operands=results))
        block.add_ops(self.ops)
        self.ops = outer
        return IRRegion(block)

    def nodes(self, region: Region) -> None:
        for node in region.nodes:
            self.location = location_attribute(node.location)
            special = _SPECIAL.get(node.spec)
            if special is not None:
                special(self, node)
            else:
                self.plain(node)

    def emit(
        self,
        op: type[Operation],
        operands: Sequence[SSAValue],
        results: Sequence[Attribute],
        **extra: Any,
    ) -> Operation:
        created = op.create(
            operands=operands, result_types=results, location=self.location, **extra
        )
        self.ops.append(created)
        return created

    def plain(self, node: Node) -> None:
        values = self.values
        created = self.emit(
            op_class(node.spec),
            [values[value] for value in node.inputs],
            [ir_type(value.type) for value in node.outputs],
            properties={key: to_attribute(item) for key, item in node.attributes.items()},
            attributes={"tfc.certain": UnitAttr()} if node.is_certain else {},
        )
        self.bind(node, created)

    def bind(self, node: Node, op: Operation) -> None:
        for value, result in zip(node.outputs, op.results, strict=True):
            self.values[value] = result
            if value.name.isidentifier():
                result.name_hint = value.name

    def cast(self, value: SSAValue, kind: Attribute) -> SSAValue:
        """The value with the sizes that `kind` forgets or knows."""
        if value.type == kind:
            return value
        return self.emit(tensor.CastOp, [value], [kind]).results[0]

    def scalar(self, value: SSAValue) -> SSAValue:
        """The element of a rank-0 tensor."""
        element = value.type.element_type  # pyright: ignore[reportAttributeAccessIssue]
        return self.emit(tensor.ExtractOp, [value], [element]).results[0]

    def index(self, value: SSAValue) -> SSAValue:
        return self.emit(arith.IndexCastOp, [self.scalar(value)], [_INDEX]).results[0]

    def constant(self, value: int, kind: Attribute) -> SSAValue:
        attribute = IntegerAttr(value, cast(IndexType, kind))
        return self.emit(arith.ConstantOp, [], [kind], properties={"value": attribute}).results[0]


def _constant(builder: _Builder, node: Node) -> None:
    kind = ir_type(node.outputs[0].type)
    attribute = dense_attribute(node.attributes["value"])
    builder.bind(node, builder.emit(arith.ConstantOp, [], [kind], properties={"value": attribute}))


def _result_types(node: Node) -> list[Attribute]:
    return [ir_type(value.type) for value in node.outputs]


def _if(builder: _Builder, node: Node) -> None:
    condition = builder.scalar(builder.values[node.inputs[0]])
    results = _result_types(node)
    location = builder.location
    regions = [builder.block(region, [], scf.YieldOp, results) for region in node.regions]
    builder.location = location
    builder.bind(node, builder.emit(scf.IfOp, [condition], results, regions=regions))


def _switch(builder: _Builder, node: Node) -> None:
    tag = builder.index(builder.values[node.inputs[0]])
    results = _result_types(node)
    location = builder.location
    regions = [builder.block(region, [], scf.YieldOp, results) for region in node.regions]
    builder.location = location
    cases = DenseArrayBase.from_list(i64, list(range(len(regions) - 1)))
    created = builder.emit(
        scf.IndexSwitchOp,
        [tag],
        results,
        regions=[regions[-1], *regions[:-1]],
        properties={"cases": cases},
    )
    builder.bind(node, created)


def _while(builder: _Builder, node: Node) -> None:
    types = _result_types(node)
    inits = [
        builder.cast(builder.values[value], kind)
        for value, kind in zip(node.inputs, types, strict=True)
    ]
    before, after = node.regions
    location = builder.location
    first = _condition_block(builder, before, types)
    second = builder.block(after, types, scf.YieldOp, types)
    builder.location = location
    builder.bind(node, builder.emit(scf.WhileOp, inits, types, regions=[first, second]))


def _condition_block(builder: _Builder, region: Region, types: Sequence[Attribute]) -> IRRegion:
    """The `before` region: its first result is the condition."""
    block = Block(arg_types=types)
    builder.values.update(zip(region.arguments, block.args, strict=True))
    outer, builder.ops = builder.ops, []
    builder.nodes(region)
    condition = builder.scalar(builder.values[region.results[0]])
    forwarded = [
        builder.cast(builder.values[value], kind)
        for value, kind in zip(region.results[1:], types, strict=True)
    ]
    builder.ops.append(scf.ConditionOp.create(operands=[condition, *forwarded]))
    block.add_ops(builder.ops)
    builder.ops = outer
    return IRRegion(block)


def _for(builder: _Builder, node: Node) -> None:
    types = _result_types(node)
    values = builder.values
    lower, upper, step = (builder.index(values[value]) for value in node.inputs[:3])
    inits = [
        builder.cast(values[value], kind)
        for value, kind in zip(node.inputs[3:], types, strict=True)
    ]
    region = node.regions[0]
    location = builder.location
    block = Block(arg_types=[_INDEX, *types])
    outer, builder.ops = builder.ops, []
    counter_type = ir_type(region.arguments[0].type)
    counter = builder.emit(arith.IndexCastOp, [block.args[0]], [i64]).results[0]
    boxed = builder.emit(tensor.FromElementsOp, [counter], [counter_type]).results[0]
    values[region.arguments[0]] = boxed
    values.update(zip(region.arguments[1:], block.args[1:], strict=True))
    builder.nodes(region)
    results = [
        builder.cast(values[value], kind) for value, kind in zip(region.results, types, strict=True)
    ]
    builder.ops.append(scf.YieldOp.create(operands=results))
    block.add_ops(builder.ops)
    builder.ops = outer
    builder.location = location
    created = builder.emit(
        scf.ForOp, [lower, upper, step, *inits], types, regions=[IRRegion(block)]
    )
    builder.bind(node, created)


def _call(builder: _Builder, node: Node) -> None:
    inputs = [
        builder.cast(builder.values[value], kind)
        for value, kind in zip(
            node.inputs, builder.arguments[node.attributes["callee"]], strict=True
        )
    ]
    callee = {"callee": _symbol(node.attributes["callee"])}
    builder.bind(node, builder.emit(func.CallOp, inputs, _result_types(node), properties=callee))


def _fail(builder: _Builder, node: Node) -> None:
    """`cf.assert` with the number of the trace's exception; the values for its message are reported before."""
    ok, *values = (builder.values[value] for value in node.inputs)
    condition = builder.scalar(ok)
    location = node.location
    text = f"RAISE|{location}|{node.attributes['failure']}"
    reported = [value for value in values if _is_reportable(value)]
    if reported and len(reported) == len(values) <= REPORTED:
        _report(builder, condition, reported)
    builder.emit(cf.AssertOp, [condition], [], properties={"msg": StringAttr(text)})


def _is_reportable(value: SSAValue) -> bool:
    kind = value.type
    return not kind.get_shape()  # pyright: ignore[reportAttributeAccessIssue]


def _report(builder: _Builder, condition: SSAValue, values: list[SSAValue]) -> None:
    """Hand rank-0 values to `tfc_report` as 64-bit words when the condition does not hold."""
    true = builder.constant(1, i1)
    bad = builder.emit(arith.XOrIOp, [condition, true], [i1]).results[0]
    outer, builder.ops = builder.ops, []
    words = [_word(builder, builder.scalar(value)) for value in values]
    kinds = [word.type for word in words]
    name = f"tfc_report_{len(words)}"
    builder.declarations.setdefault(name, func.FuncOp.external(name, kinds, []))
    builder.emit(func.CallOp, words, [], properties={"callee": _symbol(name)})
    builder.ops.append(scf.YieldOp.create())
    block = Block()
    block.add_ops(builder.ops)
    builder.ops = outer
    builder.emit(scf.IfOp, [bad], [], regions=[IRRegion(block), IRRegion()])


def _symbol(name: str) -> Attribute:
    from xdsl.dialects.builtin import SymbolRefAttr

    return SymbolRefAttr(name)


def _word(builder: _Builder, value: SSAValue) -> SSAValue:
    """A scalar as the 64 bits that carry it."""
    from xdsl.dialects.builtin import Float64Type, IntegerType, f64

    kind = value.type
    if isinstance(kind, IntegerType):
        if kind.width.data == 64:
            return value
        op = arith.ExtUIOp if kind.width.data == 1 else arith.ExtSIOp
        return builder.emit(op, [value], [i64]).results[0]
    if not isinstance(kind, Float64Type):
        value = builder.emit(arith.ExtFOp, [value], [f64]).results[0]
    return builder.emit(arith.BitcastOp, [value], [i64]).results[0]


_SPECIAL: dict[Any, Callable[[_Builder, Node], None]] = {
    CONSTANT: _constant,
    IF: _if,
    SWITCH: _switch,
    WHILE: _while,
    FOR: _for,
    FAIL: _fail,
    CALL: _call,
}
