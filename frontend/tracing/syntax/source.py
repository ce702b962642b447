"""From a code object to the syntax tree it was compiled from.

A function's tree is parsed from its own lines (not from the whole file, which may be long), at its true line and column
numbers. Lambdas, several of which may share a line, are told apart by the columns of their instructions.
"""

from __future__ import annotations

import ast
import functools
import linecache
import os
import site
import time
from collections.abc import Iterator
from types import CodeType, FunctionType
from typing import Any

from tfc.core.boundary import inside
from tfc.graph.nodes import Location
from tfc.tracing.syntax import loose_source

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda


class NoSource(Exception):  # noqa: N818 - not an error by itself: the caller runs the function natively
    """The source of a function cannot be had; the text says why."""


_STANDARD_LIBRARY = os.path.dirname(os.__file__)
"""What `sysconfig` says too, which takes a millisecond to load."""


@functools.cache
def _library_folders() -> tuple[str, ...]:
    folders = {_STANDARD_LIBRARY, *site.getsitepackages(), site.getusersitepackages()}
    return tuple(folder.rstrip("/\\") + "/" for folder in sorted(folders))


@functools.cache
def is_library_file(filename: str) -> bool:
    """Whether a file belongs to the standard library or an installed package, whose code runs natively."""
    return filename.startswith(("<frozen", *_library_folders()))


INTERPRETED = frozenset(
    (
        "tfc.compiled.forwarding",
        "tfc.core.mapping",
        "tfc.ops.control_flow",
        "tfc.ops.tensor_array",
        "tfc.tracing.calling.algorithms",
        "tfc.tracing.calling.averages",
        "tfc.tracing.calling.iterating",
        "tfc.tracing.strings.string_io",
    )
)
"""Modules of tfc whose functions and classes are written as the Python that they stand for."""

_INTERPRETED_LIBRARY = {
    "collections": (
        "ChainMap.", "UserDict.", "UserList.", "Counter._keep_positive", "Counter.most_common", "Counter.subtract",
        "Counter.total", "Counter.update", *(
            f"Counter.__{name}__" for name in (
                "add", "sub", "or", "and", "iadd", "isub", "ior", "iand", "eq", "ne", "le", "lt", "ge", "gt", "pos", "neg",
            )
        ),
    ),
    "collections.abc": ("",),
    "contextlib": (
        "ContextDecorator.", "ExitStack.__enter__", "ExitStack.close", "_BaseExitStack.", "_GeneratorContextManager.",
        "closing.", "contextmanager.<locals>.", "nullcontext.", "suppress.",
    ),
    "typing": ("_BaseGenericAlias.__call__",),
    "functools": ("singledispatch.<locals>.wrapper", "singledispatchmethod.__get__.<locals>."),
}  # fmt: skip
"""Code of the standard library that calls the user's or compares the user's values: modules, and what names begin with."""


def is_user_function(function: FunctionType) -> bool:
    """Whether calls of `function` are interpreted: its code is the user's own and not tfc's or a library's."""
    function = inside(function)
    module = function.__globals__.get("__name__")
    if isinstance(module, str) and (module == "tfc" or module.startswith("tfc.")):
        return module in INTERPRETED
    code = function.__code__
    if not is_library_file(code.co_filename):
        return True
    names = _INTERPRETED_LIBRARY.get(module) if isinstance(module, str) else None
    return names is not None and code.co_qualname.startswith(names)


def class_of_method(qualname: str) -> str:
    """The class whose name mangles private names in code of this qualified name; empty when there is none."""
    parts = qualname.split(".")[:-1]
    while parts and parts[-1] == "<locals>":
        del parts[-2:]
    return parts[-1] if parts else ""


def mangle(name: str, class_name: str) -> str:
    """`name` as the compiler sees it inside `class_name`: `__x` becomes `_C__x`."""
    if not class_name or not name.startswith("__") or name.endswith("__"):
        return name
    stripped = class_name.lstrip("_")
    return f"_{stripped}{name}" if stripped else name


def function_node(
    code: CodeType, namespace: dict[str, Any] | None = None
) -> tuple[FunctionNode, str]:
    """The tree of a function or lambda, and the file that `linecache` has its lines of; raises `NoSource`.

    `namespace` has the globals of the function: the loader there has the source of what is imported from a zip file.
    """
    file = _file_of(code)
    lines = linecache.getlines(file, namespace)
    if not lines and file.startswith("<"):
        file = loose_source.file_of(code) or file
        lines = linecache.getlines(file)
    if not lines:
        raise NoSource(f"{code.co_filename} is not there to be read")
    if code.co_firstlineno > len(lines):
        raise NoSource(f"{code.co_filename} is shorter than when {code.co_name!r} was loaded")
    tree = None
    if code.co_name != "<lambda>":
        tree = _parse_block(lines, code.co_firstlineno)
    found = _find(tree, code) if tree is not None else None
    if found is None:
        found = _find(_parse_file(file, "".join(lines)), code)
    if found is None or not _is_of_now(file, lines, code):
        raise NoSource(f"{code.co_filename} was changed after {code.co_name!r} was loaded")
    return found, file


@functools.cache
def _start_of_process() -> float:
    """When the process was started, in seconds since 1970; 0 where that is not known."""
    try:
        with open("/proc/self/stat", encoding="utf-8") as file:
            ticks = int(file.read().rpartition(")")[2].split()[19])
        age = time.clock_gettime(time.CLOCK_BOOTTIME) - ticks / os.sysconf("SC_CLK_TCK")
    except (OSError, ValueError, AttributeError, IndexError):
        return 0.0
    return time.time() - age


