"""Loops, exceptions, None."""

import itertools

import tfc as tf

from python.harness import Table, t

table = Table("Loops, exceptions, None")
row = table.row
X = ((t(1.0),), (t(-2.0),), (t(0.0),))
N = ((t(4),), (t(1),), (t(0),))
PN = ((4,), (1,), (0,))
V = ((t([1.0, -2.0, 3.0]),), (t([5.0]),), (tf.zeros([0]),))


# loops
@row(*N)
def while_true_many(n):
    i = 0
    s = 0
    while True:
        i += 1
        if i > n:
            break
        if i % 2:
            continue
        for j in range(3):
            if j == i:
                break
            s += j
        else:
            s += 100
    return i, s


@row(*N)
def for_else_nested(n):
    out = []
    for i in tf.range(n):
        for j in range(2, 5):
            if j > i:
                break
        else:
            out.append(i * 10)
            continue
        out.append(i)
    return out


@row(*V)
def return_in_loop(v):
    for i, x in enumerate(v):
        if x < 0:
            return i
    return -1


@row(*V)
def return_nested(v):
    for x in v:
        for y in v:
            if x * y < 0:
                return x, y
    return None


@row(*V)
def zip_diff(v):
    s = 0.0
    for a, b in zip(v, tf.range(2)):
        s += a * tf.cast(b, tf.float32)
    return s


@row(*V)
def zip_list(v):
    out = []
    for a, b in zip(v, ["x", "y"]):
        out.append(a)
        print(b, a)
    return len(out)


@row(*V)
def enum_start(v):
    d = []
    for i, x in enumerate(v, start=5):
        d.append(i * x)
    return d


@row(*V)
def reversed_t(v):
    s = 0.0
    for i, x in enumerate(reversed(v)):
        s = s * 2 + x
    return s


@row((t([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]),), (t([[1.0, 2.0]]),))
def iter_matrix(m):
    tot = 0.0
    mx = None
    for r in m:
        for x in r:
            tot += x
            mx = x if mx is None else tf.maximum(mx, x)
    return tot, mx


@row((t([[1.0, 2.0], [3.0, 4.0]]),), (t([[1.0, 2.0]]),))
def unpack_rows(m):
    out = []
    for a, b in m:
        out.append(a * b)
    return sum(out)


@row(*V)
def shape_arith(v):
    n = v.shape[0]
    k = n // 2
    return v[:k], v[k:], n * 2, len(v) - 1, v.shape, v.ndim if hasattr(v, "ndim") else 1


@row(*V)
def range_len(v):
    s = 0.0
    for i in range(len(v)):
        s += v[i] * i
    return s


@row(*V)
def range_len_neg(v):
    s = []
    for i in range(len(v) - 1, -1, -1):
        s.append(v[i])
    return s


@row(*V)
def while_idx(v):
    i = 0
    while i < len(v) and v[i] > 0:
        i += 1
    return i


@row(*V)
def slices(v):
    return v[1:], v[:-1], v[::2], v[::-1], v[None], v[..., None], v[-2:], v[0:0]


@row(
    (t([1.0, 2.0, 3.0, 4.0]), t(1), t(3)),
    (t([1.0, 2.0, 3.0, 4.0]), t(-3), t(-1)),
    (t([1.0, 2.0, 3.0, 4.0]), t(3), t(1)),
)
def slice_tensor(v, a, b):
    return v[a:b], v[a:], v[:b], v[a], v[::1]


@row(
    (t([1.0, 2.0, 3.0, 4.0]), 1, 3),
    (t([1.0, 2.0, 3.0, 4.0]), -3, -1),
    (t([1.0, 2.0, 3.0, 4.0]), 3, 1),
)
def slice_int(v, a, b):
    return v[a:b], v[a:], v[:b], v[a]


@row((t([1.0, 2.0, 3.0, 4.0]), 1), (t([1.0, 2.0, 3.0, 4.0]), 7), (t([1.0, 2.0, 3.0, 4.0]), -5))
def index_err(v, i):
    try:
        return v[i]
    except IndexError:
        return tf.constant(-1.0)


@row(([1, 2, 3], 1), ([1, 2, 3], 5), ([1, 2, 3], -1))
def list_index_err(l, i):
    try:
        return l[i]
    except IndexError:
        return -1


@row(([1, 2, 3], 1), ([1, 2, 3], 2), ([5], 0))
def list_slice(l, i):
    return l[i:], l[:i], l[-1], l[::-1]


@row(*X)
def none_flow(x):
    y = None
    if x > 0:
        y = x
    z = y if y is not None else tf.constant(9.0)
    if y is None:
        print("none")
    return z, y is None


@row(*X)
def none_chain(x):
    def find(v):
        return v if v > 0 else None

    r = find(x)
    if r is None:
        r = find(-x)
    if r is None:
        return "zero"
    return r


@row(*X)
def early_types(x):
    if x > 1:
        return x
    if x > 0:
        return 1
    if x < 0:
        return "neg"
    return None


@row(*X)
def try_finally_order(x):
    log = []
    try:
        log.append("a")
        if x > 0:
            raise ValueError("v")
        log.append("b")
    except ValueError as e:
        log.append(str(e))
    else:
        log.append("else")
    finally:
        log.append("fin")
    return log


