"""Branches on tensors and on numbers that are known at run time."""

import tfc as tf

from python.harness import Table, t

table = Table("Branches")
row = table.row
SIGNS = (t(1.0), t(-1.0), t(0.0))


@row(*SIGNS)
def if_else(x):
    if x > 0:
        return x * 2
    else:
        return -x


@row(*SIGNS)
def elif_chain(x):
    if x > 0:
        y = 1
    elif x < 0:
        y = -1
    else:
        y = 0
    return y


@row(*SIGNS)
def early_return(x):
    if x > 0:
        return x
    x = x - 10.0
    if x < -10.5:
        return x * 3
    return x


@row(*SIGNS)
def set_in_one_arm(x):
    y = x
    if x > 0:
        y = x * 5
    return y


@row(*SIGNS)
def unbound_in_one_arm(x):
    if x > 0:
        y = x
    return y


@row(*SIGNS)
def unbound_and_unused(x):
    if x > 0:
        y = x * 2
        x = y
    return x


@row(*SIGNS)
def none_before(x):
    best = None
    if x > 0:
        best = x
    return best


@row(*SIGNS)
def none_then_test(x):
    best = None
    if x > 0:
        best = x
    if best is None:
        return x - 1
    return best + 1


@row(*SIGNS)
def none_is_not(x):
    y = x if x > 0 else None
    return y is not None


@row(*SIGNS)
def ternary(x):
    return x + 1 if x > 0 else x - 1


@row(*SIGNS)
def nested_ternary(x):
    return 1 if x > 0 else -1 if x < 0 else 0


@row(*SIGNS)
def and_or_not(x):
    if x > -2 and (x < 0.5 or x > 3) and not x == 0:
        return 1
    return 2


@row(*SIGNS)
def short_circuit(x):
    d = {"n": 0}

    def bump():
        d["n"] += 1
        return True

    if x > 0 and bump():
        pass
    if x < 0 or bump():
        pass
    return d["n"]


@row(*SIGNS)
def and_value(x):
    return x > 0 and x + 1 > 1.5


@row(*SIGNS)
def chained(x):
    return -0.5 < x < 2


@row(*SIGNS)
def chained_if(x):
    if -0.5 < x <= 1:
        return "a"
    return "b"


@row(*SIGNS)
def different_dtypes(x):
    if x > 0:
        y = tf.cast(x, tf.int32)
    else:
        y = x
    return y


@row(*SIGNS)
def different_shapes(x):
    if x > 0:
        y = tf.stack([x, x])
    else:
        y = tf.stack([x, x, x])
    return y


@row(*SIGNS)
def different_ranks(x):
    y = x
    if x > 0:
        y = tf.stack([x, x])
    return y


@row(*SIGNS)
def different_structure(x):
    if x > 0:
        y = (x, x)
    else:
        y = (x,)
    return y


@row(*SIGNS)
def int_and_tensor(x):
    y = 0
    if x > 0:
        y = x * 3
    return y


@row(*SIGNS)
def strings(x):
    name = "plus" if x > 0 else "minus"
    if name == "plus":
        return x
    return x - 5


@row(*SIGNS)
def choose_function(x):
    def double(v):
        return v * 2

    def negate(v):
        return -v

    f = double if x > 0 else negate
    return f(x) + f(x)


@row(*SIGNS)
def choose_builtin(x):
    f = min if x > 0 else max
    return f(3, 4)


@row((t(1.0), [t(1.0), t(2.0)]), (t(5.0), [t(1.0), t(2.0)]))
def in_list(x, values):
    if x in values:
        return 1
    return 0


@row((t(1),), (t(7),))
def in_tuple(x):
    return x in (1, 2, 3)


@row((3,), (0,))
def or_default(n):
    return n or 7


@row(t(2), t(0))
def or_default_tensor(n):
    return n or 7


@row(*SIGNS)
def walrus(x):
    if (y := x * 2) > 1:
        return y
    return y - 1


@row(*SIGNS)
def walrus_in_arm(x):
    if x > 0 and (y := x + 1) > 0:
        return y
    return x


@row((t(0),), (t(1),), (t(2),), (t(3),))
def match_values(n):
    match n:
        case 0:
            return "zero"
        case 1 | 2:
            return "small"
        case _:
            return "large"


