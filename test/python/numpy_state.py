"""Programs whose state is arrays of NumPy: rebound, changed in place and collected in loops; integers, errors."""

import numpy as np
import tfc as tf

from python.harness import Table, t

table = Table("NumPy state")
row = table.row

N = (t(3),), (t(0),), (t(1),)
V = np.array([3.0, 1.0, 2.5, 0.5])
M = np.array([[0.0, 1.0, 3.0], [1.0, 0.0, 4.0], [2.0, 3.0, 4.0]])


@row(*N)
def bouncing_ball(n):
    v = np.zeros(2)
    p = np.zeros(2)
    for _ in range(n):
        v[1] -= 1
        p = p + v
        if p[1] < 0:
            p[1] *= -1
            v[1] *= -1
    return p, v


@row(*N)
def history_of_copies(n):
    p = np.zeros(2)
    h = []
    for _ in range(n):
        p = p + 0.1
        h.append(p.copy())
    return p, h


@row(*N)
def state_in_a_dict(n):
    s = {"p": np.zeros(2)}
    for _ in range(n):
        s["p"] = s["p"] + 0.1
        if s["p"][1] < 1:
            s["p"][1] *= -1
    return s


class Particle:
    def __init__(self):
        self.p = np.zeros(2)

    def step(self):
        self.p = self.p + 1
        if self.p[1] > 1:
            self.p[1] = -self.p[1]


@row(*N)
def state_in_an_object(n):
    s = Particle()
    for _ in range(n):
        s.step()
    return s.p


@row(*N)
def of_operators(n):
    p = np.arange(4) * 2.0
    q = p[1:]
    for _ in range(n):
        q[0] += 1
    return p, q


@row((V, t(2)), (V, t(0)))
def scalars(x, n):
    s = np.float64(0)
    m = np.zeros(3).sum()
    for i in range(n):
        s = s + x[i]
        m += x[i]
    return s, m


@row(*N)
def best_so_far(n):
    best = None
    p = np.zeros(2)
    for i in range(n):
        p = p + i
        if best is None or p.sum() < best.sum():
            best = p.copy()
    return best


@row(*N)
def grown_by_functions(n):
    p, q = np.zeros(0), np.zeros((0, 2))
    for i in range(n):
        p = np.append(p, i * 0.5)
        q = np.vstack([q, np.ones((1, 2)) * i])
    return p, q


@row(*N)
def from_its_last_item(n):
    ys = [np.zeros(2)]
    for _ in range(n):
        ys.append(ys[-1] + 1)
    return np.stack(ys)


@row((t(3),), (t(1),))
def lists_joined(n):
    a, b = [], []
    for i in range(n):
        a.append(np.ones((2, 3)) * i + np.arange(3))
        b.append(np.arange(2) + i)
    of_matrices = (
        np.vstack(a), np.hstack(a), np.concatenate(a), np.stack(a, axis=-1), np.column_stack(a), np.dstack(a),
        np.concatenate(a, axis=1), np.concatenate(a, axis=None),
    )  # fmt: skip
    of_vectors = (
        np.vstack(b), np.hstack(b), np.concatenate(b), np.stack(b, 1), np.column_stack(b), np.dstack(b),
    )  # fmt: skip
    return of_matrices, of_vectors


@row(t(0))
def nothing_joined(n):
    ys = []
    for i in range(n):
        ys.append(np.ones(2) * i)
    return np.concatenate(ys)


@row((t(3),), (t(1),))
def numbers_joined(n):
    ys = []
    for i in range(n):
        ys.append(i * 0.5)
    return np.vstack(ys), np.hstack(ys), np.stack(ys), np.column_stack(ys), np.median(ys)


@row((V, t(1)), (V, t(-1)))
def which_names_it_depends_on_the_path(x, c):
    p = np.zeros(2)
    q = p
    if c > 0:
        p = p + 1
    p[0] = 5
    return p, q


