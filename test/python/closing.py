"""Generators with a `finally` that loops leave: by `break`, `return` and exceptions, also under conditions of run time."""

from python.harness import Table, t

table = Table("Generators that are left")
row = table.row


def closing(items, log):
    try:
        for item in items:
            yield item
    finally:
        log.append("closed")


@row(t([1.0, -2.0, 3.0]), [1.0, -2.0], [1.0, 2.0])
def left_by_break(x):
    log, total = [], 0.0
    for v in closing(x, log):
        if v < 0:
            break
        total += v
    log.append("after")
    return total, log


@row(t(4), t(0), 4)
def left_by_break_in_a_loop_of_run_time(n):
    log, total = [], 0
    for v in closing(range(n), log):
        if v > 2:
            break
        total += v
    else:
        log.append("all")
    return total, log


@row(t([1.0, -2.0]), t([1.0, 2.0]))
def left_by_return(x):
    log = []

    def first():
        for v in closing([x[0], x[1]], log):
            if v < 0:
                return v
        return 0.0

    return first(), log


@row(t([1.0, -2.0]), t([1.0, 2.0]))
def left_by_an_exception(x):
    log = []
    try:
        for v in closing([x[0], x[1]], log):
            if v < 0:
                raise ValueError("negative")
            log.append("seen")
    except ValueError:
        log.append("caught")
    return log


@row(t(4), t(0))
def left_by_break_through_another(n):
    log = []

    def outer():
        try:
            yield from closing(range(n), log)
        finally:
            log.append("outer")

    for v in outer():
        if v > 1:
            break
    return log


@row(t([1.0, -2.0]), refused="TFC006")
def numbered_and_left_by_break(x):
    log = []
    for _, v in enumerate(closing([x[0], x[1]], log)):
        if v < 0:
            break
    return log
