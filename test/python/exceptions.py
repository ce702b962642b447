"""Exceptions of Python code that compiled code calls, and `finally`."""

import sys
from contextlib import contextmanager, suppress

import numpy as np
import tfc as tf

from python.harness import Table, t

table = Table("Exceptions")
row = table.row
DEFINITE = t([[2.0, 1.0], [1.0, 3.0]])
SINGULAR = t([[1.0, 2.0], [2.0, 4.0]])


@row(DEFINITE, SINGULAR)
def inverse(a):
    try:
        return tf.linalg.inv(a)
    except Exception as e:
        return tf.zeros_like(a)


@row(DEFINITE, SINGULAR)
def solved_or_not(a):
    b = t([[1.0], [2.0]])
    try:
        y = tf.linalg.solve(a, b)
    except tf.errors.InvalidArgumentError as e:
        print("singular")
        y = b
    return y


@row(DEFINITE, t([[1.0, 2.0], [2.0, 1.0]]))
def jitter_until_it_works(a):
    for jitter in (0.0, 1.0, 10.0):
        try:
            return tf.linalg.cholesky(a + jitter * tf.eye(2)), jitter
        except Exception as e:
            continue
    return a, -1.0


def host(x):
    if x < 0:
        raise ValueError("negative: %d" % x)
    return np.float32(x * 2)


@row(t(1.0), t(-1.0))
def numpy_function(x):
    try:
        return tf.numpy_function(host, [x], tf.float32)
    except ValueError as e:
        print(type(e).__name__, e)
        return x


@row(t(1.0), t(-1.0))
def not_caught(x):
    return tf.numpy_function(host, [x], tf.float32) + 1


@row(t(1.0), t(-1.0))
def py_function(x):
    def g(v):
        if v > 0:
            raise KeyError("k")
        return v + 1

    try:
        y = tf.py_function(g, [x], tf.float32)
    except KeyError as e:
        y = x * 100
    finally:
        x = x + 1
    return x, y


@row(t([1.0, 4.0]), t([-1.0, 2.0]))
def counted_in_a_loop(v):
    n = 0
    for x in v:
        try:
            tf.numpy_function(host, [x], tf.float32)
        except ValueError:
            n += 1
    return n


@row(t(1.0), t(-1.0))
def what_was_set_before(x):
    d = {"n": 0}
    try:
        d["n"] = 1
        y = tf.numpy_function(host, [x], tf.float32)
        d["n"] = 2
    except ValueError:
        y = x
    return d, y


@row(t(1.0), t(-1.0))
def caught_further_out(x):
    try:
        try:
            y = tf.numpy_function(host, [x], tf.float32)
        except KeyError:
            y = x
    except ValueError as e:
        return x * 3
    return y


@row(t(1.0), t(-1.0))
def in_a_branch(x):
    try:
        if x < 5:
            y = tf.numpy_function(host, [x], tf.float32)
        else:
            y = x
    except ValueError:
        y = x - 1
    return y


@row(t(1.0), t(-1.0))
def in_a_helper(x):
    def safe(f, v, default):
        try:
            return f(v)
        except ValueError:
            return default

    a = safe(lambda v: tf.numpy_function(host, [v], tf.float32), x, t(0.0))
    b = safe(lambda v: tf.numpy_function(host, [v], tf.float32), -x, t(7.0))
    return a, b


@row(t(1.0), t(-1.0))
def another_in_its_place(x):
    try:
        y = tf.numpy_function(host, [x], tf.float32)
    except ValueError as e:
        raise RuntimeError("wrapped") from e
    return y


@row(t(1.0), t(-1.0))
def raised_again(x):
    try:
        y = tf.numpy_function(host, [x], tf.float32)
    except ValueError:
        print("log")
        raise
    return y


@row(t(1.0), t(float("nan")))
def checked_numbers(x):
    try:
        return tf.debugging.check_numerics(x, "bad x")
    except tf.errors.InvalidArgumentError as e:
        return t(0.0)


