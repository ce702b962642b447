"""Statements, except loops, definitions and `match`."""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from tfc.tracing import attributes, operations
from tfc.tracing.containers import list_items
from tfc.tracing.frame import BREAK, CONTINUE, RETURN, RETURNED, Expression, Frame, Mixed, Statement
from tfc.tracing.iteration import generators
from tfc.tracing.ndarrays import array_updates
from tfc.tracing.operators import BINARY, INPLACE, PLAIN
from tfc.tracing.paths import choices, failing_ops, signals
from tfc.tracing.syntax.scope import ScopeCompiler
from tfc.tracing.values.truth import truth

Assigner = Callable[[Frame, Any], None]

_DECLARATIONS = (ast.Pass, ast.Global, ast.Nonlocal)
_JUMPS = (ast.Return, ast.Raise, ast.Break, ast.Continue)


def always_leaves(body: Sequence[ast.stmt]) -> bool:
    """Whether a block can be seen to end in a jump on every path."""
    if not body:
        return False
    last = body[-1]
    if isinstance(last, _JUMPS):
        return True
    if isinstance(last, ast.If):
        return always_leaves(last.body) and always_leaves(last.orelse)
    return isinstance(last, ast.With) and always_leaves(last.body)


def run_block(frame: Frame, statements: Sequence[Statement], start: int = 0) -> Any:
    """Run statements; the first signal ends the block. After a mixed one the rest runs on the paths that are still here."""
    trace = frame.trace
    for index in range(start, len(statements)):
        statement = statements[index]
        signal = signals.run_guarded(frame, statement) if trace.try_depth else statement(frame)
        if signal is not None:
            if signal.__class__ is Mixed and index + 1 < len(statements):
                return signals.continue_block(
                    frame, signal, lambda index=index: run_block(frame, statements, index + 1)
                )
            return signal
    return None


