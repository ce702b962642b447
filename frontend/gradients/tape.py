"""`GradientTape`: records ops as they run and walks them backwards.

It sees ops at `dispatch.apply`, so it works the same eagerly and while a function is traced; rules are public ops, so a tape
that is still recording sees what another tape's `gradient` computes, and orders of derivative nest.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from enum import Enum
from typing import Any, TypeVar

import numpy as np
from tfc.core import nest
from tfc.core.convert import convert
from tfc.core.errors import (
    CompileError,
    FailedPreconditionError,
    InvalidArgumentError,
    TFCTypeError,
)
from tfc.core.recording import STATE, Tape, note_living, set_tapes
from tfc.core.tensor import Tensor
from tfc.core.variable import Variable
from tfc.dialects.tfc.semantics.dtypes import is_float
from tfc.dialects.tfc.semantics.spec import OpSpec
from tfc.gradients.assignment import Assignments, held, watchable
from tfc.gradients.backward import run
from tfc.gradients.entries import CustomRule, Entry, TapeEntry, pass_on
from tfc.gradients.explanation import (
    IS_CUT,
    Cut,
    Edge,
    cut_reason,
    edges_of,
    explain,
    is_cut,
    position_of,
    warn_of_integers,
)
from tfc.gradients.folding import Folded, Told
from tfc.gradients.plans import Pass, planned
from tfc.gradients.regions import Regions

Result = TypeVar("Result")
Pull = Callable[[Tensor], "list[Tensor | None]"]
"""From a gradient of a target to the gradients of sources."""


_new_tuple = tuple.__new__  # half the time of calling a named tuple


def is_differentiable(tensor: Tensor) -> bool:
    """Whether a tensor has a floating-point dtype."""
    dtype = tensor._array.dtype if tensor.__class__ is Tensor else tensor.type.dtype
    return dtype.kind == "f" or is_float(dtype)


class UnconnectedGradients(Enum):
    """What `tape.gradient` gives for a source that the target does not depend on."""

    NONE = "none"
    ZERO = "zero"


class GradientTape(Regions):
    """Record ops for automatic differentiation.

    Args:
        persistent: allow several calls of `gradient`; the tape then keeps its values until it is deleted.
        watch_accessed_variables: watch trainable variables when they are read.

    >>> import tfc as tf
    >>> x = tf.constant(3.0)
    >>> with tf.GradientTape() as tape:
    ...     tape.watch(x)
    ...     y = x * x
    >>> tape.gradient(y, x).numpy()
    np.float32(6.0)
    """

    _inner = frozenset(
        ("record", "note_cut", "read_variable", "follows", "knows", "assigned", "same", "tracked", "reads", "record_plan")
    )  # fmt: skip

    def __init__(self, persistent: bool = False, watch_accessed_variables: bool = True) -> None:
        self._persistent = persistent
        self._watch_accessed_variables = watch_accessed_variables
        self._log: list[Any] = []
        """What was recorded, calls of plans as one."""
        self._is_folded = False
        """Whether there are such calls."""
        self._position: str | None = None
        """The user's line of what is recorded now, where it happened before."""
        self._tracked: dict[int, Any] = {}
        """The values that depend on something watched, by key."""
        self._reads: list[tuple[Variable, Tensor]] = []
        self._saved: set[int] = set()
        self._watched: set[int] = set()
        self._is_reset_inside = False
        """Whether `reset` was called in a branch or loop that has ended."""
        self._cuts: list[Cut] = []
        self._cut: set[int] = set()
        self._links: list[Edge] = []
        """What depends on what in branches and loops without a gradient; these three are for `explain`."""
        self._variables: dict[int, Variable] = {}
        self._used: Any = None
        """Where `gradient` was called: a scope of a trace, or True."""
        self._active = False
        self._assignments = Assignments()
        note_living(self)

    def __repr__(self) -> str:
        kind = "persistent, " if self._persistent else ""
        done = (
            "recording"
            if self._active
            else "used"
            if self._used and not self._persistent
            else "not recording"
        )
        return f"<tf.GradientTape: {kind}{done}>"

    def __reduce__(self) -> Any:
        raise TFCTypeError(
            "TFC119",
            "a tape is neither pickled nor copied: it refers to the values of this process",
            "keep what tape.gradient gives",
        )

    @property
    def is_persistent(self) -> bool:
        """Whether it may be asked for several gradients, and records them while it is active."""
        return self._persistent

    @property
    def _entries(self) -> list[TapeEntry]:
        """What was recorded, op by op."""
        if self._is_folded:
            self._unfold()
        return self._log

    def _unfold(self) -> None:
        self._is_folded = False
        log, self._log = self._log, []
        recorder, STATE.recorder = STATE.recorder, None  # it happened before what is recorded now
        for entry in log:
            if entry.__class__ is Folded:
                self._position = entry.position
                entry.unfold(self, self._tracked)
            else:
                self._log.append(entry)
                if self._cut:
                    self._go_on(entry.spec, entry.inputs, entry.outputs)
        STATE.recorder, self._position = recorder, None

    @_entries.setter
    def _entries(self, entries: list[TapeEntry]) -> None:
        self._log, self._is_folded = entries, False

    # -- recording ------------------------------------------------------------------------------

    def __enter__(self) -> GradientTape:
        if self._active:
            raise FailedPreconditionError(
                "TFC118", "this tape is already recording", "make another tape for the inner block"
            )
        self._active = True
        set_tapes((*STATE.tapes, self))
        return self

    def __exit__(self, *exception: object) -> None:
        self._active = False
        tapes = STATE.tapes
        if len(tapes) == 1 and tapes[0] is self:
            set_tapes(())
        else:
            set_tapes(tuple([tape for tape in tapes if tape is not self]))

    def watch(self, tensor: Any) -> None:
        """Follow a tensor, a variable or a structure of them. Raises `TypeError` for anything else."""
        for leaf in (tensor,) if tensor.__class__ is Tensor else nest.flatten(tensor):
            if isinstance(leaf, Variable):
                if leaf._kind.dtype.kind in "iub":
                    warn_of_integers(leaf)
                self._variables[id(leaf)] = leaf
            elif isinstance(leaf, Tensor):
                if not is_differentiable(leaf):
                    warn_of_integers(leaf)
                elif leaf.__class__ is Tensor and STATE.recorder is None:
                    key = id(leaf)
                    self._tracked[key] = leaf
                    self._watched.add(key)
                    self._assignments.watched[key] = leaf, leaf
                else:
                    value = watchable(leaf)
                    self._tracked[value.key] = value
                    self._watched.add(value.key)
                    self._assignments.watch(leaf, value)
            else:
                raise TFCTypeError(
                    "TFC119",
                    f"watch: expected a tensor or variable, got {type(leaf).__name__}",
                    "convert it first: x = tf.constant(x)",
                )

    def record(
        self,
        spec: OpSpec | CustomRule,
        inputs: tuple[Tensor, ...],
        attributes: dict[str, Any],
        outputs: tuple[Tensor, ...],
    ) -> None:
        """Called for every op that runs; keeps those that depend on something watched."""
        tracked = self._tracked
        for tensor in inputs:
            if (id(tensor) if tensor.__class__ is Tensor else tensor.key) in tracked:
                break
        else:
            if self._cut:
                self._go_on(spec, inputs, outputs)
            return
        if len(outputs) == 1 and IS_CUT.get(spec) is False and STATE.recorder is None:  # pyright: ignore[reportArgumentType, reportCallIssue]
            (output,) = outputs  # most ops
            if output._array.dtype.kind == "f" and not self._cut:
                tracked[id(output)] = output
                self._log.append(_new_tuple(Entry, (spec, inputs, attributes, outputs)))
                return
        if STATE.recorder is not None:
            inputs, outputs = held(inputs), held(outputs)
        is_op = isinstance(spec, OpSpec)
        differentiable = False
        if not (is_op and is_cut(spec)):
            for tensor in outputs:
                if is_differentiable(tensor):
                    tracked[tensor.key] = tensor
                    differentiable = True
        if differentiable:
            self._log.append(_new_tuple(Entry, (spec, inputs, attributes, outputs)))
            if self._cut:
                self._go_on(spec, inputs, outputs)
        elif is_op:
            self.note_cut(spec.name, cut_reason(spec, outputs), inputs, outputs)

    def record_plan(
        self,
        told: Told,
        arguments: tuple[Tensor, ...],
        values: tuple[np.ndarray, ...],
        results: tuple[Tensor, ...],
    ) -> None:
        """Called for every plan that runs; its ops are recorded when they are asked for.

        At once behind a cut, which `explain` follows op by op.
        """
        tracked = self._tracked
        flags = tuple([argument.key in tracked for argument in arguments])
        is_followed = True in flags
        if not is_followed and not self._cut:
            return
        for reach in told.reach:
            for number in reach:
                if flags[number]:
                    break
            else:
                is_followed = False
        if not is_followed or (self._cut and not self._cut.isdisjoint(map(id, arguments))):
            told.tell(self, arguments, [Tensor._wrap(value) for value in values], results)
            return
        for result in results:
            tracked[result.key] = result
        position = position_of(()) if told.has_cuts else ""
        self._log.append(Folded(told, arguments, flags, values, results, position))
        self._is_folded = True

    def note_cut(
        self, name: str, reason: str, inputs: tuple[Tensor, ...], outputs: tuple[Tensor, ...]
    ) -> None:
        """No gradient passes here, for the reason that `explain` gives."""
        if any(tensor.key in self._tracked for tensor in inputs):
            position = position_of(outputs) if self._position is None else self._position
            self._cuts.append(Cut(name, reason, inputs, outputs, position))
            self._cut.update(tensor.key for tensor in outputs)
        else:
            self._go_on(name, inputs, outputs)

    def _go_on(self, spec: Any, inputs: tuple[Tensor, ...], outputs: tuple[Tensor, ...]) -> None:
        """Note what is computed behind a cut."""
        cut = self._cut
        behind = tuple([tensor for tensor in inputs if tensor.key in cut])
        if behind:
            self._cuts.append(Cut(str(spec), "", behind, outputs, ""))
            self._cut.update(tensor.key for tensor in outputs)

    def read_variable(self, variable: Variable, value: Tensor) -> None:
        """Called when a variable is read."""
        if not self.follows(variable):
            return
        if STATE.recorder is not None:
            (value,) = held([value])
        self._variables.setdefault(id(variable), variable)
        if is_differentiable(value):
            self._tracked[value.key] = value
            self._reads.append((variable, value))

    def follows(self, source: Tensor | Variable) -> bool:
        """Whether what is computed from a tensor, or from a variable that is read now, is recorded."""
        if isinstance(source, Variable):
            by_itself = self._watch_accessed_variables and source.trainable
            return by_itself or id(source) in self._variables
        return source.key in self._tracked

    @contextmanager
    def stop_recording(self) -> Generator[None]:
        """A context in which this tape records nothing."""
        previous = STATE.tapes
        STATE.tapes = tuple(tape for tape in previous if tape is not self)
        try:
            yield
        finally:
            STATE.tapes = previous

    def reset(self) -> None:
        """Forget everything recorded so far."""
        self._entries, self._tracked, self._reads, self._variables = [], {}, [], {}
        self._cuts, self._cut, self._links = [], set(), []
        self._watched, self._is_reset_inside = set(), False
        self._assignments = Assignments()

    def knows(self, tensor: Tensor) -> bool:
        return self._assignments.knows(tensor, self._entries) or tensor.key in self._tracked

    def assigned(self, tensor: Tensor, before: Tensor) -> None:
        if self.knows(tensor):
            if self._tracked.pop(tensor.key, None) is not None:
                self._tracked[before.key] = before
            self._assignments.note(tensor, before)

    def same(self, known: Tensor, other: Tensor) -> None:
        """`other` is another name for the value `known`."""
        self.record(pass_on, (known,), {}, (other,))

    def watched_variables(self) -> tuple[Variable, ...]:
        """The variables that were read or watched, in order."""
        return tuple(self._variables.values())

    # -- what has been recorded ---------------------------------------------------------------------

    def tracked(self) -> Iterable[tuple[int, Tensor]]:
        """The values that depend on something watched, by key."""
        return self._tracked.items()

    def reads(self) -> Sequence[tuple[Variable, Tensor]]:
        """The variables that were read, and what they held."""
        return self._reads

    def used(self) -> list[int]:
        """The keys of what the recorded ops use and did not compute themselves, in order."""
        edges = list(edges_of(self._entries))
        made = {key for edge in edges for key in edge.outputs}
        return [k for k in dict.fromkeys(k for e in edges for k in e.inputs) if k not in made]

    # -- differentiating ------------------------------------------------------------------------

    def gradient(
        self,
        target: Any,
        sources: Any,
        output_gradients: Any = None,
        unconnected_gradients: UnconnectedGradients | str = UnconnectedGradients.NONE,
    ) -> Any:
        """The derivative of the sum of `target` by each of `sources`, in the structure of `sources`.

        Args:
            target: a floating-point tensor, or a structure of them.
            sources: tensors that were watched, or variables; any structure.
            output_gradients: weights of the target's elements, in its structure; ones when None.
            unconnected_gradients: what to give for a source without a path to the target: None or zeros.

        Raises:
            RuntimeError: a tape that is not persistent is asked twice (TFC118).
            TypeError: a source is neither a tensor nor a variable (TFC119).
        """
        flat_sources = self._sources(sources)
        unconnected = unconnected_gradients
        if unconnected is not UnconnectedGradients.NONE:
            unconnected = UnconnectedGradients(unconnected)
        if target.__class__ is Tensor:
            targets = [target]
        else:
            targets = [self._target(leaf) for leaf in nest.flatten(target)]
        if output_gradients is None:
            seeds: list[Any] = [None] * len(targets)
        else:
            seeds = nest.flatten(output_gradients)
        backward = self._pass(targets, seeds, flat_sources, unconnected)
        if STATE.tapes:
            with self._paused():
                results = planned(backward, run, self._unfolded)
        else:
            results = planned(backward, run, self._unfolded)
        self._release()
        if sources.__class__ is Tensor or sources.__class__ is Variable:
            return results[0]
        return nest.pack_sequence_as(sources, results)

    def pull_back(
        self,
        target: Tensor,
        sources: Any,
        unconnected: UnconnectedGradients,
        use: Callable[[Pull], Result],
    ) -> Result:
        """What `use` makes of a function from a gradient of the target to those of the leaves of `sources`."""
        flat = self._sources(sources)

        def pull(seed: Tensor) -> list[Tensor | None]:
            return run(self._unfolded(self._pass([target], [seed], flat, unconnected)))

        with self._paused():
            result = use(pull)
        self._release()
        return result

    def _target(self, leaf: Any) -> Tensor:
        """A target as a tensor; a variable depends on itself."""
        value = convert(leaf)
        if isinstance(leaf, Variable):
            self.read_variable(leaf, value)
        return value

    def _check_use(self) -> None:
        used = self._used
        if used is not None and not self._persistent and getattr(used, "alive", True):
            raise FailedPreconditionError(
                "TFC118",
                "gradient was called twice on a tape that is not persistent",
                "create it with tf.GradientTape(persistent=True)",
            )
        recorder = STATE.recorder
        self._used = True if recorder is None else getattr(recorder, "scope", True)

    def _sources(self, sources: Any) -> list[Tensor | Variable]:
        """The leaves of the sources, when the tape can be asked for their gradients."""
        self._check_use()
        if self._is_reset_inside:
            raise _conditional("reset")
        flat: list[Tensor | Variable] = self._values_of(sources)
        for source in flat:
            if source.__class__ is Variable:
                continue
            if isinstance(source, Tensor):
                key = id(source) if source.__class__ is Tensor else source.key
                if key in self._watched and key not in self._tracked:
                    raise _conditional("made to watch this source")
            elif not isinstance(source, Variable):
                raise TFCTypeError(
                    "TFC119",
                    f"gradient: expected tensors or variables as sources, got {type(source).__name__}",
                    "pass the tensor that was watched, or the variable itself",
                )
        return flat

    def _values_of(self, sources: Any) -> list[Any]:
        """The leaves of the sources, as the values that tensors stand for."""
        assignments = self._assignments
        if assignments.were_made:
            for index, names in assignments.take_names():
                entry = self._entries[index]
                if isinstance(entry, Entry):  # others are of a trace, where entries hold values
                    self._entries[index] = entry.renamed(names)
        flat = [sources] if sources.__class__ is Tensor else nest.flatten(sources)
        watched = assignments.watched
        return [watched[id(x)][1] if id(x) in watched else x for x in flat] if watched else flat

    def _release(self) -> None:
        """Free the values; but while a branch is recorded, the other ones may need them, too."""
        recorder = STATE.recorder
        inside_arm = recorder is not None and getattr(recorder, "inside_arm", False)
        if not self._persistent and not inside_arm:
            variables = self._variables
            self.reset()
            self._variables = variables

    def _paused(self) -> AbstractContextManager[None]:
        """A persistent tape that is still active records its own gradients, any other does not."""
        stays = (self._persistent and self._active) or self not in STATE.tapes
        return nullcontext() if stays else self.stop_recording()

    def _unfolded(self, backward: Pass) -> Pass:
        """A pass over everything recorded so far, op by op."""
        return backward._replace(entries=tuple(self._entries))

    def _pass(
        self,
        targets: list[Tensor],
        seeds: list[Any],
        sources: Sequence[Tensor | Variable],
        unconnected: UnconnectedGradients,
    ) -> Pass:
        """A backward pass over what has been recorded so far."""
        wanted: list[Tensor] = []
        weights: list[Tensor | None] = []
        if len(targets) != len(seeds):
            raise InvalidArgumentError(
                "TFC116",
                f"gradient: {len(seeds)} output_gradients for {len(targets)} targets",
                "give one for each target",
            )
        for target, seed in zip(targets, seeds):  # noqa: B905 - `strict` doubles the time
            if is_differentiable(target):
                wanted.append(target)
                weights.append(None if seed is None else convert(seed, target.type.dtype))
        if STATE.recorder is not None:
            from tfc.gradients import chosen  # only traces need it

            chosen.require_known(self, sources)
            chosen.follow(self, wanted)
        fills_zeros = unconnected is UnconnectedGradients.ZERO
        parts = tuple(self._log), self._tracked, self._reads, wanted, weights, sources, fills_zeros
        return _new_tuple(Pass, parts)

    def explain(self, target: Any, sources: Any) -> str:
        """Why the gradient of `target` by `sources` is None, or that it is not: names the ops where the path is cut.

        To be asked before `gradient`, unless the tape is persistent.

        >>> import tfc as tf
        >>> x = tf.constant(1.5)
        >>> with tf.GradientTape() as tape:
        ...     tape.watch(x)
        ...     y = tf.cast(tf.cast(x, tf.int32), tf.float32)
        >>> print(tape.explain(y, x).splitlines()[0])
        no gradient: every path from the source to the target is cut
        """
        targets = [convert(leaf) for leaf in nest.flatten(target)]
        return explain(self, targets, self._values_of(sources))

    def jacobian(
        self,
        target: Any,
        sources: Any,
        unconnected_gradients: UnconnectedGradients | str = UnconnectedGradients.NONE,
        parallel_iterations: int | None = None,
        experimental_use_pfor: bool = True,
    ) -> Any:
        """The derivative of each element of `target` by each element of the sources.

        Each result has the shape of the target followed by that of the source.
        """
        from tfc.gradients.jacobian import jacobian

        return jacobian(self, target, sources, UnconnectedGradients(unconnected_gradients))

    def batch_jacobian(
        self,
        target: Any,
        source: Any,
        unconnected_gradients: UnconnectedGradients | str = UnconnectedGradients.NONE,
        parallel_iterations: int | None = None,
        experimental_use_pfor: bool = True,
    ) -> Tensor | None:
        """The Jacobian of each example: `result[b, ...]` is that of `target[b]` by `source[b]`.

        Example `b` of the target must depend on example `b` of the source only.
        """
        from tfc.gradients.jacobian import batch_jacobian

        return batch_jacobian(self, target, source, UnconnectedGradients(unconnected_gradients))


def _conditional(what: str) -> CompileError:
    return CompileError(
        "TFC015",
        f"the tape was {what} in a branch or loop on a tensor, and is asked for a gradient after it",
        "watch and reset outside of it, or ask for the gradient where that was done",
    )


@contextmanager
def stop_all_recording() -> Generator[None]:
    """A context in which no tape records."""
    previous: tuple[Tape, ...] = STATE.tapes
    STATE.tapes = ()
    try:
        yield
    finally:
        STATE.tapes = previous
