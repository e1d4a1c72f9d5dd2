"""Arrays of operations that are the edges of a network: what the space says of them, and how."""

from __future__ import annotations

import json

import pytest

from omniforce.spec.arguments import to_arguments
from omniforce.spec.plain.values import from_plain, to_plain
from omniforce.spec.space import Graph, Space
from omniforce.strategies.structure.features import Structure
from tests.support.search_spaces import faults, shown, space

PAIRS = ((0, 1), (0, 2), (1, 2), (0, 3), (1, 3), (2, 3))
CELL = """
edge:
  type: choice
  range: {none, skip_connect, nor_conv_1x1, nor_conv_3x3, avg_pool_3x3}
  graph: {nodes: 4, absent: none, identity: skip_connect}
"""


def test_four_nodes_have_an_edge_from_each_to_each_later_one() -> None:
    made = space(CELL)
    assert shown(made) == [f"edge[{k}]" for k in range(6)]
    assert made.graphs == (Graph("edge", (), PAIRS, ("none",), ("skip_connect",)),)


def test_edges_that_are_written_out_stand_in_the_order_of_the_places() -> None:
    made = space(
        "edge: {type: choice, range: [a, b], graph: {edges: [0>2, 0 > 1, 1>3, 2>3], absent: [a]}}"
    )
    assert made.graphs == (Graph("edge", (), ((0, 2), (0, 1), (1, 3), (2, 3)), ("a",)),)
    assert len(made) == 4


def test_a_trial_gets_the_array_as_it_would_without_a_graph() -> None:
    made, plain = space(CELL), space(CELL.replace("graph: {nodes: 4, absent: none", "count: 6  # "))
    point = {f"edge[{k}]": "none" for k in range(6)}
    assert to_arguments(made, point) == to_arguments(plain, point) == {"edge": ["none"] * 6}
    assert made.coordinates == plain.coordinates


def test_a_count_that_agrees_may_be_written_too() -> None:
    assert space(f"{CELL}  count: 6") == space(CELL)


def test_operations_may_be_a_word_a_list_a_set_a_number_or_a_truth() -> None:
    made = space(
        """
        one: {type: choice, range: {0, 8, 16}, graph: {nodes: 2, absent: 0}}
        two: {type: bool, graph: {nodes: 2, absent: [false], identity: {true}}}
        three: {type: ordinal, range: {a, b, c}, graph: {nodes: 2, absent: {a, b, a}}}
        """
    )
    assert [(g.absent, g.identity) for g in made.graphs] == [
        ((0,), ()),
        ((False,), (True,)),
        (("a", "b"), ()),
    ]


def test_each_cell_of_an_array_of_cells_is_a_graph() -> None:
    made = space(
        """
        cells:
          type: int
          range: 1...2
          submodule:
            edge: {type: choice, range: {none, conv}, graph: {nodes: 3, absent: none}}
        """
    )
    assert shown(made) == [
        "cells",
        *(f"edge[0][{k}]" for k in range(3)),
        *(f"edge[1][{k}]: cells > 1" for k in range(3)),
    ]
    assert [(g.name, g.index) for g in made.graphs] == [("edge", (0,)), ("edge", (1,))]
    structure = Structure.of(made)
    assert structure is not None
    point = {"cells": 1} | {f"edge[0][{k}]": "conv" for k in range(3)}
    assert structure.rows([point]).any()


def test_cells_that_are_all_alike_are_one_graph() -> None:
    made = space(
        """
        cells:
          type: int
          range: 2...8
          shared: true
          submodule:
            edge: {type: choice, range: {none, conv}, graph: {nodes: 3}}
        """
    )
    assert [(g.name, g.index) for g in made.graphs] == [("edge", ())]
    point: dict[str, str | int] = {"cells": 2, "edge[0]": "conv"}
    point |= {"edge[1]": "none", "edge[2]": "conv"}
    assert to_arguments(made, point)["edge"] == [["conv", "none", "conv"]] * 2


