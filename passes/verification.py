"""Verification of a module: what each op demands, terminators, successors, and that definitions dominate their uses.

xDSL's own `verify` does not look at dominance, stops with the whole module in its message, and fails with Python's errors
on some malformed ops. This one names the op, in time linear in the number of ops.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from xdsl.dialects import arith, cf, func, tensor, ub
from xdsl.dialects.builtin import (
    DYNAMIC_INDEX,
    Float80Type,
    Float128Type,
    IntegerAttr,
    ModuleOp,
    StringAttr,
    TensorType,
    VectorType,
    i1,
)
from xdsl.ir import Attribute, Block, Operation, Region, SSAValue
from xdsl.parser import ForwardDeclaredValue
from xdsl.traits import IsolatedFromAbove, IsTerminator, NoTerminator, SymbolTable
from xdsl.utils.exceptions import VerifyException


class VerificationError(VerifyException):
    """`op` is not valid: `message` says why."""

    def __init__(self, op: Operation, message: str) -> None:
        super().__init__(f"'{op.name}' op: {message}")
        self.op = op
        self.message = message


def verify(module: Operation) -> None:
    """Check `module` and everything in it.

    Raises:
        VerificationError: for the first op, in program order, that is not valid.
    """
    seen: set[Any] = set()
    for op in module.walk():
        _verify_operands(op)
    for op in module.walk():
        _verify_op(op, seen)
    verify_dominance(module)


def _verify_operands(op: Operation) -> None:
    """Check that the parser has met the definitions, which verifiers of other ops look at."""
    for index, operand in enumerate(op.operands):
        if isinstance(operand, ForwardDeclaredValue):
            raise VerificationError(op, f"operand #{index} is not defined where it is used")


def _verify_op(op: Operation, seen: set[Any]) -> None:
    _verify_place(op)
    for region in op.regions:
        _verify_region(op, region)
    try:
        if not _is_beyond_xdsl(op) and not _is_known(op, seen):
            (_of_lanes(op) or op).verify_()
    except VerifyException as error:
        raise VerificationError(op, str(error)) from None
    except Exception as error:
        # Verifiers of upstream ops assume the right number of operands and properties.
        kind = "" if type(error) is Exception else f"malformed: {type(error).__name__}: "
        raise VerificationError(op, f"{kind}{error}") from None
    if isinstance(op, func.FuncOp):
        _verify_function(op)
    elif isinstance(op, arith.ConstantOp):
        _verify_constant(op)
    elif isinstance(op, tensor.ExpandShapeOp):
        _verify_output_shape(op)
    elif op.successors:
        _verify_successor_arguments(op)


def _is_beyond_xdsl(op: Operation) -> bool:
    """Whether xDSL's check is wrong for an op: it multiplies `?` as a number, and counts groups of a tensor of rank 0."""
    types = [value.type for value in (*op.operands[:1], *op.results)]
    if isinstance(op, tensor.ReshapeOp):
        return any(
            DYNAMIC_INDEX in type.get_shape() for type in types if isinstance(type, TensorType)
        )
    return isinstance(op, tensor.ExpandShapeOp | tensor.CollapseShapeOp) and any(
        isinstance(type, TensorType) and type.get_num_dims() == 0 for type in types
    )


def _is_known(op: Operation, seen: set[Any]) -> bool:
    """Whether arithmetic of this kind on these very types has been checked: there are many thousands of some, and nothing
    else decides.
    """
    if op.regions or not _is_arithmetic(op):
        return False
    parts = [value.type for value in (*op.operands, *op.results)]
    key = (type(op), *map(id, (*parts, *op.properties.values())))
    if key in seen:
        return True
    seen.add(key)
    return False


def _is_arithmetic(op: Operation) -> bool:
    return op.name.partition(".")[0] in ("arith", "math")


def _of_lanes(op: Operation) -> Operation | None:
    """What arithmetic on vectors does with each lane, to be verified in its place; None for other ops.

    It means the same lane by lane, but xDSL knows some of these ops on scalars only.
    """
    if not op.operands or not _is_arithmetic(op):
        return None
    if len(op.results) != 1 or not isinstance(op.results[0].type, VectorType):
        return None
    shape = op.results[0].type.get_shape()
    for value in op.operands:
        whole = isinstance(op, arith.SelectOp) and value is op.operands[0]
        if isinstance(value.type, VectorType) and value.type.get_shape() == shape:
            continue
        if not (whole and value.type == i1):
            raise VerifyException(f"expected vectors of one shape, got {value.type}")
    operands = [ub.PoisonOp(_lane(value.type)).result for value in op.operands]
    return type(op).create(
        operands=operands,
        result_types=[_lane(op.results[0].type)],
        properties=op.properties,
    )


