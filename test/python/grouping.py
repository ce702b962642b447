"""Dicts whose keys come in an order of run time: grouping and counting by keys of several paths or kinds, or by elements."""

import enum
from collections import Counter, OrderedDict, defaultdict

import numpy as np

from python.harness import Table, t

table = Table("Grouping")
row = table.row

NUMBERS = (
    t([1.0, -2.0, 3.0, -4.0]),
    np.array([-1.0, 2.0, 3.0]),
    [1.0, -2.0, 3.0],
    [],
)


@row(*NUMBERS)
def default_lists(x):
    groups = defaultdict(list)
    for v in x:
        groups["neg" if v < 0 else "pos"].append(v)
    return groups


@row(*NUMBERS)
def lists_of_setdefault(x):
    groups = {}
    for v in x:
        groups.setdefault("neg" if v < 0 else "pos", []).append(v)
    return groups


@row(*NUMBERS)
def written_out(x):
    groups = {"neg": [], "pos": []}
    for v in x:
        groups["neg" if v < 0 else "pos"].append(v)
    return groups


@row(*NUMBERS)
def added_where_missing(x):
    groups = {}
    for v in x:
        key = "neg" if v < 0 else "zero" if v == 0 else "pos"
        if key not in groups:
            groups[key] = []
        groups[key].append(v)
    return {key: len(groups[key]) for key in sorted(groups)}


@row(*NUMBERS)
def added_by_a_handler(x):
    groups = {}
    for v in x:
        key = "neg" if v < 0 else "pos"
        try:
            groups[key].append(v)
        except KeyError:
            groups[key] = [v]
    return groups


@row(*NUMBERS)
def in_arms_of_statements(x):
    groups = {}
    for i, v in enumerate(x):
        if v < 0:
            groups.setdefault("neg", []).append(i)
        elif v < 2:
            groups.setdefault("mid", []).append(i)
        else:
            groups.setdefault("big", []).append(i)
    return groups


@row(t(5), t(0), 5)
def in_a_loop_of_run_time(n):
    groups = defaultdict(list)
    for i in range(n):
        groups["a" if i % 3 == 0 else "b"].append(i)
    return groups


@row(t(5), t(0))
def sets_in_a_loop_of_run_time(n):
    groups = defaultdict(set)
    for i in range(n):
        groups["a" if i % 3 == 0 else "b"].add(i % 2)
    return sorted(groups["a"]), sorted(groups["b"])


@row(*NUMBERS)
def statistics_of_groups(x):
    groups = defaultdict(list)
    for v in x:
        groups["neg" if v < 0 else "pos"].append(v)
    return {key: (len(items), max(items), sum(items) / len(items)) for key, items in groups.items()}


@row(*NUMBERS)
def counted(x):
    found = Counter("neg" if v < 0 else "pos" for v in x)
    most = max(found, key=found.get) if found else None
    return found, found.most_common(), sum(found.values()), most


@row(*NUMBERS)
def dicts_in_groups(x):
    groups = {}
    for v in x:
        key = "neg" if v < 0 else "pos"
        if key not in groups:
            groups[key] = {"n": 0, "total": 0.0}
        groups[key]["n"] += 1
        groups[key]["total"] += v
    return groups


class Total:
    def __init__(self):
        self.count = 0
        self.total = 0.0

    def add(self, value):
        self.count += 1
        self.total += value


@row(*NUMBERS)
def objects_in_groups(x):
    groups = defaultdict(Total)
    for v in x:
        groups["neg" if v < 0 else "pos"].add(v)
    return [(key, item.count, item.total) for key, item in sorted(groups.items())]


class Index:
    def __init__(self):
        self.entries = {}

    def add(self, key, value):
        self.entries.setdefault(key, []).append(value)


@row(*NUMBERS)
def in_an_attribute(x):
    index = Index()
    for v in x:
        index.add("neg" if v < 0 else "pos", v)
    return index.entries


@row(*[(x, {}) for x in NUMBERS], (NUMBERS[0], {"pos": []}))
def of_the_caller(x, groups):
    for v in x:
        groups.setdefault("neg" if v < 0 else "pos", []).append(v)
    return len(groups)


@row(*NUMBERS)
def with_another_name(x):
    groups = defaultdict(list)
    first = groups["pos"]
    for v in x:
        groups["neg" if v < 0 else "pos"].append(v)
    first.append(9.0)
    return groups, first


@row(t(5), t(0))
def changed_by_another_name(n):
    groups = defaultdict(list)
    for i in range(n):
        items = groups["a" if i % 3 == 0 else "b"]
        items.append(i)
        if len(items) > 1:
            items.pop(0)
    for items in groups.values():
        items.append(-1)
    return groups


