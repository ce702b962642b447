"""What is one object is one outside as well, and what containers hold are the arrays and tensors themselves."""

import collections
import functools

import numpy as np
import tfc as tf

from python.harness import Table, t

table = Table("One object")
row = table.row
SIGNS = ((t(1),), (t(-1),))
A, B = np.array([1.0, 2.0, 3.0]), np.array([4.0, 5.0, 6.0])
ARRAYS = ((t(1), A), (t(-1), A))
PAIRS = ((t(1), A, B), (t(-1), A, B))
TENSORS = ((t(1), t([1.0, 2.0])), (t(-1), t([1.0, 2.0])))
NUMBERS = tuple(
    np.array([1, 2, 3], dtype) for dtype in ("f8", "f4", "f2", "i8", "i4", "u1", "u8", "b1")
)


class Box:
    def __init__(self, item):
        self.item = item


# -- what a program gives -----------------------------------------------------------------------


@row(*SIGNS)
def given_twice(n):
    items = [n]
    if n > 0:
        items.append(n)
    box = Box(items)
    return items, [items], {"a": box, "b": box}


@row(*SIGNS)
def grown_and_given_twice(n):
    items, table = [n], {}
    for i in range(n + 2):
        items.append(i)
        table[i] = n
    return items, [items], table, (table, 1)


@row(*SIGNS)
def one_of_two_objects(n):
    box = Box([n])
    other = box if n > 0 else Box([n])
    return box, other


@row(*ARRAYS)
def the_array_of_the_caller(n, a):
    a[0] = n
    return a, (a, 1)


@row(*ARRAYS)
def the_unchanged_array_of_the_caller(n, a):
    return a


@row(*ARRAYS)
def arrays_of_its_own(n, a):
    zeros = np.zeros(3)
    return zeros, zeros, np.zeros(3), np.zeros(3), a.copy(), a.copy()


@row(*SIGNS)
def objects_that_hold_each_other(n):
    a, b = [n], [n]
    if n > 0:
        a.append(b)
    else:
        b.append(a)
    a.append(3)
    b.append(4)
    return a, b


@row(*SIGNS)
def containers_that_hold_each_other(n):
    a, b = [1], {}
    for i in range(n + 2):
        if i == 1:
            a.append(b)
        else:
            b[i] = a
    return a, b


@row(*SIGNS)
def a_list_that_holds_itself(n):
    items = [n]
    items.append(items)
    return items


@row((t(1), [1], {}), (t(-1), [1], {}))
def put_into_several_of_the_caller(n, items, table):
    box = Box(n)
    items.append(box)
    table["x"] = box
    return box


@row((t(1), [1], {}), (t(-1), [1], {}))
def put_into_several_before_it_fails(n, items, table):
    made = [n]
    items.append(made)
    table["x"] = made
    if n > 0:
        raise ValueError("too late")
    return made


# -- arrays and tensors in containers -----------------------------------------------------------


@row(*ARRAYS, refused="TFC012")
def array_in_a_list_grown_in_an_arm(n, a):
    items = []
    if n > 0:
        items.append(a)
    items.append(a)
    items[0][0] = 9
    return a


@row(*SIGNS, refused="TFC012")
def made_array_in_a_list_grown_in_an_arm(n):
    items, zeros = [], np.zeros(3)
    if n > 0:
        items.append(zeros)
    if items:
        items[0][0] = 5
    return zeros, items


@row(*TENSORS, refused="TFC012")
def tensor_in_a_list_grown_in_a_loop(n, x):
    items = []
    for _ in range(n + 2):
        items.append(x)
    items[0][0] = 9.0
    return x


@row(*ARRAYS, refused="TFC012")
def array_in_pairs(n, a):
    items = []
    for i in range(n + 2):
        items.append((i, a))
    for i, item in items:
        item[0] = i
    return a


@row(*ARRAYS, refused="TFC012")
def augmented_items(n, a):
    items = collections.deque()
    if n > 0:
        items.append(a)
    for item in items:
        item += 1
    return a


@row(*PAIRS, refused="TFC012")
def one_of_two_arrays_in_a_list(n, a, b):
    items = []
    for i in range(n + 2):
        items.append(a if i % 2 == 0 else b)
    items[0][0] = 9
    return a, b


@row(*PAIRS, refused="TFC012")
def list_made_anew_in_a_loop(n, a, b):
    items = [a]
    for _ in range(n + 2):
        items = [*items, b]
    items[0][0] = 9
    return a, b


@row(*PAIRS, refused="TFC012")
def a_view_of_an_array_in_a_list(n, a, b):
    items = []
    for _ in range(n + 2):
        items.append(a)
    part = a[1:]
    part[0] = 7
    return items


@row(*SIGNS)
def arrays_made_in_a_loop(n):
    items, table = [], {}
    for i in range(n + 3):
        made = np.zeros(3)
        made[0] = i
        items.append(made)
        table[i] = np.ones(2)
    for i in range(n + 3):
        items[i][1] = 5.0
    for item in table.values():
        item[0] = n
    return items, table


