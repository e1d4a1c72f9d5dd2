"""Which parts suit a problem where the spec leaves them open.

Asked at every suggestion, so that it reads nothing that changes with the trials.
"""

from __future__ import annotations

from math import prod

from omniforce.spec.space import Space, cardinality

from ..choosing import surrogate
from ..protocol import Problem
from .belief import MANY_OBJECTIVES
from .optimizers.enumeration import MOST


def suited(kind: str, problem: Problem) -> str:
    """The name of the part of this kind."""
    wishes = sum(goal.bound is None for goal in problem.goals)
    match kind:
        case "surrogate":
            return surrogate(problem.space, wishes, past=bool(problem.past))[0]
        case "acquisition":
            return "ehvi" if 1 < wishes < MANY_OBJECTIVES else "log-ei"
        case "generator":
            return "mixed"
        case "optimizer":
            return _optimizer(problem.space)
        case _:
            return "constant-liar"


def _optimizer(space: Space) -> str:
    counts = [cardinality(each.domain) for each in space]
    values = [count for count in counts if count is not None]
    # Where conditions or constraints leave fewer points, local search does as well.
    if len(values) == len(counts):
        return "exhaustive" if prod(values) <= MOST else "local-search"
    # The random starts bring enough choices with them, for as long as these are the fewer.
    searched = sum(count != 1 for count in counts)
    return "lbfgs" if 2 * counts.count(None) >= searched else "alternating"
