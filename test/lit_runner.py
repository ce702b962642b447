"""Runs the RUN lines of `.mlir` tests in this process: starting Python for each of them would take most of the time.

A line is one or more commands joined by `|`, each one of `%tfc-opt`, `%tfc-run`, `%tfc-translate`, `filecheck` and
`mlir-opt-22`, perhaps after `not`, perhaps with `2>&1`. `%s` is the file. Anything else is lit's business: `lit test`
runs the same files with a real shell.
"""

from __future__ import annotations

import contextlib
import io
import re
import shlex
import subprocess
import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path

RUN = re.compile(r"^\s*//\s*RUN:\s*(.*)$", re.MULTILINE)
TOOLS = {"%tfc-opt": "opt", "%tfc-run": "run", "%tfc-translate": "translate"}
EXTERNAL = {"mlir-opt-22"}


class LitFailure(AssertionError):  # noqa: N818  (a test fails, nothing broke)
    """A RUN line failed."""


def run_lines(file: Path) -> list[str]:
    """The RUN lines of a file, with `%s` filled in and continuation lines joined."""
    joined: list[str] = []
    for line in RUN.findall(file.read_text()):
        if joined and joined[-1].endswith("\\"):
            joined[-1] = joined[-1][:-1] + line
        else:
            joined.append(line)
    return [line.replace("%s", str(file)) for line in joined]


def needs_mlir(file: Path) -> bool:
    """Whether the file's RUN lines call MLIR's own tools."""
    return any(name in line for line in run_lines(file) for name in EXTERNAL)


def run_file(file: Path) -> None:
    """Run all RUN lines of a file; raises `LitFailure` with the output of the first that fails."""
    lines = run_lines(file)
    if not lines:
        raise LitFailure(f"{file} has no RUN line")
    for line in lines:
        run_line(line)


def run_line(line: str) -> None:
    """Run one line; every command of the pipe must succeed."""
    text = ""
    for command in split_pipe(line):
        merge = "2>&1" in command
        words = [word for word in command if word != "2>&1"]
        inverted = words[0] == "not"
        code, output, errors = run_command(words[1:] if inverted else words, text)
        text = output + errors if merge else output
        if (code != 0) != inverted:
            raise LitFailure(f"{' '.join(words)}\ngave {code}\n{output[-4000:]}{errors[-4000:]}")


def split_pipe(line: str) -> list[list[str]]:
    """The commands of a line as lists of words."""
    lexer = shlex.shlex(line, posix=True, punctuation_chars="|")
    lexer.whitespace_split = True
    commands: list[list[str]] = [[]]
    for word in lexer:
        if word == "|":
            commands.append([])
        else:
            commands[-1].append(word)
    return commands


def run_command(words: Sequence[str], given: str) -> tuple[int, str, str]:
    """Exit code, output and errors of one command with `given` on its standard input."""
    name, *arguments = words
    if name in EXTERNAL:
        done = subprocess.run(words, input=given, capture_output=True, text=True, check=False)
        return done.returncode, done.stdout, done.stderr
    if name == "filecheck":
        return call(lambda: filecheck(arguments), given)
    if name not in TOOLS:
        raise LitFailure(f"unknown command in a RUN line: {name}")
    main = import_module(f"tfc.tools.{TOOLS[name]}").main
    return call(lambda: main(arguments), given)


def filecheck(arguments: Sequence[str]) -> int:
    from filecheck.matcher import Matcher
    from filecheck.options import parse_argv_options

    return Matcher.from_opts(parse_argv_options(["filecheck", *arguments])).run()


def call(function: Callable[[], int], given: str) -> tuple[int, str, str]:
    """Call `function` with its own standard streams."""
    output, errors = io.StringIO(), io.StringIO()
    before = sys.stdin
    sys.stdin = io.TextIOWrapper(io.BytesIO(given.encode()), encoding="utf-8")
    try:
        with contextlib.redirect_stdout(output), contextlib.redirect_stderr(errors):
            try:
                code = function()
            except SystemExit as stop:
                code = stop.code if isinstance(stop.code, int) else int(stop.code is not None)
    finally:
        sys.stdin = before
    return code, output.getvalue(), errors.getvalue()
