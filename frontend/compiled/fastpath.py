"""The short way to a specialisation: one generated Python function that checks the arguments, calls, and wraps.

It serves arguments that are tensors, arrays, Python numbers, constants or objects; structures take the long way.
"""

from __future__ import annotations

import textwrap
import weakref
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
from tfc.core.tensor import Tensor
from tfc.tracing.abstract import Array, Struct
from tfc.tracing.numbers import INT64, is_run_time_number

if TYPE_CHECKING:
    from tfc.compiled.specialization import Specialization

MISS = object()
"""What the fast path gives when the arguments are not for it."""

FastPath = Callable[[tuple[Any, ...]], Any]

_CONSTANTS = (bool, str, type(None))


class _Writer:
    """Conditions and array expressions of the generated function, and the constants that they name."""

    def __init__(self) -> None:
        self.environment: dict[str, Any] = {"Tensor": Tensor, "ndarray": np.ndarray, "MISS": MISS}
        self.loads: list[str] = []
        self.conditions: list[str] = []
        self.arrays: list[str] = []
        self.late_conditions: list[str] = []

    def constant(self, value: Any) -> str:
        name = f"k{len(self.environment)}"
        self.environment[name] = value
        return name

    def tensor(self, index: int, kind: type, pattern: tuple[int | None, ...], dtype: Any) -> None:
        """A tensor or array argument of a shape pattern."""
        holder = "Tensor" if kind is Tensor else "ndarray"
        self.conditions.append(f"a{index}.__class__ is {holder}")
        array = f"x{index}"
        self.loads.append(f"{array} = a{index}._array" if kind is Tensor else f"{array} = a{index}")
        self.late(f"{array}.dtype is {self.constant(dtype)}")
        if None not in pattern:
            self.late(f"{array}.shape == {pattern!r}")
        else:
            self.late(f"len({array}.shape) == {len(pattern)}")
            for axis, size in enumerate(pattern):
                wanted = "!= 1" if size is None else f"== {size}"
                self.late(f"{array}.shape[{axis}] {wanted}")
        self.late(f"{array}.flags.c_contiguous")
        self.arrays.append(array)

    def late(self, condition: str) -> None:
        """A condition on an array, tested after the arrays are loaded."""
        self.late_conditions.append(condition)


def contiguous(array: np.ndarray) -> np.ndarray:
    """The array, or a C-contiguous copy (`np.ascontiguousarray` would make rank 1 of rank 0)."""
    return array if array.flags.c_contiguous else np.array(array, order="C")


def make_fast_path(item: Specialization, sample: tuple[Any, ...]) -> FastPath | None:
    """The fast path for arguments like `sample`; None when there is none."""
    program = item.program
    if item.call is None or program.keeps_outer_state:
        return None
    writer = _Writer()
    for index, value in enumerate(sample):
        if not _argument(writer, item, index, value):
            return None
    for read in program.hidden:
        writer.arrays.append(f"contiguous({writer.constant(read)}())")
        writer.environment["contiguous"] = contiguous
    for variable in program.variables:
        writer.arrays.append(f"{writer.constant(variable.exclusive_array)}()")
    if item.check is not None:
        writer.late(f"{writer.constant(item.check)}()")
    return _compile(writer, item, len(sample))


def _argument(writer: _Writer, item: Specialization, index: int, value: Any) -> bool:
    kind = value.__class__
    if kind is Tensor or kind is np.ndarray:
        dtype = value._array.dtype if kind is Tensor else value.dtype
        writer.tensor(index, kind, item.patterns[(index,)], dtype)
        return True
    if is_run_time_number(value) and (index,) not in item.program.static:
        writer.conditions.append(f"a{index}.__class__ is {kind.__name__}")
        dtype = writer.constant(np.dtype(np.int64 if kind is int else np.float64))
        writer.environment["array"] = np.array
        if kind is int:
            writer.conditions.append(f"{INT64.start} <= a{index} < {INT64.stop}")
        writer.arrays.append(f"array(a{index}, {dtype})")
        return True
    if kind in (int, float, *_CONSTANTS):
        name = writer.constant(value)
        writer.conditions.append(
            f"(a{index} is {name} or (a{index}.__class__ is {name}.__class__ and a{index} == {name}))"
        )
        return not (kind is float and value == 0.0)  # -0.0 equals 0.0
    if isinstance(value, list | tuple | dict):
        return False
    try:
        reference = f"{writer.constant(weakref.ref(value))}()"
    except TypeError:
        reference = writer.constant(value)
    writer.conditions.append(f"a{index} is {reference}")
    return True


def _compile(writer: _Writer, item: Specialization, count: int) -> FastPath:
    environment = writer.environment
    environment["call"] = item.call
    environment["fail"] = item.failed
    names = "".join(f"a{index}, " for index in range(count))
    lines = [f"if len(args) != {count}: return MISS"]
    if count:
        lines.append(f"{names}= args")
    if writer.conditions:
        lines.append(f"if not ({' and '.join(writer.conditions)}): return MISS")
    lines += writer.loads
    if writer.late_conditions:
        lines.append(f"if not ({' and '.join(writer.late_conditions)}): return MISS")
    lines += [
        "try:",
        f"    results = call({', '.join(writer.arrays)})",
        "except Exception as error:",
        "    raise fail(error) from None",
        *_wrapping(item, environment),
    ]
    source = "def fast(args):\n" + textwrap.indent("\n".join(lines), "    ")
    exec(compile(source, "<tfc fast path>", "exec"), environment)
    return environment["fast"]


def _wrapping(item: Specialization, environment: dict[str, Any]) -> list[str]:
    """The lines that make the result; tensors are wrapped in line."""
    skeleton = item.program.result
    environment["new"] = object.__new__
    if isinstance(skeleton, Array):
        return ["tensor = new(Tensor)", "tensor._array = results[0]", "return tensor"]
    parts = skeleton.items if isinstance(skeleton, Struct) and skeleton.cls is tuple else ()
    if parts and all(isinstance(part, Array) for part in parts):
        lines: list[str] = []
        for index in range(len(parts)):
            lines += [f"t{index} = new(Tensor)", f"t{index}._array = results[{index}]"]
        return [*lines, f"return ({''.join(f't{i}, ' for i in range(len(parts)))})"]
    environment["rebuild"] = item.rebuild
    return [f"return rebuild(results[:{item.result_count}])"]