def test_a_graph_may_hang_on_a_condition_and_stand_in_branches() -> None:
    made = space(
        """
        family:
          type: choice
          range: {small, large}
          submodule:
            small: {edge: {type: choice, range: {a, b}, graph: {nodes: 2}}}
            large: {edge: {type: choice, range: {a, c}, graph: {nodes: 3}}}
        other: {type: choice, range: {a, b}, graph: {nodes: 2}, when: family == large}
        """
    )
    assert [g.name for g in made.graphs] == ["edge", "edge__large", "other"]
    structure = Structure.of(made)
    assert structure is not None
    small = structure.rows([{"family": "small", "edge[0]": "b"}])
    first = [group.stop for group in structure.groups if group.name.startswith("edge:")][-1]
    assert small[:, :first].any()
    assert not small[:, first:].any()


def test_an_operation_may_have_parameters_of_its_own() -> None:
    made = space(
        """
        edge:
          type: choice
          range: {none, conv}
          graph: {nodes: 2, absent: none}
          submodule: {conv: {kernel: 1...7}}
        """
    )
    assert shown(made) == ["edge[0]", 'kernel[0]: edge[0] == "conv"']


def test_a_node_that_no_edge_touches_is_fine() -> None:
    made = space("edge: {type: choice, range: {a, b}, graph: {edges: [0>3, 1>2]}}")
    assert made.graphs == (Graph("edge", (), ((0, 3), (1, 2))),)


def test_a_graph_is_kept_by_the_plain_form_and_quiet_where_there_is_none() -> None:
    made = space(CELL)
    plain = to_plain(made)
    assert isinstance(plain, dict)
    assert plain["graphs"] == [
        {
            "name": "edge",
            "index": [],
            "edges": [list(pair) for pair in PAIRS],
            "absent": ["none"],
            "identity": ["skip_connect"],
        }
    ]
    assert from_plain(Space, json.loads(json.dumps(plain))) == made
    without = to_plain(space("a: 1...2"))
    assert isinstance(without, dict)
    assert "graphs" not in without


@pytest.mark.parametrize(
    ("written", "found"),
    [
        (
            "range: {a, b}, graph: {nodes: 3, absent: 'c'}",
            "OFC245 `c` is `absent` in the graph of `edge`, and none of its values",
        ),
        (
            "range: {1, 2}, graph: {nodes: 3, identity: true}",
            "OFC245 `true` is `identity` in the graph of `edge`, and none of its values",
        ),
        ("range: {a, b}, graph: {edges: [2>1]}", "OFC246 the edge `2>1` of `edge` goes back"),
        ("range: {a, b}, graph: {edges: [1>1]}", "OFC246 the edge `1>1` of `edge` goes nowhere"),
        ("range: {a, b}, graph: {edges: [0>1, 0>1]}", "OFC246 `edge` has the edge `0>1` twice"),
        (
            "range: {a, b}, graph: {edges: [0>1, 2>3]}",
            "OFC247 no path of `edge` leads from node 0 to node 3",
        ),
        (
            "range: {a, b}, graph: {edges: [1>2]}",
            "OFC247 no path of `edge` leads from node 0 to node 2",
        ),
        (
            "range: {a, b}, graph: {nodes: 3}, count: 4",
            "OFC248 `edge` is an array of 4 places, and its graph has 3 edges",
        ),
        (
            "range: {a, b}, graph: {nodes: 3}, count: n",
            "OFC248 `edge` is counted by `n`, and its graph has 3 edges",
        ),
        ("range: {a, b}, graph: {}", "OFC250 the graph of `edge` has neither `nodes` nor `edges`"),
        (
            "range: {a, b}, graph: {nodes: 1}",
            "OFC104 `nodes` is `1`, it must be at least 2 and at most 100",
        ),
    ],
)
def test_what_cannot_be_a_graph_is_said(written: str, found: str) -> None:
    assert faults(f"edge: {{type: choice, {written}}}\nn: 3...4") == [found]


def test_what_is_no_choice_of_operations_has_no_graph() -> None:
    for written in ("type: int, range: 1...5", "type: subset, range: {a, b}", "value: 2"):
        (found,) = faults(f"edge: {{{written}, graph: {{nodes: 3}}}}")
        assert found == "OFC249 `edge` is no choice and has a `graph`"
