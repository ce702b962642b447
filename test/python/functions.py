"""Calls, closures, generators, methods."""

import contextlib
import functools
import math

import tfc as tf

from python.harness import Table, t

table = Table("Functions")
row = table.row
X = (t(1.0), t(-1.0))


@row(*X)
def nested_def(x):
    def inner(y, k=2.0):
        if y > 0:
            return y * k
        return y - k

    return inner(x) + inner(-x, k=3.0)


@row(*X)
def closure_cell(x):
    k = 1.0

    def inner():
        return x * k

    k = 5.0
    return inner()


@row(*X)
def nonlocal_in_both_arms(x):
    count = 0

    def bump(by):
        nonlocal count
        count += by

    if x > 0:
        bump(1)
    else:
        bump(10)
    bump(100)
    return count


@row((t(4),), (t(0),))
def nonlocal_in_loop(n):
    total = 0

    def add(v):
        nonlocal total
        total += v

    for i in range(n):
        add(i)
    return total


@row(*X)
def star_arguments(x):
    def f(*args, **kwargs):
        return args[0] + kwargs["k"] * len(args)

    return f(x, x, k=x), f(*[x, x, x], k=2.0)


@row(*X)
def keyword_only(x):
    def f(a, /, b, *, c=1.0):
        return a + b * c

    return f(x, 2.0), f(x, b=3.0, c=x)


@row(*X)
def wrong_call(x):
    def f(a, b):
        return a

    return f(x)


@row(*X)
def two_lambdas_on_a_line(x):
    f, g = lambda v: v * 2 if v > 0 else v, lambda v: v + 1
    return f(x) + g(x)


@row(*X)
def lambda_in_call(x):
    return (lambda a, b=3: a * b)(x)


@row(*X)
def lambda_default_binding(x):
    fs = [lambda v, k=k: v * k for k in range(3)]
    return [f(x) for f in fs]


@row(*X)
def lambda_late_binding(x):
    fs = [lambda v: v * k for k in range(3)]
    return [f(x) for f in fs]


@row(*X)
def partial(x):
    f = functools.partial(lambda a, b, c: a * b if c > 0 else a, x, c=x)
    return f(4.0)


@row(*X)
def lru_cache(x):
    @functools.lru_cache
    def f(k):
        return k * 2

    return x * f(3) + f(3)


def twice(f):
    @functools.wraps(f)
    def wrapper(*args):
        return f(f(*args))

    return wrapper


@row(*X)
def decorated(x):
    @twice
    def f(v):
        return v * 3 if v > 0 else v - 1

    return f(x)


@row((5,), (0,))
def recursion_static(n):
    def factorial(k):
        return 1 if k <= 1 else k * factorial(k - 1)

    return factorial(5)


@row(*X)
def early_return_dtypes(x):
    def f(v):
        if v > 0:
            return tf.cast(v, tf.int32)
        return v

    return f(x)


def helper(x, k=2):
    for _ in range(k):
        if x < 10:
            x = x * 2
    return x


@row(*X)
def module_function(x):
    return helper(x) + helper(x, k=3)


class Counter:
    """State with methods."""

    def __init__(self, start):
        self.value = start
        self.__steps = 0

    def add(self, x):
        if x > 0:
            self.value = self.value + x
        self.__steps += 1
        return self

    @property
    def double(self):
        return self.value * 2

    @double.setter
    def double(self, value):
        self.value = value / 2

    @staticmethod
    def scale(x):
        return x * 10

    @classmethod
    def make(cls, x):
        return cls(x)

    @property
    def steps(self):
        return self.__steps

    def __add__(self, other):
        return Counter(self.value + other)

    def __radd__(self, other):
        return Counter(other - self.value)

    def __getitem__(self, k):
        return self.value * k

    def __call__(self, x):
        return self.value + x if x > 0 else self.value

    def __len__(self):
        return 3

    def __contains__(self, x):
        return x == self.value

    def __enter__(self):
        self.value = self.value + 1
        return self

    def __exit__(self, *details):
        self.value = self.value * 2
        return False

    def __iter__(self):
        for k in range(3):
            yield self.value * k

    def __eq__(self, other):
        return self.value == other

    __hash__ = None


