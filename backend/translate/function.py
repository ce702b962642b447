"""One `func.func` as one LLVM function: blocks, phis, calls, failure.

Every function gets two hidden arguments, the context and its frame, and returns a status (0: fine),
followed by its results in a struct if it has any:

    func.func private @f(%a: memref<?xf32>) -> index
    define internal { i32, i64 } @f.f(ptr %context, ptr %frame, ptr %a0, i64 %a1)

The frame is eight words that `tfc_report` fills, then the head of the list of live allocations,
which the entry frees when the call fails.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, cast

from tfc.backend.errors import BackendError
from tfc.backend.translate import arith, calls, memref, vector, vector_memory
from tfc.backend.translate.emitter import Emitter, source_position
from tfc.backend.translate.memref import Handler, int_array
from tfc.backend.translate.outline import Nest, find_nests, take_out
from tfc.backend.translate.types import TypeInfo
from tfc.backend.units import Work
from xdsl.dialects.builtin import DenseIntOrFPElementsAttr, IntegerAttr, StringAttr
from xdsl.dialects.func import FuncOp
from xdsl.ir import Attribute, Block, Operation, SSAValue

if TYPE_CHECKING:
    from tfc.backend.translate.module import ModuleTranslator

#: Lines for each call, up to which a function without loops of its own is said to only call.
LINES_A_CALL = 40

_LOOP_HINTS = ("tfc.interleave", "tfc.unroll")

_NAME = re.compile(r"%[\w.]+")


class FunctionTranslator(Emitter):
    """Translates the body of a function into `lines`."""

    def __init__(self, module: ModuleTranslator, function: FuncOp) -> None:
        super().__init__(module)
        self.function = function
        self.nest: Nest | None = None
        self.labels: dict[Block, str] = {}
        self.starts: dict[Block, int] = {}
        self.incoming: dict[Block, list[tuple[str, list[str]]]] = {}
        self.phis: list[tuple[Block, int, int, str]] = []
        self.result_types = [self.info(t) for t in function.function_type.outputs.data]
        self.work: Work = "calls"
        """What LLVM has to do, known when the text is finished."""

    # The whole function

    def translate(self, header: str, parameters: list[str]) -> str:
        """The text of the function; `parameters` are the LLVM names of the flattened arguments."""
        blocks = reverse_post_order(self.function.body.blocks[0])
        for position, block in enumerate(blocks):
            self.labels[block] = f"b{position}"
        rest = iter(parameters)
        is_main = self.function.sym_name.data == "main"
        for argument in blocks[0].args:
            info = self.info(argument.type)
            parts = [next(rest) for _ in info.components]
            self.values[argument] = self.rebuild(info, parts)
            if is_main and info.is_memref:
                self.own_memory(parts[0])
        nests = find_nests(blocks)
        done: set[Block] = set()
        for position, block in enumerate(blocks):
            if block in done:
                continue
            if position:
                self.begin_block(block)
            nest = nests.get(block)
            if nest is not None and take_out(self, nest):
                done.update(nest.blocks)
            else:
                self.translate_ops(block)
        return self.finish(header)

    def child(self, results: list[TypeInfo], nest: Nest) -> FunctionTranslator:
        """A translator for a loop nest of this function as a function of its own."""
        inner = FunctionTranslator(self.module, self.function)
        inner.result_types = results
        inner.nest = nest
        inner.scopes = self.scopes.child()
        return inner

    def translate_nest(self, header: str, first: list[str]) -> str:
        """The text of a loop nest's function, whose header begins with the values `first`."""
        assert self.nest is not None
        blocks = self.nest.blocks
        for position, block in enumerate(blocks):
            self.labels[block] = f"b{position}"
        self.emit("br label %b0")
        self.incoming[blocks[0]] = [("entry", first)]
        for block in blocks:
            self.begin_block(block)
            self.translate_ops(block)
        return self.finish(header)

    def finish(self, header: str) -> str:
        """What can only be written when all blocks are: phis, scopes, the way out of failures."""
        self.fill_phis()
        self.scopes.resolve(self.lines)
        self.work = self._work()
        self.finish_failures()
        body = ["entry:", *self.entry_lines, *self.lines]
        return header + " {\n" + "\n".join(body) + "\n}\n"

    def _work(self) -> Work:
        """A loop without vectors may be vectorised unless it calls; without other loops, time is spent in what is called."""
        loops = [self.lines[first:last] for first, last in self.scopes.innermost_loops()]
        own = [loop for loop in loops if not any(map(self._is_call, loop))]
        done = (
            any("<" in line for line in loop) or _only_fills(loop) or _scatters(loop)
            for loop in own
        )
        if not all(done):
            return "loops"
        calls = sum(map(self._is_call, self.lines))
        return "vectors" if own or len(self.lines) > LINES_A_CALL * calls else "calls"

    def _is_call(self, line: str) -> bool:
        """Whether a line calls a function of the program, which stays a call and is reached often."""
        start = line.find('@"')
        if start < 0 or line[start + 2 : start + 4] not in ("f.", "l.", "p."):
            return False
        called = line[start + 4 : line.index('"', start + 4)]
        return called not in self.module.inlined and called not in self.module.cold

    def translate_ops(self, block: Block) -> None:
        op = block.first_op
        while op is not None:
            handler = HANDLERS.get(op.name) or HANDLERS.get(full_name(op))
            if handler is None:
                raise untranslatable(op)
            try:
                handler(self, op)
            except KeyError as missing:
                raise BackendError(
                    f"cannot translate '{op.name}' to LLVM IR{source_position(op)}: "
                    f"no property or value {missing}"
                ) from None
            op = op.next_op

    # Blocks and phis

    def begin_block(self, block: Block) -> None:
        self.starts[block] = len(self.lines)
        self.start(self.labels[block])
        pending: list[tuple[SSAValue, list[str]]] = []
        component = 0
        for argument in block.args:
            info = self.info(argument.type)
            names: list[str] = []
            for type_ in info.components:
                name = self.fresh()
                names.append(name)
                self.phis.append((block, component, len(self.lines), type_))
                self.lines.append(f"  {name} = phi {type_} ")
                component += 1
            pending.append((argument, names))
        for argument, names in pending:
            self.values[argument] = self.rebuild(self.info(argument.type), names)

    def fill_phis(self) -> None:
        for block, component, line, _ in self.phis:
            edges = ", ".join(
                f"[ {parts[component]}, %{label} ]" for label, parts in self.incoming[block]
            )
            self.lines[line] += edges

    def edge(self, target: Block, arguments: list[SSAValue], seen: dict[Block, bool]) -> str:
        """The label to branch to; a second edge from one block to the same target gets a block of
        its own.
        """
        parts = [part for argument in arguments for part in self.flatten(argument)]
        if self.nest is not None and target is self.nest.exit:
            return self.leave_nest(parts)
        label = self.labels[target]
        if target in self.starts:  # a back edge
            self.scopes.add_loop(self.starts[target], len(self.lines))
        if target not in seen:
            seen[target] = True
            self.incoming.setdefault(target, []).append((self.label, parts))
            return label
        between = self.fresh_label()
        self.incoming[target].append((between, parts))
        self.trampolines.append(f"{between}:\n  br label %{label}")
        return between

    def leave_nest(self, parts: list[str]) -> str:
        """The label of a block that returns what the rest of the function needs of the nest."""
        assert self.nest is not None
        label = self.fresh_label()
        lines, self.lines = self.lines, [f"{label}:"]
        kept = [part for value in self.nest.outputs for part in self.flatten(value)]
        self.emit_return("0", kept + parts)
        self.trampolines += self.lines
        self.lines = lines
        return label

    def terminate(self, text: str) -> None:
        self.emit(text)
        self.lines += self.trampolines
        self.trampolines.clear()

    # Failure

    def finish_failures(self) -> None:
        if not self.failures:
            return
        edges = ", ".join(f"[ {status}, %{label} ]" for status, label in self.failures)
        self.lines += ["fail:", f"  %status = phi i32 {edges}"]
        self.emit_return("%status", None)

    def emit_return(self, status: str, parts: list[str] | None) -> None:
        components = [c for info in self.result_types for c in info.components]
        if not components:
            self.emit(f"ret i32 {status}")
            return
        struct = self.module.return_type(self.result_types)
        value = self.define(f"insertvalue {struct} poison, i32 {status}, 0")
        for position, (type_, part) in enumerate(zip(components, parts or (), strict=False), 1):
            value = self.define(f"insertvalue {struct} {value}, {type_} {part}, {position}")
        self.emit(f"ret {struct} {value}")

    # Metadata

    def loop_metadata(self, op: Operation) -> str:
        """`!llvm.loop` for the hints on a latch branch."""
        attributes = op.attributes
        hints = {
            hint: cast("IntegerAttr", attributes[hint]).value.data
            for hint in _LOOP_HINTS
            if hint in attributes
        }
        return f", !llvm.loop {self.module.loop_metadata(hints)}" if hints else ""


