"""The pages on compiled Python: docs/limitations.md from the refused programs, docs/python.md from the conformance table."""

from __future__ import annotations

import ast
import contextlib
import importlib
import inspect
import io
import os
import sys
import tempfile
import textwrap
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
HEADER = "from pathlib import Path\n\nimport numpy as np\nimport tfc as tf\n\n\n"

LIMITATIONS = """\
# What is refused

A compiled function does what the same function does eagerly, or is refused before it runs, with the line and an edit. This page
shows each kind of refusal: a program, the error that it gives, and the edit that makes it run. It is made by running the
programs (`docs/generate.py`), and the tests run them again. The programs begin with `import numpy as np` and `import tfc as tf`.
[python.md](python.md) lists what works, [errors.md](errors.md) all codes.

"""

CONSTRUCTS_PAGE = """\
# Python in compiled functions

Each construct has a short program from the conformance table (`test/python`). The programs of that table run eagerly and
compiled, on several inputs, with equal results. `docs/generate.py` makes this page; [limitations.md](limitations.md) shows
what is refused.

"""


@contextlib.contextmanager
def working_folder() -> Iterator[Path]:
    """A folder of its own for programs that write files."""
    before = Path.cwd()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        try:
            yield Path(folder)
        finally:
            os.chdir(before)


def run_program(source: str, name: str = "program.py") -> BaseException | None:
    """Run a program from a file; the exception that ended it."""
    with working_folder() as folder, contextlib.redirect_stdout(io.StringIO()):
        file = folder / name
        file.write_text(HEADER + source, "utf-8")
        try:
            exec(compile(file.read_text("utf-8"), str(file), "exec"), {"__name__": "program"})
        except Exception as error:
            str(error)  # the lines are shown while the file is there
            return error
    return None


def shown(error: BaseException) -> str:
    """What Python prints of an exception, without its frames; lines counted from the first one shown."""
    text = "".join(traceback.format_exception_only(error)).rstrip("\n")
    skipped = HEADER.count("\n")
    lines: list[str] = []
    shift = 0
    for line in text.split("\n"):
        start = line.find("program.py:")
        if start >= 0:
            number, space, rest = line[start + len("program.py:") :].partition(" ")
            moved = str(int(number) - skipped) if number.isdigit() else number
            shift = len(number) - len(moved)
            lines.append(f"{line[:start]}program.py:{moved}{space}{rest}".rstrip())
        else:
            lines.append(line[shift:] if line.strip("^ ") == "" else line)
    return "\n".join(lines)


def _tables() -> list[Any]:
    sys.path.insert(0, str(ROOT / "test"))
    try:
        return importlib.import_module("messages.refusals").REFUSALS
    finally:
        sys.path.remove(str(ROOT / "test"))


def limitations() -> str:
    """docs/limitations.md."""
    parts: list[str] = []
    for item in _tables():
        error = run_program(item.source)
        assert error is not None, f"{item.title}: runs"
        old, new = item.edit
        mended = item.source.replace(old, new)
        changed = [line for line in mended.split("\n") if line not in item.source.split("\n")]
        parts.append(
            f"## {item.title}\n\n{item.why}\n\n```py\n{item.source}```\n\n```text\n{shown(error)}\n```\n\n"
            f"Instead:\n\n```py\n{textwrap.dedent(chr(10).join(changed)).strip()}\n```\n"
        )
    return LIMITATIONS + "\n".join(parts)


