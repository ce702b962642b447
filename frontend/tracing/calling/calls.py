"""Calls: the user's own functions are interpreted, everything else runs natively."""

from __future__ import annotations

import functools
import itertools
import operator
import types
from collections import deque
from dataclasses import is_dataclass
from types import CellType, FunctionType, MethodType
from typing import Any, cast

import numpy as np
from tfc.core.boundary import inside
from tfc.core.errors import CompileError, TFCError
from tfc.core.nest import flatten
from tfc.core.tensor import Tensor
from tfc.core.tracebacks import speak_of
from tfc.tracing import attributes, effects, messages, operations
from tfc.tracing.calling import algorithms, hazards, intrinsics, iterating
from tfc.tracing.containers import growable, list_items, list_tensors, mappings, rows
from tfc.tracing.frame import Frame
from tfc.tracing.inputs import Internal, Unending
from tfc.tracing.iteration import generators, iterators
from tfc.tracing.ndarrays import array_updates, arrays, numpy_calls, outer_arrays
from tfc.tracing.ndarrays.aliases import tensors_in
from tfc.tracing.paths import choices, failing_ops, recursion, signals
from tfc.tracing.strings import formatting, text
from tfc.tracing.syntax.source import NoSource, is_user_function
from tfc.tracing.syntax.unit import Unit, unit_of
from tfc.tracing.values.adapting import as_tensors, choices_in
from tfc.tracing.values.numbers import SymbolicNumber
from tfc.tracing.values.symbolic import Choice
from tfc.tracing.values.truth import user_method

STAGED_CALLS = 100
"""Interpreted calls that may be nested under staged conditions: deeper ones are a recursion that never ends while tracing."""

_OF_OPERANDS = frozenset(f"TFC10{digit}" for digit in range(1, 8))
"""Errors that say where the tensors come from that do not fit."""

_COMPARISONS = frozenset(("__eq__", "__lt__", "__le__", "__gt__", "__ge__"))
_MUTABLE = (list, dict, set, deque, bytearray)
_READING = frozenset(
    ("count", "index", "copy", "get", "items", "keys", "values", "issubset", "issuperset", "union",
     "intersection", "difference", "isdisjoint", "symmetric_difference", "__contains__", "__len__")
)  # fmt: skip


def call_value(
    frame: Frame, callee: Any, arguments: tuple[Any, ...], keywords: dict[str, Any]
) -> Any:
    """`callee(*arguments, **keywords)`."""
    kind = callee.__class__
    if kind is FunctionType:
        return call_function(frame, callee, arguments, keywords)
    if kind is MethodType:
        return call_value(frame, callee.__func__, (callee.__self__, *arguments), keywords)
    if kind is types.BuiltinFunctionType or kind is types.MethodWrapperType:
        return iterators.kept(frame, _call_builtin(frame, callee, arguments, keywords))
    if kind is Choice:
        return choices.over_choices(
            frame, lambda item: call_value(frame, item, arguments, keywords), callee
        )
    if isinstance(callee, type):
        return iterators.kept(frame, _call_class(frame, callee, arguments, keywords))
    return _call_object(frame, callee, arguments, keywords)


def call_function(
    frame: Frame, function: FunctionType, arguments: tuple[Any, ...], keywords: dict[str, Any]
) -> Any:
    """Call a Python function: interpreted when it is the user's and its source is at hand."""
    function = inside(function)
    if (
        not is_user_function(function)
        or getattr(function, "_tfc_do_not_convert", False)
        or hazards.reads_the_world(function, arguments)
    ):
        intrinsic = intrinsics.intrinsic(function)
        if intrinsic is not None:
            return intrinsic(frame, arguments, keywords)
        return call_native(frame, function, arguments, keywords)
    try:
        unit = unit_of(function)
    except NoSource:
        name = function.__name__
        if name in _COMPARISONS and is_dataclass(arguments[0]) and _is_generated(function):
            given = (getattr(operator, name), *arguments)
            return call_function(frame, algorithms.compare_records, given, keywords)
        return call_native(frame, function, arguments, keywords)
    return run_function(frame.trace, frame, unit, function, arguments, keywords)


def run_function(
    trace: Any,
    parent: Frame | None,
    unit: Unit,
    function: FunctionType,
    arguments: tuple[Any, ...],
    keywords: dict[str, Any],
) -> Any:
    """Interpret a call of a user's function."""
    if trace.is_raising:
        return failing_ops.after_operands(
            trace, lambda: run_function(trace, parent, unit, function, arguments, keywords)
        )
    variables = unit.bind(function, arguments, keywords)
    if (trace.inside_arm or trace.unrolling.called) and not unit.is_generator:

        def run(given: dict[str, Any]) -> Any:
            return _run_inline(trace, parent, unit, function, given)

        result = recursion.call_again(trace, parent, unit, function, variables, run)
        if result is not recursion.NOT_NATIVE:
            return result
    return _run_inline(trace, parent, unit, function, variables)


