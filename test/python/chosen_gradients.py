"""Targets and sources of gradients that paths chose, or a list gave, after the tape had stopped recording."""

import tfc as tf

from python.harness import Table, t

table = Table("Targets chosen after recording")
row = table.row

X = t([1.0, 2.0])
NUMBERS = ((X, 1), (X, 0), (X, t(2)))


def finite(x):
    """What is not chosen has derivatives that are finite: zeros come out of it."""
    return tf.where(tf.abs(x) < 9, x, tf.ones_like(x))


@row(*NUMBERS)
def target_of_two(x, n):
    x = finite(x)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = x * x
        z = x * x * x
    return tape.gradient(y if n > 0 else z, x)


@row(*NUMBERS)
def target_by_statements(x, n):
    x = finite(x)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = x * x
        z = tf.exp(x)
    loss = x * y
    if n > 1:
        loss = z
    elif n > 0:
        loss = y
    else:
        loss = z
    return tape.gradient(loss, x)


@row(*NUMBERS)
def largest_of_a_list(x, n):
    x = finite(x)
    with tf.GradientTape() as tape:
        tape.watch(x)
        losses = [tf.reduce_sum(x * k) for k in (1.0, 2.0)]
    return tape.gradient(max(losses), x)


@row(*NUMBERS)
def last_of_a_grown_list(x, n):
    x = finite(x)
    with tf.GradientTape() as tape:
        tape.watch(x)
        state, states = x, [x * 3]
        for _ in range(n):
            state = tf.sin(state)
            states.append(state)
    return tape.gradient(states[-1], x)


@row(*NUMBERS)
def each_of_a_grown_list(x, n):
    x = finite(x)
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(x)
        state, states = x, [x * 3]
        for _ in range(n):
            state = tf.sin(state)
            states.append(state)
    found = []
    for state in states:
        found.append(tape.gradient(state, x))
    return found, tape.gradient(states.pop(), x)


@row(*NUMBERS)
def target_of_a_pair_in_a_list(x, n):
    x = finite(x)
    with tf.GradientTape() as tape:
        tape.watch(x)
        pairs = []
        for i in range(3):
            if i < n:
                pairs.append((i, x * float(i + 1)))
            else:
                pairs.append((i, x * x))
    i, y = pairs[-1]
    return tape.gradient(y, x), i


@row(*NUMBERS)
def target_by_cond(x, n):
    x = finite(x)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = x * x
        z = tf.exp(x)
    return tape.gradient(tf.cond(n > 0, lambda: y, lambda: z), x)


@row(*NUMBERS)
def inner_target_of_two(x, n):
    x = finite(x)
    with tf.GradientTape() as outer:
        outer.watch(x)
        with tf.GradientTape() as inner:
            inner.watch(x)
            y = x * x * x
            z = tf.exp(x)
        slope = inner.gradient(y if n > 0 else z, x)
    return outer.gradient(slope, x)


@row(*NUMBERS)
def what_is_computed_later_has_no_gradient(x, n):
    x = finite(x)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = x * 2
    later = y * 3 if n > 0 else y
    return tape.gradient(later, x, unconnected_gradients="zero")


@row(*NUMBERS)
def jacobian_of_one_of_two(x, n):
    x = finite(x)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = x * 2
        z = x * x
    return tape.jacobian(y if n > 0 else z, x)


@row((X, t(2)), refused="TFC015")
def target_chosen_by_a_loop(x, n):
    x = finite(x)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = x * x
        z = tf.exp(x)
    target = z
    for i in range(n):
        if i > 0:
            target = y
    return tape.gradient(target, x)


@row((X, t(2)), refused="TFC015")
def source_of_two(x, n):
    x = finite(x)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = x * 2
        tape.watch(y)
        z = x * y
    return tape.gradient(z, x if n > 0 else y)