@row(*ARRAYS)
def copies_of_an_array(n, a):
    items = []
    for i in range(n + 3):
        a[0] = i
        made = a.copy()
        made[1] = 8
        items.append(made)
    return items, a


@row(*SIGNS)
def rows_of_a_made_matrix(n):
    whole = np.zeros((3, 3))
    below = whole[1:]
    for i in range(n + 2):
        first = whole[i % 3]
        first[0] = i
        second = below[i % 2]
        second[1] = i + 1
    return whole


@row(*ARRAYS)
def a_name_that_becomes_a_part(n, a):
    v = a
    for i in range(2):
        v = a[i:]
        v += n
    v += 1
    return a


# -- identity -----------------------------------------------------------------------------------


@row(*SIGNS, refused="TFC012")
def is_one_of_two_tuples(n):
    p, q = (1, n), (2, n)
    chosen = p if n > 0 else q
    return chosen is p


@row(*TENSORS, refused="TFC012")
def is_one_of_two_tensors(n, x):
    chosen = x if n > 0 else x + 1
    return chosen is x


@row(*SIGNS, refused="TFC012")
def is_the_last_row(n):
    items, last = [], None
    for i in range(n + 2):
        made = [i]
        items.append(made)
        last = made
    return items[-1] is last


@row(*SIGNS)
def is_what_it_was(n):
    items, known = [], [1]
    if n > 0:
        items.append(known)
    items.append(known)
    pair = (n, n)
    return items[0] is known, items[0] is items[-1], pair is pair, pair is (n, n), n is None


# -- texts and numbers --------------------------------------------------------------------------


@row(*SIGNS)
def a_grown_deque_is_extended(n):
    items = collections.deque([1, 2])
    if n > 0:
        items.append(1)
    items += [7, 8]
    items += items
    return items


@row(*SIGNS)
def always_raised_with_a_grown_list(n):
    items = []
    if n > 0:
        items.append(1)
    raise ValueError(items, f"{items}")


@row(*NUMBERS[:-1])
def rounded_scalars(a):
    return round(a[0]), round(a[0], 1), round(a[1], None), [round(item) for item in a]


@row(*NUMBERS, A)
def rounded_arrays(a):
    return round(a) if a.dtype == np.float64 else round(a[a > 1].any())


@row(*NUMBERS, np.array([1, 2**63 + 5], np.uint64))
def lists_of_numbers(a):
    return a.tolist(), a.reshape(1, -1).tolist(), a[1].tolist(), a[1].item(), a.item(0)


def _slopes(n, x):
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(x)
        y = x * x if n > 0 else x * 3
        z = y * y
    return tape.gradient(z, y), tape.gradient(z, x), tape.gradient(y, x)


@row((t(1), t(2.0)), (t(-1), t(2.0)))
def gradients_by_what_an_arm_gave(n, x):
    return _slopes(n, x)


@row((t(1), t(2.0)), (t(-1), t(2.0)), refused="TFC015")
def gradients_by_what_an_arm_gave_and_used(n, x):
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(x)
        if n > 0:
            y = x * x
            w = y * 2
        else:
            y = x * 3
            w = y + x
    return tape.gradient(w, y)


@row((t(1), t(2.0)), (t(-1), t(2.0)), refused="TFC015")
def gradients_by_what_is_the_source_in_an_arm(n, x):
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = x if n > 0 else x * 2
        z = x * 3 + y
    return tape.gradient(z, y)


# -- other names after loops, in closures -------------------------------------------------------


@row(*ARRAYS, refused="TFC007")
def a_part_that_a_loop_chose_is_updated(n, a):
    v = a
    for i in range(n + 2):
        v = a[i:]
    v += 1
    return a


@row(*SIGNS)
def updated_after_a_loop_and_not_read(n):
    items, others = [1], [2]
    for i in range(n + 2):
        v = items if i % 2 else others
    v += [5]
    return items, others


@row(*SIGNS)
def held_by_closures(n):
    def make(items):
        return lambda: items

    f, g = make([1]), make([2])
    h = f if n > 0 else g
    h().append(3)
    return f(), g(), h() is f()


@row(*SIGNS)
def held_by_methods(n):
    first, second = Box([]), Box([])

    def adder(box):
        return functools.partial(lambda own, item: own.item.append(item), box)

    add = adder(first) if n > 0 else adder(second)
    add(1)
    add(2)
    first.item.append(3)
    return first, second


@row(*ARRAYS)
def arrays_that_are_themselves(n, a):
    whole = np.asarray(a)
    whole[0] = n
    same = a.astype(np.float64, copy=False)
    same[1] = 7.0
    other = a.view()
    return a, whole, same is a, other is a, a[:] is a, np.atleast_1d(a) is a


@row(*SIGNS)
def one_of_two_iterators(n):
    items = iter([1, 2, 3]) if n > 0 else iter([4, 5, 6])
    first = next(items)
    return first, next(items), next(items), next(items, None)
