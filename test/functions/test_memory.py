"""`f.memory`: the bytes of a call by what they are for."""

from typing import Any

import numpy as np
import pytest
import tfc as tf
from tfc.dialects.context import make_context
from tfc.passes.memory_use import Allocated, most_allocated
from xdsl.parser import Parser

ROW = 4 * 128
SQUARE = 128 * ROW


@pytest.fixture(autouse=True)
def one_thread():
    before = tf.config.threading.get_intra_op_parallelism_threads()
    tf.config.threading.set_intra_op_parallelism_threads(1)
    yield
    tf.config.threading.set_intra_op_parallelism_threads(before)


def test_arguments_and_results():
    @tf.function
    def f(x: Any, y: Any) -> Any:
        return x + y, tf.reduce_sum(x)

    use = f.memory(tf.zeros([128]), tf.zeros([128]))
    assert (use.arguments, use.results, use.variables) == (2 * ROW, ROW + 4, 0)
    assert use.temporaries == 0 and use.is_exact
    assert use.peak == 3 * ROW + 4
    assert str(use).startswith("peak 1.5 KiB: arguments 1.0 KiB, variables 0,")


def test_temporaries_share_memory():
    """Of a chain of products, two are alive at a time, beside what a product packs."""

    def chain(count: int) -> Any:
        @tf.function
        def f(x: Any) -> Any:
            y = x
            for _ in range(count):
                y = y @ x
            return y

        return f.memory(tf.zeros([128, 128]))

    assert chain(6).arena == chain(3).arena >= 2 * SQUARE
    assert chain(6).results == SQUARE


def test_sizes_of_the_call():
    @tf.function
    def f(x: Any) -> Any:
        return tf.sort(x)

    for size in (1000, 2000):  # the second size makes the length unknown
        f(tf.zeros([size]))
    small, large = f.memory(tf.zeros([4000])), f.memory(tf.zeros([8000]))
    assert large.results == 2 * small.results == 32000
    assert large.pool > 1.9 * small.pool > 0


def test_variables_are_counted_once():
    v = tf.Variable(tf.zeros([128]))

    @tf.function
    def f(x: Any) -> None:
        v.assign_add(x)

    use = f.memory(tf.ones([128]))
    assert (use.arguments, use.variables, use.results) == (ROW, ROW, 0)
    assert np.asarray(v).sum() == 0  # nothing ran


def test_sizes_that_depend_on_the_data():
    use = tf.function(tf.where).memory(tf.zeros([128], tf.bool))
    assert not use.is_exact
    assert str(use).startswith("peak at least ")


def test_methods():
    class Model:
        @tf.function
        def call(self, x: Any) -> Any:
            return x * 2.0

    assert Model().call.memory(tf.zeros([8])).peak == 64


def parse_module(text: str) -> Any:
    return Parser(make_context(), text).parse_module()


CALLS = """
func.func @main(%n: memref<?xf32>) {
  %c0 = arith.constant 0 : index
  %size = memref.dim %n, %c0 : memref<?xf32>
  %a = memref.alloc(%size) : memref<?xf32>
  memref.dealloc %a : memref<?xf32>
  func.call @piece(%c0, %size, %n) {tfc.parallel_grain = 1 : i64} : (index, index, memref<?xf32>) -> ()
  return
}
func.func private @piece(%lo: index, %hi: index, %n: memref<?xf32>) {
  %c0 = arith.constant 0 : index
  %size = memref.dim %n, %c0 : memref<?xf32>
  %a = memref.alloc(%size) : memref<?xf32>
  %b = memref.alloc() : memref<16xf32>
  memref.dealloc %b : memref<16xf32>
  memref.dealloc %a : memref<?xf32>
  return
}
"""


def test_each_thread_has_its_own():
    module = parse_module(CALLS)
    assert most_allocated(module, [(10,)], threads=1) == Allocated(arena=64, pool=40)
    assert most_allocated(module, [(10,)], threads=2) == Allocated(arena=128, pool=80)


ARMS = """
func.func @main(%c: i1) {
  %0 = scf.if %c -> (memref<8xf32>) {
    %a = memref.alloc() : memref<8xf32>
    scf.yield %a : memref<8xf32>
  } else {
    %t = memref.alloc() : memref<32xf32>
    memref.dealloc %t : memref<32xf32>
    %b = memref.alloc() : memref<8xf32>
    scf.yield %b : memref<8xf32>
  }
  memref.dealloc %0 : memref<8xf32>
  %d = memref.alloc() : memref<16xf32>
  memref.dealloc %d : memref<16xf32>
  return
}
"""


def test_arms_are_alternatives():
    assert most_allocated(parse_module(ARMS), []) == Allocated(arena=128)


