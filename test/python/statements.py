"""Other statements: assert, raise, try, with, del, print, f-strings."""

import tfc as tf

from python.harness import Table, t

table = Table("Statements")
row = table.row
X = (t(1.0), t(-1.0))


@row(*X)
def assert_staged(x):
    assert x > 0, "negative"
    return x


@row(*X)
def assert_message_with_value(x):
    assert x > 0, f"got {x}"
    return x


@row(*X)
def raise_staged(x):
    if x < 0:
        raise ValueError("negative")
    return x


@row(*X)
def raise_class(x):
    if x < 0:
        raise KeyError
    return x


@row(*X)
def raise_in_else(x):
    if x > 0:
        y = x * 2
    else:
        raise RuntimeError("no")
    return y


@row(*X)
def raise_in_helper(x):
    def positive(v):
        if v < 0:
            raise ValueError(f"bad {v}")
        return v

    return positive(x) + 1


@row(*X)
def raise_always(x):
    raise NotImplementedError("later")


@row(*X)
def both_arms_raise(x):
    if x > 0:
        raise ValueError("a")
    raise KeyError("b")


@row((t(5),), (t(1),))
def raise_in_loop(n):
    for i in range(n):
        if i == 3:
            raise IndexError("three")
    return n


@row(*X)
def try_static(x):
    try:
        y = {}["a"]
    except KeyError as error:
        y = x + len(error.args)
    return y


@row(*X)
def try_else_finally(x):
    log = []
    try:
        log.append(1)
    except ValueError:
        log.append(2)
    else:
        log.append(3)
    finally:
        log.append(4)
    return log, x


@row(*X)
def try_return_finally(x):
    log = []

    def f():
        try:
            return x
        finally:
            log.append(1)

    return f(), log


@row(*X)
def try_staged_return(x):
    try:
        if x > 0:
            return x * 2
        y = x
    finally:
        z = 1
    return y + z


@row(*X)
def raise_caught(x):
    try:
        if x < 0:
            raise ValueError("negative")
        y = x
    except ValueError:
        y = x * 100
    return y


@row(*X)
def raise_caught_in_caller(x):
    def check(v):
        if v < 0:
            raise ValueError("negative")
        return v * 2

    try:
        return check(x)
    except ValueError:
        return x - 1


@row(*X)
def reraise(x):
    try:
        try:
            raise ValueError("a")
        except ValueError:
            raise
    except ValueError as error:
        return x, str(error)


@row(*X)
def raise_from(x):
    try:
        try:
            {}["k"]
        except KeyError as error:
            raise ValueError("wrapped") from error
    except ValueError as error:
        return x, type(error.__cause__).__name__


@row(*X)
def delete_variable(x):
    y = x
    del y
    try:
        return y
    except UnboundLocalError:
        return x


@row(*X)
def print_value(x):
    print("x", x)
    print(f"{x} and {x:.3f}")
    return x


@row((3,), (4,))
def print_number(n):
    print(n, n + 1, sep="-")
    return n


@row((t(3),), (t(0),))
def print_in_loop(n):
    for i in range(n):
        print("step", i)
    return n


@row(*X)
def print_in_branch(x):
    if x > 0:
        print("positive", x)
    else:
        print("negative")
    return x


@row(*X)
def print_constant(x):
    print("hello", 3)
    return x


@row(*X)
def import_inside(x):
    import math
    from math import pi as number

    return x * math.e + number


@row(*X)
def annotations(x):
    y: float = x * 2
    z: int
    z = 3
    return y * z


@row(*X)
def augmented(x):
    y = x
    y += 1
    y *= 2
    y -= x
    y /= 4
    return y


@row(*X)
def chained_assignment(x):
    a = b = x * 2
    a += 1
    return a, b


@row(*X)
def scoped_global(x):
    global SCALE
    return x * SCALE


SCALE = 3.0


@row(*X)
def f_string_format(x):
    width = 10
    return f"{3.14159:{width}.2f}|{'a'!r:>5}", x


@row(*X)
def with_two(x):
    class Scope:
        def __init__(self, log, name):
            self.log, self.name = log, name

        def __enter__(self):
            self.log.append("+" + self.name)
            return self

        def __exit__(self, *details):
            self.log.append("-" + self.name)

    log = []
    with Scope(log, "a"), Scope(log, "b"):
        log.append("in")
    return log, x


@row(*X)
def with_swallows(x):
    class Swallow:
        def __enter__(self):
            return self

        def __exit__(self, kind, error, trace):
            return kind is ValueError

    y = x
    with Swallow():
        y = x + 1
        raise ValueError
    return y


@row(*X)
def conditional_import_of_name(x):
    if x > 0:
        y = tf.reduce_sum(x)
    else:
        y = tf.reduce_max(x)
    return y


@row(*X)
def nested_functions_raise(x):
    def f(v):
        assert v > -10
        if v > 0:
            return v
        raise ArithmeticError("neg")

    return f(x) * 2


@row(*X)
def string_building(x):
    s = ""
    for k in range(3):
        s += str(k)
    return s, x


@row(*X)
def percent_format(x):
    return "%d-%s" % (3, "a"), x  # noqa: UP031


@row((t(1.0),), (t(-1.0),), (t(-20.0),))
def two_handlers(x):
    log = []
    try:
        if x < -10:
            raise KeyError("far")
        if x < 0:
            log.append("negative")
            raise ValueError("near")
        y = x
    except KeyError:
        y = x * 2
    except ValueError as error:
        log.append(str(error))
        y = x * 3
    else:
        y = y + 100
    return y, len(log)


@row((t(1.0),), (t(-1.0),), (t(-20.0),))
def handler_in_caller_of_caller(x):
    def low(v):
        if v < -10:
            raise KeyError("far")
        return v + 1

    def middle(v):
        w = low(v) * 2
        if w < 0.5:
            raise ValueError
        return w

    try:
        return middle(x)
    except (KeyError, ValueError) as error:
        return len(error.args)


@row((t(1.0),), (t(-1.0),))
def unmatched_handler(x):
    try:
        if x < 0:
            raise KeyError("far")
    except ValueError:
        return x * 2
    return x


@row((t(1.0),), (t(-1.0),))
def finally_after_raise(x):
    log = []
    try:
        try:
            if x < 0:
                raise KeyError("far")
            log.append(1)
        finally:
            log.append(2)
    except KeyError:
        log.append(3)
    return len(log)


@row((t(5),), (t(2),), (t(0),))
def raise_in_loop_caught(n):
    s = 0
    try:
        for i in range(n):
            if i == 3:
                raise StopIteration
            s += i
    except StopIteration:
        s = s * 100
    return s


@row((t(5),), (t(2),), (t(0),))
def try_inside_loop(n):
    s = 0
    for i in range(n):
        try:
            if i == 2:
                raise ValueError
            s += i
        except ValueError:
            s += 1000
    return s


@row((t(1.0),), (t(-1.0),))
def assert_caught(x):
    try:
        assert x > 0, "neg"
        return x
    except AssertionError as error:
        return str(error)


@row((t(1),), (t(7),))
def index_error_caught(i):
    try:
        return [10, 20, 30][i]
    except IndexError:
        return -1


@row((4, 2), (4, 0))
def zero_division_caught(a, b):
    try:
        return a // b
    except ZeroDivisionError:
        return -1


@row((t(1.0),), (t(-1.0),))
def with_and_staged_raise(x):
    class Swallow:
        def __enter__(self):
            return self

        def __exit__(self, kind, error, trace):
            return kind is ValueError

    y = x
    with Swallow():
        if x < 0:
            raise ValueError
        y = x + 1
    return y
