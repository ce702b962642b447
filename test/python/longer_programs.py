"""Longer programs."""

import collections

import tfc as tf

from python.harness import Table, t

table = Table("Longer programs")
row = table.row
maker = table.maker
A3 = t([[0.0, 1.0, 1.0], [1.0, 0.0, 0.0], [0.0, 1.0, 0.0]])


@row((A3, 20), (A3, 0), (tf.eye(2), 3))
def pagerank(adj, steps):
    n = adj.shape[0]
    out = tf.reduce_sum(adj, 1, keepdims=True)
    p = tf.where(out > 0, adj / out, tf.ones_like(adj) / n)
    r = tf.fill([n], 1.0 / n)
    for _ in range(steps):
        new = 0.85 * tf.linalg.matvec(p, r, transpose_a=True) + 0.15 / n
        if tf.reduce_sum(tf.abs(new - r)) < 1e-4:
            r = new
            break
        r = new
    return r


@row(
    (t([[0.0, 0.0], [1.0, 1.0], [5.0, 5.0], [6.0, 5.0]]), t([0, 0, 1, 1]), t([5.5, 5.0]), 3),
    (t([[0.0, 0.0], [1.0, 1.0]]), t([0, 1]), t([0.2, 0.0]), 1),
)
def knn(xs, ys, q, k):
    d = tf.reduce_sum((xs - q) ** 2, axis=1)
    idx = tf.argsort(d)[:k]
    votes = {}
    for i in idx:
        c = int(ys[i])
        votes[c] = votes.get(c, 0) + 1
    best = None
    count = -1
    for c, v in votes.items():
        if v > count:
            best, count = c, v
    return best, count


@row((t([1.0, 1.2, 0.9, 1.1]),), (t([5.0]),), (tf.zeros([0]),))
def kalman(zs):
    x, p = 0.0, 1.0
    q, r = 1e-3, 0.1
    history = []
    for z in zs:
        p = p + q
        k = p / (p + r)
        x = x + k * (z - x)
        p = (1 - k) * p
        history.append(x)
    return x, p, history


@row((t([[0, 1, 0], [0, 1, 0], [0, 1, 0]]), 2), (t([[1, 1], [1, 1]]), 3))
def life(board, steps):
    for _ in range(steps):
        padded = tf.pad(board, [[1, 1], [1, 1]])
        h, w = board.shape
        nb = sum(
            padded[i : i + h, j : j + w] for i in range(3) for j in range(3) if (i, j) != (1, 1)
        )
        board = tf.where((nb == 3) | ((board == 1) & (nb == 2)), 1, 0)
    return board


@row((t([5, 1, 3, 2]),), (t([7, 7]),), (t([4]),))
def huffman_cost(w):
    items = [int(x) for x in w]
    cost = 0
    while len(items) > 1:
        items = sorted(items)
        a = items.pop(0)
        b = items.pop(0)
        cost += a + b
        items.append(a + b)
    return cost


@row((t([10, 20, 30, 5]),), (t([2, 3]),), (t([4, 2, 3]),))
def matrix_chain(dims):
    n = len(dims) - 1
    m = [[0] * n for _ in range(n)]
    for length in range(2, n + 1):
        for i in range(n - length + 1):
            j = i + length - 1
            m[i][j] = min(
                m[i][k] + m[k + 1][j] + int(dims[i]) * int(dims[k + 1]) * int(dims[j + 1])
                for k in range(i, j)
            )
    return m[0][n - 1]


@row((t([0.0, 0.2, 5.0, 5.3, 0.1]), 4), (t([1.0, 2.0]), 0))
def em(x, steps):
    mu = tf.stack([tf.reduce_min(x), tf.reduce_max(x)])
    sig = tf.ones([2])
    pi = tf.fill([2], 0.5)
    for _ in range(steps):
        lp = -0.5 * ((x[:, None] - mu) / sig) ** 2 - tf.math.log(sig) + tf.math.log(pi)
        r = tf.nn.softmax(lp, axis=1)
        n = tf.reduce_sum(r, 0)
        mu = tf.reduce_sum(r * x[:, None], 0) / n
        sig = tf.sqrt(tf.reduce_sum(r * (x[:, None] - mu) ** 2, 0) / n) + 1e-3
        pi = n / tf.reduce_sum(n)
    return mu, pi


@row((t([1, 2, 0, 3, 4, 4, 0, 0, 5]),), (t([0, 0]),), (t([7, 8]),))
def tokenizer(codes):
    words = []
    word = 0
    length = 0
    for c in codes:
        if c == 0:
            if length > 0:
                words.append((word, length))
            word, length = 0, 0
        else:
            word = word * 10 + int(c)
            length += 1
    if length > 0:
        words.append((word, length))
    return len(words), words


@maker((t([1.0, 2.0]),), (t([0.0, 1.0]),), (t([3.0, -1.0]),))
def adam():
    params = {"w": tf.Variable([0.5, 0.5]), "b": tf.Variable(0.0)}
    state = {
        k: {"m": tf.Variable(tf.zeros_like(v)), "v": tf.Variable(tf.zeros_like(v))}
        for k, v in params.items()
    }
    step = tf.Variable(0.0)

    def f(x):
        step.assign_add(1.0)
        with tf.GradientTape() as tape:
            loss = (tf.reduce_sum(params["w"] * x) + params["b"] - 1.0) ** 2
        grads = tape.gradient(loss, params)
        for k, g in grads.items():
            s = state[k]
            s["m"].assign(0.9 * s["m"] + 0.1 * g)
            s["v"].assign(0.999 * s["v"] + 0.001 * g * g)
            mh = s["m"] / (1 - 0.9**step)
            vh = s["v"] / (1 - 0.999**step)
            params[k].assign_sub(0.1 * mh / (tf.sqrt(vh) + 1e-8))
        return loss, params["w"].read_value()

    return f


