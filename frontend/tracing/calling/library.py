"""Built-in and library functions that mean something else on symbolic values: `len`, `range`, `print`, `sum`, ...

`intrinsic(function)` finds the interpreter's own version. It is called with the frame and the arguments; for plain values
it does what Python does.
"""

from __future__ import annotations

import collections
import functools
import math
import operator
from collections.abc import Callable, Iterator
from typing import Any, cast

import numpy as np
from tfc.core.errors import CompileError, TFCTypeError
from tfc.core.tensor import Tensor
from tfc.core.unwritten import counted, is_known
from tfc.core.variable import Variable
from tfc.gradients.custom import stop_gradient, without_gradient
from tfc.gradients.tape import GradientTape
from tfc.tracing import attributes, operations
from tfc.tracing.calling import iterating
from tfc.tracing.calling.intrinsics import Intrinsic, define, defines
from tfc.tracing.containers import list_items, list_methods, mappings, rows, tables
from tfc.tracing.containers.growable import growable_of
from tfc.tracing.frame import UNBOUND, Frame
from tfc.tracing.iteration import iterables, iterators, producers
from tfc.tracing.ndarrays import arrays, complex_arrays, outer_arrays
from tfc.tracing.operators import PLAIN
from tfc.tracing.paths import choices, comprehension_staging, host_errors, loop_staging, staging
from tfc.tracing.strings import characters, text
from tfc.tracing.values import number_checks, primitives
from tfc.tracing.values.numbers import SymbolicNumber
from tfc.tracing.values.symbolic import KIND_DTYPES, Choice, SymbolicTensor
from tfc.tracing.values.truth import truth


def is_run_time(value: Any) -> bool:
    """Whether a value is a tensor or number known at run time."""
    return isinstance(value, SymbolicTensor | SymbolicNumber)


# -- sizes, truth, types ------------------------------------------------------------------------


@defines(len)
def _len(frame: Frame, arguments: tuple[Any, ...], keywords: dict[str, Any]) -> Any:
    if len(arguments) != 1 or keywords:
        return len(*arguments, **keywords)
    return operations.length(frame, arguments[0])


@defines(bool)
def _bool(frame: Frame, arguments: tuple[Any, ...], keywords: dict[str, Any]) -> Any:
    return truth(frame, arguments[0]) if len(arguments) == 1 else bool(*arguments, **keywords)


def _number_class(kind: type) -> Intrinsic:
    def convert(frame: Frame, arguments: tuple[Any, ...], keywords: dict[str, Any]) -> Any:
        if arguments and isinstance(arguments[0], text.SymbolicText):
            arguments[0].require_numbers()
            return characters.answer(
                kind, lambda value, *others: kind(value, *others, **keywords), *arguments
            )
        if len(arguments) == 1 and not keywords:
            value = arguments[0]
            if isinstance(value, SymbolicTensor):
                held: type = kind if value.type.dtype.kind in "iub" else float
                value = SymbolicNumber(held, as_scalar(value, KIND_DTYPES[held]))
            if isinstance(value, SymbolicNumber):
                return (
                    value.truncated() if kind is int else SymbolicNumber(kind, value.as_kind(kind))
                )
            method = operations.user_method(value, f"__{kind.__name__}__")
            if method is not None:
                return operations.call(frame, method, (value,), {})
        return kind(*arguments, **keywords)

    return choices.of_each(convert)


define(int, _number_class(int))
define(float, _number_class(float))


def as_scalar(tensor: SymbolicTensor, dtype: np.dtype) -> Any:
    """A tensor of one element as a rank-0 tensor of `dtype`: a number of Python's, which gradients do not reach through."""
    if any(size != 1 for size in tensor.type.shape):
        shape = tuple("?" if size is None else size for size in tensor.type.shape)
        raise TFCTypeError(
            "TFC112", f"a tensor of shape {shape} is not one number", "take an item: x[0]"
        )

    def converted() -> Any:
        scalar = primitives.function_named("reshape")(tensor, ()) if tensor.type.shape else tensor
        made = primitives.cast(scalar, dtype)
        if dtype.kind == "i" and tensor.type.dtype == np.uint64:
            number_checks.require_unwrapped(tensor._scope.trace, made)
        return made

    return without_gradient("a number", "Python's numbers have no gradients", (tensor,), converted)


_ARRAYS = (arrays.SymbolicArray, complex_arrays.ComplexArray)