@row(t(1), t(2))
def assertion_of_tensors(x):
    try:
        tf.debugging.assert_equal(x, 1, message="must be one")
        return x
    except tf.errors.InvalidArgumentError as e:
        return -x


@row(t([1.0, -2.0, -3.0]), t([1.0]))
def texts_are_kept(v):
    msgs = []
    for x in v:
        try:
            tf.numpy_function(host, [x], tf.float32)
        except ValueError as e:
            msgs.append(str(e))
            print(f"{e!r} <{e}>", type(e).__name__)
    for m in msgs:
        print(m)
    return len(msgs)


@row(t(1.0), t(-1.0))
def suppressed(x):
    y = x
    with suppress(ValueError):
        y = tf.numpy_function(host, [x], tf.float32)
    return y


@row(t(1.0), t(-1.0))
def not_suppressed(x):
    y = x
    try:
        with suppress(KeyError):
            y = tf.numpy_function(host, [x], tf.float32)
            x = x + 1
    finally:
        print("done", x)
    return y


class Ctx:
    def __enter__(self):
        return self

    def __exit__(self, k, e, tb):
        if k is not None and issubclass(k, ValueError):
            print("swallow", e)
            return True
        return False


@row(t(1.0), t(-1.0))
def given_to_exit(x):
    with Ctx():
        x = tf.numpy_function(host, [x], tf.float32)
        x = x + 1
    return x


@contextmanager
def converted():
    try:
        yield
    except ValueError as e:
        raise KeyError(f"conv {e}") from e


@row(t(1.0), t(-1.0))
def caught_at_the_yield(x):
    try:
        with converted():
            x = tf.numpy_function(host, [x], tf.float32)
    except KeyError as e:
        print(e)
        return x - 10
    return x


@row(t(1.0), t(-1.0))
def one_of_several_handlers(x):
    try:
        y = tf.numpy_function(host, [x], tf.float32)
    except KeyError:
        y = t(1.0)
    except (TypeError, ValueError):
        y = t(2.0)
    except Exception:
        y = t(3.0)
    else:
        y = y + 100
    finally:
        print("fin")
    return y


v = tf.Variable(0.0)


def checked(x):
    if x < 0:
        raise ValueError("neg")
    return x * 2


@row(t(1.0), t(-1.0))
def assigned_unless_raised(x):
    v.assign(5.0)
    try:
        v.assign(checked(x))
    except ValueError:
        return v + 100
    return v + 0


@row(t(1.0), t(-1.0))
def printed_unless_raised(x):
    try:
        print(checked(x))
        tf.print("a", checked(x), output_stream=sys.stdout)
    except ValueError:
        print("caught")
    return x


@row(t(1.0), t(-1.0))
def two_calls_in_a_statement(x):
    try:
        y = tf.numpy_function(host, [x], tf.float32) + tf.numpy_function(host, [-x], tf.float32)
    except ValueError as e:
        print(e)
        y = x * 0
    return y


@row(t(1.0), t(-1.0))
def called_again(x):
    def f(z):
        try:
            return tf.numpy_function(host, [z], tf.float32)
        except ValueError:
            return f(-z)

    return f(x)


@row(t(3), t(0))
def assertions_in_a_loop(n):
    i = 0
    errs = 0
    while i < n:
        try:
            tf.debugging.assert_less(i, 2)
        except tf.errors.InvalidArgumentError:
            errs += 1
        i += 1
    return errs


@row(DEFINITE, SINGULAR)
def gradient_of_what_did_not_raise(a):
    with tf.GradientTape() as tape:
        tape.watch(a)
        try:
            y = tf.reduce_sum(tf.linalg.inv(a))
        except tf.errors.InvalidArgumentError:
            y = tf.reduce_sum(a * a)
    return tape.gradient(y, a)


