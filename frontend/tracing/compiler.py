"""From a syntax tree to closures: each node becomes a Python function of the frame, made once per code object.

One method per node kind, in the mixins: `expressions`, `comprehensions`, `definitions`, `statements`, `loops`, `patterns`,
`generators`. A closure notes the node that it runs (`frame.node`) before it does what may record an op or fail, so every op
and every message has a position.
"""

from __future__ import annotations

import ast

import tfc.tracing.container_methods  # pyright: ignore[reportUnusedImport] - fills the table of intrinsics
import tfc.tracing.library  # pyright: ignore[reportUnusedImport] - the same
import tfc.tracing.mathematics  # pyright: ignore[reportUnusedImport] - the same
import tfc.tracing.pausing  # pyright: ignore[reportUnusedImport] - the same
import tfc.tracing.printing  # pyright: ignore[reportUnusedImport] - the same
import tfc.tracing.standard_library  # noqa: F401  # pyright: ignore[reportUnusedImport] - the same
from tfc.tracing.comprehensions import ComprehensionCompiler
from tfc.tracing.definitions import DefinitionCompiler
from tfc.tracing.expressions import ExpressionCompiler
from tfc.tracing.frame import RETURN, RETURNED, Frame, Statement
from tfc.tracing.generators import GeneratorCompiler
from tfc.tracing.loops import LoopCompiler
from tfc.tracing.patterns import PatternCompiler
from tfc.tracing.statements import StatementCompiler
from tfc.tracing.unit import Unit


class Compiler(
    ExpressionCompiler,
    ComprehensionCompiler,
    DefinitionCompiler,
    StatementCompiler,
    LoopCompiler,
    PatternCompiler,
    GeneratorCompiler,
):
    """Compiles the nodes of one unit."""


def compile_function(unit: Unit) -> Statement:
    """The body of a function or lambda."""
    compiler = Compiler(unit)
    node = unit.node
    if isinstance(node, ast.Lambda):
        body = compiler.expression(node.body)

        def run(frame: Frame) -> object:
            frame.vars[RETURNED] = body(frame)
            return RETURN

        return run
    assert isinstance(node, ast.FunctionDef)
    return compiler.block(node.body)


def compile_generator(unit: Unit) -> object:
    """The body of a generator function: a function of the frame that gives a Python generator."""
    compiler = Compiler(unit)
    assert isinstance(unit.node, ast.FunctionDef)
    return compiler.generator_block(unit.node.body)
