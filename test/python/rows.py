"""Lists of rows that grow at run time: objects, lists in lists, rows that change, and their names."""

import collections

import tfc as tf

from python.harness import Table, t

table = Table("Rows of lists")
row = table.row


@table.row((t([1.0, 2.0]), t(2)), (t([1.0, 2.0, 3.0]), t(3)), (t([1.0, 2.0, 3.0, 4.0]), t(6)))
def rows_of_a_size_of_run_time(x, n):
    rows = []
    for i in tf.range(n):
        rows.append(x * tf.cast(i, tf.float32))
    return tf.stack(rows)


@table.row((t([1.0, 2.0]), t(2)), (t([1.0, 2.0, 3.0]), t(3)))
def rows_of_a_size_of_run_time_behind_a_first_one(x, n):
    rows = [x]
    for i in tf.range(n):
        rows.append(x * tf.cast(i, tf.float32))
    return tf.stack(rows)


@row(t(3))
def comparing_a_text_of_run_time(x):
    return f"{x}" == "3"


@row(t(3))
def searching_a_text_of_run_time(x):
    return "3" in f"{x}"


@row(t(3))
def lists_in_a_list(n):
    out = []
    for i in range(n):
        out.append([i, 2])
    out[n - 1][0] = 7
    out[0][1] += 5
    out[-1].reverse()
    return out


@row(t(3))
def grow_inner(n):
    out = []
    for i in range(n):
        out.append([i])
    out[n - 1].append(5)
    return out


@row(t(3))
def after_append(n):
    out = []
    for i in range(n):
        row = [i, 0]
        out.append(row)
        row[1] = i * 2
    return out


@row(t(3))
def one_object_many_times(n):
    out = []
    row = [0, 0]
    for i in range(n):
        row[1] = i
        out.append(row)
    return out


@row(t(3))
def change_items_in_a_loop(n):
    out = []
    for i in range(n):
        out.append([i, 2])
    for r in out:
        r[0] = 5
    return out


@row(t(3))
def change_items_by_index(n):
    out = []
    for i in range(n):
        out.append([i, 2])
    for i in range(n):
        out[i][0] = 5 * i
    return out


@row(t(3))
def change_a_named_row(n):
    out = []
    for i in range(n):
        out.append({"a": i})
    r = out[1]
    r["a"] = 9
    r["a"] += 1
    return out


@row(t(3))
def nested_rows(n):
    out = []
    for i in range(n):
        out.append([[i, 1], [2, i]])
    out[1][0][1] = 8
    return out


class Particle:
    def __init__(self, x):
        self.x = x
        self.v = 0

    def bump(self):
        self.x += 1


@row(t(3))
def objects_in_a_list(n):
    ps = []
    for i in range(n):
        ps.append(Particle(i))
    ps[1].bump()
    ps[0].x = 10
    return [p.x for p in ps]


@row(t(3))
def dict_rows(n):
    d = {}
    for i in range(n):
        d[i] = [i, 0]
    d[int(n) - 1][1] = 4
    return d


@row(t([1, 2, 1]))
def groups_of_items(x):
    d = collections.defaultdict(list)
    for i in range(len(x)):
        d[int(x[i])].append(i)
    return d


@row(t(3))
def copies_of_rows(n):
    out = []
    for i in range(n):
        out.append([i, 2])
    b = out[1]
    e = list(b)
    e[0] = 3
    q = out.pop()
    q.append(1)
    return out, e, q, [r[0] for r in out]


@row(t(3))
def known_then_grows(n):
    a = [1, 2]
    out = [a]
    for i in range(n):
        out.append([i, 2])
    a[0] = 7
    return out


@row(t(2))
def known_not_grown(n):
    a = [1, 2]
    out = [a]
    if n > 1:
        a[0] = 5
    return out


@row(t(3), t(1))
def swap_in_rows(n):
    m = []
    for i in range(n):
        m.append([i, i + 1])
    for i in range(n):
        m[i][0], m[i][1] = m[i][1], m[i][0]
    return m


@row(t(5), t(1), t(2))
def unpack_ends(n):
    first, *rest, last = tf.range(n)
    return first + last, rest


@row(t(3), t(2), t(1))
def unpack_pair(n):
    out = []
    for i in tf.range(n):
        out.append(i)
    a, b = out
    return a - b


@row(t(3), t(1))
def unpack_star(n):
    out = []
    for i in range(n):
        out.append(i)
    a, *b = out
    *d, e = out
    return a, b, d, e, len(b)


@row(t(3), t(2))
def unpack_generator(n):
    a, b = (i for i in range(n) if i > 0)
    return a, b


@row(t(3), t(0))
def join_numbers(n):
    out = []
    for i in range(n):
        out.append(str(i))
    print(",".join(out))
    return "-".join(str(i * 2) for i in range(n))


@row(t(3), 2)
def join_known(n):
    return ",".join([str(n), f"{n + 1}", "x"]) + "!"


@row(t(3), t(0))
def join_of_no_strings(n):
    out = []
    for i in range(n):
        out.append(i)
    return ",".join(out)


@row(t(3), t(1), t(0))
def join_of_strings_and_a_number(n):
    out = []
    for i in range(n):
        out.append("a" if i % 2 == 0 else 3.0)
    return ",".join(out)


@row(t(3), t(1))
def fizz(n):
    out = []
    for i in range(1, n + 1):
        out.append("Fizz" if i % 3 == 0 else str(i))
    return " ".join(out)


@row(t([1.0, -2.0, 3.0]))
def the_last_list_changes_or_one_more_comes(values):
    runs = [[0.0, 0.0]]
    for value in values:
        if value > 0:
            runs[-1][0] += value
        else:
            runs.append([0.0, value])
    return runs