@defines(isinstance)
def _isinstance(frame: Frame, arguments: tuple[Any, ...], keywords: dict[str, Any]) -> Any:
    value, kinds = arguments
    if isinstance(value, SymbolicNumber):
        return issubclass(value.kind, kinds)
    if isinstance(value, text.SymbolicText):
        return issubclass(str, kinds)
    if value.__class__ is Choice:
        return choices.is_alternative(
            frame, value, lambda item: _isinstance(frame, (item, kinds), {})
        )
    if isinstance(value, _ARRAYS):
        return issubclass(arrays.class_of_array(value), kinds)
    if isinstance(value, host_errors.HostError):
        return host_errors.is_instance(frame, value, kinds)
    return isinstance(outer_arrays.underlying(value), kinds)


@defines(issubclass)
def _issubclass(frame: Frame, arguments: tuple[Any, ...], keywords: dict[str, Any]) -> Any:
    kind, kinds = arguments
    if isinstance(kind, host_errors.ClassOfError):
        return host_errors.is_instance(frame, kind.error, kinds)
    return issubclass(kind, kinds)


@defines(type)
def _type(frame: Frame, arguments: tuple[Any, ...], keywords: dict[str, Any]) -> Any:
    if len(arguments) == 1:
        value = arguments[0]
        if isinstance(value, SymbolicNumber):
            return value.kind
        if isinstance(value, _ARRAYS):
            return arrays.class_of_array(value)
        if isinstance(value, SymbolicTensor):
            return Tensor
        if value.__class__ is Choice:
            return choices.over_choices(frame, lambda item: _type(frame, (item,), {}), value)
        return host_errors.class_of(outer_arrays.underlying(value))
    return type(*arguments, **keywords)


@defines(GradientTape.watch)
def _watch(frame: Frame, arguments: tuple[Any, ...], keywords: dict[str, Any]) -> Any:
    """What is watched is not a matter of the path: of a value that may be one of several, each."""
    if len(arguments) == 2 and arguments[1].__class__ is Choice:
        for item in arguments[1].alternatives:
            arguments[0].watch(item)
        return None
    return GradientTape.watch(*arguments, **keywords)


@defines(callable)
def _callable(frame: Frame, arguments: tuple[Any, ...], keywords: dict[str, Any]) -> Any:
    value = arguments[0]
    if value.__class__ is Choice:
        return choices.is_alternative(frame, value, callable)
    return callable(value)


@defines(getattr)
def _getattr(frame: Frame, arguments: tuple[Any, ...], keywords: dict[str, Any]) -> Any:
    if len(arguments) == 3:
        owner, name, default = arguments
        return attributes.find_attribute(frame, owner, name, lambda found: found, lambda: default)
    return attributes.load_attribute(frame, *arguments)


@defines(setattr)
def _setattr(frame: Frame, arguments: tuple[Any, ...], keywords: dict[str, Any]) -> Any:
    attributes.store_attribute(frame, *arguments)


@defines(object.__setattr__)
def _plain_setattr(frame: Frame, arguments: tuple[Any, ...], keywords: dict[str, Any]) -> Any:
    attributes.store_plainly(frame, *arguments)


@defines(hasattr)
def _hasattr(frame: Frame, arguments: tuple[Any, ...], keywords: dict[str, Any]) -> Any:
    owner, name = arguments
    return attributes.find_attribute(frame, owner, name, lambda found: True, lambda: False)


# -- numbers ------------------------------------------------------------------------------------


define(abs, choices.of_each(lambda frame, arguments, keywords: abs(*arguments)))


@defines(divmod)
@choices.of_each
def _divmod(frame: Frame, arguments: tuple[Any, ...], keywords: dict[str, Any]) -> Any:
    return divmod(*arguments)


def round_tensor(tensor: SymbolicTensor, digits: Any = 0) -> Any:
    """`round(tensor, digits)`."""
    if not digits:
        return primitives.apply_named("round", tensor)
    scale = 10.0 ** int(digits)
    return primitives.apply_named("round", tensor * scale) / scale


