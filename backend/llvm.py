"""LLVM, by the C functions of llvmlite's library.

llvmlite's own Python package takes 35 ms to import, more than LLVM for a small program, and holds one lock around every call:
this is the part that we need, without a lock. Each module has a context of its own, so that threads compile at the same time;
a `Machine` belongs to one thread.
"""

from __future__ import annotations

import ctypes
import functools
import os
import sys
from collections.abc import Generator
from contextlib import contextmanager
from ctypes import POINTER, c_bool, c_char_p, c_int, c_size_t, c_void_p
from importlib.util import find_spec
from typing import Any

_OUT = POINTER(c_char_p)

#: Result and arguments of the functions that we call, without `LLVMPY_`.
_PROTOTYPES: dict[str, tuple[Any, ...]] = {
    "ContextCreate": (c_void_p,),
    "ContextDispose": (None, c_void_p),
    "CopyStringRepOfTargetData": (None, c_void_p, _OUT),
    "CreateNewModulePassManager": (c_void_p,),
    "CreatePassBuilder": (c_void_p, c_void_p, c_void_p),
    "CreatePipelineTuningOptions": (c_void_p,),
    "CreateTargetMachine": (
        c_void_p, c_void_p, c_char_p, c_char_p, c_char_p, c_int, c_char_p, c_char_p, c_int, c_int, c_char_p,
    ),
    "CreateTargetMachineData": (c_void_p, c_void_p),
    "DisposeFunctionsIter": (None, c_void_p),
    "DisposeMemoryBuffer": (None, c_void_p),
    "DisposeModule": (None, c_void_p),
    "DisposeNewFunctionPassManger": (None, c_void_p),
    "DisposeNewModulePassManger": (None, c_void_p),
    "DisposePassBuilder": (None, c_void_p),
    "DisposePipelineTuningOptions": (None, c_void_p),
    "DisposeString": (None, c_void_p),
    "DisposeTargetData": (None, c_void_p),
    "FunctionsIterNext": (c_void_p, c_void_p),
    "GetBufferSize": (c_size_t, c_void_p),
    "GetBufferStart": (c_void_p, c_void_p),
    "GetHostCPUFeatures": (c_int, _OUT),
    "GetHostCPUName": (None, _OUT),
    "GetProcessTriple": (None, _OUT),
    "GetTargetFromTriple": (c_void_p, c_char_p, _OUT),
    "InitializeAllAsmPrinters": (None,),
    "InitializeAllTargetInfos": (None,),
    "InitializeAllTargetMCs": (None,),
    "InitializeAllTargets": (None,),
    "InitializeNativeAsmPrinter": (None,),
    "InitializeNativeTarget": (None,),
    "IsDeclaration": (c_int, c_void_p),
    "ModuleFunctionsIter": (c_void_p, c_void_p),
    "PTOSetLoopInterleaving": (None, c_void_p, c_bool),
    "PTOSetLoopUnrolling": (None, c_void_p, c_bool),
    "PTOSetLoopVectorization": (None, c_void_p, c_bool),
    "PTOSetSLPVectorization": (None, c_void_p, c_bool),
    "ParseAssembly": (c_void_p, c_void_p, c_char_p, _OUT),
    "PrintModuleToString": (None, c_void_p, _OUT),
    "RunNewFunctionPassManager": (None, c_void_p, c_void_p, c_void_p),
    "RunNewModulePassManager": (None, c_void_p, c_void_p, c_void_p),
    "SetDataLayout": (None, c_void_p, c_char_p),
    "SetTarget": (None, c_void_p, c_char_p),
    "TargetMachineEmitToMemory": (c_void_p, c_void_p, c_void_p, c_int, _OUT),
    "buildFunctionSimplificationPipeline": (c_void_p, c_void_p, c_int),
    "buildPerModuleDefaultPipeline": (c_void_p, c_void_p, c_int),
    "module_AddAlwaysInlinerPass": (None, c_void_p),
}  # fmt: skip

_NAMES = {"darwin": "libllvmlite.dylib", "win32": "llvmlite.dll"}


@functools.cache
def _library() -> Any:
    """The library, with the target of this machine."""
    package = find_spec("llvmlite")
    if package is None or not package.submodule_search_locations:
        raise ImportError("llvmlite, which has LLVM, is not installed")
    file = _NAMES.get(sys.platform, "libllvmlite.so")
    library = ctypes.CDLL(os.path.join(package.submodule_search_locations[0], "binding", file))
    library.LLVMPY_InitializeNativeTarget()
    library.LLVMPY_InitializeNativeAsmPrinter()
    return library


@functools.cache
def _function(name: str) -> Any:
    function = getattr(_library(), f"LLVMPY_{name}")
    function.restype, *function.argtypes = _PROTOTYPES[name]
    return function


def _call(name: str, *arguments: Any) -> Any:
    return _function(name)(*arguments)


def _text_of(name: str, *arguments: Any) -> tuple[Any, str]:
    """What a function returns, and the text that it puts into its last argument."""
    out = c_char_p()
    result = _call(name, *arguments, ctypes.byref(out))
    text = out.value.decode() if out.value is not None else ""
    if out:
        _call("DisposeString", out)
    return result, text


