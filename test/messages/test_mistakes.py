"""The errors of common mistakes: their text, their line and caret, their frames, their length; and that the fix mends them."""

from __future__ import annotations

import importlib.util
import inspect
import itertools
import textwrap
import traceback
from pathlib import Path

import pytest

from messages import mistakes
from messages.mistakes import MISTAKES

MOST_LINES = 12

HEADER = Path(mistakes.__file__).read_text().partition("class Mistake")[0]
ALL = [pytest.param(item, id=item.function.__name__) for item in MISTAKES]


def caught(item: mistakes.Mistake) -> BaseException:
    """The error of a mistake."""
    with pytest.raises(item.error) as info:
        item.function()
    return info.value


def shown(error: BaseException) -> list[str]:
    """What Python prints of an exception, without its frames."""
    return "".join(traceback.format_exception_only(error)).rstrip("\n").split("\n")


def underlined(lines: list[str]) -> str:
    """The text above the caret."""
    for above, line in itertools.pairwise(lines):
        if line.strip() and not line.strip("^ "):
            start = line.index("^")
            return above[start : start + line.count("^")]
    return ""


def test_the_table_is_large():
    assert len(MISTAKES) >= 40


@pytest.mark.parametrize("item", ALL)
def test_text_and_caret(item: mistakes.Mistake):
    error = caught(item)
    lines = shown(error)
    text = "\n".join(lines)
    if item.code:
        assert lines[0].startswith(f"tfc.errors.{type(error).__name__}[{item.code}]: "), text
        assert f"docs: docs/errors.md#{item.code}" in text
        assert "fix: " in text
    for part in item.shows:
        assert part in text, text
    assert underlined(lines) == item.at, text
    assert len(lines) <= MOST_LINES, text


@pytest.mark.parametrize("item", ALL)
def test_only_the_users_frames(item: mistakes.Mistake):
    if item.code == "TFC002":
        pytest.skip("an eager op raises it: the frames of those are hidden where it is printed")
    files = {frame.filename for frame in traceback.extract_tb(caught(item).__traceback__)}
    assert files <= {mistakes.__file__, __file__}


@pytest.mark.parametrize("item", ALL)
def test_the_edit_mends_it(item: mistakes.Mistake, tmp_path: Path):
    source = textwrap.dedent(inspect.getsource(item.function))
    body = source[source.index(f"def {item.function.__name__}(") :]
    old, new = item.edit
    assert old in body
    path = tmp_path / f"mended_{item.function.__name__}.py"
    path.write_text(f"{HEADER}\n{body.replace(old, new)}")
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    getattr(module, item.function.__name__)()
