"""Constants and computed values: what they come to, where they are, and where they never are."""

from __future__ import annotations

import pytest

from omniforce.spec.arguments import to_arguments
from omniforce.spec.space import validate, violated
from tests.support.search_spaces import faults, shown, space


def test_a_value_is_computed_from_earlier_parameters_and_other_values() -> None:
    made = space("""
        base: {8, 16}
        depth: 1...3
        width: = base * 2 ** depth
        half: {value: width / 2}
        """)
    assert shown(made) == [
        "base",
        "depth",
        "width = base * 2 ** depth (int)",
        "half = base * 2 ** depth / 2 (float)",
    ]
    assert to_arguments(made, {"base": 8, "depth": 2}) == {
        "base": 8,
        "depth": 2,
        "width": 32,
        "half": 16.0,
    }


def test_constants_are_numbers_words_and_truth_values() -> None:
    made = space("""
        depth: 1...3
        rate: = 0.9
        optimizer: = sgd
        path: {value: '"a b/c"'}
        amp: = true
        steps: {value: 3}
        """)
    assert to_arguments(made, {"depth": 1}) == {
        "depth": 1,
        "rate": 0.9,
        "optimizer": "sgd",
        "path": "a b/c",
        "amp": True,
        "steps": 3,
    }


@pytest.mark.parametrize(
    ("term", "type_"),
    [
        ("a + b - a * b", "int"),
        ("a // b", "int"),
        ("a % b", "int"),
        ("a ** b", "int"),
        ("a ** (b - 2)", "float"),
        ("a / b", "float"),
        ("x * a", "float"),
        ("c + a", "int"),
        ("round(x * 10)", "int"),
        ("max(a, b)", "int"),
        ("max(a, x)", "float"),
        ("sqrt(a)", "float"),
        ("-a", "int"),
        ("a > b", "bool"),
        ("w", "any"),
    ],
)
def test_a_value_is_whole_where_its_operands_are(term: str, type_: str) -> None:
    made = space(f"""
        a: 1...5
        b: 1...3
        x: 0.0...1.0
        c: {{2, 4}}
        w: {{word, 3}}
        v: = {term}
        """)
    assert [d.type for d in made.derived] == [type_]


def test_a_value_of_arrays_is_one_place_by_place() -> None:
    made = space("""
        depth: 1...2
        width: {type: int, range: 8...64, count: depth}
        wide: = width * 2
        share: = width / sum(width)
        """)
    assert shown(made)[3:] == [
        "wide[0] = width[0] * 2 (int)",
        "wide[1] = width[1] * 2 (int)",
        "share[0] = width[0] / sum(width[0...1]) (float)",
        "share[1] = width[1] / sum(width[0...1]) (float)",
    ]
    point = {"depth": 1, "width[0]": 8}
    assert to_arguments(made, point) == {"depth": 1, "width": [8], "wide": [16], "share": [1.0]}


def test_a_counted_constant_is_as_long_as_its_count_says() -> None:
    made = space("""
        depth: 1...3
        rate: = 0.5, count depth
        """)
    assert to_arguments(made, {"depth": 2}) == {"depth": 2, "rate": [0.5, 0.5]}


def test_a_value_stands_in_a_submodule_and_behind_a_condition() -> None:
    made = space("""
        kind:
          type: choice
          range: {conv, pool}
          submodule:
            conv: {kernel: 3...7, area: "= kernel ** 2"}
        wide: = 64 when kind == pool
        """)
    assert to_arguments(made, {"kind": "conv", "kernel": 3}) == {
        "kind": "conv",
        "kernel": 3,
        "area": 9,
    }
    assert to_arguments(made, {"kind": "pool"}) == {"kind": "pool", "wide": 64}


def test_conditions_and_constraints_read_what_a_value_is_computed_from() -> None:
    made = space(
        """
        depth: 1...5
        width: = 2 ** depth when depth > 1
        wide: 1...3 when width > 8
        """,
        "width <= 16",
    )
    assert shown(made) == [
        "depth",
        "wide: given(depth > 1, 2 ** depth) > 8",
        "width = 2 ** depth (int): depth > 1",
        "given(depth > 1, 2 ** depth) <= 16",
    ]
    assert validate(made, {"depth": 1}) == ()
    assert validate(made, {"depth": 4, "wide": 1}) == ()
    assert violated(made, {"depth": 5, "wide": 1}) == made.constraints


def test_a_point_without_its_value_is_infeasible() -> None:
    made = space("""
        depth: 1...5
        rate: = 1 / (depth - 3) when depth > 2
        """)
    assert shown(made)[-1] == "defined(given(depth > 2, 1 / (depth - 3)))"
    assert [len(violated(made, {"depth": d})) for d in range(1, 6)] == [0, 0, 1, 0, 0]
    assert to_arguments(made, {"depth": 3}) == {"depth": 3}


def test_a_value_that_surely_exists_adds_no_constraint() -> None:
    made = space("""
        depth: 1...5
        a: = log2(depth) + sqrt(depth) + 1 / depth + 2 ** depth
        b: = min(depth, 3) // 2 % 3
        """)
    assert made.constraints == ()


def test_parameters_may_be_declared_after_what_is_computed_from_them() -> None:
    made = space("""
        width: = base * 2
        base: 8...16
        """)
    assert shown(made) == ["base", "width = base * 2 (int)"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "a: = b\nb: = a",
            "OFC208 the parameters hang on each other in a circle: `a` -> `b` -> `a`",
        ),
        (
            "a: 1...3 when b > 1\nb: = a",
            "OFC208 the parameters hang on each other in a circle: `a` -> `b` -> `a`",
        ),
        ("a: 1...3\nb: = a / 0", "OFC225 `a / 0` of `b` never has a value"),
        ("a: {x, y}\nb: = a + 1", "OFC209 `a` is a word, expected a number"),
        ("ab: 1...3\nb: = abb", "OFC207 `abb` is no parameter of the search space"),
        (
            "a: 1...3\nb: = 2 * a\nc: 1...3 count b",
            "OFC213 `b` counts the places of `c` and is computed",
        ),
        ("a: {value: 3, range: 1...3}", "OFC107 `a` is computed and has a `range`"),
        (
            "a: 1...3\nb: 1...3 count a\nc: 1...3 count 7\nd: = b + c",
            "OFC216 `d` is computed from arrays of different length",
        ),
    ],
)
def test_what_is_wrong_with_a_value_is_said(text: str, said: str) -> None:
    assert faults(text) == [said]


def test_values_of_values_do_not_grow_without_end() -> None:
    rows = [f"v{i}: = v{i - 1} + v{i - 1}" for i in range(1, 200)]
    found = faults("\n".join(["v0: 1...3", *rows]))
    assert found == ["OFC224 what `v9` is computed from or hangs on grows too large"]
