"""From a graph to object code, by way of the disk cache."""

from __future__ import annotations

from typing import Any

from tfc.backend import cache
from tfc.backend.artifact import Artifact
from tfc.backend.errors import ArtifactError
from tfc.backend.target import host
from tfc.core import stack_depth
from tfc.dialects.collection import collection_paused
from tfc.graph import to_ir
from tfc.graph.digest import digest
from tfc.graph.nodes import Graph

FRAMES = 40_000
"""What a program of many branches inside each other takes to be compiled: each `elif` is inside the one before it."""


@stack_depth.at_least(FRAMES)
def artifact_of(graph: Graph) -> Artifact:
    """The compiled program. Neither xDSL nor LLVM is loaded when the disk cache has it."""
    name = cache.key("program", digest(graph), host().key(), cache.versions())
    stored = cache.load(name)
    if stored is not None:
        try:
            return Artifact.from_bytes(stored)
        except ArtifactError:
            pass  # damaged or of another version: compile again
    from tfc.dialects.loading import deferred_definitions

    # Also while libraries are loaded: a quarter of that time.
    with collection_paused():
        with deferred_definitions():
            from tfc.backend import translated

            emit = translated(module_at(graph, "cf"))
        artifact = emit()
    cache.store(name, artifact.to_bytes())
    return artifact


@stack_depth.at_least(FRAMES)
def module_at(graph: Graph, stage: str) -> Any:
    """The module of a graph at a stage of the compiler."""
    from tfc.dialects.loading import deferred_definitions
    from tfc.passes.pipelines import for_target, parse_passes, passes_between, run_passes

    with deferred_definitions():
        module = to_ir.to_module(graph)
        if stage != "tensor":
            passes = parse_passes(passes_between("tensor", stage))
            run_passes(module, for_target(passes, host().facts()))
    return module