def full_name(op: Operation) -> str:
    """An op's name, also of an op that xDSL has no class for (`arith.remf`)."""
    return getattr(getattr(op, "op_name", None), "data", op.name)


def untranslatable(op: Operation) -> BackendError:
    """The error for an op that has no form in LLVM IR, with what to do about it."""
    name = full_name(op)
    dialect = name.partition(".")[0]
    advice = {
        "math": ": run expand-math first",
        "scf": ": run convert-scf-to-cf first",
        "linalg": ": run convert-linalg-to-loops first",
        "tensor": ": run one-shot-bufferize first",
        "tfc": ": run convert-tfc-to-linalg first",
    }.get(dialect, "")
    return BackendError(f"cannot translate '{name}' to LLVM IR{source_position(op)}{advice}")


def _only_fills(loop: list[str]) -> bool:
    """Whether a loop writes a constant to places that are apart: vectors would not help it."""
    stores = [line.split() for line in loop if line.startswith("  store ")]
    reads = any(" = load " in line for line in loop)
    return bool(stores) and not reads and all("%" not in value for _, _, value, *_ in stores)


def _scatters(loop: list[str]) -> bool:
    """Whether a loop writes where what it has read says: LLVM cannot know that these places are apart."""
    read: set[str] = set()
    for line in loop:
        result, _, operation = line.strip().partition(" = ")
        if operation.startswith("load ") or not read.isdisjoint(_NAME.findall(operation)):
            read.add(result)
        elif result.startswith("store ") and _NAME.findall(result)[-1] in read:
            return True
    return False


