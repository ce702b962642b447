"""The tfc dialect: the table of its families, loaded one by one when an op of theirs is first asked for."""

from __future__ import annotations

import functools
import importlib
from collections.abc import Iterator

from tfc.dialects.tfc.base import TfcOp
from tfc.dialects.tfc.semantics.spec import OpSpec

FAMILIES = (
    "activation",
    "arithmetic",
    "assertion",
    "bitwise",
    "broadcast",
    "casting",
    "comparison",
    "contraction",
    "convolution",
    "creation",
    "diagonal",
    "factorization",
    "host",
    "indexing",
    "joining",
    "logical",
    "pooling",
    "random",
    "reduction",
    "rounding",
    "scan",
    "searching",
    "shape",
    "slicing",
    "state",
    "transcendental",
)
"""Modules `tfc.dialects.tfc.<family>`, each with a tuple `OPS`; the same words name the files of the other rooms."""


@functools.cache
def family_ops(family: str) -> dict[str, type[TfcOp]]:
    """The op classes of one family by op name."""
    module = importlib.import_module(f"{__package__}.{family}")
    return {op.name: op for op in module.OPS}


def op_class(spec: OpSpec) -> type[TfcOp]:
    """The op class of `spec`; loads its family only."""
    return family_ops(spec.family)[spec.name]


def all_ops() -> Iterator[type[TfcOp]]:
    """Every op class, family by family."""
    for family in FAMILIES:
        yield from family_ops(family).values()
