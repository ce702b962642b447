"""Calling native code with NumPy arrays.

A call packs addresses and unknown sizes into words, calls `tfc_entry` through ctypes (which lets
other Python threads run meanwhile), and wraps what came back. The packing is a small Python
function written for the signature, so that nothing is decided per call that is known when the code
is loaded.
"""

from __future__ import annotations

import ctypes
import math
import struct
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from tfc.backend import fastcall
from tfc.backend.arrays import POOLED_BYTES, address_of, adopt, numpy_dtype, pooled_empty
from tfc.backend.artifact import Artifact
from tfc.backend.errors import ArtifactError, ExecutionFailed
from tfc.backend.loader import LoadedCode, UnsupportedObject
from tfc.backend.signature import REPORT_WORDS, ArraySpec, EntrySignature
from tfc.backend.target import host
from tfc.dialects.tfc.semantics.host import host_function

ENTRY = "tfc_entry"
_ENTRY_TYPE = ctypes.CFUNCTYPE(ctypes.c_int32, ctypes.c_void_p, ctypes.c_char_p)

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from tfc.backend.jit import LLJITCode

Array: TypeAlias = "NDArray[Any]"
HostFunction = Callable[..., Any]


class NativeFunction:
    """A compiled program in memory.

    Call it with C-contiguous arrays of the compiled dtypes, in the order of the arguments; it gives
    the list of results. Arguments in `artifact.entry.updates` are written in place. No argument
    that is updated may overlap another one.

    Raises:
        ExecutionFailed: when an assert of the program failed.
        MemoryError: when the program could not allocate.
        TypeError, ValueError: when an array is not what the program was compiled for.
        BaseException: whatever a host function raised, unchanged.

    Example:
        native = load(artifact)
        [y] = native([x])
    """

    def __init__(
        self,
        artifact: Artifact,
        code: LoadedCode | LLJITCode,
        result_dtypes: Sequence[np.dtype[Any]] | None = None,
        host_functions: dict[int, HostFunction] | None = None,
    ) -> None:
        self.artifact = artifact
        self._code = code
        try:
            known = {k: host_function(key) for k, key in enumerate(artifact.host_keys) if key}
        except ValueError as error:
            raise ArtifactError(str(error)) from None
        self._host = _HostCalls(artifact.host_calls, known | (host_functions or {}))
        self._context = _context(artifact, self._host)
        entry = _ENTRY_TYPE(code.address(ENTRY))
        dtypes = [numpy_dtype(r.array.dtype) for r in artifact.entry.results]
        if result_dtypes is not None:
            dtypes = [np.dtype(d) for d in result_dtypes]
        context = ctypes.addressof(self._context)
        self._unchecked = _write_caller(artifact.entry, dtypes, entry, context, self._fail)
        self._dtypes = dtypes
        self._addresses = (code.address(ENTRY), context)
        self._call = self._built_in(self._checked, None) or self._checked

    def _built_in(
        self, otherwise: Callable[..., Any], holder: fastcall.Holder | None
    ) -> Callable[..., Any] | None:
        return fastcall.make(
            self.artifact.entry,
            self._dtypes,
            [numpy_dtype(a.dtype).itemsize for a in self.artifact.entry.arguments],
            self._addresses,
            (self._fail, otherwise),
            holder,
        )

    def call_on(
        self, holder: fastcall.Holder, otherwise: Callable[..., Any]
    ) -> Callable[..., Any] | None:
        """A function of arrays and of objects that hold them; `otherwise` is called with arguments that do not fit."""
        return self._built_in(otherwise, holder)

    def __call__(self, arrays: Sequence[Array]) -> list[Array]:
        return self._call(*arrays)

    @property
    def call(self) -> Callable[..., list[Array]]:
        """What `__call__` does, with the arrays one by one: the fastest way in."""
        return self._call

    def _checked(self, *arrays: Array) -> list[Array]:
        """The call through ctypes, which takes any array for what it should be."""
        arguments = self.artifact.entry.arguments
        if len(arrays) != len(arguments):
            raise TypeError(f"expected {len(arguments)} arrays, got {len(arrays)}")
        for number, (array, spec) in enumerate(zip(arrays, arguments, strict=True)):
            _check(number, array, spec)
        return self._unchecked(*arrays)

    def _fail(self, status: int, words: bytes) -> None:
        if status == -1:
            raise self._host.take_error()
        if status == -2:
            raise MemoryError("the compiled program ran out of memory")
        start = len(words) - 8 * REPORT_WORDS
        values = struct.unpack_from(f"<{REPORT_WORDS}q", words, start)
        asserts = self.artifact.asserts
        if not 1 <= status <= len(asserts):
            raise ArtifactError(f"the compiled program returned status {status}")
        raise ExecutionFailed(asserts[status - 1], values)


