"""Functions over arrays, and arrays whose places share one value."""

from __future__ import annotations

import pytest

from omniforce.spec.arguments import to_arguments
from omniforce.spec.space import validate, violated
from tests.support.search_spaces import faults, shown, space

STACK = """
depth: 1...3
width: {type: int, range: 8...64, count: depth}
kernel: {type: int, range: 1...5, count: depth}
"""


def test_a_sum_goes_over_the_whole_array() -> None:
    made = space(STACK, "sum(width) <= 100", "max(width, 16) <= 32")
    assert shown(made)[-2:] == ["sum(width[0...2]) <= 100", "max(width[0...2], 16) <= 32"]


def test_a_sum_is_of_the_active_places_only() -> None:
    made = space(STACK, "sum(width) <= 100")
    point = {"depth": 2, "width[0]": 60, "width[1]": 40, "kernel[0]": 1, "kernel[1]": 1}
    assert validate(made, point) == ()
    more = {"depth": 3, "width[2]": 8, "kernel[2]": 1}
    assert violated(made, point | more) == made.constraints


def test_a_term_in_a_sum_is_taken_at_each_place() -> None:
    made = space(STACK, "sum(width * kernel ** 2) <= 500")
    assert shown(made)[-1] == (
        "sum(width[0] * kernel[0] ** 2, width[1] * kernel[1] ** 2, width[2] * kernel[2] ** 2)"
        " <= 500"
    )
    point = {"depth": 1, "width[0]": 8, "kernel[0]": 5}
    assert validate(made, point) == ()
    assert violated(made, point | {"width[0]": 64}) == made.constraints


def test_a_part_of_an_array_is_written_as_a_range_of_places() -> None:
    made = space(STACK, "sum(width[0...1]) <= 100", "width[0] <= width[1]")
    assert shown(made)[-2:] == ["sum(width[0...1]) <= 100", "width[0] <= width[1]"]


def test_a_constraint_compares_each_place_with_the_whole() -> None:
    made = space(STACK, "width <= sum(kernel)")
    assert shown(made)[-3:] == [f"width[{i}] <= sum(kernel[0...2])" for i in range(3)]


def test_within_a_block_a_sum_is_of_that_block() -> None:
    made = space("""
        blocks:
          type: int
          range: 1...2
          submodule:
            layers: 1...2
            width: {type: int, range: 8...64, count: layers}
            total: = sum(width)
        all: = sum(width)
        """)
    assert [line for line in shown(made) if "=" in line] == [
        "total[0] = sum(width[0][0...1]) (int)",
        "total[1] = sum(width[1][0...1]) (int): blocks > 1",
        "all = sum(width[0...1][0...1]) (int)",
    ]


def test_a_condition_reads_the_whole_of_another_array() -> None:
    made = space(STACK + "drop: 0.0...0.5 when sum(width) > 100\n")
    assert shown(made)[-1] == "drop: sum(width[0...2]) > 100"


def test_independent_places_each_have_a_coordinate() -> None:
    made = space("depth: 1...2\nwidth: 8...64 count depth")
    assert shown(made) == ["depth", "width[0]", "width[1]: depth > 1"]


def test_a_shared_array_is_one_coordinate_and_as_long_as_its_count() -> None:
    made = space("depth: 1...3\nwidth: 8...64 count depth shared")
    assert shown(made) == ["depth", "width"]
    assert to_arguments(made, {"depth": 3, "width": 8}) == {"depth": 3, "width": [8, 8, 8]}


def test_a_shared_array_of_nothing_is_inactive() -> None:
    made = space("depth: 0...3\nwidth: {type: int, range: 8...64, count: depth, shared: true}")
    assert shown(made) == ["depth", "width: depth > 0"]
    assert to_arguments(made, {"depth": 0}) == {"depth": 0}


def test_a_shared_submodule_is_sampled_once_whatever_is_in_it() -> None:
    made = space("""
        blocks:
          type: int
          range: 1...3
          shared: true
          submodule:
            kind: {conv, pool}
            kernel: {type: int, range: 1...5, when: kind == conv}
            layers: 1...2
            width: {type: int, range: 8...64, count: layers}
            wide: = 2 * width
            order: permutation {a, b}
        """)
    assert [c.id for c in made] == [
        "blocks",
        "kind",
        "kernel",
        "layers",
        "width[0]",
        "width[1]",
        "order[0]",
    ]
    point = {"blocks": 2, "kind": "pool", "layers": 1, "width[0]": 8, "order[0]": 1}
    assert validate(made, point) == ()
    assert to_arguments(made, point) == {
        "blocks": 2,
        "kind": ["pool", "pool"],
        "layers": [1, 1],
        "width": [[8], [8]],
        "order": [["b", "a"], ["b", "a"]],
        "wide": [[16], [16]],
    }


def test_a_sum_counts_a_shared_value_as_often_as_it_stands_there() -> None:
    made = space("depth: 1...3\nwidth: 8...64 count depth shared", "sum(width) <= 100")
    assert shown(made)[-1] == "sum(width * depth) <= 100"


@pytest.mark.parametrize(
    ("text", "constraint", "said"),
    [
        ("a: 1...3 shared", "", "OFC226 `a` is shared and is no array"),
        ("d: 1...3\na: 1...3 count d shared", "a[1] > 1", "OFC216 `a[1]` is no place of `a`"),
        ("a: 1...3 count 2", "sum(a[1...2]) > 1", "OFC216 `a[1...2]` is no place of `a`"),
        ("a: 1...3 count 2", "sum(a[1...0]) > 1", "OFC216 `a[1...0]` is no place of `a`"),
        (
            "a: 1...3 count 2",
            "a[0...1] > 1",
            "OFC216 `a[0...1]` is several places where one value is wanted",
        ),
        ("a: {x, y}", "sum(a) > 1", "OFC209 `a` is a word, expected a number"),
    ],
)
def test_what_is_wrong_with_places_is_said(text: str, constraint: str, said: str) -> None:
    assert faults(text, *([constraint] if constraint else [])) == [said]
