"""MF-NAS: the next network is the one through which the most flows.

Xue et al. (2022), A max-flow based approach for neural architecture search, ECCV. The paper's are
the multigraph, where parallel edges between two nodes are the operations that may stand there, each
with a capacity; capacities that follow from the rewards, again after each; the view of them as a
nonparametric estimate of where good networks are dense; and the greatest flow as the measure of a
network. The paper trains one shared set of weights while it searches. Here a trial is a black box.

Ours, since the paper leaves it open or a black box needs it: capacities are ratios of kernel
densities (`capacities`); the densest networks that are not known are gone through by deviations
from the best arcs, and of the first `compared` the one with the greatest flow is taken; what is no
declared graph is a chain of stages with the same arcs and capacities (`network`), where the
narrowest decides; numbers have arcs that become finer around what is good; constraints, inactive
coordinates and several objectives are dealt with as everywhere here.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass, replace
from math import exp
from random import Random as Generator
from typing import ClassVar

from omniforce.spec.space import Assignment, is_feasible

from ..knowledge import Knowledge, bound
from ..options import option
from ..points.encoding import Key
from ..points.sampling import Sampler
from ..protocol import Problem, Reward
from ..ranking import best_first
from .capacities import Densities, Stage
from .network import Network

KEPT = 256
"""Of more than twice as many trials the best and the youngest so many are learned from."""

LOOKS = 400
"""Networks that are looked at, known and infeasible ones among them."""

MENDED = 4
"""Infeasible ones among them that are replaced by the nearest feasible point."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MfNas:
    """Learns capacities from the trials and asks for a network of great flow."""

    name: ClassVar[str] = "mf-nas"
    initial: int | None = option(
        int, "random trials to begin with; by the space and the budget if left out", None, minimum=1
    )
    compared: int = option(
        int, "of how many likely networks the one with the greatest flow is taken", 10, minimum=1
    )
    study: Knowledge | None = None

    def bind_space(self, problem: Problem) -> MfNas:
        """This strategy for one problem."""
        return replace(self, study=Knowledge.of(problem))

    def handle_rewards(self, rewards: Sequence[Reward]) -> MfNas:
        """This strategy knowing exactly these trials."""
        return replace(self, study=bound(self.study).knowing(rewards))

    def generate_tasks(self, count: int) -> tuple[Assignment, ...]:
        """Up to `count` new points: networks of great flow, or random ones at first."""
        study = bound(self.study)
        sampler = study.sampler
        ranked = best_first(study.problem.goals, study.rewards)
        young = {each.trial for each in sorted(ranked, key=lambda r: r.trial)[-KEPT:]}
        kept = [each for at, each in enumerate(ranked) if at < KEPT or each.trial in young]
        densities = Densities(
            sampler.encoding.axes, tuple(sampler.key(each.point) for each in kept)
        )
        network = Network.of(sampler.space)
        first = self.initial or max(min(2 * len(sampler.space), study.problem.budget // 8), 2)

        def draw(trial: int, known: Set[Key]) -> Assignment:
            generator = study.generator(trial, self.name)
            drawn = len(study.rewards) + trial - study.next_trial
            if not kept or drawn < first:
                return sampler.random(generator, known)
            stages = densities.stages(generator)
            found = self._greatest(sampler, network, stages, generator, known)
            return sampler.random(generator, known) if found is None else found

        return study.propose(count, draw)

    def _greatest(
        self,
        sampler: Sampler,
        network: Network,
        stages: Sequence[Stage],
        generator: Generator,
        known: Set[Key],
    ) -> Assignment | None:
        """Of the densest networks that are not known, the one with the greatest flow."""
        most = [exp(max(stage.logs)) for stage in stages]
        best: tuple[float, Assignment] | None = None
        seen: set[Key] = set()
        mended = 0
        for look, arcs in enumerate(densest([stage.logs for stage in stages])):
            if look >= LOOKS or len(seen) >= self.compared:
                break
            places = [stage.places[arc] for stage, arc in zip(stages, arcs, strict=True)]
            point = sampler.encoding.decode(places)
            if not is_feasible(sampler.space, point):
                if mended >= MENDED:
                    continue
                mended += 1
                point = sampler.near(places, generator)
            key = sampler.key(point)
            if key in known or key in seen:
                continue
            seen.add(key)
            carried = [exp(stage.logs[arc]) for stage, arc in zip(stages, arcs, strict=True)]
            flow = network.flow(point, carried, most)
            if best is None or flow > best[0]:
                best = flow, point
        return None if best is None else best[1]


def densest(logs: Sequence[Sequence[float]]) -> Iterator[tuple[int, ...]]:
    """One arc of each stage, by the sum of their logarithms, the greatest first."""
    order = [sorted(range(len(each)), key=each.__getitem__, reverse=True) for each in logs]
    lost = [[each[by[0]] - each[arc] for arc in by] for each, by in zip(logs, order, strict=True)]
    start = (0,) * len(logs)
    # A deviation only goes on at the last stage that deviates or behind, so that each comes once.
    heap: list[tuple[float, tuple[int, ...], int]] = [(0.0, start, 0)]
    while heap:
        loss, ranks, first = heapq.heappop(heap)
        yield tuple(by[rank] for by, rank in zip(order, ranks, strict=True))
        for at in range(first, len(ranks)):
            rank = ranks[at] + 1
            if rank < len(order[at]):
                more = loss + lost[at][rank] - lost[at][rank - 1]
                heapq.heappush(heap, (more, (*ranks[:at], rank, *ranks[at + 1 :]), at))
