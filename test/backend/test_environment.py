"""The variables `TFC_*`: what is not understood is warned of, all are on the page, and none is read elsewhere."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from tfc.dialects import environment

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def asked_for_the_first_time():
    environment._is_understood.cache_clear()


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("TFC_NUM_THREADS", "abc"),
        ("TFC_NUM_THREADS", "-3"),
        ("TFC_NUM_THREADS", "0"),
        ("TFC_CACHE", "foo"),
        ("TFC_CACHE_LIMIT", "1e9"),
        ("TFC_EXECUTION", "foo"),
        ("TFC_TRACEBACK", ".."),
        ("TFC_RUN_EAGERLY", "2"),
    ],
)
def test_what_is_not_understood_is_warned_of_once(
    monkeypatch: pytest.MonkeyPatch, name: str, given: str
):
    monkeypatch.setenv(name, given)
    with pytest.warns(
        RuntimeWarning, match=f"^{name}={re.escape(given)} is not understood"
    ) as seen:
        assert environment.text(name) == ""
        assert environment.text(name) == ""
    assert len(seen) == 1
    assert str(seen[0].message).endswith("used instead: " + environment.VARIABLES[name].default)


def test_what_is_understood(monkeypatch: pytest.MonkeyPatch):
    for given, on in [("1", True), ("0", False), ("Off", False), ("", True), ("yes", True)]:
        monkeypatch.setenv("TFC_CACHE", given)
        assert environment.switch("TFC_CACHE") is on
    monkeypatch.setenv("TFC_NUM_THREADS", " 3 ")
    assert environment.number("TFC_NUM_THREADS") == 3
    monkeypatch.delenv("TFC_NUM_THREADS")
    assert environment.number("TFC_NUM_THREADS") is None


def test_importing_warns():
    program = "import tfc"
    given = {"TFC_EXECUTION": "foo", "TFC_NUM_THREADS": "-3"}
    done = subprocess.run(
        [sys.executable, "-c", program],
        env=environment.os.environ | given,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stderr.count("RuntimeWarning") == 2, done.stderr


def test_the_page_lists_them_and_nobody_else_reads_them():
    page = (ROOT / "docs" / "settings.md").read_text()
    assert set(re.findall(r"^\| `(TFC_\w+)`", page, re.MULTILINE)) == set(environment.VARIABLES)
    for folder in ("frontend", "backend", "passes", "tools", "dialects"):
        for file in (ROOT / folder).rglob("*.py"):
            if file.name != "environment.py":
                for line in re.findall(r".*environ.*", file.read_text()):
                    assert (
                        "TFC_" not in line or "environment." in line or file.name == "cache.py"
                    ), line