def test_variables_are_updated_in_place():
    """Sparse gradients need neither a table of zeros nor a copy of the variable."""
    table = tf.Variable(tf.ones([1000, 128]))

    @tf.function
    def descend(rows: Any) -> None:
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(tf.gather(table, rows) ** 2)
        table.assign_sub(0.25 * tape.gradient(loss, table))

    rows = tf.constant([3, 7])
    descend(rows)
    assert descend.memory(rows).temporaries < 4 * ROW
    address = table.array().ctypes.data
    before = table.value()  # shares the memory: the next call writes to a copy
    descend(rows)
    assert table.array().ctypes.data != address
    assert before.numpy()[3, 0] == 0.5
    address = table.array().ctypes.data
    descend(rows)
    assert table.array().ctypes.data == address
    assert table.numpy()[[3, 4, 7], 0].tolist() == [0.125, 1.0, 0.125]


def test_a_training_step_keeps_activations_and_one_gradient():
    """Of two layers: what the gradient needs, a gradient at a time, and what products pack."""
    weights = [tf.Variable(tf.ones([128, 128])) for _ in range(4)]

    @tf.function
    def step(x: Any) -> None:
        with tf.GradientTape() as tape:
            y = x
            for w in weights:
                y = tf.nn.relu(y @ w)
            loss = tf.reduce_sum(y)
        for w, gradient in zip(weights, tape.gradient(loss, weights), strict=True):
            w.assign_sub(0.1 * gradient)

    use = step.memory(tf.ones([128, 128]))
    activations, gradients, packed = 4 * SQUARE, 2 * SQUARE, SQUARE
    assert use.temporaries < activations + gradients + packed + SQUARE // 2


def test_recomputed_blocks_keep_what_they_are_given():
    """Four blocks of four layers: all 16 activations are kept, or 4, and 4 of the block whose gradient is computed."""
    weights = [tf.Variable(tf.ones([64, 64])) for _ in range(16)]

    def bytes_of(wrap: Any) -> int:
        @tf.function
        def step(x: Any) -> None:
            with tf.GradientTape() as tape:
                y = x
                for first in range(0, 16, 4):

                    def block(a: Any, part: Any = weights[first : first + 4]) -> Any:
                        for w in part:
                            a = tf.tanh(a @ w)
                        return a

                    y = wrap(block)(y)
                loss = tf.reduce_sum(y)
            for w, gradient in zip(weights, tape.gradient(loss, weights), strict=True):
                w.assign_sub(0.1 * gradient)

        return step.memory(tf.ones([512, 64])).temporaries

    activation = 512 * 64 * 4
    assert bytes_of(lambda block: block) > 16 * activation
    assert bytes_of(tf.recompute_grad) < 10 * activation


def test_stacks_that_grow_in_a_loop():
    """How often a loop runs depends on the data: what it keeps for its gradient is left out, and said to be."""

    @tf.function
    def f(x: Any) -> Any:
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = x
            while tf.reduce_sum(y) > 0.1:
                y = tf.sin(y) * x
        return tape.gradient(y, x)

    assert not f.memory(tf.ones([128])).is_exact


def test_a_recurrent_network_keeps_a_state_a_step():
    """The state that comes out of a `tanh` is the one that goes into the next step."""
    weights = tf.Variable(tf.ones([64, 64]))

    @tf.function
    def slope(xs: Any, state: Any) -> Any:
        with tf.GradientTape() as tape:
            for x in xs:
                state = tf.tanh(state @ weights + x)
            loss = tf.reduce_sum(state)
        return tape.gradient(loss, weights)

    states = 128 * 32 * 64 * 4
    assert states <= slope.memory(tf.ones([128, 32, 64]), tf.ones([32, 64])).temporaries
    assert slope.memory(tf.ones([128, 32, 64]), tf.ones([32, 64])).temporaries < 1.25 * states


def repeated(x: Any, levels: int) -> Any:
    """100 sines for each level of nested loops."""
    y = x
    for _ in tf.range(100):
        y = repeated(y, levels - 1) if levels > 1 else tf.sin(y) * x
    return y


@pytest.mark.parametrize("levels", [1, 2])
def test_the_gradient_of_a_loop_keeps_a_row_per_iteration(levels: int):
    """Of a loop inside of it, those of one run: it is run again."""

    @tf.function
    def slope(x: Any) -> Any:
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = repeated(x, levels)
        return tape.gradient(y, x)

    kept = 101 * levels * ROW
    assert kept <= slope.memory(tf.ones([ROW // 4])).temporaries <= kept + 8 * ROW


def test_the_gradient_of_a_linear_loop_keeps_nothing():
    @tf.function
    def slope(x: Any) -> Any:
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = x
            for _ in tf.range(100):
                y = y * 1.01 + x
        return tape.gradient(y, x)

    assert slope.memory(tf.ones([ROW // 4])).temporaries <= 4 * ROW
