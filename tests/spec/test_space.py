"""The search space: trees, DAGs and short forms, what they come down to, and what is wrong."""

from __future__ import annotations

import json
import textwrap

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omniforce.spec.arguments import to_arguments
from omniforce.spec.blocks.search_space import SearchSpaceReader
from omniforce.spec.expression.parse import parse
from omniforce.spec.expression.print import to_text
from omniforce.spec.expression.tree import Value
from omniforce.spec.readers import Invalid, Reading
from omniforce.spec.resolving.constraints import join_constraints
from omniforce.spec.source import Source
from omniforce.spec.space import (
    Choice,
    Coordinate,
    FloatRange,
    IntRange,
    Space,
    active,
    cardinality,
    contains,
    is_active,
    parents,
    prune,
    validate,
    violated,
)
from omniforce.spec.yaml.reader import read_yaml

LISTING_2 = """
backbone_nums_block:
  type: int
  range: [2...5]
  submodule:
    block_type:
      type: choice
      range: {resnet, transformer}
      submodule:
        resnet:
          nums_layer:
            type: int
            range: [3...7]
            submodule:
              nums_channel:
                type: choice
                range: {64, 256}
        transformer:
          mlp_expend_ratio:
            type: choice
            range: {1, 2, 4, 8}
"""


def read(text: str) -> tuple[Space | Invalid, Reading]:
    node, found = read_yaml(Source("s.yaml", textwrap.dedent(text)))
    assert node is not None, found
    reading = Reading()
    return SearchSpaceReader().read(node, ("searchSpace",), reading), reading


def space(text: str) -> Space:
    made, reading = read(text)
    assert isinstance(made, Space), reading.found
    return made


def shown(made: Space) -> list[str]:
    return [
        f"{c.id}: {' and '.join(map(to_text, c.conditions))}" if c.conditions else c.id
        for c in made
    ]


def said(text: str) -> list[str]:
    _, reading = read(text)
    return [
        f"{d.code} {d.span.line}:{d.span.column}-{d.span.end_column} {d.message}"  # type: ignore[union-attr]
        for d in reading.found
    ]


def test_the_listing_of_the_paper_is_valid_as_written() -> None:
    made = space(LISTING_2)
    assert shown(made) == [
        "backbone_nums_block",
        "block_type[0]",
        "block_type[1]",
        "block_type[2]: backbone_nums_block > 2",
        "block_type[3]: backbone_nums_block > 3",
        "block_type[4]: backbone_nums_block > 4",
        *(f'nums_layer[{i}]: block_type[{i}] == "resnet"' for i in range(5)),
        *(f"nums_channel[{i}][{j}]: nums_layer[{i}] > {j}" for i in range(5) for j in range(7)),
        *(f'mlp_expend_ratio[{i}]: block_type[{i}] == "transformer"' for i in range(5)),
    ]
    by_id = {c.id: c for c in made}
    assert by_id["backbone_nums_block"].domain == IntRange(2, 5)
    assert by_id["block_type[1]"].domain == Choice(("resnet", "transformer"))
    assert by_id["nums_channel[4][6]"].domain == Choice((64, 256))
    assert by_id["nums_channel[4][6]"].lengths == ("backbone_nums_block", "nums_layer[4]")


def test_a_point_of_the_listing_becomes_nested_arrays() -> None:
    made = space(LISTING_2)
    point: dict[str, Value] = {
        "backbone_nums_block": 3,
        "block_type[0]": "resnet",
        "block_type[1]": "transformer",
        "block_type[2]": "resnet",
        "nums_layer[0]": 3,
        "nums_layer[2]": 4,
        **{f"nums_channel[0][{j}]": 64 for j in range(3)},
        **{f"nums_channel[2][{j}]": 256 for j in range(4)},
        "mlp_expend_ratio[1]": 4,
    }
    assert validate(made, point) == ()
    arguments = to_arguments(made, point)
    assert arguments == {
        "backbone_nums_block": 3,
        "block_type": ["resnet", "transformer", "resnet"],
        "nums_layer": [3, None, 4],
        "nums_channel": [[64, 64, 64], None, [256, 256, 256, 256]],
        "mlp_expend_ratio": [None, 4, None],
    }
    assert json.loads(json.dumps(arguments)) == arguments


def test_the_same_space_is_a_dag_of_conditions_and_counts() -> None:
    dag = space("""
        backbone_nums_block: 2...5
        block_type: {type: choice, range: {resnet, transformer}, count: backbone_nums_block}
        nums_layer:
          range: 3...7
          count: backbone_nums_block
          when: block_type == resnet
        nums_channel: {range: {64, 256}, count: nums_layer}
        mlp_expend_ratio:
          range: {1, 2, 4, 8}
          count: backbone_nums_block
          when: block_type == transformer
        """)
    assert dag == space(LISTING_2)


