"""Smooth functions of one tensor with control flow, containers and calls."""

import numpy as np
import tfc as tf

from gradients.harness import Smooth

table = Smooth()
RANDOM = np.random.default_rng(6)
V = np.array([0.7, -1.3, 2.1])
P = np.array([0.4, 1.5, 0.9])
M = RANDOM.standard_normal((3, 3)) * 0.5
f64 = tf.float64


@table.row(V, -V)
def branch(x):
    if tf.reduce_sum(x) > 0:
        return tf.reduce_sum(x**3)
    return tf.reduce_sum(tf.sin(x))


@table.row(P)
def newton_sqrt(x):
    y = tf.ones_like(x)
    while tf.reduce_max(tf.abs(y * y - x)) > 1e-12:
        y = 0.5 * (y + x / y)
    return tf.reduce_sum(y * x)


@table.row(P)
def while_break_continue(x):
    s = tf.zeros([], f64)
    i = 0
    while True:
        i += 1
        if i > tf.cast(x[1] * 7, tf.int32):
            break
        if i % 3 == 0:
            continue
        s = s + tf.reduce_sum(x**2) / tf.cast(i, f64) * tf.sin(s) + x[0]
    return s


@table.row(P)
def for_return(x):
    s = x
    for i in tf.range(10):
        s = s * 1.1 + x * x
        if tf.reduce_sum(s) > 12.0:
            return tf.reduce_sum(s**2)
    return tf.reduce_sum(s)


@table.row(P)
def for_else(x):
    s = x
    for i in tf.range(4):
        s = tf.sin(s) + x
        if s[0] > 100:
            break
    else:
        s = s * s
    return tf.reduce_sum(s)


@table.row(P)
def list_grow(x):
    loss = []
    for i in tf.range(5):
        loss.append(x[i % 3] * tf.cast(i, f64) + x)
    return tf.reduce_sum(tf.stack(loss) ** 2)


@table.row(P)
def list_pop(x):
    loss = [x]
    for i in tf.range(3):
        t = loss.pop()
        loss.append(t * x)
        loss.append(tf.sin(t))
    while len(loss) > 1:
        a = loss.pop()
        b = loss.pop()
        loss.append(a + b * b)
    return tf.reduce_sum(loss[0])


@table.row(P)
def dict_acc(x):
    d = {}
    for i in tf.range(6):
        k = int(i) % 3
        d[k] = d.get(k, tf.zeros([], f64)) + x[k] ** 2 * tf.cast(i, f64)
    s = tf.zeros([], f64)
    for k in d:
        s = s + d[k] ** 2
    return s


@table.row(P)
def tensorarray(x):
    ta = tf.TensorArray(f64, size=0, dynamic_size=True)
    for i in tf.range(4):
        ta = ta.write(i, tf.sin(x * tf.cast(i, f64)))
    return tf.reduce_sum(ta.stack() ** 2) + tf.reduce_sum(ta.read(2))


@table.row(M)
def ta_unstack(x):
    ta = tf.TensorArray(f64, size=3).unstack(x)
    s = tf.zeros([3], f64)
    for i in tf.range(3):
        s = s * ta.read(i) + tf.exp(ta.read(i))
    return tf.reduce_sum(s)


@table.row(M)
def iterate_rows(x):
    h = tf.zeros([3], f64)
    for r in x:
        h = tf.tanh(h * 2 + r * h + r)
    return tf.reduce_sum(h**2)


@table.row(M)
def enumerate_zip(x):
    s = tf.zeros([], f64)
    for i, (a, b) in enumerate(zip(x, tf.transpose(x))):
        s = s + tf.reduce_sum(a * b) * tf.cast(i + 1, f64) * s + a[0]
    return s


@table.row(M)
def mapfn(x):
    return tf.reduce_sum(tf.map_fn(lambda r: tf.reduce_sum(r) * r, x) ** 2)


@table.row(M)
def mapfn_tuple(x):
    a, b = tf.map_fn(
        lambda r: (tf.sin(r[0]), r[1] * r[0]), (x, x * 2), fn_output_signature=(f64, f64)
    )
    return tf.reduce_sum(a * b)


