"""`tfc-translate`: a module of any stage to LLVM IR, assembly or an object file."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from tfc.backend.target import TARGETS
from tfc.tools.diagnostics import Diagnostic
from tfc.tools.driver import ArgumentParser, add_common_arguments, run_tool

DESCRIPTION = "Compile a module of any stage to LLVM IR, assembly or an object file."
FORMS = {
    "llvm": "LLVM IR as translated",
    "llvm-opt": "LLVM IR after LLVM's optimiser",
    "asm": "assembly",
    "obj": "a relocatable object, with the entry `tfc_entry`; needs -o",
}


def make_parser() -> ArgumentParser:
    """The command line of `tfc-translate`."""
    forms = "\n".join(f"  {name:9} {text}" for name, text in FORMS.items())
    targets = "\n".join(f"  {t.name:9} {t.triple} {t.cpu}" for t in TARGETS.values())
    parser = ArgumentParser(
        "tfc-translate",
        description=DESCRIPTION,
        epilog=f"forms:\n{forms}\n\ntargets:\n  host      this machine\n{targets}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("input", nargs="?", default="-", help="file to read, - (or nothing) for standard input")
    add("-o", "--output", default="-", help="file to write")
    add("--emit", choices=list(FORMS), default="llvm", help="what to write (default: llvm)")
    add("--target", choices=["host", *TARGETS], default="host", help="machine to generate code for")
    add("--entry", default="", help="function to enter by (default: main)")
    add_common_arguments(parser, "tfc-translate")
    return parser


def execute(options: argparse.Namespace) -> int:
    """Do what the command line asks for; raises `Diagnostic`."""
    if options.emit == "obj" and options.output == "-":
        raise Diagnostic("TFC304", "an object file is not text: name a file with -o", "--emit")
    from tfc.backend import jit
    from tfc.backend.errors import BackendError
    from tfc.dialects.context import make_context
    from tfc.tools.compiling import entry_function, llvm_text, lower
    from tfc.tools.opt import write_text
    from tfc.tools.source import parse_source, read_source

    context = make_context(allow_unregistered=options.allow_unregistered_dialect)
    source = read_source(options.input)
    module = parse_source(source, context)
    if options.entry:
        entry_function(module, source, options.entry)
    target = TARGETS.get(options.target)
    lower(module, source, context, target)
    text = llvm_text(module, source)
    try:
        if options.emit == "obj":
            _write_bytes(options.output, jit.emit_object(text, target))
            return 0
        if options.emit == "llvm-opt":
            text = jit.emit_optimised(text, target)
        elif options.emit == "asm":
            text = jit.emit_assembly(text, target)
    except BackendError as error:
        raise Diagnostic("TFC307", str(error), source.file) from error
    write_text(options.output, text if text.endswith("\n") else text + "\n")
    return 0


def _write_bytes(path: str, data: bytes) -> None:
    try:
        Path(path).write_bytes(data)
    except OSError as error:
        raise Diagnostic("TFC301", f"cannot write this file: {error.strerror}", path) from None


def main(arguments: Sequence[str] | None = None) -> int:
    """Run `tfc-translate`; gives the exit code."""
    return run_tool(lambda: execute(make_parser().parse_args(arguments)))


if __name__ == "__main__":
    sys.exit(main())
