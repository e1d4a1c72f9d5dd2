"""Objectives and requirements, by the metric that they speak of and not by their place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from omniforce.spec.expression.print import to_text
from omniforce.spec.expression.tree import Goal, Metric, Objective, Requirement

from ..ir.program import Program, Search
from .blocks import step
from .change import Change, Fate
from .devices import devices_of

PATH = "spec.objectives"


def goal_changes(before: Program, after: Program) -> Iterator[Change]:
    """What is wanted now and was not, what was, and whether another objective comes first."""
    old, new = _goals(before), _goals(after)
    for key in dict.fromkeys((*old, *new)):
        was, now = old.get(key), new.get(key)
        if was == now:
            continue
        fate, why = _fate(was, now, before)
        yield Change(PATH, _text(was), _text(now), fate, why)
    first = (_first(before), _first(after))
    kept = [key for key in old if key in new and isinstance(old[key], Objective)]
    now_kept = [key for key in new if key in old and isinstance(new[key], Objective)]
    if first[0] != first[1] and kept != now_kept:
        why = "the objective that counts most chooses between the trials that there are"
        yield Change(f"{PATH}.0", first[0], first[1], "kept", why)


def _goals(program: Program) -> Mapping[tuple[str, str], Goal]:
    search = step(program, Search)
    return {_key(g): g for g in search.goals} if search is not None else {}


def _key(goal: Goal) -> tuple[str, str]:
    side = goal.operator[0] if isinstance(goal, Requirement) else ""
    return goal.metric.key, side


def _first(program: Program) -> str | None:
    return next((to_text(g) for g in _goals(program).values() if isinstance(g, Objective)), None)


def _text(goal: Goal | None) -> str | None:
    return None if goal is None else to_text(goal)


def _fate(was: Goal | None, now: Goal | None, before: Program) -> tuple[Fate, str]:
    if now is None:
        return "kept", "a figure more than is needed does no harm"
    if was is not None:
        return "kept", "the figures stay, and are only judged otherwise"
    if _was_measured(now.metric, before):
        return "kept", f"each trial reports `{now.metric.name}` already"
    return "invalidated", f"no finished trial has `{now.metric.key}`"


def _was_measured(metric: Metric, before: Program) -> bool:
    """Whether finished trials have this figure: all that is reported is stored."""
    if metric.device is not None:
        return metric.device in devices_of(before)
    search = step(before, Search)
    return search is not None and metric.name in {m.name for m in search.algorithm.metrics}
