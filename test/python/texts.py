"""Strings that are known at run time only."""

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
