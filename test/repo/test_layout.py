"""The layout: what is packaged, which way imports point, what `import tfc` loads."""

import ast
import itertools
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ROOMS = {"frontend": "tfc", "dialects": "tfc.dialects", "passes": "tfc.passes"} | {
    "backend": "tfc.backend",
    "tools": "tfc.tools",
}
MAY_IMPORT = {
    "dialects": {"dialects"},
    "passes": {"dialects", "passes"},
    "backend": {"dialects", "backend"},
    "frontend": {"dialects", "passes", "backend", "frontend"},
    "tools": {"dialects", "passes", "backend", "frontend", "tools"},
}


def sources(room: str) -> list[Path]:
    return sorted((ROOT / room).rglob("*.py"))


def package_of(file: Path) -> str:
    """The import name of the package that holds `file`."""
    parts = file.relative_to(ROOT).parent.parts
    return ".".join((ROOMS[parts[0]], *parts[1:]))


def room_of(module: str) -> str:
    """The room of an absolute module name `tfc...`."""
    second = module.split(".")[1:2]
    return second[0] if second and second[0] in ROOMS and second[0] != "frontend" else "frontend"


def imported(file: Path) -> set[str]:
    """The absolute names of all modules that `file` imports, anywhere in it."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file}:{node.lineno}: relative import"
            assert node.module is not None
            found.add(node.module)
            found.update(f"{node.module}.{alias.name}" for alias in node.names)
    return found


def test_every_package_is_in_the_wheel():
    listed = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]["packages"]
    found = {package_of(f) for room in ROOMS for f in sources(room) if f.name == "__init__.py"}
    assert sorted(found) == sorted(listed)


def test_every_folder_with_sources_is_a_package():
    for room in ROOMS:
        for file in sources(room):
            assert (file.parent / "__init__.py").exists(), f"{file.parent} has no __init__.py"


@pytest.mark.parametrize("room", ROOMS)
def test_imports_point_one_way(room: str):
    for file in sources(room):
        for name in imported(file):
            top = name.split(".")[0]
            assert top not in ROOMS, f"{file} imports '{name}' without 'tfc.'"
            if top == "tfc" and name != "tfc":
                assert room_of(name) in MAY_IMPORT[room], f"{file} imports {name}"


def test_the_record_of_a_program_knows_nothing_of_tracing():
    for file in sources("frontend/graph"):
        for name in imported(file):
            assert not name.startswith(("tfc.tracing", "tfc.compiled")), f"{file} imports {name}"


@pytest.mark.parametrize("room", ["graph", "tracing", "compiled"])
def test_late_modules_are_imported_at_the_top(room: str):
    """They are loaded when they are first used: an import in a function decides that once more."""
    late = ("tfc.graph", "tfc.tracing", "tfc.compiled")
    for file in sources(f"frontend/{room}"):
        functions = [
            node
            for node in ast.walk(ast.parse(file.read_text()))
            if isinstance(node, ast.FunctionDef)
        ]
        for node in itertools.chain.from_iterable(map(ast.walk, functions)):
            is_late = isinstance(node, ast.ImportFrom) and (node.module or "").startswith(late)
            assert not is_late, f"{file}:{node.lineno} imports {node.module} in a function"


@pytest.mark.parametrize("room", ["frontend", "dialects/tfc/semantics"])
def test_what_eager_programs_load_imports_no_compiler_at_the_top(room: str):
    for file in sorted((ROOT / room).rglob("*.py")):
        for node in ast.parse(file.read_text()).body:
            names = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                names = [node.module or ""]
            for name in names:
                heavy = name.split(".")[0] in ("xdsl", "llvmlite")
                if room != "frontend" or "to_ir" not in file.name:
                    assert not heavy, f"{file}:{node.lineno} imports {name}"


def test_import_is_silent_and_loads_no_compiler():
    program = (
        "import sys, tfc; heavy = ('xdsl', 'llvmlite', 'tfc.graph', 'tfc.tracing', 'tfc.backend', 'tfc.passes');"
        "print([m for m in sys.modules if m in heavy])"
    )
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", program], capture_output=True, text=True, check=True
    )
    assert (done.stdout, done.stderr) == ("[]\n", "")


def test_files_are_of_readable_length():
    for room in ROOMS:
        for file in sources(room):
            assert len(file.read_text().splitlines()) <= 640, f"{file} is too long: split it"


def code_lines(function: ast.FunctionDef) -> int:
    """The lines of a function without docstrings."""
    documentation: set[int] = set()
    for node in ast.walk(function):
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and ast.get_docstring(node):
            text = node.body[0]
            documentation.update(range(text.lineno, (text.end_lineno or text.lineno) + 1))
    first = min([item.lineno for item in (*function.decorator_list, function)])
    return len({*range(first, (function.end_lineno or first) + 1)} - documentation)


def test_functions_fit_a_screen():
    for file in [file for room in ROOMS for file in sources(room)]:
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.FunctionDef):
                assert code_lines(node) <= 60, f"{file}:{node.lineno}: {node.name} is too long"


def test_what_is_ignored_is_named():
    """A comment that ignores a finding says which: others on the line are still found."""
    rooms = [*ROOMS, "test", "docs", "benchmarks", "examples", ".ci"]
    bare = [
        f"{file.relative_to(ROOT)}:{number}"
        for room in rooms
        for file in sources(room)
        for number, line in enumerate(file.read_text().splitlines(), 1)
        if re.search(r"# (pyright: ignore|type: ignore|noqa)(?![\[:])", line)
    ]
    assert not bare
