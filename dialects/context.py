"""The xDSL context of tfc: which dialects its texts may use. Each is imported when a name of it is first met."""

from __future__ import annotations

from xdsl.context import Context
from xdsl.dialects import get_all_dialects
from xdsl.ir import Dialect

UPSTREAM = (
    "affine",
    "bufferization",
    "builtin",
    "cf",
    "func",
    "llvm",
    "math",
    "scf",
    "tensor",
    "test",
    "ub",
)
"""The dialects of MLIR as xDSL has them; `arith`, `linalg`, `memref` and `vector` are ours, which know more."""


def make_context(*, allow_unregistered: bool = False) -> Context:
    """A context that knows `tfc` and the dialects of MLIR below it."""
    context = Context(allow_unregistered)
    factories = get_all_dialects()
    for name in UPSTREAM:
        context.register_dialect(name, factories[name])
    context.register_dialect("arith", _arith)
    context.register_dialect("linalg", _linalg)
    context.register_dialect("memref", _memref)
    context.register_dialect("vector", _vector)
    context.register_dialect("tfc", _tfc)
    return context


def _tfc() -> Dialect:
    from tfc.dialects.tfc.dialect import all_ops
    from tfc.dialects.tfc.types import VariableHandleType

    return Dialect("tfc", [*all_ops()], [VariableHandleType])


def _arith() -> Dialect:
    from tfc.dialects.arith import Arith

    return Arith


def _linalg() -> Dialect:
    from tfc.dialects.linalg import Linalg

    return Linalg


def _memref() -> Dialect:
    from tfc.dialects.memref import MemRef

    return MemRef


def _vector() -> Dialect:
    from tfc.dialects.vector import Vector

    return Vector
