"""A small program that fails as a large one does."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import tfc as tf

from fuzz.program import Block, Compute, Input, Program, Statement, names_used, walk


def shrunk(program: Program, fails: Callable[[Program], bool], most: int = 400) -> Program:
    """Make simpler versions as long as they still fail."""
    tries = 0
    progress = True
    while progress:
        progress = False
        for simpler in candidates(program):
            if simpler.size() >= program.size() or not is_whole(simpler):
                continue
            tries += 1
            if tries > most:
                return program
            if fails(simpler):
                program, progress = simpler, True
                break
    return program


def is_whole(program: Program) -> bool:
    """Whether every name is there where it is read."""
    try:
        return _defined(
            program.statements, {v.name for v in program.inputs + program.variables}
        ) >= set(program.results)
    except KeyError:
        return False


def _defined(statements: tuple[Statement, ...], names: set[str]) -> set[str]:
    names = set(names)
    for statement in statements:
        if isinstance(statement, Block):
            for body, result in zip(statement.bodies, statement.results, strict=True):
                loops = statement.kind in ("for", "while")
                inside = _defined(body, names | {statement.target} if loops else names)
                if result not in inside:
                    raise KeyError(result)
            missing = set(statement.uses) - names
        else:
            missing = set(names_used(statement)) - names
        if missing:
            raise KeyError(*missing)
        if statement.target:
            names.add(statement.target)
    return names


def candidates(program: Program) -> Iterator[Program]:
    """Simpler programs, the boldest first."""
    for name in program.results:
        if len(program.results) > 1:
            yield _pruned(replace(program, results=(name,)))
    for s in reversed(program.statements):
        if s.target and not isinstance(s, Block) and s.target not in program.results:
            yield _pruned(replace(program, results=(s.target,)))
    yield from _values_as_inputs(program)
    yield from _fewer_statements(program)
    for number, value in enumerate(program.inputs):
        for simpler in _simpler_inputs(value):
            inputs = list(program.inputs)
            inputs[number] = simpler
            yield replace(program, inputs=tuple(inputs))


def _pruned(program: Program) -> Program:
    """Without the statements whose targets nothing reads."""
    while True:
        used = set(program.results) | {n for s in walk(program.statements) for n in names_used(s)}
        kept = tuple(s for s in program.statements if not s.target or s.target in used)
        if len(kept) == len(program.statements):
            return program.without_unused()
        program = replace(program, statements=kept)


def _values_as_inputs(program: Program) -> Iterator[Program]:
    """A statement's value is given instead of computed."""
    values = _values(program)
    for index in reversed(range(len(program.statements))):
        target = program.statements[index].target
        if target in values and target not in program.results:
            rest = program.statements[:index] + program.statements[index + 1 :]
            given = (*program.inputs, Input(target, values[target]))
            yield _pruned(replace(program, statements=rest, inputs=given))


def _values(program: Program) -> dict[str, Any]:
    """The eager value of each name at the top level."""
    namespace: dict[str, Any] = {"tf": tf}
    namespace |= {v.name: tf.convert_to_tensor(v.laid_out()) for v in program.inputs}
    namespace |= {v.name: tf.Variable(v.array) for v in program.variables}
    for statement in program.statements:
        try:
            with np.errstate(all="ignore"):
                exec("\n".join(statement.lines(noisy=False)), namespace)
        except Exception:
            break
    return {k: v.numpy() for k, v in namespace.items() if isinstance(v, tf.Tensor)}


def _fewer_statements(program: Program) -> Iterator[Program]:
    for statements in _fewer(program.statements):
        yield _pruned(replace(program, statements=statements))


def _fewer(statements: tuple[Statement, ...]) -> Iterator[tuple[Statement, ...]]:
    for index, statement in enumerate(statements):
        before, after = statements[:index], statements[index + 1 :]
        yield before + after
        if isinstance(statement, Block):
            for body, result in zip(statement.bodies, statement.results, strict=True):
                if statement.kind != "gradient":
                    start = (Compute(statement.target, "tf.identity({0})", statement.uses[:1]),)
                    end = (Compute(statement.target, "tf.identity({0})", (result,)),)
                    yield before + (start if statement.kind != "if" else ()) + body + end + after
            for number, body in enumerate(statement.bodies):
                for simpler in _fewer(body):
                    bodies = list(statement.bodies)
                    bodies[number] = simpler
                    yield (*before, replace(statement, bodies=tuple(bodies)), *after)
        if isinstance(statement, Compute) and statement.uses:
            plain = Compute(statement.target, "tf.identity({0})", statement.uses[:1])
            if statement.expression != plain.expression:
                yield (*before, plain, *after)


def _simpler_inputs(value: Input) -> Iterator[Input]:
    if value.alias:
        yield replace(value, alias="")
    if value.layout != "plain":
        yield replace(value, layout="plain")
    if any(value.dynamic):
        yield replace(value, dynamic=())
    array = value.array
    for axis, size in enumerate(array.shape):
        for fewer in (1, 2, size // 2, size - 1):
            if 0 < fewer < size:
                index = tuple(slice(fewer) if a == axis else slice(None) for a in range(array.ndim))
                yield replace(value, array=array[index].copy())
    if array.dtype.kind == "f" and array.size:
        with np.errstate(all="ignore"):
            for simple in (np.ones_like(array), np.round(array), np.round(array, 2)):
                if len(str(simple.tolist())) < len(str(array.tolist())):
                    yield replace(value, array=simple)
