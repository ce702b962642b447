"""`tf.random.Generator`, and the generators behind `tf.random.normal` and its like.

A generator's state is a variable, int64[3]: the counter's halves and the key of Philox 4x32-10. So drawing works the same way
eagerly and in compiled code, where the state is read and assigned like any variable. The numbers are TensorFlow's:
`tf.random.Generator.from_seed(1).normal([2, 3])` gives the same numbers as in TensorFlow.
"""

from __future__ import annotations

import functools
import os
from collections import abc
from collections.abc import Callable
from contextlib import contextmanager
from typing import Any

import numpy as np
from tfc.core.convert import convert
from tfc.core.dispatch import apply
from tfc.core.errors import InvalidArgumentError, TFCTypeError
from tfc.core.recording import STATE
from tfc.core.requirements import require_int, require_list
from tfc.core.tensor import Tensor
from tfc.core.variable import Variable
from tfc.dialects.tfc.semantics import philox
from tfc.dialects.tfc.semantics import random as semantics
from tfc.dialects.tfc.semantics.dtypes import INT64
from tfc.dialects.tfc.semantics.spec import OpSpec
from tfc.dialects.tfc.semantics.types import ArrayType
from tfc.ops.ahead import Ahead, Kind, kind_of
from tfc.ops.casting import cast
from tfc.ops.joining import stack
from tfc.ops.sampling import Sampler
from tfc.ops.sizes import Size

_WORD = (1 << 64) - 1
DEFAULT_SEED = 87654321
"""Stands for the global seed when only a function's own seed is given, as in TensorFlow."""


def state_from_seed(seed: Any) -> np.ndarray:
    """A state from an int of any size, or from up to three ints (missing ones are zeros on the left)."""
    if isinstance(seed, int):
        words = [seed >> 64 * position & _WORD for position in range(3)]
    else:
        words = _words("random: seed", seed)[:3]
        words = [0] * (3 - len(words)) + words
    return np.array(words, np.uint64).view(np.int64)


def _state_variable(words: Any) -> Variable:
    return Variable(words, trainable=False, name="random_state")


def _check_algorithm(alg: Any) -> None:
    if isinstance(alg, np.ndarray) or alg not in ("philox", "auto_select", 1, 3, None):
        raise InvalidArgumentError(
            "TFC107", f"random: unknown algorithm {alg!r}", "use alg='philox', the one there is"
        )


