"""Our frozen dataclasses are what the standard library's are."""

from __future__ import annotations

import copy
import dataclasses
import pickle
from dataclasses import field
from typing import ClassVar, Generic, TypeVar

import pytest

from omniforce.spec.frozen import dataclass

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Point:
    """Has each kind of field."""

    kind: ClassVar[str] = "point"
    x: int
    y: tuple[int, ...] = ()
    z: list[int] = field(default_factory=list)
    at: int = field(default=0, compare=False, repr=False, kw_only=True)

    @property
    def total(self) -> int:
        return self.x + sum(self.y)


@dataclass(frozen=True, slots=True, kw_only=True)
class Named(Point):
    """Adds one field to those of its base."""

    name: str


@dataclass(frozen=True, slots=True)
class Box(Generic[T]):
    """Is generic."""

    content: T


@dataclass(frozen=True, slots=True)
class Empty:
    """Has nothing."""


def test_values_are_equal_by_their_class_and_fields() -> None:
    assert Point(1, (2,), at=3) == Point(1, (2,), at=4)
    assert Point(1) != Point(2)
    assert Empty() == Empty()
    assert Box(1) != Empty()
    assert hash(Box((1,))) == hash(Box((1,)))
    assert len({Empty(), Empty(), Box(1), Box(1)}) == 2


def test_a_subclass_is_another_class() -> None:
    named = Named(x=1, name="a")
    assert named != Point(1)
    assert isinstance(named, Point)
    assert (named.total, named.kind, Point.kind) == (1, "point", "point")


def test_it_says_what_it_is() -> None:
    assert repr(Named(x=1, name="a", at=9)) == "Named(x=1, y=(), z=[], name='a')"
    assert repr(Empty()) == "Empty()"


def test_defaults_are_made_anew() -> None:
    assert Point(1).z is not Point(1).z


def test_nothing_can_be_changed_or_added() -> None:
    point = Point(1)
    with pytest.raises(dataclasses.FrozenInstanceError):
        point.x = 2  # type: ignore[misc]
    with pytest.raises(dataclasses.FrozenInstanceError):
        del point.x
    with pytest.raises(dataclasses.FrozenInstanceError):
        point.w = 2  # type: ignore[attr-defined]
    assert not hasattr(point, "__dict__")


def test_missing_and_unknown_arguments_are_refused() -> None:
    with pytest.raises(TypeError, match="x"):
        Point()  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="w"):
        Point(1, w=2)  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="positional"):
        Named(1, (), [], "a")  # type: ignore[misc]


def test_the_standard_library_takes_it_for_a_dataclass() -> None:
    named = Named(x=1, name="a")
    assert dataclasses.is_dataclass(named)
    assert [f.name for f in dataclasses.fields(named)] == ["x", "y", "z", "at", "name"]
    assert dataclasses.replace(named, x=2) == Named(x=2, name="a")
    assert dataclasses.asdict(Box(Box(1))) == {"content": {"content": 1}}
    assert Point.__match_args__ == ("x", "y", "z")


def test_it_can_be_copied_and_pickled() -> None:
    named = Named(x=1, z=[2], name="a", at=3)
    for other in (copy.copy(named), copy.deepcopy(named), pickle.loads(pickle.dumps(named))):
        assert other == named
        assert other.at == 3


def test_a_pattern_takes_it_apart() -> None:
    match Point(1, (2,)):
        case Point(x, y=(second,)):
            assert (x, second) == (1, 2)
        case _:
            pytest.fail("no match")