@pytest.mark.parametrize(
    ("short", "long"),
    [
        ("1e-4...1e-1 log, default 1e-3", "range: 1e-4...1e-1, scale: log, default: 1e-3"),
        ("int 2...5", "type: int, range: [2...5]"),
        ("2...5", "type: int, range: 2...5"),
        ("1...64 log", "range: 1...64, scale: log, step: 1"),
        ("0...0.5 step 0.1", "type: float, range: 0...0.5, step: 0.1"),
        ("float 1...2", "type: float, range: 1...2"),
        ("{sgd, adam}", "type: choice, range: {sgd, adam}"),
        ("[sgd, adam]", "type: choice, range: [sgd, adam]"),
        ("'ordinal {8, 16} default 16'", "type: ordinal, range: [8, 16], default: 16"),
        ("bool", "type: bool"),
        ("bool default true", "type: bool, default: true"),
        ("1...3 when other == a", "range: 1...3, when: other == a"),
        ("1...3 when other != 'a'", "range: 1...3, when: other == b"),
        ("'{x, y} count n'", "range: {x, y}, count: n"),
        ("0.01...0.99 logit count 2", "range: 0.01...0.99, scale: logit, count: 2"),
    ],
)
def test_short_and_long_forms_mean_the_same(short: str, long: str) -> None:
    around = "other: {a, b}\nn: 1...2\n"
    one, two = (space(f"{around}p: {form}\n") for form in (short, f"{{{long}}}"))
    if "!=" in short:
        one, two = (Space(tuple(c for c in s if c.name != "p")) for s in (one, two))
    assert one == two


def test_parameters_may_be_declared_in_any_order() -> None:
    made = space("""
        momentum: 0...0.99 when optimizer == sgd and depth > 3
        optimizer: {sgd, adam}
        depth: 2...5
        """)
    assert shown(made) == [
        "optimizer",
        "depth",
        'momentum: optimizer == "sgd" and depth > 3',
    ]
    assert parents(made.coordinates[2]) == ("optimizer", "depth")


def test_what_all_values_of_a_choice_share_stands_in_its_submodule() -> None:
    made = space("""
        family: {type: choice, range: {a, b}, submodule: {rate: 0...1.0, layers: {1, 2}}}
        other:
          type: choice
          range: {c, d}
          when: family == a
          submodule: {width: 1...8}
        """)
    assert shown(made) == [
        "family",
        "rate",
        "layers",
        'other: family == "a"',
        'width: family == "a"',
    ]


def test_a_branch_of_a_truth_value_or_a_number_is_named_as_it_is_written() -> None:
    made = space("""
        norm: {type: bool, submodule: {true: {epsilon: 1e-6...1e-2 log}}}
        kernel: {type: ordinal, range: {3, 5}, submodule: {5: {dilation: 1...2}, 3: {}}}
        """)
    assert shown(made) == [
        "norm",
        "epsilon: norm == true",
        "kernel",
        "dilation: kernel == 5",
    ]


def test_arrays_have_fixed_lengths_too() -> None:
    made = space(
        """
        widths: {range: 1...8, count: 2}
        depth: 0...2
        more: {range: 0...1.0, count: depth, submodule: {}}
        grid: {type: int, range: 1...2, count: depth, submodule: {cell: bool}}
        """.replace(", submodule: {}", "")
    )
    assert shown(made) == [
        "widths[0]",
        "widths[1]",
        "depth",
        "more[0]: depth > 0",
        "more[1]: depth > 1",
        "grid[0]: depth > 0",
        "grid[1]: depth > 1",
        "cell[0][0]: grid[0] > 0",
        "cell[0][1]: grid[0] > 1",
        "cell[1][0]: grid[1] > 0",
        "cell[1][1]: grid[1] > 1",
    ]
    assert to_arguments(made, {"widths[0]": 3, "widths[1]": 4, "depth": 0}) == {
        "widths": [3, 4],
        "depth": 0,
    }


def test_names_of_the_writer_are_left_alone() -> None:
    assert shown(space("x-note: anything\ndepth: 1...2\n")) == ["depth"]


MIXED = """
optimizer: {sgd, adam}
momentum: 0...0.99 when optimizer == sgd
nesterov: bool when momentum > 0.5
depth: 1...3
width: {type: int, range: 8...64, count: depth}
"""