class Child(Counter):
    """Inherits."""

    def add(self, x):
        super().add(x)
        self.value = self.value + 100
        return self

    def __init__(self, start):
        super().__init__(start * 2)


@row(*X)
def methods(x):
    c = Counter(x)
    c.add(x).add(-x).add(2.0)
    return c.value, c.double, c.steps, Counter.scale(x), Counter.make(x).value


@row(*X)
def property_setter(x):
    c = Counter(x)
    c.double = x * 6
    return c.value


@row(*X)
def inheritance(x):
    return Child(x).add(x).value


@row(*X)
def special_methods(x):
    c = Counter(x)
    return (c + 1).value, (1 + c).value, c[3], c(x), len(c), x in c


@row(*X)
def context_manager(x):
    c = Counter(x)
    with c as d:
        y = d.value
    return y, c.value


@row(*X)
def iterate_object(x):
    return [v for v in Counter(x)]


@row(*X)
def object_in_branch(x):
    c = Counter(x)
    if x > 0:
        c.value = x * 7
    return c.value


@row((t(3),), (t(0),))
def object_in_loop(n):
    c = Counter(0)
    for i in range(n):
        c.value = c.value + i
    return c.value


@row((t(3),), (t(0),))
def object_as_loop_variable(n):
    c = Counter(1)
    for i in range(n):
        c = c + i
    return c.value


@row(*X)
def bound_method_as_value(x):
    add = Counter(x).add
    return add(x).value


@row(*X)
def generator(x):
    def g(v):
        for k in range(3):
            yield v * k

    s = 0.0
    for item in g(x):
        s = s + item
    return s


@row(*X)
def generator_next(x):
    def g(v):
        yield v
        yield v + 1

    it = g(x)
    return next(it), next(it), next(it, None)


@row(*X)
def generator_with_return_and_from(x):
    def inner(v):
        yield v
        return v * 2

    def outer(v):
        r = yield from inner(v)
        yield r

    return list(outer(x))


@row(*X)
def generator_send(x):
    def g():
        got = yield 1
        yield got * 2

    it = g()
    next(it)
    return it.send(x)


@row(*X)
def generator_expression(x):
    return tuple(x * k for k in range(3) if k != 1)


@row(*X)
def map_and_filter(x):
    return list(map(lambda k: x * k, filter(lambda k: k > 1, range(4))))


@row(*X)
def sorted_with_key(x):
    return sorted([3, 1, 2], key=lambda k: -k), x


@row(*X)
def functools_reduce(x):
    return functools.reduce(lambda a, b: a * 2 + b, [x, x, x])


@row(*X)
def default_argument_object(x):
    def f(v, acc=[]):
        acc.append(1)
        return v * len(acc)

    return f(x), f(x)


@row(*X)
def contextlib_manager(x):
    @contextlib.contextmanager
    def scope(v):
        yield v * 2

    with scope(x) as y:
        z = y + 1
    return z


@row(*X)
def suppress(x):
    with contextlib.suppress(KeyError):
        {}["a"]
    return x


LIMIT = 3


@row(*X)
def global_read(x):
    return x * LIMIT + math.pi


@row(*X)
def function_attributes(x):
    def f(v):
        return v

    f.k = 3
    return f(x) * f.k


@row(*X)
def immediately_called_class(x):
    class Local:
        k = 4

        def get(self, v):
            return v * self.k

    return Local().get(x)


@row((t(5),), (t(0),))
def recursion_on_python_list(n):
    def total(items):
        return 0 if not items else items[0] + total(items[1:])

    return total([1, 2, 3]) + n


@row((t(3.0),))
def higher_order(x):
    def compose(*fs):
        def run(v):
            for f in fs:
                v = f(v)
            return v

        return run

    return compose(lambda v: v + 1, lambda v: v * 2 if v > 0 else v)(x)


@row(*X)
def endless_recursion(x):
    def f(v):
        return f(v + 1)

    return f(x)
