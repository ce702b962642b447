"""`tf.function`: straight code, structures, specialisation."""

import functools
import threading

import numpy as np
import pytest
import tfc as tf


def test_structured_results_and_positions():
    @tf.function
    def f(x, y):
        z = tf.add(x, y)
        for _ in range(3):
            z = tf.multiply(z, 2.0)
        return z, {"a": tf.negative(z)}

    x = tf.constant([1.0, 2.0])
    z, rest = f(x, x)
    np.testing.assert_array_equal(z.numpy(), [16.0, 32.0])
    np.testing.assert_array_equal(rest["a"].numpy(), [-16.0, -32.0])
    text = f.text(x, x)
    assert text.count("tfc.multiply") == 3
    nodes = [node for node in f.get_concrete_function(x, x).graph.body.walk() if node.inputs]
    first = f.python_function.__code__.co_firstlineno
    assert [node.location.line - first for node in nodes] == [2, 4, 4, 4, 5]


def test_the_second_size_of_a_dimension_becomes_unknown():
    @tf.function
    def f(x):
        return tf.add(x, x)

    for size in (2, 3, 4, 5):
        assert f(tf.constant(np.ones(size, np.float32))).shape == [size]
    assert f.trace_count == 2
    assert f(tf.constant([1.0])).shape == [1]
    assert f.trace_count == 3  # a size of one is always known


def test_python_numbers_are_run_time_values():
    @tf.function
    def f(x, k):
        return tf.multiply(x, k)

    for k in (1.0, 2.5, -3.0):
        np.testing.assert_array_equal(f(tf.constant([2.0]), k).numpy(), [2.0 * k])
    assert f.trace_count == 1


def test_callables_of_all_kinds():
    import functools

    class Scale:
        def __init__(self, k):
            self.k = k

        def __call__(self, x):
            return x * self.k if x > 0 else x

    x = tf.constant(2.0)
    scale = Scale(3.0)
    compiled = tf.function(scale)
    assert float(compiled(x)) == 6.0
    scale.k = 5.0
    assert float(compiled(x)) == 10.0
    assert float(tf.function(functools.partial(lambda a, b: a - b, b=1.0))(x)) == 1.0
    assert float(tf.function(scale.__call__)(-x)) == -2.0
    assert float(tf.function(tf.square)(x)) == 4.0
    namespace = {}
    exec("def double(x):\n    return x * 2.0\n", namespace)
    assert float(tf.function(namespace["double"])(x)) == 4.0


def test_training_step_updates_variables_in_place():
    w = tf.Variable([[0.5], [0.5]])

    @tf.function
    def step(x, y, rate=0.1):
        with tf.GradientTape() as tape:
            error = x @ w - y
            loss = tf.reduce_mean(error * error)
        w.assign_sub(rate * tape.gradient(loss, w))
        return loss

    x = tf.constant([[1.0, 2.0], [3.0, 1.0]])
    y = tf.constant([[1.0], [2.0]])
    losses = [float(step(x, y)) for _ in range(50)]
    assert losses[-1] < 0.01 * losses[0]
    assert step.trace_count == 1


def test_a_gradient_is_never_lost_in_a_branch():
    @tf.function
    def f(x):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = x * x if x > 0 else -x
        return tape.gradient(y, x)

    assert float(f(tf.constant(3.0))) == 6.0


def factorial(n):
    return n / n if n <= 1 else n * factorial(n - 1)


def test_recursion_to_a_staged_depth_is_a_native_call():
    compiled = tf.function(factorial)
    assert float(compiled(tf.constant(5.0))) == 120.0
    assert float(compiled(tf.constant(10.0))) == 3628800.0
    program = compiled._program_for((tf.constant(5.0),), {})
    assert list(program.graph.functions) == ["factorial_0"]


def test_endless_recursion_is_an_error_and_not_a_crash():
    @tf.function
    def endless(n):
        return n if n < 0 else endless(n + 1)

    with pytest.raises(RecursionError):
        endless(tf.constant(1))


def test_gradient_of_a_recursion():
    def f(x):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = factorial(x)
        return tape.gradient(y, x)

    assert float(tf.function(f)(tf.constant(3.0))) == float(f(tf.constant(3.0))) > 0.0


