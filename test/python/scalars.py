"""Numbers of Python."""

import math
import operator

import numpy as np
import tfc as tf

from python.harness import Table, t

table = Table("Numbers of Python")
row = table.row


# -- scalars of Python --------------------------------------------------------------------------
@row((5, 3), (-5, 3), (5, -3), (-7, 2), (0, 4), (5, 0))
def int_divmod(a, b):
    return a // b, a % b, divmod(a, b)


@row((5.5, 2.0), (-5.5, 2.0), (5.5, -2.0), (0.0, 1.0), (-0.0, 3.0), (1.0, 0.0))
def float_divmod(a, b):
    return a // b, a % b, divmod(a, b)


@row((2, 10), (2, 62), (2, 63), (3, 40), (-2, 63), (10, 18), (10, 19))
def int_pow(a, b):
    return a**b


@row((2, -1), (2, -3), (-2, -1), (0, -1), (1, -5))
def int_neg_pow(a, b):
    return a**b


@row((2**62, 2), (2**62, 1), (-(2**62), 2), (-(2**62), 3), (2**63 - 1, 1))
def int_mul_overflow(a, b):
    return a * b


@row((2**63 - 1, 1), (2**63 - 1, 0), (-(2**63), -1))
def int_add_overflow(a, b):
    return a + b


@row((2**70,), (5,), (-(2**65),))
def bigint_arg(a):
    return a // 3 + 1


@row((1, 3), (1, 62), (1, 63), (1, 70), (-1, 3), (5, 0), (8, -1))
def shifts(a, b):
    return a << b, (a << b) >> 1


@row((0.5,), (1.5,), (2.5,), (-0.5,), (-1.5,), (2.675,), (1e20,), (float("nan"),), (float("inf"),))
def round_half(x):
    return round(x), round(x, 1)


@row((0.5,), (2.9,), (-2.9,), (1e18,), (1e30,), (float("nan"),), (float("-inf"),))
def float_to_int(x):
    return int(x)


@row((2.9,), (-2.9,), (0.0,))
def floors(x):
    return math.floor(x), math.ceil(x), math.trunc(x), int(x)


@row((True, False), (True, True), (False, False))
def bool_arith(a, b):
    return a + b, a * b, a - b, a & b, a | b, a ^ b, ~a, -a, a < b, not a


@row((True, 3), (False, 3))
def bool_int(a, n):
    return a * n, n * a, [1, 2, 3][a], "ab"[a], n**a, a / 2


@row((7,), (-7,), (0,), (255,))
def bits(n):
    return n & 3, n | 8, n ^ 5, ~n, n.bit_length()


@row((4, 2.5), (-4, 0.5), (0, 0.0))
def int_float_mix(i, f):
    return i + f, i * f, i - f, f**i if f else 0.0, i // 2 + f, max(i, f), min(i, f)


@row((-8.0, 1 / 3), (4.0, 0.5), (-4.0, 2.0))
def float_pow(a, b):
    return a**b


@row((1e308, 10.0), (2.0, 3.0))
def float_overflow(a, b):
    return a * b


@row((10.0, 400), (2.0, 3))
def float_pow_overflow(a, b):
    return a**b


@row((3,), (0,), (-2,))
def int_truth(n):
    if n:
        return "yes"
    return "no"


@row((3, 5), (5, 3), (4, 4))
def min_max_kinds(a, b):
    return (
        min(a, b),
        max(a, b),
        min([a, b, 4]),
        max((a, b), key=lambda v: -v),
        sorted([a, b, 4], reverse=True),
    )


@row((12,), (0,), (-3,))
def collatz_like(n):
    steps = 0
    while n > 1:
        n = n // 2 if n % 2 == 0 else 3 * n + 1
        steps += 1
    return steps, n


@row((10, 4), (7, 7), (0, 3))
def isqrt_gcd(a, b):
    return math.gcd(a, b), math.isqrt(a), abs(a - b)


@row((5,), (1,), (0,))
def fact_loop(n):
    r = 1
    for i in range(1, n + 1):
        r *= i
    return r