class Generator(Sampler):
    """A stream of random numbers with a state of its own.

    Made by `from_seed`, `from_state`, `from_key_counter` and `from_non_deterministic_state`. Each drawn number moves the counter
    on by 256, as in TensorFlow.

    >>> import tfc as tf
    >>> g = tf.random.Generator.from_seed(1234)
    >>> g.uniform([2]).shape, g.state.numpy()
    (TensorShape([2]), array([1746,    0,    0]))
    """

    def __init__(self, copy_from: Any = None, state: Any = None, alg: Any = None) -> None:
        _check_algorithm(alg)
        if copy_from is not None:
            state = _state_variable(copy_from.state.untracked())
        if state is None:
            raise InvalidArgumentError(
                "TFC107",
                "Generator: give copy_from or state",
                "use tf.random.Generator.from_seed(seed)",
            )
        if isinstance(state, Variable):
            self.state = state
        else:
            words = np.array(_words("random: state", state), np.uint64).view(np.int64)
            self.state = _state_variable(words)
        self._ahead = Ahead()
        self._source: Callable[[], Generator] | None = None
        """What gives a generator that Python does not name: this one, or the one that is in its place by then."""

    def __repr__(self) -> str:
        return f"<tf.random.Generator: state={self.state.numpy().tolist()}>"

    @classmethod
    def from_seed(cls, seed: Any, alg: Any = None) -> Generator:
        """A generator whose stream is given by `seed`: an int, or up to three of them."""
        return cls(state=state_from_seed(_concrete(seed)), alg=alg)

    @classmethod
    def from_state(cls, state: Any, alg: Any = None) -> Generator:
        """A generator that goes on from `state`: int64[3], or a variable that holds one."""
        return cls(state=state, alg=alg)

    @classmethod
    def from_key_counter(cls, key: Any, counter: Any, alg: Any = None) -> Generator:
        """A generator with a key (one int) and a counter (two ints)."""
        return cls(state=_key_counter(key, counter), alg=alg)

    @classmethod
    def from_non_deterministic_state(cls, alg: Any = None) -> Generator:
        """A generator seeded by the operating system."""
        with outside_of_traces():  # a compiled function goes on with the stream, call by call
            return cls(state=state_from_seed(int.from_bytes(os.urandom(24), "little")), alg=alg)

    @property
    def algorithm(self) -> int:
        return 1  # tf.random.Algorithm.PHILOX

    @property
    def key(self) -> Tensor:
        return self.state.value()[2]  # pyright: ignore[reportIndexIssue, reportUnknownVariableType]

    def filled(self, spec: OpSpec, shape: Any, dtype: np.dtype) -> Tensor:
        kind, recorder = kind_of(spec, shape, dtype), STATE.recorder
        if kind is not None:
            if recorder is None:
                array = self._ahead.draw(self.state, kind)
                if array is not None:
                    return Tensor._wrap(array)
            elif self._source is not None:
                drawing = _drawing(self._source, kind, shape)
                drawn = recorder.repeat(drawing, _type_of(spec, shape, dtype))
                if drawn is not None:
                    return drawn
        return super().filled(spec, shape, dtype)

    def draw(self, count: Size) -> Tensor:
        """The state to draw `count` numbers from; the generator moves on behind them."""
        if count.__class__ is int and STATE.recorder is None:
            state = self.state.untracked()
            moved = semantics.random_skip.evaluate(state._array, count)
            self.state.assign(Tensor._wrap(moved))
            return state
        state = self.state.value()
        amount = convert(count, INT64) if isinstance(count, int) else cast(count, INT64)
        self.state.assign(apply(semantics.random_skip, state, amount))
        return state

    def reset(self, state: Any) -> None:
        """Go on from `state`, int64[3]."""
        self.state.assign(convert(state) if isinstance(state, Tensor) else convert(state, INT64))

    def reset_from_seed(self, seed: Any) -> None:
        """Begin the stream of `seed`."""
        self.state.assign(state_from_seed(_concrete(seed)))

    def reset_from_key_counter(self, key: Any, counter: Any) -> None:
        """Go on from a key and a counter."""
        self.state.assign(_key_counter(key, counter))

    def skip(self, delta: Any) -> Tensor:
        """Move on as if `delta` numbers were drawn; the state from before."""
        return self.draw(delta if isinstance(delta, int) else convert(delta))

    def make_seeds(self, count: Any = 1) -> Tensor:
        """Seeds for stateless functions: int64 `[2, count]`; the second row is zero."""
        first = self.uniform_full_int([count], np.int64)
        return stack([first, first * 0])

    def split(self, count: int = 1) -> list[Generator]:
        """`count` new generators whose streams do not overlap with this one's."""
        keys = self.uniform_full_int([count], np.int64).numpy()
        return [Generator.from_key_counter(int(key), [0, 0]) for key in keys]


def _drawing(source: Callable[[], Generator], kind: Kind, shape: Any) -> Callable[[], np.ndarray]:
    """What draws anew from a generator, each time."""
    spec, dtype = kind[:2]
    sizes = list(shape)

    def draw() -> np.ndarray:
        generator = source()
        drawn = generator._ahead.draw(generator.state, kind)
        return Sampler.filled(generator, spec, sizes, dtype)._array if drawn is None else drawn

    return draw


def _type_of(spec: OpSpec, shape: Any, dtype: np.dtype) -> ArrayType:
    return spec.infer(ArrayType(INT64, (3,)), shape=tuple(shape), dtype=dtype)


def _concrete(seed: Any) -> Any:
    if isinstance(seed, Tensor | Variable):
        seed = seed.numpy()
    return seed.item() if isinstance(seed, np.generic) else seed


def _key_counter(key: Any, counter: Any) -> np.ndarray:
    words = [*_words("random: counter", counter), *_words("random: key", key)]
    if len(words) != 3:
        raise InvalidArgumentError(
            "TFC107",
            f"random: a key and a counter are 3 numbers, got {len(words)}",
            "give one int as the key and two as the counter",
        )
    return np.array(words, np.uint64).view(np.int64)


