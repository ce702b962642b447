"""Item assignment: the tensor object changes, under all its names, for the caller too."""

import copy

import numpy as np
import tfc as tf

from python.harness import Table, t

table = Table("Item assignment")
row = table.row
maker = table.maker
N = ((t(2),), (t(0),), (t(3),))
X = ((t([1.0, 2.0, 3.0]),), (t([0.5, 4.0, -1.0]),))
XN = tuple((t([1.0, 2.0, 3.0]), t(n)) for n in (1, 0, 3, -1))


# keys
@row(*X)
def set_one(x):
    x[0] = 5.0
    return x


@row(*XN)
def set_at_run_time(x, n):
    x[n] = 9.0
    x[n] += x[0]
    return x * 1


@row(*X)
def set_slices(x):
    x[1:] = [7.0, 8.0]
    x[::-1] = x
    x[-1] -= 1.0
    x[None, ..., 1:] += [[1.0, 2.0]]
    x[...] *= 2.0
    x[()] = x + 1.0
    return x[1:3]


@row((tf.ones([3, 4]), t(0), t(2)), (tf.ones([3, 4]), t(1), t(-1)), (tf.ones([3, 4]), t(1), t(4)))
def set_in_rows_and_columns(m, i, j):
    m[i, j] = 3.0
    m[i] += 1.0
    m[:, j] *= 2.0
    m[i:j, 0] = 9.0
    m[1:3, ::2] *= 2.0
    m[..., -1] = m[..., 0]
    return m + 0


@row((t([1.0, 2.0, 0.2]), t([True, False, False])))
def set_by_mask(x, m):
    x[x > 0.5] *= 2
    x[m] = 0.0
    x[x == 0.0] = [4.0]
    return x


@row((t([1.0, 2.0, 3.0]), t([0, 2, 0])), (t([1.0, 2.0, 3.0]), t([1, 5, 0])))
def set_by_indices(x, i):
    x[i] = [5.0, 6.0, 7.0]
    x[i] += 1.0
    x[[0, 1]] = x[[1, 0]]
    return x


@row(*X)
def set_too_far(x):
    x[7] = 1.0


@row(*X)
def set_another_dtype(x):
    x[0] = tf.constant(1)


@row(*X)
def set_another_shape(x):
    x[:2] = [1.0, 2.0, 3.0]


@row(*X)
def set_by_a_float(x):
    x[1.5] = 1.0


@row(*X)
def set_too_many_indices(x):
    x[0, 0] = 1.0


# names
@row(*N)
def two_names(n):
    x = tf.zeros([3])
    y = x
    x[0] = 1.0
    for i in range(n):
        x[i] += 2.0
    return y, x


@row(*X)
def what_was_computed_stays(x):
    a, b, c, d = tf.identity(x), x + 0, x[1:], x[:]
    rows = list(x)
    x[...] = 9.0
    a[0] = 5.0
    d[1] = 6.0
    return a, b, c, d, rows


@row(*X)
def the_very_same(x):
    y, z = tf.cast(x, tf.float32), tf.convert_to_tensor(x)
    y[0] = 1.0
    z[1] = 2.0
    w, v = tf.reshape(x, [3]), tf.squeeze(x)
    w[2] = 3.0
    v[2] = 4.0
    return y is x, z is x, w is x, v is x


@row(*X)
def copies(x):
    y, z = copy.copy(x), copy.deepcopy([x, x])
    y[0] = 7.0
    z[0][1] = 8.0
    return y, z


@row(*N)
def containers_hold_the_object(n):
    x = tf.constant([1.0, 2.0, 3.0])
    items, table = [x, x], {"a": (x, 1)}
    for i in range(n):
        x[i] = 5.0
        items[0][0] = 3.0

    def change(p):
        p[2] = -1.0

    if n > 1:
        change(table["a"][0])
    _, *rest = items
    rest[0][1] -= 1.0
    return items, table


@row(*N)
def closures_see_it(n):
    x = tf.zeros([3])

    def bump(i):
        x[i] += 1.0

    for i in range(n):
        bump(i)
    return x


class Holder:
    def __init__(self, value):
        self.value = value

    def __setitem__(self, key, value):
        self.value[key] = value

    def __getitem__(self, key):
        return self.value[key]


@row(*XN)
def attributes_hold_the_object(x, n):
    p, q = Holder(x), Holder(x)
    p[0] = 4.0
    p[n] += 2.0
    while n < 2:
        q.value[n] = 8.0
        n += 1
    return q.value, p.value


@row(*N)
def one_arm_of_two(n):
    x = tf.zeros([3])
    y = x
    if n > 1:
        x[0] = 1.0
    else:
        x = x + 1
        x[1] = 5.0
    return x, y


@row(*N)
def either_of_two(n):
    x, z = tf.zeros([3]), tf.ones([3])
    y = x if n > 1 else z
    del x, z
    y[0] = 7.0
    return y


