"""What the features of a declared cell must hold: they see the effective network and no more."""

from __future__ import annotations

import itertools
import time
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from omniforce.spec.space import Choice, Coordinate, Graph, Space
from omniforce.strategies.encoding import UnknownValue
from omniforce.strategies.structure.features import Structure

OPERATIONS = ("none", "zero", "skip", "conv", "pool", "dense")
ABSENT, IDENTITY = ("none", "zero"), ("skip",)
CELL = ((0, 1), (0, 2), (1, 2), (0, 3), (1, 3), (2, 3))
BLIND = ("operations", "shape", "paths", "fed-by", "leading-to")
"""Groups that do not know which node is which."""

Rows = npt.NDArray[np.float32]


def space_of(*graphs: Graph, operations: tuple[str, ...] = OPERATIONS) -> Space:
    coordinates = tuple(
        Coordinate(graph.name, (*graph.index, edge), Choice(operations), lengths=("6",))
        for graph in graphs
        for edge in range(len(graph.edges))
    )
    return Space(coordinates, graphs=graphs)


def cell(
    edges: tuple[tuple[int, int], ...], name: str = "edge", index: tuple[int, ...] = ()
) -> Graph:
    return Graph(name, index, edges, ABSENT, IDENTITY)


def structure_of(*graphs: Graph) -> Structure:
    structure = Structure.of(space_of(*graphs))
    assert structure is not None
    return structure


def point(operations: list[str], name: str = "edge") -> dict[str, str]:
    return {f"{name}[{at}]": operation for at, operation in enumerate(operations)}


def part(structure: Structure, rows: Rows, *names: str) -> Rows:
    """The columns of these groups, of all cells."""
    chosen = [g for g in structure.groups if g.name.split(":")[1] in names]
    return np.concatenate([rows[:, g.start : g.stop] for g in chosen], axis=1)


Drawn = tuple[tuple[tuple[int, int], ...], list[str]]


@st.composite
def networks(draw: st.DrawFn) -> Drawn:
    """A graph and an operation for each of its edges."""
    nodes = draw(st.integers(2, 6))
    pairs = [(source, target) for target in range(nodes) for source in range(target)]
    edges = draw(st.lists(st.sampled_from(pairs), min_size=1, unique=True))
    if all(target != nodes - 1 for _, target in edges):
        edges.append((0, nodes - 1))
    operations = [draw(st.sampled_from(OPERATIONS)) for _ in edges]
    return tuple(edges), [str(each) for each in operations]


def live_paths(edges: tuple[tuple[int, int], ...], operations: list[str]) -> list[list[int]]:
    """Every path from input to output over present edges, found the slow way."""
    output = max(target for _, target in edges)
    found: list[list[int]] = []

    def go_on(node: int, path: list[int]) -> None:
        if node == output:
            found.append(path)
            return
        for at, (source, target) in enumerate(edges):
            if source == node and operations[at] not in ABSENT:
                go_on(target, [*path, at])

    go_on(0, [])
    return found


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
    for group in ("operations", "shape", "degrees", "fed-by", "leading-to"):
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


def test_equivalent_cells_share_a_key_and_different_ones_do_not() -> None:
    structure = structure_of(cell(CELL))
    conv_then_pool = ["conv", "none", "none", "none", "pool", "none"]
    through_the_other_node = ["none", "conv", "none", "none", "none", "pool"]
    with_a_detour = ["conv", "none", "skip", "none", "none", "pool"]
    pool_then_conv = ["pool", "none", "none", "none", "conv", "none"]
    done_once = ["conv", "none", "skip", "none", "pool", "pool"]
    done_twice = ["conv", "conv", "none", "none", "pool", "pool"]
    cells = (
        conv_then_pool,
        through_the_other_node,
        with_a_detour,
        pool_then_conv,
        done_once,
        done_twice,
    )
    keys = structure.keys([point(each) for each in cells]).tolist()
    assert [keys.index(key) for key in keys] == [0, 0, 0, 3, 4, 5]


