from __future__ import annotations

from collections.abc import Mapping
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omniforce.spec.expression.tree import Compare, Literal_, Name, Value
from omniforce.spec.space import (
    Choice,
    Coordinate,
    Domain,
    FloatRange,
    IntRange,
    Space,
    validate,
)
from omniforce.strategies.points.encoding import INACTIVE, Encoding, Interval, axis, places
from omniforce.strategies.points.sampling import Sampler
from tests.support.spaces import domains, places_in, spaces


@given(spaces(), st.integers(0, 2**32))
def test_decoding_what_was_encoded_gives_the_point_again(space: Space, seed: int) -> None:
    encoding = Encoding.of(space)
    point = encoding.decode([Random(seed + at).random() for at in range(len(space))])
    again = encoding.decode(encoding.encode(point))
    assert list(again) == list(point)
    for coordinate, axis_ in zip(space, encoding.axes, strict=True):
        if coordinate.id not in point:
            continue
        if isinstance(axis_, Interval):
            assert again[coordinate.id] == pytest.approx(point[coordinate.id], rel=1e-6, abs=1e-6)
        else:
            assert again[coordinate.id] == point[coordinate.id]


@given(spaces(), st.data())
def test_every_place_of_the_cube_is_a_point_of_the_domains(
    space: Space, data: st.DataObject
) -> None:
    point = Encoding.of(space).decode(data.draw(places_in(space)))
    assert validate(Space(space.coordinates), point) == ()


@given(spaces(), st.data())
def test_equal_points_have_one_key_and_others_have_another(
    space: Space, data: st.DataObject
) -> None:
    encoding = Encoding.of(space)
    one, other = (encoding.decode(data.draw(places_in(space))) for _ in range(2))
    alike = encoding.key(one) == encoding.key(other)
    assert alike or _typed(one) != _typed(other)
    assert not alike or _rounded(encoding, one) == _rounded(encoding, other)


@given(spaces(), st.data())
def test_encoding_what_was_decoded_stays_where_it_is(space: Space, data: st.DataObject) -> None:
    encoding = Encoding.of(space)
    first = encoding.key(encoding.decode(data.draw(places_in(space))))
    unit = [INACTIVE if place is None else place for place in first]
    assert encoding.key(encoding.decode(unit)) == pytest.approx(first, abs=1e-6)


@given(domains())
def test_the_order_of_the_values_is_the_order_on_the_axis(domain: Domain) -> None:
    found = axis(domain)
    listed = [found.decode(at / 40) for at in range(41)]
    if isinstance(domain, Choice):
        listed = list(domain.values)
    else:
        assert listed == sorted(listed, key=float)
    standing = [found.encode(value) for value in listed]
    assert standing == sorted(standing)


def _typed(point: Mapping[str, Value]) -> dict[str, tuple[type, Value]]:
    """Python holds `True == 1`, and a space does not."""
    return {name: (type(value), value) for name, value in point.items()}


def _rounded(encoding: Encoding, point: Mapping[str, Value]) -> dict[str, tuple[type, Value]]:
    """Two numbers of a continuum that are next to each other may be as one."""
    continua = {
        c.id
        for c, each in zip(encoding.space, encoding.axes, strict=True)
        if isinstance(each, Interval)
    }
    return {name: each for name, each in _typed(point).items() if name not in continua}


@given(spaces(), st.integers(0, 2**32))
def test_places_lie_in_the_cube(space: Space, seed: int) -> None:
    encoding = Encoding.of(space)
    point = Sampler.of(space).random(Random(seed))
    assert all(0.0 <= place <= 1.0 for place in encoding.encode(point))


def test_inactive_coordinates_stand_in_the_middle() -> None:
    space = Space(
        (
            Coordinate("kind", (), Choice(("a", "b"))),
            Coordinate("size", (), IntRange(1, 9), (Compare("==", Name("kind"), Literal_("b")),)),
        )
    )
    encoding = Encoding.of(space)
    assert encoding.encode({"kind": "a"}) == (0.25, INACTIVE)
    assert encoding.key({"kind": "a"}) == (0.25, None)
    assert encoding.key({"kind": "b", "size": 5}) == (0.75, 0.5)


@pytest.mark.parametrize(
    ("domain", "values"),
    [
        (IntRange(2, 8, "linear", 3), [2, 5, 8]),
        (IntRange(1, 4, "log"), [1, 2, 3, 4]),
        (FloatRange(0.0, 0.3, "linear", 0.1), [0.0, 0.1, 0.2, 0.3]),
        (FloatRange(4.1, 4.199999999999999, "linear", 0.1), [4.1, 4.199999999999999]),
        (Choice(("a", 1, True)), ["a", 1, True]),
        (IntRange(7, 7), [7]),
    ],
)
def test_every_value_has_its_own_place(domain: IntRange, values: list[object]) -> None:
    found = axis(domain)
    assert [found.decode(place) for place in places(found)] == values


def test_a_log_scale_gives_each_decade_the_same_share() -> None:
    found = axis(FloatRange(1e-4, 1e-1, "log"))
    assert [found.encode(v) for v in (1e-4, 1e-3, 1e-2, 1e-1)] == pytest.approx(
        [0, 1 / 3, 2 / 3, 1]
    )


def test_one_and_true_are_two_values() -> None:
    found = axis(Choice((1, True)))
    assert (found.encode(1), found.encode(True)) == (0.25, 0.75)
