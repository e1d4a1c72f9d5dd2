"""The features of declared cells: fast, the same everywhere, and one key for equal networks."""

from __future__ import annotations

import itertools
import time
from dataclasses import replace

import numpy as np
import pytest

from omniforce.spec.space import Choice, Coordinate, Graph, Space
from omniforce.strategies.points.encoding import UnknownValue
from omniforce.strategies.structure.features import Structure

from .drawn_networks import CELL, IDENTITY, OPERATIONS, cell, part, point, space_of, structure_of


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


def test_rows_that_are_asked_for_again_are_remembered_and_cannot_be_spoilt() -> None:
    structure = structure_of(cell(CELL))
    many = np.random.default_rng(1).integers(0, 6, (3000, 6))
    rows = structure.rows_of_operations(many)
    assert structure.rows_of_operations(many.astype(np.int16)) is rows
    with pytest.raises(ValueError, match="read-only"):
        rows[0, 0] = 1.0


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
    assert structure.width < 1500
    rows = structure.rows_of_operations(np.full((3, len(edges)), 3))
    assert part(structure, rows, "paths").sum(axis=1).tolist() == [256.0] * 3
    assert part(structure, rows, "shape")[0, 5] == pytest.approx(np.log1p(2.0**12))


def test_each_cell_of_a_space_has_its_own_groups_and_an_inactive_one_is_zero() -> None:
    first, second = cell(CELL, "cell", (0,)), cell(CELL, "cell", (1,))
    structure = structure_of(first, second)
    alone = structure_of(first)
    here = point(["conv"] * 6, "cell[0]")
    rows = structure.rows([here])
    assert [group.name for group in structure.groups if group.name.endswith(":operations")] == [
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
    numbers = Structure.of(
        replace(space, coordinates=(replace(space.coordinates[0], domain=Choice((1, 2))),))
    )
    truths = Structure.of(
        replace(space, coordinates=(replace(space.coordinates[0], domain=Choice((True, 2))),))
    )
    assert numbers != truths
