"""Attributes: the user's properties, descriptors and `__getattr__` are interpreted; what is read from outside is guarded."""

from __future__ import annotations

import functools
import types
from collections.abc import Callable
from typing import Any

from tfc.tracing.calling import calls
from tfc.tracing.containers import rows
from tfc.tracing.frame import UNBOUND, Frame
from tfc.tracing.paths import choices, host_errors
from tfc.tracing.syntax.source import is_user_function
from tfc.tracing.values.symbolic import Choice, SymbolicTensor
from tfc.tracing.values.truth import user_method


def load_attribute(frame: Frame, owner: Any, name: str) -> Any:
    """`owner.name`."""
    kind = owner.__class__
    if isinstance(owner, SymbolicTensor):
        return getattr(owner, name)
    if kind is Choice:
        return choices.over_choices(frame, lambda item: load_attribute(frame, item, name), owner)
    if isinstance(owner, host_errors.HostError):
        host_errors.refuse_attribute(frame, name)
    if name == "__class__":
        return calls.call_value(frame, type, (owner,), {})
    found = _find_in_class(kind, name)
    if type(owner) is super:
        _guard_inherited(frame, owner, name)
    if isinstance(found, property) and isinstance(found.fget, types.FunctionType):
        if is_user_function(found.fget):
            frame.trace.guards.require_in_class(owner, name, found.fget, "fget")
            frame.trace.guards.require_class_attribute(kind, name, found)
            return calls.call_value(frame, found.fget, (owner,), {})
    elif isinstance(found, functools.cached_property):
        if is_user_function(found.func) and name not in owner.__dict__:
            frame.trace.guards.require_class_attribute(kind, name, found)
            value = calls.call_value(frame, found.func, (owner,), {})
            store_plainly(frame, owner, name, value)
            return value
    elif found.__class__ is not types.FunctionType and _is_read_by_user(owner, name, found):
        getter = user_method(found, "__get__")
        return calls.call_value(frame, getter, (found, owner, kind), {})
    elif found is None and not isinstance(owner, type | types.ModuleType):
        missing = user_method(owner, "__getattr__")
        if missing is not None and name not in getattr(owner, "__dict__", {}):
            return calls.call_value(frame, missing, (owner, name), {})
    elif found.__class__ is types.FunctionType and id(owner) not in frame.trace.guards.paths:
        frame.trace.guards.require_class_attribute(kind, name, found)
    value = getattr(owner, name)
    if value.__class__ is Choice and value.index_of(UNBOUND) >= 0:
        if not _has_without_own(owner, found):
            return choices.require_attribute(frame, value, owner, name)
        return choices.over_choices(
            frame,
            lambda item: _without_own(frame, owner, name, found) if item is UNBOUND else item,
            value,
        )
    return frame.trace.guards.load_attribute(owner, name, value)


def _has_without_own(owner: Any, found: Any) -> bool:
    """Whether the class gives an attribute that an object itself has on some paths only."""
    return user_method(owner, "__getattr__") is not None or (
        hasattr(found, "__get__") and not hasattr(found, "__set__")
    )


def _without_own(frame: Frame, owner: Any, name: str, found: Any) -> Any:
    """`owner.name` on a path on which the object itself has none: what its class makes of it."""
    kind, guards = type(owner), frame.trace.guards
    if not hasattr(found, "__get__") or hasattr(found, "__set__"):
        return calls.call_value(frame, user_method(owner, "__getattr__"), (owner, name), {})
    guards.require_class_attribute(kind, name, found)
    if isinstance(found, functools.cached_property):
        value = calls.call_value(frame, found.func, (owner,), {})
        store_plainly(frame, owner, name, value)
        return value
    getter = user_method(found, "__get__")
    if getter is not None:
        return calls.call_value(frame, getter, (found, owner, kind), {})
    return found.__get__(owner, kind)


def _found_without_own(
    frame: Frame, owner: Any, name: str, use: Callable[[Any], Any], missing: Callable[[], Any]
) -> Any:
    """`use` of what the class gives for an attribute that the object itself has not on this path, or `missing()`."""
    found = _find_in_class(type(owner), name)
    if not _has_without_own(owner, found):
        return missing()
    try:
        value = _without_own(frame, owner, name, found)
    except AttributeError:
        return missing()
    return use(value)


