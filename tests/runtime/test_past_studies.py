"""Which past studies a study learns from, and that it always learns from the same."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from omniforce.compiler.ir.program import Program, Search
from omniforce.runtime.engine import advance
from omniforce.runtime.past_studies import Shelf, past_of
from omniforce.runtime.rewards import search_of
from omniforce.runtime.store.store import Store
from omniforce.runtime.trial.contract import TrialReport, failed
from omniforce.spec.blocks.algorithm import AlgorithmInterface
from omniforce.spec.blocks.warm_start import WarmStart
from omniforce.spec.expression.tree import Metric, Objective
from omniforce.spec.plain.values import to_plain
from omniforce.spec.problem import Problem as Fault
from omniforce.spec.space import Coordinate, FloatRange, IntRange, Space
from omniforce.strategies.protocol import Goal, Outcome, Past, Problem, Reward

X = Space((Coordinate("x", (), IntRange(0, 1000)),))
AUTO = WarmStart("auto")
OTHER = AlgorithmInterface("test/other", 1, "toy:Toy")


@pytest.fixture
def store(address: str) -> Iterator[Store]:
    store = Store.open(address)
    yield store
    store.close()


Begin = Callable[..., Program]


@pytest.fixture
def begin(store: Store, make_program: Callable[..., Program]) -> Begin:
    """Makes a study in the store and gives its program."""

    def make(name: str, at: float, project: str = "default", **changes: Any) -> Program:
        program = make_program(name, **changes)
        text = json.dumps(to_plain(program), sort_keys=True)
        algorithm = search_of(program).algorithm.name
        store.create_study(name, text, f"sha256:{name}", at, project=project, algorithm=algorithm)
        return program

    return make


def run(store: Store, study: str, points: list[dict[str, Any]], at: float) -> None:
    """Trials of these points, each done a second after the one before, as good as its `x`."""
    with store.lock(study) as session:
        numbers = session.propose(points, at)
    for trial, point in zip(numbers, points, strict=True):
        at += 1.0
        assert store.lease(study, trial, 1, f"w{trial}", 100.0, at) is not None
        done = TrialReport(outcome="completed", metrics={"accuracy": point["x"] / 10}, seconds=1.0)
        store.finish(study, trial, 1, done, at)


def end(store: Store, study: str, at: float) -> None:
    with store.lock(study) as session:
        session.complete("budget", at)


def finished(store: Store, begin: Begin, name: str, at: float, **changes: Any) -> None:
    begin(name, at, **changes)
    run(store, name, [{"x": 3}, {"x": 5}], at)
    end(store, name, at + 5.0)


def search(program: Program) -> Search:
    return search_of(program)


def names(past: tuple[Past, ...]) -> list[str]:
    return [each.study for each in past]


def test_a_past_study_is_what_a_strategy_needs_to_know_of_it(store: Store, begin: Begin) -> None:
    finished(store, begin, "old", 0.0)
    new = begin("s", 10.0, warm_start=AUTO)
    rewards = (
        Reward(0, {"x": 3}, Outcome.COMPLETED, {"accuracy": 0.3}, 1.0),
        Reward(1, {"x": 5}, Outcome.COMPLETED, {"accuracy": 0.5}, 1.0),
    )
    found = past_of(store, "s", search(new), 11.0)
    assert found == (Past("old", X, (Goal("accuracy", "maximize"),), rewards),)


def test_nothing_is_learned_where_nothing_is_asked(store: Store, begin: Begin) -> None:
    finished(store, begin, "old", 0.0)
    assert past_of(store, "s", search(begin("s", 10.0)), 11.0) == ()
    assert store.learned("s") is None


def test_the_closest_come_first_and_what_has_nothing_in_common_not_at_all(
    store: Store, begin: Begin
) -> None:
    wide = Space((*X.coordinates, Coordinate("y", (), FloatRange(0.0, 1.0))))
    elsewhere = Space((Coordinate("y", (), FloatRange(0.0, 1.0)),))
    beyond = Space((Coordinate("x", (), IntRange(2000, 3000)),))
    loss = (Objective("minimize", Metric("loss")),)
    finished(store, begin, "other-algorithm", 0.0, algorithm=OTHER)
    finished(store, begin, "same", 10.0)
    finished(store, begin, "same-later", 20.0)
    finished(store, begin, "wider", 30.0, space=wide)
    finished(store, begin, "other-space", 40.0, space=elsewhere)
    finished(store, begin, "other-range", 50.0, space=beyond)
    finished(store, begin, "other-goal", 60.0, goals=loss)
    new = begin("s", 100.0, warm_start=AUTO)
    found = past_of(store, "s", search(new), 101.0)
    assert names(found) == ["same-later", "same", "wider", "other-algorithm"]


def test_a_study_that_still_runs_is_learned_from_only_where_it_is_named(
    store: Store, begin: Begin
) -> None:
    begin("running", 0.0)
    run(store, "running", [{"x": 1}], 1.0)
    assert past_of(store, "s", search(begin("s", 10.0, warm_start=AUTO)), 11.0) == ()
    named = begin("t", 10.0, warm_start=WarmStart("name", ("running",)))
    (found,) = past_of(store, "t", search(named), 11.0)
    assert [reward.point for reward in found.rewards] == [{"x": 1}]


def test_a_study_of_another_project_is_nobody_elses(store: Store, begin: Begin) -> None:
    finished(store, begin, "theirs", 0.0, project="secret")
    assert past_of(store, "s", search(begin("s", 10.0, warm_start=AUTO)), 11.0) == ()
    named = begin("t", 10.0, warm_start=WarmStart("name", ("theirs",)))
    with pytest.raises(Fault, match="there is no study `theirs` to learn from"):
        past_of(store, "t", search(named), 11.0)


def test_a_name_that_is_not_there_is_an_error_that_says_which_are(
    store: Store, begin: Begin
) -> None:
    finished(store, begin, "digits-may", 0.0)
    new = begin("s", 10.0, warm_start=WarmStart("name", ("digits-mai",)))
    with pytest.raises(Fault) as caught:
        past_of(store, "s", search(new), 11.0)
    assert caught.value.diagnostic.code == "OFC880"
    assert caught.value.diagnostic.help == "the store has `digits-may`"


def test_what_happens_to_a_past_study_later_changes_nothing(store: Store, begin: Begin) -> None:
    begin("running", 0.0)
    run(store, "running", [{"x": 1}], 1.0)
    new = search(begin("s", 10.0, warm_start=WarmStart("name", ("running",))))
    first = past_of(store, "s", new, 11.0)
    run(store, "running", [{"x": 2}], 12.0)
    end(store, "running", 20.0)
    finished(store, begin, "another", 30.0)
    assert past_of(store, "s", new, 40.0) == first


def test_a_spec_that_asks_for_other_studies_gets_them(store: Store, begin: Begin) -> None:
    finished(store, begin, "a", 0.0)
    finished(store, begin, "b", 1.0)
    new = begin("s", 10.0, warm_start=WarmStart("name", ("a",)))
    assert names(past_of(store, "s", search(new), 11.0)) == ["a"]
    revised = begin("t", 10.0, warm_start=WarmStart("name", ("b",)))
    assert names(past_of(store, "s", search(revised), 12.0)) == ["b"]


def test_trials_that_failed_or_came_later_are_left_out(store: Store, begin: Begin) -> None:
    begin("old", 0.0)
    run(store, "old", [{"x": 1}, {"x": 2}], 1.0)
    with store.lock("old") as session:
        (number,) = session.propose([{"x": 9}], 5.0)
    assert store.lease("old", number, 1, "w", 100.0, 5.0) is not None
    store.finish("old", number, 1, failed("user-error", "no"), 6.0)
    run(store, "old", [{"x": 7}], 50.0)
    end(store, "old", 60.0)
    new = begin("s", 10.0, warm_start=AUTO)
    (found,) = past_of(store, "s", search(new), 11.0)
    assert [reward.point for reward in found.rewards] == [{"x": 1}, {"x": 2}]


def test_a_program_that_this_release_cannot_read_is_passed_over(store: Store, begin: Begin) -> None:
    store.create_study("ancient", "{}", "sha256:0", 0.0)
    finished(store, begin, "old", 0.0)
    assert names(past_of(store, "s", search(begin("s", 10.0, warm_start=AUTO)), 11.0)) == ["old"]


def test_a_study_set_aside_is_found_on_its_shelf_by_the_name_of_its_folder(
    store: Store, begin: Begin, sqlite_address: str, make_program: Callable[..., Program]
) -> None:
    shelf = Store.open(sqlite_address.replace("study.db", "aside.db"))
    text = json.dumps(to_plain(make_program("s")))
    shelf.create_study("s", text, "sha256:1", 0.0)
    run(shelf, "s", [{"x": 4}], 1.0)
    end(shelf, "s", 5.0)
    new = begin("s", 10.0, warm_start=AUTO)
    (found,) = past_of(store, "s", search(new), 11.0, (Shelf(shelf, "s.old-1"),))
    shelf.close()
    assert (found.study, len(found.rewards)) == ("s.old-1", 1)


def test_the_strategy_is_told_of_the_past_and_of_how_many_trials_run_at_once(
    store: Store, begin: Begin, counting: Any
) -> None:
    finished(store, begin, "old", 0.0)
    new = begin("s", 10.0, warm_start=AUTO)
    told: list[Problem] = []

    class Listening:
        name = "listening"

        def bind_space(self, problem: Problem) -> Any:
            told.append(problem)
            return counting().bind_space(problem)

    advance(store, new, lambda _: Listening(), 11.0)  # type: ignore[arg-type,return-value]
    assert [(names(each.past), each.parallelism) for each in told] == [(["old"], 2)]