@row((1.0, 0.0, 1.0), (0.5, 0.0, 2.0), (1.0, 1.0, 1.0))
def rk45(y, t0, t1):
    f = lambda t, y: -2 * y + t
    h = 0.1
    t = t0
    n = 0
    while t < t1 and n < 200:
        h = min(h, t1 - t)
        k1 = f(t, y)
        k2 = f(t + h / 2, y + h / 2 * k1)
        k3 = f(t + h / 2, y + h / 2 * k2)
        k4 = f(t + h, y + h * k3)
        y4 = y + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
        y2 = y + h * k2
        err = abs(y4 - y2)
        if err < 1e-2:
            t += h
            y = y4
            n += 1
        h *= max(0.2, min(2.0, 0.9 * (1e-2 / max(err, 1e-10)) ** 0.5))
    return y, n


@row(
    (t([[1, 0, 0, 4], [0, 0, 3, 0], [0, 4, 0, 0], [2, 0, 0, 3]]),),
)
def sudoku4(grid):
    cells = [[int(v) for v in r] for r in grid]

    def ok(r, c, v):
        for k in range(4):
            if cells[r][k] == v or cells[k][c] == v:
                return False
        br, bc = r // 2 * 2, c // 2 * 2
        for i in range(2):
            for j in range(2):
                if cells[br + i][bc + j] == v:
                    return False
        return True

    count = 0
    for r in range(4):
        for c in range(4):
            if cells[r][c] == 0:
                for v in range(1, 5):
                    if ok(r, c, v):
                        count += 1
    return count


@row((t([3.0, 1.0, 2.0]), 50), (t([0.0, 5.0]), 10))
def anneal_like(x, steps):
    seed = 12345
    best = x
    fb = tf.reduce_sum(x * x)
    cur = x
    temp = 1.0
    for i in range(steps):
        seed = (seed * 1103515245 + 12345) % 2147483648
        r = seed / 2147483648 - 0.5
        k = seed % x.shape[0]
        cand = cur + r * tf.one_hot(k, x.shape[0])
        fc = tf.reduce_sum(cand * cand)
        if fc < tf.reduce_sum(cur * cur) or r * temp > 0.2:
            cur = cand
        if fc < fb:
            best, fb = cand, fc
        temp *= 0.95
    return best, fb


@row((t([[0, 0, 0], [1, 1, 0], [0, 0, 0]]),), (t([[0, 1], [1, 0]]),))
def bfs_grid(g):
    h, w = g.shape
    dist = [[-1] * w for _ in range(h)]
    dist[0][0] = 0
    q = collections.deque([(0, 0)])
    while q:
        r, c = q.popleft()
        for dr, dc in ((0, 1), (1, 0), (0, -1), (-1, 0)):
            a, b = r + dr, c + dc
            if 0 <= a < h and 0 <= b < w and g[a, b] == 0 and dist[a][b] < 0:
                dist[a][b] = dist[r][c] + 1
                q.append((a, b))
    return dist[h - 1][w - 1]


@maker((t([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]]), 0.9), (t([[0.0, 0.0]]), 0.1))
def gru_early_stop():
    wz, wr, wh = (
        tf.Variable([[0.1 * k, 0.2], [0.3, -0.1], [0.2, 0.1], [-0.2, 0.3]]) for k in (1, 2, 3)
    )

    def f(xs, limit):
        h = tf.zeros([1, 2])
        states = []
        for x in xs:
            xh = tf.concat([x[None], h], 1)
            z = tf.sigmoid(xh @ wz)
            r = tf.sigmoid(xh @ wr)
            c = tf.tanh(tf.concat([x[None], r * h], 1) @ wh)
            h = (1 - z) * h + z * c
            states.append(h[0])
            if tf.reduce_max(tf.abs(h)) > limit:
                break
        s = tf.stack(states)
        att = tf.nn.softmax(tf.linalg.matvec(s, h[0]))
        return tf.reduce_sum(att[:, None] * s, 0), len(states)

    return f


@row((10, 3), (1, 1), (0, 2))
def coin_change(amount, k):
    coins = [1, 3, 4][:k] if k < 3 else [1, 3, 4]
    best = [0] + [10**6] * 12
    for a in range(1, 13):
        for c in coins:
            if c <= a:
                best[a] = min(best[a], best[a - c] + 1)
    return best[amount]


@row((4,), (0,), (1,))
def cells_in_loop(n):
    s = 0
    for i in range(n):
        k = 0

        def bump(v):
            nonlocal k
            if v > 1:
                k += v
            return k

        s += bump(i) + bump(i + 1)
    return s


@row((4,), (0,), (1,))
def fn_cells_in_loop(n):
    def work(i):
        total = 0

        def add(v):
            nonlocal total
            if v % 2 == 0:
                total += v
            else:
                total -= 1

        for j in range(i):
            add(j)
        return total

    s = 0
    for i in range(n):
        s += work(i)
    return s
