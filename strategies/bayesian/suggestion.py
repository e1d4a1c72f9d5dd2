"""One suggestion of the Bayesian strategy: believe, score, search, and fall back."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Set
from contextlib import contextmanager
from random import Random as Generator

import torch
from botorch.utils.sampling import manual_seed
from torch import Tensor

from omniforce.spec.space import Assignment

from ..knowledge import Knowledge
from ..points.encoding import Key
from .belief import Belief, believe
from .fallbacks import NUMERIC, Fallbacks
from .parts import Field, Parts, Score
from .requirements import least_violation, log_chance


def suggest(
    study: Knowledge, count: int, *, parts: Parts, candidates: int
) -> tuple[Assignment, ...]:
    """Up to `count` new points; the same ones for the same study.

    Raises:
        SpaceExhausted: nothing new is left.
        EmptySpace: nothing is feasible.
    """
    generator = study.generator(study.next_trial, "bayesian")
    fallbacks = Fallbacks(study.next_trial)
    with _alone(generator.getrandbits(31)):
        choose = _Chooser(study, parts, candidates, generator, fallbacks)
        return study.propose(count, lambda _, known: choose(known))


class _Chooser:
    """Chooses points one after another; each knows the ones before it."""

    def __init__(
        self,
        study: Knowledge,
        parts: Parts,
        candidates: int,
        generator: Generator,
        fallbacks: Fallbacks,
    ) -> None:
        self.study = study
        self.parts = parts
        self.candidates = candidates
        self.generator = generator
        self.fallbacks = fallbacks
        self.chosen: list[Assignment] = []
        self.kept: list[Assignment] = []
        self.belief: Belief | None = None
        wants = parts.acquisition
        try:
            self.belief = believe(
                study, parts.surrogate, fallbacks, timed=wants.timed, several=wants.several
            )
        except NUMERIC as error:
            fallbacks.tell("the model", "random points", error)

    def __call__(self, known: Set[Key]) -> Assignment:
        """The best new point."""
        point = None
        try:
            point = self._best(self.belief, known) if self.belief is not None else None
        except NUMERIC as error:
            self.fallbacks.tell("the acquisition function", "a random point", error)
        if point is None:
            point = self.study.sampler.random(self.generator, known)
        self.chosen.append(point)
        return point

    def _best(self, belief: Belief, known: Set[Key]) -> Assignment | None:
        field = Field(self.study, belief.rows, known, belief.elite, self.candidates, self.generator)
        starts = self.kept
        if not starts and not self.parts.optimizer.complete:
            starts = self.parts.generator.points(field)
        self.kept = self.parts.optimizer.maximise(self._score(belief), starts, field)
        return self.kept[0] if self.kept else None

    def _score(self, belief: Belief) -> Score:
        limits, acquisition = belief.limits, self.parts.acquisition
        if not len(belief.baseline):
            return least_violation(limits, belief.success)
        pending = torch.cat([belief.pending, belief.rows.of(self.chosen)])
        gain = self.parts.suggester.score(acquisition, belief, pending)

        def score(rows: Tensor) -> Tensor:
            scores = gain(rows)
            if acquisition.logged:
                scores = scores + log_chance(rows, limits, belief.success)
            # A candidate without a number comes last.
            return scores.nan_to_num(nan=-torch.inf, neginf=-torch.inf)

        return score


@contextmanager
def _alone(seed: int) -> Iterator[None]:
    """One seed, one thread, no gradients and no warnings; everything as before afterwards.

    BoTorch draws from torch's global generator in places, so seeds per part do not suffice.
    """
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        with warnings.catch_warnings(), manual_seed(seed), torch.no_grad():
            warnings.simplefilter("ignore")
            yield
    finally:
        torch.set_num_threads(threads)
