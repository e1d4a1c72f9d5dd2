"""Parameters of one name in branches that exclude each other."""

from __future__ import annotations

import pytest

from omniforce.spec.arguments import to_arguments
from omniforce.spec.space import IntRange, validate
from tests.support.search_spaces import faults, shown, space

FAMILIES = """
family:
  type: choice
  range: {net, trees}
  submodule:
    net: {width: 8...64, deep: "bool when width > 16", wide: "= 2 * width"}
    trees: {width: 1...9, wide: "= 3 * width"}
"""


def test_each_branch_searches_the_argument_apart() -> None:
    made = space(FAMILIES)
    assert shown(made) == [
        "family",
        'width: family == "net"',
        'deep: family == "net" and width > 16',
        'width__trees: family == "trees"',
        'wide = 2 * width (int): family == "net"',
        'wide__trees = 3 * width__trees (int): family == "trees"',
    ]
    assert [c.domain for c in made if c.argument == "width"] == [IntRange(8, 64), IntRange(1, 9)]


def test_a_trial_gets_the_argument_by_its_own_name() -> None:
    made = space(FAMILIES)
    net = {"family": "net", "width": 8}
    trees = {"family": "trees", "width__trees": 3}
    assert (validate(made, net), validate(made, trees)) == ((), ())
    assert to_arguments(made, net) == {"family": "net", "width": 8, "wide": 16}
    assert to_arguments(made, trees) == {"family": "trees", "width": 3, "wide": 9}


def test_a_constraint_holds_for_whichever_is_active() -> None:
    made = space(FAMILIES, "width <= 32", "sum(width) <= 30")
    assert shown(made)[-3:] == [
        "width <= 32",
        "width__trees <= 32",
        "sum(width, width__trees) <= 30",
    ]


def test_the_places_of_an_array_may_be_of_different_branches() -> None:
    made = space("""
        blocks:
          type: int
          range: 1...3
          submodule:
            kind:
              type: choice
              range: {conv, pool}
              submodule:
                conv: {size: 1...5, order: "permutation {a, b}"}
                pool: {size: 2...4}
        """)
    point = {
        "blocks": 3,
        "kind[0]": "conv",
        "kind[1]": "pool",
        "kind[2]": "conv",
        "size[0]": 5,
        "size__pool[1]": 2,
        "size[2]": 1,
        "order[0][0]": 1,
        "order[2][0]": 0,
    }
    assert validate(made, point) == ()
    assert to_arguments(made, point) == {
        "blocks": 3,
        "kind": ["conv", "pool", "conv"],
        "size": [5, 2, 1],
        "order": [["b", "a"], None, ["a", "b"]],
    }


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            FAMILIES + "x: 1...3 when width > 2",
            "OFC227 `width` is the name of 2 parameters, in branches of their own",
        ),
        (FAMILIES + "width: 1...3", "OFC206 two parameters are called `width`"),
        (FAMILIES + "width__trees: 1...3", "OFC206 two parameters are called `width__trees`"),
    ],
)
def test_what_cannot_be_told_apart_is_said(text: str, said: str) -> None:
    assert faults(text) == [said]


def test_a_name_that_is_taken_is_not_taken_again() -> None:
    made = space("""
        w__y: 1...2
        a: {range: {x, y}, submodule: {x: {w: 1...2}, y: {w: 1...2}}}
        """)
    assert [(c.name, c.argument) for c in made][-2:] == [("w", "w"), ("w__y_2", "w")]
