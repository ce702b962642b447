"""Programs on NumPy arrays: array arguments with NumPy's methods and dtypes, NumPy's functions, arrays changed in place."""

import numpy as np
import tfc as tf

from python.harness import Table, t

table = Table("NumPy")
row = table.row

X = np.array([3.0, 1.0, 2.5, 0.5, 4.0])
A = np.arange(9.0).reshape(3, 3) + 3 * np.eye(3)
I = np.array([1, 0, 2, 2, 1])  # noqa: E741 - indices


@row(X)
def filled_in_a_loop(x):
    out = np.zeros(len(x))
    for i in range(len(x)):
        out[i] = x[i] * 2
    return out


@row(X, 2)
def moving_average(x, k):
    n = len(x) - k + 1
    out = np.empty(n)
    for i in range(n):
        out[i] = x[i : i + k].mean()
    return out


@row(X)
def histogram(x):
    h = np.zeros(4, dtype=np.int64)
    for v in x:
        h[int(v) % 4] += 1
    return h


@row(A)
def three_loops(a):
    n = a.shape[0]
    c = np.zeros((n, n))
    for i in range(n):
        for j in range(n):
            s = 0.0
            for k in range(n):
                s += a[i, k] * a[k, j]
            c[i, j] = s
    return c


@row(30)
def sieve(n):
    f = np.ones(n + 1, dtype=bool)
    f[:2] = False
    for i in range(2, int(n**0.5) + 1):
        if f[i]:
            f[i * i :: i] = False
    return np.nonzero(f)[0]


@row(A)
def normalized(x):
    mu, sd = (x.mean(axis=0), x.std(axis=0))
    return (x - mu) / (sd + 1e-08)


