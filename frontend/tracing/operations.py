"""What Python's operators, attributes, items and iteration mean for the values that the interpreter meets."""

from __future__ import annotations

import operator
import types
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from typing import Any, cast

import numpy as np
from tfc.core.convert import convert
from tfc.core.errors import CompileError, TFCTypeError
from tfc.core.tensor import Tensor
from tfc.core.variable import Variable
from tfc.tracing import messages
from tfc.tracing.calling import calls, iterating
from tfc.tracing.containers import (
    growable,
    list_items,
    list_methods,
    list_tensors,
    mappings,
    rows,
    sets,
)
from tfc.tracing.frame import Frame
from tfc.tracing.iteration import iterables, iterators, producers
from tfc.tracing.ndarrays import (
    aliases,
    array_updates,
    arrays,
    complex_arrays,
    numpy_calls,
    numpy_functions,
    outer_arrays,
)
from tfc.tracing.operators import DUNDERS
from tfc.tracing.paths import choices, comprehension_staging, staging
from tfc.tracing.strings import characters, chosen_text, text
from tfc.tracing.syntax import unpacking
from tfc.tracing.values import primitives, shapes
from tfc.tracing.values.adapting import as_index, beside
from tfc.tracing.values.numbers import SymbolicNumber
from tfc.tracing.values.symbolic import Choice, SymbolicTensor
from tfc.tracing.values.truth import truth, user_method

call = calls.call_value


def refuse(frame: Frame, code: str, message: str, fix: str) -> Any:
    """Raise a `CompileError` at the current line."""
    raise CompileError(code, message, fix, messages.site_of_frame(frame))


def refuse_async(frame: Frame) -> Any:
    """`async` has no compiled meaning."""
    refuse(
        frame, "TFC005", "async code cannot be compiled", "await outside of the compiled function"
    )


def refuse_exception_groups(frame: Frame, node: Any) -> Any:
    """`except*` has no compiled meaning."""
    frame.node = node
    refuse(frame, "TFC005", "'except*' cannot be compiled", "use 'except'")


def refuse_nested_yield(node: Any) -> Any:
    """`yield` inside an expression."""

    def run(frame: Frame) -> Any:
        frame.node = node
        refuse(
            frame, "TFC006", "'yield' inside an expression", "assign it to a variable: x = yield y"
        )

    return run


# -- operators ----------------------------------------------------------------------------------


def binary(frame: Frame, apply: Callable[[Any, Any], Any], x: Any, y: Any) -> Any:
    """`x <op> y`."""
    if x.__class__ is Choice or y.__class__ is Choice:
        x, y = beside(x, y), beside(y, x)
        x, y = chosen_text.operands(apply, x, y)
        if x.__class__ is Choice or y.__class__ is Choice:
            made = chosen_text.concatenated(x, y) if apply is operator.add else None
            if made is not None:
                return made
            return choices.over_choices(frame, lambda a, b: binary(frame, apply, a, b), x, y)
    x, y = whole(frame, x), whole(frame, y)
    left_name, right_name = DUNDERS[apply]
    left, right = user_method(x, left_name), user_method(y, right_name)
    if left is not None or right is not None:
        return _binary_methods(frame, apply, x, y, left, right)
    if apply is operator.ne and _inverts_equality(x, y):
        return logical_not(truth(frame, binary(frame, operator.eq, x, y)))
    if isinstance(x, str) and apply is operator.mod:
        return text.format_percent(frame, x, y)
    if isinstance(x, list | tuple) and isinstance(y, list | tuple):
        return list_methods.combine(frame, apply, x, y)
    if apply is operator.mul:
        items, times = (y, x) if isinstance(x, SymbolicNumber) else (x, y)
        if isinstance(times, SymbolicNumber) and isinstance(items, list | tuple | str):
            return list_methods.repeated(frame, items, times)
    if growable.growable_of(x) is not None or growable.growable_of(y) is not None:
        return list_methods.combine(frame, apply, x, y)
    if x.__class__ is deque and y.__class__ is deque and list_methods.is_run_time(x, y):
        return list_methods.combine(frame, apply, x, y)
    if isinstance(x, dict) and isinstance(y, dict):
        return _combine_dicts(frame, apply, x, y)
    if isinstance(x, set | frozenset) and (is_staged_set(x) or is_staged_set(y)):
        if apply in (operator.eq, operator.ne) and not isinstance(y, set | frozenset):
            return apply is operator.ne
        made = sets.combine_sets(frame, apply, *(_thawed(item) for item in (x, y)))
        return sets.frozen(made) if isinstance(x, frozenset) else made
    if x.__class__ is SymbolicNumber and isinstance(y, np.ndarray | np.generic | complex):
        return apply(*_beside_array(frame, x, y))
    if y.__class__ is SymbolicNumber and isinstance(x, np.ndarray | np.generic | complex):
        return apply(*reversed(_beside_array(frame, y, x)))
    return as_made(frame, apply(x, y))