def _extreme(function: Any, is_better: Any) -> Intrinsic:
    def run(frame: Frame, arguments: tuple[Any, ...], keywords: dict[str, Any]) -> Any:
        key = keywords.get("key")
        source = arguments[0] if len(arguments) == 1 else arguments
        source = tables.unordered(source) if key is None else source

        def keyed(item: Any) -> tuple[Any, Any]:
            return item, item if key is None else operations.call(frame, key, (item,), {})

        def choose(best: tuple[Any, Any], new: tuple[Any, Any]) -> tuple[Any, Any]:
            better = truth(frame, operations.binary(frame, is_better, new[1], best[1]))
            if better.__class__ is bool:
                return new if better else best
            return staging.branch(frame, frame.node, better, lambda: new, lambda: best)

        if producers.is_staged(frame, source):
            pairs = producers.Mapped(frame, source, keyed)
            best = comprehension_staging.extreme(frame, pairs, choose)
            return _unless_empty(frame, best, function, keywords)
        items = list(operations.iterate(frame, source))
        is_native = all(item.__class__ in PLAIN and not is_run_time(item) for item in items)
        if not items or (key is None and is_native):
            return function(items, **keywords)
        return functools.reduce(choose, map(keyed, items))[0]

    return run


def _unless_empty(frame: Frame, best: Any, function: Any, keywords: dict[str, Any]) -> Any:
    """The item of `best`, or what `function` gives for no items."""

    def item(value: Any) -> Any:
        return function((), **keywords) if value is UNBOUND else value[0]

    return choices.over_choices(frame, item, best)


define(min, _extreme(min, operator.lt))
define(max, _extreme(max, operator.gt))


def _second(arguments: tuple[Any, ...], default: Any) -> Any:
    """The second argument of a call, or its default."""
    return arguments[1] if len(arguments) > 1 else default


def _folding(apply: Callable[[Any, Any], Any], default: int) -> Intrinsic:
    def run(frame: Frame, arguments: tuple[Any, ...], keywords: dict[str, Any]) -> Any:
        total = keywords.get("start", _second(arguments, default))

        def add(total: Any, item: Any) -> Any:
            return operations.binary(frame, apply, total, item)

        source = tables.unordered(arguments[0]) if total.__class__ is int else arguments[0]
        if producers.is_staged(frame, source):
            return comprehension_staging.fold(frame, source, total, add)
        return functools.reduce(add, operations.iterate(frame, arguments[0]), total)

    return run


define(sum, _folding(operator.add, 0))
define(math.prod, _folding(operator.mul, 1))


def _quantifier(stops_at: bool) -> Intrinsic:
    def run(frame: Frame, arguments: tuple[Any, ...], keywords: dict[str, Any]) -> Any:
        result: Any = not stops_at
        if producers.is_staged(frame, arguments[0]):
            return comprehension_staging.search(frame, arguments[0], stops_at)
        for item in operations.iterate(frame, arguments[0]):
            value = truth(frame, item)
            if value is stops_at:
                return stops_at
            if value is (not stops_at):
                continue
            if result is (not stops_at):
                result = value
            else:
                result = result | value if stops_at else result & value
        return result

    return run


define(any, _quantifier(True))
define(all, _quantifier(False))


@defines(SymbolicTensor.numpy)
def _numpy(frame: Frame, arguments: tuple[Any, ...], keywords: dict[str, Any]) -> Any:
    """`x.numpy()`: the values as an array, which gradients do not reach through."""
    if isinstance(arguments[0], arrays.SymbolicArray):
        raise AttributeError("'numpy.ndarray' object has no attribute 'numpy'")
    return arrays.new_array(stop_gradient(*arguments, **keywords))


@defines(Variable.numpy, Variable.array)
def _variable_numpy(frame: Frame, arguments: tuple[Any, ...], keywords: dict[str, Any]) -> Any:
    """`v.numpy()`: a copy of what it holds when the call gets here."""
    return arrays.new_array(stop_gradient(arguments[0].value()))


# -- iteration ----------------------------------------------------------------------------------


def _sequence_class(kind: type) -> Intrinsic:
    def make(frame: Frame, arguments: tuple[Any, ...], keywords: dict[str, Any]) -> Any:
        if len(arguments) == 1 and not keywords:
            if arguments[0].__class__ is Choice:
                return choices.over_choices(
                    frame, lambda item: make(frame, (item,), {}), arguments[0]
                )
            if producers.is_staged(frame, arguments[0]):
                collected = comprehension_staging.collect_items(frame, arguments[0])
                made = collected if kind is list else tuple(collected)
                rows.note_same(frame.trace, made, arguments[0])
                return made
            made = kind(operations.iterate(frame, arguments[0]))
        else:
            made = kind(*arguments, **keywords)
        frame.trace.journal.created(made)
        return made

    return make


define(list, _sequence_class(list))
define(tuple, _sequence_class(tuple))


