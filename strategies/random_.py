"""Random search: every point is drawn anew, on the scales of the space; the defaults come first."""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass, replace
from typing import ClassVar

from omniforce.spec.space import Assignment

from .knowledge import Knowledge, bound
from .points.encoding import Key
from .protocol import Problem, Reward


@dataclass(frozen=True, slots=True, kw_only=True)
class Random:
    """Draws each trial by its own number, so that a study can stop and go on anywhere."""

    name: ClassVar[str] = "random"
    study: Knowledge | None = None

    def bind_space(self, problem: Problem) -> Random:
        """This strategy for one problem."""
        return replace(self, study=Knowledge.of(problem))

    def handle_rewards(self, rewards: Sequence[Reward]) -> Random:
        """This strategy knowing exactly these trials."""
        return replace(self, study=bound(self.study).knowing(rewards))

    def generate_tasks(self, count: int) -> tuple[Assignment, ...]:
        """Up to `count` new points."""
        study = bound(self.study)

        def draw(trial: int, known: Set[Key]) -> Assignment:
            return study.sampler.random(study.generator(trial, "random"), known)

        return study.propose(count, draw)
