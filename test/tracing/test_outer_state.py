"""State outside of a compiled function that both the function and other code change: neither loses the other's changes."""

import collections
import copy
import dataclasses
from collections.abc import Callable
from typing import Any

import pytest
import tfc as tf

Probe = tuple[Any, Callable[..., Any], Callable[[int], Any]]
"""What is changed, the function that changes it, and the change that is made after each call."""


class Box:
    count = 0

    def __init__(self, **attributes: Any) -> None:
        vars(self).update(attributes)


@dataclasses.dataclass
class Point:
    count: int


def another_attribute() -> Probe:
    box = Box(a=0.0, b=5)

    def f(x):
        box.a = box.a + x

    def change(i):
        box.b += 1

    return box, f, change


def an_attribute_under_a_condition() -> Probe:
    box = Box(a=tf.constant(1.0), n=1.0)

    def f(x):
        if x > 0:
            box.a = box.a * 2
            box.n = box.n + 1
        return box.a, box.n

    def change(i):
        box.a = box.a + 10
        box.n = 7.0 + i

    return box, f, change


def an_attribute_of_the_class() -> Probe:
    box = Box()

    def f(x):
        if x > 0:
            box.count += 1
        return box.count

    return None, f, lambda i: None


def an_attribute_in_a_loop() -> Probe:
    box = Box(n=tf.constant(1.0), m=tf.constant(2.0), k=1.0, h=[1.0])

    def f(x):
        for _ in tf.range(3):
            box.n = box.n + x
            if x > 0:
                box.k = float(x)
                box.h[0] = box.h[0] + 1
        return box.n, box.k, box.h[0]

    def change(i):
        box.n = box.n + 100
        box.m = box.m + 1
        box.k, box.h[0] = i + 0.5, 7.0 + i

    return box, f, change


def an_attribute_and_an_exception() -> Probe:
    box = Box(a=1.0)

    def f(x):
        try:
            box.a = box.a + 1
            if x > 0:
                raise ValueError("x")
            box.a = box.a + 10
        except ValueError:
            box.a = box.a - 100
        return box.a

    def change(i):
        box.a = 1.0 * i

    return box, f, change


def another_item() -> Probe:
    items = [1.0, 5.0]

    def f(x):
        items[0] = items[0] + x

    def change(i):
        items[1] += 1

    return items, f, change


def an_item_under_a_condition() -> Probe:
    table = {"a": tf.constant(1.0), "b": 5.0}

    def f(x):
        if x > 0:
            table["a"] = table["a"] + x
        return table["a"]

    def change(i):
        table["a"] = table["a"] + 1
        table["b"] += 1

    return table, f, change


def new_keys() -> Probe:
    table = {"a": 1.0}

    def f(x):
        table["k"] = x

    def change(i):
        table[i] = i

    return table, f, change


def a_bounded_deque() -> Probe:
    queue = collections.deque([tf.constant(1.0)], maxlen=3)

    def f(x):
        queue.append(x)
        return sum(queue)

    def change(i):
        queue[0] = tf.constant(10.0 * i)

    return queue, f, change


def items_of_a_list_that_grows() -> Probe:
    box = Box(items=[1])

    def f(x):
        if x > 0:
            box.items.append(2)
        return len(box.items)

    def change(i):
        box.items.append(i)

    return box, f, change


TOTAL = 0


def a_global() -> Probe:
    global TOTAL  # noqa: PLW0603 - what is tested
    TOTAL = 0

    def f(x):
        global TOTAL  # noqa: PLW0603
        if x > 0:
            TOTAL = TOTAL + 1
        return TOTAL

    def change(i):
        global TOTAL  # noqa: PLW0603
        TOTAL += 10

    return None, f, change


def a_closed_over_variable() -> Probe:
    total = tf.constant(0.0)
    last = 0.0

    def f(x):
        nonlocal total, last
        if x > 0:
            total = total + 1
            last = x
        return total, last

    def change(i):
        nonlocal total, last
        total = total + 10
        last = 5.0 + i

    return None, f, change