def _lane(type_: Attribute) -> Attribute:
    return type_.element_type if isinstance(type_, VectorType) else type_


def _verify_function(op: func.FuncOp) -> None:
    visibility = op.sym_visibility
    if not op.body.blocks and (visibility is None or visibility.data == "public"):
        raise VerificationError(op, "has no body: only private functions may be declared without")

    inputs, outputs = op.function_type.inputs.data, op.function_type.outputs.data
    given = op.res_attrs.data if op.res_attrs is not None else ()
    for result, attributes in enumerate(given):
        for name in ("tfc.updates", "tfc.assigns"):
            target = attributes.data.get(name)
            if target is None:
                continue
            number = target.value.data if isinstance(target, IntegerAttr) else -1
            if not 0 <= number < len(inputs):
                raise VerificationError(op, f"result #{result}: '{name}' names no argument")
            if name == "tfc.updates" and inputs[number] != outputs[result]:
                raise VerificationError(
                    op,
                    f"result #{result} updates argument #{number}, which has another type: "
                    f"{outputs[result]} and {inputs[number]}",
                )


def _verify_constant(op: arith.ConstantOp) -> None:
    kind = op.result.type
    if isinstance(kind, Float80Type | Float128Type):
        raise VerificationError(op, f"constants of type {kind} are not supported")


def _verify_output_shape(op: tensor.ExpandShapeOp) -> None:
    unknown = op.static_output_shape.get_values().count(DYNAMIC_INDEX)
    if unknown != len(op.dynamic_output_shape):
        raise VerificationError(
            op,
            f"output shape with {unknown} unknown sizes and {len(op.dynamic_output_shape)} operands",
        )


def _verify_successor_arguments(op: Operation) -> None:
    """Check what a branch passes against the arguments of each block it goes to, which xDSL does not."""
    match op:
        case cf.BranchOp():
            passed = [op.arguments]
        case cf.ConditionalBranchOp():
            passed = [op.then_arguments, op.else_arguments]
        case cf.SwitchOp():
            passed = [op.default_operands, *_case_operands(op)]
        case _:
            return
    for index, (block, values) in enumerate(zip(op.successors, passed, strict=True)):
        expected = [arg.type for arg in block.args]
        got = [value.type for value in values]
        if len(got) != len(expected):
            raise VerificationError(
                op, f"passes {len(got)} values to successor #{index}, which has {len(expected)}"
            )
        for position, (left, right) in enumerate(zip(got, expected, strict=True)):
            if left != right:
                raise VerificationError(
                    op,
                    f"passes a {left} as argument #{position} of successor #{index}, a {right}",
                )


def _verify_place(op: Operation) -> None:
    block = op.parent
    if not op.successors or block is None:
        return
    if block.last_op is not op:
        raise VerificationError(op, "has successors and must end its block")
    for successor in op.successors:
        if successor.parent is not block.parent:
            raise VerificationError(op, "branches to a block of another region")
        if successor is block.parent_region().blocks.first:  # pyright: ignore[reportOptionalMemberAccess]
            raise VerificationError(op, "branches to the entry block of its region")


def _verify_region(op: Operation, region: Region) -> None:
    if op.has_trait(SymbolTable):
        _verify_symbols(region)
    if op.has_trait(NoTerminator):
        return
    for block in region.blocks:
        last = block.last_op
        if last is None:
            raise VerificationError(op, "has an empty block: expected at least a terminator")
        if not last.has_trait(IsTerminator, value_if_unregistered=True):
            raise VerificationError(last, "ends a block but is not a terminator")
        for inner in block.ops:
            if inner is not last and inner.has_trait(IsTerminator, value_if_unregistered=False):
                raise VerificationError(inner, "is a terminator and must end its block")


def _case_operands(op: cf.SwitchOp) -> Iterable[Sequence[SSAValue]]:
    start = 0
    for size in op.case_operand_segments.get_values():
        yield op.case_operands[start : start + int(size)]
        start += int(size)


