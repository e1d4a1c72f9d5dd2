"""Bayesian optimisation for mixed, conditional spaces with several objectives and requirements.

Put together from five sets of parts (see `parts`), each of which the spec may name; what it leaves
open is chosen by the problem (see `choice`).
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Sequence, Set
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

from omniforce.spec.expression.tree import Value
from omniforce.spec.space import Assignment

from ..knowledge import Knowledge, bound
from ..options import option
from ..past.agreement import is_borne_out
from ..past.portfolio import first_points
from ..points.encoding import Key
from ..protocol import Outcome, Problem, Reward, SpaceExhausted
from ..sobol import sobol_points
from .table import AUTO, make_part, options_of_part, words

if TYPE_CHECKING:
    from .parts import Parts


def _part(kind: str, doc: str) -> Any:
    return option(
        str, f"{doc}; by the problem for `auto`", AUTO,
        words=words(kind), parts=partial(options_of_part, kind),
    )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Bayesian:
    """Starts with the spec's defaults and a Sobol design, then follows a model of the trials."""

    name: ClassVar[str] = "bayesian"
    initial: int | None = option(
        int,
        "trials before the model is asked; by the space and the budget if left out",
        None,
        minimum=1,
    )
    candidates: int = option(int, "random points that compete for a suggestion", 384, minimum=16)
    surrogate: str = _part("surrogate", "what the trials say of each metric")
    acquisition: str = _part("acquisition", "how promising a point is")
    generator: str = _part("generator", "which points are looked at first")
    optimizer: str = _part("optimizer", "how the most promising point is found")
    suggester: str = _part("suggester", "what trials that are still out mean")
    parts: tuple[tuple[str, Value], ...] = ()
    study: Knowledge | None = None

    def bind_space(self, problem: Problem) -> Bayesian:
        """This strategy for one problem."""
        return replace(self, study=Knowledge.of(problem))

    def handle_rewards(self, rewards: Sequence[Reward]) -> Bayesian:
        """This strategy knowing exactly these trials."""
        return replace(self, study=bound(self.study).knowing(rewards))

    def generate_tasks(self, count: int) -> tuple[Assignment, ...]:
        """Up to `count` new points; the first ones from the initial design."""
        study = bound(self.study)
        designed = min(count, self._left_of_design(study))
        points = self._design(study, designed) if designed else ()
        if len(points) < designed or designed == count:
            return points
        pending = tuple(
            Reward(study.next_trial + at, point, Outcome.PENDING, {})
            for at, point in enumerate(points)
        )
        try:
            return points + self._modelled(study.knowing(study.rewards + pending), count - designed)
        except SpaceExhausted:
            if points:
                return points
            raise

    def _modelled(self, study: Knowledge, count: int) -> tuple[Assignment, ...]:
        with warnings.catch_warnings():
            # linear_operator warns of torch.jit.script on its first import.
            warnings.simplefilter("ignore")
            from .suggestion import suggest

            parts = self._parts(study.problem)
        return suggest(study, count, parts=parts, candidates=self.candidates)

    def _parts(self, problem: Problem) -> Parts:
        from .choice import suited
        from .parts import Parts

        def made(kind: str, name: str) -> Any:
            name = suited(kind, problem) if name == AUTO else name
            chosen = {
                key.partition(".")[2]: value
                for key, value in self.parts
                if key.startswith(f"{kind}.")
            }
            return make_part(kind, name, chosen)

        return Parts(
            made("surrogate", self.surrogate),
            made("acquisition", self.acquisition),
            made("generator", self.generator),
            made("optimizer", self.optimizer),
            made("suggester", self.suggester),
        )

    def _left_of_design(self, study: Knowledge) -> int:
        """How many trials the initial design still asks for; all where no model can be fitted."""
        told = sum(
            reward.outcome is Outcome.COMPLETED and bool(reward.metrics) for reward in study.rewards
        )
        if told < 2:
            return sys.maxsize
        return max(self._initial(study) - study.next_trial, 0)

    def _initial(self, study: Knowledge) -> int:
        if self.initial is not None:
            return self.initial
        # A third of a small budget; by the dimension where there is more to spend.
        size = len(study.problem.space)
        cold = min(size + 2, max(4, study.problem.budget // 3), 24)
        heard = len(first_points(study.problem, study.sampler))
        if heard and self.surrogate in ("of-trans", AUTO):
            # Half of the rest still fills the space: what is best here may be unheard of. If the
            # trials then contradict what was heard, all of a cold start's design follows.
            half = heard + (cold - heard + 1) // 2
            undecided = half <= study.next_trial < heard + cold
            doubted = undecided and not is_borne_out(study.problem, study.rewards)
            return heard + cold if doubted else half
        return cold

    def _design(self, study: Knowledge, count: int) -> tuple[Assignment, ...]:
        cube = sobol_points(study, study.next_trial, count)

        def draw(trial: int, known: Set[Key]) -> Assignment:
            generator = study.generator(trial, "design")
            if trial == 0:
                first = study.sampler.default(generator, known)
                if first is not None:
                    return first
            place = study.sampler.expected(cube[trial - study.next_trial])
            return study.sampler.near(place, generator, known)

        return study.propose(count, draw)
