"""People steer a study while it lives: on both databases, whatever its state."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from omniforce.compiler.events import STUDY_CHANGED, TRIAL_REQUESTED
from omniforce.compiler.ir.program import Program
from omniforce.runtime.engine import Advance, advance
from omniforce.runtime.rewards import rewards_of
from omniforce.runtime.steering.revising import Revision
from omniforce.runtime.steering.steering import Extension, Steering
from omniforce.runtime.store.store import Store
from omniforce.runtime.trial.contract import TrialReport
from omniforce.spec.blocks.search import Budget
from omniforce.spec.plain.values import to_plain
from omniforce.spec.problem import Problem
from omniforce.spec.space import Choice, Coordinate, FloatRange, IntRange, Space
from omniforce.strategies.protocol import Reward

DONE = TrialReport(outcome="completed", metrics={"accuracy": 0.9}, seconds=1.0)


def text_of(program: Program) -> str:
    return json.dumps(to_plain(program), sort_keys=True)


@pytest.fixture
def store(address: str) -> Iterator[Store]:
    store = Store.open(address)
    yield store
    store.close()


@pytest.fixture
def start(
    store: Store, make_program: Callable[..., Program]
) -> Callable[..., tuple[Program, Steering]]:
    def start_study(**changes: Any) -> tuple[Program, Steering]:
        program = make_program(**changes)
        store.create_study("s", text_of(program), program.digest, 0.0)
        return program, Steering(store, "s", "alice@laptop", lambda: 100.0)

    return start_study


def step(store: Store, program: Program, counting: Any, now: float = 1.0) -> Advance:
    return advance(store, program, lambda _: counting(), now)


def run(store: Store, *trials: int, now: float = 2.0) -> None:
    for trial in trials:
        assert store.lease("s", trial, 1, "w", 60.0, now) is not None
        store.heartbeat("s", trial, 1, "w", 60.0, now, "running")
        assert store.finish("s", trial, 1, DONE, now + 1.0)


def code_of(wrong: Callable[[], object]) -> str:
    with pytest.raises(Problem) as caught:
        wrong()
    return caught.value.diagnostic.code


def test_a_paused_study_proposes_nothing_until_it_is_resumed(
    store: Store, start: Any, counting: Any
) -> None:
    program, steering = start()
    step(store, program, counting)
    assert steering.pause().state == "paused"
    assert step(store, program, counting).step == "waiting"
    run(store, 0, 1)
    assert step(store, program, counting, 3.0).step == "paused"
    assert steering.resume().state == "running"
    assert step(store, program, counting, 4.0).proposed == (2, 3)


def test_what_its_state_forbids_is_refused(store: Store, start: Any) -> None:
    _, steering = start()
    assert code_of(steering.resume) == "OFC781"
    steering.stop()
    assert code_of(steering.pause) == "OFC781"
    assert code_of(steering.stop) == "OFC781"
    assert code_of(lambda: steering.add({"x": 1})) == "OFC781"
    assert code_of(lambda: steering.cancel(0)) == "OFC782"
    assert code_of(lambda: Steering(store, "other", "bob").pause()) == "OFC761"
    assert [action.action for action in store.actions("s")] == ["stop"]


def test_a_stopped_study_cancels_what_runs_and_can_be_resumed(
    store: Store, start: Any, counting: Any
) -> None:
    program, steering = start()
    step(store, program, counting)
    store.lease("s", 0, 1, "w", 60.0, 2.0)
    assert steering.stop().reason == "stopped"
    assert [trial.state for trial in store.trials("s")] == ["cancelled", "cancelled"]
    assert store.heartbeat("s", 0, 1, "w", 60.0, 3.0) == "abandon"
    assert not store.finish("s", 0, 1, DONE, 4.0)
    assert steering.resume().state == "running"
    assert step(store, program, counting, 5.0).proposed == (2, 3)


def test_an_extended_budget_lets_a_study_that_is_over_go_on(
    store: Store, start: Any, counting: Any
) -> None:
    program, steering = start(budget=Budget(trials=2))
    step(store, program, counting)
    run(store, 0, 1)
    assert step(store, program, counting, 3.0).reason == "budget"
    assert steering.extend(Extension(trials=1)).extra == {"trials": 1}
    assert step(store, program, counting, 4.0).proposed == (2,)
    assert steering.extend(Extension(trials=2)).extra == {"trials": 3}
    assert code_of(lambda: steering.extend(Extension(usd=1.0))) == "OFC781"
    assert code_of(lambda: steering.extend(Extension())) == "OFC781"
    assert code_of(lambda: steering.extend(Extension(trials=-1))) == "OFC781"


def test_one_trial_is_cancelled_and_another_asked_to_end_early(
    store: Store, start: Any, counting: Any
) -> None:
    program, steering = start()
    step(store, program, counting)
    for trial in (0, 1):
        store.lease("s", trial, 1, "w", 60.0, 2.0)
    assert steering.cancel(0).state == "cancelled"
    assert store.heartbeat("s", 0, 1, "w", 60.0, 3.0) == "abandon"
    assert steering.end_early(1).stop == 100.0
    assert store.heartbeat("s", 1, 1, "w", 60.0, 3.0) == "stop"
    assert store.finish("s", 1, 1, DONE, 4.0)
    assert code_of(lambda: steering.cancel(1)) == "OFC781"


def test_a_trial_by_hand_is_a_point_of_the_space_filled_up_by_defaults(
    store: Store, start: Any, counting: Any
) -> None:
    space = Space(
        (
            Coordinate("x", (), IntRange(0, 1000)),
            Coordinate("kind", (), Choice(("a", "b")), default="b"),
            Coordinate("rate", (), FloatRange(0.0, 1.0), default=0.5),
        )
    )
    _, steering = start(space=space)
    trial = steering.add({"x": 7, "rate": 1})
    assert (trial.origin, dict(trial.point)) == ("person", {"x": 7, "kind": "b", "rate": 1.0})
    for wrong in ({}, {"x": 7, "y": 1}, {"x": -1}, {"x": 7, "kind": "c"}, {"x": [7]}):
        assert code_of(lambda given=wrong: steering.add(given)) == "OFC783"
    assert [each.number for each in store.trials("s")] == [0]


def test_a_rating_is_a_figure_of_its_trial(store: Store, start: Any, counting: Any) -> None:
    program, steering = start()
    step(store, program, counting)
    run(store, 0)
    assert steering.rate(0, 4.5).metrics == {"accuracy": 0.9, "rating": 4.5}
    assert steering.rate(0, None).metrics == {"accuracy": 0.9}


def test_a_revised_space_keeps_the_trials_that_it_still_holds(
    store: Store, start: Any, counting: Any, make_program: Callable[..., Program]
) -> None:
    program, steering = start()
    step(store, program, counting)
    run(store, 0)
    store.lease("s", 1, 1, "w", 60.0, 2.0)
    narrower = Space((Coordinate("x", (), IntRange(0, 0)),))
    after = replace(make_program(space=narrower), digest="sha256:2")
    assert steering.revise(after, text_of(after)) == Revision(2, 1, 0, 1, (1,))
    assert [(t.fate, t.state) for t in store.trials("s")] == [
        ("kept", "completed"),
        ("invalidated", "cancelled"),
    ]
    record = store.study("s")
    assert record is not None
    assert (record.revision, record.digest) == (2, "sha256:2")
    assert [reward.trial for reward in rewards_of(store.trials("s"))] == [0]
    assert steering.revise(program, text_of(program)) == Revision(3, 2, 0, 0, ())


def test_a_new_parameter_is_imputed_by_its_default(
    store: Store, start: Any, counting: Any, make_program: Callable[..., Program]
) -> None:
    program, steering = start()
    step(store, program, counting)
    run(store, 0, 1)
    wider = Space(
        (
            Coordinate("x", (), IntRange(0, 1000)),
            Coordinate("rate", (), FloatRange(0.0, 1.0), default=0.5),
        )
    )
    after = replace(make_program(space=wider), digest="sha256:2")
    revision = steering.revise(after, text_of(after))
    assert (revision.kept, revision.imputed, revision.invalidated) == (0, 2, 0)
    assert rewards_of(store.trials("s"))[1].point == {"x": 1, "rate": 0.5}
    seen: list[tuple[Reward, ...]] = []

    class Watching(counting):  # type: ignore[misc]
        def handle_rewards(self, rewards: Any) -> Any:
            seen.append(tuple(rewards))
            return super().handle_rewards(rewards)

    advance(store, after, lambda _: Watching(), 5.0)
    assert [reward.point for reward in seen[0]] == [{"x": 0, "rate": 0.5}, {"x": 1, "rate": 0.5}]


def test_trials_of_another_question_leave_the_budget_alone(
    store: Store, start: Any, counting: Any, make_program: Callable[..., Program]
) -> None:
    program, steering = start(budget=Budget(trials=2))
    step(store, program, counting)
    run(store, 0, 1)
    assert step(store, program, counting, 3.0).reason == "budget"
    elsewhere = Space((Coordinate("x", (), IntRange(500, 1000)),))
    after = replace(make_program(space=elsewhere, budget=Budget(trials=2)), digest="sha256:2")
    assert steering.revise(after, text_of(after)).invalidated == 2
    assert step(store, after, counting, 4.0).proposed == (2, 3)


def test_a_spec_of_another_study_is_no_revision(
    store: Store, start: Any, make_program: Callable[..., Program]
) -> None:
    program, steering = start()
    other = make_program(name="t")
    assert code_of(lambda: steering.revise(other, text_of(other))) == "OFC784"
    assert code_of(lambda: steering.revise(program, text_of(program))) == "OFC784"


def test_every_deed_is_written_down_and_wakes_the_search(
    store: Store, start: Any, counting: Any
) -> None:
    program, steering = start()
    step(store, program, counting)
    away = replace(steering, runner="job")
    away.pause()
    away.add({"x": 500})
    away.rate(0, 1.0)
    assert [(a.actor, a.action, a.at) for a in store.actions("s")] == [
        ("alice@laptop", "pause", 100.0),
        ("alice@laptop", "add", 100.0),
        ("alice@laptop", "rate", 100.0),
    ]
    events = store.unsent("s", [STUDY_CHANGED, TRIAL_REQUESTED])
    assert [event.data.get("action", event.subject) for event in events] == [
        "pause",
        "t2",
        "add",
        "rate",
    ]
    assert store.last_action("s") == store.actions("s")[-1].position
    assert store.actions("s", after=store.actions("s")[1].position) == store.actions("s")[2:]
