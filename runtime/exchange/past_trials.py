"""Trials of another system as past trials of a study, so that its search begins with them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from omniforce.compiler.ir.program import Search
from omniforce.spec.expression.tree import Value
from omniforce.spec.space import (
    Choice,
    Coordinate,
    Domain,
    FloatRange,
    IntRange,
    contains,
    is_active,
    validate,
)

from ..choice import metric_keys, objectives
from .findings import Findings
from .foreign_block import number_in
from .foreign_study import ForeignStudy, ForeignTrial

_MARGIN = 1e-9
"""Share of a range by which a number may miss an end: texts and logarithms round."""


@dataclass(frozen=True, slots=True)
class PastTrial:
    """A completed trial as the store takes it.

    Attributes:
        curve: what was reported on the way, by metric and step.
    """

    label: str
    point: Mapping[str, Value]
    metrics: Mapping[str, float]
    started: float | None
    finished: float | None
    curve: Mapping[str, Mapping[int, float]]


def past_trials(
    study: ForeignStudy, trials: Sequence[ForeignTrial], search: Search, findings: Findings
) -> tuple[PastTrial, ...]:
    """The trials whose points the spec's space has and whose figures its goals want.

    Args:
        study: as it was read; says which name was whose.
        trials: of the other system.
        search: of the compiled spec.
        findings: gets a warning for each that is left out.
    """
    origins = {each.name: each.origin for each in study.parameters}
    wanted = metric_keys(search.goals)
    metrics = {wish.origin: wish.metric for wish in study.wishes}
    metrics |= {origin: name for name, origin in study.metrics}
    goals = objectives(search.goals)
    if len(goals) == len(study.wishes):
        # who finished the spec may have given a metric its own name
        for wish, goal in zip(study.wishes, goals, strict=True):
            if wish.metric not in wanted and wish.direction == goal.direction:
                metrics[wish.origin] = goal.metric.key
    taken: list[PastTrial] = []
    for trial in trials:
        reported = {metrics[k]: v for k, v in trial.metrics.items() if k in metrics}
        missing = [key for key in wanted if key not in reported]
        if missing:
            findings.left_out(
                f"trial {trial.label} is left out: it has no `{missing[0]}`",
                "a past trial needs a figure for each goal",
            )
            continue
        point, why = _point(search, origins, trial)
        if point is None:
            findings.left_out(
                f"trial {trial.label} is left out: {why}",
                "widen the space in the spec, or leave the trial out",
            )
            continue
        curve = {metrics[k]: points for k, points in trial.curve.items() if k in metrics}
        taken.append(PastTrial(trial.label, point, reported, trial.started, trial.finished, curve))
    return tuple(taken)


def _point(
    search: Search, origins: Mapping[str, str], trial: ForeignTrial
) -> tuple[dict[str, Value] | None, str]:
    point: dict[str, Value] = {}
    for coordinate in search.space:
        if not is_active(coordinate, point):
            continue
        given = trial.values.get(origins.get(coordinate.name, coordinate.name))
        value = coordinate.default if given is None else _value(coordinate, given)
        if value is None:
            what = "is missing" if given is None else f"is `{str(given)[:60]}`"
            return None, f"`{coordinate.name}` {what}, which its range does not hold"
        point[coordinate.id] = value
    wrong = validate(search.space, point)
    return (None, wrong[0]) if wrong else (point, "")


def _value(coordinate: Coordinate, given: object) -> Value | None:
    return next(
        (v for v in _readings(coordinate.domain, given) if contains(coordinate.domain, v)), None
    )


def _readings(domain: Domain, given: object) -> Iterator[Value]:
    """What a value may mean: other systems write numbers as texts, and `3.0` for a whole one."""
    if isinstance(given, bool | str):
        yield given
    number = given if isinstance(given, int | float) and not isinstance(given, bool) else None
    if isinstance(given, str):
        number = number_in(given)
    match domain:
        case Choice(values=values):
            for value in values:
                if isinstance(value, bool):
                    if str(given).lower() == str(value).lower():
                        yield value
                elif isinstance(value, str):
                    if str(given) == value or (given is None and value == "none"):
                        yield value
                elif number is not None and math.isclose(value, number, rel_tol=_MARGIN):
                    yield value
        case IntRange():
            if number is not None and float(number).is_integer():
                yield int(number)
        case FloatRange(low=low, high=high):
            if number is not None:
                nearest = min(max(float(number), low), high)
                if abs(nearest - number) <= _MARGIN * max(abs(low), abs(high)):
                    yield nearest