@row((25,), (3,))
def fact_overflow(n):
    r = 1
    for i in range(1, n + 1):
        r *= i
    return r


@row((100,), (5,))
def fib_overflow(n):
    a, b = 0, 1
    for _ in range(n):
        a, b = b, a + b
    return a


@row((t(5), t(3)), (t(-5), t(3)), (t(5), t(-3)), (t(-7), t(2)))
def tensor_divmod(a, b):
    return (
        a // b,
        a % b,
        tf.math.floormod(a, b),
        tf.truncatediv(a, b) if hasattr(tf, "truncatediv") else 0,
    )


@row((t(5.5), t(2.0)), (t(-5.5), t(2.0)), (t(5.5), t(-2.0)), (t(1.0), t(0.0)))
def tensor_fdivmod(a, b):
    return a // b, a % b, a / b


@row((t(250, tf.uint8),), (t(3, tf.uint8),))
def uint_wrap(a):
    return a + t(10, tf.uint8), a - t(5, tf.uint8), a * a, ~a, a > t(100, tf.uint8)


@row((t(120, tf.int8),), (t(-128, tf.int8),))
def int8_wrap(a):
    return a + t(10, tf.int8), -a, abs(a), a * t(2, tf.int8), a << 1


@row((t(2**31 - 1),), (t(-(2**31)),))
def int32_wrap(a):
    return a + 1, a - 1, a * 2, -a


@row((t([1, 2, 3], tf.uint16),), (t([65535, 0, 7], tf.uint16),))
def uint16_ops(a):
    return a // 2, a % 4, a >> 1, tf.reduce_max(a), tf.cast(a, tf.int16), tf.cast(a, tf.float32) / 2


@row((t([1.9, -1.9, 300.0]),), (t([0.5, 254.5, -0.5]),))
def cast_f_to_int(a):
    return tf.cast(a, tf.int32), tf.cast(a, tf.int64), tf.cast(a, tf.bool)


@row((t([True, False, True]),), (t([False, False, False]),))
def bool_tensor_ops(a):
    return (
        tf.reduce_any(a),
        tf.reduce_all(a),
        tf.cast(a, tf.int32) * 2,
        tf.logical_not(a),
        a & t([True, True, False]),
        a | ~a,
        a ^ a,
    )


@row((t(3),), (t(-3),), (t(0),))
def tensor_to_py(x):
    n = int(x)
    f = float(x)
    b = bool(x)
    return n * 2, f / 2, b


@row((t(2.5),), (t(3.5),), (t(-0.5),))
def tensor_round(x):
    return round(x), int(x), abs(x), -x, +x, x**2, x**0.5 if x > 0 else x


@row((t(3), 4), (t(-3), 2))
def tensor_pyint_mix(x, n):
    return x + n, n - x, x * n, n // x, x % n, n**2 + x, x < n, x == n, n != x


@row((t(3.0), 4), (t(-3.0), 2))
def ftensor_pyint_mix(x, n):
    return x + n, n - x, x * n, n / x, x**n, n * x + 1


@row((t(3), 2.5), (t(3), 2))
def itensor_pyfloat(x, n):
    return x * n


@row((3, 2.5, True), (0, -1.0, False))
def mixed_sum(a, b, c):
    return sum([a, b, c]), any([a, b, c]), all([a, b, c])


@row((3,), (-3,), (0,))
def sign_of(n):
    return (n > 0) - (n < 0)


@row((3,), (12,), (0,))
def chain_side(n):
    log = []

    def v(x, name):
        log.append(name)
        return x

    r = v(1, "a") < v(n, "b") < v(10, "c")
    return r, log


@row((t(3),), (t(12),), (t(0),))
def chain_side_t(n):
    log = []

    def v(x, name):
        log.append(name)
        return x

    r = v(1, "a") < v(n, "b") < v(10, "c")
    return r, len(log)


@row((3.7, 2), (1234.5, 0), (-3.7, 1))
def fmt(x, n):
    return f"{x:.2f} {n:03d} {x!r:>8} {n=} {x:e}"