ASSIGNMENT_PAGE = """
## What is not run

A branch or loop that has no effects, and whose results nobody uses, is not run. So compiled code may skip a `while` that never
ends eagerly. Printing, assigning, and anything that may raise an exception are effects.

## Objects with several names

A list, dict or object stays one object under all its names, across branches and loops known only at run time and as an item of a
container that grows ([decision 023](decisions/023-identity.md), [022](decisions/022-items-are-objects.md)). Where this cannot be
followed, the program is refused.

A value that is an int on one path and a float or a tensor on another has the kind of the path that was taken, also when it is
printed, returned, or asked for its type ([025](decisions/025-kinds-of-numbers.md)).

An object that the caller passes in several places is one object. An object of the caller's that a compiled function returns, or
puts into another of the caller's objects, stays the same object: `f(items) is items` holds as it does eagerly, for NumPy's
arrays, too. An object that a program returns in several places is one object outside
([036](decisions/036-what-leaves-a-program.md)). Exceptions are rows of a container that grows, views, and arrays that differ
from path to path: these come out as separate objects.

## Item assignment

`x[key] = v` gives the tensor object `x` new values, eagerly and compiled. Every name, list item and attribute that holds the
object sees them, in the caller of a compiled function, too. Results that were computed before keep their values: slices,
`tf.identity(x)`, arrays from `numpy()`. Eagerly, `tf.convert_to_tensor(x)` and `tf.cast(x, x.dtype)` are `x` itself; a compiled
function returns new tensors.

```python
import tfc as tf


@tf.function
def primes(sieve):
    n = len(sieve)
    for i in range(2, n):
        if sieve[i]:
            for j in range(i * i, n, i):
                sieve[j] = False
    return tf.where(sieve)[2:, 0]


sieve = tf.fill([30], True)
everywhere = sieve
assert primes(sieve).numpy().tolist() == [2, 3, 5, 7, 11, 13, 17, 19, 23, 29]
assert not everywhere[28]
```

Keys, broadcasting and repeated indices follow NumPy (the last one counts; `x[[0, 0]] += 1` adds once), but dtypes are strict.
Variables have items, too: `v[i] = x` is `v[i].assign(x)`.

A tape follows values. For a tensor that it watches, the gradient is with respect to the value that was watched. For any other
tensor it is with respect to the value at the time when `gradient` is called:

```python
x = tf.constant([1.0, 2.0])
with tf.GradientTape() as tape:
    tape.watch(x)
    y = x * 3
    y[0] = y[1] * y[1]
    x[1] = 0.0
assert tape.gradient(y, x).numpy().tolist() == [0.0, 39.0]
```

## NumPy

An array argument stays an array in compiled code, and NumPy's functions return arrays: with NumPy's methods, its rules for
dtypes, and slices that are views. Next to a tensor an array is an operand of tensor ops. A compiled function returns an
array, a NumPy scalar or a tensor where the function does so eagerly.

```python
import numpy as np


@tf.function
def moving_average(x, k):
    out = np.empty(len(x) - k + 1)
    for i in range(len(out)):
        out[i] = x[i : i + k].mean()
    return out, np.median(out)


averages, middle = moving_average(np.array([1.0, 3.0, 5.0, 10.0]), 2)
assert averages.tolist() == [2.0, 4.0, 7.5] and float(middle) == 4.0
```

About 130 functions are native; others (`np.percentile`) are calls of NumPy from the compiled code, in the dtypes and shapes
that trials with samples gave while compiling; so are all on complex arrays (`np.fft`). Neither is differentiable, as eagerly.
`np.random`, and functions that change an argument or call the program back, are refused. A call that assigns an array which
shares memory with another argument runs as plain Python.
"""


CONSTRUCTS: dict[str, tuple[type[ast.AST], ...]] = {
    "`if`, `elif`, `else`": (ast.If,),
    "conditional expressions": (ast.IfExp,),
    "`and`, `or`": (ast.BoolOp,),
    "comparisons, also chained": (ast.Compare,),
    "`match`": (ast.Match,),
    "`:=`": (ast.NamedExpr,),
    "`while`": (ast.While,),
    "`for`": (ast.For,),
    "`break`": (ast.Break,),
    "`continue`": (ast.Continue,),
    "comprehensions": (ast.ListComp, ast.SetComp, ast.DictComp),
    "generator expressions": (ast.GeneratorExp,),
    "`yield`, `yield from`": (ast.Yield, ast.YieldFrom),
    "`lambda`": (ast.Lambda,),
    "nested functions": (ast.FunctionDef,),
    "classes": (ast.ClassDef,),
    "`nonlocal`": (ast.Nonlocal,),
    "`global`": (ast.Global,),
    "`try`, `except`, `finally`": (ast.Try,),
    "`raise`": (ast.Raise,),
    "`assert`": (ast.Assert,),
    "`with`": (ast.With,),
    "`del`": (ast.Delete,),
    "augmented assignment": (ast.AugAssign,),
    "starred items": (ast.Starred,),
    "items and slices": (ast.Subscript,),
    "f-strings": (ast.JoinedStr,),
    "`import`": (ast.Import, ast.ImportFrom),
}
"""Constructs by the classes of the syntax tree."""

SHOWN = {
    "`for`": "for_tensor",
    "`continue`": "continue_staged",
    "comprehensions": "filtered_comprehension",
    "nested functions": "rec_fact",
    "`raise`": "raise_staged",
    "`with`": "grad_if",
    "items and slices": "index_by_tensor",
    "f-strings": "fmt",
    "`import`": "import_inside",
}
"""The programs that show a construct where the shortest one is about something else."""


def python_page() -> str:
    """docs/python.md."""
    sys.path.insert(0, str(ROOT / "test"))
    try:
        names = importlib.import_module("python.test_conformance").TABLES
        tables = [importlib.import_module(f"python.{name}").table for name in names]
    finally:
        sys.path.remove(str(ROOT / "test"))
    rows = [row for table in tables for row in table.rows if row.refused is None]
    trees = [(source, ast.parse(source).body[0]) for source in map(_source, rows)]
    examples: list[str] = []
    for name, kinds in CONSTRUCTS.items():
        found = sorted((source for source, tree in trees if _uses(tree, kinds)), key=len)
        begin = f"def {SHOWN[name]}(" if name in SHOWN else ""
        chosen = next(source for source in found if source.startswith(begin))
        examples.append(f"## {name}\n\n```py\n{chosen}\n```\n")
    return CONSTRUCTS_PAGE + "\n".join(examples) + ASSIGNMENT_PAGE


def _source(row: Any) -> str:
    """The source of a row without its decorator."""
    text = textwrap.dedent(inspect.getsource(row.function))
    return text[text.index("def ") :].rstrip() if "def " in text else text.rstrip()


def _uses(tree: ast.AST, kinds: tuple[type[ast.AST], ...]) -> bool:
    return any(isinstance(node, kinds) for node in ast.walk(tree) if node is not tree)
