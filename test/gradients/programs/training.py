"""Uses of tapes with variables and compiled functions: training steps, meta-learning, penalties."""

import numpy as np
import tfc as tf

from gradients.harness import Programs

table = Programs()
f32 = np.float32
X = np.array([1.0, -2.0, 3.0], f32)
XP = np.array([1.0, 2.0, 3.0], f32)
M = np.arange(6, dtype=f32).reshape(2, 3) - 2.5


@table.maker((X,))
def nowatch():
    v = tf.Variable(2.0)

    def f(x):
        with tf.GradientTape(watch_accessed_variables=False) as t:
            y = v * x
        a = t.gradient(y, v)
        with tf.GradientTape(watch_accessed_variables=False) as t:
            t.watch(v)
            y = v * x
        return a, t.gradient(y, v)

    return f


@table.maker((X,))
def varuse():
    v = tf.Variable([1.0, 2.0, 3.0])

    def f(x):
        with tf.GradientTape() as t:
            y = v * x
            v.assign_add(x)
            z = v * y
        return t.gradient(z, v), v.read_value()

    return f


@table.maker((X,), (-X,))
def var_arm():
    v = tf.Variable([1.0, 2.0, 3.0])
    w = tf.Variable(2.0)

    def f(x):
        with tf.GradientTape() as t:
            if tf.reduce_sum(x) > 0:
                y = v * x * w
            else:
                y = w * w * x
        g = t.gradient(y, [v, w], unconnected_gradients="zero")
        return g

    return f


@table.maker((X,))
def sgd():
    v = tf.Variable([1.0, 2.0, 3.0])
    b = tf.Variable(0.5)

    def f(x):
        with tf.GradientTape() as t:
            loss = tf.reduce_sum((v * x + b - 1) ** 2)
        for g, p in zip(t.gradient(loss, [v, b]), [v, b]):
            p.assign_sub(0.01 * g)
        return loss, v.read_value(), b.read_value()

    return f


@table.maker((X,))
def adam():
    v = tf.Variable([1.0, 2.0, 3.0])
    m = tf.Variable(tf.zeros(3))
    s = tf.Variable(tf.zeros(3))
    n = tf.Variable(0, dtype=tf.int64)
    unused = tf.Variable(1.0)

    def f(x):
        with tf.GradientTape() as t:
            loss = tf.reduce_sum((v * x - 1) ** 2)
        gs = t.gradient(loss, [v, unused])
        n.assign_add(1)
        k = tf.cast(n, tf.float32)
        for g, p in zip(gs, [v, unused]):
            if g is not None:
                m.assign(0.9 * m + 0.1 * g)
                s.assign(0.999 * s + 0.001 * g * g)
                p.assign_sub(0.1 * (m / (1 - 0.9**k)) / (tf.sqrt(s / (1 - 0.999**k)) + 1e-7))
        gs2, nrm = tf.clip_by_global_norm([g for g in gs if g is not None], 1.0)
        return loss, v.read_value(), nrm, gs2

    return f


@table.maker((X,))
def train_loop():
    v = tf.Variable([1.0, 2.0, 3.0])

    def f(x):
        for i in tf.range(5):
            with tf.GradientTape() as t:
                loss = tf.reduce_sum((v * x - 1) ** 2)
            v.assign_sub(0.01 * t.gradient(loss, v))
        return loss, v.read_value()

    return f


@table.maker((X,))
def train_while():
    v = tf.Variable([1.0, 2.0, 3.0])
    n = tf.Variable(0)

    def f(x):
        loss = tf.constant(1e9)
        while loss > 1.0 and n < 50:
            with tf.GradientTape() as t:
                loss = tf.reduce_sum((v * x - 1) ** 2)
            v.assign_sub(0.01 * t.gradient(loss, v))
            n.assign_add(1)
        return loss, v.read_value(), n.read_value()

    return f


@table.maker((X,))
def maml():
    w = tf.Variable([0.1, 0.2, 0.3])

    def f(x):
        with tf.GradientTape() as o:
            p = tf.identity(w)
            for i in range(3):
                with tf.GradientTape() as t:
                    t.watch(p)
                    loss = tf.reduce_sum((p * x - 1) ** 2)
                p = p - 0.1 * t.gradient(loss, p)
            L = tf.reduce_sum((p * x * 2 - 1) ** 2)
        g = o.gradient(L, w)
        w.assign_sub(0.01 * g)
        return L, g

    return f


@table.maker((X,))
def maml_staged():
    w = tf.Variable([0.1, 0.2, 0.3])

    def f(x):
        with tf.GradientTape() as o:
            p = tf.identity(w)
            for i in tf.range(3):
                with tf.GradientTape() as t:
                    t.watch(p)
                    loss = tf.reduce_sum((p * x - 1) ** 2)
                p = p - 0.1 * t.gradient(loss, p)
            L = tf.reduce_sum((p * x * 2 - 1) ** 2)
        return o.gradient(L, w)

    return f


