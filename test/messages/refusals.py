"""Programs that are refused, each with the edit that makes it run: what docs/limitations.md shows.

A program is a text: it is run from a file of its own, so that the lines in its error are those that the reader sees.
"""

from __future__ import annotations

from typing import NamedTuple


class Refusal(NamedTuple):
    """One refused program: its source, the code of the error, and a replacement after which it runs."""

    title: str
    code: str
    why: str
    source: str
    edit: tuple[str, str]


REFUSALS = (
    Refusal(
        "Values are asked for by library code",
        "TFC001",
        "Library code runs while compiling, when tensors have no values; functions that NumPy calls are library code.",
        """\
@tf.function
def spread(x):
    return np.apply_along_axis(lambda row: row.max() - row.min(), 1, x)


spread(tf.constant([[3.0, 1.0], [2.0, 5.0]]))
""",
        (
            "np.apply_along_axis(lambda row: row.max() - row.min(), 1, x)",
            "tf.reduce_max(x, 1) - tf.reduce_min(x, 1)",
        ),
    ),
    Refusal(
        "One list many times, as often as is known at run time only",
        "TFC001",
        "`[[0]] * n` is one list under many names. Lists of their own can be made in a loop.",
        """\
@tf.function
def rows(n):
    return [[0]] * int(n)


rows(tf.constant(3))
""",
        ("[[0]] * int(n)", "[[0] for _ in range(n)]"),
    ),
    Refusal(
        "Iterators from outside, asked under a condition on a tensor",
        "TFC011",
        "Each call takes the next items, and is traced for it; how many it takes has to be known then.",
        """\
numbers = iter([1.0, 2.0, 3.0])


@tf.function
def step(x):
    return x + next(numbers) if x > 0 else x


step(tf.constant(1.0))
""",
        (
            "    return x + next(numbers) if x > 0 else x",
            "    number = next(numbers)\n    return x + number if x > 0 else x",
        ),
    ),
    Refusal(
        "Strings of run time taken apart",
        "TFC001",
        "Strings that hold values of tensors can be compared, searched, iterated and changed; they are no keys and no lists.",
        """\
@tf.function
def words(x):
    return len(f"{int(x)} items".split())


words(tf.constant(3))
""",
        ('len(f"{int(x)} items".split())', 'f"{int(x)} items".count(" ") + 1'),
    ),
    Refusal(
        "Tensors that outlive their function",
        "TFC002",
        "A tensor of a compiled function exists while it runs; a closure that the function returns cannot keep it.",
        """\
@tf.function
def shift(x):
    return lambda: x + 1


shift(tf.constant(1.0))()
""",
        (
            "return lambda: x + 1\n\n\nshift(tf.constant(1.0))()",
            "return x + 1\n\n\nshift(tf.constant(1.0))",
        ),
    ),
    Refusal(
        "Asynchronous code and exception groups",
        "TFC005",
        "There is no event loop in compiled code.",
        """\
@tf.function
async def double(x):
    return x * 2


double(tf.constant(1.0))
""",
        ("async def", "def"),
    ),
    Refusal(
        "`yield` in the middle of an expression",
        "TFC006",
        "A statement, or the whole right-hand side of an assignment, can be a `yield`.",
        """\
def totals(x):
    total = 1 + (yield x)
    yield total


@tf.function
def two(x):
    items = totals(x)
    next(items)
    return items.send(x)


two(tf.constant(1.0))
""",
        ("total = 1 + (yield x)", "sent = yield x\n    total = 1 + sent"),
    ),
    Refusal(
        "Generators that are asked under a condition on a tensor, and go on",
        "TFC006",
        "A generator runs once, and cannot go back for the other path. Iterators of lists, `zip` and `enumerate` can be used so.",
        """\
def powers(x):
    yield x
    yield x * x


@tf.function
def one(x):
    items = powers(x)
    first = next(items) if x > 0 else x
    return first + next(items)


one(tf.constant(2.0))
""",
        ("items = powers(x)", "items = iter(list(powers(x)))"),
    ),
    Refusal(
        "Views of NumPy arrays that paths choose, changed in place",
        "TFC007",
        "What is assigned to a slice is assigned to the array. Which slice it is has to be known.",
        """\
@tf.function
def mark(a, n):
    row = a[0] if n > 0 else a[1]
    row[2] = 7.0
    return a


mark(np.zeros((3, 3)), tf.constant(2))
""",
        (
            "row = a[0] if n > 0 else a[1]\n    row[2] = 7.0",
            "i = 0 if n > 0 else 1\n    a[i, 2] = 7.0",
        ),
    ),
    Refusal(
        "Items of a tensor that is one of several",
        "TFC008",
        "`x[i] = v` changes all names of an object. Which object it is has to be known, unless the others are no longer used.",
        """\
@tf.function
def mark(x, y):
    larger = x if tf.reduce_sum(x) > tf.reduce_sum(y) else y
    larger[0] = 1.0
    return larger


mark(tf.zeros([3]), tf.ones([3]))
""",
        ("    larger[0] = 1.0", "    larger = tf.identity(larger)\n    larger[0] = 1.0"),
    ),
    Refusal(
        "Keys of different kinds at run time",
        "TFC009",
        "Keys that are known at run time only are compared natively: texts, numbers of one kind, and tuples of them.",
        """\
@tf.function
def squares(n):
    table = {0.5: n}
    for i in tf.range(n):
        table[int(i)] = i * i
    return table


squares(tf.constant(3))
""",
        ("table = {0.5: n}", "table = {-1: n}"),
    ),
    Refusal(
        "The order of a set of run-time items",
        "TFC010",
        "Python visits the items of a set in the order of their hashes.",
        """\
@tf.function
def digits(n):
    found = set()
    for i in tf.range(n):
        found.add(int(i) % 3)
    return [item * 2 for item in found]


digits(tf.constant(3))
""",
        ("in found]", "in sorted(found)]"),
    ),
    Refusal(
        "As many arguments as a tensor says",
        "TFC010",
        "Lists and tuples may have a length that is known at run time only. A call has a fixed number of arguments.",
        """\
def total(*items):
    return sum(items)


@tf.function
def squares(n):
    return total(*[i * i for i in tf.range(n)])


squares(tf.constant(3))
""",
        ("total(*[i * i for i in tf.range(n)])", "sum([i * i for i in tf.range(n)])"),
    ),
    Refusal(
        "Clocks, random numbers and questions",
        "TFC011",
        "They would be asked once, while compiling, and the answer would be the same for ever.",
        """\
@tf.function
def noisy(x):
    return x + np.random.normal(size=3)


noisy(tf.zeros([3]))
""",
        ("np.random.normal(size=3)", "tf.random.normal([3])"),
    ),
    Refusal(
        "Variables whose structure changes in a loop",
        "TFC012",
        "A loop over a tensor keeps each variable in one native form. Lists may grow.",
        """\
@tf.function
def chain(n):
    s = 0
    for i in tf.range(n):
        s = (s, i)
    return s


chain(tf.constant(3))
""",
        ("s = (s, i)", "s = s + i"),
    ),
    Refusal(
        "Objects that a loop makes, with several names",
        "TFC012",
        "What the iterations of a loop make is held natively. A change of it is written to one place; what is in two must stay.",
        """\
@tf.function
def history(n):
    rows, odd = [], []
    for i in tf.range(n):
        row = [i]
        rows.append(row)
        if i % 2 == 1:
            odd.append(row)
    for row in odd:
        row.append(-1)
    return rows


history(tf.constant(3))
""",
        (
            "odd.append(row)\n    for row in odd:\n        row.append(-1)",
            "odd.append(i)\n    for i in odd:\n        rows[i].append(-1)",
        ),
    ),
    Refusal(
        "Arrays in a container that grows, and assigned by another name",
        "TFC012",
        "Such a container holds the values. An assignment would have to be one of every name of the array.",
        """\
@tf.function
def history(x, n):
    states = []
    for _ in tf.range(n):
        states.append(x)
        x[0] += 1
    return states


history(np.zeros(2), tf.constant(3))
""",
        ("states.append(x)", "states.append(x.copy())"),
    ),
    Refusal(
        "Lists of tensors that are no rows of one tensor",
        "TFC012",
        "A growing list may hold different things, but those cannot be stacked.",
        """\
@tf.function
def collect(n):
    out = []
    for i in tf.range(n):
        if i % 2 == 0:
            out.append(i)
        else:
            out.append(tf.zeros([2]))
    return tf.stack(out)


collect(tf.constant(3))
""",
        ("tf.zeros([2])", "-i"),
    ),
    Refusal(
        "Code whose text nobody keeps",
        "TFC013",
        "What branches on tensors is interpreted from its source. The text that `exec` got is found while a variable has it.",
        """\
scope = {}
lines = ["def absolute(x):", "    return x if x > 0 else -x"]
exec("\\n".join(lines), scope)
absolute = tf.function(scope["absolute"])
absolute(tf.constant(-1.0))
""",
        (
            'exec("\\n".join(lines), scope)',
            'scope["absolute"] = lambda x: x if x > 0 else -x',
        ),
    ),
    Refusal(
        "Gradients of functions with effects that call themselves to a depth known at run time",
        "TFC014",
        "Such a gradient calls the function again, which must neither assign variables nor draw random numbers nor call Python.",
        """\
def noisy(x, n):
    noise = tf.random.normal([])
    return x if n <= 1 else noise * noisy(tf.sin(x), n - 1)


@tf.function
def slope(x, n):
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = noisy(x, n)
    return tape.gradient(y, x)


slope(tf.constant(0.5), tf.constant(3))
""",
        (
            "noise = tf.random.normal([])",
            "noise = tf.random.stateless_normal([], tf.stack([n, 0]))",
        ),
    ),
    Refusal(
        "Tapes that watch or are reset under a condition on a tensor",
        "TFC015",
        "What a tape follows is decided while compiling. `tape.gradient` may be called under the same condition.",
        """\
@tf.function
def slope(x):
    with tf.GradientTape() as tape:
        if x > 0:
            tape.watch(x)
        y = x * x
    return tape.gradient(y, x, unconnected_gradients="zero")


slope(tf.constant(3.0))
""",
        (
            "        if x > 0:\n            tape.watch(x)\n",
            "        tape.watch(x)\n",
        ),
    ),
)
