"""The source of a traced function, with each op beside the line that it comes from."""

from __future__ import annotations

import linecache
from typing import TYPE_CHECKING, Any

from tfc.core.errors import InvalidArgumentError
from tfc.graph.nodes import Node, Region, Value

if TYPE_CHECKING:
    from tfc.compiled.function import Function
    from tfc.compiled.specialization import TracedProgram

WIDTH = 60
"""Columns for the source, at most."""


def annotated_source(function: Function, args: tuple[Any, ...], kwargs: dict[str, Any]) -> str:
    """The lines of every function that ops come from; ops to the right of them."""
    program = _program(function, args, kwargs)
    names = _Names(program.graph.body)
    ops: dict[str, dict[int, list[str]]] = {}
    for node in program.graph.body.walk():
        if node.location.line:
            lines = ops.setdefault(node.location.file, {})
            lines.setdefault(node.location.line, []).append(names.show(node))
    code = function._target.__code__
    last = max((line for _, _, line in code.co_lines() if line), default=code.co_firstlineno)
    file_of_code = function._unit().file
    own = ops.setdefault(file_of_code, {})
    inside = {line for line in own if code.co_firstlineno <= line <= last}
    parts = [_beside(file_of_code, range(code.co_firstlineno, last + 1), own)]
    for file, lines in ops.items():
        others = sorted(set(lines) - inside) if file == file_of_code else sorted(lines)
        if others:
            parts.append(_beside(file, others, lines))
    arguments = ", ".join(
        f"{names.of(value)}: {value.type}" for value in program.graph.body.arguments
    )
    return f"# traced for {arguments}\n" + "\n".join(parts)


def _program(function: Function, args: tuple[Any, ...], kwargs: dict[str, Any]) -> TracedProgram:
    if args or kwargs or not function._target.__code__.co_argcount:
        return function._program_for(args, kwargs)
    for entry in reversed(function._entries.values()):
        return entry.items[0].program
    raise InvalidArgumentError(
        "TFC107",
        f"to_code: {function.__name__!r} has not been traced",
        "give example arguments: tf.autograph.to_code(f, x)",
    )


def _beside(file: str, lines: Any, ops: dict[int, list[str]]) -> str:
    source = {line: linecache.getline(file, line).rstrip() for line in lines}
    width = min(WIDTH, max((len(text) for text in source.values()), default=0))
    rows: list[str] = []
    for line, text in source.items():
        notes = ops.get(line, [])
        rows.append(f"{text:{width}}  | {notes[0]}" if notes else text)
        rows += [f"{'':{width}}  | {note}" for note in notes[1:]]
    return "\n".join(rows)


class _Names:
    """Names for values: the user's, or a number."""

    def __init__(self, body: Region) -> None:
        self.known: dict[Value, str] = {}
        for value in body.arguments:
            self.of(value)

    def of(self, value: Value) -> str:
        name = self.known.get(value)
        if name is None:
            name = self.known[value] = f"%{value.name or len(self.known)}"
        return name

    def show(self, node: Node) -> str:
        results = ", ".join(map(self.of, node.outputs))
        inputs = ", ".join(map(self.of, node.inputs))
        types = ", ".join(str(value.type) for value in node.outputs)
        op = f"{node.spec.name.removeprefix('tfc.')}({inputs})"
        return f"{results} = {op} : {types}" if results else op