def _check(number: int, array: Array, spec: ArraySpec) -> None:
    dtype = numpy_dtype(spec.dtype)
    if not isinstance(array, np.ndarray):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise TypeError(f"argument {number}: expected an array, got {type(array).__name__}")
    if array.dtype.itemsize != dtype.itemsize or not array.flags.c_contiguous:
        raise TypeError(f"argument {number}: expected a contiguous {dtype}, got {array.dtype}")
    fits = len(array.shape) == len(spec.shape) and all(
        known in (-1, size) for size, known in zip(array.shape, spec.shape, strict=True)
    )
    if not fits:
        raise ValueError(f"argument {number}: expected shape {spec.shape}, got {array.shape}")


def load(
    artifact: Artifact,
    result_dtypes: Sequence[np.dtype[Any]] | None = None,
    host_functions: dict[int, HostFunction] | None = None,
) -> NativeFunction:
    """Put a compiled program into memory; the memory goes with the last reference.

    `result_dtypes` overrides the signed dtypes that signless element types stand for.
    `host_functions[k]` serves host call k in place of the function that the artifact names: it gets
    the arguments (arrays that are only valid during the call) and returns the result, or a tuple.

    Raises:
        ArtifactError: when the program was made for another machine, or its code is damaged.

    Example:
        load(Artifact.from_bytes(data))([x])
    """
    if artifact.target != host().key():
        raise ArtifactError(f"compiled for {artifact.target}, this machine is {host().key()}")
    code: LoadedCode | LLJITCode
    try:
        code = LoadedCode(*artifact.images)
    except UnsupportedObject:
        from tfc.backend.jit import LLJITCode

        code = LLJITCode(artifact.images, (ENTRY,))
    return NativeFunction(artifact, code, result_dtypes, host_functions)


# The function that packs, calls and wraps


def _write_caller(
    signature: EntrySignature,
    dtypes: Sequence[np.dtype[Any]],
    entry: Any,
    context: int,
    fail: Callable[[int, bytes], None],
) -> Callable[..., list[Array]]:
    """Python source for this signature, compiled.

    The words are a fresh `bytes` object that native code writes statuses and dynamic results into:
    nobody else can have seen it, and `Struct.pack` is three times as fast as filling a ctypes
    array.
    """
    names: dict[str, Any] = {
        "_address": address_of,
        "_adopt": adopt,
        "_context": context,
        "_empty": np.empty,
        "_entry": entry,
        "_fail": fail,
        "_pooled": pooled_empty,
    }
    lines: list[str] = []
    words: list[str] = []
    parameters = [f"a{k}" for k in range(len(signature.arguments))]
    for k, argument in enumerate(signature.arguments):
        words.append(f"_address(a{k})")
        words += [f"a{k}.shape[{d}]" for d, size in enumerate(argument.shape) if size < 0]
    unpacked: list[str] = []
    for k, result in enumerate(signature.results):
        names[f"_d{k}"], names[f"_s{k}"] = dtypes[k], result.array.shape
        if result.dynamic:
            unpacked.append(f"r{k} = _adopt({_place_of(result.array, len(words))}, _d{k}, _free)")
            words += ["0"] * (1 + result.array.unknown)
        else:
            nbytes = math.prod(result.array.shape) * dtypes[k].itemsize
            is_pooled = nbytes >= POOLED_BYTES
            maker = f"_pooled(_s{k}, _d{k}, {nbytes})" if is_pooled else f"_empty(_s{k}, _d{k})"
            lines.append(f"r{k} = {maker}")
            words.append(f"_address(r{k})")
    count = len(words) + REPORT_WORDS
    names["_pack"] = struct.Struct(f"<{len(words)}q{8 * REPORT_WORDS}x").pack
    names["_unpack"] = struct.Struct(f"<{count}q").unpack
    lines.append(f"words = _pack({', '.join(words)})")
    lines.append("status = _entry(_context, words)")
    lines.append("if status: _fail(status, words)")
    if unpacked:
        from tfc.backend.runtime import runtime

        names["_free"] = runtime().free
        lines += ["w = _unpack(words)", *unpacked]
    lines.append(f"return [{', '.join([f'r{k}' for k in range(len(signature.results))])}]")
    source = f"def call({', '.join(parameters)}):\n    " + "\n    ".join(lines) + "\n"
    exec(compile(source, "<tfc native call>", "exec"), names)
    return names["call"]