@row(*NUMBERS)
def added_and_taken_out(x):
    found = {}
    for v in x:
        key = "neg" if v < 0 else "pos"
        if key in found:
            del found[key]
        else:
            found[key] = v
    return found, found.pop("neg", None)


@row(*NUMBERS)
def latest_last(x):
    found = OrderedDict()
    for v in x:
        found["neg" if v < 0 else "pos"] = v
        found.move_to_end("neg" if v < 0 else "pos")
    return list(found)


@row(*NUMBERS)
def missing_after_all(x):
    found = {}
    for v in x:
        found["neg" if v < 0 else "pos"] = v
    return found["neg"] + found["pos"]


@row(*NUMBERS, copies=True)
def copied(x):
    groups = defaultdict(list)
    for v in x:
        groups["neg" if v < 0 else "pos"].append(v)
    other = dict(groups)
    other["neg"] = [0.0]
    return groups, other, {**groups}


@row(*NUMBERS)
def printed(x):
    found = {}
    for v in x:
        found["neg" if v < 0 else "pos"] = 1
    print(found, list(found.items()))
    for key in found:
        print(key)
    return found == {"pos": 1, "neg": 1}


@row(*NUMBERS)
def values_of_different_kinds(x):
    found = {}
    for v in x:
        if v < 0:
            found["neg"] = v
        else:
            found["pos"] = [v]
    return found


class Sign(enum.Enum):
    NEGATIVE = -1
    OTHER = 1


@row(*NUMBERS)
def members_of_an_enum(x):
    groups = {}
    for v in x:
        groups.setdefault(Sign.NEGATIVE if v < 0 else Sign.OTHER, []).append(v)
    return len(groups), [sign.name for sign in groups]


@row(*NUMBERS)
def none_among_keys(x):
    found = {}
    for v in x:
        key = None if v < 0 else "pos"
        found[key] = found.get(key, 0) + 1
    return found


@row(*NUMBERS)
def texts_in_tuples(x):
    groups = defaultdict(list)
    for i, v in enumerate(x):
        groups["neg" if v < 0 else "pos", i % 2].append(v)
    return groups


@row(t(4), t(0), 4)
def texts_and_numbers(n):
    found = {"count": 0}
    for i in range(n):
        found[i % 3] = i * i
        found["count"] += 1
    return found, found.get(7), "count" in found, 2 in found


@row(t(4), t(1), 4)
def tuples_with_texts_and_numbers(n):
    memo = {}
    for i in range(n):
        memo["square", i] = i * i
        memo["cube", i] = i * i * i
    return memo, memo["cube", 0], ("square", 3) in memo


@row(t(1.0), t(-1.0))
def sorted_keys_of_some_paths(x):
    found = {"b": 1, "d": 2}
    if x > 0:
        found["a"] = 3
    else:
        found["c"] = 4
    return sorted(found), sorted(found, reverse=True), sorted(found.items())


@row((t([1.0, -1.0]), t(5)))
def states_that_were_seen(x, n):
    state, seen = "idle", {}
    for i in range(n):
        seen[state] = seen.get(state, 0) + 1
        if state == "idle":
            state = "run" if i % 2 == 0 else "idle"
        elif state == "run":
            state = "stop" if x[0] > 2 else "idle"
        else:
            state = "idle"
    return state, seen


WHOLE, REAL = np.array([1, 2, 1, 3, 2, 1]), np.array([1.5, 2.0, 1.5, -1.0])


@row(WHOLE, REAL)
def counted_by_elements_of_an_array(x):
    found = {}
    for v in x:
        found[v] = found.get(v, 0) + 1
    return found, Counter(x), x[0] in found, 2 in found, len(found)


@row(WHOLE, REAL)
def first_of_equal_elements(x):
    seen, out = set(), []
    for v in x:
        if v not in seen:
            seen.add(v)
            out.append(v)
    return out, len(seen), sorted(seen)


@row(WHOLE)
def places_of_elements(x):
    places, large = defaultdict(list), defaultdict(list)
    for i, v in enumerate(x):
        places[v].append(i)
        large[v > 1].append(i)
    return places, large


@row((WHOLE, 4), (WHOLE, 9), (REAL, 0.5))
def two_that_have_a_sum(x, total):
    seen = {}
    for i, v in enumerate(x):
        if total - v in seen:
            return seen[total - v], i
        seen[v] = i
    return None


@row(WHOLE, np.array([3, 4]))
def elements_as_keys_of_a_known_dict(x):
    names = {1: 10, 2: 20, 3: 30, "other": -1}
    return [names[v] for v in x]


@row(WHOLE)
def pairs_of_elements(x):
    found = {}
    for a, b in zip(x, x[1:], strict=False):
        found[a, b] = found.get((a, b), 0) + 1
    return found
