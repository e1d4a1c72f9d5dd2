"""Permutations and subsets: the digits that are searched, and the lists that trials get."""

from __future__ import annotations

from itertools import permutations, product

import pytest

from omniforce.spec.arguments import to_arguments
from omniforce.spec.expression.evaluate import evaluate
from omniforce.spec.space import IntRange, Weights, contains, validate
from tests.support.search_spaces import faults, shown, space


def test_a_permutation_is_one_digit_less_than_it_has_values() -> None:
    made = space("order: permutation {a, b, c}")
    assert [(c.id, c.domain) for c in made] == [
        ("order[0]", IntRange(0, 2)),
        ("order[1]", IntRange(0, 1)),
    ]


def test_every_point_is_another_permutation() -> None:
    made = space("order: permutation {a, b, c, d}")
    digits = product(*(range(c.domain.high + 1) for c in made if isinstance(c.domain, IntRange)))
    points = [{f"order[{k}]": d for k, d in enumerate(point)} for point in digits]
    assert all(validate(made, point) == () for point in points)
    lists = [to_arguments(made, point)["order"] for point in points]
    assert sorted(map(tuple, lists)) == sorted(permutations("abcd"))  # type: ignore[call-overload]


def test_the_position_of_a_value_is_where_it_stands_in_the_list() -> None:
    made = space("order: permutation {a, b, c}", "position(order, a) < position(order, c)")
    (before,) = made.constraints
    for first, second in product(range(3), range(2)):
        point = {"order[0]": first, "order[1]": second}
        order = to_arguments(made, point)["order"]
        assert isinstance(order, list)
        assert evaluate(before, point) is (order.index("a") < order.index("c"))


def test_a_subset_is_a_bit_for_each_value() -> None:
    made = space("augment: {type: subset, range: {flip, crop, blur}, size: 1...2}")
    assert shown(made) == [
        "augment[0]",
        "augment[1]",
        "augment[2]",
        "sum(augment[0...2]) >= 1",
        "sum(augment[0...2]) <= 2",
    ]
    assert to_arguments(made, {"augment[0]": 1, "augment[1]": 0, "augment[2]": 1}) == {
        "augment": ["flip", "blur"]
    }
    assert {c.prior for c in made} == {Weights((0.5, 0.5))}


def test_an_empty_subset_is_a_list_and_not_left_out() -> None:
    made = space("augment: subset {flip, crop}")
    assert to_arguments(made, {"augment[0]": 0, "augment[1]": 0}) == {"augment": []}


def test_what_is_asked_of_a_subset_comes_down_to_its_bits() -> None:
    made = space(
        """
        augment: subset {flip, crop}
        kind: {flip, crop}
        angle: 1...30 when flip in augment
        less: 1...30 when not crop in augment
        none: 1...30 when crop not in augment
        """,
        "size(augment) <= 1",
        "kind in augment",
    )
    assert shown(made)[3:] == [
        "angle: augment[0] == 1",
        "less: not augment[1] == 1",
        "none: not augment[1] == 1",
        "sum(augment[0...1]) <= 1",
        'kind == "flip" and augment[0] == 1 or kind == "crop" and augment[1] == 1',
    ]


def test_lists_stand_in_arrays_and_behind_conditions() -> None:
    made = space("""
        blocks:
          type: int
          range: 1...2
          submodule:
            order: permutation {conv, norm}
            some: {type: subset, range: {x, y}, when: "position(order, norm) == 0"}
        """)
    assert [c.id for c in made] == [
        "blocks",
        "order[0][0]",
        "order[1][0]",
        "some[0][0]",
        "some[0][1]",
        "some[1][0]",
        "some[1][1]",
    ]
    point = {"blocks": 2, "order[0][0]": 0, "order[1][0]": 1, "some[1][0]": 0, "some[1][1]": 1}
    assert validate(made, point) == ()
    assert to_arguments(made, point) == {
        "blocks": 2,
        "order": [["conv", "norm"], ["norm", "conv"]],
        "some": [None, ["y"]],
    }
    assert to_arguments(made, {"blocks": 1, "order[0][0]": 0})["order"] == [["conv", "norm"]]


def test_a_default_list_is_the_default_of_its_digits() -> None:
    made = space("""
        order: {type: permutation, range: {a, b, c}, default: [c, a, b]}
        some: {type: subset, range: {x, y, z}, default: [z]}
        """)
    point = {c.id: c.default for c in made if c.default is not None}
    assert to_arguments(made, point) == {"order": ["c", "a", "b"], "some": ["z"]}
    assert all(contains(c.domain, point[c.id]) for c in made)


@pytest.mark.parametrize(
    ("text", "constraint", "said"),
    [
        ("o: permutation {a}", "", "OFC202 the permutation `o` has one value"),
        ("o: permutation 1...5", "", "OFC215 `o` is a permutation and has a range"),
        ("o: permutation {a, a}", "", "OFC211 `o` has `a` twice"),
        (
            "s: subset {a, b} size 3",
            "",
            "OFC223 the size `3` of `s` is none that a subset of 2 can have",
        ),
        ("s: subset {a, b} log", "", "OFC107 `s` is of type `subset` and has a `scale`"),
        ("o: permutation {a, b}", "o == 1", "OFC222 `o` is a permutation and has no single value"),
        (
            "o: permutation {a, b}",
            "a in o",
            "OFC222 `o` is a permutation, and each of its values is in it",
        ),
        ("o: permutation {a, b}", "position(o, c) < 1", "OFC209 `c` is never in `o`"),
        ("s: subset {a, b}", "c in s", "OFC209 `c` is never in `s`"),
        ("s: subset {a, b}", "position(s, a) < 1", "OFC222 `s` is no permutation"),
        (
            "s: subset {a, b}\nx: 1...3",
            "x in s",
            "OFC209 `x` is a number, and a subset holds values",
        ),
        ("x: 1...3", "size(x) < 1", "OFC222 `x` is no subset"),
        ("x: 1...3", "2 in x", "OFC222 `x` is no subset, so nothing is in it or not"),
    ],
)
def test_what_is_wrong_with_a_list_is_said(text: str, constraint: str, said: str) -> None:
    assert faults(text, *([constraint] if constraint else [])) == [said]
