"""Plans: the NumPy calls that a public function came down to, for later calls that are alike.

A function that converts, checks and composes takes many times as long as NumPy does for four floats. The third eager call with
tensors (if any) of the same dtypes and shapes and with equal options is recorded, as a trace would (`tfc.tracing.plan`), and
what it computed is written as one Python function of arrays, which later calls run; calls that tapes see have plans of their
own. What a function asks of values (`Recorder.look`) is asked again at each call, and chooses among plans. One that looks
at values in other ways, assigns variables or has other effects cannot be recorded and is called as usual.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Iterator, Sequence
from types import FunctionType
from typing import Any, NamedTuple

import numpy as np
from tfc.core.dtypes import DType
from tfc.core.plan_table import NO_PLAN, NoPlan, PlanTable
from tfc.core.recording import ACTIVE, STATE
from tfc.core.shortcuts import long_way
from tfc.core.tensor import Tensor
from tfc.core.tracebacks import speak_of, trim
from tfc.core.variable import Variable

_MOST_KINDS = 256
"""Kinds of calls that are known of one function."""
_ATTEMPTS = 32
"""Kinds of calls after which a function is left alone that has no plan for any of them."""
_FAILURES = 2
"""Recordings that gave no plan after which a function is left alone that has none."""
_MOST_SEEN = 64
"""Values with plans of their own, of calls of one kind."""
_LONGEST = 8
"""Items of the lists among arguments that are looked at."""

#: What stands in a kind behind its class. Tensors are there with dtype and shape, integers as they are.
_OPTIONS = frozenset((bool, str, type(None), type(...), type))


Look = tuple[int, Callable[[np.ndarray], Any]]
"""The number of an operand, and what is asked of its values; the answer is hashable."""


class Plan(NamedTuple):
    """What was recorded of a call."""

    run: Callable[..., Any]
    looks: Sequence[Look]
    seen: Any
    """What the looks gave, of which it is the plan: a tuple, of one look what that gave."""
    is_direct: bool
    """Whether the function only applies one elementwise op, which it can do better itself."""


PLANNED: set[Callable[..., Any]] = set()
"""Functions that have plans inside, of arguments that they have converted."""


def planned(function: Callable[..., Any]) -> Callable[..., Any]:
    """`function` without tfc's frames in its exceptions, and with plans for its eager calls."""
    quiet, taped = _Plans(function, False), _Plans(function, True)

    def call(*args: Any, **kwargs: Any) -> Any:
        try:
            plans = quiet
            if ACTIVE:
                if STATE.recorder is not None:
                    plans = _NO_PLANS
                elif STATE.tapes:
                    plans = taped
            if plans.is_useful:
                arrays: Sequence[np.ndarray] = ()
                kind: tuple[Any, ...] = ()
                if not kwargs and len(args) <= 2:  # most calls
                    if len(args) == 1:
                        if args[0].__class__ is Tensor:
                            x = args[0]._array
                            arrays = (x,)
                            kind = (x.dtype, x.shape)
                    elif args and args[0].__class__ is Tensor and args[1].__class__ is Tensor:
                        x, y = args[0]._array, args[1]._array
                        arrays = (x, y)
                        kind = (x.dtype, x.shape, y.dtype, y.shape)
                if not kind:
                    arrays = []
                    kind = _kind_of(args, kwargs, arrays)
                plan: Any = plans.known.get(kind)
                if plan.__class__ is _Looks:
                    plan = plan.plan_for(arrays)
                if plan.__class__ is FunctionType:  # quicker than isinstance
                    operands = arrays if plans is quiet else tensors_in(args, kwargs)
                    try:
                        return plan(*operands)
                    except Exception as error:
                        failure = error
                    return long_way(failure, functools.partial(function, *args, **kwargs))
                if plan is not NO_PLAN and (kind or not plans.some):
                    plans.note(kind, args, kwargs)
            return function(*args, **kwargs)
        except Exception as error:
            trim(error)
            speak_of(error, function.__name__)
            raise

    return functools.update_wrapper(call, function)


