"""Strings that get longer piece by piece, by one of several strings each time."""

from python.harness import Table, t

table = Table("Strings that grow")
row = table.row
N = (t(5), t(0), t(13))
NAMES = ["Al", "Bo", "", "Dee"]
X = (t([3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8]), t([0] * 12))


@row(*N, 5, 0)
def by_a_character(n):
    s = ""
    for i in range(n):
        s += "abcabd"[i % 6]
    return s


@row(*N, 5)
def by_an_entry(n):
    s, u = "", ""
    for i in range(n):
        s = s + {0: "a", 1: "b", 2: "c"}[int(i % 3)]
        u += NAMES[i % 4]
    return s, u


@row(*N, 5)
def by_a_conditional(n):
    s = ""
    for i in range(n):
        s += "Fizz" if i % 3 == 0 else "Buzz" if i % 5 == 0 else "."
    return s


@row(*N, 5)
def by_arms(n):
    s = ""
    for i in range(n):
        if i % 3 == 0:
            s += "F"
        elif i % 3 == 1:
            s += "B"
        else:
            s += "."
    return s


@row(*N, 5)
def by_some_of_two(n):
    s = "<"
    for i in range(n):
        if i % 2:
            s += "x"
        if i % 3:
            s += "y"
    return s + ">"


@row(t(1000), t(0), t(255), 1000, 0)
def hexadecimal(n):
    s = ""
    while n:
        s = "0123456789abcdef"[n % 16] + s
        n //= 16
    return s


@row(*N, 5)
def in_other_spellings(n):
    a = b = d = ""
    for i in range(n):
        c = "abc"[i % 3]
        a = f"{a}{c}"
        b = "%s%s" % (c, b)
        d = d.join(["<", c, ">"]) if i < 3 else d
    return a, b, d


@row(*N, 5)
def several(n):
    a = b = ""
    c = "-"
    for i in range(n):
        a += "abc"[i % 3]
        b = "xyz"[i % 3] + b
        c += a[-1:] if i % 2 else b
    return a, b, [c, len(c)]


@row(*N, 5)
def used_afterwards(n):
    s = ""
    for i in range(n):
        s += "abc"[i % 3]
    print(s, len(s))
    parts = s[1:3], s.upper(), s.count("a"), {"k": s}, s * 2
    return s == "abcab", "abcab" == s, "ca" in s, s in "abcabc", s < "b", parts


@row(*N, 5)
def used_inside(n):
    s, k = "", 0
    for i in range(n):
        s += "ab"[i % 2]
        if s == "abab" or s.endswith("bab"):
            k += 1
        elif len(s) > 6:
            s = ""
    return s, k


@row(*N, 5)
def names_an_entry(n):
    s = ""
    for i in range(n):
        s += "abc"[i % 3]
    d = {"abc": 1, "": 7, "abcab": 5}
    if s in d:
        d[s] += 10
    return d, d.get(s), d.get(s, -1), s in {"abcab"}, s in frozenset(("", "ab"))


@row(*N)
def names_no_entry(n):
    s = ""
    for i in range(n):
        s += "abc"[i % 3]
    return {"abcab": 1}[s]


@row(*N, 5)
def state_machine(n):
    state = "a"
    following = {"a": "b", "b": "c", "c": "d", "d": "e", "e": "f", "f": "g", "g": "h", "h": "a"}
    for _ in range(n):
        state = following[state]
    return state


@row(*N, 5)
def lines_in_a_list(n):
    lines = []
    for i in range(n):
        line = ""
        for j in range(3):
            line += ".#x"[(i * j) % 3]
        lines.append(line)
    return lines, "\n".join(lines)


@row(*N, 5)
def words_in_a_list(n):
    word, out = "", []
    for i in range(n):
        if i % 4 == 3:
            out.append(word)
            word = ""
        else:
            word += "xyz"[i % 3]
    if word:
        out.append(word)
    return out


@row(*N, 5)
def some_of_some_kinds(n):
    out = []
    for i in range(n):
        s = "a" if i % 2 else "b"
        if i % 3:
            s += f"{i}" if i > 2 else "!"
        if i > 4:
            s = s + s
        out.append(s)
    return out


@row(*N, 5)
def absent_at_first(n):
    s = None
    for i in range(n):
        s = (s or "") + "abc"[i % 3]
    return s


@row(*N, 5)
def held_by_an_object(n):
    class Writer:
        text = ""

        def add(self, piece):
            self.text += piece
            return self

    w = Writer()
    pair = ["", 0]
    for i in range(n):
        w.add("ab"[i % 2]).add("xyz"[i % 3])
        pair[0] += "pqr"[i % 3]
        pair[1] += i
    return w.text, pair


@row(*X)
def in_a_known_number_of_steps(x):
    s = ""
    for i in range(12):
        s += "ab"[int(x[i]) % 2]
    return s


@row(*X)
def on_some_paths(x):
    s = ""
    for i in range(12):
        if x[i] > 2:
            s += "x"
        if x[i] > 4:
            s += f"{int(x[i])}"
    return s


@row(*X)
def run_lengths(x):
    s, before, count = "", None, 0
    for v in x:
        c = "abcde"[v % 5]
        if c == before:
            count += 1
        else:
            if before is not None:
                s += f"{before}{count}"
            before, count = c, 1
    return s + f"{before}{count}"


@row(("hello", t(3)), ("", t(3)), ("xyz", t(-1)))
def caesar(word, shift):
    s = ""
    for c in word:
        s += chr((ord(c) - 97 + int(shift)) % 26 + 97)
    return s


@row(*N)
def of_a_long_text(n):
    text = "the quick brown fox jumps over the lazy dog " * 5
    s, k = "", 0
    for i in range(n):
        c = text[i * 7 % len(text)]
        if c in "aeiou":
            k += 1
        s = c + s if c != " " else s
    return s, k


@row(*N)
def raised(n):
    s = ""
    for i in range(n):
        s += "ab"[i % 2]
    if len(s) > 3:
        raise ValueError(f"too long: {s}")
    return s


@row(t(11), t(0), 6)
def read_as_a_number(n):
    s = "0"
    for i in range(4):
        s += "1" if n >> i & 1 else "0"
    return int(s, 2), int(s, base=3), s.count("1"), float(s)
