"""`tfc-run`: compile a module of any stage and run it on arrays."""

from __future__ import annotations

import argparse
import ast
import sys
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from tfc.tools.diagnostics import Diagnostic
from tfc.tools.driver import ArgumentParser, add_common_arguments, run_tool

if TYPE_CHECKING:
    import numpy as np
    from tfc.backend.signature import ArraySpec

DESCRIPTION = "Compile a module of any stage, run it, and print or save its results."
EPILOG = """\
arguments, one for each of the function's:
  x.npy             an array from a file
  2.5  '[1, 2, 3]'  numbers; a single one fills an array whose sizes are known
  random  zeros     made up; random:3x4 gives the sizes where the type has `?`
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
    add("--repeat", type=int, default=0, metavar="N", help="run N times more, print the best time")
    add_common_arguments(parser, "tfc-run")
    return parser


def execute(options: argparse.Namespace) -> int:
    """Do what the command line asks for; raises `Diagnostic`."""
    import numpy as np
    from tfc.backend import load
    from tfc.dialects.context import make_context
    from tfc.tools.compiling import compile_source, entry_function, lower, result_dtypes
    from tfc.tools.source import parse_source, read_source

    context = make_context(allow_unregistered=options.allow_unregistered_dialect)
    source = read_source(options.input)
    module = parse_source(source, context)
    dtypes = result_dtypes(entry_function(module, source, options.entry))
    lower(module, source, context)
    artifact = compile_source(module, source)
    if artifact.host_calls:
        raise Diagnostic(
            "TFC306", "the module calls Python functions, which a file cannot hold", source.file
        )
    if dtypes is not None and len(dtypes) != len(artifact.entry.results):
        dtypes = None
    native = load(artifact, dtypes)
    arrays = read_arguments(options.arguments, artifact.entry.arguments)
    results = _call(native, arrays)
    results += [arrays[index] for index in artifact.entry.updates]
    for index, result in enumerate(results):
        if index < len(options.output):
            _save(options.output[index], result)
        else:
            print(np.array2string(result, separator=", ", threshold=200))
    if options.repeat > 0:
        times: list[float] = []
        for _ in range(options.repeat):
            start = time.perf_counter()
            _call(native, arrays)
            times.append(time.perf_counter() - start)
        print(f"best of {len(times)}: {1e6 * min(times):.2f} us", file=sys.stderr)
    return 0


def _call(native: Any, arrays: Sequence[np.ndarray]) -> list[np.ndarray]:
    from tfc.backend.errors import ExecutionFailed

    try:
        return native(arrays)
    except ExecutionFailed as error:
        code, _, rest = error.text.partition("|")
        where = rest.rpartition("|")[0]
        raise Diagnostic(code if code.startswith("TFC") else "TFC308", str(error), where) from error


def read_arguments(words: Sequence[str], specs: Sequence[ArraySpec]) -> list[np.ndarray]:
    """The arrays that the words of the command line stand for.

    Raises:
        Diagnostic: TFC306 when their number, a dtype or a shape is wrong.
    """
    if len(words) != len(specs):
        expected = ", ".join(spec_text(spec) for spec in specs) or "none"
        message = f"the function takes {len(specs)} arguments, got {len(words)}"
        raise Diagnostic("TFC306", message, notes=[f"expected: {expected}"])
    return [
        read_argument(word, spec, i)
        for i, (word, spec) in enumerate(zip(words, specs, strict=True))
    ]


def spec_text(spec: ArraySpec) -> str:
    """`4x?xf32`."""
    return "x".join([*("?" if n < 0 else str(n) for n in spec.shape), spec.dtype])


def read_argument(word: str, spec: ArraySpec, index: int) -> np.ndarray:
    """The array that one word stands for; raises `Diagnostic` (TFC306)."""
    import numpy as np
    from tfc.backend.arrays import numpy_dtype

    dtype = numpy_dtype(spec.dtype)
    name = f"argument {index} ('{word}')"
    made = _made_up(word, spec, dtype)
    if made is not None:
        return made
    if word.endswith(".npy"):
        try:
            array = np.load(word, allow_pickle=False)
        except (OSError, ValueError) as error:
            raise Diagnostic("TFC301", f"{name} cannot be read: {error}") from None
        if array.dtype.itemsize != dtype.itemsize or (array.dtype.kind in "fV") != (
            dtype.kind in "fV"
        ):
            raise Diagnostic("TFC306", f"{name} has dtype {array.dtype}, expected {dtype}")
        array = array.view(dtype)
    else:
        try:
            array = np.array(ast.literal_eval(word)).astype(dtype)
        except (ValueError, SyntaxError, TypeError) as error:
            raise Diagnostic("TFC306", f"{name} is no array: {error}") from None
        if array.ndim == 0 and spec.shape and -1 not in spec.shape:
            array = np.broadcast_to(array, spec.shape)
    fits = len(array.shape) == len(spec.shape) and all(
        want in (-1, have) for have, want in zip(array.shape, spec.shape, strict=True)
    )
    if not fits:
        raise Diagnostic("TFC306", f"{name} has shape {array.shape}, expected {spec_text(spec)}")
    return np.array(array, dtype, order="C")


def _made_up(word: str, spec: ArraySpec, dtype: np.dtype[Any]) -> np.ndarray | None:
    """The array of `random`, `zeros` and `random:3x4`; None when `word` is none of these."""
    import numpy as np

    kind, _, sizes = word.partition(":")
    if kind not in ("random", "zeros"):
        return None
    shape = tuple(int(n) for n in sizes.split("x") if n.isdigit()) if sizes else spec.shape
    if (
        len(shape) != len(spec.shape)
        or any(w not in (-1, h) for h, w in zip(shape, spec.shape, strict=True))
        or -1 in shape
    ):
        message = f"'{word}' does not give the sizes of {spec_text(spec)}"
        raise Diagnostic("TFC306", message, notes=["write for example random:3x4"])
    if kind == "zeros":
        return np.zeros(shape, dtype)
    numbers = np.random.default_rng(0)
    if dtype.kind in "iub":
        return np.asarray(numbers.integers(0, 2 if dtype.kind == "b" else 100, shape)).astype(dtype)
    return np.asarray(numbers.standard_normal(shape)).astype(dtype)


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