def as_made(frame: Frame, result: Any) -> Any:
    """What Python's own operators give, as it is held."""
    return array_updates.note_made(frame, result) if result.__class__ is np.ndarray else result


def _inverts_equality(x: Any, y: Any) -> bool:
    """Whether `x != y` is what `object.__ne__` makes of the user's `__eq__`; neither has a `__ne__` of the user's."""
    if isinstance(x, Tensor | np.ndarray) or isinstance(y, Tensor | np.ndarray):
        return False
    return any(
        type(item).__ne__ is object.__ne__ and user_method(item, "__eq__") is not None
        for item in (x, y)
    )


def _beside_array(frame: Frame, number: Any, value: Any) -> tuple[Any, Any]:
    """A number of run time and an array or number of NumPy that is known, as operands that NumPy's rules hold for."""
    if (
        value.__class__ is complex
    ):  # beside a Python number it stays one, which takes the dtype of an array
        known = frame.trace.known_value(number.tensor, "a part of a complex number")
        return number.kind(known), value
    if np.asarray(value).dtype.kind == "c":
        return arrays.as_array(number.tensor), value
    return number, _array_of(frame, value)


def _array_of(frame: Frame, value: Any) -> arrays.SymbolicArray:
    """An array or scalar of NumPy that is known, as one of run time."""
    return arrays.new_array(frame.trace.as_symbolic(convert(value)))


def _thawed(value: Any) -> Any:
    return set(value) if isinstance(value, frozenset) else value


def is_staged_set(value: Any) -> bool:
    """Whether the members of a set are known at run time only, or differ from path to path."""
    return sets.members_of(value) is not None or growable.table_of(value) is not None


def _combine_dicts(
    frame: Frame, apply: Callable[[Any, Any], Any], x: dict[Any, Any], y: dict[Any, Any]
) -> Any:
    """An operator on two dicts: a comparison of their entries, or `|`."""
    if apply is operator.or_:
        merged = x.copy()
        frame.trace.journal.created(merged)
        mappings.update(frame, merged, y)
        return merged
    if apply is not operator.eq and apply is not operator.ne:
        return apply(x, y)
    same = mappings.equal(frame, x, y)
    return same if apply is operator.eq else logical_not(same)


def _binary_methods(
    frame: Frame,
    apply: Callable[[Any, Any], Any],
    x: Any,
    y: Any,
    left: types.FunctionType | None,
    right: types.FunctionType | None,
) -> Any:
    """Python's protocol for binary operators, with the user's methods interpreted."""
    if right is not None and type(y) is not type(x) and issubclass(type(y), type(x)):
        result = calls.call_value(frame, right, (y, x), {})
        if result is not NotImplemented:
            return result
        right = None
    if left is not None:
        result = calls.call_value(frame, left, (x, y), {})
        if result is not NotImplemented:
            return result
    if right is not None:
        result = calls.call_value(frame, right, (y, x), {})
        if result is not NotImplemented:
            return result
    return apply(x, y)


