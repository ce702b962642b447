"""Constructs in combination."""

import collections
import dataclasses
import enum
import functools
import itertools
import math

import tfc as tf

from python.harness import Table, t

table = Table("Mixtures")
row = table.row
X = (t(1.0), t(-1.0))
N = ((t(4),), (t(1),), (t(0),))


class Mode(enum.Enum):
    FAST = 1
    SLOW = 2


@row((t(1.0), Mode.FAST), (t(1.0), Mode.SLOW))
def enum_argument(x, mode):
    return x * 2 if mode is Mode.FAST else x * mode.value


@row((t(1.0), None), (t(1.0), t(3.0)))
def optional_argument(x, y=None):
    return x if y is None else x + y


@row(({"a": t(1.0), "b": [t(2.0), (t(3.0), 4)]},))
def nested_argument(d):
    return {"sum": d["a"] + d["b"][0] + d["b"][1][0], "n": d["b"][1][1] * 2}


@row(*N)
def while_with_two_conditions(n):
    i, s = 0, 1.0
    while i < n and s < 5.0:
        s = s * 1.7
        i += 1
    return i, s


@row(*N)
def loop_with_branches_and_break(n):
    s = 0
    for i in range(n):
        if i == 1:
            continue
        elif i > 2:
            break
        else:
            s += 10
        s += i
    else:
        s += 1000
    return s


@row(*N)
def two_loops(n):
    out = []
    for i in range(n):
        out.append(i)
    total = 0
    for v in out:
        if v % 2:
            continue
        total += v
    return total, out


@row(*N)
def nested_list_growth(n):
    out = []
    for i in range(n):
        row = [i, i + 1]
        out.append(row)
    return out


@row(*N)
def carry_list_and_number(n):
    xs, last = [1], 1
    while last < n * 3:
        last = last * 2
        xs.append(last)
    return xs, last


@row(*X)
def tuple_of_choices(x):
    a = ("p", 1) if x > 0 else ("q", 2)
    name, k = a
    return k, name


@row(*X)
def choice_of_objects(x):
    class A:
        k = 2.0

        def run(self, v):
            return v * self.k

    class B:
        def run(self, v):
            return v - 10.0

    item = A() if x > 0 else B()
    return item.run(x)


@row(*X)
def choice_of_dicts_mutated(x):
    a, b = {"v": 1}, {"v": 2}
    d = a if x > 0 else b
    d["v"] += 10
    return a["v"], b["v"]


@row(*X)
def choice_of_lists_mutated(x):
    a, b = [1], [2]
    c = a if x > 0 else b
    c.append(5)
    return a, b


@row(*X)
def nested_function_with_state(x):
    def counter():
        n = 0

        def bump():
            nonlocal n
            n += 1
            return n

        return bump

    c = counter()
    c()
    if x > 0:
        c()
    return c()


@row(*X)
def early_return_in_with_and_try(x):
    class Scope:
        def __enter__(self):
            return 1.0

        def __exit__(self, *d):
            return False

    with Scope() as k:
        try:
            if x > 0:
                return x * k
            x = x - k
        finally:
            x = x * 2
    return x


@row(*X)
def conditional_del(x):
    y = x
    if x > 0:
        del y
    try:
        return y
    except UnboundLocalError:
        return x * 100


@row(*X)
def generator_with_branch(x):
    def g():
        for k in range(4):
            if k % 2:
                yield x * k

    return list(g())


@row(*X)
def generator_consumed_with_staged_break(x):
    def g():
        for k in range(4):
            yield x * k

    s = 0.0
    for v in g():
        if v > 1.5:
            break
        s = s + v
    return s


@row(*N)
def comprehension_of_comprehension(n):
    return sum([sum([i * j for j in range(3)]) for i in range(n)])


@row(*N)
def dict_comprehension_and_sum(n):
    d = {k: k * n for k in range(3)}
    return sum(d.values()), d


@row(*N)
def zip_with_list(n):
    s = 0
    for i, k in zip(range(n), [1, 2, 3, 4, 5, 6, 7, 8]):
        s += i * k
    return s


@row(*X)
def itertools_chain(x):
    return [v * x for v in itertools.chain([1, 2], (3,))]


@row(*X)
def starred_call_of_partial(x):
    f = functools.partial(max, 0.0)
    return f(*[x, x * 2])


@row((5, 3), (-5, 3), (5, -3))
def python_division(a, b):
    return a // b, a % b, -a // b, int(a / b), math.fmod(7, 3)


@row((3,), (10,))
def number_loop_unrolled_list(n):
    xs = [0] * 3
    for i in range(3):
        xs[i] = n * i
    return xs


@row((7,), (8,))
def number_branch_string(n):
    return "odd" if n % 2 else "even"


@row((2.5,), (-1.5,))
def number_to_tensor(k):
    return tf.constant([1.0, 2.0]) * k + tf.cast(k, tf.float32)


@row((3,))
def number_as_dimension(n):
    return tf.zeros([n, 2]), tf.range(n), tf.fill([n], 1.5)


