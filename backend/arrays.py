"""Arrays and native memory: dtypes, addresses, buffers that outlive a call."""

from __future__ import annotations

import ctypes
from typing import TYPE_CHECKING, Any

import numpy as np
from tfc.backend.errors import BackendError

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: From this size on, result buffers come from the runtime's pool.
POOLED_BYTES = 1 << 20

_DTYPES: dict[str, str] = {
    "i1": "?", "i8": "i1", "i16": "i2", "i32": "i4", "i64": "i8", "index": "i8", "f16": "f2", "f32": "f4", "f64": "f8",
}  # fmt: skip


def numpy_dtype(name: str) -> np.dtype[Any]:
    """NumPy's dtype for an element type as MLIR spells it.

    >>> numpy_dtype("f32")
    dtype('float32')
    """
    if name == "bf16":
        import ml_dtypes

        return np.dtype(ml_dtypes.bfloat16)
    try:
        return np.dtype(_DTYPES[name])
    except KeyError:
        raise BackendError(f"no NumPy dtype for element type {name}") from None


_data_field = ctypes.c_uint64.from_address


def _fast_address(array: NDArray[Any]) -> int:
    """The data pointer, straight from the array object: a tenth of the cost of `array.ctypes.data`."""
    return _data_field(id(array) + 16).value


def _slow_address(array: NDArray[Any]) -> int:
    return array.ctypes.data


def _choose() -> bool:
    """Whether `data` is the first field of an array object here, as in every CPython with NumPy 1
    and 2.
    """
    import sys

    if sys.implementation.name != "cpython" or ctypes.sizeof(ctypes.c_void_p) != 8:
        return False
    probes = [np.zeros(3), np.arange(10, dtype=np.int8)[3:], np.zeros((2, 0))]
    return all(_fast_address(probe) == probe.ctypes.data for probe in probes)


#: Whether the pointer to an array's data lies 16 bytes into the array object.
DATA_AT_16 = _choose()
address_of = _fast_address if DATA_AT_16 else _slow_address


def keep_freed_memory() -> None:
    """Have the C library reuse freed memory that is too small for the pool.

    Until a program has freed a large block, glibc gives 128 KiB and more back to the system at every `free`, and a call that
    needs such temporaries meets fresh pages each time. One block that is freed untouched brings it to where long-running programs
    come by themselves: it adapts its limits (docs/decisions/044-freed-memory.md).
    """
    np.empty(ADAPTED_BYTES, np.uint8)


ADAPTED_BYTES = 8 << 20
"""Blocks up to this size are then parts of the heap, of whose free end twice as much is kept."""

keep_freed_memory()


class NativeBuffer:
    """Memory of the runtime that an array lives in; goes back to the pool with the last array on
    it.
    """

    __slots__ = ("__array_interface__", "_free", "pointer")

    def __init__(self, pointer: int, nbytes: int, free: Any) -> None:
        self.pointer = pointer
        self._free = free
        self.__array_interface__ = {
            "version": 3,
            "shape": (nbytes,),
            "typestr": "|u1",
            "data": (pointer, False),
        }

    def __del__(self) -> None:
        self._free(self.pointer)


def adopt(pointer: int, shape: tuple[int, ...], dtype: np.dtype[Any], free: Any) -> NDArray[Any]:
    """An array on memory that the runtime allocated and the array now owns."""
    count = 1
    for size in shape:
        count *= size
    nbytes = count * dtype.itemsize
    bytes_ = np.asarray(NativeBuffer(pointer, nbytes, free))
    return np.ndarray(shape, dtype, bytes_)


def pooled_empty(shape: tuple[int, ...], dtype: np.dtype[Any], nbytes: int) -> NDArray[Any]:
    """`np.empty` in the runtime's pool, where freed buffers keep their pages."""
    from tfc.backend.runtime import runtime

    pool = runtime()
    pointer = pool.alloc(None, nbytes)
    if not pointer:
        raise MemoryError(f"cannot allocate {nbytes} bytes for a result of shape {shape}")
    return adopt(pointer, shape, dtype, pool.free)
