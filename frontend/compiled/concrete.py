"""`ConcreteFunction`: a compiled function for one signature."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import numpy as np
from tfc.compiled import printing
from tfc.compiled.arguments import format_path
from tfc.compiled.execution import executor
from tfc.compiled.shape_patterns import fits, tensor_shapes
from tfc.compiled.signature import sample, signature_patterns
from tfc.compiled.specialization import Specialization
from tfc.core.dtypes import from_numpy
from tfc.core.errors import TFCTypeError
from tfc.core.mapping import map_structure
from tfc.core.nest import flatten
from tfc.core.recording import ACTIVE, STATE
from tfc.core.shape import TensorSpec
from tfc.core.tensor import Tensor
from tfc.core.tracebacks import trim
from tfc.tracing.values.numbers import SymbolicNumber

if TYPE_CHECKING:
    from tfc.compiled.function import Function
    from tfc.core.variable import Variable


class ConcreteFunction:
    """A compiled function for one signature. Call it with tensors that fit the signature."""

    _tfc_inlines = True

    def __init__(self, function: Function, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        self.function = function
        self.python_function = function.python_function
        self.as_signed = function.as_signed
        self.name = function.__name__
        args, kwargs = function._with_signature(args, kwargs)
        values = function._bound(*map_structure(sample, (args, kwargs)))
        patterns = tensor_shapes(values)
        given = dict(enumerate(function._arguments(args, kwargs)))
        for specs in (given, function._specs()):
            patterns |= signature_patterns(specs, patterns)
        self.program = function._trace(values, patterns)
        self.structured_input_signature = map_structure(_spec, (args, kwargs))
        self._fixed = {
            index: value
            for index, value in enumerate(values)
            if not any(isinstance(leaf, Tensor | np.ndarray) for leaf in flatten(value))
        }
        """Arguments without tensors, which calls may leave out."""
        self._run = Specialization(self.program, executor(self.program))
        self._patterns = patterns

    def __reduce__(self) -> Any:
        """In pickles and copies: the function, and what it was compiled for."""
        args, kwargs = self.structured_input_signature
        return concrete_function, (self.function, args, kwargs)

    @property
    def structured_outputs(self) -> Any:
        """The results, with a `TensorSpec` for each tensor."""
        outputs = self.program.outputs
        assert outputs is not None
        specs = [TensorSpec(kind.shape, from_numpy(kind.dtype)) for kind in outputs.types()]
        made = outputs.rebuild(cast(Any, iter(specs)))
        return map_structure(
            lambda leaf: leaf.tensor if isinstance(leaf, SymbolicNumber) else leaf, made
        )

    @property
    def output_shapes(self) -> Any:
        """The results, with the shape of each tensor."""
        return map_structure(lambda leaf: getattr(leaf, "shape", leaf), self.structured_outputs)

    @property
    def output_dtypes(self) -> Any:
        """The results, with the dtype of each tensor."""
        return map_structure(lambda leaf: getattr(leaf, "dtype", leaf), self.structured_outputs)

    def pretty_printed_signature(self) -> str:
        """The parameters and results, a line each."""
        args, kwargs = self.structured_input_signature
        names = self.function._names[len(self.function._prefix) :]
        given = {**dict(zip(names, args, strict=False)), **kwargs}
        lines = ["Input Parameters:", *[f"  {name}: {item!r}" for name, item in given.items()]]
        return "\n".join([*lines, "Output Type:", f"  {self.structured_outputs!r}"])

    def __repr__(self) -> str:
        return f"<tf.function {self.name} for one signature>\n{self.pretty_printed_signature()}"

    @property
    def inputs(self) -> list[Any]:
        """The types of the inputs."""
        return [value.type for value in self.program.graph.body.arguments]

    @property
    def outputs(self) -> list[Any]:
        """The types of the outputs."""
        return [value.type for value in self.program.graph.body.results]

    @property
    def variables(self) -> tuple[Variable, ...]:
        """The variables that the program reads or assigns."""
        return tuple(self.program.variables)

    @property
    def trainable_variables(self) -> tuple[Variable, ...]:
        """Those of `variables` that tapes watch."""
        return tuple([variable for variable in self.variables if variable.trainable])

    @property
    def graph(self) -> Any:
        return self.program.graph

    def text(self, stage: str = "tensor") -> str:
        """The program at a stage."""
        return printing.program_text(self.program, stage)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        try:
            return self._call(args, kwargs)
        except BaseException as error:
            trim(error)
            raise

    def _call(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        if ACTIVE and STATE.is_active:
            return self.function(*args, **kwargs)
        values = self._completed(args, kwargs) or self.function._bound(args, kwargs)
        shapes = tensor_shapes(values)
        for path, pattern in self._patterns.items():
            if path not in shapes or not fits(pattern, shapes[path], exact_one=False):
                raise TFCTypeError(
                    "TFC023",
                    f"'{self.name}': argument '{format_path(self.function._names, path)}' has shape"
                    f" {shapes.get(path)}, the signature has {pattern}",
                    "call the function itself, which makes a new specialisation",
                )
        return self._run(values)

    def _completed(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[Any, ...] | None:
        """The values of all parameters when those without tensors are left out; None when they are not."""
        names = self.function._names
        if len(args) + len(kwargs) >= len(names):
            return None
        fixed = {names[index]: value for index, value in self._fixed.items()}
        free = [name for name in names if name not in fixed and name not in kwargs]
        given = {**fixed, **dict(zip(free, args, strict=False)), **kwargs}
        return tuple([given[name] for name in names]) if given.keys() == set(names) else None


def concrete_function(function: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """The concrete function of a function that was pickled beside its arguments."""
    return function.get_concrete_function(*args, **kwargs)


def _spec(item: Any) -> Any:
    """The spec of a tensor or array; anything else is part of the signature as it is."""
    return TensorSpec.from_tensor(item) if isinstance(item, Tensor | np.ndarray) else item
