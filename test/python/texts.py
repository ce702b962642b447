"""Strings that are known at run time only."""

import collections
import dataclasses
import io

import tfc as tf

from python.harness import Table, t

table = Table("Strings")
row = table.row
I = (t(121), t(-2), t(10))  # noqa: E741
PI = (121, -2, 10)
V = (t([3, 1, 2]), t([7]), t([], tf.int32))


@row(*I, *PI)
def palindrome(n):
    s = str(int(n))
    return s == s[::-1]


@row(*I, *PI)
def sum_of_digits(n):
    return sum(int(d) for d in str(abs(int(n))))


@row(*I, *PI)
def counted_characters(n):
    c = 0
    for ch in f"{int(n)}":
        if ch == "1":
            c += 1
    return c


@row(*I)
def asked_and_changed(n):
    s = f"v{int(n)}"
    return (
        s.upper(),
        s.startswith("v1"),
        len(s),
        s.zfill(6),
        s.replace("1", "one"),
        s.find("2"),
        "1" in s,
        s[0],
        s[-1],
        s * 2,
        s[1:],
    )


@row(*I)
def branched_on(n):
    s = str(int(n))
    if s.startswith("-"):
        return "neg"
    if not s:
        return "empty"
    if s in ("10", "11"):
        return "ten"
    return s + "!"


@row(*I)
def converted(n):
    return int(str(int(n)) + "0"), float(f"{int(n)}.5"), int(f"{float(n):.0f}")


@row(*V)
def written_in_a_loop(v):
    b = io.StringIO()
    for x in v:
        if x > 1:
            b.write(f"{int(x)};")
        else:
            print("small", int(x), file=b, sep="=", end="|")
    s = b.getvalue()
    print(s)
    return len(s)


@row(*I)
def written_on_two_paths(x):
    b = io.StringIO()
    b.write("start ")
    if x > 0:
        b.write("pos")
    else:
        b.write("neg")
        print("!", file=b)
    return b.getvalue()


@row(*I)
def written_in_a_with(x):
    with io.StringIO() as b:
        b.writelines(["a", "b"])
        if x > 50:
            return b.getvalue() + "x"
        n = b.write("abc")
        return b.getvalue(), n


@row(*V)
def joined_in_a_loop(v):
    s = ""
    for x in v:
        s += str(int(x)) + ","
    return s


@row(t(3), t(0))
def longer_in_a_loop(n):
    s = ""
    i = 0
    while i < n:
        s = s + "ab"
        i += 1
    return s


@row(t(3), t(0))
def joined(n):
    out = []
    for i in range(n):
        out.append(f"{i}:{i * i}")
    return "|".join(out)


@row(t(5), t(2))
def binary_digits(n):
    s = ""
    while n > 0:
        s = str(int(n % 2)) + s
        n = n // 2
    return s


@row(t(5), t(2))
def made_of_numbers(n):
    return (
        bin(int(n)),
        hex(int(n)),
        oct(int(n)),
        chr(97 + int(n)),
        ord(str(int(n))[0]),
        f"{int(n):b}",
    )


@row(t(5), t(-2))
def compared(n):
    return str(int(n)) < "3", "a" < str(int(n)), str(int(n)) != "5", str(int(n)) == 5


@dataclasses.dataclass
class Noted:
    a: object
    b: object = None


class Signed:
    def __init__(self, v):
        self.v = v

    def __repr__(self):
        return f"Signed({self.v})" if self.v > 0 else "none"


class Named(Signed):
    __slots__ = ("extra",)

    def __str__(self):
        return "n" if self.v > 0 else f"<{self.v}>"

    def __format__(self, style):
        return f"{self.v}|{style}"


class Linked:
    def __init__(self, v, following=None):
        self.v = v
        self.following = following

    def __repr__(self):
        return f"{self.v}->{self.following!r}"


class Wrong:
    def __str__(self):
        return 5


@row(([], 3), ([1, 2], t(3)), ([1], -1))
def text_of_an_argument(items, n):
    items.append(n)
    first = str(items), "%s" % (items,), f"{items}", repr(items), f"{items!r:>20}"
    items.append([4])
    second = "%s|%s" % (items, n), str({"k": items}), ",".join(map(str, items))
    items[-1].append(n)
    del items[0]
    return first, second, str(items)


@row(({"a": 1}, collections.defaultdict(list), 3), ({}, collections.defaultdict(list), t(3)))
def text_of_dicts(d, e, n):
    d["b"] = n
    first = str(d), repr(e)
    e["x"].append(n)
    d["c"] = e
    second = "%s" % d, f"{e}"
    d["b"] = 0
    e["x"].append(7)
    return first, second, str(d)


@row((Noted(1, [2]), 3), (Noted(1, [2]), t(3)))
def text_of_a_record(d, n):
    d.a = n
    first = str(d), f"{d}", "%s" % d
    d.b.append(n)
    second = repr([d])
    d.a = 0
    return first, second, repr(d)


@row(t(3), t(-3), 2, -2)
def text_by_methods_that_branch(n):
    s, m = Signed(n), Named(n)
    one = repr(s), str(s), f"{s}", f"{s!r:>12}", "%r|%6s" % (s, s), f"{s!s}"
    two = repr(m), str(m), f"{m}", f"{m:x}", f"{m!s:>5}|", "%s" % m
    return one, two, str([s, m]), repr({"k": (s,)}), f"{(m, n)}"


@row(t(3), 2)
def text_of_objects_in_objects(n):
    a = Linked(n, Linked(n + 1))
    first = repr(a), str([a])
    a.following.v = 0
    return first, str(a), f"{[a]}"


@row(1, t(1))
def text_by_a_method_that_gives_none(n):
    return str(Wrong())


@row(1, t(1))
def style_for_an_object(n):
    return f"{Signed(n):>6}"


@row(t(3), t(-3), 2, -1)
def text_of_members_of_run_time(n):
    members, last = {1}, collections.deque([1, 2], maxlen=3)
    if n > 0:
        members.add(2)
    first = str(members), f"{[members]}", repr(last)
    print(members, last, n)
    members.add(3)
    last.append(n)
    return first, "%s" % members, str({"k": members}), str(last), f"{last} {n}"


@row(t(3), t(-3), 2)
def text_before_a_list_grows(n):
    items, shown = [n], []
    for i in range(3):
        items.append(i)
        shown.append(str(items))
    if n > 0:
        shown.append(f"{items}")
        items.append(3)
    else:
        shown.append(f"{items}!")
        items[0] = 8
    return shown, str(items)


@row(t(3), t(0), 2)
def text_of_a_list_of_run_time_before_it_grows(n):
    items = []
    for i in range(n):
        items.append(i)
    first = str(items)
    items.append(9)
    second = f"{items}"
    items.pop()
    return first, second, "%s" % items


@row(t(1), t(0), 2, -1)
def numbers_of_chosen_characters(n):
    letter = "x" if n > 0 else "y"
    return ord("abc"[n]), ord(letter), chr(ord(letter) + 1)