def _keyed_class(kind: type) -> Intrinsic:
    """`set`, classes of dicts and `Counter` of items that may be known at run time only."""
    is_mapping = kind in (dict, collections.OrderedDict)

    def make(frame: Frame, arguments: tuple[Any, ...], keywords: dict[str, Any]) -> Any:
        if len(arguments) == 1 and not keywords:
            (source,) = arguments
            if source.__class__ is Choice:
                return choices.over_choices(frame, lambda item: make(frame, (item,), {}), source)
            if not isinstance(source, dict):
                is_staged = isinstance(source, set | frozenset) or producers.is_staged(
                    frame, source
                )
                if is_mapping and hasattr(type(source), "keys"):
                    source, is_staged = mappings.pairs_of(frame, source), False
                items = source if is_staged else list(operations.iterate(frame, source))
                return tables.make(frame, kind, items)
            if is_mapping:
                return tables.make(frame, kind, mappings.view(frame, source, "items"))
        made = kind(*arguments, **keywords)
        frame.trace.journal.created(made)
        return made

    return make


@defines(collections.deque)
def _deque(frame: Frame, arguments: tuple[Any, ...], keywords: dict[str, Any]) -> Any:
    limit = keywords.get("maxlen", arguments[1] if len(arguments) > 1 else None)
    if limit is not None:
        limit = operator.index(limit)
    made: Any = collections.deque(maxlen=limit)
    frame.trace.journal.created(made)
    if arguments:
        list_items.extend(frame, made, arguments[0])
    return made


define(set, _keyed_class(set))
define(dict, _keyed_class(dict))
define(collections.OrderedDict, _keyed_class(collections.OrderedDict))
define(collections.Counter, _keyed_class(collections.Counter))


@defines(frozenset)
def _frozenset(frame: Frame, arguments: tuple[Any, ...], keywords: dict[str, Any]) -> Any:
    return frozenset(_keyed_class(set)(frame, arguments, keywords))


@defines(range)
@choices.of_each
def _range(frame: Frame, arguments: tuple[Any, ...], keywords: dict[str, Any]) -> Any:
    values = [_as_int(item) for item in arguments]
    if not any(isinstance(item, SymbolicNumber) for item in values) or not 1 <= len(values) <= 3:
        return range(*values, **keywords)
    start, stop, step = {
        1: lambda: (0, values[0], 1),
        2: lambda: (values[0], values[1], 1),
        3: lambda: tuple(values),
    }[len(values)]()
    return iterables.SymbolicRange(start, stop, step)


@defines(counted)
def _counted(frame: Frame, arguments: tuple[Any, ...], keywords: dict[str, Any]) -> Any:
    steps = _range(frame, arguments, {})
    return iterables.KeptRange(steps) if isinstance(steps, range) else steps


@defines(is_known)
def _is_known(frame: Frame, arguments: tuple[Any, ...], keywords: dict[str, Any]) -> Any:
    return not is_run_time(arguments[0]) and arguments[0].__class__ is not Choice


def _as_int(value: Any) -> Any:
    """A tensor or number as the Python int that `range` takes."""
    if isinstance(value, SymbolicTensor):
        if value.type.shape or value.type.dtype.kind not in "iu":
            raise TypeError(f"{value.type} cannot be interpreted as an integer")
        return SymbolicNumber(int, primitives.cast(value, KIND_DTYPES[int]))
    if isinstance(value, SymbolicNumber) and value.kind is float:
        raise TypeError("'float' object cannot be interpreted as an integer")
    return value


@defines(filter)
def _filter(frame: Frame, arguments: tuple[Any, ...], keywords: dict[str, Any]) -> Any:
    function, source = arguments

    def keeps(item: Any) -> Any:
        value = item if function is None else operations.call(frame, function, (item,), {})
        return truth(frame, value)

    return producers.Filtered(frame, source, keeps)


@defines(sorted)
def _sorted(frame: Frame, arguments: tuple[Any, ...], keywords: dict[str, Any]) -> Any:
    source, key = tables.unordered(arguments[0]), keywords.get("key")
    if producers.is_staged(frame, source):
        if growable_of(source) is None:
            source = comprehension_staging.collect_items(frame, source)
        buffer = growable_of(source)
        if buffer is not None:
            keys = buffer
            if key is not None:
                of_items = producers.Mapped(
                    frame, source, lambda item: operations.call(frame, key, (item,), {})
                )
                keys = growable_of(comprehension_staging.collect_items(frame, of_items))
            reverse = bool(keywords.get("reverse"))
            ordered = [list_methods.sorted_rows(frame, buffer, keys or buffer, reverse)]
            frame.trace.journal.created(ordered)
            rows.note_same(frame.trace, ordered, source)
            return ordered
    items = list(operations.iterate(frame, source))
    keys = [item if key is None else operations.call(frame, key, (item,), {}) for item in items]
    if not any(_is_compared(item) for item in keys):
        order = sorted(
            range(len(items)), key=keys.__getitem__, reverse=bool(keywords.get("reverse"))
        )
        return [items[index] for index in order]
    return _sort_network(frame, items, keys, bool(keywords.get("reverse")))


