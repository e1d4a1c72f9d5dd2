"""What a search strategy is: the paper's Listing 3 (section 3.4.1), rebuilt from trials alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Protocol, runtime_checkable

from omniforce.spec.expression.tree import Direction
from omniforce.spec.space import Assignment, Space


class Outcome(Enum):
    """How a trial stands, as far as a strategy cares."""

    PENDING = "pending"
    COMPLETED = "completed"
    FAILED = "failed"
    TIMED_OUT = "timed-out"


@dataclass(frozen=True, slots=True)
class Goal:
    """One figure to push, or to keep within a bound.

    Attributes:
        metric: its key in `Reward.metrics`.
        direction: which way is better; for a bound, the side that is safe.
        bound: None for an objective; the figure's limit, in the metric's base unit, for a
            requirement (`minimize` means at most, `maximize` at least).
        reference: of an objective, the worst figure that is of interest, from which what a front
            is worth is measured; None leaves it to the strategy.
    """

    metric: str
    direction: Direction
    bound: float | None = None
    reference: float | None = None


@dataclass(frozen=True, slots=True)
class Reward:
    """One trial as the strategy sees it.

    Attributes:
        trial: its number, from 0, in the order of proposal.
        point: what it was asked to try.
        outcome: how it stands; a late result of a timed-out trial has its metrics.
        metrics: by key, in base units (seconds, bytes); empty while pending or failed.
        seconds: how long it trained; None where nobody knows.
    """

    trial: int
    point: Assignment
    outcome: Outcome
    metrics: Mapping[str, float]
    seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Past:
    """A study that is over: what the knowledge base has to offer (the paper's section 2.1.6).

    Attributes:
        study: its name.
        space: what it searched; it need not be the space of the study that asks.
        goals: its objectives and requirements.
        rewards: its trials, in order of their number.
    """

    study: str
    space: Space
    goals: tuple[Goal, ...]
    rewards: tuple[Reward, ...]


@dataclass(frozen=True, slots=True)
class Problem:
    """What is searched.

    Attributes:
        space: the coordinates and constraints.
        goals: objectives first, in the spec's order, then requirements.
        seed: of every random draw; the same seed and rewards give the same points.
        budget: how many trials there will be in all.
        parallelism: how many of them at once.
        past: studies to learn from, the closest first.
    """

    space: Space
    goals: tuple[Goal, ...]
    seed: int
    budget: int
    parallelism: int = 1
    past: tuple[Past, ...] = ()


class SpaceExhausted(Exception):  # noqa: N818 - a state of the search, not a fault
    """Every point of a finite space has been proposed; the study ends here."""


class EmptySpace(Exception):  # noqa: N818
    """No point satisfies the constraints, as far as constructive sampling could find."""


@runtime_checkable
class SearchStrategy(Protocol):
    """Proposes points. Holds options only: what it knows of a study comes in with each call."""

    @property
    def name(self) -> str:
        """How the spec calls it."""
        ...

    def bind_space(self, problem: Problem) -> SearchStrategy:
        """This strategy for one problem; the receiver is unchanged."""
        ...

    def handle_rewards(self, rewards: Sequence[Reward]) -> SearchStrategy:
        """This strategy knowing exactly these trials, all of them, in order of their number."""
        ...

    def generate_tasks(self, count: int) -> tuple[Assignment, ...]:
        """Up to `count` points to try next, none infeasible, none already known where avoidable.

        No point at all means that a pending trial has to be told first: the study waits for it.

        Raises:
            SpaceExhausted: nothing new is left, whatever becomes of the pending trials.
            EmptySpace: nothing is feasible.
        """
        ...
