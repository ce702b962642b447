"""Guards: what a trace read besides its arguments, and the check that it has not changed.

Every load of a global, a closure cell, an attribute of an outer object or an item of an outer container goes through here. The
value gets a *path*, a Python expression that reads it again. Plain values are compared, objects are compared by identity, tensors
become hidden inputs that each call reads anew. The check is one compiled Python expression.
"""

from __future__ import annotations

import ast
import functools
import itertools
import math
import operator
import os
import sys
import types
from collections import deque
from collections.abc import Callable
from enum import Enum
from typing import TYPE_CHECKING, Any

import numpy as np
from tfc.core.dtypes import can_hold
from tfc.core.tensor import Tensor
from tfc.core.variable import Variable
from tfc.dialects.tfc.semantics.types import ArrayType
from tfc.tracing.expressions import Expressions
from tfc.tracing.frame import UNBOUND
from tfc.tracing.iteration import outer_iterators
from tfc.tracing.ndarrays import array_updates, arrays, outer_arrays
from tfc.tracing.outer_values import (
    SCALARS,
    brief,
    class_attribute_of,
    has_state,
    is_held,
    same_array,
    same_float,
)
from tfc.tracing.paths.journal import Place, attribute_of
from tfc.tracing.syntax import source
from tfc.tracing.values.numbers import SymbolicNumber
from tfc.tracing.values.symbolic import KIND_DTYPES, SymbolicTensor

if TYPE_CHECKING:
    from tfc.graph.nodes import Location
    from tfc.tracing.frame import Frame
    from tfc.tracing.trace import Trace

_PLAIN_LISTS = (list, tuple, deque)
_CALLABLES = (types.FunctionType, types.BuiltinFunctionType, type, types.MethodType)


GONE = (AttributeError, KeyError, IndexError, TypeError, ValueError)
"""What reading the world again raises where something is no longer there, or something else."""


