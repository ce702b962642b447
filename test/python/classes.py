"""Classes: how instances are made, and descriptors."""

import abc
import dataclasses
import enum
import functools
from typing import Any, Generic, TypeVar

import tfc as tf

from python.harness import Table, t

table = Table("Classes")
row = table.row
SIGNS = (t(3.0), t(-2.0))
Item = TypeVar("Item")


class Positive:
    def __set_name__(self, owner, name):
        self.name = "_" + name

    def __get__(self, instance, owner=None):
        return self if instance is None else getattr(instance, self.name)

    def __set__(self, instance, value):
        if value < 0:
            raise ValueError(f"{self.name} must be positive")
        setattr(instance, self.name, value)


class Body:
    mass = Positive()

    def __init__(self, mass):
        self.mass = mass


@row((t(3.0), t(2.0)), (t(1.0), t(-4.0)), (t(-1.0), t(1.0)))
def descriptor(mass, other):
    body = Body(mass)
    try:
        body.mass = other
    except ValueError as error:
        print(error)
    return body.mass, vars(body), isinstance(Body.mass, Positive)


class Lazy:
    def __init__(self, x):
        self.x = x
        self.count = 0

    @functools.cached_property
    def size(self):
        self.count += 1
        return self.x if self.x > 0 else -self.x


@row(*SIGNS)
def cached_property(x):
    lazy = Lazy(x)
    return lazy.size, lazy.size + 1, lazy.count, sorted(vars(lazy))


class Shape(abc.ABC):
    def __init__(self, size):
        self.size = size if size > 0 else -size

    @abc.abstractmethod
    def area(self):
        """Its area."""


class Square(Shape):
    def area(self):
        return self.size * self.size


@row(*SIGNS)
def abstract_base(x):
    return Square(x).area()


@row(*SIGNS)
def abstract_instance(x):
    return Shape(x)


class Single(type):
    def __call__(cls, *arguments):
        if "only" not in cls.__dict__:
            cls.only = super().__call__(*arguments)
        return cls.only


@row(*SIGNS)
def metaclass(x):
    class Settings(metaclass=Single):
        def __init__(self, scale):
            self.scale = scale if scale > 0 else -scale

    return Settings(x).scale, Settings(x * 2).scale, Settings(1) is Settings(2)


class Made:
    def __new__(cls, x):
        made = super().__new__(cls)
        made.size = x if x > 0 else -x
        return made

    def __init__(self, x):
        self.x = x


@row(*SIGNS)
def new(x):
    made = Made(x)
    return made.x, made.size


class Box(Generic[Item]):
    def __init__(self, item: Item):
        self.item: Any = item if item > 0 else -item


@row(*SIGNS)
def generic(x):
    return Box(x).item, Box[float](x * 2).item


class Frozen:
    def __init__(self, value):
        object.__setattr__(self, "value", value)

    def __setattr__(self, name, value):
        raise AttributeError(f"cannot set {name}")

    def doubled(self):
        super().__setattr__("value", self.value * 2)


@row(*SIGNS)
def plain_setattr(x):
    frozen = Frozen(x)
    if x > 0:
        frozen.doubled()
    try:
        frozen.value = x
    except AttributeError as error:
        print(error)
    return frozen.value


class Vector:
    def __init__(self, *items):
        self.items = list(items)

    def __round__(self, digits=0):
        return [round(item, digits) for item in self.items]

    def __format__(self, style):
        return "<" + " ".join(format(item, style) for item in self.items) + ">"

    def __floor__(self):
        return self.items[0] if self.items[0] > 0 else tf.constant(0.0)


@row((t(1.26), t(2.0)), (t(-3.14), t(0.5)))
def protocols(x, y):
    import math

    vector = Vector(x, y)
    print(f"{vector:.2f}|{vector:5.1f}")
    return round(vector, 1), math.floor(vector)


class Vector:
    __slots__ = ("x", "y")

    def __init__(self, x, y):
        self.x, self.y = x, y

    def __add__(self, other):
        return Vector(self.x + other.x, self.y + other.y)


@dataclasses.dataclass(slots=True)
class Slotted:
    a: Any
    b: Any = 2.0


@row(t(3), t(0), 4)
def slots_in_a_loop(n):
    p, out = Vector(0, 1), []
    for i in range(n):
        p = p + Vector(i, 2)
        if i % 2 == 0:
            p.y = p.y * 2
        out.append(p)
    return p.x, p.y, [item.y for item in out]


@row(Slotted(t(3)), Slotted(t(1.5), 4.0), Slotted(5))
def slots_of_an_argument(item):
    item.a = item.a * 2
    return item.a + item.a


class Level(enum.IntEnum):
    LOW = 1
    HIGH = 5


@row(t(4), 4, 5, 7)
def int_enum(n):
    return n > Level.HIGH, Level.LOW * n, n == Level.HIGH, n - Level.HIGH, min(n, Level.HIGH)


class Choice:
    """Called what a class of the compiler is called, as are the next ones: only that class itself is special."""

    def __init__(self, options):
        self.alternatives = options

    def __iter__(self):
        return iter(self.alternatives)


class SymbolicText:
    def __init__(self, size):
        self.pieces = size


class Const:
    def __init__(self, value):
        self.value = value

    def __len__(self):
        return 2


@row(*SIGNS)
def classes_with_names_of_the_compiler(x):
    total = x
    for option in Choice([1.0, 2.0]):
        total = total * option
    kept = SymbolicText(x) if x > 0 else SymbolicText(-x)
    for i in range(3):
        if x > i:
            kept = SymbolicText(kept.pieces + Const(i).value)
    return total, kept.pieces, 1 if SymbolicText(x) else 2, len(Const(x)), bool(Const(x))


@row(*SIGNS)
def iterating_over_what_has_the_name_of_a_string(x):
    try:
        for item in SymbolicText(x):
            x = x + item
    except TypeError as error:
        return str(error)