def test_activity_follows_the_values_of_what_stands_before() -> None:
    made = space(MIXED)
    by_id = {c.id: c for c in made}
    assert is_active(by_id["momentum"], {"optimizer": "sgd"})
    assert not is_active(by_id["momentum"], {"optimizer": "adam"})
    assert not is_active(by_id["nesterov"], {"optimizer": "adam"})
    # The momentum is a leftover here, and nothing hangs on it.
    values: dict[str, Value] = {"optimizer": "adam", "momentum": 0.9, "nesterov": True, "depth": 1}
    assert [c.id for c in active(made, values)] == ["optimizer", "depth", "width[0]"]
    assert prune(made, values) == {"optimizer": "adam", "depth": 1}


def test_a_point_is_checked_in_sentences() -> None:
    made = join_constraints(space(MIXED), [parse("condition", "depth * width <= 64")]).space  # type: ignore[list-item]
    good: dict[str, Value] = {"optimizer": "adam", "depth": 2, "width[0]": 8, "width[1]": 32}
    assert validate(made, good) == ()
    assert violated(made, good) == ()
    bad = {**good, "width[1]": 33, "momentum": 0.5, "speed": 1, "optimizer": "rms"}
    del bad["width[0]"]
    assert validate(made, bad) == (
        "`optimizer` cannot be `rms`",
        "`momentum` is inactive here and has the value `0.5`",
        "`speed` is no coordinate of the space",
        "`width[0]` is active and has no value",
        "`depth * width[1] <= 64` does not hold",
    )


def constraints(text: str, *written: str) -> tuple[list[str], list[tuple[int, str, str]]]:
    joined = join_constraints(space(text), [parse("condition", w) for w in written])  # type: ignore[misc]
    faults = [(i, f.code, f.message) for i, f in joined.faults]
    return [to_text(c) for c in joined.space.constraints], faults


def test_constraints_hold_for_each_place_of_an_array() -> None:
    made, faults = constraints(
        LISTING_2,
        "backbone_nums_block * nums_channel <= 1024",
        "nums_layer <= 5 or mlp_expend_ratio != 8",
        "nums_layer[0] >= nums_layer[1]",
    )
    assert faults == []
    assert made == [
        *(
            f"backbone_nums_block * nums_channel[{i}][{j}] <= 1024"
            for i in range(5)
            for j in range(7)
        ),
        *(f"nums_layer[{i}] <= 5 or mlp_expend_ratio[{i}] != 8" for i in range(5)),
        "nums_layer[0] >= nums_layer[1]",
    ]


def test_constraints_that_cannot_be_meant_are_named() -> None:
    made, faults = constraints(
        MIXED,
        "depht <= 3",
        "optimizer != sgdm",
        "depth + 1",
        "1 < 2",
        "width[7] > 8",
        "depth <= 2",
    )
    assert made == ["depth <= 2"]
    assert faults == [
        (0, "OFC207", "`depht` is no parameter of the search space"),
        (1, "OFC209", "`optimizer` is never `sgdm`"),
        (2, "OFC209", "`depth + 1` is a number, neither true nor false"),
        (3, "OFC209", "`1 < 2` reads no parameter"),
        (4, "OFC216", "`width[7]` is no place of `width`"),
    ]


def test_a_constraint_is_kept_by_what_is_inactive_and_broken_by_what_has_no_value() -> None:
    made, _ = constraints(MIXED, "1 / (depth - 2) < 5", "momentum < 0.5")
    joined = join_constraints(space(MIXED), [parse("condition", t) for t in made])  # type: ignore[misc]
    assert violated(joined.space, {"optimizer": "adam", "depth": 1}) == ()
    broken = violated(joined.space, {"optimizer": "sgd", "momentum": 0.7, "depth": 2})
    assert [to_text(c) for c in broken] == ["1 / (depth - 2) < 5", "momentum < 0.5"]


@pytest.mark.parametrize(
    ("domain", "inside", "outside", "size"),
    [
        (IntRange(2, 9, step=3), [2, 5, 8], [3, 9, 2.0, True, "2"], 3),
        (FloatRange(0.0, 1.0), [0.0, 1, 0.3], [1.1, -0.1, float("nan"), True, "0"], None),
        (FloatRange(0.0, 0.3, step=0.1), [0.1, 0.2, 0.30000000000000004 - 1e-16], [0.15], 4),
        (Choice((1, "a", False)), [1, "a", False, 1.0], [True, 0, "b"], 3),
    ],
)
def test_domains_know_their_values(
    domain: IntRange | FloatRange | Choice,
    inside: list[Value],
    outside: list[Value],
    size: int | None,
) -> None:
    assert [v for v in inside if not contains(domain, v)] == []
    assert [v for v in outside if contains(domain, v)] == []
    assert cardinality(domain) == size


