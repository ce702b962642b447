"""Functions that call themselves to a depth that is known at run time."""

import tfc as tf

from python.harness import Table, t

table = Table("Recursion")
row = table.row
X = (t(1.0), t(-1.0))
N = ((t(5),), (t(1),), (t(0),))


@row(*N)
def fact(n):
    if n <= 1:
        return 1
    return n * fact(n - 1)


@row(*N)
def fact_t(n):
    def go(k, acc):
        if k <= 0:
            return acc
        return go(k - 1, acc * 2)

    return go(n, t([1.0, 2.0]))


@row(*N)
def fib(n):
    def f(k):
        return k if k < 2 else f(k - 1) + f(k - 2)

    return f(n)


@row(*N)
def counter_depth(n):
    def f(k, depth=0):
        if k <= 0:
            return depth
        return f(k - 1, depth + 1)

    return f(n)


@row(*N)
def even_odd(n):
    def even(k):
        if k == 0:
            return True
        return odd(k - 1)

    def odd(k):
        if k == 0:
            return False
        return even(k - 1)

    return even(n)


@row(*N)
def closure_value(n):
    s = t(3.0)

    def f(k):
        if k <= 0:
            return s * 0
        return s + f(k - 1)

    return f(n) + s


@row(*N)
def nonlocal_rec(n):
    calls = 0

    def f(k):
        nonlocal calls
        calls += 1
        if k <= 0:
            return 0
        return f(k - 1) + f(k - 2)

    r = f(n)
    return r, calls


@row(*N)
def list_acc(n):
    out = []

    def f(k):
        if k <= 0:
            return
        out.append(k)
        f(k - 1)
        out.append(-k)

    f(n)
    return out


@row(*N)
def list_arg(n):
    def f(k, out):
        if k <= 0:
            return out
        out.append(k)
        return f(k - 1, out)

    return f(n, [])


@row(*N)
def hanoi(n):
    def h(k, a, b, c):
        if k == 0:
            return 0
        return h(k - 1, a, c, b) + 1 + h(k - 1, c, b, a)

    return h(n, 0, 1, 2)


@row((t([3.0, 1.0, 2.0, 5.0, 4.0]),), (t([1.0]),), (tf.zeros([0]),))
def quicksort(x):
    def qs(v):
        if tf.size(v) <= 1:
            return v
        p = v[0]
        rest = v[1:]
        return tf.concat([qs(rest[rest < p]), [p], qs(rest[rest >= p])], 0)

    return qs(x)


@row((t(12), t(18)), (t(7), t(0)), (t(5), t(5)))
def gcd(a, b):
    if b == 0:
        return a
    return gcd(b, a % b)


@row((t(5000),), (t(3),))
def endless(n):
    def f(k):
        if k < 0:
            return k
        return f(k + 1)

    return f(n)


@row((t(2), t(3)), (t(0), t(2)), (t(1), t(0)))
def ackermann(m, n):
    if m == 0:
        return n + 1
    if n == 0:
        return ackermann(m - 1, 1)
    return ackermann(m - 1, ackermann(m, n - 1))


@row(*N)
def loop_inside(n):
    def f(k):
        s = 1
        for i in range(k):
            s += f(i)
        return s

    return f(n)


@row(*N)
def raise_inside(n):
    def f(k):
        if k == 2:
            raise ValueError("two")
        if k <= 0:
            return 0
        return 1 + f(k - 1)

    return f(n)


@row(*N)
def raise_caught_outside(n):
    def f(k):
        if k == 2:
            raise ValueError("two")
        if k <= 0:
            return 0
        return 1 + f(k - 1)

    try:
        return f(n)
    except ValueError:
        return -1


@row(*N)
def print_inside(n):
    def f(k):
        if k <= 0:
            return
        print("k", k)
        f(k - 1)

    f(n)


class Tree:
    def __init__(self, v, l=None, r=None):
        self.v, self.l, self.r = v, l, r


def total(tree, x):
    if tree is None:
        return x * 0
    if x > tree.v:
        return tree.v + total(tree.l, x)
    return tree.v + total(tree.r, x)


@row(*X)
def tree_rec(x):
    return total(Tree(0.5, Tree(0.2), Tree(0.7, Tree(3.0))), x)


class Obj:
    def __init__(self):
        self.count = 0

    def visit(self, k):
        self.count += 1
        if k > 0:
            self.visit(k - 1)
        return self.count


@row(*N)
def method_rec(n):
    o = Obj()
    return o.visit(n), o.count