def _words(what: str, value: Any) -> list[int]:
    """The 64-bit words of an int or of integers in a list, array or tensor."""
    value = _concrete(value)
    items = [value] if np.isscalar(value) else require_list(what, np.asarray(value, object).flat)
    return [require_int(what, item) & _WORD for item in items]


@contextmanager
def outside_of_traces() -> abc.Generator[None]:
    """What is done inside is done now, even while a function is being compiled."""
    recorder, STATE.recorder = STATE.recorder, None
    try:
        yield
    finally:
        STATE.recorder = recorder


class _Globals:
    """The generator behind functions without a seed, and one for each seed that a function was given."""

    def __init__(self) -> None:
        self.seed: int | None = None
        self.main: Generator | None = None
        self.seeded: dict[int, Generator] = {}

    def generator(self, seed: Any = None) -> Generator:
        if seed is not None:
            number = require_int("random: seed", _concrete(seed))
            known = self.seeded.get(number)
            if known is None:
                with outside_of_traces():
                    known = self.seeded[number] = Generator(state=self.seeded_state(number))
                known._source = functools.partial(self.generator, number)
            return known
        if self.main is None:
            self.main = Generator.from_non_deterministic_state()
            self.main._source = self.generator
        return self.main

    def seeded_state(self, seed: int) -> np.ndarray:
        both = DEFAULT_SEED if self.seed is None else self.seed, seed
        words = np.array([word & _WORD for word in both], np.uint64)
        return philox.scrambled(words.view(np.int64))


_GLOBALS = _Globals()


def global_stream(seed: Any = None) -> Generator:
    """The generator for a function that was called with this `seed` argument."""
    return _GLOBALS.generator(seed)


def set_seed(seed: int) -> None:
    """Begin the streams of `tf.random.normal`, ... anew, as `seed` gives them.

    Functions without a seed share one stream, that of `tf.random.Generator.from_seed(seed)`; a function with a seed of its own
    has a stream of both seeds. Compiled functions draw from the same streams as eager ones.

    >>> import tfc as tf
    >>> tf.random.set_seed(5)
    >>> a = tf.random.normal([2])
    >>> tf.random.set_seed(5)
    >>> bool(tf.reduce_all(a == tf.random.normal([2])))
    True
    """
    _GLOBALS.seed = require_int("set_seed: seed", _concrete(seed))
    with outside_of_traces():
        _GLOBALS.generator().reset_from_seed(_GLOBALS.seed)
        for number, generator in _GLOBALS.seeded.items():
            generator.reset(_GLOBALS.seeded_state(number))


def get_global_generator() -> Generator:
    """The generator behind `tf.random.normal` and other functions without a seed.

    >>> import tfc as tf
    >>> tf.random.set_seed(1)
    >>> tf.random.get_global_generator().uniform([2]).shape
    TensorShape([2])
    """
    return _GLOBALS.generator()


def set_global_generator(generator: Generator) -> None:
    """Draw from `generator` in functions without a seed. Functions compiled before keep theirs.

    Raises `TypeError` (TFC107) for anything but a `tf.random.Generator`.

    >>> import tfc as tf
    >>> before = tf.random.get_global_generator()
    >>> tf.random.set_global_generator(tf.random.Generator.from_seed(1))
    >>> a = tf.random.normal([2])
    >>> bool(tf.reduce_all(a == tf.random.Generator.from_seed(1).normal([2])))
    True
    >>> tf.random.set_global_generator(before)
    """
    if not isinstance(generator, Generator):
        raise TFCTypeError(
            "TFC107", f"set_global_generator: expected a generator, got {type(generator).__name__}"
        )
    _GLOBALS.main = generator


def create_rng_state(seed: Any, alg: Any = "philox") -> np.ndarray:
    """The state that `tf.random.Generator.from_seed(seed)` begins with. Raises `ValueError` (TFC107) for another `alg`.

    >>> import tfc as tf
    >>> tf.random.create_rng_state(7).tolist()
    [7, 0, 0]
    """
    _check_algorithm(alg)
    return state_from_seed(_concrete(seed))
