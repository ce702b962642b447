"""Dicts in compiled code: their keys are Python's own, and some keys may exist only on some paths.

An entry that is not on every path holds a `Choice` with `UNBOUND` among its alternatives, as a variable does; sets with such
members are in `sets`. What is written with a key that is known at run time only is in `tables`; such a key is looked up here
where all keys of the dict are known.
"""

from __future__ import annotations

import operator
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

import numpy as np
from tfc.core.errors import CompileError
from tfc.tracing import messages, operations
from tfc.tracing.containers import named_entries, run_time_keys, sets, tables
from tfc.tracing.containers.growable import table_of
from tfc.tracing.frame import UNBOUND, Frame
from tfc.tracing.inputs import Assumptions, Restart
from tfc.tracing.iteration import producers
from tfc.tracing.paths import choices, signals, staging
from tfc.tracing.syntax import loops
from tfc.tracing.values.identity import containers_in, keeping
from tfc.tracing.values.numbers import SymbolicNumber
from tfc.tracing.values.symbolic import Choice
from tfc.tracing.values.truth import truth

if TYPE_CHECKING:
    from tfc.tracing.trace import Trace

Entries = dict[Any, Any]

_REQUIRED = object()


def is_partial(value: Any) -> bool:
    """Whether an entry with this value is missing on some path."""
    return value is UNBOUND or (value.__class__ is Choice and value.index_of(UNBOUND) >= 0)


def presence(frame: Frame, value: Any) -> Any:
    """Whether an entry with this value is there: a bool, known or symbolic."""
    if value is UNBOUND:
        return False
    if not is_partial(value):
        return True
    return choices.is_alternative(frame, value, lambda item: item is not UNBOUND)


def has_partial(owner: Any) -> bool:
    """Whether a dict or set has entries that are missing on some path."""
    if isinstance(owner, dict):
        return any(map(is_partial, owner.values()))
    return sets.members_of(owner) is not None


def require_whole(frame: Frame, owner: Any) -> None:
    """Refuse a dict or set whose keys are not the same on every path where Python's own code is to see it."""
    if table_of(owner) is not None:
        refuse(frame, f"the keys of a {type(owner).__name__} that are known only at run time")
    if isinstance(owner, dict | set | frozenset) and has_partial(owner):
        refuse(
            frame,
            f"the keys of a {type(owner).__name__} that differ from path to path are needed here",
        )


def refuse(frame: Frame, message: str) -> Any:
    raise CompileError(
        "TFC012", message, "give it the same keys on every path", messages.site_of_frame(frame)
    )


# -- dicts --------------------------------------------------------------------------------------


def splits(frame: Frame, owner: Any, key: Any) -> bool:
    """Whether what is done with one of several keys is done in an arm for each of them: not where keys are held natively."""
    if key.__class__ is not Choice:
        return False
    if not all(isinstance(item, run_time_keys.PLAIN) for item in key.alternatives):
        return True
    if table_of(owner) is not None:
        return False
    return not isinstance(owner, dict) or frame.location not in frame.trace.assumptions.ordered_in


def load(frame: Frame, owner: Entries, key: Any) -> Any:
    """`owner[key]`."""
    if named_entries.is_name(owner, key) and not isinstance(owner, defaultdict):
        found = named_entries.load(frame, owner, key)
        _note_found(frame, owner, key)
        return found
    if key.__class__ is Choice or tables.involves(owner, key):
        if table_of(owner) is not None or isinstance(owner, defaultdict) or key.__class__ is Choice:
            return tables.load(frame, owner, key)
        return _load_run_time_key(frame, owner, key)
    if isinstance(owner, defaultdict) and owner.default_factory is not None:
        _add_default(frame, owner, key, owner.default_factory)
        if table_of(owner) is not None:
            return tables.load(frame, owner, key)
    value = owner[key]
    if not is_partial(value):
        return frame.trace.guards.load_item(owner, key, value)

    def fail() -> Any:
        raise KeyError(key)

    either(frame, presence(frame, value), lambda: None, fail)
    return choices.drop_unbound(value)


def _add_default(frame: Frame, owner: Entries, key: Any, make: Callable[[], Any]) -> None:
    if key in owner and not is_partial(owner[key]):
        return
    either(
        frame,
        presence(frame, owner.get(key, UNBOUND)),
        lambda: None,
        lambda: store(frame, owner, key, operations.call(frame, make, (), {})),
    )


