"""What is raised in the middle of a statement, and what follows it there."""

import collections
import math

import numpy as np

from python.harness import Table, t

table = Table("Raising")
row = table.row


class Purse:
    def __init__(self):
        self.held = 0

    def put(self, n):
        if n <= 0:
            raise ValueError(f"bad amount {n}")
        self.held += n
        return self

    def take(self, n):
        if n > self.held:
            raise RuntimeError("not enough")
        self.held -= n
        return self

    def __add__(self, other):
        try:
            self.put(other)
        except ValueError:
            return t(-1)
        return self.held


PAIRS = ((t(5), t(3)), (t(5), t(9)), (t(-1), t(3)), (t(-1), t(-3)))


@row(*PAIRS)
def raised_in_a_chain_of_calls(a, b):
    purse = Purse()
    try:
        purse.put(a).take(b)
    except ValueError as error:
        return "value", str(error), purse.held
    except RuntimeError as error:
        return "run time", str(error), purse.held
    return purse.held


@row(*PAIRS)
def raised_before_another_handler(a, b):
    log, purse = [], Purse()

    def guarded(n):
        try:
            return Purse().put(n).held
        except ValueError:
            return t(7)

    try:
        log.append((purse.put(a).held + guarded(b), purse + b, log.append("last")))
    except ValueError:
        return "value", log
    return log


@row(*PAIRS)
def raised_before_what_always_raises(a, b):
    def fails():
        raise KeyError("always")

    try:
        return max(Purse().put(a).held, fails())
    except (ValueError, KeyError) as error:
        return repr(error), b


@row(t(0), t(2))
def the_first_of_two_divisions(n):
    k = int(n)
    try:
        return 10 / k, 10 // k, 10 % k
    except ZeroDivisionError as error:
        return str(error)


class CodedError(Exception):
    def __init__(self, code, *others):
        super().__init__(code, *others)
        self.code = code


@row(t(1), t(-2), t(0))
def raised_with_a_number(n):
    try:
        if n < 0:
            raise CodedError(int(n), "below")
        if n == 0:
            raise CodedError(n)
    except CodedError as error:
        print(error.code)
        raise
    if n == 1:
        raise KeyError(int(n))
    return n


# jumps out of `finally`
@row(t(1), t(-1), t(4))
def returned_from_finally(n):
    try:
        if n > 3:
            raise KeyError("lost")
        y = n + 1
    finally:
        if n > 0:
            return n
    return y


@row(t(1), t(-1), t(4))
def left_from_finally(n):
    total = 0
    for i in range(5):
        try:
            if i == 3:
                raise ValueError("late")
            total += i
        finally:
            if i > n:
                break
            if n > 3:
                continue
            total += 10
    return total


@row(t(1), t(-1), t(0), t(4))
def returned_twice(n):
    try:
        try:
            if n > 3:
                raise KeyError("x")
            if n == 0:
                raise KeyError("y")
            return 1
        finally:
            if n > 0:
                return 2
    except KeyError as error:
        return str(error)


def _not_positive(n):
    if n > 0:
        raise ValueError("positive")
    return n


TOTAL = 0


# what was to be assigned, to a variable of a closure or of the module too
@row(t(1), t(0), t(3))
def not_assigned(n):
    global TOTAL
    TOTAL, a, b = 7, 5, 2

    def seen():
        return a, b

    try:
        a = _not_positive(n) + 1
    except ValueError:
        print(a, seen())
    try:
        TOTAL = _not_positive(n) + 1
        a, b = _not_positive(n - 1), 3
    except ValueError:
        b += 1
    return TOTAL, seen()


# a call that always raises has no value
@row((t([]), t(2)), (t([1.0]), t(2)), (t([]), t(0)))
def called_in_vain(x, n):
    def first(items, k):
        if k > 0:
            pass
        return items[0]

    s = 0.0
    for i in range(n):
        try:
            s += first(x, i)
        except IndexError:
            s += 100.0
    return s


# what was raised goes on where `finally` does not leave
@row((t(1), t(2)), (t(2), t(1)), (t(1), t(1)))
def left_by_finally_or_raised(b, n):
    try:
        raise KeyError("m8")
    except (ValueError, IndexError):
        pass
    finally:
        if b > n:
            return b * 2
        print("not left")


@row((t(1), t(2)), (t(2), t(1)), (t(1), t(1)))
def loop_left_by_finally_or_raised(b, n):
    for i in range(3):
        try:
            raise KeyError("m8")
        finally:
            if b > n:
                break
            if b == n:
                continue
    return i


@row(t(1.0), t(5.0), t(-1.0))
def raised_from_what_was_caught(x):
    try:
        if x > 0:
            raise KeyError(f"a{int(x)}")
    except KeyError as error:
        raise ValueError(f"wrong {int(x)}") from error
    return x


@row(t(1), t(5))
def raised_from_an_error_of_python(i):
    try:
        return [1, 2][int(i)]
    except IndexError as error:
        raise LookupError("not there") from error


@row(t(1.0), t(-1.0))
def raised_from_a_new_one(x):
    if x > 0:
        raise ValueError(x) from KeyError(x + 1)
    if x < 0:
        raise ValueError(x) from None
    return x


