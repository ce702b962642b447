"""Pages that are made from the code are current; links lead somewhere; examples run."""

import contextlib
import doctest
import importlib
import importlib.util
import io
import os
import pkgutil
import re
import sys
from pathlib import Path
from types import FunctionType, ModuleType

import pytest
import tfc
from lit_runner import run_file
from tfc.passes.registry import PASSES, get_pass, module_name

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted(
    p for p in (*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("benchmarks/*.md"))
)
LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")
PYTHON = re.compile(r"^```python\n(.*?)^```", re.MULTILINE | re.DOTALL)
MLIR = re.compile(r"^```mlir\n(.*?)^```", re.MULTILINE | re.DOTALL)
FILE = re.compile(r"`([\w.-]+(?:/[\w.-]+)*/?)`")
EXAMPLES = {"layer.mlir", "drop-differences.mlir", "drop_differences.py"}
"""Files that pages speak of and that nobody has."""
MADE = {".git", ".venv", ".envs", "build", "__pycache__", ".pytest_cache", ".ruff_cache"}
"""Folders that are no part of the repository."""
NOT_SHOWN = "# not run"


def generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location("generate", ROOT / "docs" / "generate.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_generated_pages_are_current():
    stale = [str(page.relative_to(ROOT)) for page in generator().stale_pages()]
    assert not stale, f"not current: {stale}; run `make docs` (python docs/generate.py)"


@pytest.mark.parametrize("page", PAGES, ids=lambda p: str(p.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path):
    for target in LINK.findall(page.read_text("utf-8")):
        if "://" not in target:
            assert (page.parent / target).exists(), f"{page.name} links to {target}"


def known_paths() -> set[str]:
    """The files and folders of the repository, each by its path and by every end of it."""
    known: set[str] = set()
    for folder, folders, files in os.walk(ROOT):
        folders[:] = [name for name in folders if name not in MADE]
        for name in (*folders, *files):
            parts = (Path(folder) / name).relative_to(ROOT).parts
            known.update("/".join(parts[i:]) for i in range(len(parts)))
    return known


def test_files_that_pages_name_exist():
    known = known_paths() | EXAMPLES
    missing = [
        f"{page.relative_to(ROOT)}: {name}"
        for page in PAGES
        for name in FILE.findall(page.read_text("utf-8"))
        if "/" in name or name.endswith((".py", ".md", ".mlir"))
        if name.rstrip("/") not in known and name.split("/")[-1] not in MADE
    ]
    assert not missing


@pytest.mark.parametrize(
    "page", [p for p in PAGES if PYTHON.search(p.read_text("utf-8"))], ids=lambda p: p.name
)
def test_python_on_pages_runs(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """All blocks of a page in order, in one namespace; as a file, since compiled functions need their source."""
    monkeypatch.chdir(tmp_path)
    blocks = PYTHON.findall(page.read_text("utf-8"))
    file = tmp_path / f"{page.stem.lower()}_page.py"
    file.write_text("\n".join(block for block in blocks if NOT_SHOWN not in block))
    with contextlib.redirect_stdout(io.StringIO()):
        exec(compile(file.read_text(), str(file), "exec"), {"__name__": "__page__"})


@pytest.mark.parametrize("name", sorted(PASSES))
def test_pass_summaries_are_those_of_the_docstrings(name: str):
    first = (get_pass(name).__doc__ or "").strip().split("\n")[0]
    assert first.startswith(PASSES[name].rstrip(".")), f"registry: {PASSES[name]}; class: {first}"


def test_the_pass_on_the_page_for_contributors(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Built as the page says: its file, its line in the registry, its test."""
    page = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    code, test = PYTHON.findall(page)[0], MLIR.findall(page)[0]
    name = "drop-differences"
    assert f"# passes/{name.replace('-', '_')}.py" in code and f"// test/passes/{name}.mlir" in test
    summary = re.search(rf'^    "{name}": "(.*)",$', page, re.MULTILINE)
    assert summary is not None
    module = ModuleType(module_name(name))
    exec(compile(code, "CONTRIBUTING.md", "exec"), module.__dict__)
    monkeypatch.setitem(sys.modules, module_name(name), module)
    monkeypatch.setitem(PASSES, name, summary[1])
    test_pass_summaries_are_those_of_the_docstrings(name)
    file = tmp_path / f"{name}.mlir"
    file.write_text(test)
    run_file(file)


def modules() -> list[str]:
    return sorted(m.name for m in pkgutil.walk_packages(tfc.__path__, "tfc."))


@pytest.mark.parametrize("name", ["tfc", *modules()])
def test_examples_in_docstrings(name: str):
    module = importlib.import_module(name)
    flags = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
    failed, _ = doctest.testmod(module, optionflags=flags)
    assert failed == 0


def public_functions(module: ModuleType, seen: set[ModuleType]) -> dict[object, str]:
    """The functions that a public module and the modules in it give, by where they are found first."""
    seen.add(module)
    found: dict[object, str] = {}
    for name in getattr(module, "__all__", [n for n in vars(module) if not n.startswith("_")]):
        value = getattr(module, name)
        if (
            isinstance(value, ModuleType)
            and value.__name__.startswith("tfc.")
            and value not in seen
        ):
            found = public_functions(value, seen) | found
        elif isinstance(value, FunctionType):
            found[value] = f"{module.__name__}.{name}"
    return found


def test_public_functions_have_an_example():
    functions = public_functions(tfc, set())
    assert len(functions) > 300
    assert not [
        name for function, name in functions.items() if ">>> " not in (function.__doc__ or "")
    ]
