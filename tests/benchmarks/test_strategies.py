"""How strategies are measured: small searches, without the peers' libraries."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from random import Random
from xml.etree import ElementTree

import pytest

from omniforce.spec.space import Assignment, Choice, Coordinate, FloatRange, Space
from omniforce.strategies.protocol import Goal, Problem

# benchmarks are no part of what is installed
sys.path.append(str(Path(__file__).parents[2]))

from benchmarks.strategies.bench import Bench, noiseless, regret
from benchmarks.strategies.campaign import Options, Plan, by_searcher, run
from benchmarks.strategies.front import hypervolume, missing_volume
from benchmarks.strategies.ours import Ours
from benchmarks.strategies.peers.local_search import LocalSearch
from benchmarks.strategies.peers.regularised_evolution import RegularisedEvolution
from benchmarks.strategies.play import play
from benchmarks.strategies.problems.functions import FUNCTIONS
from benchmarks.strategies.regret_plot import draw
from benchmarks.strategies.results import Entry, Results
from benchmarks.strategies.searcher import Searcher, Unavailable
from benchmarks.strategies.searchers import starter
from benchmarks.strategies.table import BENCHES
from benchmarks.strategies.tables import losses

WORDS = ("a", "b", "c", "d", "e")
SPACE = Space(tuple(Coordinate(f"letter{at}", (), Choice(WORDS)) for at in range(4)))


def _distance(point: Assignment) -> dict[str, float]:
    return {"wrong": float(sum(value != "c" for value in point.values()))}


LETTERS = Bench(
    "letters", SPACE, (Goal("wrong", "minimize"),), 40, noiseless(_distance), _distance,
    regret("wrong", 0.0), given=5,
)  # fmt: skip


class Listening:
    """Draws at random and writes down what it is told."""

    def __init__(self, problem: Problem, given: int) -> None:
        self.asked, self.told = given, list[tuple[int, Assignment]]()
        self.most_out = 0
        self.generator = Random(problem.seed)

    def ask(self, count: int) -> tuple[Assignment, ...]:
        self.asked += count
        self.most_out = max(self.most_out, self.asked - len(self.told))
        return tuple(
            {each.id: self.generator.choice(WORDS) for each in SPACE} for _ in range(count)
        )

    def tell(self, trial: int, point: Assignment, metrics: Mapping[str, float]) -> None:
        self.told.append((trial, point))


def _listened(bench: Bench, seed: int = 0, workers: int = 1) -> Listening:
    kept: list[Listening] = []

    def start(problem: Problem, given: int) -> Searcher:
        kept.append(Listening(problem, given))
        return kept[0]

    play(bench, start, seed, workers=workers)
    return kept[0]


def test_a_search_has_one_loss_an_evaluation_and_none_grows_without_noise() -> None:
    lost = play(LETTERS, starter("random"), 3).lost
    assert len(lost) == 40
    assert list(lost) == sorted(lost, reverse=True)


def test_the_same_seed_gives_the_same_search() -> None:
    assert play(LETTERS, starter("random"), 3).lost == play(LETTERS, starter("random"), 3).lost
    assert play(LETTERS, starter("random"), 3).lost != play(LETTERS, starter("random"), 4).lost


def test_all_searchers_of_a_seed_are_given_the_same_first_points() -> None:
    first, second = (_listened(LETTERS, seed=8).told[:5] for _ in range(2))
    assert first == second
    assert [trial for trial, _ in first] == [0, 1, 2, 3, 4]
    assert _listened(LETTERS, seed=9).told[:5] != first


def test_so_many_trials_are_out_as_there_are_workers_and_they_end_out_of_order() -> None:
    alone, many = _listened(LETTERS), _listened(LETTERS, workers=8)
    assert (alone.most_out, many.most_out) == (1, 8)
    trials = [trial for trial, _ in many.told]
    assert sorted(trials) == list(range(40))
    assert trials != sorted(trials)


def test_a_searcher_is_told_the_point_that_a_bench_moved_it_to() -> None:
    free = [{each.id: word for each in SPACE} for word in WORDS]
    bench = replace(LETTERS, trials=5, given=0, snap=lambda _, known: free[len(known)])
    assert [point for _, point in _listened(bench).told] == free


def test_with_noise_the_trial_that_looked_best_counts() -> None:
    lost = regret("error", 1.0, scale=2.0)
    assert lost([{"error": 3.0}, {"error": 2.0}], [{"error": 2.0}, {"error": 9.0}]) == 4.0


def test_a_front_is_worth_the_area_that_it_dominates() -> None:
    assert hypervolume([(1.0, 2.0), (2.0, 1.0), (0.5, 0.5)]) == 3.0
    everything = [
        {"gain": 0.0, "cost": 4.0},
        {"gain": 1.0, "cost": 0.0},
        {"gain": 0.5, "cost": 2.0},
    ]
    assert missing_volume("gain", "cost", everything)([], everything[2:]) == 0.75


@pytest.mark.parametrize("peer", [LocalSearch, RegularisedEvolution])
def test_the_published_searches_find_more_than_random(
    peer: type[LocalSearch | RegularisedEvolution],
) -> None:
    by_chance = [play(LETTERS, starter("random"), seed).lost[-1] for seed in range(10)]
    found = [play(LETTERS, peer.of, seed).lost[-1] for seed in range(10)]
    assert sum(found) < sum(by_chance)


def test_options_of_ours_are_written_behind_the_name() -> None:
    problem = Problem(SPACE, LETTERS.goals, 0, 20)
    searcher = Ours.of("evolution:population=7,reach=0.5", problem)
    assert (searcher.strategy.population, searcher.strategy.reach) == (7, 0.5)  # type: ignore[attr-defined]


def test_a_strategy_that_there_is_not_is_said_to_be_missing() -> None:
    with pytest.raises(Unavailable, match="no strategy `flawless`"):
        play(LETTERS, starter("flawless"), 0)


@pytest.mark.parametrize(
    ("name", "place"),
    [
        ("branin", (3.14159265, 2.275)),
        ("hartmann-6", (0.20169, 0.150011, 0.476874, 0.275332, 0.311652, 0.6573)),
        ("ackley-20", (0.0,) * 20),
        ("levy-50", (1.0,) * 50),
    ],
)
def test_nothing_is_lost_where_a_function_is_least(name: str, place: tuple[float, ...]) -> None:
    bench = FUNCTIONS[name]()
    figures = [bench.truth({f"x{at}": each for at, each in enumerate(place)})]
    assert bench.lost(figures, figures) == pytest.approx(0.0, abs=1e-5)
    assert all(isinstance(each.domain, FloatRange) for each in bench.space)


def test_a_measurement_goes_on_where_it_was_interrupted(tmp_path: Path) -> None:
    plan, results = Plan("continuous", ("branin",), {"random": 3, "sobol": 1}), Results(tmp_path)
    run(plan, Options(seeds=1), results)
    lines = (tmp_path / "branin.jsonl").read_text().splitlines()
    known = run(plan, Options(), results)
    assert (tmp_path / "branin.jsonl").read_text().splitlines()[:2] == lines
    assert {entry: len(played.lost) for entry, played in known.items()} == {
        Entry("branin", "random", 0): 40,
        Entry("branin", "sobol", 0): 40,
        Entry("branin", "random", 1): 40,
        Entry("branin", "random", 2): 40,
    }
    assert run(plan, Options(redraw=True), results) == results.read("branin")


def test_what_is_forgotten_is_no_longer_known(tmp_path: Path) -> None:
    results, played = Results(tmp_path), play(LETTERS, starter("random"), 0)
    results.add(Entry("letters", "random", 0), played)
    results.add(Entry("letters", "sobol", 0), played)
    results.forget("letters", ["random"])
    assert [entry.searcher for entry in results.read("letters")] == ["sobol"]


def test_a_table_has_a_row_a_searcher() -> None:
    known = {
        Entry("letters", name, seed): replace(
            play(LETTERS, starter("random"), 0), lost=(3.0, lost), cpu=1.0
        )
        for name, seed, lost in (("one", 0, 1.0), ("two", 0, 2.0), ("one", 1, 2.0))
    }
    assert losses(by_searcher(known, "letters"), (1, 2), 2) == "\n".join(
        [
            "| searcher | seeds | at 1        | at 2        | CPU s a run |",
            "|----------|-------|-------------|-------------|-------------|",
            "| one      | 2     | 3.00 ± 0.00 | 1.50 ± 0.50 | 1.0         |",
            "| two      | 1     | 3.00 ± 0.00 | 2.00 ± 0.00 | 1.0         |",
        ]
    )


def test_a_plot_has_a_line_and_a_band_a_searcher() -> None:
    runs = {"<ours>": [(3.0, 1.0, 0.0), (4.0, 2.0, 0.0)], "random": [(3.0, 3.0, 2.0)]}
    svg = draw("letters & more", runs, first=2)
    root = ElementTree.fromstring(svg)
    kinds = [each.get("class") for each in root.iter()]
    assert (kinds.count("band"), svg.count("<polyline")) == (2, 2)
    assert "&lt;ours&gt;" in svg
    assert draw("letters & more", runs, first=2) == svg


def test_every_bench_of_the_table_has_its_module() -> None:
    folder = Path(__file__).parents[2] / "benchmarks" / "strategies"
    assert [name for name in BENCHES if not (folder / f"{name}.py").exists()] == []
