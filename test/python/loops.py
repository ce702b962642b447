"""Loops over run-time values."""

import contextlib

import tfc as tf

from python.harness import Table, t

table = Table("Loops")
row = table.row
COUNTS = ((5,), (1,), (0,))
TENSORS = ((t(5),), (t(1),), (t(0),))


@row(*COUNTS, *TENSORS)
def while_count(n):
    i = 0
    s = 0
    while i < n:
        s += i * i
        i += 1
    return s, i


@row(*COUNTS, *TENSORS)
def for_range(n):
    s = 0
    for i in range(n):
        s += i
    return s


@row(*TENSORS)
def for_tf_range(n):
    s = 0
    for i in tf.range(n):
        s += i
    return s


@row(*TENSORS)
def range_with_start_and_step(n):
    s = 0
    for i in range(1, n + 5, 2):
        s = s * 3 + i
    return s


@row(*TENSORS)
def range_backwards(n):
    s = 0
    for i in range(n, -3, -2):
        s = s * 3 + i
    return s


@row(t([1.0, 2.0, 3.0]), t([[1.0, 2.0], [3.0, 4.0]]))
def for_tensor(x):
    s = 0.0
    for v in x:
        s = s + v
    return s


@row((t(5), t(2)), (t(5), t(9)), (t(0), t(2)))
def break_staged(n, k):
    i = 0
    while i < n:
        if i == k:
            break
        i += 1
    return i


@row((t(6), t(2)), (t(0), t(2)))
def continue_staged(n, k):
    s = 0
    for i in range(n):
        if i % k == 0:
            continue
        s += i
    return s


@row((t(6), t(2)), (t(6), t(20)), (t(0), t(2)))
def return_in_loop(n, k):
    for i in range(n):
        if i == k:
            return i * 10
    return -1


@row((t(6), t(2)), (t(6), t(20)), (t(0), t(2)))
def return_none_in_loop(n, k):
    for i in range(n):
        if i * 2 == k:
            return i


@row((t(6), t(3)), (t(6), t(30)), (t(0), t(3)))
def while_else(n, k):
    i = 0
    while i < n:
        if i == k:
            break
        i += 1
    else:
        i = -1
    return i


@row((t(6), t(3)), (t(6), t(30)), (t(0), t(3)))
def for_else(n, k):
    found = -1
    for i in range(n):
        if i == k:
            found = i
            break
    else:
        found = 100
    return found


@row((t(3),), (t(10),))
def while_true(n):
    i = 0
    while True:
        i += 1
        if i * i > n:
            break
    return i


@row((t(3),), (t(10),))
def while_true_return(n):
    i = 0
    while True:
        i += 2
        if i > n:
            return i


@row(t([1.0, 5.0, 2.0]), t([1.0, 2.0, 3.0]))
def staged_break_in_python_range(x):
    s = 0.0
    for i in range(3):
        if x[i] > 4:
            break
        s = s + x[i]
    return s


@row(t([1.0, 5.0, 2.0]), t([1.0, 2.0, 3.0]))
def staged_return_in_list(x):
    for k in [3.0, 4.0, 2.0]:
        if tf.reduce_sum(x) > k * 2:
            return k
    return 0.0


@row(t(1.0), t(100.0))
def staged_break_in_long_range(x):
    for i in range(40):
        if x > 1000:
            break
        x = x * 1.5
    return x, i


@row((t(4), t(3)), (t(0), t(3)), (t(4), t(0)))
def nested_loops(n, m):
    s = 0
    for i in range(n):
        for j in range(m):
            s += i * j + 1
    return s


@row((t(4), t(6)), (t(4), t(2)))
def nested_break(n, k):
    count = 0
    for i in range(n):
        for j in range(n):
            if i + j == k:
                break
            count += 1
    return count


@row((t(4), t(6)), (t(4), t(2)), (t(4), t(200)))
def nested_return(n, k):
    for i in range(n):
        for j in range(n):
            if i * j == k:
                return i, j
    return -1, -1


@row(*TENSORS)
def loop_variable_after(n):
    i = 77
    for i in range(n):
        pass
    return i


@row(*TENSORS)
def loop_variable_unbound_after_zero_trips(n):
    for i in range(n):
        pass
    return i


@row(*TENSORS)
def enumerate_range(n):
    s = 0
    for i, j in enumerate(range(n), 3):
        s += i * j
    return s


@row(t([1.0, 2.0, 3.0]))
def enumerate_tensor(x):
    s = 0.0
    for i, v in enumerate(x):
        s = s + i * v
    return s


@row(*TENSORS)
def zip_ranges(n):
    s = 0
    for a, b in zip(range(n), range(3, n + 10)):  # noqa: B905
        s += a * b
    return s


@row(*TENSORS)
def reversed_range(n):
    s = 0
    for i in reversed(range(n)):
        s = s * 2 + i
    return s


@row(*TENSORS)
def map_range(n):
    s = 0
    for v in map(lambda i: i * i, range(n)):  # noqa: C417
        s += v
    return s


@row(*TENSORS)
def filter_range(n):
    s = 0
    for v in filter(lambda i: i % 2 == 0, range(n)):
        s += v
    return s


@row(({"a": t(1.0), "b": t(2.0)},))
def dict_items(d):
    s = 0.0
    for key, value in d.items():
        s = s + value * len(key)
    return s


@row((t(3), t([1.0])), (t(0), t([1.0])))
def growing_tensor(n, x):
    for _ in range(n):
        x = tf.concat([x, x], 0)
    return x


@row((t(3), t([1.0, 2.0, 3.0, 4.0, 5.0])), (t(0), t([1.0, 2.0])))
def shrinking_tensor(n, x):
    for _ in range(n):
        x = x[1:]
    return x