@row(*N)
def either_of_two_that_are_there(n):
    x, z = tf.zeros([3]), tf.ones([3])
    y = x if n > 1 else z
    y[0] = 7.0
    return x, y, z


@row(*N)
def the_one_behind_a_joined_name(n):
    x, z = tf.zeros([3]), tf.ones([3])
    y = x if n > 1 else z
    x[0] = 7.0
    return y


@row(*XN)
def an_argument_or_not(x, n):
    if n > 1:
        x = x + 1
    x[0] = 7.0
    return x


@row(*XN)
def a_copy_of_an_argument_or_not(x, n):
    if n > 1:
        x = x + 1
    x = tf.identity(x)
    x[0] = 7.0
    return x


@row(*N)
def the_name_of_the_iteration_before(n):
    x, y, s = tf.zeros([3]), tf.ones([3]), 0.0
    for i in range(n):
        x[0] = i * 1.0
        s += y[0]
        y = x
    return s


@row(*N)
def the_best_so_far(n):
    x = tf.zeros([4])
    best = x
    for _ in range(n):
        x = x + 1
        x[0] = 0.0
        if x[1] > 2:
            best = x
    return x, best


@row(*N)
def a_new_one_each_time(n):
    before = tf.range(5)
    for i in tf.range(n):
        now = before + 1
        now[0] = i
        before = now
    return before


@row(*N)
def a_list_of_rows(n):
    rows = [tf.zeros([3]), tf.ones([3])]
    for i in range(n):
        rows[i % 2][i] = 4.0
        rows[(i + 1) % 2][0] += 1.0
    return rows


@row(*N)
def rows_that_grow(n):
    out = []
    for i in range(n):
        r = tf.zeros([2])
        r[0] = 1.0 * i
        out.append(r)
    return out


@row(*N)
def rows_that_grow_and_change(n):
    out = []
    for _ in range(n):
        out.append(tf.zeros([2]))
    for i in range(len(out)):
        out[i][1] = 1.0 + i
    return out


@row(*N, refused="TFC012")
def the_same_row_each_time(n):
    out, x = [], tf.zeros([2])
    for i in range(n):
        x[0] = 1.0 * i
        out.append(x)
    return out


# control flow
@row(*XN)
def in_try(x, n):
    try:
        x[0] = 1.0
        x[n] = 2.0
        x[1] = 3.0
    except IndexError:
        x[2] = 9.0
    finally:
        x[0] += 10.0
    return x * 1


@row(*XN)
def in_a_callee_that_raises(x, n):
    def put(y, i):
        y[0] += 1.0
        y[i] = 5.0
        return y[i]

    s = 0.0
    for i in range(n + 2):
        try:
            s += put(x, i)
        except IndexError:
            s += 100.0
    return s


@row(*XN)
def stays_assigned_when_the_call_fails(x, n):
    x[0] = 5.0
    if n > 1:
        raise ValueError("no")
    x[1] = 2.0


@row(*N)
def generators_give_the_object(n):
    def gen(y):
        for i in range(3):
            y[i] += 1.0
            yield y

    x = tf.zeros([3])
    out = [tf.reduce_sum(y) for y in gen(x)]
    for y in gen(x):
        if n > 0:
            y[0] = 10.0
    return x, out


@row(*XN)
def breaks_out(x, n):
    x = tf.identity(x)
    for i in tf.range(n):
        if x[0] > 1.0:
            break
        x[0] += 1.0
        x = x * 2 if i > 0 else x
    return x


@row(*X, t([1.0]))
def long_known_loop(x):
    for i in range(200):
        x[i % 3] += 1.0


@row((t([[2.0, 1.0, 3.0], [1.0, 3.0, 2.0]]), t(2)))
def gauss(m, n):
    for i in range(n):
        m[i] = m[i] / m[i, i]
        for j in range(n):
            if j != i:
                m[j] = m[j] - m[i] * m[j, i]
    return m[:, 2]


@row((t(10),), (t(0),))
def coins(n):
    ways = tf.zeros([n + 1], tf.int32)
    ways[0] = 1
    for coin in [1, 2, 5]:
        for i in range(coin, n + 1):
            ways[i] += ways[i - coin]
    return ways[n]


@row(*N, refused="TFC008")
def the_argument_of_a_recursion(n):
    def down(x, k):
        if k <= 0:
            return 0.0
        x[k % 2] += 1.0
        return down(x, k - 1) + 1.0

    x = tf.zeros([2])
    return down(x, n), x


# arguments and state
@row(([tf.zeros([3])], {"a": tf.ones([3])}, t(1)), ([tf.zeros([3])], {"a": tf.ones([3])}, t(4)))
def in_containers_of_the_caller(items, table, n):
    items[0][n] = 5.0
    table["a"][0] += 1.0
    items.append(table["a"])
    table["b"] = items[0] * 1


_twice = tf.zeros([3])


@row((_twice, _twice), (_twice, tf.ones([3])), (_twice, _twice))
def one_object_twice(x, y):
    x[0] = 5.0
    return y + 0