def test_all_15625_cells_of_four_nodes_make_5425_networks_in_half_a_second() -> None:
    operations = ("none", "skip", "conv", "pool", "dense")
    space = space_of(Graph("edge", (), CELL, ("none",), IDENTITY), operations=operations)
    structure = Structure.of(space)
    assert structure is not None
    everything = np.array(list(itertools.product(range(5), repeat=6)))
    start = time.process_time()
    rows = structure.rows_of_operations(everything)
    spent = time.process_time() - start
    assert rows.shape == (15625, structure.width)
    assert len(np.unique(structure.keys_of_operations(everything))) == 5425
    assert spent < 0.5


def test_rows_do_not_depend_on_what_else_is_asked_for() -> None:
    structure = structure_of(cell(CELL))
    generator = np.random.default_rng(0)
    many = generator.integers(-1, len(OPERATIONS), (5000, 6))
    rows = structure.rows_of_operations(many)
    alone = np.concatenate([structure.rows_of_operations(many[at : at + 1]) for at in (0, 4999)])
    assert rows[[0, 4999]].tolist() == alone.tolist()
    assert structure.rows([]).shape == (0, structure.width)


def test_numbers_are_the_same_in_every_process_and_on_every_machine() -> None:
    structure = structure_of(cell(CELL))
    here = point(["conv", "skip", "pool", "none", "dense", "conv"])
    assert structure.keys([here]).tolist() == [KEY]
    rows = structure.rows([here])
    assert np.flatnonzero(part(structure, rows, "fed-by")).tolist() == FED_BY


KEY = 14491363849596349137
FED_BY = [29, 31, 38, 40, 47, 78, 99, 110, 116, 119, 125]


def test_a_graph_with_more_words_than_columns_has_bounded_rows() -> None:
    nodes = 14
    edges = tuple((a, b) for b in range(nodes) for a in range(b))
    structure = structure_of(cell(edges))
    assert structure.width < 2000
    rows = structure.rows_of_operations(np.full((3, len(edges)), 3))
    assert part(structure, rows, "paths").sum(axis=1).tolist() == [256.0] * 3
    assert part(structure, rows, "shape")[0, 5] == pytest.approx(np.log1p(2.0**12))


def test_each_cell_of_a_space_has_its_own_groups_and_an_inactive_one_is_zero() -> None:
    first, second = cell(CELL, "cell", (0,)), cell(CELL, "cell", (1,))
    structure = structure_of(first, second)
    alone = structure_of(first)
    here = point(["conv"] * 6, "cell[0]")
    rows = structure.rows([here])
    assert [group.name for group in structure.groups][::7] == [
        "cell[0]:operations",
        "cell[1]:operations",
    ]
    assert rows[:, : alone.width].tolist() == alone.rows([here]).tolist()
    assert not rows[:, alone.width :].any()


def test_groups_cover_every_column_once() -> None:
    structure = structure_of(cell(CELL), cell(((0, 1),), "other"))
    stops = [group.stop for group in structure.groups]
    assert [group.start for group in structure.groups] == [0, *stops[:-1]]
    assert stops[-1] == structure.width


def test_a_space_without_a_graph_has_no_structure() -> None:
    assert Structure.of(replace(space_of(cell(CELL)), graphs=())) is None


def test_an_operation_that_the_choice_does_not_have_is_refused() -> None:
    with pytest.raises(UnknownValue, match="`lstm` is no operation of `edge`"):
        structure_of(cell(CELL)).rows([point(["lstm", *["conv"] * 5])])


def test_true_and_1_are_two_operations() -> None:
    edges = ((0, 1),)
    space = Space(
        (Coordinate("edge", (0,), Choice((1, True)), lengths=("1",)),),
        graphs=(Graph("edge", (), edges, (), (True,)),),
    )
    structure = Structure.of(space)
    assert structure is not None
    rows = structure.rows([{"edge[0]": 1}, {"edge[0]": True}])
    assert part(structure, rows, "operations").tolist() == [[1, 0], [0, 1]]
    assert part(structure, rows, "shape")[:, 1].tolist() == [1, 0]
