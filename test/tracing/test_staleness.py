"""Nothing stale: whatever a compiled function read of the world outside is read again when it has changed."""

import copy
import dataclasses
import functools
import operator
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


class Model:
    def scaled(self, x):
        return x * 3


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


def a_cell_of_a_helper() -> Probe:
    value, calls = tf.constant(1), 0

    def scaled(x):
        nonlocal calls
        calls += 1
        return x * value * calls

    class Scaler:
        def __call__(self, x):
            return scaled(x) + value

    scaler = Scaler()
    yield lambda x: scaled(x) + scaler(x)
    value = tf.constant(6)


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


def an_array_whose_sum_is_used() -> Probe:
    array = np.array([1, 2], np.int32)
    yield lambda x: x * int(array.sum())
    array[0] = 8


def an_array_that_is_a_shape() -> Probe:
    shape = np.array([2, 3])
    yield lambda x: tf.fill(shape, x)
    shape[:] = [3, 2]


def an_array_in_a_dict() -> Probe:
    table = {"w": np.array([1, 2], np.int32)}
    yield lambda x: x * table["w"]
    table["w"] = np.array([3, 4, 5], np.int32)


def an_array_given_to_numpy() -> Probe:
    array = np.array([3, 4], np.int32)
    yield lambda x: x * np.maximum(array, 4)
    array[1] = 8


def an_array_of_a_default_argument() -> Probe:
    array = np.array([3, 4], np.int32)

    def scaled(x, by=array):
        return x * by

    yield lambda x: scaled(x)
    array[1] = 8


def an_array_that_is_returned() -> Probe:
    array = np.array([3, 4], np.int32)
    yield lambda x: array
    array[1] = 8


def a_tensor_of_an_array() -> Probe:
    array = np.array([3, 4], np.int32)
    yield lambda x: x * tf.reduce_sum(array).numpy()
    array[1] = 8


def a_list_of_tensors_given_to_an_op() -> Probe:
    items = [tf.constant(1), tf.constant(2)]
    yield lambda x: x + tf.add_n(items)
    items[0] = tf.constant(10)


def a_nested_list_of_tensors() -> Probe:
    items = [[tf.constant(1)], [tf.constant(2)]]
    yield lambda x: x + tf.stack(items)
    items[1][0] = tf.constant(10)


def a_slice_of_a_list_of_tensors() -> Probe:
    items = [tf.constant(1), tf.constant(2)]
    yield lambda x: x + tf.add_n(items[1:])
    items[1] = tf.constant(10)


def a_copy_of_a_list_of_tensors() -> Probe:
    items = [tf.constant(1), tf.constant(2)]
    yield lambda x: x + tf.add_n(items.copy())
    items[1] = tf.constant(10)


def a_list_in_a_list_given_to_python() -> Probe:
    items = [[1, 2], [3]]
    yield lambda x: x + len(str(items))
    items[1].append(4)


def a_method_shadowed_by_an_attribute() -> Probe:
    model = Model()
    yield lambda x: model.scaled(x)
    model.scaled = lambda x: x - 1


def a_patched_method() -> Probe:
    class Patched(Model):
        pass

    model = Patched()
    yield lambda x: model.scaled(x)
    Patched.scaled = lambda self, x: x + 100


def a_default_of_a_method() -> Probe:
    steps = [1]

    class Shifted:
        def by(self, x, steps=steps):
            return x + steps[0]

    model = Shifted()
    yield lambda x: model.by(x)
    steps[0] = 7


def an_attribute_that_appears() -> Probe:
    holder = types.SimpleNamespace()
    yield lambda x: x + (100 if hasattr(holder, "more") else getattr(holder, "other", 1))
    holder.more = True


def a_patched_property() -> Probe:
    class Scaled:
        @property
        def rate(self):
            return 2

    scaled = Scaled()
    yield lambda x: x * scaled.rate
    Scaled.rate = property(lambda self: 7)


def a_patched_call() -> Probe:
    class Scaled:
        def __call__(self, x):
            return x * 2

    scaled = Scaled()
    yield lambda x: scaled(x) + 1
    Scaled.__call__ = lambda self, x: x * 7


def a_default_of_a_keyword() -> Probe:
    def scaled(x, *, rate=2):
        return x * rate

    yield lambda x: scaled(x)
    scaled.__kwdefaults__["rate"] = 7


class Vector:
    def __init__(self, x):
        self.x = x

    def __add__(self, other):
        return self.x + other.x

    def doubled(self):
        return self.x * 2

    def __bool__(self):
        return True


class Named(Vector):
    def __init__(self, x):
        super().__init__(x)

    def doubled(self):
        return super().doubled() + 1


def _patched(function: Callable[..., Any], name: str, new: Any, owner: Any = Vector) -> Probe:
    before = getattr(owner, name)
    yield function
    setattr(owner, name, new)
    yield function
    setattr(owner, name, before)


def a_patched_operator() -> Probe:
    yield from _patched(lambda x: Vector(x) + Vector(x), "__add__", lambda a, b: a.x * 100)


def a_patched_method_of_a_new_object() -> Probe:
    yield from _patched(lambda x: Vector(x).doubled(), "doubled", lambda self: self.x * 100)


def a_patched_method_behind_super() -> Probe:
    yield from _patched(lambda x: Named(x).doubled(), "doubled", lambda self: self.x * 100)


def a_patched_init_behind_super() -> Probe:
    def init(self, x):
        self.x = x * 100

    yield from _patched(lambda x: Named(x).x, "__init__", init)


