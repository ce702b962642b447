"""A program from a seed: lines are tried eagerly as they are made, and kept when they work."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import numpy as np
import tfc as tf
from op_table.table import dtype

from fuzz.expressions import RULES, Scope, fitted, is_float
from fuzz.program import (
    LAYOUTS,
    Assign,
    Block,
    Compute,
    Input,
    Program,
    Statement,
    names_used,
    walk,
)

SIZES = (0, 1, 1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 33, 64, 65, 100, 130)
DTYPES = ("float32",) * 12 + ("float64",) * 3 + ("int32",) * 2
DTYPES += ("int64", "bool", "uint8", "float16", "bfloat16")
SPECIAL = (np.nan, np.inf, -np.inf, 0.0, -0.0, 1.0, 1e-40, -1e-40, 1e30, -2.5)
LARGEST = 1 << 16


class Generator:
    """Makes the program of one seed."""

    def __init__(self, seed: int, length: int = 10) -> None:
        self.seed, self.length = seed, length
        self.rng = random.Random(seed)
        self.numbers = np.random.default_rng(seed)
        self.count = 0
        self.scope = Scope(self.rng, {})
        self.namespace: dict[str, Any] = {"tf": tf}
        self.variables: list[Input] = []

    def program(self) -> Program:
        inputs = self._inputs()
        self.namespace |= {v.name: tf.constant(v.laid_out()) for v in inputs}
        self.scope.values |= {v.name: v.laid_out() for v in inputs}
        if self.rng.random() < 0.3:
            self._add_variable()
        statements = [
            s for _ in range(self.rng.randint(2, self.length)) for s in self._statement(2)
        ]
        return Program(
            self.seed,
            tuple(inputs),
            tuple(self.variables),
            tuple(statements),
            self._results(statements),
        ).without_unused()

    def _results(self, statements: list[Statement]) -> tuple[str, ...]:
        """What nothing else uses, so that as much as possible may be fused, and now and then more."""
        used = {name for s in walk(statements) for name in names_used(s)}
        made = [s.target for s in statements if s.target]
        chosen = [name for name in made if name not in used or self.rng.random() < 0.1]
        return tuple(chosen or made[-1:] or list(self.scope.values)[:1])

    def _name(self) -> str:
        self.count += 1
        return f"t{self.count}"

    # Inputs

    def _inputs(self) -> list[Input]:
        inputs: list[Input] = []
        for number in range(self.rng.randint(1, 4)):
            name = f"x{number}"
            if inputs and self.rng.random() < 0.1:
                other = self.rng.choice(inputs)
                inputs.append(Input(name, other.array, other.layout, other.dynamic, other.name))
                continue
            array = self._array(inputs)
            layout = self.rng.choice(LAYOUTS) if array.ndim and self.rng.random() < 0.4 else "plain"
            if layout == "repeated" and not array.shape[0]:
                layout = "plain"
            known = self.rng.random() < 0.5
            dynamic = (
                () if known else tuple(n != 1 and self.rng.random() < 0.6 for n in array.shape)
            )
            value = Input(name, array, layout, dynamic)
            inputs.append(Input(name, value.laid_out(), layout, dynamic))
        return inputs

    def _array(self, others: list[Input]) -> np.ndarray:
        kind = dtype(self.rng.choice(DTYPES))
        shape = tuple(
            self.rng.choice(SIZES) for _ in range(self.rng.choice((0, 1, 1, 2, 2, 2, 3, 4)))
        )
        if others and self.rng.random() < 0.6:
            shape, kind = self.rng.choice(others).array.shape, self.rng.choice(others).array.dtype
        while np.prod(shape) > LARGEST // 4:
            shape = shape[1:]
        if kind.kind == "b":
            return self.numbers.integers(0, 2, shape).astype(kind)
        if kind.kind in "iu":
            return self.numbers.integers(0 if kind.kind == "u" else -9, 10, shape).astype(kind)
        array = np.asarray(self.numbers.uniform(-2, 2, shape))
        if self.rng.random() < 0.25:
            special = self.numbers.choice(np.array(SPECIAL), shape)
            array = np.where(self.numbers.random(shape) < 0.2, special, array)
        with np.errstate(all="ignore"):
            return array.astype(kind)

    def _add_variable(self) -> None:
        name = f"v{len(self.variables)}"
        array = np.asarray(self.numbers.uniform(-2, 2, self.rng.choice(((3,), (4, 5), (17,), ()))))
        value = Input(name, array.astype(np.float32))
        self.variables.append(value)
        self.namespace[name] = tf.Variable(value.array)
        self.scope.values[name] = value.array

    # Statements

    def _statement(self, depth: int) -> list[Statement]:
        kinds: list[tuple[Callable[[int], list[Statement]], int]] = [(self._compute, 20)]
        if depth:
            kinds += [(self._branch, 2), (self._loop, 2), (self._gradient, 2)]
        if self.variables:
            kinds.append((self._assign, 2))
        makers, weights = zip(*kinds, strict=True)
        return self.rng.choices(makers, weights)[0](depth)

    def _compute(self, depth: int) -> list[Statement]:
        rules, weights = zip(*RULES, strict=True)
        for _ in range(20):
            found = self.rng.choices(rules, weights)[0](self.scope)
            if found is None:
                continue
            statement = Compute(
                self._name(), found.text, found.uses[: found.text.count("{")], found.ulp
            )
            if "{1}" not in found.text:
                statement = Compute(statement.target, found.text, found.uses[:1], found.ulp)
            if self._try(statement):
                return [statement]
        return []

    def _try(self, statement: Statement) -> bool:
        """Run it; what it gives is in scope from now on."""
        before = {v.name: self.namespace[v.name].numpy() for v in self.variables}
        try:
            with np.errstate(all="ignore"):
                exec("\n".join(statement.lines(noisy=False)), self.namespace)
        except Exception:
            for name, array in before.items():
                self.namespace[name].assign(array)
            return False
        result = self.namespace[statement.target] if statement.target else None
        if not isinstance(result, tf.Tensor):
            return not statement.target
        if result.numpy().size > LARGEST:
            return False
        self.scope.values[statement.target] = result.numpy()
        return True

    def _body(self, depth: int, like: str | None, most: int = 3) -> tuple[list[Statement], str]:
        """Statements in a scope of their own, and the name of the result, of the type of `like`."""
        outer = dict(self.scope.values)
        body = [s for _ in range(self.rng.randint(1, most)) for s in self._statement(depth - 1)]
        inner = {k: v for k, v in self.scope.values.items() if k not in outer}
        result = list(inner)[-1] if inner else list(outer)[-1]
        if like is not None:
            result = self._like(body, result, like)
        self.scope.values = outer
        return body, result

    def _like(self, body: list[Statement], name: str, like: str) -> str:
        """`name` with the dtype and shape of `like`, appended to the body."""
        array, model = self.scope.values[name], self.scope.values[like]
        text = fitted(array, model.shape)
        if text is None:
            return like
        if array.dtype != model.dtype:
            text = f"tf.cast({text}, tf.{model.dtype.name})"
        if text == "{}":
            return name
        statement = Compute(self._name(), text.replace("{}", "{0}"), (name,))
        body.append(statement)
        return statement.target if self._try(statement) else like

    def _part(self, body: list[Statement], name: str) -> str:
        """Some rows of `name`, or all, appended to the body of an arm: what it gives has a size of run time."""
        rows = self.rng.choice(("", "[1:]", "[:-1]", "[::2]", "[::-1]", "[2:]"))
        if not rows or self.namespace[name].shape.rank == 0:
            return name
        statement = Compute(self._name(), "{0}" + rows, (name,))
        exec("\n".join(statement.lines(False)), self.namespace)
        body.append(statement)
        return statement.target

    def _branch(self, depth: int) -> list[Statement]:
        x, like = self.scope.pick(is_float), self.scope.pick()
        if x is None or like is None:
            return []
        condition = Compute(
            self._name(), f"tf.reduce_sum({{0}}) > {self.rng.choice((-1.0, 0.0, 0.5))}", (x,)
        )
        if not self._try(condition):
            return []
        (then, a), (other, b) = self._body(depth, like), self._body(depth, like)
        if self.rng.random() < 0.3:
            a, b = self._part(then, a), self._part(other, b)
        block = Block("if", self._name(), (condition.target,), (tuple(then), tuple(other)), (a, b))
        return [condition, block] if self._try(block) else [condition]

    def _loop(self, depth: int) -> list[Statement]:
        start = self.scope.pick(is_float)
        if start is None:
            return []
        target = self._name()
        self.namespace[target] = self.namespace[start]
        self.scope.values[target] = self.scope.values[start]
        body, result = self._body(depth, target)
        if self.rng.random() < 0.2:
            result = self._part(body, result)
        kind = self.rng.choice(("for", "for", "while"))
        trips: list[Statement] = []
        uses: tuple[str, ...] = (start,)
        if kind == "for":
            count = Compute(self._name(), str(self.rng.choice((0, 1, 2, 3, 5))), ())
            if self.rng.random() < 0.5:
                count = Compute(count.target, f"tf.constant({count.expression})", ())
            exec("\n".join(count.lines(False)), self.namespace)
            trips, uses = [count], (start, count.target)
        block = Block(kind, target, uses, (tuple(body),), (result,), self.rng.randint(0, 4))
        if self._try(block):
            return [*trips, block]
        self.scope.values.pop(target, None)
        return trips

    def _gradient(self, depth: int) -> list[Statement]:
        x = self.scope.pick(is_float)
        if x is None:
            return []
        body, y = self._body(depth, None, 4)
        if any(isinstance(s, Block) for s in walk(body)) and not self._all_finite():
            return []  # what an arm does not use has a gradient of 0 there, and 0 times infinity is nan
        block = Block("gradient", self._name(), (x,), (tuple(body),), (y,))
        return [block] if self._try(block) else []

    def _all_finite(self) -> bool:
        arrays = self.scope.values.values()
        return all(bool(np.isfinite(a).all()) for a in arrays if is_float(a))

    def _assign(self, depth: int) -> list[Statement]:
        variable = self.rng.choice(self.variables).name
        value = self.scope.pick(lambda a: is_float(a) and a.size > 0)
        if value is None:
            return []
        made: list[Statement] = []
        fit = self._like(made, value, variable)
        method = self.rng.choice(("assign", "assign_add", "assign_sub"))
        assign = Assign(variable, method, (fit,))
        if fit == variable or not self._try(assign):
            return made
        return [*made, assign]
