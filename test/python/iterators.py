"""Iterators that a program makes and goes on with, and objects of the user's that are iterated over."""

import collections.abc
import itertools

import tfc as tf

from python.harness import Table, t

table = Table("Iterators")
row = table.row
SIGNS = (t(3.0), t(-2.0))
COUNTS = (t(3), t(0), t(1))


class Countdown:
    def __init__(self, n):
        self.n = n

    def __iter__(self):
        return self

    def __next__(self):
        if self.n <= 0:
            raise StopIteration
        self.n -= 1
        return self.n


class Bag:
    def __init__(self, items):
        self.items = list(items)

    def __iter__(self):
        return iter(self.items)

    def __reversed__(self):
        return reversed(self.items)


class Numbered:
    def __init__(self, *items):
        self.items = items

    def __getitem__(self, index):
        return self.items[index]


class Sequence(collections.abc.Sequence):
    def __init__(self, *items):
        self.items = items

    def __getitem__(self, index):
        return self.items[index]

    def __len__(self):
        return len(self.items)


@row(*SIGNS)
def next_in_an_arm(x):
    numbers = iter([1.0, 2.0, 3.0])
    first = 0.0
    if x > 0:
        first = next(numbers)
    return next(numbers) + first


@row(*SIGNS)
def rest_after_an_arm(x):
    pairs = zip([1.0, 2.0, 3.0], "abc", strict=True)
    if x > 0:
        next(pairs)
    return [x * a for a, _ in pairs] if x < -5 else next(pairs)[0]


@row(*COUNTS)
def next_in_a_loop(n):
    numbers = iter([1.0, 2.0, 3.0, 4.0])
    total = 0.0
    for _ in range(n):
        total += next(numbers)
    return total, next(numbers)


@row(t(5), t(2))
def past_the_end(n):
    numbers = iter((1, 2, 3))
    total = 0
    try:
        for _ in range(n):
            total += next(numbers)
    except StopIteration:
        total = -total
    return total


@row((t(1.0), 2), (t(-1.0), 3), (t(2.0), 0))
def sent_in_a_python_range(x, n):
    def mean():
        total, count, value = 0.0, 0, None
        while True:
            new = yield value
            if new is None:
                return total
            total += new
            count += 1
            value = total / count

    means = mean()
    next(means)
    out = [means.send(x * i) for i in range(n)]
    try:
        means.send(None)
    except StopIteration as stop:
        out.append(stop.value)
    return out


@row(*SIGNS, refused="TFC006")
def generator_in_an_arm(x):
    def numbers():
        yield 1.0
        yield 2.0

    given = numbers()
    first = next(given) if x > 0 else 0.0
    return next(given) + first


@row(t(4), t(0), t(1))
def own_iterator(n):
    return sum(i * i for i in Countdown(n))


@row(3, 0)
def own_iterator_of_known_length(n):
    return (
        list(Countdown(n)),
        sum(Countdown(n)),
        max(Countdown(n), default=-1),
        2 in Countdown(n),
        [*Countdown(n)],
        list(zip(Countdown(n), "abc", strict=False)),
    )


@row(t(4), t(1))
def own_iterator_left_early(n):
    source = Countdown(n)
    for i in source:
        if i < 3:
            break
    return source.n, list(source)


@row(t([1.0, 2.0]), t([3.0, 4.0, 5.0]), t([1.0]))
def own_reversed(xs):
    bag = Bag(xs)
    return list(reversed(bag)), [*bag], max(bag)


@row((t(3.0), t(5.0)), (t(-1.0), t(-2.0)))
def numbered_items(x, v):
    items = Numbered(x, x * 2, t(5.0))
    return list(items), v in list(items), sum(items), [i + 1 for i in items]


@row((t(3.0), t(5.0)), (t(-1.0), t(-2.0)))
def abstract_sequence(x, v):
    items = Sequence(x, x * 2, t(5.0))
    return v in items, list(reversed(items)), items.count(v), sum(items), max(items)


@row(t([3, 3, 1, 2, 2]), t([1]), t([5, 5]))
def groups(xs):
    return [(key, len(list(items))) for key, items in itertools.groupby(int(v) for v in xs)]


@row(t([1.0, 2.0, 3.0]), t([4.0]))
def some_taken_first(xs):
    items = iter(xs)
    first = next(items)
    second = next(items, tf.constant(-1.0))
    return first, second, list(items), next(items, None)


@row(t(4), t(0))
def while_counted(n):
    return list(itertools.takewhile(lambda k: k < n, itertools.count(1)))


@row(t(4), t(0))
def around(n):
    days, total = itertools.cycle(["mon", "tue", "wed"]), 0
    weights = itertools.cycle([10, 20, 30])
    for _ in range(n):
        total += next(weights)
        next(days)
    return total, next(days), next(weights)


@row(t(4), t(0))
def numbered_where_even(n):
    numbers, rest, out = itertools.count(100, 3), itertools.repeat(n), []
    for k in range(n):
        if k % 2 == 0:
            out.append(next(numbers) + next(rest))
    return out, next(numbers)


@row(t(4), t(0))
def endless_beside_ended(n):
    return (
        list(zip(itertools.count(1), [n, n])),
        list(zip(itertools.cycle("ab"), range(3))),
        [a * b for a, b in zip(itertools.repeat(n), range(3))],
    )


@row(t(1), t(-1), t(3))
def a_letter(i):
    return "abc"[i]


@row(t(3), t(0))
def counting_on(n):
    numbers = itertools.count(10, 5)
    start = next(numbers)
    return [start + n, next(numbers), *itertools.islice(numbers, 2)]


def naturals(first=0):
    while True:
        yield first
        first += 1


@row(*COUNTS)
def zip_without_an_end(n):
    out = []
    for number, name in zip(itertools.count(10, 5), itertools.cycle("ab")):
        if number > 10 + 5 * n:
            break
        out.append((number, name))
    return out


@row(*COUNTS)
def zip_of_count_goes_on(n):
    left, right = itertools.count(1), itertools.count(1)
    before, after = list(zip(left, range(n))), list(zip(range(n), right))
    return before, after, next(left), next(right)


@row(*COUNTS)
def zip_of_a_generator(n):
    def shown():
        for i in range(3):
            print("made", i)
            yield i

    out = []
    for a, b in zip(range(n), shown()):
        print(a, b)
        out.append(a * b)
    return out, [a + b for a, b in zip(naturals(2), range(n))]


@row(*COUNTS)
def map_without_an_end(n):
    total = 0
    for square in map(lambda v: v * v, itertools.count(1)):
        if square > 5 * n:
            break
        total += square
    return total, list(map(lambda a, b: a + b, range(n), naturals(1)))


@row(*COUNTS)
def first_without_an_end(n):
    return next(v for v in itertools.count(1) if v * v > n)


@row(*COUNTS)
def held_generator_without_an_end(n):
    numbers, total = naturals(), 0
    for i in numbers:
        if i > n:
            break
        total += i
    return total


@row(*COUNTS)
def zip_strict(n):
    return list(zip([1, 2, 3], range(n), strict=True))


@row(t(3), refused="TFC006")
def two_generators_without_an_end(n):
    total = 0
    for a, b in zip(naturals(), naturals(1)):
        if a > n:
            break
        total += a * b
    return total
