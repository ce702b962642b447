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
        "Library code that needs the values of tensors",
        "TFC001",
        "Library code runs while the function is compiled, when tensors have no values. So do functions that NumPy calls.",
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
        "A list repeated a number of times known only at run time",
        "TFC001",
        "`[[0]] * n` is one list under many names. A loop can make separate lists.",
        """\
@tf.function
def rows(n):
    return [[0]] * int(n)


rows(tf.constant(3))
""",
        ("[[0]] * int(n)", "[[0] for _ in range(n)]"),
    ),
    Refusal(
        "Iterators from outside under a condition on a tensor",
        "TFC011",
        "Each call takes the next items, and is traced for them. How many it takes has to be known while it is traced.",
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
        "Strings with run-time values as lists or keys",
        "TFC001",
        "Strings that hold values of tensors can be compared, searched, iterated and changed, but cannot become keys or lists.",
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
        "A tensor of a compiled function exists only while it runs. A closure that the function returns cannot keep it.",
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
        "A `yield` can be a statement, or the whole right-hand side of an assignment.",
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
        "Generators that go on after a `next` under a condition on a tensor",
        "TFC006",
        "A generator runs once, and cannot go back for the other path. Iterators of lists, `zip` and `enumerate` can.",
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
        "Changing a view of a NumPy array that a branch has chosen",
        "TFC007",
        "An assignment to a slice changes the array, so it has to be known which slice it is.",
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
        "Assigning an item of a tensor that is one of several",
        "TFC008",
        "`x[i] = v` changes all names of an object. Which object it is has to be known, and is not in a function that "
        "calls itself to a depth of run time.",
        """\
@tf.function
def mark(x, n):
    def down(x, k):
        if k > 0:
            x[k % 3] += 1.0
            down(x, k - 1)

    down(x, n)
    return x


mark(tf.zeros([3]), tf.constant(5))
""",
        (
            """\
            x[k % 3] += 1.0
            down(x, k - 1)

    down(x, n)
    return x
""",
            """\
            x = tf.identity(x)
            x[k % 3] += 1.0
            return down(x, k - 1)
        return x

    return down(x, n)
""",
        ),
    ),
    Refusal(
        "Keys of different kinds at run time",
        "TFC009",
        "Keys that are known only at run time are compared natively: texts, numbers of one kind, and tuples of these.",
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
        "A number of arguments known only at run time",
        "TFC010",
        "Lists and tuples may have a length that is known only at run time, but a call has a fixed number of arguments.",
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
        "Clocks, Python's random numbers and `input`",
        "TFC011",
        "They would run once, while compiling, and every call would get the same answer.",
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
        "Objects that a loop makes are held natively, each in one place. One that is in two places cannot be changed.",
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
        "Assigning to an array that is also in a growing container",
        "TFC012",
        "Such a container holds copies of the values, which the assignment would have to change, too.",
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
        "Stacking tensors of different kinds",
        "TFC012",
        "A growing list may hold tensors of different dtypes and ranks, but these cannot be stacked.",
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
        "Functions without source",
        "TFC013",
        "A function that branches on tensors needs its source. The text given to `exec` is found while a variable holds it.",
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
        "Gradients of recursive functions with effects",
        "TFC014",
        "Such a gradient calls the function again, so it must not assign variables, draw random numbers or call Python.",
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
        "What a tape follows is decided while compiling. Call `tape.gradient` under the same condition instead.",
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