def _place_of(array: ArraySpec, start: int) -> str:
    """Where native code has left a result of its own, and with which sizes, read from the words from `start` on."""
    sizes = iter(range(start + 1, start + 1 + array.unknown))
    shape = "".join(f"w[{next(sizes)}]," if size < 0 else f"{size}," for size in array.shape)
    return f"w[{start}], ({shape})"


# The context


def _context(artifact: Artifact, host_calls: _HostCalls) -> Any:
    """The table of functions that the code knows the world by."""
    table = (ctypes.c_uint64 * 7)()
    if artifact.uses_runtime:
        from tfc.backend.runtime import runtime

        alloc, free, parallel_for, free_all, disown, adopt_ = runtime().table
        table[:] = [alloc, free, host_calls.address, parallel_for, free_all, disown, adopt_]
    return table


_HOST_TYPE = ctypes.CFUNCTYPE(ctypes.c_int32, ctypes.c_void_p, ctypes.c_int64, ctypes.c_void_p)


class _HostCalls:
    """Python functions that native code calls, by number."""

    def __init__(
        self, signatures: dict[int, EntrySignature], functions: dict[int, HostFunction]
    ) -> None:
        self._signatures = signatures
        self._functions = functions
        self._errors: dict[int, BaseException] = {}
        self._callback = _HOST_TYPE(self._serve) if signatures else None

    @property
    def address(self) -> int:
        if self._callback is None:
            return 0
        return ctypes.cast(self._callback, ctypes.c_void_p).value or 0

    def take_error(self) -> BaseException:
        """What a host function raised in this call."""
        for number in list(self._errors):
            error = self._errors.pop(number, None)
            if error is not None:
                return error
        return ArtifactError("a host call failed and left no exception")

    def _serve(self, context: int, number: int, words: int) -> int:
        try:
            self._run(number, words)
        except BaseException as error:
            self._errors[id(error)] = error
            return 1
        return 0

    def _run(self, number: int, address: int) -> None:
        signature = self._signatures[number]
        words = (ctypes.c_int64 * signature.words).from_address(address)
        position = 0
        arguments: list[Any] = []
        for k, spec in enumerate(signature.arguments):
            if k in signature.scalars:
                arguments.append(_scalar(words, position, spec.dtype))
                position += 1
                continue
            shape, position_after = _shape(words, position, spec.shape)
            arguments.append(_view(words[position], shape, numpy_dtype(spec.dtype)))
            position = position_after
        results = self._functions[number](*arguments)
        if len(signature.results) == 1 and not isinstance(results, (tuple, list)):
            results = (results,)
        for spec, value in zip(signature.results, results or (), strict=True):
            dtype = numpy_dtype(spec.array.dtype)
            array = np.asarray(value, order="C")
            if array.dtype != dtype:
                same_bits = array.dtype.itemsize == dtype.itemsize and array.dtype.kind in "iu"
                array = array.view(dtype) if same_bits else array.astype(dtype)
            position = _write_back(words, position, spec.array.shape, spec.dynamic, array)


def _scalar(words: Any, position: int, dtype: str) -> int | float | bool:
    if dtype.startswith("f"):
        return struct.unpack("<d", struct.pack("<q", words[position]))[0]
    return bool(words[position]) if dtype == "i1" else words[position]


def _shape(words: Any, position: int, spec: tuple[int, ...]) -> tuple[tuple[int, ...], int]:
    position += 1
    shape: list[int] = []
    for size in spec:
        if size < 0:
            shape.append(words[position])
            position += 1
        else:
            shape.append(size)
    return tuple(shape), position


def _view(pointer: int, shape: tuple[int, ...], dtype: np.dtype[Any]) -> Array:
    nbytes = math.prod(shape) * dtype.itemsize
    if not nbytes:
        return np.empty(shape, dtype)
    memory: Any = (ctypes.c_char * nbytes).from_address(pointer)
    return np.ndarray(shape, dtype, memory)


def _write_back(
    words: Any, position: int, spec: tuple[int, ...], dynamic: bool, array: Array
) -> int:
    """Copy a result to where the caller wants it, or into memory that the caller will own."""
    if dynamic:
        from tfc.backend.runtime import runtime

        pointer = runtime().alloc(None, array.nbytes)
        if not pointer:
            raise MemoryError(f"cannot allocate {array.nbytes} bytes for the result of a host call")
        words[position] = pointer
    expected = [array.shape[d] if d < array.ndim and n < 0 else n for d, n in enumerate(spec)]
    if list(array.shape) != expected:
        raise ValueError(f"a host function returned shape {array.shape}, expected {tuple(spec)}")
    if array.nbytes:
        ctypes.memmove(words[position], address_of(array), array.nbytes)
    position += 1
    for size, known in zip(array.shape, spec, strict=True):
        if known < 0:
            words[position] = size
            position += 1
    return position
