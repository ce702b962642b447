"""Expressions."""

from __future__ import annotations

import ast
from typing import Any

from tfc.tracing import attributes, membership, operations
from tfc.tracing.calling import calls
from tfc.tracing.containers import growable, list_items, list_methods, mappings, tables
from tfc.tracing.frame import Expression, Frame
from tfc.tracing.iteration import producers
from tfc.tracing.operators import BINARY, COMPARISONS, PLAIN, UNARY
from tfc.tracing.paths import choices, failing_ops, staging
from tfc.tracing.strings import formatting
from tfc.tracing.syntax.scope import ScopeCompiler
from tfc.tracing.values.symbolic import Choice
from tfc.tracing.values.truth import truth

_TEXTUAL = (ast.Mod, ast.Mult)
"""Operators that make text of a string and something else."""


class ExpressionCompiler(ScopeCompiler):
    """One method per kind of expression."""

    # -- names and constants ----------------------------------------------------------------------

    def compile_Constant(self, node: ast.Constant) -> Expression:
        value = node.value
        return lambda frame: value

    def compile_Name(self, node: ast.Name) -> Expression:
        return self.loader(node.id, node)

    def loader(self, name: str, node: ast.AST) -> Expression:
        """The closure that reads a variable."""
        name = self.name(name)
        if name in self.cells:
            return _cell_loader(name, node, name in self.unit.code.co_freevars)
        if name in self.locals:
            return _local_loader(name, node)

        def load_global(frame: Frame) -> Any:
            return frame.trace.guards.load_global(frame, name, node)

        return load_global

    def compile_NamedExpr(self, node: ast.NamedExpr) -> Expression:
        value = self.expression(node.value)
        assign = self.assigner(node.target)

        def run(frame: Frame) -> Any:
            result = value(frame)
            assign(frame, result)
            return result

        return run

    # -- operators --------------------------------------------------------------------------------

    def compile_BinOp(self, node: ast.BinOp) -> Expression:
        left, right = self.expression(node.left), self.expression(node.right)
        apply = BINARY[type(node.op)]
        takes_text = node.op.__class__ in _TEXTUAL

        def run(frame: Frame) -> Any:
            x = left(frame)
            y = right(frame)
            frame.node = node
            if (
                x.__class__ in PLAIN
                and y.__class__ in PLAIN
                and not (takes_text and (x.__class__ is str or y.__class__ is str))
            ):
                return apply(x, y)
            return frame.trace.journal.received(operations.binary(frame, apply, x, y))

        return run

    def compile_UnaryOp(self, node: ast.UnaryOp) -> Expression:
        operand = self.expression(node.operand)
        if isinstance(node.op, ast.Not):

            def negate(frame: Frame) -> Any:
                value = operand(frame)
                frame.node = node
                return operations.logical_not(truth(frame, value))

            return negate
        apply = UNARY[type(node.op)]

        def run(frame: Frame) -> Any:
            value = operand(frame)
            frame.node = node
            if value.__class__ in PLAIN:
                return apply(value)
            return operations.unary(frame, apply, value)

        return run

    def compile_BoolOp(self, node: ast.BoolOp) -> Expression:
        parts = self.expressions(node.values)
        is_and = isinstance(node.op, ast.And)

        def evaluate(frame: Frame, index: int) -> Any:
            value = parts[index](frame)
            if index == len(parts) - 1:
                return value
            frame.node = node
            condition = truth(frame, value)
            if condition is True:
                return evaluate(frame, index + 1) if is_and else value
            if condition is False:
                return value if is_and else evaluate(frame, index + 1)

            def rest() -> Any:
                return evaluate(frame, index + 1)

            def this() -> Any:
                return value

            arms = (rest, this) if is_and else (this, rest)
            return staging.branch(frame, node, condition, *arms)

        return lambda frame: evaluate(frame, 0)

    def compile_Compare(self, node: ast.Compare) -> Expression:
        if len(node.ops) == 1:
            return self._single_comparison(node)
        first = self.expression(node.left)
        steps = [
            (self._comparison(op), self.expression(item))
            for op, item in zip(node.ops, node.comparators, strict=True)
        ]

        def evaluate(frame: Frame, left: Any, index: int) -> Any:
            compare, item = steps[index]
            right = item(frame)
            frame.node = node
            result = compare(frame, left, right)
            if index == len(steps) - 1:
                return result
            frame.node = node
            condition = truth(frame, result)
            if condition is True:
                return evaluate(frame, right, index + 1)
            if condition is False:
                return result
            return staging.branch(
                frame,
                node,
                condition,
                lambda: evaluate(frame, right, index + 1),
                lambda: result,
            )

        return lambda frame: evaluate(frame, first(frame), 0)

    def _single_comparison(self, node: ast.Compare) -> Expression:
        left, right = self.expression(node.left), self.expression(node.comparators[0])
        apply = COMPARISONS.get(type(node.ops[0]))
        compare = self._comparison(node.ops[0])

        def run(frame: Frame) -> Any:
            x = left(frame)
            y = right(frame)
            frame.node = node
            if apply is not None and x.__class__ in PLAIN and y.__class__ in PLAIN:
                return apply(x, y)
            return compare(frame, x, y)

        return run

    @staticmethod
    def _comparison(op: ast.cmpop) -> Any:
        if isinstance(op, ast.Is):
            return membership.is_same
        if isinstance(op, ast.IsNot):
            return lambda frame, x, y: operations.logical_not(membership.is_same(frame, x, y))
        if isinstance(op, ast.In):
            return lambda frame, x, y: membership.contains(frame, y, x)
        if isinstance(op, ast.NotIn):
            return lambda frame, x, y: operations.logical_not(
                truth(frame, membership.contains(frame, y, x))
            )
        apply = COMPARISONS[type(op)]
        return lambda frame, x, y: operations.binary(frame, apply, x, y)

    def compile_IfExp(self, node: ast.IfExp) -> Expression:
        test, body, orelse = (self.expression(part) for part in (node.test, node.body, node.orelse))

        def run(frame: Frame) -> Any:
            value = test(frame)
            frame.node = node
            condition = truth(frame, value)
            if condition is True:
                return body(frame)
            if condition is False:
                return orelse(frame)
            return staging.branch(
                frame, node, condition, lambda: body(frame), lambda: orelse(frame)
            )

        return run

    # -- parts of values --------------------------------------------------------------------------

    def compile_Attribute(self, node: ast.Attribute) -> Expression:
        value = self.expression(node.value)
        name = self.name(node.attr)

        def run(frame: Frame) -> Any:
            owner = value(frame)
            frame.node = node
            return attributes.load_attribute(frame, owner, name)

        return run

    def compile_Subscript(self, node: ast.Subscript) -> Expression:
        value, index = self.expression(node.value), self.expression(node.slice)

        def run(frame: Frame) -> Any:
            owner = value(frame)
            key = index(frame)
            frame.node = node
            return frame.trace.journal.received(operations.load_item(frame, owner, key))

        return run

    def compile_Slice(self, node: ast.Slice) -> Expression:
        parts = [
            self.expression(part) if part is not None else (lambda frame: None)
            for part in (node.lower, node.upper, node.step)
        ]
        lower, upper, step = parts
        return lambda frame: slice(lower(frame), upper(frame), step(frame))

    def compile_Starred(self, node: ast.Starred) -> Expression:
        raise SyntaxError("a starred expression stands alone")

    # -- displays ---------------------------------------------------------------------------------

    def compile_Tuple(self, node: ast.Tuple) -> Expression:
        items = self.items(node.elts)
        return lambda frame: tuple(items(frame))

    def compile_List(self, node: ast.List) -> Expression:
        items = self.items(node.elts)

        def run(frame: Frame) -> list[Any]:
            made = items(frame)
            frame.trace.journal.created(made)
            return made

        return run

    def compile_Set(self, node: ast.Set) -> Expression:
        items = self.items(node.elts)

        def run(frame: Frame) -> Any:
            values = items(frame)
            frame.node = node
            return tables.make(frame, set, values)

        return run

    def items(self, nodes: list[ast.expr]) -> Expression:
        """The closure that makes the list of items of a display, stars unpacked."""
        if not any(isinstance(item, ast.Starred) for item in nodes):
            parts = self.expressions(nodes)
            return lambda frame: [part(frame) for part in parts]
        mixed = [
            (self.expression(item.value), item)
            if isinstance(item, ast.Starred)
            else (self.expression(item), None)
            for item in nodes
        ]

        def run(frame: Frame) -> list[Any]:
            values: list[Any] = []
            frame.trace.journal.created(values)
            for part, star in mixed:
                value = part(frame)
                if star is None:
                    list_items.call_method(frame, values, "append", (value,))
                elif producers.is_staged(frame, value):
                    frame.node = star
                    list_items.extend(frame, values, value)
                else:
                    frame.node = star
                    values.extend(operations.iterate(frame, value))
            return values

        return run

    def compile_Dict(self, node: ast.Dict) -> Expression:
        pairs = [
            (None if key is None else self.expression(key), self.expression(value))
            for key, value in zip(node.keys, node.values, strict=True)
        ]

        def run(frame: Frame) -> dict[Any, Any]:
            result: dict[Any, Any] = {}
            frame.trace.journal.created(result)
            for key, value in pairs:
                if key is None:
                    mappings.update(frame, result, value(frame))
                else:
                    name, item = key(frame), value(frame)
                    frame.node = node
                    mappings.store(frame, result, name, item)
            return result

        return run

    # -- strings ----------------------------------------------------------------------------------

    def compile_JoinedStr(self, node: ast.JoinedStr) -> Expression:
        parts = self.expressions(node.values)

        def run(frame: Frame) -> Any:
            return formatting.join_text(frame, [part(frame) for part in parts])

        return run

    def compile_FormattedValue(self, node: ast.FormattedValue) -> Expression:
        value = self.expression(node.value)
        specification = self.expression(node.format_spec) if node.format_spec else None
        conversion = "" if node.conversion < 0 else chr(node.conversion)

        def run(frame: Frame) -> Any:
            item = value(frame)
            style = specification(frame) if specification is not None else ""
            frame.node = node
            return formatting.format_value(frame, item, conversion, style)

        return run

    # -- calls ------------------------------------------------------------------------------------

    def compile_Call(self, node: ast.Call) -> Expression:
        if isinstance(node.func, ast.Name) and node.func.id in ("super", "locals", "eval", "exec"):
            return self._frame_call(node)
        function = self.expression(node.func)
        plain = not any(isinstance(item, ast.Starred) for item in node.args)
        arguments = self.expressions(node.args) if plain else None
        starred = None if plain else self.items(node.args)
        keywords = [(item.arg, self.expression(item.value)) for item in node.keywords]

        if arguments is not None and not keywords:

            def run_positional(frame: Frame) -> Any:
                callee = function(frame)
                values = tuple([argument(frame) for argument in arguments])
                frame.node = node
                return _called(frame, callee, values, {})

            return run_positional

        def run(frame: Frame) -> Any:
            callee = function(frame)
            if arguments is not None:
                values = tuple([argument(frame) for argument in arguments])
            else:
                values = tuple(starred(frame))  # pyright: ignore[reportOptionalCall]
            named = _keywords(frame, keywords)
            frame.node = node
            if growable.growable_of(values) is not None:
                return list_methods.call_with(frame, callee, values, named)
            return _called(frame, callee, values, named)

        return run

    def _frame_call(self, node: ast.Call) -> Expression:
        """Calls that look at the frame they are made from."""
        function = self.expression(node.func)
        arguments = self.items(node.args)
        keywords = [(item.arg, self.expression(item.value)) for item in node.keywords]

        def run(frame: Frame) -> Any:
            callee = function(frame)
            values = arguments(frame)
            named = _keywords(frame, keywords)
            frame.node = node
            return operations.frame_call(frame, callee, values, named)

        return run

    def compile_Await(self, node: ast.Await) -> Expression:
        return _refuse_async

    def compile_Yield(self, node: ast.Yield) -> Expression:
        return operations.refuse_nested_yield(node)

    def compile_YieldFrom(self, node: ast.YieldFrom) -> Expression:
        return operations.refuse_nested_yield(node)


