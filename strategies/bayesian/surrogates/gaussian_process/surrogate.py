"""Gaussian process: the surrogate of small and middling spaces, mixed and conditional.

A Matern kernel over numbers times a Hamming kernel over choices, each with automatic relevance
determination, plus main effects; see `kernel`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from ...fallbacks import NUMERIC
from ...parts import Training
from .features import Features
from .fit import fit, unfitted
from .prior import Prior
from .process import Process


@dataclass(frozen=True, slots=True, kw_only=True)
class GaussianProcess:
    """The process of highest posterior density; the prior's own where no fit can be found."""

    name: ClassVar[str] = "gp"

    def fit(self, training: Training) -> Process:
        """What the trials let one believe.

        Raises:
            NoFit: not even the prior's parameters give a covariance that can be factored.
        """
        features = Features.of(training.rows.encoding)
        prior = Prior.dense(features)
        try:
            return fit(training.x, training.y, features, prior)
        except NUMERIC as error:
            training.fallbacks.tell(
                f"the fit of {training.purpose}", "the prior's own parameters", error
            )
            return unfitted(training.x, training.y, features, prior)
