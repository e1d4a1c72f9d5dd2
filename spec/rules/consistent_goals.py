"""Goals do not repeat each other, and can all be reached."""

from __future__ import annotations

from collections.abc import Iterator

from ..expression.print import to_text
from ..expression.tree import Objective, Quantity, Requirement
from ..expression.units import to_base
from ..source import Path
from .finding import Finding, Place, Readable


def consistent_goals(document: Readable) -> Iterator[Finding]:
    """Compares every two goals that speak of the same metric."""
    seen: list[tuple[Path, Objective | Requirement]] = []
    for path, goal in document.goals():
        for earlier, other in seen:
            if goal.metric.key != other.metric.key:
                continue
            finding = _compare(path, goal, earlier, other)
            if finding is not None:
                yield finding
                break
        seen.append((path, goal))
    if seen and document.complete("spec", "objectives"):
        yield from _nothing_to_optimize(seen)


def _compare(
    path: Path, goal: Objective | Requirement, earlier: Path, other: Objective | Requirement
) -> Finding | None:
    match goal, other:
        case Objective(direction=now), Objective(direction=before) if now != before:
            return Finding(
                "OFC311",
                f"`{goal.metric.name}` cannot be made both larger and smaller",
                Place(path),
                f"`{now}` here",
                "keep one of the two",
                (Place(earlier), f"`{before}` here"),
            )
        case Objective(), Objective():
            return _repeated(path, goal, earlier)
        case Requirement(), Requirement() if _side(goal) == _side(other):
            return Finding(
                "OFC310",
                f"`{goal.metric.name}` is bounded twice from the same side",
                Place(path),
                "second time",
                "keep the tighter one",
                (Place(earlier), "first time"),
            )
        case Requirement(), Requirement() if not _compatible(goal, other):
            return Finding(
                "OFC311",
                f"no model can have both `{to_text(goal)}` and `{to_text(other)}`",
                Place(path),
                "excludes the other",
                "change one of the bounds",
                (Place(earlier), "the other"),
            )
        case _:
            return None


def _repeated(path: Path, goal: Objective | Requirement, earlier: Path) -> Finding:
    return Finding(
        "OFC310",
        f"`{to_text(goal)}` is written twice",
        Place(path),
        "second time",
        "keep one of them",
        (Place(earlier), "first time"),
    )


def _side(requirement: Requirement) -> str:
    return requirement.operator[0]


def bound_of(requirement: Requirement) -> float | None:
    """The bound in its base unit, or None where it is no number."""
    bound = requirement.bound
    if isinstance(bound, Quantity):
        return to_base(bound.value, bound.unit)
    is_number = isinstance(bound.value, (int, float)) and not isinstance(bound.value, bool)
    return float(bound.value) if is_number else None


def _compatible(one: Requirement, two: Requirement) -> bool:
    """Whether a number can keep both bounds, which are of opposite sides."""
    upper, lower = (one, two) if _side(one) == "<" else (two, one)
    most, least = bound_of(upper), bound_of(lower)
    if most is None or least is None:
        return True
    strict = upper.operator == "<" or lower.operator == ">"
    return least < most or (least == most and not strict)


def _nothing_to_optimize(
    goals: list[tuple[Path, Objective | Requirement]],
) -> Iterator[Finding]:
    if any(isinstance(goal, Objective) for _, goal in goals):
        return
    yield Finding(
        "OFC313",
        "there are only requirements, so no model is better than another",
        Place(("spec", "objectives"), on_key=True),
        "nothing is maximized or minimized",
        "add `maximize accuracy`",
    )