@row(A)
def softmax(x):
    e = np.exp(x - x.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


@row(A)
def distances(x):
    return np.sqrt(((x[:, None, :] - x[None, :, :]) ** 2).sum(-1))


@row(A)
def power_iteration(a):
    v = np.ones(a.shape[0])
    for _ in range(20):
        v = a @ v
        v = v / np.linalg.norm(v)
    return (v, v @ a @ v)


@row(10)
def fibonacci(n):
    f = np.zeros(n, dtype=np.int64)
    f[0] = 0
    f[1] = 1
    for i in range(2, n):
        f[i] = f[i - 1] + f[i - 2]
    return f


@row(np.array([[0.0, 0.0], [1.0, 1.0], [5.0, 5.0], [6.0, 5.0]]))
def kmeans(x):
    c = x[:2].copy()
    for _ in range(3):
        d = np.linalg.norm(x[:, None] - c[None], axis=2)
        lab = d.argmin(axis=1)
        for k in range(2):
            m = lab == k
            if m.any():
                c[k] = x[m].mean(axis=0)
    return (c, lab)


@row(X)
def two_names(x):
    b = x * 2
    c = b
    c += 1
    return (b, c)


@row(X)
def written_through_a_view(x):
    b = x * 2
    c = b[1:]
    c[0] = 5
    return b


@row(X.astype(np.float32), I)
def dtypes(x, i):
    return (x + i, i * 2.5, i / 2, x * np.float64(2), i + np.int32(1), (x > 1) * 3)


@row(X)
def choices(x):
    return (np.where(x > 2, x, 0), np.where(x > 2, 1, 0), np.argwhere(x > 2))


@row(X)
def order_statistics(x):
    return (np.median(x), np.percentile(x, 30), np.sort(x)[::-1], np.unique(np.round(x)))


@row(X)
def running(x):
    return (np.cumsum(x)[-1] / len(x), np.diff(x, prepend=0.0))


@row((np.arange(36).reshape(6, 6) % 3 == 0).astype(int))
def game_of_life(b):
    n = sum(
        (
            np.roll(np.roll(b, i, 0), j, 1)
            for i in (-1, 0, 1)
            for j in (-1, 0, 1)
            if (i, j) != (0, 0)
        )
    )
    return ((n == 3) | (b == 1) & (n == 2)).astype(int)


@row(X, np.array([1.0, 2.0, 3.0]))
def polynomials(x, c):
    return (np.polyval(c, x), np.interp(x, np.sort(x), x))


@row(A)
def factorizations(a):
    u, s, v = np.linalg.svd(a)
    return (s, np.linalg.det(a), np.linalg.solve(a, np.ones(a.shape[0])))


@row(X)
def lists_of_arrays(x):
    return ([float(v) for v in x], x.tolist(), sum(x.tolist()))


@row(X)
def branch(x):
    if x.sum() > 3:
        y = np.sqrt(x)
    else:
        y = x**2
    return y.mean()


@row(X)
def halving(x):
    n = 0
    while np.abs(x).max() > 0.1:
        x = x * 0.5
        n += 1
    return (x, n)


@row(X)
def changed_argument(x):
    x *= 2
    x[x > 5] = 0
    x.sort()
    return x.sum()


@row(X)
def ranks(x):
    return x.argsort().argsort()


@row(I)
def one_hot(i):
    return np.eye(5)[i]


@row(I, I[::-1].copy())
def confusion_matrix(i, j):
    m = np.zeros((3, 3), int)
    for a, b in zip(i, j):
        m[a % 3, b % 3] += 1
    return m


@row(A)
def triangles(a):
    return (np.tril(a), np.triu(a, 1), np.trace(a), np.diag(a), a.T @ a)


@row(X)
def texts(x):
    return (f"{x.mean():.2f}", str(x[0]))


@row(X)
def mesh(x):
    gx, gy = np.meshgrid(x, x)
    return gx + gy


@row(X)
def statistics(x):
    return dict(mean=x.mean(), var=x.var(ddof=1), rng=(x.min(), x.max()), n=x.size)


@row(X)
def clipped(x):
    return (np.clip(x, 1, None), x.clip(max=2), np.maximum(x, 0).astype(np.float32))


@row(X)
def array_of_a_growing_list(x):
    out = []
    for v in x:
        if v > 1:
            out.append(v**2)
    return np.array(out)


@row(X)
def joined(x):
    return (
        np.stack([x, x + 1]),
        np.vstack([x, x]),
        np.concatenate([x, [1.0]]),
        np.array([x[0], x[1], 3.0]),
    )


@row(X)
def helper(x):

    def f(a):
        return a - a.mean()

    return f(x) * np.linalg.norm(f(x))


@row(X)
def masks(x):
    m = x > x.mean()
    return (x[m].sum(), m.sum(), np.count_nonzero(~m), x[~m])


@row(5)
def mandelbrot(w):
    out = np.zeros((w, w), np.int64)
    for i in range(w):
        for j in range(w):
            cr, ci, zr, zi, n = (i / w - 1.5, j / w - 0.5, 0.0, 0.0, 0)
            while zr * zr + zi * zi < 4 and n < 30:
                zr, zi = (zr * zr - zi * zi + cr, 2 * zr * zi + ci)
                n += 1
            out[i, j] = n
    return out


@row(X)
def bubble_sort(a):
    a = a.copy()
    for i in range(len(a)):
        for j in range(len(a) - 1 - i):
            if a[j] > a[j + 1]:
                a[j], a[j + 1] = (a[j + 1], a[j])
    return a


@row(I, I[:3])
def edit_distance(a, b):
    d = np.zeros((len(a) + 1, len(b) + 1), dtype=int)
    d[:, 0] = np.arange(len(a) + 1)
    d[0] = np.arange(len(b) + 1)
    for i in range(1, len(a) + 1):
        for j in range(1, len(b) + 1):
            d[i, j] = min(
                d[i - 1, j] + 1, d[i, j - 1] + 1, d[i - 1, j - 1] + (a[i - 1] != b[j - 1])
            )
    return d[-1, -1]


@row(np.array([1.0, 0.0]), 6)
def rows_assigned(y0, n):
    ys = np.empty((n, 2))
    ys[0] = y0
    for k in range(1, n):
        ys[k] = ys[k - 1] + 0.1 * np.array([ys[k - 1, 1], -ys[k - 1, 0]])
    return ys


@row((X, np.array([1, 2])), (t([1.0, 2.0]), t([1, 2])))
def of_tensors_and_arrays(x, i):
    return np.sqrt(x), np.cumsum(i), np.argsort(x), np.log2(x), np.median(x), np.hypot(x, x)


@row(X)
def gradient_of_numpy_is_cut(x):
    v = tf.constant(x)
    with tf.GradientTape() as tape:
        tape.watch(v)
        y = tf.reduce_sum(v * np.exp(v))
    return tape.gradient(y, v)


@row(X)
def a_new_array_has_two_names(x):
    b = np.zeros(3)
    c = b
    c[0] = x[1]
    return b, c


@row((X, 2), (X, 9))
def an_array_in_branches(x, n):
    out = np.full(4, -1.0)
    if x.sum() > n:
        out[1] = x[0]
    else:
        out += 1
    return out


@row(A, refused="TFC007")
def a_view_outlives_its_branch(m):
    r = m[0] * 1
    if m[0, 0] > 1:
        r = m[1]
    m[1, 0] = 50.0
    return r


@row(X)
def isinstance_of_arrays(x):
    return (
        isinstance(x, np.ndarray), isinstance(x[0], np.float64), type(x) is np.ndarray, x.dtype.kind, x.ndim, x.size,
        tf.is_tensor(x), tf.is_tensor(tf.constant(x)),
    )  # fmt: skip


@row((X.astype(np.float32), 3), (X.astype(np.float32), 2))
def an_array_with_tensors(x, n):
    w = tf.ones([5], tf.float32)
    return x * w, w + x, x.astype(np.float64) * w, tf.reduce_sum(x) * n, np.ones(5) * w


@row(np.arange(12).reshape(3, 4), np.arange(3, 15).reshape(3, 4))
def methods(x):
    y = x.copy()
    y.sort(axis=0)
    y.fill(x.max())
    return (
        y, x.T, x.reshape(4, 3), x.reshape((2, -1)), x.ravel(), x.flatten(), x.astype(float), x.argmin(1), x.argsort(1),
        x.mean(), x.std(axis=0), x.sum(1, keepdims=True), x.cumsum(), x.clip(2, 5), x.item(3), x[0].tolist(), x.any(),
        x.repeat(2), x.take([0, 1]), x.nonzero(), x.dot(x.T), x.trace(), x.swapaxes(0, 1), x.var(ddof=1), x.prod(dtype=float),
    )  # fmt: skip


@row((X, np.zeros(5)))
def into_an_array(x, out):
    np.add(x, 1, out=out)
    np.multiply(out, 2, out)
    return out, np.cumsum(x, out=out)


@row(X, refused="TFC001")
def without_a_copy(x):
    np.nan_to_num(x, copy=False)
    return x


@row((X, I))
def methods_of_ufuncs(x, i):
    return np.add.outer(x, i), np.maximum.accumulate(x), np.add.reduce(x), np.multiply.outer(i, i)


M = np.array([[3.0, 1.0, 2.0], [5.0, 4.0, 7.0]])


@row(M)
def view_and_owner_change(x):
    b = x.copy()
    r = b[1]
    r += 10
    b[0] = r
    return (b, r)


@row(M)
def rows_by_index(x):
    b = x * 1.0
    for i in range(len(b)):
        row = b[i]
        row *= i
    return b


@row((M, 4))
def rows_changed_in_a_loop(x, n):
    b = x * 1.0
    for i in range(n):
        row = b[i % 2]
        row[0] += i
    return b


@row(M)
def a_view_sees_its_owner(x):
    y = x[0]
    x[0, 0] = 7.0
    return y


@row((M, 3))
def sum_in_place(x, n):
    acc = np.zeros_like(x)
    while n > 0:
        acc += x
        n -= 1
    return acc


@row((M, 3))
def swapped_names(x, n):
    a, b = (x, x * 2)
    for _ in range(n):
        a, b = (b, a)
    a += 1
    return (a, b, x)


@row(M)
def means_by_key(x):
    d = {}
    for i, r in enumerate(x):
        d[i] = r.mean()
    return d


@row(M)
def running_rows(x):
    st = [x[0]]
    for r in x[1:]:
        st.append(st[-1] + r)
    return (np.array(st), np.stack(st))


@row(M)
def python_values(x):
    return (
        np.allclose(x, x),
        np.array_equal(x, x + 1),
        np.isclose(x, 3.0),
        bool(np.any(x > 100)),
        float(np.mean(x)),
        int(x[0, 0]),
    )


@row((M, np.array([1, 0])))
def indexing(x, i):
    return (x[i], x[i, i], x[:, i], x[..., i[0]], x[i[0] :], x[: i[0] + 1])


@row(M)
def assignments(x):
    x = x.copy()
    x[x > 2] *= -1
    x[:, 1] = 9
    x[0, [0, 2]] = [1, 2]
    x[1] += x[0]
    return x


@row(M)
def products(x):
    w = np.linspace(0, 1, 3)
    return (x @ w, w @ x.T, np.outer(w, x[0]), np.dot(x, w), x * w)


@row(M)
def cell(x):
    h = np.zeros(3)
    c = np.zeros(3)
    for row_of_x in x:
        g = 1 / (1 + np.exp(-(row_of_x + h)))
        c = c * g + np.tanh(row_of_x) * (1 - g)
        h = np.tanh(c) * g
    return h


@row(M)
def name_or_array(x):
    a = x
    a = a + 1
    x += 1
    return (a, x)


@row((M, 2))
def top_columns(x, k):
    idx = np.argsort(-x[0])[:k]
    return (x[:, idx], idx)


@row(M)
def nan_functions(x):
    return (
        np.where(x > 2, x, np.nan),
        np.isnan(np.where(x > 2, x, np.nan)).sum(),
        np.nansum(np.where(x > 2, x, np.nan)),
    )


@row(M)
def text_of_arrays(x):
    return (f"{x[0, 0]:.1f} {x.shape} {x.sum()}", str((x > 2).astype(int)), repr(x[0]))


@row(M)
def beside_tensors(x):
    return (
        tf.reduce_sum(x) + x.sum(),
        tf.constant(x) * x,
        x * tf.constant(x),
        np.asarray(tf.constant(x)) + x,
    )


@row(M)
def variable_of_an_array(x):
    v = tf.Variable(x[0])
    v.assign_add(x[1])
    return v.read_value() if hasattr(v, "read_value") else v


@row(A, M)
def diagonal_filled(x):
    y = x.copy()
    np.fill_diagonal(y, 7.0)
    np.fill_diagonal(x, x[0, :2].sum())
    return y


@row((X, I), (X, np.array([-1, 4, -1])))
def added_at(x, i):
    counts = np.zeros(5, dtype=int)
    np.add.at(counts, i, 1)
    np.add.at(x, i, 0.5)
    out = np.empty(5)
    np.copyto(out, x)
    return counts, out


VIEWED = (np.zeros((3, 3)), t(2))


@row(VIEWED, refused="TFC007")
def view_chosen_by_a_branch(a, n):
    v = a[0] if n > 0 else a[1]
    v[:] = 7
    return a


@row(VIEWED, refused="TFC007")
def view_taken_in_a_loop(a, n):
    v = a[0]
    for i in tf.range(n):
        v = a[i]
    v[0] = 9
    return a


@row(VIEWED, refused="TFC007")
def view_that_changes_places(a, n):
    p, q = a[0], a[1]
    while n > 0:
        q[:] = p + 1
        p, q = q, p
        n -= 1
    return a


@row(VIEWED, refused="TFC007")
def views_in_a_list_that_grows(a, n):
    vs = []
    for i in tf.range(n):
        vs.append(a[i])
    for v in vs:
        v += 1
    return a


@row(VIEWED)
def view_chosen_by_a_branch_and_read(a, n):
    v = a[0] if n > 0 else a[1]
    return v + 1, v.sum()
