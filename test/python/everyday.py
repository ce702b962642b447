"""Everyday programs: number puzzles, small classes, early exits, formatting."""

import collections
import dataclasses
from typing import Any

import tfc as tf

from python.harness import Table, t

table = Table("Everyday programs")
row = table.row


@dataclasses.dataclass
class Pt:
    x: Any
    y: Any


@row(t(5), t(0))
def nested_while(n):
    i = 0
    tot = 0
    while i < n:
        j = 0
        while True:
            j += 1
            if j > i:
                break
            if j % 2:
                continue
            tot += j
        else:
            tot = -1
        i += 1
    return tot, i, j if n > 0 else 0


@row(t(5), t(0))
def swap_vars(n):
    a, b = tf.constant(0), tf.constant(1)
    for _ in tf.range(n):
        a, b = b, a + b
    return a, b


@row(t(5), t(0))
def str_state(n):
    s = "a"
    for i in tf.range(n):
        s = "b" if i % 2 == 0 else "c"
    return s


@row(t(5), t(0))
def none_in_loop(n):
    last = None
    for i in tf.range(n):
        if i % 2 == 1:
            last = i
    return last


@row(t([3.0, 1.0, 2.0]), t([1.0, 1.0, 9.0]))
def argbest(x):
    best, bi = -1.0, None
    for i in range(3):
        if x[i] > best:
            best, bi = x[i], i
    return best, bi


@row(t([3, 1, 2, 5, 4]))
def bubble(x):
    l = [x[i] for i in range(5)]
    for i in range(5):
        for j in range(4 - i):
            if l[j] > l[j + 1]:
                l[j], l[j + 1] = l[j + 1], l[j]
    return l


@row(t([3, 1, 2, 5, 4]))
def insertion_t(x):
    for i in tf.range(1, 5):
        j = i
        while j > 0 and x[j - 1] > x[j]:
            a, b = x[j - 1], x[j]
            x = tf.tensor_scatter_nd_update(x, [[j - 1], [j]], [b, a])
            j -= 1
    return x


@row(t(10), t(17), t(1))
def is_prime(n):
    if n < 2:
        return False
    i = 2
    while i * i <= n:
        if n % i == 0:
            return False
        i += 1
    return True


@row((t(48), t(18)), (t(7), t(0)))
def gcd(a, b):
    while b:
        a, b = b, a % b
    return a


@row(t(6), t(27), t(1))
def collatz(n):
    steps = 0
    while n != 1:
        n = n // 2 if n % 2 == 0 else 3 * n + 1
        steps += 1
    return steps


@row((t(5), t(3)), (t(3), t(5)))
def tern_chain(a, b):
    return "gt" if a > b else "lt" if a < b else "eq"


@row(t(13), t(0))
def digits(n):
    out = []
    while n > 0:
        out.append(n % 10)
        n //= 10
    return out[::-1] if False else out


@row(t(13), t(0))
def bits_rev(n):
    out = []
    while n > 0:
        out.insert(0, n % 2)
        n //= 2
    return out


@row(t(13), t(5))
def list_rev(n):
    out = []
    for i in tf.range(n):
        out.append(i)
    out.reverse()
    return out


@row(t(4), t(1))
def list_ops(n):
    out = []
    for i in tf.range(n):
        out.append(i * 2)
    return len(out), out[0], out[-1], sum(out), max(out), 4 in out, out.index(0), out.count(0)


@row(t(4), t(1))
def list_copy(n):
    out = []
    for i in tf.range(n):
        out.append(i * 2)
    b = out.copy()
    b.append(99)
    c = list(out)
    c += [1, 2]
    d = out + [5]
    return len(out), len(b), len(c), len(d)


@row(t(4), t(1))
def list_clear(n):
    out = []
    for i in tf.range(n):
        out.append(i)
        if len(out) > 2:
            out.clear()
    return len(out)


@row(t(4), t(0))
def list_truth(n):
    out = []
    for i in tf.range(n):
        out.append(i)
    if out:
        return 1
    if not out:
        return 2


@row(t(4), t(0))
def stack_machine(n):
    st = []
    for i in tf.range(n):
        if i % 3 == 2:
            a = st.pop()
            b = st.pop()
            st.append(a + b)
        else:
            st.append(i)
    return len(st), sum(st)


@row(t(4), t(0))
def list_of_tuples(n):
    out = []
    for i in tf.range(n):
        out.append((i, i * i))
    s = 0
    for a, b in out:
        s += a * b
    return s


@row(t(4), t(0))
def while_list(n):
    todo = [n]
    c = 0
    while todo:
        v = todo.pop()
        c += 1
        if v > 0:
            todo.append(v - 1)
    return c


