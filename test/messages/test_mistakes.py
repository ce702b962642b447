"""The errors of common mistakes: their text, their line and caret, their frames, their length; and that the fix mends them."""

from __future__ import annotations

import importlib.util
import inspect
import itertools
import textwrap
import traceback
from pathlib import Path

import pytest

from messages import mistakes_with_python
from messages.mistakes import MISTAKES, Mistake

MOST_LINES = 12

assert mistakes_with_python.__doc__  # has added its own to the table
ALL = [pytest.param(item, id=item.function.__name__) for item in MISTAKES]


def caught(item: Mistake) -> BaseException:
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
def test_text_and_caret(item: Mistake):
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
def test_only_the_users_frames(item: Mistake):
    if item.code == "TFC002":
        pytest.skip("an eager op raises it: the frames of those are hidden where it is printed")
    files = {frame.filename for frame in traceback.extract_tb(caught(item).__traceback__)}
    assert files <= {item.function.__code__.co_filename, __file__}


@pytest.mark.parametrize("item", ALL)
def test_the_edit_mends_it(item: Mistake, tmp_path: Path):
    source = textwrap.dedent(inspect.getsource(item.function))
    body = source[source.index(f"def {item.function.__name__}(") :]
    old, new = item.edit
    assert old in body
    path = tmp_path / f"mended_{item.function.__name__}.py"
    header = Path(item.function.__code__.co_filename).read_text().partition("\n@mistake(")[0]
    path.write_text(f"{header}\n{body.replace(old, new)}")
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    getattr(module, item.function.__name__)()