def unary(frame: Frame, apply: Callable[[Any], Any], value: Any) -> Any:
    """`<op> value`."""
    if value.__class__ is Choice:
        return choices.over_choices(frame, lambda item: unary(frame, apply, item), value)
    method = user_method(value, DUNDERS[apply][0])
    if method is not None:
        return calls.call_value(frame, method, (value,), {})
    return as_made(frame, apply(value))


_INPLACE_NAMES = {
    getattr(operator, "i" + name): f"__i{name}__"
    for name in (
        "add", "sub", "mul", "matmul", "truediv", "floordiv", "mod", "pow",
        "lshift", "rshift", "and", "or", "xor",
    )
    if hasattr(operator, "i" + name)
} | {operator.iand: "__iand__", operator.ior: "__ior__"}  # fmt: skip


def update_inplace(
    frame: Frame,
    inplace: Callable[[Any, Any], Any],
    plain: Callable[[Any, Any], Any],
    old: Any,
    increment: Any,
) -> Any:
    """`old <op>= increment`."""
    old, increment = beside(old, increment), beside(increment, old)
    if chosen_text.is_string(old):
        return binary(frame, plain, old, increment)
    if old.__class__ is Choice or increment.__class__ is Choice:
        return choices.over_choices(
            frame, lambda a, b: update_inplace(frame, inplace, plain, a, b), old, increment
        )
    method = user_method(old, _INPLACE_NAMES[inplace])
    if method is not None:
        result = calls.call_value(frame, method, (old, increment), {})
        if result is not NotImplemented:
            return result
    if isinstance(old, list | dict | set | deque | bytearray):
        result = _update_container(frame, inplace, plain, old, increment)
        rows.changed(frame, old)
        return result
    if isinstance(old, np.ndarray | outer_arrays.OuterArray):
        array_updates.change_plain_array(frame, old)
    if isinstance(old, Variable) and hasattr(Variable, f"__{inplace.__name__}__"):
        return inplace(old, increment)  # which is refused
    if isinstance(old, complex_arrays.ComplexArray) and old.ndim:
        store_item(frame, old, Ellipsis, binary(frame, plain, old, increment))
        return old
    if isinstance(old, SymbolicTensor):
        updated = array_updates.update(frame, old, plain, increment)
        if updated is not None:
            return updated
    return binary(frame, plain, old, increment)


def _update_container(
    frame: Frame,
    inplace: Callable[[Any, Any], Any],
    plain: Callable[[Any, Any], Any],
    old: Any,
    increment: Any,
) -> Any:
    if isinstance(old, list | deque) and inplace is operator.iadd:
        list_items.extend(frame, old, increment)
        return old
    is_grown = growable.growable_of(old) is not None
    if isinstance(old, list) and (is_grown or increment.__class__ is SymbolicNumber):
        list_items.store_item(frame, old, slice(None), binary(frame, plain, old, increment))
        return old
    if isinstance(old, dict) and inplace is operator.ior:
        mappings.update(frame, old, increment)
        return old
    if isinstance(old, set) and (is_staged_set(old) or is_staged_set(increment)):
        combined = sets.combine_sets(frame, plain, old, increment)
        touch(frame, old)
        table = growable.table_of(combined)
        if table is not None:
            growable.hold(old, table)
        else:
            sets.fill_set(old, mappings.entries_of(frame, combined))
        return old
    if is_grown:
        return list_items.known_items(frame, old)
    touch(frame, old)
    return inplace(old, whole(frame, increment))


def logical_not(value: Any) -> Any:
    """`not value` for the result of `truth`."""
    if isinstance(value, SymbolicNumber):
        return SymbolicNumber(bool, primitives.apply_named("logical_not", value.as_kind(bool)))
    if isinstance(value, Choice):
        raise TypeError("a truth value is not a choice")
    return not value


def touch(frame: Frame, owner: Any) -> None:
    """A container is about to be changed by interpreted code."""
    frame.trace.guards.take(owner)


# -- items --------------------------------------------------------------------------------------

_ARRAYS = (Tensor, np.ndarray, outer_arrays.OuterArray, complex_arrays.ComplexArray)
_INDEXED: Any = (*_ARRAYS, list, tuple, str, range)
"""Classes for whose indices all integers of one value are the same."""