@row(t(4), t(0))
def dict_count(n):
    d = {0: 0, 1: 0, 2: 0}
    for i in tf.range(n):
        d[int(i) % 3] += 1
    return d


@row(t(4), t(0))
def dict_items_loop(n):
    d = {"a": n, "b": n + 1}
    s = 0
    for k, v in d.items():
        if v > 1:
            s += v
        else:
            d[k] = v + 100
    return s, d


@row(t(4), t(0))
def dict_pop(n):
    d = {"a": n, "b": n + 1}
    a = d.pop("a")
    e = d.setdefault("z", 5)
    d.update(c=n)
    return a, e, list(d), len(d)


@row(t(4), t(0))
def counter_cls(n):
    c = collections.Counter(["a", "b", "a"])
    return c["a"] + n


@row(t(4.0), t(-1.0))
def early_nested_fn(x):
    def inner(y):
        if y > 0:
            return y * 2
        elif y < -5:
            return None
        return y - 1

    r = inner(x)
    return r if r is not None else tf.constant(0.0)


@row(t(4.0), t(-1.0))
def multiple_ret_types(x):
    if x > 0:
        return x, "a"
    return x, "b"


@row(t(4.0), t(-1.0))
def ret_dict(x):
    if x > 0:
        return {"v": x, "n": 1}
    return {"v": -x, "n": 2}


@row(t(4.0), t(-1.0))
def ret_list_lens(x):
    if x > 0:
        return [x]
    return [x, x]


@row(t(4.0), t(-1.0))
def kw_default(x, k=None):
    k = k or {}
    k["a"] = x
    return k


@row(t([1.0, -2.0, 3.0]), t([0.0, 0.0, 0.0]))
def bool_ctx(x):
    if tf.reduce_any(x > 0):
        return tf.reduce_sum(x)
    return tf.constant(0.0)


@row(t([1.0, -2.0, 3.0]))
def fancy(x):
    return x[..., None], x[::2], x[-1], x[tf.constant([0, 2])], x[x > 0]


@row(t([1.0, -2.0, 3.0]))
def shape_use(x):
    n = x.shape[0]
    return [x[i] * i for i in range(n)], tf.shape(x)[0] * 2, len(x), x.shape.rank, x.ndim


@row(t(4.0), t(-1.0))
def assert_msg(x):
    assert x > 0, ("neg", x)
    return x


@row(t(4.0), t(-1.0))
def try_index(x):
    l = [1, 2]
    try:
        i = 5 if x > 0 else 1
        return l[i]
    except IndexError:
        return -1


@row(t(4.0), t(-1.0))
def nested_try(x):
    r = []
    try:
        try:
            if x > 0:
                raise KeyError("k")
            r.append(1)
        except ValueError:
            r.append(2)
        finally:
            r.append(3)
    except KeyError:
        r.append(4)
    return r


@row(t(4.0), t(-1.0))
def raise_from(x):
    try:
        if x > 0:
            raise ValueError("a")
    except ValueError as e:
        raise RuntimeError("b") from e
    return x


@row(t(4.0), t(-1.0))
def custom_exc(x):
    class NumberedError(Exception):
        def __init__(self, v):
            self.v = v

    try:
        if x > 0:
            raise NumberedError(7)
        return 0
    except NumberedError as e:
        return e.v


@row(t(3), t(0))
def loop_try(n):
    c = 0
    for i in tf.range(n):
        try:
            if i == 1:
                raise ValueError
            c += 10
        except ValueError:
            c += 1
        finally:
            c += 100
    return c


@row(t(3), t(0))
def zerodiv(n):
    return 10 // n


@row(t(3), t(0))
def zerodiv_try(n):
    try:
        return 10 // n
    except ZeroDivisionError:
        return -1


@row(t(3), t(0))
def cond_expr_div(n):
    return 10 // n if n != 0 else 0


@row(t(3), t(0))
def and_short(n):
    return n != 0 and 10 // n > 2


@row(t(3), t(0))
def or_val(n):
    return n or 5


@row(t(3), t(0))
def not_val(n):
    return not n


@row((t(3), t(4)), (t(0), t(0)))
def and_chain(a, b):
    return a and b, a or b, a and not b


@row(t(3), t(0))
def print_fmt(n):
    print(f"{n} {n:5d} {n!r} {n+1=}")
    print("a", n, sep="-", end="!\n")
    return n


@row(t([1.0, -2.0, 3.0]))
def print_t(x):
    print(x)
    print(x[0], [x[1]], {"a": x[2]}, (x,))
    return x
