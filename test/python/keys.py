"""Keys of dicts, sets and lists that depend on the path, or are numbers and tensors."""

import tfc as tf

from python.harness import Table, t

table = Table("Keys")
row = table.row
X = (t(1.0), t(-1.0))
N = ((t(4),), (t(1),), (t(0),))


@row(*X)
def key_in_one_arm(x):
    d = {"a": x}
    if x > 0:
        d["b"] = x * 2
    return len(d), "b" in d


@row(*X)
def key_in_one_arm_get(x):
    d = {}
    if x > 0:
        d["b"] = x * 2
    return d.get("b", x)


@row(*X)
def key_in_one_arm_read(x):
    d = {}
    if x > 0:
        d["b"] = x * 2
    return d["b"]


@row(*X)
def key_in_one_arm_items(x):
    d = {"a": x, "c": x + 1}
    if x > 0:
        d["b"] = x * 2
    s = 0.0
    for k, v in d.items():
        s = s + v
    return s, list(d), d


@row(*X)
def key_deleted_in_arm(x):
    d = {"a": x, "c": x + 1}
    if x > 0:
        del d["a"]
    return d


@row(*X)
def setdefault_in_arm(x):
    d = {}
    if x > 0:
        d.setdefault("k", []).append(1)
    d.setdefault("k", []).append(2)
    return d


@row(*N)
def dict_counter_in_loop(n):
    d = {"even": 0, "odd": 0}
    for i in range(n):
        d["even" if i % 2 == 0 else "odd"] += 1
    return d


@row(*N)
def dict_str_key_choice(n):
    d = {"a": 1, "b": 2}
    k = "a" if n > 2 else "b"
    d[k] += 5
    return d[k], d


@row(*N)
def dict_new_key_in_loop(n):
    d = {}
    for i in range(n):
        d["last"] = i
    return d.get("last", -1)


@row(*N)
def set_in_loop(n):
    s = set()
    for i in range(n):
        if i % 2 == 0:
            s.add("even")
        else:
            s.add("odd")
    return len(s), "even" in s


@row(*X)
def set_add_one_arm(x):
    s = {1, 2}
    if x > 0:
        s.add(3)
    return 3 in s, len(s)


@row(*X)
def set_discard(x):
    s = {1, 2, 3}
    if x > 0:
        s.discard(3)
    else:
        s.remove(1)
    return 3 in s, 1 in s, len(s)


@row((t(0),), (t(2),), (t(7),))
def int_keys(i):
    d = {0: 1.5, 2: 2.5, 5: 3.5}
    return d[i]


@row((3,), (0,), (9,))
def number_keys(i):
    d = {0: 1.5, 3: 2.5, 5: 3.5}
    return d[i] * 2


@row((3,), (0,), (9,))
def number_in_keys(i):
    d = {0: 1.5, 3: 2.5, 5: 3.5}
    if i in d:
        return d[i]
    return -1.0


@row((3,), (0,), (9,))
def number_get(i):
    d = {0: 1.5, 3: 2.5, 5: 3.5}
    return d.get(i, 7.0)


@row(t(3), t(0), t(9))
def number_keys_update(n):
    d = {0: 0, 1: 0, 2: 0}
    for i in range(n):
        d[i % 3] += i
    return d


@row((t(0),), (t(2),), (t(-1),), (t(3),))
def list_by_tensor(i):
    l = [10.0, 20.0, 30.0]
    return l[i]


@row((t(0),), (t(2),))
def list_of_tensors_by_tensor(i):
    l = [t([1.0, 2.0]), t([3.0, 4.0]), t([5.0, 6.0])]
    return l[i] * 2


@row((t(0),), (t(2),))
def list_of_functions_by_tensor(i):
    l = [lambda v: v + 1, lambda v: v * 2, tf.sin]
    return l[i](t(3.0))
