"""Gradients, TensorFlow's control flow, NumPy and math on tensors."""

import collections
import math

import numpy as np
import tfc as tf

from python.harness import Table, t

table = Table("Gradients, TensorFlow's control flow, NumPy and math on tensors")
row = table.row
maker = table.maker
X = ((t(1.0),), (t(-2.0),), (t(0.0),))
N = ((t(4),), (t(1),), (t(0),))
V = ((t([1.0, -2.0, 3.0]),), (t([5.0]),), (tf.zeros([0]),))
M = ((t([[1.0, 2.0], [3.0, 4.0]]),), (t([[2.0, 0.0], [0.0, 1.0]]),))


# gradients
@row(*X)
def grad_if(x):
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = x * x if x > 0 else -3 * x
    return tape.gradient(y, x)


@row((t(1.5), t(3)), (t(0.5), t(0)), (t(-1.0), t(2)))
def grad_loop(x, n):
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = x
        for _ in tf.range(n):
            y = tf.sin(y) * x
    return tape.gradient(y, x)


@row((t(1.5),), (t(30.0),), (t(-1.0),))
def grad_while_break(x):
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = x
        i = 0
        while True:
            y = y * 1.5
            i += 1
            if y > 20 or i > 6:
                break
    return tape.gradient(y, x), y


@row(*X)
def grad_second(x):
    with tf.GradientTape() as t2:
        t2.watch(x)
        with tf.GradientTape() as t1:
            t1.watch(x)
            y = x**3 if x > 0 else tf.exp(x)
        g = t1.gradient(y, x)
    return g, t2.gradient(g, x)


@row(*V)
def grad_list(v):
    with tf.GradientTape() as tape:
        tape.watch(v)
        out = []
        for x in v:
            out.append(x * x if x > 0 else x)
        s = tf.add_n(out) if len(out) > 0 else tf.reduce_sum(v)
    return tape.gradient(s, v)


@row((t(2.0), t(3.0)), (t(-1.0), t(0.5)))
def grad_multi(a, b):
    with tf.GradientTape(persistent=True) as tape:
        tape.watch([a, b])
        y = a * b + tf.sin(a)
        z = y * y
    return tape.gradient(z, [a, b]), tape.gradient(y, {"a": a, "b": b})


@maker((t([1.0, 2.0]),), (t([0.0, -1.0]),))
def train_step():
    w = tf.Variable([0.5, -0.5])
    b = tf.Variable(0.1)

    def f(x):
        with tf.GradientTape() as tape:
            p = tf.reduce_sum(w * x) + b
            loss = (p - 1.0) ** 2
        gw, gb = tape.gradient(loss, [w, b])
        w.assign_sub(0.1 * gw)
        b.assign_sub(0.1 * gb)
        return loss, w.read_value(), b + 0

    return f


@row((t(2.0),), (t(-3.0),))
def custom_grad(x):
    @tf.custom_gradient
    def clip(v):
        def g(dy):
            return tf.clip_by_value(dy, -1.0, 1.0)

        return v * v * v, g

    with tf.GradientTape() as tape:
        tape.watch(x)
        y = clip(x) * 2
    return y, tape.gradient(y, x)


@row((t(2.0),), (t(-3.0),))
def stop_grad(x):
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = x * tf.stop_gradient(x) + (tf.stop_gradient(x) if x > 0 else x)
    return tape.gradient(y, x)


@row(
    (t([1.0, 2.0, 3.0]),),
)
def jac(x):
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = tf.stack([x[0] * x[1], x[2] ** 2])
    return tape.jacobian(y, x)


@row(*X)
def grad_none(x):
    z = tf.constant(2.0)
    with tf.GradientTape() as tape:
        tape.watch(x)
        tape.watch(z)
        y = x * 2
    g = tape.gradient(y, z)
    return g is None, g


@row(*X)
def grad_unconnected(x):
    z = tf.constant(2.0)
    with tf.GradientTape() as tape:
        tape.watch(z)
        y = x * 2
    return tape.gradient(y, z, unconnected_gradients=tf.UnconnectedGradients.ZERO)


# TF control flow
@row(*N)
def while_loop_api(n):
    return tf.while_loop(
        lambda i, s: i < n, lambda i, s: (i + 1, s + i * i), [tf.constant(0), tf.constant(0)]
    )