def test_threads_with_mixed_shapes():
    @tf.function
    def f(x):
        return tf.reduce_sum(x * 2.0)

    wrong = []

    def work(seed):
        for k in range(1, 8):
            size = seed * k % 5 + 1
            if float(f(tf.ones([size]))) != 2.0 * size:
                wrong.append(size)

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(32)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_variables_are_made_once():
    class Model:
        def __init__(self):
            self.v = None

        @tf.function
        def __call__(self, x):
            if self.v is None:
                self.v = tf.Variable(2.0)
            self.v.assign_add(1.0)
            return x * self.v

    model = Model()
    x = tf.constant(1.0)
    assert [float(model(x)) for _ in range(3)] == [3.0, 4.0, 5.0]


def test_run_time_ints_do_not_wrap_around():
    @tf.function
    def fibonacci(n):
        a, b = 0, 1
        for _ in range(n):
            a, b = b, a + b
        return a

    assert fibonacci(90) == 2880067194370816120
    assert fibonacci(100) == 354224848179261915075  # run again as plain Python
    assert "64 bits" in fibonacci.explain()


def test_ints_that_are_too_large_after_an_effect():
    total = tf.Variable(0.0)

    @tf.function
    def square(n):
        total.assign_add(1.0)
        return n * n

    assert square(3) == 9
    with pytest.raises(OverflowError, match="64 bits"):
        square(2**40)
    assert float(total) == 2.0


@pytest.mark.parametrize("number", [1, -1, 5, 2**58 - 1, -(2**58), 2**62, -(2**63)])
def test_shifts_of_ints_are_pythons(number):
    @tf.function
    def shifted(a, n):
        return a << n, 1 << n, a << 5

    for count in (0, 1, 5, 61, 62, 63, 64, 100):
        assert shifted(number, count) == (number << count, 1 << count, number << 5)


def test_a_long_range_stays_a_loop():
    def sizes(count):
        @tf.function
        def f(x):
            for _ in range(count):
                x = tf.sin(x) * 1.01
            return x

        program = f._program_for((tf.ones([4]),), {})
        return len(list(program.graph.body.walk()))

    assert sizes(100) == sizes(1000) < 20
    assert sizes(10) > 20  # a short one is unrolled


def test_a_long_range_whose_iterations_differ_is_unrolled():
    @tf.function
    def f(x):
        for i in range(100):
            x = x + 1.0
            if i == 90:
                x = x * 2.0
        return x

    assert float(f(tf.constant(0.0))) == 191.0
    program = f._program_for((tf.constant(0.0),), {})
    assert not any(node.spec.name == "scf.for" for node in program.graph.body.walk())


def _specs_and_result(f, *arguments):
    program = f._program_for(arguments, {})
    return [node.spec.name for node in program.graph.body.walk()], f(*arguments)


def test_short_ranges_over_elements_stay_loops_when_they_would_record_much():
    @tf.function
    def product(a, b):
        out = np.zeros((40, 40))
        for i in range(40):
            for j in range(40):
                total = 0.0
                for k in range(40):
                    total += a[i, k] * b[k, j]
                out[i, j] = total
        return out

    a, b = np.random.default_rng(0).random((2, 40, 40))
    specs, result = _specs_and_result(product, a, b)
    np.testing.assert_allclose(result, a @ b)
    assert specs.count("scf.for") == 3
    assert len(specs) < 60


def test_while_loops_over_elements_stay_loops_when_they_would_record_much():
    @tf.function
    def total(a):
        result, i = 0.0, 0
        while i < 40:
            j = 0
            while j < 40:
                result += a[i, j] if i < j else a[j, i]
                j += 1
            i += 1
        return result

    a = np.random.default_rng(0).random((40, 40))
    specs, result = _specs_and_result(total, a)
    np.testing.assert_allclose(result, 2 * np.triu(a, 1).sum() + np.trace(a))
    assert len(specs) < 60


def test_loops_whose_ranges_shrink_stay_loops():
    @tf.function
    def eliminated(a):
        a = a.copy()
        for k in range(30):
            for i in range(k + 1, 30):
                a[i, k] = a[i, k] / a[k, k]
                for j in range(k + 1, 30):
                    a[i, j] -= a[i, k] * a[k, j]
        return a

    a = np.random.default_rng(0).random((30, 30)) + 9 * np.eye(30)
    specs, result = _specs_and_result(eliminated, a)
    lower, upper = np.tril(result, -1) + np.eye(30), np.triu(result)
    np.testing.assert_allclose(lower @ upper, a)
    assert len(specs) < 60