def _guard_inherited(frame: Frame, owner: Any, name: str) -> None:
    """What `super()` finds: an attribute of a class behind the one that asks."""
    order = owner.__self_class__.__mro__
    for base in order[order.index(owner.__thisclass__) + 1 :]:
        found = base.__dict__.get(name)
        if found is not None:
            if isinstance(found, types.FunctionType):
                frame.trace.guards.require_class_attribute(base, name, found)
            return


def find_attribute(
    frame: Frame,
    owner: Any,
    name: str,
    found: Callable[[Any], Any],
    missing: Callable[[], Any],
) -> Any:
    """`found(owner.name)`, or `missing()` on the paths where it has none."""
    if owner.__class__ is Choice:
        return choices.over_choices(
            frame, lambda item: find_attribute(frame, item, name, found, missing), owner
        )
    value: Any = getattr(owner, "__dict__", {}).get(name)
    if isinstance(value, Choice) and value.index_of(UNBOUND) >= 0:
        return choices.over_choices(
            frame,
            lambda item: (
                _found_without_own(frame, owner, name, found, missing)
                if item is UNBOUND
                else found(item)
            ),
            value,
        )
    try:
        value = load_attribute(frame, owner, name)
    except AttributeError:
        frame.trace.guards.require_no_attribute(owner, name)
        return missing()
    return found(value)


def _is_read_by_user(owner: Any, name: str, found: Any) -> bool:
    """Whether a descriptor of the user's decides what `owner.name` is."""
    if user_method(found, "__get__") is None:
        return False
    return hasattr(found, "__set__") or name not in getattr(owner, "__dict__", {})


def _find_in_class(kind: type, name: str) -> Any:
    for base in kind.__mro__:
        if name in base.__dict__:
            return base.__dict__[name]
    return None


def store_attribute(frame: Frame, owner: Any, name: str, value: Any) -> None:
    """`owner.name = value`."""
    if owner.__class__ is Choice:
        choices.over_choices(frame, lambda item: store_attribute(frame, item, name, value), owner)
        return
    found = _find_in_class(owner.__class__, name)
    if isinstance(found, property) and isinstance(found.fset, types.FunctionType):
        if is_user_function(found.fset):
            calls.call_value(frame, found.fset, (owner, value), {})
            return
    elif (method := user_method(found, "__set__")) is not None:
        calls.call_value(frame, method, (found, owner, value), {})
        return
    else:
        setter = user_method(owner, "__setattr__")
        if setter is not None:
            calls.call_value(frame, setter, (owner, name, value), {})
            return
    store_plainly(frame, owner, name, value, setattr)


def store_plainly(
    frame: Frame, owner: Any, name: str, value: Any, store: Any = object.__setattr__
) -> None:
    """Set an attribute, whatever the user's code would say about it."""
    frame.trace.guards.take_attribute(owner, name)
    store(owner, name, value)
    rows.changed(frame, owner)


def delete_attribute(frame: Frame, owner: Any, name: str) -> None:
    """`del owner.name`."""
    method = user_method(owner, "__delattr__")
    if method is not None:
        calls.call_value(frame, method, (owner, name), {})
        return
    frame.trace.guards.take_attribute(owner, name)
    delattr(owner, name)
    rows.changed(frame, owner)


def context_methods(frame: Frame, context: Any) -> tuple[Any, Any]:
    """The bound `__enter__` and `__exit__` of a context manager."""
    kind = type(context)
    enter, leave = _find_in_class(kind, "__enter__"), _find_in_class(kind, "__exit__")
    for name, method in (("__enter__", enter), ("__exit__", leave)):
        if isinstance(method, types.FunctionType):
            frame.trace.guards.require_class_attribute(kind, name, method)
    if enter is None or leave is None:
        raise TypeError(f"'{kind.__name__}' object does not support the context manager protocol")
    return enter.__get__(context, kind), leave.__get__(context, kind)