def _is_compared(item: Any) -> bool:
    """Whether comparing an item takes the interpreter."""
    if isinstance(item, tuple | list):
        return any(map(_is_compared, item))
    return (
        is_run_time(item)
        or item.__class__ is Choice
        or any(operations.user_method(item, name) for name in ("__lt__", "__gt__"))
    )


def _sort_network(frame: Frame, items: list[Any], keys: list[Any], reverse: bool) -> list[Any]:
    """Sort a short list with run-time keys by exchanging neighbours: stable, one branch per exchange."""
    pairs = list(zip(keys, items, strict=True))
    for end in range(len(pairs) - 1, 0, -1):
        for index in range(end):
            left, right = pairs[index], pairs[index + 1]
            compare = operator.lt
            first, second = (left[0], right[0]) if reverse else (right[0], left[0])
            swap = truth(frame, operations.binary(frame, compare, first, second))
            if swap is True:
                pairs[index], pairs[index + 1] = right, left
            elif swap is not False:
                pairs[index], pairs[index + 1] = staging.branch(
                    frame,
                    frame.node,
                    swap,
                    lambda left=left, right=right: (right, left),
                    lambda left=left, right=right: (left, right),
                )
    return [item for _, item in pairs]


@defines(enumerate)
def _enumerate(frame: Frame, arguments: tuple[Any, ...], keywords: dict[str, Any]) -> Any:
    start = keywords.get("start", _second(arguments, 0))
    producer = producers.producer_of(frame, arguments[0])
    if producer is not None:
        return producers.Enumerated(frame, producer, start)
    staged = iterables.staged(frame, arguments[0])
    if staged is None:
        return enumerate(operations.iterate(frame, arguments[0]), start)

    def item(frame: Frame, index: Any) -> Any:
        return (index + start, staged.item(frame, index))

    return iterables.Combined([staged], staged.length, item)


@defines(reversed)
def _reversed(frame: Frame, arguments: tuple[Any, ...], keywords: dict[str, Any]) -> Any:
    (value,) = arguments
    if value.__class__ is Choice:
        value = comprehension_staging.collect_items(frame, value)
    if isinstance(value, dict) and mappings.has_partial(value):
        value = mappings.view(frame, value, "keys")
    if isinstance(value, mappings.Keys):
        return producers.iterator(frame, reversed(value))
    staged = iterables.staged(frame, value)
    if staged is not None:
        return iterables.Combined(
            [],
            staged.length,
            lambda frame, index: staged.item(frame, staged.length - 1 - index),
        )
    if isinstance(value, SymbolicTensor):
        return reversed(list(value))
    return reversed(operations.whole(frame, value))


def _no_item(*default: Any) -> Any:
    """What `next` gives at the end."""
    if not default:
        raise StopIteration
    return default[0]


@defines(next)
def _next(frame: Frame, arguments: tuple[Any, ...], keywords: dict[str, Any]) -> Any:
    source = arguments[0]
    if source.__class__ is Choice:
        return choices.over_choices(
            frame, lambda item: _next(frame, (item, *arguments[1:]), keywords), source
        )
    method = operations.user_method(source, "__next__")
    if method is not None:
        version = iterating.next_or if len(arguments) > 1 else method
        return operations.call(frame, version, arguments, keywords)
    if iterators.is_somewhere(source):
        return source.item_of_run_time(*arguments[1:])
    if not isinstance(source, producers.Producer) or not source.is_fresh:
        return next(*arguments)
    attempt = loop_staging.Attempt(frame)
    try:
        item = next(cast("Iterator[Any]", source), *arguments[1:])
    except CompileError:
        attempt.forget()
        return producers.first(frame, source, lambda: _no_item(*arguments[1:]))
    except BaseException:
        attempt.keep()
        raise
    attempt.keep()
    return item


@defines(iter)
def _iter(frame: Frame, arguments: tuple[Any, ...], keywords: dict[str, Any]) -> Any:
    if len(arguments) == 1:
        if producers.is_staged(frame, arguments[0]):
            return producers.iterator(frame, arguments[0])
        return iter(operations.iterate(frame, arguments[0]))
    return iter(*arguments)