def _kind_of(
    args: tuple[Any, ...], kwargs: dict[str, Any], arrays: list[np.ndarray]
) -> tuple[Any, ...]:
    """What calls with one plan have in common; empty for arguments that calls with a plan do not have.

    Collects the arrays in the order of `tensors_in`.
    """
    parts: list[Any] = [*kwargs]
    queue: list[Iterable[Any]] = [args, kwargs.values()] if kwargs else [args]
    for items in queue:
        for item in items:
            kind = item.__class__
            if kind is Tensor:
                array = item._array
                arrays.append(array)
                parts.append(array.dtype)
                parts.append(array.shape)
            elif kind is int:
                parts.append(item)
            elif kind in _OPTIONS:
                parts.append(kind)
                parts.append(item)
            elif kind is DType:
                parts.append(kind)
                parts.append(item.name)  # whose hash is not computed in Python
            elif kind is list or kind is tuple:
                if len(item) > _LONGEST:
                    return ()
                parts.append(kind)
                parts.append(len(item))
                queue.append(item)
            elif kind is slice:
                parts.append(kind)
                queue.append((item.start, item.stop, item.step))
            elif kind is float:
                parts += kind, item or str(item)  # -0.0 equals 0.0
            elif kind is Variable and item._array is not None:
                array = item._array
                arrays.append(array)
                parts += kind, array.dtype, array.shape
            else:
                return ()
    return tuple(parts)


def tensors_in(args: tuple[Any, ...], kwargs: dict[str, Any]) -> Iterator[Tensor]:
    """The tensors among arguments, and what variables hold: those of a list come after all that stand beside it."""
    queue: list[Iterable[Any]] = [args, kwargs.values()]
    for items in queue:
        for item in items:
            if isinstance(item, Tensor):
                yield item
            elif isinstance(item, Variable):
                yield item.value()
            elif isinstance(item, list | tuple):
                queue.append(item)
            elif isinstance(item, slice):
                queue.append((item.start, item.stop, item.step))


class _Looks:
    """The plans of calls of one kind that look at values, by what they see."""

    __slots__ = ("looks", "plans")

    def __init__(self, looks: Sequence[Look]) -> None:
        self.looks = looks
        self.plans: PlanTable[Callable[..., Any]] = PlanTable(_MOST_SEEN)

    def plan_for(self, arrays: Sequence[np.ndarray]) -> Callable[..., Any] | NoPlan | None:
        """What is known for operands."""
        try:
            return self.plans.known.get(self.seen_in(arrays))
        except Exception:
            return NO_PLAN  # the function itself says what is wrong

    def seen_in(self, arrays: Sequence[np.ndarray]) -> Any:
        if len(self.looks) == 1:
            ((number, look),) = self.looks
            return look(arrays[number])
        return tuple([look(arrays[number]) for number, look in self.looks])


class _Plans:
    """The plans of one function by kind of call."""

    __slots__ = ("attempts", "failures", "function", "is_useful", "known", "some", "table", "taped")

    def __init__(self, function: Callable[..., Any], taped: bool) -> None:
        self.function = function
        self.taped = taped
        """Whether these are for calls that tapes see."""
        self.is_useful = True
        self.table: PlanTable[Callable[..., Any] | _Looks] = PlanTable(_MOST_KINDS)
        self.known = self.table.known
        self.attempts = 0
        self.failures = 0
        self.some = False
        """Whether there has been a plan."""

    def note(self, kind: tuple[Any, ...], args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        """One more call of a kind that has no plan yet, `()` for those that never have one."""
        self.attempts += self.table.is_new(kind)
        if not self.some and self.attempts > _ATTEMPTS:
            self.is_useful = False
        if not kind:
            return
        known = self.known.get(kind)
        if isinstance(known, _Looks):
            self._note_looks(kind, known, args, kwargs)
        elif self.table.is_due(kind):
            self.known[kind] = self._make(args, kwargs)

    def _note_looks(
        self, kind: tuple[Any, ...], looks: _Looks, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> None:
        """One more call of a kind whose plan depends on values, and that has none for these."""
        plans = looks.plans
        seen = looks.seen_in([tensor._array for tensor in tensors_in(args, kwargs)])
        if plans.known.get(seen) is NO_PLAN or not plans.is_due(seen):
            return
        made = self._make(args, kwargs)
        if isinstance(made, NoPlan):
            plans.known[seen] = made
        elif isinstance(made, _Looks) and made.looks == looks.looks:
            plans.known.update(made.plans.known)
        else:
            self.known[kind] = NO_PLAN  # where it looks depends on what it sees

    def _make(
        self, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> Callable[..., Any] | _Looks | NoPlan:
        """What is known of a kind from here on."""
        from tfc.tracing.plan import make_plan

        made = make_plan(self.function, args, kwargs, self.taped)
        self.some |= made is not None
        self.failures += made is None
        if (made is not None and made.is_direct) or (not self.some and self.failures >= _FAILURES):
            self.is_useful = False
        if made is None:
            return NO_PLAN
        if not made.looks:
            return made.run
        looks = _Looks(made.looks)
        looks.plans.known[made.seen] = made.run
        return looks


_NO_PLANS = _Plans(planned, False)
"""For calls that are being traced."""
_NO_PLANS.is_useful = False
