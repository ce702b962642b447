"""A random program: inputs, variables and statements, as data that can be printed, run and made smaller."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

LAYOUTS = ("plain", "transposed", "stepped", "reversed", "offset", "repeated")


@dataclass(frozen=True)
class Input:
    """An argument, or a variable: its values, and how they lie in memory."""

    name: str
    array: np.ndarray
    layout: str = "plain"
    dynamic: tuple[bool, ...] = ()
    """Which dims are `?` in the signature; empty: the signature does not say."""
    alias: str = ""
    """The name of another input that is the very same array."""

    def laid_out(self) -> np.ndarray:
        """The values, lying in memory as `layout` says."""
        array = self.array
        if self.layout == "transposed":
            return np.ascontiguousarray(array.T).T
        if self.layout == "stepped":
            wide = np.full(tuple(2 * n for n in array.shape), 7).astype(array.dtype)
            view = wide[tuple(slice(0, None, 2) for _ in array.shape)]
            view[...] = array
            return view
        if self.layout == "reversed":
            every = tuple(slice(None, None, -1) for _ in array.shape)
            return np.ascontiguousarray(array[every])[every]
        if self.layout == "offset":
            wide = np.empty((array.size + 1,), array.dtype)
            wide[1:] = array.reshape(-1)
            return wide[1:].reshape(array.shape)
        if self.layout == "repeated":
            return np.broadcast_to(array[:1], array.shape)
        return array.copy()


@dataclass(frozen=True)
class Compute:
    """`target = expression`; `uses` are the names in it, `ulp` how exactly it is computed."""

    target: str
    expression: str
    uses: tuple[str, ...]
    ulp: float = 0.0

    def lines(self, noisy: bool) -> list[str]:
        if not noisy or self.ulp == 0:
            return [f"{self.target} = {self.expression.format(*self.uses)}"]
        # Operands too: what a sum loses is a matter of its terms, not of its result.
        operands = [f"noise({name}, {self.ulp})" if self.ulp >= 1 else name for name in self.uses]
        return [f"{self.target} = noise({self.expression.format(*operands)}, {self.ulp})"]


@dataclass(frozen=True)
class Assign:
    """`variable.method(value)`."""

    variable: str
    method: str
    uses: tuple[str, ...]
    target: str = ""

    def lines(self, noisy: bool) -> list[str]:
        return [f"{self.variable}.{self.method}({self.uses[0]})"]


@dataclass(frozen=True)
class Block:
    """Statements under a head. `target` is assigned by `before` and by the last line of each body."""

    kind: str
    target: str
    uses: tuple[str, ...]
    bodies: tuple[tuple[Statement, ...], ...]
    results: tuple[str, ...]
    """For each body, the name that `target` becomes; for a gradient what is differentiated."""
    limit: int = 3

    def lines(self, noisy: bool) -> list[str]:
        inner = [[x for s in body for x in s.lines(noisy)] for body in self.bodies]
        ends = [[f"{self.target} = {_as_new(name)}"] if name else [] for name in self.results]
        if self.kind == "if":
            head = f"if {self.uses[0]}:"
            return [head, *_in(inner[0] + ends[0]), "else:", *_in(inner[1] + ends[1])]
        start = f"{self.target} = {_as_new(self.uses[0])}"
        if self.kind == "for":
            return [start, f"for _ in tf.range({self.uses[1]}):", *_in(inner[0] + ends[0])]
        if self.kind == "while":
            count = f"{self.target}_n"
            head = f"while {count} < {self.limit} and tf.reduce_max(tf.abs({self.target})) < 100:"
            counted = [*inner[0], *ends[0], f"{count} += 1"]
            return [start, f"{count} = tf.constant(0)", head, *_in(counted)]
        assert self.kind == "gradient"
        x, y = self.uses[0], self.results[0]
        tape, loss = f"{self.target}_tape", f"{self.target}_loss"
        return [
            f"with tf.GradientTape() as {tape}:",
            *_in([f"{tape}.watch({x})", *inner[0], f"{loss} = tf.reduce_sum({y} * {y})"]),
            f"{self.target} = {tape}.gradient({loss}, {x}, unconnected_gradients='zero')",
        ]


Statement = Compute | Assign | Block


def _as_new(name: str) -> str:
    """A tensor as one of its own, as what comes out of a branch or loop is; a variable, v0, v1, ..., stays what it is."""
    return name if name.startswith("v") else f"tf.identity({name})"


def _in(lines: Sequence[str]) -> list[str]:
    return ["    " + line for line in lines]


@dataclass(frozen=True)
class Program:
    """Arguments, variables, statements, and the names that are returned."""

    seed: int
    inputs: tuple[Input, ...]
    variables: tuple[Input, ...]
    statements: tuple[Statement, ...]
    results: tuple[str, ...]

    def source(self, noisy: bool = False) -> str:
        """The function `program`, as text; its variables are globals."""
        lines = [line for s in self.statements for line in s.lines(noisy)]
        names = ", ".join(value.name for value in self.inputs)
        returned = ", ".join(self.results) + ("," if len(self.results) == 1 else "")
        return "\n".join(
            [
                "import tfc as tf",
                "",
                "",
                f"def program({names}):",
                *_in([*lines, f"return ({returned})"]),
                "",
            ]
        )

    def size(self) -> tuple[int, int]:
        """What shrinking makes smaller: lines first, then elements and oddities of the inputs."""
        odd = sum(
            (v.layout != "plain") + sum(v.dynamic) + bool(v.alias)
            for v in self.inputs + self.variables
        )
        elements = sum(v.array.size for v in self.inputs + self.variables)
        return len(self.source()), elements + 10 * odd

    def as_test(self) -> str:
        """A file for `found/`: the program with its inputs."""
        arguments = [f"    {_written(value)}," for value in self.inputs]
        variables = [f"{v.name} = tf.Variable({_array(v.array)})" for v in self.variables]
        text = self.source().replace("import tfc as tf\n", "", 1).strip()
        return "\n".join(
            [
                f'"""Seed {self.seed}."""',
                "",
                "import numpy as np",
                "import tfc as tf",
                "from fuzz.program import Input",
                "from numpy import inf, nan",
                "",
                *variables,
                "INPUTS = [",
                *arguments,
                "]",
                "",
                "",
                text,
                "",
            ]
        )

    def without_unused(self) -> Program:
        """Inputs and variables that nothing reads are left out."""
        used = set(self.results) | {n for s in walk(self.statements) for n in names_used(s)}
        return replace(
            self,
            inputs=tuple(v for v in self.inputs if v.name in used),
            variables=tuple(v for v in self.variables if v.name in used),
        )


def walk(statements: Sequence[Statement]) -> Iterator[Statement]:
    """All statements, those in blocks included."""
    for statement in statements:
        yield statement
        if isinstance(statement, Block):
            for body in statement.bodies:
                yield from walk(body)


def names_used(statement: Statement) -> tuple[str, ...]:
    """The names that a statement reads itself, not those inside its bodies."""
    if isinstance(statement, Block):
        return (*statement.uses, *statement.results)
    if isinstance(statement, Assign):
        return (statement.variable, *statement.uses)
    return statement.uses


def _written(value: Input) -> str:
    options = "".join(
        f", {name}={content!r}"
        for name, content in (
            ("layout", value.layout),
            ("dynamic", value.dynamic),
            ("alias", value.alias),
        )
        if content not in ("plain", (), "")
    )
    return f"Input({value.name!r}, {_array(value.array)}{options})"


def _array(array: np.ndarray) -> str:
    kind = f"tf.{array.dtype.name}.as_numpy_dtype" if array.dtype.kind == "V" else ""
    kind = kind or (f"np.{array.dtype.name}" if array.dtype.name != "bool" else "np.bool_")
    if array.dtype.name == "bfloat16":
        kind = "tf.bfloat16.as_numpy_dtype"
    if array.size == 0:
        return f"np.zeros({array.shape}, {kind})"
    return f"np.array({array.tolist()}, {kind})"
