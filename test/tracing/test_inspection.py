"""`f.debug`, `tf.verify`, `f.explain`, tracebacks."""

import functools
import subprocess
import sys

import numpy as np
import pytest
import tfc as tf
from tfc.compiled.fastpath import MISS
from tfc.core.settings import SETTINGS


def test_verify_accepts_and_keeps_variables():
    v = tf.Variable(1.0)

    @tf.function
    def f(x):
        for _ in range(3):
            x = tf.exp(x * 0.5)
        v.assign_add(1.0)
        return x + v

    tf.verify(f, tf.constant([1.0, 2.0]))
    assert float(v) == 1.0


def test_debug_stops_at_the_first_nan():
    @tf.function
    def f(x):
        y = x * 2.0
        z = tf.math.log(y)
        return z + 1.0

    assert float(f.debug(tf.constant(1.0))) == pytest.approx(float(f(tf.constant(1.0))))
    with pytest.raises(RuntimeError, match=r"(?s)log of -2 gives nan.*tf\.math\.log\(y\).*TFC026"):
        f.debug(tf.constant(-1.0))


def test_debug_takes_constants_as_they_are():
    @tf.function
    def masked(x, mask):
        return tf.nn.softmax(tf.where(mask, x, -np.inf))

    @tf.function
    def chosen(x):
        return tf.where(x > 0.0, x, float("nan")) * 2.0

    x = tf.constant([1.0, 2.0])
    masked.debug(x, tf.constant([True, False]))
    chosen.debug(x)
    with pytest.raises(RuntimeError, match=r"(?s)select gives nan at \[0\].*x > 0\.0.*TFC026"):
        chosen.debug(-x)


def test_explain_names_the_number_and_the_line():
    @tf.function
    def f(x, n):
        return tf.reshape(x, [n, 2])

    f(tf.constant([1.0, 2.0]), 1)
    f(tf.constant([1.0, 2.0, 3.0, 4.0]), 2)
    text = f.explain()
    assert "'n' is a constant" in text
    assert "tf.reshape(x, [n, 2])" in text


def assigned(x, y):
    x[0] = 5.0
    return x + y


def own_array(x):
    b = np.zeros(3)
    b[0] = x
    return b


OUTER = np.zeros(2)


def outer_array(x):
    OUTER[0] = x
    return OUTER + x


def copied_in_a_loop(n):
    a, b = [1.0], [0.0]
    for _ in range(n):
        a, b = b, a
        a.append(2.0)
    return a


def ordered(values):
    found = {}
    for value in values:
        found["neg" if value < 0 else "pos"] = value
    return found


def recursive(m, n):
    if m == 0:
        return n + 1
    if n == 0:
        return recursive(m - 1, 1)
    return recursive(m - 1, recursive(m, n - 1))


SHARED = tf.constant([1.0, 2.0])


@pytest.mark.parametrize(
    ("function", "arguments", "claim", "line"),
    [
        (assigned, (SHARED, SHARED), "arguments that are the same object are one", ""),
        (own_array, (tf.constant(1.0),), "the array made in line", "b[0] = x"),
        (outer_array, (tf.constant(1.0),), "'OUTER' is changed by each call", "OUTER[0] = x"),
        (copied_in_a_loop, (tf.constant(3),), "copies no objects", "for _ in range(n):"),
        (ordered, (tf.constant([1, -2]),), "are in the order of each call", "found["),
        (recursive, (tf.constant(2), tf.constant(3)), "is not unrolled", "def recursive(m, n):"),
    ],
)
def test_explain_says_what_is_assumed(function, arguments, claim, line, monkeypatch):
    monkeypatch.setattr(SETTINGS, "execution", "reference")
    compiled = tf.function(function)
    compiled(*arguments)
    lines = compiled.explain().splitlines()
    (number,) = [number for number, text in enumerate(lines) if claim in text]
    assert not line or line in lines[number + 1]


def test_explain_of_what_has_no_name():
    f = tf.function(functools.partial(lambda k, x: k * x, 2.0))
    f(tf.constant(3.0))
    assert f.explain().startswith("partial: 1 trace\n")
    assert repr(f) == "<tf.function partial>"


