"""Code that has no file is interpreted from the text that was given to `exec`, `python -c`, or typed at the prompt."""

import subprocess
import sys
from types import CodeType, SimpleNamespace
from typing import Any

import pytest
import tfc as tf
from tfc.tracing.syntax import loose_source

TEXT = """
import tfc as tf

def lowered(x):
    while x > 10:
        x = x - 1
    return x

@tf.function
def absolute(x):
    if x < 0:
        return -lowered(x)
    return lowered(x)

wrong = tf.function(lambda x, y: x @ y)
"""

SCRIPT = """
import tfc as tf

@tf.function
def clipped(x):
    if x > 5:
        return x * 0 + 5
    return x

print([int(clipped(tf.constant(n))) for n in (3, 8)])
"""


def test_text_given_to_exec():
    scope: dict[str, Any] = {}
    exec(TEXT, scope)
    absolute = scope["absolute"]
    assert [float(absolute(tf.constant(x))) for x in (-3.0, 13.0)] == [3.0, 10.0]
    assert "x < 0" in tf.autograph.to_code(absolute, tf.constant(1.0))


def test_errors_show_its_lines():
    scope: dict[str, Any] = {}
    exec(TEXT, scope)
    with pytest.raises(ValueError, match="inner sizes differ") as caught:
        scope["wrong"](tf.ones([2, 3]), tf.ones([2, 3]))
    assert "wrong = tf.function(lambda x, y: x @ y)" in str(caught.value)


def test_text_that_is_at_hand_at_the_definition_only():
    def define() -> Any:
        scope: dict[str, Any] = {}
        text = "\n".join(
            ["import tfc as tf", "@tf.function", "def f(x): return x if x > 1 else x + 1"]
        )
        exec(text, scope)
        return scope["f"]

    assert float(define()(tf.constant(0.5))) == 1.5


def test_a_text_that_says_something_else_is_not_taken():
    decoy = "def f(x): return x if x > 0 else x * 2"
    scope: dict[str, Any] = {}
    exec(decoy.replace("* 2", "* 3"), scope)
    with pytest.raises(tf.errors.CompileError, match="TFC013"):
        tf.function(scope["f"])(tf.constant(-1.0))


@pytest.mark.parametrize("way", ["command line", "standard input"])
def test_scripts_without_a_file(way: str, tmp_path: Any):
    if way == "command line":
        done = subprocess.run(
            [sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=False
        )
    else:
        (tmp_path / "script").write_text(SCRIPT)
        with (tmp_path / "script").open() as script:
            done = subprocess.run(
                [sys.executable], stdin=script, capture_output=True, text=True, check=False
            )
    assert done.stdout == "[3, 5]\n", done.stderr


def test_what_was_typed(monkeypatch: pytest.MonkeyPatch):
    lines = [
        "import tfc",
        "@twice",
        "def f(x):",
        "    if x > 0:",
        "        return x",
        "    return -x",
        "",
        "f(3)",
    ]
    history = SimpleNamespace(
        get_current_history_length=lambda: len(lines),
        get_history_item=lambda place: lines[place - 1],
    )
    monkeypatch.setitem(sys.modules, "readline", history)
    module = compile("\n".join(lines[1:7]) + "\n", "<stdin>", "single")
    code = next(item for item in module.co_consts if isinstance(item, CodeType))
    file = loose_source.file_of(code)
    assert file is not None and file.startswith("<stdin ")
