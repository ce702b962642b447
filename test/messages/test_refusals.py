"""The programs of docs/limitations.md: each is refused with its code, and runs after its edit."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest
import tfc as tf
from tfc.dialects.tfc.semantics.errors import CODES

from messages.refusals import REFUSALS, Refusal

ROOT = Path(__file__).resolve().parents[2]
ALL = [pytest.param(item, id=item.title) for item in REFUSALS]


@pytest.fixture(scope="module")
def pages() -> ModuleType:
    spec = importlib.util.spec_from_file_location("python_pages", ROOT / "docs/python_pages.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("item", ALL)
def test_refused_with_its_code(item: Refusal, pages: ModuleType):
    error = pages.run_program(item.source)
    assert isinstance(error, tf.errors.CompileError)
    assert error.code == item.code
    assert error.code in CODES


@pytest.mark.parametrize("item", ALL)
def test_runs_after_its_edit(item: Refusal, pages: ModuleType):
    old, new = item.edit
    assert old in item.source
    assert pages.run_program(item.source.replace(old, new), "mended.py") is None
