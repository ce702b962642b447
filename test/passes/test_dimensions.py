"""Broadcasting of sizes known only at run time, compiled: checks, repetition, and its gradient."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest
import tfc as tf
from tfc import backend
from tfc.dialects.tfc.attributes import tensor_type
from tfc.dialects.tfc.semantics import arithmetic, broadcast, slicing, transcendental
from tfc.dialects.tfc.semantics.spec import OpSpec
from tfc.dialects.tfc.semantics.types import ArrayType
from tfc.passes.dimensions import Dimensions, Symbol
from tfc.passes.pipelines import passes_between, run_passes
from tfc_ops import build_op
from xdsl.dialects import arith, builtin, func, scf, tensor
from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import Block, Region, SSAValue

F32 = np.dtype(np.float32)


class Program:
    """A `@main` under construction: arguments of known rank with `?` or static sizes."""

    def __init__(self, *shapes: tuple[int | None, ...]) -> None:
        self.block = Block(arg_types=[tensor_type(ArrayType(F32, shape)) for shape in shapes])
        self.args = self.block.args

    def apply(self, spec: OpSpec, *operands: SSAValue) -> SSAValue:
        op = build_op(spec, operands)
        self.block.add_op(op)
        return op.results[0]

    def forget(self, value: SSAValue, *shape: int | None) -> SSAValue:
        """`value` with sizes that nobody knows the origin of, as an op whose size depends on data gives them."""
        op = tensor.CastOp(value, tensor_type(ArrayType(F32, shape)))
        self.block.add_op(op)
        return op.results[0]

    def compile(self, *results: SSAValue) -> Callable[[Sequence[Any]], list[Any]]:
        self.block.add_op(func.ReturnOp(*results))
        kinds = ([a.type for a in self.args], [r.type for r in results])
        self.module = ModuleOp([func.FuncOp("main", kinds, Region(self.block))])
        run_passes(self.module, passes_between("tensor", "linalg"))
        self.linalg = str(self.module)
        run_passes(self.module, passes_between("linalg", "cf"), verify=True)
        return backend.load(backend.compile_module(self.module))


def numbers(*shape: int) -> np.ndarray:
    return np.arange(1, 1 + int(np.prod(shape)), dtype=np.float32).reshape(shape)


def test_arguments_are_compared_once():
    program = Program((None,), (None,))
    x, y = program.args
    total = program.apply(arithmetic.add, x, y)
    run = program.compile(program.apply(arithmetic.multiply, total, y))
    assert program.linalg.count("cf.assert") == 1
    np.testing.assert_array_equal(run([numbers(3), numbers(3)])[0], (2 * numbers(3)) * numbers(3))
    with pytest.raises(backend.ExecutionFailed, match="size 4 against 3 in dimension 0"):
        run([numbers(3), numbers(4)])


def test_argument_against_static_size():
    program = Program((None,), (4,))
    run = program.compile(program.apply(arithmetic.add, *program.args))
    np.testing.assert_array_equal(run([numbers(4), numbers(4)])[0], 2 * numbers(4))
    with pytest.raises(backend.ExecutionFailed, match="size 3 against 4"):
        run([numbers(3), numbers(4)])


def test_same_origin_needs_no_check():
    program = Program((None, None))
    (x,) = program.args
    y = program.apply(transcendental.exp, x)
    program.compile(program.apply(arithmetic.add, x, y))
    assert "cf.assert" not in program.linalg


@pytest.mark.parametrize("left", [1, 3])
@pytest.mark.parametrize("right", [1, 3])
def test_sizes_from_data(left: int, right: int):
    program = Program((left,), (2, right))
    x = program.forget(program.args[0], None)
    y = program.forget(program.args[1], 2, None)
    run = program.compile(program.apply(arithmetic.subtract, x, y))
    a, b = numbers(left), numbers(2, right)
    np.testing.assert_array_equal(run([a, b])[0], a - b)


def test_sizes_from_data_that_do_not_fit():
    program = Program((3,), (2,))
    operands = [program.forget(value, None) for value in program.args]
    run = program.compile(program.apply(arithmetic.add, *operands))
    with pytest.raises(backend.ExecutionFailed, match="do not broadcast"):
        run([numbers(3), numbers(2)])


@pytest.mark.parametrize("size", [1, 4])
def test_size_from_data_against_argument(size: int):
    program = Program((size,), (None,))
    x = program.forget(program.args[0], None)
    run = program.compile(program.apply(arithmetic.add, x, program.args[1]))
    a, b = numbers(size), numbers(4)
    np.testing.assert_array_equal(run([a, b])[0], a + b)


@pytest.mark.parametrize("size", [1, 4])
def test_size_from_data_against_static(size: int):
    program = Program((size,), (4,))
    x = program.forget(program.args[0], None)
    run = program.compile(program.apply(arithmetic.add, x, program.args[1]))
    a, b = numbers(size), numbers(4)
    np.testing.assert_array_equal(run([a, b])[0], a + b)


@pytest.mark.parametrize(("rows", "columns"), [(1, 1), (1, 4), (3, 1), (3, 4)])
def test_sum_to_a_shape_from_data(rows: int, columns: int):
    program = Program((2, 3, 4), (rows, columns))
    like = program.forget(program.args[1], None, None)
    run = program.compile(program.apply(broadcast.sum_to_shape_of, program.args[0], like))
    x = numbers(2, 3, 4)
    axes = (0, *((1,) if rows == 1 else ()), *((2,) if columns == 1 else ()))
    expected = x.sum(axes, keepdims=True).reshape(rows, columns)
    np.testing.assert_array_equal(run([x, numbers(rows, columns)])[0], expected)


@pytest.mark.parametrize("size", [1, 4])
def test_broadcast_to_a_shape_from_data(size: int):
    program = Program((size,), (None, None))
    x = program.forget(program.args[0], None)
    run = program.compile(program.apply(broadcast.broadcast_to_shape_of, x, program.args[1]))
    expected = np.broadcast_to(numbers(size), (3, 4))
    np.testing.assert_array_equal(run([numbers(size), numbers(3, 4)])[0], expected)


def test_sum_that_cannot_be_one_is_dropped():
    program = Program((None,), (None,))
    x, y = program.args
    total = program.apply(arithmetic.add, x, y)
    program.compile(program.apply(broadcast.sum_to_shape_of, total, x))
    assert "scf.for" not in program.linalg
    assert "reduction" not in program.linalg


def test_equal_symbols():
    a, b, c = Symbol(may_be_one=True), Symbol(may_be_one=False), Symbol(may_be_one=True)
    dimensions = Dimensions()
    a.equate(b)
    assert dimensions.are_same(a, b)
    assert not dimensions.may_be_one(a)
    assert not dimensions.are_same(a, c)
    c.equate(7)
    a.equate(c)
    assert dimensions.are_same(b, 7)


def loop(program: Program, init: SSAValue, body: Callable[[SSAValue], SSAValue]) -> SSAValue:
    """`scf.for` of three steps over one carried tensor."""
    bounds = [arith.ConstantOp.from_int_and_width(n, builtin.IndexType()) for n in (0, 3, 1)]
    inner = Block(arg_types=[builtin.IndexType(), init.type])
    outer, program.block = program.block, inner
    inner.add_op(scf.YieldOp(body(inner.args[1])))
    program.block = outer
    op = scf.ForOp(*[bound.result for bound in bounds], [init], Region(inner))
    program.block.add_ops((*bounds, op))
    return op.results[0]


def test_size_carried_through_a_loop():
    program = Program((None,))
    (x,) = program.args
    result = loop(program, x, lambda carried: program.apply(arithmetic.add, carried, x))
    run = program.compile(program.apply(arithmetic.add, result, x))
    assert "cf.assert" not in program.linalg
    np.testing.assert_array_equal(run([numbers(3)])[0], 5 * numbers(3))


def test_size_that_changes_in_a_loop():
    program = Program((1,), (None,))
    start = program.forget(program.args[0], None)
    y = program.args[1]
    result = loop(program, start, lambda carried: program.apply(arithmetic.add, carried, y))
    run = program.compile(result)
    np.testing.assert_array_equal(run([numbers(1), numbers(3)])[0], 1 + 3 * numbers(3))


def test_slices_that_cut_off_as_much_are_as_long():
    program = Program((None, 4), (None, 4))
    x, y = program.args

    def part(value: SSAValue, begin: int, end: int) -> SSAValue:
        bounds = {"begin": (begin, 0), "end": (end, 4), "strides": (1, 1), "shrink": ()}
        op = build_op(slicing.strided_slice, (value,), bounds)
        program.block.add_op(op)
        return op.results[0]

    open_end = slicing.OPEN
    whole, later, earlier, other = (
        part(x, 0, open_end),
        part(x, 1, open_end),
        part(x, 0, -1),
        part(y, 1, open_end),
    )
    sizes = Dimensions()
    assert sizes.size(whole, 0) is sizes.size(x, 0)
    assert sizes.size(later, 0) is sizes.size(earlier, 0)
    assert sizes.size(later, 0) is not sizes.size(whole, 0)
    assert sizes.size(later, 0) is not sizes.size(other, 0)
    assert sizes.may_be_one(sizes.size(later, 0))
    run = program.compile(program.apply(arithmetic.subtract, later, earlier))
    assert "tensor.extract " not in program.linalg  # nothing is repeated
    for rows in (0, 1, 2, 5):
        given = numbers(rows, 4)
        (found,) = run([given, numbers(3, 4)])
        np.testing.assert_array_equal(found, given[1:] - given[:-1])


@pytest.mark.parametrize(
    "function",
    [
        lambda x: tf.tile(x, [1, 2]) + tf.concat([x, x], 1),
        lambda x: tf.pad(x, [[0, 0], [1, 0]]) * tf.concat([x, x[:, :1]], 1),
        lambda x: (x @ tf.transpose(x)) + tf.einsum("ij,kj->ik", x, x),
        lambda x: tf.add(*tf.split(x, 2, 1)) + tf.sort(x, 1)[:, 2:],
    ],
)
def test_ops_keep_sizes(function: Callable[[Any], Any]):
    compiled = tf.function(function)
    for rows in (3, 5, 1, 0, 7):
        x = tf.constant(numbers(rows, 4))
        np.testing.assert_allclose(compiled(x), function(x), rtol=1e-6)
    assert "linalg.index" not in compiled.text(tf.constant(numbers(6, 4)), stage="linalg")
