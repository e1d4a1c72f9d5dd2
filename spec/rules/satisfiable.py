"""The constraints can hold, all of them together, and each of them excludes something."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, cast

from ..diagnostic import Severity
from ..expression.evaluate import names
from ..expression.print import number_to_text, to_text, value_to_text
from ..expression.tree import Expression
from ..nodes import SequenceNode
from ..readers import or_list
from ..resolving.constraints import join_constraints
from ..space import Choice, Space
from .finding import Finding, Place, Readable

if TYPE_CHECKING:
    from ..analysis.dead_values import DeadValue

SPACE = ("spec", "searchSpace")
CONSTRAINTS = ("spec", "constraints")


def satisfiable(document: Readable) -> Iterator[Finding]:
    """Cites a smallest set of constraints that cannot hold together, and those without effect."""
    space = document.value(Space, *SPACE)
    written = document.written(*CONSTRAINTS)
    if space is None or not isinstance(written, SequenceNode):
        return
    places = [i for i in range(len(written.items)) if (*CONSTRAINTS, i) in document.values]
    expressions = [cast("Expression", document.values[(*CONSTRAINTS, i)]) for i in places]
    joined = [join_constraints(space, [each]) for each in expressions]
    good = [at for at, each in enumerate(joined) if not each.faults]
    if not good:
        return
    # late: few specs have constraints
    from ..analysis.dead_values import dead_values
    from ..analysis.proof import conflict, redundant

    groups = [joined[at].space.constraints for at in good]
    clash = conflict(space.coordinates, groups)
    if clash:
        yield _impossible(space, [(places[good[k]], expressions[good[k]]) for k in clash])
        return
    for at, group in zip(good, groups, strict=True):
        if redundant(space.coordinates, group):
            yield _without_effect(places[at], expressions[at])
    for dead in dead_values(space, groups):
        closing = [(places[good[k]], expressions[good[k]]) for k in dead.clash]
        if closing:
            yield _closed(dead, closing)


def _impossible(space: Space, clash: list[tuple[int, Expression]]) -> Finding:
    first, *others = clash
    said = [f"`{to_text(expression)}`" for _, expression in clash]
    return Finding(
        "OFC240",
        f"no point of the search space keeps {said[0]}"
        if not others
        else f"no point of the search space keeps {', '.join(said[:-1])} and {said[-1]} together",
        Place((*CONSTRAINTS, first[0])),
        "cannot hold" if not others else "cannot hold together with the other",
        f"{_ranges(space, [e for _, e in clash])}: loosen the constraint or widen a range"
        if not others
        else f"remove one of them or loosen it; {_ranges(space, [e for _, e in clash])}",
        also=tuple((Place((*CONSTRAINTS, at)), "conflicts") for at, _ in others),
    )


def _closed(dead: DeadValue, clash: list[tuple[int, Expression]]) -> Finding:
    value, (first, *others) = value_to_text(dead.value), clash
    said = " and ".join(f"`{to_text(expression)}`" for _, expression in clash)
    return Finding(
        "OFC243",
        f"`{dead.choice.argument}` can never be `{value}`: {said} cannot hold there",
        Place((*CONSTRAINTS, first[0])),
        f"closes the branch `{value}`",
        f"loosen the constraint, or remove `{value}` from `{dead.choice.argument}`",
        also=tuple((Place((*CONSTRAINTS, at)), "together with this") for at, _ in others),
        severity=Severity.WARNING,
    )


def _without_effect(at: int, expression: Expression) -> Finding:
    return Finding(
        "OFC242",
        f"every point of the search space keeps `{to_text(expression)}`",
        Place((*CONSTRAINTS, at)),
        "excludes nothing",
        "remove it, or say what it was meant to exclude",
        severity=Severity.WARNING,
    )


def _ranges(space: Space, expressions: list[Expression]) -> str:
    """`depth` is 1...3 and `width` is 8...64."""
    domains = {c.name: c.domain for c in space.coordinates}
    read = dict.fromkeys(n.name for e in expressions for n in names(e))
    said: list[str] = []
    for name in list(read)[:6]:
        match domains.get(name):
            case None:
                continue
            case Choice(values=values):
                said.append(f"`{name}` is {or_list(tuple(str(v) for v in values[:6]))}")
            case domain:
                low, high = number_to_text(domain.low), number_to_text(domain.high)
                said.append(f"`{name}` is `{low}...{high}`")
    return ", ".join(said)
