"""Nothing goes stale: what a trace read of the world outside is checked, or read anew, at each call."""

import dataclasses
import types

import numpy as np
import tfc as tf

N = 2
TABLE = {"k": 3.0, "inner": [1.0, 2.0]}
ITEMS = [1.0, 2.0]
ARRAY = np.ones(3, np.float32)
TENSOR = tf.constant([1.0, 2.0])
COUNT = 0
LOG: list = []
MODULE = types.ModuleType("settings")
MODULE.rate = 0.5
X = tf.constant([1.0, 2.0, 3.0])


def scale(x):
    return x * 2.0


def value(result):
    return np.asarray(result).tolist()


def test_global_number(monkeypatch):
    @tf.function
    def f(x):
        return x * N

    assert value(f(X)) == [2.0, 4.0, 6.0]
    monkeypatch.setitem(globals(), "N", 5)
    assert value(f(X)) == [5.0, 10.0, 15.0]
    assert f.trace_count == 2


def test_items_of_global_containers(monkeypatch):
    @tf.function
    def f(x):
        return x * TABLE["k"] + ITEMS[1] + TABLE["inner"][0]

    assert value(f(X)) == [6.0, 9.0, 12.0]
    monkeypatch.setitem(TABLE, "k", 1.0)
    assert value(f(X)) == [4.0, 5.0, 6.0]
    ITEMS[1] = 0.0
    assert value(f(X)) == [2.0, 3.0, 4.0]
    TABLE["inner"][0] = 5.0
    assert value(f(X)) == [6.0, 7.0, 8.0]
    ITEMS[1] = 2.0
    TABLE["inner"][0] = 1.0


def test_containers_used_as_a_whole():
    values = [1.0, 2.0]

    @tf.function
    def f(x):
        return x * sum(values) + len(values)

    assert value(f(X)) == [5.0, 8.0, 11.0]
    values.append(3.0)
    assert value(f(X)) == [9.0, 15.0, 21.0]
    values[0] = 0.0
    assert value(f(X)) == [8.0, 13.0, 18.0]


def test_closed_over_array_is_compared():
    @tf.function
    def f(x):
        return x + ARRAY

    assert value(f(X)) == [2.0, 3.0, 4.0]
    ARRAY[0] = 10.0
    assert value(f(X)) == [11.0, 3.0, 4.0]
    ARRAY[0] = 1.0


def test_closed_over_tensor_is_read_anew(monkeypatch):
    @tf.function
    def f(x):
        return x + TENSOR

    x = tf.constant([0.0, 0.0])
    assert value(f(x)) == [1.0, 2.0]
    monkeypatch.setitem(globals(), "TENSOR", tf.constant([7.0, 8.0]))
    assert value(f(x)) == [7.0, 8.0]
    assert f.trace_count == 1


def test_cells():
    k = 1.0

    @tf.function
    def f(x):
        return x * k

    assert value(f(X)) == [1.0, 2.0, 3.0]
    k = 4.0
    assert value(f(X)) == [4.0, 8.0, 12.0]


def test_attributes_and_monkeypatched_helpers(monkeypatch):
    class Settings:
        rate = 1.0

    settings = Settings()

    @tf.function
    def f(x):
        return scale(x) * settings.rate * MODULE.rate

    assert value(f(X)) == [1.0, 2.0, 3.0]
    settings.rate = 2.0
    assert value(f(X)) == [2.0, 4.0, 6.0]
    Settings.rate = 7.0
    del settings.rate
    assert value(f(X)) == [7.0, 14.0, 21.0]
    MODULE.rate = 1.0
    assert value(f(X)) == [14.0, 28.0, 42.0]
    monkeypatch.setitem(globals(), "scale", lambda x: x)
    assert value(f(X)) == [7.0, 14.0, 21.0]


def test_methods_are_keyed_by_their_instance():
    class Model:
        def __init__(self, k):
            self.k = k

        @tf.function
        def __call__(self, x):
            return x * self.k

    a, b = Model(1.0), Model(2.0)
    assert value(a(X)) == [1.0, 2.0, 3.0]
    assert value(b(X)) == [2.0, 4.0, 6.0]
    a.k = 5.0
    assert value(a(X)) == [5.0, 10.0, 15.0]
    assert value(b(X)) == [2.0, 4.0, 6.0]


def test_dataclass_fields():
    @dataclasses.dataclass
    class Config:
        rate: float
        name: str

    config = Config(2.0, "a")

    @tf.function
    def f(x):
        return x * config.rate if config.name == "a" else x

    assert value(f(X)) == [2.0, 4.0, 6.0]
    config.name = "b"
    assert value(f(X)) == [1.0, 2.0, 3.0]


def test_outer_state_is_changed_at_every_call():
    log, counter = [], {"calls": 0}

    @tf.function
    def f(x):
        log.append(x)
        counter["last"] = tf.reduce_sum(x)
        return x

    f(X)
    f(X + 1.0)
    f(X + 2.0)
    assert [value(item)[0] for item in log] == [1.0, 2.0, 3.0]
    assert value(counter["last"]) == 12.0


def test_counter_attribute():
    class Owner:
        calls = 0

    owner = Owner()

    @tf.function
    def f(x):
        owner.calls += 1
        return x * owner.calls

    assert [value(f(X))[0] for _ in range(6)] == [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]
    assert owner.calls == 6
    assert f.trace_count <= 3


def test_global_counter():
    @tf.function
    def f(x):
        global COUNT  # noqa: PLW0603
        COUNT += 1
        return x + COUNT

    assert [value(f(X))[0] for _ in range(5)] == [2.0, 3.0, 4.0, 5.0, 6.0]
    assert COUNT == 5
