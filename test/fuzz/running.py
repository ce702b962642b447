"""Running a program each way, and what may differ.

How much rounding may change a result is measured, not guessed: the program runs a few times with each rounded value
changed by a few units in its last place (`noise`). Where that changes the result, so may fusing; where it does not, the
results have to be the same, or at least as close as the eager ones to what the program gives in float64 (`widened`).
"""

from __future__ import annotations

import importlib.util
import itertools
import re
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import tfc as tf
from op_table.values import spacing
from tfc.core.settings import SETTINGS

from fuzz.expressions import is_float
from fuzz.program import Block, Input, Program, walk

NOISY_RUNS = 6
NUMBER = itertools.count()


@dataclass(frozen=True)
class Failure:
    """How a program went wrong: `kind` is what has to stay the same while it is made smaller."""

    kind: str
    text: str


Results = list[np.ndarray]


def module_of(source: str, names: dict[str, Any]) -> ModuleType:
    """The source as a module of a file, which tracing can read."""
    path = Path(FOLDER.name) / f"program_{next(NUMBER)}.py"
    path.write_text(source, encoding="utf-8")
    return loaded(path, names)


FOLDER = tempfile.TemporaryDirectory(prefix="tfc-fuzz-")


def loaded(path: Path, names: dict[str, Any]) -> ModuleType:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    vars(module).update(names)
    spec.loader.exec_module(module)
    return module


def run(source: str, program: Program, call: Callable[..., Any], **names: Any) -> Results:
    """The results of one call, and the values of the variables after it."""
    variables = {v.name: tf.Variable(v.array) for v in program.variables}
    module = module_of(source, {**variables, **names})
    results = call(module.program, program.inputs)
    return [np.asarray(r) for r in results] + [v.numpy() for v in variables.values()]


def arguments(inputs: Sequence[Input]) -> list[Any]:
    made: dict[str, Any] = {}
    for value in inputs:
        made[value.name] = made[value.alias] if value.alias in made else value.laid_out()
    return list(made.values())


def eagerly(function: Callable[..., Any], inputs: Sequence[Input]) -> Any:
    with np.errstate(all="ignore"):
        return function(*[tf.convert_to_tensor(a) for a in arguments(inputs)])


def compiled(function: Callable[..., Any], inputs: Sequence[Input]) -> Any:
    signature = None
    if any(value.dynamic for value in inputs):
        signature = [_spec(value) for value in inputs]
    call = tf.function(function, input_signature=signature)
    with np.errstate(all="ignore"):
        first = call(*arguments(inputs))
    call.clear()
    return first


def by_reference(function: Callable[..., Any], inputs: Sequence[Input]) -> Any:
    before = SETTINGS.execution
    SETTINGS.execution = "reference"
    try:
        return compiled(function, inputs)
    finally:
        SETTINGS.execution = before


def _spec(value: Input) -> tf.TensorSpec:
    dynamic = value.dynamic or (False,) * value.array.ndim
    shape = [None if free else n for free, n in zip(dynamic, value.array.shape, strict=True)]
    return tf.TensorSpec(shape, value.array.dtype)


def noise(seed: int) -> Callable[[Any, float], Any]:
    """Changes values by some units in the last place; has the gradient of what it changes.

    Zeros change in their sign: with the first two seeds all in one way, then each as it comes.
    """
    rng = np.random.default_rng(seed)

    def changed(x: Any, ulp: float) -> Any:
        tensor = tf.convert_to_tensor(x)
        array = tensor.numpy()
        if not is_float(array):
            return x
        steps = rng.uniform(-ulp, ulp, array.shape)
        unit = 2.0**-10 if array.dtype.name == "float16" else 2.0**-7
        unit = {"float32": 2.0**-23, "float64": 2.0**-52}.get(array.dtype.name, unit)
        signs = rng.choice((-1.0, 1.0), array.shape)
        if seed < 2:
            signs = np.where(np.signbit(array), -1.0, 1.0) * (1, -1)[seed]
        factors = np.where(array == 0, signs, 1 + steps * unit)
        return tensor * tf.constant(factors.astype(array.dtype))

    return changed