def store(frame: Frame, owner: Entries, key: Any, value: Any) -> None:
    """`owner[key] = value`. A key that was there keeps its place, a new one comes last."""
    if splits(frame, owner, key):
        choices.over_choices(frame, lambda key: store(frame, owner, key, value), key)
        return
    if named_entries.is_name(owner, key) and _is_there(frame, owner, key):
        named_entries.over_names(
            frame, owner, key, lambda name: store(frame, owner, name, value), lambda: _missing(key)
        )
        return
    if key.__class__ is Choice or tables.involves(owner, key):
        if table_of(owner) is None and _is_there(frame, owner, key):
            _store_run_time_key(frame, owner, key, value)
        else:
            tables.store(frame, owner, key, value)
        return
    if (key not in owner or is_partial(owner[key])) and _is_in_order_of_run_time(frame, owner):
        tables.store(frame, owner, key, value)
        return
    if is_partial(owner.get(key)) and next(reversed(owner)) != key:
        present = presence(frame, owner[key])
        either(
            frame,
            present,
            lambda: _put(frame, owner, key, value),
            lambda: _put_last(frame, owner, key, value),
        )
        return
    _put(frame, owner, key, value)


def _is_in_order_of_run_time(frame: Frame, owner: Entries) -> bool:
    """Whether an entry that is added here comes behind others in an order that an earlier trace found to be one of run time."""
    added = frame.trace.journal.added.setdefault(id(owner), (owner, set()))[1]
    added.add(frame.location)
    return frame.location in frame.trace.assumptions.ordered_in


def require_order_of_run_time(trace: Trace, owner: Entries) -> None:
    """The order of the entries of a dict differs from path to path: trace again, with entries that are held natively."""
    found = trace.journal.added.get(id(owner))
    new = set() if found is None else found[1] - trace.assumptions.ordered_in
    if new:
        needed = Assumptions(ordered_in=frozenset(new))
        raise Restart(needed, min(new), "the order of the keys of a dict")


def _put(frame: Frame, owner: Entries, key: Any, value: Any) -> None:
    operations.touch(frame, owner)
    owner[key] = value


def _put_last(frame: Frame, owner: Entries, key: Any, value: Any) -> None:
    operations.touch(frame, owner)
    owner.pop(key, None)
    owner[key] = value


def delete(frame: Frame, owner: Entries, key: Any) -> None:
    """`del owner[key]`."""
    if tables.involves(owner, key):
        tables.remove(frame, owner, key, lambda: _missing(key))
        return
    load(frame, owner, key)  # raises the `KeyError`
    operations.touch(frame, owner)
    del owner[key]


def contains(frame: Frame, owner: Any, key: Any) -> Any:
    """`key in owner`, for a dict or set with partial entries or a key of run time."""
    if table_of(owner) is not None:
        return tables.contains(frame, owner, key)
    entries = entries_of(frame, owner)
    if named_entries.is_name(owner, key):
        return named_entries.over_names(
            frame, owner, key, lambda name: presence(frame, entries[name]), lambda: False
        )
    if run_time_keys.is_run_time_key(key):
        return quantified(
            frame,
            [
                _both(frame, _same(frame, key, name), presence(frame, value))
                for name, value in entries.items()
            ],
            stops_at=True,
        )
    return presence(frame, entries.get(key, UNBOUND))


def length(frame: Frame, owner: Any) -> Any:
    """`len(owner)`."""
    if table_of(owner) is not None:
        return tables.length(frame, owner)
    total: Any = 0
    for value in entries_of(frame, owner).values():
        present = presence(frame, value)
        total = total + (1 if present is True else 0 if present is False else present)
    return total


def get(frame: Frame, owner: Entries, key: Any, default: Any = None) -> Any:
    """`owner.get(key, default)`."""
    if table_of(owner) is not None:
        return tables.get(frame, owner, key, default)
    if named_entries.is_name(owner, key):
        return named_entries.over_names(
            frame, owner, key, lambda name: get(frame, owner, name, default), lambda: default
        )
    if run_time_keys.is_run_time_key(key):
        return either(
            frame, contains(frame, owner, key), lambda: load(frame, owner, key), lambda: default
        )
    if key not in owner:
        frame.trace.guards.require_missing(owner, key)
        return default
    value = owner[key]
    if not is_partial(value):
        return frame.trace.guards.load_item(owner, key, value)
    return either(
        frame, presence(frame, value), lambda: choices.drop_unbound(value), lambda: default
    )


