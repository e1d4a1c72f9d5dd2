"""One step of a study: read what came in, let the strategy think, commit what comes next.

The strategy thinks outside of any transaction, under a searcher's lease with a fencing token:
workers can report while it thinks, also with SQLite, which has one writer at a time; two
searchers cannot think at once; and if the lease of one that stalled went to another, what the
first has found is dropped. The lease is moved on while the thinking lasts, so a dead searcher
stops a study for `THINKING_SECONDS` at most.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal

from omniforce.compiler.events import TRIAL_COMPLETED
from omniforce.compiler.ir.program import Program, Search
from omniforce.spec.blocks.search import StrategyChoice
from omniforce.spec.problem import Problem
from omniforce.spec.space import Assignment
from omniforce.strategies.protocol import EmptySpace, SearchStrategy, SpaceExhausted

from .events import study_completed, trial_requested
from .rewards import problem_of, rewards_of, search_of
from .store.session import Session
from .store.store import Store
from .store.trial import OUTSTANDING, EndReason, StudyRecord, Trial
from .waiting import WAITING, Waiting, late, maximum_wait, next_change

THINKING_SECONDS = 60.0

SENDING_SECONDS = 120.0
"""What a trial's worker gets to send its own `trial.completed`."""

StrategyFactory = Callable[[StrategyChoice], SearchStrategy]


class UnknownStudy(Exception):  # noqa: N818
    """The study was not made with `store.create_study`."""


@dataclass(frozen=True, slots=True)
class Advance:
    """What a step did.

    Attributes:
        step: `proposed` new trials; `waiting` for trials under way; `busy`, another searcher
            thinks; `completed` the study just now; `over` already before.
        proposed: numbers of the new trials.
        retried: numbers of the trials that were put back, each as a new attempt.
        wake: when something may change without any trial reporting; None for never.
        reason: why the study is over.
    """

    step: Literal["proposed", "waiting", "busy", "completed", "over"]
    proposed: tuple[int, ...] = ()
    retried: tuple[int, ...] = ()
    wake: float | None = None
    reason: EndReason | None = None


@dataclass(frozen=True, slots=True)
class _Task:
    """What the strategy is to think about, and under which token."""

    token: int
    trials: tuple[Trial, ...]
    count: int
    retried: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class _Step:
    """The arguments of one `advance`."""

    store: Store
    study: str
    search: Search
    now: float
    waiting: Waiting
    runner: str | None


def advance(
    store: Store,
    program: Program,
    strategies: StrategyFactory,
    now: float,
    *,
    waiting: Waiting = WAITING,
    runner: str | None = None,
) -> Advance:
    """Moves a study on by one step; may be called by anybody, at any time, any number of times.

    The study must have been made with `store.create_study`; `strategies` is
    `omniforce.strategies.table.make`. With a `runner`, what runs the trials, `trial.requested` and
    `study.completed` events are left in the outbox.

    Raises:
        Problem: the store cannot be used; nothing that was committed is lost.
        UnknownStudy: the store has no such study.
    """
    step = _Step(store, program.name, search_of(program), now, waiting, runner)
    with store.lock(step.study) as session:
        task = _look(step, session)
    if isinstance(task, Advance):
        return task
    with _thinking(step, task.token):
        found = _think(step.search, task, strategies)
    with store.lock(step.study) as session:
        return _settle(step, session, task, found)


def _look(step: _Step, session: Session) -> Advance | _Task:
    """The part before the strategy: reaps, ends the round, finds out what is to be done."""
    study = session.study()
    if study is None:
        raise UnknownStudy(step.study)
    if study.state == "completed":
        return Advance("over", reason=study.reason)
    retried = _reap(step, session)
    # Whoever should have sent these is dead, and the search itself must not (demand 1); what they
    # would tell it is read below.
    session.drop_unsent(TRIAL_COMPLETED, step.now - SENDING_SECONDS, step.now)
    trials = session.trials()
    reason = _spent(step.search, study, trials, step.now)
    if reason is not None:
        return _complete(step, session, reason)
    wait = maximum_wait(trials, step.waiting, step.search.timeout)
    session.time_out(late(trials, wait, step.now), step.now)
    trials = session.trials()
    if any(trial.state in OUTSTANDING for trial in trials):
        change = next_change(trials, step.waiting, wait, step.search.timeout)
        return Advance("waiting", retried=retried, wake=_earlier(change, _end(step.search, study)))
    left = _left(step.search, trials)
    if left <= 0:
        return _complete(step, session, "budget")
    token = session.start_thinking(step.now, THINKING_SECONDS)
    if token is None:
        return Advance("busy", retried=retried, wake=step.now + THINKING_SECONDS)
    return _Task(token, trials, min(step.search.parallelism, left), retried)