def load_item(frame: Frame, owner: Any, key: Any, is_updated: bool = False) -> Any:
    """`owner[key]`; with `is_updated` as part of `owner[key] += ...`."""
    key = as_index(key) if isinstance(owner, _INDEXED) else key
    if isinstance(owner, Tensor) and key.__class__ is not Choice and not has_choices(owner, key):
        if owner.__class__ is Tensor and outer_arrays.has_tensor(key):
            owner = frame.trace.as_symbolic(owner)
        item = owner[tensor_key(key)]
        if array_updates.is_view_key(key):
            if not is_updated:
                array_updates.note_item(frame, owner, item, tensor_key(key))
            return item
        return arrays.new_array(item) if item.__class__ is arrays.SymbolicArray else item
    if owner.__class__ is Choice or mappings.splits(frame, owner, key):
        return choices.over_choices(frame, lambda o, k: load_item(frame, o, k), owner, key)
    if has_choices(owner, key):
        return over_bounds(frame, lambda known: load_item(frame, owner, known), key)
    method = user_method(owner, "__getitem__")
    if method is not None:
        return calls.call_value(frame, method, (owner, key), {})
    if isinstance(owner, list | tuple | deque):
        return list_items.load_item(frame, owner, key)
    if isinstance(owner, str):
        return list_items.load_character(frame, owner, key)
    if isinstance(owner, iterables.SymbolicRange):
        return list_items.at_checked_place(
            frame,
            owner.size(frame),
            key,
            "range object index out of range",
            lambda place: owner.item(frame, place),
        )
    if isinstance(owner, range) and not isinstance(key, slice):
        place = list_items.index_of(frame, key)
        return owner[key] if place is None else _range_item(frame, owner, place)
    if isinstance(owner, dict):
        return mappings.load(frame, owner, key)
    if owner.__class__ is outer_arrays.OuterArray:
        return array_updates.item_of_outer(frame, owner[tensor_key(key)], key)
    if owner.__class__ is np.ndarray and outer_arrays.has_tensor(key):
        if array_updates.is_view_key(key):
            frame.trace.outer.arrays.note_copied(cast("Any", owner))
        return arrays.new_array(_array_of(frame, owner)[tensor_key(key)])
    if isinstance(owner, Variable):
        return as_made(frame, owner[tensor_key(key)])
    if owner is np.r_ or owner is np.c_:
        joined = numpy_calls.join(frame.trace, owner, key)
        if joined is not None:
            return joined
    return as_made(frame, frame.trace.guards.load_item(owner, key, owner[key]))


def has_choices(owner: Any, key: Any) -> bool:
    """Whether a bound of a slice, or one of several indices of an array, differs in kind from path to path."""
    is_several = key.__class__ is tuple and isinstance(owner, _ARRAYS)
    return (is_several or key.__class__ is slice) and Choice in [
        item.__class__ for item in _parts(key)
    ]


def _parts(key: Any) -> Any:
    return key if key.__class__ is tuple else (key.start, key.stop, key.step)


def over_bounds(frame: Frame, use: Callable[[Any], Any], key: Any) -> Any:
    """What `use` gives for a slice whose bounds are choices, or for several indices some of which are."""
    make = slice if key.__class__ is slice else lambda *items: items
    return choices.over_choices(frame, lambda *parts: use(make(*parts)), *_parts(key))


def tensor_key(key: Any) -> Any:
    """The index of a tensor, with run-time numbers in it as tensors."""
    if isinstance(key, SymbolicNumber):
        if key.kind is float:
            raise TFCTypeError(
                "TFC112", "expected an integer as an index, got a float", "use int(x)"
            )
        return key.as_kind(int) if key.kind is not bool else key.tensor
    if isinstance(key, tuple):
        return tuple(map(tensor_key, key))
    if isinstance(key, slice):
        step = key.step.as_size() if isinstance(key.step, SymbolicNumber) else key.step
        return slice(tensor_key(key.start), tensor_key(key.stop), step)
    if key.__class__ is list and (
        growable.growable_of(key) or any(map(outer_arrays.has_tensor, key))
    ):
        return numpy_functions.tensor_of(key)
    return key


