"""Local search: the neighbours of the best trial, one after the other, until none is better.

White et al. (2021), Exploring the loss landscape in neural architecture search, section 3: random
trials, then the neighbours of the best, and on to the first that is better. Once all neighbours of
the best are known it is a local optimum, and the search goes on from the next best trial, or from
new random ones where `restart` says so. Of several objectives every trial of the first front is the
best (Paquete et al. 2004, Pareto local search). All of it follows from the trials alone.

Ours: what is tried first. A neighbour is more likely to come early where trials that have its new
value did well; `order: random` is the order of the literature.
"""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass, replace
from typing import ClassVar

from omniforce.spec.space import Assignment

from .knowledge import Knowledge, bound
from .options import option
from .points.encoding import Key
from .points.neighbourhood import Neighbourhood, Promise
from .protocol import Problem, Reward
from .ranking import best_first, standings


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalSearch:
    """Asks for the neighbours of the best that are not known yet."""

    name: ClassVar[str] = "local-search"
    initial: int | None = option(
        int, "random trials to begin with; by the space and the budget if left out", None, minimum=1
    )
    order: str = option(
        str,
        "which neighbours come first: those whose values did well elsewhere, or any",
        "promising",
        words=("promising", "random"),
    )
    restart: bool = option(
        bool, "begin anew at a local optimum, not go on from the next best trial", False
    )
    study: Knowledge | None = None

    def bind_space(self, problem: Problem) -> LocalSearch:
        """This strategy for one problem."""
        return replace(self, study=Knowledge.of(problem))

    def handle_rewards(self, rewards: Sequence[Reward]) -> LocalSearch:
        """This strategy knowing exactly these trials."""
        return replace(self, study=bound(self.study).knowing(rewards))

    def generate_tasks(self, count: int) -> tuple[Assignment, ...]:
        """Up to `count` new points: neighbours, or random ones where there is nothing to go on."""
        study = bound(self.study)
        begun = self._begun(study)
        ranked = best_first(study.problem.goals, begun)
        # A run of its own learns nothing from those before it.
        around = Neighbourhood.of(study.sampler, () if self.restart else ranked)
        promise = Promise.of(study, ranked) if self.order == "promising" else None
        front = _front(study, ranked)
        # A later run begins with one random trial: the first ones have looked around.
        first = self._initial(study) if len(begun) == len(study.rewards) else 1
        explored: set[int] = set()  # trials whose neighbours are all known

        def draw(trial: int, known: Set[Key]) -> Assignment:
            generator = study.generator(trial, self.name)
            drawn = len(begun) + trial - study.next_trial
            if ranked and drawn >= first:
                shuffled = generator.sample(front, len(front))
                for start in (each for each in (*shuffled, *ranked) if each.trial not in explored):
                    for point in around.moves(start, generator, promise):
                        if study.sampler.key(point) not in known:
                            return point
                    explored.add(start.trial)
            return study.sampler.random(generator, known)

        return study.propose(count, draw)

    def _initial(self, study: Knowledge) -> int:
        if self.initial is not None:
            return self.initial
        return max(min(2 * len(study.problem.space), study.problem.budget // 4), 2)

    def _begun(self, study: Knowledge) -> tuple[Reward, ...]:
        """The trials since the last local optimum, where the search begins anew at one."""
        if not self.restart:
            return study.rewards
        goals, left, known = study.problem.goals, study.rewards, study.known()
        around = Neighbourhood.of(study.sampler, ())
        while ranked := best_first(goals, left):
            near = {study.sampler.key(point) for point in around.all(ranked[0])}
            if not near <= known:
                return left
            last = max(
                each.trial
                for each in left
                if each is ranked[0] or study.sampler.key(each.point) in near
            )
            left = tuple(each for each in left if each.trial > last)
        return left


def _front(study: Knowledge, ranked: Sequence[Reward]) -> list[Reward]:
    """The best of several objectives, of which none comes first; empty where there is one."""
    if sum(goal.bound is None for goal in study.problem.goals) < 2:
        return []
    ranks = standings(study.problem.goals, ranked)
    return [each for each, rank in zip(ranked, ranks, strict=True) if rank[:2] == ranks[0][:2]]
