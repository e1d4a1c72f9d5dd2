"""One suggestion of the Bayesian strategy: believe, score, refine, choose, and fall back."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Iterator, Sequence, Set
from contextlib import contextmanager
from random import Random as Generator

import torch
from botorch.utils.sampling import manual_seed
from torch import Tensor

from omniforce.spec.space import Assignment

from ..encoding import Key
from ..knowledge import Knowledge
from .acquisition import Improvement, least_violation, log_chance
from .belief import Belief, believe
from .candidates import new, perturbed, pool
from .fallbacks import NUMERIC, Fallbacks

ROUNDS = 3
BEST = 8
TWINS = 9
KEPT = 128

Score = Callable[[Sequence[Assignment]], Tensor]


def suggest(study: Knowledge, count: int, *, candidates: int) -> tuple[Assignment, ...]:
    """Up to `count` new points; the same ones for the same study.

    Raises:
        SpaceExhausted: nothing new is left.
        EmptySpace: nothing is feasible.
    """
    generator = study.generator(study.next_trial, "bayesian")
    fallbacks = Fallbacks(study.next_trial)
    with _alone(generator.getrandbits(31)):
        choose = _Chooser(study, candidates, generator, fallbacks)
        return study.propose(count, lambda _, known: choose(known))


class _Chooser:
    """Chooses points one after another; each knows the ones before it."""

    def __init__(
        self,
        study: Knowledge,
        candidates: int,
        generator: Generator,
        fallbacks: Fallbacks,
    ) -> None:
        self.sampler = study.sampler
        self.candidates = candidates
        self.generator = generator
        self.fallbacks = fallbacks
        self.chosen: list[Assignment] = []
        self.kept: list[Assignment] = []
        self.belief: Belief | None = None
        try:
            self.belief = believe(study, fallbacks)
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
            point = self.sampler.random(self.generator, known)
        self.chosen.append(point)
        return point

    def _best(self, belief: Belief, known: Set[Key]) -> Assignment | None:
        """The best of the pool after a few rounds of perturbing the best; None for no pool."""
        score = self._score(belief)
        if self.kept:
            points = new(self.sampler, self.kept, known)
        else:
            points = pool(self.sampler, belief.elite, known, self.candidates, self.generator)
        if not points:
            return None
        scores = score(points)
        seen = known | {self.sampler.key(point) for point in points}
        for _ in range(ROUNDS):
            best = scores.argsort(dim=0, descending=True, stable=True)[:BEST].tolist()
            twins = perturbed(self.sampler, [points[at] for at in best], TWINS, self.generator)
            twins = new(self.sampler, twins, seen)
            if not twins:
                break
            points, scores = points + twins, torch.cat([scores, score(twins)])
            seen |= {self.sampler.key(twin) for twin in twins}
        order = scores.argsort(dim=0, descending=True, stable=True)[:KEPT].tolist()
        self.kept = [points[at] for at in order]
        return self.kept[0]

    def _score(self, belief: Belief) -> Score:
        features, limits = belief.features, belief.limits
        if not len(belief.baseline):
            return lambda points: least_violation(features.rows(points), limits)
        pending = torch.cat([belief.pending, features.rows(self.chosen)])
        processes = [process.believing(pending) for process in belief.objectives]
        # A pending point that will not do raises no bar.
        likely = log_chance(pending, limits, belief.success) > math.log(0.5)
        baseline = torch.cat([belief.baseline, pending[likely]])
        gain = Improvement.over(processes, belief.warps, baseline, belief.references)

        def score(points: Sequence[Assignment]) -> Tensor:
            rows = features.rows(points)
            scores = gain(rows) + log_chance(rows, limits, belief.success)
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
