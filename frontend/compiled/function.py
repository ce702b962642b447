"""`Function`: what `@tf.function` makes of a Python function."""

from __future__ import annotations

import ast
import functools
import inspect
import threading
import warnings
import weakref
from collections import OrderedDict, deque
from collections.abc import Callable, Sequence
from types import FunctionType, MethodType
from typing import TYPE_CHECKING, Any, NamedTuple

from tfc.compiled import concrete, inspection, memory, pickling, printing, taped
from tfc.compiled.arguments import argument_key, owners_among
from tfc.compiled.bound import BoundFunction
from tfc.compiled.execution import executor
from tfc.compiled.fastpath import MISS, FastPath, make_fast_path, missed
from tfc.compiled.forwarding import forward
from tfc.compiled.retracing import (
    Reason,
    TraceEvent,
    count_of_traces,
    describe_assumptions,
    describe_leaves,
    difference,
)
from tfc.compiled.shape_patterns import (
    Patterns,
    fits,
    generalize,
    number_paths,
    rank_key,
    tensor_shapes,
)
from tfc.compiled.signature import (
    by_parameter,
    checked_signature,
    conform,
    signature_patterns,
    with_signature,
)
from tfc.compiled.specialization import Specialization, TracedProgram, trace_program
from tfc.core.boundary import bounded, inside
from tfc.core.errors import CompileError, TFCTypeError
from tfc.core.nest import flatten
from tfc.core.recording import ACTIVE, STATE
from tfc.core.settings import SETTINGS
from tfc.core.shape import TensorSpec
from tfc.core.tracebacks import trim
from tfc.dialects.collection import collection_paused
from tfc.tracing.calling import calls
from tfc.tracing.inputs import NO_ASSUMPTIONS, Assumptions, Drawn, PlainPython, Restart
from tfc.tracing.messages import site_of
from tfc.tracing.syntax import loose_source
from tfc.tracing.syntax.source import NoSource
from tfc.tracing.syntax.unit import Unit, unit_of
from tfc.tracing.values import number_checks

if TYPE_CHECKING:
    from tfc.compiled.memory import MemoryUse
    from tfc.compiled.taped import Taped
    from tfc.gradients.calls import CallTape

RESTARTS = 64
"""A trace starts again at most this often to learn which numbers it needs."""

SPECIALIZATIONS = 128
"""Kept per function; the least recently used one goes."""

FAST_PATHS = 4
"""Specialisations that are tried without computing a key."""


class CacheInfo(NamedTuple):
    """Counts of a compiled function."""

    hits: int
    misses: int
    size: int
    limit: int


class Entry:
    """What is kept for one key: the specialisations, one per set of guarded values, newest first."""

    __slots__ = ("items",)

    def __init__(self) -> None:
        self.items: list[Specialization] = []