@table.maker((M,))
def wgan():
    w = tf.Variable(np.arange(6, dtype=f32).reshape(3, 2) / 5)
    u = tf.Variable([[1.0], [2.0]])

    def critic(x):
        return tf.tanh(x @ w) @ u

    def f(x):
        with tf.GradientTape() as o:
            with tf.GradientTape() as t:
                t.watch(x)
                s = critic(x)
            g = t.gradient(s, x)
            n = tf.sqrt(tf.reduce_sum(g**2, 1) + 1e-8)
            gp = tf.reduce_mean((n - 1) ** 2)
            loss = tf.reduce_mean(s) + 10 * gp
        return o.gradient(loss, [w, u])

    return f


@table.maker((M,))
def reinforce():
    w = tf.Variable(np.arange(6, dtype=f32).reshape(3, 2) / 5)

    def f(x):
        rewards = []
        logs = []
        with tf.GradientTape() as t:
            for i in tf.range(2):
                p = tf.nn.softmax(x[i : i + 1] @ w)
                a = tf.argmax(p[0])
                logs.append(tf.math.log(p[0, a]))
                rewards.append(tf.cast(a, tf.float32) + 1.0)
            R = tf.cumsum(tf.stack(rewards), reverse=True)
            loss = -tf.reduce_sum(tf.stack(logs) * tf.stop_gradient(R))
        return t.gradient(loss, w)

    return f


@table.maker((M,))
def gradaccum():
    w = tf.Variable(np.arange(6, dtype=f32).reshape(3, 2) / 5)
    acc = tf.Variable(tf.zeros([3, 2]), trainable=False)

    def f(x):
        acc.assign(tf.zeros_like(acc))
        for i in tf.range(2):
            with tf.GradientTape() as t:
                loss = tf.reduce_sum((x[i : i + 1] @ w) ** 2)
            acc.assign_add(t.gradient(loss, w))
        w.assign_sub(0.01 * acc)
        return w.read_value(), acc.read_value()

    return f


@table.maker((X,))
def customvars():
    v = tf.Variable(2.0)

    @tf.custom_gradient
    def g(x):
        y = v * x

        def grad(dy, variables=None):
            return dy * v, [tf.reduce_sum(dy * x) * 3.0 for _ in variables]

        return y, grad

    def f(x):
        with tf.GradientTape() as t:
            t.watch(x)
            y = g(x)
        return t.gradient(y, [x, v])

    return f


@table.maker((X,))
def call_inside():
    @tf.function
    def sq(a):
        return a * a * tf.sin(a)

    def f(x):
        with tf.GradientTape() as t:
            t.watch(x)
            y = sq(x) * x
        return t.gradient(y, x)

    return f


@table.maker((X,))
def call_inside_branch():
    @tf.function
    def sq(a):
        for i in tf.range(3):
            if tf.reduce_sum(a) > 1.0:
                a = a * 0.5 * a
            else:
                a = a + 1.0
        return a

    v = tf.Variable(2.0)

    @tf.function
    def usev(a):
        return sq(a) * v

    def f(x):
        with tf.GradientTape() as t:
            t.watch(x)
            y = usev(x) * x
        return t.gradient(y, [x, v])

    return f


@table.maker((X,))
def tape_in_compiled():
    @tf.function
    def g(a):
        with tf.GradientTape() as t:
            t.watch(a)
            y = tf.sin(a) * a
        return t.gradient(y, a)

    def f(x):
        with tf.GradientTape() as t:
            t.watch(x)
            y = g(x)
        return t.gradient(y, x)

    return f


@table.maker((X,))
def embedding():
    e = tf.Variable(np.arange(20, dtype=f32).reshape(10, 2))

    def f(x):
        ids = tf.cast(tf.abs(x), tf.int32)
        with tf.GradientTape() as t:
            y = tf.reduce_sum(tf.nn.embedding_lookup(e, ids) ** 2)
        g = t.gradient(y, e)
        e.assign_sub(0.1 * g)
        return g, e.read_value()

    return f


@table.maker((X,))
def module():
    class Dense:
        def __init__(self):
            self.w = tf.Variable(tf.ones([3, 2]))
            self.b = tf.Variable(tf.zeros(2))
            self.frozen = tf.Variable(1.0, trainable=False)

        def __call__(self, x):
            return tf.nn.relu(x @ self.w + self.b) * self.frozen

    m = Dense()

    def f(x):
        with tf.GradientTape() as t:
            y = tf.reduce_sum(m(x[None]) ** 2)
        return t.gradient(y, [m.w, m.b])

    return f


@table.maker((X, np.array(4, np.int32)))
def recur_var():
    v = tf.Variable(1.5)

    def f(x, n):
        def g(y, k):
            if k == 0:
                return y * v
            return g(tf.sin(y) * v, k - 1) + y

        with tf.GradientTape() as t:
            t.watch(x)
            y = g(x, n)
        return t.gradient(y, [x, v])

    return f
