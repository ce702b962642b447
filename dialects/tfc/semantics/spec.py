"""`OpSpec`: the part of an op that eager programs need, without xDSL.

A spec names the op, its operands and attributes, and holds its two plain functions: `evaluate`, what it means on
NumPy arrays, and `infer`, the types of its results. Attributes are Python values: bool, int, float, str, None, dtypes,
tuples of ints or strings, and ndarrays for constants.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Any

import numpy as np
from tfc.dialects.tfc.semantics.types import ArrayType


class Effect(Enum):
    """What an op does besides computing its results; everything but `NONE` keeps it alive and in order."""

    NONE = "none"
    READ = "read"  # reads a variable: may be dropped, not moved across a write
    WRITE = "write"  # writes a variable
    HOST = "host"  # calls Python: print, py_function
    FAIL = "fail"  # may end the call: assert, bounds check

    @property
    def is_removable(self) -> bool:
        return self in (Effect.NONE, Effect.READ)


@dataclass(frozen=True, eq=False, slots=True)
class OpSpec:
    """One op of the tfc dialect.

    `evaluate(*arrays, **attributes)` returns an array, or a tuple when the op has several results.
    `infer(*types, **attributes)` returns an `ArrayType`, or a tuple; it raises `OpError`.
    An operand name that starts with `*` stands for any number of operands and comes last.
    """

    name: str
    evaluate: Callable[..., Any]
    infer: Callable[..., Any]
    operands: tuple[str, ...]
    attributes: tuple[str, ...] = ()
    effect: Effect = Effect.NONE
    family: str = ""
    """The word that names this op's file in each of the six rooms."""
    is_elementwise: bool = False
    """Whether each element of the result depends on the same element of the broadcast operands only."""
    quick: frozenset[np.dtype] = frozenset()
    """Dtypes for which eager mode skips inference when all operands have them: NumPy itself then checks the shapes."""
    prepare: Callable[..., Callable[..., Any]] | None = None
    """`prepare(*types, **attributes)` is `evaluate` for operands of these types, with all that they decide decided once."""

    def __repr__(self) -> str:
        return f"<OpSpec {self.name}>"


def _by_preparation(prepare: Callable[..., Callable[..., Any]]) -> Callable[..., Any]:
    def evaluate(*arrays: np.ndarray, **attributes: Any) -> Any:
        types = [ArrayType(array.dtype, array.shape) for array in arrays]
        return prepare(*types, **attributes)(*arrays)

    return evaluate


class Family:
    """The ops of one family, in order of definition; `FAMILY = Family("arithmetic")` opens each semantics module."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.specs: list[OpSpec] = []

    def op(
        self,
        mnemonic: str,
        evaluate: Callable[..., Any] | None,
        infer: Callable[..., Any],
        operands: tuple[str, ...],
        attributes: tuple[str, ...] = (),
        effect: Effect = Effect.NONE,
        *,
        is_elementwise: bool = False,
        quick: frozenset[np.dtype] = frozenset(),
        prepare: Callable[..., Callable[..., Any]] | None = None,
    ) -> OpSpec:
        """Define op `tfc.<mnemonic>` in this family; `evaluate` may be None where there is a `prepare`."""
        if evaluate is None:
            assert prepare is not None
            evaluate = _by_preparation(prepare)
        spec = OpSpec(
            f"tfc.{mnemonic}",
            evaluate,
            infer,
            operands,
            attributes,
            effect,
            self.name,
            is_elementwise,
            quick,
            prepare,
        )
        self.specs.append(spec)
        return spec

    def __iter__(self) -> Iterator[OpSpec]:
        return iter(self.specs)