def set_default(frame: Frame, owner: Entries, key: Any, default: Any = None) -> Any:
    """`owner.setdefault(key, default)`."""
    if splits(frame, owner, key):
        return choices.over_choices(frame, lambda key: set_default(frame, owner, key, default), key)
    if key.__class__ is Choice or tables.involves(owner, key):
        return tables.set_default(frame, owner, key, default)
    with keeping(containers_in(default).keys()):
        _add_default(frame, owner, key, lambda: default)
        return load(frame, owner, key)


def pop(frame: Frame, owner: Entries, key: Any, default: Any = _REQUIRED) -> Any:
    """`owner.pop(key)` or `owner.pop(key, default)`."""
    if tables.involves(owner, key):
        return tables.pop(
            frame, owner, key, lambda: _missing(key) if default is _REQUIRED else default
        )
    if default is _REQUIRED:
        value = load(frame, owner, key)
    elif key not in owner:
        return default
    else:
        value = get(frame, owner, key, default)
    operations.touch(frame, owner)
    owner.pop(key, None)
    return value


def update(frame: Frame, owner: Entries, *others: Any, **named: Any) -> None:
    """`owner.update(other, name=value, ...)`."""
    for other in (*others, named):
        if not isinstance(other, dict) or table_of(other) is not None:
            pairs = (
                tables.view(other, "items") if isinstance(other, dict) else pairs_of(frame, other)
            )
            tables.visit(frame, pairs, lambda pair: tables.add_item(frame, owner, pair))
            continue
        for key, value in frame.trace.guards.load_all(other).items():
            either(
                frame,
                presence(frame, value),
                lambda key=key, value=value: store(frame, owner, key, choices.drop_unbound(value)),
                lambda: None,
            )


def pairs_of(frame: Frame, source: Any) -> Any:
    """What `dict(source)` takes for pairs of key and value: of an object with `keys`, those and its items."""
    if not hasattr(type(source), "keys"):
        return source
    keys = operations.call(frame, source.keys, (), {})
    return (
        (key, operations.load_item(frame, source, key)) for key in operations.iterate(frame, keys)
    )


def equal(frame: Frame, x: Any, y: Any) -> Any:
    """`x == y` for two dicts, or for two sets with partial members."""
    if table_of(x) is not None or table_of(y) is not None:
        return tables.equal(frame, x, y)
    left, right = entries_of(frame, x), entries_of(frame, y)

    def same(a: Any, b: Any) -> Any:
        """Whether both or neither have an entry, with the same value."""
        if a is b:
            return True
        here, there = presence(frame, a), presence(frame, b)
        if isinstance(x, set) or here is False or there is False:
            return truth(frame, operations.binary(frame, operator.eq, here, there))

        def same_value() -> Any:
            values = choices.drop_unbound(a), choices.drop_unbound(b)
            return truth(frame, operations.binary(frame, operator.eq, *values))

        return either(
            frame,
            here,
            lambda: either(frame, there, same_value, lambda: False),
            lambda: operations.logical_not(there),
        )

    keys = dict.fromkeys((*left, *right))
    results = [same(left.get(key, UNBOUND), right.get(key, UNBOUND)) for key in keys]
    return quantified(frame, results, stops_at=False)


class Keys(producers.Producer):
    """The keys, values or items of a dict or set, those that are there."""

    def __init__(self, entries: Entries, make: Callable[[Any, Any], Any]) -> None:
        self.entries = dict(entries)
        self.make = make
        self._rest: Any = None

    @property
    def is_fresh(self) -> bool:
        return self._rest is None

    def end(self, items: Any) -> None:
        self._rest = items

    def __reversed__(self) -> Keys:
        return Keys(dict(reversed(self.entries.items())), self.make)

    def __iter__(self) -> Keys:
        return self

    def __next__(self) -> Any:
        if self._rest is None:
            self._rest = iter([])  # a fresh one is visited by `produce`
        return next(self._rest)

    def produce(self, frame: Frame, emit: producers.Emit) -> Any:
        """Visit the entries one by one, partial ones under a test."""

        def visit(_: Frame, entry: tuple[Any, Any]) -> Any:
            key, value = entry
            present = presence(frame, value)
            if present is True:
                return emit(self.make(key, value))
            return signals.branch_statements(
                frame,
                frame.node,
                present,
                lambda: emit(self.make(key, choices.drop_unbound(value))),
                lambda: None,
            )

        return loops.unroll(frame, iter(self.entries.items()), visit)


