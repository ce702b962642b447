"""Which variables a loop has to carry: those that are live where an iteration begins, or after the loop.

The analysis goes backward over the statements of a function, all of it at once, until what is live at the head of each loop does
not change any more. Sets of names are ints with a bit for each.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
_READING_ALL = frozenset(("locals", "vars", "dir", "eval", "exec"))
"""Functions that see every variable."""


def assigned_names(nodes: list[ast.stmt]) -> list[str]:
    """The names that statements assign, in order, those in nested functions left out."""
    found: dict[str, None] = {}
    for node in _walk_scope(nodes):
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            found.setdefault(node.id)
    return list(found)


def updated_names(nodes: list[ast.stmt]) -> list[str]:
    """The names whose items statements assign, `x` for `x[i] = v`, those in nested functions left out."""
    found: dict[str, None] = {}
    for node in _walk_scope(nodes):
        if isinstance(node, ast.Subscript) and not isinstance(node.ctx, ast.Load):
            name = node.value
            if isinstance(name, ast.Name):
                found.setdefault(name.id)
    return list(found)


def _walk_scope(nodes: list[ast.stmt]) -> Iterator[ast.AST]:
    pending: list[ast.AST] = list(reversed(nodes))
    while pending:
        node = pending.pop()
        yield node
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
            continue
        pending.extend(reversed(list(ast.iter_child_nodes(node))))


class _Ends(NamedTuple):
    """What is live where a statement may go besides the next one."""

    leave: int = 0
    """At a `return`."""
    stop: int = 0
    """At a `break`."""
    again: int = 0
    """At a `continue`."""
    fail: int = 0
    """Where an exception is caught."""

    def also(self, live: int) -> _Ends:
        """The same with more that is live at each."""
        return _Ends(*[end | live for end in self])


class Liveness:
    """What is live at the loops of one function.

    With `catching`, a `with` may catch what is raised in it; otherwise all exceptions pass through it. `stored` gives the
    names that variables have while the function runs.
    """

    def __init__(
        self, function: ast.AST, stored: Callable[[str], str], *, catching: bool = False
    ) -> None:
        self._catching = catching
        self._stored = stored
        self._bits: dict[str, int] = {}
        self._reads: dict[int, int] = {}
        self._heads: dict[int, int] = {}
        """What is live where an iteration begins, by loop."""
        self._carried: dict[int, int] = {}
        """The same, and what is live behind the loop."""
        body: list[ast.stmt] = getattr(function, "body", [])
        if not isinstance(body, list):  # of a lambda
            return
        self._captured = self._names(_captured(body))
        heads: dict[int, int] | None = None
        while heads != self._heads:
            heads = self._heads.copy()
            self._before(body, 0, _Ends())

    def temporaries(self, loop: ast.AST, names: Iterable[str]) -> frozenset[str]:
        """Those of `names` that need not be carried from one iteration of a loop to the next, nor out of it."""
        live = self._carried.get(id(loop))
        if live is None or not _READING_ALL.isdisjoint(self._bits):
            return frozenset()
        live |= self._captured
        return frozenset([name for name in names if not live & self._bits.get(name, 0)])

    # -- names ------------------------------------------------------------------------------------

    def _names(self, names: Iterable[str]) -> int:
        found, bits = 0, self._bits
        for name in map(self._stored, names):
            bit = bits.get(name)
            if bit is None:
                bit = bits[name] = 1 << len(bits)
            found |= bit
        return found

    def _read(self, *nodes: ast.AST | None) -> int:
        """What expressions read, targets of assignments among them."""
        found = 0
        for node in nodes:
            if node is None:
                continue
            known = self._reads.get(id(node))
            if known is None:
                known = self._reads[id(node)] = self._names(_free(node))
            found |= known
        return found

    def _assigned(self, *targets: ast.AST | None) -> int:
        """The names that targets of assignments are or hold."""
        return self._names(
            node.id
            for target in targets
            if target is not None
            for node in ast.walk(target)
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
        )

    # -- statements -------------------------------------------------------------------------------

    def _before(self, body: list[ast.stmt], live: int, ends: _Ends) -> int:
        """What is live before statements, `live` being so behind them."""
        for statement in reversed(body):
            find = getattr(self, f"_before_{statement.__class__.__name__}", None)
            if find is not None:
                live = find(statement, live, ends)
            else:  # it reads what is in it, and goes on
                live |= self._read(statement)
            live |= ends.fail
        return live

    def _before_Assign(self, node: ast.Assign, live: int, ends: _Ends) -> int:
        return live & ~self._assigned(*node.targets) | self._read(node.value, *node.targets)

    def _before_AnnAssign(self, node: ast.AnnAssign, live: int, ends: _Ends) -> int:
        if node.value is None:
            return live
        return live & ~self._assigned(node.target) | self._read(node.value, node.target)

    def _before_AugAssign(self, node: ast.AugAssign, live: int, ends: _Ends) -> int:
        return live | self._assigned(node.target) | self._read(node.value, node.target)

    def _before_Delete(self, node: ast.Delete, live: int, ends: _Ends) -> int:
        names = (item.id for item in node.targets if isinstance(item, ast.Name))
        return live | self._names(names) | self._read(*node.targets)

    def _before_FunctionDef(
        self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef, live: int, ends: _Ends
    ) -> int:
        return live & ~self._names([node.name]) | self._read(node)

    _before_AsyncFunctionDef = _before_ClassDef = _before_FunctionDef

    def _before_Import(self, node: ast.Import | ast.ImportFrom, live: int, ends: _Ends) -> int:
        bound = [alias.asname or alias.name.partition(".")[0] for alias in node.names]
        return live & ~self._names(bound)

    _before_ImportFrom = _before_Import

    def _before_Return(self, node: ast.Return, live: int, ends: _Ends) -> int:
        return ends.leave | self._read(node.value)

    def _before_Raise(self, node: ast.Raise, live: int, ends: _Ends) -> int:
        return ends.fail | self._read(node.exc, node.cause)

    def _before_Break(self, node: ast.Break, live: int, ends: _Ends) -> int:
        return ends.stop

    def _before_Continue(self, node: ast.Continue, live: int, ends: _Ends) -> int:
        return ends.again

    def _before_If(self, node: ast.If, live: int, ends: _Ends) -> int:
        arms = self._before(node.body, live, ends) | self._before(node.orelse, live, ends)
        return arms | self._read(node.test)

    def _before_While(self, node: ast.While, live: int, ends: _Ends) -> int:
        done = self._before(node.orelse, live, ends) | self._read(node.test)
        head = self._heads.get(id(node), 0) | done
        inside = ends._replace(stop=live, again=head)
        return self._note(node, head | self._before(node.body, head, inside), live)

    def _before_For(self, node: ast.For | ast.AsyncFor, live: int, ends: _Ends) -> int:
        done = self._before(node.orelse, live, ends)
        head = self._heads.get(id(node), 0) | done
        inside = ends._replace(stop=live, again=head)
        body = self._before(node.body, head, inside)
        head |= body & ~self._assigned(node.target) | self._read(node.target)
        return self._note(node, head, live) | self._read(node.iter)

    _before_AsyncFor = _before_For

    def _note(self, node: ast.AST, head: int, behind: int) -> int:
        self._heads[id(node)] = head
        self._carried[id(node)] = head | behind
        return head

    def _before_With(self, node: ast.With | ast.AsyncWith, live: int, ends: _Ends) -> int:
        inside = ends._replace(fail=ends.fail | live) if self._catching else ends
        live = self._before(node.body, live, inside)
        for item in reversed(node.items):
            live &= ~self._assigned(item.optional_vars)
            live |= self._read(item.context_expr, item.optional_vars)
        return live

    _before_AsyncWith = _before_With

    def _before_Try(self, node: ast.Try | ast.TryStar, live: int, ends: _Ends) -> int:
        outer = ends
        if node.finalbody:  # which goes on wherever the statement is left for
            every = live | ends.leave | ends.stop | ends.again | ends.fail
            live = self._before(node.finalbody, every, outer)
            ends = ends.also(live)
        caught = ends.fail
        for handler in node.handlers:
            body = self._before(handler.body, live, ends)
            name = [handler.name] if handler.name is not None else []
            caught |= body & ~self._names(name) | self._read(handler.type)
        live = self._before(node.orelse, live, ends)
        return self._before(node.body, live, ends._replace(fail=caught))

    _before_TryStar = _before_Try

    def _before_Match(self, node: ast.Match, live: int, ends: _Ends) -> int:
        """A case that is not taken may have assigned some of its names."""
        found = live
        for case in node.cases:
            body = self._before(case.body, live, ends) | self._read(case.guard)
            found |= body & ~self._names(_captures(case.pattern)) | self._read(case.pattern)
        return found | self._read(node.subject)


def _captures(pattern: ast.pattern) -> Iterator[str]:
    """The names that a pattern binds where it matches."""
    for node in ast.walk(pattern):
        name = getattr(node, "rest", None) or getattr(node, "name", None)
        if isinstance(name, str):
            yield name


def _captured(body: Iterable[ast.AST]) -> set[str]:
    """The names that functions and classes inside of statements read or assign: they may be called at any time."""
    nested = (*_FUNCTIONS, ast.ClassDef, ast.GeneratorExp)
    found: set[str] = set()
    for statement in body:
        for node in ast.walk(statement):
            if isinstance(node, nested):
                found.update(_free(node))
            elif isinstance(node, ast.Nonlocal):
                found.update(node.names)
    return found


def _free(tree: ast.AST) -> set[str]:
    """The names that a statement, expression or function reads; not those that are its own."""
    if isinstance(tree, ast.Name):
        return set() if isinstance(tree.ctx, ast.Store) else {tree.id}
    children = ast.iter_child_nodes(tree)
    found: set[str] = set()
    if isinstance(tree, _FUNCTIONS):
        body = tree.body if isinstance(tree.body, list) else [tree.body]
        found.update(*map(_free, body))
        found -= {item.arg for item in ast.walk(tree.args) if isinstance(item, ast.arg)}
        children = [tree.args, *getattr(tree, "decorator_list", ())]
    found.update(*map(_free, children))
    if isinstance(tree, _COMPREHENSIONS):
        for generator in tree.generators:
            found -= set(assigned_names([ast.Expr(generator.target)]))
        found |= _free(tree.generators[0].iter)
    return found
