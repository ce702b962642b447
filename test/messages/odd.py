"""Arguments that no function wants, and a call of any public function with some of them."""

from __future__ import annotations

import inspect
import random
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import tfc as tf
from signatures import public_functions, theirs


class Thing:
    """An object without any meaning to tfc."""


NOT_CALLED = (
    "autograph",
    "config",
    "print",
    "GradientTape",
    "TensorArray",
    "TensorShape",
    "TensorSpec",
    "Variable",
)
"""What calls back, prints, changes settings of the process, or is a method of something that has its own tests."""

NUMBERS: tuple[Any, ...] = (
    *(0, 1, 2, -1, -5, 2**40, 2**80, -(2**80), 3.5, -0.0, float("nan"), float("inf"), 1j, True),
    *(np.int64(2), np.float16(3), np.complex64(1)),
)
TEXTS = ("", "text", "SAME", "VALID", "NHWC", "NCHW", "float32", "\0", b"bytes")
STRUCTURES: tuple[Callable[[], Any], ...] = (
    *(list, tuple, dict, lambda: {"a": 1}, lambda: {1, 2}, lambda: range(3), lambda: iter([1])),
    *(
        lambda: [1, 2],
        lambda: [3, 2, 1],
        lambda: [-1],
        lambda: [None],
        lambda: [1, "a"],
        lambda: [float("nan")],
    ),
    *(lambda: [[1, 2], [3]], lambda: [[1, 2], [3, 4]], lambda: [[[]]]),
)
ARRAYS: tuple[Callable[[], Any], ...] = (
    *(lambda: np.zeros((2, 3)), lambda: np.zeros((0, 3), np.float32), lambda: np.zeros(3, complex)),
    *(lambda: np.array("text"), lambda: np.array([None]), lambda: np.zeros(2, "datetime64[s]")),
    *(
        lambda: np.zeros(2, [("a", int)]),
        lambda: tf.zeros([]),
        lambda: tf.zeros([0]),
        lambda: tf.zeros([2, 3]),
    ),
    *(
        lambda: tf.constant([1, 2]),
        lambda: tf.constant([True, False]),
        lambda: tf.ones([1, 4, 4, 2]),
    ),
    *(lambda: tf.ones([3, 3, 2, 2]), lambda: tf.ones([2, 2], tf.float16), lambda: tf.Variable(1.0)),
)
THINGS: tuple[Any, ...] = (
    *(None, Thing(), ..., slice(1, 2), Exception("text")),
    *(tf.float32, tf.int32, tf.bool, tf.TensorShape([2, None]), tf.TensorShape(None)),
)


def odd_value(rng: random.Random, plain: bool = False) -> Any:
    """Anything; a `plain` one is not an array, whose truth NumPy itself refuses to tell."""
    kind = rng.choice((NUMBERS, TEXTS, THINGS, *([] if plain else [STRUCTURES, ARRAYS])))
    value = rng.choice(kind)
    return value() if kind in (STRUCTURES, ARRAYS) else value


def functions() -> Iterator[tuple[str, Callable[..., Any]]]:
    """TensorFlow's functions that there are here, each once; methods of a generator bound to one."""
    recorded = theirs()
    seen: set[int] = set()
    for name, function in public_functions(tf):
        if name not in recorded or name.startswith(NOT_CALLED) or id(function) in seen:
            continue
        seen.add(id(function))
        if name.startswith("random.Generator."):
            owner = tf.random.Generator.from_seed(1)
            yield name, getattr(owner, name.rpartition(".")[2])
        else:
            yield name, function


def odd_call(function: Callable[..., Any], rng: random.Random) -> tuple[list[Any], dict[str, Any]]:
    """Arguments and keyword arguments: all that are needed, and now and then others."""
    arguments: list[Any] = []
    keywords: dict[str, Any] = {}
    for parameter in inspect.signature(function).parameters.values():
        if parameter.kind is parameter.VAR_POSITIONAL:
            arguments += [odd_value(rng) for _ in range(rng.randrange(3))]
        elif parameter.default is parameter.empty and parameter.kind is not parameter.VAR_KEYWORD:
            arguments.append(odd_value(rng))
        elif parameter.name != "name" and rng.random() < 0.4:
            flag = parameter.name in ("message", "keepdims", "data_format") or isinstance(
                parameter.default, bool | str
            )
            keywords[parameter.name] = odd_value(rng, plain=flag)
    return arguments, keywords