@table.row(M)
def scan(x):
    return tf.reduce_sum(tf.scan(lambda a, r: a * r + tf.sin(a), x) ** 2)


@table.row(M)
def fold(x):
    return tf.reduce_sum(
        tf.foldl(lambda a, r: a * 0.5 + r * r * a, x, tf.ones([3], f64))
        + tf.foldr(lambda a, r: tf.sin(a) + r, x)
    )


@table.row(M)
def vecmap(x):
    return tf.reduce_sum(tf.vectorized_map(lambda r: tf.reduce_sum(r) * r, x) ** 2)


@table.row(P)
def whileloop(x):
    i, y = tf.while_loop(
        lambda i, y: tf.logical_and(i < 10, tf.reduce_sum(y) < 20.0),
        lambda i, y: (i + 1, y * y * 0.3 + x),
        (0, x),
    )
    return tf.reduce_sum(y)


@table.row(P)
def condfn(x):
    return tf.cond(x[0] > x[1], lambda: tf.reduce_sum(x), lambda: tf.reduce_sum(x**3))


@table.row(P)
def casefn(x):
    return tf.case(
        [(x[0] > 1, lambda: x[0] ** 2), (x[1] > 1, lambda: x[1] ** 3 * x[0])], default=lambda: x[2]
    )


@table.row(P)
def switchcase(x):
    return tf.switch_case(
        tf.cast(x[1] * 1.1, tf.int32),
        [lambda: x[0] ** 2, lambda: x[1] ** 3 * x[0], lambda: x[2] ** 2],
    )


@table.row(P)
def nested_loops(x):
    s = x
    for i in tf.range(3):
        for j in tf.range(i + 1):
            if j > 0:
                s = s * tf.cos(s) + x
            else:
                s = s + x * tf.cast(i, f64)
    return tf.reduce_sum(s**2)


@table.row(P)
def nested_while(x):
    s = x
    n = 0
    while n < 3:
        t = s
        while tf.reduce_sum(t) < 10.0:
            t = t * 1.7 + 0.1 * x * x
        s = s * 0.3 + t * 0.05
        n += 1
    return tf.reduce_sum(s * s)


@table.row(P)
def gen(x):
    def g(n):
        y = x
        for i in tf.range(n):
            y = y * tf.sin(y) + x
            yield y

    s = tf.zeros([], f64)
    for y in g(4):
        s = s + tf.reduce_sum(y**2)
    return s


@table.row(P)
def comp(x):
    return tf.add_n([tf.reduce_sum(x ** float(k)) for k in range(1, 4)]) + sum(
        tf.reduce_sum(tf.sin(x * tf.cast(i, f64))) for i in tf.range(3)
    )


@table.row(P)
def tryfin(x):
    y = x
    try:
        if y[0] > 100:
            raise ValueError("x")
        y = y * y
    except ValueError:
        y = y * 3
    finally:
        y = tf.sin(y)
    return tf.reduce_sum(y)


@table.row(P)
def tryraise(x):
    y = x
    for i in tf.range(4):
        try:
            if i == 2:
                raise ValueError("x")
            y = y * x
        except ValueError:
            y = y + tf.sin(x)
    return tf.reduce_sum(y)


@table.row(P)
def recursion_py(x):
    def f(y, n):
        return y if n == 0 else f(tf.sin(y) * x, n - 1)

    return tf.reduce_sum(f(x, 3))


@table.row(P)
def recursion_native(x):
    def f(y, n):
        if n <= 0:
            return y
        return f(tf.sin(y) * x, n - 1)

    return tf.reduce_sum(f(x, tf.constant(3)))