@row(M, M[:2, :2])
def pivoting(m):
    for c in range(len(m)):
        p = c + np.argmax(np.abs(m[c:, c]))
        m[[c, p]] = m[[p, c]]
    return m


@row((M, t(2)), (M, t(1)))
def pivoting_in_a_staged_loop(m, n):
    for i in range(n):
        p = np.argmax(np.abs(m[:, i]))
        m[[i, p], :] = m[[p, i], :]
        m[:, [0, p]] = m[:, [p, 0]]
    return m, m[[0, n - 1], [n - 1, 0]], np.array([0, p, n]), np.maximum([p, 2], [1, n])


INTEGERS = np.array([3, -1, 0, 7])


@row(*[(INTEGERS.astype(kind),) for kind in (np.int64, np.int32, np.uint8, bool)])
def of_integers(x):
    return (
        np.isnan(x), np.isfinite(x), np.isinf(x), np.floor(x), np.ceil(x), np.trunc(x), np.rint(x), np.round(x),
        np.sqrt(np.abs(x)), np.sin(x), np.nan_to_num(x), x.mean(), x.var(), np.outer(x, x), np.dot(x, x),
    )  # fmt: skip


@row(
    (INTEGERS, np.array([0, 2, -2, 0])),
    (INTEGERS.astype(np.uint8), np.array([0, 2, 1, 0], np.uint8)),
    (INTEGERS.astype(bool), INTEGERS.astype(bool)),
)
def divided_by_zero(x, y):
    with np.errstate(divide="ignore"):
        return x // y, x % y, x // 2, x % y[0], y[1] // y[0]


@row((INTEGERS, 0), (INTEGERS, 2))
def divided_in_place(x, n):
    with np.errstate(divide="ignore"):
        x //= n
        return x, x % n


@row(
    (np.array([1, 2]), np.array([2])),
    (np.array([1, 2, 2, 9]), np.array([9, 1, 4])),
    (np.array([], int), np.array([1])),
)
def sets(a, b):
    return (
        np.intersect1d(a, b), np.union1d(a, b), np.setdiff1d(a, b), np.setxor1d(a, b), np.isin(a, b),
        np.intersect1d(a, [2, 9]),
    )  # fmt: skip


@row(V)
def errors_of_numpy(x):
    found = []
    try:
        x.sum(axis=5)
    except IndexError as error:
        found.append(str(error))
    try:
        np.sum(x, axis=3)
    except np.exceptions.AxisError:
        found.append("axis")
    try:
        x.reshape(7, 5)
    except ValueError as error:
        found.append(str(error))
    return found


@row(V)
def axis_that_is_not_there(x):
    return x.sum(axis=5)


@row((V, np.array([0, 1, 2, 0])), (V, np.array([1, 1, 2, 3])))
def where_and_out(s, c):
    z = np.zeros_like(s)
    r = np.divide(s, c, out=z, where=c != 0)
    np.multiply(s, c, s, where=c > 1)
    out = np.full(4, 7)
    np.add(c, 1, out=out, where=[True, False, True, False])
    return r, z, r is z, s, out


@row((INTEGERS, 4), (V, 4), (V.astype(np.float32), t(4)))
def rows_and_columns(x, n):
    return (
        np.r_[True, x[1:] != x[:-1]], np.r_[x, x], np.r_[0, x], np.r_[0.5, x, 1], np.c_[x, x * 2],
        np.c_[np.c_[x, x], x], np.r_[x[0], 1, 2], np.r_[0:3, x], np.r_[x, n],
    )  # fmt: skip


@row((M, t(2)), (M, t(1)))
def bodies(pos, n):
    vel = pos * 0.5
    for _ in range(n):
        acc = np.zeros_like(pos)
        for i in range(len(pos)):
            for j in range(len(pos)):
                if i != j:
                    d = pos[j] - pos[i]
                    acc[i] += d / (np.sum(d**2) + 0.1) ** 1.5
        vel = vel + 0.01 * acc
        pos = pos + 0.01 * vel
    return pos, vel


