"""Loop nests as functions of their own, when a function has many.

LLVM's loop vectoriser checks the whole function again after each loop it has changed, and other passes look at all of it for
each loop too: two hundred loops in one function cost 22 ms each, in functions of their own 5. A loop nest is taken out when

- control enters it at its header and leaves it to one block only,
- every memref it uses from outside is an argument of `@main`, an allocation or a view of one: then it is known which
  pointers the new function may call `noalias`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tfc.backend.translate.emitter import Buffer, Value
from tfc.backend.units import Definition
from xdsl.ir import Block, SSAValue

if TYPE_CHECKING:
    from tfc.backend.translate.function import FunctionTranslator

#: From this many loop nests on.
MANY = 6
_STAYS = {"memref.alloca", "func.return", "ub.unreachable"}


@dataclass
class Nest:
    """Blocks of an outermost loop, the header first, and the one block that control leaves to."""

    blocks: list[Block]
    exit: Block
    inputs: list[SSAValue]
    outputs: list[SSAValue]


def find_nests(blocks: list[Block]) -> dict[Block, Nest]:
    """The outermost loops that can be taken out, by header; `blocks` in reverse post-order."""
    position = {block: k for k, block in enumerate(blocks)}
    ends: dict[int, int] = {}
    sources: dict[Block, list[Block]] = {}
    for k, block in enumerate(blocks):
        for target in _targets(block):
            sources.setdefault(target, []).append(block)
            if position[target] <= k:
                ends[position[target]] = max(k, ends.get(position[target], 0))
    outermost: list[tuple[int, int]] = []
    last = -1
    for start in sorted(ends):
        if start <= last:
            last = max(last, ends[start])  # overlapping: `_nest` refuses the outer one
            continue
        last = ends[start]
        outermost.append((start, last))
    if len(outermost) < MANY:
        return {}
    nests = ((blocks[start], _nest(blocks, sources, start, last)) for start, last in outermost)
    return {header: nest for header, nest in nests if nest is not None}


def _targets(block: Block) -> tuple[Block, ...]:
    last = block.last_op
    return last._successors if last is not None else ()  # pyright: ignore[reportPrivateUsage]


def _nest(
    blocks: list[Block], sources: dict[Block, list[Block]], start: int, last: int
) -> Nest | None:
    inside = blocks[start : last + 1]
    members = set(inside)
    exits = {t for block in inside for t in _targets(block) if t not in members}
    entered = any(
        source not in members for block in inside[1:] for source in sources.get(block, ())
    )
    if len(exits) != 1 or entered:
        return None
    inputs: dict[SSAValue, None] = {}
    outputs: list[SSAValue] = []
    defined: set[SSAValue] = set()
    for block in inside:
        defined.update(block.args)
        for op in block.ops:
            if op.name in _STAYS:
                return None
            defined.update(op.results)
    for block in inside:
        for op in block.ops:
            for operand in op._operands:  # pyright: ignore[reportPrivateUsage]
                if operand not in defined:
                    inputs[operand] = None
    for block in inside:
        values = [*block.args, *(result for op in block.ops for result in op.results)]
        outputs += [v for v in values if any(use.operation.parent not in members for use in v.uses)]
    return Nest(inside, exits.pop(), list(inputs), outputs)


def take_out(e: FunctionTranslator, nest: Nest) -> bool:
    """Translate a nest as a function and emit its call; False when its pointers are not known well enough."""
    header = nest.blocks[0]
    inputs = [*nest.inputs, *header.args]
    buffers = [value for v in inputs if isinstance(value := e.values[v], Buffer)]
    bases = {buffer.base for buffer in buffers if buffer.base[0] == "%"}
    if any(base not in e.roots for base in bases):
        return False
    infos = [e.info(v.type) for v in [*nest.outputs, *nest.exit.args]]
    inner = e.child(infos, nest)
    parameters = _Parameters()
    starts = [parameters.value(e.values[v], e.info(v.type).llvm) for v in inputs]
    for v, start in zip(nest.inputs, starts, strict=False):
        inner.values[v] = start
    first: list[str] = []
    for v, start in zip(header.args, starts[len(nest.inputs) :], strict=True):
        inner.values[v] = start
        first += inner.flatten(v)
    taken = parameters.taken.items()
    written = [f"{type_}{_marks(e, name, bases)} {new}" for name, (type_, new) in taken]
    symbol = f'@"l.{e.function.sym_name.data}.{e.module.outlined_count}"'
    e.module.outlined_count += 1
    returned = e.module.return_type(infos)
    listed = ", ".join(["ptr %context", "ptr %frame", *written])
    text = inner.translate_nest(
        f"define internal {returned} {symbol}({listed}) noinline nounwind", first
    )
    e.module.outlined.append(Definition(symbol, text, inner.work))
    given = "".join(f", {type_} {name}" for name, (type_, _) in taken)
    result = e.define(f"call {returned} {symbol}(ptr %context, ptr %frame{given})")
    status = e.define(f"extractvalue {returned} {result}, 0") if infos else result
    if inner.failures:
        e.fail_unless(e.define(f"icmp eq i32 {status}, 0"), status)
    count = sum(len(info.components) for info in infos)
    parts = [e.define(f"extractvalue {returned} {result}, {k}") for k in range(1, count + 1)]
    for v in nest.outputs:
        info = e.info(v.type)
        mine, parts = parts[: len(info.components)], parts[len(info.components) :]
        e.values[v] = e.rebuild(info, mine)
    e.incoming.setdefault(nest.exit, []).append((e.label, parts))
    e.emit(f"br label %{e.labels[nest.exit]}")
    return True


class _Parameters:
    """The names inside an outlined function of what it takes."""

    def __init__(self) -> None:
        self.taken: dict[str, tuple[str, str]] = {}
        """The type and the name inside, by the name outside."""

    def name(self, outer: str, type_: str) -> str:
        if outer[0] != "%":  # a constant
            return outer
        return self.taken.setdefault(outer, (type_, f"%p{len(self.taken)}"))[1]

    def value(self, value: Value, type_: str) -> Value:
        if isinstance(value, str):
            return self.name(value, type_)
        if isinstance(value, list):
            return [self.name(row, type_) for row in value]
        return Buffer(
            self.name(value.base, "ptr"),
            self.name(value.offset, "i64"),
            [self.name(size, "i64") for size in value.sizes],
            [self.name(stride, "i64") for stride in value.strides],
            value.scope,
        )


def _marks(e: FunctionTranslator, name: str, bases: set[str]) -> str:
    """` noalias` for a pointer that no other pointer of the call can meet."""
    if name not in bases:
        return ""
    root, start, end = e.roots[name]
    for other in bases:
        if other != name:
            its_root, its_start, its_end = e.roots[other]
            if its_root == root and its_start < end and start < its_end:
                return " noundef"
    return " noalias noundef"
