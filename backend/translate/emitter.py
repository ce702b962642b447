"""What the translation of one function works on: names, lines, types, addresses.

An SSA value of the IR is, in `Emitter.values`,

- a string for a scalar or a vector of rank 1 (a register `%v7`, or a literal such as `5` or
  `0x3FF0000000000000`),
- a list of such strings for a vector of higher rank, one for each row,
- a `Buffer` for a memref.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from tfc.backend.errors import BackendError
from tfc.backend.translate.scopes import Scopes
from tfc.backend.translate.types import DYNAMIC, TypeInfo, type_info
from xdsl.ir import Attribute, Operation, SSAValue

if TYPE_CHECKING:
    from tfc.backend.translate.module import ModuleTranslator


@dataclass
class Buffer:
    """A memref: its base pointer and, in elements, offset, sizes and strides (names or decimal
    literals).

    `scope` is the alias scope its accesses belong to, or -1.
    """

    base: str
    offset: str
    sizes: list[str]
    strides: list[str]
    scope: int = -1


Value: TypeAlias = str | list[str] | Buffer


def is_literal(name: str) -> bool:
    """Whether an integer value is known now.

    >>> is_literal("-3"), is_literal("%v3")
    (True, False)
    """
    return name[0] != "%"


def source_position(op: Operation) -> str:
    """` (at file:line:col)` when the op knows, else nothing."""
    location = str(op.location)
    return "" if location in ("loc(unknown)", "unknown") else f" (at {location})"


class Emitter:
    """Lines of one LLVM function and the values they define.

    `entry_lines` go before everything (stack slots), `trampolines` after the current block.
    """

    def __init__(self, module: ModuleTranslator) -> None:
        self.module = module
        self.lines: list[str] = []
        self.entry_lines: list[str] = []
        self.trampolines: list[str] = []
        self.failures: list[tuple[str, str]] = []
        self.values: dict[SSAValue, Value] = {}
        self.label = "entry"
        self.types = module.types
        self.scopes = Scopes(module.metadata)
        # Pointers to memory of their own: (allocation, first byte, last byte + 1).
        self.roots: dict[str, tuple[str, float, float]] = {}
        # Index arithmetic of the current block, by its text.
        self._computed: dict[str, str] = {}
        self._names = 0
        self._blocks = 0

    # Names and lines

    def fresh(self) -> str:
        """A register nobody has."""
        self._names += 1
        return f"%v{self._names}"

    def fresh_label(self) -> str:
        self._blocks += 1
        return f"l{self._blocks}"

    def define(self, right: str) -> str:
        """Emit `%new = right` and return the new name."""
        self._names += 1
        name = f"%v{self._names}"
        self.lines.append(f"  {name} = {right}")
        return name

    def _define_once(self, right: str) -> str:
        """The name of `right`, which depends on its operands alone; emitted once in a block."""
        name = self._computed.get(right)
        if name is None:
            name = self._computed[right] = self.define(right)
        return name

    def emit(self, line: str) -> None:
        self.lines.append("  " + line)

    def start(self, label: str) -> None:
        """Begin an LLVM basic block."""
        self.lines.append(f"{label}:")
        self.label = label
        self._computed = {}

    # Types and operands

    def info(self, attribute: Attribute) -> TypeInfo:
        """`type_info`, remembered by identity: hashing an xDSL type costs more than computing its
        description.
        """
        known = self.types.get(id(attribute))
        if known is None:
            known = self.types[id(attribute)] = type_info(attribute)
        return known

    def scalar(self, value: SSAValue) -> str:
        """The name of a scalar or of a rank-1 vector."""
        name = self.values[value]
        if not isinstance(name, str):
            raise BackendError(f"expected a scalar or a vector of rank 1, got {value.type}")
        return name

    def rows(self, value: SSAValue) -> list[str]:
        """The rows of a vector; a list of one for rank 1."""
        name = self.values[value]
        if isinstance(name, Buffer):
            raise BackendError(f"expected a vector, got {value.type}")
        return name if isinstance(name, list) else [name]

    def buffer(self, value: SSAValue) -> Buffer:
        name = self.values[value]
        if not isinstance(name, Buffer):
            raise BackendError(f"expected a memref, got {value.type}")
        return name

    def set_rows(self, value: SSAValue, rows: list[str]) -> None:
        self.values[value] = rows if len(self.info(value.type).shape) > 1 else rows[0]

    def stack_slot(self, type_: str, align: int = 8) -> str:
        """Stack memory that is taken once per call of the function."""
        name = self.fresh()
        self.entry_lines.append(f"  {name} = alloca {type_}, align {align}")
        return name

    # Failure

    def fail_unless(self, condition: str, status: str) -> None:
        """Leave the function with `status` when the i1 `condition` is false."""
        following = self.fresh_label()
        self.emit(f"br i1 {condition}, label %{following}, label %fail, !prof !0")
        self.failures.append((status, self.label))
        self.start(following)

    def own_memory(self, pointer: str) -> None:
        """A pointer that nothing else points to: an argument of `@main`, an allocation."""
        self.roots[pointer] = (pointer, -math.inf, math.inf)

    # Memory accesses

    def access(self, buffer: Buffer, op: Operation) -> str:
        """What follows a load or store: its alias scope, the non-temporal mark."""
        suffix = "" if buffer.scope < 0 else Scopes.mark(buffer.scope)
        hint = op.properties.get("nontemporal")
        if hint is not None and hint.value.data:  # pyright: ignore[reportAttributeAccessIssue]
            suffix += ", !nontemporal !2"
        return suffix

    # Index arithmetic, folded where both sides are known

    def add(self, a: str, b: str) -> str:
        if a == "0":
            return b
        if b == "0":
            return a
        if is_literal(a) and is_literal(b):
            return str(int(a) + int(b))
        return self._define_once(f"add nsw i64 {a}, {b}")

    def sub(self, a: str, b: str) -> str:
        if b == "0":
            return a
        if is_literal(a) and is_literal(b):
            return str(int(a) - int(b))
        return self._define_once(f"sub nsw i64 {a}, {b}")

    def mul(self, a: str, b: str) -> str:
        if a == "1":
            return b
        if b == "1":
            return a
        if is_literal(a) and is_literal(b):
            return str(int(a) * int(b))
        if "0" in (a, b):
            return "0"
        return self._define_once(f"mul nsw i64 {a}, {b}")

    def dot(self, start: str, indices: Sequence[str], strides: Sequence[str]) -> str:
        """`start + sum(index * stride)`."""
        total = start
        for index, stride in zip(indices, strides, strict=True):
            total = self.add(total, self.mul(index, stride))
        return total

    # Addresses

    def element_pointer(self, base: str, linear: str, memory: str) -> str:
        if linear == "0":
            return base
        return self._define_once(f"getelementptr inbounds {memory}, ptr {base}, i64 {linear}")

    def address(self, buffer: Buffer, indices: Sequence[SSAValue], memory: str) -> str:
        """A pointer to the element at `indices`."""
        values = self.values
        names: list[str] = [values[i] for i in indices]  # pyright: ignore[reportAssignmentType]
        return self.element_pointer(
            buffer.base, self.dot(buffer.offset, names, buffer.strides), memory
        )

    # Values as lists of LLVM values: phis, arguments, results

    def flatten(self, value: SSAValue) -> list[str]:
        """The LLVM values that stand for a value, in the order of `TypeInfo.components`."""
        name = self.values[value]
        if isinstance(name, str):
            return [name]
        if isinstance(name, list):
            return name
        info = self.info(value.type)
        parts = [name.base]
        if info.offset == DYNAMIC:
            parts.append(name.offset)
        parts += [n for n, s in zip(name.sizes, info.shape, strict=True) if s == DYNAMIC]
        if not info.identity:
            parts += [n for n, s in zip(name.strides, info.strides, strict=True) if s == DYNAMIC]
        return parts

    def rebuild(self, info: TypeInfo, parts: Sequence[str]) -> Value:
        """The inverse of `flatten`; may emit the multiplications that make row-major strides."""
        if not info.is_memref:
            return list(parts) if len(info.shape) > 1 else parts[0]
        rest = iter(parts[1:])
        offset = next(rest) if info.offset == DYNAMIC else str(info.offset)
        sizes = [next(rest) if size == DYNAMIC else str(size) for size in info.shape]
        if info.identity:
            return Buffer(parts[0], offset, sizes, self.row_major(sizes))
        strides = [next(rest) if stride == DYNAMIC else str(stride) for stride in info.strides]
        return Buffer(parts[0], offset, sizes, strides)

    def row_major(self, sizes: Sequence[str]) -> list[str]:
        """Strides of a contiguous buffer."""
        strides: list[str] = []
        running = "1"
        for position in range(len(sizes) - 1, -1, -1):
            strides.append(running)
            if position:
                running = self.mul(running, sizes[position])
        strides.reverse()
        return strides


def operands(op: Operation) -> tuple[SSAValue, ...]:
    """Without the copy that xDSL's own attribute makes."""
    return op._operands  # pyright: ignore[reportPrivateUsage]


def unsupported(op: Operation, why: str) -> BackendError:
    return BackendError(f"cannot translate '{op.name}' to LLVM IR{source_position(op)}: {why}")
