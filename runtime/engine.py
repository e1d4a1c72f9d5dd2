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
from omniforce.spec.blocks.search import Budget, StrategyChoice
from omniforce.spec.problem import Problem
from omniforce.spec.space import Assignment
from omniforce.strategies.protocol import EmptySpace, SearchStrategy, SpaceExhausted

from .budget import Limit, budget_of, end_of, is_metered, limits
from .costs import MOST, by_cost
from .events import study_completed, trial_requested
from .past_studies import past_of
from .retries import retries_of
from .rewards import problem_of, rewards_of, search_of
from .store.session import Session
from .store.store import Store
from .store.trial import LEASED, EndReason, Trial
from .waiting import Wait, Waiting, by_deviation, late, next_change

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
            thinks; `paused` by somebody; `completed` the study just now; `over` already before.
        proposed: numbers of the new trials.
        retried: numbers of the trials that were put back, each as a new attempt.
        wake: when something may change without any trial reporting; None for never.
        reason: why the study is over.
    """

    step: Literal["proposed", "waiting", "busy", "paused", "completed", "over"]
    proposed: tuple[int, ...] = ()
    retried: tuple[int, ...] = ()
    wake: float | None = None
    reason: EndReason | None = None


@dataclass(frozen=True, slots=True)
class _Task:
    """What the strategy is to think about, and under which token."""

    token: int
    count: int
    retried: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class _Step:
    """The arguments of one `advance`."""

    store: Store
    study: str
    program: Program
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
    waiting: Waiting | None = None,
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
    search = search_of(program)
    step = _Step(store, program.name, program, search, now, waiting or Waiting.of(search), runner)
    with store.lock(step.study) as session:
        task = _look(step, session)
    if isinstance(task, Advance):
        return task
    with _thinking(step, task.token):
        found = _think(step, task, strategies)
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
    budget = budget_of(step.program, study.extra)
    used = _limits(step, session, budget)
    end = end_of(budget, study)
    if end is not None and end <= step.now:
        return _complete(step, session, "wall-clock")
    for limit in used:
        if limit.is_reached:
            return _complete(step, session, limit.reason)
    outstanding = session.outstanding()
    wait = _wait(step, session)
    gone = late(outstanding, wait, step.now)
    if gone:
        session.time_out(gone, step.now)
        outstanding = tuple(trial for trial in outstanding if trial.number not in gone)
    _request(step, session, outstanding)
    if outstanding:
        change = next_change(outstanding, step.waiting, wait, step.search.timeout, step.now)
        running = sum(1 for trial in outstanding if trial.state in LEASED)
        ends = (limit.seconds_left(running) for limit in used)
        spent = min((step.now + left for left in ends if left is not None), default=None)
        return Advance("waiting", retried=retried, wake=_earliest(change, end, spent))
    if study.state == "paused":
        return Advance("paused", retried=retried, wake=end)
    left = _left(step.search, budget, session)
    if left <= 0:
        return _complete(step, session, "budget")
    token = session.start_thinking(step.now, THINKING_SECONDS)
    if token is None:
        return Advance("busy", retried=retried, wake=step.now + THINKING_SECONDS)
    return _Task(token, min(step.search.parallelism, left), retried)


def _think(
    step: _Step, task: _Task, strategies: StrategyFactory
) -> tuple[Assignment, ...] | EndReason:
    """The strategy's own part: new points, none before a pending trial is told, or why none."""
    search, trials = step.search, step.store.trials(step.study)
    past = past_of(step.store, step.study, search, step.now)
    strategy = strategies(search.strategy).bind_space(problem_of(search, past))
    try:
        points = strategy.handle_rewards(rewards_of(trials)).generate_tasks(task.count)
    except SpaceExhausted:
        return "space-exhausted"
    except EmptySpace:
        return "empty-space"
    return points[: task.count]


def _settle(
    step: _Step, session: Session, task: _Task, found: tuple[Assignment, ...] | EndReason
) -> Advance:
    """The part after the strategy: commits the next round, or ends the study."""
    if not session.stop_thinking(task.token):
        return Advance("busy", wake=step.now + THINKING_SECONDS)
    study = session.study()
    if study is not None and study.state != "running":  # somebody paused or stopped it meanwhile
        return Advance("busy", wake=step.now)
    if isinstance(found, str) or not found:
        pending = session.outstanding()  # a person's own, asked for while the strategy thought
        if not pending:
            return _complete(step, session, found if isinstance(found, str) else "space-exhausted")
        change = _change(step, session, pending)
        return Advance("waiting", retried=task.retried, wake=change)
    numbers = session.propose(found, step.now)
    outstanding = session.outstanding()
    _request(step, session, outstanding)
    change = _change(step, session, outstanding)
    return Advance("proposed", numbers, task.retried, change)


def _change(step: _Step, session: Session, trials: Sequence[Trial]) -> float | None:
    wait = _wait(step, session)
    return next_change(trials, step.waiting, wait, step.search.timeout, step.now)


def _reap(step: _Step, session: Session) -> tuple[int, ...]:
    reaped = session.reap(
        step.now,
        retries=retries_of(step.search),
        timeout=step.search.timeout,
        patience=step.waiting.patience,
    )
    return tuple(each.trial for each in reaped if each.state == "proposed")


def _request(step: _Step, session: Session, trials: Sequence[Trial]) -> None:
    """Leaves a `trial.requested` for whatever waits for a worker; what was asked before stays.

    Also for a retry that is not to begin yet: whoever takes it waits, since nothing might wake
    the search just then.
    """
    runner = step.runner
    if runner is not None:
        events = [
            trial_requested(step.study, trial.number, trial.attempt, runner, step.now)
            for trial in trials
            if trial.state == "proposed"
        ]
        session.put(events, step.now)


def _complete(step: _Step, session: Session, reason: EndReason) -> Advance:
    session.complete(reason, step.now)
    if step.runner is not None:
        session.put([study_completed(step.study, reason, step.now)], step.now)
    return Advance("completed", reason=reason)


def _limits(step: _Step, session: Session, budget: Budget) -> tuple[Limit, ...]:
    if not is_metered(budget):
        return ()
    return tuple(limits(step.program, budget, session.usage(step.now)))


def _wait(step: _Step, session: Session) -> Wait:
    search, waiting = step.search, step.waiting
    if waiting.by == "cost":
        found = by_cost(search.space, session.recent(MOST), waiting, search.timeout)
        if found is not None:
            return found
    return by_deviation(session.times(), waiting, search.timeout)


def _left(search: Search, budget: Budget, session: Session) -> int:
    if budget.trials is None:
        return search.parallelism
    return budget.trials - session.spent_trials()


def _earliest(*times: float | None) -> float | None:
    return min((time for time in times if time is not None), default=None)


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
