"""Built-in functions, `math`, and NumPy on run-time values."""

import math
import operator

from python.harness import Table, t

table = Table("Library")
row = table.row
X = (t(1.5), t(-2.5))
N = ((5,), (-3,))


@row(t([1.0, 2.0, 3.0]))
def len_of_tensor(x):
    return len(x), x.shape[0]


@row(*X)
def abs_of(x):
    return abs(x)


@row(*N)
def abs_of_number(n):
    return abs(n), -n, +n


@row((7, 3), (-7, 3))
def integer_arithmetic(a, b):
    return a + b, a - b, a * b, a // b, a % b, a / b, divmod(a, b), a**2


@row((7.5, 2.0), (-7.5, 2.0))
def float_arithmetic(a, b):
    return a + b, a - b, a * b, a // b, a % b, a / b, a**b


@row((7, 0), (7, 2))
def division_by_zero(a, b):
    return a // b


@row((7, 0), (7, 2))
def true_division_by_zero(a, b):
    return a / b


@row((6, 3))
def bits(a, b):
    return a & b, a | b, a ^ b, a << 1, a >> 1, ~a


@row((3, 4), (4, 4))
def comparisons(a, b):
    return a < b, a <= b, a > b, a >= b, a == b, a != b


@row((3, 4), (5, 4))
def min_max(a, b):
    return min(a, b), max(a, b), min(a, b, 2)


@row((t(3.0), t(4.0)), (t(5.0), t(4.0)))
def min_max_tensors(a, b):
    return min(a, b), max([a, b]), max(a, 4.5)


@row((t(3.0), t(4.0), t(1.0)))
def sorted_tensors(a, b, c):
    return sorted([a, b, c]), sorted([a, b, c], reverse=True)


@row(t([1.0, 2.0]))
def sum_of_tensor(x):
    return sum(x), sum([x, x])


@row(t([True, False]), t([True, True]))
def any_all_of_tensor(x):
    return any(x), all(x)


@row((2.7,), (-2.7,))
def rounding(x):
    return round(x), int(x), math.floor(x), math.ceil(x), math.trunc(x)


@row(t(2.7), t(-2.7))
def int_of_tensor(x):
    return int(x), float(x), bool(x)


@row((3,), (0,))
def bool_of_number(n):
    return bool(n), not n, float(n)


@row((2.0,), (0.5,))
def math_functions(x):
    return math.sin(x), math.exp(x), math.sqrt(x), math.log(x), math.pow(x, 2), math.hypot(3, 4)


@row(t(2.0))
def math_on_tensor(x):
    return math.sin(x), math.sqrt(x)


@row((3,))
def isinstance_of_number(n):
    return isinstance(n, int), isinstance(n, float), type(n) is int


@row((3, t(1.0)))
def mixed_with_tensor(n, x):
    return x * n, n * x, x + n, n - x, x / n, x > n


@row((0.5, t([1.0, 2.0])), (2.5, t([1.0, 2.0])))
def float_with_tensor(k, x):
    return x * k + k


@row((0.5, t(3)))
def float_with_int_tensor(k, x):
    return x * k


@row((3,))
def repeat_list(n):
    return [0] * n


@row((3,))
def number_as_key(n):
    return {3: "a"}[n]


@row((2,))
def string_of_number(n):
    return str(n), f"{n:03d}", "n=" + str(n)


@row((3, t([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])))
def number_as_size(n, x):
    import tfc as tf

    return tf.reshape(x, [n, 2])


@row(*X)
def operator_module(x):
    return operator.add(x, 1.0), operator.itemgetter(1)([1, 2])


@row(*X)
def getattr_setattr(x):
    class Box:
        pass

    b = Box()
    b.v = x
    b.w = x * 2
    return b.v, getattr(b, "none", 3), hasattr(b, "w"), b.w


@row(*X)
def zip_strict(x):
    return [a * b for a, b in zip([x, x], [1, 2], strict=True)]


@row(*X)
def enumerate_list(x):
    return [(i, v) for i, v in enumerate([x, x], start=1)]


@row(*X)
def reversed_list(x):
    return list(reversed([x, 1, 2]))


@row(*X)
def callable_type_id(x):
    return callable(len), isinstance([], list), type([]) is list


@row((10,), (0,))
def chained_numbers(n):
    return 0 < n < 20, n in (1, 10), n is None


@row((4,))
def power(n):
    return n**2, 2**n, n**0.5


@row(t([3.0, 1.0, 2.0]))
def sort_values_of_tensor(x):
    return sorted(x)[0], max(x), min(x)


@row((-1.0,), (4.0,))
def conditional_math(x):
    return math.sqrt(x) if x > 0 else 0.0


@row(t(5.0))
def tensor_methods(x):
    return x.shape == (), x.dtype.name, x.ndim


@row(t([1.0, 4.0]))
def numpy_functions(x):
    import numpy as np

    return np.sqrt(x), np.sum(x), np.maximum(x, 2.0)


@row(t(1.0), refused="TFC011")
def random_module(x):
    import random

    return x * random.random()


@row(t(1.0), refused="TFC011")
def numpy_random(x):
    import numpy as np

    return x * np.random.rand()


@row(t(1.0), refused="TFC011")
def clock(x):
    import time

    return x * time.time()


def _show_class(a):
    print(type(a).__name__)
    return a


@row(t([1.0, 2.0]))
def one_function_called_with_tensors_and_with_arrays(x):
    y = tf.py_function(_show_class, [x], tf.float32)
    return y + tf.numpy_function(_show_class, [x * 2], tf.float32)
