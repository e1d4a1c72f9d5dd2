"""How a search stands, for whoever shows it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from omniforce.compiler.ir.program import Search
from omniforce.spec.blocks.search import Budget
from omniforce.spec.expression.tree import BestModel

from ..choice import choose, objectives
from ..store.trial import LEASED, Trial


@dataclass(frozen=True, slots=True)
class Standing:
    """One moment of a search.

    Attributes:
        total: trials at most; None where only time ends the search.
        best: the first objective's best feasible trial.
        left: seconds, guessed from what was done; None before anything was.
    """

    total: int | None
    completed: int
    failed: int
    running: int
    best: Trial | None
    elapsed: float
    left: float | None

    @property
    def done(self) -> int:
        """Trials that are over."""
        return self.completed + self.failed


def standing(
    search: Search,
    trials: Sequence[Trial],
    began: float,
    now: float,
    before: int = 0,
    budget: Budget | None = None,
) -> Standing:
    """How it stands.

    Args:
        search: with the goals.
        trials: all of the study.
        began: when this run began; what earlier ones did says nothing about its speed.
        now: the same clock.
        before: trials that were over by then.
        budget: what the study may spend, with what people added; the spec's where none is given.
    """
    may = search.budget if budget is None else budget
    spent = [trial for trial in trials if trial.counts and trial.origin != "import"]
    completed = sum(1 for trial in spent if trial.state == "completed")
    failed = sum(1 for t in spent if t.state in ("failed", "timed-out", "cancelled"))
    return Standing(
        may.trials,
        completed,
        failed,
        sum(1 for trial in spent if trial.state in LEASED),
        choose(BestModel(), search.goals, trials),
        now - began,
        _left(may, completed + failed - before, completed + failed, now - began),
    )


def _left(budget: Budget, done: int, over: int, elapsed: float) -> float | None:
    bounds = []
    if budget.trials is not None and done > 0:
        bounds.append(elapsed / done * max(0, budget.trials - over))
    if budget.wall_clock is not None:
        bounds.append(max(0.0, budget.wall_clock - elapsed))
    return min(bounds, default=None)


def best_text(search: Search, trial: Trial) -> str:
    """A trial's objectives: `accuracy 0.972, latency.p95@server 31 µs`."""
    from ..quantities import show_metric

    keys = [goal.metric.key for goal in objectives(search.goals)]
    return ", ".join(f"{key} {show_metric(key, trial.metrics[key])}" for key in keys)
