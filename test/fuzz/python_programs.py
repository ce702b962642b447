"""Random Python: names of one object, containers that grow, exceptions, generators and closures under conditions of run time.

    PYTHONPATH=test python -m fuzz.python_programs --seed 1000 --programs 500

runs programs from a seed on and prints those that do something else compiled than eagerly, cut down.
"""

from __future__ import annotations

import argparse
import ast
import contextlib
import io
import linecache
import random
import sys
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import tfc as tf

ARGUMENTS = (
    (3, 5, 0.7, [1.0, -2.0, 3.0]),
    (-2, 0, -1.5, [0.5]),
    (0, 1, 2.0, [2.0, 1.0, 0.0, -1.0]),
    (7, 2, 0.1, [1.0, 1.0]),
)
STATE = "a, b, p, v, xs, ys, w, o.k, o.l, o2.k, d, m, t, u, text, sorted(seen), cells, list(many)"
HEAD = """
import collections
import contextlib
import tfc as tf

class O:
    def __init__(self, k):
        self.k, self.l = k, []
    def bump(self, n):
        if n > 1: self.k = self.k + n
        return self
    @property
    def twice(self): return self.k * 2
    @twice.setter
    def twice(self, n): self.k = n // 2

def up_to(items, e):
    for z in items:
        if z > e: return
        yield z
    yield e

@contextlib.contextmanager
def longer(items):
    items.append(1)
    try:
        yield
    finally:
        if items: items.pop()

def pick(x, y, c):
    if c > 1: return x
    return y

def first(items, e):
    for z in items:
        if z > e:
            items[0] = e
            return items
    return items

def h(x, y):
    if x > y: return x - y
    return h(x + 2, y) if y < 9 else y

def f(a, b, p, v):
    n, q, w = a + 1, p * 2.0, v[:2]
    xs, ys = [a, b], []
    o, o2, d = O(b), O(a), {'u': a, 'v': b}
    m, t = [xs, [a]], (ys, b)
    u, text, seen, cells, many = 1, "", {1, 2}, {(0, 1): 5}, collections.Counter()
"""