def _verify_symbols(region: Region) -> None:
    names: set[str] = set()
    for block in region.blocks:
        for op in block.ops:
            name = op.get_attr_or_prop("sym_name")
            if isinstance(name, StringAttr):
                if name.data in names:
                    raise VerificationError(op, f"redefinition of symbol '{name.data}'")
                names.add(name.data)


def verify_dominance(module: Operation) -> None:
    """Check that each operand is defined before its use on every path, and is not used outside its region.

    Raises:
        VerificationError: for the first use that its definition does not dominate.
    """
    order: dict[Operation, int] = {op: number for number, op in enumerate(module.walk())}
    trees: dict[Region, dict[Block, Block | None]] = {}
    for op in module.walk():
        for index, operand in enumerate(op.operands):
            problem = _problem_of_use(op, operand, order, trees)
            if problem:
                raise VerificationError(op, f"operand #{index} {problem}")


def _problem_of_use(
    user: Operation,
    value: SSAValue,
    order: dict[Operation, int],
    trees: dict[Region, dict[Block, Block | None]],
) -> str:
    """Why `user` may not use `value`; empty when it may."""
    definition = value.owner
    home = definition if isinstance(definition, Block) else definition.parent
    if home is None or home.parent is None:
        return "is defined outside the module"
    place: Operation | None = user
    while place is not None and place.parent is not None and place.parent.parent is not home.parent:
        place = place.parent_op()
        if place is not None and place.has_trait(IsolatedFromAbove):
            return f"is defined outside of '{place.name}', whose body is isolated from above"
    if place is None or place.parent is None:
        return "is not visible here: it is defined in the region of another op"
    parent = home.parent_op()
    if parent is not None and parent.has_trait(NoTerminator) and isinstance(parent, ModuleOp):
        return ""  # a graph region: no order
    if place.parent is home:
        if isinstance(definition, Block) or order[definition] < order[place]:
            return ""
        return "does not dominate this use: it is defined later"
    region = home.parent
    tree = trees.get(region)
    if tree is None:
        tree = trees[region] = immediate_dominators(region)
    if place.parent not in tree or dominates(tree, home, place.parent):
        return ""  # what cannot be reached may use anything
    return "does not dominate this use: there is a path around its definition"


def immediate_dominators(region: Region) -> dict[Block, Block | None]:
    """The immediate dominator of each block that can be reached from the entry, which has None.

    Cooper, Harvey and Kennedy's algorithm: two or three sweeps for the graphs that structured programs give.
    """
    entry = region.blocks.first
    if entry is None:
        return {}
    postorder = _postorder(entry)
    number = {block: index for index, block in enumerate(postorder)}
    predecessors: dict[Block, list[Block]] = {block: [] for block in postorder}
    for block in postorder:
        for successor in _successors(block):
            predecessors[successor].append(block)
    tree: dict[Block, Block | None] = {entry: None}

    def common(left: Block, right: Block) -> Block:
        while left is not right:
            if number[left] < number[right]:
                left = tree[left] or entry
            else:
                right = tree[right] or entry
        return left

    changed = True
    while changed:
        changed = False
        for block in reversed(postorder):
            if block is entry:
                continue
            known = [p for p in predecessors[block] if p in tree]
            best = known[0]
            for other in known[1:]:
                best = common(best, other)
            if tree.get(block) is not best:
                tree[block] = best
                changed = True
    return tree


def dominates(tree: dict[Block, Block | None], above: Block, below: Block) -> bool:
    """Whether every path from the entry to `below` passes `above`, by the tree of immediate dominators."""
    block: Block | None = below
    while block is not None:
        if block is above:
            return True
        block = tree[block]
    return False


def _successors(block: Block) -> Iterable[Block]:
    return block.last_op.successors if block.last_op is not None else ()


def _postorder(entry: Block) -> list[Block]:
    """The blocks that can be reached from `entry`, successors first; no recursion, graphs may be deep."""
    done: list[Block] = []
    seen = {entry}
    stack = [(entry, iter(_successors(entry)))]
    while stack:
        block, remaining = stack[-1]
        following = next((b for b in remaining if b not in seen), None)
        if following is None:
            done.append(block)
            stack.pop()
        else:
            seen.add(following)
            stack.append((following, iter(_successors(following))))
    return done