def _think(
    search: Search, task: _Task, strategies: StrategyFactory
) -> tuple[Assignment, ...] | EndReason:
    """The strategy's own part: new points, or why there are none."""
    strategy = strategies(search.strategy).bind_space(problem_of(search))
    try:
        points = strategy.handle_rewards(rewards_of(task.trials)).generate_tasks(task.count)
    except SpaceExhausted:
        return "space-exhausted"
    except EmptySpace:
        return "empty-space"
    return points[: task.count] or "space-exhausted"


def _settle(
    step: _Step, session: Session, task: _Task, found: tuple[Assignment, ...] | EndReason
) -> Advance:
    """The part after the strategy: commits the next round, or ends the study."""
    if not session.stop_thinking(task.token):
        return Advance("busy", wake=step.now + THINKING_SECONDS)
    if isinstance(found, str):
        return _complete(step, session, found)
    numbers = session.propose(found, step.now)
    _request(step, session, [(number, 1) for number in numbers])
    trials = session.trials()
    wait = maximum_wait(trials, step.waiting, step.search.timeout)
    change = next_change(trials, step.waiting, wait, step.search.timeout)
    return Advance("proposed", numbers, task.retried, change)


def _reap(step: _Step, session: Session) -> tuple[int, ...]:
    reaped = session.reap(
        step.now,
        retries=step.search.retries,
        timeout=step.search.timeout,
        patience=step.waiting.patience,
    )
    again = [(each.trial, each.attempt) for each in reaped if each.state == "proposed"]
    _request(step, session, again)
    return tuple(number for number, _ in again)


def _request(step: _Step, session: Session, attempts: Sequence[tuple[int, int]]) -> None:
    runner = step.runner
    if runner is not None:
        events = [trial_requested(step.study, t, a, runner, step.now) for t, a in attempts]
        session.put(events, step.now)


def _complete(step: _Step, session: Session, reason: EndReason) -> Advance:
    session.complete(reason, step.now)
    if step.runner is not None:
        session.put([study_completed(step.study, reason, step.now)], step.now)
    return Advance("completed", reason=reason)


def _spent(
    search: Search, study: StudyRecord, trials: Sequence[Trial], now: float
) -> EndReason | None:
    """The limit that ends the study though trials may be under way."""
    end = _end(search, study)
    if end is not None and end <= now:
        return "wall-clock"
    hours, gpus = search.budget.gpu_hours, search.resources.gpu if search.resources else 0
    if hours is not None and gpus * sum(trial.seconds for trial in trials) >= hours * 3600:
        return "gpu-hours"
    return None


def _end(search: Search, study: StudyRecord) -> float | None:
    clock = search.budget.wall_clock
    return None if clock is None else study.started + clock


def _left(search: Search, trials: Sequence[Trial]) -> int:
    budget = search.budget.trials
    return search.parallelism if budget is None else budget - len(trials)


def _earlier(one: float | None, other: float | None) -> float | None:
    return min((time for time in (one, other) if time is not None), default=None)


@contextmanager
def _thinking(step: _Step, token: int) -> Generator[None]:
    """Keeps the searcher's lease for as long as the block takes; gives it back if that fails."""
    done, began = threading.Event(), time.monotonic()

    def keep() -> None:
        while not done.wait(THINKING_SECONDS / 3):
            until = step.now + time.monotonic() - began + THINKING_SECONDS
            try:
                step.store.think_on(step.study, token, until)
            except Problem:
                continue  # the store may be back before the lease ends; if not, it is fenced off

    keeper = threading.Thread(target=keep, name="ofc-thinking", daemon=True)
    keeper.start()
    try:
        yield
    except BaseException:
        with step.store.lock(step.study) as session:
            session.stop_thinking(token)
        raise
    finally:
        done.set()
        keeper.join()
