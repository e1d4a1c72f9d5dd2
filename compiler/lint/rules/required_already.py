"""A bound on the chosen model that says no more than a `require` that every choice keeps."""

from __future__ import annotations

from collections.abc import Iterator

from omniforce.spec.diagnostic import Related
from omniforce.spec.expression.print import rule_to_text
from omniforce.spec.expression.tree import ParetoModel, Quantity, Requirement
from omniforce.spec.expression.units import to_base

from ..advice import Advice, Subject

MODEL = ("spec", "deployment", "model")


def required_already(subject: Subject) -> Iterator[Advice]:
    """Compares the bounds of `pareto(...)` with the requirements among the objectives."""
    deployment = subject.spec.deployment
    if deployment is None or not isinstance(deployment.model, ParetoModel):
        return
    for bound in deployment.model.requirements:
        for place, goal in enumerate(subject.spec.objectives):
            if isinstance(goal, Requirement) and _says_no_more(bound, goal):
                at = subject.at("spec", "objectives", place)
                yield Advice(
                    f"`{rule_to_text(bound)}` chooses nothing: `{rule_to_text(goal)}` is required",
                    subject.at(*MODEL),
                    "every model that may be chosen keeps it",
                    "remove this bound, or make it tighter than the requirement",
                    () if at is None else (Related(at, "required here"),),
                )


def _says_no_more(bound: Requirement, required: Requirement) -> bool:
    if bound.metric.key != required.metric.key or bound.operator[0] != required.operator[0]:
        return False
    loose, tight = _amount(bound), _amount(required)
    if loose is None or tight is None:
        return False
    return tight <= loose if bound.operator[0] == "<" else tight >= loose


def _amount(requirement: Requirement) -> float | None:
    bound = requirement.bound
    if isinstance(bound, Quantity):
        return to_base(bound.value, bound.unit)
    return None if isinstance(bound.value, str) else float(bound.value)