def reverse_post_order(entry: Block) -> list[Block]:
    """Reachable blocks, each after the blocks that dominate it."""
    order: list[Block] = []
    seen = {entry}
    stack: list[tuple[Block, list[Block]]] = [(entry, _successors(entry))]
    while stack:
        block, rest = stack[-1]
        if rest:
            following = rest.pop()
            if following not in seen:
                seen.add(following)
                stack.append((following, _successors(following)))
        else:
            stack.pop()
            order.append(block)
    order.reverse()
    return order


def _successors(block: Block) -> list[Block]:
    last = block.last_op
    return list(last._successors) if last is not None else []  # pyright: ignore[reportPrivateUsage]


# Terminators and asserts


def branch(e: FunctionTranslator, op: Operation) -> None:
    target = op._successors[0]  # pyright: ignore[reportPrivateUsage]
    label = e.edge(target, list(op._operands), {})  # pyright: ignore[reportPrivateUsage]
    e.terminate(f"br label %{label}{e.loop_metadata(op)}")


def conditional_branch(e: FunctionTranslator, op: Operation) -> None:
    (condition,), yes, no = memref.segments(op)
    then, other = op._successors  # pyright: ignore[reportPrivateUsage]
    seen: dict[Block, bool] = {}
    first = e.edge(then, yes, seen)
    second = e.edge(other, no, seen)
    test = e.scalar(condition)
    hints = (", !prof !0" if "tfc.likely" in op.attributes else "") + e.loop_metadata(op)
    e.terminate(f"br i1 {test}, label %{first}, label %{second}{hints}")


def switch(e: FunctionTranslator, op: Operation) -> None:
    (flag,), default_operands, case_operands = memref.segments(op)
    default, *targets = op._successors  # pyright: ignore[reportPrivateUsage]
    values: tuple[int, ...] = ()
    if (attribute := op.properties.get("case_values")) is not None:
        values = cast("DenseIntOrFPElementsAttr", attribute).get_values()  # pyright: ignore[reportAssignmentType]
    seen: dict[Block, bool] = {}
    type_ = e.info(flag.type).llvm
    otherwise = e.edge(default, default_operands, seen)
    cases: list[str] = []
    start = 0
    sizes = int_array(op.properties["case_operand_segments"])
    for value, target, size in zip(values, targets, sizes, strict=True):
        label = e.edge(target, case_operands[start : start + size], seen)
        cases.append(f"{type_} {value}, label %{label}")
        start += size
    e.terminate(f"switch {type_} {e.scalar(flag)}, label %{otherwise} [ {' '.join(cases)} ]")


def assert_(e: FunctionTranslator, op: Operation) -> None:
    text = cast("StringAttr", op.properties["msg"]).data
    condition = e.scalar(op._operands[0])  # pyright: ignore[reportPrivateUsage]
    if condition != "true":
        e.fail_unless(condition, str(e.module.assert_status(text)))


def return_(e: FunctionTranslator, op: Operation) -> None:
    operands = op._operands  # pyright: ignore[reportPrivateUsage]
    e.emit_return("0", [part for value in operands for part in e.flatten(value)])


def unreachable(e: FunctionTranslator, op: Operation) -> None:
    e.emit("unreachable")


def poison(e: FunctionTranslator, op: Operation) -> None:
    result = op.results[0]
    info = e.info(result.type)
    # A memref's sizes and strides take part in arithmetic on literals: any number will do.
    parts = ["0" if info.is_memref and t == "i64" else "poison" for t in info.components]
    e.values[result] = e.rebuild(info, parts)


_CONTROL: dict[str, object] = {
    "cf.assert": assert_,
    "cf.br": branch,
    "cf.cond_br": conditional_branch,
    "cf.switch": switch,
    "func.call": calls.call,
    "func.return": return_,
    "ub.poison": poison,
    "ub.unreachable": unreachable,
}

HANDLERS = cast(
    "dict[str, Handler]",
    {**arith.HANDLERS, **memref.HANDLERS, **vector.HANDLERS, **vector_memory.HANDLERS, **_CONTROL},
)

__all__ = ["Attribute", "FunctionTranslator", "reverse_post_order", "untranslatable"]
