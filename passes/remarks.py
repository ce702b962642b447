"""Remarks: what passes decided and why, for people to read. Nothing is written unless somebody listens."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field

from xdsl.dialects.builtin import FileLineColLoc
from xdsl.ir import Operation


@dataclass
class Remark:
    """One decision of a pass: where, what was done, and beside it what was not done and why."""

    pass_name: str
    place: str
    text: str
    missed: list[str] = field(default_factory=list[str])

    def __str__(self) -> str:
        lines = [f"{self.place}: {self.pass_name}: {self.text}"]
        return "\n".join([*lines, *(f"    not {text}" for text in self.missed)])


_listener: ContextVar[list[Remark] | None] = ContextVar("remarks", default=None)


@contextmanager
def collect_remarks() -> Generator[list[Remark]]:
    """Collect the remarks of the passes that run inside.

    Example:
        with collect_remarks() as remarks:
            run_passes(module, "fuse-elementwise")
        print(*remarks, sep="\\n")
    """
    remarks: list[Remark] = []
    token = _listener.set(remarks)
    try:
        yield remarks
    finally:
        _listener.reset(token)


def listener() -> list[Remark] | None:
    """Where to put remarks; None when nobody listens."""
    return _listener.get()


def place_of(op: Operation) -> str:
    """`file:line` of an op, as far as it is known."""
    location = op.location
    if not isinstance(location, FileLineColLoc):
        return "unknown place"
    return f"{location.filename.data.rpartition('/')[2]}:{location.line.data}"


def name_of(op: Operation) -> str:
    """What an op computes: `tensor.extract`, or by the last op of its body: `exp`, `addf`."""
    if not op.regions:
        return op.name
    names = [inner.name for region in op.regions for inner in region.walk()]
    computed = [
        name for name in names if name not in ("linalg.yield", "scf.yield", "arith.constant")
    ]
    return (computed[-1] if computed else "copy").partition(".")[2] or "copy"


def list_ops(ops: Iterable[Operation]) -> str:
    """`exp (12), addf (13)`: what ops compute, and in which lines."""
    return ", ".join(f"{name_of(op)} ({place_of(op).rpartition(':')[2]})" for op in ops)


def render(remarks: Sequence[Remark]) -> str:
    """The remarks as text, one account a decision."""
    return "".join(f"{remark}\n" for remark in remarks) or "nothing to fuse\n"