def _range_item(frame: Frame, owner: range, key: SymbolicNumber) -> Any:
    def fail() -> Any:
        raise IndexError("range object index out of range")

    count = len(owner)
    inside = truth(frame, (key >= -count) & (key < count))
    staging.branch(frame, frame.node, inside, lambda: None, fail)
    return owner.start + (key % count) * owner.step


def store_item(frame: Frame, owner: Any, key: Any, value: Any) -> None:
    """`owner[key] = value`."""
    key = as_index(key) if isinstance(owner, _INDEXED) else key
    is_tensor = isinstance(owner, Tensor | Variable)
    has_elements = is_tensor or isinstance(owner, np.ndarray)
    if has_elements and growable.growable_of(value) is not None:
        value = list_tensors.as_elements(frame, value, owner)
    if is_tensor:
        value = beside(value, owner)
    is_split = owner.__class__ is Choice or mappings.splits(frame, owner, key)
    if is_split or (has_elements and value.__class__ is Choice):
        choices.over_choices(frame, lambda o, k, v: store_item(frame, o, k, v), owner, key, value)
        return
    if has_choices(owner, key):
        over_bounds(frame, lambda known: store_item(frame, owner, known, value), key)
        return
    if is_tensor:
        if isinstance(owner, Tensor):
            aliases.require_alone(frame, owner)
            value = array_updates.as_content(frame, owner, value)
        owner[tensor_key(key)] = value
        array_updates.propagate(frame, owner)
        return
    method = user_method(owner, "__setitem__")
    if method is not None:
        calls.call_value(frame, method, (owner, key, value), {})
        return
    if isinstance(owner, np.ndarray | outer_arrays.OuterArray):
        array_updates.change_plain_array(frame, owner)
    if isinstance(owner, list):
        list_items.store_item(frame, owner, key, value)
    elif isinstance(owner, dict):
        mappings.store(frame, owner, key, value)
    else:
        touch(frame, owner)
        owner[key] = frame.trace.guards.change_natively(owner, value)
    rows.changed(frame, owner)


def delete_item(frame: Frame, owner: Any, key: Any) -> None:
    """`del owner[key]`."""
    if owner.__class__ is Choice or mappings.splits(frame, owner, key):
        choices.over_choices(frame, lambda o, k: delete_item(frame, o, k), owner, key)
        return
    method = user_method(owner, "__delitem__")
    if method is not None:
        calls.call_value(frame, method, (owner, key), {})
        return
    if isinstance(owner, list) and (
        growable.growable_of(owner) is not None or outer_arrays.has_tensor(key)
    ):
        list_items.delete_item(frame, owner, key)
    elif isinstance(owner, dict):
        mappings.delete(frame, owner, key)
    else:
        touch(frame, owner)
        del owner[key]
    rows.changed(frame, owner)


# -- containers as a whole ----------------------------------------------------------------------


def whole(frame: Frame, value: Any) -> Any:
    """A value about to be used as a whole by native code: outer containers are guarded with their items."""
    if isinstance(value, list | tuple | dict | set | frozenset):
        return frame.trace.guards.load_all(value)
    return value


def length(frame: Frame, value: Any) -> Any:
    """`len(value)`: an int, known or symbolic."""
    kind = value.__class__
    if isinstance(value, SymbolicTensor):
        return shapes.length_of(value)
    if kind is Choice:
        return choices.over_choices(frame, lambda item: length(frame, item), value)
    method = user_method(value, "__len__")
    if method is not None:
        return calls.call_value(frame, method, (value,), {})
    buffer = growable.growable_of(value)
    if buffer is not None:
        return buffer.length
    if isinstance(value, iterables.SymbolicRange):
        return value.size(frame)
    if isinstance(value, dict | set | frozenset) and (
        growable.table_of(value) or mappings.has_partial(value)
    ):
        return mappings.length(frame, value)
    if isinstance(value, text.SymbolicText):
        return characters.count(value)
    return len(whole(frame, value))


