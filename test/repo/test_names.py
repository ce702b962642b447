"""One name, one thing: passes, op families and error codes are spelled alike wherever they appear."""

import importlib
import re
from pathlib import Path

import pytest
from tfc.dialects.tfc.dialect import FAMILIES, all_ops, family_ops
from tfc.dialects.tfc.semantics.errors import CODES
from tfc.dialects.tfc.semantics.spec import Effect, OpSpec
from tfc.errors.__main__ import main as explain
from tfc.gradients.registry import NotDifferentiable, family_rules
from tfc.passes.convert_tfc_to_linalg import conversion
from tfc.passes.registry import PASSES, get_pass

ROOT = Path(__file__).resolve().parents[2]
CODE = re.compile(r"TFC\d{3}")


@pytest.mark.parametrize("name", sorted(PASSES))
def test_pass_file_class_and_test_have_its_name(name: str):
    cls = get_pass(name)
    assert cls.name == name
    assert cls.__doc__, f"{cls.__name__} has no docstring"
    assert (ROOT / "test" / "passes" / f"{name}.mlir").exists() or any(
        (ROOT / "test" / "passes" / name).glob("*.mlir")
    ), f"test/passes/{name}.mlir is missing"


def test_every_pass_file_is_registered():
    """A module or package in passes/ with a ModulePass of that name must be in the registry."""
    for file in (ROOT / "passes").glob("**/*.py"):
        for name in re.findall(r'^    name = "([a-z0-9-]+)"', file.read_text(), re.MULTILINE):
            assert name in PASSES, f"{file}: pass '{name}' is not in passes/registry.py"


ROOMS = (
    "dialects/tfc/semantics",
    "dialects/tfc",
    "passes/convert_tfc_to_linalg",
    "frontend/gradients",
    "frontend/ops",
    "test/op_table",
)

EMPTY_ROOMS = {
    (
        "frontend/ops",
        "broadcast",
    ): "of gradients only: `frontend/ops/reduction.py` has the two functions",
    (
        "frontend/ops",
        "state",
    ): "variables are objects: `frontend/core/variable.py` has their methods",
    (
        "test/op_table",
        "state",
    ): "its ops work on variables, not on tensors: `test/tracing` and `test/passes` test them",
}
"""What a family need not have, with the reason."""


@pytest.mark.parametrize("room", ROOMS)
@pytest.mark.parametrize("family", FAMILIES)
def test_family_has_all_rooms(family: str, room: str):
    file, package = ROOT / room / f"{family}.py", ROOT / room / family / "__init__.py"
    is_there = file.exists() or package.exists()
    assert is_there is ((room, family) not in EMPTY_ROOMS), f"{room}/{family}.py"


@pytest.mark.parametrize("family", FAMILIES)
def test_family_tables_are_complete(family: str):
    """Each op of a family has a class, a lowering and a gradient rule (or a reason why not)."""
    semantics = importlib.import_module(f"tfc.dialects.tfc.semantics.{family}")
    specs: set[OpSpec] = set(semantics.FAMILY)
    classes = {op.spec for op in family_ops(family).values()}
    assert {s.name for s in specs} == {s.name for s in classes}
    specs_of_state = {s for s in specs if s.effect in (Effect.READ, Effect.WRITE)}
    lowered = set(conversion.family_rules(family)) | specs_of_state  # gone with promote-variables
    assert not {s.name for s in specs - lowered}, "without a rule in convert-tfc-to-linalg"
    rules = family_rules(family)
    assert not {s.name for s in specs - set(rules)}, "without a gradient rule"
    for spec, rule in rules.items():
        assert callable(rule) or isinstance(rule, NotDifferentiable), spec.name
        assert not isinstance(rule, NotDifferentiable) or rule.reason, spec.name


def test_ops_are_documented_and_named_after_their_class():
    for op in all_ops():
        assert op.__doc__ and op.__doc__.strip(), f"{op.__name__} has no docstring"
        assert op.name == op.spec.name
        mnemonic = op.name.removeprefix("tfc.")
        assert op.__name__.lower() == mnemonic.replace("_", "") + "op", op.name


def test_codes_in_the_sources_are_known():
    for room in ("frontend", "dialects", "passes", "backend", "tools"):
        for file in (ROOT / room).rglob("*.py"):
            for code in set(CODE.findall(file.read_text())):
                assert code in CODES, f"{file} uses {code}, which is not in semantics/errors.py"


def test_codes_are_explained():
    """codes.md has one section per code with its title, in order, and no other."""
    text = (ROOT / "frontend" / "errors" / "codes.md").read_text()
    explained = re.findall(r"^### (TFC\d{3}): (.*)$", text, re.MULTILINE)
    assert explained == sorted(CODES.items())


def test_codes_are_explained_on_the_command_line(capsys: pytest.CaptureFixture[str]):
    assert explain([]) == 0
    titles = capsys.readouterr().out.splitlines()
    assert titles == [f"{code}: {title}" for code, title in sorted(CODES.items())]
    assert explain(["tfc012"]) == 0
    text = capsys.readouterr().out
    assert text.startswith(titles[sorted(CODES).index("TFC012")]) and "TFC013" not in text
    assert explain(["TFC999"]) == 1
    assert "no such code: TFC999" in capsys.readouterr().err
