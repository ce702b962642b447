"""What objects say of themselves, and uses of them that are refused or warned of."""

import copy
import pickle
import warnings

import pytest
import tfc as tf


class Scaling:
    @tf.function
    def apply(self, x):
        return x * 2.0

    def __repr__(self) -> str:
        return "Scaling()"


def test_objects_say_what_they_are():
    tape = tf.GradientTape(persistent=True)
    assert repr(tape) == "<tf.GradientTape: persistent, not recording>"
    with tf.GradientTape() as tape:
        assert repr(tape) == "<tf.GradientTape: recording>"
    text = repr(tf.TensorArray(tf.float32, 3))
    assert text.startswith("<tf.TensorArray: dtype=")
    assert "size=3" in text
    assert repr(tf.random.Generator.from_seed(1)).startswith("<tf.random.Generator: state=[")
    assert repr(Scaling().apply) == "<bound tf.function Scaling.apply of Scaling()>"


def test_tapes_are_neither_pickled_nor_copied():
    for make in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError, match="neither pickled nor copied"):
            make(tf.GradientTape())


@pytest.mark.parametrize("arguments", [(), ([1.0],)])
def test_tensors_are_made_by_constant(arguments):
    with pytest.raises(TypeError, match=r"use tf\.constant\(value\)"):
        tf.Tensor(*arguments)


@pytest.mark.parametrize("operator", ["+", "-", "*", "/", "**"])
def test_variables_are_not_changed_in_place(operator: str):
    names = {"v": tf.Variable(2.0)}
    with pytest.raises(RuntimeError, match=r"fix: write v\.assign_add"):
        exec(f"v {operator}= 2.0", names)
    assert isinstance(names["v"], tf.Variable)


def test_variables_are_not_changed_in_place_by_compiled_code():
    variable = tf.Variable(2.0)

    @tf.function
    def program():
        v = variable
        v += 1.0
        return v

    with pytest.raises(RuntimeError, match=r"fix: write v\.assign_add") as caught:
        program()
    assert "v += 1.0" in str(caught.value)


def test_watching_an_integer_warns_once():
    variable = tf.Variable(1)
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("default")
        for _ in range(3):
            with tf.GradientTape() as tape:
                tape.watch([variable, tf.constant(2)])
                y = tf.cast(variable, tf.float32) * 2.0
    assert [str(item.message)[:24] for item in seen] == ["only floats have gradien"]
    assert seen[0].filename == __file__
    assert tape.gradient(y, variable) is None


def test_explaining_an_integer_source():
    variable = tf.Variable(1)
    with tf.GradientTape() as tape:
        y = tf.cast(variable, tf.float32) * 2.0
    assert (
        tape.explain(y, variable)
        == "no gradient: the source is int32, and only floats have gradients; make it a float"
    )


@pytest.mark.parametrize("count", [2.5, "a", 10**9, True, -1])
def test_numbers_of_threads_are_checked(count):
    with pytest.raises(tf.errors.InvalidArgumentError, match="num_threads must be"):
        tf.config.threading.set_intra_op_parallelism_threads(count)


def test_custom_gradients_are_functions():
    with pytest.raises(TypeError, match="expected a function, got 3"):
        tf.custom_gradient(3)


def _clipped(value):
    return tf.clip_by_value(value, 0.0, 1.0)


@pytest.mark.parametrize(
    "again", [copy.deepcopy, copy.copy, lambda v: pickle.loads(pickle.dumps(v))]
)
def test_copies_of_variables_are_declared_alike(again):
    v = tf.Variable([1.0], False, name="v", shape=[None], constraint=_clipped)
    made = again(v)
    assert made.constraint is _clipped
    assert (made.name, made.trainable, made.shape.as_list()) == ("v:0", False, [None])
    made.assign([2.0, 3.0])
    assert (made.numpy().tolist(), v.numpy().tolist()) == ([2.0, 3.0], [1.0])