def test_on_retrace_error():
    @tf.function(on_retrace="error")
    def f(x):
        return x

    f(tf.constant([1.0]))
    with pytest.raises(tf.errors.CompileError, match="TFC021"):
        f(tf.constant([[1.0]]))


PROGRAM = """
import tfc as tf

@tf.function
def f(x):
    y = tf.constant([1.0, 2.0, 3.0])
    return x + y

f(tf.constant([1.0, 2.0]))
"""


def test_uncaught_errors_show_the_users_lines_only(tmp_path):
    path = tmp_path / "program.py"
    path.write_text(PROGRAM)
    result = subprocess.run(
        [sys.executable, str(path)], capture_output=True, text=True, check=False
    )
    assert result.returncode == 1
    lines = result.stderr.strip().splitlines()
    assert "TFC103" in result.stderr
    assert "program.py:7      return x + y" in result.stderr
    assert "program.py:6      y = tf.constant([1.0, 2.0, 3.0])  <- y: float32[3]" in lines[-5]
    caret = next(i for i, line in enumerate(lines) if "program.py:7" in line)
    column = lines[caret].index("x + y")
    assert lines[caret + 1] == " " * column + "^^^^^"
    assert "/tfc/" not in result.stderr
    assert len(lines) <= 12


def test_input_signature():
    @tf.function(input_signature=[tf.TensorSpec([None, 2]), tf.TensorSpec([], tf.int32)])
    def f(x, n):
        return x * tf.cast(n, tf.float32)

    assert f(tf.ones([3, 2]), 2).shape == [3, 2]
    assert f([[1.0, 2.0], [3.0, 4.0]], 3).shape == [2, 2]
    assert f.trace_count == 1
    with pytest.raises(TypeError, match=r"(?s)'x'.*TFC025"):
        f(tf.ones([3, 3]), 2)


def test_input_signature_of_a_method():
    class Model:
        @tf.function(input_signature=[tf.TensorSpec([None, 2])])
        def doubled(self, x):
            return x * 2.0

    model = Model()
    for rows in (3, 1, 4):
        assert model.doubled(tf.ones([rows, 2])).numpy().tolist() == [[2.0, 2.0]] * rows
    for wrong in (tf.ones([3, 3]), tf.ones([3, 2], tf.float64), tf.ones([2])):
        with pytest.raises(TypeError, match=r"(?s)'x'.*TFC025"):
            model.doubled(wrong)
    assert model.doubled.trace_count == 2  # a size of 1 has its own


@pytest.mark.skipif(SETTINGS.execution == "reference", reason="about compiled code")
def test_an_input_signature_has_a_fast_path():
    @tf.function(input_signature=[tf.TensorSpec([None]), tf.TensorSpec([], tf.int32)])
    def f(x, n):
        return x * tf.cast(n, tf.float32)

    x, n = tf.ones([3]), tf.constant(2)
    assert f(x, n).numpy().tolist() == [2.0] * 3
    [fast] = f._fast
    assert fast(x, n).numpy().tolist() == [2.0] * 3
    assert fast(tf.ones([2]), n).numpy().tolist() == [2.0] * 2
    assert f(np.ones(2, np.float32), n).numpy().tolist() == [2.0] * 2
    for given in ((tf.ones([1]), n), (np.ones(3), n), (x, 2), (tf.ones([3, 1]), n)):
        assert fast(*given) is MISS
    assert f([1.0, 2.0], 2).numpy().tolist() == [2.0, 4.0]


def test_concrete_function():
    @tf.function
    def f(x, k=2.0):
        return x * k

    concrete = f.get_concrete_function(tf.TensorSpec([None], tf.float32))
    assert concrete(tf.constant([1.0, 2.0, 3.0])).numpy().tolist() == [2.0, 4.0, 6.0]
    with pytest.raises(TypeError, match="TFC023"):
        concrete(tf.ones([2, 2]))


def test_text_for_specs():
    double = tf.function(lambda x: x + x)
    text = double.text(tf.TensorSpec([None, 3]))
    assert "tensor<?x3xf32>" in text
    assert double.text(tf.TensorSpec([2, 3]), stage="linalg").count("linalg.generic") == 1
