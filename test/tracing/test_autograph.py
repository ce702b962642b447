"""`tf.autograph`, `breakpoint()`, and what `f.explain()` says."""

import sys

import pytest
import tfc as tf


def half(x):
    return x / 2.0


def test_to_code_shows_ops_beside_the_lines_they_come_from():
    @tf.function
    def f(x):
        y = half(x)
        return tf.nn.relu(y)

    f(tf.constant([1.0]))
    lines = tf.autograph.to_code(f).splitlines()
    assert lines[0] == "# traced for %x: float32[1]"
    assert any("return tf.nn.relu(y)" in line and "relu(" in line.split("|")[1] for line in lines)
    assert any("return x / 2.0" in line and "float32[1]" in line.split("|")[1] for line in lines)


def test_to_code_takes_a_plain_function_and_arguments():
    text = tf.autograph.to_code(half, tf.constant([[1.0]]))
    assert "%x: float32[1, 1]" in text


def test_to_code_without_a_trace_says_what_to_give():
    with pytest.raises(ValueError, match=r"give example arguments"):
        tf.autograph.to_code(half)


def test_verbosity_announces_traces(capsys, monkeypatch):
    monkeypatch.setattr("tfc.core.settings.SETTINGS.verbosity", 0)
    tf.autograph.set_verbosity(1)
    f = tf.function(half)
    f(tf.constant(1.0))
    f(tf.constant(2.0))
    f(tf.constant([2.0]))
    shown = capsys.readouterr().out.splitlines()
    assert shown == [
        "tfc: 'half' is traced: first call (x=float32[])",
        "tfc: 'half' is traced: x was float32[], is float32[1] (x=float32[1])",
    ]


def test_do_not_convert_runs_natively():
    @tf.autograph.experimental.do_not_convert
    def native(x):
        return 1.0 if x > 0 else 2.0

    with pytest.raises(tf.errors.CompileError, match="TFC001"):
        tf.function(lambda x: native(x) + x)(tf.constant(1.0))


def test_set_loop_options():
    tf.autograph.experimental.set_loop_options(shape_invariants=[])
    with pytest.raises(ValueError, match="maximum_iterations"):
        tf.autograph.experimental.set_loop_options(maximum_iterations=3)


def test_breakpoint_stops_with_the_users_variables(monkeypatch, capsys):
    seen = {}

    def hook():
        caller = sys._getframe(1)
        seen.update(caller.f_locals, file=caller.f_code.co_filename, line=caller.f_lineno)

    monkeypatch.setattr(sys, "breakpointhook", hook)

    @tf.function
    def f(x):
        y = x + 1
        breakpoint()
        return y

    assert int(f(tf.constant(1))) == 2
    assert seen["file"] == __file__
    assert seen["y"].shape == []
    assert "known at run time" in repr(seen["y"])
    assert "while 'f' is traced" in capsys.readouterr().out


LIMIT = 3


def test_explain_names_old_and_new_values(monkeypatch):
    @tf.function
    def f(batch):
        return batch["x"] * LIMIT

    f({"x": tf.constant(1)})
    f({"x": tf.constant([1])})
    monkeypatch.setitem(globals(), "LIMIT", 4)
    f({"x": tf.constant(1)})
    text = f.explain()
    assert "batch['x'] was int32[], is int32[1]" in text
    assert "LIMIT was 3, is 4 (read at line " in text


def test_on_retrace_names_the_change():
    @tf.function(on_retrace="warn")
    def f(x, mode="train"):
        return x

    f(tf.constant(1))
    with pytest.warns(RuntimeWarning, match="mode was 'train', is 'eval'"):
        f(tf.constant(1), "eval")
