"""The rewriter: positions, use lists, worklist convergence, effects."""

import pytest
from tfc.passes import builders
from tfc.passes.builders import INDEX, constant, generic, identity_map, index_constant
from tfc.passes.effects import is_pure, is_speculatable, is_trivially_dead
from tfc.passes.rewriting import NotConvergingError, Rewriter, apply_patterns, new_op
from xdsl.dialects import arith, func, memref, test
from xdsl.dialects.builtin import FileLineColLoc, IntAttr, ModuleOp, StringAttr, TensorType, f32
from xdsl.ir import Block, Operation, Region

HERE = FileLineColLoc(StringAttr("train.py"), IntAttr(12), IntAttr(4))


def module_with(block: Block) -> ModuleOp:
    block.add_op(func.ReturnOp())
    return ModuleOp([func.FuncOp("main", (block.arg_types, ()), Region(block))])


def test_new_ops_are_linked_like_checked_ones():
    block = Block(arg_types=[f32, f32])
    module = module_with(block)
    x, y = block.args
    rewriter = Rewriter().before(block.last_op)
    first = rewriter.create(arith.AddfOp, (x, y), (f32,))
    second = rewriter.create(arith.MulfOp, (first.results[0], x), (f32,))
    rewriter.create(test.TestOp, second.results)
    module.verify()
    assert [op.name for op in block.ops] == ["arith.addf", "arith.mulf", "test.op", "func.return"]
    assert x.uses.get_length() == 2
    rewriter.replace(first, y)
    module.verify()
    assert second.operands[0] is y
    assert {use.operation for use in y.uses} == {second}


def test_new_ops_take_the_position_of_the_op_they_replace():
    block = Block(arg_types=[f32])
    module_with(block)
    old = new_op(arith.NegfOp, block.args, (f32,), location=HERE)
    rewriter = Rewriter().at_start(block)
    rewriter.insert(old)
    rewriter.before(old)
    value = rewriter.value(arith.SubfOp, (constant(rewriter, 0.0, f32), block.args[0]), f32)
    rewriter.replace(old, value)
    assert [op.location for op in block.ops][:2] == [HERE, HERE]


def test_patterns_run_until_nothing_changes_and_dead_code_goes():
    block = Block(arg_types=[INDEX])
    module = module_with(block)
    rewriter = Rewriter().before(block.last_op)
    value = block.args[0]
    for _ in range(50):  # x + 0 + 0 + ...
        zero = index_constant(rewriter, 0)
        value = rewriter.value(arith.AddiOp, (value, zero), INDEX)
    user = rewriter.create(test.TestOp, (value,))

    def drop_zero(op: Operation, rewriter: Rewriter) -> bool:
        if builders.constant_int(op.operands[1]) != 0:
            return False
        rewriter.replace(op, op.operands[0])
        return True

    assert apply_patterns(module, {arith.AddiOp: (drop_zero,)})
    assert [op.name for op in block.ops] == ["test.op", "func.return"]
    assert user.operands[0] is block.args[0]
    assert not apply_patterns(module, {arith.AddiOp: (drop_zero,)})


def test_patterns_that_undo_each_other_are_reported():
    block = Block(arg_types=[f32, f32])
    module = module_with(block)
    rewriter = Rewriter().before(block.last_op)
    total = rewriter.value(arith.AddfOp, block.args, f32)
    rewriter.create(test.TestOp, (total,))

    def swap(op: Operation, rewriter: Rewriter) -> bool:
        rewriter.before(op)
        swapped = rewriter.value(arith.AddfOp, (op.operands[1], op.operands[0]), f32)
        rewriter.replace(op, swapped)
        return True

    with pytest.raises(NotConvergingError, match=r"arith\.addf"):
        apply_patterns(module, {arith.AddfOp: (swap,)})


def test_effects():
    block = Block(arg_types=[INDEX, builders.memref_type((4,), f32), TensorType(f32, [4])])
    module_with(block)
    i, buffer, tensor = block.args
    rewriter = Rewriter().before(block.last_op)
    quotient = rewriter.create(arith.DivUIOp, (i, i), (INDEX,))
    loaded = rewriter.create(memref.LoadOp, (buffer, i), (f32,))
    builders.store(rewriter, loaded.results[0], buffer, (i,))
    stored = loaded.next_op
    on_tensors = generic(
        rewriter,
        (),
        (tensor,),
        (identity_map(1),),
        builders.parallel_iterators(1),
        body=lambda _, arguments: arguments,
    )
    on_buffers = generic(
        rewriter,
        (),
        (buffer,),
        (identity_map(1),),
        builders.parallel_iterators(1),
        body=lambda _, arguments: arguments,
    )
    assert is_pure(quotient)
    assert not is_speculatable(quotient)
    assert not is_pure(loaded)
    assert stored is not None
    assert not is_trivially_dead(stored)
    assert is_trivially_dead(on_tensors)
    assert not is_trivially_dead(on_buffers)
    call = rewriter.insert(func.CallOp("f", [], []))
    assert not is_trivially_dead(call)
