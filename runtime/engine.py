"""One step of a study: read what came in, let the strategy think, commit what comes next."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from omniforce.compiler.ir.program import Program
from omniforce.spec.blocks.search import StrategyChoice
from omniforce.strategies.protocol import SearchStrategy

from .store.store import Store
from .store.trial import EndReason

StrategyFactory = Callable[[StrategyChoice], SearchStrategy]


@dataclass(frozen=True, slots=True)
class Waiting:
    """How long a round waits for its last trials (the paper, section 3.2).

    Attributes:
        deviations: a trial is late once it takes longer than the mean of the completed ones
            and this many of their standard deviations.
        least: seconds that every trial gets in any case.
        after: completed trials that it takes to judge; before, only the trial's timeout ends it.
        patience: seconds in which a trial that was asked for must be leased, else that attempt
            is lost; None where nobody can refuse it.
    """

    deviations: float = 3.0
    least: float = 30.0
    after: int = 3
    patience: float | None = None


WAITING = Waiting()


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

    Args:
        program: its study must have been made with `store.create_study`.
        strategies: `omniforce.strategies.table.make`.
        now: seconds since the epoch.
        waiting: how long a round waits.
        runner: what runs the trials; with one, `trial.requested` and `study.completed` events are
            left in the outbox.

    Raises:
        Problem: the store cannot be used; nothing that was committed is lost.
    """
    search = _search(program)
    thought = _begin(store, program.name, search, now, waiting, runner)
    if isinstance(thought, Advance):
        return thought
    with _kept(store, program.name, thought.token, now):
        found = _think(search, thought.trials, thought.count, strategies)
    return _commit(store, program.name, thought, found, now, waiting, runner)
