"""Whole programs."""

import numpy as np
import tfc as tf

from python.harness import Table, t

table = Table("Programs")
row = table.row
RANDOM = np.random.default_rng(0)


def put(x, i, value):
    """`x` with one element replaced."""
    return tf.tensor_scatter_nd_update(x, [[i]], [value])


@row((t([1, 2, 3, 4]), t([2, 4, 3])), (t([1, 2]), t([5, 6, 7])))
def levenshtein(a, b):
    n, m = len(a), len(b)
    previous = tf.range(m + 1)
    for i in range(n):
        current = tf.concat([tf.reshape(tf.constant(i + 1), [1]), tf.zeros([m], tf.int32)], 0)
        for j in range(m):
            cost = 0 if a[i] == b[j] else 1
            best = min(previous[j + 1] + 1, current[j] + 1, previous[j] + cost)
            current = put(current, j + 1, best)
        previous = current
    return previous[m]


@row((t(RANDOM.integers(0, 2, (6, 6)).astype(np.int32)), t(4)))
def life(board, steps):
    for _ in range(steps):
        neighbours = tf.zeros_like(board)
        for dy in (-1, 0, 1):
            for dx in (-1, 0, 1):
                if dy or dx:
                    neighbours += tf.roll(tf.roll(board, dy, 0), dx, 1)
        alive = (neighbours == 3) | ((board == 1) & (neighbours == 2))
        board = tf.cast(alive, tf.int32)
    return board


@row((t([5.0, 2.0, 9.0, 1.0, 7.0, 3.0]),), (t([2.0, 1.0]),))
def quicksort(x):
    n = len(x)
    stack = [(0, n - 1)]
    while len(stack) > 0:
        low, high = stack.pop()
        if low >= high:
            continue
        pivot = x[high]
        i = low
        for j in range(low, high):
            if x[j] < pivot:
                a, b = x[i], x[j]
                x = put(put(x, i, b), j, a)
                i += 1
        a, b = x[i], x[high]
        x = put(put(x, i, b), high, a)
        stack.append((low, i - 1))
        stack.append((i + 1, high))
    return x


@row((t([0, 0, 1, 2, 1, 0, 3]), t([3, 4, 0, 2, 0, 5, 0])))
def stack_machine(codes, arguments):
    stack = [0]
    pc = 0
    while pc < len(codes):
        code, argument = codes[pc], arguments[pc]
        pc += 1
        if code == 0:
            stack.append(argument)
        elif code == 1:
            b = stack.pop()
            a = stack.pop()
            stack.append(a + b)
        elif code == 2:
            stack[-1] = stack[-1] * argument
        else:
            break
    return stack, pc


@row((t(2.0),), (t(1e6),))
def newton_with_line_search(a):
    x = tf.constant(1.0)
    steps = 0
    while True:
        f = x * x - a
        if abs(f) < 1e-3 * a or steps >= 60:
            break
        direction = -f / (2.0 * x)
        size = 1.0
        while True:
            new = x + size * direction
            if abs(new * new - a) < abs(f) or size < 1e-6:
                break
            size = size * 0.5
        x = x + size * direction
        steps += 1
    return x, steps


@row(
    (
        t([[0.0, 0.0], [0.1, 0.0], [5.0, 5.0], [5.1, 5.0]]),
        t([[0.0, 0.0], [1.0, 1.0], [99.0, 99.0]]),
        t(5),
    )
)
def k_means_with_an_empty_cluster(points, centers, iterations):
    for _ in range(iterations):
        distances = tf.reduce_sum((points[:, None, :] - centers[None, :, :]) ** 2, axis=-1)
        nearest = tf.argmin(distances, axis=-1)
        updated = []
        for k in range(3):
            mask = nearest == k
            count = tf.reduce_sum(tf.cast(mask, tf.float32))
            if count > 0:
                chosen = tf.where(mask[:, None], points, tf.zeros_like(points))
                updated.append(tf.reduce_sum(chosen, axis=0) / count)
            else:
                updated.append(centers[k])
        centers = tf.stack(updated)
    return centers


@row((t(RANDOM.normal(size=(5, 3)).astype(np.float32)), t([0, 2, 1, 1])))
def viterbi(transitions, observations):
    emissions = tf.transpose(transitions)[:3, :3]
    score = tf.zeros([3])
    back = []
    for o in observations:
        candidate = score[:, None] + emissions
        back.append(tf.argmax(candidate, axis=0))
        score = tf.reduce_max(candidate, axis=0) + transitions[o]
    best = tf.argmax(score)
    path = [best]
    for pointers in reversed(back):
        best = pointers[best]
        path.append(best)
    return path[::-1], tf.reduce_max(score)


@row(
    (t(RANDOM.normal(size=(7, 4)).astype(np.float32)), t(0.5)),
    (t(np.zeros((3, 4), np.float32)), t(0.5)),
)
def rnn_with_early_exit(xs, threshold):
    h = tf.zeros([4])
    used = 0
    for x in xs:
        h = tf.tanh(h * 0.5 + x)
        used += 1
        if tf.reduce_max(h) > threshold:
            break
    return h, used


@row((t(RANDOM.normal(size=(5, 2)).astype(np.float32)),))
def dynamic_rnn(xs):
    steps = tf.shape(xs)[0]
    outputs = tf.TensorArray(tf.float32, size=0, dynamic_size=True)
    h = tf.zeros([2])
    for i in tf.range(steps):
        h = tf.tanh(xs[i] + h)
        outputs = outputs.write(i, h)
    return outputs.stack(), h


@row((t(RANDOM.normal(size=(4, 4)).astype(np.float32)), t(3)))
def beam_search(logits, steps):
    beams = [([0], 0.0), ([1], -0.5)]
    for _ in range(3):
        grown = []
        for tokens, score in beams:
            scores = tf.nn.log_softmax(logits[tokens[-1]])
            for token in range(4):
                grown.append((tokens + [token], score + scores[token]))
        grown = sorted(grown, key=lambda item: -item[1])
        beams = grown[:2]
    return beams[0]


@row((t(30), t(7)))
def bandit(pulls, seed):
    values = [0.0, 0.0]
    counts = [0, 0]
    state = seed
    for _ in range(pulls):
        state = (state * 1103515245 + 12345) % 2147483648
        arm = state % 2 if state % 10 < 3 else (0 if values[0] > values[1] else 1)
        reward = 1.0 if (state // 7) % 3 > arm else 0.0
        counts[arm] += 1
        values[arm] += (reward - values[arm]) / counts[arm]
    return values, counts


@row((30,), (2,))
def sieve(n):
    found = []
    for i in range(2, n):
        is_prime = True
        for p in found:
            if p * p > i:
                break
            if i % p == 0:
                is_prime = False
                break
        if is_prime:
            found.append(i)
    return found