def entries_of(frame: Frame, owner: Any) -> Entries:
    """The entries of a dict, or the members of a set with None as their value."""
    if isinstance(owner, dict):
        return frame.trace.guards.load_all(owner)
    members = sets.members_of(owner)
    return dict.fromkeys(frame.trace.guards.load_all(owner)) if members is None else members


def view(frame: Frame, owner: Any, name: str) -> Any:
    """`owner.keys()`, `owner.values()` or `owner.items()`."""
    if table_of(owner) is not None:
        return tables.view(owner, name)
    entries = entries_of(frame, owner)
    if not any(map(is_partial, entries.values())):
        return getattr(entries, name)()
    makers: dict[str, Callable[[Any, Any], Any]] = {
        "keys": lambda key, value: key,
        "values": lambda key, value: value,
        "items": lambda key, value: (key, value),
    }
    return Keys(entries, makers[name])


# -- keys of run time ---------------------------------------------------------------------------


def _same(frame: Frame, key: Any, name: Any) -> Any:
    if run_time_keys.is_scalar(key) and not isinstance(name, int | float | np.generic):
        return run_time_keys.is_scalar(name) and truth(frame, key == name)
    return truth(frame, operations.binary(frame, operator.eq, key, name))


def _load_run_time_key(frame: Frame, owner: Entries, key: Any) -> Any:
    values = frame.trace.guards.load_all(owner)

    def from_entry(names: list[Any]) -> Any:
        if not names:
            return 0 if isinstance(owner, Counter) else _missing(key)
        name, *rest = names
        here = _both(frame, _same(frame, key, name), presence(frame, values[name]))
        return either(
            frame, here, lambda: choices.drop_unbound(values[name]), lambda: from_entry(rest)
        )

    found = from_entry(list(values))
    _note_found(frame, owner, key)
    return found


def _note_found(frame: Frame, owner: Entries, key: Any) -> None:
    """`owner[key]` has been read: the entry is there, unless it was one of a `Counter`."""
    if not isinstance(owner, Counter):
        frame.trace.found_key = (owner, key, frame.trace.scope)


def _is_there(frame: Frame, owner: Entries, key: Any) -> bool:
    """Whether the entry was read before on every path that gets here, as it was for `owner[key] += 1`."""
    found = frame.trace.found_key
    if found is None or found[0] is not owner or not _is_same_key(found[1], key):
        return False
    scope = frame.trace.scope
    while scope is not None and scope is not found[2]:
        scope = scope.parent
    return scope is not None and scope.alive


def _is_same_key(left: Any, right: Any) -> bool:
    if isinstance(left, SymbolicNumber) and isinstance(right, SymbolicNumber):
        return left.tensor._value is right.tensor._value
    if run_time_keys.is_scalar(left) and run_time_keys.is_scalar(right):
        return left._value is right._value
    return left is right


def _missing(key: Any) -> Any:
    raise KeyError(key)


def _store_run_time_key(frame: Frame, owner: Entries, key: Any, value: Any) -> None:
    """Write to the entry of a key that is known to be there."""

    def at_entry(names: list[Any]) -> Any:
        if not names:
            _missing(key)
        name, *rest = names
        here = _both(frame, _same(frame, key, name), presence(frame, owner[name]))
        either(frame, here, lambda: _put(frame, owner, name, value), lambda: at_entry(rest))

    at_entry(list(frame.trace.guards.load_all(owner)))


def either(frame: Frame, condition: Any, then: Callable[[], Any], otherwise: Any) -> Any:
    if condition is True:
        return then()
    if condition is False:
        return otherwise()
    return staging.branch(frame, frame.node, condition, then, otherwise)


def _both(frame: Frame, x: Any, y: Any) -> Any:
    return quantified(frame, [x, y], stops_at=False)


def quantified(frame: Frame, values: Iterable[Any], stops_at: bool) -> Any:
    """`any` (stops at True) or `all` (stops at False) of some truth values."""
    result: Any = not stops_at
    for value in values:
        if value is stops_at:
            return stops_at
        if value is (not stops_at):
            continue
        if result is (not stops_at):
            result = value
        else:
            result = result | value if stops_at else result & value
    return result
