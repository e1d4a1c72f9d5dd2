"""OF-HD: the surrogate of many axes, which leaves to the data how many of them matter.

Three Gaussian processes of one kernel and three priors, from "every axis matters a little" through
"some more than others" to "none does, unless the data pay for it". None is right for all problems:
the sparse one sees five axes among a hundred and overfits where all count, the dense one the other
way round. So each has the weight of how well it foretells trials that it was not fitted to, and the
belief is their mixture; priors without weight cost no fit on all trials.

Yao et al. (2018), Using stacking to average Bayesian predictive distributions, section 3.4
(pseudo-BMA), with held-out shares of the trials in place of single ones.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from ..fallbacks import NUMERIC, NoFit
from ..parts import Training
from .gaussian_process.features import Features
from .gaussian_process.fit import fit, unfitted
from .gaussian_process.prior import Prior
from .gaussian_process.process import Process

VAGUE = math.sqrt(3.0)
"""Of the logarithms of lengths: Hvarfner et al. (2024) take this much, and we less by default."""

FEWEST = 8
"""With fewer trials there is nothing to hold out, and every axis may matter."""

MOST_ASKED = 150
"""So many trials say which prior is right; a fit to all of them costs as the third power."""

NEGLIGIBLE = 0.02
"""A prior with less weight is left out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OfHd:
    """Gaussian processes under several priors, weighed.

    Attributes:
        folds: into how many shares the trials are parted to be held out in turn.
    """

    name: ClassVar[str] = "of-hd"
    folds: int = 3

    def fit(self, training: Training) -> Weighed:
        """What the trials let one believe.

        Raises:
            NoFit: not even the prior's parameters give a covariance that can be factored.
        """
        features = Features.of(training.rows.encoding)
        dense, *others = (
            Prior.dense(features), Prior.dense(features, VAGUE), Prior.few(features)
        )  # fmt: skip
        try:
            priors = (dense, *others) if len(training.y) >= FEWEST else (dense,)
            weights = self._weights(training, features, priors)
            kept = weights >= NEGLIGIBLE
            members = [
                fit(training.x, training.y, features, prior)
                for prior, keep in zip(priors, kept.tolist(), strict=True)
                if keep
            ]
        except NUMERIC as error:
            training.fallbacks.tell(
                f"the fit of {training.purpose}", "the prior's own parameters", error
            )
            members = [unfitted(training.x, training.y, features, dense)]
            return Weighed(tuple(members), torch.ones(1, dtype=training.y.dtype))
        return Weighed(tuple(members), weights[kept] / weights[kept].sum())

    def _weights(self, training: Training, features: Features, priors: Sequence[Prior]) -> Tensor:
        """By how well each prior's fit foretells what is held out, one per prior."""
        study, size = training.study, len(training.y)
        if len(priors) == 1:
            return training.y.new_ones(1)
        generator = study.generator(study.next_trial, f"of-hd/{training.purpose}")
        some = generator.sample(range(size), min(size, MOST_ASKED))
        x, y, fold = training.x[some], training.y[some], torch.arange(len(some)) % self.folds
        foretold = [
            sum(
                _foretold(x, y, fold == at, features, prior) for at in range(self.folds)
            )
            for prior in priors
        ]  # fmt: skip
        return torch.tensor(foretold, dtype=y.dtype).softmax(0)


@dataclass(frozen=True, slots=True)
class Weighed:
    """Several processes, as the normal distribution of the same moments.

    Attributes:
        members: one per prior that counts.
        weights: of the members; they sum to one  # m
    """

    members: tuple[Process, ...]
    weights: Tensor

    def moments(self, rows: Tensor) -> tuple[Tensor, Tensor]:
        """Mean and variance at each row by itself  # n x d -> n, n."""
        if len(self.members) == 1:
            return self.members[0].moments(rows)
        means, variances = map(
            torch.stack, zip(*(each.moments(rows) for each in self.members), strict=True)
        )
        mean = self.weights @ means
        return mean, self.weights @ (variances + (means - mean).square())

    def joint(self, rows: Tensor) -> tuple[Tensor, Tensor]:
        """Mean and covariance of sets of rows  # ... x q x d -> ... x q, ... x q x q."""
        means, covariances = map(
            torch.stack, zip(*(each.joint(rows) for each in self.members), strict=True)
        )
        mean = torch.tensordot(self.weights, means, dims=1)
        centred = (means - mean).movedim(0, -1)  # ... x q x m
        between = (centred * self.weights) @ centred.mT
        return mean, torch.tensordot(self.weights, covariances, dims=1) + between

    def believing(self, rows: Tensor, values: Tensor) -> Weighed:
        """The same as if these values had been measured at these rows; the weights stay."""
        if not len(rows):
            return self
        return Weighed(tuple(each.believing(rows, values) for each in self.members), self.weights)


def _foretold(x: Tensor, y: Tensor, unseen: Tensor, features: Features, prior: Prior) -> float:
    """The log density of what was held out, by a fit to the rest."""
    try:
        process = fit(x[~unseen], y[~unseen], features, prior)
    except NoFit:
        return -math.inf
    mean, variance = process.moments(x[unseen])
    total = variance + process.noise
    return float(-0.5 * ((y[unseen] - mean).square() / total + total.log()).sum())