def check(program: Program) -> Failure | None:
    """Run the program each way and compare."""
    try:
        expected = run(program.source(), program, eagerly)
    except Exception as error:
        return Failure("eager", f"{type(error).__name__}: {error}")
    # In which order a gradient is summed up is open, and NumPy's own order along some axes is one after the other.
    plain = not any(isinstance(s, Block) and s.kind == "gradient" for s in walk(program.statements))
    noisy: list[Results] = []
    for seed in range(NOISY_RUNS):
        try:
            noisy.append(run(program.source(noisy=True), program, eagerly, noise=noise(seed)))
        except Exception:
            continue
    for name, way in (("reference", by_reference), ("compiled", compiled)):
        try:
            got = run(program.source(), program, way)
        except Exception as error:
            return Failure(f"{name}: {type(error).__name__}", f"{name}: {error}")
        for number, (a, e) in enumerate(zip(got, expected, strict=True)):
            others = [results[number] for results in noisy]
            problem = difference(a, e, others, plain=plain)
            if problem:
                problem = difference(a, e, others, plain=plain, exact=widened(program, number))
            if problem:
                return Failure(
                    f"{name}: {problem.split(':')[0]}", f"{name}, result {number}: {problem}"
                )
    return None


def widened(program: Program, number: int) -> np.ndarray | None:
    """What the program gives eagerly as a result with float64 for every narrower float, unless that is another program."""
    source = re.sub(r"\btf\.(b?float16|float32)\b", "tf.float64", program.source())
    inputs, variables = (
        tuple(
            replace(v, array=v.array.astype(np.float64)) if is_float(v.array) else v for v in values
        )
        for values in (program.inputs, program.variables)
    )
    try:
        return run(source, replace(program, inputs=inputs, variables=variables), eagerly)[number]
    except Exception:
        return None


def difference(
    got: np.ndarray,
    expected: np.ndarray,
    noisy: Sequence[np.ndarray],
    *,
    plain: bool,
    exact: np.ndarray | None = None,
) -> str:
    """What is wrong with `got`, or nothing; `plain`: no gradient, so that the sign of zeros counts and few units are lost."""
    if got.dtype != expected.dtype:
        return f"dtype: {got.dtype} instead of {expected.dtype}"
    if any(other.shape != expected.shape for other in noisy):
        return ""
    if got.shape != expected.shape:
        return f"shape: {got.shape} instead of {expected.shape}"
    if not is_float(expected):
        wrong = got != expected
        for other in noisy:
            wrong &= other == expected
    else:
        wrong = _floats_differ(got, expected, noisy, plain)
    if exact is not None and exact.shape == got.shape:
        wrong &= ~_as_close(got, expected, exact)
    if not wrong.any():
        return ""
    at = tuple(int(i) for i in np.argwhere(wrong)[0]) if wrong.ndim else ()
    values = f"{got[at]!r} instead of {expected[at]!r}"
    return f"values: {int(wrong.sum())} of {wrong.size} differ, first at {at}: {values}"


def _floats_differ(
    got: np.ndarray, expected: np.ndarray, noisy: Sequence[np.ndarray], plain: bool
) -> np.ndarray:
    kind = expected.dtype
    a, e = got.astype(np.float64), expected.astype(np.float64)
    others = [other.astype(np.float64) for other in noisy]
    with np.errstate(all="ignore"):
        finite = np.isfinite(e)
        spread = np.zeros(e.shape)
        stable = np.ones(e.shape, np.bool_)
        for other in others:
            stable &= (np.isfinite(other) == finite) & (finite | (other == e) | np.isnan(e))
            change = np.abs(other - e)
            spread = np.maximum(spread, np.where(np.isfinite(change), change, 0.0))
        typical = float(np.median(spread)) if spread.size else 0.0
        allowed = 8 * np.maximum(spread, typical) + (4 if plain else 64) * spacing(
            np.where(finite, np.abs(e), 0.0), kind
        )
        wrong = np.where(
            finite, ~(np.abs(a - e) <= allowed), ~((a == e) | (np.isnan(a) & np.isnan(e)))
        )
        # A result whose sign is a matter of rounding may be a quotient by what is zero without it.
        undecided = np.zeros(e.shape, np.bool_)
        for other in others:
            undecided |= np.signbit(other) != np.signbit(e)
        wrong &= np.isfinite(a) | ~finite | ~undecided
        if plain and others:
            agreed = [np.signbit(other) == np.signbit(e) for other in others]
            zero = (e == 0) & (spread == 0) & np.all(agreed, axis=0)
            wrong |= zero & (np.signbit(a) != np.signbit(e))
    return wrong & stable


def _as_close(got: np.ndarray, expected: np.ndarray, exact: np.ndarray) -> np.ndarray:
    """Which elements are the exact ones, or no further from them than the expected ones."""
    a, e, x = (array.astype(np.float64) for array in (got, expected, exact))
    with np.errstate(all="ignore"):
        return (a == x) | (np.isnan(a) & np.isnan(x)) | (np.abs(a - x) <= np.abs(e - x))
