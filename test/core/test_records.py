"""`Record`: made from fields, equal by them."""

from __future__ import annotations

import pytest
from tfc.dialects.records import Record


class Point(Record):
    x: int
    y: int = 0


class Named(Point):
    name: str = "origin"


def test_fields_by_place_and_by_name() -> None:
    assert Point(1) == Point(x=1, y=0)
    assert hash(Point(1)) == hash(Point(1, 0))
    assert Point(1) != Point(1, 2)
    assert repr(Named(1, name="a")) == "Named(x=1, y=0, name='a')"
    assert Named(1) != Point(1)


def test_other_values_of_some_fields() -> None:
    assert Named(1, 2).replace(y=5, name="b") == Named(1, 5, "b")


def test_wrong_fields() -> None:
    make: type = Point
    for values, named in (((1, 2, 3), {}), ((1,), {"x": 2})):
        with pytest.raises(TypeError, match="Point: a field"):
            make(*values, **named)
    with pytest.raises(TypeError, match="Point: no field 'z'"):
        make(1, z=3)
    with pytest.raises(TypeError, match="Point: 'x' is missing"):
        make(y=3)


class Changing(Record, frozen=False):
    x: int


class More(Changing):
    y: int


def test_fields_are_not_assigned():
    point = Point(1, 2)
    for change in (lambda: setattr(point, "x", 3), lambda: delattr(point, "x")):
        with pytest.raises(AttributeError, match="'x' of Point"):
            change()
    assert point == Point(1, 2)
    for other in (Changing(1), More(1, 2)):
        other.x = 3
        assert other.x == 3