def _run_inline(
    trace: Any, parent: Frame | None, unit: Unit, function: FunctionType, variables: dict[str, Any]
) -> Any:
    """Interpret a function's body as part of the program."""
    frame = Frame(trace, unit, function, variables, {}, function.__globals__, parent)
    if parent is None:
        trace.entry = frame
    make_cells(frame, function)
    if unit.is_async:
        operations.refuse_async(frame)
    if unit.is_generator:
        return generators.InterpretedGenerator(frame)
    if trace.inside_arm and trace.depth > STAGED_CALLS:
        refusal = trace.unrolling.inlined.get(recursion.key_of(unit, function))
        raise (
            Unending(unit, refusal)
            if refusal is not None
            else CompileError(
                "TFC014",
                f"'{unit.name}' calls itself to a depth that depends on a tensor",
                "write it as a loop, or with a list as a stack",
                messages.site_of_frame(parent),
            )
        )
    if trace.depth > trace.depth_limit:
        raise RecursionError("maximum recursion depth exceeded")
    trace.depth += 1
    trace.frame = frame
    try:
        signal = unit.body(frame)
        return signals.function_result(frame, signal)
    except Unending as end:
        if recursion.begins(parent, unit, end):
            raise end.refusal from None
        raise
    except Internal:
        raise
    except BaseException as error:
        trace.note_error(error, frame)
        raise
    finally:
        trace.depth -= 1
        trace.frame = parent


def make_cells(frame: Frame, function: FunctionType) -> None:
    """Give a frame its cells: new ones for its own shared variables, the function's for the rest."""
    code = function.__code__
    cells, variables, trace = frame.cells, frame.vars, frame.trace
    for name in code.co_cellvars:
        cells[name] = CellType(variables.pop(name)) if name in variables else CellType()
        trace.add_cell(cells[name])
    if code.co_freevars:
        closure = function.__closure__ or ()
        for index, (name, cell) in enumerate(zip(code.co_freevars, closure, strict=True)):
            cells[name] = cell
            if id(cell) not in trace.outer.own_cells:
                trace.guards.meet_cell(cell, function, index, is_entry=frame is trace.entry)


def _call_builtin(
    frame: Frame, callee: Any, arguments: tuple[Any, ...], keywords: dict[str, Any]
) -> Any:
    intrinsic = intrinsics.intrinsic(callee)
    if intrinsic is not None:
        return intrinsic(frame, arguments, keywords)
    owner = getattr(callee, "__self__", None)
    if callee.__class__ is types.MethodWrapperType:  # what `super` gives
        if callee.__name__ == "__setattr__" and _is_defined_in(callee, object):
            return call_value(frame, object.__setattr__, (owner, *arguments), keywords)
        if callee.__name__ == "__call__" and _is_defined_in(callee, type):
            return _make_instance(frame, cast(type, owner), arguments, keywords)
        if callee.__name__ in ("__str__", "__repr__") and effects.is_symbolic(owner):
            return formatting.text_of(frame, owner, callee.__name__)
    if callee is object.__new__:
        made = callee(*arguments, **keywords)
        frame.trace.journal.created(made)
        return made
    if isinstance(owner, (*_MUTABLE, frozenset)) or growable.growable_of(owner) is not None:
        return _call_container_method(frame, owner, callee, arguments, keywords)
    if callee.__name__ == "fromkeys" and isinstance(owner, type):
        return call_value(frame, algorithms.fromkeys, (owner, *arguments), keywords)
    if callee == itertools.chain.from_iterable:
        return call_value(frame, iterating.from_iterable, arguments, keywords)
    if isinstance(owner, str) and callee.__name__ == "format":
        return text.format_text(frame, owner, arguments, keywords)
    if isinstance(owner, str) and callee.__name__ == "join" and len(arguments) == 1:
        return text.join_strings(frame, owner, arguments[0])
    return call_native(frame, callee, arguments, keywords)


def _is_defined_in(callee: Any, owner: type) -> bool:
    return getattr(callee, "__objclass__", None) is owner