class StatementCompiler(ScopeCompiler):
    """One method per kind of statement."""

    def block(self, body: Sequence[ast.stmt]) -> Statement:
        """The closure that runs a list of statements.

        An `if` with an arm that always leaves takes the statements after it into its other arm, so that a staged early exit
        needs no flags.
        """
        compiled: list[Statement] = []
        for index, node in enumerate(body):
            rest = body[index + 1 :]
            if isinstance(node, ast.If) and rest:
                leaves, other = always_leaves(node.body), always_leaves(node.orelse)
                if leaves != other:
                    compiled.append(self._if_with_rest(node, rest, leaves))
                    break
            if node.__class__ in _DECLARATIONS:
                continue
            compiled.append(self.statement(node))
        statements = tuple(compiled)
        if not statements:
            return lambda frame: None
        if len(statements) == 1:
            return statements[0]
        return lambda frame: run_block(frame, statements)

    def _if_with_rest(self, node: ast.If, rest: Sequence[ast.stmt], body_leaves: bool) -> Statement:
        after = self.block(rest)
        body, orelse = self.block(node.body), self.block(node.orelse)

        def continued(arm: Statement) -> Statement:
            return lambda frame: run_block(frame, (arm, after))

        if body_leaves:
            return self._if(node, body, continued(orelse))
        return self._if(node, continued(body), orelse)

    def compile_If(self, node: ast.If) -> Statement:
        return self._if(node, self.block(node.body), self.block(node.orelse))

    def _if(self, node: ast.If, body: Statement, orelse: Statement) -> Statement:
        test = self.expression(node.test)

        def run(frame: Frame) -> Any:
            value = test(frame)
            if value is True:
                return body(frame)
            if value is False:
                return orelse(frame)
            frame.node = node.test
            condition = truth(frame, value)
            if condition is True:
                return body(frame)
            if condition is False:
                return orelse(frame)
            return signals.branch_statements(
                frame, node.test, condition, lambda: body(frame), lambda: orelse(frame)
            )

        return run

    # -- simple statements ------------------------------------------------------------------------

    def compile_Expr(self, node: ast.Expr) -> Statement:
        if isinstance(node.value, ast.Yield | ast.YieldFrom):
            return generators.emitting(self, node.value)
        value = self.expression(node.value)

        def run(frame: Frame) -> None:
            value(frame)

        return run

    def compile_Pass(self, node: ast.Pass) -> Statement:
        return lambda frame: None

    compile_Global = compile_Pass
    compile_Nonlocal = compile_Pass

    def compile_Return(self, node: ast.Return) -> Statement:
        if node.value is None:

            def run_empty(frame: Frame) -> Any:
                frame.vars[RETURNED] = None
                return RETURN

            return run_empty
        if isinstance(node.value, ast.YieldFrom):
            return _return_after(generators.emitting(self, node.value))
        value = self.expression(node.value)

        def run(frame: Frame) -> Any:
            frame.vars[RETURNED] = value(frame)
            return RETURN

        return run

    def compile_Break(self, node: ast.Break) -> Statement:
        return lambda frame: BREAK

    def compile_Continue(self, node: ast.Continue) -> Statement:
        return lambda frame: CONTINUE

    def compile_Assert(self, node: ast.Assert) -> Statement:
        test = self.expression(node.test)
        message = self.expression(node.msg) if node.msg is not None else None

        def run(frame: Frame) -> Any:
            value = test(frame)
            frame.node = node.test
            condition = truth(frame, value)
            if condition is True:
                return None

            def fail() -> Any:
                arguments = () if message is None else (message(frame),)
                frame.node = node.test
                raise AssertionError(*arguments)

            if condition is False:
                fail()
            return signals.branch_statements(frame, node.test, condition, lambda: None, fail)

        return run

    def compile_Raise(self, node: ast.Raise) -> Statement:
        exception = self.expression(node.exc) if node.exc is not None else None
        cause = self.expression(node.cause) if node.cause is not None else None

        def run(frame: Frame) -> None:
            if exception is None:
                frame.node = node
                if not frame.caught:
                    raise RuntimeError("No active exception to reraise")
                raise frame.caught[-1]
            value = exception(frame)
            origin = cause(frame) if cause is not None else None
            frame.node = node

            def raise_it(value: Any, origin: Any) -> Any:
                if isinstance(value, type):
                    value = operations.call(frame, value, (), {})
                if cause is not None:
                    raise value from origin
                raise value

            choices.over_choices(frame, raise_it, value, origin)

        return run

    def compile_Import(self, node: ast.Import) -> Statement:
        assigners = []
        for alias in node.names:
            bound = alias.asname or alias.name.partition(".")[0]
            assigners.append((alias, self._name_assigner(bound, node)))

        def run(frame: Frame) -> None:
            frame.node = node
            load = frame.builtins["__import__"]
            for alias, assign in assigners:
                module = load(alias.name, frame.globals, None, None, 0)
                if alias.asname:
                    module = sys.modules[alias.name]
                assign(frame, module)

        return run

    def compile_ImportFrom(self, node: ast.ImportFrom) -> Statement:
        assigners = [
            (alias.name, self._name_assigner(alias.asname or alias.name, node))
            for alias in node.names
        ]
        names = [alias.name for alias in node.names]

        def run(frame: Frame) -> None:
            frame.node = node
            load = frame.builtins["__import__"]
            module = load(node.module or "", frame.globals, None, names, node.level)
            for name, assign in assigners:
                try:
                    value = getattr(module, name)
                except AttributeError:
                    raise ImportError(
                        f"cannot import name {name!r} from {module.__name__!r}"
                    ) from None
                assign(frame, value)

        return run

    # -- assignment -------------------------------------------------------------------------------

    def compile_Assign(self, node: ast.Assign) -> Statement:
        assigners = [self.assigner(target) for target in node.targets]
        if isinstance(node.value, ast.Yield | ast.YieldFrom):
            return _after_yield(generators.emitting(self, node.value), assigners)
        value = self.expression(node.value)
        if len(assigners) == 1:
            assign = assigners[0]
            if not isinstance(node.targets[0], ast.Name):
                return _assigned_unless_raised(value, assign)

            def run_single(frame: Frame) -> None:
                assign(frame, value(frame))

            return run_single

        def run(frame: Frame) -> None:
            result = value(frame)
            for item in assigners:
                item(frame, result)

        return run

    def compile_AnnAssign(self, node: ast.AnnAssign) -> Statement:
        if node.value is None:
            return lambda frame: None
        value, assign = self.expression(node.value), self.assigner(node.target)

        def run(frame: Frame) -> None:
            assign(frame, value(frame))

        return run

    def compile_AugAssign(self, node: ast.AugAssign) -> Statement:
        value = self.expression(node.value)
        plain, inplace = BINARY[type(node.op)], INPLACE[type(node.op)]

        def update(frame: Frame, old: Any, store: Callable[[Any], None]) -> None:
            increment = value(frame)
            frame.node = node
            if old.__class__ in PLAIN and increment.__class__ in PLAIN:
                updated = array_updates.update(frame, old, plain, increment)
                store(plain(old, increment) if updated is None else updated)
                return
            failing_ops.after_operands(
                frame.trace,
                lambda: store(operations.update_inplace(frame, inplace, plain, old, increment)),
            )

        target = node.target
        if isinstance(target, ast.Name):
            load = self.loader(target.id, target)
            assign = self.assigner(target)
            return lambda frame: update(frame, load(frame), partial(assign, frame))
        if isinstance(target, ast.Attribute):
            owner, name = self.expression(target.value), self.name(target.attr)

            def run_attribute(frame: Frame) -> None:
                holder = owner(frame)
                frame.node = target
                old = attributes.load_attribute(frame, holder, name)

                def store(new: Any) -> None:
                    frame.node = target
                    failing_ops.after_operands(
                        frame.trace,
                        lambda: attributes.store_attribute(frame, holder, name, new),
                    )

                update(frame, old, store)

            return run_attribute

        def change(frame: Frame, holder: Any, key: Any) -> None:
            frame.node = target
            if list_items.at_known_places(
                frame, holder, key, lambda place: change(frame, holder, place)
            ):
                return
            old = operations.load_item(frame, holder, key, is_updated=True)

            def store(new: Any) -> None:
                frame.node = target
                failing_ops.after_operands(
                    frame.trace, lambda: operations.store_item(frame, holder, key, new)
                )

            update(frame, old, store)

        visit = self._item_change(target)
        return lambda frame: visit(frame, change)

    def assigner(self, target: ast.expr) -> Assigner:
        """The closure that assigns a value to a target."""
        if isinstance(target, ast.Name):
            return self._name_assigner(target.id, target)
        if isinstance(target, ast.Attribute):
            owner, name = self.expression(target.value), self.name(target.attr)

            def store(frame: Frame, value: Any) -> None:
                holder = owner(frame)
                frame.node = target
                attributes.store_attribute(frame, holder, name, value)

            return store
        if isinstance(target, ast.Subscript):
            return self._item_assigner(target)
        if isinstance(target, ast.Starred):
            return self.assigner(target.value)
        assert isinstance(target, ast.Tuple | ast.List)
        return self._unpacker(target)

    def _item_assigner(self, target: ast.Subscript) -> Assigner:
        visit = self._item_change(target)

        def store(frame: Frame, value: Any) -> None:
            def change(frame: Frame, holder: Any, key: Any) -> None:
                frame.node = target
                operations.store_item(frame, holder, key, value)

            visit(frame, change)

        return store

    def _item_change(
        self, target: ast.Subscript
    ) -> Callable[[Frame, Callable[[Frame, Any, Any], None]], None]:
        """The closure that hands what `target` is an item of, and the key, to a function that changes the item."""
        index, inner = self.expression(target.slice), target.value
        if not isinstance(inner, ast.Subscript):
            owner = self.expression(inner)
            return lambda frame, change: change(frame, owner(frame), index(frame))
        outer, place = self.expression(inner.value), self.expression(inner.slice)

        def run(frame: Frame, change: Callable[[Frame, Any, Any], None]) -> None:
            holders, number, key = outer(frame), place(frame), index(frame)
            frame.node = inner
            if not list_items.change_item(
                frame, holders, number, lambda holder: change(frame, holder, key)
            ):
                change(frame, operations.load_item(frame, holders, number), key)

        return run

    def _name_assigner(self, name: str, node: ast.AST) -> Assigner:
        name = self.name(name)
        if name in self.cells:

            def store_cell(frame: Frame, value: Any) -> None:
                cell = frame.cells[name]

                def store() -> None:
                    frame.trace.journal.touch_cell(cell, name)
                    cell.cell_contents = value

                failing_ops.after_operands(frame.trace, store)

            return store_cell
        if name in self.locals:

            def store_local(frame: Frame, value: Any) -> None:
                frame.vars[name] = value

            return store_local

        def store_global(frame: Frame, value: Any) -> None:
            frame.node = node
            trace = frame.trace
            failing_ops.after_operands(trace, lambda: trace.guards.store_global(frame, name, value))

        return store_global

    def _unpacker(self, target: ast.Tuple | ast.List) -> Assigner:
        assigners = [self.assigner(item) for item in target.elts]
        stars = [index for index, item in enumerate(target.elts) if isinstance(item, ast.Starred)]
        star = stars[0] if stars else None
        count = len(assigners)

        def unpack(frame: Frame, value: Any) -> None:
            frame.node = target
            items = operations.unpack(frame, value, count, star)
            for assign, item in zip(assigners, items, strict=True):
                assign(frame, item)

        return unpack

    def compile_Delete(self, node: ast.Delete) -> Statement:
        deleters = [self.deleter(target) for target in node.targets]

        def run(frame: Frame) -> None:
            for delete in deleters:
                delete(frame)

        return run

    def deleter(self, target: ast.expr) -> Statement:
        if isinstance(target, ast.Tuple | ast.List):
            parts = [self.deleter(item) for item in target.elts]

            def run_all(frame: Frame) -> None:
                for part in parts:
                    part(frame)

            return run_all
        if isinstance(target, ast.Attribute):
            owner, attribute = self.expression(target.value), self.name(target.attr)

            def run_attribute(frame: Frame) -> None:
                holder = owner(frame)
                frame.node = target
                attributes.delete_attribute(frame, holder, attribute)

            return run_attribute
        if isinstance(target, ast.Subscript):
            owner, index = self.expression(target.value), self.expression(target.slice)

            def run_item(frame: Frame) -> None:
                holder = owner(frame)
                key = index(frame)
                frame.node = target
                operations.delete_item(frame, holder, key)

            return run_item
        assert isinstance(target, ast.Name)
        return self._name_deleter(target)

    def _name_deleter(self, target: ast.Name) -> Statement:
        name = self.name(target.id)
        if name in self.cells:

            def delete_cell(frame: Frame) -> None:
                cell = frame.cells[name]
                frame.trace.journal.touch_cell(cell, name)
                del cell.cell_contents

            return delete_cell

        def delete_local(frame: Frame) -> None:
            if name not in frame.vars:
                frame.node = target
                raise UnboundLocalError(
                    f"cannot access local variable '{name}' where it is not associated with a value"
                )
            del frame.vars[name]

        return delete_local

    def compile_AsyncWith(self, node: ast.AsyncWith) -> Statement:
        return operations.refuse_async

    compile_AsyncFor = compile_AsyncWith


def _after_yield(emit: Statement, assigners: list[Assigner]) -> Statement:
    """`x = yield y` in a loop over the generator: it is seen only if the generator goes on."""

    def run(frame: Frame) -> Any:
        signal = emit(frame)
        value = generators.value_sent(frame)
        for assign in assigners:
            assign(frame, value)
        return signal

    return run


def _return_after(emit: Statement) -> Statement:
    """`return (yield from items)` in a loop over the generator."""

    def run(frame: Frame) -> Any:
        signal = emit(frame)
        frame.vars[RETURNED] = generators.value_sent(frame)
        if signal.__class__ is Mixed:
            return signals.continue_block(frame, signal, lambda: RETURN)
        return RETURN if signal is None else signal

    return run


def _assigned_unless_raised(value: Expression, assign: Assigner) -> Statement:
    """An assignment to what is seen elsewhere: on the paths on which the value has not raised."""

    def run(frame: Frame) -> None:
        result = value(frame)
        failing_ops.after_operands(frame.trace, lambda: assign(frame, result))

    return run
