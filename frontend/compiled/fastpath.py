"""The short way to a specialisation: one generated Python function with the parameters of the user's.

Python binds the arguments. What is left to Python code is structure, constants, numbers and guards; classes, dtypes and shapes of
tensors and arrays are checked by the native call, which takes tensors as they are and gives tensors.
"""

from __future__ import annotations

import inspect
import textwrap
import weakref
from collections.abc import Callable
from types import FunctionType
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from tfc.compiled.arguments import is_plain_dataclass
from tfc.compiled.execution import contiguous
from tfc.compiled.results import is_tensor
from tfc.core.tensor import Tensor
from tfc.tracing.frame import UNBOUND
from tfc.tracing.guards import GONE
from tfc.tracing.values import abstract
from tfc.tracing.values.numbers import INT64, is_run_time_number

if TYPE_CHECKING:
    from tfc.compiled.specialization import Specialization

MISS = object()
"""What the fast path gives when the arguments are not for it."""

FastPath = Callable[..., Any]

_CONSTANTS = (bool, str, type(None))
_OTHERS = (list, tuple, dict, Tensor, np.ndarray, np.generic)
"""Subclasses of these, and scalars of NumPy, take the longer way."""
_RESERVED = "tfc_"
"""What names of the generated function itself begin with."""


def missed(*_: Any) -> Any:
    """What the native call falls back on."""
    return MISS


class Form(NamedTuple):
    """How the native call returns results, and what is made of them."""

    number: int
    lines: list[str]


