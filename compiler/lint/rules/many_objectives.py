"""So many objectives that nearly every trial is on their front."""

from __future__ import annotations

from collections.abc import Iterator

from omniforce.spec.expression.tree import Objective

from ..advice import Advice, Subject

MANY = 5


def many_objectives(subject: Subject) -> Iterator[Advice]:
    """Counts what is optimized, bounds aside."""
    places = [i for i, g in enumerate(subject.spec.objectives) if isinstance(g, Objective)]
    if len(places) < MANY:
        return
    yield Advice(
        f"{len(places)} objectives are optimized at once",
        subject.at("spec", "objectives", places[MANY - 1]),
        "with so many, hardly a trial is worse than another",
        "keep the two or three that decide, and write the others as `require ... <= ...`",
    )