@row((t(10), t(3)), (t(2), t(0)))
def while_loop_max(n, k):
    i, s = tf.while_loop(
        lambda i, s: i < n,
        lambda i, s: [i + 1, tf.concat([s, [i]], 0)],
        (tf.constant(0), tf.zeros([0], tf.int32)),
        maximum_iterations=k,
    )
    return s


@row(*X)
def cond_api(x):
    return tf.cond(x > 0, lambda: x * 2, lambda: x - 1), tf.cond(
        tf.constant(True), lambda: (x, 1.0), lambda: (x, 2.0)
    )


@row(*N)
def switch_case_api(n):
    return tf.switch_case(
        n, [lambda: tf.constant(10), lambda: tf.constant(20)], default=lambda: tf.constant(-1)
    )


@row(*X)
def case_api(x):
    return tf.case(
        [(x > 0.5, lambda: tf.constant(1)), (x < -1, lambda: tf.constant(2))],
        default=lambda: tf.constant(3),
    )


@row(*V)
def map_fn_api(v):
    return tf.map_fn(lambda x: x * x + 1, v)


@row(*M)
def map_fn_tuple(m):
    return tf.map_fn(
        lambda r: (tf.reduce_sum(r), tf.reduce_max(r)),
        m,
        fn_output_signature=(tf.float32, tf.float32),
    )


@row((t([1.0, 2.0, 3.0]),), (t([4.0]),))
def scan_api(v):
    return tf.scan(lambda a, x: a * 0.5 + x, v), tf.scan(
        lambda a, x: a + x, v, initializer=tf.constant(10.0)
    )


@row((t([1.0, 2.0, 3.0]),), (t([4.0]),))
def fold_api(v):
    return tf.foldl(lambda a, x: a * 2 + x, v), tf.foldr(lambda a, x: a * 2 + x, v, initializer=0.0)


@row(*M)
def vmap_api(m):
    return tf.vectorized_map(lambda r: r * tf.reduce_sum(r), m)


@row(*N)
def ta_api(n):
    ta = tf.TensorArray(tf.float32, size=0, dynamic_size=True)
    for i in tf.range(n):
        ta = ta.write(i, tf.cast(i, tf.float32) * 1.5)
    return ta.size(), ta.stack() if n > 0 else tf.zeros([0])


@row((t([1.0, 2.0, 3.0]),), (t([4.0]),))
def ta_unstack(v):
    ta = tf.TensorArray(tf.float32, size=tf.shape(v)[0]).unstack(v)
    s = 0.0
    for i in tf.range(ta.size()):
        s = s * 2 + ta.read(i)
    return s


@row(*X)
def pyfunc_api(x):
    y = tf.py_function(lambda v: v.numpy() * 3, [x], tf.float32)
    z = tf.numpy_function(lambda v: np.float32(v + 1), [y], tf.float32)
    return z


@row(*X)
def assert_api(x):
    tf.debugging.assert_greater(x, -1.0, message="too small")
    return x * 2


@row(*X)
def assert_op(x):
    tf.Assert(x > -1, [x])
    return x * 2


@row((t([1.0, float("nan")]),), (t([1.0, 2.0]),))
def check_num(x):
    return tf.debugging.check_numerics(x, "bad") + 1


@row(*X)
def group_noop(x):
    tf.group(tf.no_op())
    return tf.identity(x)


# np / math / builtins on tensors
@row(*V)
def np_fns(v):
    return [
        tf.constant(x)
        for x in (np.sum(v), np.maximum(v, 0.0), np.exp(v), np.abs(v), np.where(v > 0, v, -v))
    ]


@row(*M)
def np_fns2(m):
    return [
        tf.constant(x)
        for x in (
            np.mean(m, axis=0),
            np.dot(m, m),
            np.transpose(m),
            np.concatenate([m, m], axis=0),
            np.sqrt(np.abs(m)),
            np.clip(m, 0.5, 2.5),
        )
    ]


@row((t(0.5),), (t(-0.25),))
def math_fns(x):
    return (
        math.sin(x),
        math.exp(x),
        math.sqrt(abs(x)),
        math.floor(x * 3),
        math.pi * x,
        math.hypot(3.0, 4.0),
        math.isnan(x),
        math.copysign(1.0, x),
    )


