"""LLVM IR text to object code, through llvmlite; loaded with the first compilation.

LLVM's global state is used under one lock. The optimiser is LLVM's own pipeline for speed with the
loop vectoriser, its function simplification for loops that are vectors already, or nothing for
kernels, which are written as they should run; see docs/decisions for what their parts cost.
"""

from __future__ import annotations

import functools
import threading
from collections.abc import Sequence
from typing import Any

from tfc.backend import cache
from tfc.backend.errors import ArtifactError, BackendError
from tfc.backend.target import Target, host
from tfc.backend.units import Unit

#: Everything that touches LLVM holds it: its contexts and option parsing are global.
LLVM_LOCK = threading.RLock()


@functools.cache
def _binding() -> Any:
    """`llvmlite.binding` with every target it has that we generate code for."""
    import llvmlite.binding as llvm  # pyright: ignore[reportMissingTypeStubs]

    llvm.initialize_native_target()  # pyright: ignore[reportUnknownMemberType]
    llvm.initialize_native_asmprinter()  # pyright: ignore[reportUnknownMemberType]
    return llvm


@functools.cache
def _all_targets() -> None:
    llvm = _binding()
    llvm.initialize_all_targets()
    llvm.initialize_all_asmprinters()


@functools.cache
def host_cpu() -> tuple[str, str, str]:
    """Triple, CPU and features of this machine as LLVM names them."""
    llvm = _binding()
    features = llvm.get_host_cpu_features().flatten()
    return llvm.get_process_triple(), llvm.get_host_cpu_name(), features


@functools.lru_cache(maxsize=8)
def _machine(target: Target, level: int) -> Any:
    """A target machine; cached, since it is the same for every module of a target."""
    llvm = _binding()
    triple, cpu, features = target.triple, target.cpu, target.features
    if target.name == "host":
        triple, cpu, features = host_cpu()
    else:
        _all_targets()
    try:
        chosen = llvm.Target.from_triple(triple)
    except RuntimeError as error:
        raise BackendError(f"LLVM has no target {triple}: {error}") from None
    reloc = "static" if triple.startswith("wasm") else "pic"
    return chosen.create_target_machine(
        cpu=cpu, features=features, opt=level, reloc=reloc, codemodel="small"
    )


def parse(text: str, target: Target | None = None) -> Any:
    """LLVM's module for a text, with triple and data layout of `target`.

    Raises:
        BackendError: with LLVM's message when the text is not LLVM IR.
    """
    machine = _machine(target or host(), 2)
    try:
        module = _binding().parse_assembly(text)
    except RuntimeError as error:
        raise BackendError(f"LLVM does not accept the generated code: {error}") from None
    module.triple = machine.triple
    module.data_layout = str(machine.target_data)
    return module


def optimise(module: Any, machine: Any, speed: int = 3) -> None:
    """Run the optimiser in place."""
    from llvmlite.binding import (  # pyright: ignore[reportMissingTypeStubs]
        newpassmanagers as passes,
    )

    options = passes.create_pipeline_tuning_options(speed)  # pyright: ignore
    options.loop_vectorization = True
    options.loop_interleaving = True
    # Unrolling doubles the time in the code generator and buys nothing behind the vectoriser, which interleaves; loops that
    # want it say so (`tfc.unroll`).
    options.loop_unrolling = False
    options.slp_vectorization = False
    builder = passes.create_pass_builder(machine, options)  # pyright: ignore
    manager = builder.getModulePassManager()  # pyright: ignore
    manager.run(module, builder)  # pyright: ignore


def hoist(module: Any, machine: Any) -> None:
    """Clean up loops over vectors, in place, and move out of them what stays the same."""
    from llvmlite.binding import (  # pyright: ignore[reportMissingTypeStubs]
        newpassmanagers as passes,
    )

    inline(module, machine)
    options = passes.create_pipeline_tuning_options(1)  # pyright: ignore
    options.loop_unrolling = False  # as in `optimise`
    builder = passes.create_pass_builder(machine, options)  # pyright: ignore
    manager = builder.getFunctionPassManager()  # pyright: ignore
    for function in module.functions:
        if not function.is_declaration:
            manager.run(function, builder)  # pyright: ignore


def inline(module: Any, machine: Any) -> None:
    """Inline what must be, in place, and leave the rest as it is: for code that a call runs through once, and for kernels."""
    from llvmlite.binding import (  # pyright: ignore[reportMissingTypeStubs]
        newpassmanagers as passes,
    )

    options = passes.create_pipeline_tuning_options(0)  # pyright: ignore
    builder = passes.create_pass_builder(machine, options)  # pyright: ignore
    manager: Any = passes.create_new_module_pass_manager()  # pyright: ignore
    manager.add_always_inliner_pass()
    manager.run(module, builder)


#: Code of units that stand alone, by text and target: programs share their kernels.
_kept: dict[tuple[str, Target], bytes] = {}
_KEPT = 64


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
        if len(_kept) >= _KEPT:
            _kept.pop(next(iter(_kept)), None)
        _kept[unit.text, target] = image
    return image


def _emit_unit(unit: Unit, target: Target) -> bytes:
    with LLVM_LOCK:
        machine = _machine(target, 0 if unit.work == "calls" else 2)
        module = parse(unit.text, target)
        if unit.work == "loops":
            optimise(module, machine)
        elif unit.work == "vectors":
            hoist(module, machine)
        else:
            inline(module, machine)
        return machine.emit_object(module)


def emit_object(text: str, target: Target | None = None, speed: int = 3) -> bytes:
    """Object code for a module of LLVM IR.

    Example:
        emit_object("define i32 @f() {\\n ret i32 7\\n}")[:4]  # b"\\x7fELF" on Linux
    """
    with LLVM_LOCK:
        machine = _machine(target or host(), 2)
        module = parse(text, target)
        optimise(module, machine, speed)
        return machine.emit_object(module)


def emit_assembly(text: str, target: Target | None = None, speed: int = 3) -> str:
    """Assembly of the optimised module, for people and for tests."""
    with LLVM_LOCK:
        machine = _machine(target or host(), 2)
        module = parse(text, target)
        optimise(module, machine, speed)
        return machine.emit_assembly(module)


def emit_optimised(text: str, target: Target | None = None, speed: int = 3) -> str:
    """LLVM IR after the optimiser."""
    with LLVM_LOCK:
        module = parse(text, target)
        optimise(module, _machine(target or host(), 2), speed)
        return str(module)


class LLJITCode:
    """Object code in memory, placed by LLVM's own linker: for objects that `loader` does not
    handle.
    """

    _names = 0

    def __init__(self, images: Sequence[bytes], symbols: tuple[str, ...]) -> None:
        with LLVM_LOCK:
            llvm = _binding()
            LLJITCode._names += 1
            builder = llvm.JITLibraryBuilder().add_current_process()
            for image in images:
                builder.add_object_img(image)
            for symbol in symbols:
                builder.export_symbol(symbol)
            try:
                self._tracker = builder.link(_lljit(), f"tfc{LLJITCode._names}")
            except RuntimeError as error:
                raise ArtifactError(f"LLVM cannot load the object: {error}") from None

    def address(self, symbol: str) -> int:
        """Address of an exported symbol."""
        return int(self._tracker[symbol])


@functools.cache
def _lljit() -> Any:
    return _binding().create_lljit_compiler(_machine(host(), 2))