class _Writer:
    """Lines and array expressions of the generated function, and the constants that they name."""

    def __init__(self, item: Specialization) -> None:
        self.item = item
        self.environment: dict[str, Any] = {"tfc_MISS": MISS, "tfc_array": np.array}
        self.lines: list[str] = []
        self.arrays: list[str] = []
        self.classes: list[type | None] = []
        self.dtypes: list[np.dtype | None] = []
        self.patterns: list[tuple[int, ...] | None] = []

    def constant(self, value: Any) -> str:
        name = f"tfc_{len(self.environment)}"
        self.environment[name] = value
        return name

    def require(self, condition: str) -> None:
        self.lines.append(f"if not ({condition}): return tfc_MISS")

    def add(
        self,
        array: str,
        cls: type | None = None,
        dtype: np.dtype | None = None,
        pattern: tuple[int, ...] | None = None,
    ) -> None:
        """One more array for the native call."""
        self.arrays.append(array)
        self.classes.append(cls)
        self.dtypes.append(dtype)
        self.patterns.append(pattern)

    def leaf(self, path: tuple[Any, ...], text: str, value: Any) -> bool:
        """Check the argument, or part of one, that the expression `text` reads; whether it can be."""
        kind = value.__class__
        if kind is Tensor or kind is np.ndarray:
            dtype = value._array.dtype if kind is Tensor else value.dtype
            if not dtype.isnative:
                return False
            sizes = self.item.patterns[path]
            self.add(text, kind, dtype, tuple([-2 if size is None else size for size in sizes]))
            return True
        if is_run_time_number(value) and path not in self.item.program.trace.assumptions.constants:
            in_range = f" and {INT64.start} <= {text} < {INT64.stop}" if kind is int else ""
            self.require(f"{text}.__class__ is {kind.__name__}{in_range}")
            dtype = np.dtype(np.int64 if kind is int else np.float64)
            self.add(f"tfc_array({text}, {self.constant(dtype)})")
            return True
        if kind in (int, float, *_CONSTANTS):
            name = self.constant(value)
            self.require(
                f"{text} is {name} or ({text}.__class__ is {name}.__class__ and {text} == {name})"
            )
            return not (kind is float and value == 0.0)  # -0.0 equals 0.0
        if kind in (list, tuple, dict):
            return self.container(path, text, value)
        if isinstance(value, _OTHERS) or is_plain_dataclass(value):
            return False
        self.require(f"{text} is {self.reference(value)}")
        return True

    def container(self, path: tuple[Any, ...], text: str, value: Any) -> bool:
        """A list, tuple or dict: the same keys in the same order, and what is in it."""
        kind = value.__class__
        if kind is dict:
            kinds = [*map(type, value)]
            if tuple in kinds:  # what equals one may have items of other classes
                return False
            same = f"[*{text}] == {self.constant(list(value))}"
            same += f" and [*map(type, {text})] == {self.constant(kinds)}"
        else:
            same = f"len({text}) == {len(value)}"
        self.require(f"{text}.__class__ is {kind.__name__} and {same}")
        for key, item in value.items() if kind is dict else enumerate(value):
            inner = text
            if item.__class__ in (Tensor, np.ndarray):
                inner = f"{text}[{self.constant(key)}]"
            else:
                inner = self.constant(None)
                self.lines.append(f"{inner} = {text}[{self.constant(key)}]")
            if not self.leaf((*path, key), inner, item):
                return False
        return True

    def reference(self, value: Any) -> str:
        """The expression for an object, which it does not keep alive."""
        try:
            return f"{self.constant(weakref.ref(value))}()"
        except TypeError:
            return self.constant(value)

    def world(self) -> None:
        """Guards, what is read of the world outside, and variables."""
        item = self.item
        if item.test is not None:
            self.environment |= {"tfc_GONE": GONE}
            self.lines += [
                "try:",
                f"    if not {self.constant(item.test)}(): return tfc_MISS",
                "except tfc_GONE:",
                "    return tfc_MISS",
            ]
        for read in item.program.hidden:
            self.add(f"{self.constant(contiguous)}({self.constant(read)}())")
        for place, variable in enumerate(item.program.variables):
            if place in item.updated:
                self.add(f"{self.constant(variable.exclusive_array)}()")
            else:
                self.add(f"{self.constant(variable)}._array")

    def result(self, skeleton: abstract.Skeleton | None) -> Form | None:
        """How the results are returned; None when `rebuild` has to make them."""
        if is_tensor(skeleton):
            return Form(1, ["return tfc_results"])
        parts = (
            skeleton.items
            if isinstance(skeleton, abstract.Struct) and skeleton.cls is tuple
            else ()
        )
        if parts and all(map(is_tensor, parts)):
            return Form(2, ["return tfc_results"])
        text = self.structure(skeleton, iter(range(self.item.result_count)))
        return None if text is None else Form(3, [f"return {text}"])

    def structure(self, skeleton: abstract.Skeleton | None, places: Any) -> str | None:
        """The expression that makes a structure of tensors, numbers and constants."""
        if isinstance(skeleton, abstract.Array):
            held = f"tfc_results[{next(places)}]"
            if not skeleton.is_numpy:
                return held
            return f"{held}._array" if skeleton.kind.shape else f"{held}._array[()]"
        if isinstance(skeleton, abstract.Number):
            return f"{self.constant(skeleton.kind)}(tfc_results[{next(places)}]._array[()])"
        if isinstance(skeleton, abstract.Const) and skeleton.value is not UNBOUND:
            return self.constant(skeleton.value)
        if not isinstance(skeleton, abstract.Struct) or skeleton.cls not in (list, tuple, dict):
            return None
        items = [self.structure(item, places) for item in skeleton.items]
        if any(item is None for item in items):
            return None
        if skeleton.cls is dict:
            pairs = zip(skeleton.keys, items, strict=True)
            return "{" + ", ".join(f"{self.constant(key)}: {item}" for key, item in pairs) + "}"
        inner = "".join(f"{item}, " for item in items)
        return f"[{inner}]" if skeleton.cls is list else f"({inner})"


