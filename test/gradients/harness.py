"""Tables of programs to differentiate."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import tfc as tf

STEP = 1e-5


class Smooth:
    """Functions of one float64 tensor. Their derivatives of orders 1 and 2, eager and compiled, are those of differences."""

    def __init__(self) -> None:
        self.rows: list[tuple[Callable[[Any], Any], np.ndarray, int]] = []

    def row(self, *inputs: Any, order: int = 2) -> Callable[..., Any]:
        """`inputs` are points to differentiate at."""

        def add(function: Callable[[Any], Any]) -> Callable[[Any], Any]:
            self.rows += [(function, np.asarray(x, np.float64), order) for x in inputs]
            return function

        return add


class Programs:
    """Whole programs, whose results are the same eagerly and compiled."""

    def __init__(self) -> None:
        self.rows: list[Program] = []

    def row(
        self, *inputs: Any, makes: bool = False, refused: str | None = None
    ) -> Callable[..., Any]:
        """Each input is a tuple of arguments; arrays become tensors. Compiled code is `refused` with this code."""

        def add(function: Callable[..., Any]) -> Callable[..., Any]:
            self.rows.append(Program(function, inputs, makes, refused))
            return function

        return add

    def maker(self, *inputs: Any) -> Callable[..., Any]:
        """The decorated function makes the program, with variables of its own."""
        return self.row(*inputs, makes=True)


class Program(NamedTuple):
    """A row of `Programs`."""

    function: Callable[..., Any]
    inputs: tuple[tuple[Any, ...], ...]
    makes: bool
    refused: str | None

    def instance(self) -> Callable[..., Any]:
        """The program, with state of its own."""
        return self.function() if self.makes else self.function


def first_order(function: Callable[[Any], Any]) -> Callable[..., Any]:
    """`x -> (y, dy/dx)`"""

    def gradient(x: Any, direction: Any = None) -> Any:
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = function(x)
        return y, tape.gradient(y, x, unconnected_gradients="zero")

    return gradient


def second_order(function: Callable[[Any], Any]) -> Callable[..., Any]:
    """`(x, v) -> (dy/dx, d(v . dy/dx)/dx)`"""

    def product(x: Any, direction: Any) -> Any:
        with tf.GradientTape() as outer:
            outer.watch(x)
            with tf.GradientTape() as tape:
                tape.watch(x)
                y = function(x)
            first = tape.gradient(y, x, unconnected_gradients="zero")
            along = tf.reduce_sum(first * direction)
        return first, outer.gradient(along, x, unconnected_gradients="zero")

    return product


def check_smooth(function: Callable[[Any], Any], point: np.ndarray, order: int) -> None:
    """Derivatives along a direction are those of differences; the compiled ones are the eager ones."""
    direction = np.random.default_rng(0).standard_normal(point.shape)
    x, v = tf.constant(point), tf.constant(direction)
    ahead, behind = tf.constant(point + STEP * direction), tf.constant(point - STEP * direction)
    derivatives = second_order(function) if order == 2 else first_order(function)
    results = [result.numpy() for result in derivatives(x, v)]

    def slope(f: Callable[[Any], Any]) -> Any:
        return (f(ahead).numpy() - f(behind).numpy()) / (2 * STEP)

    gradient = results[0] if order == 2 else results[1]
    np.testing.assert_allclose((gradient * direction).sum(), slope(function), 2e-4, 1e-6)
    if order == 2:
        change = slope(lambda at: first_order(function)(at)[1])
        np.testing.assert_allclose(results[1], change, 5e-4, 1e-4)
    under_tapes = tf.function(function)
    take = second_order if order == 2 else first_order
    for compiled in (tf.function(derivatives), take(under_tapes)):
        for found, wanted in zip(compiled(x, v), results, strict=True):
            np.testing.assert_allclose(found.numpy(), wanted, 1e-7, 1e-8)
    if "py_function" not in function.__code__.co_names:
        assert "plain Python" not in under_tapes.explain()


def check_program(program: Program) -> None:
    """Two calls give the same eagerly and compiled; None stays None."""
    for given in program.inputs:
        arguments = [tf.constant(x) if isinstance(x, np.ndarray) else x for x in given]
        eager, compiled = program.instance(), tf.function(program.instance())
        for _ in range(2):
            wanted = tf.nest.flatten(eager(*arguments))
            if program.refused is not None:
                try:
                    compiled(*arguments)
                except tf.errors.CompileError as error:
                    assert error.code == program.refused
                    continue
                raise AssertionError(f"runs, and should be refused with {program.refused}")
            for have, want in zip(tf.nest.flatten(compiled(*arguments)), wanted, strict=True):
                assert (have is None) == (want is None)
                if want is not None:
                    np.testing.assert_allclose(np.asarray(have), np.asarray(want), 1e-4, 1e-5)