@row((0.5, 2), (2.25, 3))
def math_scalar(x, n):
    return (
        math.log(x),
        math.log2(n),
        math.log10(x * 100),
        math.pow(x, n),
        math.fmod(x, 0.3),
        math.degrees(x),
        math.radians(x),
        math.tanh(x),
        math.comb(n, 1),
        math.factorial(n),
        math.prod([x, n]),
        math.dist([x], [1.0]),
        math.isclose(x, 0.5),
    )


@row(*V)
def builtins_t(v):
    return (
        sum(v),
        len(v),
        list(v),
        tuple(v)[:1],
        sorted(v),
        (max(v), min(v)) if len(v) > 0 else None,
        any(v > 0),
        all(v > 0),
        abs(v),
    )


@row((t([3, 1, 2]),), (t([1]),))
def builtins_i(v):
    return (
        sorted(v, reverse=True),
        max(v) - min(v),
        sum(v[1:]),
        [int(x) * 2 for x in v],
        [float(x) for x in v],
        list(map(lambda a: a + 1, v)),
        list(filter(lambda a: a > 1, v)),
        dict(enumerate([1, 2])),
    )


@row((t([3, 1, 2]), 2), (t([1]), 1))
def contains_t(v, n):
    return n in v, 7 in v, v == n, tf.reduce_any(v == n)


@row((t([[1.0, 2.0], [3.0, 4.0]]), t(1)), (t([[1.0, 2.0], [3.0, 4.0]]), t(0)))
def gather_mix(m, i):
    return (
        m[i],
        m[:, i],
        m[i, 0],
        tf.gather(m, [i, 0]),
        m[..., 0],
        m[-1, -1],
        m[:, ::-1],
        m[None, i],
    )


@row(*M)
def unpack_t(m):
    a, b = m
    (c, d), e = a, b
    *f, g = [a, b, c]
    return c + d + tf.reduce_sum(e), len(f), g


@row((t([1, 2, 3, 4]),), (t([4, 3, 2, 1]),))
def bool_mask(v):
    return (
        v[v > 2],
        tf.boolean_mask(v, v % 2 == 0),
        tf.where(v > 2),
        tf.where(v > 2, v, 0),
        tf.reduce_sum(v[v > 2]),
    )


@row((t([1, 2, 3, 4]),), (t([4, 3, 2, 1]),))
def mask_len(v):
    w = v[v > 2]
    n = len(w)
    s = 0
    for i in range(n):
        s += w[i] * i
    return n, s, w.shape[0] * 2


@row((t([4, 6, 9]),), (t([10, 20]),), (t([0]),))
def gcd_all(v):
    g = 0
    l = 1
    for x in v:
        g = math.gcd(g, int(x))
        l = math.lcm(l, int(x))
    return g, l


@row((1000,), (8,), (1,), (5,))
def digits(n):
    k = int(math.log10(n)) + 1
    c = 0
    while n > 0:
        c += n % 10
        n //= 10
    return (
        k,
        c,
    )


@row((t(8.0),), (t(0.5),), (t(0.0),), (t(-1.0),))
def log2_try(x):
    try:
        return math.log2(x), math.copysign(1.0, -x), math.hypot(x, 3.0)
    except ValueError as e:
        return str(e)


@row((5,), (20,), (25,), (0,), (-1,))
def fact_math(n):
    s = 0
    for i in range(n):
        s += math.comb(n, i)
    return s, math.factorial(n)


@row((t([1, 2, 3]), 2), (t([1, 2, 3]), 5), (tf.zeros([0], tf.int32), 1))
def in_t(v, n):
    return n in v, 2 in v, n not in v


@row((t([1.0, 2.0]),), (t([5.0]),))
def in_tf(v):
    if 2.0 in v:
        return 1
    return 0


@row((t([3, 1, 2]),), (t([7]),))
def np_ints(v):
    return [
        tf.constant(x)
        for x in (
            np.mean(v),
            np.sum(v),
            np.sqrt(v),
            np.std(v),
            np.prod(v),
            np.cumsum(v),
            np.argmax(v),
            np.where(v > 1, 1, 0),
            np.any(v),
            np.outer(v, v),
            np.hstack([v, v]),
            np.vstack([v, v]),
            np.dot(v, v),
        )
    ], np.array_equal(v, v)


