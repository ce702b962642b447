"""From a syntax tree to closures: each node becomes a Python function of the frame, made once per code object.

One method or function per node kind: in the mixins `expressions` and `statements`, or in a module that `scope` lists, which is
loaded when the first such node is met. A closure notes the node that it runs (`frame.node`) before it does what may record an op
or fail, so every op and every message has a position.
"""

from __future__ import annotations

import ast

from tfc.tracing.frame import RETURN, RETURNED, Frame, Statement
from tfc.tracing.iteration import generators
from tfc.tracing.syntax.expressions import ExpressionCompiler
from tfc.tracing.syntax.statements import StatementCompiler
from tfc.tracing.syntax.unit import Unit


class Compiler(ExpressionCompiler, StatementCompiler):
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
    assert isinstance(unit.node, ast.FunctionDef)
    return generators.generator_block(Compiler(unit), unit.node.body)
