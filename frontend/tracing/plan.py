"""Recording an eager call of a public function: the NumPy calls that it comes down to, as one Python function."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NoReturn

import numpy as np
from tfc.core.dispatch import evaluator
from tfc.core.plans import tensors_in
from tfc.core.recording import STATE
from tfc.core.tensor import Tensor
from tfc.core.variable import Variable
from tfc.dialects.tfc.semantics.spec import Effect, OpSpec
from tfc.dialects.tfc.semantics.types import ArrayType
from tfc.tracing.graph import Node, Value
from tfc.tracing.symbolic import Scope, SymbolicTensor, make_symbolic

_LARGEST_CONSTANT = 4096
"""Bytes of an array that a plan keeps."""


class _NoPlanError(Exception):
    """What is done depends on more than the types of the operands."""


class _Recording:
    """The recorder of one call: a trace of straight code, where nothing but types is known of the operands."""

    is_certain = False

    def __init__(self) -> None:
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
        self.nodes.append(node)
        outputs = tuple(make_symbolic(output, self.scope) for output in node.outputs)
        return outputs[0] if single else outputs

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
        if item.__class__ is Variable:
            item = item.value()
        if item.__class__ is not Tensor:
            return item
        return make_symbolic(Value(item.type), self.scope)


def make_plan(
    function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
) -> tuple[Callable[..., Any] | None, bool]:
    """A function of the arrays of the tensors and variables among the arguments, in order, that gives what `function` does.

    None if there is none. And whether `function` only applies one elementwise op, which it can do better itself.
    Pre-condition: no trace and no tape is active in this thread.
    """
    recording = _Recording()
    arguments = recording.stand_in(args)
    named = {name: recording.stand_in(item) for name, item in kwargs.items()}
    recording.arguments = [tensor._value for tensor in tensors_in(arguments, named)]
    STATE.recorder = recording  # pyright: ignore[reportAttributeAccessIssue]
    try:
        plan = _Writer(recording).function(function(*arguments, **named))
    except Exception:
        return None, False  # called as it is, the function gives its result or its message
    finally:
        STATE.recorder = None
    nodes = recording.nodes
    return plan, len(nodes) == 1 and nodes[0].spec.is_elementwise and not nodes[0].attributes


class _Writer:
    """Writes what was recorded as Python."""

    def __init__(self, recording: _Recording) -> None:
        self.recording = recording
        self.names: dict[Value, str] = {}
        self.globals: dict[str, Any] = {
            "__name__": __name__,  # whose warnings are ignored
            "_asarray": np.asarray, "_ndarray": np.ndarray, "_new": object.__new__, "_Tensor": Tensor,
        }  # fmt: skip
        self.lines: list[str] = []

    def function(self, result: Any) -> Callable[..., Any]:
        """The function that gives `result`: a tensor, or a list, tuple or named tuple of tensors."""
        if not isinstance(result, Tensor | list | tuple):
            raise _NoPlanError
        recording = self.recording
        listed: Sequence[Any] = (result,) if isinstance(result, Tensor) else result
        values = [recording.value_of(item) for item in listed]
        if not set(values).isdisjoint(recording.arguments):
            raise _NoPlanError  # the function gives the very tensor that it gets
        for value in recording.arguments:
            self.names[value] = f"a{len(self.names)}"
        parameters = ", ".join(self.names.values())
        for node in self._needed(values):
            self._call(node)
        tensors = [self._tensor(value) for value in values]
        if isinstance(result, Tensor):
            self.lines.append(f"return {tensors[0]}")
        else:
            items = ", ".join(tensors)
            fields = hasattr(result, "_fields")
            self.globals["_result"] = result.__class__
            self.lines.append(
                f"return _result({items})" if fields else f"return _result([{items}])"
            )
        body = "".join(f"    {line}\n" for line in self.lines)
        exec(compile(f"def plan({parameters}):\n{body}", "<plan>", "exec"), self.globals)
        return self.globals["plan"]

    def _needed(self, results: list[Value]) -> list[Node]:
        """The nodes that the results need, and those that may fail."""
        needed = set(results)
        nodes: list[Node] = []
        for node in reversed(self.recording.nodes):
            if node.spec.effect is Effect.FAIL or not needed.isdisjoint(node.outputs):
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

    def _name(self, value: Value) -> str:
        name = self.names.get(value)
        if name is None:
            array = self.recording.constants[value]
            if array.nbytes > _LARGEST_CONSTANT:
                raise _NoPlanError
            name = self.names[value] = f"c{len(self.names)}"
            self.globals[name] = array
        return name

    def _tensor(self, value: Value) -> str:
        name = f"t{len(self.lines)}"
        self.lines += [f"{name} = _new(_Tensor)", f"{name}._array = {self._name(value)}"]
        return name