PROBES = (
    another_attribute, an_attribute_under_a_condition, an_attribute_of_the_class, an_attribute_in_a_loop,
    an_attribute_and_an_exception, another_item, an_item_under_a_condition, new_keys, a_bounded_deque,
    items_of_a_list_that_grows, a_global, a_closed_over_variable,
)  # fmt: skip


def _history(make: Callable[[], Probe], compiled: bool) -> list[str]:
    """What four calls give, and what is left of the state after each of them, as text."""
    owner, function, change = make()
    function = tf.function(function) if compiled else function
    seen: list[str] = []
    for i in range(4):
        result = function(tf.constant(1.0 if i % 2 else -1.0))
        seen.append(_text(result))
        seen.append(_text(copy.copy(vars(owner)) if isinstance(owner, Box) else owner))
        change(i)
    return seen


def _text(value: Any) -> str:
    if isinstance(value, dict):
        return str({key: _text(item) for key, item in value.items()})
    if isinstance(value, list | tuple | collections.deque):
        return str([_text(item) for item in value])
    return "None" if value is None else str(float(value))


@pytest.mark.parametrize("make", PROBES)
def test_changes_from_both_sides(make, monkeypatch):
    monkeypatch.setattr(tf.core.settings.SETTINGS, "execution", "reference")
    assert _history(make, compiled=True) == _history(make, compiled=False)


SEEN: list[int] = []


def test_a_list_from_outside_is_one_of_two_that_grow():
    """What a loop appends to whichever list a name stands for is in the one from outside."""

    def note(n):
        for i in range(n):
            found = SEEN if i == 0 else [5]
            found.append(1)

    for count, expected in ((0, [0]), (2, [0, 1]), (5, [0, 1])):
        SEEN[:] = [0]
        tf.function(note)(tf.constant(count))
        assert [int(item) for item in SEEN] == expected


@pytest.mark.parametrize("wrap", [lambda function: function, tf.function])
def test_one_object_in_several_places_of_the_arguments(wrap):
    @wrap
    def extend(a, b):
        a.append(1)
        b.append(2)
        return len(a), len(b)

    x, y = [0], [0]
    assert extend(x, y) == (2, 2)
    assert extend(x, x) == (4, 4)
    assert extend(y, x) == (3, 5)
    assert (x, y) == ([0, 1, 1, 2, 2], [0, 2, 1])


@pytest.mark.parametrize("wrap", [lambda function: function, tf.function])
def test_an_object_under_two_names_in_a_structure(wrap):
    @wrap
    def double(tree):
        tree["left"].count = tree["left"].count * 2
        return tree["right"].count

    one, two = Point(3), Point(5)
    assert int(double({"left": one, "right": two})) == 5
    assert int(double({"left": one, "right": one})) == 12
    assert int(double({"left": two, "right": one})) == 12 and two.count == 10


@pytest.mark.parametrize("wrap", [lambda function: function, tf.function])
def test_whether_arguments_are_the_same_object(wrap):
    same = wrap(lambda a, b: a is b)
    x, y = [1], [1]
    assert [same(x, y), same(x, x), same(y, x), same(y, y)] == [False, True, False, True]


@pytest.mark.parametrize("wrap", [lambda function: function, tf.function])
def test_what_is_the_callers_stays_the_callers(wrap):
    @wrap
    def grown(items, x):
        items.append(x)
        return items, {"point": None}

    @wrap
    def swapped(pair, point):
        pair[0], pair[1] = pair[1], pair[0]
        pair.append(point)
        point.count += 1
        return pair[0], point

    items, first, second, point = [], [1], [2], Point(3)
    for size in (1, 2):
        result, _ = grown(items, tf.constant(1.0))
        assert result is items and len(items) == size
    pair = [first, second]
    found, same = swapped(pair, point)
    assert found is pair[0] is second and pair[1] is first and pair[2] is same is point
    assert point.count == 4


def test_a_concrete_function_shows_what_containers_hold():
    @tf.function
    def grown(items, x):
        items.append(x)
        return items

    concrete = grown.get_concrete_function([tf.constant(1)], tf.constant(1.0))
    assert concrete.structured_outputs == [tf.TensorSpec([], tf.int32), tf.TensorSpec([])]
