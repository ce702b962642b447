"""Modules that are loaded when they are first used are used like others."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

TEXT = """
from tfc.dialects.late_modules import late_modules
__getattr__ = late_modules(__name__)
"""


def test_assignments_reach_the_module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "late_parts"
    folder.mkdir()
    (folder / "__init__.py").write_text(TEXT)
    (folder / "part.py").write_text("SIZE, DEPTH = 1, 2")
    monkeypatch.syspath_prepend(tmp_path)
    names: dict[str, object] = {}
    exec("from late_parts import part as one, part as two", names)
    assert "late_parts.part" not in sys.modules
    one = names["one"]
    patch = pytest.MonkeyPatch()
    patch.setattr(one, "SIZE", 5)
    assert sys.modules["late_parts.part"].SIZE == 5
    patch.undo()
    assert sys.modules["late_parts.part"].SIZE == 1
    del one.DEPTH  # pyright: ignore[reportAttributeAccessIssue]
    assert not hasattr(sys.modules["late_parts.part"], "DEPTH")
    exec("two.SIZE = 6", names)
    assert sys.modules["late_parts.part"].SIZE == 6
    assert names["two"] is sys.modules["late_parts.part"]