@pytest.mark.parametrize(
    ("text", "findings"),
    [
        ("{}", ["OFC103 1:1-3 `searchSpace` is empty, expected a mapping of parameters"]),
        ("d: 5...2", ["OFC202 1:4-9 the range `5...2` of `d` goes down"]),
        ("d: '5...2'", ["OFC202 1:5-10 the range `5...2` of `d` goes down"]),
        ("d: [5...2]", ["OFC202 1:5-10 the range `5...2` of `d` goes down"]),
        ("d: 3...3", ["OFC202 1:4-9 the range `3...3` of `d` holds one value"]),
        (
            "d: {range: 0...1, scale: log}",
            ["OFC203 1:12-17 `d` has a log scale and its range `0...1` reaches zero"],
        ),
        (
            "d: 0.1...1 logit",
            ["OFC203 1:4-11 `d` has a logit scale and its range `0.1...1.0` leaves 0 to 1"],
        ),
        (
            "d: {range: 1...5, default: 9}",
            ["OFC204 1:28-29 the default `9` of `d` is outside of `1...5`"],
        ),
        (
            "d: {range: {a, b}, default: c}",
            ["OFC204 1:29-30 the default `c` of `d` is none of its values"],
        ),
        (
            "d: {range: 1...9, step: 2, default: 4}",
            ["OFC204 1:37-38 the default `4` of `d` is outside of `1...9` in steps of 2"],
        ),
        (
            "a: {range: {x, y}, submodule: {x: {w: 1...2}, y: {v: 1...2}}}\nw: 1...2",
            ["OFC206 2:1-2 two parameters are called `w`"],
        ),
        (
            "o: {sgd, adam}\nm: 0...1.0 when optimiser == sgd",
            ["OFC207 2:17-26 `optimiser` is no parameter of the search space"],
        ),
        (
            "d: {range: 1...2, count: n}",
            ["OFC207 1:26-27 `n` is no parameter of the search space"],
        ),
        (
            "a: 1...5 when b > 2\nb: {range: 1...5, count: c}\nc: 1...5 when a > 2",
            [
                (
                    "OFC208 1:4-20 the parameters hang on each other in a circle: "
                    "`a` -> `b` -> `c` -> `a`"
                )
            ],
        ),
        (
            "a: 1...5 when a > 2",
            ["OFC208 1:4-20 the parameters hang on each other in a circle: `a` -> `a`"],
        ),
        (
            "o: {sgd, adam}\nm: 0...1.0 when o == sdg or o == adam",
            ["OFC209 2:22-25 `o` is never `sdg`"],
        ),
        (
            "o: {sgd, adam}\nm: {range: 0...1.0, when: 'o == \"sdg\"'}",
            ["OFC209 2:33-38 `o` is never `sdg`"],
        ),
        ("o: {1, 2}\nm: 0...1.0 when o == 3", ["OFC209 2:22-23 `o` is never `3`"]),
        ("o: 1...2\nm: 0...1.0 when o == 3", ["OFC209 2:22-23 `o` is never `3`"]),
        (
            "o: {sgd, adam}\nm: 0...1.0 when o > 3",
            ["OFC209 2:17-18 `o` is a word, expected a number"],
        ),
        (
            "o: {sgd, adam}\nb: bool\nm: 0...1.0 when o == b",
            ["OFC209 3:17-23 `o` is a word and `b` is true or false"],
        ),
        ("b: 1...2\nm: 0...1.0 when b", ["OFC209 2:17-18 `b` is a number, neither true nor false"]),
        ("d: {type: itn, range: 1...2}", ["OFC210 1:11-14 `itn` is no type of a parameter"]),
        ("d: adam", ["OFC210 1:4-8 `adam` is no type of a parameter"]),
        ("d: [a, b, a]", ["OFC211 1:11-12 `d` has `a` twice"]),
        ("d: {1, 1.0}", ["OFC211 1:8-11 `1` and `1.0` of `d` cannot be told apart"]),
        (
            "n: 1...200\nx: {range: 1...200, count: n}\ny: {range: 1...9, count: x}",
            ["OFC212 3:1-2 with `y` the space has 40201 coordinates, at most 10000 are searched"],
        ),
        (
            "n: 0.5...2\nd: {range: 1...2, count: n}",
            ["OFC213 2:26-27 `n` counts the places of `d` and is not an int from 0 up"],
        ),
        (
            "n: {range: 0...1.0, submodule: {d: 1...2}}",
            ["OFC213 1:32-42 `n` is a float and has a `submodule`"],
        ),
        (
            "a: {range: {x, y}, submodule: {xx: {w: 1...2}}}",
            ["OFC214 1:32-34 `xx` is no value of `a`"],
        ),
        (
            "d: {type: int, range: {1, 2}}",
            ["OFC215 1:23-29 `d` is of type `int` and has a set of values"],
        ),
        (
            "d: {type: choice, range: 1...5}",
            ["OFC215 1:26-31 `d` is of type `choice` and has the range `1...5`"],
        ),
        (
            "n: 1...2\nk: {range: {p, q}, count: n}\nm: 1...3 when k == p",
            ["OFC216 3:15-16 `k` is an array, and `m` does not go along with it"],
        ),
        (
            "d: {range: 0...1.0, step: 3}",
            ["OFC217 1:27-28 `d` goes in steps of `3` and its range is narrower"],
        ),
        (
            "d: {range: {a, b}, scale: log}",
            ["OFC107 1:27-30 `d` is of type `choice` and has a `scale`"],
        ),
        (
            "d: {range: 1...9, step: 2, scale: log}",
            ["OFC107 1:25-26 `d` has a step and a log scale"],
        ),
        (
            "d: {range: 1...9.0, step: 1, scale: log}",
            ["OFC107 1:27-28 `d` has a step and a log scale"],
        ),
        ("d: {type: int}", ["OFC102 1:1-2 `range` is missing in `d`"]),
        ("d: 5", ["OFC103 1:4-5 `d` is the number `5`, expected a range or a set"]),
        ("d:", ["OFC106 1:3-3 `d` has no value"]),
        ("in: 1...2", ["OFC104 1:1-3 `in` is not a parameter's name"]),
        ("d: {range: 1...2, rnge: 3}", ["OFC101 1:19-23 `rnge` is no key of `d`"]),
        ("d: 2..5", ["OFC201 1:5-6 `.` cannot stand here"]),
    ],
)
def test_what_is_wrong_is_said_at_its_place(text: str, findings: list[str]) -> None:
    assert said(text) == findings