class Guards(Expressions):
    """The conditions under which a trace holds."""

    def __init__(self, trace: Trace) -> None:
        super().__init__()
        self.trace = trace
        self.environment["same_array"] = same_array
        self.conditions: dict[str, str] = {}
        """Condition to what it is about, in the user's words; in order of first use."""
        self.paths: dict[int, tuple[Any, str, str]] = {}
        """Outer objects by identity, with the path that leads to them, and the same in the user's words."""
        self.shown: dict[str, tuple[str, str, Location | None]] = {}
        """What is guarded, in the user's words: its path, its value as text, and the line that read it first."""
        self.dynamic: frozenset[str] = frozenset()
        """Numbers, by path in the user's words, that have been seen to change: they are read at each call."""
        self.constant = trace.assumptions.constants_outside
        """Arrays, by path in the user's words, whose values a trace needed."""
        self.assigned = trace.assumptions.changed_arrays
        """Arrays, by path in the user's words, that a trace changes."""
        self.outer_arrays: dict[int, tuple[np.ndarray | np.generic, str]] = {}
        """Arrays whose values the trace uses, by identity, with what they are in the user's words."""
        self.reads: dict[str, SymbolicTensor] = {}
        self.arrays: dict[str, Any] = {}
        self._globals: dict[tuple[int, str], Any] = {}
        self._attributes: dict[tuple[int, str], Any] = {}
        self._cells: dict[int, Any] = {}
        self._whole: set[int] = set()
        """Containers, by identity, that were used as a whole and stand for themselves."""
        self.written: set[tuple[int, Any]] = set()
        self.made: dict[int, type] = {}
        """Classes that the trace itself has made."""
        self._found_in_classes: set[tuple[int, str]] = set()

    # -- loads ------------------------------------------------------------------------------------

    def load_global(self, frame: Frame, name: str, node: ast.AST) -> Any:
        """The value of a global or built-in name."""
        namespace = frame.globals
        key = (id(namespace), name)
        found = self._globals.get(key)
        if found is not None and key not in self.written:
            return found
        if name in namespace:
            value = namespace[name]
            if key in self.written:
                return value
            value = self.admit(value, self.item(self.name_of(namespace, "G"), name), name)
        elif name in frame.builtins:
            value = frame.builtins[name]
        else:
            frame.node = node
            raise NameError(f"name '{name}' is not defined", name=name)
        self._globals[key] = value
        return value

    def store_global(self, frame: Frame, name: str, value: Any) -> None:
        """Assign a global variable."""
        key = (id(frame.globals), name)
        if key not in self.written and name in frame.globals and self._is_conditional:
            before = self.load_global(frame, name, frame.node)
            self.trace.journal.adopt(Place("item", frame.globals, name), before)
        self.trace.journal.touch_item(frame.globals, name)
        self.written.add(key)
        frame.globals[name] = value

    def load_cell(self, frame: Frame, name: str, value: Any) -> Any:
        """The value of a variable of an enclosing function, which may lie outside the trace."""
        cell = frame.cells[name]
        if id(cell) not in self.outer_cells:
            return value
        if (id(cell), "cell") in self.written:
            return value
        found = self._cells.get(id(cell))
        if found is None or found[0] is not value:
            path = self.outer_cells[id(cell)][1]
            admitted = self.admit(value, f"{path}.cell_contents", name)
            found = self._cells[id(cell)] = (value, admitted)
        return found[1]

    def meet_cell(
        self, cell: types.CellType, function: types.FunctionType, index: int, *, is_entry: bool
    ) -> None:
        """A cell from outside of a function that is called; it may hold an object that owns the function."""
        if id(cell) not in self.outer_cells:
            weakly = f"{self.reference(function)}.__closure__[{index}]"
            self.outer_cells[id(cell)] = (cell, self.name_of(cell, "C") if is_entry else weakly)

    @property
    def outer_cells(self) -> dict[int, tuple[types.CellType, str]]:
        return self.trace.outer_cells

    def load_attribute(self, owner: Any, name: str, value: Any) -> Any:
        """`value` was just read as `owner.name`."""
        entry = self.paths.get(id(owner))
        if entry is None or (id(owner), name) in self.written:
            return value
        key = (id(owner), name)
        found = self._attributes.get(key)
        if found is None or found[0] is not value:
            admitted = self.admit(value, self.attribute(entry[1], name), f"{entry[2]}.{name}")
            found = self._attributes[key] = (value, admitted)
        return found[1]

    def load_item(self, owner: Any, key: Any, value: Any) -> Any:
        """`value` was just read as `owner[key]`."""
        entry = self.paths.get(id(owner))
        if entry is None or (id(owner), "contents") in self.written:
            return value
        return self.admit(value, self.item(entry[1], key), f"{entry[2]}[{key!r}]")

    def require_missing(self, owner: Any, key: Any) -> None:
        """`owner` was just seen to have no `key`."""
        entry = self.paths.get(id(owner))
        if entry is not None and (id(owner), "contents") not in self.written:
            self.require(f"{self.name_of(key, 'K')} not in {entry[1]}", f"the keys of {entry[2]}")

    def require_in_class(
        self, owner: Any, name: str, function: types.FunctionType, part: str = ""
    ) -> None:
        """`function` was just found as what the class of `owner` has as `name`, or as `part` of that."""
        entry = self.paths.get(id(owner))
        if entry is not None:
            path = f"getattr(type({entry[1]}), {name!r}, None)"
            path = f"getattr({path}, {part!r}, None)" if part else path
            self.require_identity(function, path, f"{entry[2]}.{name}")

    def require_class_attribute(self, kind: type, name: str, found: Any) -> None:
        """`found` was just found as what a class or one of its bases has as `name`."""
        key = (id(kind), name)
        if key in self._found_in_classes or id(kind) in self.made:
            return
        self._found_in_classes.add(key)
        if has_state(kind):
            path = self.attribute(self.name_of(kind, "O"), name)
            self.require_identity(found, path, f"{kind.__name__}.{name}")

    def load_partial(self, owner: functools.partial[Any]) -> dict[str, Any]:
        """The keywords of a partial function, which may change."""
        entry = self.paths.get(id(owner))
        if entry is None:
            return owner.keywords
        path, about = f"{entry[1]}.keywords", f"the keywords of {entry[2]}"
        self.require(f"len({path}) == {len(owner.keywords)}", about)
        return {
            name: self.admit(value, self.item(path, name), f"{about}[{name!r}]")
            for name, value in owner.keywords.items()
        }

    def require_no_attribute(self, owner: Any, name: str) -> None:
        """`owner` was just seen to have no attribute `name`."""
        entry = self.paths.get(id(owner))
        if entry is not None and (id(owner), name) not in self.written:
            self.require(f"not hasattr({entry[1]}, {name!r})", f"{entry[2]}.{name}")

    def load_all(self, owner: Any) -> Any:
        """`owner`, a container, is used as a whole: its items, with tensors and arrays among them as inputs."""
        found = None if id(owner) in self._whole else self._parts(owner)
        if found is None:
            return owner
        values = {key: self.admit(item, *where) for key, (item, *where) in found.items()}
        if all(value is found[key][0] for key, value in values.items()):
            self._whole.add(id(owner))
            return owner
        if isinstance(owner, dict):
            return values
        items, kind = list(values.values()), type(owner)
        if hasattr(kind, "_fields"):
            return kind(*items)
        return (
            kind(items)
            if kind in _PLAIN_LISTS
            else tuple(items)
            if isinstance(owner, tuple)
            else items
        )

    def load_deep(self, value: Any) -> Any:
        """`load_all`, also of the containers inside: for functions of tfc, which take tensors wherever they are."""
        loaded = self.load_all(value)
        kind = loaded.__class__
        if kind is list or kind is tuple:
            items = [self.load_deep(item) for item in loaded]
            return loaded if all(map(operator.is_, items, loaded)) else kind(items)
        if kind is dict:
            values = {key: self.load_deep(item) for key, item in loaded.items()}
            return loaded if all(values[key] is loaded[key] for key in loaded) else values
        return loaded

    def require_all(self, owner: Any) -> None:
        """`owner` is read as a whole, with all inside, by code that is not interpreted."""
        for item, path, about in (self._parts(owner) or {}).values():
            self.admit_natively(item, path, about)

    def require_attributes(self, owner: Any) -> None:
        """All attributes of an outer object are read by code that is not interpreted."""
        entry = self.paths.get(id(owner))
        if entry is None:
            return
        for name, value in list(getattr(owner, "__dict__", {}).items()):
            if (id(owner), name) not in self.written:
                path = self.attribute(entry[1], name)
                self.admit_natively(value, path, f"{entry[2]}.{name}")

    def _parts(self, owner: Any) -> dict[Any, tuple[Any, str, str]] | None:
        """The items of an outer container with where they are, after its keys are guarded; None for anything else."""
        entry = self.paths.get(id(owner))
        if entry is None or (id(owner), "contents") in self.written:
            return None
        path, about = entry[1], entry[2]
        if isinstance(owner, list | tuple | deque):
            self.require(f"len({path}) == {len(owner)}", f"len({about})")
            return {i: (item, f"{path}[{i}]", f"{about}[{i}]") for i, item in enumerate(owner)}
        if isinstance(owner, dict):
            self.require(self.keys(path, owner), f"the keys of {about}")
            return {
                key: (item, self.item(path, key), f"{about}[{key!r}]")
                for key, item in owner.items()
            }
        if isinstance(owner, set | frozenset):
            self.require(f"{path} == {self.name_of(set(owner), 'K')}", f"the items of {about}")
        return None

    # -- changes ----------------------------------------------------------------------------------

    @property
    def _is_conditional(self) -> bool:
        """Whether what is recorded may not be reached: then values from before it are needed too."""
        return len(self.trace.journal.marks) > 1

    def take(self, owner: Any) -> None:
        """A container is about to be changed by the trace: from here on it holds what the trace reads from it."""
        if (id(owner), "contents") not in self.written:
            whole = self.load_all(owner)
            if whole is not owner:
                self.trace.journal.adopt(Place("contents", owner), whole)
            self.written.add((id(owner), "contents"))
        self.trace.journal.touch(owner)

    def take_attribute(self, owner: Any, name: str) -> None:
        """An attribute is about to be changed by the trace."""
        key = (id(owner), name)
        if key not in self.written and self._is_conditional:
            self._adopt_attribute(owner, name)
        self.written.add(key)
        self.trace.journal.touch_attribute(owner, name)

    def _adopt_attribute(self, owner: Any, name: str) -> None:
        """Paths on which an attribute is not changed go on with the value that it has now, or that its class has."""
        before = attribute_of(owner, name)
        value = class_attribute_of(owner, name) if before is UNBOUND else before
        if value is not UNBOUND:
            admitted = self.load_attribute(owner, name, value)
            if admitted is not before:
                self.trace.journal.adopt(Place("attribute", owner, name), admitted)
        elif id(owner) in self.paths:
            _, path, about = self.paths[id(owner)]
            self.require(f"not hasattr({path}, {name!r})", f"{about}.{name}")

    def change_natively(self, owner: Any, value: Any) -> Any:
        """`value` as it can be stored in `owner`, an object of a library's class.

        The journal knows nothing of what such an object holds: it changes while tracing, so that each call is traced.
        """
        entry = self.paths.get(id(owner))
        if entry is None:
            return value
        self.require("False", f"the contents of {entry[2]}")
        if isinstance(value, SymbolicNumber):
            return self.trace.known_value(value.tensor, "the value")
        if isinstance(value, SymbolicTensor):
            self.trace.refuse_value(value, "the value")
        return value

    # -- admission --------------------------------------------------------------------------------

    def admit(self, value: Any, path: str, about: str) -> Any:
        """The value to use for one read at `path`, guarded."""
        kind = value.__class__
        if about not in self.shown:
            frame = self.trace.frame
            location = frame.location if frame is not None else None
            self.shown[about] = (path, brief(value), location)
        if kind in SCALARS:
            if kind in (int, float) and about in self.dynamic and is_held(value):
                return self._admit_number(value, path, about)
            self._admit_scalar(value, path, about)
            return value
        if kind is Tensor:
            return self._admit_tensor(value, path, about)
        is_constant = about in self.constant and about not in self.assigned
        if kind is np.ndarray and not is_constant and can_hold(value.dtype):
            return self._admit_array(value, path, about)
        if isinstance(value, np.ndarray | np.generic):
            self._require_contents(value, path, about)
            return value
        if isinstance(value, types.ModuleType):
            name = value.__name__
            file = getattr(value, "__file__", None) or ""
            if value in (sys, os):  # for the streams, which are redirected, and the environment
                self.remember(value, path, about)
            known = name in sys.builtin_module_names or name.partition(".")[0] == "tfc"
            if not known and not source.is_library_file(file):
                self.require_identity(value, path, about)
                self.remember(value, path, about)
            return value
        if isinstance(value, types.MethodType):
            self.require_identity(value.__func__, f"getattr({path}, '__func__', None)", about)
            if isinstance(value.__func__, types.FunctionType):
                self._guard_function(value.__func__, f"{path}.__func__", about)
            return value
        self.require_identity(value, path, about)
        if outer_iterators.is_outer_iterator(value):
            return self.trace.outer_iterator(value, about)
        if isinstance(value, types.FunctionType):
            self._guard_function(value, path, about)
        if not isinstance(value, (*_CALLABLES, Enum, Variable)) or has_state(value):
            self.remember(value, path, about)
        return value

    def _guard_function(self, function: types.FunctionType, path: str, about: str) -> None:
        """The code and default arguments of an outer function: by identity, what may change in defaults by its contents."""
        self.require(f"{path}.__code__ is {self.name_of(function.__code__, 'O')}", about)
        named = function.__kwdefaults__ or {}
        for name, item in named.items():
            found = self.item(f"{path}.__kwdefaults__", name), f"the default '{name}' of {about}"
            if item.__class__ in SCALARS:
                self._admit_scalar(item, *found)
            else:
                self.admit_natively(item, *found)
        defaults = function.__defaults__
        if not defaults:
            return
        listed, told = f"{path}.__defaults__", f"the defaults of {about}"
        self.require(f"{listed} is {self.name_of(defaults, 'O')}", told)
        for index, item in enumerate(defaults):
            if isinstance(item, np.ndarray):
                self._require_contents(item, f"{listed}[{index}]", f"{told}[{index}]")
            elif not isinstance(item, (*SCALARS, *_CALLABLES, Tensor, tuple)):
                self.admit(item, f"{listed}[{index}]", f"{told}[{index}]")

    def _admit_number(self, value: Any, path: str, about: str) -> SymbolicNumber:
        """An outer number that changes from call to call: one more input."""
        kind = type(value)
        dtype = KIND_DTYPES[kind]
        self.environment["array"] = np.array
        self.require(f"type({path}) is {kind.__name__}", about)
        read = self.compiled(f"array({path}, {self.name_of(dtype, 'T')})")
        tensor = self.trace.hidden_input(path, read, ArrayType(dtype, ()), about)
        self.trace.graph.number_keys[tensor._value] = ("outer", about)
        return SymbolicNumber(kind, tensor)

    def _admit_scalar(self, value: Any, path: str, about: str) -> None:
        if value is None or isinstance(value, bool):
            self.require(f"{path} is {value!r}", about)
        elif isinstance(value, float) and value and value == value:  # noqa: PLR0124 - not nan
            self.require(f"(type(v := {path}) is float and v == {self._float_text(value)})", about)
        elif isinstance(value, float | complex):
            constant = self.name_of(value, "K")
            self.require(
                f"(type(v := {path}) is {type(value).__name__} and same_float(v, {constant}))",
                about,
            )
            self.environment["same_float"] = same_float
        elif isinstance(value, int):
            self.require(f"(type(v := {path}) is int and v == {self.literal(value)})", about)
        else:
            self.require(f"{path} == {self.literal(value)}", about)

    def _float_text(self, value: float) -> str:
        return repr(value) if math.isfinite(value) else self.name_of(value, "K")

    def _admit_tensor(self, value: Tensor, path: str, about: str) -> SymbolicTensor:
        found = self.reads.get(path)
        if found is None:
            found = self.trace.outer.united(value)
        if found is None:
            array = value._array
            dtype = self.name_of(array.dtype, "T")
            self.environment["Tensor"] = Tensor
            self.require(
                f"((v := {path}).__class__ is Tensor and (v := v._array).shape == {array.shape!r}"
                f" and v.dtype == {dtype})",
                about,
            )
            read = self.compiled(f"{path}._array")
            found = self.trace.hidden_input(path, read, value.type, about)
        if path not in self.reads:
            self.reads[path] = found
            self.trace.outer.add_tensor(value, found, path)
        return found

    def _admit_array(self, value: np.ndarray, path: str, about: str) -> Any:
        """An outer array: each call reads it anew where it is an operand of tensors.

        Where the trace changes one of them, all are what array arguments are: two may be the same.
        """
        found: Any = self.arrays.get(path)
        if found is None and self.assigned:
            found = self.trace.outer.united(value)
        if found is None:
            self.environment["ndarray"] = np.ndarray
            self.require(
                f"((v := {path}).__class__ is ndarray and v.shape == {value.shape!r}"
                f" and v.dtype == {self.name_of(value.dtype, 'T')})",
                about,
            )
            kind = ArrayType(value.dtype.newbyteorder("="), value.shape)
            tensor = self.trace.hidden_input(path, self.compiled(path), kind, about)
            if about not in self.assigned:
                self.trace.graph.number_keys[tensor._value] = ("outer", about)
            if self.assigned:
                found = arrays.array_of_its_own(tensor, self.trace.root_scope)
            else:
                found = outer_arrays.OuterArray(value, tensor, self.trace, about)
        if path not in self.arrays:
            self.arrays[path] = found
            if self.assigned:
                self.trace.outer.add_tensor(value, found, path)
                self._require_apart([value], [array for array, _ in self.outer_arrays.values()])
        return found

    def _require_apart(self, held: list[Any], constants: list[Any]) -> None:
        """What the trace may change must not be what it uses the values of."""
        pairs = itertools.product(held, constants)
        if any(
            isinstance(item, np.ndarray) and np.shares_memory(item, other) for item, other in pairs
        ):
            array_updates.refuse(self.trace.running)

    def _require_contents(self, value: np.ndarray | np.generic, path: str, about: str) -> None:
        """An outer array whose values the trace uses."""
        self.outer_arrays[id(value)] = value, about
        if self.assigned:
            self._require_apart([item for item, _, _ in self.trace.outer.tensors], [value])
        constant = value.copy() if isinstance(value, np.ndarray) else value
        self.require(f"same_array({path}, {self.name_of(constant, 'A')})", about)

    def admit_natively(self, value: Any, path: str, about: str) -> None:
        """Guard what code reads that is not interpreted: tensors by identity, arrays by contents, containers item by item."""
        if isinstance(value, Tensor):
            self.require_identity(value, path, about)
            if value.__class__ is Tensor:  # held here, its array is not written to but replaced
                self.require(f"{path}._array is {self.name_of(value._array, 'A')}", about)
        elif isinstance(value, np.ndarray):
            self._require_contents(value, path, about)
        else:
            self.admit(value, path, about)
            self.require_all(value)

    def remember(self, value: Any, path: str, about: str) -> None:
        """`value` is an outer object whose parts are to be guarded when they are read."""
        if self.trace.outer.tape is not None:
            self.trace.outer.tape.refuse(value)
        self.paths.setdefault(id(value), (value, path, about))

    def root(self, value: Any, about: str) -> None:
        """An outer object that the specialisation itself is keyed by, such as `self`."""
        self.remember(value, self.reference(value), about)

    def require_result(
        self, callee: Any, arguments: tuple[Any, ...], keywords: dict[str, Any], result: Any
    ) -> None:
        """A call of a function that reads the world has just given `result`: it is made again at each check."""
        given = f"*{self.name_of(arguments, 'K')}, **{self.name_of(keywords, 'K')}"
        condition = f"{self.name_of(callee, 'F')}({given}) == {self.name_of(result, 'K')}"
        self.require(condition, f"{callee.__name__}{arguments}")

    def require(self, condition: str, about: str) -> None:
        self.conditions.setdefault(condition, about)

    def require_identity(self, value: Any, path: str, about: str) -> None:
        """What is read at `path` must be this very object."""
        reference = self.reference(value)
        if reference.endswith("()"):  # None when the object is gone
            self.require(f"((v := {path}) is {reference} and v is not None)", about)
        else:
            self.require(f"{path} is {reference}", about)

    def release(self) -> None:
        """The trace is finished: keep what the check needs, and no outer object alive."""
        for held in (
            self.paths,
            self.reads,
            self.arrays,
            self._globals,
            self._attributes,
            self._cells,
        ):
            held.clear()

    def test(self) -> Callable[[], Any] | None:
        """The compiled condition, which may raise one of `GONE`; None when there is nothing to check."""
        if not self.conditions:
            return None
        source = " and ".join(self.conditions)
        return eval(compile(f"lambda: {source}", "<guards>", "eval"), self.environment)

    def changed(self) -> list[str]:
        """What no longer holds, in the user's words."""
        return [about for condition, about in self.conditions.items() if not self._holds(condition)]

    def describe_change(self, about: str) -> str:
        """What an outer value was, what it is, and which line reads it."""
        path, before, location = self.shown.get(about, (None, "", None))
        if path is None:
            return f"{about} has changed"
        try:
            now = brief(self.compiled(path)())
        except GONE:
            now = "gone"
        read = f" (read at line {location.line})" if location is not None else ""
        return f"{about} was {before}, is {now}{read}"

    def _holds(self, condition: str) -> bool:
        try:
            return bool(self.compiled(condition)())
        except GONE:
            return False
