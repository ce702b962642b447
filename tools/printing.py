"""Modules as text."""

from __future__ import annotations

from io import StringIO

from xdsl.dialects.builtin import ModuleOp
from xdsl.printer import Printer


def module_text(module: ModuleOp, *, generic: bool = False, debuginfo: bool = False) -> str:
    """The text of a module, as `mlir-opt` would print it; `generic` for the form without custom syntax."""
    stream = StringIO()
    Printer(stream, print_generic_format=generic, print_debuginfo=debuginfo).print_op(module)
    return stream.getvalue()
