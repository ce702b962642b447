"""What `is` and `in` mean for the values that the interpreter meets."""

from __future__ import annotations

import operator
from collections import deque
from collections.abc import ItemsView, ValuesView
from typing import Any, cast

from tfc.core.errors import CompileError
from tfc.core.tensor import Tensor
from tfc.tracing import messages, operations
from tfc.tracing.calling.calls import call_value
from tfc.tracing.containers import list_methods, mappings, rows, tables
from tfc.tracing.containers.growable import growable_of
from tfc.tracing.containers.run_time_keys import is_run_time_key
from tfc.tracing.frame import Frame
from tfc.tracing.iteration import producers
from tfc.tracing.iteration.iterables import SymbolicRange
from tfc.tracing.ndarrays.outer_arrays import underlying
from tfc.tracing.paths import choices
from tfc.tracing.strings import characters, chosen_text
from tfc.tracing.strings.text import SymbolicText
from tfc.tracing.values import primitives
from tfc.tracing.values.numbers import SymbolicNumber
from tfc.tracing.values.symbolic import KIND_DTYPES, Choice, SymbolicTensor
from tfc.tracing.values.truth import truth


def is_same(frame: Frame, x: Any, y: Any) -> Any:
    """`x is y`."""
    if y.__class__ is Choice and x.__class__ is not Choice:
        x, y = y, x
    if x.__class__ is Choice:
        if y.__class__ is Choice:
            return choices.over_choices(frame, lambda a, b: is_same(frame, a, b), x, y)
        return choices.is_alternative(frame, x, lambda item: _is_same_object(frame, item, y))
    if isinstance(x, SymbolicNumber) and isinstance(y, bool):
        return x == y if x.kind is bool else False
    if isinstance(y, SymbolicNumber) and isinstance(x, bool):
        return y == x if y.kind is bool else False
    frame.trace.journal.require_identity(x)
    frame.trace.journal.require_identity(y)
    owners = frame.trace.outer.owners
    if id(x) in owners and id(y) in owners:
        frame.trace.outer.compares = True
    return _is_same_object(frame, underlying(x), underlying(y))


def _is_same_object(frame: Frame, x: Any, y: Any) -> bool:
    """Whether two values are one object; refused for what is made anew where it stands for another one."""
    if x is y or x.__class__ is not y.__class__ or not _may_be_same(frame, x, y):
        return x is y
    raise CompileError(
        "TFC012",
        f"'is' of a {type(x).__name__} that may be the same one, depending on the path or the iteration",
        "compare what they hold, p == q, or keep the number of the one that was chosen",
        messages.site_of_frame(frame),
        "what branches and loops on tensors make is held natively, by its parts",
    )


def _may_be_same(frame: Frame, x: Any, y: Any) -> bool:
    """Whether one of two values of a class may stand for the other one."""
    journal = frame.trace.journal
    if isinstance(x, Tensor):
        return id(y) in journal.aliases.others(x) or rows.may_be_one(journal.sharing, x, y)
    if isinstance(x, tuple):
        if not (id(x) in journal.rebuilt or id(y) in journal.rebuilt):
            return False
        grows = growable_of(x) is not None or growable_of(y) is not None
        return grows or len(x) == len(cast("tuple[Any, ...]", y))
    return rows.may_be_one(journal.sharing, x, y)


def contains(frame: Frame, container: Any, item: Any) -> Any:
    """`item in container`."""
    if Choice in (container.__class__, item.__class__):
        container, item = chosen_text.operands(operator.contains, container, item)
    if container.__class__ is Choice or mappings.splits(frame, container, item):
        return choices.over_choices(frame, lambda c, i: contains(frame, c, i), container, item)
    method = operations.user_method(container, "__contains__")
    if method is not None:
        return truth(frame, call_value(frame, method, (container, item), {}))
    if isinstance(container, dict | set | frozenset):
        if isinstance(item, SymbolicTensor) and not is_run_time_key(item):
            hash(item)  # raises the `TypeError`
        if (
            item.__class__ is SymbolicText
            or tables.involves(container, item)
            or mappings.has_partial(container)
        ):
            return mappings.contains(frame, container, item)
    container = operations.whole(frame, container)
    if isinstance(container, SymbolicText) or (
        isinstance(container, str) and isinstance(item, SymbolicText)
    ):
        return characters.answer(bool, operator.contains, container, item)
    if growable_of(container) is not None or isinstance(container, SymbolicRange):
        return list_methods.contains(frame, container, item)
    if isinstance(container, range):
        number = _as_number(item)
        if number is not None:
            return _in_range(container, number)
    if isinstance(container, ValuesView | ItemsView):  # both search by comparing, as a list does
        container = list(container)
    if isinstance(container, list | tuple | deque) and list_methods.is_run_time(container, item):
        result: Any = False
        for element in container:
            if element is item:
                return True
            same = truth(frame, operations.binary(frame, operator.eq, element, item))
            if same is True:
                return True
            if same is not False:
                result = same if result is False else result | same
        return result
    if isinstance(container, SymbolicTensor) and len(container.type.shape) == 1:
        same = operations.binary(frame, operator.eq, container, item)
        if same is False:  # what cannot be compared is not in it
            return False
        return SymbolicNumber(bool, primitives.apply_named("reduce_any", same))
    if producers.is_staged(frame, container):
        return list_methods.contains(frame, container, item)
    return operator.contains(cast(Any, container), item)


def _as_number(item: Any) -> SymbolicNumber | None:
    """A number of run time, or a tensor of rank 0, as a Python number."""
    if isinstance(item, SymbolicNumber):
        return item
    if not isinstance(item, SymbolicTensor) or item.type.shape or item.type.dtype.kind not in "iuf":
        return None
    kind = float if item.type.dtype.kind == "f" else int
    return SymbolicNumber(kind, primitives.cast(item, KIND_DTYPES[kind]))


def _in_range(container: range, item: SymbolicNumber) -> Any:
    if not container:
        return False
    low, high = min(container[0], container[-1]), max(container[0], container[-1])
    inside = (item >= low) & (item <= high)
    if abs(container.step) == 1 and item.kind is not float:
        return inside
    return inside & ((item - container.start) % abs(container.step) == 0)