@row((3.7, 2), (1234.5, 0), (-3.7, 1))
def fmt_print(x, n):
    print(f"{x:.2f}|{n:03d}|{n:>5}|{n:<5}|{x:8.3f}|{n:+d}|{n:,}|{x:%}")
    print("%5.1f and %d" % (x, n), "{:.1f} {}".format(x, n), sep=";", end="!\n")


@row((t(3.5), t([1, 2])), (t(-1.0), t([5, 6])))
def tprint(x, v):
    print("x is", x, "v is", v)
    print(f"{x}, {v}")
    print(f"{float(x):.2f}")


@row(
    (t([[1.0, 2.0], [3.0, 4.0]]),),
)
def tprint_m(m):
    for r in m:
        print(r)
    for i, r in enumerate(m):
        print(i, r[0], end=" ")
    print()


@row((5,), (0,))
def print_loop(n):
    for i in range(n):
        if i % 2:
            continue
        print(i, end=",")
    print("done", n)


@row((t(5),), (t(0),))
def tf_print_loop(n):
    for i in tf.range(n):
        tf.print("i:", i, i * 2, sep=" | ")
    tf.print("end")


@row((5,), (3,), (0,))
def str_build(n):
    s = ""
    for i in range(3):
        s += str(i)
    return s * 2 + "x", s.upper(), len(s), s[::-1], "1" in s


@row(("abc", 2), ("", 0), ("Hello World", 5))
def str_methods(s, n):
    return (
        s.upper(),
        s.split(),
        s[:n],
        s.find("o"),
        s.replace("l", "L"),
        s.startswith("a"),
        len(s) + n,
        s.zfill(4),
        list(s),
        ord(s[0]) if s else -1,
    )


@row((t(1),), (t(2),), (t(9),))
def str_choice(n):
    names = {1: "one", 2: "two"}
    k = "?"
    for i in (1, 2):
        if n == i:
            k = names[i]
    return k, len(k), k.upper(), k + "!", k == "one"


@row((t([1, 2], tf.int8), 300), (t([1, 2], tf.int8), 3), (t([1, 2], tf.int8), -129))
def i8n(x, n):
    return x + n


@row((t([1, 2], tf.uint8), -1), (t([1, 2], tf.uint8), 3), (t([1, 2], tf.uint8), 256))
def u8n(x, n):
    return x * n


@row((2**40,), (5,))
def const_n(n):
    return tf.constant(n)


@row((2**40,), (5,))
def stack_n(n):
    return tf.stack([n, 1]), tf.fill([2], n)


@row((3,), (0,))
def zeros_n(n):
    return tf.zeros([n, 2]), tf.range(n)


@row((t([1, 2], tf.uint64), -1), (t([1, 2], tf.uint64), 3))
def u64n(x, n):
    return x + n


@row((1234,), (1250,), (-1350,))
def round_neg(n):
    return round(n, -2), round(n, 2), round(n * 1.005, 2), round(n / 7, -1)


@row(t(1.23456), t(2.675))
def round_t(x):
    return round(float(x), 2), round(x, 2)


@row(t(3), t(-1), t(2.5), t(8.0), t(9), 2.5, 8, 9)
def in_a_range(x):
    return x in range(9), x in range(8, -1, -2), x in range(0), x not in range(2, 20, 3)


@row((5, 0), (5.0, 0.0), (7, 2.0), (7.5, np.float64(2)))
def divisions(a, b):
    out = []
    for divide in (operator.truediv, operator.floordiv, operator.mod, divmod):
        try:
            out.append(divide(a, b))
        except ZeroDivisionError as error:
            out.append(str(error))
    return out


@row(2.5, 3)
def divided_by_zero(x):
    return x / 0


@row((tf.constant(2**64 - 1, tf.uint64),), (tf.constant(5, tf.uint64),))
def int_of_an_unsigned_number(a):
    return int(a), f"{int(a)}", int(a) // 2, int(a) > 0, max(int(a), 0)
