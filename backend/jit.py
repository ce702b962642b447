"""LLVM IR text to object code; loaded with the first compilation.

The optimiser is LLVM's own pipeline for speed with the loop vectoriser, its function simplification for loops that are vectors
already, or nothing for kernels, which are written as they should run; see docs/decisions for what their parts cost. The units of
a program are made side by side, on as many threads as compiled code may use.
"""

from __future__ import annotations

import contextlib
import functools
import itertools
import threading
from collections.abc import Callable, Generator, Sequence
from typing import Any, TypeVar

from tfc.backend import cache
from tfc.backend.errors import ArtifactError, BackendError
from tfc.backend.llvm import Machine, Module, host_cpu, load_all_targets
from tfc.backend.runtime import threads
from tfc.backend.target import Target, host
from tfc.backend.units import Unit

Form = TypeVar("Form", bytes, str)

_idle: dict[tuple[Target, int], list[Machine]] = {}
"""Machines that no thread uses, by target and level."""

_making = threading.Lock()
"""Held while a machine is made: LLVM fills its tables of targets then, which threads must not do at the same time."""


@contextlib.contextmanager
def _machine(target: Target, level: int = 2) -> Generator[Machine]:
    """A code generator for this thread."""
    idle = _idle.setdefault((target, level), [])
    try:
        machine = idle.pop()
    except IndexError:
        with _making:
            machine = _new_machine(target, level)
    try:
        yield machine
    finally:
        idle.append(machine)


def _new_machine(target: Target, level: int) -> Machine:
    triple, cpu, features = target.triple, target.cpu, target.features
    if target.name == "host":
        triple, cpu, features = host_cpu()
    else:
        load_all_targets()
    reloc = "static" if triple.startswith("wasm") else "pic"
    try:
        return Machine(triple, cpu, features, level, reloc)
    except RuntimeError as error:
        raise BackendError(f"LLVM has no target {triple}: {error}") from None


def parse(text: str, machine: Machine) -> Module:
    """LLVM's module for a text.

    Raises:
        BackendError: with LLVM's message when the text is not LLVM IR.
    """
    try:
        return Module(text, machine)
    except RuntimeError as error:
        raise BackendError(f"LLVM does not accept the generated code: {error}") from None


def optimise(module: Module, unit: Unit) -> None:
    """Run what a unit wants of the optimiser, in place."""
    if unit.work == "loops":
        module.run_default_pipeline(3)
        return
    module.run_always_inliner()
    if unit.work == "vectors":
        module.run_function_simplification(1)


#: Code of units that stand alone, by text and target: programs share their kernels.
_kept: dict[tuple[str, Target], bytes] = {}
_KEPT = 64
_keeping = threading.Lock()


def emit_units(units: Sequence[Unit], target: Target) -> tuple[bytes, ...]:
    """Object code for the units of a program, the longest first."""
    images: dict[int, bytes] = {}
    pending = sorted(range(len(units)), key=lambda number: len(units[number].text))
    errors: list[BaseException] = []

    def next_unit() -> int | None:
        with contextlib.suppress(IndexError):  # another thread has taken the last one
            return None if errors else pending.pop()
        return None

    def work() -> None:
        try:
            for number in iter(next_unit, None):
                images[number] = emit_unit(units[number], target)
        except BaseException as error:
            errors.append(error)

    helpers = [threading.Thread(target=work) for _ in range(min(len(units), threads()) - 1)]
    for helper in helpers:
        helper.start()
    work()
    for helper in helpers:
        helper.join()
    if errors:
        raise errors[0]
    return tuple([images[number] for number in range(len(units))])


def emit_unit(unit: Unit, target: Target) -> bytes:
    """Object code for a unit of a program; that of one which stands alone is made once per machine."""
    if not unit.alone:
        return _emit_unit(unit, target)
    image = _kept.get((unit.text, target))
    if image is None:
        name = cache.key("unit", unit.text, target.key(), cache.versions())
        image = cache.load(name)
        if image is None:
            image = _emit_unit(unit, target)
            cache.store(name, image)
        with _keeping:
            if len(_kept) >= _KEPT:
                del _kept[next(iter(_kept))]
            _kept[unit.text, target] = image
    return image


def _emit_unit(unit: Unit, target: Target) -> bytes:
    with _machine(target, 0 if unit.work == "calls" else 2) as machine:
        module = parse(unit.text, machine)
        optimise(module, unit)
        return machine.emit_object(module)


def emit_object(text: str, target: Target | None = None, speed: int = 3) -> bytes:
    """Object code for a module of LLVM IR.

    Example:
        emit_object("define i32 @f() {\\n ret i32 7\\n}")[:4]  # b"\\x7fELF" on Linux
    """
    return _emit(text, target, speed, Machine.emit_object)


def emit_assembly(text: str, target: Target | None = None, speed: int = 3) -> str:
    """Assembly of the optimised module, for people and for tests."""
    return _emit(text, target, speed, Machine.emit_assembly)


def emit_optimised(text: str, target: Target | None = None, speed: int = 3) -> str:
    """LLVM IR after the optimiser."""
    return _emit(text, target, speed, lambda _, module: str(module))


def _emit(
    text: str, target: Target | None, speed: int, emit: Callable[[Machine, Module], Form]
) -> Form:
    """A module of LLVM IR, optimised, in one of its forms."""
    with _machine(target or host()) as machine:
        module = parse(text, machine)
        module.run_default_pipeline(speed)
        return emit(machine, module)


class LLJITCode:
    """Object code in memory, placed by LLVM's own linker: for objects that `loader` does not
    handle.
    """

    _names = itertools.count()

    def __init__(self, images: Sequence[bytes], symbols: tuple[str, ...]) -> None:
        import llvmlite.binding as llvm  # pyright: ignore[reportMissingTypeStubs]

        builder: Any = llvm.JITLibraryBuilder().add_current_process()
        for image in images:
            builder.add_object_img(image)
        for symbol in symbols:
            builder.export_symbol(symbol)
        try:
            self._tracker: Any = builder.link(_lljit(), f"tfc{next(self._names)}")
        except RuntimeError as error:
            raise ArtifactError(f"LLVM cannot load the object: {error}") from None

    def address(self, symbol: str) -> int:
        """Address of an exported symbol."""
        return int(self._tracker[symbol])


@functools.cache
def _lljit() -> Any:
    import llvmlite.binding as llvm  # pyright: ignore[reportMissingTypeStubs]

    triple, cpu, features = host_cpu()
    machine: Any = llvm.Target.from_triple(triple).create_target_machine(
        cpu=cpu, features=features, reloc="pic", codemodel="small"
    )
    return llvm.create_lljit_compiler(machine)