def _call_container_method(
    frame: Frame, owner: Any, callee: Any, arguments: tuple[Any, ...], keywords: dict[str, Any]
) -> Any:
    """A method of a list, dict, set or deque."""
    name = callee.__name__
    changes = name not in _READING
    handler = intrinsics.container_method(owner, name)
    if handler is not None:
        result = handler(frame, owner, arguments, keywords)
    else:
        grows = growable.growable_of(owner) or growable.table_of(owner)
        if grows is not None and name not in ("copy", "clear"):
            list_items.known_items(frame, owner)
        if changes:
            frame.trace.guards.take(owner)
        else:
            loaded = frame.trace.guards.load_all(owner)
            callee = callee if loaded is owner else getattr(loaded, name)
        result = callee(*arguments, **keywords)
    if changes:
        rows.changed(frame, owner)
    return result


def _call_class(
    frame: Frame, cls: type, arguments: tuple[Any, ...], keywords: dict[str, Any]
) -> Any:
    """Make an instance; `__init__` of a user's class is interpreted."""
    intrinsic = intrinsics.intrinsic(cls)
    if intrinsic is not None:
        return intrinsic(frame, arguments, keywords)
    make = user_method(cls, "__call__")
    if make is not None:
        return call_function(frame, make, (cls, *arguments), keywords)
    return _make_instance(frame, cls, arguments, keywords)


def _make_instance(
    frame: Frame, cls: type, arguments: tuple[Any, ...], keywords: dict[str, Any]
) -> Any:
    """What `type.__call__` does."""
    if type(cls).__call__ is not type.__call__ and not isinstance(type(cls).__call__, FunctionType):
        return call_native(frame, cls, arguments, keywords)
    make, initialize = cls.__new__, cls.__init__
    is_made_here = isinstance(make, FunctionType) and is_user_function(make)
    is_initialized_here = (
        isinstance(initialize, FunctionType)
        and is_user_function(initialize)
        and not _is_generated(initialize)
    )
    guards = frame.trace.guards
    if is_made_here:
        guards.require_class_attribute(cls, "__new__", make)
    if is_initialized_here:
        guards.require_class_attribute(cls, "__init__", initialize)
    if is_made_here or (_makes_plainly(make) and is_initialized_here):
        if is_made_here:
            made = call_function(frame, make, (cls, *arguments), keywords)
            if not isinstance(made, cls):
                return made
        else:
            made = cast(Any, make)(cls, *(() if make is object.__new__ else arguments))
            frame.trace.journal.created(made)
        initialize = type(made).__init__
        if initialize is object.__init__:
            return made
        if call_value(frame, initialize, (made, *arguments), keywords) is not None:
            raise TypeError(f"__init__() should return None, not '{type(made).__name__}'")
        return made
    finish = getattr(cls, "__post_init__", None)
    if isinstance(finish, FunctionType) and is_user_function(finish):
        guards.require_class_attribute(cls, "__post_init__", finish)
        return _call_dataclass(frame, cls, finish, arguments, keywords)
    return call_native(frame, cls, arguments, keywords)


def _makes_plainly(make: Any) -> bool:
    """Whether a `__new__` does nothing with the values that it is given but keep them.

    That of `OSError` chooses a class by them.
    """
    owner = getattr(make, "__self__", None)
    if make is object.__new__ or not isinstance(owner, type):
        return make is object.__new__
    return issubclass(owner, BaseException) and not issubclass(owner, OSError)


def _call_dataclass(
    frame: Frame,
    cls: type,
    finish: FunctionType,
    arguments: tuple[Any, ...],
    keywords: dict[str, Any],
) -> Any:
    """Make an instance of a dataclass whose `__post_init__` is interpreted, after the fields are set."""
    made = cast(Any, cls).__new__(cls)
    frame.trace.journal.created(made)
    given: list[Any] = []
    shadowed = getattr(made, "__dict__", None)
    if shadowed is None:  # it has slots
        return call_native(frame, cls, arguments, keywords)
    shadowed["__post_init__"] = lambda *values: given.extend(values)
    call_native(frame, cls.__init__, (made, *arguments), keywords)
    del shadowed["__post_init__"]
    call_function(frame, finish, (made, *given), {})
    return made


def _is_generated(function: FunctionType) -> bool:
    """Whether a function was made without source, as dataclasses make `__init__`."""
    return function.__code__.co_filename.startswith("<")


