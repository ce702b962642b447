"""`ConcreteFunction`: a compiled function for one signature."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import numpy as np
from tfc import nest
from tfc.compiled.arguments import format_path
from tfc.compiled.execution import executor
from tfc.compiled.shape_patterns import fits, tensor_shapes
from tfc.compiled.specialization import Specialization
from tfc.core.dtypes import from_numpy
from tfc.core.errors import TFCTypeError
from tfc.core.recording import STATE
from tfc.core.shape import TensorSpec
from tfc.core.tensor import Tensor
from tfc.core.tracebacks import trim
from tfc.tracing.numbers import SymbolicNumber

if TYPE_CHECKING:
    from tfc.compiled.function import Function


class ConcreteFunction:
    """A compiled function for one signature. Call it with tensors that fit the signature."""

    _tfc_inlines = True

    def __init__(self, function: Function, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        self.function = function
        self.python_function = function.python_function
        self.name = function.__name__
        samples = [_sample(item) for item in args]
        named = {key: _sample(item) for key, item in kwargs.items()}
        values = function._bound(tuple(samples), named)
        patterns = tensor_shapes(values)
        for index, item in enumerate((*function._prefix, *args)):
            if isinstance(item, TensorSpec):
                patterns[(index,)] = item.shape.as_tuple()
        self.program = function._trace(values, patterns)
        self.structured_input_signature = (args, kwargs)
        self._fixed = {
            index: value
            for index, value in enumerate(values)
            if not isinstance(value, Tensor | np.ndarray)
        }
        self._run = Specialization(self.program, executor(self.program))
        self._patterns = patterns

    @property
    def structured_outputs(self) -> Any:
        """The results, with a `TensorSpec` for each tensor."""
        assert self.program.result is not None
        specs = [
            TensorSpec(kind.shape, from_numpy(kind.dtype)) for kind in self.program.result.types()
        ]
        made = self.program.result.rebuild(cast(Any, iter(specs)))
        return nest.map_structure(
            lambda leaf: leaf.tensor if isinstance(leaf, SymbolicNumber) else leaf, made
        )

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
    def graph(self) -> Any:
        return self.program.graph

    def text(self, stage: str = "tensor") -> str:
        """The program at a stage."""
        from tfc.compiled.printing import program_text

        return program_text(self.program, stage)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        try:
            return self._call(args, kwargs)
        except BaseException as error:
            trim(error)
            raise

    def _call(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        if STATE.recorder is not None or STATE.tapes:
            return self.function(*args, **kwargs)
        if len(args) + len(kwargs) < len(self._fixed) + len(self._patterns):
            names = self.function._names
            given = iter(args)
            full: list[Any] = []
            for index, name in enumerate(names):
                if index in self._fixed:
                    full.append(self._fixed[index])
                else:
                    full.append(kwargs[name] if name in kwargs else next(given))
            values = tuple(full)
        else:
            values = self.function._bound(args, kwargs)
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


def _sample(item: Any) -> Any:
    """A value that stands for a `TensorSpec` while its function is traced."""
    if isinstance(item, TensorSpec):
        shape = tuple(2 if size is None else size for size in item.shape.as_tuple())
        return Tensor._wrap(np.zeros(shape, item.dtype.numpy))
    return item