def test_what_hangs_on_what_is_wrong_says_nothing_and_the_rest_does() -> None:
    assert said(
        "a: {range: 1...2, count: z}\nb: {range: 1...2, count: a}\nc: 1...2 count b\n"
        "n: 0.5...2\nd: {range: 1...2, count: n}\n"
    ) == [
        "OFC207 1:26-27 `z` is no parameter of the search space",
        "OFC213 5:26-27 `n` counts the places of `d` and is not an int from 0 up",
    ]


def test_all_that_is_wrong_is_said_at_once() -> None:
    assert said("a: 5...1\nb: {x, y}\nc: 1...2 when b == z\nd: 1...2 when a > 7\n") == [
        "OFC202 1:4-9 the range `5...1` of `a` goes down",
        "OFC209 3:20-21 `b` is never `z`",
    ]


@st.composite
def spaces(draw: st.DrawFn) -> str:
    lines = []
    for i in range(draw(st.integers(1, 5))):
        form = draw(
            st.sampled_from(
                ["1...3", "0...1.0", "{a, b}", "bool", "{range: 0...2, count: 2}", "[1, 2]"]
            )
        )
        if i and form == "1...3":
            form += draw(st.sampled_from(["", f" when p{i - 1} == 1", " count p0", " when p0"]))
        lines.append(f"p{i}: {form}")
    return "\n".join(draw(st.permutations(lines)))


@given(spaces())
def test_conditions_read_only_what_stands_before(text: str) -> None:
    made, reading = read(text)
    assert isinstance(made, Space) or reading.found
    seen: set[str] = set()
    coordinates: tuple[Coordinate, ...] = made.coordinates if isinstance(made, Space) else ()
    for coordinate in coordinates:
        assert set(parents(coordinate)) <= seen
        seen.add(coordinate.id)
    assert len(seen) == len(coordinates)


@given(st.text(alphabet="abp01:{}[].,\"' \n-<=w", max_size=60))
def test_any_yaml_is_a_space_or_has_findings(text: str) -> None:
    node, found = read_yaml(Source("s.yaml", text))
    if node is None:
        assert found
        return
    reading = Reading()
    made = SearchSpaceReader().read(node, ("searchSpace",), reading)
    assert isinstance(made, Space) != bool(reading.found)
