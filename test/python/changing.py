"""Containers that change while a loop goes over them; exceptions and attributes that hold values of run time."""

import io

import tfc as tf

from python.harness import Table, t

table = Table("Changes under way")
row = table.row
COUNTS = (t(4), t(0), 3)


@row(t(3), 3, t(0), t(12))
def worklist(n):
    queue = [0]
    for item in queue:
        if item < n:
            queue.append(item + 1)
    return queue


@row(t([1, 2, 3]), t([5]), tf.zeros([0], tf.int32))
def worklist_of_run_time(x):
    queue = []
    for value in x:
        queue.append(int(value))
    total = 0
    for item in queue:
        total += item
        if item < 4:
            queue.append(item + 2)
    return total, queue


@row(*COUNTS)
def leaves_a_worklist(n):
    queue = [0]
    for item in queue:
        if item == n:
            return queue
        if item > 10:
            break
        queue.append(item + 1)
    else:
        return None
    return -1


@row(*COUNTS)
def shrinks_under_way(n):
    items = []
    for i in range(n):
        items.append(i)
    for item in items:
        if item % 2 == 0:
            items.remove(item)
    return items


@row(*COUNTS)
def pops_under_way(n):
    items, total = [1, 2, 3, 4, 5], 0
    for item in items:
        total += item
        if item == n:
            items.pop()
    return total, items


@row(*COUNTS)
def running_sums_in_place(n):
    items = []
    for i in range(n):
        items.append(i)
    for i, item in enumerate(items):
        if i + 1 < len(items):
            items[i + 1] = items[i + 1] + item
    return items


@row(*COUNTS)
def appends_under_enumerate(n):
    items = [1]
    for i, item in enumerate(items):
        if item < n:
            items.append(item * 2 + i)
    return items


@row(t(3), 3, t(-3))
def dict_of_another_size(n):
    table = {1: 1, 2: 2}
    try:
        for key, value in table.items():
            if n > 0:
                table[key + 10] = value
    except RuntimeError as error:
        return str(error)
    return len(table)


@row(t(3), 3, t(-3))
def dict_changed_before_a_break(n):
    table = {1: 1, 2: 2}
    for key in table:
        if n > 0:
            table[key + 10] = n
            break
    return table


@row(t(1.0), t(-1.0))
def attribute_that_may_be_there(x):
    class Box:
        pass

    box = Box()
    if x > 0:
        box.extra = x
    return hasattr(box, "extra"), getattr(box, "extra", None), getattr(box, "none", 3)


class TooLittleError(Exception):
    def __init__(self, need, have, *, unit="m"):
        super().__init__(f"{need} {unit} needed, {have} there")
        self.missing = need - have


@row((t(2.0), 5.0), (t(-2.0), -7.0), (3, 9))
def exception_with_a_message_of_its_own(have, need):
    try:
        if have < need:
            raise TooLittleError(need, have)
        return have - need, "enough"
    except TooLittleError as error:
        return error.missing, str(error)


@row((t(2.0), 5.0), (t(-2.0), -7.0), (3, 9))
def exception_that_leaves(have, need):
    if have < need:
        raise TooLittleError(need, have, unit="km")
    return have - need


@row(t(2), t(-2), -3)
def exception_as_text(n):
    try:
        if n < 0:
            raise KeyError(n, "x")
        raise ValueError(n)
    except (KeyError, ValueError) as error:
        print(error, repr(error))
        return repr(error), str(error), error.args


@row(t(2), t(-2))
def written_on_some_paths(n):
    text = io.StringIO()
    if n > 0:
        text.write("more")
    return text.getvalue()


@row(t(2), t(0), 3)
def written_where_it_is_made(n):
    lengths = []
    for i in range(n):
        text = io.StringIO()
        text.write("ab")
        lengths.append(len(text.getvalue()) + i)
    return lengths
