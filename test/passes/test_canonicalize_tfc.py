"""`canonicalize` on the tensor stage: what goes, what must stay."""

from __future__ import annotations

import numpy as np
import pytest
from tfc.dialects.tfc.attributes import dense_attribute, tensor_type
from tfc.dialects.tfc.semantics import arithmetic, broadcast, casting, logical, shape
from tfc.dialects.tfc.semantics.spec import OpSpec
from tfc.dialects.tfc.semantics.types import ArrayType
from tfc.passes.canonicalization.tfc import is_exact
from tfc.passes.pipelines import run_passes
from tfc_ops import build_op
from xdsl.dialects import arith, func
from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import Block, Region, SSAValue


class Program:
    """A `@main` of one argument."""

    def __init__(self, dtype: str, *shape: int) -> None:
        self.block = Block(arg_types=[tensor_type(ArrayType(np.dtype(dtype), shape))])
        self.x = self.block.args[0]

    def constant(self, value: object, dtype: str) -> SSAValue:
        attribute = dense_attribute(np.array(value, dtype))
        op = arith.ConstantOp.create(result_types=[attribute.type], properties={"value": attribute})
        self.block.add_op(op)
        return op.results[0]

    def apply(self, spec: OpSpec, *operands: SSAValue, **attributes: object) -> SSAValue:
        op = build_op(spec, operands, attributes)
        self.block.add_op(op)
        return op.results[0]

    def ops_after(self, result: SSAValue) -> list[str]:
        """The names of the ops that are left."""
        self.block.add_op(func.ReturnOp(result))
        kinds = ([self.x.type], [result.type])
        module = ModuleOp([func.FuncOp("main", kinds, Region(self.block))])
        run_passes(module, "canonicalize", verify=True)
        return [op.name for op in self.block.ops if op.name != "func.return"]


NEUTRAL = [
    ("float32", arithmetic.add, -0.0, True),
    ("float32", arithmetic.add, 0.0, False),
    ("int32", arithmetic.add, 0, True),
    ("float32", arithmetic.subtract, 0.0, True),
    ("float32", arithmetic.subtract, -0.0, False),
    ("float32", arithmetic.multiply, 1.0, True),
    ("float32", arithmetic.multiply, 0.0, False),
    ("int8", arithmetic.multiply, 1, True),
    ("float32", arithmetic.divide, 1.0, True),
    ("float32", arithmetic.pow, 1.0, True),
]


@pytest.mark.parametrize(("dtype", "spec", "number", "goes"), NEUTRAL)
def test_neutral_elements(dtype: str, spec: OpSpec, number: float, goes: bool):
    program = Program(dtype, 4)
    result = program.apply(spec, program.x, program.constant(number, dtype))
    left = program.ops_after(result)
    assert (left == []) == goes


def test_neutral_element_that_broadcasts_stays():
    program = Program("float32", 4)
    ones = program.constant(np.ones((3, 4)), "float32")
    assert "tfc.multiply" in program.ops_after(program.apply(arithmetic.multiply, program.x, ones))


def test_square():
    program = Program("float32", 4)
    result = program.apply(arithmetic.pow, program.x, program.constant(2.0, "float32"))
    assert program.ops_after(result) == ["tfc.multiply"]


def test_double_negation():
    program = Program("float32", 4)
    once = program.apply(arithmetic.negative, program.x)
    assert program.ops_after(program.apply(arithmetic.negative, once)) == []


def test_casts():
    program = Program("float16", 4)
    wide = program.apply(casting.cast, program.x, dtype=np.dtype("float64"))
    assert program.ops_after(program.apply(casting.cast, wide, dtype=np.dtype("float16"))) == []
    program = Program("float64", 4)
    narrow = program.apply(casting.cast, program.x, dtype=np.dtype("float32"))
    back = program.apply(casting.cast, narrow, dtype=np.dtype("float64"))
    assert program.ops_after(back) == ["tfc.cast", "tfc.cast"]


@pytest.mark.parametrize(
    ("source", "target", "exact"),
    [
        ("int64", "float64", False),
        ("int32", "float64", True),
        ("int32", "float32", False),
        ("uint8", "int8", False),
        ("uint8", "float16", True),
        ("int16", "float16", False),
        ("float32", "int64", False),
        ("bool", "float16", True),
    ],
)
def test_exact_casts(source: str, target: str, exact: bool):
    assert is_exact(np.dtype(source), np.dtype(target)) == exact


def test_constants_are_computed():
    program = Program("float32", 4)
    total = program.apply(
        arithmetic.add, program.constant([1.0, 2.0], "float32"), program.constant(3.0, "float32")
    )
    assert program.ops_after(total) == ["arith.constant"]


def test_failing_constants_are_left():
    program = Program("int32", 4)
    quotient = program.apply(
        arithmetic.floordiv, program.constant([1, 2], "int32"), program.constant(0, "int32")
    )
    assert "tfc.floordiv" in program.ops_after(quotient)


def test_known_condition():
    program = Program("float32", 4)
    y = program.apply(arithmetic.negative, program.x)
    chosen = program.apply(logical.select, program.constant(True, "bool"), program.x, y)
    assert program.ops_after(chosen) == []


def test_same_shape():
    program = Program("float32", 4)
    y = program.apply(arithmetic.negative, program.x)
    assert program.ops_after(program.apply(broadcast.sum_to_shape_of, program.x, y)) == []


def test_transposes():
    program = Program("float32", 2, 3, 4)
    once = program.apply(shape.transpose, program.x, permutation=(1, 2, 0))
    back = program.apply(shape.transpose, once, permutation=(2, 0, 1))
    assert program.ops_after(back) == []
    program = Program("float32", 2, 3, 4)
    once = program.apply(shape.transpose, program.x, permutation=(1, 2, 0))
    twice = program.apply(shape.transpose, once, permutation=(1, 0, 2))
    assert program.ops_after(twice) == ["tfc.transpose"]
    assert [op.python_attributes() for op in program.block.ops if op.name == "tfc.transpose"] == [
        {"permutation": (2, 1, 0)}
    ]


def test_reshapes():
    program = Program("float32", 2, 6)
    flat = program.apply(shape.reshape, program.x, shape=(12,))
    assert program.ops_after(program.apply(shape.reshape, flat, shape=(3, 4))) == ["tfc.reshape"]
    program = Program("float32", 2, 6)
    flat = program.apply(shape.reshape, program.x, shape=(12,))
    assert program.ops_after(program.apply(shape.reshape, flat, shape=(2, 6))) == []


def test_identity():
    program = Program("float32", 2)
    assert program.ops_after(program.apply(shape.identity, program.x)) == []
