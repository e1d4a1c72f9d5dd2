"""Which parts suit a problem where the spec leaves them open.

Asked at every suggestion, so that it reads nothing that changes with the trials.
"""

from __future__ import annotations

from ..protocol import Problem
from .belief import MANY_OBJECTIVES


def suited(kind: str, problem: Problem) -> str:
    """The name of the part of this kind."""
    match kind:
        case "surrogate":
            return "of-trans" if problem.past else "gp"
        case "acquisition":
            wishes = sum(goal.bound is None for goal in problem.goals)
            return "ehvi" if 1 < wishes < MANY_OBJECTIVES else "log-ei"
        case "generator":
            return "mixed"
        case "optimizer":
            return "local-search"
        case _:
            return "constant-liar"
