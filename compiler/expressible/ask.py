"""Asks a target for each feature whether it refuses a spec that uses it: so no table can drift."""

from __future__ import annotations

from collections.abc import Container, Mapping
from typing import Literal

from omniforce.spec.diagnostic import Diagnostic
from omniforce.spec.frozen import dataclass
from omniforce.spec.load import load
from omniforce.spec.source import Source

from ..capabilities import uses
from ..catalogue import Catalogue
from ..ir.program import Program
from ..lower import lower
from ..passes.context import Context
from ..pipeline import PASSES, Refuser
from .features import FEATURES, Feature

Says = Literal["yes", "limited", "no"]


@dataclass(frozen=True, slots=True)
class Answer:
    """What a target says of one feature.

    Attributes:
        says: `limited` where it knows the word, and refuses this use of it.
        way_out: what to write instead; empty for `yes`.
    """

    feature: Feature
    says: Says
    way_out: str = ""


class BrokenProbe(Exception):  # noqa: N818 - what is broken is ours
    """The spec of a feature does not use the feature, or is none. Held by a test."""


def answers(
    targets: Mapping[str, Refuser], catalogue: Catalogue
) -> Mapping[str, tuple[Answer, ...]]:
    """All answers of each target by its name, in the order of `FEATURES`.

    Raises:
        BrokenProbe: a fault of ours.
    """
    plain = program_of(_PLAIN, catalogue)
    asked = [(feature, program_of(feature, catalogue)) for feature in FEATURES]
    found: dict[str, tuple[Answer, ...]] = {}
    for name, target in targets.items():
        always = {d.message for d in target.refuse(plain)}
        found[name] = tuple(_answer(f, p, target, always) for f, p in asked)
    return found


_PLAIN = Feature("", "", "", {})


def _answer(feature: Feature, program: Program, target: Refuser, always: Container[str]) -> Answer:
    use = next((u for u in uses(program) if u.word == feature.word), None)
    if feature.word and use is None and not feature.word.startswith("strategy:"):
        raise BrokenProbe(f"the spec of {feature.what} does not ask for `{feature.word}`")
    refused = target.refuse(program)
    said = next((d for d in refused if use and d.message.startswith(f"{use.what} is not on")), None)
    if said is not None:
        return Answer(feature, "no", said.help)
    others = [d for d in refused if d.message not in always and _is_about(d, feature)]
    if not others:
        return Answer(feature, "yes")
    known = use is not None
    return Answer(feature, "limited" if known else "no", others[0].help)


def _is_about(diagnostic: Diagnostic, feature: Feature) -> bool:
    """Whether a refusal is of this feature, and not of another that its spec needs as well."""
    needed = ("devices", "deployment") if feature.block == "objectives" else ()
    span = diagnostic.span
    if span is None or not needed:
        return True
    line = feature.spec.split("\n")[span.line - 1].strip()
    return not line.startswith(needed)


def program_of(feature: Feature, catalogue: Catalogue) -> Program:
    """The program of a feature's spec, also where a pass would refuse it.

    Raises:
        BrokenProbe: there is none.
    """
    loaded = load(Source(f"<{feature.what}>", feature.spec))
    if loaded.study is None or loaded.has_errors:
        found = "; ".join(d.message for d in loaded.diagnostics)
        raise BrokenProbe(f"the spec of {feature.what} is none: {found}")
    context = Context(catalogue, loaded.spans, loaded.filled)
    program = lower(loaded.study, loaded.spans)
    for each in PASSES:
        program = each.run(program, context).program
    return program
