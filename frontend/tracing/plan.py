"""Recording an eager call of a public function: the NumPy calls that it comes down to, as one Python function."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Iterator
from types import CodeType
from typing import Any, NoReturn

import numpy as np
from tfc.core.dispatch import evaluator, tell_tapes
from tfc.core.plans import Look, Plan, tensors_in
from tfc.core.recording import STATE
from tfc.core.shortcuts import note
from tfc.core.tensor import Tensor
from tfc.core.variable import Variable
from tfc.dialects.tfc.semantics.arithmetic import multiply
from tfc.dialects.tfc.semantics.dtypes import is_float
from tfc.dialects.tfc.semantics.spec import Effect, OpSpec
from tfc.dialects.tfc.semantics.types import ArrayType
from tfc.gradients.custom import tell_cut
from tfc.gradients.explanation import is_cut
from tfc.gradients.folding import Told
from tfc.graph.nodes import Node, Value
from tfc.tracing.values.symbolic import Scope, SymbolicTensor, make_symbolic

_LARGEST_CONSTANT = 4096
"""Bytes of an array that a plan keeps."""
_LARGEST_ANSWER = 256
"""Bytes of an array on all of whose values a plan may depend."""
_APPLYING = frozenset(("tfc.core.dispatch", "tfc.ops.applying"))
_FEWEST_TOLD = 3
"""Ops of a plan from which on tapes are told of them together."""


class _NoPlanError(Exception):
    """What is done depends on more than the types of the operands."""


class _Recording:
    """The recorder of one call: a trace of straight code, where nothing but types is known of the operands."""

    def __init__(self, taped: bool) -> None:
        self.taped = taped
        self.is_certain = False
        self.caller: CodeType | None = None
        """What applied the first op."""
        self.given: list[np.ndarray] = []
        """The values of the arguments, at which only `look` looks."""
        self.looks: list[tuple[Look, Any]] = []
        """What was asked of them, and the answers."""
        self.unseen: set[Node] = set()
        """What is done while tapes do not record."""
        self.cuts: dict[Value, tuple[str, str, list[Value]]] = {}
        """By value behind which there is no gradient: name and reason, and from what it was computed."""
        self.nodes: list[Node] = []
        self.arguments: list[Value] = []
        self.constants: dict[Value, np.ndarray] = {}
        self.scope = Scope(self, None)  # pyright: ignore[reportArgumentType]

    def record(self, spec: OpSpec, inputs: tuple[Tensor, ...], attributes: dict[str, Any]) -> Any:
        if spec.effect not in (Effect.NONE, Effect.FAIL):
            raise _NoPlanError
        values = [self.value_of(tensor) for tensor in inputs]
        inferred = spec.infer(*[value.type for value in values], **attributes)
        single = inferred.__class__ is ArrayType
        node = Node(spec, values, attributes, (inferred,) if single else inferred)
        if not self.nodes:
            self.caller = _caller()
        self.nodes.append(node)
        node.is_certain = self.is_certain
        if not STATE.tapes:
            self.unseen.add(node)
        outputs = tuple(make_symbolic(output, self.scope) for output in node.outputs)
        return outputs[0] if single else outputs

    def repeat(self, source: Callable[[], np.ndarray], kind: ArrayType) -> Tensor:
        """A call of Python in the plan, of which tapes see nothing."""
        node = Node(OpSpec("call", source, source, (), effect=Effect.HOST), [], {}, (kind,))
        self.nodes.append(node)
        self.unseen.add(node)
        return make_symbolic(node.outputs[0], self.scope)

    def look(self, tensor: Tensor, ask: Callable[[np.ndarray], Any]) -> Any:
        """What `ask` tells of an argument: it is asked at each call, and calls with other answers have other plans."""
        value = self.value_of(tensor)
        if value not in self.arguments:
            raise _NoPlanError
        number = self.arguments.index(value)
        answer = ask(self.given[number])
        if answer.__class__ is bytes and len(answer) > _LARGEST_ANSWER:
            raise _NoPlanError
        self.looks.append(((number, ask), answer))
        return answer

    def value_of(self, tensor: Any) -> Value:
        if isinstance(tensor, SymbolicTensor):
            return tensor._value
        if tensor.__class__ is not Tensor:
            raise _NoPlanError
        value = Value(tensor.type)
        self.constants[value] = tensor._array
        return value

    def __getattr__(self, name: str) -> NoReturn:
        """Whatever else is asked of a trace: values, sizes that operands give, variables, where it is."""
        raise _NoPlanError

    def stand_in(self, item: Any) -> Any:
        """An argument with tensors that have no values."""
        if item.__class__ is list or item.__class__ is tuple:
            return item.__class__(map(self.stand_in, item))
        if item.__class__ is slice:
            return slice(*map(self.stand_in, (item.start, item.stop, item.step)))
        if item.__class__ is Variable:
            item = item.value()
        if item.__class__ is not Tensor:
            return item
        return make_symbolic(Value(item.type), self.scope)


def _unchanged(node: Node, constants: dict[Value, np.ndarray]) -> Value | None:
    """The operand that a node gives as it is: of a product with ones, as backward passes begin."""
    if node.spec is not multiply:
        return None
    for factor, other in (node.inputs, node.inputs[::-1]):
        ones = constants.get(factor)
        if ones is not None and other.type == node.outputs[0].type and np.all(ones == 1):
            return other
    return None


def _leaves(result: Any) -> Iterator[Any]:
    if isinstance(result, list | tuple):
        for item in result:  # pyright: ignore[reportUnknownVariableType]
            yield from _leaves(item)
    else:
        yield result


def _caller() -> CodeType | None:
    """What has called the functions that apply an op."""
    frame = sys._getframe(2)
    while frame is not None and frame.f_globals["__name__"] in _APPLYING:
        frame = frame.f_back
    return None if frame is None else frame.f_code


class _Listener:
    """What stands for the tapes while a call is recorded that they see."""

    def __init__(self, recording: _Recording) -> None:
        self.recording = recording

    def record(self, spec: Any, *operation: Any) -> None:
        """Ops come here that are applied to constants, in which tapes have no interest, and rules of functions."""
        if not isinstance(spec, OpSpec):
            raise _NoPlanError

    def note_cut(
        self, name: str, reason: str, inputs: tuple[Tensor, ...], outputs: tuple[Tensor, ...]
    ) -> None:
        operands = [self.recording.value_of(tensor) for tensor in inputs]
        for tensor in outputs:
            self.recording.cuts[self.recording.value_of(tensor)] = (name, reason, operands)

    def __getattr__(self, name: str) -> NoReturn:
        raise _NoPlanError


def make_plan(
    function: Callable[..., Any],
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
    taped: bool = False,
) -> Plan | None:
    """A function of the arrays of `tensors_in(args, kwargs)` that gives what `function` does.

    With `taped` it is one of the tensors themselves, and tapes see its ops. None if there is none. Pre-condition: no trace is
    active in this thread.
    """
    recording = _Recording(taped)
    recording.given = [tensor._array for tensor in tensors_in(args, kwargs)]
    tapes, STATE.tapes = STATE.tapes, ()
    arguments = recording.stand_in(args)
    named = {name: recording.stand_in(item) for name, item in kwargs.items()}
    recording.arguments = [tensor._value for tensor in tensors_in(arguments, named)]
    STATE.recorder = recording  # pyright: ignore[reportAttributeAccessIssue]
    if taped:  # so that it is asked what a tape is asked for
        STATE.tapes = (_Listener(recording),)  # pyright: ignore[reportAttributeAccessIssue]
    try:
        run = _Writer(recording).function(function(*arguments, **named))
    except Exception as error:
        if not isinstance(error, _NoPlanError):
            note(error)
        return None  # called as it is, the function gives its result or its message
    finally:
        STATE.recorder, STATE.tapes = None, tapes
    nodes = recording.nodes
    is_direct = recording.caller is getattr(function, "__code__", None) and len(nodes) == 1
    is_direct = is_direct and nodes[0].spec.is_elementwise and not nodes[0].attributes
    looks = [look for look, _ in recording.looks]
    seen = [answer for _, answer in recording.looks]
    return Plan(run, looks, seen[0] if len(seen) == 1 else tuple(seen), is_direct)


class _Writer:
    """Writes what was recorded as Python."""

    def __init__(self, recording: _Recording) -> None:
        self.recording = recording
        self.names: dict[Value, str] = {}
        self.globals: dict[str, Any] = {
            "__name__": __name__,  # whose warnings are ignored
            "_asarray": np.asarray, "_ndarray": np.ndarray, "_new": object.__new__, "_Tensor": Tensor,
            "_tell": tell_tapes, "_tell_cut": tell_cut,
        }  # fmt: skip
        self.lines: list[str] = []
        self.tensors: dict[Value, str] = {}
        """The names of those that tapes see."""
        self.same: dict[Value, Value] = {}
        """Values that are others, unchanged."""
        self.told_apart = False
        """Whether tapes see each node when it is evaluated."""

    def function(self, result: Any) -> Callable[..., Any]:
        """The function that gives `result`: a tensor, or lists, tuples and named tuples of tensors."""
        recording = self.recording
        values = [recording.value_of(item) for item in _leaves(result)]
        if not set(values).isdisjoint(recording.arguments):
            raise _NoPlanError  # the function gives the very tensor that it gets
        for value in recording.arguments:
            self.names[value] = f"a{len(self.names)}"
        parameters = ", ".join(self.names.values())
        if recording.taped:
            for value, name in self.names.items():
                self.tensors[value] = f"{name}_"
                self.lines.append(f"{name} = {name}_._array")
            parameters = ", ".join(self.tensors.values())
        nodes = self._folded(self._needed(values))
        values = [self.same.get(value, value) for value in values]
        self.told_apart = recording.taped and not self._is_foldable(nodes)
        for node in nodes:
            self._call(node)
        tensors = [self._tensor(value) for value in values]
        if recording.taped and not self.told_apart:
            self._tell_together(nodes, values, tensors)
        self.lines.append(f"return {self._expression(result, iter(tensors))}")
        return self._compiled("plan", parameters, self.lines)

    def _expression(self, result: Any, names: Iterator[str]) -> str:
        """Python for a structure with names in the places of its tensors."""
        if isinstance(result, Tensor):
            return next(names)
        items = "".join([f"{self._expression(item, names)}, " for item in result])
        if result.__class__ is list:
            return f"[{items}]"
        if result.__class__ is tuple:
            return f"({items})"
        name = f"_{result.__class__.__name__}"
        self.globals[name] = result.__class__
        return f"{name}({items})" if hasattr(result, "_fields") else f"{name}([{items}])"

    def _compiled(self, name: str, parameters: str, lines: list[str]) -> Callable[..., Any]:
        body = "".join(f"    {line}\n" for line in lines)
        exec(compile(f"def {name}({parameters}):\n{body}", "<plan>", "exec"), self.globals)
        return self.globals[name]

    def _is_foldable(self, nodes: list[Node]) -> bool:
        """Whether tapes can be told of all nodes together: there are some, and all sizes are known."""
        told = [node for node in nodes if node not in self.recording.unseen]
        return len(told) >= _FEWEST_TOLD and all(
            None not in value.type.shape for node in nodes for value in node.outputs
        )

    def _tell_together(self, nodes: list[Node], results: list[Value], tensors: list[str]) -> None:
        """Tapes see the nodes as one entry, with a function that tells them one by one."""
        recording = self.recording
        between = [v for node in nodes for v in node.outputs if v not in results]
        names = {value: f"a[{k}]" for k, value in enumerate(recording.arguments)}
        names |= {value: f"v[{k}]" for k, value in enumerate(between)}
        names |= {value: f"r[{k}]" for k, value in reversed(list(enumerate(results)))}

        def listed(values: list[Value]) -> str:
            for value in values:
                if value not in names:
                    names[value] = f"k{len(names)}"
                    self.globals[names[value]] = Tensor._wrap(self._constant(value))
            return "".join([f"{names[value]}, " for value in values])

        lines = ["pass"]
        for number, node in enumerate(nodes):
            if node not in recording.unseen:
                self.globals |= {f"ts{number}": node.spec, f"ta{number}": node.attributes}
                operands, outputs = listed(node.inputs), listed(list(node.outputs))
                lines.append(f"tape.record(ts{number}, ({operands}), ta{number}, ({outputs}))")
            for value in node.outputs:
                if value in recording.cuts:
                    name, reason, operands = recording.cuts[value]
                    lines.append(
                        f"tape.note_cut({name!r}, {reason!r}, ({listed(operands)}), ({listed([value])}))"
                    )
        tell = self._compiled("tell", "tape, a, v, r", lines)
        told = Told(tell, self._reach(nodes, results), bool(recording.cuts))
        self.globals["_told"] = told.tell_tapes
        arguments = "".join([f"{self.tensors[value]}, " for value in recording.arguments])
        values = "".join([f"{self.names[value]}, " for value in between])
        given = "".join([f"{name}, " for name in tensors])
        self.lines.append(f"_told(({arguments}), ({values}), ({given}))")

    def _reach(self, nodes: list[Node], results: list[Value]) -> list[frozenset[int]]:
        """From which arguments gradients come to each result: what a tape that is told of the nodes finds."""
        reach = {value: frozenset((k,)) for k, value in enumerate(self.recording.arguments)}
        none = frozenset[int]()
        for node in nodes:
            passes = node not in self.recording.unseen and not is_cut(node.spec)
            found = none.union(*[reach.get(value, none) for value in node.inputs])
            for value in node.outputs:
                reach[value] = found if passes and is_float(value.type.dtype) else none
        return [reach.get(value, none) for value in results]

    def _needed(self, results: list[Value]) -> list[Node]:
        """The nodes that the results need, and those that may fail."""
        needed = set(results)
        nodes: list[Node] = []
        may_fail = False
        for node in reversed(self.recording.nodes):
            effect = node.spec.effect
            may_fail |= effect is Effect.FAIL and not node.is_certain
            if effect is Effect.HOST and may_fail:
                raise _NoPlanError  # the function itself would call again
            if node.has_effect() or not needed.isdisjoint(node.outputs):
                nodes.append(node)
                needed.update(node.inputs)
        return nodes[::-1]

    def _call(self, node: Node) -> None:
        number = len(self.lines)
        self.globals[f"f{number}"] = evaluator(
            node.spec, [v.type for v in node.inputs], node.attributes
        )
        inputs = ", ".join(self._name(value) for value in node.inputs)
        outputs = [f"v{number}_{index}" for index in range(len(node.outputs))]
        self.names.update(zip(node.outputs, outputs, strict=True))
        target = f"{', '.join(outputs)} = " if outputs else ""
        self.lines.append(f"{target}f{number}({inputs})")
        for name in outputs:
            self.lines.append(f"if {name}.__class__ is not _ndarray: {name} = _asarray({name})")
        if self.told_apart:
            self._tell(number, node)

    def _folded(self, nodes: list[Node]) -> list[Node]:
        """The nodes without those that always give the same array, which becomes a constant."""
        constants = self.recording.constants
        rest: list[Node] = []
        for node in nodes:
            node.inputs = [self.same.get(value, value) for value in node.inputs]
            same = None if self.recording.taped else _unchanged(node, constants)
            if same is not None:
                self.same[node.outputs[0]] = same
            elif self._is_constant(node):
                evaluate = evaluator(node.spec, [v.type for v in node.inputs], node.attributes)
                constants[node.outputs[0]] = np.asarray(
                    evaluate(*[constants[value] for value in node.inputs])
                )
            else:
                rest.append(node)
        return rest

    def _is_constant(self, node: Node) -> bool:
        """Whether a node always gives the same array, small enough to be kept."""
        constants = self.recording.constants
        if node.spec.effect is not Effect.NONE or len(node.outputs) != 1:
            return False
        if not all(value in constants for value in node.inputs):
            return False
        dtype, shape = node.outputs[0].type
        sizes = [size for size in shape if size is not None]
        return len(sizes) == len(shape) and math.prod(sizes) * dtype.itemsize <= _LARGEST_CONSTANT

    def _tell(self, number: int, node: Node) -> None:
        """Tapes see a node, or that no gradient passes it."""
        if node not in self.recording.unseen:
            results = ", ".join([self._tensor(value) for value in node.outputs])
            told = results if len(node.outputs) == 1 else f"({results})"
            self.globals |= {f"s{number}": node.spec, f"d{number}": node.attributes}
            self.lines.append(f"_tell(s{number}, ({self._listed(node.inputs)}), d{number}, {told})")
        for value in node.outputs:
            if value in self.recording.cuts:
                name, reason, operands = self.recording.cuts[value]
                listed = self._listed(operands), self._listed([value])
                self.lines.append(f"_tell_cut({name!r}, {reason!r}, ({listed[0]}), ({listed[1]}))")

    def _listed(self, values: list[Value]) -> str:
        """The tensors that tapes see."""
        for value in values:
            if value in self.recording.constants and value not in self.tensors:
                name = self.tensors[value] = f"k{len(self.globals)}"
                self.globals[name] = Tensor._wrap(self._constant(value))
        return "".join([f"{self._tensor(value)}, " for value in values])

    def _name(self, value: Value) -> str:
        name = self.names.get(value)
        if name is None:
            name = self.names[value] = f"c{len(self.names)}"
            self.globals[name] = self._constant(value)
        return name

    def _constant(self, value: Value) -> np.ndarray:
        array = self.recording.constants[value]
        if array.nbytes > _LARGEST_CONSTANT:
            raise _NoPlanError
        return array

    def _tensor(self, value: Value) -> str:
        """The name of a tensor with the value; that which tapes have seen, if any."""
        name = self.tensors.get(value)
        if name is None:
            name = f"t{len(self.lines)}"
            given = self._name(value)
            if value in self.recording.constants:
                given += ".copy()"  # whoever gets the tensor may write to its memory
            self.lines += [f"{name} = _new(_Tensor)", f"{name}._array = {given}"]
            if self.recording.taped:
                self.tensors[value] = name
        return name
