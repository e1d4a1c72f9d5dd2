"""Hyperband without waiting: many configurations get little, the best of them ever more.

Li et al. (2018), Hyperband, with the asynchronous promotions of Li et al. (2020), so that trials
that are slow, fail or never answer hold nobody up. What a configuration gets is a parameter of the
space, from its least to its most: epochs, a share of the data, a resolution. Configurations are
drawn as by `random`, or where a model of those so far expects good ones (Falkner et al. 2018,
BOHB). Two things are not as in the papers: whoever reaches a rung is compared with all on it,
whichever bracket they began in, since they had the same; and the model learns from all rungs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import dataclass, replace
from itertools import chain, islice
from typing import ClassVar

from omniforce.spec.expression.tree import Value
from omniforce.spec.space import Assignment, validate

from ..knowledge import Knowledge, bound
from ..options import option
from ..points.encoding import Key
from ..protocol import Problem, Reward, SpaceExhausted
from .beginnings import Beginnings
from .rungs import (
    Climb,
    Configuration,
    begins,
    by_merit,
    climbs,
    levels,
    promotable,
    stragglers,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hyperband:
    """Promotes whoever is among the best of its rung; draws a new configuration else."""

    name: ClassVar[str] = "hyperband"
    fidelity: str | None = option(
        str, "the number of the space that says how much a trial gets", None, number=True
    )
    eta: int = option(int, "of how many one goes on, and how many times more it gets", 3, minimum=2)
    brackets: int | None = option(
        int, "how many rungs a configuration may begin on; all if left out", None, minimum=1
    )
    promotion: str = option(
        str,
        "when the best of a rung go up: `full`, once it has all that a bracket brings to it, or "
        "`early`, as soon as there are eta for each",
        "full",
        words=("full", "early"),
    )
    model: str = option(
        str,
        "what new configurations are drawn by: `none`, or `kde`, kernel densities",
        "none",
        words=("none", "kde"),
    )
    study: Knowledge | None = None

    def bind_space(self, problem: Problem) -> Hyperband:
        """This strategy for one problem."""
        return replace(self, study=Knowledge.of(problem))

    def handle_rewards(self, rewards: Sequence[Reward]) -> Hyperband:
        """This strategy knowing exactly these trials."""
        return replace(self, study=bound(self.study).knowing(rewards))

    def generate_tasks(self, count: int) -> tuple[Assignment, ...]:
        """Up to `count` points: known configurations with more, then new ones with little.

        None where all have begun, and only what is pending may still go up.
        """
        study = bound(self.study)
        rungs = levels(study.problem.space, self.fidelity or "", self.eta)

        def draw(trial: int, known: Set[Key]) -> Assignment:
            return study.sampler.random(study.generator(trial, self.name), known)

        if self.fidelity is None or len(rungs) < 2:
            return study.propose(count, draw)
        return _Round(self, self.fidelity, rungs, study).points(count)


@dataclass(frozen=True, slots=True)
class _Round:
    """What one call of `generate_tasks` knows."""

    options: Hyperband
    fidelity: str
    rungs: tuple[Value, ...]
    study: Knowledge

    def points(self, wanted: int) -> tuple[Assignment, ...]:
        """Up to so many.

        Raises:
            SpaceExhausted: all that there is has gone up as far as it can.
            EmptySpace: nothing is feasible.
        """
        study, goals, top = self.study, self.study.problem.goals, len(self.rungs) - 1
        found = climbs(self.fidelity, self.rungs, study.rewards, goals)
        bracket = begins(len(self.rungs), self.options.eta, study.problem.budget)
        bracket = bracket[: self.options.brackets]
        full = bracket if self.options.promotion == "full" else None
        points = list(
            islice(self._sent_on(promotable(found, goals, top, self.options.eta, full)), wanted)
        )
        begun = self._beginnings(found, bracket)
        for trial in range(study.next_trial + len(points), study.next_trial + wanted):
            point = begun.draw(study.generator(trial, self.options.name), trial)
            if point is None:
                break
            points.append(point)
        if len(points) < wanted:  # nothing new is left: what there is goes up all the same
            best = promotable(found, goals, top, self.options.eta, None)
            more = self._sent_on(chain(best, stragglers(found, goals, top)))
            for point in more:
                if len(points) == wanted:
                    break
                if point not in points:
                    points.append(point)
        if not points and not any(each.out and each.last < top for each in found.values()):
            raise SpaceExhausted("every configuration was drawn, and has gone up as far as it can")
        return tuple(points)

    def _beginnings(self, found: dict[Configuration, Climb], bracket: Sequence[int]) -> Beginnings:
        space, goals = self.study.problem.space, self.study.problem.goals
        return Beginnings.of(
            space,
            self.fidelity,
            self.rungs,
            bracket,
            found.values(),
            by_merit(found, goals, len(space) + 2) if self.options.model == "kde" else (),
        )

    def _sent_on(self, chosen: Iterable[Climb]) -> Iterator[Assignment]:
        """Each configuration with what the next rung gives, where the constraints allow that."""
        for each in chosen:
            point = {**each.point, self.fidelity: self.rungs[each.last + 1]}
            if validate(self.study.problem.space, point) == ():
                yield point
