"""Objects of all kinds as keys of dicts among the arguments and outside, and attributes of any name."""

import dataclasses
import datetime
import decimal
import enum
import fractions
import pathlib
import uuid
from collections import namedtuple

import numpy as np
import tfc as tf

from python.harness import Table, t

table = Table("Kinds of keys")
row = table.row


class Colour(enum.Enum):
    RED = 1


class Level(enum.IntEnum):
    LOW = 1


class Name(enum.StrEnum):
    A = "a"


class Bits(enum.Flag):
    ONE = 1


class Seven(int):
    """One that is written like another number."""

    def __repr__(self):
        return "7"


class Shout(str):
    def __repr__(self):
        return f"{self}!"


@dataclasses.dataclass(frozen=True)
class Cell:
    row: int


Point = namedtuple("Point", "x y")

KEYS = {
    "enum": Colour.RED,
    "int_enum": Level.LOW,
    "str_enum": Name.A,
    "flag": Bits.ONE,
    "int_subclass": Seven(3),
    "str_subclass": Shout("a"),
    "frozen": Cell(1),
    "namedtuple": Point(1, 2),
    "int64": np.int64(3),
    "float32": np.float32(1.5),
    "str_": np.str_("s"),
    "bool_": np.bool_(True),
    "date": datetime.date(2020, 1, 1),
    "decimal": decimal.Decimal(1),
    "fraction": fractions.Fraction(1, 2),
    "path": pathlib.PurePosixPath("a"),
    "uuid": uuid.UUID(int=3),
    "mixed_tuple": (Colour.RED, (1, np.int64(3))),
    "frozenset": frozenset((1,)),
    "inf": float("inf"),
    "nan": float("nan"),
    "infinite_tuple": (float("inf"), 1),
    "complex": complex(0, float("inf")),
    "negative_zero": -0.0,
    "large": 2**80,
    "dtype": tf.float32,
    "numpy_dtype": np.dtype("f4"),
    "class": Colour,
    "builtin_class": int,
    "ellipsis": ...,
    "bytes": b"\x00'\"",
    "quotes": "'\"\\\n{}",
    "none": None,
    "true": True,
}


def _rows_for(name, key):
    """A dict with the key as an argument that is read and changed, and one outside."""

    def argument(d, x):
        found = d[key] + x
        for k, item in d.items():
            found = found + item * (2 if k is key else 3)
        d[key] = found
        if x > 0:
            d["n"] = 4.0
            raise ValueError("stays changed")
        return d

    argument.__name__ = f"argument_{name}"
    row(({key: t(1.0), 7: t(5.0), "n": 2.0}, t(-1.0)), ({key: t(1.0), "n": 3.0}, t(1.0)))(argument)

    def outer():
        held = {key: t(1.0), 7: t(5.0), "n": 2}

        def f(x):
            before = held[key] + sum(held.values())
            if x > 0:
                held[key] = before * x
            return before, held

        return f

    outer.__name__ = f"outer_{name}"
    table.maker(t(1.0), t(-1.0), t(2.0))(outer)


for _name, _key in KEYS.items():
    _rows_for(_name, _key)


@row({1: t(1.0)}, {True: t(1.0)}, {1.0: t(1.0)}, {Level.LOW: t(1.0)}, {np.int64(1): t(1.0)})
def equal_keys_of_other_classes(d):
    return list(d), d


@row({"a": t(1.0)}, {Name.A: t(1.0)}, {np.str_("a"): t(1.0)})
def equal_texts_of_other_classes(d):
    return list(d)


@row({(1, 2): t(1.0)}, {(True, 2): t(1.0)}, {(1, 2.0): t(1.0)}, {Point(1, 2): t(1.0)})
def equal_tuples_of_other_classes(d):
    return [(k, type(k[0])) for k in d]


@table.maker((1, t(1.0)), (True, t(1.0)), (1.0, t(2.0)), ((1, 2), t(1.0)), ((True, 2), t(1.0)))
def equal_keys_outside():
    held = {}

    def read(x):
        return [(k, v * x) for k, v in held.items()]

    compiled = tf.function(read)

    def f(key, x):
        held.clear()
        held[key] = t(3.0)
        return compiled(x)

    return f


@dataclasses.dataclass
class Request:
    x: object


NAMES = (
    "x if not print('run') else 0",
    "class",
    "ﬁ",
    "fi",
    "a b",
    "",
    "__debug__",
    "None",
    "x.y",
)


def _request(value, names=NAMES):
    made = Request(value)
    vars(made).update({name: value * (k + 2) for k, name in enumerate(names)})
    return made


@row(_request(t(1.0)), _request(t(2.0)), _request(3.5), _request(4.5))
def attributes_of_any_name(o):
    return [v for v in vars(o).values()]


@row((_request(t(1.0)), t(-1.0)), (_request(t(2.0)), t(2.0)))
def attributes_of_any_name_changed(o, x):
    for name in NAMES:
        setattr(o, name, getattr(o, name) * x)
    if x > 0:
        raise ValueError("stays changed")
    return o


@table.maker(t(1.0), t(2.0))
def attributes_of_any_name_outside():
    held, numbers = _request(t(1.0)), _request(2)

    def f(x):
        for name in NAMES:
            x = x * getattr(held, name) + getattr(numbers, name)
            setattr(held, name, x)
        return x, held

    return f


def _mode(value):
    made = Request(t(1.0))
    made.mode = value
    return made


@row(_mode("double"), _mode("half"), _mode("double"), _mode(None), Request(t(1.0)))
def attributes_beside_the_fields(o):
    mode = getattr(o, "mode", "none")
    return o.x * 2 if mode == "double" else o.x / 2 if mode == "half" else o.x
