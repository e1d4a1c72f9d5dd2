"""Many numbers as a choice, whose order the strategy is not told."""

from __future__ import annotations

from collections.abc import Iterator

from omniforce.spec.space import Choice

from ..advice import Advice, Subject
from ..edits import replace_value

MANY = 5


def numbers_as_choice(subject: Subject) -> Iterator[Advice]:
    """Asks for `ordinal`, or a range, from five numbers on."""
    for place, coordinate in subject.coordinates():
        match coordinate.domain:
            case Choice(values=values, ordered=False) if len(values) >= MANY and all(
                isinstance(v, int | float) and not isinstance(v, bool) for v in values
            ):
                yield Advice(
                    f"`{place.name}` chooses between {len(values)} numbers as if they had no order",
                    place.at("range"),
                    "what 8 is like says nothing of 9 here",
                    "write `type: ordinal`, or a range such as `int 1...64 log`",
                    edits=replace_value(place.inner("type"), "ordinal"),
                )
            case _:
                pass
