"""Code generation: from a module of the `cf` stage to a native function.

    artifact = compile_module(module)
    native = load(artifact)
    [y] = native([x])

Importing this package loads neither xDSL nor LLVM; `load` needs neither.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from tfc.backend.artifact import Artifact
from tfc.backend.call import NativeFunction, load
from tfc.backend.errors import ArtifactError, BackendError, ExecutionFailed
from tfc.backend.target import TARGETS, Target, host
from tfc.dialects.late_modules import late_modules

if TYPE_CHECKING:
    from xdsl.dialects.builtin import ModuleOp
else:
    __getattr__ = late_modules(__name__)


def compile_module(module: ModuleOp, target: Target | None = None) -> Artifact:
    """Compile a module of the `cf` stage with a public `@main`.

    Raises:
        BackendError: when an op or a type has no translation, or there is no `@main`.

    Example:
        compile_module(module).to_bytes()
    """
    return translated(module, target)()


def translated(module: ModuleOp, target: Target | None = None) -> Callable[[], Artifact]:
    """What makes the artifact of a module, by LLVM alone: it needs no IR any more, so that other threads may work with theirs.

    Raises:
        BackendError: as `compile_module`.
    """
    from tfc.backend.jit import emit_units
    from tfc.backend.translate import translate_module

    translation = translate_module(module)
    entry = translation.entry
    if entry is None:
        raise BackendError("the module has no function @main to enter by")
    chosen = target or host()
    units, keys = translation.units(), _host_keys(module)

    def emit() -> Artifact:
        return Artifact(
            emit_units(units, chosen),
            entry,
            translation.asserts,
            translation.host_calls,
            chosen.key(),
            translation.uses_runtime,
            keys,
        )

    return emit


def _host_keys(module: ModuleOp) -> tuple[str, ...]:
    """The keys of the functions behind `@tfc_host_<k>`, which the conversion to linalg left on the module."""
    from xdsl.dialects.builtin import ArrayAttr, StringAttr

    keys = module.attributes.get("tfc.host_calls")
    listed = keys.data if isinstance(keys, ArrayAttr) else ()
    return tuple(key.data for key in listed if isinstance(key, StringAttr))


__all__ = [
    "TARGETS",
    "Artifact",
    "ArtifactError",
    "BackendError",
    "ExecutionFailed",
    "NativeFunction",
    "Target",
    "compile_module",
    "host",
    "load",
]