@row(*N)
def binary_digits(n):
    def f(k):
        if k < 2:
            return [k]
        return f(k // 2) + [k % 2]

    return f(n)


@row(*N)
def none_result(n):
    def find(k):
        if k == 3:
            return k * 10
        if k <= 0:
            return None
        return find(k - 1)

    r = find(n)
    return -1 if r is None else r


@row((t(27),), (t(1),))
def collatz(n):
    if n == 1:
        return 0
    return 1 + (collatz(n // 2) if n % 2 == 0 else collatz(3 * n + 1))


@row((5,), (1,))
def python_number(n):
    if n <= 1:
        return 1
    return n * python_number(n - 1)


@row(*N)
def twice(n):
    return fact(n) + fact(n + 1)


@row(*N)
def two_functions(n):
    def f(k):
        if k <= 0:
            return 1
        return g(k - 1, 2) + f(k - 1)

    def g(k, m):
        if k <= 0:
            return m
        return g(k - 1, m) + (f(k - 2) if k > 1 else 0)

    return f(n)


v = tf.Variable(0)


@row(*N)
def var_rec(n):
    v.assign(0)

    def f(k):
        if k > 0:
            v.assign_add(k)
            f(k - 1)

    f(n)
    return v + 0


@row((t([[1.0, 2.0], [3.0, 4.0]]), t(5)), (t([[1.0, 2.0], [3.0, 4.0]]), t(0)))
def matpow(m, n):
    if n == 0:
        return tf.eye(2)
    h = matpow(m, n // 2)
    h = h @ h
    if n % 2 == 1:
        h = h @ m
    return h


@row(t([[1, 1], [0, 1]]), t([[0, 1], [1, 0]]), [[1, 1, 0], [0, 1, 0], [1, 1, 1]])
def island(g):
    seen = set()
    n = len(g)

    def dfs(y, x):
        if not (0 <= y < n and 0 <= x < n) or not g[y][x] or (y, x) in seen:
            return 0
        seen.add((y, x))
        return 1 + sum(dfs(y + a, x + b) for a, b in ((0, 1), (1, 0), (0, -1), (-1, 0)))

    return dfs(0, 0), len(seen)


@row(t(4), t(1), t(0), 3)
def hanoi(n):
    pegs, moves = [list(range(4, 0, -1)), [], []], []

    def move(k, a, b, c):
        if k == 0:
            return
        move(k - 1, a, c, b)
        pegs[b].append(pegs[a].pop())
        moves.append((a, b))
        move(k - 1, c, b, a)

    move(n, 0, 2, 1)
    return moves, pegs


@row(t(5), t(0), 4)
def ways(n):
    def f(k, last=0, depth=0):
        if k <= 0:
            return 1 if k == 0 else 0
        return sum(f(k - step, step, depth + 1) for step in (1, 2, 3) if step != last)

    return f(n)


@row(t(3), t(0), 3)
def parentheses(n):
    out = []

    def go(s, opened, closed):
        if opened == n and closed == n:
            out.append(s)
            return
        if opened < n:
            go(s + "(", opened + 1, closed)
        if closed < opened:
            go(s + ")", opened, closed + 1)

    go("", 0, 0)
    return out


@row(t(6), t(0), 5)
def binary_text(n):
    def go(k):
        return "" if k == 0 else go(k // 2) + "01"[k % 2]

    return go(n)


@row(t(4), t(0), 3)
def nested_text(n):
    s = ""

    def go(k):
        nonlocal s
        if k <= 0:
            return
        s += "<"
        go(k - 1)
        s += ">" if k % 2 else "]"

    go(n)
    return s


@row(t(3), t(0), 3)
def hanoi_text(n):
    log = []

    def go(k, a, b, c):
        if k <= 0:
            return
        go(k - 1, a, c, b)
        log.append(a + "->" + c)
        go(k - 1, b, a, c)

    go(n, "A", "B", "C")
    return log


@row(t(4), t(0), 3)
def longer_argument(n):
    def go(s, k):
        return s if k <= 0 else go("ab"[k % 2] + s + "c", k - 1)

    return go("x", n), f"{go('', n)}!"


@row(4, 2, 1)
def queens(n):
    n, out = int(n), []

    def place(row, columns):
        if row == n:
            out.append(columns)
            return
        for c in range(n):
            if all(c != k and abs(c - k) != row - i for i, k in enumerate(columns)):
                place(row + 1, columns + [c])

    place(0, [])
    return out


@row(t(4), refused="TFC014")
def queens_of_run_time(n):
    return queens(n)


@row(t([[1, 1, 0], [0, 0, 0], [1, 0, 1]]), [[1, 0], [1, 1]])
def islands(g):
    height, width, count = len(g), len(g[0]), 0
    seen = [[False] * width for _ in range(height)]

    def fill(y, x):
        if y < 0 or x < 0 or y >= height or x >= width or seen[y][x] or not g[y][x]:
            return
        seen[y][x] = True
        for a, b in ((0, 1), (1, 0), (0, -1), (-1, 0)):
            fill(y + a, x + b)

    for y in range(height):
        for x in range(width):
            if g[y][x] and not seen[y][x]:
                count += 1
                fill(y, x)
    return count, seen


@row(t(3), t(0))
def known_depth_after_a_staged_one(n):
    log = []

    def f(k, items):
        if k <= 0:
            return items
        log.append(items)
        return f(k - 1, items + [k])

    def g(k):
        return 0 if k == 0 else 1 + g(k - 1)

    return len(f(2, [])), g(40), len(f(3, [int(n)])), g(int(n)) + g(30)


DEEP = (t(2.0), 3), (t(0.5), 4), (t(2.0), 1), (t(2.0), 0)


@row(*DEEP)
def gradient_of_what_is_closed_over(x, n):
    with tf.GradientTape() as outer:
        outer.watch(x)
        with tf.GradientTape() as tape:
            tape.watch(x)
            z = x * x

            def h(k):
                return z if k <= 0 else x * h(k - 1)

            y = h(n)
        first = tape.gradient(y, x)
    return first, outer.gradient(first, x)


@row(*DEEP)
def gradient_of_functions_that_call_each_other(x, n):
    with tf.GradientTape() as outer:
        outer.watch(x)
        with tf.GradientTape() as tape:
            tape.watch(x)

            def f(k):
                if k == 0:
                    return x
                return g(k - 1) + h(k - 1)

            def g(k):
                return x * x if k == 0 else f(k - 1) * x

            def h(k):
                return 2.0 * x if k == 0 else g(k - 1) - f(k - 1)

            y = f(n) * x
        first = tape.gradient(y, x)
    return first, outer.gradient(first, x)


@row((t(2.0), 3), (t(0.5), 1))
def gradient_of_a_function_inside_one(x, n):
    with tf.GradientTape() as tape:
        tape.watch(x)

        def f(k):
            z = x * 2

            def g(j):
                return z if j <= 0 else g(j - 1) * x

            return z if k <= 0 else f(k - 1) * g(k)

        y = f(n)
    return tape.gradient(y, x)
