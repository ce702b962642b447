"""The example trains: needs the demo extra."""

import importlib.util
from pathlib import Path

import pytest

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "digits.py"


@pytest.mark.slow
@pytest.mark.filterwarnings("default")
def test_digits(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    for package in ("sklearn", "matplotlib", "tqdm"):
        pytest.importorskip(package, reason="the demo extra is not installed")
    spec = importlib.util.spec_from_file_location("digits", EXAMPLE)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    picture = tmp_path / "digits.png"
    accuracy = module.main(["--epochs", "30", "--output", str(picture)])
    assert accuracy >= 0.97
    assert picture.read_bytes().startswith(b"\x89PNG")
    printed = capsys.readouterr().out
    assert "accuracy on 450 test digits" in printed
    assert "times faster" in printed
