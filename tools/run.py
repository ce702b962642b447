"""`tfc-run`: compile a module of any stage and run it on arrays."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from tfc.tools.diagnostics import Diagnostic
from tfc.tools.driver import ArgumentParser, add_common_arguments, run_tool

if TYPE_CHECKING:
    import numpy as np

DESCRIPTION = "Compile a module of any stage, run it, and print or save its results."
EPILOG = """\
arguments, one for each of the function's:
  x.npy             an array from a file
  2.5  '[1, nan]'   numbers; a single one fills an array whose sizes are known
  random zeros ones made up; random:3x4 gives the sizes where the type has `?`

Several results are printed with a line before each: which one it is, and its type.
"""


def make_parser() -> ArgumentParser:
    """The command line of `tfc-run`."""
    parser = ArgumentParser(
        "tfc-run",
        description=DESCRIPTION,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("input", help="file to read, - for standard input")
    add("arguments", nargs="*", help="see below")
    add("--entry", default="", help="function to run (default: main)")
    add("-o", "--output", action="append", default=[], help="save a result as .npy; once for each")
    add(
        "--repeat",
        type=_count,
        default=0,
        metavar="N",
        help="run N times more, print the best time",
    )
    add_common_arguments(parser, "tfc-run")
    return parser


def _count(text: str) -> int:
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"'{text}' is not a number of times")
    return int(text)


def execute(options: argparse.Namespace) -> int:
    """Do what the command line asks for; raises `Diagnostic`."""
    for path in options.output:
        if not path.endswith(".npy"):
            note = "without -o, results are printed as text"
            raise Diagnostic(
                "TFC304", f"results are saved as .npy, not '{path}'", "-o", notes=[note]
            )
    from tfc.backend import BackendError, load
    from tfc.dialects.context import make_context
    from tfc.tools.arguments import read_arguments
    from tfc.tools.compiling import compile_source, dtypes_of, entry_function, lower
    from tfc.tools.source import parse_source, read_source

    context = make_context(allow_unregistered=options.allow_unregistered_dialect)
    source = read_source(options.input)
    module = parse_source(source, context)
    kind = entry_function(module, source, options.entry).function_type
    argument_dtypes, dtypes = dtypes_of(kind.inputs), dtypes_of(kind.outputs)
    lower(module, source, context)
    artifact = compile_source(module, source)
    if artifact.host_calls:
        raise Diagnostic(
            "TFC306", "the module calls Python functions, which a file cannot hold", source.file
        )
    if dtypes is not None and len(dtypes) != len(artifact.entry.results):
        dtypes = None
    try:
        native = load(artifact, dtypes)
    except BackendError as error:
        raise Diagnostic("TFC307", str(error), source.file) from None
    entry = artifact.entry
    arrays = read_arguments(options.arguments, entry.arguments, argument_dtypes)
    labels = [f"result {k}" for k in range(len(entry.results))]
    labels += [f"argument {k}, updated" for k in entry.updates]
    if len(options.output) > len(labels):
        message = f"{len(options.output)} files for {len(labels)} results"
        raise Diagnostic("TFC304", message, "-o")
    results = _call(native, arrays)
    results += [arrays[index] for index in entry.updates]
    _show(labels, results, options.output)
    if options.repeat > 0:
        times: list[float] = []
        for _ in range(options.repeat):
            start = time.perf_counter()
            _call(native, arrays)
            times.append(time.perf_counter() - start)
        print(f"best of {len(times)}: {1e6 * min(times):.2f} us", file=sys.stderr)
    return 0


def _show(labels: Sequence[str], results: Sequence[np.ndarray], files: Sequence[str]) -> None:
    """Save the first results to `files` and print the others, with labels where there are several."""
    import numpy as np
    from tfc.tools.arguments import array_text

    for path, result in zip(files, results, strict=False):
        _save(path, result)
    for label, result in list(zip(labels, results, strict=True))[len(files) :]:
        if len(labels) > 1:
            print(f"{label}: {array_text(result)}")
        print(np.array2string(result, separator=", ", threshold=200))


def _call(native: Any, arrays: Sequence[np.ndarray]) -> list[np.ndarray]:
    from tfc.backend.errors import ExecutionFailed

    try:
        return native(arrays)
    except ExecutionFailed as error:
        code, _, rest = error.text.partition("|")
        where = rest.rpartition("|")[0]
        raise Diagnostic(code if code.startswith("TFC") else "TFC308", str(error), where) from error


def _save(path: str, array: np.ndarray) -> None:
    import numpy as np

    try:
        np.save(path, array, allow_pickle=False)
    except OSError as error:
        raise Diagnostic("TFC301", f"cannot write this file: {error.strerror}", path) from None


def main(arguments: Sequence[str] | None = None) -> int:
    """Run `tfc-run`; gives the exit code."""
    return run_tool(lambda: execute(make_parser().parse_intermixed_args(arguments)))


if __name__ == "__main__":
    sys.exit(main())
