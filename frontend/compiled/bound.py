"""`BoundFunction`: a compiled function as a method."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tfc.core.tracebacks import trim

if TYPE_CHECKING:
    from tfc.compiled.concrete import ConcreteFunction
    from tfc.compiled.function import Function
    from tfc.compiled.memory import MemoryUse


class BoundFunction:
    """A compiled function as a method of an instance."""

    _tfc_inlines = True

    def __init__(self, function: Function, instance: Any) -> None:
        self.function = function
        self.__self__ = instance

    @property
    def __wrapped__(self) -> Any:
        return self.function.python_function

    @property
    def python_function(self) -> Any:
        return self.function.python_function.__get__(self.__self__)

    def __repr__(self) -> str:
        return f"<bound tf.function {self.function.__qualname__} of {self.__self__!r}>"

    def __call__(self, /, *args: Any, **kwargs: Any) -> Any:
        try:
            return self.function(self.__self__, *args, **kwargs)
        except BaseException as error:
            trim(error)
            raise

    def as_signed(
        self, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> tuple[tuple[Any, ...], dict[str, Any]]:
        args, kwargs = self.function.as_signed((self.__self__, *args), kwargs)
        return args[1:], kwargs

    def text(self, *args: Any, stage: str = "tensor", **kwargs: Any) -> str:
        return self.function.text(self.__self__, *args, stage=stage, **kwargs)

    def memory(self, *args: Any, **kwargs: Any) -> MemoryUse:
        return self.function.memory(self.__self__, *args, **kwargs)

    def get_concrete_function(self, *args: Any, **kwargs: Any) -> ConcreteFunction:
        return self.function.get_concrete_function(self.__self__, *args, **kwargs)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.function, name)