def make_fast_path(
    item: Specialization, function: FunctionType, bound: int, sample: tuple[Any, ...]
) -> FastPath | None:
    """The fast path for calls of `function` with values like `sample` for its parameters; None when there is none.

    The first `bound` parameters are not given by the caller.
    """
    program = item.program
    if (
        item.on_tensors is None
        or program.keeps_outer_state
        or program.objects
        or program.has_objects
    ):
        return None
    code = function.__code__
    flags = code.co_flags & (inspect.CO_VARARGS | inspect.CO_VARKEYWORDS)
    count = code.co_argcount + code.co_kwonlyargcount + flags.bit_count()
    names = code.co_varnames[:count]
    if any(name.startswith(_RESERVED) for name in names):
        return None
    writer = _Writer(item)
    for index, (name, value) in enumerate(zip(names, sample, strict=True)):
        if index < bound and value.__class__ in (Tensor, np.ndarray):
            return None
        if index >= bound and not writer.leaf((index,), name, value):
            return None
    writer.world()
    parameters = _parameters(writer, function, names, bound)
    form = writer.result(program.result)
    if form is None:
        environment = {"tfc_rebuild": item.rebuild}
        writer.environment |= environment
        form = Form(0, [f"return tfc_rebuild(tfc_results[:{item.result_count}])"])
    elif program.result is not None and len(program.graph.body.results) != item.result_count:
        return None
    call = item.on_tensors(form.number, writer.classes, writer.dtypes, writer.patterns, missed)
    if call is None:
        return None
    return _compile(writer, function, parameters, call, form)


def _parameters(writer: _Writer, function: FunctionType, names: tuple[str, ...], bound: int) -> str:
    """The parameters of the generated function, with the defaults of the user's."""
    code, parts = function.__code__, list[str]()
    defaults = function.__defaults__ or ()
    without = code.co_argcount - len(defaults)
    positional = [
        name if index < without else f"{name}={writer.constant(defaults[index - without])}"
        for index, name in enumerate(names[: code.co_argcount])
    ]
    parts += positional[bound:]
    if code.co_posonlyargcount > bound:
        parts.insert(code.co_posonlyargcount - bound, "/")
    after = code.co_argcount + code.co_kwonlyargcount
    has_star = bool(code.co_flags & inspect.CO_VARARGS)
    if has_star:
        parts.append("*" + names[after])
    elif code.co_kwonlyargcount:
        parts.append("*")
    keywords = function.__kwdefaults__ or {}
    for name in names[code.co_argcount : after]:
        parts.append(f"{name}={writer.constant(keywords[name])}" if name in keywords else name)
    if code.co_flags & inspect.CO_VARKEYWORDS:
        parts.append("**" + names[after + has_star])
    if defaults or keywords:
        own = writer.constant(function)
        writer.lines.insert(
            0,
            f"if {own}.__defaults__ is not {writer.constant(function.__defaults__)}"
            + (f" or {own}.__kwdefaults__ != {writer.constant(dict(keywords))}" if keywords else "")
            + ": return tfc_MISS",
        )
    return ", ".join(parts)


def _compile(
    writer: _Writer, function: FunctionType, parameters: str, call: Any, form: Form
) -> FastPath:
    environment = writer.environment
    environment |= {"tfc_call": call, "tfc_fail": writer.item.failed}
    lines = [
        *writer.lines,
        "try:",
        f"    tfc_results = tfc_call({', '.join(writer.arrays)})",
        "except Exception as tfc_error:",
        "    tfc_error = tfc_fail(tfc_error)",
        "    raise tfc_error from tfc_error.__cause__",
    ]
    if form.lines != ["return tfc_results"]:
        lines.append("if tfc_results is tfc_MISS: return tfc_MISS")
    source = f"def tfc_fast({parameters}):\n" + textwrap.indent(
        "\n".join([*lines, *form.lines]), "    "
    )
    exec(compile(source, "<tfc fast path>", "exec"), environment)
    made = environment["tfc_fast"]
    made.__name__, made.__qualname__ = function.__name__, function.__qualname__
    return made
