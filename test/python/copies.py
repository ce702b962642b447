"""Copies, comparisons and reversals of containers and objects that differ from path to path."""

import copy
import dataclasses

import numpy as np

from python.harness import Table, t

table = Table("Copies")
row = table.row
N = (t(3), t(-1), 2, -1)


class Thing:
    def __init__(self):
        self.a = 1


class Counted:
    def __init__(self, v):
        self.v = v

    def __copy__(self):
        return Counted(self.v + 2)

    def __deepcopy__(self, memo):
        return Counted(self.v + 1)


@dataclasses.dataclass
class Held:
    a: object
    b: object = None


@row(*N)
def deep_copies_of_dicts(n):
    d = {"x": [1, 2], "y": {}}
    if n > 0:
        d["y"]["q"] = [n]
        d["z"] = 1
    e = copy.deepcopy(d)
    e["x"].append(5)
    e["y"]["w"] = 3
    f = copy.copy(d)
    f["x"].append(6)
    f["v"] = n
    return d, e, f


@row(*N)
def copies_of_objects_with_optional_attributes(n):
    p = Thing()
    if n > 0:
        p.b = [n]
    q, r = copy.deepcopy(p), copy.copy(p)
    r.a, q.c = 5, 1
    if n > 0:
        q.b.append(2)
    return vars(p), vars(q), vars(r), hasattr(q, "b"), getattr(r, "b", None)


@row(*N)
def copies_of_sets(n):
    s = {1}
    if n > 0:
        s.add(5)
    deep = copy.deepcopy(s)
    deep.add(7)
    shallow = copy.copy(s)
    shallow.discard(1)
    own = s.copy()
    return s, deep, shallow, s == own, deep > s, s <= deep, deep < s, len(deep)


@row(t(3), t(0), 2, 0)
def copies_of_lists_that_grow(n):
    items, rows = [], []
    for i in range(n):
        items.append(i)
        rows.append([i])
    deep, shallow = copy.deepcopy(items), copy.copy(items)
    deep.append(9)
    nested = copy.deepcopy({"k": (rows,), "l": items})
    nested["k"][0].append([1])
    nested["k"][0][0].append(5)
    return items, rows, deep, shallow, nested


@row(*N)
def one_copy_of_what_is_there_twice(n):
    a = [n]
    both = [a, a, {"k": a}]
    copied = copy.deepcopy(both)
    copied[0].append(1)
    return both, copied


@row(*N)
def copies_by_own_methods(n):
    c = Counted(n)
    return copy.deepcopy(c).v, copy.copy(c).v, copy.deepcopy([c])[0].v


@row((t([1.0, 2.0]), np.zeros(2)))
def copies_of_tensors_and_arrays(x, a):
    copied = copy.deepcopy([x, a, a])
    copied[1][0] = 5.0
    other = copy.copy(a)
    other[1] = 7.0
    a[0] = 1.0
    return x, a, copied, other


@row(([1, [2]], t(3)), ([1, [2]], 3))
def copies_of_arguments(items, n):
    items.append(n)
    deep = copy.deepcopy(items)
    deep[1].append(9)
    shallow = copy.copy(items)
    shallow.append(1)
    return items, deep, shallow


@row(*N)
def dataclasses_as_dicts(n):
    x, items = {}, []
    if n > 0:
        x["k"] = n
    for i in range(n):
        items.append(i)
    d = Held(x, Held(items, [Held(n)]))
    e = dataclasses.asdict(d)
    e["a"]["new"] = 1
    e["b"]["a"].append(7)
    return d, e, dataclasses.astuple(d), dataclasses.replace(d, b=2)


@row(*N)
def last_entries_of_dicts(n):
    d = {"a": 1, "b": 2}
    if n > 0:
        d["z"] = 5
    x, y = d.popitem(), d.popitem()
    return x, y, d


@row(*N)
def last_entries_of_dicts_that_may_be_empty(n):
    d = {}
    if n > 0:
        d["z"] = 1
    try:
        return d.popitem()
    except KeyError as error:
        return str(error)


@row(*N)
def equal_dicts(n):
    d, e = {"a": 1}, {}
    if n > 0:
        d["z"] = 1
    if n > 2:
        e["a"] = 1
        e["z"] = n - 2
    one = d == e, d == {}, d != {}, {} == e, e == {"a": 1}, d == {"a": 1, "z": 2}
    return one, d == {"z": 1, "a": 1}, {"a": 1} != d, d == d


@row(*N)
def reversed_dicts(n):
    d = {"x": 1, "y": 2}
    if n > 0:
        d["z"] = 1
    out = []
    for k in reversed(d):
        out.append(k)
    for k, v in reversed(d.items()):
        out.append((k, v))
    for v in reversed(d.values()):
        out.append(v)
    return out, next(reversed(d)), list(reversed(d.keys()))