def _refuse_async(frame: Frame) -> Any:
    operations.refuse_async(frame)


def _keywords(frame: Frame, keywords: list[tuple[str | None, Expression]]) -> dict[str, Any]:
    named: dict[str, Any] = {}
    for name, value in keywords:
        if name is None:
            given = value(frame)
            mappings.require_whole(frame, given)
            for key, item in dict(given).items():
                if key in named:
                    raise TypeError(f"got multiple values for keyword argument '{key}'")
                named[key] = item
        else:
            if name in named:
                raise TypeError(f"got multiple values for keyword argument '{name}'")
            named[name] = value(frame)
    return named


def _local_loader(name: str, node: ast.AST) -> Expression:
    def load(frame: Frame) -> Any:
        try:
            value = frame.vars[name]
        except KeyError:
            frame.node = node
            raise UnboundLocalError(
                f"cannot access local variable '{name}' where it is not associated with a value"
            ) from None
        if value.__class__ is Choice:
            frame.node = node
            return choices.require_bound(frame, value, name)
        return value

    return load


def _cell_loader(name: str, node: ast.AST, free: bool) -> Expression:
    def load(frame: Frame) -> Any:
        try:
            value = frame.cells[name].cell_contents
        except ValueError:
            frame.node = node
            if free:
                raise NameError(
                    f"cannot access free variable '{name}' where it is not associated with a value"
                    " in enclosing scope"
                ) from None
            raise UnboundLocalError(
                f"cannot access local variable '{name}' where it is not associated with a value"
            ) from None
        if value.__class__ is Choice:
            frame.node = node
            return choices.require_bound(frame, value, name)
        if free:
            return frame.trace.guards.load_cell(frame, name, value)
        return value

    return load


def _called(frame: Frame, callee: Any, values: tuple[Any, ...], named: dict[str, Any]) -> Any:
    """What a call gives."""
    trace = frame.trace
    return trace.journal.received(
        failing_ops.after_operands(trace, lambda: calls.call_value(frame, callee, values, named))
    )