def iterate(frame: Frame, value: Any) -> Iterable[Any]:
    """The items of a value whose number is known, one after the other."""
    kind = value.__class__
    if kind in (range, str, bytes):
        return value
    if isinstance(value, SymbolicTensor):
        items = list(value)
        for index, item in enumerate(items):
            array_updates.note_item(frame, value, item, index)
        return items
    if isinstance(value, list | tuple | dict | set | frozenset | deque):
        if growable.growable_of(value) is not None:
            return list_items.known_items(frame, value)
        mappings.require_whole(frame, value)
        return whole(frame, value)
    if kind is Choice:
        return iterate(frame, comprehension_staging.collect_items(frame, value))
    if isinstance(value, mappings.Keys) and value.is_fresh:
        mappings.require_whole(frame, value.entries)
    iterator = iterator_of(frame, value)
    return value if iterator is value else iterate(frame, iterator)


def iterator_of(frame: Frame, value: Any) -> Any:
    """What the user's own `__iter__` and `__next__` make of a value; the value itself where it has neither."""
    method = user_method(value, "__iter__")
    if method is Sequence.__iter__ or (method is None and is_numbered(value)):
        method = iterating.numbered_items
    iterator = value if method is None else calls.call_value(frame, method, (value,), {})
    is_stepwise = (
        iterators.is_somewhere(iterator) or iterator.__class__ is iterators.EndlessIterator
    )
    if user_method(iterator, "__next__") is None and not is_stepwise:
        return iterator
    return calls.call_value(frame, iterating.next_items, (iterator,), {})


def is_numbered(value: Any) -> bool:
    """Whether Python iterates over an object by the user's `__getitem__`."""
    return user_method(value, "__getitem__") is not None and not hasattr(type(value), "__iter__")


def unpack(frame: Frame, value: Any, count: int, star: int | None) -> list[Any]:
    """The values for `a, *b, c = value`."""
    if value.__class__ is Choice:
        joined = choices.over_choices(
            frame, lambda item: tuple(unpack(frame, item, count, star)), value
        )
        return list(iterate(frame, joined))
    if isinstance(value, Tensor) and not value.type.shape:
        raise TypeError("cannot unpack a scalar tensor")
    if producers.is_staged(frame, value):
        return unpacking.unpack_staged(frame, value, count, star)
    items = list(iterate(frame, value))
    if star is None:
        if len(items) > count:
            raise ValueError(f"too many values to unpack (expected {count})")
        if len(items) < count:
            raise ValueError(f"not enough values to unpack (expected {count}, got {len(items)})")
        return items
    if len(items) < count - 1:
        raise ValueError(
            f"not enough values to unpack (expected at least {count - 1}, got {len(items)})"
        )
    after = count - star - 1
    end = len(items) - after
    middle = items[star:end]
    frame.trace.journal.created(middle)
    return [*items[:star], middle, *items[end:]]


# -- frames -------------------------------------------------------------------------------------


def frame_call(frame: Frame, callee: Any, arguments: list[Any], keywords: dict[str, Any]) -> Any:
    """Calls of `super`, `locals`, `eval` and `exec`, which look at their frame."""
    if callee is super and not arguments:
        owner = frame.cells["__class__"].cell_contents
        names = frame.unit.code.co_varnames
        first = names[0]
        instance = frame.cells[first].cell_contents if first in frame.cells else frame.vars[first]
        return super(owner, instance)
    if callee is locals:
        values = dict(frame.vars)
        values.pop("return", None)
        for name, cell in frame.cells.items():
            try:
                values[name] = cell.cell_contents
            except ValueError:
                continue
        return values
    if callee in (eval, exec) and len(arguments) == 1:
        scope = frame_call(frame, locals, [], {})
        return cast(Any, callee)(arguments[0], frame.globals, scope)
    return calls.call_value(frame, callee, tuple(arguments), keywords)
