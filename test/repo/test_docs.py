"""Pages that are made from the code are current; links lead somewhere; examples run."""

import contextlib
import doctest
import importlib
import importlib.util
import io
import pkgutil
import re
from pathlib import Path
from types import ModuleType

import pytest
import tfc
from op_table.table import needs_creation
from tfc.passes.registry import PASSES, get_pass

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted(
    p for p in (*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("benchmarks/*.md"))
)
LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")
PYTHON = re.compile(r"^```python\n(.*?)^```", re.MULTILINE | re.DOTALL)
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


def modules() -> list[str]:
    return sorted(m.name for m in pkgutil.walk_packages(tfc.__path__, "tfc."))


@needs_creation
@pytest.mark.parametrize("name", ["tfc", *modules()])
def test_examples_in_docstrings(name: str):
    module = importlib.import_module(name)
    flags = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
    failed, _ = doctest.testmod(module, optionflags=flags)
    assert failed == 0
