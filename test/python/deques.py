"""Deques whose length or items are known at run time."""

import collections

import tfc as tf

from python.harness import Table, t

table = Table("Deques")
row = table.row


@row(t(4), t(7), t(0))
def deque_grow(n):
    a = collections.deque()
    for i in tf.range(n):
        a.append(i)
    return len(a), a


@row(t(4), t(7), t(0))
def deque_bfs(n):
    q = collections.deque([n])
    c = 0
    while q:
        v = q.popleft()
        c += 1
        if v > 1:
            q.append(v - 2)
        if v > 2:
            q.appendleft(v - 1)
    return c


@row(t(4), t(7), t(0))
def deque_sum(n):
    q = collections.deque([1, 2])
    for i in tf.range(n):
        q.extend([i, i * 2])
    s = 0
    for v in q:
        s += v
    return s, q[0], q[-1], sum(q), 3 in q


@row(t(4), t(7), t(0))
def deque_print(n):
    q = collections.deque([1, 2])
    for i in tf.range(n):
        q.append(3)
    print(q)
    return list(q)


@row(t(4), t(7), t(0))
def deque_empty_pop(n):
    q = collections.deque()
    for i in tf.range(n):
        q.append(i)
    return q.popleft()


@row(t(4), t(7), t(0))
def deque_branch(n):
    q = collections.deque([n])
    if n > 2:
        q.append(n + 1)
    else:
        q.pop()
    return len(q), q


@row(t(4), t(7), t(0))
def deque_maxlen(n):
    q = collections.deque([1, 2, 3], maxlen=2)
    q.append(n)
    return list(q)


@row(t(4), t(7), t(0))
def deque_obj(n):
    class Q:
        def __init__(self):
            self.q = collections.deque()

        def put(self, v):
            self.q.append(v)

        def get(self):
            return self.q.popleft()

        def __len__(self):
            return len(self.q)

    q = Q()
    for i in tf.range(n):
        q.put(i * i)
    s = 0
    while len(q) > 1:
        s += q.get() * q.get()
    return s


@row(t(3), t(-3), 2)
def of_a_length_of_its_own(n):
    q = collections.deque([1, n], maxlen=3)
    if n > 0:
        q.append(4)
        q.append(5)
    else:
        q.appendleft(9)
    return q, q.maxlen, list(q)


@row(t(3), t(0), 2)
def that_grows_to_a_length_of_its_own(n):
    q, d = collections.deque(maxlen=2), {"q": collections.deque(maxlen=3)}
    for i in range(n):
        q.append(i)
        d["q"].append(i)
        d["q"].append(i + 1)
    return q, d, q.maxlen, len(q)


@row(t(3), t(-3), 2)
def one_of_two_lengths(n):
    q = collections.deque([n, 1], maxlen=3) if n > 0 else collections.deque([n, 2])
    q.append(5)
    q.append(6)
    return q, q.maxlen


@row((collections.deque([1, 2], maxlen=2), t(2)), (collections.deque([], maxlen=2), 3))
def given_with_a_length(q, n):
    for i in range(n):
        q.append(i)
    return list(q)


@row(t(3), t(0))
def several_in_a_list(n):
    items = []
    for i in range(n):
        items.append(collections.deque([i, i + 1, i + 2], maxlen=2))
    if n > 0:
        items[0].append(5)
    return items
