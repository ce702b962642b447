"""Rounds of a number known at run time that change objects, filter them, and make new ones; names that are dead then."""

import contextlib
from dataclasses import dataclass

import numpy as np

from python.harness import Table, t

table = Table("Rounds")
row = table.row


@dataclass
class Particle:
    x: float
    v: float
    alive: bool = True

    def step(self):
        self.x += self.v
        if self.x > 3:
            self.alive = False


def particles():
    return [Particle(0.0, 1.0), Particle(1.0, 2.0), Particle(2.0, 0.5)]


@row(t(3), t(0), 3)
def methods_and_a_comprehension(n):
    items = particles()
    for _ in range(n):
        for item in items:
            item.step()
        items = [item for item in items if item.alive]
    return len(items), [item.x for item in items]


@row((t([0.5, 2.5, 1.0]), t(3)), (np.array([0.5, 2.5]), 2), (t([0.5]), t(0)))
def updates_of_items_of_a_tensor(x, n):
    items = [Particle(v, 1.0) for v in x]
    for _ in range(n):
        for item in items:
            item.x += item.v
        items = [item for item in items if item.x < 4]
    return [item.x for item in items]


@row(t(3), t(0))
def filtered_by_a_function(n):
    items = particles()
    for _ in range(n):
        for item in items:
            item.x += item.v
        items = list(filter(lambda item: item.x < 3, items))
    return [item.x for item in items]


@row(t(4), t(0))
def made_and_filtered(n):
    items = [Particle(0.0, 1.0)]
    for i in range(n):
        items.append(Particle(float(i), 0.5))
        for item in items:
            item.x += item.v
        items = [item for item in items if item.x < 2.5]
    return [item.x for item in items]


@row((t(3), t(5.0)), (t(0), t(5.0)))
def split_in_two(n, limit):
    items, gone = particles(), []
    rounds = 0
    while items and rounds < n:
        for item in items:
            item.x += item.v
        gone += [item for item in items if item.x >= limit]
        items = [item for item in items if item.x < limit]
        rounds += 1
    return [item.x for item in items], [item.x for item in gone], rounds


@row(t(3), t(0))
def a_list_of_two_paths_that_has_an_object_of_the_program(n):
    first = Particle(1.0, 2.0)
    items = [first] if n > 1 else [first, Particle(3.0, 1.0)]
    for _ in range(n):
        for item in items:
            item.x += 1
    return first.x, [item.x for item in items]


@row(t(3), t(0))
def a_target_that_is_read_after_the_inner_loop(n):
    item = 5
    for _ in range(n):
        for item in (1, 2):
            pass
    return item


@row(t(3), t(0))
def a_target_that_is_read_in_the_next_round(n):
    total, k = 0, 1
    for i in range(n):
        total += k
        for k in range(i):
            total += k
    return total


@row(t(4), t(0))
def a_name_of_the_body_that_a_handler_reads(n):
    total = 0
    try:
        for i in range(n):
            last = i
            total += 10 // (2 - i)
    except ZeroDivisionError:
        return last
    return total


@row(t(3), t(0))
def a_name_that_a_body_of_with_may_not_assign(n):
    total, value = 0, -1
    for i in range(n):
        with contextlib.suppress(ZeroDivisionError):
            value = 6 // i
        total += value
    return total


@row(t(3), t(0))
def a_target_that_a_comprehension_and_a_lambda_use_as_well(n):
    total = 0
    for _ in range(n):
        for v in (1, 2, 3):
            total += v
        total += sum([v for v in (4, 5) if v > 4]) + (lambda v: v)(2)
    return total, [v for v in (6,)]


@row(t(3), t(0))
def a_list_that_goes_on_by_another_name(n):
    total = 0
    for i in range(n):
        for items in [[i]]:
            items.append(1)
        kept = items
        for items in [[2]]:
            total += len(kept) + len(items)
    return total