@maker(*N)
def outer_tensors():
    x, holder = tf.zeros([3]), Holder(tf.zeros([3]))

    def f(n):
        x[n - 1] += 1.0
        holder.value[0] += x[0]
        return x + holder.value

    return f


@maker(*N)
def an_outer_tensor_under_two_names():
    x = tf.zeros([3])
    holder = Holder(x)

    def f(n):
        x[0] += 1.0
        holder.value[n - 1] *= 2.0
        return x * 1

    return f


@row((t([1.0, 2.0, 3.0]), t(1)), (t([1.0, 2.0, 3.0]), 2))
def variables(x, i):
    v = tf.Variable(x)
    v[i] = 5.0
    v[0] += 1.0
    w = v.value()
    w[0] = 100.0
    return v + 0, w


# arrays of NumPy
@row((np.arange(4.0), t(2)), (np.arange(4.0, dtype=np.float32), 1))
def an_array_of_the_caller(a, n):
    a[n] = 5.5
    a[1:] += 1
    a[a > 4] = 0
    a *= 2
    return tf.reduce_sum(a)


@row(np.arange(6.0).reshape(2, 3))
def a_view_of_an_array(m):
    r = m[0]
    r[0] = 1.0
    return m


@row(np.arange(6.0).reshape(2, 3))
def rows_of_an_array(m):
    for r in m:
        r += 1
    return m


@row(np.arange(4.0))
def an_array_with_a_view(a):
    y = a[1:]
    a[1] = 100.0
    return y + 0


@row(np.arange(4.0, dtype=np.float32))
def tensors_of_an_array(a):
    x, y, z = tf.constant(a), tf.convert_to_tensor(a), a * 1
    x[0] = 9.0
    y[1] = 8.0
    z[2] = 7.0
    return x, y, tf.identity(z)


# what is read before
@row(*X)
def text_of_then(x):
    s, items = f"{x[0]} {x}", [x]
    x[0] = 5.0
    print(s)
    print(x, items)


@row(*XN)
def rows_of_then(x, n):
    out = []
    for r in x:
        x[n] += 1.0
        out.append(r)
    for a, b in zip(x, x * 2, strict=True):
        x[0] += 1.0
        out.append(a + b)
    return out


@row(t([1.0, 2.0, 3.0]))
def numbers_of_then(x):
    i, b, k = int(x[0]), x[1] > 0, x[2]
    x[:] = 7.0
    return i, b, k


class Ring:
    def __init__(self):
        self.buffer, self.count = tf.zeros([4]), 0

    def push(self, v):
        self.buffer[self.count % 4] = v
        self.count += 1
        return tf.reduce_sum(self.buffer)


@maker(*X)
def a_ring():
    ring = Ring()

    def f(x):
        return [ring.push(v) for v in x], ring.buffer * 1

    return f


BOARDS = [
    (board, t(moves))
    for board in (t([0.0, 0.0, 0.0]), np.zeros(3))
    for moves in ([0, 1], [0, 2, 1], [2])
]


@table.row(*BOARDS)
def returned_from_inside_a_loop(b, moves):
    for m in moves:
        b[m] = 1
        if m == 2:
            return b
    return b


@table.row(*BOARDS)
def returned_with_a_number_from_inside_a_loop(b, moves):
    for m in moves:
        b[m] = 1
        if m == 2:
            return b, 1
    return b, 2


@table.row(*BOARDS)
def kept_where_a_loop_breaks(b, moves):
    found = None
    for m in moves:
        b[m] = 1
        if m == 2:
            found = b
            break
    b[0] = 7
    return found


@table.row(*BOARDS)
def returned_from_inside_a_while(b, moves):
    i = 0
    while i < len(moves):
        b[moves[i]] = 1
        if moves[i] == 2:
            return b
        i += 1
    return b


@table.row(*BOARDS)
def one_of_two_tensors_assigned(b, moves):
    c = b + 1
    d = b if moves[0] > 1 else c
    d[0] = 9
    e = c
    for m in moves:
        if m == 2:
            e = b
        e[m] = 5
    return b, c, e


@row((np.array([5, 3, 8, 1]), 4), (np.array([5, 3, 8, 1]), 9))
def grown_lists_as_values_and_indices(x, limit):
    small, places = [], []
    for i in range(4):
        if x[i] < limit:
            small.append(2 * i)
            places.append(i)
    x[: len(small)] = small
    x[places] = 7
    return x, x[places]


@row((t([5.0, 3.0, 8.0, 1.0]), 4), (t([5.0, 3.0, 8.0, 1.0]), 9))
def grown_lists_as_values_of_tensors(x, limit):
    small, places = [], [0]
    for i in range(4):
        if x[i] < limit:
            small.append(2 * i)
            places.append(i)
    x[: len(small)] = small
    x[places] = 7
    return x, x[places], tf.gather(x, places)