@row((t(3),), (t(0),))
def dtype_changes(n):
    x = tf.constant(1)
    for _ in range(n):
        x = tf.cast(x, tf.float32) * 1.5
    return x


@row((t(3),), (t(0),))
def none_becomes_value(n):
    last = None
    for i in range(n):
        last = i
    return last


@row((t(5),), (t(0),))
def int_becomes_float(n):
    s = 1
    for _ in range(n):
        s = s * 1.5
    return s


@row((t(5),))
def temporaries(n):
    s = 0
    for i in range(n):
        a = i * 2
        b = a + 1
        s += a * b
    return s


@row((t(10),), (t(1),))
def fibonacci(n):
    a, b = 0, 1
    for _ in range(n):
        a, b = b, a + b
    return a


@row((27,), (1,))
def collatz(n):
    steps = 0
    while n != 1:
        if n % 2 == 0:
            n = n // 2
        else:
            n = 3 * n + 1
        steps += 1
    return steps


@row((48, 36), (7, 13))
def gcd(a, b):
    while b:
        a, b = b, a % b
    return a


@row((t(1.0),), (t(1000.0),))
def newton(x):
    y = x
    while abs(y * y - x) > 1e-3 * x:
        y = (y + x / y) / 2
    return y


@row((t(4),), (t(0),))
def while_with_walrus(n):
    i = 0
    s = 0
    while (k := i * 2) < n * 3:
        s += k
        i += 1
    return s


@row((t(4),), (t(0),))
def tuple_state(n):
    state = (0, 1.0)
    for i in range(n):
        state = (state[0] + i, state[1] * 2)
    return state


@row((t(4),), (t(0),))
def dict_state(n):
    state = {"i": 0, "x": 1.0}
    for i in range(n):
        state = {"i": state["i"] + i, "x": state["x"] * 2}
    return state


@row((t(3),), (t(0),))
def set_flag(n):
    seen = False
    for i in range(n):
        if i == 2:
            seen = True
    return seen


@row((t(3),), (t(0),))
def list_from_range(n):
    return [i * 2 for i in range(n)]


@row((t(7),), (t(0),))
def filtered_comprehension(n):
    return [i for i in range(n) if i % 3 == 1]


@row((t(4),), (t(0),))
def sum_of_generator(n):
    return sum(i * i for i in range(n))


@row((t(4),), (t(0),))
def any_all(n):
    return any(i > 2 for i in range(n)), all(i < 3 for i in range(n))


@row((t([3.0, 1.0, 2.0]),))
def max_loop(x):
    best = x[0]
    where = 0
    for i in range(1, 3):
        if x[i] > best:
            best = x[i]
            where = i
    return best, where


@row((t(3),), (t(0),))
def pass_loop(n):
    for _ in range(n):
        pass
    return n


@row((t(12),), (t(3),))
def continue_and_break(n):
    s = 0
    i = 0
    while True:
        i += 1
        if i % 2:
            continue
        if i > n:
            break
        s += i
    return s


@row(((1, 2, 3), t(2)), ((1, 2, 3), t(9)))
def index_of(values, k):
    for i, v in enumerate(values):
        if v == k:
            return i
    return None


@row(t([0, 1, 0, 2]), t([0, 2]), t([2, 0]))
def raises_inside_of_a_loop_in_an_arm(kinds):
    stack, out = [], []
    for kind in kinds:
        if kind == 0:
            stack.append(kind)
        else:
            while stack and stack[-1] < kind:
                out.append(stack.pop() + kind)
    return out, stack


# -- what is carried ----------------------------------------------------------------------------

w = tf.Variable(3.0)


@row(*COUNTS, *TENSORS)
def a_tape_in_an_inner_loop(n):
    w.assign(3.0)
    loss = 0.0
    for _epoch in range(n):
        for x in [1.0, 2.0]:
            with tf.GradientTape() as tape:
                loss = (w * x - 1) ** 2
            w.assign_sub(0.1 * tape.gradient(loss, w))
    return loss, w.read_value()


@row(*COUNTS, *TENSORS)
def a_tape_for_each_row(n):
    w.assign(3.0)
    total = 0.0
    for _epoch in range(n):
        for x in tf.reshape(tf.range(6.0), [3, 2]):
            with tf.GradientTape() as tape:
                loss = tf.reduce_sum((w * x - 1) ** 2)
            grad = tape.gradient(loss, w)
            w.assign_sub(0.01 * grad)
            total = total + loss
    return total, w.read_value()


@row(*COUNTS, *TENSORS)
def what_a_with_may_leave_unassigned(n):
    y = -1
    seen = []
    for i in range(n):
        with contextlib.suppress(ValueError):
            if i % 2:
                raise ValueError
            y = i * 10
        seen.append(y)
    return seen


@row(*COUNTS, *TENSORS)
def what_a_case_binds(n):
    s, k = 0, -1
    for i in range(n):
        match i % 3:
            case 0:
                s += 1
            case k:
                s += k
    return s, k


@row(*COUNTS, *TENSORS)
def structures_of_inner_loops(n):
    i = 0
    m = None
    while i < n:
        held = {"a": i}
        while True:
            m = held["a"]
            if m > 2:
                break
            held = {"a": m + 1, "b": 2}
        i += 1
    return i, m


@row(*COUNTS, *TENSORS)
def what_finally_reads(n):
    total = 0
    for i in range(n):
        try:
            held = [i]
            total += len(held)
        finally:
            total += held[0]
    return total


@row(*COUNTS, *TENSORS)
def what_locals_reads(n):
    seen = 0
    for i in range(n):
        if i > 0:
            seen += locals()["kept"]
        kept = i
    return seen