@row(*X)
def nested_try(x):
    s = 0
    try:
        try:
            if x > 0:
                raise KeyError("k")
            if x < 0:
                raise ValueError("v")
            s += 1
        except KeyError:
            s += 10
        finally:
            s += 100
    except ValueError:
        s += 1000
    return s


@row(*X)
def raise_from_fn(x):
    def chk(v):
        if v < 0:
            raise ValueError(f"negative {float(v)}")
        return v * 2

    try:
        r = chk(x)
    except ValueError as e:
        print("caught", e)
        r = tf.constant(0.0)
    return r


@row(*X)
def reraise(x):
    try:
        if x < 0:
            raise ValueError("neg")
    except ValueError:
        print("log")
        raise
    return x


@row(*X)
def raise_other(x):
    try:
        if x < 0:
            raise ValueError("neg")
    except ValueError as e:
        raise RuntimeError("wrapped") from e
    return x


@row(*X)
def assert_staged(x):
    assert x <= 0, f"bad {x}"
    return x


@row(*N)
def gen_fn(n):
    def g(k):
        for i in range(k):
            if i == 2:
                continue
            yield i * i

    return sum(g(n)), [v for v in g(n)], max(g(n), default=-1)


@row(*N)
def gen_while(n):
    def fib(lim):
        a, b = 0, 1
        while a < lim:
            yield a
            a, b = b, a + b

    out = []
    for f in fib(n * 5):
        out.append(f)
    return out


@row(*V)
def gen_expr(v):
    return (
        sum(x * x for x in v),
        any(x < 0 for x in v),
        all(x > 0 for x in v),
        [x for x in v if x > 0],
    )


@row(*N)
def gen_takewhile(n):
    s = 0
    for i in itertools.count():
        if i >= n:
            break
        s += i
    return s


@row(*V)
def comp_nested(v):
    return [[a * b for b in v] for a in v]


@row(*V)
def dict_comp(v):
    return {i: x for i, x in enumerate([1, 2, 3]) if i != 1}, {
        k: v[0] if len(v) > 0 else 0 for k in "ab"
    }


@row(*N)
def walrus(n):
    s = 0
    while (k := n - s) > 0:
        s += 1
    return s, k


@row(*N)
def match_num(n):
    match n:
        case 0:
            return "zero"
        case 1 | 2:
            return "few"
        case k if k > 3:
            return k * 2
        case _:
            return -1


@row(([1, 2],), ([1],), ([],), ((1, 2, 3),), ({"a": 1},), ("s",))
def match_struct(x):
    match x:
        case []:
            return 0
        case [a]:
            return a
        case [a, b]:
            return a + b
        case [a, *rest]:
            return a, rest
        case {"a": v}:
            return v
        case str(s):
            return s


X = ((t(1.0),), (t(-2.0),), (t(0.0),))


@row(*X)
def exc_args(x):
    try:
        if x > 0:
            raise ValueError("big", x, float(x) * 2)
        if x < 0:
            raise KeyError(f"small {float(x):.1f}")
    except ValueError as e:
        return e.args[1] + e.args[2]
    except KeyError as e:
        print("k", e, str(e), repr(e), f"{e}")
        return x * 100
    return x


class MyError(Exception):
    def __init__(self, msg, v):
        super().__init__(msg)
        self.v = v


@row(*X)
def exc_attr(x):
    try:
        if x > 0:
            raise MyError("m", x * 2)
    except MyError as e:
        return e.v
    return x


@row((t([1.0, -2.0, 3.0]),), (t([1.0]),))
def exc_loop(v):
    tot = 0.0
    for x in v:
        try:
            if x < 0:
                raise ValueError(f"bad {float(x)}")
            tot += x
        except ValueError as e:
            print("skip:", e)
    return tot


@row((t([1.0, -2.0, 3.0]),), (t([1.0]),))
def exc_from_loop(v):
    try:
        for i, x in enumerate(v):
            if x < 0:
                raise ValueError(f"bad {float(x)} at {i}", i)
    except ValueError as e:
        print(e.args[0])
        return e.args[1]
    return -1


def checked(x):
    if x < 0:
        raise ValueError(f"negative: {x}")
    return x


@row(t(3), t(6), t(0))
def raised_by_the_only_statement_of_a_loop(n):
    total = 0
    try:
        for i in range(n):
            total += checked(3 - i)
    except ValueError:
        total = -total
    return total


@row(t(3), t(6), t(0))
def raised_by_the_only_statement_of_a_while_loop(n):
    left = 3
    try:
        while left > -n:
            left = checked(left - 1)
    except ValueError as error:
        print(error)
    return left


@row(t(1.0), t(-1.0))
def nothing_is_stored_where_the_value_raises(x):
    entries, items, log = {"a": 1.0, "b": 1.0}, [1.0], []

    def note(value):
        log.append("noted")
        return value

    for act in (
        lambda: items.append(checked(x)),
        lambda: entries.update(a=checked(x)),
        lambda: note(checked(x)),
    ):
        try:
            act()
        except ValueError:
            entries["b"] += 1
    try:
        entries["a"] = checked(x + 0.5)
        entries["a"] += checked(x - 0.5)
    except ValueError:
        pass
    return entries, items, log
