"""`tfc-opt`: parse a module, run passes, print it."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from contextlib import nullcontext
from typing import TYPE_CHECKING

from tfc.passes.pipelines import STAGES
from tfc.tools.diagnostics import Diagnostic
from tfc.tools.driver import ArgumentParser, add_common_arguments, run_tool
from tfc.tools.pipeline import (
    Runner,
    build_passes,
    format_timings,
    list_passes,
    pass_flags,
    passes_to_stage,
    without_anchors,
)

if TYPE_CHECKING:
    from tfc.tools.source import Source
    from xdsl.context import Context

DESCRIPTION = "Run passes on a module of any stage and print the result."


class _Parser(ArgumentParser):
    def format_help(self) -> str:
        self.epilog = list_passes()  # loads every pass, so only where it is shown
        return super().format_help()


def make_parser() -> ArgumentParser:
    """The command line of `tfc-opt`."""
    parser = _Parser(
        "tfc-opt", description=DESCRIPTION, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("input", nargs="?", default="-", help="file to read, - (or nothing) for standard input")
    add("-o", "--output", default="-", help="file to write")
    add(
        "-p",
        "--passes",
        "--pass-pipeline",
        action="append",
        default=[],
        help="passes, as in canonicalize,fuse-elementwise{max-inputs=8},to-loops; MLIR's builtin.module(...) and "
        "--canonicalize --cse are understood too",
    )
    add("--stage", choices=list(STAGES), help="run what leads from the module's stage to this one")
    add("--list-passes", action="store_true", help="list passes and pipelines and stop")
    add(
        "--print-between-passes", action="store_true", help="print the IR after each pass to stderr"
    )
    add("--timing", action="store_true", help="print the time of each pass to stderr")
    add(
        "--print-fusion",
        action="store_true",
        help="print to stderr what was fused, what not, and why",
    )
    add("--split-input-file", action="store_true", help="treat pieces between // ----- as files")
    add(
        "--verify-diagnostics",
        action="store_true",
        help="compare errors with // expected-error@+1 {{text}} in the file, and say where they differ",
    )
    add("--no-verify", action="store_true", help="verify neither the input nor after each pass")
    add("--print-op-generic", "--mlir-print-op-generic", action="store_true", dest="generic")
    add("--print-debuginfo", "--mlir-print-debuginfo", action="store_true", dest="debuginfo")
    add_common_arguments(parser, "tfc-opt")
    return parser


def process(source: Source, context: Context, options: argparse.Namespace) -> str:
    """The text that one module becomes; raises `Diagnostic`."""
    from tfc.passes.remarks import collect_remarks, render
    from tfc.tools.printing import module_text
    from tfc.tools.source import parse_source

    module = parse_source(source, context, check=not options.no_verify)
    shape = {"generic": options.generic, "debuginfo": options.debuginfo}
    timings: list[tuple[str, float]] | None = [] if options.timing else None
    runner = Runner(
        context, not options.no_verify, options.print_between_passes, timings, printer_options=shape
    )
    with collect_remarks() if options.print_fusion else nullcontext([]) as remarks:
        runner.run(module, build_passes(options.passes), source)
        if options.stage:
            runner.run(module, build_passes(passes_to_stage(module, options.stage)), source)
    if options.print_fusion:
        print(render(remarks), end="", file=sys.stderr)
    if timings is not None:
        print(format_timings(timings), file=sys.stderr)
    return module_text(module, **shape)


def execute(options: argparse.Namespace) -> int:
    """Do what the command line asks for; raises `Diagnostic`."""
    if options.list_passes:
        print(list_passes())
        return 0
    options.passes = ",".join(map(without_anchors, options.passes))
    build_passes(options.passes)  # wrong names are reported before the file is read
    from tfc.dialects.context import make_context
    from tfc.tools.source import read_source, split_source

    source = read_source(options.input)
    pieces = split_source(source) if options.split_input_file else [source]
    if options.verify_diagnostics:
        from tfc.tools.expectations import check_expectations

        return check_expectations(pieces, lambda piece: process(piece, make_context(), options))
    texts: list[str] = []
    failed = 0
    for piece in pieces:
        context = make_context(allow_unregistered=options.allow_unregistered_dialect)
        try:
            texts.append(process(piece, context, options))
        except Diagnostic as error:
            if len(pieces) == 1:
                raise
            print(error, file=sys.stderr)
            failed = 1
    write_text(options.output, "\n// -----\n\n".join(text + "\n" for text in texts))
    return failed


def write_text(path: str, text: str) -> None:
    """Write to a file, or to standard output for `-`; raises `Diagnostic` (TFC301)."""
    if path == "-":
        sys.stdout.write(text)
        sys.stdout.flush()
        return
    try:
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        raise Diagnostic("TFC301", f"cannot write this file: {error.strerror}", path) from None


def main(arguments: Sequence[str] | None = None) -> int:
    """Run `tfc-opt`; gives the exit code."""
    words = sys.argv[1:] if arguments is None else arguments
    return run_tool(lambda: execute(make_parser().parse_args(pass_flags(words))))


if __name__ == "__main__":
    sys.exit(main())
