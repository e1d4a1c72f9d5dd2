"""Reads the `when` of every declaration against the parameters that there are."""

from __future__ import annotations

from collections.abc import Mapping

from ..expression.evaluate import names
from ..expression.tree import Expression, Offsets
from ..readers import Reading
from ..resolving.meaning import Meaning
from ..resolving.resolve import MOST_FAULTS, resolve
from ..source import Span
from .declaration import Declaration
from .placed import At


def resolve_conditions(
    declared: Mapping[str, Declaration],
    meanings: Mapping[str, Meaning],
    unreadable: frozenset[str],
    reading: Reading,
) -> dict[str, Expression]:
    """The conditions by the name of their parameter, each word resolved; reports what is wrong.

    Args:
        declared: the parameters that could be read.
        meanings: what their names stand for.
        unreadable: names of those that could not; nothing is said of a condition on one of them.
        reading: where findings gather.
    """
    made: dict[str, Expression] = {}
    before = len(reading.found)
    for declaration in declared.values():
        when = declaration.when
        if when is None or unreadable & {n.name for n in names(when.value)}:
            continue
        if len(reading.found) - before >= MOST_FAULTS:
            break
        resolved = resolve(when.value, meanings)
        for fault in resolved.faults:
            place = place_of(when, fault.at)
            reading.report(
                fault.code,
                fault.message,
                place,
                fault.label,
                fault.help,
                fix=fault.fix(when.text),
            )
        if not resolved.faults:
            made[declaration.name] = resolved.expression
    return made


def place_of(when: At[Expression], at: Offsets) -> Span:
    """Where a part of a condition stands in the file."""
    return when.text.inside(at.start, at.end) if when.text is not None else when.span
