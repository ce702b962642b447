"""Training loops in plain Python around compiled models: GANs, reinforcement, meta-learning, penalties, optimizers."""

import threading

import numpy as np
import tfc as tf

from gradients.programs.calls import Case, X

rows: list[Case] = []


def row(case: Case) -> Case:
    rows.append(case)
    return case


def normal(seed, *shape):
    return np.random.default_rng(seed).standard_normal(shape).astype(np.float32)


def descend(tape, loss, variables, rate=0.1):
    for variable, gradient in zip(variables, tape.gradient(loss, variables), strict=True):
        variable.assign_sub(rate * gradient)


def with_values(results, variables):
    return results, [variable.numpy() for variable in variables]


@row
def adversaries(function):
    g, d = tf.Variable(normal(0, 2, 4)), tf.Variable(normal(1, 4, 1))
    generate = function(lambda z: tf.tanh(z @ g))
    judge = function(lambda x: x @ d)
    real, losses = tf.constant(normal(2, 8, 4)), []

    def entropy(logits, label):
        labels = tf.fill(tf.shape(logits), label)
        return tf.reduce_mean(tf.nn.sigmoid_cross_entropy_with_logits(labels=labels, logits=logits))

    for step in range(3):
        with tf.GradientTape() as gt, tf.GradientTape() as dt:
            fake = judge(generate(tf.constant(normal(step, 8, 2))))
            of_g = entropy(fake, 1.0)
            of_d = entropy(judge(real), 1.0) + entropy(fake, 0.0)
        descend(gt, of_g, [g])
        descend(dt, of_d, [d])
        losses += [of_g, of_d]
    return with_values(losses, [g, d])


@row
def actor_and_critic(function):
    variables = [tf.Variable(normal(i, *s)) for i, s in enumerate(((3, 4), (4, 2), (4, 1)))]
    body, actor, critic = variables

    def net(state):
        hidden = tf.tanh(state @ body)
        return hidden @ actor, hidden @ critic

    net, losses = function(net), []
    for _ in range(3):
        with tf.GradientTape() as tape:
            state, likelihoods, values = tf.constant(X[None] * 0.3), [], []
            for _ in range(4):
                logits, value = net(state)
                action = int(tf.argmax(logits[0]))
                likelihoods.append(tf.math.log(tf.nn.softmax(logits)[0, action]))
                values.append(value[0, 0])
                state = state * 0.9 + 0.1 * action
            advantage = tf.constant([4.0, 3.0, 2.0, 1.0]) - tf.stack(values)
            loss = -tf.reduce_sum(tf.stack(likelihoods) * tf.stop_gradient(advantage))
            loss += tf.reduce_sum(advantage**2)
        descend(tape, loss, variables, 0.02)
        losses.append(loss)
    return with_values(losses, variables)


@row
def two_inner_steps(function):
    w, b = tf.Variable(tf.ones([3, 1])), tf.Variable([0.1])
    model = function(lambda x, weights: tf.tanh(x @ weights[0] + weights[1]))
    y, total = tf.constant(normal(9, 5, 1)), 0.0
    with tf.GradientTape() as outer:
        for task in range(2):
            x, weights = tf.constant(normal(task, 5, 3)), [w.read_value(), b.read_value()]
            for _ in range(2):
                with tf.GradientTape() as inner:
                    inner.watch(weights)
                    loss = tf.reduce_mean((model(x, weights) - y) ** 2)
                gradients = inner.gradient(loss, weights)
                weights = [p - 0.1 * g for p, g in zip(weights, gradients, strict=True)]
            total += tf.reduce_mean((model(x, weights) - y) ** 2)
    return total, outer.gradient(total, [w, b])


@row
def compiled_inner_steps(function):
    w, rate = tf.Variable(X), tf.Variable(0.1)

    def loss_of(p):
        return tf.reduce_sum(tf.sin(p) * p)

    def adapt(p, n):
        for _ in tf.range(n):
            with tf.GradientTape() as tape:
                tape.watch(p)
                loss = loss_of(p)
            p = p - rate * tape.gradient(loss, p)
        return p

    adapt, found = function(adapt), []
    for n in (0, 1, 3):
        with tf.GradientTape() as outer:
            loss = loss_of(adapt(w * 1.0, tf.constant(n)))
        found.append(outer.gradient(loss, [w, rate], unconnected_gradients="zero"))
    return found


@row
def compiled_penalty(function):
    w, v = tf.Variable(normal(0, 3, 5)), tf.Variable(normal(1, 5, 1))
    critic = function(lambda x: tf.nn.softplus(x @ w) @ v)

    def penalty(x):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = critic(x)
        gradient = tape.gradient(y, x)
        return tf.reduce_mean((tf.norm(gradient, axis=1) - 1.0) ** 2)

    penalty, x = function(penalty), tf.constant(normal(2, 6, 3))
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean(critic(x)) + 10.0 * penalty(x)
    return loss, tape.gradient(loss, [w, v])


@row
def moving_averages(function):
    class Norm:
        def __init__(self):
            self.scale = tf.Variable(tf.ones(3))
            self.mean = tf.Variable(tf.zeros(3), trainable=False)

        @function
        def __call__(self, x, training):
            mean = tf.reduce_mean(x, 0) if training else self.mean
            if training:
                self.mean.assign(0.9 * self.mean + 0.1 * mean)
            return (x - mean) * self.scale

    norm, x, found = Norm(), tf.constant(normal(0, 5, 3)), []
    for training in (True, True, False):
        with tf.GradientTape() as tape:
            tape.watch(x)
            loss = tf.reduce_sum(norm(x, training) ** 3)
        found += [tape.gradient(loss, [x, norm.scale, norm.mean]), norm.mean.numpy()]
    return found