def a_patched_truth() -> Probe:
    yield from _patched(lambda x: x if Vector(x) else -x, "__bool__", lambda self: False)


def the_code_of_a_helper() -> Probe:
    def inner(x):
        return x + 1

    def other(x):
        return x * 100

    yield lambda x: inner(x)
    inner.__code__ = other.__code__
    yield lambda x: inner(x)


def a_keyword_of_a_partial() -> Probe:
    def inner(x, k):
        return x * k

    held = functools.partial(inner, k=3)
    yield lambda x: held(x)
    held.keywords["k"] = 7
    yield lambda x: held(x)


PROBES = [
    a_patched_operator,
    a_patched_method_of_a_new_object,
    a_patched_method_behind_super,
    a_patched_init_behind_super,
    a_patched_truth,
    the_code_of_a_helper,
    a_keyword_of_a_partial,
    a_patched_property,
    a_patched_call,
    a_default_of_a_keyword,
    an_attribute_that_appears,
    a_method_shadowed_by_an_attribute,
    a_patched_method,
    a_default_of_a_method,
    a_cell_of_a_helper,
    an_array_whose_sum_is_used,
    an_array_that_is_a_shape,
    an_array_in_a_dict,
    an_array_given_to_numpy,
    an_array_of_a_default_argument,
    an_array_that_is_returned,
    a_tensor_of_an_array,
    a_list_of_tensors_given_to_an_op,
    a_nested_list_of_tensors,
    a_slice_of_a_list_of_tensors,
    a_copy_of_a_list_of_tensors,
    a_list_in_a_list_given_to_python,
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


def test_code_without_source_computes_with_numbers():
    namespace: dict[str, Any] = {"LIMIT": 2}
    exec("def f(x): return x * LIMIT + 1, x // 2", namespace)
    f = tf.function(namespace["f"])
    assert f(3) == (7, 1) and f(-3) == (-5, -2)


@pytest.mark.parametrize("text", ["items.append(x)", "OUTER.append(5)"])
def test_code_without_source_changes_nothing_outside(text):
    namespace: dict[str, Any] = {"OUTER": [1]}
    exec(f"def f(x, items): {text}", namespace)
    with pytest.raises(tf.errors.CompileError, match="TFC013"):
        tf.function(namespace["f"])(3, [1])


def test_a_changed_array_costs_no_new_trace():
    array = np.array([1, 2], np.float32)
    f = tf.function(lambda x: x * array + np.maximum(x, array))
    f(tf.constant(1.0))
    array += 1
    assert f(tf.constant(1.0)).numpy().tolist() == [4.0, 6.0]
    assert f.trace_count == 1


def test_an_array_of_another_shape_is_traced_again():
    box = {"array": np.array([1, 2], np.float32)}
    f = tf.function(lambda x: x * box["array"])
    f(tf.constant(1.0))
    box["array"] = np.ones((2, 2), np.float32)
    assert f(tf.constant(1.0)).shape == (2, 2)
    assert f.trace_count == 2


def test_an_array_is_an_array_to_the_function():
    array = np.zeros((2, 3))
    f = tf.function(
        lambda x: (
            isinstance(array, np.ndarray),
            type(array),
            array is array,  # noqa: PLR0124
            array.shape,
            len(array),
        )
    )
    assert f(tf.constant(1.0)) == (True, np.ndarray, True, (2, 3), 2)


def test_arrays_meet_numbers_and_tensors_of_run_time():
    array = np.array([1, 2, 3], np.float32)
    f = tf.function(lambda x, n, i: (array * n, array[i], array if x > 0 else x))
    scaled, item, chosen = f(tf.constant(1.0), 2.0, tf.constant(1))
    assert np.asarray(scaled).tolist() == [2.0, 4.0, 6.0]
    assert float(item) == 2.0
    assert np.asarray(chosen).tolist() == [1.0, 2.0, 3.0]


def test_an_outer_number_becomes_an_input_and_then_a_constant_again():
    box = {"n": 1}
    f = tf.function(lambda x: x + tf.zeros([box["n"]]))
    for n in (1, 2, 3, 4):
        box["n"] = n
        assert f(tf.constant(1.0)).shape == (n,)


def test_arrays_and_scalars_share_a_specialisation():
    f = tf.function(lambda x: x + 1)
    for value in (tf.constant(1.0), np.float32(1.0), np.array(1.0, np.float32), tf.constant(1.0)):
        assert float(f(value)) == 2.0
    assert f.trace_count == 2  # one for tensors, one for NumPy's


def test_what_an_update_means_for_tensors_and_arrays():
    @tf.function
    def f(x):
        x += 1.0
        return x

    tensor, array = tf.constant([1.0]), np.ones(1, np.float32)
    assert f(tensor).numpy() == f(array) == [2.0]
    assert tensor.numpy() == [1.0]
    assert array == [2.0]


def test_attributes_that_library_code_reads():
    @dataclasses.dataclass
    class Config:
        scale: float = 1.0

    config = Config()

    @tf.function
    def f(x):
        scales = (
            copy.copy(config).scale,
            dataclasses.asdict(config)["scale"],
            dataclasses.replace(config).scale,
            vars(config)["scale"],
            operator.attrgetter("scale")(config),
        )
        return [x * scale for scale in scales]

    assert [float(item) for item in f(tf.constant(2.0))] == [2.0] * 5
    config.scale = 3.0
    assert [float(item) for item in f(tf.constant(2.0))] == [6.0] * 5