def _call_object(
    frame: Frame, callee: Any, arguments: tuple[Any, ...], keywords: dict[str, Any]
) -> Any:
    """Call an instance: partial, lru_cache, compiled functions, NumPy's ufuncs, the user's `__call__`."""
    if isinstance(callee, functools.partial):
        merged = {**frame.trace.guards.load_partial(callee), **keywords}
        return call_value(frame, callee.func, (*callee.args, *arguments), merged)
    inner = getattr(callee, "python_function", None)
    if inner is not None and getattr(callee, "_tfc_inlines", False):
        return call_value(frame, inner, *callee.as_signed(arguments, keywords))
    if isinstance(callee, operator.attrgetter):
        return _get_attributes(frame, callee, *arguments)
    if isinstance(callee, functools._lru_cache_wrapper):
        return _call_cached(frame, callee, arguments, keywords)
    intrinsic = intrinsics.intrinsic(callee)
    if intrinsic is not None:
        return intrinsic(frame, arguments, keywords)
    method = user_method(callee, "__call__")
    if method is not None:
        frame.trace.guards.require_in_class(callee, "__call__", method)
        return call_function(frame, method, (callee, *arguments), keywords)
    return call_native(frame, callee, arguments, keywords)


def _get_attributes(frame: Frame, getter: operator.attrgetter[Any], owner: Any) -> Any:
    """Call an `operator.attrgetter`."""
    found: list[Any] = []
    for name in cast(Any, getter.__reduce__())[1]:
        value = owner
        for part in name.split("."):
            value = attributes.load_attribute(frame, value, part)
        found.append(value)
    return found[0] if len(found) == 1 else tuple(found)


def _call_cached(
    frame: Frame, callee: Any, arguments: tuple[Any, ...], keywords: dict[str, Any]
) -> Any:
    """Call a function with a cache. Results are kept as long as the path on which they were computed."""
    if any(isinstance(item, SymbolicNumber) for item in (*arguments, *keywords.values())):
        return call_value(frame, callee.__wrapped__, arguments, keywords)
    marks, cached = frame.trace.journal.marks, frame.trace.journal.cached
    key = (callee, arguments, tuple(keywords.items()))
    found = cached.get(key)
    if found is not None and marks[: len(found[0])] == found[0]:
        return found[1]
    path = marks.copy()
    result = call_value(frame, callee.__wrapped__, arguments, keywords)
    cached[key] = path, result
    return result


def call_native(
    frame: Frame, callee: Any, arguments: tuple[Any, ...], keywords: dict[str, Any]
) -> Any:
    """Call library code. Outer containers among its arguments are guarded as a whole."""
    is_own = _is_of_tfc(callee)
    if not is_own:
        refused = hazards.refusal(callee) or hazards.shared_change(frame, callee, arguments)
        if refused is not None:
            refuse_call(frame, *refused)
        effect = hazards.host_effect(frame, callee, arguments)
        if effect is not None:
            return effects.staged_call(frame.trace, *effect, keywords)
    first = _first_choice(callee, (*arguments, *keywords.values()) if keywords else arguments)
    if first is not None:
        return _over_alternatives(frame, callee, arguments, keywords, first)
    if numpy_calls.is_of_numpy(callee):
        arguments, keywords = numpy_calls.contents_of((arguments, keywords))
    if not is_own and numpy_calls.is_numpy_call(callee, (arguments, keywords)):
        return numpy_calls.call_numpy(frame.trace, callee, arguments, keywords)
    guards = frame.trace.guards
    if not is_own:
        outer_arrays.require_values((arguments, keywords))
    keeps = keeps_arguments(callee)
    for item in arguments:
        if growable.growable_of(item) is not None and not keeps:
            return list_tensors.call_library(frame, callee, item, arguments, keywords)
        if isinstance(item, _MUTABLE) and not keeps:
            mappings.require_whole(frame, item)
            if not is_own:
                guards.require_all(item)
            frame.trace.journal.touch(item)
        elif not is_own:
            if isinstance(item, frozenset) and not keeps:
                mappings.require_whole(frame, item)
            guards.require_all(item)
    for item in keywords.values():
        if growable.growable_of(item) is not None and not keeps:
            list_items.known_items(frame, item)
        if not is_own:
            guards.require_all(item)
    if is_own:
        arguments = tuple([guards.load_deep(item) for item in arguments])
        if list_tensors.takes_tensors(callee):
            arguments = list_tensors.joined_lists(frame, arguments)
        keywords = {name: guards.load_deep(item) for name, item in keywords.items()}
    return _call_library(frame, callee, arguments, keywords, is_own)


