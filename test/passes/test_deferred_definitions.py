"""What a class defines is made when it is first needed, with the same meaning."""

from __future__ import annotations

import contextlib
import dataclasses
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from tfc.dialects import late_dataclasses
from tfc.dialects.loading import default_properties, deferred_definitions
from xdsl import irdl
from xdsl.context import Context
from xdsl.dialects import test as test_dialect
from xdsl.dialects.builtin import ArrayAttr, Builtin, IntegerType, StringAttr, i32
from xdsl.ir import Attribute, ParametrizedAttribute, TypeAttribute
from xdsl.irdl import IRDLOperation, opt_prop_def, prop_def, traits_def
from xdsl.parser import Parser
from xdsl.traits import Pure
from xdsl.utils.exceptions import ParseError, PyRDLError, VerifyException

FORM = "$value (`kind` $kind^)? $mode attr-dict `:` type($value) `->` type($result)"


class Base(IRDLOperation):
    value = irdl.operand_def(i32)
    traits = traits_def(Pure())


def make_op(form: str | None = FORM) -> Any:
    @irdl.irdl_op_definition
    class TwiceOp(Base):
        name = "test.twice"
        result = irdl.result_def()
        kind = opt_prop_def(StringAttr)
        mode = prop_def(StringAttr, default_value=StringAttr("fast"))
        assembly_format = form

        def verify_(self) -> None:
            if self.kind == StringAttr("odd"):
                raise VerifyException("odd")

    return TwiceOp


def deferred_op(form: str | None = FORM) -> Any:
    with deferred_definitions():
        return make_op(form)


def value(type: Any = i32) -> Any:
    return test_dialect.TestOp(result_types=[type]).results[0]


def is_defined(op: Any) -> bool:
    return isinstance(vars(op)["get_irdl_definition"], classmethod)


def test_dialects_in_files_are_found_when_asked_for(tmp_path: Path) -> None:
    (tmp_path / "things.irdl").write_text("irdl.dialect @things { irdl.operation @one { } }\n")
    program = (
        "import sys; from tfc.dialects.loading import deferred_definitions\n"
        "with deferred_definitions(): from xdsl.dialects import arith\n"
        "late = 'importlib.resources' not in sys.modules\n"
        "import things\n"
        "print(late, things.Things.name)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=tmp_path
    )
    assert done.stdout == "True things\n"


def test_traits_and_default_properties_need_no_definition() -> None:
    deferred, made = deferred_op(), make_op()
    assert default_properties(deferred) == default_properties(made) == {"mode": StringAttr("fast")}
    assert deferred.traits.traits == made.traits.traits == {Pure()}
    assert not is_defined(deferred)


def test_a_deferred_form_prints_and_parses() -> None:
    op = deferred_op()
    text = str(op.create(operands=[value()], result_types=[i32]))
    assert text == str(make_op().create(operands=[value()], result_types=[i32]))

    context = Context()
    for dialect in (Builtin, test_dialect.Test):
        context.load_dialect(dialect)
    context.load_op(op)
    source = '%0 = "test.op"() : () -> i32\n%1 = test.twice %0 "fast" {a = 1 : i32} : i32 -> i32'
    *_, twice = Parser(context, source).parse_module().walk()
    assert isinstance(twice, op)
    assert twice.attributes.keys() == {"a"}


def test_a_wrong_form_fails_when_it_is_used() -> None:
    op = deferred_op("$nothing attr-dict")
    with pytest.raises(ParseError, match="nothing"):
        str(op.create(operands=[value()], result_types=[i32]))


def test_ops_are_defined_at_their_first_use_and_not_before() -> None:
    op = deferred_op()
    other = deferred_op()
    assert not is_defined(op)
    made = op.create(operands=[value()], result_types=[i32])
    assert made.properties == {"mode": StringAttr("fast")}
    assert made.value is made.operands[0]
    assert is_defined(op)
    assert not is_defined(other)


@pytest.mark.parametrize(
    "use",
    [
        lambda op: op.traits.traits,
        lambda op: op.get_irdl_definition().operands[0][1].constr,
        lambda op: [name for name, _ in op.get_irdl_definition().results],
        lambda op: op.create(operands=[value()], result_types=[i32]).kind,
        lambda op: op(operands=[value()], result_types=[i32]).result.type,
    ],
)
def test_each_way_to_a_definition(use: Any) -> None:
    assert use(deferred_op()) == use(make_op())


def test_a_property_can_be_the_first_thing_that_is_set() -> None:
    op = deferred_op()
    made = op.__new__(op)
    made.properties = {}
    made.kind = StringAttr("even")
    assert made.properties == {"kind": StringAttr("even")}
    assert "kind" not in vars(made)


@pytest.mark.parametrize("make", [make_op, deferred_op])
def test_both_verifiers_run(make: Any) -> None:
    op = make()
    right = op.create(operands=[value()], result_types=[i32])
    right.verify_()
    right.kind = StringAttr("odd")
    with pytest.raises(VerifyException, match="odd"):
        right.verify_()
    with pytest.raises(VerifyException, match="i64"):
        op.create(operands=[value(IntegerType(64))], result_types=[i32]).verify_()


def test_attributes() -> None:
    with deferred_definitions():

        @irdl.irdl_attr_definition
        class PairAttr(ParametrizedAttribute):
            name = "test.pair"
            first: StringAttr
            second: StringAttr

    pair = PairAttr(StringAttr("a"), StringAttr("b"))
    assert pair.second == StringAttr("b")
    assert pair == PairAttr.new([StringAttr("a"), StringAttr("b")])
    assert hash(pair) == hash(PairAttr(StringAttr("a"), StringAttr("b")))
    assert [name for name, _ in PairAttr.get_irdl_definition().parameters] == ["first", "second"]
    with pytest.raises(VerifyException, match="first"):
        PairAttr(i32, StringAttr("b"))  # pyright: ignore[reportArgumentType]


