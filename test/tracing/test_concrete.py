"""Concrete functions: what they say of themselves."""

import copy
import pickle

import pytest
import tfc as tf


@tf.function
def scaled(x, n, scale=2.0):
    return {"y": x * scale, "n": n + 1}


def test_a_concrete_function_names_its_inputs_and_outputs():
    concrete = scaled.get_concrete_function(tf.TensorSpec([None, 3], tf.float32), 4)
    assert concrete.structured_outputs == {
        "y": tf.TensorSpec([None, 3], tf.float32),
        "n": tf.TensorSpec([], tf.int64),
    }
    assert concrete.pretty_printed_signature().splitlines() == [
        "Input Parameters:",
        "  x: TensorSpec(shape=(None, 3), dtype=tf.float32, name=None)",
        "  n: 4",
        "Output Type:",
        "  {'y': TensorSpec(shape=(None, 3), dtype=tf.float32, name=None), 'n': TensorSpec(shape=(), dtype=tf.int64, name=None)}",
    ]
    assert repr(concrete).startswith("<tf.function scaled for one signature>")
    assert concrete(tf.ones([2, 3]), 4)["n"] == 5


def test_a_signature_has_specs_for_tensors():
    concrete = scaled.get_concrete_function(tf.ones([2, 3]), 4, scale=tf.constant(1.0))
    vector, scalar = tf.TensorSpec([2, 3], tf.float32), tf.TensorSpec([], tf.float32)
    assert concrete.structured_input_signature == ((vector, 4), {"scale": scalar})


def test_a_function_lists_its_signatures():
    @tf.function
    def double(a):
        return a + a

    double(tf.constant(1))
    double(tf.constant(1.0))
    assert double.pretty_printed_concrete_signatures().splitlines() == [
        "double(a=int32[])",
        "double(a=float32[])",
    ]


def test_specs_stand_in_structures_and_keywords():
    @tf.function
    def total(pair, *, named):
        return pair[0] * pair[1] + named["a"]

    vector = tf.TensorSpec([None], tf.float32)
    concrete = total.get_concrete_function((vector, vector), named={"a": vector})
    assert concrete.structured_outputs == vector
    assert concrete.structured_input_signature == (((vector, vector),), {"named": {"a": vector}})
    for size in (2, 5):
        x = tf.ones([size])
        assert concrete((x, x), named={"a": x}).numpy().tolist() == [2.0] * size


def test_arguments_without_tensors_may_be_left_out():
    class Scale:
        factor = 3.0

        @tf.function
        def apply(self, x, times=2):
            return x * times * self.factor

    concrete = Scale().apply.get_concrete_function(tf.TensorSpec([None], tf.float32))
    assert concrete(tf.ones([2])).numpy().tolist() == concrete(x=tf.ones([2])).numpy().tolist()
    assert concrete(tf.ones([1])).numpy().tolist() == [6.0]
    with pytest.raises(TypeError, match=r"missing .* 'x'"):
        concrete()


def test_the_shapes_and_dtypes_of_the_results():
    def both(x):
        return x * 2, {"first": x[0]}

    one = tf.function(both).get_concrete_function(tf.TensorSpec([None], tf.float32))
    assert one.output_shapes == (tf.TensorShape([None]), {"first": tf.TensorShape([])})
    assert one.output_dtypes == (tf.float32, {"first": tf.float32})


def test_the_variables_of_a_program():
    weight, count = tf.Variable(2.0), tf.Variable(0, trainable=False)

    @tf.function
    def scaled(x):
        count.assign_add(1)
        return weight * x

    one = scaled.get_concrete_function(tf.TensorSpec([]))
    assert {variable.ref() for variable in one.variables} == {weight.ref(), count.ref()}
    assert [variable.ref() for variable in one.trainable_variables] == [weight.ref()]


def test_shapes_that_the_program_says():
    @tf.function(input_signature=[tf.TensorSpec([None, None])])
    def columns(x):
        x.set_shape([None, 3])
        return x.shape[1]

    assert columns(tf.ones([2, 3])) == 3
    with pytest.raises(ValueError, match="axis 1 has size 4, expected 3"):
        columns(tf.ones([2, 4]))

    @tf.function
    def positive(x):
        found = x[x > 0]
        found.set_shape([2])
        return found.shape, found * 2

    x = tf.constant([1.0, -1.0, 2.0])
    with tf.GradientTape() as tape:
        tape.watch(x)
        shape, doubled = positive(x)
    assert shape == (2,)
    assert tape.gradient(doubled, x).numpy().tolist() == [2.0, 0.0, 2.0]
    with pytest.raises(ValueError, match="expected shape"):
        x.set_shape([2])


@tf.function(input_signature=[tf.TensorSpec([None])])
def doubled(x: tf.Tensor) -> tf.Tensor:
    return x * 2.0


@tf.function(input_signature=[tf.TensorSpec([None]), tf.TensorSpec([])])
def scaled_by(x: tf.Tensor, *, by: tf.Tensor) -> tf.Tensor:
    return x * by


class Scaling:
    @tf.function(input_signature=[tf.TensorSpec([None])])
    def apply(self, x: tf.Tensor, by: int = 3) -> tf.Tensor:
        return x * by


def test_a_signature_stands_for_arguments_that_are_not_given():
    for function in (doubled, scaled_by, Scaling().apply):
        assert "tensor<?xf32>" in function.text()
    x = tf.constant([1.0, 2.0])
    assert doubled.get_concrete_function()(x).numpy().tolist() == [2.0, 4.0]
    assert Scaling().apply.get_concrete_function()(x).numpy().tolist() == [3.0, 6.0]
    assert scaled_by.get_concrete_function()(x, by=tf.constant(2.0)).numpy().tolist() == [2.0, 4.0]


def test_what_is_shown_has_the_sizes_of_the_signature():
    function = tf.function(lambda x: x + x, input_signature=[tf.TensorSpec([None])])
    assert "%x: tensor<?xf32>" in function.text(tf.ones(3))
    function(tf.ones(3))
    assert "%x: tensor<?xf32>" in function.text(tf.ones(4))
    assert "(x=float32[?])" in function.explain()
    assert "%x: tensor<?xf32>" in function.get_concrete_function(tf.TensorSpec([7])).text()


def test_memory_of_specs_takes_none():
    product = tf.function(lambda x: x @ x)
    assert product.memory(tf.TensorSpec([4, 4])).arguments == 64
    assert product.memory(tf.TensorSpec([10**6, 10**6])).results == 4 * 10**12
    assert doubled.memory(tf.TensorSpec([10])).peak == 80
    for call in (doubled.memory, lambda: product.memory(tf.TensorSpec([None, 2]))):
        with pytest.raises(tf.errors.InvalidArgumentError, match="leaves sizes open"):
            call()


def test_concrete_functions_are_pickled_and_copied():
    made = doubled.get_concrete_function(tf.TensorSpec([None]))
    for again in (pickle.loads(pickle.dumps(made)), copy.deepcopy(made)):
        assert again(tf.constant([1.0, 2.0])).numpy().tolist() == [2.0, 4.0]
        assert again.structured_input_signature == made.structured_input_signature