def test_loops_whose_iterations_make_arrays_stay_loops():
    @tf.function
    def table(a, b):
        before = np.zeros(81)
        for i in range(90):
            row = np.zeros(81)
            for j in range(80):
                row[j + 1] = before[j] + 1 if a[i] == b[j] else max(before[j + 1], row[j])
            before = row
        return before

    a, b = np.arange(90) % 7, np.arange(80) % 5
    specs, result = _specs_and_result(table, a, b)
    np.testing.assert_allclose(result, table.python_function(a, b))
    assert len(specs) < 90


def test_short_ranges_over_tensors_are_unrolled():
    @tf.function
    def f(x):
        for i in range(40):
            x = tf.sin(x) * x + x / (i + 1.0) - tf.cos(x) + 2.0 * x
        return x

    specs, _ = _specs_and_result(f, tf.ones([4]))
    assert "scf.for" not in specs


def test_an_entry_named_by_a_known_and_an_unknown_index_is_written_alone():
    @tf.function
    def f(x, n):
        for i in tf.range(n):
            x[i, 0] = x[i, 1] + x[-1, i]
        return x

    x = np.arange(12.0).reshape(3, 4)
    specs, result = _specs_and_result(f, tf.constant(x), tf.constant(2))
    for i in range(2):
        x[i, 0] = x[i, 1] + x[-1, i]
    np.testing.assert_array_equal(result, x)
    assert "tfc.strided_slice_update" not in specs


def test_a_program_that_has_to_know_its_sizes_is_traced_for_each_shape():
    @tf.function
    def repeated(x):
        rows = [[x[0]]] * len(x)  # one list as often as x has rows
        return sum(len(row) for row in rows)

    for size in (3, 4, 5):
        assert int(repeated(tf.zeros(size))) == size
    assert repeated.trace_count == 3


def test_a_number_chosen_from_arguments_can_be_a_size():
    @tf.function
    def best(x, k):
        return tf.math.top_k(x, min(k, 3)).values

    x = tf.constant([1.0, 4.0, 2.0, 3.0])
    assert [best(x, k).shape[0] for k in (1, 2, 9)] == [1, 2, 3]


@pytest.mark.parametrize(
    "signature", [[3], "x", [tf.float32], [None], tf.TensorSpec([2]), [{"a": 1}]], ids=repr
)
def test_an_input_signature_holds_specs(signature):
    with pytest.raises(TypeError, match=r"input_signature: expected .*, got") as caught:
        tf.function(lambda x: x, input_signature=signature)
    assert caught.value.code == "TFC025"


def test_the_numbers_of_a_range_are_counted_not_made():
    @tf.function
    def f(x, n):
        for i in tf.range(1, n, 2):
            x = x + tf.cast(i, tf.float32)
        return x

    assert float(f(tf.constant(0.0), tf.constant(8))) == 16.0
    assert "tfc.range" not in f.text(tf.constant(0.0), tf.constant(8))


def test_doubling_leaves_64_bits():
    @tf.function
    def doubled(n, times):
        for _ in range(times):
            n = n * 2
        return n

    assert [doubled(3, times) for times in (1, 60, 61, 62, 70)] == [
        3 << n for n in (1, 60, 61, 62, 70)
    ]


def test_an_input_signature_converts_arguments_wherever_the_function_is_called_from():
    @tf.function(input_signature=[tf.TensorSpec([None], tf.float32)])
    def double(x):
        return x * 2

    @tf.function
    def through(n):
        return double([n, 1])

    with tf.GradientTape():
        assert double([1, 2]).dtype == tf.float32
        with pytest.raises(TypeError, match="does not fit its input_signature"):
            double(tf.constant([1]))
    assert through(3).numpy().tolist() == [6.0, 2.0]
    with pytest.raises(TypeError, match="does not fit its input_signature"):
        tf.function(double)(tf.zeros([2, 2]))


class Scale:
    """A callable object."""

    def __call__(self, x, factor=2.0):
        return x * factor