# -- what the exception says --------------------------------------------------------------------


@row(3, -1, t(2))
def a_raise_that_always_happens(n):
    raise ValueError(f"no pair for {n}")


@row(3, t(2))
def arguments_of_run_time(n):
    raise KeyError("a", n)


@row(3, t(2))
def an_assert_that_never_holds(n):
    assert False, f"n is {n}"


@row(t(3.0), t(-3.0))
def a_vector_in_an_exception(x):
    y = x * t([1.0, 2.0])
    if x > 0:
        raise ValueError("bad", y)
    raise RuntimeError(f"bad {y}")


@row(t(3.0), t(-3.0))
def many_values_in_a_message(x):
    many = [x + i for i in range(12)]
    if x > 0:
        raise ValueError(f"all of {many}")
    return many


class ValuesError(Exception):
    def __init__(self, value, vector):
        super().__init__(f"value={value}")
        self.value = value
        self.vector = vector

    def __str__(self):
        return f"{super().__str__()} of {self.vector}"


@row(t(3.0), t(-3.0))
def attributes_of_run_time(x):
    if x > 0:
        raise ValuesError(x, x * t([1.0, 2.0]))
    return x


@row(t(3.0), t(-3.0))
def own_text_of_what_is_caught(x):
    try:
        if x > 0:
            raise ValuesError(x, 4)
    except ValuesError as error:
        return str(error), f"{error}", error.value + 1
    return "", "", x


@row(3, -1, t(2))
def a_cause_that_is_none_or_not(n):
    cause = KeyError("c") if n > 0 else None
    raise RuntimeError("x") from cause


@row(3, 0, t(1))
def the_last_of_several_attempts(n):
    last = None
    for i in range(2):
        try:
            if n > i:
                raise ValueError(i)
        except ValueError as error:
            last = error
    raise RuntimeError("all failed") from last


@row(3, -1, t(2))
def classes_with_fields(n):
    if n > 2:
        raise SyntaxError(f"line {n}")
    if n > 0:
        raise OSError(2, "no file", f"f{n}")
    raise ImportError(f"not {n}", name="m")


@row(3, -1, t(2))
def the_file_of_an_error(n):
    try:
        if n > 0:
            raise OSError(2, "no file", f"f{n}")
    except OSError as error:
        return str(error), error.filename, error.errno
    return "", "", 0


@row(0, 2, t(0))
def augmented_containers(n):
    items, entries, members, last = [1, 2], {"a": 1}, {1, 5}, collections.deque([0], maxlen=3)
    for change in range(4):
        try:
            if change == 0:
                items += [1, 10 // n]
            elif change == 1:
                entries |= {"q": 10 // n}
            elif change == 2:
                members |= {10 // n, 7}
            else:
                last += [1, 2, 10 // n]
        except ZeroDivisionError:
            items.append(-change)
    return items, entries, members, list(last)


@row(float("nan"), -1.0, 4.0)
def augmented_by_numbers(v):
    out = []
    try:
        out += [1.0, math.sqrt(v)]
        out += [2.0, float(int(v))]
    except ValueError:
        out.append(-1.0)
    return out


@row(([1, 2, 3], 5), ([1, 2, 3], 2))
def augmented_by_items(items, n):
    out = [[0], [7]]
    first = out[0]
    try:
        out[0] += [1, items[n]]
        items += [items[n], items[n + 1]]
    except IndexError:
        items += [-1]
    return out, first


@row((0, np.array([1.0, 2.0])), (2, np.array([1.0, 2.0])))
def augmented_arrays(n, a):
    b = a
    try:
        a += 10 // n
    except ZeroDivisionError:
        a -= 1
    return a, b


@row(0, 2, 5, t(0))
def items_before_the_one_that_raises(k):
    items, members, entries = [7], {1}, {1: 1}
    for change in range(3):
        try:
            if change == 0:
                items.extend(12 // i for i in (3, k, 0, 5))
            elif change == 1:
                members.update(12 // i for i in (3, k, 0, 5))
            else:
                entries.update((i, 12 // i) for i in (3, k, 0, 5))
        except ZeroDivisionError:
            items += [-1]
    return items, members, [*entries.values()]


@row((0, 3), (2, 3), (0, 0), (-1, 3), (2, 1))
def items_of_run_time_before_the_one_that_raises(k, n):
    items = [7]
    try:
        items.extend(12 // (k - i) for i in range(n))
    except ZeroDivisionError:
        items.append(-1)
    return items


@row(2, 0, 3)
def three_statements_that_grow_a_list(k):
    items = []
    try:
        items.append(1)
        items.extend((2, 10 // k))
        items += (3, 10 // (k - 2))
    except ZeroDivisionError:
        items.append(-1)
    return items


class LimitError(ValueError):
    def __init__(self, count, value):
        super().__init__(f"E{count}: {value:.1f}")
        self.count = count


@row((t([1.5]), 3), (t([1.5]), 1), (t([2.25]), t(4)))
def exceptions_with_an_initializer(x, n):
    try:
        if n > 2:
            raise LimitError(n, x[0])
    except LimitError as error:
        return str(error), error.count
    if x[0] > 1:
        raise LimitError(n, float(x[0]))
    return x
