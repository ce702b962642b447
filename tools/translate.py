"""`tfc-translate`: a module of any stage to LLVM IR, assembly or an object file."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from tfc.backend.c_header import c_header, is_c_name, unsigned_of
from tfc.backend.target import TARGETS
from tfc.tools.diagnostics import Diagnostic
from tfc.tools.driver import ArgumentParser, add_common_arguments, run_tool

if TYPE_CHECKING:
    from tfc.backend.target import Target
    from tfc.tools.source import Source

ENTRY = "tfc_entry"
DESCRIPTION = (
    "Compile a module of any stage to LLVM IR, assembly, or an object file and its C header."
)
FORMS = {
    "llvm": "LLVM IR as translated",
    "llvm-opt": "LLVM IR after LLVM's optimiser",
    "asm": "assembly",
    "obj": "a relocatable object; needs -o",
    "header": "a C header for the object (docs/c.md)",
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
    add("--symbol", default=ENTRY, help=f"what the program is called by others (default: {ENTRY})")
    add_common_arguments(parser, "tfc-translate")
    return parser


def execute(options: argparse.Namespace) -> int:
    """Do what the command line asks for; raises `Diagnostic`."""
    if options.emit == "obj" and options.output == "-":
        raise Diagnostic("TFC304", "an object file is not text: name a file with -o", "--emit")
    if not is_c_name(options.symbol):
        raise Diagnostic(
            "TFC304", f"'{options.symbol}' is not the name of a C function", "--symbol"
        )
    from tfc.dialects.context import make_context
    from tfc.tools.compiling import dtypes_of, entry_function, lower, translate
    from tfc.tools.opt import write_text
    from tfc.tools.source import parse_source, read_source

    context = make_context(allow_unregistered=options.allow_unregistered_dialect)
    source = read_source(options.input)
    module = parse_source(source, context)
    unsigned: tuple[list[bool], list[bool]] = ([], [])
    if options.entry or options.emit != "llvm":
        kind = entry_function(module, source, options.entry).function_type
        unsigned = unsigned_of(dtypes_of(kind.inputs)), unsigned_of(dtypes_of(kind.outputs))
    target = TARGETS.get(options.target)
    lower(module, source, context, target)
    translation = translate(module, source)
    if options.emit == "header":
        assert translation.entry is not None  # there is a function to enter by
        asserts = translation.asserts
        text = c_header(options.symbol, translation.entry, asserts, source.file, unsigned)
    else:
        text = translation.text.replace(f"@{ENTRY}(", f"@{options.symbol}(")
        text = f"source_filename = {_llvm_string(source.file)}\n{text}"
    made = _emit(text, options.emit, source, target)
    if isinstance(made, bytes):
        _write_bytes(options.output, made)
    else:
        write_text(options.output, made if made.endswith("\n") else made + "\n")
    return 0


def _emit(text: str, form: str, source: Source, target: Target | None) -> str | bytes:
    """What LLVM makes of LLVM IR; raises `Diagnostic` (TFC307)."""
    from tfc.backend import jit
    from tfc.backend.errors import BackendError

    emitters = {"obj": jit.emit_object, "llvm-opt": jit.emit_optimised, "asm": jit.emit_assembly}
    if form not in emitters:
        return text
    try:
        made = emitters[form](text, target)
    except BackendError as error:
        raise Diagnostic("TFC307", str(error), source.file) from error
    if form == "llvm-opt":  # LLVM names the string that it has parsed
        made = str(made).removeprefix("; ModuleID = '<string>'\n")
    return made


def _llvm_string(text: str) -> str:
    plain = (
        chr(b) if chr(b).isalnum() or chr(b) in "/._-+ <>" else f"\\{b:02X}" for b in text.encode()
    )
    return '"' + "".join(plain) + '"'


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
