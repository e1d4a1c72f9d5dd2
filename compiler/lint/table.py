"""The rules in their order, one line each; to add one, write its file, its page and its line."""

from __future__ import annotations

from typing import Final

from omniforce.spec.diagnostic import Severity
from omniforce.spec.frozen import dataclass

from .advice import Check
from .rules.default_at_edge import default_at_edge
from .rules.few_repeats import few_repeats
from .rules.few_trials import few_trials
from .rules.idle_parallelism import idle_parallelism
from .rules.linear_scale import linear_scale
from .rules.log_scale import log_scale
from .rules.many_objectives import many_objectives
from .rules.median_latency import median_latency
from .rules.mutable_image import mutable_image
from .rules.no_first_guess import no_first_guess
from .rules.no_test_share import no_test_share
from .rules.numbers_as_choice import numbers_as_choice
from .rules.one_value import one_value
from .rules.plain_http import plain_http
from .rules.required_already import required_already
from .rules.similar_names import similar_names
from .rules.small_valid_share import small_valid_share
from .rules.trial_outlasts_budget import trial_outlasts_budget
from .rules.unbounded_time import unbounded_time
from .rules.unmeasured_serving import unmeasured_serving
from .rules.unpinned_image import unpinned_image
from .rules.unseeded_split import unseeded_split
from .rules.unstratified_split import unstratified_split
from .rules.weak_privacy import weak_privacy
from .rules.wide_parallelism import wide_parallelism


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule.

    Attributes:
        code: of what it finds; stable for good.
        check: the rule itself, whose name is the rule's.
        severity: a warning where something is wrong in any case, else a note.
    """

    code: str
    check: Check
    severity: Severity = Severity.NOTE

    @property
    def name(self) -> str:
        """In words, as the page of the linter shows it."""
        return self.check.__name__.replace("_", "-")


LEAK: Final = "OFC900"
"""Of `secrets.py`, which reads the text of the files, and so also those that are refused."""

RULES: Final[tuple[Rule, ...]] = (
    Rule("OFC901", unseeded_split),
    Rule("OFC902", unstratified_split),
    Rule("OFC903", log_scale),
    Rule("OFC904", linear_scale),
    Rule("OFC905", few_trials),
    Rule("OFC906", idle_parallelism, Severity.WARNING),
    Rule("OFC907", wide_parallelism),
    Rule("OFC908", unbounded_time),
    Rule("OFC909", trial_outlasts_budget, Severity.WARNING),
    Rule("OFC910", mutable_image, Severity.WARNING),
    Rule("OFC911", unpinned_image),
    Rule("OFC912", no_test_share, Severity.WARNING),
    Rule("OFC913", small_valid_share),
    Rule("OFC914", median_latency),
    Rule("OFC915", few_repeats),
    Rule("OFC916", one_value),
    Rule("OFC917", numbers_as_choice),
    Rule("OFC918", no_first_guess),
    Rule("OFC919", default_at_edge),
    Rule("OFC920", similar_names),
    Rule("OFC921", plain_http),
    Rule("OFC922", required_already),
    Rule("OFC923", unmeasured_serving),
    Rule("OFC924", many_objectives),
    Rule("OFC925", weak_privacy),
)
"""Data first, then what is searched and how, then what is wanted and served."""
