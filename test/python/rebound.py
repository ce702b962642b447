"""Names of the caller's containers that one path gives another object: what leaves is the caller's own where it still is it."""

from typing import Any

from python.harness import Table, t

table = Table("Arguments that are rebound on some paths")

INPUTS = (([1.0, 2.0], 0), ([1.0, 2.0], 1), ([3.0, 2.0], 2), ([3.0], 7))


@table.row(*INPUTS)
def rebound_in_an_arm(p: Any, n: Any) -> Any:
    if n > 0:
        p = [v - 1 for v in p]
    return p


@table.row(*INPUTS)
def rebound_in_an_arm_and_changed(p: Any, n: Any) -> Any:
    if n > 0:
        p = [v - 1 for v in p]
    if n > 1:
        p = sorted(p)
    p.append(9.0)
    return p, n


@table.row(*INPUTS)
def rebound_by_iterations(p: Any, n: Any) -> Any:
    for _ in range(n):
        p = [v - 1 for v in p]
    return p, {"p": [p]}


@table.row(*INPUTS)
def rebound_by_loops_and_changed(p: Any, n: Any) -> Any:
    for _ in range(n):
        p = [v - 1 for v in p]
    while n > 1:
        p, n = [v * 2 for v in p], n - 1
    p[0] = 7.0
    return p


@table.row(*INPUTS)
def rebound_beside_another_name(p: Any, n: Any) -> Any:
    q = p
    if n > 0:
        p = [v - 1 for v in p]
    p.append(1.0)
    return p, q, p is q


@table.row(*INPUTS)
def rebound_to_none(p: Any, n: Any) -> Any:
    if n > 1:
        p = None
    if p is None:
        return 0
    return p


@table.row(*INPUTS)
def exchanged_by_iterations(p: Any, n: Any) -> Any:
    q = [0.0]
    for _ in range(n):
        p, q = q, p
    p[0] = 5.0
    return p, q


@table.row(*INPUTS)
def rebound_in_a_call(p: Any, n: Any) -> Any:
    def updated(items: Any, count: Any) -> Any:
        if count > 0:
            items = [v * 2 for v in items]
        items[0] += 1
        return items

    return updated(p, n), p


@table.row(*INPUTS)
def best_so_far(p: Any, n: Any) -> Any:
    best = p
    for i in range(n):
        other = [v + i for v in best]
        if other[0] > 4:
            best = other
    return best


@table.row(*INPUTS)
def rebound_and_grown_in_a_loop(p: Any, n: Any) -> Any:
    for i in range(n):
        if i % 2 == 1:
            p = [v - 1 for v in p]
        p.append(float(i))
    return p


@table.row(([[1.0], [2.0]], 0), ([[1.0], [2.0]], 1), ([[1.0], [2.0]], 2))
def lists_in_a_rebound_list(p: Any, n: Any) -> Any:
    first = p[0]
    if n > 0:
        p = [p[1], p[0]]
    if n > 1:
        first = [0.0]
    p[0].append(1.0)
    first.append(2.0)
    return p, first


@table.row(*[({"w": t([1.0, 2.0]), "b": [t(0.5)]}, n) for n in (0, 1, 3)])
def parameters_of_a_training_loop(p: Any, n: Any) -> Any:
    for _ in range(n):
        p = {"w": p["w"] * 0.5, "b": [p["b"][0] - 1.0]}
    return p, n


@table.row(*[({"w": t([1.0, 2.0]), "b": [t(0.5)]}, n) for n in (0, 1, 3)])
def parameters_that_share_a_list(p: Any, n: Any) -> Any:
    for _ in range(n):
        p = {**p, "w": p["w"] * 0.5}
    p["b"].append(t(1.0))
    return p


class Point:
    def __init__(self, x: Any) -> None:
        self.x = x


@table.row((Point(1.0), 0), (Point(1.0), 1), (Point(1.0), 2))
def rebound_object(p: Any, n: Any) -> Any:
    for _ in range(n):
        p = Point(p.x + 1)
    if n > 1:
        p = Point(0.0)
    p.x += 2.0
    return p


@table.row(([1.0, 2.0], 0), ([1.0, 2.0], 1), ([1.0, 2.0], 3))
def rebound_to_a_list_with_a_name(p: Any, n: Any) -> Any:
    q = [e + 1 for e in p]
    for _ in range(n):
        p = q
    return [p, q]


@table.row(*[(c, t([1.0, 2.0]), t([2.0, 1.0]), n) for n in (0, 1) for c in (1.0, 3.0)])
def tensor_rebound_in_a_loop_of_an_arm(c: Any, x: Any, y: Any, n: Any) -> Any:
    if c > 2:
        for _ in range(n):
            y = x + 1
    y[0] = 0.0
    return x
