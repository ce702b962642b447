"""Random programs of fixed seeds, and the programs that once failed."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
import tfc as tf

from fuzz.generation import Generator
from fuzz.running import by_reference, check, compiled, eagerly, loaded

BLOCKS, PROGRAMS = 15, 20
FOUND = sorted((Path(__file__).parent / "found").glob("*.py"))


@pytest.mark.slow
@pytest.mark.parametrize("block", range(BLOCKS))
def test_random_programs(block: int):
    for seed in range(block * PROGRAMS, (block + 1) * PROGRAMS):
        program = Generator(seed).program()
        failure = check(program)
        assert failure is None, f"seed {seed}: {failure.text}\n{program.as_test()}"


def outcome(file: Path, way: object) -> list[np.ndarray]:
    """What the program of a file returns, and what its variables hold then; both are new."""
    module: ModuleType = loaded(file, {})
    results = way(module.program, module.INPUTS)  # type: ignore[operator]
    variables = [v for v in vars(module).values() if isinstance(v, tf.Variable)]
    return [np.asarray(value) for value in (*results, *variables)]


@pytest.mark.parametrize("way", [by_reference, compiled], ids=["reference", "compiled"])
@pytest.mark.parametrize("file", FOUND, ids=lambda file: file.stem)
def test_found(file: Path, way: object):
    expected, got = outcome(file, eagerly), outcome(file, way)
    for a, e in zip(got, expected, strict=True):
        assert (a.dtype, a.shape) == (e.dtype, e.shape)
        np.testing.assert_allclose(a, e, rtol=1e-5, atol=1e-6)