@row(t([[1.0, 2.0], [3.0, 4.0]]))
def iterate_rows_and_columns(m):
    total = 0.0
    for r in m:
        for v in r:
            total = total + v
    a, b = m
    return total, a - b


@row(t([1.0, -2.0, 3.0]))
def slices(x):
    return x[1:], x[::-1], x[..., None], x[-1], x[tf.constant([0, 2])]


@row(t([3, 1, 2]))
def tensor_as_index_list(order):
    names = ["a", "b", "c", "d"]
    return names[order[0]]


@row(*X)
def global_function_table(x):
    table = {"double": lambda v: v * 2, "negate": lambda v: -v}
    out = x
    for name in ("double", "negate", "double"):
        out = table[name](out)
    return out


@dataclasses.dataclass(frozen=True)
class Frozen:
    a: object
    b: object = 2.0

    def total(self):
        return self.a + self.b


@row(*X)
def frozen_dataclass(x):
    f = Frozen(x) if x > 0 else Frozen(x, x * 3)
    return f.total(), dataclasses.replace(f, b=0.0)


@row(*N)
def frozen_dataclass_in_loop(n):
    f = Frozen(tf.constant(0.0), 1.0)
    for _ in range(n):
        f = Frozen(f.a + f.b, f.b * 2.0)
    return f.a, f.b


@row(*N)
def counter_object(n):
    c = collections.Counter()
    for k in ("a", "b", "a"):
        c[k] += 1
    return c["a"] + n


@row(*X)
def is_comparisons(x):
    y = None
    z = x if x > 0 else y
    return z is None, z is not y, x is x


@row(*X)
def boolean_algebra(x):
    p, q = x > 0, x < 10
    return p & q, p | q, ~p, p ^ q


@row(*X)
def any_of_list(x):
    return any([x > 0, x < -5]), all([x > -2, x < 2])


@row(*X)
def max_with_key(x):
    return max([x, -x, x * 2], key=lambda v: -v)


@row(*X)
def assert_then_use(x):
    y = x + 2
    assert y > 0
    assert y < 100, "large"
    return y


@row(*X)
def nested_try_in_function_in_loop(x):
    def parse(v):
        try:
            if v < 0:
                raise ValueError("neg")
            return v
        except ValueError:
            return -v

    s = 0.0
    for k in (1.0, -1.0):
        s = s + parse(x * k)
    return s


@row(*N)
def while_true_with_two_exits(n):
    i = 0
    while True:
        if i >= n:
            return "end", i
        if i == 2:
            break
        i += 1
    return "broken", i


@row(*N)
def string_choice_in_loop(n):
    state = "start"
    for i in range(n):
        if i == 2:
            state = "two"
        elif i == 3:
            state = "three"
    return state


@row(*N)
def function_choice_in_loop(n):
    f = abs
    for i in range(n):
        if i == 2:
            f = float
    return f(-3)


@row(*N)
def print_in_loop_with_format(n):
    for i in range(n):
        print(f"{i:2d}", i * 1.5)
    return n


@row(*N)
def pairwise(n):
    prev = None
    out = 0
    for i in range(n):
        if prev is not None:
            out += i * prev
        prev = i
    return out


@row(*X)
def swap_in_list(x):
    v = [x, x * 2]
    if v[0] > v[1]:
        v[0], v[1] = v[1], v[0]
    return v


@row(*X)
def walrus_comprehension(x):
    return [y for k in range(3) if (y := k * 2) > 1], x


@row(
    (t(3), t(5)),
)
def while_zip_state(a, b):
    while a != b:
        if a > b:
            a = a - b
        else:
            b = b - a
    return a


@row(*X)
def unpack_star_middle(x):
    first, *middle, last = [x, 1, 2, x * 2]
    return first, middle, last


@row(*X)
def shadowed_builtin(x):
    len = lambda v: 42  # noqa: E731
    return len([x])


@row(*X)
def method_chain_in_branch(x):
    class Builder:
        def __init__(self):
            self.parts = []

        def add(self, v):
            self.parts.append(v)
            return self

    b = Builder().add(x)
    if x > 0:
        b.add(x * 2).add(x * 3)
    return b.parts


@row(*X)
def str_format(x):
    return "{:.2f}|{k}|{}".format(x, 2, k=x)


@row(*X)
def fresh_object_attributes(x):
    class Box:
        def __init__(self):
            self.v = 0.0

    b = Box()
    if x > 0:
        b.v = x
    return b.v


@row((90,), (10,))
def fibonacci_of_a_number(n):
    a, b = 0, 1
    for _ in range(n):
        a, b = b, a + b
    return a


@row(*X)
def attribute_set_in_one_arm(x):
    class Box:
        pass

    b = Box()
    if x > 0:
        b.v = x * 2
    return b.v


@row(*X)
def attribute_set_in_both_arms(x):
    class Box:
        pass

    b = Box()
    if x > 0:
        b.v = x * 2
    else:
        b.v = -x
    return b.v