def _call_library(
    frame: Frame,
    callee: Any,
    arguments: tuple[Any, ...],
    keywords: dict[str, Any],
    is_own: bool,
) -> Any:
    """Call it, and see to what it gives or raises."""
    trace, outer = frame.trace, frame.trace.calling
    trace.refused, trace.calling = None, getattr(callee, "__name__", "") if is_own else outer
    try:
        result = callee(*arguments, **keywords)
        if trace.refused is not None and not is_own:
            raise trace.refused  # library code has caught it and gone on without the value
        if not is_own and hazards.reads_the_world(callee, arguments):
            trace.guards.require_result(callee, arguments, keywords, result)
        if result.__class__ is np.ndarray:
            return array_updates.note_made(frame, result)
        return (
            _own_result(frame, callee, result, (arguments, keywords))
            if is_own
            else hazards.noted(frame, result)
        )
    except TFCError as error:
        if is_own:
            speak_of(error, trace.calling)
            if not error.where.lines and error.code in _OF_OPERANDS:
                given = flatten((arguments, keywords))
                trace.blame(error, tuple([item for item in given if isinstance(item, Tensor)]))
        if (
            isinstance(error, CompileError)
            and error.code == "TFC001"
            and callee.__class__ is not type
        ):
            hazards.explain_library_call(error, callee)
        raise
    except TypeError as error:
        if "SymbolicText" in str(error):
            refuse_text(frame, callee, (*arguments, *keywords.values()))
        raise
    finally:
        trace.calling = outer


def is_exception(callee: Any) -> bool:
    """Whether it is a class of exceptions: those keep what they are given."""
    return isinstance(callee, type) and issubclass(callee, BaseException)


def keeps_arguments(callee: Any) -> bool:
    """Whether a call does nothing with its arguments but keep them: exceptions, dataclasses whose `__init__` is generated."""
    if not isinstance(callee, type) or not is_dataclass(callee):
        return is_exception(callee)
    initialize: Any = callee.__init__
    return (
        _makes_plainly(callee.__new__)
        and isinstance(initialize, FunctionType)
        and _is_generated(initialize)
    )


def _own_result(frame: Frame, callee: Any, result: Any, given: Any) -> Any:
    """What a function of this package gives: a new tensor, unless it was among its arguments."""
    if result.__class__ is arrays.SymbolicArray and any(
        item is result for item in tensors_in(given)
    ):
        is_method = getattr(arrays.SymbolicArray, getattr(callee, "__name__", ""), None) is callee
        return result if is_method else result.snapshot()  # of an array it makes a tensor
    if result.__class__ is Tensor and all(item is not result for item in tensors_in(given)):
        frame.trace.journal.created(result)
    return result


def _first_choice(callee: Any, given: tuple[Any, ...]) -> Any:
    """The first argument that is a choice, or a list with choices in it for a function that neither keeps nor changes lists."""
    for item in given:
        if item.__class__ is Choice:
            return item
        if (
            item.__class__ in (list, tuple)
            and choices_in(item)
            and (numpy_calls.is_of_numpy(callee) or _is_of_tfc(callee))
        ):
            return item
    return None


def _is_of_tfc(callee: Any) -> bool:
    return str(getattr(callee, "__module__", "")).partition(".")[0] == "tfc"


def _over_alternatives(
    frame: Frame, callee: Any, arguments: tuple[Any, ...], keywords: dict[str, Any], first: Any
) -> Any:
    """The call, once for each way in which `first`, or the items in it, may be, where that makes a difference."""
    given, count = (*arguments, *keywords.values()), len(arguments)

    def call(*chosen: Any) -> Any:
        named = dict(zip(keywords, chosen[count:], strict=True))
        return call_native(frame, callee, chosen[:count], named)

    if list_tensors.takes_tensors(callee):
        adapted = tuple(map(as_tensors, given))
        if any(map(operator.is_not, adapted, given)):
            return call(*adapted)
    if first.__class__ is Choice:
        return choices.over_choices(frame, call, *given)

    def with_items(items: Any) -> Any:
        return call(*[items if item is first else item for item in given])

    return list_tensors.over_items(frame, first, with_items)


def refuse_text(frame: Frame, callee: Any, arguments: tuple[Any, ...] = ()) -> Any:
    """Refuse library code that needs a string whose characters are known at run time only."""
    for item in arguments:
        if isinstance(item, text.SymbolicText):
            item.require_numbers()
    name = getattr(callee, "__name__", "this call")
    raise CompileError(
        "TFC001",
        f"{name} needs the characters of a string that holds values of tensors",
        "print the string, raise it, or make it outside of the compiled function",
        messages.site_of_frame(frame),
        "tensors have values only when the compiled code runs",
    ) from None


def refuse_call(frame: Frame, what: str, fix: str) -> Any:
    """Refuse a call that has no compiled meaning."""
    raise CompileError("TFC011", what, fix, messages.site_of_frame(frame))