@table.row(np.array(1.3))
def recursion_pow(x):
    def p(b, n):
        if n == 0:
            return tf.ones_like(b)
        h = p(b, n // 2)
        if n % 2 == 0:
            return h * h
        return h * h * b

    return p(x, tf.constant(7))


@table.row(np.array(0.8))
def recursion_fib(x):
    def f(n):
        if n < 2:
            return x * tf.cast(n + 1, f64)
        return f(n - 1) * tf.sin(x) + f(n - 2)

    return f(tf.constant(5))


@table.row(np.array(1.3))
def mutual(x):
    def ev(y, n):
        if n <= 0:
            return y * y
        return od(y * x, n - 1)

    def od(y, n):
        if n <= 0:
            return tf.sin(y)
        return ev(y + x, n - 1)

    return ev(x, tf.constant(4)) + ev(x, tf.constant(3))


@table.row(P)
def objects(x):
    class A:
        def __init__(self):
            self.v = x
            self.h = []

        def step(self, k):
            self.v = tf.sin(self.v) * k
            self.h.append(self.v)

    a = A()
    for i in tf.range(3):
        a.step(x)
    return tf.reduce_sum(a.v) + tf.reduce_sum(tf.stack(a.h) ** 2)


@table.row(P)
def nonloc(x):
    y = x

    def step():
        nonlocal y
        if tf.reduce_sum(y) < 5.0:
            y = y * x + x
        else:
            y = y * 0.5

    for i in tf.range(4):
        step()
    return tf.reduce_sum(y**2)


@table.row(P)
def match_stmt(x):
    s = x
    for i in tf.range(3):
        match i:
            case 0:
                s = s * x
            case 1:
                s = tf.sin(s)
            case _:
                s = s + x * x
    return tf.reduce_sum(s)


@table.row(P)
def ternary_andor(x):
    a = x[0] if x[0] > x[1] and x[2] < 5 else x[1] * 2
    b = a**2 if a > 3 or x[2] > 0.5 else a
    return b * a


@table.row(P)
def walrus_chained(x):
    s = tf.zeros([], f64)
    while (y := s * s + x[0]) < 3.0 <= 10.0:
        s = y + x[1] * 0.1
    return s


@table.row(P)
def maxloop(x):
    m = x[0]
    for v in x:
        m = tf.maximum(m, v * v) if v > 0 else m
    return m**2


@table.row(np.array([0.3, 0.2]))
def logistic_ode(x):
    y = x[0]
    for _ in tf.range(50):
        k1 = y * (1 - y) * x[1]
        k2 = (y + 0.05 * k1) * (1 - (y + 0.05 * k1)) * x[1]
        y = y + 0.1 * k2
    return y


@table.row(RANDOM.standard_normal((5, 3)))
def rnn(xs):
    h = tf.zeros([3], f64)
    for t in tf.range(5):
        h = tf.tanh(tf.linalg.matvec(tf.constant(M), h) + xs[t])
    return tf.reduce_sum(h**2)


@table.row(M)
def rnn_weights(w):
    h = tf.ones([2, 3], f64)
    hs = []
    for t in tf.range(4):
        h = tf.tanh(h @ w + h)
        hs.append(h)
    return tf.reduce_sum(tf.stack(hs)[1:] ** 2)


@table.row(RANDOM.standard_normal((3, 12)) * 0.4)
def lstm(w):
    h = c = tf.ones([2, 3], f64) * 0.1
    for t in tf.range(4):
        i, f, g, o = tf.split(h @ w + 0.1, 4, 1)
        c = tf.sigmoid(f) * c + tf.sigmoid(i) * tf.tanh(g)
        h = tf.sigmoid(o) * tf.tanh(c)
    return tf.reduce_sum(h**2)


@table.row(P)
def shrinking(x):
    y = tf.concat([x, x * x], 0)
    s = tf.zeros([], f64)
    while tf.shape(y)[0] > 1:
        y = y[1:] * y[:-1]
        s = s + tf.reduce_sum(y)
    return s


@table.row(P)
def optional(x):
    best = None
    for i in tf.range(3):
        c = tf.reduce_sum(x) * tf.cast(i, f64)
        if best is None or c > best:
            best = c * c
    return best


@table.row(P)
def funcs_by_branch(x):
    f = tf.sin if x[0] > 1 else tf.exp
    return tf.reduce_sum(f(x) * x)


@table.row(P)
def in_loop_tape(x):
    y = x
    for i in tf.range(3):
        with tf.GradientTape() as t:
            t.watch(y)
            loss = tf.reduce_sum(tf.sin(y) * x)
        y = y - 0.1 * t.gradient(loss, y)
    return tf.reduce_sum(y**2)


@table.row(P)
def in_while_tape(x):
    y = x * 0
    g = x
    while tf.norm(g) > 1e-7:
        with tf.GradientTape() as t:
            t.watch(y)
            loss = tf.reduce_sum((y - x) ** 2) + tf.reduce_sum(y**4) * 0.1
        g = t.gradient(loss, y)
        y = y - 0.2 * g
    return tf.reduce_sum(y**2)


@table.row(P)
def custom_in_loop(x):
    @tf.custom_gradient
    def sq(a):
        return a * a, lambda dy: dy * 2 * a

    y = x
    for i in tf.range(3):
        y = sq(y) * 0.5 + x
    return tf.reduce_sum(y)


@table.row(P)
def recompute_in_loop(x):
    blk = tf.recompute_grad(lambda a, b: tf.sin(a) * b)
    y = x
    for i in tf.range(3):
        y = blk(y, x)
    return tf.reduce_sum(y**2)


@table.row(P)
def recompute_with_loop(x):
    def blk(a):
        for i in tf.range(3):
            a = tf.sin(a) * x
        return a

    return tf.reduce_sum(tf.recompute_grad(blk)(x) ** 2)


@table.row(P)
def pyf_in_loop(x):
    y = x
    for i in tf.range(2):
        y = tf.py_function(lambda t: tf.sin(t) * t, [y], f64)
        y = tf.ensure_shape(y, [3])
    return tf.reduce_sum(y**2)


@table.row(P)
def compiled_inner(x):
    @tf.function
    def f(a):
        for i in tf.range(3):
            a = tf.sin(a) * x
        return a

    return tf.reduce_sum(f(x) ** 2)


@table.row(P)
def implicit_cg(x):
    A = tf.linalg.diag(x) + tf.constant(np.ones((3, 3)) * 0.1)
    b = x * x
    z = tf.zeros([3], f64)
    r = b
    p = r
    rs = tf.reduce_sum(r * r)
    for i in tf.range(3):
        Ap = tf.linalg.matvec(A, p)
        al = rs / tf.reduce_sum(p * Ap)
        z = z + al * p
        r = r - al * Ap
        rn = tf.reduce_sum(r * r)
        p = r + rn / (rs + 1e-30) * p
        rs = rn
    return tf.reduce_sum(z**2)


@table.row(P)
def interp_stack(x):
    prog = tf.constant([0, 1, 2, 1])
    st = [x[0], x[1]]
    for op in prog:
        if op == 0:
            st.append(st[-1] * x[2])
        elif op == 1:
            b = st.pop()
            a = st.pop()
            st.append(a * b + tf.sin(a))
            st.append(b)
        else:
            st.append(st[-1] + st[-2])
    return st[-1] * st[0]


@table.row(RANDOM.standard_normal((4, 3)))
def viterbi_soft(e):
    a = e[0]
    for t in tf.range(1, 4):
        a = tf.reduce_logsumexp(a[:, None] + tf.constant(M), 0) + e[t]
    return tf.reduce_logsumexp(a)


@table.row(RANDOM.standard_normal((3, 4)))
def dtw(c):
    n, m = 3, 4
    table_ = tf.zeros([n + 1, m + 1], f64) + 10.0
    table_ = tf.tensor_scatter_nd_update(table_, [[0, 0]], tf.zeros([1], f64))
    for i in tf.range(1, n + 1):
        for j in tf.range(1, m + 1):
            v = c[i - 1, j - 1] ** 2 + tf.minimum(
                table_[i - 1, j], tf.minimum(table_[i, j - 1], table_[i - 1, j - 1])
            )
            table_ = tf.tensor_scatter_nd_update(table_, [[i, j]], [v])
    return table_[n, m]