@row(5, 0, 2)
def dq_loop(n):
    q = collections.deque(maxlen=3)
    for i in range(n):
        q.append(i)
    return list(q), len(q)


@row(t(1.0), t(-1.0))
def dq_arm(x):
    q = collections.deque([1.0, 2.0], maxlen=3)
    if x > 0:
        q.append(x)
        q.append(x)
    return list(q), len(q), sum(q)


@row(t(1.0), t(-1.0))
def dq_arm_full(x):
    q = collections.deque([1.0, 2.0], maxlen=2)
    if x > 0:
        q.append(x)
    return list(q), q[0]


@row(5, 0)
def dq_full_loop(n):
    q = collections.deque([0, 0], maxlen=2)
    for i in range(n):
        q.append(i)
    return q[0], q[-1], len(q)


@row(5, 0)
def dq_bfs(n):
    q = collections.deque([0])
    seen = []
    while q:
        v = q.popleft()
        if v < n:
            seen.append(v)
            q.append(v * 2 + 1)
            q.append(v * 2 + 2)
    return seen


@maker((t(1.0),), (t(2.0),), (t(3.0),))
def dq_outer():
    q = collections.deque(maxlen=2)

    def f(x):
        q.append(x)
        return sum(q) / len(q)

    return f


SIZED = (tf.ones([3, 2]), tf.ones([4, 2]), tf.ones([5, 2]), tf.ones([1, 2]))


@row(*SIZED)
def sizes_of_run_time(x):
    shape = x.shape
    print(shape, f"{shape!r}")
    return shape, shape.as_list(), shape.num_elements(), tf.zeros(shape), shape[1:], [1, *shape]


@row(*SIZED)
def compared_shapes(x):
    if x.shape == (4, 2):
        return "four"
    pairs = {tuple(x.shape): x.shape != [5, 2]}
    return pairs, x.shape == x.shape, x.shape.is_compatible_with([None, 2]), 5 in x.shape


@row(*SIZED)
def joined_shapes(x):
    shape = x.shape + [1] if x.shape[0] > 3 else x.shape.concatenate([1, 1])
    return shape, tf.reshape(x, shape).shape, max(x.shape)


@row(t([1.0, 2.0, 3.0]), t([4.0]), t([0.5, 0.5]))
def values_of_a_tensor(x):
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = tf.reduce_sum(x * x.numpy())
    total = tf.reduce_sum(x).numpy()
    if total > 2:
        print(x.numpy(), total)
    doubled = [v * 2 for v in x.numpy()]
    parts = x.numpy().tolist(), x.numpy().mean(), math.sqrt(total), f"{total:.2f}"
    return tape.gradient(y, x), doubled, parts, x.numpy(), tf.constant(x.numpy()) + 1


# slices with steps of run time
@row((t([1.0, 2.0, 3.0]), t(2)), (t([5.0, 6.0]), t(-1)), (tf.zeros([0]), t(-3)), (t([1.0]), t(9)))
def slice_step(x, n):
    return x[::n], x[1::n], x[:-1:n]


@row((t(-8), t(9), t(2)), (t(9), t(-8), t(-2)), (t(2), t(-1), t(3)), (t(-1), t(1), t(-1)))
def slice_bounds_and_step(a, b, n):
    return tf.range(7)[a:b:n]


@row(*((m, t(n)) for (m,) in M for n in (1, 2, -1)))
def slice_step_beside_others(x, n):
    return x[:, None, ::n], x[..., ::n], x[::n, 0], x[::n, [0, 0]]


@row((t([1.0, 2.0, 3.0]), t(2)), (t([1.0, 2.0, 3.0]), t(-1)))
def slice_step_gradient(x, n):
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = tf.reduce_sum(x[::n] ** 2)
    return tape.gradient(y, x)


@row((t([1.0, 2.0, 3.0]),), (tf.zeros([0]),))
def slice_step_in_a_loop(x):
    total = 0.0
    for i in tf.range(1, 4):
        total += tf.reduce_sum(x[::i])
    return total


# sizes of run time
@row(*N)
def size_of_run_time(n):
    return tf.zeros([n]), tf.fill([2, n], 1.5), tf.ones([n, 3])
