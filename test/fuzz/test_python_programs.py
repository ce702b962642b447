"""Random Python of fixed seeds, compiled (by the reference executor) and eagerly."""

import pytest
from tfc.core.settings import SETTINGS

from fuzz.python_programs import PythonGenerator, difference

BLOCKS, PROGRAMS = 5, 40


@pytest.mark.slow
@pytest.mark.parametrize("block", range(BLOCKS))
def test_random_python(block: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(SETTINGS, "execution", "reference")
    for seed in range(block * PROGRAMS, (block + 1) * PROGRAMS):
        source = PythonGenerator(seed).text()
        found = difference(source)
        assert found is None, f"seed {seed}: {found}\n{source}"
