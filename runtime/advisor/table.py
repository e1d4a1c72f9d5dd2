"""Which rules there are, in the order in which their advice is given."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from omniforce.compiler.ir.program import Program

from ..store.trial import StudyRecord, Trial
from .advice import Advice, Subject
from .rules.budget import budget
from .rules.edges import edges
from .rules.failures import failures
from .rules.idle_parameters import idle_parameters
from .rules.noise import noise
from .rules.requirements import unmet

Rule = Callable[[Subject], Iterator[Advice]]

RULES: tuple[Rule, ...] = (
    failures,  # what stops trials comes first,
    unmet,  # then what stops a result,
    edges,  # then what may be better elsewhere
    budget,
    noise,
    idle_parameters,  # last, since it only saves trials
)


def advise(record: StudyRecord, program: Program, trials: Sequence[Trial]) -> tuple[Advice, ...]:
    """What the trials of a study say about its spec; nothing while there are too few."""
    subject = Subject.of(record, program, trials)
    return tuple(advice for rule in RULES for advice in rule(subject))
