"""What the three tools share: exit codes, and that nothing leaves them as a traceback."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from typing import Any, NoReturn

from tfc.dialects import environment
from tfc.tools.diagnostics import Diagnostic, report


class ArgumentParser(argparse.ArgumentParser):
    """argparse with exit code 1 and a coded message for wrong options."""

    def error(self, message: str) -> NoReturn:
        self.print_usage(sys.stderr)
        report(Diagnostic("TFC304", message, self.prog), sys.stderr)
        sys.exit(1)


def version_text(tool: str) -> str:
    """The versions that a report of a problem should name."""

    def of(package: str) -> str:
        try:
            return version(package)
        except PackageNotFoundError:
            return "from a work tree"

    return f"{tool} (tfc {of('tfc')}, xDSL {of('xdsl')}, llvmlite {of('llvmlite')})"


def run_tool(main: Callable[[], int]) -> int:
    """Run a tool: a `Diagnostic` is printed and gives 1. TFC_TRACEBACK=1 shows where it came from."""
    try:
        return main()
    except Diagnostic as error:
        if environment.switch("TFC_TRACEBACK"):
            raise
        report(error, sys.stderr)
        return 1
    except BrokenPipeError:
        # The reader of our output has gone: `tfc-opt ... | head`.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except KeyboardInterrupt:
        return 130


def add_common_arguments(parser: argparse.ArgumentParser, tool: str) -> None:
    """The arguments that all tools have."""
    version: Any = version_text(tool)
    parser.add_argument("--version", action="version", version=version)
    parser.add_argument(
        "--allow-unregistered-dialect", action="store_true", help="accept ops of unknown dialects"
    )
