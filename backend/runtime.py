"""The runtime in memory: memory pool and thread pool of this process.

Loaded when a program first needs it: generated code that allocates or runs loops in parallel, or a
result of 1 MiB and more. Its object code is kept in the disk cache, so LLVM is loaded for it once
per machine, not once per process.
"""

from __future__ import annotations

import ctypes
import os
import platform
import threading

from tfc.backend import cache, runtime_ir, units
from tfc.backend.errors import ArtifactError
from tfc.backend.loader import LoadedCode
from tfc.backend.target import host, host_identity, usable_cores
from tfc.dialects import environment


def _threads_from_environment() -> int | None:
    own = environment.number("TFC_NUM_THREADS")
    text = os.environ.get("OMP_NUM_THREADS", "").split(",")[0].strip()
    return own or (int(text) if text.isdecimal() else 0) or None


_lock = threading.Lock()
_loaded: Runtime | None = None
_requested_threads: int | None = _threads_from_environment()


class Runtime:
    """Addresses and functions of the runtime.

    Example:
        runtime().kept()  # bytes of freed buffers that are kept for reuse
    """

    def __init__(self) -> None:
        self._code = load_code("runtime", runtime_ir.runtime_text(platform.machine()), "calls")
        address = self._code.address
        self.table = tuple(
            address(f"tfc_rt_{name}")
            for name in ("alloc", "free", "parallel_for", "free_all", "disown", "adopt")
        )
        pointer, word = ctypes.c_void_p, ctypes.c_int64
        # PYFUNCTYPE keeps the interpreter lock: these return at once, and are called from
        # finalisers.
        self.alloc = ctypes.PYFUNCTYPE(pointer, pointer, word)(address("tfc_rt_alloc"))
        self.free = ctypes.PYFUNCTYPE(None, pointer)(address("tfc_rt_free"))
        self.trim = ctypes.PYFUNCTYPE(None)(address("tfc_rt_trim"))
        self.kept = ctypes.PYFUNCTYPE(word)(address("tfc_rt_kept"))
        self.set_limit = ctypes.PYFUNCTYPE(None, word)(address("tfc_rt_set_limit"))
        self.set_threads = ctypes.PYFUNCTYPE(None, word)(address("tfc_rt_set_threads"))
        self.forked = ctypes.PYFUNCTYPE(None)(address("tfc_rt_forked"))
        self.set_threads(_requested_threads or usable_cores())
        self.set_limit(_pool_limit())
        os.register_at_fork(after_in_child=self.forked)


def runtime() -> Runtime:
    """The runtime, loaded at the first call."""
    global _loaded  # noqa: PLW0603 - one per process
    if _loaded is None:
        with _lock:
            if _loaded is None:
                _loaded = Runtime()
    return _loaded


def set_threads(threads: int | None) -> None:
    """How many threads parallel loops may use, this one included; None: as many as there are usable
    cores.

    Example:
        set_threads(1)  # everything on the calling thread
    """
    global _requested_threads  # noqa: PLW0603
    if threads is not None and threads < 1:
        raise ValueError(f"threads must be at least 1, got {threads}")
    _requested_threads = threads
    if _loaded is not None:
        _loaded.set_threads(threads or usable_cores())


def threads() -> int:
    """How many threads parallel loops use."""
    return _requested_threads or usable_cores()


def trim() -> None:
    """Give the memory of freed buffers back to the system."""
    if _loaded is not None:
        _loaded.trim()


def _pool_limit() -> int:
    """An eighth of the machine's memory, at most 4 GiB, may wait for reuse."""
    try:
        total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (ValueError, OSError):
        total = 8 << 30
    return min(total // 8, 4 << 30)


def load_code(name: str, text: str, work: units.Work) -> LoadedCode:
    """LLVM IR of our own as code in memory, by way of the disk cache; it stays there. `work` is what LLVM has to do for it."""
    code = load_cached(name, text)
    if code is not None:
        return code
    from tfc.backend.jit import emit_unit

    image = emit_unit(units.Unit(text, work), host())
    cache.store(cache.key(name, text, host_identity()), image)
    return _loaded_for_good(image)


def load_cached(name: str, text: str) -> LoadedCode | None:
    """What `load_code` would find in the disk cache."""
    key = cache.key(name, text, host_identity())
    image = cache.load(key)
    if image is not None:
        try:
            return _loaded_for_good(image)
        except ArtifactError:
            pass  # damaged: make it again
    return None


def _loaded_for_good(image: bytes) -> LoadedCode:
    """Code that is never unmapped: arrays that live until the interpreter has gone give their memory back through it."""
    code = LoadedCode(image)
    ctypes.pythonapi.Py_IncRef(ctypes.py_object(code))
    return code