def test_dataclasses() -> None:
    def make(**options: Any) -> Any:
        @dataclasses.dataclass(frozen=True, order=True, **options)
        class Point:
            x: int
            y: list[int] = dataclasses.field(default_factory=list, compare=False)

        return Point

    for options in ({}, {"slots": True}):
        with deferred_definitions():
            deferred = make(**options)
        for cls in (deferred, make(**options)):
            point = cls(1)
            assert point == cls(1, [2])
            assert point < cls(x=2)
            assert hash(point) == hash(cls(1))
            assert repr(point).endswith("Point(x=1, y=[])")
            assert dataclasses.replace(point, x=3).x == 3
            with pytest.raises(dataclasses.FrozenInstanceError):
                point.x = 2
            with pytest.raises(TypeError, match="missing 1 required positional argument: 'x'"):
                cls()
        assert deferred.__init__.__code__.co_varnames[:2] == ("self", "x")  # compiled, in place


def test_a_subclass_that_is_used_first_leaves_its_base_as_it_should_be() -> None:
    with deferred_definitions():

        @dataclasses.dataclass
        class Base:
            x: int

        @dataclasses.dataclass
        class Derived(Base):
            y: int

            def __init__(self) -> None:
                super().__init__(1)
                self.y = 2

    assert Derived() == Derived()
    assert Derived() != Base(1)
    assert Base(1) == Base(1)


def test_a_dataclass_that_waits_is_one() -> None:
    with deferred_definitions():

        @dataclasses.dataclass(frozen=True)
        class Base:
            x: int = 0

        @dataclasses.dataclass
        class Mutable:
            x: int

        @dataclasses.dataclass(eq=False)
        class Own:  # noqa: PLW1641 - which makes it unhashable
            x: int

            def __eq__(self, other: object) -> bool:
                return True

    assert dataclasses.is_dataclass(Base)
    assert [field.name for field in dataclasses.fields(Base)] == ["x"]
    match Base(3):
        case Base(value):
            assert value == 3
    with pytest.raises(dataclasses.FrozenInstanceError):
        Base().x = 1  # pyright: ignore[reportAttributeAccessIssue]
    for unhashable in (Mutable(1), Own(1)):
        with pytest.raises(TypeError, match="unhashable"):
            hash(unhashable)
    assert Own(1) == 5


def test_a_representation_is_compiled_once(monkeypatch: pytest.MonkeyPatch) -> None:
    with deferred_definitions():

        @dataclasses.dataclass
        class Point:
            x: int

    assert repr(Point(1)).endswith("Point(x=1)")
    monkeypatch.setattr("tfc.dialects.late_dataclasses.exec", None, raising=False)
    assert repr(Point(2)).endswith("Point(x=2)")


@pytest.mark.parametrize(
    "parts",
    [
        (IntegerType, StringAttr),
        (StringAttr, IntegerType, StringAttr),
        (IntegerType, IntegerType),
        (IntegerType,),
        (irdl.BaseAttr(IntegerType) | irdl.BaseAttr(StringAttr), ArrayAttr, StringAttr),
        (i32, StringAttr),
        (IntegerType, irdl.AnyAttr()),
        (irdl.BaseAttr(TypeAttribute), StringAttr),
        (ArrayAttr[StringAttr], IntegerType),
    ],
)
def test_unions_are_what_they_are_otherwise(parts: Any) -> None:
    with deferred_definitions():
        found = irdl.AnyOf.get(*parts)
    assert repr(found) == repr(irdl.AnyOf.get(*parts))
    assert found == irdl.AnyOf.get(*parts)


def test_unions_that_cannot_be_are_refused() -> None:
    for context in (contextlib.nullcontext(), deferred_definitions()):
        with context, pytest.raises(PyRDLError):
            irdl.AnyOf.get(irdl.BaseAttr(TypeAttribute), irdl.BaseAttr(Attribute))


def test_classes_may_be_registered() -> None:
    program = (
        "from tfc.dialects.loading import deferred_definitions\n"
        "with deferred_definitions(): from xdsl.ir import Attribute, TypeAttribute, core\n"
        "class Other: pass\n"
        "before = isinstance(Other(), Attribute)\n"
        "TypeAttribute.register(Other)\n"
        "print(before, isinstance(Other(), Attribute), isinstance(Other(), TypeAttribute),\n"
        "      issubclass(Other, TypeAttribute), isinstance(Other(), core.SSAValue))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout == "False True True True False\n"


def test_other_dataclasses_than_expected_are_made_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    library: Any = dataclasses
    process = library._process_class
    monkeypatch.setattr(late_dataclasses, "_EXPECTED", ("cls",))
    with deferred_definitions():
        assert library._process_class is process

        @dataclasses.dataclass
        class Point:
            x: int

    assert Point.__init__.__code__.co_filename == "<string>"


def test_everything_is_left_as_it_was() -> None:
    def state() -> Any:
        library: Any = dataclasses
        return (
            irdl.irdl_op_definition,
            irdl.AnyOf.get,
            library._process_class,
            getattr(library, "exec", exec),
        )

    before = state()
    with pytest.raises(KeyError), deferred_definitions():
        assert before[0] is not irdl.irdl_op_definition
        raise KeyError
    assert before == state()
