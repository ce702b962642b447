"""What Python, NumPy and text see of variables: what they hold when the call gets there."""

import copy
import dataclasses
import math
from typing import Any

import numpy as np
import tfc as tf

from python.harness import Table, t

table = Table("Variables as arrays, numbers and text")

v = tf.Variable([1.0, 2.0])
k = tf.Variable(1)


@table.row(t([1.0, 2.0]), t([0.5, 4.0]))
def arrays_of_a_variable(x: Any) -> Any:
    v.assign(x)
    before = v.numpy()
    v.assign_add([1.0, 1.0])
    before[0] += 10.0
    return before, v.numpy(), v.numpy().tolist(), float(v.numpy()[0]), np.asarray(v), np.array(v)


@table.row(t([1.0, 2.0]), t([0.5, 4.0]))
def numpy_functions_of_a_variable(x: Any) -> Any:
    v.assign(2.0 * x)
    return np.sum(v), np.dot(v, v), np.array([v, v]), np.stack([v, v + 1.0]), np.linalg.norm(v)


@table.row(t([1.0, 2.0]), t([0.5, 4.0]))
def training_undone(x: Any) -> Any:
    weights = [v, tf.Variable(x)]
    kept = [w.numpy().copy() for w in weights]
    for w in weights:
        w.assign_add([1.0, 1.0])
    losses = [float(tf.reduce_sum(w)) for w in weights]
    for w, old in zip(weights, kept, strict=True):
        w.assign(old)
    return losses, [w.value() for w in weights]


@table.row(t([1.0, 2.0]), t([0.5, 4.0]))
def loop_until_an_array_says(x: Any) -> Any:
    v.assign(x)
    log = []
    while v.numpy()[0] < 4.0 and np.max(v) < 50.0:
        v.assign_add(v)
        log.append(v.numpy())
    return log


@dataclasses.dataclass
class Layer:
    w: Any
    units: int = 2


@table.row(t([1.0, 2.0]), t([0.5, 4.0]))
def text_of_a_variable(x: Any) -> Any:
    v.assign(x)
    texts = [str(v), f"{v!r:>90}", f"{[v]} {(v, 1)}", "%s" % v, "{}".format(v), str(Layer(v))]  # noqa: UP031, UP032
    v.assign_add([1.0, 1.0])
    print(v, {"w": v}, Layer(v))
    return texts, f"{v}"


@table.row(t([1.0, 2.0]), t([0.5, 4.0]))
def text_of_a_variable_in_a_loop(x: Any) -> Any:
    v.assign(x)
    texts = []
    for i in tf.range(3):
        v.assign_add([1.0, 1.0])
        print(i, v)
        texts.append(f"{v.numpy()[0]:.2f}")
    return texts


@table.row(t([1.0, 2.0]), t([0.5, 4.0]))
def message_with_a_variable(x: Any) -> Any:
    v.assign(x)
    v.assign_add([1.0, 1.0])
    assert v.numpy()[1] < 4.0, f"{v}"
    return v.value()


@table.row(t(2), t(3), t(0))
def numbers_of_a_variable(n: Any) -> Any:
    k.assign(n)
    k.assign_add(1)
    size = int(k)
    root = math.sqrt(k) + float(k) + math.gcd(k, 6)
    items = [i * i for i in range(k)]
    return (
        size,
        root,
        bool(k),
        items,
        [10, 20, 30, 40, 50][k],
        np.arange(9)[k],
        np.arange(9)[:k],
        k in [1, 3],
    )


@table.row(t(2), t(3), t(-1))
def condition_on_a_variable(n: Any) -> Any:
    k.assign(n)
    k.assign_add(1)
    if k:
        return 1
    return 2 if not k else 3


@table.row(t([1.0, 2.0]), t([0.5, 4.0]))
def copies_of_a_variable(x: Any) -> Any:
    v.assign(x)
    first, second = copy.copy(v), copy.deepcopy({"w": v})
    v.assign_add([1.0, 1.0])
    return first.value(), second["w"].value(), v.value()


@table.row(t([1.0, 2.0]), refused="TFC001")
def variable_for_a_library(x: Any) -> Any:
    v.assign(x)
    np.testing.assert_allclose(v, [1.0, 2.0])
    return v.value()


@table.row(t(1.0), t(2.0))
def generator_of_each_call(x: Any) -> Any:
    made = tf.random.Generator.from_seed(1)
    drawn = made.normal([2]) * x
    return drawn, tf.random.Generator(made).uniform([2]), made.uniform([2])


@table.row(t([1.0, -1.0]), t([1.0, 2.0]), t([3.0, 4.0, -5.0]))
def values_of_a_size_of_run_time(x: Any) -> Any:
    v.assign([0.0, 0.0])
    try:
        v.assign(tf.boolean_mask(x, x > 0))
    except ValueError:
        return v + 100.0
    return v + 1.0


@table.row(1, 4)
def elements_at_run_time(n: Any) -> Any:
    w = tf.Variable([1.0, 2.0, 3.0, 4.0])
    for i in range(n):
        w[i].assign_add(1.0)
    w[n - 1 : n].assign([9.0])
    w[n % 3].assign(5.0)
    return w + 0.0
