"""Native functions as Python built-ins: `describe` a program for `tfc_fastcall` and wrap it,
without ctypes in the call.

Loaded like the runtime: compiled once, kept in the disk cache. Where it cannot work (another
Python, another NumPy) `make` returns None and calls go through ctypes.
"""

from __future__ import annotations

import ctypes
import functools
import math
import platform
import sys
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from tfc.backend import cache
from tfc.backend.arrays import DATA_AT_16, POOLED_BYTES
from tfc.backend.fastcall_ir import FASTCALL, HEAD
from tfc.backend.loader import LoadedCode
from tfc.backend.runtime import load_cached, load_code, runtime
from tfc.backend.signature import REPORT_WORDS, EntrySignature
from tfc.dialects.records import Record

_METH_FASTCALL = 0x80
#: Positions in NumPy's table of C functions; part of its ABI.
_ARRAY_TYPE, _NEW_FROM_DESCR, _SET_BASE = 2, 94, 282


class _MethodDef(ctypes.Structure):
    _fields_ = (
        ("name", ctypes.c_char_p),
        ("function", ctypes.c_void_p),
        ("flags", ctypes.c_int),
        ("doc", ctypes.c_char_p),
    )


@functools.cache
def _numpy_table() -> Any:
    from numpy._core import _multiarray_umath  # pyright: ignore[reportAttributeAccessIssue]

    capsule: Any = _multiarray_umath._ARRAY_API
    get = ctypes.pythonapi.PyCapsule_GetPointer
    get.restype = ctypes.c_void_p
    get.argtypes = [ctypes.py_object, ctypes.c_char_p]
    return (ctypes.c_void_p * 300).from_address(get(capsule, None))


_code: LoadedCode | None = None


def _ready() -> LoadedCode | None:
    """The code, if having it is cheap: it is in the disk cache, or LLVM is at hand and it goes
    there.
    """
    global _code  # noqa: PLW0603 - one per process
    if _code is None and known_layouts():
        _code = load_cached("fastcall", FASTCALL)
        if _code is None and "tfc.backend.llvm" in sys.modules and cache.directory() is not None:
            _code = load_code("fastcall", FASTCALL, "kernels")
    return _code


@functools.cache
def known_layouts() -> bool:
    """Whether this interpreter and NumPy are the ones whose layouts the code knows, tried out on
    arrays.
    """
    if not DATA_AT_16 or np.lib.NumpyVersion(np.__version__) < "2.0.0":
        return False
    if getattr(sys.flags, "gil", 1) == 0:
        return False
    if platform.machine().lower() not in ("x86_64", "amd64", "aarch64", "arm64"):
        return False
    word = ctypes.c_int64.from_address
    probe = np.zeros((3, 5), np.float32)
    dims = word(id(probe) + 32).value
    descr = word(id(probe) + 56).value
    flags = ctypes.c_int32.from_address(id(probe) + 64).value
    return (
        ctypes.c_int32.from_address(id(probe) + 24).value == 2
        and [word(dims).value, word(dims + 8).value] == [3, 5]
        and descr == id(probe.dtype)
        and word(descr + 40).value == 4
        and flags & 0x501 == 0x501
        and _numpy_table()[_ARRAY_TYPE] == id(np.ndarray)
        and _slots_are_known()
    )


def _slots_are_known() -> bool:
    """Whether members of classes have their offset where `slot_offset` reads it."""

    class Probe:
        __slots__ = ("__weakref__", "first", "second")

        def __init__(self) -> None:
            self.first, self.second = probe, self

    probe = np.zeros(1)
    made = Probe()
    return [
        ctypes.c_void_p.from_address(id(made) + slot_offset(member)).value
        for member in (Probe.__dict__["first"], Probe.__dict__["second"])
    ] == [id(probe), id(made)]


@functools.cache
def _new_function() -> Any:
    new = ctypes.pythonapi.PyCFunction_NewEx
    new.restype = ctypes.py_object
    new.argtypes = [ctypes.c_void_p, ctypes.py_object, ctypes.c_void_p]
    return new


