"""OF on figures that are brought to a scale in another way than by its warp, for the ablation."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import ClassVar

import numpy as np
import numpy.typing as npt
import torch
from scipy.stats import norm, rankdata

from omniforce.spec.blocks.search import StrategyChoice
from omniforce.spec.space import Assignment
from omniforce.strategies.bayesian.acquisitions.log_ei import LogEI
from omniforce.strategies.bayesian.generators.mixed import Mixed
from omniforce.strategies.bayesian.optimizers.exhaustive import Exhaustive
from omniforce.strategies.bayesian.parts import Parts, Training
from omniforce.strategies.bayesian.suggesters.sequential import Sequential
from omniforce.strategies.bayesian.suggestion import suggest
from omniforce.strategies.bayesian.surrogates.of.posterior import Posterior
from omniforce.strategies.bayesian.surrogates.of.surrogate import OF
from omniforce.strategies.knowledge import Knowledge
from omniforce.strategies.protocol import Outcome, Problem, Reward
from omniforce.strategies.table import make

from .ours import Ours

Figures = npt.NDArray[np.float64]
DESIGNED = 12
"""So many points come first, as where OF is asked."""


def plain(figures: Figures) -> Figures:
    """Mean 0 and deviation 1, and nothing else."""
    scaled: Figures = (figures - figures.mean()) / (figures.std() or 1.0)
    return scaled


def ranked(figures: Figures) -> Figures:
    """As a normal distribution has them: only their order counts."""
    quantiles: Figures = norm.ppf((rankdata(figures) - 0.5) / len(figures))
    return quantiles


SCALES: dict[str, Callable[[Figures], Figures]] = {"plain": plain, "ranked": ranked}


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherFigures:
    """OF, told figures of another scale."""

    name: ClassVar[str] = "of-other-figures"
    scale: str

    def fit(self, training: Training) -> Posterior:
        """As OF does."""
        goal = training.goal
        sign = -1.0 if goal is not None and goal.direction == "minimize" else 1.0

        def scaled(figures: Figures) -> torch.Tensor:
            return torch.from_numpy(SCALES[self.scale](sign * figures))

        return OF().fit(replace(training, y=scaled(training.figures), warped=scaled))


@dataclass(slots=True)
class OtherFiguresSearcher:
    """A study of one objective."""

    scale: str
    study: Knowledge
    told: Ours = field(repr=False)

    @classmethod
    def of(cls, scale: str, problem: Problem) -> OtherFiguresSearcher:
        """The searcher of a problem."""
        design = make(StrategyChoice("of", (("initial", DESIGNED),))).bind_space(problem)
        return cls(scale, Knowledge.of(problem), Ours(design))

    def ask(self, count: int) -> tuple[Assignment, ...]:
        """The next points."""
        rewards = self.told.rewards
        if sum(each.outcome is Outcome.COMPLETED for each in rewards) < DESIGNED:
            return self.told.ask(count)
        parts = Parts(OtherFigures(scale=self.scale), LogEI(), Mixed(), Exhaustive(), Sequential())
        points = suggest(self.study.knowing(rewards), count, parts=parts, candidates=384)
        for point in points:
            rewards.append(Reward(len(rewards), point, Outcome.PENDING, {}))
        return points

    def tell(self, trial: int, point: Assignment, metrics: Mapping[str, float]) -> None:
        """A completed trial."""
        self.told.tell(trial, point, metrics)