@pytest.mark.parametrize(
    "target",
    [
        Scale(),
        functools.partial(lambda factor, x: x * factor, 2.0),
        lambda x, factor=2.0: x * factor,
        lambda x, *, factor=2.0: x * factor,
        lambda *x: x[0] * 2.0,
        lambda x, *more, **other: x * 2.0,
    ],
    ids=["object", "partial", "default", "keyword", "any number", "more"],
)
def test_an_input_signature_may_leave_out_what_has_defaults(target):
    double = tf.function(target, input_signature=[tf.TensorSpec([None], tf.float32)])
    assert double([1, 2]).numpy().tolist() == [2.0, 4.0]
    assert tf.function(lambda n: double([n, 1]))(3).numpy().tolist() == [6.0, 2.0]
    assert double([1, 2, 3]).numpy().tolist() == [2.0, 4.0, 6.0]
    assert double.trace_count == 1
    assert "[0]=" in double.explain() or "x=" in double.explain()
    with pytest.raises(TypeError, match="does not fit its input_signature"):
        double([[1.0]])


def test_an_input_signature_has_what_has_no_default():
    with pytest.raises(TypeError, match="takes 2 arguments, its input_signature has 1"):
        tf.function(lambda x, y: x, input_signature=[tf.TensorSpec([])])(1.0, 2.0)


def test_range_checks_the_numbers_of_run_time():
    f = tf.function(tf.range)
    assert f(tf.constant(5.0), tf.constant(0.0), tf.constant(-2.0)).shape == (3,)
    for delta, message in ((0.0, "delta is 0"), (np.nan, "expected finite numbers")):
        with pytest.raises(ValueError, match=message):
            f(tf.constant(0.0), tf.constant(5.0), tf.constant(delta))
    with pytest.raises(ValueError, match="delta is 0"):
        f(tf.constant(0), tf.constant(5), tf.constant(0))
    with pytest.raises(ValueError, match="larger than any memory"):
        tf.range(0.0, 1e30)


@pytest.mark.parametrize(
    "make",
    [
        lambda n: tf.one_hot([0, 1], n),
        tf.eye,
        lambda n: tf.eye(2, n),
        lambda n: tf.sequence_mask([1, 2], n),
    ],
    ids=["one_hot", "eye", "columns", "sequence_mask"],
)
def test_sizes_of_run_time_are_not_negative(make):
    f = tf.function(make)
    for n in (3, 0):
        np.testing.assert_array_equal(f(tf.constant(n)).numpy(), make(n).numpy())
    with pytest.raises(ValueError, match="expected a size >= 0"):
        f(tf.constant(-1))


def test_linspace_of_a_number_of_run_time():
    f = tf.function(tf.linspace)
    for n in (1, 2, 5, 0):
        expected = tf.linspace(0.5, 3.0, n).numpy()
        np.testing.assert_array_equal(f(0.5, 3.0, tf.constant(n)).numpy(), expected)


def test_squeeze_does_not_guess_the_rank():
    @tf.function
    def first(x, n):
        return tf.squeeze(x[:n])

    x = tf.ones([3, 4])
    assert [first(x, n).shape for n in (3, 2)] == [(3, 4), (2, 4)]
    with pytest.raises(ValueError, match=r"axis 0 is known at run time only, and is 1"):
        first(x, 1)


def test_the_input_signature_of_a_method_says_nothing_about_self():
    class Scale:
        factor = 3.0

        @tf.function(input_signature=[tf.TensorSpec([None], tf.float32)])
        def apply(self, x):
            return x * self.factor

    scale = Scale()

    @tf.function
    def through(n):
        return scale.apply([n, 1])

    assert scale.apply([1, 2]).numpy().tolist() == [3.0, 6.0]
    assert scale.apply([1, 2, 3]).shape == (3,)
    assert Scale.apply.trace_count == 1
    assert through(2).numpy().tolist() == [6.0, 3.0]
    with pytest.raises(TypeError, match="argument 'x' does not fit its input_signature"):
        scale.apply(tf.constant([1]))


def test_arguments_of_other_structure_after_constants():
    summed = tf.function(lambda v: tf.reduce_sum(tf.ones([2, 3]), axis=int(v[0])))
    assert summed([1]).shape == (2,)
    with pytest.raises(tf.errors.InvalidArgumentError, match="axis"):
        summed(tf.constant([1]))
    doubled = tf.function(lambda x, training: x * 2 if training else x)
    x = tf.ones([4, 2])
    for given, training in ((x, True), (x, False), (x[:2], tf.constant(True))):
        doubled(given, training)
    assert doubled(x, tf.constant(False)).shape == (4, 2)