class Holder(Record):
    """The class of objects that may be given for arrays, and what is to be returned."""

    cls: type
    slot: Any
    """The member of the class that holds the array."""
    form: int
    """The results as 0: a list of arrays, 1: one object, 2: a tuple, 3: a list of objects."""
    classes: Sequence[type | None]
    """The class of each argument: `cls`, or `ndarray`; None for either."""
    dtypes: Sequence[np.dtype[Any] | None]
    """The dtype of each argument; None for any of its item size."""
    patterns: Sequence[tuple[int, ...] | None]
    """The sizes of each argument, -1 for any, -2 for any but 1; None for those of the program."""


def slot_offset(member: Any) -> int:
    """Where an object of a class with slots has the value of one of them: a field of its member descriptor."""
    definition = ctypes.c_void_p.from_address(id(member) + 40).value
    return ctypes.c_int64.from_address((definition or 0) + 16).value


def describe(
    signature: EntrySignature,
    dtypes: Sequence[np.dtype[Any]],
    sizes: Sequence[int],
    holder: Holder | None = None,
) -> tuple[list[int], int]:
    """The words behind the head of a description, and the number of words a call takes.

    For each argument: dtype object (0: any), rank, item size, class (0: any), sizes (-1: any, -2: any but 1).
    For each result: dtype object, kind, rank, sizes; kind 0 lets NumPy allocate, a positive one is
    the number of bytes to take from the pool, -1 - (open sizes) leaves it to the callee.
    """
    words: list[int] = []
    for k, (spec, item) in enumerate(zip(signature.arguments, sizes, strict=True)):
        dtype = holder.dtypes[k] if holder else None
        shape = holder.patterns[k] or spec.shape if holder else spec.shape
        cls = holder.classes[k] if holder else None
        words += [
            0 if dtype is None else id(dtype),
            len(shape),
            item,
            0 if cls is None else id(cls),
            *shape,
        ]
    for spec, dtype in zip(signature.results, dtypes, strict=True):
        shape = spec.array.shape
        nbytes = math.prod(shape) * dtype.itemsize
        kind = -1 - spec.array.unknown if spec.dynamic else nbytes if nbytes >= POOLED_BYTES else 0
        words += [id(dtype), kind, len(shape), *shape]
    return words, signature.words + REPORT_WORDS


def make(
    signature: EntrySignature,
    dtypes: Sequence[np.dtype[Any]],
    sizes: Sequence[int],
    addresses: tuple[int, int],
    fallbacks: tuple[Callable[..., Any], Callable[..., Any]],
    holder: Holder | None = None,
) -> Callable[..., Any] | None:
    """A built-in function for a program, or None where ctypes has to do.

    `addresses` are those of `tfc_entry` and of the context; `fallbacks` what raises for a status,
    and what does a call whose arguments are not as described.
    """
    code = _ready()
    if code is None:
        return None
    table = _numpy_table()
    body, count = describe(signature, dtypes, sizes, holder)
    pooled = any(
        r.dynamic or math.prod(r.array.shape) * d.itemsize >= POOLED_BYTES
        for r, d in zip(signature.results, dtypes, strict=True)
    )
    alloc, free = runtime().table[:2] if pooled else (0, 0)
    head = {
        "entry": addresses[0],
        "context": addresses[1],
        "fail": id(fallbacks[0]),
        "slow": id(fallbacks[1]),
        "array_type": table[_ARRAY_TYPE],
        "new_array": table[_NEW_FROM_DESCR],
        "set_base": table[_SET_BASE],
        "free": free,
        "alloc": alloc,
        "arguments": len(signature.arguments),
        "results": len(signature.results),
        "words": count,
        "tensor_type": id(holder.cls) if holder else 0,
        "slot": slot_offset(holder.slot) if holder else 0,
        "form": holder.form if holder else 0,
    }
    values = [head[name] for name in HEAD] + body
    words = (ctypes.c_int64 * len(values))(*values)
    method = _MethodDef(b"tfc_call", code.address("tfc_fastcall"), _METH_FASTCALL, None)
    # The function's `self`: the description's address, and everything it refers to, which so lives
    # as long.
    kept = (ctypes.addressof(words), words, method, *dtypes, *fallbacks, code, holder)
    return _new_function()(ctypes.addressof(method), kept, None)
