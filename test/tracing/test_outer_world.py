"""What changes outside from call to call: iterators, classes, objects of libraries, the environment, logs."""

import array
import io
import itertools
import logging
import os
import queue
import warnings

import pytest
import tfc as tf
from tfc.errors import CompileError

ONE = tf.constant(1.0)


class Counter:
    total = 0

    @classmethod
    def bump(cls):
        cls.total += 1
        return cls.total


def values(function, calls, *arguments):
    return [float(function(*arguments)) for _ in range(calls)]


@pytest.mark.parametrize(
    "make",
    [
        itertools.count,
        lambda: iter([0.0, 1.0, 2.0, 3.0]),
        lambda: (float(i) for i in range(9)),
        lambda: map(float, range(9)),
    ],
)
def test_each_call_takes_the_next_item_of_an_outer_iterator(make):
    items = make()

    @tf.function
    def closed_over(x):
        return x + next(items)

    assert values(closed_over, 3, ONE) == [1.0, 2.0, 3.0]

    @tf.function
    def passed_in(x, source):
        return x + next(source)

    assert values(passed_in, 3, ONE, make()) == [1.0, 2.0, 3.0]


def test_a_trace_that_starts_again_takes_no_further_items():
    items = iter([1.0, 2.0, 3.0, 4.0])

    @tf.function
    def f(n):
        first = next(items)
        return tf.zeros([n]) + first  # n has to be constant: the trace starts again

    assert f(2).numpy().tolist() == [1.0, 1.0]
    assert f(3).numpy().tolist() == [2.0, 2.0, 2.0]


def test_a_loop_uses_an_outer_iterator_up():
    items = iter([1.0, 2.0, 3.0])

    @tf.function
    def f(x):
        for item in items:
            x = x + item
        return x

    assert values(f, 2, ONE) == [7.0, 1.0]


def test_an_outer_iterator_under_a_staged_condition_is_refused():
    items = iter([1.0, 2.0])

    @tf.function
    def f(x):
        if x > 0:
            x = x + next(items)
        return x

    with pytest.raises(CompileError, match="'items' is an iterator from outside") as caught:
        f(ONE)
    assert caught.value.code == "TFC011"
    assert list(items) == [1.0, 2.0]


def test_class_attributes_are_counted_at_each_call():
    Counter.total = 0

    @tf.function
    def f(x):
        Counter.total += 1
        return x * Counter.bump()

    assert values(f, 3, ONE) == [2.0, 4.0, 6.0]
    assert Counter.total == 6


def test_a_class_attribute_set_in_an_untaken_arm_stays():
    Counter.total = 0

    @tf.function
    def f(x):
        if x > 0:
            Counter.total = 5
        return x

    f(-ONE)
    assert int(Counter.total) == 0
    f(ONE)
    assert int(Counter.total) == 5


def test_objects_of_libraries_change_at_each_call():
    numbers = array.array("d", [1.0, 2.0])

    @tf.function
    def f(x):
        numbers[0] += 1
        return x * numbers[0]

    assert values(f, 3, ONE) == [2.0, 3.0, 4.0]
    assert numbers[0] == 4.0


def test_a_tensor_cannot_be_kept_in_an_object_of_a_library():
    numbers = array.array("d", [1.0])

    @tf.function
    def f(x):
        numbers[0] = x
        return x

    with pytest.raises(CompileError) as caught:
        f(ONE)
    assert caught.value.code == "TFC001"
    assert numbers[0] == 1.0


def test_the_environment_and_the_file_system_are_read_at_each_call(tmp_path, monkeypatch):
    file = tmp_path / "there"

    @tf.function
    def f(x):
        if os.path.exists(file):
            x = x + 10
        return x + float(os.environ.get("TFC_TEST_NUMBER", "0")) + len(os.listdir(tmp_path))

    monkeypatch.delenv("TFC_TEST_NUMBER", raising=False)
    assert values(f, 2, ONE) == [1.0, 1.0]
    monkeypatch.setenv("TFC_TEST_NUMBER", "3")
    assert values(f, 2, ONE) == [4.0, 4.0]
    file.touch()
    assert values(f, 1, ONE) == [15.0]


def read_lines():
    with open("numbers.txt") as file:
        return file.readlines()


@pytest.mark.parametrize("call", [read_lines, queue.Queue().get])
def test_files_and_queues_are_refused(call):
    @tf.function
    def f(x):
        call()
        return x

    with pytest.raises(CompileError, match="while compiling, and never again"):
        f(ONE)


def test_logs_hold_the_values_of_each_call_in_order():
    stream = io.StringIO()
    log = logging.getLogger("outer world")
    log.handlers, log.propagate = [logging.StreamHandler(stream)], False
    log.setLevel(logging.INFO)

    @tf.function
    def f(x):
        log.info("before %d", 1)
        if x > 2:
            log.warning("large: %s", x)
        return x

    f(ONE)
    f(ONE * 3)
    shown = "large: tf.Tensor(3.0, shape=(), dtype=float32)"
    assert stream.getvalue().splitlines() == ["before 1", "before 1", shown]


def test_a_warning_has_the_line_of_the_user():
    @tf.function
    def f(x):
        warnings.warn("look out", stacklevel=1)
        return x

    for _ in range(2):
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            f(ONE)
        assert [(str(item.message), item.filename) for item in caught] == [("look out", __file__)]


def test_the_characters_of_a_number_make_it_a_constant():
    @tf.function
    def f(n):
        return len(str(n)), f"{n}".center(7, "."), str(n).zfill(5)

    assert f(37) == (2, "...37..", "00037")
    assert f(5) == (1, "...5...", "00005")