@functools.cache
def load_all_targets() -> None:
    """Make every target known that LLVM was built with."""
    for part in ("TargetInfos", "Targets", "TargetMCs", "AsmPrinters"):
        _call(f"InitializeAll{part}")


@functools.cache
def host_cpu() -> tuple[str, str, str]:
    """Triple, CPU and features of this machine as LLVM names them."""
    features = _text_of("GetHostCPUFeatures")[1].split(",")
    by_name = ",".join(sorted(features, key=lambda feature: feature[1:]))
    return _text_of("GetProcessTriple")[1], _text_of("GetHostCPUName")[1], by_name


class Machine:
    """A code generator, for one thread at a time. `level` is 0 (as it stands) to 3.

    Raises:
        RuntimeError: LLVM has no such target; its message.
    """

    def __init__(self, triple: str, cpu: str, features: str, level: int, reloc: str) -> None:
        target, message = _text_of("GetTargetFromTriple", triple.encode())
        if not target:
            raise RuntimeError(message)
        names = (text.encode() for text in (triple, cpu, features))
        modes = reloc.encode(), b"small"
        self.pointer = _call("CreateTargetMachine", target, *names, level, *modes, 0, 0, b"")
        if not self.pointer:
            raise RuntimeError(f"no machine for {triple}")
        self.triple = triple.encode()
        data = _call("CreateTargetMachineData", self.pointer)
        self.data_layout = _text_of("CopyStringRepOfTargetData", data)[1].encode()
        _call("DisposeTargetData", data)

    def emit_object(self, module: Module) -> bytes:
        return self._emit(module, 1)

    def emit_assembly(self, module: Module) -> str:
        return self._emit(module, 0).decode()

    def _emit(self, module: Module, is_object: int) -> bytes:
        buffer, message = _text_of(
            "TargetMachineEmitToMemory", self.pointer, module.pointer, is_object
        )
        if not buffer:
            raise RuntimeError(message)
        try:
            return ctypes.string_at(_call("GetBufferStart", buffer), _call("GetBufferSize", buffer))
        finally:
            _call("DisposeMemoryBuffer", buffer)


class Module:
    """LLVM IR in memory, in a context of its own, for a machine.

    Raises:
        RuntimeError: the text is not LLVM IR; LLVM's message.
    """

    def __init__(self, text: str, machine: Machine) -> None:
        self.pointer: Any = None
        self._context: Any = _call("ContextCreate")
        self._machine = machine
        self.pointer, message = _text_of("ParseAssembly", self._context, text.encode())
        if not self.pointer:
            raise RuntimeError(message)
        _call("SetTarget", self.pointer, machine.triple)
        _call("SetDataLayout", self.pointer, machine.data_layout)

    def __str__(self) -> str:
        return _text_of("PrintModuleToString", self.pointer)[1]

    def __del__(self) -> None:
        if sys.is_finalizing():
            return
        if self.pointer:
            _call("DisposeModule", self.pointer)
        _call("ContextDispose", self._context)

    def run_default_pipeline(self, level: int) -> None:
        """LLVM's own pipeline of optimisations, with the loop vectoriser and without unrolling."""
        with self._builder(vectorize=True) as builder:
            manager = _call("buildPerModuleDefaultPipeline", builder, level)
            self._run(manager, builder)

    def run_always_inliner(self) -> None:
        """Inline what has the attribute `alwaysinline`."""
        with self._builder() as builder:
            manager = _call("CreateNewModulePassManager")
            _call("module_AddAlwaysInlinerPass", manager)
            self._run(manager, builder)

    def run_function_simplification(self, level: int) -> None:
        """LLVM's function simplification pipeline on each function, without unrolling."""
        with self._builder() as builder:
            manager = _call("buildFunctionSimplificationPipeline", builder, level)
            functions = _call("ModuleFunctionsIter", self.pointer)
            while function := _call("FunctionsIterNext", functions):
                if not _call("IsDeclaration", function):
                    _call("RunNewFunctionPassManager", manager, function, builder)
            _call("DisposeFunctionsIter", functions)
            _call("DisposeNewFunctionPassManger", manager)

    def _run(self, manager: Any, builder: Any) -> None:
        _call("RunNewModulePassManager", manager, self.pointer, builder)
        _call("DisposeNewModulePassManger", manager)

    @contextmanager
    def _builder(self, vectorize: bool = False) -> Generator[Any]:
        """What makes pipelines. Loops are not unrolled: that doubles the time in the code generator and buys nothing behind the
        vectoriser, which interleaves; loops that want it say so (`tfc.unroll`).
        """
        options = _call("CreatePipelineTuningOptions")
        _call("PTOSetLoopVectorization", options, vectorize)
        _call("PTOSetLoopInterleaving", options, vectorize)
        _call("PTOSetLoopUnrolling", options, False)
        _call("PTOSetSLPVectorization", options, False)
        builder = _call("CreatePassBuilder", self._machine.pointer, options)
        try:
            yield builder
        finally:
            _call("DisposePassBuilder", builder)
            _call("DisposePipelineTuningOptions", options)