@row
def state_through_calls(function):
    class Cell:
        def __init__(self):
            self.w, self.h = tf.Variable(tf.eye(3) * 0.5), tf.zeros([1, 3])

        @function
        def __call__(self, x):
            self.h = tf.tanh(self.h @ self.w + x)
            return tf.reduce_sum(self.h)

    cell, found = Cell(), []
    for _ in range(2):
        with tf.GradientTape() as tape:
            loss = tf.add_n([cell(tf.constant(X[None] * i)) for i in range(4)])
        found.append(tape.gradient(loss, cell.w))
        cell.h = tf.stop_gradient(cell.h)
    return found


@row
def variables_made_at_the_first_call(function):
    class Dense:
        def __init__(self):
            self.w = None

        @function
        def __call__(self, x):
            if self.w is None:
                self.w = tf.Variable(tf.ones([3, 2]) * 0.3)
            return x @ self.w

    dense, losses = Dense(), []
    for _ in range(3):
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(dense(tf.constant(X[None])) ** 2)
        descend(tape, loss, [dense.w])
        losses.append(loss)
    return with_values(losses, [dense.w])


@row
def compiled_optimizer(function):
    w = tf.Variable(X)
    mean, square = (tf.Variable(tf.zeros(3), trainable=False) for _ in range(2))
    steps = tf.Variable(0, trainable=False)
    model = function(lambda x: tf.reduce_mean((x * w - 1.0) ** 2))

    def apply(gradient):
        steps.assign_add(1)
        t = tf.cast(steps, tf.float32)
        mean.assign(0.9 * mean + 0.1 * gradient)
        square.assign(0.99 * square + 0.01 * gradient**2)
        w.assign_sub(0.1 * mean / (1 - 0.9**t) / (tf.sqrt(square / (1 - 0.99**t)) + 1e-7))

    apply = function(apply)
    for i in range(4):
        with tf.GradientTape() as tape:
            loss = model(tf.constant(X * (i + 1)))
        apply(tape.gradient(loss, w))
    return w.numpy(), steps.numpy()


@row
def power_iteration(function):
    w, u = tf.Variable(tf.eye(3) + 0.1), tf.Variable(tf.ones([1, 3]), trainable=False)

    def normalized(x):
        v = tf.stop_gradient(tf.nn.l2_normalize(u @ tf.transpose(w)))
        u.assign(tf.stop_gradient(tf.nn.l2_normalize(v @ w)))
        return x @ (w / tf.reduce_sum(v @ w @ tf.transpose(u)))

    model, found = function(normalized), []
    for _ in range(2):
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(model(tf.constant(X[None])) ** 2)
        found.append(tape.gradient(loss, w))
    return found, u.numpy()


@row
def assigned_in_a_loop(function):
    v = tf.Variable(2.0)

    def grow(x, n):
        for _ in tf.range(n):
            v.assign(v * 1.1 + tf.reduce_sum(x) * 0.01)
        return v * x

    f, x, found = function(grow), tf.constant(X), []
    for n in (0, 3, 2):
        with tf.GradientTape() as outer:
            outer.watch(x)
            with tf.GradientTape() as tape:
                tape.watch(x)
                y = f(x, tf.constant(n))
            first = tape.gradient(y, [x, v])
            square = tf.reduce_sum(first[0]) ** 2
        found.append((first, outer.gradient(square, x), v.numpy()))
    return found


@row
def batches_of_any_size(function):
    w = tf.Variable(tf.ones([3, 2]))
    f, found = function(lambda x: tf.nn.softmax(tf.tanh(x @ w))), []
    for n in (4, 7, 1, 0, 5, 1, 4):
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(f(tf.constant(normal(n, n, 3))) ** 2)
        found.append(tape.gradient(loss, w))
    return found


@row
def sizes_that_data_decides(function):
    def groups(x, i):
        unique, places = tf.unique(i)
        kept = tf.boolean_mask(x, x > 0.0)
        sums = tf.math.unsorted_segment_sum(x, places, tf.size(unique))
        return tf.reduce_sum(sums**2) * tf.reduce_sum(kept), kept

    f, found = function(groups), []
    for values, i in ((X, [1, 1, 2]), (X * 2, [1, 1, 1]), (-X, [3, 2, 1]), (abs(X), [1, 2, 2])):
        x = tf.constant(values)
        with tf.GradientTape() as tape:
            tape.watch(x)
            loss, kept = f(x, tf.constant(i))
            loss += tf.reduce_sum(kept)
        found.append(tape.gradient(loss, x))
    return found


@row
def threads(function):
    v = tf.Variable(X)
    f, found = function(lambda x: tf.reduce_sum(v * x * x)), [None] * 4

    def run(number):
        x = tf.constant(X * number)
        for _ in range(5):
            with tf.GradientTape() as tape:
                tape.watch(x)
                y = f(x)
            found[number] = tape.gradient(y, [x, v])

    workers = [threading.Thread(target=run, args=(number,)) for number in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return found


@row
def one_tensor_in_several_places(function):
    x = tf.constant(X)
    f = function(lambda a, pair: a * x * pair[0] + pair[1])
    with tf.GradientTape() as outer:
        outer.watch(x)
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = f(x, [x, x])
        gradient = tape.gradient(y, x)
    return gradient, outer.gradient(gradient, x)
