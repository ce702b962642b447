"""Nothing stale: whatever a compiled function read of the world outside is read again when it has changed."""

import dataclasses
import sys
import types
from collections.abc import Callable, Generator
from typing import Any

import numpy as np
import pytest
import tfc as tf

LIMIT = 3
NAMES = [1, 2]
TABLE = {"k": 1}
OUT: list[Any] = []
COUNTS = {"calls": 0}
MODULE = types.ModuleType("staleness_settings")
sys.modules["staleness_settings"] = MODULE


def helper(x):
    return x + 1


class Config:
    scale = 2

    def __init__(self):
        self.rate = 1


@dataclasses.dataclass
class Point:
    x: int = 1


Probe = Generator[Callable[..., Any]]


def a_global() -> Probe:
    global LIMIT
    LIMIT = 3
    yield lambda x: x * LIMIT
    LIMIT = 4


def an_item_of_a_list() -> Probe:
    NAMES[0] = 1
    yield lambda x: x * NAMES[0]
    NAMES[0] = 5


def the_length_of_a_list() -> Probe:
    items = [1]
    yield lambda x: x * sum(items)
    items.append(7)


def an_attribute_of_an_object() -> Probe:
    config = Config()
    yield lambda x: x * config.rate
    config.rate = 9


def a_closed_over_array() -> Probe:
    array = np.array([1, 2], np.int32)
    yield lambda x: x * array
    array[0] = 8


def a_counter() -> Probe:
    config = Config()

    def count(x):
        config.rate += 1
        return x * config.rate

    yield count


def an_append_to_an_outer_list() -> Probe:
    OUT.clear()

    def note(x):
        OUT.append(x)
        return x * len(OUT)

    yield note


def a_closure_cell() -> Probe:
    value = 1

    def read(x):
        return x * value

    yield read
    value = 6


def a_patched_helper() -> Probe:
    global helper
    original = helper
    yield lambda x: helper(x)
    helper = lambda x: x * 100  # noqa: E731
    yield None  # type: ignore[misc]
    helper = original


def an_attribute_of_a_class() -> Probe:
    Config.scale = 2
    yield lambda x: x * Config.scale
    Config.scale = 7


def a_field_of_a_dataclass() -> Probe:
    point = Point()
    yield lambda x: x * point.x
    point.x = 4


def an_item_of_a_dict() -> Probe:
    TABLE["k"] = 1
    yield lambda x: x * TABLE["k"]
    TABLE["k"] = 3


def a_default_argument() -> Probe:
    def scaled(x, by=2):
        return x * by

    yield lambda x: scaled(x)
    scaled.__defaults__ = (11,)


def an_attribute_of_a_module() -> Probe:
    MODULE.factor = 2  # type: ignore[attr-defined]
    yield lambda x: x * MODULE.factor  # type: ignore[attr-defined]
    MODULE.factor = 5  # type: ignore[attr-defined]


def a_deleted_name() -> Probe:
    config = Config()
    yield lambda x: x * config.rate
    del config.rate


def a_method_of_an_instance() -> Probe:
    config = Config()
    config.step = lambda x: x + 1  # type: ignore[attr-defined]
    yield lambda x: config.step(x)  # type: ignore[attr-defined]
    config.step = lambda x: x + 20  # type: ignore[attr-defined]


PROBES = [
    a_global,
    an_item_of_a_list,
    the_length_of_a_list,
    an_attribute_of_an_object,
    a_closed_over_array,
    a_counter,
    an_append_to_an_outer_list,
    a_closure_cell,
    a_patched_helper,
    an_attribute_of_a_class,
    a_field_of_a_dataclass,
    an_item_of_a_dict,
    a_default_argument,
    an_attribute_of_a_module,
    a_deleted_name,
    a_method_of_an_instance,
]


def outcome(function: Callable[..., Any]) -> Any:
    try:
        return np.asarray(function(tf.constant(2))).tolist()
    except AttributeError as error:
        return str(error)


def history(probe: Callable[[], Probe], wrap: Callable[[Any], Any]) -> list[Any]:
    """What a function gives before and after the change, twice each."""
    steps = probe()
    function = wrap(next(steps))
    found = [outcome(function), outcome(function)]
    next(steps, None)
    found += [outcome(function), outcome(function)]
    next(steps, None)
    return found


@pytest.mark.parametrize("probe", PROBES, ids=lambda probe: probe.__name__)
def test_a_change_outside_is_seen(probe):
    assert history(probe, tf.function) == history(probe, lambda function: function)


def test_random_numbers_of_numpy_are_refused():
    with pytest.raises(tf.errors.CompileError, match="TFC011"):
        tf.function(lambda x: x + np.random.rand())(tf.constant(1.0))


def test_code_without_source_is_guarded_too():
    config = Config()
    namespace: dict[str, Any] = {"LIMIT": 2, "config": config}
    exec("def f(x): return x * LIMIT * config.rate", namespace)
    f = tf.function(namespace["f"])
    assert int(f(tf.constant(2))) == 4
    namespace["LIMIT"] = 3
    assert int(f(tf.constant(2))) == 6
    config.rate = 10
    assert int(f(tf.constant(2))) == 60
