"""The five sets of parts that Bayesian optimisation is put together from (the paper's section 3.4).

    surrogate             what the trials say of each metric         Training -> Fitted
    acquisition           how promising a row is, given that         Belief   -> Score
    generator             which points are looked at first           Field    -> points
    optimizer             where the score is highest                 Score    -> points, best first
    suggester             what trials that are still out mean        Belief   -> Score

A part makes one choice and holds options only. Rows are points as `rows.Rows` writes them; figures
are standardised, and larger is better.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence, Set
from dataclasses import dataclass
from random import Random as Generator
from typing import TYPE_CHECKING, ClassVar, Protocol

from torch import Tensor

from omniforce.spec.space import Assignment

from ..knowledge import Knowledge
from ..points.encoding import Key
from ..protocol import Goal
from .fallbacks import Fallbacks
from .rows import Rows

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from .belief import Belief

Score = Callable[[Tensor], Tensor]
"""How promising each row is, higher is better  # n x d -> n. Differentiable in the active numbers
where the surrogate is smooth."""


@dataclass(frozen=True, slots=True)
class Training:
    """What one surrogate learns from: one figure of each measured trial.

    Attributes:
        study: the whole of it: the space with its graphs, the seed, past studies.
        rows: how points become rows.
        goal: whose metric it is; None for what is no metric (success, seconds).
        places: of the trials, by their place in `study.rewards`, in order.
        x: their rows  # n x d
        y: standardised, larger is better  # n
        figures: as reported  # n
        purpose: keeps the random draws of two fits apart.
        fallbacks: counts what had to be replaced.
        warped: standardises figures by themselves, as if there were no others; None where they
            are taken as they come.
    """

    study: Knowledge
    rows: Rows
    goal: Goal | None
    places: tuple[int, ...]
    x: Tensor
    y: Tensor
    figures: npt.NDArray[np.float64]
    purpose: str
    fallbacks: Fallbacks
    warped: Callable[[npt.NDArray[np.float64]], Tensor] | None = None

    def early(self, count: int) -> Tensor:
        """The figures of the first so many trials, standardised as they were back then  # count."""
        if self.warped is None or count == len(self.y):
            return self.y[:count]
        return self.warped(self.figures[:count])

    @property
    def points(self) -> tuple[Assignment, ...]:
        """The trials' points, in the order of the rows."""
        return tuple(self.study.rewards[place].point for place in self.places)


class Fitted(Protocol):
    """What one surrogate believes of one metric."""

    def moments(self, rows: Tensor) -> tuple[Tensor, Tensor]:
        """Mean and variance at each row by itself  # n x d -> n, n."""
        ...

    def joint(self, rows: Tensor) -> tuple[Tensor, Tensor]:
        """Mean and covariance of sets of rows  # ... x q x d -> ... x q, ... x q x q."""
        ...

    def believing(self, rows: Tensor, values: Tensor) -> Fitted:
        """The same as if these values had been measured at these rows  # p x d, p."""
        ...


class Surrogate(Protocol):
    """Learns one metric."""

    name: ClassVar[str]

    def fit(self, training: Training) -> Fitted:
        """What the trials let one believe.

        Raises:
            NoFit, or another of `fallbacks.NUMERIC`: numerics failed; a simpler one stands in.
        """
        ...


class Acquisition(Protocol):
    """Says what a trial would be worth.

    Attributes:
        logged: whether the score is the logarithm of a utility, so that the log chance of keeping
            the requirements may be added to it; where it is not, the part heeds them itself.
        several: whether it weighs several objectives; one that does not is given a mix of them.
        timed: whether it asks how long trials take.
        joint: whether it makes sense of pending trials itself.
    """

    name: ClassVar[str]
    logged: ClassVar[bool]
    several: ClassVar[bool]
    timed: ClassVar[bool]
    joint: ClassVar[bool]

    def build(self, belief: Belief, pending: Tensor) -> Score:
        """The score of rows, with trials out at `pending` (p x d) for which none has a figure."""
        ...


@dataclass(frozen=True, slots=True)
class Field:
    """Where a new point is looked for.

    Attributes:
        study: the problem and its trials.
        rows: how points become rows.
        known: the keys of points that may not be proposed.
        elite: measured points worth perturbing, the best first.
        count: how many points a generator should offer.
        generator: of all draws of one suggestion.
    """

    study: Knowledge
    rows: Rows
    known: Set[Key]
    elite: Sequence[Assignment]
    count: int
    generator: Generator


class CandidateGenerator(Protocol):
    """Offers points to begin with."""

    name: ClassVar[str]

    def points(self, field: Field) -> list[Assignment]:
        """Feasible new points, each once.

        Raises:
            EmptySpace: nothing is feasible.
        """
        ...


class Optimizer(Protocol):
    """Finds where a score is high.

    Attributes:
        complete: whether it looks at every point, and needs none to start from.
    """

    name: ClassVar[str]
    complete: ClassVar[bool]

    def maximise(
        self, score: Score, starts: Sequence[Assignment], field: Field
    ) -> list[Assignment]:
        """Feasible new points, the best first; at most `KEPT` of them, none where none is left."""
        ...


class Suggester(Protocol):
    """Decides what pending trials mean to the next suggestion."""

    name: ClassVar[str]

    def score(self, acquisition: Acquisition, belief: Belief, pending: Tensor) -> Score:
        """The acquisition's score in the light of trials that are out at `pending`  # p x d."""
        ...


KEPT = 128
"""So many of the best points stay in the race for the next points of a batch."""


@dataclass(frozen=True, slots=True)
class Parts:
    """One of each."""

    surrogate: Surrogate
    acquisition: Acquisition
    generator: CandidateGenerator
    optimizer: Optimizer
    suggester: Suggester
