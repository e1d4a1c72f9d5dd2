"""Fantasies: trials that are out come to several figures, each thought through.

Snoek et al. (2012), Practical Bayesian optimization of machine learning algorithms, section 3.3.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from ..belief import Belief, Lies
from ..draws import drawn_at
from ..parts import Acquisition, Score


@dataclass(frozen=True, slots=True, kw_only=True)
class Fantasies:
    """The mean of the utility over joint draws of what is pending.

    Attributes:
        samples: how many draws; each costs as much as one suggestion without any.
    """

    name: ClassVar[str] = "fantasies"
    samples: int = 8

    def score(self, acquisition: Acquisition, belief: Belief, pending: Tensor) -> Score:
        """The acquisition's mean score."""
        if not len(pending):
            return acquisition.build(belief, pending)
        draws = torch.stack(
            [drawn_at(each, pending, self.samples) for each in belief.objectives], dim=-1
        )  # k x p x m
        scores = [
            acquisition.build(belief.believing(pending, saying(each)), pending[:0])
            for each in draws
        ]

        def mean(rows: Tensor) -> Tensor:
            each = torch.stack([score(rows) for score in scores])
            if not acquisition.logged:
                return each.mean(0)
            return each.logsumexp(0) - math.log(len(scores))

        return mean


def saying(figures: Tensor) -> Lies:
    """The lies that pending trials come to exactly these figures  # p x m."""

    def lies(expected: Tensor, seen: Tensor) -> Tensor:
        return figures

    return lies