@row((t(1.0), t(2.0)), (t(-1.0), t(2.0)))
def match_tuple(x, y):
    match (x, y):
        case (a, b) if a > 0:
            return a + b
        case (a, b):
            return a - b


@row((("add", t(2.0)),), (("mul", t(2.0)),), (("other",),))
def match_static(command):
    match command:
        case ("add", v):
            return v + 1
        case ("mul", v):
            return v * 10
        case _:
            return None


@row(({"kind": "a", "v": t(1.0)},), ({"kind": "b", "v": t(1.0)},))
def match_mapping(d):
    match d:
        case {"kind": "a", "v": v}:
            return v
        case {"kind": "b", **rest}:
            return rest["v"] * 2


@row((t([1.0, 2.0]), True), (t([1.0, 2.0, 3.0]), True), (t([1.0, 2.0]), False))
def untaken_arm_is_invalid(x, flag):
    y = tf.constant([1.0, 2.0])
    if tf.reduce_sum(x) > 100:
        return x + y
    return x if flag else x + y


@row(t([1.0, 2.0, 3.0]), t([50.0, 60.0, 70.0]))
def invalid_arm_raises(x):
    y = tf.constant([1.0, 2.0])
    if tf.reduce_sum(x) > 100:
        return x + y
    return x


@row(*SIGNS)
def nested_ifs(x):
    y = x
    if x > -5:
        if x > 0:
            y = y * 2
            z = 1
        else:
            y = y * 3
            z = 2
        y = y + z
    else:
        y = y - 1
    return y


@row(*SIGNS)
def nested_return(x):
    if x > -5:
        if x > 0:
            return 1
    if x == 0:
        return 2
    return 3


@row(*SIGNS)
def return_or_fall_through(x):
    if x > 0:
        return x


@row(*SIGNS)
def pass_arm(x):
    if x > 0:
        pass
    else:
        x = x + 1
    return x


@row((3,), (-3,))
def number_condition(n):
    if n > 0:
        return n * 2
    return n - 1


@row((True, t(1.0)), (False, t(1.0)))
def bool_argument(flag, x):
    return x + 1 if flag else x - 1


@row(*SIGNS)
def same_value_both_arms(x):
    if x > 0:
        y = 3
    else:
        y = 3
    return [x] * y


@row(*SIGNS)
def tuple_swap(x):
    a, b = x, x + 1
    if x > 0:
        a, b = b, a
    return a, b


@row(*SIGNS)
def dict_from_arm(x):
    if x > 0:
        d = {"a": x, "b": x}
    else:
        d = {"a": -x, "b": x * 0}
    return d


@row((t(True),), (t(False),))
def bool_tensor(c):
    if c:
        return 1
    return 2


@row((t([2.0]),), (t([-2.0]),))
def size_one(x):
    if x > 0:
        return x
    return -x


@row(*SIGNS)
def not_of_tensor(x):
    return not x > 0


@row(*SIGNS)
def xor_flags(x):
    a, b = x > 0, x < 5
    return (a and not b) or (b and not a)


def one_of(x):
    items = (1, 2, 7)
    if x > 0:
        items = [x, x + 1]
    return items


@row(*SIGNS)
def elements_of_either(x):
    return [e for e in one_of(x)], [e * 2 for e in one_of(x) if e > 1], {e for e in one_of(1)}


@row(*SIGNS)
def generated_from_either(x):
    total = 0
    for e in (e + 1 for e in one_of(x)):
        total += e
    return total, all(e < 7 for e in one_of(x)), any(e > 1.5 for e in one_of(x))


@row(*SIGNS)
def numbered_from_either(x):
    total = 0
    for i, e in enumerate(one_of(x), 1):
        total += e * i
    for a, b in zip(one_of(x), range(2)):
        total += a * b
    return total


@row(*SIGNS)
def pairs_of_either(x):
    return [a * b for a in one_of(x) for b in one_of(-x)]


@row(*SIGNS)
def functions_of_either(x):
    turned = list(reversed(one_of(x)))
    return turned, sum(one_of(x)), max(one_of(x)), sorted(one_of(x)), list(map(abs, one_of(x)))


@row(*SIGNS)
def left_early(x):
    for i, e in enumerate(one_of(x)):
        if e > 1.5:
            return i, e
    return -1, 0