class PythonGenerator:
    """A program from a seed: statements about integers, floats, vectors, two lists and what holds them."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.lines: list[str] = []
        self.depth = 1
        self.loops = 0
        self.names = ["a", "b", "n"]
        self.helpers = 0

    def text(self) -> str:
        for _ in range(self.random.randint(4, 11)):
            self.statement()
        body = "\n".join(self.lines)
        return f"{HEAD}{body}\n    return {STATE}\n"

    def one(self, *choices: str) -> str:
        return self.random.choice(choices)

    # -- expressions ------------------------------------------------------------------------------

    def target(self) -> str:
        return self.one("a", "b", "n")

    def items(self) -> str:
        return self.one("xs", "ys")

    def integer(self, depth: int = 2) -> str:
        if depth == 0 or self.random.random() < 0.3:
            return self.random.choice(self.names)
        x, y = self.integer(depth - 1), self.integer(depth - 1)
        return self.one(
            str(self.random.randint(-3, 6)),
            f"len({self.items()})",
            f"({x} {self.one('+', '-', '*')} {y})",
            f"({x} {self.one('%', '//')} {self.one('3', '5', '(-4)', '7')})",
            f"({x} if {self.condition(depth - 1)} else {y})",
            f"{self.one('min', 'max')}({x}, {y})",
            f"abs({x})",
            f"sum({self.items()})",
            *(("o.k", "(o2.k + 1)", "d['u']", f"h({x}, {y})") if not self.helpers else ()),
        )

    def condition(self, depth: int = 1) -> str:
        if depth == 0 or self.random.random() < 0.5:
            return f"{self.integer(depth)} {self.one('<', '>', '==', '!=', '<=', '>=')} {self.integer(depth)}"
        return self.one(
            f"({self.condition(depth - 1)} {self.one('and', 'or')} {self.condition(depth - 1)})",
            f"(not ({self.condition(depth - 1)}))",
            self.items(),
            f"{self.one('p', 'q')} {self.one('<', '>')} {self.one('0.5', '-1.0', self.float())}",
            f"u {self.one('<', '>', '==')} {self.one('1', '0.5', 'a')}",
            f"(int({self.integer(0)}) % 4) in seen",
            "isinstance(u, int)",
            self.one(
                "xs is ys", "xs is o.l", "m[0] is xs", "o is o2", "t[0] is ys", "xs is not m[1]"
            ),
        )

    def mixed(self) -> str:
        """A number whose kind depends on the path."""
        x, i = self.one("1", "2", "True", "0.5", "len(xs)"), self.integer(1)
        return self.one(
            f"({x} if {self.condition()} else {self.one('1.5', 'False', '3', 'p', 'u')})",
            f"({self.one('u', 'len(ys)')} {self.one('+', '-', '*')} {self.one('1', '0.5', '2')})",
            self.one(
                "(u // 2)", "-u", "(u / 4)", "abs(u)", "(u % 3)", "min(u, 9)", "int(u)", "(not u)"
            ),
            f"(u if {i} > 1 else {x})",
        )

    def text_part(self) -> str:
        return self.one("str(u)", "','", "text[:1]", f"str({self.integer(1)})")

    def float(self, depth: int = 1) -> str:
        if depth == 0:
            return self.one("p", "q")
        x, y = self.float(depth - 1), self.float(depth - 1)
        return self.one(
            x, "0.5", "-1.5", f"({x} {self.one('+', '-', '*')} {y})", f"tf.reduce_sum({self.one('v', 'w')})",
            f"tf.cast({self.integer(1)} + a, tf.float32)", f"tf.tanh({x})",
        )  # fmt: skip

    def vector(self, depth: int = 1) -> str:
        v = self.one("v", "w")
        if depth == 0:
            return v
        return self.one(
            v, f"{v}[1:]", f"{v}[:{self.integer(1)}]", f"({v} * {self.float()})", f"{v}[::-1]", f"{v}[{v} > {self.float()}]",
            f"tf.concat([{self.vector(depth - 1)}, {self.vector(depth - 1)}], 0)[:6]", f"({v} + 1.0)",
        )  # fmt: skip

    def container(self) -> str:
        return self.one("xs", "ys", "o.l", "m[0]", "m[1]", "t[0]")

    # -- statements -------------------------------------------------------------------------------

    def write(self, line: str) -> None:
        self.lines.append("    " * self.depth + line)

    def block(self, count: int = 0) -> None:
        self.depth += 1
        for _ in range(count or self.random.randint(1, 3)):
            self.statement()
        self.depth -= 1

    def statement(self) -> None:
        compound = [
            self.branch,
            self.loop,
            self.while_loop,
            self.attempt,
            self.context,
            self.helper,
        ]
        if self.depth < 5 and self.random.random() < 0.28:
            self.random.choice(compound)()
        else:
            self.write(self.random.choice([self.assignment, self.change, self.jump])())

    def assignment(self) -> str:
        i, j, items = self.integer(1), self.integer(1), self.items()
        return self.one(
            f"{self.target()} = ({self.integer()}) % 11",
            f"{self.target()} {self.one('+=', '-=')} {i}",
            f"{self.one('v', 'w')} = {self.vector()}",
            f"{self.one('p', 'q')} = {self.float(2)}",
            f"a, b = b, ({i}) % 9",
            f"{self.target()} = {items}[{i}]",
            f"{self.target()} = max([{i}, *{items}], key=lambda e: {self.one('-e', 'e', 'abs(e)')})",
            f"{self.target()} = {self.one('any', 'all')}(e > 1 for e in {items}) + 1",
            f"{self.target()} = t[1] + len(t[0])",
            f"{self.one('p', 'q')} = {self.vector()}[0] if tf.size({self.one('v', 'w')}) > 1 else {self.float()}",
            f"{items} = {items}{self.one('[1:]', '[:-1]', '[::-1]', ' + [' + i + ']', '[:3] + ys[:2]', '')}",
            f"{items} = {self.one('sorted', 'list')}({self.items()})",
            f"{items} = [e + 1 for e in {self.items()}{self.one('', ' if e > ' + j)}]",
            f"{items} = {self.one(self.container(), f'pick(xs, ys, {i})', f'pick(o.l, m[0], {j})')}",
            f"o2 = {self.one('o', f'O({i})', f'pick(o, o2, {i})')}",
            f"t = ({self.container()}, {i})",
            f"u = {self.mixed()}",
            f"{self.target()} = sum(up_to({items}, {i})) % 13",
            f"{items} = list(up_to({self.items()}, {i}))",
            f"{self.target()} = cells.get((int({i}) % 2, int({j}) % 3), {i})",
            f"a, *{items} = [{i}, *{self.items()}]",
            f"{self.target()} = len(text) + len(seen)",
        )

    def change(self) -> str:
        i, j, items = self.integer(1), self.integer(1), self.items()
        room = f"if len({items}) < 6: "
        return self.one(
            f"{room}{items}.append({i} % 9)",
            f"if {items}: {self.target()} = {items}.pop()",
            f"{items}[{i}] = {j}",
            f"{room}{items}.insert({i}, {j})",
            f"{room}{items}.extend(xs[:2])",
            f"{items}.clear()" if self.loops else f"del {items}[3:]",
            f"o.k = {i} % 7",
            f"o.bump({i} % 3)",
            f"o2.k = o2.k + {i} % 3",
            f"d['{self.one('u', 'v')}'] = {i}",
            f"o.l = {items}",
            f"if len(o.l) < 6: o.l.append({i} % 7)",
            f"m[{self.one('0', '1', '-1', f'{i} % 2')}] = {self.one('xs', 'ys', 'o.l', f'[{i}]')}",
            f"if len(m[1]) < 5 and len(m[0]) < 5: m[{self.one('0', '-1')}].append({i} % 5)",
            f"first({self.container()}, {i})",
            f"text = str({i})" if self.loops else f"text += {self.text_part()}",
            f"seen.{self.one('add', 'discard')}(int({i}) % 4)",
            f"cells[int({i}) % 2, int({j}) % 3] = {i}",
            f"many[int({i}) % 3] += 1",
            f"o.k {self.one('+=', '-=', '*=')} {j} % 3",
            f"o.twice = {i} % 9",
            f"d['{self.one('u', 'v')}'] += {i} % 5",
            f"if {items}: {items}[{self.one('0', '-1')}] += {j} % 5",
            f"{items}[{self.one('1:2', ':1', '2:')}] = [{i}]",
            f"u {self.one('+=', '-=', '*=')} {self.mixed()}",
            f"print(u, {i}, sep='-')",
        )

    def jump(self) -> str:
        test = f"if {self.condition()}:"
        return self.one(
            f"{test} raise {self.one('ValueError', 'IndexError', 'KeyError')}('m{len(self.lines)}')",
            f"{test} return {STATE}",
            f"{test} {self.one('break', 'continue')}" if self.loops else "n += 1",
        )

    def branch(self) -> None:
        self.write(f"if {self.condition()}:")
        self.block()
        if self.random.random() < 0.3:
            self.write(f"elif {self.condition()}:")
            self.block()
        if self.random.random() < 0.6:
            self.write("else:")
            self.block()

    def loop(self) -> None:
        i = f"i{self.depth}"
        self.write(
            self.one(
                f"for {i} in range({self.integer(1)} % 4):",
                f"for {i} in {self.items()}[:]:",
                f"for {i}, {i}b in enumerate({self.items()}[:4]):",
                f"for {i}, {i}b in zip({self.items()}[:], range(3)):",
            )
        )
        self.names.append(i)
        self.repeated()
        self.names.remove(i)

    def while_loop(self) -> None:
        c = f"c{self.depth}"
        self.write(f"{c} = 0")
        self.write(f"while {c} < 3 and {self.condition()}:")
        self.write(f"    {c} += 1")
        self.repeated()

    def repeated(self) -> None:
        self.loops += 1
        self.block()
        self.loops -= 1
        if self.random.random() < 0.2:
            self.write("else:")
            self.block(1)

    def attempt(self) -> None:
        self.write("try:")
        self.block()
        self.write(
            f"except {self.one('ValueError', 'IndexError', '(ValueError, IndexError)', 'Exception')}:"
        )
        self.block(1)
        for word in ("else", "finally"):
            if self.random.random() < 0.3:
                self.write(f"{word}:")
                self.block(1)

    def context(self) -> None:
        self.write(f"with longer({self.items()}):")
        self.block()

    def helper(self) -> None:
        name = f"g{len(self.lines)}"
        self.write(f"def {name}(z):")
        self.helpers += 1
        change = self.one("nonlocal a; a = a + z", "xs.append(z) if len(xs) < 6 else None", "pass")
        self.write(f"    {change}")
        self.write(f"    return z - 1 if z > {self.integer(0)} else z * 2")
        self.helpers -= 1
        self.write(f"{self.target()} = {name}({self.integer(1)}) % 13")


# -- running ------------------------------------------------------------------------------------


def plain(value: Any) -> Any:
    """A result by its values and the types of its numbers."""
    if isinstance(value, tf.Tensor | np.ndarray | np.generic):
        return type(value).__name__, value.dtype.name, np.asarray(value).tolist()
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    return type(value)(map(plain, value)) if isinstance(value, list | tuple) else value


def same(x: Any, y: Any) -> bool:
    if isinstance(x, dict) and isinstance(y, dict):
        return list(x) == list(y) and all(same(x[key], y[key]) for key in x)
    if isinstance(x, list | tuple) and isinstance(y, list | tuple):
        return len(x) == len(y) and all(map(same, x, y))
    if isinstance(x, float) and isinstance(y, float):
        return bool(np.isclose(x, y, rtol=1e-5, atol=1e-6, equal_nan=True))
    return type(x) is type(y) and bool(x == y)


def outcome(function: Callable[..., Any], arguments: tuple[Any, ...]) -> tuple[str, Any]:
    """What a call gives or raises."""
    a, b, p, v = arguments
    given = (np.int32(a), np.int32(b), np.float32(p), np.array(v, np.float32))
    with contextlib.redirect_stdout(io.StringIO()) as shown, np.errstate(all="ignore"):
        try:
            return "result", (plain(function(*map(tf.constant, given))), shown.getvalue())
        except Exception as error:
            return type(error).__name__, shown.getvalue()


NOT_COMPARED = ("RecursionError", "NameError", "UnboundLocalError")


def difference(source: str) -> str | None:
    """How the compiled program differs from the eager one; None where it does not, or is refused."""
    name = f"<program {abs(hash(source))}>"
    linecache.cache[name] = (len(source), None, source.splitlines(keepends=True), name)
    module: dict[str, Any] = {"__name__": "program"}
    exec(compile(source, name, "exec"), module)
    compiled = tf.function(module["f"])
    for arguments in ARGUMENTS:
        expected, got = outcome(module["f"], arguments), outcome(compiled, arguments)
        if "CompileError" in got or expected[0] in NOT_COMPARED:
            return None
        if not same(expected, got):
            return f"{arguments}\n# eager    {expected}\n# compiled {got}"
    return None


def _blocks(tree: ast.AST) -> Iterator[list[ast.stmt]]:
    for node in ast.walk(tree):
        for field in ("body", "orelse", "finalbody"):
            block = getattr(node, field, None)
            if isinstance(block, list):
                yield block


def shrunk(source: str) -> str:
    """The program with as few statements of `f` as still make a difference."""
    tree = ast.parse(source)
    function = next(
        item for item in tree.body if isinstance(item, ast.FunctionDef) and item.name == "f"
    )

    def differs() -> bool:
        try:
            return difference(ast.unparse(ast.fix_missing_locations(tree))) is not None
        except SyntaxError:
            return False

    changed = True
    while changed:
        changed = False
        for block in list(_blocks(function)):
            for statement in list(block):
                inner = getattr(statement, "body", None) or [ast.Pass()]
                for instead in ([], inner):
                    if statement not in block or instead == [statement]:
                        break
                    before = list(block)
                    place = block.index(statement)
                    block[place : place + 1] = instead or ([] if len(block) > 1 else [ast.Pass()])
                    if not isinstance(statement, ast.Pass) and differs():
                        changed = True
                        break
                    block[:] = before
    return ast.unparse(tree)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=0, help="the first seed")
    parser.add_argument("--programs", type=int, default=100, help="how many")
    options = parser.parse_args()
    found = 0
    for seed in range(options.seed, options.seed + options.programs):
        source = PythonGenerator(seed).text()
        if difference(source) is not None:
            found += 1
            small = shrunk(source)
            print(
                f"# seed {seed}: {difference(small)}\n{small[small.index('def f(') :]}\n",
                flush=True,
            )
    print(f"{options.programs} programs, {found} differ")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