@row(t(1.0), t(-1.0))
def text_after_the_handler(x):
    err = None
    try:
        x = tf.numpy_function(host, [x], tf.float32)
    except ValueError as e:
        err = str(e)
    if err is not None:
        print("error:", err)
    return x


@row(t(1.0), t(-1.0))
def asked_for_its_class(x):
    try:
        x = tf.numpy_function(host, [x], tf.float32)
    except Exception as e:
        if isinstance(e, ValueError):
            return t(-5.0)
        return t(-6.0)
    return x


@row(t(1.0), t(-1.0))
def kept_and_raised(x):
    last = None
    try:
        x = tf.numpy_function(host, [x], tf.float32)
    except ValueError as e:
        last = e
    if last is not None:
        raise last
    return x


@row(t(1.0), t(-1.0))
def finally_runs(x):
    try:
        if x > 0:
            raise ValueError("v")
        x = x + 1
    finally:
        print("done", x)
    return x


@row(t(1.0), t(-1.0))
def finally_after_a_call(x):
    try:
        x = tf.numpy_function(host, [x], tf.float32)
    finally:
        print("done")
    return x


@row(t(1.0), t(-1.0))
def finally_without_a_handler(x):
    try:
        try:
            if x > 0:
                raise ValueError("v")
        except KeyError:
            pass
    finally:
        print("done")
    return x


@contextmanager
def finally_of():
    print("in")
    try:
        yield
    finally:
        print("out")


@row(t(1.0), t(-1.0))
def finally_of_a_generator(x):
    with finally_of():
        if x > 0:
            raise ValueError("v")
    return x


@row((t(4), t(0)), (t(4), t(2)))
def finally_after_other_handlers(a, b):
    try:
        return a // b
    except ValueError:
        return a
    finally:
        print("fin")


@row(t(1.0), t(-1.0), t(5.0))
def finally_raises(x):
    try:
        try:
            if x > 0:
                raise ValueError("v")
        finally:
            if x > 2:
                raise KeyError("k")
            print("f")
    except ValueError:
        return x * 10
    except KeyError:
        return x * 100
    return x


@row(t([1.0, -2.0, 3.0]), t([1.0]))
def finally_and_continue(v):
    s = 0.0
    for a in v:
        try:
            if a < 0:
                continue
            s = s + a
        finally:
            print("it", a)
    return s


@row(t([1.0, -2.0, 3.0]), t([1.0]))
def finally_ends_a_loop(v):
    s = t(0.0)
    for a in v:
        try:
            if a < 0:
                raise ValueError("neg")
            s = s + a
        finally:
            print("it", a)
    return s


@row(t(3), t(0), t(6))
def finally_and_break(n):
    i = 0
    while True:
        try:
            if i >= n:
                break
            if i == 4:
                return -1
        finally:
            i = i + 1
    return i


@row(t(1.0), t(-1.0))
def finally_returns(x):
    def f():
        try:
            if x > 0:
                raise ValueError("v")
            return 1
        finally:
            return 2

    return f()


@row((t(7), t(2)), (t(7), t(0)), (t(-5), t(3)))
def range_of_what_may_fail(a, b):
    total = 0
    try:
        for i in range(a % b):
            total += i
        steps = range(a // b)
        for i in steps:
            total -= i
    except ZeroDivisionError as error:
        print(error)
    return total


@row((t(7), t(0)), (t(7), t(1)), (t(7), t(5)))
def finally_raises_instead(a, i):
    items = [a, a]
    try:
        try:
            raise KeyError("first")
        finally:
            items[i] = a + 1
    except IndexError as error:
        print(error)
        return items, 1
    except KeyError as error:
        print(error)
        return items, 2


@row((t(7), t(0)), (t(7), t(1)), (t(7), t(5)))
def finally_raises_on_one_path(a, i):
    try:
        try:
            raise KeyError("first")
        finally:
            if i > 0:
                raise IndexError("second")
    except LookupError as error:
        return type(error).__name__, i
