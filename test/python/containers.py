"""Lists, dicts, sets, dataclasses, tensors with item assignment."""

import collections
import dataclasses

import tfc as tf

from python.harness import Table, t

table = Table("Containers")
row = table.row
X = (t(1.0), t(-1.0))
N = ((t(4),), (t(1),), (t(0),))


@row(*N)
def append_in_loop(n):
    out = []
    for i in range(n):
        out.append(i * 2)
    return out


@row(*N)
def append_and_len(n):
    out = []
    for i in range(n):
        if i % 2 == 0:
            out.append(i)
    return len(out)


@row((t(3),), (t(1),))
def append_and_stack(n):
    out = []
    for i in range(n):
        out.append(tf.constant([1.0, 2.0]) * i)
    return tf.stack(out)


@row(*X)
def append_in_one_arm(x):
    out = [x]
    if x > 0:
        out.append(x * 2)
    return out


@row(*X)
def append_in_both_arms(x):
    out = []
    if x > 0:
        out.append(x)
    else:
        out.append(-x)
    return out


@row(*N)
def extend_in_loop(n):
    out = [7]
    for i in range(n):
        out.extend([i, i + 1])
    return out


@row(*N)
def concatenate_in_loop(n):
    out = []
    for i in range(n):
        out = out + [i]
    return out


@row(*N)
def augmented_concatenation(n):
    out = []
    for i in range(n):
        out += [i]
    return out


@row(*N)
def insert_in_loop(n):
    out = []
    for i in range(n):
        out.insert(0, i)
    return out


@row((t(4),), (t(5),))
def pop_in_loop(n):
    out = [1, 2, 3]
    for i in range(n):
        out.append(i)
    s = 0
    for _ in range(n):
        s = s * 3 + out.pop()
    return s, out


@row(t(4), t(0))
def pop_from_empty(n):
    out = []
    for i in range(n):
        out.append(i)
    return out.pop()


@row(*N)
def iterate_grown(n):
    out = []
    for i in range(n):
        out.append(i)
    s = 0
    for v in out:
        s += v * v
    return s


@row((t(3),), (t(2),))
def index_grown(n):
    out = []
    for i in range(n):
        out.append(i * 10)
    return out[0], out[-1], out[n - 1]


@row((t(3),), (t(2),))
def assign_grown(n):
    out = []
    for i in range(n):
        out.append(i * 10)
    out[1] = 5
    return out


@row((t(3),), (t(5),))
def slice_grown(n):
    out = []
    for i in range(n):
        out.append(i)
    return out[1:], out[:-1]


@row((t(3),), (t(0),))
def stack_machine(n):
    stack = [1, 2]
    while n > 0:
        a = stack.pop()
        b = stack.pop()
        stack.append(a)
        stack.append(a + b)
        n = n - 1
    return stack


@row((t(0),), (t(2),), (t(-1),), (t(5),))
def index_by_tensor(i):
    return [10, 20, 30][i]


@row((t(0), t(5.0)), (t(2), t(5.0)), (t(7), t(5.0)))
def assign_by_tensor(i, x):
    items = [x, x + 1, x + 2]
    items[i] = x * 10
    return items


@row((t(1),), (t(2),), (t(3),))
def dict_by_tensor(k):
    return {1: 10.0, 2: 20.0}[k]


@row(*X)
def dict_update_in_branch(x):
    d = {"a": x, "n": 0}
    if x > 0:
        d["a"] = x * 2
        d["n"] += 1
    return d


@row(*N)
def dict_update_in_loop(n):
    d = {"s": 0}
    for i in range(n):
        d["s"] += i
    return d


@row(*X)
def new_key_in_both_arms(x):
    d = {}
    if x > 0:
        d["a"] = x
    else:
        d["a"] = -x
    return d


@row(*X)
def defaultdict(x):
    d = collections.defaultdict(float)
    d["a"] += x
    d["a"] += 1
    return d["a"]


@row(*X)
def dict_methods(x):
    d = {"a": x, "b": x + 1}
    d.update(c=x)
    y = d.pop("a")
    return y, d.get("z", 3), list(d), "b" in d, d.setdefault("q", x)


@row(*X)
def set_of_keys(x):
    s = {1, 2}
    s.add(3)
    return x * len(s), 3 in s


@dataclasses.dataclass
class State:
    """Two fields."""

    x: object
    n: int = 0

    def step(self):
        return State(self.x * 2, self.n + 1)


@row((State(t(1.0)),), (State(t(-1.0), 3),))
def dataclass_argument(s):
    if s.x > 0:
        return s.x + s.n
    return s.x - s.n


@row(*X)
def dataclass_return(x):
    return State(x, 2)


@row((t(3),), (t(0),))
def dataclass_in_loop(n):
    s = State(tf.constant(1.0))
    for _ in range(n):
        s = s.step()
    return s


@row((t(3),), (t(0),))
def dataclass_mutated_in_loop(n):
    s = State(tf.constant(1.0))
    for _ in range(n):
        s.x = s.x * 2
        s.n += 1
    return s.x, s.n


@row((State(t(1.0)),))
def argument_mutated(s):
    s.n = s.n + 5
    return s


Point = collections.namedtuple("Point", "x y")


@row((Point(t(1.0), t(2.0)),))
def named_tuple(p):
    q = Point(p.y, p.x)
    return q, q.x, p._replace(x=p.y)


@row((t(3),), (t(0),))
def named_tuple_in_loop(n):
    p = Point(0, 1)
    for _ in range(n):
        p = Point(p.y, p.x + p.y)
    return p


@row(([t(1.0), t(2.0)],))
def list_argument_mutated(items):
    items.append(items[0] + items[1])
    return len(items)


@row(t([1.0, 2.0, 3.0]))
def unpack_tensor(x):
    a, *b = x
    return a, b


@row(t([1.0, 2.0]))
def unpack_too_few(x):
    a, b, c = x
    return a


@row(*X)
def nested_containers(x):
    d = {"a": [x, (x, {"b": x})]}
    d["a"][1][1]["b"] = x * 2
    return d


@row(*X)
def aliasing(x):
    a = [x]
    b = a
    if x > 0:
        b.append(x)
    return len(a), a is b


@row(*X)
def list_comparison(x):
    return [1, 2] == [1, 2], (x, 1) == (x, 2)


@row(*X)
def star_display(x):
    a = [x, x]
    return [*a, x], (*a,), {"k": x}


@row(*X)
def deque(x):
    q = collections.deque([x], maxlen=2)
    q.append(x + 1)
    q.append(x + 2)
    return list(q), q.popleft()


@row(*X)
def sort_list(x):
    items = [3, 1, 2]
    items.sort(reverse=True)
    return items, x


@row(*X)
def delete_items(x):
    items = [x, 1, 2]
    del items[1]
    d = {"a": 1, "b": 2}
    del d["a"]
    return items, d


@row((t(3),), (t(0),))
def list_of_tuples(n):
    out = []
    for i in range(n):
        out.append((i, i * 1.5))
    return out
