"""`tf.map_fn`, `tf.scan`, `tf.TensorArray`, ...: eager and compiled, with sizes known and unknown, without rows."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import tfc as tf

TWO = np.array([[1, 2, 3], [4, 5, 6]], np.float32)
NONE = np.zeros((0, 3), np.float32)
ROWS = [tf.TensorSpec([None, 3], tf.float32)]


def plain(result):
    return tf.nest.map_structure(lambda leaf: leaf.numpy().tolist(), result)


def check(function, x, expected):
    for run in (function, tf.function(function), tf.function(function, input_signature=ROWS)):
        assert plain(run(tf.constant(x))) == expected


def check_raises(function, x, error, match):
    for run in (function, tf.function(function), tf.function(function, input_signature=ROWS)):
        with pytest.raises(error, match=match):
            run(tf.constant(x))


def test_map_fn():
    def sums(x):
        return tf.map_fn(tf.reduce_sum, x)

    check(sums, TWO, [6.0, 15.0])
    check(sums, NONE, [])


def test_map_fn_of_structures():
    def several(x):
        return tf.map_fn(lambda pair: {"a": pair[0][0], "b": [pair[1] * 2]}, (x, x + 1))

    check(several, TWO, {"a": [1.0, 4.0], "b": [[[4.0, 6.0, 8.0], [10.0, 12.0, 14.0]]]})
    check(several, NONE, {"a": [], "b": [[]]})
    assert several(tf.constant(NONE))["b"][0].shape == (0, 3)


def test_rows_of_other_structure_are_refused():
    def uneven(x):
        state = {"rows": 0}

        def row(r):
            state["rows"] += 1
            return r if state["rows"] == 1 else (r, r)

        return tf.map_fn(row, x)

    with pytest.raises(ValueError, match="structure"):
        uneven(tf.constant(TWO))


@pytest.mark.parametrize(
    ("fold", "expected"), [(tf.foldl, [6.0, 9.0, 12.0]), (tf.foldr, [9.0, 12.0, 15.0])]
)
def test_folds(fold, expected):
    check(lambda x: fold(lambda a, r: a * 2 + r, x), TWO, expected)
    check(lambda x: fold(lambda a, r: a + tf.reduce_sum(r), x, 1.0), TWO, 22.0)
    check(lambda x: fold(lambda a, r: a + tf.reduce_sum(r), x, 1.0), NONE, 1.0)
    check_raises(
        lambda x: fold(lambda a, r: a + r, x),
        NONE,
        ValueError,
        "no rows and there is no initializer",
    )


def test_scan():
    check(lambda x: tf.scan(lambda a, r: a + tf.reduce_sum(r), x, 0.0), TWO, [6.0, 21.0])
    check(lambda x: tf.scan(lambda a, r: a + tf.reduce_sum(r), x, 0.0), NONE, [])
    check(
        lambda x: tf.scan(lambda a, r: a * 2 + r, x, reverse=True),
        TWO,
        [[9.0, 12.0, 15.0], [4.0, 5.0, 6.0]],
    )
    check(
        lambda x: tf.scan(lambda a, r: (a[0] + r[0], a[1] * 2), x, (0.0, 1)),
        TWO,
        ([1.0, 5.0], [2, 4]),
    )


def test_while_loop_gives_tensors():
    def run(n):
        return tf.while_loop(lambda i, s: i < n, lambda i, s: (i + 1, s + i), [0, 0.0])

    for function in (run, tf.function(run)):
        for n, expected in ((4, [4, 6.0]), (0, [0, 0.0])):
            assert plain(function(tf.constant(n))) == expected


def test_while_loop_carries_one_value_or_a_dict_or_an_array():
    def run(n):
        one = tf.while_loop(lambda i: i < n, lambda i: i + 1, tf.constant(0))
        named = tf.while_loop(
            lambda d: True,
            lambda d: {"x": d["x"] * 2.0},
            {"x": tf.constant(1.0)},
            maximum_iterations=3,
        )
        filled = tf.while_loop(
            lambda i, items: i < n,
            lambda i, items: (i + 1, items.write(i, i * 2)),
            (0, tf.TensorArray(tf.int32, size=n)),
        )
        return one, named, filled[1].stack()

    for function in (run, tf.function(run)):
        assert plain(function(tf.constant(4))) == (4, {"x": 8.0}, [0, 2, 4, 6])


def test_while_loop_refuses_another_number_of_values():
    def run(n):
        return tf.while_loop(lambda i: i < n, lambda i: (i + 1, i), [tf.constant(0)])

    for function in (run, tf.function(run)):
        with pytest.raises(ValueError, match="body returns 2 values for 1 loop_vars"):
            function(tf.constant(4))


def test_a_tensor_array_is_written_in_any_order():
    def backwards(x):
        n = tf.shape(x)[0]
        items = tf.TensorArray(tf.float32, size=n, element_shape=[3])
        for i in tf.range(n - 1, -1, -1):
            items = items.write(i, x[i] * 2)
        return items.stack(), items.size()

    check(backwards, TWO, ([[2.0, 4.0, 6.0], [8.0, 10.0, 12.0]], 2))
    check(backwards, NONE, ([], 0))


def test_what_was_not_written_is_zero():
    def shifted(x):
        items = tf.TensorArray(tf.float32, size=tf.shape(x)[0] + 2)
        for i in tf.range(tf.shape(x)[0]):
            items = items.write(i + 1, x[i, 0])
        return items.read(0), items.stack()

    check(shifted, TWO, (0.0, [0.0, 1.0, 4.0, 0.0]))
    check_raises(shifted, NONE, ValueError, "nothing was written")


def test_writing_behind_the_end():
    def over(x):
        items = tf.TensorArray(tf.float32, size=1)
        for i in tf.range(tf.shape(x)[0]):
            items = items.write(i, x[i])
        return items.stack()

    check_raises(over, TWO, IndexError, "index 1 is out of range for 1 elements")


def test_elements_of_another_shape_or_dtype():
    def shape(x):
        return tf.TensorArray(tf.float32, size=1, element_shape=[2]).write(0, x[0]).stack()

    def dtype(x):
        return tf.TensorArray(tf.int32, size=1).write(0, x[0]).stack()

    check_raises(shape, TWO, ValueError, r"expected a value of shape \(2,\), got \(3,\)")
    check_raises(dtype, TWO, TypeError, "int32")


def test_scatter_gather_split_unstack_concat():
    def run(x):
        scattered = tf.TensorArray(tf.float32, size=3).scatter([2, 0], x)
        parts = tf.TensorArray(tf.float32, size=2).split(x[0], [1, 2])
        rows = tf.TensorArray(tf.float32, size=2).unstack(x)
        return scattered.gather([0, 1, 2]), parts.concat(), parts.read(1), rows.read(1)

    expected = (
        [[4.0, 5.0, 6.0], [0.0] * 3, [1.0, 2.0, 3.0]],
        [1.0, 2.0, 3.0],
        [2.0, 3.0],
        [4.0, 5.0, 6.0],
    )
    for function in (run, tf.function(run)):
        assert plain(function(tf.constant(TWO))) == expected


def test_functions_of_structures_are_compiled_like_ones_own():
    def run(x, n):
        total = 0.0
        for i in range(n):
            rows = tf.nest.map_structure(
                lambda t, i=i: t[i] if t[i] > 1 else -t[i], {"a": x, "b": x * 2}
            )
            total = total + rows["a"] + rows["b"]
        return total

    x = tf.constant([1.0, 2.0, 3.0])
    assert float(run(x, 3)) == float(tf.function(run)(x, tf.constant(3))) == 16.0


def test_errors_are_raised_as_in_tensorflow():
    def run(n):
        if n > 3:
            raise tf.errors.InvalidArgumentError(None, None, f"too large: {n}")
        return n

    for function in (run, tf.function(run)):
        with pytest.raises(tf.errors.InvalidArgumentError, match="too large: 5") as caught:
            function(tf.constant(5))
        assert caught.value.message == "too large: 5"
    assert str(tf.errors.OutOfRangeError(None, None, message="end")) == "end"


PARTS = {
    "all": lambda y: y,
    "tail": lambda y: y[1:],
    "head": lambda y: y[:-1],
    "reversed": lambda y: y[::-1],
    "strided": lambda y: y[::2],
    "above": lambda y: y[y > 2.0],
    "joined": lambda y: tf.concat([y, y[:1]], 0),
}


@pytest.mark.parametrize(("one", "other"), list(itertools.permutations(PARTS, 2)))
def test_parts_of_a_tensor_of_run_time_size(one, other):
    """What an arm or iteration passes on is the part, not the whole that it is a view of."""

    def choose(x, count):
        y = x[:count] * 2.0
        return PARTS[one](y) if tf.size(y) > 4 else PARTS[other](y)

    def repeat(x, count):
        y = x[:count]
        for i in range(count):
            y = PARTS[one](y)
            if i % 2 == 0:
                y = PARTS[other](y)
        return y

    x = tf.range(1.0, 9.0)
    for function in (choose, repeat):
        compiled = tf.function(function)
        for count in (tf.constant(2), tf.constant(6)):
            assert plain(compiled(x, count)) == plain(function(x, count))
