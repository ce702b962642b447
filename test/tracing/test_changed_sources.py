"""What is interpreted is what was loaded: files that change afterwards are noticed, and zip files are read."""

from __future__ import annotations

import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest
import tfc as tf

TEXT = """
import tfc as tf
@tf.function
def f(x):
    if x > 0:
        return x + 1
    return x
"""


@pytest.fixture
def load(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], ModuleType]:
    def loaded(name: str) -> ModuleType:
        (tmp_path / f"{name}.py").write_text(TEXT)
        monkeypatch.syspath_prepend(str(tmp_path))
        monkeypatch.delitem(sys.modules, name, raising=False)
        return __import__(name)

    return loaded


def test_a_file_that_stays(load: Callable[[str], ModuleType]):
    assert float(load("staying").f(tf.constant(1.0))) == 2.0


@pytest.mark.parametrize(
    "change", [("x + 1", "x + 5"), ("\nimport", "\n\n\nimport"), ("> 0", "> 7")]
)
def test_a_file_that_changes(
    change: tuple[str, str], tmp_path: Path, load: Callable[[str], ModuleType]
):
    name = f"changing_{len(change[1])}_{change[1][-1]}".replace("-", "_")
    module = load(name)
    (tmp_path / f"{name}.py").write_text(TEXT.replace(*change))
    with pytest.raises(tf.errors.CompileError, match="was changed after 'f' was loaded") as caught:
        module.f(tf.constant(1.0))
    assert caught.value.code == "TFC013"


def test_a_comment_that_changes(tmp_path: Path, load: Callable[[str], ModuleType]):
    module = load("commented")
    (tmp_path / "commented.py").write_text(TEXT + "# the end\n")
    assert float(module.f(tf.constant(1.0))) == 2.0


def test_a_zip_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    with zipfile.ZipFile(tmp_path / "modules.zip", "w") as file:
        file.writestr("zipped.py", TEXT)
    monkeypatch.syspath_prepend(str(tmp_path / "modules.zip"))
    assert float(__import__("zipped").f(tf.constant(1.0))) == 2.0