class Function:
    """A Python function that is compiled, once for each kind of arguments, when it is called.

    Calls take and give what the Python function takes and gives; tensors, arrays and Python numbers are run-time values,
    everything else is part of the specialisation. Raises `CompileError` for what cannot be compiled, with the line and an
    edit; errors of the function itself are raised as they are.

    >>> import tfc as tf
    >>> @tf.function
    ... def double(x):
    ...     return x + x
    >>> double(tf.constant(2.0)).numpy()
    np.float32(4.0)
    """

    # What a call looks at and counts has slots, which are quicker than a dict of many attributes.
    __slots__ = ("__dict__", "__weakref__", "_fast", "_hits")

    _tfc_inlines = True

    __name__: str
    __qualname__: str

    def __init__(
        self,
        python_function: Callable[..., Any],
        input_signature: Sequence[Any] | None = None,
        on_retrace: str = "allow",
    ) -> None:
        if isinstance(python_function, Function):
            if input_signature is None:
                input_signature = python_function.input_signature
            python_function = python_function.python_function
        self.python_function = python_function
        self.input_signature = (
            None if input_signature is None else checked_signature(input_signature)
        )
        if on_retrace not in ("allow", "warn", "error"):
            raise TFCTypeError(
                "TFC020",
                f"on_retrace={on_retrace!r}",
                "use 'allow', 'warn' or 'error'",
            )
        self.on_retrace = on_retrace
        functools.update_wrapper(self, python_function)
        named = python_function if hasattr(python_function, "__name__") else type(python_function)
        self.__name__, self.__qualname__ = named.__name__, named.__qualname__
        self._entries: OrderedDict[Any, Entry] = OrderedDict()
        self._assume(NO_ASSUMPTIONS)
        self._reasons: dict[Assumptions, Reason] = {}
        """Why they were needed first."""
        self._shapes: dict[Any, Patterns] = {}
        self._sized: set[Any] = set()
        """Kinds of arguments for which the program has to know all sizes."""
        self._lock = threading.RLock()
        self._events: deque[TraceEvent] = deque(maxlen=SPECIALIZATIONS)
        self._traces = 0
        self._hits = 0
        self._dynamic: frozenset[str] = frozenset()
        """Outer values that have changed between calls; numbers among them become inputs."""
        self._fast: tuple[FastPath, ...] = ()
        self._taped: Taped | None = None
        """The same function for calls under tapes."""
        self._untaped = ""
        """Why the latest call under a tape that could not be recorded as one ran as plain Python."""
        self._beyond = ""
        """Why the latest call that native code gave up ran again as plain Python."""
        self._prepare()

    def _prepare(self) -> None:
        target = self.python_function
        self._prefix: tuple[Any, ...] = ()
        if isinstance(target, MethodType):
            self._prefix = (target.__self__,)
            target = target.__func__
        elif not isinstance(target, FunctionType):
            self._prefix, target = (target,), forward
        self._target: FunctionType = inside(target)
        code = self._target.__code__
        if code.co_filename.startswith("<"):
            loose_source.note(code)
        named = code.co_argcount + code.co_kwonlyargcount
        flags = code.co_flags & (inspect.CO_VARARGS | inspect.CO_VARKEYWORDS)
        self._names = code.co_varnames[: named + flags.bit_count()]
        self._unsigned = len(self._prefix) or int(self._names[:1] == ("self",))
        """How many of the first parameters an `input_signature` leaves out."""
        self._positional = named - len(self._prefix) if len(self._names) == code.co_argcount else -1

    # -- calling ----------------------------------------------------------------------------------

    def __call__(self, /, *args: Any, **kwargs: Any) -> Any:
        try:
            if (ACTIVE and STATE.is_active) or SETTINGS.run_functions_eagerly:
                return self._call_inside(args, kwargs)
            try:
                for fast in self._fast:
                    result = fast(*args, **kwargs) if kwargs else fast(*args)
                    if result is not MISS:
                        self._hits += 1
                        return result
                return self._call(args, kwargs)
            except number_checks.BeyondNativeError as error:
                self._beyond = str(error)
            return self.python_function(*args, **kwargs)
        except BaseException as error:
            trim(error)
            raise

    def _call(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """The way to a specialisation by a key of the arguments."""
        if kwargs or self._prefix or len(args) != self._positional or self.input_signature:
            args = self._bound(args, kwargs)
        key = tuple([argument_key(item) for item in args])
        if self._static:
            key = (key, self._static_values(args))
        entry = self._entries.get(key)
        if entry is not None:
            for item in entry.items:
                if item.holds(args):
                    self._hits += 1
                    if item.fast is None:
                        self._add_fast_path(item, args)
                    return item(args)
        item = self._miss(key, args)
        self._add_fast_path(item, args)
        return item(args)

    def _add_fast_path(self, item: Specialization, args: tuple[Any, ...]) -> None:
        """The latest few specialisations are tried first, by their fast paths."""
        fast = make_fast_path(item, self._target, len(self._prefix), args)
        item.fast = fast or missed
        if fast is not None:
            self._fast = (fast, *self._fast[: FAST_PATHS - 1])

    def _call_inside(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """A call while another function is traced, under a tape, or with compilation switched off."""
        recorder = STATE.recorder
        if recorder is None and not SETTINGS.run_functions_eagerly:
            if self._taped is None:
                self._taped = taped.Taped(self)
            try:
                return self._taped.call(args, kwargs)
            except PlainPython as reason:
                self._untaped = str(reason)
            except number_checks.BeyondNativeError as error:
                self._beyond = str(error)
        args, kwargs = self.as_signed(args, kwargs)
        if recorder is None:
            return self.python_function(*args, **kwargs)

        frame = recorder.frame  # pyright: ignore[reportAttributeAccessIssue]
        return calls.call_value(frame, self.python_function, args, kwargs)

    def as_signed(
        self, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """What the Python function is to be called with: where there is a signature, all parameters as it wants them."""
        if self.input_signature is None:
            return args, kwargs
        positional, keywords = self._unit().call_form(self._bound(args, kwargs))
        return positional[len(self._prefix) :], keywords

    def _arguments(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[Any, ...]:
        """The values of all parameters in order; the extra ones of `*args` and `**kwargs` as one tuple and dict."""
        return tuple(self._unit().bind(self._target, (*self._prefix, *args), kwargs).values())

    def _bound(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[Any, ...]:
        """The values of all parameters, as the signature wants them."""
        values = self._arguments(args, kwargs)
        if self.input_signature is None:
            return values
        return conform(self.__name__, self._target, self._specs(), values, self._unsigned)

    def _with_signature(
        self, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """The arguments to look at: where there is a signature and none are given, those that it describes."""
        before = self._unsigned - len(self._prefix)
        if self.input_signature is None or kwargs or len(args) != before:
            return args, kwargs
        signed, named = with_signature(self._target, self.input_signature, self._unsigned)
        return (*args, *signed), named

    def _specs(self) -> dict[int, Any]:
        return by_parameter(self._target, self.input_signature or (), self._unsigned)

    def _assume(self, assumptions: Assumptions) -> None:
        """What each trace takes for granted: the key compares constants among the arguments, guards those outside."""
        self._assumptions = assumptions
        self._static = assumptions.constant_arguments

    def _static_values(self, args: tuple[Any, ...]) -> Any:
        found: list[Any] = []
        for path in self._static:
            value: Any = args
            try:
                for step in path:
                    value = (
                        value[step]
                        if isinstance(value, list | tuple | dict)
                        else getattr(value, step)
                    )
            except (LookupError, AttributeError, TypeError):  # arguments of another structure
                continue
            if isinstance(value, int | float):
                found.append((path, type(value), value))
        return tuple(found)

    # -- tracing ----------------------------------------------------------------------------------

    def _unit(self) -> Unit:
        """The unit of the function; one without a tree when there is no source, which runs natively while traced."""
        try:
            return unit_of(self._target)
        except NoSource:
            code = self._target.__code__
            return Unit(code, ast.Module([], []), code.co_filename)

    def _miss(self, key: Any, args: tuple[Any, ...]) -> Specialization:
        with self._lock:
            entry = self._entries.get(key)
            wanted = signature_patterns(self._specs(), tensor_shapes(args))
            leaves = describe_leaves(args, self._names, wanted)
            reason = difference(self._events, leaves) if self._entries else "first call"
            if entry is not None:
                for item in entry.items:
                    if item.holds(args):
                        return item
                guards = entry.items[0].program.trace.guards
                changed = guards.changed()
                reason = guards.describe_change(changed[0]) if changed else reason
                self._dynamic |= frozenset(changed)
            found = self._matching(args) if entry is None else None
            if found is None:
                self._announce(reason, leaves)
                found, key = self._specialize(key, args)
            self._keep(key, found)
            return found

    def _announce(self, reason: str, leaves: dict[str, str]) -> None:
        signature = ", ".join(f"{name}={text}" for name, text in leaves.items())
        if self._entries and self.on_retrace != "allow":
            text = f"'{self.__name__}' is traced again: {reason}"
            if self.on_retrace == "error":
                raise CompileError(
                    "TFC021",
                    text,
                    "pass tensors of equal dtypes and ranks; f.explain() lists all traces",
                )
            warnings.warn(text, RuntimeWarning, stacklevel=4)
        if SETTINGS.verbosity > 0:
            print(f"tfc: {self.__name__!r} is traced: {reason} ({signature})")
        self._events.append(TraceEvent(reason, signature, leaves))
        self._traces += 1

    def _keep(self, key: Any, item: Specialization) -> None:
        entry = self._entries.get(key)
        if entry is None:
            entry = self._entries[key] = Entry()
        entry.items.insert(0, item)
        del entry.items[8:]
        while len(self._entries) > SPECIALIZATIONS:
            self._entries.popitem(last=False)

    def _specialize(self, key: Any, args: tuple[Any, ...]) -> tuple[Specialization, Any]:
        """Trace and compile for these arguments; again with more constants when the trace needs them."""
        program, patterns = self._trace_for_shapes(args)
        made = self._make(program)
        made.patterns = patterns
        made.ranks = rank_key(args)
        key = tuple([argument_key(item) for item in args])
        if self._static:
            key = (key, self._static_values(args))
        made.static_values = self._static_values(args)
        self._hold(made, owners_among(args))
        return made, key

    def _make(self, program: TracedProgram) -> Specialization:
        return Specialization(program, executor(program))

    def _new_tape(self) -> CallTape | None:
        """What a trace is differentiated with; `Taped` has one."""
        return None

    def _trace_for_shapes(self, args: tuple[Any, ...]) -> tuple[TracedProgram, Patterns]:
        """Trace with unknown sizes where sizes have changed, unless the program has to know them."""
        patterns, exact = self._patterns(args), tensor_shapes(args)
        drawn = Drawn()
        try:
            return self._trace(args, patterns, drawn), patterns
        except CompileError:
            if patterns == exact or self.input_signature is not None:
                raise
        self._sized.add(rank_key(args))
        return self._trace(args, exact, drawn), exact

    def _hold(self, made: Specialization, owners: list[Any]) -> None:
        """Refer to the objects that the key names by identity: weakly where it can be, and it ends with them."""
        function, specialization = weakref.ref(self), weakref.ref(made)

        def forget(_: Any) -> None:
            alive, item = function(), specialization()
            if alive is not None and item is not None:
                alive._forget(item)

        for owner in owners:
            try:
                made.held.append(weakref.ref(owner, forget))
            except TypeError:
                made.held.append(owner)

    def _forget(self, gone: Specialization) -> None:
        """Drop a specialisation for an object that is no more, before another one gets its identity."""
        for key in [key for key, entry in list(self._entries.items()) if gone in entry.items]:
            self._entries.pop(key, None)
        self._fast = tuple([fast for fast in self._fast if fast is not gone.fast])
        self._shapes.pop(gone.ranks, None)

    def _trace(
        self, args: tuple[Any, ...], patterns: Patterns, drawn: Drawn | None = None
    ) -> TracedProgram:
        target = self._target
        drawn = drawn or Drawn()
        refused: CompileError | None = None
        before, has_dropped = self._assumptions, False
        for _ in range(RESTARTS):
            try:
                with collection_paused():
                    return trace_program(
                        target,
                        self._unit(),
                        args,
                        patterns=patterns,
                        assumptions=self._assumptions,
                        names=self._names,
                        dynamic=self._dynamic,
                        drawn=drawn,
                        tape=self._new_tape(),
                    )
            except Restart as restart:
                needed = self._assumptions | restart.needed
                if (
                    needed == self._assumptions
                ):  # what else was assumed may keep a value from being known
                    if has_dropped:
                        raise _never_known(restart) from None
                    has_dropped = True
                    needed = Assumptions(needed.constants, unrolled=True)
                reason = Reason(restart.reason, restart.location)
                self._reasons.setdefault(needed if has_dropped else restart.needed, reason)
                self._assume(needed)
            except CompileError as error:
                numbers = number_paths(args) - self._static
                if refused is not None:
                    self._assume(before)
                if refused is not None or not numbers:
                    raise refused or error from None
                # What is refused for numbers of run time may be plain Python with known ones.
                refused, before = error, self._assumptions
                self._assume(before | Assumptions(constants=numbers))
        raise CompileError("TFC022", f"'{self.__name__}' needs ever more values at trace time")

    # -- shapes -----------------------------------------------------------------------------------

    def _patterns(self, args: tuple[Any, ...]) -> Patterns:
        """The shapes to trace with: a size that differs from the one seen before becomes unknown."""
        shapes = tensor_shapes(args)
        ranks = rank_key(args)
        before = self._shapes.get(ranks)
        if before is not None and ranks not in self._sized:
            shapes = {
                path: generalize(before[path], shape) if path in before else shape
                for path, shape in shapes.items()
            }
        if self.input_signature is not None:
            shapes |= signature_patterns(self._specs(), shapes)
        self._shapes[ranks] = shapes
        return shapes

    def _matching(self, args: tuple[Any, ...]) -> Specialization | None:
        """The latest specialisation that fits, where its sizes may be unknown."""
        ranks = rank_key(args)
        shapes = tensor_shapes(args)
        static = self._static_values(args)
        for entry in reversed(self._entries.values()):
            for item in entry.items:
                if item.ranks != ranks or item.static_values != static:
                    continue
                if any(not fits(item.patterns[path], shape) for path, shape in shapes.items()):
                    continue
                if item.holds(args):
                    return item
        return None

    # -- looking inside ---------------------------------------------------------------------------

    @property
    def trace_count(self) -> int:
        """How often the function has been traced."""
        return self._traces

    def pretty_printed_concrete_signatures(self) -> str:
        """The arguments of each specialisation, a line each."""
        signatures = dict.fromkeys(event.signature for event in self._events)
        return "\n".join(f"{self.__name__}({signature})" for signature in signatures)

    def experimental_get_tracing_count(self) -> int:
        return self.trace_count

    def cache_info(self) -> CacheInfo:
        """Hits, misses, and how many specialisations are kept."""
        return CacheInfo(self._hits, self._traces, len(self._entries), SPECIALIZATIONS)

    def clear(self) -> None:
        """Forget all specialisations and free their code."""
        with self._lock:
            self._entries.clear()
            self._fast = ()
            self._shapes.clear()
            self._sized.clear()
            self._assume(NO_ASSUMPTIONS)
            self._taped = None

    def explain(self) -> str:
        """Each trace with its reason, and what later traces take for granted, such as constants, with the line that needed it."""
        lines = [f"{self.__name__}: {count_of_traces(self._traces)}"]
        for number, event in enumerate(self._events, self._traces - len(self._events) + 1):
            lines.append(f"  {number}. {event.reason}: ({event.signature})")
        lines += describe_assumptions(self._reasons, self._names)
        if self._taped is not None:
            lines.append(f"  under tapes: {count_of_traces(self._taped.trace_count)}")
        if self._untaped:
            lines.append(f"  calls under tapes ran as plain Python: {self._untaped}")
        if self._beyond:
            lines.append(f"  calls ran again as plain Python: {self._beyond}")
        return "\n".join(lines)

    @bounded
    def text(self, *args: Any, stage: str = "tensor", **kwargs: Any) -> str:
        """The program for these arguments or `TensorSpec`s as text: stage `tensor`, `linalg`, `loops`, `cf`, `llvm` or `asm`.

        Stage `fusion` is no program but the account of what was fused into one loop, what was not, and why. `tfc-opt` and
        `tfc-run` read the texts of the first four. A function with an `input_signature` needs no arguments.
        """
        return printing.program_text(self._program_for(args, kwargs), stage)

    def _program_for(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> TracedProgram:
        args, kwargs = self._with_signature(args, kwargs)
        if any(isinstance(leaf, TensorSpec) for leaf in flatten((args, kwargs))):
            return self.get_concrete_function(*args, **kwargs).program
        values = self._bound(args, kwargs)
        found = self._matching(values)
        if found is not None:
            return found.program
        shapes = tensor_shapes(values)
        return self._trace(values, shapes | signature_patterns(self._specs(), shapes))

    @bounded
    def memory(self, *args: Any, **kwargs: Any) -> MemoryUse:
        """The bytes that a call with these arguments or `TensorSpec`s needs at once, by what they are for.

        Read off the buffers of the compiled program; nothing runs.

        Example:
            use = f.memory(x)
            print(use)              # peak 24.0 KiB: arguments 8.0 KiB, ...
            use.peak, use.arena     # in bytes
        """
        return memory.memory_use(self, args, kwargs)

    @bounded
    def debug(self, *args: Any, **kwargs: Any) -> Any:
        """Run op by op and stop at the first nan or infinity, with its line (TFC026)."""
        return inspection.debug(self, *args, **kwargs)

    @bounded
    def get_concrete_function(self, *args: Any, **kwargs: Any) -> concrete.ConcreteFunction:
        """The function compiled for these arguments or `TensorSpec`s."""
        return concrete.ConcreteFunction(self, args, kwargs)

    def __get__(self, instance: Any, owner: type | None = None) -> Any:
        if instance is None:
            return self
        self._unsigned = 1
        return BoundFunction(self, instance)

    def __reduce__(self) -> Any:
        return pickling.reduced(self)

    def __repr__(self) -> str:
        return f"<tf.function {self.__qualname__}>"


def _never_known(restart: Restart) -> CompileError:
    return CompileError(
        "TFC022",
        f"{restart.reason} is needed at trace time, and no constants among the arguments make it known",
        "compute it outside of the compiled function and pass it as an argument",
        site_of([restart.location]),
    )