@row(M + np.eye(3), M[::-1])
def lu(a):
    n = a.shape[0]
    order, low, up = np.arange(n), np.eye(n), a.astype(float)
    for k in range(n - 1):
        p = np.argmax(np.abs(up[k:, k])) + k
        up[[k, p], :] = up[[p, k], :]
        low[[k, p], :k] = low[[p, k], :k]
        order[[k, p]] = order[[p, k]]
        for i in range(k + 1, n):
            low[i, k] = up[i, k] / up[k, k]
            up[i] = up[i] - low[i, k] * up[k]
    return order, low, up


PLACES = np.array([0, -1, 1, 4])


@row((PLACES, np.array([0, 1, 1, -1]), V))
def at_places(i, j, v):
    out = np.zeros((5, 5))
    np.add.at(out, (i, j), v)
    np.subtract.at(out, (j, i), 1)
    np.maximum.at(out, (i, 0), v)
    least = np.full(5, np.inf)
    np.minimum.at(least, i, v)
    rows = np.zeros((5, 2))
    np.add.at(rows, i, [1, 2])
    np.add.at(rows, i.reshape(2, -1), 1.0)
    return out, least, rows


@row((V, 2), (V, 3))
def window_view(x, w):
    v = np.lib.stride_tricks.sliding_window_view(x, w)
    x[1] = 100
    return v, v.mean(1)


@row((V[:3], t(1), t(2)), (V[:3], t(-1), t(1)), (V[:3], t(-1), t(0)))
def indices_of_two_kinds(x, c, n):
    s = 0
    for _ in range(n):
        x[s] += 1
        s = (s + np.argmax(x)) % 3
    k = 0 if c > 0 else x.argmax()
    x[k] = 5
    m = np.ones((3, 3))
    m[k, 1] = 4
    m[s, k] += 2
    r = m[k]
    r += 1
    return x, s, m, [1, 2, 3][k]


@row((M, t(5)), (M, t(0)))
def learning(rewards, n):
    q = np.zeros_like(rewards)
    s = 0
    for _ in range(n):
        a = np.argmax(q[s] + rewards[s])
        following = (s + a) % len(rewards)
        q[s, a] += 0.5 * (rewards[s, a] + 0.9 * q[following].max() - q[s, a])
        s = following
    return q, s


@row(*N)
def walker(n):
    g = np.zeros((7, 7), bool)
    p, d = [3, 3], 0
    moves = np.array([[0, 1], [1, 0], [0, -1], [-1, 0]])
    for _ in range(n):
        d = (d + 1) % 4 if g[tuple(p)] else (d - 1) % 4
        g[tuple(p)] = not g[tuple(p)]
        p[0] = (p[0] + moves[d][0]) % 7
        p[1] = (p[1] + moves[d, 1]) % 7
    return g, p, d


OUTER = np.arange(6.0).reshape(3, 2)


@row((t(1), t(2.0)), (t(0), 2.0))
def items_of_an_outer_array(i, x):
    total = 0.0
    for k in range(i + 1):
        total += OUTER[k].sum()
    return (
        OUTER[i] * x,
        OUTER[i, 1] * x,
        x - OUTER[i:],
        OUTER[i] @ OUTER[i],
        tf.constant(OUTER)[i],
        total,
    )


@row(t(1), refused="TFC007")
def item_of_an_outer_array_changed(i):
    r = OUTER[i]
    r[1] = 5
    return r


@row(*N)
def items_of_items(n):
    g = np.zeros((3, 2))
    for i in range(n):
        g[i][1] += i
    return g


@row((V, t(3)), (V, t(1)), (V, 2))
def cash_book(prices, n):
    cash, held, log, counts = 10.0, 0, [], []
    for k in range(n):
        if cash > prices[k]:
            cash -= prices[k]
            held = held + np.argmax(prices)
        log.append(cash)
        counts.append(held)
    return cash, np.array(log), np.diff(log), np.array(counts)


@row(M, np.vstack([M, M]))
def first_rows(m):
    return np.linalg.det(m[:3]), m[:3] @ m.T
