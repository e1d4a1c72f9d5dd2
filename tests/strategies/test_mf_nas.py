from __future__ import annotations

from itertools import islice, product
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omniforce.spec.expression.tree import Value
from omniforce.spec.space import Assignment, Choice, Coordinate, FloatRange, Graph, IntRange, Space
from omniforce.strategies.mf_nas.capacities import Densities
from omniforce.strategies.mf_nas.network import Arc, Network, max_flow
from omniforce.strategies.mf_nas.strategy import MfNas, densest
from omniforce.strategies.points.encoding import Encoding
from omniforce.strategies.protocol import Goal, Outcome, Problem, Reward

EDGES = ((0, 1), (0, 2), (1, 2), (0, 3), (1, 3), (2, 3))
OPERATIONS = ("none", "skip", "conv", "pool")
CELL = Space(
    tuple(Coordinate("op", (k,), Choice(OPERATIONS), lengths=("6",)) for k in range(6)),
    graphs=(Graph("op", (), EDGES, ("none",), ("skip",)),),
)


def _cell(*operations: str) -> dict[str, Value]:
    return {f"op[{k}]": each for k, each in enumerate(operations)}


def _cut(arcs: list[Arc]) -> float:
    """The least capacity that separates node 0 from the last: tried over every cut."""
    last = max(end for _, end, _ in arcs)
    return min(
        sum(c for start, end, c in arcs if sides[start] == 0 and sides[end] == 1)
        for inner in product((0, 1), repeat=last - 1)
        for sides in [(0, *inner, 1)]
    )


@given(st.lists(st.floats(0.0, 10.0), min_size=10, max_size=10), st.sets(st.integers(0, 9)))
def test_the_greatest_flow_is_the_least_cut(capacities: list[float], gone: set[int]) -> None:
    edges = [(a, b) for b in range(5) for a in range(b)]
    arcs: list[Arc] = [
        (a, b, 0.0 if k in gone else c)
        for k, ((a, b), c) in enumerate(zip(edges, capacities, strict=True))
    ]
    assert max_flow(arcs) == pytest.approx(_cut(arcs), abs=1e-9)


def test_nothing_flows_through_absent_operations() -> None:
    network = Network.of(CELL)
    full, dead = [1.0] * 6, _cell("conv", "none", "none", "none", "none", "conv")
    assert network.flow(_cell(*["conv"] * 6), full, full) == 1.0
    assert network.flow(dead, full, full) == 0.0
    assert network.flow(dead | {"op[3]": "conv"}, full, full) == pytest.approx(1 / 3)


def test_an_edge_that_leads_nowhere_makes_no_difference() -> None:
    network = Network.of(CELL)
    most = [2.0] * 6
    through = _cell("conv", "none", "none", "conv", "none", "conv")
    for carried in ([0.1, 1, 1, 1, 1, 1], [2.0, 1, 1, 1, 1, 0.1]):
        assert network.flow(through, carried, most) == pytest.approx(1 / 6)


def test_without_a_graph_the_narrowest_stage_decides() -> None:
    space = Space(tuple(Coordinate(name, (), Choice(("a", "b"))) for name in "xyz"))
    point = {"x": "a", "y": "a", "z": "b"}
    assert Network.of(space).flow(point, [1.0, 0.5, 3.0], [2.0, 2.0, 4.0]) == 0.25


def test_a_cell_and_a_number_stand_one_behind_the_other() -> None:
    space = Space((*CELL.coordinates, Coordinate("width", (), IntRange(1, 9))), graphs=CELL.graphs)
    network, most = Network.of(space), [1.0] * 7
    point: Assignment = {**_cell(*["conv"] * 6), "width": 4}
    assert network.flow(point, [0.5] * 6 + [0.9], most) == 0.5
    assert network.flow(point, [0.9] * 6 + [0.3], most) == 0.3


def test_a_graph_whose_edges_are_not_all_there_is_a_chain() -> None:
    assert Network.of(Space(CELL.coordinates[:5], graphs=CELL.graphs)).chain == (0, 1, 2, 3, 4)


@given(
    st.lists(st.lists(st.floats(-5, 5), min_size=1, max_size=4), min_size=1, max_size=4),
)
def test_networks_come_by_their_density_and_each_once(logs: list[list[float]]) -> None:
    found = list(densest(logs))
    assert sorted(found) == sorted(product(*(range(len(each)) for each in logs)))
    sums = [sum(each[arc] for each, arc in zip(logs, arcs, strict=True)) for arcs in found]
    assert sums == pytest.approx(sorted(sums, reverse=True), abs=1e-9)


def test_the_densest_of_a_great_many_networks_is_found_at_once() -> None:
    logs = [[-float(k) for k in range(10)]] * 200
    assert next(densest(logs)) == (0,) * 200
    assert len(list(islice(densest(logs), 50))) == 50


def test_arcs_of_good_trials_carry_more_and_unseen_ones_are_open() -> None:
    space = Space((Coordinate("x", (), Choice(("good", "bad", "new"))),))
    encoding = Encoding.of(space)
    keys = [encoding.key({"x": name}) for name in ("good",) * 8 + ("bad",) * 8]
    densities = Densities(encoding.axes, tuple(keys))
    logs = [densities.stages(Random(seed))[0].logs for seed in range(200)]
    good, bad, new = (sum(each[at] for each in logs) / 200 for at in range(3))
    assert good > bad + 0.5
    # Nothing is known of it, so that it comes first now and then.
    assert bad < new < good
    assert 0.0 < sum(each[2] > each[0] for each in logs) / 200 < 0.3


def test_arcs_of_a_number_become_finer_at_the_good_ones() -> None:
    encoding = Encoding.of(Space((Coordinate("x", (), FloatRange(0.0, 1.0)),)))
    densities = Densities(encoding.axes, tuple((0.3 + at / 1000,) for at in range(5)))
    (stage,) = densities.stages(Random(0))
    near = [place for place in stage.places if abs(place - 0.3) < 0.05]
    assert len(near) >= 3
    assert max(stage.places) - min(stage.places) > 0.5


def _score(point: Assignment) -> float:
    """Of a cell: convolutions on what lies on a path, most of all on the short one."""
    worth = {"none": -1.0, "skip": 0.3, "conv": 1.0, "pool": -0.2}
    parts = [worth[str(point[f"op[{k}]"])] for k in range(6)]
    paths = [(3,), (0, 4), (1, 5), (0, 2, 5)]
    alive = [p for p in paths if all(point[f"op[{k}]"] != "none" for k in p)]
    return sum(sum(parts[k] for k in p) / len(p) for p in alive) + parts[3]


def _best(strategy: MfNas, seed: int, trials: int = 40) -> float:
    rewards: tuple[Reward, ...] = ()
    bound = strategy.bind_space(Problem(CELL, (Goal("score", "maximize"),), seed, trials))
    while len(rewards) < trials:
        points = bound.handle_rewards(rewards).generate_tasks(2)
        rewards += tuple(
            Reward(len(rewards) + at, p, Outcome.COMPLETED, {"score": _score(p)})
            for at, p in enumerate(points)
        )
    return max(r.metrics["score"] for r in rewards)


def test_finds_better_cells_than_chance_does() -> None:
    learned = [_best(MfNas(), seed) for seed in range(6)]
    chance = [_best(MfNas(initial=40), seed) for seed in range(6)]
    assert sum(learned) > sum(chance)
    assert max(learned) == pytest.approx(5.0)
