"""A compiled program as bytes: object code and the facts needed to call it.

Needs neither xDSL nor LLVM.
"""

from __future__ import annotations

import ast
from typing import Any

from tfc.backend.errors import ArtifactError
from tfc.backend.signature import ArraySpec, EntrySignature, ResultSpec
from tfc.dialects.records import Record

MAGIC = b"tfc\x00art5"

_DAMAGES = (
    ValueError,
    SyntaxError,
    KeyError,
    TypeError,
    AttributeError,
    RecursionError,
    MemoryError,
)
"""What reading a header raises that is no literal, is nested too deeply, or does not hold what it must."""


class Artifact(Record):
    """What compiling a module gives.

    `images` are relocatable objects, one of which defines `tfc_entry`; `asserts` the texts of status 1, 2,
    ...; `host_calls` the signature of host call k and `host_keys[k]` the key of its function
    (`tfc.dialects.tfc.semantics.host`); `target` the key of the target it was made for;
    `uses_runtime` whether the code calls the context's functions.

    Example:
        Artifact.from_bytes(artifact.to_bytes()) == artifact
    """

    images: tuple[bytes, ...]
    entry: EntrySignature
    asserts: tuple[str, ...]
    host_calls: dict[int, EntrySignature]
    target: str
    uses_runtime: bool
    host_keys: tuple[str, ...] = ()

    def to_bytes(self) -> bytes:
        """A portable form: magic, length of the header, header (a Python literal), objects."""
        header = repr(
            {
                "entry": _signature_out(self.entry),
                "asserts": self.asserts,
                "host_calls": {k: _signature_out(s) for k, s in self.host_calls.items()},
                "target": self.target,
                "uses_runtime": self.uses_runtime,
                "host_keys": self.host_keys,
                "images": [len(image) for image in self.images],
            }
        ).encode()
        return MAGIC + len(header).to_bytes(8, "little") + header + b"".join(self.images)

    @staticmethod
    def from_bytes(data: bytes) -> Artifact:
        """The inverse of `to_bytes`.

        Raises:
            ArtifactError: when the bytes are not such a form.
        """
        if data[: len(MAGIC)] != MAGIC:
            raise ArtifactError("not a compiled program of this version")
        start = len(MAGIC) + 8
        size = int.from_bytes(data[len(MAGIC) : start], "little")
        try:
            header = ast.literal_eval(data[start : start + size].decode())
            return Artifact(
                _images(data[start + size :], _ints(header["images"])),
                _signature_in(header["entry"]),
                tuple(str(text) for text in header["asserts"]),
                {int(k): _signature_in(s) for k, s in header["host_calls"].items()},
                str(header["target"]),
                bool(header["uses_runtime"]),
                tuple(str(key) for key in header["host_keys"]),
            )
        except _DAMAGES as error:
            raise ArtifactError(f"damaged header of a compiled program: {error}") from None


def _images(data: bytes, sizes: tuple[int, ...]) -> tuple[bytes, ...]:
    if min(sizes, default=0) < 0 or sum(sizes) != len(data):
        raise ValueError("its object code has another size")
    ends = [sum(sizes[: k + 1]) for k in range(len(sizes))]
    return tuple(data[end - size : end] for size, end in zip(sizes, ends, strict=True))


def _signature_out(signature: EntrySignature) -> list[Any]:
    return [
        [[a.dtype, a.shape] for a in signature.arguments],
        [[r.array.dtype, r.array.shape, r.dynamic] for r in signature.results],
        signature.updates,
        signature.scalars,
    ]


def _signature_in(data: Any) -> EntrySignature:
    arguments, results, updates, scalars = data
    return EntrySignature(
        tuple(ArraySpec(str(dtype), _ints(shape)) for dtype, shape in arguments),
        tuple(
            ResultSpec(ArraySpec(str(dtype), _ints(shape)), bool(dynamic))
            for dtype, shape, dynamic in results
        ),
        _ints(updates),
        _ints(scalars),
    )


def _ints(data: Any) -> tuple[int, ...]:
    return tuple(int(n) for n in data)
