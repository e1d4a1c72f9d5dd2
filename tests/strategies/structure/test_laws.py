"""Laws of the features of cells: they see the effective network, and no more."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from .drawn_networks import (
    ABSENT,
    BLIND,
    IDENTITY,
    OPERATIONS,
    PER_PATH,
    Drawn,
    cell,
    live_paths,
    networks,
    part,
    point,
    structure_of,
)


@given(networks())
def test_operations_are_counted_on_the_edges_that_lie_on_a_path(drawn: Drawn) -> None:
    edges, operations = drawn
    structure = structure_of(cell(edges))
    on_path = {edge for path in live_paths(edges, operations) for edge in path}
    expected = [
        sum(operations[edge] == each for edge in on_path)
        for each in OPERATIONS
        if each not in ABSENT
    ]
    rows = structure.rows([point(operations)])
    assert part(structure, rows, "operations").tolist() == [expected]
    assert part(structure, rows, "shape")[0, 0] == len(on_path)
    assert part(structure, rows, "edges").sum() == len(on_path)
    assert part(structure, rows, "degrees").sum() == 2 * len(on_path)


@given(networks())
def test_paths_and_depths_are_those_found_the_slow_way(drawn: Drawn) -> None:
    edges, operations = drawn
    structure = structure_of(cell(edges))
    paths = live_paths(edges, operations)
    lengths = [sum(operations[edge] not in IDENTITY for edge in path) for path in paths]
    rows = structure.rows([point(operations)])
    nodes = {node for path in paths for edge in path for node in edges[edge]}
    _, _, touched, longest, shortest, count = part(structure, rows, "shape")[0]
    assert (touched, longest, shortest) == (
        len(nodes),
        max(lengths, default=0),
        min(lengths, default=0),
    )
    assert count == pytest.approx(np.log1p(len(paths)))
    assert part(structure, rows, "paths").sum() == len(paths)


@given(networks())
def test_what_one_path_has_is_counted_on_each_of_them(drawn: Drawn) -> None:
    edges, operations = drawn
    structure = structure_of(cell(edges))
    paths = live_paths(edges, operations)
    edge_kinds = [each for each in OPERATIONS if each not in ABSENT]
    times = [[sum(operations[e] == each for e in path) for path in paths] for each in edge_kinds]
    rows = structure.rows([point(operations)])
    mean = [sum(each) / max(len(paths), 1) for each in times]
    assert part(structure, rows, "mean-path")[0] == pytest.approx(mean, abs=1e-6)
    extremes = [max(each, default=0) for each in times] + [min(each, default=0) for each in times]
    assert part(structure, rows, "extreme-paths")[0].tolist() == extremes


@given(networks(), st.data())
def test_an_operation_on_a_dead_or_absent_edge_changes_nothing(
    drawn: Drawn, data: st.DataObject
) -> None:
    edges, operations = drawn
    on_path = {edge for path in live_paths(edges, operations) for edge in path}
    changed = list(operations)
    for edge, operation in enumerate(operations):
        if operation in ABSENT:
            changed[edge] = data.draw(st.sampled_from(ABSENT))
        elif edge not in on_path:
            changed[edge] = data.draw(st.sampled_from(OPERATIONS))
            if set(map(tuple, live_paths(edges, changed))) != set(
                map(tuple, live_paths(edges, operations))
            ):
                changed[edge] = operation
    structure = structure_of(cell(edges))
    before, after = structure.rows([point(operations), point(changed)])
    assert before.tolist() == after.tolist()
    assert len(set(structure.keys([point(operations), point(changed)]))) == 1


@given(networks(), st.data())
def test_an_absent_edge_says_no_more_than_an_edge_that_is_not_declared(
    drawn: Drawn, data: st.DataObject
) -> None:
    edges, operations = drawn
    nodes = 1 + max(target for _, target in edges)
    pairs = [(a, b) for b in range(nodes) for a in range(b) if (a, b) not in edges]
    more = data.draw(st.lists(st.sampled_from(pairs), unique=True)) if pairs else []
    wider = structure_of(cell((*edges, *more)))
    narrow = structure_of(cell(edges))
    left = narrow.rows([point(operations)])
    right = wider.rows([point([*operations, *["none"] * len(more)])])
    for group in ("operations", "shape", *PER_PATH, "degrees", "fed-by", "leading-to"):
        assert part(narrow, left, group).tolist() == part(wider, right, group).tolist()


@given(networks(), st.data())
def test_what_a_node_is_called_does_not_matter_to_what_is_blind_to_places(
    drawn: Drawn, data: st.DataObject
) -> None:
    edges, operations = drawn
    nodes = 1 + max(target for _, target in edges)
    # Any order in which targets come after sources is one that could have been declared.
    left = set(range(1, nodes - 1))
    order = [0]
    while left:
        ready = sorted(node for node in left if not any(t == node and s in left for s, t in edges))
        order.append(data.draw(st.sampled_from(ready)))
        left.remove(order[-1])
    called = {node: at for at, node in enumerate([*order, nodes - 1])}
    renamed = [(called[source], called[target]) for source, target in edges]
    at = data.draw(st.permutations(range(len(edges))))
    one, other = structure_of(cell(edges)), structure_of(cell(tuple(renamed[k] for k in at)))
    before, after = point(operations), point([operations[k] for k in at])
    assert (
        part(one, one.rows([before]), *BLIND).tolist()
        == part(other, other.rows([after]), *BLIND).tolist()
    )
    assert one.keys([before]) == other.keys([after])


@given(networks(), st.data())
def test_an_identity_between_two_nodes_makes_them_one(drawn: Drawn, data: st.DataObject) -> None:
    edges, operations = drawn
    split = data.draw(st.integers(0, len(edges) - 1))
    source, target = edges[split]
    # A new node right before the target takes the edge and hands it on.
    moved = [tuple(node + (node >= target) for node in edge) for edge in edges]
    moved[split] = (source, target)
    longer = structure_of(cell((*((a, b) for a, b in moved), (target, target + 1))))
    plain = structure_of(cell(edges))
    before, after = point(operations), point([*operations, "skip"])
    assert plain.keys([before]) == longer.keys([after])
    left, right = plain.rows([before]), longer.rows([after])
    for group in ("fed-by", "leading-to"):
        assert part(plain, left, group).tolist() == part(longer, right, group).tolist()
    # The longest, the shortest, how many do something, how many paths there are.
    assert part(plain, left, "shape")[0, [1, 3, 4, 5]].tolist() == (
        part(longer, right, "shape")[0, [1, 3, 4, 5]].tolist()
    )