def _is_of_now(file: str, lines: list[str], code: CodeType) -> bool:
    """Whether the lines are those that `code` was compiled from: looked at only where the file is newer than the process."""
    entry: Any = linecache.cache.get(file)
    if entry is None or len(entry) < 4 or entry[1] is None or entry[1] < _start_of_process() - 1.0:
        return True
    module = compiled_text(file, "".join(lines))
    return module is None or any(is_same_code(code, other) for other in codes_in(module))


@functools.lru_cache(maxsize=8)
def compiled_text(filename: str, text: str) -> CodeType | None:
    """The code of a module; None when it is no Python."""
    try:
        return compile(text, filename, "exec", dont_inherit=True)
    except (SyntaxError, ValueError):
        return None


def codes_in(code: CodeType) -> Iterator[CodeType]:
    """The codes of the functions, classes and comprehensions in a code, at any depth."""
    for item in code.co_consts:
        if isinstance(item, CodeType):
            yield item
            yield from codes_in(item)


_FIELDS = ("co_code", "co_names", "co_varnames", "co_freevars", "co_cellvars", "co_argcount")


def is_same_code(code: CodeType, other: CodeType) -> bool:
    """Whether two codes do the same, at the same line."""
    if (code.co_name, code.co_firstlineno) != (other.co_name, other.co_firstlineno):
        return False
    if any(getattr(code, field) != getattr(other, field) for field in _FIELDS):
        return False
    return len(code.co_consts) == len(other.co_consts) and all(
        is_same_code(a, b)
        if isinstance(a, CodeType) and isinstance(b, CodeType)
        else _same_constant(a, b)
        for a, b in zip(code.co_consts, other.co_consts, strict=True)
    )


def _same_constant(a: Any, b: Any) -> bool:
    """1, 1.0 and True are different, also in tuples; nan is the same as itself."""
    return type(a) is type(b) and repr(a) == repr(b)


def _file_of(code: CodeType) -> str:
    """The file with a function's source: modules that are frozen into Python have theirs in the library's folder."""
    file = code.co_filename
    if not file.startswith("<frozen "):
        return file
    name = file.removeprefix("<frozen ").removesuffix(">").replace(".", "/")
    return f"{_STANDARD_LIBRARY}/{name}.py"


@functools.lru_cache(maxsize=8)
def _parse_file(filename: str, text: str) -> ast.Module | None:
    try:
        return ast.parse(text, filename)
    except SyntaxError:
        return None


def _parse_block(lines: list[str], first: int) -> ast.Module | None:
    """The statement that starts at line `first`, positions kept; None when the lines alone do not parse."""
    start = lines[first - 1]
    indent = len(start) - len(start.lstrip())
    end = first
    seen_def = False
    while end < len(lines):
        if not seen_def:
            seen_def = lines[end - 1].lstrip().startswith(("def ", "async "))
        text = lines[end]
        stripped = text.strip()
        if (
            seen_def
            and stripped
            and not stripped.startswith(("#", ")", "]", "}"))
            and len(text) - len(text.lstrip()) <= indent
        ):
            break
        end += 1
    block = "".join(lines[first - 1 : end])
    # An `if` around an indented block keeps its columns as they are in the file.
    # Empty lines before it keep its lines: the parser is fast with them, renumbering all nodes is not.
    prefix = "\n" * (first - 2) + "if 1:\n" if indent else "\n" * (first - 1)
    try:
        return ast.parse(prefix + block)
    except SyntaxError:
        return None


def _find(tree: ast.Module | None, code: CodeType) -> FunctionNode | None:
    if tree is None:
        return None
    if code.co_name == "<lambda>":
        return _find_lambda(tree, code)
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and _is_definition(node, code):
            return node
    return None


def _is_definition(node: ast.FunctionDef | ast.AsyncFunctionDef, code: CodeType) -> bool:
    first = node.decorator_list[0].lineno if node.decorator_list else node.lineno
    if first != code.co_firstlineno or node.name != code.co_name:
        return False
    arguments = node.args
    count = len(arguments.posonlyargs) + len(arguments.args)
    if count != code.co_argcount or len(arguments.kwonlyargs) != code.co_kwonlyargcount:
        return False
    return all(not line or line <= (node.end_lineno or line) for _, _, line in code.co_lines())


def _positions(code: CodeType) -> Iterator[tuple[int, int, int, int]]:
    """Line, column, end line, end column of the instructions that stand for source."""
    for line, end_line, column, end_column in code.co_positions():
        if line and end_line and column is not None and end_column:
            yield line, column, end_line, end_column


def _find_lambda(tree: ast.Module, code: CodeType) -> ast.Lambda | None:
    spans = list(_positions(code))
    names = code.co_varnames[: code.co_argcount]
    best: ast.Lambda | None = None
    for node in ast.walk(tree):
        if not isinstance(node, ast.Lambda) or node.lineno != code.co_firstlineno:
            continue
        arguments = node.args
        if tuple(a.arg for a in (*arguments.posonlyargs, *arguments.args)) != names:
            continue
        body = node.body
        low = (body.lineno, body.col_offset)
        high = (body.end_lineno or 0, body.end_col_offset or 0)
        inside = all((l, c) >= low and (el, ec) <= high for l, c, el, ec in spans)  # noqa: E741
        # Of nested candidates the innermost that holds all instructions is the one.
        if inside and (best is None or body.col_offset >= best.body.col_offset):
            best = node
    return best


def location_of(node: ast.AST, filename: str, function: str) -> Location:
    """The position of a node, for ops and messages."""
    place: Any = node
    try:
        line, column = place.lineno, place.col_offset
    except AttributeError:  # that of code without source
        return Location(filename, 0, 0, 0, function)
    end = place.end_col_offset if place.end_lineno == line else 0
    return Location(filename, line, column, end or 0, function)
