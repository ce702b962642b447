"""A module of the `cf` stage as the text of an LLVM module, and what a caller must know of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

from tfc.backend.arrays import numpy_dtype
from tfc.backend.errors import BackendError
from tfc.backend.signature import REPORT_WORDS, ArraySpec, EntrySignature, ResultSpec
from tfc.backend.translate.calls import FRAME_TYPE, callee_name
from tfc.backend.translate.emitter import Emitter
from tfc.backend.translate.function import FunctionTranslator
from tfc.backend.translate.memref import load_element, store_element
from tfc.backend.translate.types import DYNAMIC, TypeInfo, type_info
from tfc.backend.units import Definition, Unit, Work, cut, whole
from xdsl.dialects.builtin import (
    ArrayAttr,
    DenseIntOrFPElementsAttr,
    DictionaryAttr,
    IntegerAttr,
    MemRefType,
    ModuleOp,
    StringAttr,
    UnitAttr,
    VectorType,
)
from xdsl.dialects.func import CallOp, FuncOp
from xdsl.dialects.memref import GlobalOp
from xdsl.ir import Attribute, Operation

ENTRY = "tfc_entry"
#: The functions of the context, in the order of its table (see docs/architecture.md).
CONTEXT_SLOTS = ("alloc", "free", "host_call", "parallel_for", "free_all", "disown", "adopt")
_FAILING_OPS = {"cf.assert", "memref.alloc"}


@dataclass(frozen=True)
class Translation:
    """LLVM IR and the facts that go with it.

    `asserts` holds the texts of status 1, 2, ...; `host_calls` the signature of each
    `@tfc_host_<k>`; `uses_runtime` says whether the code calls anything in the context.
    """

    definitions: tuple[Definition, ...]
    metadata: tuple[str, ...]
    entry: EntrySignature | None
    asserts: tuple[str, ...]
    host_calls: dict[int, EntrySignature]
    uses_runtime: bool

    @property
    def text(self) -> str:
        """The whole program as one module."""
        return whole(self.definitions, self.metadata)

    def units(self) -> tuple[Unit, ...]:
        """The program in parts that can be compiled apart."""
        return cut(self.definitions, self.metadata)


@dataclass(frozen=True)
class HostPlan:
    """How a host call fills its words: `order` has an operand's index, or -1 - result's index for a
    dynamic result.
    """

    number: int
    words: int
    order: tuple[int, ...]
    signature: EntrySignature


def _passes_through(op: FuncOp, name: str) -> bool:
    """Whether a function has the LLVM attribute `name`: `attributes {passthrough = ["alwaysinline"]}`, as in MLIR."""
    listed = op.attributes.get("passthrough")
    return isinstance(listed, ArrayAttr) and StringAttr(name) in listed.data


class ModuleTranslator:
    """Names, helper functions and metadata that the functions of a module share."""

    def __init__(self, module: ModuleOp) -> None:
        self.types: dict[int, TypeInfo] = {}
        self.functions: dict[str, FuncOp] = {}
        self.globals: dict[str, GlobalOp] = {}
        for op in module.body.block.ops:
            if isinstance(op, FuncOp):
                self.functions[op.sym_name.data] = op
            elif isinstance(op, GlobalOp):
                self.globals[op.sym_name.data] = op
            else:
                raise BackendError(f"cannot translate '{op.name}' at the top of a module")
        self.defined = {n: f for n, f in self.functions.items() if f.body.blocks}
        self.inlined = {n for n, f in self.defined.items() if _passes_through(f, "alwaysinline")}
        self.cold = {n for n, f in self.defined.items() if _passes_through(f, "cold")}
        self.can_fail = failing_functions(self.defined)
        self.asserts: dict[str, int] = {}
        self.host_plans: dict[str, HostPlan] = {}
        self.helpers: dict[str, str] = {}
        self.uses_runtime = False
        self.outlined: list[Definition] = []
        self.outlined_count = 0
        self.parallel: dict[str, tuple[str, str]] = {}
        """Of each body of a parallel loop: the struct of its captures, and the text of its wrapper."""
        self.metadata: list[str] = [
            '!0 = !{!"branch_weights", i32 1048575, i32 1}',
            "!1 = !{}",
            "!2 = !{i32 1}",
        ]

    def translate(self) -> Translation:
        parts = [self._global(op) for op in self.globals.values()]
        functions = {name: self._function(name, op) for name, op in self.defined.items()}
        parts += functions.values()
        entry = None
        if main := self.defined.get("main"):
            entry = boundary(main)[0]
            parts.append(Definition(f"@{ENTRY}", self._entry(main)))
        parts += [Definition(f'@"p.{name}"', text) for name, (_, text) in self.parallel.items()]
        parts += self.outlined
        parts += [Definition(f"@{n}", text, inline=True) for n, text in self.helpers.items()]
        host_calls = {plan.number: plan.signature for plan in self.host_plans.values()}
        return Translation(
            tuple(parts),
            tuple(self.metadata),
            entry,
            tuple(self.asserts),
            host_calls,
            self.uses_runtime,
        )

    # Functions

    def return_type(self, infos: Sequence[TypeInfo]) -> str:
        components = [c for info in infos for c in info.components]
        return "{ " + ", ".join(["i32", *components]) + " }" if components else "i32"

    def info(self, attribute: Attribute) -> TypeInfo:
        known = self.types.get(id(attribute))
        if known is None:
            known = self.types[id(attribute)] = type_info(attribute)
        return known

    def _function(self, name: str, op: FuncOp) -> Definition:
        translator = FunctionTranslator(self, op)
        is_main = name == "main"
        parameters = ["ptr %context", "ptr %frame"]
        names: list[str] = []
        attributes = argument_attributes(op)
        for type_, attached in zip(op.function_type.inputs.data, attributes, strict=True):
            info = self.info(type_)
            for component in info.components:
                marks = ""
                if component == "ptr" and info.is_memref:
                    if is_main or "llvm.noalias" in attached:
                        marks += " noalias"
                    marks += f" noundef align {info.bytes}"
                names.append(f"%a{len(names)}")
                parameters.append(f"{component}{marks} {names[-1]}")
        returned = self.return_type([self.info(t) for t in op.function_type.outputs.data])
        inlined, kernel = name in self.inlined, _passes_through(op, "noinline")
        inline = "alwaysinline " if inlined else "noinline " if kernel or is_main else ""
        inline += "cold " if name in self.cold else ""
        symbol = f'@"f.{name}"'
        header = f"define internal {returned} {symbol}({', '.join(parameters)}) {inline}nounwind"
        try:
            text = translator.translate(header, names)
        except RecursionError:
            raise BackendError(f"cannot translate @{name}: it is nested too deeply") from None
        work: Work = "vectors" if kernel else translator.work
        return Definition(symbol, text, work, inlined, kernel)

    def _entry(self, main: FuncOp) -> str:
        """`tfc_entry`: words in, call `@main`, words out."""
        e = Emitter(self)
        frame = e.stack_slot(FRAME_TYPE, 16)
        arguments = f"ptr %context, ptr {frame}"
        order = boundary(main)[1]
        position = 0
        dynamic: dict[int, int] = {}
        parameters: dict[int, str] = {}
        for which in order:
            if which < 0:
                dynamic[-1 - which] = position
                output = main.function_type.outputs.data[-1 - which]
                position += len(self.info(output).components)
                continue
            info = self.info(main.function_type.inputs.data[which])
            if not info.is_memref:
                place = self._pointer_in(e, position)
                parameters[which] = f", {info.llvm} {load_element(e, info, place)}"
                position += 1
                continue
            text = ""
            for component in info.components:
                address = e.element_pointer("%words", str(position), "i64")
                text += f", {component} {e.define(f'load {component}, ptr {address}')}"
                position += 1
            parameters[which] = text
        arguments += "".join(parameters[k] for k in sorted(parameters))
        returned = self.return_type([self.info(t) for t in main.function_type.outputs.data])
        fails = "main" in self.can_fail
        if fails:
            self.reset_frame(e, frame)
        value = e.define(f'call {returned} @"f.main"({arguments})')
        status = value if returned == "i32" else e.define(f"extractvalue {returned} {value}, 0")
        if fails:
            self._leave_on_failure(e, frame, status, position)
        self._store_results(e, main, returned, value, frame, dynamic)
        e.emit("ret i32 0")
        header = f"define i32 @{ENTRY}(ptr %context, ptr %words) nounwind"
        return header + " {\nentry:\n" + "\n".join([*e.entry_lines, *e.lines]) + "\n}\n"

    def _pointer_in(self, e: Emitter, position: int) -> str:
        """The pointer in one of the words: of a scalar, which the caller has as an array of rank 0."""
        return e.define(f"load ptr, ptr {e.element_pointer('%words', str(position), 'i64')}")

    def _leave_on_failure(self, e: Emitter, frame: str, status: str, position: int) -> None:
        """Copy what was reported behind the words and free what the call allocated."""
        fine = e.define(f"icmp eq i32 {status}, 0")
        bad, good = e.fresh_label(), e.fresh_label()
        e.emit(f"br i1 {fine}, label %{good}, label %{bad}, !prof !0")
        e.start(bad)
        target = e.element_pointer("%words", str(position), "i64")
        e.emit(
            f"call void @llvm.memcpy.p0.p0.i64(ptr align 8 {target}, ptr align 8 {frame}, "
            f"i64 {8 * REPORT_WORDS}, i1 false)"
        )
        e.emit(self.context_call(e, "free_all", "void", f"ptr {frame}"))
        e.emit(f"ret i32 {status}")
        e.start(good)

    def _store_results(
        self,
        e: Emitter,
        main: FuncOp,
        returned: str,
        value: str,
        frame: str,
        dynamic: dict[int, int],
    ) -> None:
        part = 1
        for index, type_ in enumerate(main.function_type.outputs.data):
            start = dynamic[index]
            info = self.info(type_)
            for offset, component in enumerate(info.components):
                name = e.define(f"extractvalue {returned} {value}, {part}")
                part += 1
                if not info.is_memref:
                    store_element(e, info, name, self._pointer_in(e, start))
                    continue
                if component == "ptr":
                    e.emit(self.context_call(e, "disown", "void", f"ptr {name}"))
                address = e.element_pointer("%words", str(start + offset), "i64")
                e.emit(f"store {component} {name}, ptr {address}")

    # Memory, through the context

    def context_call(
        self, e: Emitter, slot: str, returned: str, arguments: str, context: str = "%context"
    ) -> str:
        """Text of a call of one of the context's functions."""
        self.uses_runtime = True
        offset = CONTEXT_SLOTS.index(slot)
        address = e.element_pointer(context, str(offset), "ptr")
        function = e.define(f"load ptr, ptr {address}, !invariant.load !1")
        return f"call {returned} {function}({arguments})"

    def reset_frame(self, e: Emitter, frame: str) -> None:
        head = e.element_pointer(frame, str(REPORT_WORDS), "i64")
        e.emit(f"store ptr null, ptr {head}")

    def allocate(self, e: Emitter, size: str) -> str:
        ask = self.context_call(e, "alloc", "noalias align 64 ptr", f"ptr %frame, i64 {size}")
        pointer = e.define(ask)
        e.fail_unless(e.define(f"icmp ne ptr {pointer}, null"), "-2")
        return pointer

    def adopt(self, e: Emitter, pointer: str) -> None:
        """Take over a block that the host allocated."""
        e.emit(self.context_call(e, "adopt", "void", f"ptr %frame, ptr {pointer}"))

    def release(self, e: Emitter, pointer: str) -> None:
        e.emit(self.context_call(e, "free", "void", f"ptr {pointer}"))

    def checked_multiply(self, e: Emitter, a: str, b: str) -> str:
        self.helpers["tfc_multiply"] = _MULTIPLY
        return e.define(f"call i64 @tfc_multiply(i64 {a}, i64 {b})")

    # Asserts, host calls, parallel bodies, globals

    def assert_status(self, text: str) -> int:
        return 1 + self.asserts.setdefault(text, len(self.asserts))

    def host_plan(self, name: str) -> HostPlan:
        plan = self.host_plans.get(name)
        if plan is None:
            number = name.removeprefix("tfc_host_")
            if not number.isdigit() or name not in self.functions:
                raise BackendError(f"@{name} is not declared as a host call")
            signature, order = boundary(self.functions[name])
            plan = HostPlan(int(number), signature.words, order, signature)
            self.host_plans[name] = plan
        return plan

    def parallel_body(self, name: str, captures: Sequence[str]) -> str:
        """The struct that carries captures to the body's wrapper `@p.<name>`."""
        if name not in self.parallel:
            struct = "{ " + ", ".join(["i32", "ptr", "ptr", "i64", *captures]) + " }"
            self.parallel[name] = (struct, self._parallel_wrapper(name, struct, captures))
        return self.parallel[name][0]

    def _parallel_wrapper(self, name: str, struct: str, captures: Sequence[str]) -> str:
        e = Emitter(self)

        def field(position: int) -> str:
            return e.define(f"getelementptr inbounds {struct}, ptr %data, i32 0, i32 {position}")

        frame = e.stack_slot(FRAME_TYPE, 16)
        context = e.define(f"load ptr, ptr {field(1)}")
        base = e.define(f"load i64, ptr {field(3)}")
        lo, hi = e.add(base, "%lo"), e.add(base, "%hi")
        arguments = f"ptr {context}, ptr {frame}, i64 {lo}, i64 {hi}"
        for position, type_ in enumerate(captures, 4):
            arguments += f", {type_} {e.define(f'load {type_}, ptr {field(position)}')}"
        fails = name in self.can_fail
        if fails:
            self.reset_frame(e, frame)
        status = e.define(f'call i32 @"f.{name}"({arguments})')
        if fails:
            self._body_leaves_on_failure(e, context, status, frame, field(2))
        e.emit("ret void")
        header = f'define internal void @"p.{name}"(ptr %data, i64 %lo, i64 %hi) nounwind'
        return header + " {\nentry:\n" + "\n".join([*e.entry_lines, *e.lines]) + "\n}\n"

    def _body_leaves_on_failure(
        self, e: Emitter, context: str, status: str, frame: str, outer_field: str
    ) -> None:
        """The first piece to fail tells the caller: its status, and the words it reported."""
        outer = e.define(f"load ptr, ptr {outer_field}")
        fine = e.define(f"icmp eq i32 {status}, 0")
        e.emit(f"br i1 {fine}, label %done, label %bad, !prof !0")
        e.start("bad")
        e.emit(self.context_call(e, "free_all", "void", f"ptr {frame}", context))
        pair = e.define(f"cmpxchg ptr %data, i32 0, i32 {status} seq_cst seq_cst")
        won = e.define(f"extractvalue {{ i32, i1 }} {pair}, 1")
        e.emit(f"br i1 {won}, label %report, label %done")
        e.start("report")
        e.emit(
            f"call void @llvm.memcpy.p0.p0.i64(ptr align 8 {outer}, ptr align 8 {frame}, "
            f"i64 {8 * REPORT_WORDS}, i1 false)"
        )
        e.emit("br label %done")
        e.start("done")

    def global_name(self, name: str) -> str:
        if name not in self.globals:
            raise BackendError(f"memref.get_global: no global @{name}")
        return f'@"g.{name}"'

    def _global(self, op: GlobalOp) -> Definition:
        info = self.info(op.properties["type"])
        count = 1
        for size in info.shape:
            count *= size
        nbytes = count * info.bytes
        kind = "constant" if "constant" in op.properties else "global"
        alignment = op.properties.get("alignment")
        align = alignment.value.data if isinstance(alignment, IntegerAttr) else 64
        initial = op.properties.get("initial_value")
        data = "zeroinitializer"
        if isinstance(initial, DenseIntOrFPElementsAttr):
            raw = initial.data.data
            raw = raw * (nbytes // max(len(raw), 1))
            data = 'c"' + "".join(map(_ESCAPES.__getitem__, raw)) + '"'
        elif not isinstance(initial, UnitAttr):
            raise BackendError(f"cannot translate the value of memref.global @{op.sym_name.data}")
        name = f'@"g.{op.sym_name.data}"'
        text = f"{name} = internal {kind} [{nbytes} x i8] {data}, align {align}"
        return Definition(name, text)

    # Metadata

    def loop_metadata(self, hints: dict[str, int]) -> str:
        """A distinct loop id with the properties that the hints stand for."""
        properties: list[str] = []
        for hint, number in hints.items():
            properties += _loop_properties(hint, number)
        first = len(self.metadata)
        operands = ", ".join(f"!{first + k}" for k in range(len(properties) + 1))
        self.metadata.append(f"!{first} = distinct !{{{operands}}}")
        for k, text in enumerate(properties, 1):
            self.metadata.append(f"!{first + k} = !{{{text}}}")
        return f"!{first}"


def _loop_properties(hint: str, number: int) -> list[str]:
    if hint == "tfc.interleave":
        return [f'!"llvm.loop.interleave.count", i32 {number}']
    if number <= 1:
        return ['!"llvm.loop.unroll.disable"']
    return [f'!"llvm.loop.unroll.count", i32 {number}']


#: Bytes of a constant as text; what means something in LLVM IR, quotes or not, does not appear as itself.
_ESCAPES = [chr(b) if chr(b).isascii() and chr(b).isalnum() else f"\\{b:02X}" for b in range(256)]


# The boundary of a function


def argument_attributes(op: FuncOp) -> list[dict[str, Attribute]]:
    attached = op.properties.get("arg_attrs")
    if not isinstance(attached, ArrayAttr):
        return [{} for _ in op.function_type.inputs.data]
    return [dict(cast("DictionaryAttr", a).data) for a in attached.data]


def _result_attributes(op: FuncOp) -> list[dict[str, Attribute]]:
    attached = op.properties.get("res_attrs")
    if not isinstance(attached, ArrayAttr):
        return [{} for _ in op.function_type.outputs.data]
    return [dict(cast("DictionaryAttr", a).data) for a in attached.data]


def _array_spec(attribute: Attribute) -> ArraySpec:
    if isinstance(attribute, MemRefType):
        if not type_info(attribute).identity:
            raise BackendError(f"{attribute} at the boundary of the program: expected row-major")
        shape = tuple(-1 if s == DYNAMIC else s for s in attribute.get_shape())
        return ArraySpec(str(attribute.element_type), shape)
    if isinstance(attribute, VectorType):
        raise BackendError(f"{attribute} at the boundary of the program: expected a memref")
    numpy_dtype(str(attribute))  # or there is none
    return ArraySpec(str(attribute), ())


def _number(attribute: Attribute) -> int:
    return cast("IntegerAttr", attribute).value.data


def boundary(op: FuncOp) -> tuple[EntrySignature, tuple[int, ...]]:
    """The signature of `@main` or of a host call, and the order of its words.

    The order holds the index of an argument of the function, or -1 - the index of a (dynamic)
    result of it. A returned memref without `tfc.result` takes the first free index among the
    results.
    """
    inputs: list[int] = []
    updates: list[int] = []
    results: dict[int, int] = {}
    for index, attached in enumerate(argument_attributes(op)):
        if (which := attached.get("tfc.result")) is not None:
            results[_number(which)] = index
        else:
            if "tfc.updated" in attached or "tfc.variable" in attached:
                updates.append(len(inputs))
            inputs.append(index)
    free = 0
    for index, attached in enumerate(_result_attributes(op)):
        if (which := attached.get("tfc.result")) is not None:
            results[_number(which)] = -1 - index
            continue
        while free in results:
            free += 1
        results[free] = -1 - index
    types_in, types_out = op.function_type.inputs.data, op.function_type.outputs.data
    ordered = [results[k] for k in sorted(results)]
    specs = tuple(
        ResultSpec(
            _array_spec(types_in[k] if k >= 0 else types_out[-1 - k]),
            k < 0 and isinstance(types_out[-1 - k], MemRefType),
        )
        for k in ordered
    )
    arguments = tuple(_array_spec(types_in[k]) for k in inputs)
    scalars = tuple(
        position for position, k in enumerate(inputs) if not isinstance(types_in[k], MemRefType)
    )
    signature = EntrySignature(arguments, specs, tuple(updates), scalars)
    return signature, (*inputs, *ordered)


def failing_functions(defined: dict[str, FuncOp]) -> set[str]:
    """Functions whose status a caller must look at."""
    callers: dict[str, set[str]] = {}
    failing: set[str] = set()
    for name, op in defined.items():
        for inner in op.body.walk():
            if inner.name in _FAILING_OPS:
                failing.add(name)
            elif isinstance(inner, CallOp):
                callee = callee_name(cast("Operation", inner))
                callers.setdefault(callee, set()).add(name)
                if callee.startswith("tfc_host_"):
                    failing.add(name)
    pending = list(failing)
    while pending:
        for caller in callers.get(pending.pop(), ()):
            if caller not in failing:
                failing.add(caller)
                pending.append(caller)
    return failing


def translate_module(module: ModuleOp) -> Translation:
    """Translate a module of the `cf` stage.

    Raises:
        BackendError: for an op or a type that has no form in LLVM IR; the message names it.

    Example:
        translate_module(module).text
    """
    return ModuleTranslator(module).translate()


_MULTIPLY = """\
define internal i64 @tfc_multiply(i64 %a, i64 %b) nounwind alwaysinline {
  %both = call { i64, i1 } @llvm.umul.with.overflow.i64(i64 %a, i64 %b)
  %product = extractvalue { i64, i1 } %both, 0
  %over = extractvalue { i64, i1 } %both, 1
  %result = select i1 %over, i64 -1, i64 %product
  ret i64 %result
}
"""
